package keystore

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"sync/atomic"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// Sealed is a letter that only its recipients can open: an OpenPGP message,
// signed and encrypted. Only [Signer.Seal] makes one that is not empty, and the
// mailer takes nothing else, so that no letter leaves unsealed.
type Sealed struct {
	armored    []byte
	recipients []payroll.Fingerprint
	room       *room // nil: there is none around the armor
}

// room is the memory in which the armor stands, with free space around it for the
// mail that it goes into: most of what a slip takes is this one copy.
type room struct {
	whole []byte
	taken atomic.Bool
}

// The space around the armor. A mail's header and the parts before it take some 1,200
// bytes, what stands behind it 50.
const roomBefore, roomBehind = 2048, 256

// Armored is the message as 7-bit ASCII armor with CRLF line ends. The caller
// must not change it.
func (s Sealed) Armored() []byte { return s.armored }

// Between is the armor with something before and something behind it, the first time
// without a copy of it. The caller may append to it, but must not change what is there.
func (s Sealed) Between(before, behind []byte) []byte {
	if s.room == nil || len(before) > roomBefore || len(behind) > roomBehind || !s.room.taken.CompareAndSwap(false, true) {
		return slices.Concat(before, s.armored, behind)
	}
	start := roomBefore - len(before)
	copy(s.room.whole[start:], before)
	return append(s.room.whole[start:], behind...)
}

// Binary is the message without its armor.
func (s Sealed) Binary() ([]byte, error) {
	body, err := dearmor(s.armored, openpgp.MessageType)
	if err != nil {
		return nil, fmt.Errorf("take off armor: %w", err)
	}
	binary, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("take off armor: %w", err)
	}
	return binary, nil
}

// Recipients are the fingerprints of the keys that can open the message, as
// they were read back from it.
func (s Sealed) Recipients() []payroll.Fingerprint { return slices.Clone(s.recipients) }

// IsZero reports whether nothing is sealed in s.
func (s Sealed) IsZero() bool { return len(s.armored) == 0 || len(s.recipients) == 0 }

// String says nothing about the content.
func (s Sealed) String() string {
	return fmt.Sprintf("a sealed letter of %d bytes", len(s.armored))
}

// newSealed reads the recipients back from the finished armor and refuses a
// message that does not go to exactly the keys that were asked for.
func newSealed(armored []byte, asked []*packet.PublicKey) (Sealed, error) {
	found, err := recipientsOf(armored)
	if err != nil {
		return Sealed{}, fmt.Errorf("read recipients back: %w", err)
	}
	if len(found) == 0 || len(found) != len(asked) {
		return Sealed{}, fmt.Errorf("read recipients back: %d keys can open the message, %d were asked for", len(found), len(asked))
	}
	sealed := Sealed{armored: armored}
	for i, key := range asked {
		if !found[i].is(key) {
			return Sealed{}, fmt.Errorf("read recipients back: the message goes to another key than was asked for")
		}
		sealed.recipients = append(sealed.recipients, fingerprintOf(key))
	}
	return sealed, nil
}

// recipient is what one public-key encrypted session key packet says of whom it
// is for (RFC 9580 §5.1): a key ID in version 3, a fingerprint in version 6.
type recipient struct {
	keyID       uint64
	fingerprint []byte
}

func (r recipient) is(key *packet.PublicKey) bool {
	if r.fingerprint != nil {
		return bytes.Equal(r.fingerprint, key.Fingerprint)
	}
	return r.keyID != 0 && r.keyID == key.KeyId
}

// recipientsOf reads the session key packets at the start of an armored message
// and stops at the encrypted data.
func recipientsOf(armored []byte) ([]recipient, error) {
	body, found := bytes.CutPrefix(armored, []byte(armorHead))
	if !found {
		return nil, fmt.Errorf("%w: no armor", payroll.ErrInvalid)
	}
	packets := packet.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(body)))
	var recipients []recipient
	for {
		p, err := packets.Next()
		if err != nil {
			return nil, fmt.Errorf("read packet: %w", err)
		}
		switch p := p.(type) {
		case *packet.EncryptedKey:
			recipients = append(recipients, recipient{p.KeyId, p.KeyFingerprint})
		case *packet.SymmetricallyEncrypted:
			return recipients, nil
		default:
			return nil, fmt.Errorf("%w: not an encrypted message", payroll.ErrInvalid)
		}
	}
}
