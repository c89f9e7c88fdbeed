package keystore

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// Warning is something worth a look in a certificate that is accepted.
type Warning struct {
	Code   Code   `json:"code"`
	Reason string `json:"reason"`
}

// Verdict is what the judge says about one file. Its JSON is what `payseal keys
// check --json` prints; lists are never null. Apart from UserIDs nothing in it
// comes from the file's texts.
type Verdict struct {
	Verdict           payroll.Verdict       `json:"verdict"` // accept or refuse
	Code              Code                  `json:"code"`    // CodeGood if accepted
	Reason            string                `json:"reason"`  // a sentence with the mend
	Warnings          []Warning             `json:"warnings"`
	Fingerprint       payroll.Fingerprint   `json:"fingerprint"` // "" if the file holds no key
	UserIDs           []string              `json:"user_ids"`    // all of them, printable
	Algorithms        []string              `json:"algorithms"`  // of the primary key, then of what would be encrypted to
	EncryptionSubkeys []payroll.Fingerprint `json:"encryption_subkeys"`
	Expires           *time.Time            `json:"expires"` // nil: never, as far as one can say today
}

// Accepted reports whether the certificate may be stored.
func (v Verdict) Accepted() bool { return v.Verdict == payroll.VerdictAccept }

// Addresses are the mail addresses that the user IDs name, whoever's they are:
// one that names another employee's is worth a look.
func (v Verdict) Addresses() []payroll.Address {
	var addresses []payroll.Address
	for _, userID := range v.UserIDs {
		if address, err := addressOf(userID); err == nil {
			addresses = append(addresses, address)
		}
	}
	return addresses
}

// Judge reads a file that somebody handed in and decides whether it is a
// certificate that may be encrypted to at that moment, for the employee with
// that address; "" judges it for nobody in particular. What it accepts it
// returns minimised; what it refuses it does not return at all. It takes any
// bytes, never panics, and is done within two seconds.
func Judge(raw []byte, email payroll.Address, at time.Time) (c Certificate, v Verdict) {
	defer func() {
		if recover() != nil { // the library met bytes that its authors had not thought of
			c, v = Certificate{}, refuse(CodeMalformed, nil)
		}
	}()
	frames, code := readFile(raw)
	if code != "" {
		return Certificate{}, refuse(code, keyOf(frames))
	}
	m, code := readMaterial(frames)
	if code != "" {
		return Certificate{}, refuse(code, m)
	}
	return m.decide(email, at)
}

// decide judges the certificate and minimises it if it is accepted.
func (m *material) decide(email payroll.Address, at time.Time) (Certificate, Verdict) {
	s := m.judge(email, at)
	if s.code != "" {
		v := refuse(s.code, m)
		v.expires(s.expires)
		return Certificate{}, v
	}
	c, err := ReadCertificate(m.minimise(s))
	if err != nil || c.Problem(at) != "" {
		return Certificate{}, refuse(CodeMalformed, m)
	}
	return c, m.accept(s, at)
}

// judge assesses the certificate, and looks closely at the strength of the keys
// that would be used. One that turns out weak is struck out, and the rest is
// assessed again, a few times.
func (m *material) judge(email payroll.Address, at time.Time) standing {
	if m.weak == "" {
		m.weak = strengthOf(m.primary, true)
	}
	var s standing
	for range maxKept {
		s = m.assess(email, at)
		if s.code == "" && m.strikeWeak(s.keys[0]) {
			s.code = CodeWeakSubkey
			continue
		}
		break
	}
	if s.code == "" {
		// The others are kept for the day on which the first one ends.
		s.keys = slices.DeleteFunc(s.keys[:min(len(s.keys), maxKept)], m.strikeWeak)
		m.chooseSigning(&s, at)
	} else if m.effort <= 0 {
		s.code = CodeFlood
	}
	return s
}

func (m *material) strikeWeak(u usable) bool {
	if u.subkey == nil {
		if isPrime(u.key) {
			m.weak = CodeWeakPrimary
		}
		return m.weak != ""
	}
	if u.subkey.sound {
		return false
	}
	u.subkey.weak = subkeyStrength(u.key, true)
	u.subkey.sound = u.subkey.weak == ""
	return !u.subkey.sound
}

