package web

import (
	"crypto/tls"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/payroll"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// form is a server of the form under test, with a browser that keeps cookies and
// follows nothing.
type form struct {
	*Server
	site   *httptest.Server
	client *http.Client
}

// newForm starts the form over TLS.
func newForm(t testing.TB, change func(*Server)) *form {
	t.Helper()
	f := &form{Server: &Server{
		Company:   Company{Name: "ACME", Color: "#7a1f3d", Contact: "hr@acme.example", Language: "en", Zone: time.UTC},
		Required:  payroll.StepCertified,
		Structure: payroll.StructureCombined,
		Now:       time.Now,
		Log:       slog.New(slog.NewTextHandler(t.Output(), nil)),
	}}
	f.site = httptest.NewUnstartedServer(nil)
	f.Origin = &url.URL{Scheme: "https", Host: f.site.Listener.Addr().String()}
	if change != nil {
		change(f.Server)
	}
	f.site.Config = f.HTTP()
	f.site.StartTLS()
	t.Cleanup(f.site.Close)
	f.client = f.browser(t)
	return f
}

// browser is a visitor without cookies.
func (f *form) browser(t testing.TB) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := f.site.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.NextProtos = []string{"http/1.1"}
	transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport: transport, Jar: jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answer is a response whose body has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (f *form) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	response, err := f.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(body)}
}

func (f *form) request(t testing.TB, method, path, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, f.site.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return r
}

func (f *form) get(t testing.TB, path string) answer {
	t.Helper()
	return f.do(t, f.request(t, http.MethodGet, path, ""))
}

func (f *form) post(t testing.TB, path string, fields url.Values) answer {
	t.Helper()
	return f.do(t, f.request(t, http.MethodPost, path, fields.Encode()))
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	for _, path := range []string{"/", "/healthz", "/robots.txt", "/nothing", "/de/nothing", "/static/company.css"} {
		a := f.get(t, path)
		for name, want := range map[string]string{
			"Content-Security-Policy":      policy,
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security":    "max-age=63072000",
			"X-Robots-Tag":                 "noindex, nofollow",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if a.header.Get("X-Request-Id") == "" || a.header.Get("Permissions-Policy") == "" {
			t.Errorf("%s: headers %v", path, a.header)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") {
		t.Errorf("the policy lets others in: %s", policy)
	}
}
