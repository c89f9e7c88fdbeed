package keystore

import (
	"bytes"
	"crypto"
	"fmt"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/go-crypto/openpgp/s2k"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/payseal/payseal/payroll"
)

// Algorithm is what a new signing key is made of.
type Algorithm string

// The algorithms of a new key. Ed25519 signs some 270 times faster than
// RSA-4096, and every OpenPGP program in use verifies it.
const (
	Ed25519 Algorithm = "ed25519" // with Curve25519 for the archive copy
	RSA3072 Algorithm = "rsa3072"
	RSA4096 Algorithm = "rsa4096"
)

// S2K is how the passphrase of a key is stretched.
type S2K string

// The ways to stretch a passphrase. gpg reads the first; the second is harder
// to guess by machine, and gpg 2.2 cannot read it.
const (
	S2KIterated S2K = "iterated" // RFC 9580 §3.7.1.3, with the highest count
	S2KArgon2   S2K = "argon2"   // RFC 9580 §3.7.1.4
)

// SignerOptions describe a new signing key.
type SignerOptions struct {
	UserID    string        // "ACME Payroll <payroll@acme.example>"; the From of every letter
	Algorithm Algorithm     // "" for Ed25519
	S2K       S2K           // "" for S2KIterated
	Lifetime  time.Duration // from At; 0 for ever
	At        time.Time     // when the key begins to be valid

	// Compromised says, for a successor only, that the old key may be known to
	// others: it does not certify the new one, and what it certified does not
	// count any more.
	Compromised bool
}

// NewSigner makes a key whose primary only certifies, with one subkey that
// signs and one that is encrypted to, locks it with the passphrase and returns
// it armored.
func NewSigner(o SignerOptions, passphrase []byte) (armored []byte, err error) {
	entity, err := generate(o)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	return lock(entity, o.S2K, passphrase)
}

// Successor makes the key that follows this one, and certifies its user ID with
// this one, so that whoever trusts the old key can check the new one. This one's
// certificate stands behind it in the file, so that what it certified goes on to
// count. An empty user ID in the options means the present one.
func (s *Signer) Successor(o SignerOptions, passphrase []byte) (armored []byte, err error) {
	if o.UserID == "" {
		o.UserID = s.userID
	}
	entity, err := generate(o)
	if err != nil {
		return nil, fmt.Errorf("make signing key: %w", err)
	}
	if o.Compromised {
		return lock(entity, o.S2K, passphrase)
	}
	if err := s.certifyAll(entity, o.At); err != nil {
		return nil, fmt.Errorf("certify the new signing key: %w", err)
	}
	armored, err = lock(entity, o.S2K, passphrase)
	if err != nil {
		return nil, err
	}
	return withFormers(armored, s.Certifiers())
}

// Relock reads a secret key, made by gpg for example, checks that it can be
// the company's key, and locks it anew with the same passphrase; a key without
// one gets it. Certificates of earlier keys behind it are kept.
func Relock(secret, passphrase []byte, stretch S2K) (armored []byte, err error) {
	entity, err := parseSecret(secret)
	if err != nil {
		return nil, fmt.Errorf("import signing key: %w", err)
	}
	if err := unlock(entity, passphrase); err != nil {
		return nil, fmt.Errorf("import signing key: %w", err)
	}
	if _, err := newSigner(entity); err != nil {
		return nil, fmt.Errorf("import signing key: %w", err)
	}
	formers, err := readFormers(secret)
	if err != nil {
		return nil, fmt.Errorf("import signing key: %w", err)
	}
	armored, err = lock(entity, stretch, passphrase)
	if err != nil {
		return nil, err
	}
	return withFormers(armored, formers)
}

