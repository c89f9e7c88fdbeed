package keystore

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// Signer is the company's key, unlocked once and kept in memory for as long as
// the program runs. Its secret never leaves this package. It is safe for
// concurrent use: opening it verifies every signature in it, and nothing writes
// to it afterwards.
type Signer struct {
	entity      *openpgp.Entity
	certificate Certificate
	formers     []Certificate
	userID      string
	address     payroll.Address
	workspaces  sync.Pool // of *workspace
}

// ErrPassphrase says that a key could not be unlocked with what was given. It is
// a payroll.ErrInvalid.
var ErrPassphrase = fmt.Errorf("%w: the passphrase does not open the key", payroll.ErrInvalid)

// OpenSigner reads an OpenPGP secret key, armored or not, made by NewSigner or
// by gpg, unlocks it and checks that it can sign: a version 4 key with a
// passphrase, a user ID with a plain mail address, and a signing key. It takes
// some tenths of a second, by intention of whoever locked the key.
func OpenSigner(r io.Reader, passphrase []byte) (*Signer, error) {
	content, err := readCapped(r, maxSecretKey)
	if err != nil {
		return nil, fmt.Errorf("open signing key: %w", err)
	}
	entity, err := parseSecret(content)
	if err != nil {
		return nil, fmt.Errorf("open signing key: %w", err)
	}
	if !locked(entity) {
		return nil, fmt.Errorf("open signing key: %w: it has no passphrase; lock it (payseal signer import)", payroll.ErrInvalid)
	}
	if err := unlock(entity, passphrase); err != nil {
		return nil, fmt.Errorf("open signing key: %w", err)
	}
	signer, err := newSigner(entity)
	if err != nil {
		return nil, fmt.Errorf("open signing key: %w", err)
	}
	if signer.formers, err = readFormers(content); err != nil {
		return nil, fmt.Errorf("open signing key: %w", err)
	}
	return signer, nil
}

// newSigner checks an unlocked key and makes it safe to share.
func newSigner(entity *openpgp.Entity) (*Signer, error) {
	warm(entity)
	if entity.PrimaryKey.Version != 4 {
		return nil, fmt.Errorf("%w: a key of version %d; most mail programs verify version 4 only", payroll.ErrInvalid, entity.PrimaryKey.Version)
	}
	userID, address, err := senderOf(entity)
	if err != nil {
		return nil, err
	}
	s := &Signer{entity: entity, userID: userID, address: address}
	s.workspaces.New = func() any { return new(workspace) }
	if key, err := s.signingKey(time.Time{}); err != nil {
		return nil, err
	} else if _, err := hashFor(key.PublicKey); err != nil {
		return nil, err
	}
	s.certificate, err = publicHalf(entity)
	return s, err
}

// senderOf chooses the user ID that letters are sent from: the primary one with
// a plain address, or else the newest.
func senderOf(entity *openpgp.Entity) (userID string, address payroll.Address, err error) {
	var newest *packet.Signature
	for _, name := range identityNames(entity) {
		self, err := entity.Identities[name].Verify(time.Time{}, &packet.Config{})
		if err != nil {
			continue
		}
		candidate, err := addressOf(name)
		if err != nil {
			continue
		}
		if newest == nil || preferred(self, newest) {
			userID, address, newest = name, candidate, self
		}
	}
	if newest == nil {
		return "", "", fmt.Errorf("%w: no user ID of the form ACME Payroll <payroll@acme.example>", payroll.ErrInvalid)
	}
	return userID, address, nil
}

func identityNames(entity *openpgp.Entity) []string {
	var names []string
	for name := range entity.Identities {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func preferred(a, than *packet.Signature) bool {
	if primary := isPrimaryID(a); primary != isPrimaryID(than) {
		return primary
	}
	return a.CreationTime.After(than.CreationTime)
}

func isPrimaryID(sig *packet.Signature) bool { return sig.IsPrimaryId != nil && *sig.IsPrimaryId }

// signingKey is the newest key that may sign letters at that moment, a subkey
// before the primary.
func (s *Signer) signingKey(at time.Time) (openpgp.Key, error) {
	key, ok := s.entity.SigningKey(at, &packet.Config{})
	switch {
	case !ok || !validThen(key, at):
		return key, fmt.Errorf("%w: the key has no signing key that is valid then", payroll.ErrInvalid)
	case key.PrivateKey == nil || key.PrivateKey.Dummy() || key.PrivateKey.Encrypted:
		return key, fmt.Errorf("%w: the secret half of the signing key is not in the file", payroll.ErrInvalid)
	}
	return key, nil
}

// Certificate is the public half, to give to whoever verifies.
func (s *Signer) Certificate() Certificate { return s.certificate }

// UserID is the user ID that letters are sent from, such as
// "ACME Payroll <payroll@acme.example>".
func (s *Signer) UserID() string { return s.userID }

// Name is the part of the user ID before the address.
func (s *Signer) Name() string {
	name, _, _ := strings.Cut(s.userID, "<")
	return strings.Trim(name, ` "`)
}

// Address is the mail address of the user ID.
func (s *Signer) Address() payroll.Address { return s.address }

// Expires is when the key can no longer sign, as its newest signing key has
// it; the zero time if never.
func (s *Signer) Expires() time.Time {
	key, err := s.signingKey(time.Time{})
	if err != nil {
		return time.Time{}
	}
	return expiresOf(key)
}

// validThen reports whether the key has not expired; the library is a second late.
func validThen(key openpgp.Key, at time.Time) bool {
	expires := expiresOf(key)
	return at.IsZero() || expires.IsZero() || at.Before(expires)
}

func expiresOf(key openpgp.Key) time.Time {
	return earlier(
		expiry(key.Entity.PrimaryKey, key.PrimarySelfSignature),
		expiry(key.PublicKey, key.SelfSignature),
	)
}

// expiry is the moment that a self-signature sets for the key; zero if none.
func expiry(key *packet.PublicKey, self *packet.Signature) time.Time {
	if self == nil || self.KeyLifetimeSecs == nil || *self.KeyLifetimeSecs == 0 {
		return time.Time{}
	}
	return key.CreationTime.Add(time.Duration(*self.KeyLifetimeSecs) * time.Second).UTC()
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// String names the key by its fingerprint.
func (s *Signer) String() string { return "signing key " + string(s.certificate.Fingerprint()) }

// GoString names the key by its fingerprint.
func (s *Signer) GoString() string { return s.String() }
