package console

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/routers"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
	"github.com/payseal/payseal/web/identity"
)

func TestMain(m *testing.M) { pgtest.Main(browsertest.Around(m)) }

var update = flag.Bool("update", false, "rewrite the golden files")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The admins of the tests, each with their roles.
var admins = []payroll.Admin{
	{Name: "cem", Roles: []payroll.Role{payroll.RoleOperator}}, // the first, who adds the others
	{Name: "ada", Roles: []payroll.Role{payroll.RoleMaker}},
	{Name: "bea", Roles: []payroll.Role{payroll.RoleApprover}},
	{Name: "dia", Roles: []payroll.Role{payroll.RoleAuditor}},
	{Name: "eve", Roles: payroll.Roles},
}

// testConsole is the console on a real database, at http://localhost:PORT, which
// browsers take for as safe as https.
type testConsole struct {
	*Server
	t     testing.TB
	site  *httptest.Server
	store *postgres.Store
	log   *logbook

	read   sync.Once
	router routers.Router // of the document of the API
}

// newConsole starts a console with the admins ada (maker), bea (approver), cem
// (operator), dia (auditor) and eve (all roles). change may be nil; it is called
// before the server starts.
func newConsole(t testing.TB, change ...func(*Server)) *testConsole {
	t.Helper()
	c := &testConsole{t: t, log: &logbook{}, store: newStore(t)}
	vault := openVault(t)
	c.store.Unlock(vault)
	signer := companySigner(t)
	paper, err := letter.NewLetterhead(letter.Company{Name: "ACME", KeyFingerprint: signer.Certificate().Fingerprint()}, nil)
	must(t, err)
	c.Server = &Server{
		Desk:       c.store,
		Company:    Company{Name: "ACME", Color: "#7a1f3d", Language: "en", Zone: time.UTC},
		Policy:     Policy{Required: payroll.StepCertified, Variance: 20, GiveUp: 72 * time.Hour, Bundle: 100},
		Letterhead: func() *letter.Letterhead { return paper },
		Signer:     signer,
		Now:        time.Now,
		Log:        slog.New(slog.NewTextHandler(io.MultiWriter(c.log, t.Output()), nil)),
	}
	c.site = httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(c.site.Listener.Addr().String(), ":")
	c.Origin = &url.URL{Scheme: "http", Host: "localhost:" + port}
	passkeys, err := identity.NewPasskeys(c.Origin.String(), c.Company.Name)
	must(t, err)
	c.Identity = Identity{Passkeys: passkeys, Vault: vault}
	for _, f := range change {
		f(c.Server)
	}
	c.site.Config = c.HTTP()
	c.site.Start()
	t.Cleanup(func() {
		c.site.Close()
		*c = testConsole{} // package testing keeps every test, and with it what its cleanups know
	})
	return c
}

// masterKey is the vault's of all tests.
var masterKey = keystore.NewMasterKeyFile()

func openVault(t testing.TB) *keystore.MasterKey {
	t.Helper()
	vault, err := keystore.OpenMasterKey(masterKey)
	must(t, err)
	return vault
}

// settle makes the database that every test begins with: its admins are there,
// and sealed.
func settle(ctx context.Context, url string) error {
	s, err := postgres.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	by := payroll.AdminName("")
	for _, a := range admins {
		if err := s.CreateAdmin(ctx, a, by); err != nil {
			return err
		}
		by = admins[0].Name
	}
	if _, err := s.Pool().Exec(ctx, `update admins set enrolled_at = clock_timestamp()`); err != nil {
		return err
	}
	vault, err := keystore.OpenMasterKey(masterKey)
	if err != nil {
		return err
	}
	s.Unlock(vault)
	return s.SealAccess(ctx)
}

func newStore(t testing.TB) *postgres.Store {
	t.Helper()
	queue, err := jobs.NewQueue()
	must(t, err)
	store, err := postgres.Open(t.Context(), pgtest.New(t, settle), queue)
	must(t, err)
	t.Cleanup(store.Close)
	return store
}

var companyKey = sync.OnceValues(func() (*keystore.Signer, error) {
	passphrase := []byte("a passphrase of the tests")
	armored, err := keystore.NewSigner(keystore.SignerOptions{UserID: "ACME Payroll <payroll@acme.example>", At: time.Now().Add(-time.Hour)}, passphrase)
	if err != nil {
		return nil, err
	}
	return keystore.OpenSigner(bytes.NewReader(armored), passphrase)
})

// companySigner is the company's key in the tests.
func companySigner(t testing.TB) *keystore.Signer {
	t.Helper()
	signer, err := companyKey()
	must(t, err)
	return signer
}

// logbook keeps what was logged.
type logbook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// address is a page's.
func (c *testConsole) address(path string) string { return c.Origin.String() + path }

// decidesAccess are the tables whose rows are sealed because they decide who may
// act.
var decidesAccess = regexp.MustCompile(`\b(admins|admin_\w+|recovery_codes|step_ups|api_tokens|proposals)\b`)

// exec plants something in the database, as if the program had written it.
func (c *testConsole) exec(sql string, args ...any) {
	c.t.Helper()
	c.meddle(sql, args...)
	if decidesAccess.MatchString(sql) {
		must(c.t, c.store.SealAccess(c.t.Context()))
	}
}

// meddle changes the database behind the program's back.
func (c *testConsole) meddle(sql string, args ...any) {
	c.t.Helper()
	_, err := c.store.Pool().Exec(c.t.Context(), sql, args...)
	must(c.t, err)
}

