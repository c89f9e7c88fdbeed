package keystore

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// The moments of the forged certificates: made, and judged.
var (
	born = time.Date(2025, time.January, 1, 12, 0, 0, 0, time.UTC)
	now  = time.Date(2026, time.October, 30, 9, 0, 0, 0, time.UTC)
)

const (
	alice   = payroll.Address("alice@acme.example")
	aliceID = "Alice Example <alice@acme.example>"
)

// plainConfig leaves out the salt notation, which SHA-1 has no size for.
var plainConfig = &packet.Config{NonDeterministicSignaturesViaNotation: new(bool)}

// forge writes certificates packet by packet, so that each can be wrong in one
// way. It signs with a real key.
type forge struct {
	t       testing.TB
	primary *packet.PrivateKey
	sub     *packet.PrivateKey
	out     bytes.Buffer
}

// stamp changes a signature before it is made.
type stamp func(*packet.Signature)

var (
	sha1Stamp    stamp = func(s *packet.Signature) { s.Hash = crypto.SHA1 }
	signOnly     stamp = func(s *packet.Signature) { flags(s, false, false); s.FlagSign = false; s.FlagAuthenticate = true }
	noFlags      stamp = func(s *packet.Signature) { s.FlagsValid = false }
	storageOnly  stamp = func(s *packet.Signature) { flags(s, false, true) }
	messagesOnly stamp = func(s *packet.Signature) { flags(s, true, false) }
	primaryID    stamp = func(s *packet.Signature) { yes := true; s.IsPrimaryId = &yes }
)

func flags(s *packet.Signature, messages, storage bool) {
	s.FlagsValid, s.FlagEncryptCommunications, s.FlagEncryptStorage = true, messages, storage
}

func made(at time.Time) stamp { return func(s *packet.Signature) { s.CreationTime = at } }

// keyEnds sets the key's expiry to a time after its birth.
func keyEnds(after time.Duration) stamp {
	return func(s *packet.Signature) { secs := uint32(after / time.Second); s.KeyLifetimeSecs = &secs }
}

func sigEnds(after time.Duration) stamp {
	return func(s *packet.Signature) { secs := uint32(after / time.Second); s.SigLifetimeSecs = &secs }
}

func reason(r packet.ReasonForRevocation) stamp {
	return func(s *packet.Signature) { s.RevocationReason = &r }
}

// newForge takes Curve25519 keys made at that moment.
func newForge(t testing.TB, at time.Time) *forge {
	return newForgeWith(t, &packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Curve: packet.Curve25519}, at)
}

func newForgeWith(t testing.TB, config *packet.Config, at time.Time) *forge {
	t.Helper()
	config.Time = func() time.Time { return at }
	e, err := openpgp.NewEntity("x", "", "x@acme.example", config)
	if err != nil {
		t.Fatal(err)
	}
	return &forge{t: t, primary: e.PrivateKey, sub: e.Subkeys[0].PrivateKey}
}

// rsaKeys are made once; finding primes takes a second.
var rsaKeys = struct {
	sync.Mutex
	byBits map[int][]*rsa.PrivateKey
}{byBits: map[int][]*rsa.PrivateKey{}}

func forgeRSA(t testing.TB, bits, index int) *rsa.PrivateKey {
	t.Helper()
	rsaKeys.Lock()
	defer rsaKeys.Unlock()
	for len(rsaKeys.byBits[bits]) <= index {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		rsaKeys.byBits[bits] = append(rsaKeys.byBits[bits], key)
	}
	return rsaKeys.byBits[bits][index]
}

// newRSAForge has RSA keys for primary and subkey; nil leaves Curve25519.
func newRSAForge(t testing.TB, primary, sub *rsa.PrivateKey) *forge {
	f := newForge(t, born)
	if primary != nil {
		f.primary = packet.NewRSAPrivateKey(born, primary)
	}
	if sub != nil {
		f.sub = packet.NewRSAPrivateKey(born, sub)
		f.sub.IsSubkey = true
	}
	return f
}

// rocaKey makes a key as the chips of CVE-2017-15361 did: primes of the form
// k*M + (65537^a mod M).
func rocaKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	m := big.NewInt(2)
	for _, p := range smallPrimes {
		if p <= 353 {
			m.Mul(m, big.NewInt(p))
		}
	}
	prime := func() *big.Int {
		limit := new(big.Int).Lsh(big.NewInt(1), 1024)
		limit.Div(limit, m)
		for {
			a, _ := rand.Int(rand.Reader, m)
			k, _ := rand.Int(rand.Reader, limit)
			p := new(big.Int).Exp(big.NewInt(65537), a, m)
			p.Add(p, k.Mul(k, m))
			if p.BitLen() == 1024 && p.Bit(1022) == 1 && p.ProbablyPrime(5) {
				return p
			}
		}
	}
	return rsaFrom(t, prime(), prime(), 65537)
}

func rsaFrom(t testing.TB, p, q *big.Int, e int) *rsa.PrivateKey {
	t.Helper()
	one := big.NewInt(1)
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	d := new(big.Int).ModInverse(big.NewInt(int64(e)), phi)
	if d == nil {
		t.Fatal("exponent and primes do not fit")
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: e}, D: d, Primes: []*big.Int{p, q}}
	key.Precompute()
	return key
}

// nextPrime is the first prime from n on that suits the exponent 65537.
func nextPrime(n *big.Int) *big.Int {
	p := new(big.Int).Set(n)
	for p.SetBit(p, 0, 1); !p.ProbablyPrime(5) || new(big.Int).Mod(p, big.NewInt(65537)).Cmp(big.NewInt(1)) == 0; p.Add(p, big.NewInt(2)) {
	}
	return p
}

