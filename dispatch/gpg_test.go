package dispatch_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// gpg is a home of gpg's own that knows the company.
type gpg struct {
	t    testing.TB
	home string
}

func newGpg(t testing.TB) gpg {
	t.Helper()
	home, err := os.MkdirTemp("", "pd") // short: the agent's socket allows 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	g := gpg{t, home}
	t.Cleanup(func() {
		kill := exec.Command("gpgconf", "--kill", "all")
		kill.Env = append(os.Environ(), "GNUPGHOME="+home)
		if err := kill.Run(); err != nil {
			t.Logf("stop gpg-agent: %v", err)
		}
		_ = os.RemoveAll(home)
	})
	g.run(signer(t).Certificate().Bytes(), "--import")
	return g
}

func (g gpg) run(stdin []byte, args ...string) string {
	g.t.Helper()
	cmd := exec.Command("gpg", append([]string{"--batch", "--yes", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", "",
		"--trust-model", "always", "--status-file", filepath.Join(g.home, "status")}, args...)...)
	cmd.Env = append(os.Environ(), "GNUPGHOME="+g.home, "LC_ALL=C")
	cmd.Stdin = bytes.NewReader(stdin)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		g.t.Fatalf("gpg %v: %v: %s", args, err, log.String())
	}
	return string(out)
}

func (g gpg) fingerprint(who string) payroll.Fingerprint {
	g.t.Helper()
	for line := range strings.SplitSeq(g.run(nil, "--with-colons", "--list-keys", who), "\n") {
		if fields := strings.Split(line, ":"); fields[0] == "fpr" {
			return payroll.Fingerprint(fields[9])
		}
	}
	g.t.Fatal("gpg has no key")
	return ""
}

// open decrypts with gpg and sq, which must agree and, if it is signed, both call
// the company's signature good.
func (g gpg) open(sealed []byte, signed bool) string {
	g.t.Helper()
	text := g.run(sealed, "--decrypt")
	status, err := os.ReadFile(filepath.Join(g.home, "status"))
	good := bytes.Contains(status, []byte("GOODSIG")) && bytes.Contains(status, []byte(signer(g.t).Certificate().Fingerprint()))
	if err != nil || good != signed {
		g.t.Errorf("gpg says: %s, %v", status, err)
	}
	signatures := "0"
	if signed {
		signatures = "1"
	}
	secret, company := filepath.Join(g.home, "secret"), filepath.Join(g.home, "company")
	for path, content := range map[string][]byte{secret: []byte(g.run(nil, "--armor", "--export-secret-keys", string(address(0)))), company: signer(g.t).Certificate().Bytes()} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			g.t.Fatal(err)
		}
	}
	cmd := exec.Command("sq", "decrypt", "--recipient-key", secret, "--signer-cert", company, "--signatures", signatures)
	cmd.Stdin = bytes.NewReader(sealed)
	if out, err := cmd.Output(); err != nil || string(out) != text {
		g.t.Errorf("sq opens something else: %v", err)
	}
	return text
}
