package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/hex"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func TestMain(m *testing.M) { pgtest.Main(browsertest.Around(m)) }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// form is a server of the form under test, over TLS.
type form struct {
	*Server
	site  *httptest.Server
	store *postgres.Store // nil where a test needs none
	log   *logbook
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

// newForm starts the form without a database.
func newForm(t testing.TB, change func(*Server)) *form {
	t.Helper()
	f := &form{log: &logbook{}}
	f.Server = &Server{
		Certificate: company(t), Certifiers: []keystore.Certificate{company(t)},
		Company:   Company{Name: "ACME", Color: "#7a1f3d", Contact: "hr@acme.example", Language: "en", Zone: time.UTC},
		Required:  payroll.StepCertified,
		Structure: payroll.StructureCombined,
		Now:       time.Now,
		Log:       slog.New(slog.NewTextHandler(io.MultiWriter(f.log, t.Output()), nil)),
	}
	f.missing = func(lang, key string) { t.Errorf("the catalog of %s lacks %s", lang, key) }
	f.site = httptest.NewUnstartedServer(nil)
	f.Origin = &url.URL{Scheme: "https", Host: f.site.Listener.Addr().String()}
	if change != nil {
		change(f.Server)
	}
	f.site.Config = f.HTTP()
	f.site.EnableHTTP2 = true
	f.site.StartTLS()
	t.Cleanup(f.site.Close)
	return f
}

// Two who are easily taken for each other.
const kiran, kiren payroll.EmployeeNumber = "4711", "4712"

// newOffice starts the form with a database in which both are.
func newOffice(t testing.TB, change func(*Server)) *form {
	t.Helper()
	store := newStore(t)
	f := newForm(t, func(s *Server) {
		s.Desk = store
		if change != nil {
			change(s)
		}
	})
	f.store = store
	return f
}

func migrate(ctx context.Context, url string) error {
	s, err := postgres.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Migrate(ctx)
}

func newStore(t testing.TB) *postgres.Store {
	t.Helper()
	queue, err := jobs.NewQueue()
	must(t, err)
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrate), queue)
	must(t, err)
	t.Cleanup(store.Close)
	must(t, store.CreateAdmin(t.Context(), payroll.Admin{Name: "olga", Roles: []payroll.Role{payroll.RoleOperator, payroll.RoleMaker}}, ""))
	must(t, store.CreateAdmin(t.Context(), payroll.Admin{Name: "maria", Roles: []payroll.Role{payroll.RoleMaker}}, "olga"))
	_, err = store.PutEmployees(t.Context(), []payroll.Employee{
		{Number: kiran, Name: "Kiran A", Email: "kiran@acme.example", Phone: "+43 1 5550042", Language: "en"},
		{Number: kiren, Name: "Kiren B", Email: "kiren@acme.example", Phone: "12", Language: "de"},
	}, "roster", "maria", false) // whoever brings an address does not compare fingerprints
	must(t, err)
	return store
}

// company is the company's certificate in the tests.
func company(t testing.TB) keystore.Certificate { return companySigner(t).Certificate() }

var companyKeyOnce = sync.OnceValues(func() (*keystore.Signer, error) {
	passphrase := []byte("a passphrase of the tests")
	armored, err := keystore.NewSigner(keystore.SignerOptions{UserID: "ACME Payroll <payroll@acme.example>", At: time.Now().Add(-time.Hour)}, passphrase)
	if err != nil {
		return nil, err
	}
	return keystore.OpenSigner(bytes.NewReader(armored), passphrase)
})

func companySigner(t testing.TB) *keystore.Signer {
	t.Helper()
	signer, err := companyKeyOnce()
	must(t, err)
	return signer
}

// visitor is a browser: it keeps cookies and follows nothing by itself.
type visitor struct {
	f      *form
	client *http.Client
}