func (f *forge) signature(kind packet.SignatureType, stamps []stamp) *packet.Signature {
	sig := &packet.Signature{
		Version: f.primary.Version, SigType: kind, PubKeyAlgo: f.primary.PubKeyAlgo, Hash: crypto.SHA256,
		CreationTime: f.primary.CreationTime, IssuerKeyId: &f.primary.KeyId,
	}
	switch kind {
	case packet.SigTypeSubkeyBinding:
		flags(sig, true, true)
	case packet.SigTypePositiveCert, packet.SigTypeGenericCert, packet.SigTypeDirectSignature:
		sig.FlagsValid, sig.FlagCertify, sig.FlagSign = true, true, true
	}
	for _, s := range stamps {
		s(sig)
	}
	return sig
}

func (f *forge) emit(sig *packet.Signature, err error) *forge {
	f.t.Helper()
	if err == nil {
		err = sig.Serialize(&f.out)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return f
}

// key writes the primary key.
func (f *forge) key() *forge {
	f.t.Helper()
	if err := f.primary.PublicKey.Serialize(&f.out); err != nil {
		f.t.Fatal(err)
	}
	return f
}

// secret writes the primary key with its secret.
func (f *forge) secret() *forge {
	f.t.Helper()
	if err := f.primary.Serialize(&f.out); err != nil {
		f.t.Fatal(err)
	}
	return f
}

// raw writes a packet as it is given.
func (f *forge) raw(tag uint8, body []byte) *forge {
	frame{tag, body}.write(&f.out)
	return f
}

// userOnly writes a user ID that nobody signed.
func (f *forge) userOnly(id string) *forge { return f.raw(tagUserID, []byte(id)) }

// certify writes a self-signature on the user ID.
func (f *forge) certify(id string, stamps ...stamp) *forge {
	f.t.Helper()
	sig := f.signature(packet.SigTypePositiveCert, stamps)
	return f.emit(sig, sig.SignUserId(id, &f.primary.PublicKey, f.primary, plainConfig))
}

// user writes a user ID with its self-signature.
func (f *forge) user(id string, stamps ...stamp) *forge {
	f.t.Helper()
	return f.userOnly(id).certify(id, stamps...)
}

func (f *forge) revokeUser(id string, stamps ...stamp) *forge {
	f.t.Helper()
	sig := f.signature(packet.SigTypeCertificationRevocation, stamps)
	return f.emit(sig, sig.SignUserId(id, &f.primary.PublicKey, f.primary, plainConfig))
}

// stands writes what another's key states about a user ID: a certification or
// the revocation of one.
func (f *forge) stands(by *forge, kind packet.SignatureType, id string, stamps ...stamp) *forge {
	f.t.Helper()
	sig := by.signature(kind, append([]stamp{made(born.Add(day))}, stamps...))
	return f.emit(sig, sig.SignUserId(id, &f.primary.PublicKey, by.primary, plainConfig))
}

// direct writes a direct-key signature.
func (f *forge) direct(stamps ...stamp) *forge {
	f.t.Helper()
	sig := f.signature(packet.SigTypeDirectSignature, stamps)
	return f.emit(sig, sig.SignDirectKeyBinding(&f.primary.PublicKey, f.primary, plainConfig))
}

func (f *forge) revokeKey(stamps ...stamp) *forge {
	f.t.Helper()
	sig := f.signature(packet.SigTypeKeyRevocation, stamps)
	return f.emit(sig, sig.RevokeKey(&f.primary.PublicKey, f.primary, plainConfig))
}

// subOnly writes the subkey without a binding.
func (f *forge) subOnly() *forge {
	f.t.Helper()
	if err := f.sub.PublicKey.Serialize(&f.out); err != nil {
		f.t.Fatal(err)
	}
	return f
}

func (f *forge) bind(stamps ...stamp) *forge {
	f.t.Helper()
	sig := f.signature(packet.SigTypeSubkeyBinding, append([]stamp{made(f.sub.CreationTime)}, stamps...))
	return f.emit(sig, sig.SignKey(&f.sub.PublicKey, f.primary, plainConfig))
}

// subkey writes the subkey with its binding.
func (f *forge) subkey(stamps ...stamp) *forge {
	f.t.Helper()
	return f.subOnly().bind(stamps...)
}

func (f *forge) revokeSubkey(stamps ...stamp) *forge {
	f.t.Helper()
	sig := f.signature(packet.SigTypeSubkeyRevocation, stamps)
	return f.emit(sig, sig.RevokeSubkey(&f.sub.PublicKey, f.primary, plainConfig))
}

// another continues with a second subkey, made at that moment.
func (f *forge) another(at time.Time) *forge {
	f.t.Helper()
	f.sub = newForge(f.t, at).sub
	return f
}

func (f *forge) bytes() []byte { return bytes.Clone(f.out.Bytes()) }

// good is a certificate without fault.
func good(t testing.TB) *forge { return newForge(t, born).key().user(aliceID).subkey() }

// armored is binary data as a text block.
func armored(label string, data []byte) string {
	var b strings.Builder
	fmt.Fprintf(&b, "-----BEGIN %s-----\n\n", label)
	encoded := base64.StdEncoding.EncodeToString(data)
	for len(encoded) > 64 {
		b.WriteString(encoded[:64] + "\n")
		encoded = encoded[64:]
	}
	sum := checksum24(data)
	b.WriteString(encoded + "\n=" + base64.StdEncoding.EncodeToString([]byte{byte(sum >> 16), byte(sum >> 8), byte(sum)}) + "\n")
	fmt.Fprintf(&b, "-----END %s-----\n", label)
	return b.String()
}

const publicLabel = "PGP PUBLIC KEY BLOCK"
