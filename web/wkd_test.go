package web

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// directory is a form with the one employee Kiran, whose certificate is certified.
type directory struct {
	*form
	employee payroll.EnrolledCertificate
}

func newDirectory(t *testing.T, publish Publish) directory {
	t.Helper()
	f := newOffice(t, func(s *Server) { s.Publish = publish })
	f.proven(t, kiran, "kiran@acme.example")
	f.certify(t, kiran)
	e, err := f.store.Enrolee(t.Context(), kiran)
	must(t, err)
	current, found := e.Standing(payroll.CertificateCurrent)
	if !found {
		t.Fatal("no current certificate")
	}
	return directory{f, current}
}

// ask asks the directory of a host.
func (d directory) ask(t *testing.T, method, host, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, "https://"+host+"/.well-known/openpgpkey/"+path, nil)
	w := httptest.NewRecorder()
	d.Handler().ServeHTTP(w, r)
	return w
}

func TestWebKeyDirectory(t *testing.T) {
	t.Parallel()
	company, employee, nobody := keystore.WKDHash("payroll@acme.example"), keystore.WKDHash("kiran@acme.example"), keystore.WKDHash("nobody@acme.example")
	const direct, advanced = "acme.example", "openpgpkey.acme.example"
	for _, publish := range []Publish{PublishNone, PublishCompany, PublishEmployees} {
		d := newDirectory(t, publish)
		origin := d.Origin.Host
		content := map[string][]byte{"company": d.Certificate.Bytes(), "employee": d.employee.Content, "policy": {}}
		for _, c := range []struct{ host, path, want string }{
			{direct, "policy", "policy"}, {direct, "hu/" + company + "?l=payroll", "company"}, {direct, "hu/" + employee, "employee"},
			{advanced, "acme.example/policy", "policy"}, {advanced, "acme.example/hu/" + company, "company"}, {advanced, "ACME.example/hu/" + employee + "?l=Kiran", "employee"},
			{origin, "hu/" + company, "company"}, {origin, "acme.example/hu/" + employee, "employee"},
			{"ACME.EXAMPLE:443", "policy", "policy"},
			{direct, "hu/" + nobody, ""}, {advanced, "acme.example/hu/" + nobody, ""},
			{advanced, "hu/" + company, ""}, {direct, "acme.example/hu/" + company, ""},
			{"other.example", "hu/" + company, ""}, {"openpgpkey.other.example", "other.example/hu/" + company, ""},
			{direct, "other.example/hu/" + company, ""},
			{direct, "hu/", ""}, {direct, "hu/" + company + "/x", ""}, {direct, "hu/" + company[:31], ""}, {direct, "hu/" + company[:31] + "L", ""}, {direct, "", ""}, {direct, "hu", ""},
			{direct, "submission-address", ""},
		} {
			published := c.want != "" && publish != PublishNone && (c.want != "employee" || publish == PublishEmployees)
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				w := d.ask(t, method, c.host, c.path)
				switch {
				case w.Header().Get("Access-Control-Allow-Origin") != "*":
					t.Errorf("%s: %s https://%s/%s: not for programs in browsers", publish, method, c.host, c.path)
				case !published && (w.Code != http.StatusNotFound || w.Body.String() != "not found\n" || w.Header().Get("Content-Type") != "text/plain; charset=utf-8"):
					t.Errorf("%s: %s https://%s/%s: %d %q", publish, method, c.host, c.path, w.Code, w.Body)
				case published && (w.Code != http.StatusOK || !bytes.Equal(w.Body.Bytes(), content[c.want])):
					t.Errorf("%s: %s https://%s/%s: %d and %d bytes, not %d", publish, method, c.host, c.path, w.Code, w.Body.Len(), len(content[c.want]))
				}
				if published && c.want != "policy" && w.Header().Get("Content-Type") != "application/octet-stream" {
					t.Errorf("%s https://%s/%s is %s", method, c.host, c.path, w.Header().Get("Content-Type"))
				}
			}
		}
	}
}

// TestDirectoryForgetsWhatIsRevoked: what may no longer be sealed to is not given
// out either.
func TestDirectoryForgetsWhatIsRevoked(t *testing.T) {
	t.Parallel()
	d := newDirectory(t, PublishEmployees)
	path := "hu/" + keystore.WKDHash("kiran@acme.example")
	if w := d.ask(t, http.MethodGet, "acme.example", path); w.Code != http.StatusOK {
		t.Fatalf("before: %d", w.Code)
	}
	must(t, d.store.RevokeOwn(t.Context(), kiran, d.employee.Fingerprint))
	if w := d.ask(t, http.MethodGet, "acme.example", path); w.Code != http.StatusNotFound {
		t.Errorf("after: %d", w.Code)
	}
}