func refuse(code Code, m *material) Verdict {
	v := m.describe()
	v.Verdict, v.Code, v.Reason = payroll.VerdictRefuse, code, code.Sentence()
	return v
}

func (v *Verdict) expires(at time.Time) {
	if !at.IsZero() {
		v.Expires = &at
	}
}

// describe says what is known of the certificate, whatever the verdict.
func (m *material) describe() Verdict {
	v := Verdict{Warnings: []Warning{}, UserIDs: []string{}, Algorithms: []string{}, EncryptionSubkeys: []payroll.Fingerprint{}}
	if m == nil || m.primary == nil {
		return v
	}
	v.Fingerprint = fingerprintOf(m.primary)
	v.Algorithms = append(v.Algorithms, algorithmOf(m.primary))
	for _, u := range m.users {
		v.UserIDs = append(v.UserIDs, u.printable())
	}
	return v
}

func (m *material) accept(s standing, at time.Time) Verdict {
	v := m.describe()
	v.Verdict, v.Code, v.Reason = payroll.VerdictAccept, CodeGood, CodeGood.Sentence()
	v.EncryptionSubkeys = append(v.EncryptionSubkeys, fingerprintOf(s.keys[0].key))
	v.Algorithms = append(v.Algorithms, algorithmOf(s.keys[0].key))
	v.expires(s.expires)
	for _, code := range m.warnings(s, at) {
		v.Warnings = append(v.Warnings, Warning{Code: code, Reason: code.Sentence()})
	}
	return v
}

// warnings lists what is worth a look, in a stable order.
func (m *material) warnings(s standing, at time.Time) []Code {
	use := s.keys[0]
	var codes []Code
	add := func(code Code, when bool) {
		if when {
			codes = append(codes, code)
		}
	}
	add(WarnExpiresSoon, expired(s.expires, at.Add(expiresSoon)))
	add(WarnPrimary, use.subkey == nil)
	add(WarnNoFlags, !use.binding.packet.FlagsValid)
	add(WarnStorageOnly, !forMessages(use.binding.packet))
	add(WarnUnusedSubkey, m.otherEncryption(use, at))
	add(WarnUserIDSHA1, slices.ContainsFunc(m.users, func(u *user) bool {
		_, code := m.userProblem(u, at)
		return code == CodeSHA1
	}))
	add(WarnStripped, m.stripped > 0)
	add(WarnNotUTF8, slices.ContainsFunc(m.users, func(u *user) bool { return !utf8.ValidString(u.id) }))
	return codes
}

// otherEncryption reports whether the certificate has encryption subkeys besides
// the one that is used.
func (m *material) otherEncryption(use usable, at time.Time) bool {
	return slices.ContainsFunc(m.subkeys, func(sub *subkey) bool {
		if sub == use.subkey {
			return false
		}
		_, code := m.subkeyProblem(sub, at)
		return code != CodeNoSubkey && code != CodeSubkeyUnbound
	})
}

// keyOf reads as much of a refused file as names the key in it.
func keyOf(frames []frame) *material {
	for _, f := range frames {
		if f.tag == tagPublicKey {
			m := &material{}
			m.primary, _ = readKey(f)
			return m
		}
		if f.tag == tagSecretKey {
			m := &material{}
			m.primary = publicPart(f.body)
			return m
		}
	}
	return nil
}

// publicPart reads the public half of a secret key packet, so that its owner can
// be told which key to revoke.
func publicPart(body []byte) *packet.PublicKey {
	p, err := packet.Read(strings.NewReader(string(frame{tagSecretKey, body}.bytes())))
	key, ok := p.(*packet.PrivateKey)
	if err != nil || !ok {
		return nil
	}
	return &key.PublicKey
}

func fingerprintOf(key *packet.PublicKey) payroll.Fingerprint {
	return payroll.Fingerprint(strings.ToUpper(hex.EncodeToString(key.Fingerprint)))
}
