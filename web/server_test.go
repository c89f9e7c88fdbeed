package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	v := newForm(t, nil).visitor(t)
	for _, path := range []string{"/", "/healthz", "/robots.txt", "/nothing", "/de/nothing", "/static/company.css", "/en/", "/ar/link", "/en/enter/x"} {
		a := v.get(t, path)
		for name, want := range map[string]string{
			"Content-Security-Policy":      policy,
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "strict-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Strict-Transport-Security":    "max-age=63072000; includeSubDomains",
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
	for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "object-src 'none'", "form-action 'self'"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the policy lacks %s", part)
		}
	}
	if strings.Contains(policy, "unsafe") || strings.Contains(policy, "*") || strings.Contains(policy, "http") || strings.Contains(policy, "data:") {
		t.Errorf("the policy lets others in: %s", policy)
	}
}

// TestEveryRoute walks the table: what needs a session leads strangers to sign
// in, in their language, and every page is kept out of caches.
func TestEveryRoute(t *testing.T) {
	t.Parallel()
	f := newForm(t, func(s *Server) { s.Desk = nobody{} })
	v := f.visitor(t)
	v.setCookie("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	sessions := 0
	for _, route := range f.table {
		if !route.session {
			continue
		}
		sessions++
		path := strings.NewReplacer("{lang}", "de", "{$}", "", "{token}", "x", "{name}", "x").Replace(route.pattern())
		a := v.do(t, v.request(t, route.method, path, strings.NewReader("a=b")))
		if a.status != http.StatusSeeOther || a.to() != "/de/sign-in" {
			t.Errorf("%s %s without a session: %d %q", route.method, path, a.status, a.to())
		}
		if got := a.header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s %s: Cache-Control %q", route.method, path, got)
		}
		v.setCookie("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	}
	if sessions < 12 {
		t.Errorf("only %d routes need a session", sessions)
	}
}

// nobody is a desk at which no session is known; whatever else is asked of it
// panics, and nothing else may be asked.
type nobody struct{ Desk }

func (nobody) Session(context.Context, payroll.SecretHash, payroll.SessionLimits) (payroll.Session, error) {
	return payroll.Session{}, fmt.Errorf("read session: %w", payroll.ErrNotFound)
}

// TestWhichRoutesNeedNoSession is the list of all that strangers may do.
func TestWhichRoutesNeedNoSession(t *testing.T) {
	t.Parallel()
	var open []string
	for _, route := range newForm(t, nil).table {
		if !route.session && route.method == http.MethodPost {
			open = append(open, route.path)
			if route.rate == "" && route.path != "/sign-out" {
				t.Errorf("%s is not limited", route.path)
			}
		}
	}
	want := []string{"/enter/{token}", "/confirm/{token}", "/link", "/sign-in", "/sign-in/code", "/sign-out"}
	if !slices.Equal(open, want) {
		t.Errorf("strangers may send %q, want %q", open, want)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	v := newForm(t, nil).visitor(t)
	for _, test := range []struct {
		method, path string
		status       int
		allow, body  string
	}{
		{"HEAD", "/en/link", 200, "", ""},
		{"OPTIONS", "/en/link", 204, "GET, HEAD, OPTIONS, POST", ""},
		{"PUT", "/de/link", 405, "GET, HEAD, OPTIONS, POST", `<html lang="de"`},
		{"DELETE", "/en/proof/code", 405, "OPTIONS, POST", "That does not work here"},
		{"GET", "/en/proof/code", 405, "OPTIONS, POST", "That does not work here"},
		{"TRACE", "/en/link", 405, "GET, HEAD, OPTIONS, POST", "That does not work here"},
		{"POST", "/robots.txt", 405, "GET, HEAD, OPTIONS", "That does not work here"},
		{"GET", "/en/nothing", 404, "", "There is no such page"},
		{"GET", "/ar/nothing", 404, "", `dir="rtl"`},
		{"GET", "/en/%2e%2e/%2e%2e/etc/passwd", 404, "", "There is no such page"},
		{"GET", "/static/..%2fserver.go", 404, "", ""},
		{"GET", "/static/", 404, "", ""},
		{"GET", "/xx/link", 404, "", ""},
		{"GET", "/en", 301, "", ""},
		{"GET", "/en/link/", 404, "", ""},
	} {
		r := v.request(t, test.method, test.path, nil)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		a := v.do(t, r)
		if a.status != test.status || a.header.Get("Allow") != test.allow || !strings.Contains(a.body, test.body) {
			t.Errorf("%s %s: %d, Allow %q\n%s", test.method, test.path, a.status, a.header.Get("Allow"), a.body)
		}
		if test.method == "HEAD" && a.body != "" {
			t.Errorf("%s has a body", test.method)
		}
	}
}

func TestLanguageOfTheVisitor(t *testing.T) {
	t.Parallel()
	f := newForm(t, func(s *Server) { s.Company.Language = "fr-FR" })
	v := f.visitor(t)
	for accept, want := range map[string]string{
		"":                           "/fr/",
		"de-AT,de;q=0.9,en;q=0.5":    "/de/",
		"ja":                         "/fr/",
		"ja, ar-EG;q=0.5":            "/ar/",
		"hi-IN":                      "/hi/",
		"es-419":                     "/es/",
		"en-GB":                      "/en/",
		"//evil.example":             "/fr/",
		strings.Repeat("de,", 5_000): "/fr/", // larger than any header may be: see below
	} {
		r := v.request(t, http.MethodGet, "/", nil)
		r.Header.Set("Accept-Language", accept)
		a := v.do(t, r)
		if len(accept) > 10_000 {
			if a.status != http.StatusFound && a.status != http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("a very long header: %d", a.status)
			}
			continue
		}
		if a.status != http.StatusFound || a.to() != want {
			t.Errorf("%q leads to %q, want %q", accept, a.to(), want)
		}
	}
}

// TestHostIsNeverUsed: links and redirects are made of paths, and other hosts get
// nothing.
func TestHostIsNeverUsed(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	v := f.visitor(t)
	for _, host := range []string{"evil.example", "evil.example:443", f.Origin.Host + ".evil.example", "", "[::1]"} {
		for _, path := range []string{"/", "/en/", "/en/link", "/static/company.css", "/en/enter/x"} {
			r := v.request(t, http.MethodGet, path, nil)
			r.Host = host
			r.Header.Set("X-Forwarded-Host", "evil.example")
			if host == "" {
				r.Host = f.Origin.Host
			}
			a := v.do(t, r)
			if host != "" && a.status != http.StatusMisdirectedRequest {
				t.Errorf("host %q, %s: %d", host, path, a.status)
			}
			if strings.Contains(a.body, "evil.example") || strings.Contains(a.to(), "evil.example") {
				t.Errorf("host %q, %s: its name is in the answer", host, path)
			}
		}
	}
	for path, status := range map[string]int{"/healthz": 200, "/.well-known/nothing": 404} {
		r := v.request(t, http.MethodGet, path, nil)
		r.Host = "10.0.0.7:8443"
		if a := v.do(t, r); a.status != status {
			t.Errorf("%s under another host: %d", path, a.status)
		}
	}
}

// TestOtherSitesCannotPost: every POST of the table, from another origin.
func TestOtherSitesCannotPost(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil) // without a Desk: nothing may be asked of it
	v := f.visitor(t)
	v.setCookie("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")
	for _, headers := range []map[string]string{
		{"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
		{"Sec-Fetch-Site": "same-site"},
		{"Origin": "https://evil.example"},
		{"Origin": "null"},
		{"Origin": "https://" + f.Origin.Hostname() + ":1"},
		{"Origin": "http://" + f.Origin.Host},
		{"Origin": "http://" + f.Origin.Host, "Sec-Fetch-Site": "same-origin"},
	} {
		for _, route := range f.table {
			if route.method != http.MethodPost {
				continue
			}
			r := v.request(t, http.MethodPost, strings.NewReplacer("{lang}", "en", "{token}", "x").Replace(route.pattern()), nil)
			r.Header.Del("Sec-Fetch-Site")
			for name, value := range headers {
				r.Header.Set(name, value)
			}
			if a := v.do(t, r); a.status != http.StatusForbidden || !strings.Contains(a.body, "another place") {
				t.Errorf("%v, %s: %d", headers, route.path, a.status)
			}
		}
	}
}

// TestOldBrowsersCanPost: Safari before 16.4 says no more than the Origin.
func TestOldBrowsersCanPost(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.visitor(t)
	r := v.request(t, http.MethodPost, "/en/link", strings.NewReader("email=kiran%40acme.example"))
	r.Header.Del("Sec-Fetch-Site")
	r.Header.Set("Origin", f.Origin.String())
	if a := v.do(t, r); a.status != http.StatusSeeOther {
		t.Errorf("%d\n%s", a.status, a.body)
	}
}

// TestPanicsTellNothing: a surprise is an ordinary page with a number; what it
// was is in the log only, and even there without what it held.
func TestPanicsTellNothing(t *testing.T) {
	t.Parallel()
	f := newForm(t, func(s *Server) { s.Desk = broken{} })
	v := f.visitor(t)
	a := v.post(t, "/en/enter/secrettokensecrettoken")
	id := a.header.Get("X-Request-Id")
	if a.status != http.StatusInternalServerError || !strings.Contains(a.body, id) || strings.Contains(a.body, "marked") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	v.setCookie("marked-cookie")
	if a := v.get(t, "/en/proof?marked-query=1"); a.status != http.StatusInternalServerError || strings.Contains(a.body, "marked") {
		t.Errorf("%d\n%s", a.status, a.body)
	}
	logged := f.log.String()
	if !strings.Contains(logged, id) || !strings.Contains(logged, "route=/{lang}/enter/{token}") || !strings.Contains(logged, "OpenLink") {
		t.Errorf("the log does not tell where it was:\n%s", logged)
	}
	for _, mark := range []string{"marked", "secrettoken", "127.0.0.1"} {
		if strings.Contains(logged, mark) {
			t.Errorf("%s is in the log:\n%s", mark, logged)
		}
	}
}

// broken is a desk that fails in every way.
type broken struct{ Desk }

func (broken) OpenLink(context.Context, payroll.SecretHash, payroll.SecretHash) (payroll.Session, error) {
	panic("marked: a name, an address")
}

func (broken) Session(context.Context, payroll.SecretHash, payroll.SessionLimits) (payroll.Session, error) {
	return payroll.Session{}, fmt.Errorf("read session: connection refused")
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	path, err := f.shelf.Path("company.css")
	must(t, err)
	a := f.visitor(t).get(t, path)
	if a.status != 200 || !strings.Contains(a.header.Get("Cache-Control"), "immutable") || !strings.Contains(a.body, "#7a1f3d") || a.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("%d %v\n%s", a.status, a.header, a.body)
	}
}
