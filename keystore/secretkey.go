package keystore

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// SecretKey is anybody's secret key, unlocked to open one message by hand. The
// company's own is opened as a [Signer].
type SecretKey struct{ entity *openpgp.Entity }

// OpenSecretKey reads a secret key, armored or not, and unlocks it; a key
// without a passphrase needs none.
func OpenSecretKey(r io.Reader, passphrase []byte) (*SecretKey, error) {
	content, err := readCapped(r, maxSecretKey)
	if err != nil {
		return nil, fmt.Errorf("open secret key: %w", err)
	}
	entity, err := parseSecret(content)
	if err != nil {
		return nil, fmt.Errorf("open secret key: %w", err)
	}
	if err := unlock(entity, passphrase); err != nil {
		return nil, fmt.Errorf("open secret key: %w", err)
	}
	return &SecretKey{entity}, nil
}

// String names the key by its fingerprint.
func (k *SecretKey) String() string {
	return "secret key " + string(fingerprintOf(k.entity.PrimaryKey))
}

// GoString names the key by its fingerprint.
func (k *SecretKey) GoString() string { return k.String() }

// Opened is a message that was decrypted whole and whose signature holds.
type Opened struct {
	Content   []byte
	Signature Signature
	// Bound says that the signature names the key that opened the message as
	// its intended recipient (RFC 9580 §5.2.3.36). A signature that names only
	// others does not hold at all; many programs name nobody.
	Bound bool
}

// Signature says who signed, and when.
type Signature struct {
	UserID      string              `json:"user_id"`
	Fingerprint payroll.Fingerprint `json:"fingerprint"` // of the primary key
	Subkey      payroll.Fingerprint `json:"subkey"`      // of the key that made the signature
	At          time.Time           `json:"at"`
}

// maxOpened caps what a message may grow to when it is decompressed.
var maxOpened int64 = 1 << 30

// A message is read into memory whole before any of it is believed, so one that
// grows beyond mostGrowth of its size, and is not small, is not read on.
const (
	mostGrowth  = 100
	smallOpened = 16 << 20
)

// mostOpened is the most content that a message of this many bytes may hold.
func mostOpened(size int) int64 {
	return min(maxOpened, max(smallOpened, mostGrowth*int64(size)))
}

// Open decrypts a message, armored or not, and verifies its signature against
// the certificates it may come from. It returns content only if the message is
// whole and the signature holds; payroll.ErrInvalid says that one of them does
// not.
//
// gopenpgp v2 does not look at intended recipients and does not say which
// signature it verified, so this stands on the library under it.
func (k *SecretKey) Open(message []byte, from []Certificate) (Opened, error) {
	keyring := append(openpgp.EntityList{k.entity}, entitiesOf(from)...)
	body, err := dearmor(message, openpgp.MessageType)
	if err != nil {
		return Opened{}, fmt.Errorf("open message: %w", err)
	}
	details, err := openpgp.ReadMessage(body, keyring, nil, readConfig())
	if err != nil {
		return Opened{}, fmt.Errorf("open message: %w: it is damaged, or not encrypted to this key", payroll.ErrInvalid)
	}
	if !details.IsEncrypted {
		return Opened{}, fmt.Errorf("open message: %w: it is not encrypted", payroll.ErrInvalid)
	}
	content, signature, err := verified(details, mostOpened(len(message)), from)
	if err != nil {
		return Opened{}, fmt.Errorf("open message: %w", err)
	}
	primary := k.entity.PrimaryKey.Fingerprint
	bound := slices.ContainsFunc(details.Signature.IntendedRecipients, func(r *packet.Recipient) bool {
		return bytes.Equal(r.Fingerprint, primary)
	})
	return Opened{content, signature, bound}, nil
}

// Open decrypts a message to the company's own key, such as an archive copy.
func (s *Signer) Open(message []byte, from []Certificate) (Opened, error) {
	return (&SecretKey{s.entity}).Open(message, from)
}

func readConfig() *packet.Config { return &packet.Config{MaxDecompressedMessageSize: &maxOpened} }

// verified reads a message of up to most bytes to its end, which checks its
// integrity, and then asks for a signature by one of the certificates.
func verified(details *openpgp.MessageDetails, most int64, from []Certificate) ([]byte, Signature, error) {
	content, err := io.ReadAll(io.LimitReader(details.UnverifiedBody, most+1))
	if err != nil {
		return nil, Signature{}, fmt.Errorf("%w: it is damaged", payroll.ErrInvalid)
	}
	switch {
	case int64(len(content)) > most:
		return nil, Signature{}, fmt.Errorf("%w: it opens to more than %d MB, far more than its own size; nothing was read further", payroll.ErrInvalid, most>>20)
	case !details.IsSigned:
		return nil, Signature{}, fmt.Errorf("%w: it is not signed", payroll.ErrInvalid)
	case details.SignatureError != nil || details.SignedBy == nil || details.Signature == nil:
		return nil, Signature{}, errNoGoodSignature
	}
	signature, err := signedBy(details.SignedBy, details.Signature, from)
	return content, signature, err
}

// signedBy names the signer, who must be one of the certificates and not just
// some key that was at hand for decryption.
func signedBy(key *openpgp.Key, sig *packet.Signature, from []Certificate) (Signature, error) {
	primary := fingerprintOf(key.Entity.PrimaryKey)
	for _, c := range from {
		if c.Fingerprint() == primary {
			return Signature{userIDOf(key.Entity, c), primary, fingerprintOf(key.PublicKey), sig.CreationTime.UTC()}, nil
		}
	}
	return Signature{}, errNoGoodSignature
}

// userIDOf is the user ID that stands for a certificate, which entity is too.
func userIDOf(entity *openpgp.Entity, c Certificate) string {
	if userID, _, err := senderOf(entity); err == nil {
		return userID
	}
	return strings.Join(c.UserIDs(), ", ")
}

// dearmor gives the binary of a message that may be armored; kind is the armor's
// type.
func dearmor(message []byte, kind string) (io.Reader, error) {
	if !bytes.Contains(message, []byte("-----BEGIN PGP ")) {
		return bytes.NewReader(message), nil
	}
	block, err := armor.Decode(bytes.NewReader(message))
	if err != nil || block.Type != kind {
		return nil, fmt.Errorf("%w: no armored %s", payroll.ErrInvalid, kind)
	}
	return block.Body, nil
}
