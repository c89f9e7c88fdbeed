package keystore

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

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
	m           *material // every signature in it is verified, so that asking it writes nothing
	stored      []byte
	fingerprint payroll.Fingerprint
}

// ReadCertificate reads what Bytes gave: one binary certificate without secret
// material. It verifies its self-signatures and judges nothing; Judge and
// Problem do that.
func ReadCertificate(stored []byte) (Certificate, error) {
	return readCertificate(stored, func(*material) {})
}

// readCertificate is ReadCertificate for material that something is known of before
// its signatures are verified.
func readCertificate(stored []byte, known func(*material)) (c Certificate, err error) {
	defer func() {
		if recover() != nil {
			c, err = Certificate{}, fmt.Errorf("read certificate: %w: damaged", payroll.ErrInvalid)
		}
	}()
	stored = bytes.Clone(stored) // packets point into it
	frames, err := splitFrames(stored)
	if err != nil || len(stored) > MaxFile {
		return Certificate{}, fmt.Errorf("read certificate: %w: not packets", payroll.ErrInvalid)
	}
	frames, code := inspect(frames, nil, stored)
	if code != "" {
		return Certificate{}, fmt.Errorf("read certificate: %w: %s", payroll.ErrInvalid, code)
	}
	m, code := readMaterial(frames)
	if code != "" {
		return Certificate{}, fmt.Errorf("read certificate: %w: %s", payroll.ErrInvalid, code)
	}
	if m.primary.Version != 6 && len(m.users) == 0 || m.primary.Version == 6 && len(m.direct) == 0 {
		return Certificate{}, fmt.Errorf("read certificate: %w: it says nothing about its key", payroll.ErrInvalid)
	}
	known(m)
	m.verifyAll()
	return Certificate{m: m, stored: stored, fingerprint: fingerprintOf(m.primary)}, nil
}

// IsZero reports whether there is no certificate in c.
func (c Certificate) IsZero() bool { return c.m == nil }

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

// UserIDs are the texts of the user IDs, printable; the one that was checked at
// enrolment is the first.
func (c Certificate) UserIDs() []string {
	ids := []string{}
	if c.m != nil {
		for _, u := range c.m.users {
			ids = append(ids, u.printable())
		}
	}
	return ids
}

// Addresses are the mail addresses of the user IDs, in their order.
func (c Certificate) Addresses() []payroll.Address {
	var addresses []payroll.Address
	if c.m == nil {
		return addresses
	}
	for _, u := range c.m.users {
		if address, err := addressOf(u.id); err == nil {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// Address is the mail address of the user ID that was checked at enrolment, the
// first one and the one that the company certifies; "" if it names none. A second
// user ID is kept only for the expiry that it sets, and nobody has checked it.
func (c Certificate) Address() payroll.Address {
	if c.m == nil || len(c.m.users) == 0 {
		return ""
	}
	address, err := addressOf(c.m.users[0].id)
	if err != nil {
		return ""
	}
	return address
}

// addressOf is the mail address that a user ID is for: the whole of it, or what
// stands in its only pair of angle brackets, at its end and outside comments.
// Anything that two programs could read in two ways has no address, and neither
// has a text with characters that turn its direction or cannot be seen.
func addressOf(userID string) (payroll.Address, error) {
	if strings.ContainsFunc(userID, misleading) {
		return "", fmt.Errorf("%w: a user ID with characters that cannot be seen", payroll.ErrInvalid)
	}
	name, rest, bracketed := strings.Cut(userID, "<")
	if !bracketed {
		return payroll.ParseAddress(userID)
	}
	address, found := strings.CutSuffix(rest, ">")
	if !found || strings.ContainsAny(address, "<>") || strings.Contains(name, ">") || !closed(name) {
		return "", fmt.Errorf("%w: a user ID whose address can be read in two ways", payroll.ErrInvalid)
	}
	return payroll.ParseAddress(address)
}

func misleading(r rune) bool {
	return unicode.IsControl(r) || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

// closed reports whether every comment and every quotation in a name is closed.
func closed(name string) bool {
	depth, quotes := 0, 0
	for _, r := range name {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case r == '"':
			quotes++
		}
	}
	return depth == 0 && quotes%2 == 0
}

// EncryptionSubkeys are the fingerprints of the keys that a letter of that
// moment is encrypted to; none if the certificate cannot be used then. It is the
// newest encryption subkey, as in gpg, and only that one: every further key is
// one more that can be lost.
func (c Certificate) EncryptionSubkeys(at time.Time) []payroll.Fingerprint {
	var subkeys []payroll.Fingerprint
	for _, key := range c.encryptionKeys(at) {
		subkeys = append(subkeys, fingerprintOf(key))
	}
	return subkeys
}

// encryptionKeys are the keys behind EncryptionSubkeys.
func (c Certificate) encryptionKeys(at time.Time) []*packet.PublicKey {
	if c.m == nil {
		return nil
	}
	s := c.m.assess("", at)
	if s.code != "" {
		return nil
	}
	return []*packet.PublicKey{s.keys[0].key}
}

// Expires is when the certificate can no longer be encrypted to, as far as its
// newest signatures say; the zero time if never.
func (c Certificate) Expires() time.Time {
	if c.m == nil {
		return time.Time{}
	}
	var s standing
	latest := c.m.latest()
	if c.m.rule(&s, latest, true) != "" {
		return time.Time{}
	}
	expires := c.m.rulingExpiry(s.ruling)
	if c.m.chooseKeys(&s, latest) == "" {
		expires = earlier(expires, s.keys[0].expires)
	}
	return expires
}

// Problem says why the certificate must not be encrypted to at that moment, or
// "" if it may. It takes microseconds.
func (c Certificate) Problem(at time.Time) payroll.HoldReason {
	if c.m == nil {
		return payroll.HoldNoCertificate
	}
	return c.m.assess("", at).code.hold()
}

// Revoked reports whether the certificate, its user ID or its encryption subkeys
// are revoked at that moment.
func (c Certificate) Revoked(at time.Time) bool { return c.Problem(at) == payroll.HoldRevoked }
