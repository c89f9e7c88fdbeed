package keystore

import (
	"fmt"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// Certify returns a copy of the certificate in which the company states that
// the user ID that was checked at enrolment belongs to it (RFC 9580 §5.2.1.10, a
// positive certification by the primary key, which is the one that gpg accepts).
// An earlier statement of ours is replaced.
func (s *Signer) Certify(c Certificate, at time.Time) (Certificate, error) {
	if c.IsZero() || len(c.m.users) == 0 {
		return Certificate{}, fmt.Errorf("certify: %w: no certificate with a user ID", payroll.ErrInvalid)
	}
	sig, err := s.certification(c.m.users[0].id, c.m.primary, at)
	if err != nil {
		return Certificate{}, fmt.Errorf("certify: %w", err)
	}
	stored, err := c.m.certified(s.entity.PrimaryKey, sig)
	if err != nil {
		return Certificate{}, fmt.Errorf("certify: write certificate: %w", err)
	}
	return ReadCertificate(stored)
}

// certification signs that a user ID belongs to a key.
func (s *Signer) certification(userID string, key *packet.PublicKey, at time.Time) (*packet.Signature, error) {
	primary := s.entity.PrivateKey
	if primary == nil || primary.Dummy() || primary.Encrypted {
		return nil, fmt.Errorf("%w: the secret half of the primary key is not in the file", payroll.ErrInvalid)
	}
	if _, err := s.entity.VerifyPrimaryKey(at, &packet.Config{}); err != nil {
		return nil, fmt.Errorf("%w: the company's key is not valid then", payroll.ErrInvalid)
	}
	hash, err := hashFor(&primary.PublicKey)
	if err != nil {
		return nil, err
	}
	sig := &packet.Signature{
		Version:      primary.Version,
		SigType:      packet.SigTypePositiveCert,
		PubKeyAlgo:   primary.PubKeyAlgo,
		Hash:         hash,
		CreationTime: at,
		IssuerKeyId:  &primary.KeyId,
	}
	if err := sig.SignUserId(userID, key, primary, &packet.Config{}); err != nil {
		return nil, fmt.Errorf("sign user ID: %w", err)
	}
	return sig, nil
}

// certifyAll adds our certification to every user ID of the entity.
func (s *Signer) certifyAll(entity *openpgp.Entity, at time.Time) error {
	for name, identity := range entity.Identities {
		sig, err := s.certification(name, entity.PrimaryKey, at)
		if err != nil {
			return err
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
