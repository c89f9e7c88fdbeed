package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

func newKey(t testing.TB, o SignerOptions) []byte {
	t.Helper()
	if o.At.IsZero() {
		o.At = time.Now().Add(-time.Minute)
	}
	armored, err := NewSigner(o, []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	return armored
}

func openKey(t testing.TB, armored []byte) *Signer {
	t.Helper()
	signer, err := OpenSigner(bytes.NewReader(armored), []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestNewSigner(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	for _, algorithm := range []Algorithm{"", Ed25519, RSA3072} {
		signer := openKey(t, newKey(t, SignerOptions{UserID: "ACME Payroll <payroll@ACME.example>", Algorithm: algorithm, At: at, Lifetime: 48 * time.Hour}))
		if signer.UserID() != "ACME Payroll <payroll@acme.example>" || signer.Name() != "ACME Payroll" || signer.Address() != "payroll@acme.example" {
			t.Errorf("%s: user ID %q, name %q, address %q", algorithm, signer.UserID(), signer.Name(), signer.Address())
		}
		if want := at.Add(48 * time.Hour); !signer.Expires().Equal(want) || !signer.Certificate().Expires().Equal(want) {
			t.Errorf("%s: expires %v and %v, want %v", algorithm, signer.Expires(), signer.Certificate().Expires(), want)
		}
		key, err := signer.signingKey(at)
		if err != nil || key.IsPrimary() {
			t.Errorf("%s: signs with the primary key: %v", algorithm, err)
		}
		subkeys := signer.Certificate().EncryptionSubkeys(at)
		if len(subkeys) != 1 || subkeys[0] == signer.Certificate().Fingerprint() || subkeys[0] == fingerprintOf(key.PublicKey) {
			t.Errorf("%s: encryption subkeys %v", algorithm, subkeys)
		}
		for _, when := range []time.Time{at.Add(-time.Second), at.Add(48 * time.Hour)} {
			if _, err := signer.signingKey(when); !errors.Is(err, payroll.ErrInvalid) {
				t.Errorf("%s: signs at %v: %v", algorithm, when, err)
			}
		}
		if printed := fmt.Sprintf("%v %+v %#v", signer, signer, signer); strings.Count(printed, "signing key ") != 3 || len(printed) > 200 {
			t.Errorf("%s: prints %q", algorithm, printed)
		}
	}
}

func TestNewSignerRefuses(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, o := range map[string]SignerOptions{
		"no name":           {UserID: "payroll@acme.example", At: now},
		"empty name":        {UserID: "<payroll@acme.example>", At: now},
		"no address":        {UserID: "ACME Payroll", At: now},
		"a comment":         {UserID: "ACME (Payroll) <payroll@acme.example>", At: now},
		"a quoted address":  {UserID: `ACME <"pay roll"@acme.example>`, At: now},
		"text after it":     {UserID: "ACME <payroll@acme.example> x", At: now},
		"a control":         {UserID: "AC\x07ME <payroll@acme.example>", At: now},
		"other algorithm":   {UserID: "ACME <payroll@acme.example>", Algorithm: "dsa", At: now},
		"other S2K":         {UserID: "ACME <payroll@acme.example>", S2K: "simple", At: now},
		"no time":           {UserID: "ACME <payroll@acme.example>"},
		"negative lifetime": {UserID: "ACME <payroll@acme.example>", At: now, Lifetime: -time.Hour},
	} {
		if armored, err := NewSigner(o, []byte(testPassphrase)); !errors.Is(err, payroll.ErrInvalid) || armored != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewSigner(SignerOptions{UserID: "ACME <payroll@acme.example>", At: now}, nil); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("no passphrase: %v", err)
	}
}

func TestOpenSignerRefuses(t *testing.T) {
	t.Parallel()
	good := newKey(t, SignerOptions{UserID: "ACME <payroll@acme.example>"})
	if _, err := OpenSigner(bytes.NewReader(good), []byte("wrong")); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	public, err := openKey(t, good).Certificate().Armored()
	if err != nil {
		t.Fatal(err)
	}
	var bare bytes.Buffer
	if err := openKey(t, good).entity.SerializePrivateWithoutSigning(&bare, nil); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "a certificate": []byte(public),
		"no passphrase": bare.Bytes(), "two keys": append(bytes.Clone(bare.Bytes()), bare.Bytes()...),
		"damaged": good[:len(good)/2], "too large": make([]byte, maxSecretKey+1),
	} {
		if _, err := OpenSigner(bytes.NewReader(file), []byte(testPassphrase)); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestGpgUsesOurKeys gives our secret keys to gpg, which unlocks them with the
// passphrase and signs.
func TestGpgUsesOurKeys(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []Algorithm{Ed25519, RSA3072} {
		g := newGnupg(t)
		armored := newKey(t, SignerOptions{UserID: "ACME <payroll@acme.example>", Algorithm: algorithm})
		g.must(armored, "--passphrase", testPassphrase, "--import")
		clear, _ := g.must([]byte("hello\n"), "--passphrase", testPassphrase, "--local-user", "payroll@acme.example", "--clear-sign")
		signer := openKey(t, armored)
		if _, by, err := Verify([]byte(clear), []Certificate{signer.Certificate()}); err != nil || by.Subkey == by.Fingerprint {
			t.Errorf("%s: %+v, %v", algorithm, by, err)
		}
		listing, _ := g.must(nil, "--with-colons", "--list-keys")
		if got := capabilities(listing); got != "cESC e s" && got != "cSEC e s" && got != "cESCA e s" && got != "cSCE e s" {
			t.Errorf("%s: gpg sees the capabilities %q", algorithm, got)
		}
	}
}

// capabilities are those of the primary key and the subkeys, as gpg lists them.
func capabilities(listing string) string {
	var all []string
	for line := range strings.Lines(listing) {
		if fields := strings.Split(line, ":"); fields[0] == "pub" || fields[0] == "sub" {
			all = append(all, fields[11])
		}
	}
	return strings.Join(all, " ")
}

func TestArgon2Signer(t *testing.T) {
	t.Parallel()
	armored := newKey(t, SignerOptions{UserID: "ACME <payroll@acme.example>", S2K: S2KArgon2})
	openKey(t, armored)
	if _, err := OpenSigner(bytes.NewReader(armored), []byte("wrong")); !errors.Is(err, ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
}

// TestSignersMadeByGpg seals with keys that gpg made in each of its ways.
func TestSignersMadeByGpg(t *testing.T) {
	t.Parallel()
	now := time.Now()
	recipient, key := opener(t, "Kiran <kiran@acme.example>")
	for name, make := range map[string]func(g gnupg, fingerprint func() string){
		"future-default": func(g gnupg, _ func() string) {
			g.must(nil, "--passphrase", testPassphrase, "--quick-gen-key", "ACME <payroll@acme.example>", "future-default", "default", "1y")
		},
		"rsa": func(g gnupg, _ func() string) {
			g.must(nil, "--passphrase", testPassphrase, "--quick-gen-key", "ACME <payroll@acme.example>", "rsa3072", "cert,sign", "1y")
		},
		"ed25519 with a signing subkey": func(g gnupg, fingerprint func() string) {
			g.must(nil, "--passphrase", testPassphrase, "--quick-gen-key", "ACME <payroll@acme.example>", "ed25519", "cert", "1y")
			g.must(nil, "--passphrase", testPassphrase, "--quick-add-key", fingerprint(), "ed25519", "sign", "1y")
			g.must(nil, "--passphrase", testPassphrase, "--quick-add-key", fingerprint(), "cv25519", "encr", "1y")
		},
		"nistp384": func(g gnupg, _ func() string) {
			g.must(nil, "--passphrase", testPassphrase, "--quick-gen-key", "ACME <payroll@acme.example>", "nistp384", "cert,sign", "1y")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGnupg(t)
			make(g, func() string {
				listing, _ := g.must(nil, "--with-colons", "--list-keys")
				_, rest, _ := strings.Cut(listing, "\nfpr:::::::::")
				fingerprint, _, _ := strings.Cut(rest, ":")
				return fingerprint
			})
			secret, _ := g.must(nil, "--passphrase", testPassphrase, "--armor", "--export-secret-keys")
			signer := openKey(t, []byte(secret))
			if signer.Address() != "payroll@acme.example" || signer.Expires().Before(now.AddDate(0, 11, 0)) {
				t.Errorf("address %q, expires %v", signer.Address(), signer.Expires())
			}
			sealed, err := signer.Seal(recipient, testEntity(200), SealOptions{At: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			public, _ := g.must(nil, "--armor", "--export")
			senders, err := ReadSenders([]byte(public))
			if err != nil {
				t.Fatal(err)
			}
			opened, err := key.Open(sealed.Armored(), senders)
			if err != nil || opened.Signature.Fingerprint != signer.Certificate().Fingerprint() {
				t.Errorf("%+v, %v", opened.Signature, err)
			}
			relocked, err := Relock([]byte(secret), []byte(testPassphrase), S2KIterated)
			if err != nil {
				t.Fatal(err)
			}
			if again := openKey(t, relocked); again.Certificate().Fingerprint() != signer.Certificate().Fingerprint() {
				t.Error("another key after the import")
			}
		})
	}
}

func TestCertifyAsGpgSeesIt(t *testing.T) {
	t.Parallel()
	g, signer := newGnupg(t), company(t)
	kiran := g.generate("kiran@acme.example", ed25519Key)
	certified, err := signer.Certify(kiran.certificate, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	again, err := signer.Certify(certified, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	armored, err := signer.Certificate().Armored()
	if err != nil {
		t.Fatal(err)
	}
	g.must([]byte(armored), "--import")
	g.must(again.Bytes(), "--import")
	listing, _ := g.must(nil, "--with-colons", "--check-signatures", "kiran@acme.example")
	ours, keyID := 0, string(signer.Certificate().Fingerprint()[24:])
	for line := range strings.Lines(listing) {
		if fields := strings.Split(line, ":"); fields[0] == "sig" && fields[4] == keyID {
			ours++
			if fields[1] != "!" || fields[10] != "13x" {
				t.Errorf("gpg calls the certification %q %q", fields[1], fields[10])
			}
		}
	}
	if ours != 1 {
		t.Errorf("%d certifications of ours", ours)
	}
	if _, err := signer.Certify(Certificate{}, time.Now()); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("no certificate: %v", err)
	}
	if _, err := signer.Certify(kiran.certificate, time.Now().AddDate(5, 0, 0)); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("after the company's key: %v", err)
	}
}

func TestSuccessorIsCertifiedByTheOldKey(t *testing.T) {
	t.Parallel()
	g, old := newGnupg(t), company(t)
	next, err := old.Successor(SignerOptions{At: time.Now()}, []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	signer := openKey(t, next)
	if signer.UserID() != old.UserID() || signer.Certificate().Fingerprint() == old.Certificate().Fingerprint() {
		t.Errorf("the successor is %q %s", signer.UserID(), signer.Certificate().Fingerprint())
	}
	g.must(old.Certificate().Bytes(), "--import")
	g.must(signer.Certificate().Bytes(), "--import")
	listing, _ := g.must(nil, "--with-colons", "--check-signatures", string(signer.Certificate().Fingerprint()))
	if !strings.Contains(listing, "sig:!::22:"+string(old.Certificate().Fingerprint()[24:])) {
		t.Error("gpg sees no certification by the old key")
	}
}

func TestSecretFiles(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "signer.asc")
	if err := WriteSecretFile(path, newKey(t, SignerOptions{UserID: "ACME <payroll@acme.example>"})); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	if _, err := ReadSecretFile(path); err != nil {
		t.Errorf("read: %v", err)
	}
	if err := WriteSecretFile(path, []byte("x")); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("write over it: %v", err)
	}
	if err := ReplaceSecretFile(path, path+".old", []byte("x")); err != nil {
		t.Errorf("replace: %v", err)
	}
	if err := ReplaceSecretFile(path, path+".old", []byte("y")); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("replace with the same keep: %v", err)
	}
	if content, err := os.ReadFile(path); err != nil || string(content) != "x" {
		t.Errorf("content %q, %v", content, err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 2 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o660, 0o700, 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadSecretFile(path); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("mode %v: %v", mode, err)
		}
	}
	if _, err := ReadSecretFile(path + ".none"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
