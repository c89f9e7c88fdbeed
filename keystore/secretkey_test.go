package keystore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/ProtonMail/gopenpgp/v2/crypto"

	"github.com/payseal/payseal/payroll"
)

// opener is a recipient of payseal's own making, with its secret key.
func opener(t testing.TB, userID string) (Certificate, *SecretKey) {
	t.Helper()
	armored, err := NewSigner(SignerOptions{UserID: userID, At: time.Now().Add(-time.Minute)}, []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	key, err := OpenSecretKey(bytes.NewReader(armored), []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := publicHalf(key.entity)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

func TestOpenNamesTheSigner(t *testing.T) {
	t.Parallel()
	signer := company(t)
	certificate, key := opener(t, "Kiran <kiran@acme.example>")
	sealed, err := signer.Seal(certificate, testEntity(5000), SealOptions{At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	opened, err := key.Open(sealed.Armored(), []Certificate{signer.Certificate()})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(opened.Content, testEntity(5000)) || !opened.Bound {
		t.Errorf("other content, or not bound to the recipient (%v)", opened.Bound)
	}
	if s := opened.Signature; s.UserID != signer.UserID() || s.Fingerprint != signer.Certificate().Fingerprint() || s.Subkey == s.Fingerprint || time.Since(s.At) > time.Minute {
		t.Errorf("signature %+v", s)
	}
}

// TestGopenpgpOpensWhatIsSealed reads a letter with the library that many mail
// programs and servers are built on, which decrypts by code of its own.
func TestGopenpgpOpensWhatIsSealed(t *testing.T) {
	t.Parallel()
	signer := company(t)
	certificate, key := opener(t, "Kiran <kiran@acme.example>")
	sealed, err := signer.Seal(certificate, testEntity(5000), SealOptions{At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	var secret bytes.Buffer
	if err := key.entity.SerializePrivateWithoutSigning(&secret, nil); err != nil {
		t.Fatal(err)
	}
	to, err := crypto.NewKeyRingFromBinary(secret.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	from, err := crypto.NewKeyRingFromBinary(signer.Certificate().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	message, err := crypto.NewPGPMessageFromArmored(string(sealed.Armored()))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := to.Decrypt(message, from, crypto.GetUnixTime())
	if err != nil || !bytes.Equal(plain.GetBinary(), testEntity(5000)) {
		t.Errorf("does not open as it was sealed: %v", err)
	}
}

// TestOpenRefusesALetterThatWasSealedForAnother takes the signed content of one
// employee's letter and encrypts it to another, as a thief of one key could.
func TestOpenRefusesALetterThatWasSealedForAnother(t *testing.T) {
	t.Parallel()
	signer, now := company(t), time.Now()
	one, _ := opener(t, "Kiran A <kiran.a@acme.example>")
	other, otherKey := opener(t, "Kiran B <kiran.b@acme.example>")
	intended, err := signer.plan([]Certificate{one}, SealOptions{At: now})
	if err != nil {
		t.Fatal(err)
	}
	forged, err := signer.plan([]Certificate{other}, SealOptions{At: now})
	if err != nil {
		t.Fatal(err)
	}
	var w workspace
	if err := w.writeCombined(intended, testEntity(500)); err != nil {
		t.Fatal(err)
	}
	if err := w.encrypt(forged); err != nil {
		t.Fatal(err)
	}
	if opened, err := otherKey.Open(w.message, []Certificate{signer.Certificate()}); !errors.Is(err, payroll.ErrInvalid) || opened.Content != nil {
		t.Errorf("a letter signed for another opens: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	signer, now := company(t), time.Now()
	certificate, key := opener(t, "Kiran <kiran@acme.example>")
	strangerCertificate, strangerKey := opener(t, "Stranger <stranger@acme.example>")
	sealed, err := signer.Seal(certificate, testEntity(5000), SealOptions{At: now})
	if err != nil {
		t.Fatal(err)
	}
	from := []Certificate{signer.Certificate()}
	if _, err := strangerKey.Open(sealed.Armored(), from); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("another key opens it: %v", err)
	}
	if _, err := key.Open(sealed.Armored(), []Certificate{strangerCertificate}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("another sender passes: %v", err)
	}
	if _, err := key.Open(sealed.Armored(), nil); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("no sender passes: %v", err)
	}
	for i := 100; i < len(sealed.Armored())-40; i += 97 {
		damaged := slices.Clone(sealed.Armored())
		if damaged[i] == '\r' || damaged[i] == '\n' {
			continue
		}
		damaged[i] = map[bool]byte{true: 'B', false: 'A'}[damaged[i] == 'A']
		if opened, err := key.Open(damaged, from); err == nil || opened.Content != nil {
			t.Fatalf("a message that is damaged at %d opens", i)
		}
	}
	for _, cut := range []int{0, 10, 300, 2000, len(sealed.Armored()) - 300} {
		if opened, err := key.Open(sealed.Armored()[:cut], from); err == nil || opened.Content != nil {
			t.Errorf("a message that is cut at %d opens", cut)
		}
	}
}

// TestOpenStopsAtABomb opens what compresses a thousandfold.
func TestOpenStopsAtABomb(t *testing.T) {
	t.Parallel()
	signer := company(t)
	config := &packet.Config{DefaultCompressionAlgo: packet.CompressionZLIB}
	to, err := openpgp.NewEntity("Kiran", "", "kiran@acme.example", config)
	if err != nil {
		t.Fatal(err)
	}
	key, from := SecretKey{to}, []Certificate{signer.Certificate()}
	for _, try := range []struct {
		size int
		good bool
	}{{smallOpened, true}, {smallOpened + 1, false}, {4 * smallOpened, false}} {
		var message bytes.Buffer
		in, err := openpgp.Encrypt(&message, []*openpgp.Entity{to}, nil, []*openpgp.Entity{signer.entity}, nil, config)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Write(make([]byte, try.size)); err != nil {
			t.Fatal(err)
		}
		if err := in.Close(); err != nil {
			t.Fatal(err)
		}
		if message.Len()*mostGrowth > smallOpened {
			t.Fatalf("%d bytes are not small enough for this test", message.Len())
		}
		opened, err := key.Open(message.Bytes(), from)
		if try.good && (err != nil || len(opened.Content) != try.size) {
			t.Errorf("%d bytes: %v", try.size, err)
		}
		if !try.good && (!errors.Is(err, payroll.ErrInvalid) || opened.Content != nil) {
			t.Errorf("%d bytes open: %v", try.size, err)
		}
	}
}

func TestSignaturesBothWaysWithGpg(t *testing.T) {
	t.Parallel()
	g, signer := newGnupg(t), company(t)
	armored, err := signer.Certificate().Armored()
	if err != nil {
		t.Fatal(err)
	}
	g.must([]byte(armored), "--import")
	alice := g.generate("alice@acme.example", ed25519Key)
	public, _ := g.must(nil, "--armor", "--export", "alice@acme.example")
	senders, err := ReadSenders([]byte(public))
	if err != nil {
		t.Fatal(err)
	}
	text := "Dash - line\n- dash\nFrom here\ntrailing  \t\nüml\xc3\xa4ut\n\n"

	clear, err := signer.Clearsign([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, status := g.must(clear, "--verify"); !strings.Contains(status, "VALIDSIG") {
		t.Error("gpg does not verify our clear-signed text")
	}
	theirs, _ := g.must([]byte(text), "--local-user", alice.email, "--clear-sign")
	for name, message := range map[string][]byte{"ours": clear, "gpg's": []byte(theirs), "gpg's with CRLF": []byte(strings.ReplaceAll(theirs, "\n", "\r\n"))} {
		content, by, err := Verify(message, append(senders, signer.Certificate()))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := "Dash - line\n- dash\nFrom here\ntrailing\nüml\xc3\xa4ut\n"; strings.TrimRight(string(content), "\n") != strings.TrimRight(want, "\n") {
			t.Errorf("%s: content %q", name, content)
		}
		if by.Fingerprint == "" || !strings.Contains(by.UserID, "@acme.example") {
			t.Errorf("%s: signed by %+v", name, by)
		}
	}

	detached, err := signer.SignDetached([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	verifyDetached(t, g, signer, text, string(detached))
	data := filepath.Join(g.home, "data")
	if err := os.WriteFile(data, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--detach-sign"}, {"--detach-sign", "--armor"}, {"--detach-sign", "--textmode"}} {
		signature, _ := g.must(nil, append(append([]string{"--local-user", alice.email, "--output", "-"}, args...), data)...)
		by, err := VerifyDetached([]byte(text), []byte(signature), senders)
		if err != nil || by.Fingerprint != alice.certificate.Fingerprint() {
			t.Errorf("gpg %v: %+v, %v", args, by, err)
		}
		if _, err := VerifyDetached([]byte(text+"."), []byte(signature), senders); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("gpg %v: a changed text verifies: %v", args, err)
		}
	}

	inline, _ := g.must([]byte(text), "--local-user", alice.email, "--sign")
	if content, by, err := Verify([]byte(inline), senders); err != nil || string(content) != text || by.Fingerprint != alice.certificate.Fingerprint() {
		t.Errorf("gpg's inline signature: %q, %+v, %v", content, by, err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	signer := company(t)
	from := []Certificate{signer.Certificate()}
	clear, err := signer.Clearsign([]byte("pay 100\nto Kiran\n"))
	if err != nil {
		t.Fatal(err)
	}
	stranger, _ := opener(t, "Stranger <stranger@acme.example>")
	for name, try := range map[string]struct {
		message []byte
		from    []Certificate
	}{
		"changed":      {bytes.Replace(clear, []byte("100"), []byte("900"), 1), from},
		"text before":  {append([]byte("pay 900\n"), clear...), from},
		"text after":   {append(slices.Clone(clear), "pay 900\n"...), from},
		"twice":        {append(slices.Clone(clear), clear...), from},
		"other sender": {clear, []Certificate{stranger}},
		"no sender":    {clear, nil},
		"cut":          {clear[:len(clear)/2], from},
		"empty":        {nil, from},
		"plain":        {[]byte("hello"), from},
	} {
		if content, _, err := Verify(try.message, try.from); !errors.Is(err, payroll.ErrInvalid) || content != nil {
			t.Errorf("%s: %q, %v", name, content, err)
		}
	}
	if _, _, err := Verify(clear, from); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

func TestAnExpiredKeySignsNothing(t *testing.T) {
	t.Parallel()
	signer := openKey(t, newKey(t, SignerOptions{
		UserID: "ACME <payroll@acme.example>", At: time.Now().AddDate(0, 0, -10), Lifetime: 24 * time.Hour,
	}))
	if _, err := signer.SignDetached([]byte("x")); err == nil {
		t.Error("it signs a file")
	}
	if _, err := signer.Clearsign([]byte("x")); err == nil {
		t.Error("it clear-signs")
	}
}

func FuzzOpen(f *testing.F) {
	signer := company(f)
	certificate, key := opener(f, "Kiran <kiran@acme.example>")
	sealed, err := signer.Seal(certificate, testEntity(100), SealOptions{At: time.Now()})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed.Armored())
	clear, err := signer.Clearsign([]byte("text\n"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(clear)
	f.Add([]byte("-----BEGIN PGP MESSAGE-----\n\nwcBMA\n=AAAA\n-----END PGP MESSAGE-----\n"))
	f.Add([]byte("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nx\n-----BEGIN PGP SIGNATURE-----\n\n-----END PGP SIGNATURE-----\n"))
	from := []Certificate{signer.Certificate()}
	f.Fuzz(func(t *testing.T, message []byte) {
		if opened, err := key.Open(message, from); err != nil && opened.Content != nil {
			t.Error("an error, and yet content")
		}
		if content, _, err := Verify(message, from); err != nil && content != nil {
			t.Error("an error, and yet content")
		}
		VerifyDetached(message, message, from)
		ReadSenders(message)
	})
}
