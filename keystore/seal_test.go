package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// gnupg is a home directory of gpg's own, with an agent that ends with the test.
type gnupg struct {
	t    testing.TB
	home string
}

// newGnupg makes the home in a short path: the agent's socket allows 107 bytes.
func newGnupg(t testing.TB) gnupg {
	t.Helper()
	needProgram(t, "gpg")
	home, err := os.MkdirTemp("", "pg")
	if err != nil {
		t.Fatal(err)
	}
	// The agent would measure for a second how slow a passphrase may be.
	if err := os.WriteFile(filepath.Join(home, "gpg-agent.conf"), []byte("s2k-count 65536\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		kill := exec.Command("gpgconf", "--kill", "all")
		kill.Env = append(os.Environ(), "GNUPGHOME="+home)
		if err := kill.Run(); err != nil {
			t.Logf("stop gpg-agent: %v", err)
		}
		os.RemoveAll(home)
	})
	return gnupg{t, home}
}

// run runs gpg and returns what it writes to its output and its status lines.
func (g gnupg) run(stdin []byte, args ...string) (stdout, status string, err error) {
	g.t.Helper()
	statusFile := filepath.Join(g.home, "status")
	cmd := exec.Command("gpg", append([]string{"--batch", "--yes", "--quiet", "--no-tty",
		"--pinentry-mode", "loopback", "--trust-model", "always", "--status-file", statusFile}, args...)...)
	cmd.Env = append(os.Environ(), "GNUPGHOME="+g.home, "LC_ALL=C")
	cmd.Stdin = bytes.NewReader(stdin)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	err = cmd.Run()
	lines, _ := os.ReadFile(statusFile)
	if err != nil {
		err = fmt.Errorf("gpg %s: %w: %s", args[0], err, log.String())
	}
	return out.String(), string(lines), err
}

func (g gnupg) must(stdin []byte, args ...string) (stdout, status string) {
	g.t.Helper()
	stdout, status, err := g.run(stdin, args...)
	if err != nil {
		g.t.Fatal(err)
	}
	return stdout, status
}

// person is a recipient whose key gpg made.
type person struct {
	email       string
	certificate Certificate
	secretFile  string
}

// generate makes a key from a parameter block of gpg.
func (g gnupg) generate(email, parameters string) person {
	g.t.Helper()
	g.must([]byte("%no-protection\n"+parameters+"\nName-Real: Test Person\nName-Email: "+email+"\nExpire-Date: 1y\n%commit\n"), "--gen-key")
	public, _ := g.must(nil, "--export", email)
	certificate, err := ReadCertificate([]byte(public))
	if err != nil {
		g.t.Fatal(err)
	}
	secret, _ := g.must(nil, "--armor", "--export-secret-keys", email)
	file := filepath.Join(g.home, email+".secret.asc")
	if err := os.WriteFile(file, []byte(secret), 0o600); err != nil {
		g.t.Fatal(err)
	}
	return person{email, certificate, file}
}

const (
	rsaKey     = "Key-Type: RSA\nKey-Length: %[1]d\nKey-Usage: cert,sign\nSubkey-Type: RSA\nSubkey-Length: %[1]d\nSubkey-Usage: encrypt"
	ed25519Key = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: cert,sign\nSubkey-Type: ECDH\nSubkey-Curve: cv25519\nSubkey-Usage: encrypt"
	nistKey    = "Key-Type: ECDSA\nKey-Curve: nistp256\nKey-Usage: cert,sign\nSubkey-Type: ECDH\nSubkey-Curve: nistp256\nSubkey-Usage: encrypt"
)

const testPassphrase = "correct horse battery"

var companyKey = sync.OnceValues(func() ([]byte, error) {
	return NewSigner(SignerOptions{
		UserID: "ACME Payroll <payroll@acme.example>", Lifetime: 3 * 365 * 24 * time.Hour, At: time.Now().Add(-time.Minute),
	}, []byte(testPassphrase))
})

