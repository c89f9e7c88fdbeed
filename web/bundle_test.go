package web_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web"
)

const companyUserID = "ACME Payroll <payroll@acme.example>"

// site is the form with a real database, a company's key, and an employee.
type site struct {
	*httptest.Server
	store  *postgres.Store
	signer *keystore.Signer
	visit  string // the token of a session of the employee

	mu     sync.Mutex
	bodies [][]byte
}

var employee = payroll.Employee{
	Number: "7", Name: `Kiran "K" Ångström (Ops)`, Email: "kiran@acme.example", Phone: "+43 1 23442",
	Language: "en", Joined: payroll.Date{Year: 2019, Month: 2, Day: 28},
}

func newSite(t *testing.T, change ...func(*web.Server)) *site {
	t.Helper()
	if !web.Bundle() {
		lacking(t, "the browser's bundle; make it with: make bundle")
	}
	w := &site{store: newStore(t), signer: newSigner(t, companyUserID)}
	w.visit = w.enter(t)
	w.Server = httptest.NewUnstartedServer(nil)
	form := &web.Server{
		Desk: w.store, Certificate: w.signer.Certificate(), Certifiers: w.signer.Certifiers(),
		Company:  web.Company{Name: "ACME", Color: "#7a1f3d", Contact: "hr@acme.example", Language: "en", Zone: time.UTC},
		Origin:   &url.URL{Scheme: "https", Host: w.Listener.Addr().String()},
		Required: payroll.StepCertified, Structure: payroll.StructureCombined,
		Now: time.Now, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	}
	for _, c := range change {
		c(form)
	}
	w.Config = form.HTTP()
	w.Config.Handler = w.watch(w.Config.Handler)
	w.StartTLS()
	t.Cleanup(w.Close)
	return w
}

// watch keeps every body that arrives, whatever the browser says that it sent.
func (w *site) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		w.mu.Lock()
		w.bodies = append(w.bodies, body)
		w.mu.Unlock()
		next.ServeHTTP(rw, r)
	})
}

func lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal("this test needs " + what)
	}
	t.Skip("this test needs " + what)
}

func migrate(ctx context.Context, url string) error {
	s, err := postgres.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Migrate(ctx)
}

func newStore(t *testing.T) *postgres.Store {
	t.Helper()
	queue, err := jobs.NewQueue()
	must(t, err)
	s, err := postgres.Open(t.Context(), pgtest.New(t, migrate), queue)
	must(t, err)
	t.Cleanup(s.Close)
	must(t, s.CreateAdmin(t.Context(), payroll.Admin{Name: "olga", Roles: []payroll.Role{payroll.RoleOperator, payroll.RoleMaker}}, ""))
	_, err = s.PutEmployees(t.Context(), []payroll.Employee{employee}, "roster", "maria", false)
	must(t, err)
	return s
}

func newSigner(t *testing.T, userID string) *keystore.Signer {
	t.Helper()
	armored, err := keystore.NewSigner(keystore.SignerOptions{UserID: userID, At: time.Now().Add(-time.Hour)}, []byte(signerPassphrase))
	must(t, err)
	return openSigner(t, armored)
}

const signerPassphrase = "signer's passphrase"

func openSigner(t *testing.T, armored []byte) *keystore.Signer {
	t.Helper()
	signer, err := keystore.OpenSigner(bytes.NewReader(armored), []byte(signerPassphrase))
	must(t, err)
	return signer
}

