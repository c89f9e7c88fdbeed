package keystore

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

func TestVouchStatement(t *testing.T) {
	t.Parallel()
	old, fresh, company := payroll.Fingerprint(strings.Repeat("A", 40)), payroll.Fingerprint(strings.Repeat("B", 40)), payroll.Fingerprint(strings.Repeat("C", 40))
	want := "payseal: replace " + string(old) + " by " + string(fresh) + " for employee 007 at " + string(company)
	if got := VouchStatement(old, fresh, "007", company); got != want {
		t.Errorf("%q", got)
	}
}

// aStatement is one for a certificate and some other.
func aStatement(c Certificate) string {
	return VouchStatement(c.Fingerprint(), payroll.Fingerprint(strings.Repeat("B", 40)), "007", payroll.Fingerprint(strings.Repeat("C", 40)))
}

// TestVouchFromGpg signs with gpg in every way that it has, as an employee does
// who types the statement into a file, on any system.
func TestVouchFromGpg(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"primary": ed25519Key, "RSA": strings.ReplaceAll(rsaKey, "%[1]d", "2048")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGnupg(t)
			person := g.generate("alice@acme.example", key)
			old, v := Judge(person.certificate.Bytes(), alice, time.Now())
			if !v.Accepted() {
				t.Fatal(v.Code)
			}
			statement := aStatement(old)
			for _, ending := range []string{"", "\n", "\r\n"} {
				for _, how := range [][]string{
					{"--clearsign"}, {"--armor", "--sign"}, {"--sign"}, {"--armor", "--detach-sign"}, {"--detach-sign"},
					{"--textmode", "--armor", "--detach-sign"}, {"--textmode", "--sign"},
				} {
					signed, _ := g.must([]byte(statement+ending), how...)
					vouched(t, statement, signed, old)
				}
			}
		})
	}
}

// vouched verifies what a program signed, also as it comes out of a form, and
// makes sure that what is different is refused.
func vouched(t *testing.T, statement, signed string, old Certificate) {
	t.Helper()
	ways := []string{signed}
	if strings.Contains(signed, blockBegin) {
		ways = append(ways, withCRLF(signed), "\n\n"+signed+"\n", strings.TrimSpace(signed))
	}
	for _, text := range ways {
		if _, err := VerifyVouch(statement, []byte(text), old, time.Now()); err != nil {
			t.Errorf("%v:\n%q", err, text)
		}
	}
	other := strings.Replace(statement, "007", "008", 1)
	if _, err := VerifyVouch(other, []byte(signed), old, time.Now()); err == nil {
		t.Error("it verifies for another employee")
	}
	if _, err := VerifyVouch(statement, []byte(signed), old, time.Now().Add(-24*time.Hour)); err == nil {
		t.Error("it verifies before it was made")
	}
}

func withCRLF(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n")
}

func TestVouchFromPowerShell(t *testing.T) {
	t.Parallel()
	g := newGnupg(t)
	old := g.generate("alice@acme.example", ed25519Key).certificate
	statement := aStatement(old)
	signed, _ := g.must([]byte(statement+" \r\n"), "--clearsign")
	var wide bytes.Buffer
	wide.WriteString("\xff\xfe")
	for _, b := range []byte(withCRLF(signed)) {
		wide.Write([]byte{b, 0})
	}
	if _, err := VerifyVouch(statement, wide.Bytes(), old, time.Now()); err != nil {
		t.Error(err)
	}
}

