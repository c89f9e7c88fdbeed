package keystore

import (
	"fmt"
	"slices"
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
	sig, err := s.statement(packet.SigTypePositiveCert, c.m.users[0].id, c.m.primary, at)
	if err != nil {
		return Certificate{}, fmt.Errorf("certify: %w", err)
	}
	stored, err := c.m.certified(s.entity.PrimaryKey, sig)
	if err != nil {
		return Certificate{}, fmt.Errorf("certify: write certificate: %w", err)
	}
	return ReadCertificate(stored)
}

// RevokeCertification returns a copy of the certificate in which the company
// takes back that the checked user ID belongs to it (RFC 9580 §5.2.1.13), for
// somebody who has left. The certification stays beside its revocation, so that
// whoever has the one learns of the other. A key cannot revoke what an earlier
// key of the company stated; of that the copy keeps nothing. Where no
// certification holds any more it returns the certificate as it is.
func (s *Signer) RevokeCertification(c Certificate, at time.Time) (Certificate, error) {
	if c.IsZero() || len(c.m.users) == 0 {
		return Certificate{}, fmt.Errorf("revoke certification: %w: no certificate with a user ID", payroll.ErrInvalid)
	}
	if !slices.ContainsFunc(s.Certifiers(), func(company Certificate) bool { return c.CertifiedBy(company, at) }) {
		return c, nil
	}
	if last := c.lastStatement(s.certificate, at); last != nil && at.Before(last.about.created) {
		at = last.about.created // by another computer's clock
	}
	sig, err := s.statement(packet.SigTypeCertificationRevocation, c.m.users[0].id, c.m.primary, at)
	if err != nil {
		return Certificate{}, fmt.Errorf("revoke certification: %w", err)
	}
	revocation, err := frameOf(sig)
	if err != nil {
		return Certificate{}, fmt.Errorf("revoke certification: %w", err)
	}
	others := slices.DeleteFunc(slices.Clone(c.m.users[0].others), func(f frame) bool {
		facts, ok := readFacts(f.body)
		return ok && slices.ContainsFunc(s.formers, func(former Certificate) bool { return facts.claims(former.m.primary) })
	})
	return ReadCertificate(c.m.withOthers(append(others, revocation)))
}

// statement signs that a user ID belongs to a key, or that it no longer does.
func (s *Signer) statement(kind packet.SignatureType, userID string, key *packet.PublicKey, at time.Time) (*packet.Signature, error) {
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
		SigType:      kind,
		PubKeyAlgo:   primary.PubKeyAlgo,
		Hash:         hash,
		CreationTime: at,
		IssuerKeyId:  &primary.KeyId,
	}
	if kind == packet.SigTypeCertificationRevocation {
		reason := packet.UserIDNotValid
		sig.RevocationReason = &reason
	}
	if err := sig.SignUserId(userID, key, primary, &packet.Config{}); err != nil {
		return nil, fmt.Errorf("sign user ID: %w", err)
	}
	return sig, nil
}

// certifyAll adds our certification to every user ID of the entity.
func (s *Signer) certifyAll(entity *openpgp.Entity, at time.Time) error {
	for name, identity := range entity.Identities {
		sig, err := s.statement(packet.SigTypePositiveCert, name, entity.PrimaryKey, at)
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