// enter follows the employee's invitation and returns the session's token.
func (w *site) enter(t *testing.T) string {
	t.Helper()
	_, err := w.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{employee.Number}, "olga")
	must(t, err)
	notices, err := w.store.ClaimNotices(t.Context(), 10, time.Minute)
	must(t, err)
	_, link := payroll.NewToken()
	token, session := payroll.NewToken()
	for _, n := range notices {
		must(t, w.store.ArmNotice(t.Context(), n.ID, link, time.Hour))
		must(t, w.store.FinishNotice(t.Context(), n.ID, payroll.Outcome{Kind: payroll.Accepted}, time.Time{}))
	}
	_, err = w.store.OpenLink(t.Context(), link, session)
	must(t, err)
	return token
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// left is everything that left the browser: what it says of its requests, and
// what arrived.
func (w *site) left(tab *browsertest.Tab) string {
	var all strings.Builder
	for _, r := range tab.Requests() {
		if strings.HasPrefix(r.URL, "blob:") {
			continue // from the page to the disk
		}
		all.WriteString(r.Method + " " + r.URL + "\n")
		for name, value := range r.Header {
			all.WriteString(name + ": " + value + "\n")
		}
		all.Write(r.Body)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, body := range w.bodies {
		all.Write(body)
	}
	return all.String()
}

// spellings are how a secret text may hide.
func spellings(text string) map[string]string {
	raw := []byte(text)
	return map[string]string{
		"plain": text, "percent": url.QueryEscape(text), "hex": hex.EncodeToString(raw),
		"base64": strings.TrimRight(base64.StdEncoding.EncodeToString(raw), "="), "base64url": base64.RawURLEncoding.EncodeToString(raw),
	}
}

// noSecretIn fails the test if a key's secret half, in any spelling, is in the
// text. What the public half says as well may be there.
func noSecretIn(t *testing.T, where, text string, secret, public []byte) {
	t.Helper()
	if strings.Contains(text, "PRIVATE KEY") {
		t.Errorf("a private key block is in %s", where)
	}
	hidden, open := dearmor(t, secret), dearmor(t, public)
	const window = 16
	windows := make(map[string]bool)
	for i := 0; i+window <= len(hidden); i++ {
		if part := hidden[i : i+window]; !bytes.Contains(open, part) {
			windows[string(part)] = true
		}
	}
	if len(windows) < 64 {
		t.Fatalf("only %d pieces of the secret half are known", len(windows))
	}
	pieces := []string{text}
	for _, block := range regexp.MustCompile(`[A-Za-z0-9+/\r\n]{40,}`).FindAllString(text, -1) {
		for shift := range 4 { // wherever the first group of four begins
			flat := strings.NewReplacer("\r", "", "\n", "").Replace(block)
			if len(flat) <= shift {
				break
			}
			flat = flat[shift:]
			decoded, _ := base64.RawStdEncoding.DecodeString(flat[:len(flat)/4*4])
			pieces = append(pieces, string(decoded))
		}
	}
	for _, piece := range pieces {
		for i := 0; i+window <= len(piece); i++ {
			if windows[piece[i:i+window]] {
				t.Errorf("a piece of the secret half is in %s", where)
				return
			}
		}
	}
}

// noTextIn fails the test if the text, in any spelling, is there.
func noTextIn(t *testing.T, where, all, text string) {
	t.Helper()
	for spelling, spelled := range spellings(text) {
		if strings.Contains(all, spelled) {
			t.Errorf("the passphrase is in %s (%s)", where, spelling)
		}
	}
}

func dearmor(t *testing.T, armored []byte) []byte {
	t.Helper()
	return program(t, armored, "gpg", "--dearmor")
}

// program runs one and gives what it writes.
func program(t *testing.T, input []byte, name string, args ...string) []byte {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		lacking(t, name)
	}
	cmd := exec.Command(name, args...)
	cmd.Stdin = bytes.NewReader(input)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v: %s", name, args, err, complaints.Bytes())
	}
	return out
}

// put writes a file for a program to read.
func put(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, content, 0o600))
	return path
}

// newGPG makes a home directory of gpg's own, and returns gpg run in it.
func newGPG(t *testing.T, passphrase string) func(input []byte, args ...string) string {
	t.Helper()
	home, err := os.MkdirTemp("", "gpg") // short, for the agent's socket stands in it
	must(t, err)
	// The agent would measure how slow a passphrase may be, and each check of a mail
	// would take that long in a browser's JavaScript.
	must(t, os.WriteFile(filepath.Join(home, "gpg-agent.conf"), []byte("s2k-count 65536\n"), 0o600))
	t.Cleanup(func() {
		_ = exec.Command("gpgconf", "--homedir", home, "--kill", "all").Run()
		_ = os.RemoveAll(home)
	})
	return func(input []byte, args ...string) string {
		t.Helper()
		args = append([]string{"--homedir", home, "--batch", "--yes", "--status-fd", "1", "--pinentry-mode", "loopback",
			"--passphrase", passphrase}, args...)
		return string(program(t, input, "gpg", args...))
	}
}