// TestVouchFromSq signs by a subkey, which must still be in what is stored.
func TestVouchFromSq(t *testing.T) {
	t.Parallel()
	needProgram(t, "sq")
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	sq := func(args ...string) string {
		t.Helper()
		out, err := exec.Command("sq", args...).Output()
		if err != nil {
			t.Fatalf("sq %v: %v", args, err)
		}
		return string(out)
	}
	sq("key", "generate", "--userid", aliceID, "--export", path("key"))
	old, v := Judge([]byte(sq("key", "extract-cert", path("key"))), alice, time.Now())
	if !v.Accepted() {
		t.Fatal(v.Code)
	}
	statement := aStatement(old)
	for _, ending := range []string{"", "\n"} {
		if err := os.WriteFile(path("statement"), []byte(statement+ending), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, how := range [][]string{{"--cleartext-signature"}, {"--detached"}, {"--detached", "--binary"}, nil, {"--binary"}} {
			args := append([]string{"sign", "--signer-key", path("key")}, how...)
			vouched(t, statement, sq(append(args, path("statement"))...), old)
		}
	}
}

// vouch signs the statement with a forged key, as a detached signature.
func (f *forge) vouch(statement string, by *packet.PrivateKey, stamps ...stamp) []byte {
	f.t.Helper()
	sig := f.signature(packet.SigTypeBinary, append([]stamp{made(now.Add(-time.Hour)), func(s *packet.Signature) {
		s.PubKeyAlgo, s.IssuerKeyId = by.PubKeyAlgo, &by.KeyId
	}}, stamps...))
	h := sig.Hash.New()
	h.Write([]byte(statement))
	g := &forge{t: f.t}
	return g.emit(sig, sig.Sign(h, by, plainConfig)).bytes()
}

// bindSigning writes a signing subkey, with its signature back over the primary
// key or without.
func (f *forge) bindSigning(by *packet.PrivateKey, back bool, stamps ...stamp) *forge {
	f.t.Helper()
	public := by.PublicKey
	public.IsSubkey = true
	if err := public.Serialize(&f.out); err != nil {
		f.t.Fatal(err)
	}
	sig := f.signature(packet.SigTypeSubkeyBinding, append([]stamp{made(by.CreationTime), func(s *packet.Signature) {
		flags(s, false, false)
		s.FlagSign = true
	}}, stamps...))
	if back {
		signer := &forge{t: f.t, primary: by}
		sig.EmbeddedSignature = signer.signature(packet.SigTypePrimaryKeyBinding, nil)
		if err := sig.EmbeddedSignature.CrossSignKey(&public, &f.primary.PublicKey, by, plainConfig); err != nil {
			f.t.Fatal(err)
		}
	}
	return f.emit(sig, sig.SignKey(&public, f.primary, plainConfig))
}

// TestVouchRefuses is about keys that must not vouch, and things that are no
// statement.
func TestVouchRefuses(t *testing.T) {
	t.Parallel()
	f, stranger := newForge(t, born), newForge(t, born)
	signing := newForge(t, born.Add(day)).primary
	whole := func() *forge { return again(f).key().user(aliceID).subkey() }
	old := accepted(t, whole().bindSigning(signing, true))
	statement := aStatement(old)
	byPrimary, bySubkey := f.vouch(statement, f.primary), f.vouch(statement, signing)
	revokeSigning := func(stamps ...stamp) *forge {
		g := whole().bindSigning(signing, true)
		public := signing.PublicKey
		public.IsSubkey = true
		sig := g.signature(packet.SigTypeSubkeyRevocation, stamps)
		return g.emit(sig, sig.RevokeSubkey(&public, g.primary, plainConfig))
	}
	for _, test := range []struct {
		name   string
		signed []byte
		old    Certificate
		want   bool
	}{
		{"by the primary key", byPrimary, old, true},
		{"by the signing subkey", bySubkey, old, true},
		{"by a stranger", stranger.vouch(statement, stranger.primary), old, false},
		{"by a stranger in its name", f.vouch(statement, stranger.primary, func(s *packet.Signature) { s.IssuerKeyId = &f.primary.KeyId }), old, false},
		{"over SHA-1", f.vouch(statement, f.primary, sha1Stamp), old, false},
		{"from tomorrow", f.vouch(statement, f.primary, made(now.Add(day))), old, false},
		{"before the key", f.vouch(statement, f.primary, made(born.Add(-day))), old, false},
		{"lapsed", f.vouch(statement, f.primary, sigEnds(time.Minute)), old, false},
		{"over something else", f.vouch(statement+"!", f.primary), old, false},
		{"by the encryption subkey's certificate only", f.vouch(statement, signing), accepted(t, whole()), false},
		{"by a subkey that has not signed back", bySubkey, accepted(t, whole().bindSigning(signing, false)), false},
		{"by a subkey that is revoked", bySubkey, accepted(t, revokeSigning()), false},
		{"by a subkey that is retired since", bySubkey, accepted(t, revokeSigning(reason(packet.KeyRetired), made(now.Add(-time.Minute)))), false},
		{"by a subkey that has expired", bySubkey, stored(t, whole().bindSigning(signing, true, keyEnds(30*day))), false},
		{"by a key that has expired", byPrimary, stored(t, again(f).key().user(aliceID, keyEnds(30*day)).subkey()), false},
		{"by a key that is revoked", byPrimary, stored(t, again(f).key().revokeKey().user(aliceID).subkey()), false},
		{"by a key that is retired since", byPrimary, stored(t, again(f).key().revokeKey(reason(packet.KeyRetired), made(now.Add(-time.Minute))).user(aliceID).subkey()), false},
		{"by no certificate", byPrimary, Certificate{}, false},
		{"nothing", nil, old, false},
		{"the statement alone", []byte(statement), old, false},
		{"a certificate", whole().bytes(), old, false},
		{"damaged armor", []byte(armored("PGP SIGNATURE", byPrimary)[:100]), old, false},
		{"another armor", []byte(armored("PGP MESSAGE", byPrimary)), old, false},
		{"too much", append(bytes.Clone(byPrimary), make([]byte, maxVouch)...), old, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := VerifyVouch(statement, test.signed, test.old, now); (err == nil) != test.want {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestVouchSaysNothingElse puts more into the text or around it.
func TestVouchSaysNothingElse(t *testing.T) {
	t.Parallel()
	g := newGnupg(t)
	old := g.generate("alice@acme.example", ed25519Key).certificate
	statement := aStatement(old)
	for _, text := range []string{
		"", "x" + statement, " " + statement, statement + "x", statement + "\nand more", "I agree.\n" + statement, "\n" + statement,
		statement + "\n" + statement, strings.ToLower(statement), strings.Replace(statement, " by ", "  by ", 1),
	} {
		for _, how := range []string{"--clearsign", "--sign", "--detach-sign"} {
			signed, _ := g.must([]byte(text), how)
			if _, err := VerifyVouch(statement, []byte(signed), old, time.Now()); err == nil {
				t.Errorf("%s of %q verifies", how, text)
			}
		}
	}
	good, _ := g.must([]byte(statement), "--clearsign")
	for name, text := range map[string]string{
		"text before":      "Please replace it:\n" + good,
		"text behind":      good + "Regards\n",
		"twice":            good + good,
		"changed text":     strings.Replace(good, "007", "008", 1),
		"hidden in header": strings.Replace(good, "\n\n", "\n"+statement+"\n\n", 1),
	} {
		if _, err := VerifyVouch(statement, []byte(text), old, time.Now()); err == nil {
			t.Errorf("%s: verifies", name)
		}
	}
}

func FuzzVerifyVouch(f *testing.F) {
	key := newForge(f, born)
	old := accepted(f, again(key).key().user(aliceID).subkey())
	statement := aStatement(old)
	good := key.vouch(statement, key.primary)
	f.Add(good[:len(good)-1])
	f.Add([]byte(armored("PGP SIGNATURE", good[:50])))
	f.Add([]byte(clearHead + "\nHash: SHA512\n\n" + statement + "\n" + armored("PGP SIGNATURE", good[:50])))
	f.Add([]byte(armored("PGP MESSAGE", []byte("\xcb\x08b\x00\x00\x00\x00\x00hi"))))
	f.Fuzz(func(t *testing.T, signed []byte) {
		if _, err := VerifyVouch(statement, signed, old, now); err == nil {
			t.Error("a signature that was not made verifies")
		}
	})
}
