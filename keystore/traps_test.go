package keystore

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// trap is a file that must be refused, and the code that says why.
type trap struct {
	name string
	code Code
	file func(t testing.TB) []byte
}

func built(f func(*forge) *forge) func(testing.TB) []byte {
	return func(t testing.TB) []byte { return f(newForge(t, born)).bytes() }
}

func text(s string) func(testing.TB) []byte { return func(testing.TB) []byte { return []byte(s) } }

func fixture(name string) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		raw, err := os.ReadFile(filepath.Join("testdata", "certificates", name))
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
}

// damaged changes the armor of a good certificate.
func damaged(change func(string) string) func(testing.TB) []byte {
	return func(t testing.TB) []byte { return []byte(change(armored(publicLabel, good(t).bytes()))) }
}

func utf16Text(text string, order binary.AppendByteOrder, mark bool) []byte {
	var out []byte
	if mark {
		out = order.AppendUint16(out, 0xfeff)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// fileTraps are not one whole public certificate.
var fileTraps = []trap{
	{"empty", CodeEmpty, text("")},
	{"only white space", CodeEmpty, text(" \r\n\t\n")},
	{"only a byte-order mark", CodeEmpty, text("\xef\xbb\xbf")},
	{"NUL bytes", CodeNotOpenPGP, text(strings.Repeat("\x00", 5000))},
	{"prose", CodeNotOpenPGP, text("Dear payroll, I attach my key. Kind regards, Alice")},
	{"noise", CodeNotOpenPGP, text(strings.Repeat("\x9f\x12\xfe\x04", 300))},
	{"1 MB and one byte", CodeTooLarge, func(t testing.TB) []byte {
		return append([]byte(armored(publicLabel, good(t).bytes())), bytes.Repeat([]byte("\n"), MaxFile)...)
	}},
	{"secret key", CodeSecretKey, func(t testing.TB) []byte {
		return newForge(t, born).secret().user(aliceID).subkey().bytes()
	}},
	{"secret key, armored as such", CodeSecretKey, func(t testing.TB) []byte {
		return []byte(armored("PGP PRIVATE KEY BLOCK", newForge(t, born).secret().user(aliceID).bytes()))
	}},
	{"secret key, armored as public", CodeSecretKey, func(t testing.TB) []byte {
		return []byte(armored(publicLabel, newForge(t, born).secret().user(aliceID).bytes()))
	}},
	{"secret key, armored as a message", CodeSecretKey, func(t testing.TB) []byte {
		return []byte(armored("PGP MESSAGE", newForge(t, born).secret().bytes()))
	}},
	{"secret key, armor cut short", CodeSecretKey, func(t testing.TB) []byte {
		return []byte(armored("PGP PRIVATE KEY BLOCK", newForge(t, born).secret().user(aliceID).bytes())[:200])
	}},
	{"secret key, UTF-16", CodeSecretKey, func(t testing.TB) []byte {
		return utf16Text(armored("PGP PRIVATE KEY BLOCK", newForge(t, born).secret().bytes()), binary.LittleEndian, true)
	}},
	{"secret subkey under a public key", CodeSecretKey, built(func(f *forge) *forge {
		f.key().user(aliceID)
		f.sub.IsSubkey = true
		if err := f.sub.Serialize(&f.out); err != nil {
			f.t.Fatal(err)
		}
		return f.bind()
	})},
	{"secret key cut short", CodeSecretKey, func(t testing.TB) []byte {
		whole := newForge(t, born).secret().bytes()
		return whole[:len(whole)-10]
	}},
	{"secret key behind the certificate", CodeSecretKey, func(t testing.TB) []byte {
		return good(t).secret().bytes()
	}},
	{"secret key in a second block", CodeSecretKey, func(t testing.TB) []byte {
		f := good(t)
		return []byte(armored(publicLabel, f.bytes()) + armored("PGP PRIVATE KEY BLOCK", newForge(t, born).secret().bytes()))
	}},
	{"secret key in binary behind an armored certificate", CodeSecretKey, func(t testing.TB) []byte {
		f := good(t)
		return append([]byte(armored(publicLabel, f.bytes())), newForge(t, born).secret().bytes()...)
	}},
	{"secret key in binary right behind the last dash", CodeSecretKey, func(t testing.TB) []byte {
		f := good(t)
		block := strings.TrimSpace(armored(publicLabel, f.bytes()))
		return append([]byte(block), newForge(t, born).secret().bytes()...)
	}},
	{"secret key in binary before an armored certificate", CodeSecretKey, func(t testing.TB) []byte {
		return append(newForge(t, born).secret().bytes(), armored(publicLabel, good(t).bytes())...)
	}},
	{"secret key in binary on a line of a letter", CodeSecretKey, func(t testing.TB) []byte {
		secret := newForge(t, born).secret().bytes()
		return []byte("My keys:\n" + string(secret) + "\n" + armored(publicLabel, good(t).bytes()))
	}},
	{"secret key in binary behind a line end and a binary certificate", CodeSecretKey, func(t testing.TB) []byte {
		return append(append(good(t).bytes(), '\n'), newForge(t, born).secret().bytes()...)
	}},
	{"armored secret key right behind a binary certificate", CodeSecretKey, func(t testing.TB) []byte {
		return append(good(t).bytes(), strings.TrimSpace(armored("PGP PRIVATE KEY BLOCK", newForge(t, born).secret().bytes()))...)
	}},
	{"armored secret key whose first line goes on", CodeSecretKey, func(t testing.TB) []byte {
		secret := armored("PGP PRIVATE KEY BLOCK", newForge(t, born).secret().bytes())
		return []byte(armored(publicLabel, good(t).bytes()) + strings.ReplaceAll(secret, "\n", " "))
	}},
	{"secret key in a file that is too large", CodeSecretKey, func(t testing.TB) []byte {
		return append(newForge(t, born).secret().bytes(), make([]byte, MaxFile)...)
	}},
	{"secret key under the type of a public one", CodeSecretKey, func(t testing.TB) []byte {
		frames, err := splitFrames(newForge(t, born).secret().bytes())
		if err != nil {
			t.Fatal(err)
		}
		return newForge(t, born).raw(tagPublicKey, frames[0].body).bytes()
	}},
	{"secret SSH key", CodeSecretKey, text("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n-----END OPENSSH PRIVATE KEY-----\n")},
	{"secret RSA key in PEM", CodeSecretKey, text("-----BEGIN RSA PRIVATE KEY-----\nMIIEow==\n-----END RSA PRIVATE KEY-----\n")},
	{"two armored blocks", CodeSeveralBlocks, func(t testing.TB) []byte {
		return []byte(armored(publicLabel, good(t).bytes()) + "\n" + armored(publicLabel, good(t).bytes()))
	}},
	{"two certificates in one block", CodeSeveralKeys, func(t testing.TB) []byte {
		return []byte(armored(publicLabel, append(good(t).bytes(), good(t).bytes()...)))
	}},
	{"two certificates, binary", CodeSeveralKeys, func(t testing.TB) []byte {
		return append(newForge(t, born).key().user("Mallory <mallory@evil.example>").subkey().bytes(), good(t).bytes()...)
	}},
	{"UTF-16 with a mark", CodeUTF16, func(t testing.TB) []byte {
		return utf16Text(armored(publicLabel, good(t).bytes()), binary.LittleEndian, true)
	}},
	{"UTF-16 without a mark", CodeUTF16, func(t testing.TB) []byte {
		return utf16Text(armored(publicLabel, good(t).bytes()), binary.BigEndian, false)
	}},
	{"armor without its end", CodeArmorCut, damaged(func(s string) string { return s[:len(s)/2] })},
	{"armor without its last line", CodeArmorCut, damaged(func(s string) string { return strings.Split(s, "-----END")[0] })},
	{"wrong checksum", CodeArmorChecksum, damaged(func(s string) string {
		i := strings.LastIndex(s, "\n=")
		return s[:i+2] + "AAAA" + s[i+6:]
	})},
	{"one character changed", CodeArmorChecksum, damaged(func(s string) string {
		i := len(s) / 2
		for s[i] == 'A' || s[i] == '\n' {
			i++
		}
		return s[:i] + "A" + s[i+1:]
	})},
	{"foreign characters", CodeArmorDamaged, damaged(func(s string) string { return s[:100] + "!" + s[101:] })},
	{"quoted-printable", CodeArmorDamaged, damaged(func(s string) string { return s[:90] + "=\n" + s[90:] })},
	{"all on one line", CodeArmorDamaged, damaged(func(s string) string { return "key: " + strings.ReplaceAll(s, "\n", " ") })},
	{"ends as something else", CodeArmorDamaged, damaged(func(s string) string {
		return strings.Replace(s, "END PGP PUBLIC KEY BLOCK", "END PGP MESSAGE", 1)
	})},
	{"armor with nothing in it", CodeArmorDamaged, text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----\n")},
	{"labelled as a private key", CodeWrongLabel, func(t testing.TB) []byte {
		return []byte(armored("PGP PRIVATE KEY BLOCK", good(t).bytes()))
	}},
	{"message", CodeMessage, text(armored("PGP MESSAGE", []byte("\xc1\x03\x03\x01\x02")))},
	{"message, binary", CodeMessage, text("\xc1\x04\x03\x01\x02\x03\xd2\x02\x01\x02")},
	{"signed text", CodeMessage, text("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nhello\n" + armored("PGP SIGNATURE", []byte("\xc2\x01\x04")))},
	{"signature", CodeSignature, text(armored("PGP SIGNATURE", []byte("\xc2\x01\x04")))},
	{"signature, binary", CodeSignature, func(t testing.TB) []byte {
		return newForge(t, born).certify(aliceID).bytes()
	}},
	{"revocation certificate", CodeRevocationFile, func(t testing.TB) []byte {
		return []byte(armored(publicLabel, newForge(t, born).revokeKey().bytes()))
	}},
	{"revocation certificate, labelled as a signature", CodeRevocationFile, func(t testing.TB) []byte {
		return []byte(armored("PGP SIGNATURE", newForge(t, born).revokeKey().bytes()))
	}},
	{"GnuPG's database", CodeKeybox, text("\x00\x00\x00\x20\x01\x01\x00\x02KBXf\x00\x00\x00\x00more")},
	{"X.509 in PEM", CodeX509, text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")},
	{"X.509 in DER", CodeX509, text("\x30\x82\x03\x12\x30\x82\x02\xba\xa0\x03")},
	{"SSH key", CodeSSH, text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ alice@laptop\n")},
	{"web page", CodeHTML, text("<!DOCTYPE html>\n<html><body>Search results for alice</body></html>")},
	{"PDF", CodePDF, text("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj")},
	{"ZIP or Word", CodeArchive, text("PK\x03\x04\x14\x00\x06\x00")},
	{"JPEG", CodeNotOpenPGP, text("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01")},
	{"cut short", CodeMalformed, func(t testing.TB) []byte {
		whole := good(t).bytes()
		return whole[:len(whole)-20]
	}},
	{"packet without a length", CodeMalformed, func(t testing.TB) []byte {
		return append(good(t).bytes(), append([]byte{0x80 | tagUserID<<2 | 3}, "Mallory"...)...)
	}},
	{"packet of partial length", CodeMalformed, func(t testing.TB) []byte {
		return append(good(t).bytes(), 0xc0|tagUserID, 0xe1, 'a', 'b', 1, 'c')
	}},
	{"packet with a monstrous length", CodeMalformed, func(t testing.TB) []byte {
		return append(good(t).bytes(), 0xc0|tagSignature, 0xff, 0xff, 0xff, 0xff, 0xff, 4)
	}},
	{"compressed packet inside", CodeMalformed, func(t testing.TB) []byte {
		return good(t).raw(tagCompressed, []byte{0, 1, 2}).bytes()
	}},
	{"only compressed", CodeMessage, func(t testing.TB) []byte {
		return newForge(t, born).raw(tagCompressed, append([]byte{0}, good(t).bytes()...)).bytes()
	}},
	{"reserved packet type", CodeMalformed, func(t testing.TB) []byte { return append(good(t).bytes(), 0xc0, 1, 0) }},
	{"100,000 user IDs", CodeFlood, func(t testing.TB) []byte {
		f := good(t)
		for i := range 100_000 {
			f.raw(tagUserID, binary.BigEndian.AppendUint32(nil, uint32(i)))
		}
		return f.bytes()
	}},
	{"1,000 subkeys", CodeFlood, func(t testing.TB) []byte {
		f := good(t)
		for range 1000 {
			f.subOnly()
		}
		return f.bytes()
	}},
	{"50,000 unknown packets", CodeFlood, func(t testing.TB) []byte {
		f := good(t)
		for range 50_000 {
			f.raw(60, []byte("x"))
		}
		return f.bytes()
	}},
}

// keyTraps are whole certificates that must not be encrypted to.
var keyTraps = []trap{
	{"version 3 key", CodeOldVersion, built(func(f *forge) *forge {
		return f.raw(tagPublicKey, []byte("\x03\x30\x00\x00\x00\x00\x00\x01\x00\x08\xff\x00\x08\x11")).user(aliceID)
	})},
	{"version 5 key", CodeOldVersion, built(func(f *forge) *forge {
		return f.raw(tagPublicKey, []byte("\x05\x60\x00\x00\x00\x16\x00\x00\x00\x04abcd")).user(aliceID)
	})},
	{"unknown algorithm", CodeAlgorithm, built(func(f *forge) *forge {
		return f.raw(tagPublicKey, []byte("\x04\x60\x00\x00\x00\x63abcd")).user(aliceID)
	})},
	{"secp256k1", CodeAlgorithm, fixture("secp256k1.asc")},
	{"RSA-1024", CodeWeakPrimary, fixture("rsa1024.asc")},
	{"DSA and ElGamal", CodeWeakPrimary, fixture("dsa-elgamal.asc")},
	{"RSA-1024 subkey", CodeWeakSubkey, fixture("rsa1024-subkey.asc")},
	{"ElGamal subkey", CodeWeakSubkey, fixture("elgamal-subkey.asc")},
	{"ROCA primary", CodeROCA, func(t testing.TB) []byte {
		return newRSAForge(t, rocaKey(t), nil).key().user(aliceID).subkey().bytes()
	}},
	{"ROCA subkey", CodeROCA, func(t testing.TB) []byte {
		return newRSAForge(t, nil, rocaKey(t)).key().user(aliceID).subkey().bytes()
	}},
	{"two primes side by side", CodeWeakSubkey, func(t testing.TB) []byte {
		p := nextPrime(forgeRSA(t, 2048, 0).Primes[0])
		q := nextPrime(new(big.Int).Add(p, big.NewInt(2)))
		return newRSAForge(t, nil, rsaFrom(t, p, q, 65537)).key().user(aliceID).subkey().bytes()
	}},
	{"a small factor", CodeWeakSubkey, func(t testing.TB) []byte {
		big1, big2 := forgeRSA(t, 2048, 0).Primes[0], forgeRSA(t, 2048, 0).Primes[1]
		return newRSAForge(t, nil, rsaFrom(t, big.NewInt(1009), new(big.Int).Mul(big1, big2), 65537)).key().user(aliceID).subkey().bytes()
	}},
	{"a prime modulus", CodeWeakSubkey, func(t testing.TB) []byte {
		key := *forgeRSA(t, 2048, 0)
		key.N = nextPrime(key.N)
		return newRSAForge(t, nil, &key).key().user(aliceID).subkey().bytes()
	}},
	{"public exponent 1", CodeWeakSubkey, func(t testing.TB) []byte {
		key := *forgeRSA(t, 2048, 0)
		key.E = 1
		return newRSAForge(t, nil, &key).key().user(aliceID).subkey().bytes()
	}},
	{"even public exponent", CodeWeakSubkey, func(t testing.TB) []byte {
		key := *forgeRSA(t, 2048, 0)
		key.E = 65536
		return newRSAForge(t, nil, &key).key().user(aliceID).subkey().bytes()
	}},
	{"even modulus", CodeWeakSubkey, func(t testing.TB) []byte {
		key := *forgeRSA(t, 2048, 0)
		key.N = new(big.Int).Lsh(key.N, 1)
		return newRSAForge(t, nil, &key).key().user(aliceID).subkey().bytes()
	}},
	{"Curve25519 point of low order", CodeWeakSubkey, func(t testing.TB) []byte {
		f := newForge(t, born).key().user(aliceID)
		frames, err := splitFrames(newForge(t, born).subOnly().bytes())
		if err != nil {
			t.Fatal(err)
		}
		zero := bytes.Clone(frames[0].body)
		copy(zero[len(zero)-4-32:], make([]byte, 32)) // the point stands before the four bytes of KDF parameters
		key, _ := readKey(frame{tagPublicSubkey, zero})
		f.sub.PublicKey = *key
		return f.subkey().bytes()
	}},
	{"made in the future", CodeFuture, func(t testing.TB) []byte {
		return newForge(t, now.Add(2*time.Hour)).key().user(aliceID).subkey().bytes()
	}},
	{"revoked", CodeRevoked, built(func(f *forge) *forge { return f.key().revokeKey().user(aliceID).subkey() })},
	{"revoked as superseded", CodeRevoked, built(func(f *forge) *forge {
		return f.key().revokeKey(reason(packet.KeySuperseded), made(born.Add(30*day))).user(aliceID, made(born.Add(60*day))).subkey()
	})},
	{"revoked as compromised, dated tomorrow", CodeRevoked, built(func(f *forge) *forge {
		return f.key().revokeKey(reason(packet.KeyCompromised), made(now.Add(day))).user(aliceID).subkey()
	})},
	{"revoked with SHA-1", CodeRevoked, built(func(f *forge) *forge { return f.key().revokeKey(sha1Stamp).user(aliceID).subkey() })},
	{"revoked, at the end of the file", CodeRevoked, built(func(f *forge) *forge { return f.key().user(aliceID).subkey().revokeKey() })},
	{"revoked by the revoker whom it names", CodeRevoked, func(t testing.TB) []byte {
		f, revoker := newForge(t, born).key(), newForge(t, born)
		named := append([]byte{0x17, 12, 0x80, 22}, revoker.primary.Fingerprint...)
		hashed := append([]byte("\x05\x02\x67\x75\x2d\xc0"), named...)
		body := append([]byte{4, 0x1f, 22, 8, 0, byte(len(hashed))}, hashed...)
		issuer := binary.BigEndian.AppendUint64([]byte{9, 16}, f.primary.KeyId)
		body = append(append(body, 0, byte(len(issuer))), issuer...)
		f.raw(tagSignature, append(body, 0, 0, 0, 1, 1, 0, 1, 1))
		frames, err := splitFrames(revoker.revokeKey().bytes())
		if err != nil {
			t.Fatal(err)
		}
		return f.raw(tagSignature, frames[0].body).user(aliceID).subkey().bytes()
	}},
	{"no user ID", CodeNoUserID, built(func(f *forge) *forge { return f.key().subkey() })},
	{"no user ID, direct-key signature", CodeNoUserID, built(func(f *forge) *forge { return f.key().direct(keyEnds(1000 * day)).subkey() })},
	{"a picture for a user ID", CodeNoUserID, built(func(f *forge) *forge { return f.key().raw(tagUserAttribute, []byte("\x05\x01abcd")).subkey() })},
	{"unsigned user ID", CodeNoSelfSignature, built(func(f *forge) *forge { return f.key().userOnly(aliceID).subkey() })},
	{"self-signature of another user ID", CodeNoSelfSignature, built(func(f *forge) *forge {
		return f.key().userOnly(aliceID).certify("Alice Example <alice@other.example>").subkey()
	})},
	{"self-signature by another key", CodeNoSelfSignature, func(t testing.TB) []byte {
		f, other := newForge(t, born), newForge(t, born)
		f.key().userOnly(aliceID)
		sig := other.signature(packet.SigTypePositiveCert, nil)
		return f.emit(sig, sig.SignUserId(aliceID, &f.primary.PublicKey, other.primary, plainConfig)).subkey().bytes()
	}},
	{"self-signature with one bit turned", CodeNoSelfSignature, func(t testing.TB) []byte {
		f := newForge(t, born).key().user(aliceID)
		f.out.Bytes()[f.out.Len()-1] ^= 1
		return f.subkey().bytes()
	}},
	{"self-signature dated before the key", CodeNoSelfSignature, built(func(f *forge) *forge {
		return f.key().user(aliceID, made(born.Add(-day))).subkey()
	})},
	{"self-signature dated tomorrow", CodeNoSelfSignature, built(func(f *forge) *forge {
		return f.key().user(aliceID, made(now.Add(day))).subkey()
	})},
	{"self-signature that has lapsed", CodeNoSelfSignature, built(func(f *forge) *forge {
		return f.key().user(aliceID, sigEnds(30*day)).subkey()
	})},
	{"self-signature with an unknown critical notation", CodeNoSelfSignature, built(func(f *forge) *forge {
		return f.key().user(aliceID, func(s *packet.Signature) {
			s.Notations = []*packet.Notation{{Name: "rule@acme.example", Value: []byte("x"), IsCritical: true, IsHumanReadable: true}}
		}).subkey()
	})},
	{"SHA-1 self-signature", CodeSHA1, built(func(f *forge) *forge { return f.key().user(aliceID, sha1Stamp).subkey() })},
	{"SHA-1 on the address, SHA-256 on another", CodeSHA1, built(func(f *forge) *forge {
		return f.key().user(aliceID, sha1Stamp).user("Alice <alice@home.example>").subkey()
	})},
	{"somebody else's address", CodeWrongAddress, built(func(f *forge) *forge { return f.key().user("Bob Example <bob@acme.example>").subkey() })},
	{"address of a subdomain", CodeWrongAddress, built(func(f *forge) *forge { return f.key().user("Alice <alice@hr.acme.example>").subkey() })},
	{"address with a tail", CodeHiddenAddress, built(func(f *forge) *forge { return f.key().user("Alice <alice@acme.example.evil.example>").subkey() })},
	{"address with a head", CodeHiddenAddress, built(func(f *forge) *forge { return f.key().user("Malice <malice@acme.example>").subkey() })},
	{"Cyrillic letter in the address", CodeWrongAddress, built(func(f *forge) *forge { return f.key().user("Alice <\u0430lice@acme.example>").subkey() })},
	{"Cyrillic letter in the domain", CodeWrongAddress, built(func(f *forge) *forge { return f.key().user("Alice <alice@\u0430cme.example>").subkey() })},
	{"A-label that looks alike", CodeWrongAddress, built(func(f *forge) *forge { return f.key().user("Alice <alice@xn--cme-7cd.example>").subkey() })},
	{"full-width at sign", CodeWrongAddress, built(func(f *forge) *forge { return f.key().user("Alice <alice\uff20acme.example>").subkey() })},
	{"address in a comment", CodeHiddenAddress, built(func(f *forge) *forge {
		return f.key().user("Mallory (alice@acme.example) <mallory@evil.example>").subkey()
	})},
	{"address in the name", CodeHiddenAddress, built(func(f *forge) *forge { return f.key().user("alice@acme.example <mallory@evil.example>").subkey() })},
	{"address in a quoted name", CodeHiddenAddress, built(func(f *forge) *forge { return f.key().user(`"<alice@acme.example>" <mallory@evil.example>`).subkey() })},
	{"two addresses", CodeHiddenAddress, built(func(f *forge) *forge {
		return f.key().user("Mallory <mallory@evil.example> <alice@acme.example>").subkey()
	})},
	{"address in an open comment", CodeHiddenAddress, built(func(f *forge) *forge {
		return f.key().user("Mallory (mallory@evil.example <alice@acme.example>").subkey()
	})},
	{"address before a tail", CodeHiddenAddress, built(func(f *forge) *forge { return f.key().user("Alice <alice@acme.example> mallory@evil.example").subkey() })},
	{"blank in the brackets", CodeHiddenAddress, built(func(f *forge) *forge { return f.key().user("Alice < alice@acme.example >").subkey() })},
	{"NUL behind the address", CodeHiddenAddress, built(func(f *forge) *forge {
		return f.key().user("Alice <alice@acme.example>\x00<mallory@evil.example>").subkey()
	})},
	{"text turned around", CodeHiddenAddress, built(func(f *forge) *forge { return f.key().user("\u202eAlice <alice@acme.example>").subkey() })},
	{"address on two lines", CodeHiddenAddress, built(func(f *forge) *forge { return f.key().user("Mallory\n<alice@acme.example>").subkey() })},
	{"revoked user ID", CodeUserIDRevoked, built(func(f *forge) *forge {
		return f.key().user(aliceID).revokeUser(aliceID, made(born.Add(day))).user("Alice <alice@home.example>").subkey()
	})},
	{"revoked user ID, second copy of it", CodeUserIDRevoked, built(func(f *forge) *forge {
		return f.key().user(aliceID).userOnly(aliceID).revokeUser(aliceID, made(born.Add(day))).subkey()
	})},
	{"unsigned user ID beside a signed one", CodeUserIDInvalid, built(func(f *forge) *forge {
		return f.key().user("Mallory <mallory@evil.example>").userOnly(aliceID).subkey()
	})},
	{"expired", CodeExpired, built(func(f *forge) *forge { return f.key().user(aliceID, keyEnds(30*day)).subkey() })},
	{"expired this second", CodeExpired, built(func(f *forge) *forge { return f.key().user(aliceID, keyEnds(now.Sub(born))).subkey() })},
	{"shortened later", CodeExpired, built(func(f *forge) *forge {
		return f.key().user(aliceID).certify(aliceID, made(born.Add(day)), keyEnds(30*day)).subkey()
	})},
	{"expired by a direct-key signature", CodeExpired, built(func(f *forge) *forge {
		return f.key().direct(made(born.Add(day)), keyEnds(30*day)).user(aliceID).subkey()
	})},
	{"no subkey", CodeNoSubkey, built(func(f *forge) *forge { return f.key().user(aliceID) })},
	{"subkey for signing in", CodeNoSubkey, built(func(f *forge) *forge { return f.key().user(aliceID).subkey(signOnly) })},
	{"RSA primary that only signs", CodeNoSubkey, func(t testing.TB) []byte {
		return newRSAForge(t, forgeRSA(t, 2048, 0), nil).key().user(aliceID).bytes()
	}},
	{"RSA primary without flags", CodeNoSubkey, func(t testing.TB) []byte {
		return newRSAForge(t, forgeRSA(t, 2048, 0), nil).key().user(aliceID, noFlags).bytes()
	}},
	{"revoked subkey", CodeSubkeyRevoked, built(func(f *forge) *forge { return f.key().user(aliceID).subkey().revokeSubkey() })},
	{"subkey retired, then bound again", CodeSubkeyRevoked, built(func(f *forge) *forge {
		return f.key().user(aliceID).subOnly().revokeSubkey(reason(packet.KeyRetired), made(born.Add(day))).bind(made(born.Add(2 * day)))
	})},
	{"expired subkey", CodeSubkeyExpired, built(func(f *forge) *forge { return f.key().user(aliceID).subkey(keyEnds(30 * day)) })},
	{"subkey binding that has lapsed", CodeSubkeyExpired, built(func(f *forge) *forge { return f.key().user(aliceID).subkey(sigEnds(30 * day)) })},
	{"RSA primary may encrypt, its subkey has expired", CodeSubkeyExpired, func(t testing.TB) []byte {
		return newRSAForge(t, forgeRSA(t, 2048, 0), nil).key().user(aliceID, messagesOnly).subkey(keyEnds(30 * day)).bytes()
	}},
	{"unbound subkey", CodeSubkeyUnbound, built(func(f *forge) *forge { return f.key().user(aliceID).subOnly() })},
	{"subkey of another certificate", CodeSubkeyUnbound, func(t testing.TB) []byte {
		other, err := splitFrames(good(t).bytes())
		if err != nil {
			t.Fatal(err)
		}
		f := newForge(t, born).key().user(aliceID)
		return f.raw(tagPublicSubkey, other[3].body).raw(tagSignature, other[4].body).bytes()
	}},
	{"subkey bound by another key", CodeSubkeyUnbound, func(t testing.TB) []byte {
		f, other := newForge(t, born).key().user(aliceID), newForge(t, born)
		sig := other.signature(packet.SigTypeSubkeyBinding, nil)
		return f.subOnly().emit(sig, sig.SignKey(&f.sub.PublicKey, other.primary, plainConfig)).bytes()
	}},
	{"subkey bound with SHA-1", CodeSubkeySHA1, built(func(f *forge) *forge { return f.key().user(aliceID).subkey(sha1Stamp) })},
	{"subkey made in the future", CodeSubkeyFuture, built(func(f *forge) *forge { return f.key().user(aliceID).another(now.Add(day)).subkey() })},
	{"version 6 without a direct-key signature", CodeNoSelfSignature, func(t testing.TB) []byte {
		return newForgeV6(t).key().user(aliceID).subkey().bytes()
	}},
}
