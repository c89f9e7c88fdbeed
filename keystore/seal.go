package keystore

import (
	"bytes"
	"crypto"
	"fmt"
	"slices"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// Structure is how signature and encryption are put together.
type Structure string

// The structures of RFC 3156 §6.
const (
	Combined Structure = "combined" // one OpenPGP message, signed and encrypted; the default
	Nested   Structure = "nested"   // a multipart/signed entity inside the encryption
)

// SealOptions say how one letter is sealed.
type SealOptions struct {
	At        time.Time // of the signature; the moment at which certificate and key must be valid
	Structure Structure // "" for Combined
	Archive   bool      // encrypt to the company's own key too
}

// Seal signs the entity with the company's signing key, encrypts it to the
// certificate's encryption subkeys, and reads the recipients back from the
// result. The entity is a whole MIME entity for Nested, in canonical form: CRLF
// line ends, no blanks at line ends, 7 bits; Combined takes any bytes. Neither
// the entity nor the certificate is changed or kept.
func (s *Signer) Seal(to Certificate, entity []byte, o SealOptions) (Sealed, error) {
	return s.SealTo([]Certificate{to}, entity, o)
}

// SealTo seals one message to several certificates. Letters never go this way;
// files sealed by hand may.
func (s *Signer) SealTo(to []Certificate, entity []byte, o SealOptions) (Sealed, error) {
	plan, err := s.plan(to, o)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	w := s.workspaces.Get().(*workspace)
	defer s.release(w)
	if o.Structure == Nested {
		err = w.writeNested(plan, entity)
	} else {
		err = w.writeCombined(plan, entity)
	}
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	if err := w.encrypt(plan); err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	whole := armorWithin(w.message, roomBefore, roomBehind)
	sealed, err := newSealed(whole[roomBefore:len(whole):len(whole)], plan.keys)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal: %w", err)
	}
	sealed.room = &room{whole: whole}
	return sealed, nil
}

func (s *Signer) release(w *workspace) {
	w.forget()
	s.workspaces.Put(w)
}

// plan is all that is decided before the first byte is written.
type plan struct {
	at       time.Time
	keys     []*packet.PublicKey // whom to encrypt to, never empty
	intended []*packet.Recipient // primary keys of the same (RFC 9580 §5.2.3.36)
	signer   openpgp.Key
	hash     crypto.Hash
	cipher   packet.CipherFunction
	suite    *packet.CipherSuite // set if every recipient announces SEIPDv2
}

func (s *Signer) plan(to []Certificate, o SealOptions) (*plan, error) {
	if o.At.IsZero() || o.Structure != "" && o.Structure != Combined && o.Structure != Nested {
		return nil, fmt.Errorf("%w: a seal needs a time and a known structure", payroll.ErrInvalid)
	}
	if len(to) == 0 {
		return nil, fmt.Errorf("%w: no recipient", payroll.ErrInvalid)
	}
	if o.Archive && !slices.ContainsFunc(to, func(c Certificate) bool { return c.fingerprint == s.certificate.fingerprint }) {
		to = append(slices.Clone(to), s.certificate)
	}
	signer, err := s.signingKey(o.At)
	if err != nil {
		return nil, err
	}
	hash, err := hashFor(signer.PublicKey)
	if err != nil {
		return nil, err
	}
	p := &plan{at: o.At, signer: signer, hash: hash}
	prefer := newPreferences()
	for _, c := range to {
		if problem := c.Problem(o.At); problem != "" {
			return nil, fmt.Errorf("%w: the certificate must not be used (%s)", payroll.ErrInvalid, problem)
		}
		chosen := c.m.assess("", o.At)
		p.keys = append(p.keys, chosen.keys[0].key)
		p.intended = append(p.intended, &packet.Recipient{KeyVersion: c.m.primary.Version, Fingerprint: c.m.primary.Fingerprint})
		prefer.meet(c.m.announced(chosen))
	}
	p.cipher, p.suite = prefer.choose()
	return p, nil
}

// preferences are what all recipients can read.
type preferences struct {
	ciphers []uint8    // best first
	suites  [][2]uint8 // cipher and mode, best first
	seipd2  bool
}

func newPreferences() *preferences {
	aes256, aes192, aes128 := uint8(packet.CipherAES256), uint8(packet.CipherAES192), uint8(packet.CipherAES128)
	ocb, gcm := uint8(packet.AEADModeOCB), uint8(packet.AEADModeGCM)
	return &preferences{
		ciphers: []uint8{aes256, aes192, aes128},
		suites:  [][2]uint8{{aes256, ocb}, {aes256, gcm}, {aes128, ocb}, {aes128, gcm}},
		seipd2:  true,
	}
}

// announced is the signature in which the owner says what their programs read: the
// one on the user ID, or the direct-key signature of a version 6 key (RFC 9580
// §5.2.3.10).
func (m *material) announced(s standing) *packet.Signature {
	if m.primary.Version == 6 {
		return s.ruling.packet
	}
	return s.userSig.packet
}

// meet strikes out what the signature does not announce. One that announces no
// ciphers at all gets AES-256, which every program in use reads.
func (p *preferences) meet(self *packet.Signature) {
	if list := self.PreferredSymmetric; len(list) > 0 {
		p.ciphers = slices.DeleteFunc(p.ciphers, func(id uint8) bool { return !slices.Contains(list, id) })
	}
	p.suites = slices.DeleteFunc(p.suites, func(suite [2]uint8) bool { return !slices.Contains(self.PreferredCipherSuites, suite) })
	p.seipd2 = p.seipd2 && self.SEIPDv2
}

// choose picks the best of what is left, or AES-128, which RFC 9580 §9.3 and
// §9.6 ask everyone to read.
func (p *preferences) choose() (packet.CipherFunction, *packet.CipherSuite) {
	cipher, suite := uint8(packet.CipherAES128), [2]uint8{uint8(packet.CipherAES128), uint8(packet.AEADModeOCB)}
	if len(p.ciphers) > 0 {
		cipher = p.ciphers[0]
	}
	if len(p.suites) > 0 {
		suite = p.suites[0]
	}
	if !p.seipd2 {
		return packet.CipherFunction(cipher), nil
	}
	return packet.CipherFunction(suite[0]), &packet.CipherSuite{
		Cipher: packet.CipherFunction(suite[0]), Mode: packet.AEADMode(suite[1]),
	}
}

// sign makes the signature packet over the data.
func (p *plan) sign(data []byte) ([]byte, error) {
	key := p.signer.PrivateKey
	sig := &packet.Signature{
		Version:            key.Version,
		SigType:            packet.SigTypeBinary,
		PubKeyAlgo:         key.PubKeyAlgo,
		Hash:               p.hash,
		CreationTime:       p.at,
		IssuerKeyId:        &key.KeyId,
		IssuerKeyVersion:   uint8(key.Version),
		IssuerFingerprint:  key.Fingerprint,
		IntendedRecipients: p.intended,
	}
	sum := p.hash.New()
	sum.Write(data)
	if err := sig.Sign(sum, key, &packet.Config{}); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	var b bytes.Buffer
	if err := sig.Serialize(&b); err != nil {
		return nil, fmt.Errorf("write signature: %w", err)
	}
	return b.Bytes(), nil
}
