package keystore

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// Certificate is one OpenPGP certificate (RFC 9580 §10.1.1): the public half of
// a key with its user IDs and subkeys. It is read once per run and then shared
// between goroutines; nothing changes it after ReadCertificate. The zero value
// is no certificate and cannot be sealed to.
type Certificate struct {
	entity      *openpgp.Entity // every signature in it is verified, so that using it writes nothing
	stored      []byte
	fingerprint payroll.Fingerprint
}

// ReadCertificate reads what Bytes gave: one binary certificate without secret
// material. It judges nothing; Judge and Problem do that.
func ReadCertificate(stored []byte) (Certificate, error) {
	entities, err := openpgp.ReadKeyRing(bytes.NewReader(stored))
	if err != nil {
		return Certificate{}, fmt.Errorf("read certificate: %w", err)
	}
	if len(entities) != 1 || entities[0].PrivateKey != nil {
		return Certificate{}, fmt.Errorf("read certificate: %w: not exactly one certificate", payroll.ErrInvalid)
	}
	warm(entities[0])
	return Certificate{
		entity:      entities[0],
		stored:      bytes.Clone(stored),
		fingerprint: fingerprintOf(entities[0].PrimaryKey),
	}, nil
}

// warm verifies every self-signature now. The library does it on first use and
// keeps the answer in the entity, which would be a race between goroutines.
func warm(e *openpgp.Entity) {
	config := &packet.Config{}
	mark := func(sig *packet.VerifiableSignature, err error) {
		if sig.Valid == nil {
			valid := err == nil && !unknownCritical(sig.Packet, config)
			sig.Valid = &valid
		}
	}
	for _, sig := range e.Revocations {
		mark(sig, e.PrimaryKey.VerifyRevocationSignature(sig.Packet))
	}
	for _, sig := range e.DirectSignatures {
		mark(sig, e.PrimaryKey.VerifyDirectKeySignature(sig.Packet))
	}
	for _, identity := range e.Identities {
		for _, sig := range slices.Concat(identity.SelfCertifications, identity.Revocations) {
			mark(sig, e.PrimaryKey.VerifyUserIdSignature(identity.Name, e.PrimaryKey, sig.Packet))
		}
	}
	for _, subkey := range e.Subkeys {
		for _, sig := range subkey.Bindings {
			mark(sig, e.PrimaryKey.VerifyKeySignature(subkey.PublicKey, sig.Packet))
		}
		for _, sig := range subkey.Revocations {
			mark(sig, e.PrimaryKey.VerifySubkeyRevocationSignature(sig.Packet, subkey.PublicKey))
		}
	}
}

func unknownCritical(sig *packet.Signature, config *packet.Config) bool {
	return slices.ContainsFunc(sig.Notations, func(n *packet.Notation) bool {
		return n.IsCritical && !config.KnownNotation(n.Name)
	})
}

func fingerprintOf(key *packet.PublicKey) payroll.Fingerprint {
	return payroll.Fingerprint(strings.ToUpper(hex.EncodeToString(key.Fingerprint)))
}

// IsZero reports whether there is no certificate in c.
func (c Certificate) IsZero() bool { return c.entity == nil }

// Fingerprint is that of the primary key.
func (c Certificate) Fingerprint() payroll.Fingerprint { return c.fingerprint }

// Bytes is the certificate in binary, as it is stored.
func (c Certificate) Bytes() []byte { return bytes.Clone(c.stored) }

// Armored is the certificate as ASCII armor without Version or Comment lines.
func (c Certificate) Armored() (string, error) {
	var text strings.Builder
	w, err := armor.EncodeWithChecksumOption(&text, openpgp.PublicKeyType, nil, true)
	if err != nil {
		return "", fmt.Errorf("armor certificate: %w", err)
	}
	if _, err := w.Write(c.stored); err != nil {
		return "", fmt.Errorf("armor certificate: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("armor certificate: %w", err)
	}
	return text.String() + "\n", nil
}

// UserIDs are the texts of all user IDs, sorted.
func (c Certificate) UserIDs() []string {
	ids := []string{}
	if c.entity != nil {
		for _, identity := range c.entity.Identities {
			ids = append(ids, identity.UserId.Id)
		}
	}
	slices.Sort(ids)
	return ids
}

// Addresses are the mail addresses of the user IDs, in their order.
func (c Certificate) Addresses() []payroll.Address {
	var addresses []payroll.Address
	for _, id := range c.UserIDs() {
		if address, err := addressOf(id); err == nil {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// addressOf is the mail address of a user ID: what stands in the angle brackets
// at its end, or the whole of it.
func addressOf(userID string) (payroll.Address, error) {
	if open := strings.LastIndexByte(userID, '<'); open >= 0 && strings.HasSuffix(userID, ">") {
		userID = userID[open+1 : len(userID)-1]
	}
	return payroll.ParseAddress(userID)
}

// EncryptionSubkeys are the fingerprints of the keys that a letter of that
// moment is encrypted to, sorted; none if the certificate cannot be used then.
func (c Certificate) EncryptionSubkeys(at time.Time) []payroll.Fingerprint {
	var subkeys []payroll.Fingerprint
	for _, key := range c.encryptionKeys(at) {
		subkeys = append(subkeys, fingerprintOf(key))
	}
	slices.Sort(subkeys)
	return subkeys
}

// encryptionKeys are the keys behind EncryptionSubkeys: the newest one that is
// usable, as gpg has it.
func (c Certificate) encryptionKeys(at time.Time) []*packet.PublicKey {
	if c.entity == nil {
		return nil
	}
	key, ok := c.entity.EncryptionKey(at, &packet.Config{})
	if !ok {
		return nil
	}
	return []*packet.PublicKey{key.PublicKey}
}

// Expires is when the certificate can no longer be encrypted to, as far as one
// can say today; the zero time if never.
func (c Certificate) Expires() time.Time {
	if c.entity == nil {
		return time.Time{}
	}
	self, _ := c.entity.PrimarySelfSignature(time.Time{}, &packet.Config{})
	if self == nil || self.KeyLifetimeSecs == nil || *self.KeyLifetimeSecs == 0 {
		return time.Time{}
	}
	return c.entity.PrimaryKey.CreationTime.Add(time.Duration(*self.KeyLifetimeSecs) * time.Second).UTC()
}

// Problem says why the certificate must not be encrypted to at that moment, or
// "" if it may.
func (c Certificate) Problem(at time.Time) payroll.HoldReason {
	switch {
	case c.entity == nil:
		return payroll.HoldNoCertificate
	case c.entity.Revoked(at):
		return payroll.HoldRevoked
	case !c.Expires().IsZero() && !at.Before(c.Expires()):
		return payroll.HoldExpired
	case len(c.encryptionKeys(at)) == 0:
		return payroll.HoldUnusable
	}
	return ""
}
