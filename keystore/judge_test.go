package keystore

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

const day = 24 * time.Hour

func newForgeV6(t testing.TB) *forge {
	return newForgeWith(t, &packet.Config{Algorithm: packet.PubKeyAlgoEd25519, V6Keys: true}, born)
}

func TestJudgeRefuses(t *testing.T) {
	t.Parallel()
	for _, traps := range [][]trap{fileTraps, keyTraps} {
		for _, trap := range traps {
			t.Run(trap.name, func(t *testing.T) {
				t.Parallel()
				c, v := Judge(trap.file(t), alice, now)
				if v.Code != trap.code || v.Verdict != payroll.VerdictRefuse {
					t.Errorf("verdict %s %s, want refuse %s", v.Verdict, v.Code, trap.code)
				}
				if !c.IsZero() {
					t.Error("a refused certificate was returned")
				}
				if v.Reason == "" || v.Reason != trap.code.Sentence() {
					t.Errorf("reason %q", v.Reason)
				}
			})
		}
	}
}

// goodFiles hold the damage and the oddities that must not get in the way.
var goodFiles = []struct {
	name     string
	file     func(t testing.TB) []byte
	warnings []Code
}{
	{"binary", built(func(f *forge) *forge { return f.key().user(aliceID).subkey() }), nil},
	{"armored", damaged(func(s string) string { return s }), nil},
	{"byte-order mark", damaged(func(s string) string { return "\xef\xbb\xbf" + s }), nil},
	{"CRLF", damaged(func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }), nil},
	{"CR", damaged(func(s string) string { return strings.ReplaceAll(s, "\n", "\r") }), nil},
	{"text around", damaged(func(s string) string { return "Hé! Here is my key:\n\n" + s + "\n-- \nAlice\n" }), nil},
	{"in a web page", damaged(func(s string) string { return "<pre>" + strings.TrimSpace(s) + "</pre>\n" }), nil},
	{"a sentence about the first line", damaged(func(s string) string {
		return "Copy all from -----BEGIN PGP PUBLIC KEY BLOCK----- to the end, not a PRIVATE KEY:\n" + s
	}), nil},
	{"a name at the start of a line", damaged(func(s string) string { return "Ŝárka:\n•\n" + s + "Žofie\n" }), nil},
	{"header lines", damaged(func(s string) string { return strings.Replace(s, "\n\n", "\nVersion: GnuPG v2\nComment: x\n\n", 1) }), nil},
	{"header line but no blank line", damaged(func(s string) string { return strings.Replace(s, "\n\n", "\nVersion: GnuPG v2\n", 1) }), nil},
	{"no blank line", damaged(func(s string) string { return strings.Replace(s, "\n\n", "\n", 1) }), nil},
	{"blank line of spaces", damaged(func(s string) string { return strings.Replace(s, "\n\n", "\n \t\n\n", 1) }), nil},
	{"a blank line after each", damaged(func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") }), nil},
	{"indented", damaged(func(s string) string { return strings.ReplaceAll(s, "\n", "\n   ") }), nil},
	{"no checksum", damaged(func(s string) string {
		i := strings.LastIndex(s, "\n=")
		return s[:i] + s[i+6:]
	}), nil},
	{"one long line", damaged(func(s string) string {
		head, rest, _ := strings.Cut(s, "\n\n")
		i := strings.LastIndex(rest, "\n=")
		return head + "\n\n" + strings.ReplaceAll(rest[:i], "\n", "") + rest[i:]
	}), nil},
	{"bare address", built(func(f *forge) *forge { return f.key().user("alice@acme.example").subkey() }), nil},
	{"capitals", built(func(f *forge) *forge { return f.key().user("Alice <Alice@ACME.example>").subkey() }), nil},
	{"a comment", built(func(f *forge) *forge { return f.key().user("Alice (work) <alice@acme.example>").subkey() }), nil},
	{"a smile", built(func(f *forge) *forge { return f.key().user("Alice :) <alice@acme.example>").subkey() }), nil},
	{"Persian name with joiners", built(func(f *forge) *forge {
		return f.key().user("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 <alice@acme.example>").subkey()
	}), nil},
	{"Latin-1 name", built(func(f *forge) *forge { return f.key().user("Alic\xe9 <alice@acme.example>").subkey() }), []Code{WarnNotUTF8}},
	{"clock of the maker ahead", func(t testing.TB) []byte {
		return newForge(t, now.Add(5*time.Minute)).key().user(aliceID).subkey().bytes()
	}, nil},
	{"extended on the same user ID", built(func(f *forge) *forge {
		return f.key().user(aliceID, keyEnds(30*day)).certify(aliceID, made(born.Add(20*day)), keyEnds(900*day)).subkey()
	}), nil},
	{"extended on another user ID", built(func(f *forge) *forge {
		return f.key().user(aliceID, keyEnds(30*day)).user("Alice <alice@home.example>", made(born.Add(20*day)), keyEnds(900*day)).subkey()
	}), nil},
	{"extended by a direct-key signature", built(func(f *forge) *forge {
		return f.key().direct(made(born.Add(20*day)), keyEnds(900*day)).user(aliceID, keyEnds(30*day)).subkey()
	}), nil},
	{"subkey extended", built(func(f *forge) *forge {
		return f.key().user(aliceID).subkey(keyEnds(30*day)).bind(made(born.Add(20*day)), keyEnds(900*day))
	}), nil},
	{"user ID revoked and signed again", built(func(f *forge) *forge {
		return f.key().user(aliceID).revokeUser(aliceID, made(born.Add(day))).certify(aliceID, made(born.Add(2*day))).subkey()
	}), nil},
	{"to be superseded next year", built(func(f *forge) *forge {
		return f.key().revokeKey(reason(packet.KeySuperseded), made(now.Add(400*day))).user(aliceID).subkey()
	}), nil},
	{"revocation by a stranger", func(t testing.TB) []byte {
		f := newForge(t, born).key()
		frames, err := splitFrames(newForge(t, born).revokeKey().bytes())
		if err != nil {
			t.Fatal(err)
		}
		return f.raw(tagSignature, frames[0].body).user(aliceID).subkey().bytes()
	}, nil},
	{"older SHA-1 beside SHA-256", built(func(f *forge) *forge {
		return f.key().user(aliceID, sha1Stamp).certify(aliceID, made(born.Add(day))).subkey(sha1Stamp).bind(made(born.Add(day)))
	}), nil},
	{"SHA-1 on another user ID", built(func(f *forge) *forge {
		return f.key().user(aliceID).user("Alice <alice@home.example>", sha1Stamp).subkey()
	}), []Code{WarnUserIDSHA1}},
	{"a picture and private packets", built(func(f *forge) *forge {
		return f.key().user(aliceID).raw(tagUserAttribute, []byte("\x05\x01abcd")).raw(60, []byte("x")).subkey()
	}), []Code{WarnStripped}},
	{"marker and trust packets", built(func(f *forge) *forge {
		return f.raw(tagMarker, []byte("PGP")).key().user(aliceID).raw(tagTrust, []byte{6, 0}).subkey()
	}), nil},
	{"expires in a week", built(func(f *forge) *forge {
		return f.key().user(aliceID, keyEnds(now.Add(7*day).Sub(born))).subkey()
	}), []Code{WarnExpiresSoon}},
	{"subkey without flags", built(func(f *forge) *forge { return f.key().user(aliceID).subkey(noFlags) }), []Code{WarnNoFlags}},
	{"subkey for storage", built(func(f *forge) *forge { return f.key().user(aliceID).subkey(storageOnly) }), []Code{WarnStorageOnly}},
	{"subkey for messages", built(func(f *forge) *forge { return f.key().user(aliceID).subkey(messagesOnly) }), nil},
	{"an older subkey, revoked", built(func(f *forge) *forge {
		return f.key().user(aliceID).subkey().revokeSubkey().another(born.Add(day)).subkey()
	}), []Code{WarnUnusedSubkey}},
	{"RSA primary that may encrypt", func(t testing.TB) []byte {
		return newRSAForge(t, forgeRSA(t, 2048, 0), nil).key().user(aliceID, messagesOnly).bytes()
	}, []Code{WarnPrimary}},
	{"RSA 2048", func(t testing.TB) []byte {
		return newRSAForge(t, forgeRSA(t, 2048, 0), forgeRSA(t, 2048, 1)).key().user(aliceID).subkey().bytes()
	}, nil},
	{"NIST P-256", curve(packet.PubKeyAlgoECDSA, packet.CurveNistP256), nil},
	{"NIST P-384", curve(packet.PubKeyAlgoECDSA, packet.CurveNistP384), nil},
	{"NIST P-521", curve(packet.PubKeyAlgoECDSA, packet.CurveNistP521), nil},
	{"Brainpool P-256", curve(packet.PubKeyAlgoECDSA, packet.CurveBrainpoolP256), nil},
	{"Brainpool P-512", curve(packet.PubKeyAlgoECDSA, packet.CurveBrainpoolP512), nil},
	{"Ed25519 and X25519 of RFC 9580, version 4", curve(packet.PubKeyAlgoEd25519, ""), nil},
	{"Ed448 and X448, version 4", curve(packet.PubKeyAlgoEd448, ""), nil},
	{"version 6", func(t testing.TB) []byte {
		return newForgeV6(t).key().direct(keyEnds(900*day)).user(aliceID, noFlags).subkey().bytes()
	}, nil},
}

func TestJudgeAccepts(t *testing.T) {
	t.Parallel()
	for _, test := range goodFiles {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, v := Judge(test.file(t), alice, now)
			if !v.Accepted() || v.Code != CodeGood {
				t.Fatalf("verdict %s %s: %s", v.Verdict, v.Code, v.Reason)
			}
			var warnings []Code
			for _, w := range v.Warnings {
				warnings = append(warnings, w.Code)
			}
			if diff := cmp.Diff(test.warnings, warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
			checkStored(t, c, v)
		})
	}
}

