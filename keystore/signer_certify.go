package keystore

import (
	"bytes"
	"fmt"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// Certify returns a copy of the certificate in which the company states that
// its user IDs belong to it (RFC 9580 §5.2.1.10, a positive certification by the
// primary key, which is the one that gpg accepts). An earlier statement of ours
// is replaced. The caller has minimised the certificate to the user ID that was
// checked.
func (s *Signer) Certify(c Certificate, at time.Time) (Certificate, error) {
	if c.IsZero() {
		return Certificate{}, fmt.Errorf("certify: %w: no certificate", payroll.ErrInvalid)
	}
	entities, err := openpgp.ReadKeyRing(bytes.NewReader(c.stored)) // a copy of our own: c is shared
	if err != nil || len(entities) != 1 {
		return Certificate{}, fmt.Errorf("certify: read certificate: %w", payroll.ErrInvalid)
	}
	if err := s.certifyAll(entities[0], at); err != nil {
		return Certificate{}, fmt.Errorf("certify: %w", err)
	}
	return publicHalf(entities[0])
}

// certifyAll adds our certification to every user ID of the entity.
func (s *Signer) certifyAll(entity *openpgp.Entity, at time.Time) error {
	primary := s.entity.PrivateKey
	if primary == nil || primary.Dummy() || primary.Encrypted {
		return fmt.Errorf("%w: the secret half of the primary key is not in the file", payroll.ErrInvalid)
	}
	if _, err := s.entity.VerifyPrimaryKey(at, &packet.Config{}); err != nil {
		return fmt.Errorf("%w: the company's key is not valid then", payroll.ErrInvalid)
	}
	hash, err := hashFor(&primary.PublicKey)
	if err != nil {
		return err
	}
	for name, identity := range entity.Identities {
		sig := &packet.Signature{
			SigType:      packet.SigTypePositiveCert,
			PubKeyAlgo:   primary.PubKeyAlgo,
			Hash:         hash,
			CreationTime: at,
			IssuerKeyId:  &primary.KeyId,
		}
		sig.Version = primary.Version
		if err := sig.SignUserId(name, entity.PrimaryKey, primary, &packet.Config{}); err != nil {
			return fmt.Errorf("sign user ID: %w", err)
		}
		identity.OtherCertifications = append(s.withoutOurs(identity.OtherCertifications), packet.NewVerifiableSig(sig))
	}
	return nil
}

func (s *Signer) withoutOurs(certifications []*packet.VerifiableSignature) []*packet.VerifiableSignature {
	var kept []*packet.VerifiableSignature
	for _, sig := range certifications {
		if !sig.Packet.CheckKeyIdOrFingerprint(s.entity.PrimaryKey) {
			kept = append(kept, sig)
		}
	}
	return kept
}
