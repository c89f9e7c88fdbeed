package keystore

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"
)

// Prove is the vault's word that every signature in a certificate was verified:
// the owner's own, and those of each of the certifiers. 32 bytes, which stand beside
// the certificate in the database; nil if there is one that is not good, or one that
// nobody here can verify. Whether a signature verifies never changes; whether it
// counts at some moment is asked anew each time.
func (m *MasterKey) Prove(c Certificate, certifiers []Certificate) []byte {
	if !c.sound(certifiers) {
		return nil
	}
	return m.sealFor(purposeCertificates, provenBytes(c.stored, certifiers))
}

// ReadProven is ReadCertificate that takes the vault's word: where proof is what Prove
// made of these very bytes and the same certifiers, no signature is verified again,
// neither here nor when one of the certifiers is asked about. Any other proof, or
// none, only makes it slower.
func (m *MasterKey) ReadProven(content []byte, certifiers []Certificate, proof []byte) (Certificate, error) {
	if len(proof) == 0 || !hmac.Equal(proof, m.sealFor(purposeCertificates, provenBytes(content, certifiers))) {
		return ReadCertificate(content)
	}
	return readCertificate(content, func(m *material) { m.trust(certifiers) })
}

// provenBytes are what a proof speaks of: the certificate and whose signatures on it
// were looked at.
func provenBytes(stored []byte, certifiers []Certificate) []byte {
	sum := sha256.Sum256(stored)
	message := sum[:]
	for _, company := range certifiers {
		message = append(message, '\n')
		message = append(message, company.fingerprint...)
	}
	return message
}

// sound reports whether every signature in the certificate, as far as the owner or a
// certifier claims to have made it, is good.
func (c Certificate) sound(certifiers []Certificate) bool {
	if c.m == nil || len(c.m.users) == 0 {
		return false
	}
	bad := func(s *selfSignature) bool { return s.packet == nil }
	for _, sigs := range c.m.signatures() {
		if slices.ContainsFunc(*sigs, bad) {
			return false
		}
	}
	effort, over := maxCertifying, c.m.overUser(c.m.users[0])
	for _, company := range certifiers {
		for _, sig := range c.m.users[0].statementsBy(company.m.primary) {
			if !sig.verify(company.m.primary, &effort, over) {
				return false
			}
		}
	}
	return true
}

// trust makes every signature one that was verified before.
func (m *material) trust(certifiers []Certificate) {
	for _, sigs := range m.signatures() {
		for _, sig := range *sigs {
			sig.proven = true
		}
	}
	for _, company := range certifiers {
		m.users[0].proven = append(m.users[0].proven, company.m.primary.Fingerprint)
	}
}