func (f *form) visitor(t testing.TB) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	transport := f.site.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.NextProtos = []string{"http/1.1"}
	transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.Cleanup(transport.CloseIdleConnections)
	return &visitor{f, &http.Client{
		Transport: transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// answer is a response whose body has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) to() string { return a.header.Get("Location") }

func (v *visitor) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	response, err := v.client.Do(r)
	must(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(t, err)
	return answer{response.StatusCode, response.Header, string(body)}
}

func (v *visitor) request(t testing.TB, method, path string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, v.f.site.URL+path, body)
	must(t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return r
}

func (v *visitor) get(t testing.TB, path string) answer {
	t.Helper()
	return v.do(t, v.request(t, http.MethodGet, path, nil))
}

// post sends a form of names and values.
func (v *visitor) post(t testing.TB, path string, pairs ...string) answer {
	t.Helper()
	fields := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		fields.Set(pairs[i], pairs[i+1])
	}
	return v.do(t, v.request(t, http.MethodPost, path, strings.NewReader(fields.Encode())))
}

// upload sends a file and a text as the certificate's form does.
func (v *visitor) upload(t testing.TB, path string, file []byte, text string) answer {
	t.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	part, err := parts.CreateFormFile("file", "key.asc")
	must(t, err)
	_, err = part.Write(file)
	must(t, err)
	must(t, parts.WriteField("text", text))
	must(t, parts.Close())
	r := v.request(t, http.MethodPost, path, &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	return v.do(t, r)
}

// mails does the worker's part: every notice that is due leaves, with the secret
// that only the mail holds, by kind.
func (f *form) mails(t testing.TB) map[payroll.NoticeKind]mail {
	t.Helper()
	sent := make(map[payroll.NoticeKind]mail)
	notices, err := f.store.ClaimNotices(t.Context(), 100, time.Minute)
	must(t, err)
	for _, n := range notices {
		m := mail{Notice: n}
		switch {
		case n.Kind.SecretLink():
			text, hash := payroll.NewToken()
			m.secret = text
			must(t, f.store.ArmNotice(t.Context(), n.ID, hash, time.Hour))
		case n.Kind.SecretCode():
			text, hash := payroll.NewCode()
			m.secret = text
			must(t, f.store.ArmNotice(t.Context(), n.ID, hash, 15*time.Minute))
		}
		must(t, f.store.FinishNotice(t.Context(), n.ID, payroll.Outcome{Kind: payroll.Accepted}, time.Time{}))
		sent[n.Kind] = m
	}
	return sent
}

// await is the worker's part where the browser may still be at its own.
func (f *form) await(t testing.TB, kind payroll.NoticeKind) mail {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for ctx.Err() == nil {
		if m, found := f.mails(t)[kind]; found {
			return m
		}
	}
	t.Fatalf("no notice of kind %s", kind)
	return mail{}
}

type mail struct {
	payroll.Notice
	secret string
}

// entered is a visitor with a session of the employee, by an invitation.
func (f *form) entered(t testing.TB, number payroll.EmployeeNumber) *visitor {
	t.Helper()
	_, err := f.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{number}, "olga")
	must(t, err)
	v := f.visitor(t)
	if a := v.post(t, "/en/enter/"+f.mails(t)[payroll.NoticeInvitation].secret); a.status != http.StatusSeeOther {
		t.Fatalf("enter: %d\n%s", a.status, a.body)
	}
	return v
}

// proven is a visitor who has typed in the code for a certificate of their own.
func (f *form) proven(t testing.TB, number payroll.EmployeeNumber, address string) (*visitor, *openpgp.Entity) {
	t.Helper()
	v, key := f.entered(t, number), newPerson(t, "Kiran <"+address+">")
	if a := v.upload(t, "/en/certificate", publicKey(t, key), ""); a.status != http.StatusOK {
		t.Fatalf("hand in: %d\n%s", a.status, a.body)
	}
	v.post(t, "/en/proof/code")
	if a := v.post(t, "/en/proof", "code", f.mails(t)[payroll.NoticeProofCode].secret); a.to() != "/en/call" {
		t.Fatalf("prove: %d %s\n%s", a.status, a.to(), a.body)
	}
	return v, key
}

// certify does HR's part for the employee's candidate.
func (f *form) certify(t testing.TB, number payroll.EmployeeNumber) {
	t.Helper()
	e, err := f.store.Enrolee(t.Context(), number)
	must(t, err)
	candidate, _ := e.Standing(payroll.CertificateCandidate)
	c, err := keystore.ReadCertificate(candidate.Content)
	must(t, err)
	c, err = companySigner(t).Certify(c, time.Now())
	must(t, err)
	for _, step := range []payroll.Step{payroll.StepPhoneChecked, payroll.StepCertified} {
		_, err := f.store.ClimbCertificate(t.Context(), payroll.Climb{
			Employee: number, Fingerprint: candidate.Fingerprint, To: step, Method: "phone", Content: c.Bytes(), Required: payroll.StepCertified,
		}, "olga")
		must(t, err)
	}
}

// newPerson makes a key with one user ID.
func newPerson(t testing.TB, userID string) *openpgp.Entity {
	t.Helper()
	name, rest, _ := strings.Cut(userID, " <")
	born := time.Now().Add(-time.Minute)
	key, err := openpgp.NewEntity(name, "", strings.TrimSuffix(rest, ">"), &packet.Config{
		Algorithm: packet.PubKeyAlgoEdDSA, Time: func() time.Time { return born }, KeyLifetimeSecs: 365 * 24 * 3600,
	})
	must(t, err)
	return key
}

func publicKey(t testing.TB, key *openpgp.Entity) []byte {
	t.Helper()
	return armoredBlock(t, openpgp.PublicKeyType, key.Serialize)
}

func secretKey(t testing.TB, key *openpgp.Entity) []byte {
	t.Helper()
	return armoredBlock(t, openpgp.PrivateKeyType, func(w io.Writer) error { return key.SerializePrivate(w, nil) })
}

func armoredBlock(t testing.TB, label string, write func(io.Writer) error) []byte {
	t.Helper()
	var text bytes.Buffer
	w, err := armor.Encode(&text, label, nil)
	must(t, err)
	must(t, write(w))
	must(t, w.Close())
	return append(text.Bytes(), '\n')
}

func hexOf(b []byte) string { return hex.EncodeToString(b) }

// nothingFound is a Web Key Directory without entries.
func nothingFound(context.Context, payroll.Address) ([]byte, error) { return nil, payroll.ErrNotFound }

// cookie is the token of the visitor's session; "" without one.
func (v *visitor) cookie() string {
	at, _ := url.Parse(v.f.site.URL)
	for _, cookie := range v.client.Jar.Cookies(at) {
		if cookie.Name == cookieName {
			return cookie.Value
		}
	}
	return ""
}

func (v *visitor) setCookie(token string) {
	at, _ := url.Parse(v.f.site.URL)
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: cookieName, Value: token, Path: "/", Secure: true}})
}