// generate makes the unlocked key.
func generate(o SignerOptions) (*openpgp.Entity, error) {
	name, address, err := splitUserID(o.UserID)
	if err != nil {
		return nil, err
	}
	config, err := o.config()
	if err != nil {
		return nil, err
	}
	entity, err := openpgp.NewEntity(name, "", string(address), config)
	if err != nil {
		return nil, fmt.Errorf("generate key: %w", err)
	}
	if err := entity.AddSigningSubkey(config); err != nil {
		return nil, fmt.Errorf("generate signing subkey: %w", err)
	}
	for _, identity := range entity.Identities {
		for _, self := range identity.SelfCertifications {
			self.Packet.FlagSign = false // letters are signed by the subkey alone
		}
		if err := identity.ReSign(config); err != nil {
			return nil, fmt.Errorf("sign user ID: %w", err)
		}
	}
	return entity, nil
}

func (o SignerOptions) config() (*packet.Config, error) {
	config := &packet.Config{
		Time:            func() time.Time { return o.At },
		DefaultHash:     crypto.SHA256,
		DefaultCipher:   packet.CipherAES256,
		KeyLifetimeSecs: uint32(o.Lifetime / time.Second),
	}
	switch o.Algorithm {
	case "", Ed25519:
		// The identifiers of RFC 4880's successors that gpg knows, not the
		// newer ones of RFC 9580.
		config.Algorithm, config.Curve = packet.PubKeyAlgoEdDSA, packet.Curve25519
	case RSA3072:
		config.Algorithm, config.RSABits = packet.PubKeyAlgoRSA, 3072
	case RSA4096:
		config.Algorithm, config.RSABits = packet.PubKeyAlgoRSA, 4096
	default:
		return nil, fmt.Errorf("%w: the algorithm is %s, %s or %s", payroll.ErrInvalid, Ed25519, RSA3072, RSA4096)
	}
	if o.At.IsZero() || o.Lifetime < 0 || o.Lifetime/time.Second > 1<<32-1 {
		return nil, fmt.Errorf("%w: a key needs a beginning and a lifetime under 136 years", payroll.ErrInvalid)
	}
	return config, nil
}

// splitUserID reads "ACME Payroll <payroll@acme.example>".
func splitUserID(userID string) (name string, address payroll.Address, err error) {
	before, rest, found := strings.Cut(userID, "<")
	name = strings.TrimSpace(before)
	text, closed := strings.CutSuffix(rest, ">")
	if !found || !closed || name == "" || strings.ContainsAny(name, `()<>"`) {
		return "", "", fmt.Errorf("%w: write the user ID as ACME Payroll <payroll@acme.example>, without quotes or brackets in the name", payroll.ErrInvalid)
	}
	if err := payroll.CheckText("name in the user ID", name); err != nil {
		return "", "", err
	}
	address, err = payroll.ParseAddress(text)
	return name, address, err
}

// lock encrypts every secret with the passphrase and armors the key.
func lock(entity *openpgp.Entity, stretch S2K, passphrase []byte) ([]byte, error) {
	if len(passphrase) == 0 {
		return nil, fmt.Errorf("lock signing key: %w: the passphrase is empty", payroll.ErrInvalid)
	}
	config := &packet.Config{DefaultCipher: packet.CipherAES256}
	switch stretch {
	case "", S2KIterated:
		config.S2KConfig = &s2k.Config{S2KMode: s2k.IteratedSaltedS2K, Hash: crypto.SHA256, S2KCount: 65011712}
	case S2KArgon2:
		config.S2KConfig = &s2k.Config{S2KMode: s2k.Argon2S2K}
		config.AEADConfig = &packet.AEADConfig{DefaultMode: packet.AEADModeOCB}
	default:
		return nil, fmt.Errorf("lock signing key: %w: the passphrase is stretched %s or %s", payroll.ErrInvalid, S2KIterated, S2KArgon2)
	}
	if err := entity.EncryptPrivateKeys(passphrase, config); err != nil {
		return nil, fmt.Errorf("lock signing key: %w", err)
	}
	var text bytes.Buffer
	w, err := armor.EncodeWithChecksumOption(&text, openpgp.PrivateKeyType, nil, true)
	if err != nil {
		return nil, fmt.Errorf("armor signing key: %w", err)
	}
	if err := entity.SerializePrivateWithoutSigning(w, config); err != nil {
		return nil, fmt.Errorf("write signing key: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("armor signing key: %w", err)
	}
	return append(text.Bytes(), '\n'), nil
}