// company opens one and the same new key for every test.
func company(t testing.TB) *Signer {
	t.Helper()
	armored, err := companyKey()
	if err != nil {
		t.Fatal(err)
	}
	signer, err := OpenSigner(bytes.NewReader(armored), []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// testEntity is a small MIME entity in canonical form.
func testEntity(size int) []byte {
	var b bytes.Buffer
	b.WriteString("Content-Type: text/plain; charset=utf-8\r\nMIME-Version: 1.0\r\n\r\n")
	for line := 0; b.Len() < size; line++ {
		fmt.Fprintf(&b, "line %06d of a letter that is long enough to be split\r\n", line)
	}
	return b.Bytes()
}

func TestStrangersOpenWhatIsSealed(t *testing.T) {
	t.Parallel()
	g, signer := newGnupg(t), company(t)
	armored, err := signer.Certificate().Armored()
	if err != nil {
		t.Fatal(err)
	}
	g.must([]byte(armored), "--import")
	companyFile := filepath.Join(g.home, "company.asc")
	if err := os.WriteFile(companyFile, []byte(armored), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []struct{ name, parameters string }{
		{"rsa2048", fmt.Sprintf(rsaKey, 2048)},
		{"rsa3072", fmt.Sprintf(rsaKey, 3072)},
		{"rsa4096", fmt.Sprintf(rsaKey, 4096)},
		{"ed25519", ed25519Key},
		{"nistp256", nistKey},
	} {
		recipient := g.generate(kind.name+"@acme.example", kind.parameters)
		for _, structure := range []Structure{Combined, Nested} {
			t.Run(kind.name+" "+string(structure), func(t *testing.T) {
				for _, size := range []int{100, 8000, 60_000} { // one for each length of packet length
					entity := testEntity(size)
					sealed, err := signer.Seal(recipient.certificate, entity, SealOptions{At: time.Now(), Structure: structure})
					if err != nil {
						t.Fatal(err)
					}
					if want := recipient.certificate.EncryptionSubkeys(time.Now()); fmt.Sprint(sealed.Recipients()) != fmt.Sprint(want) {
						t.Errorf("sealed to %v, want %v", sealed.Recipients(), want)
					}
					g.t = t
					opensInGpg(t, g, signer, sealed, entity, structure)
					opensInSq(t, recipient, companyFile, sealed, entity, structure)
					t.Run(fmt.Sprint("rnp ", size), func(t *testing.T) {
						newRnp(t, recipient.secretFile, companyFile).opens(t, signer, sealed, entity, structure)
					})
				}
			})
		}
	}
}

// TestStrangersVerifyAnRSASigner is the same with the other kind of signing key.
func TestStrangersVerifyAnRSASigner(t *testing.T) {
	t.Parallel()
	g, signer := newGnupg(t), openKey(t, newKey(t, SignerOptions{UserID: "ACME <payroll@acme.example>", Algorithm: RSA3072}))
	g.must(signer.Certificate().Bytes(), "--import")
	companyFile := filepath.Join(g.home, "company.pgp")
	if err := os.WriteFile(companyFile, signer.Certificate().Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	recipient := g.generate("kiran@acme.example", ed25519Key)
	for _, structure := range []Structure{Combined, Nested} {
		sealed, err := signer.Seal(recipient.certificate, testEntity(8000), SealOptions{At: time.Now(), Structure: structure})
		if err != nil {
			t.Fatal(err)
		}
		opensInGpg(t, g, signer, sealed, testEntity(8000), structure)
		opensInSq(t, recipient, companyFile, sealed, testEntity(8000), structure)
	}
}

func opensInGpg(t *testing.T, g gnupg, signer *Signer, sealed Sealed, entity []byte, structure Structure) {
	t.Helper()
	got, status := g.must(sealed.Armored(), "--decrypt")
	for _, want := range []string{"DECRYPTION_OKAY", "GOODMDC"} {
		if !strings.Contains(status, want) {
			t.Errorf("gpg does not say %s", want)
		}
	}
	if structure == Nested {
		signed, signature := splitNested(t, got)
		if signed != string(entity) {
			t.Error("gpg got another signed part than was sealed")
		}
		verifyDetached(t, g, signer, signed, signature)
		return
	}
	if got != string(entity) {
		t.Error("gpg got other bytes than were sealed")
	}
	if !strings.Contains(status, "VALIDSIG") || !strings.Contains(status, string(signer.Certificate().Fingerprint())) {
		t.Error("gpg sees no valid signature of the company")
	}
}

// splitNested takes a multipart/signed entity apart as a mail program does.
func splitNested(t *testing.T, whole string) (signed, signature string) {
	t.Helper()
	_, rest, found := strings.Cut(whole, `boundary="`)
	boundary, rest, _ := strings.Cut(rest, `"`)
	parts := strings.Split(rest, "\r\n--"+boundary)
	if !found || len(parts) != 4 || parts[3] != "--\r\n" {
		t.Fatalf("not a multipart/signed with two parts: %d", len(parts))
	}
	_, signature, found = strings.Cut(parts[2], "\r\n\r\n")
	if !found || !strings.Contains(whole, "micalg=pgp-sha256") {
		t.Fatal("no signature part")
	}
	return strings.TrimPrefix(parts[1], "\r\n"), signature
}

func verifyDetached(t *testing.T, g gnupg, signer *Signer, signed, signature string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "signature.asc")
	if err := os.WriteFile(file, []byte(signature), 0o600); err != nil {
		t.Fatal(err)
	}
	_, status := g.must([]byte(signed), "--verify", file, "-")
	if !strings.Contains(status, "VALIDSIG") || !strings.Contains(status, string(signer.Certificate().Fingerprint())) {
		t.Error("gpg sees no valid detached signature of the company")
	}
}

func opensInSq(t *testing.T, to person, companyFile string, sealed Sealed, entity []byte, structure Structure) {
	t.Helper()
	needProgram(t, "sq")
	args := []string{"decrypt", "--recipient-key", to.secretFile, "--signer-cert", companyFile}
	if structure == Nested {
		args = []string{"decrypt", "--recipient-key", to.secretFile}
	}
	cmd := exec.Command("sq", args...)
	cmd.Stdin = bytes.NewReader(sealed.Armored())
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("sq: %v: %s", err, log.String())
	}
	if structure == Nested {
		signed, signature := splitNested(t, out.String())
		if signed != string(entity) {
			t.Error("sq got another signed part than was sealed")
		}
		verifiesInSq(t, companyFile, signed, signature)
		return
	}
	if !bytes.Equal(out.Bytes(), entity) {
		t.Error("sq got other bytes than were sealed")
	}
	if !strings.Contains(log.String(), "1 good signature") && !strings.Contains(log.String(), "Good signature") {
		t.Errorf("sq sees no good signature: %s", log.String())
	}
}

func verifiesInSq(t *testing.T, companyFile, signed, signature string) {
	t.Helper()
	dir := t.TempDir()
	data, sig := filepath.Join(dir, "signed"), filepath.Join(dir, "signature.asc")
	for file, content := range map[string]string{data: signed, sig: signature} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("sq", "verify", "--signer-cert", companyFile, "--detached", sig, data).CombinedOutput(); err != nil {
		t.Errorf("sq verify: %v: %s", err, out)
	}
}

func TestSealRefuses(t *testing.T) {
	t.Parallel()
	signer := company(t)
	entity, now := testEntity(100), time.Now()
	self := signer.Certificate()
	for name, try := range map[string]struct {
		to     Certificate
		entity []byte
		o      SealOptions
	}{
		"no certificate":         {Certificate{}, entity, SealOptions{At: now}},
		"no time":                {self, entity, SealOptions{}},
		"unknown structure":      {self, entity, SealOptions{At: now, Structure: "other"}},
		"before the key":         {self, entity, SealOptions{At: now.AddDate(-1, 0, 0)}},
		"after the key":          {self, entity, SealOptions{At: now.AddDate(4, 0, 0)}},
		"nested: bare LF":        {self, []byte("a: b\n\n3799.50\n"), SealOptions{At: now, Structure: Nested}},
		"nested: bare CR":        {self, []byte("a: b\r\n\r3799.50\r\n"), SealOptions{At: now, Structure: Nested}},
		"nested: trailing blank": {self, []byte("a: b\r\n\r\n3799.50 \r\n"), SealOptions{At: now, Structure: Nested}},
		"nested: 8 bit":          {self, []byte("a: b\r\n\r\nü3799.50\r\n"), SealOptions{At: now, Structure: Nested}},
		"nested: From":           {self, []byte("a: b\r\n\r\nFrom 3799.50\r\n"), SealOptions{At: now, Structure: Nested}},
		"nested: long line":      {self, []byte("a: " + strings.Repeat("b", 999) + "\r\n\r\n"), SealOptions{At: now, Structure: Nested}},
		"nested: empty":          {self, nil, SealOptions{At: now, Structure: Nested}},
	} {
		sealed, err := signer.Seal(try.to, try.entity, try.o)
		if !errors.Is(err, payroll.ErrInvalid) || !sealed.IsZero() {
			t.Errorf("%s: %v, %v", name, sealed, err)
		}
		if err != nil && (strings.Contains(err.Error(), "3799") || strings.Contains(err.Error(), "acme")) {
			t.Errorf("%s: the error shows what was to be sealed: %v", name, err)
		}
	}
}

func TestReadBackRefusesOtherRecipients(t *testing.T) {
	t.Parallel()
	signer, now := company(t), time.Now()
	other, err := NewSigner(SignerOptions{UserID: "Other <other@acme.example>", At: now}, []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := OpenSigner(bytes.NewReader(other), []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := signer.Seal(signer.Certificate(), testEntity(100), SealOptions{At: now})
	if err != nil {
		t.Fatal(err)
	}
	mine, theirs := signer.Certificate().encryptionKeys(now), stranger.Certificate().encryptionKeys(now)
	if _, err := newSealed(sealed.Armored(), mine); err != nil {
		t.Errorf("the right recipient: %v", err)
	}
	if _, err := newSealed(sealed.Armored(), theirs); err == nil {
		t.Error("another recipient passes")
	}
	if _, err := newSealed(sealed.Armored(), append(mine, theirs...)); err == nil {
		t.Error("a missing recipient passes")
	}
	if _, err := newSealed(sealed.Armored(), nil); err == nil {
		t.Error("a recipient too many passes")
	}
	if _, err := newSealed([]byte("hello"), mine); err == nil {
		t.Error("plain text passes")
	}
}

func TestArchiveCopy(t *testing.T) {
	t.Parallel()
	signer, now := company(t), time.Now()
	g := newGnupg(t)
	recipient := g.generate("kiran@acme.example", ed25519Key)
	for _, archive := range []bool{false, true} {
		sealed, err := signer.Seal(recipient.certificate, testEntity(1000), SealOptions{At: now, Archive: archive})
		if err != nil {
			t.Fatal(err)
		}
		want := recipient.certificate.EncryptionSubkeys(now)
		if archive {
			want = append(want, signer.Certificate().EncryptionSubkeys(now)...)
		}
		if fmt.Sprint(sealed.Recipients()) != fmt.Sprint(want) {
			t.Errorf("archive %v: sealed to %v, want %v", archive, sealed.Recipients(), want)
		}
	}
}

func TestSealIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	signer, now := company(t), time.Now()
	certificate, err := ReadCertificate(signer.Certificate().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			structure := []Structure{Combined, Nested}[i%2]
			for range 5 {
				if _, err := signer.Seal(certificate, testEntity(5000), SealOptions{At: now, Structure: structure, Archive: true}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}