// TestWhatIsAcceptedCanBeSealedTo holds the judge to what the signer can do.
func TestWhatIsAcceptedCanBeSealedTo(t *testing.T) {
	t.Parallel()
	signer := openKey(t, newKey(t, SignerOptions{UserID: "ACME Payroll <payroll@acme.example>", At: born}))
	for _, test := range goodFiles {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, v := Judge(test.file(t), alice, now)
			sealed, err := signer.Seal(c, testEntity(100), SealOptions{At: now})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(v.EncryptionSubkeys, sealed.Recipients()); diff != "" {
				t.Errorf("recipients (-verdict +sealed):\n%s", diff)
			}
		})
	}
}

func curve(algorithm packet.PublicKeyAlgorithm, name packet.Curve) func(testing.TB) []byte {
	return func(t testing.TB) []byte {
		return newForgeWith(t, &packet.Config{Algorithm: algorithm, Curve: name}, born).key().user(aliceID).subkey().bytes()
	}
}

// checkStored holds what was accepted against what is stored of it.
func checkStored(t *testing.T, c Certificate, v Verdict) {
	t.Helper()
	again, err := ReadCertificate(c.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if problem := again.Problem(now); problem != "" {
		t.Errorf("the stored certificate has the problem %s", problem)
	}
	if diff := cmp.Diff(v.EncryptionSubkeys, again.EncryptionSubkeys(now)); diff != "" {
		t.Errorf("encryption subkeys (-verdict +stored):\n%s", diff)
	}
	if again.Fingerprint() != v.Fingerprint || again.Addresses()[0].Same(alice) == false {
		t.Errorf("stored %s for %v", again.Fingerprint(), again.Addresses())
	}
	var expires time.Time
	if v.Expires != nil {
		expires = *v.Expires
	}
	if !expires.Equal(again.Expires()) {
		t.Errorf("expires %v in the verdict, %v stored", expires, again.Expires())
	}
	second, verdict := Judge(c.Bytes(), alice, now)
	if !verdict.Accepted() || !bytes.Equal(second.Bytes(), c.Bytes()) {
		t.Errorf("the stored certificate is judged %s, and its minimised form is another", verdict.Code)
	}
}

func TestVerdictJSON(t *testing.T) {
	t.Parallel()
	_, v := Judge(nil, alice, now)
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"warnings":[]`, `"user_ids":[]`, `"encryption_subkeys":[]`, `"expires":null`, `"verdict":"refuse"`, `"fingerprint":""`} {
		if !strings.Contains(string(encoded), want) {
			t.Errorf("%s is not in %s", want, encoded)
		}
	}
}

func TestEveryCodeHasASentence(t *testing.T) {
	t.Parallel()
	for code, rule := range rules {
		if rule.sentence == "" {
			t.Errorf("%s has no sentence", code)
		}
		if rule.hold != "" && rule.hold.Sentence() == "" {
			t.Errorf("%s holds with an unknown reason", code)
		}
	}
}

// TestUserIDsArePrintable makes sure that what is printed cannot steer a terminal
// or a page, and that names are what they were.
func TestUserIDsArePrintable(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"a\x1b[2J\u202eb\xff":                                            "a\ufffd[2J\ufffdb\ufffd",
		"a\x00\r\nb\u0085\u2028\u2029c":                                  "a\ufffd\ufffd\ufffdb\ufffd\ufffd\ufffdc",
		"\u2066a\u2069\u200e\u200f\u061c":                                "\ufffda\ufffd\ufffd\ufffd\ufffd",
		"a\u200b\u00ad\ufeff\U000e0041b\ue000":                           "a\ufffd\ufffd\ufffd\ufffdb\ufffd",
		"<script>alert(1)</script> & \"":                                 "<script>alert(1)</script> & \"", // the page escapes it
		"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 <a@b.example>": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 <a@b.example>",
		"Zo\u00eb \U0001f600":                                            "Zo\u00eb \U0001f600",
	} {
		_, v := Judge(newForge(t, born).key().user(id).subkey().bytes(), "", now)
		if diff := cmp.Diff([]string{want}, v.UserIDs); diff != "" {
			t.Error(diff)
		}
	}
}

// TestLongUserIDs are left out, as gpg does, and do not stand in for others.
func TestLongUserIDs(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("A", 64<<10)
	_, v := Judge(newForge(t, born).key().user(long+" <alice@acme.example>").user(aliceID).subkey().bytes(), alice, now)
	if diff := cmp.Diff([]string{aliceID}, v.UserIDs); diff != "" || !v.Accepted() {
		t.Errorf("verdict %s: %s", v.Code, diff)
	}
	_, v = Judge(newForge(t, born).key().user(long+" <alice@acme.example>").subkey().bytes(), alice, now)
	if v.Code != CodeNoUserID || len(v.UserIDs) != 0 {
		t.Errorf("verdict %s with %d user IDs", v.Code, len(v.UserIDs))
	}
}

func TestSHA1CountsByTheMomentOfJudging(t *testing.T) {
	t.Parallel()
	made := time.Date(2015, time.May, 1, 0, 0, 0, 0, time.UTC)
	file := newForge(t, made).key().user(aliceID, sha1Stamp).subkey(sha1Stamp).bytes()
	for at, want := range map[time.Time]Code{
		sha1CutOff.Add(-time.Second): CodeGood,
		sha1CutOff:                   CodeSHA1,
	} {
		if _, v := Judge(file, alice, at); v.Code != want {
			t.Errorf("at %v: %s, want %s", at, v.Code, want)
		}
	}
}