// plant begins a visit of the admin as if they had signed in with a passkey, and
// gives the token of its cookie.
func (c *testConsole) plant(name string) string {
	c.t.Helper()
	token, hash := payroll.NewToken()
	v := payroll.AccessVisit{Hash: hash[:], Admin: payroll.AdminName(name), Proof: payroll.ProofPasskey}
	must(c.t, c.store.Pool().QueryRow(c.t.Context(), `insert into admin_sessions (id_hash, admin, proof, browser, address)
		values ($1, $2, $3, 'Firefox on Linux', '127.0.0.1')
		returning id::text, created_at, (select lockouts from admins where name = $2)`, v.Hash, v.Admin, v.Proof).
		Scan(&v.ID, &v.Began, &v.Lockouts))
	c.meddle(`update admin_sessions set seal = $2 where id_hash = $1`, v.Hash, c.Identity.Vault.SealAccess(v))
	return token
}

// as is a client that is signed in as the admin; as("") is a stranger.
func (c *testConsole) as(name string) *client {
	c.t.Helper()
	b := &client{c: c, t: c.t, cookies: map[string]string{}}
	b.http = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if name != "" {
		b.cookies[cookieName] = c.plant(name)
	}
	return b
}

// tab is a Chromium that is signed in as the admin; tab("") is a stranger's.
func (c *testConsole) tab(name string) *browsertest.Tab {
	c.t.Helper()
	tab := browsertest.Start(c.t)
	if name != "" {
		tab.Cookie(c.Origin.String(), cookieName, c.plant(name))
	}
	return tab
}

// client is a browser without scripts: it keeps cookies and follows nothing by
// itself. It is for one goroutine; a second one takes a copy (also).
type client struct {
	c       *testConsole
	t       testing.TB
	http    *http.Client
	cookies map[string]string
}

// also is a second client in the same visit.
func (b *client) also() *client {
	other := *b
	other.cookies = map[string]string{}
	for name, value := range b.cookies {
		other.cookies[name] = value
	}
	return &other
}

// answer is a response whose body has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) to() string { return a.header.Get("Location") }

// do sends a request with the cookies, and keeps those that come back.
func (b *client) do(r *http.Request) answer {
	b.t.Helper()
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := b.http.Do(r)
	must(b.t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(b.t, err)
	for _, cookie := range response.Cookies() {
		if b.cookies[cookie.Name] = cookie.Value; cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		}
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

// request is one to a path, as a page of the console would send it.
func (b *client) request(method, path string, body io.Reader) *http.Request {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.c.address(path), body)
	must(b.t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Origin", b.c.Origin.String())
	}
	return r
}

func (b *client) get(path string) answer {
	b.t.Helper()
	return b.do(b.request(http.MethodGet, path, nil))
}

// post sends a form of names and values.
func (b *client) post(path string, pairs ...string) answer {
	b.t.Helper()
	fields := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		fields.Add(pairs[i], pairs[i+1])
	}
	return b.do(b.request(http.MethodPost, path, strings.NewReader(fields.Encode())))
}

// stepUp plants a fresh second factor in the client's visit, for a purpose: the
// path of the form and, if it carries one, "#" and its manifest.
func (b *client) stepUp(purpose string) {
	b.t.Helper()
	secret := payroll.HashToken(b.cookies[cookieName])
	u := payroll.AccessStepUp{Session: secret[:], Purpose: purpose}
	must(b.t, b.c.store.Pool().QueryRow(b.t.Context(), `insert into step_ups (session, purpose) values ($1, $2)
		on conflict (session, purpose) do update set at = clock_timestamp() returning at`, u.Session, purpose).Scan(&u.At))
	b.c.meddle(`update step_ups set seal = $3 where session = $1 and purpose = $2`, u.Session, purpose, b.c.Identity.Vault.SealAccess(u))
}

// confirmed is post with a fresh second factor.
func (b *client) confirmed(path string, pairs ...string) answer {
	b.t.Helper()
	purpose := path
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i] == "manifest" {
			purpose += "#" + pairs[i+1]
		}
	}
	b.stepUp(purpose)
	return b.post(path, pairs...)
}

// leads fails the test unless the answer leads to the path.
func (a answer) leads(t testing.TB, path string) {
	t.Helper()
	if to, _, _ := strings.Cut(a.to(), "?"); a.status != http.StatusSeeOther || to != path {
		t.Fatalf("status %d to %q, want 303 to %q\n%s", a.status, a.to(), path, mainOf(a.body))
	}
}

// wants fails the test unless the answer has the status and says all the words.
func (a answer) wants(t testing.TB, status int, words ...string) {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d to %q, want %d\n%s", a.status, a.to(), status, mainOf(a.body))
	}
	for _, w := range words {
		if !strings.Contains(a.body, w) {
			t.Errorf("does not say %q\n%s", w, mainOf(a.body))
		}
	}
}

// mainOf is the part of a page that is its own.
func mainOf(page string) string {
	_, after, found := strings.Cut(page, "<main")
	if !found {
		return page
	}
	before, _, _ := strings.Cut(after, "</main>")
	return before
}

func TestHarness(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	for _, page := range c.pages {
		page() // they can be read
	}
	c.as("").get("/healthz").wants(t, http.StatusOK, "alive")
	c.as("ada").get("/nothing").wants(t, http.StatusNotFound, "There is no such page")
	if a := c.as("ada").get("/nothing"); !strings.Contains(a.body, ">ada<") {
		t.Errorf("a planted visit is not ada's:\n%s", a.body)
	}
	c.as("").get("/nothing").wants(t, http.StatusNotFound, "There is no such page")
	b := c.as("ada")
	c.exec(`update admins set disabled_at = clock_timestamp() where name = 'ada'`)
	if a := b.get("/nothing"); strings.Contains(a.body, ">ada<") {
		t.Error("who was disabled is still there")
	}
	if !strings.Contains(c.log.String(), "/healthz") {
		t.Errorf("logged %s", c.log)
	}
}
