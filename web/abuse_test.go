package web

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/payroll"
)

// elsewhereSite is another site with one page.
func elsewhereSite(t *testing.T, page string) string {
	t.Helper()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprint(w, "<!DOCTYPE html><title>Elsewhere</title>"+page)
	}))
	t.Cleanup(site.Close)
	return strings.Replace(site.URL, "127.0.0.1", "evil.example", 1)
}

// TestAnotherSiteInABrowser: a link and a form elsewhere lead into the form, and
// the visit that goes on in another tab is neither used nor ended by it.
func TestAnotherSiteInABrowser(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	tab, v := browsertest.Start(t), f.entered(t, kiran)
	tab.Cookie(f.site.URL, cookieName, v.cookie())
	tab.Open(elsewhereSite(t, `<a href="`+f.site.URL+`/en/me">Your slip</a>`))
	tab.Click("a")
	tab.See("h1", "Sign in")
	tab.Open(f.site.URL + "/en/me")
	tab.See("h1", "Hello Kiran A")

	tab.Open(elsewhereSite(t, `<form method="post" action="`+f.site.URL+`/en/sign-out"><button>Win</button></form>`))
	tab.Click("button")
	tab.See("h1", "another place")
	tab.Open(f.site.URL + "/en/me")
	tab.See("h1", "Hello Kiran A")
}

// TestBackAfterSigningOut: whoever uses the browser next sees nothing with its
// back button.
func TestBackAfterSigningOut(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	tab, v := browsertest.Start(t), f.entered(t, kiran)
	tab.Cookie(f.site.URL, cookieName, v.cookie())
	tab.Open(f.site.URL + "/en/report")
	tab.Open(f.site.URL + "/en/me")
	tab.Click(`form[action$="/sign-out"] button`)
	tab.See("h1", "locked for you alone")
	var gone bool
	tab.Value(`(history.back(), true)`, &gone)
	tab.See("h1", "Sign in")
}

// TestTwoTabs: somebody who waits for a code in one tab opens their page in
// another one, and the code still opens the door.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	_, _ = f.proven(t, kiran, "kiran@acme.example")
	f.certify(t, kiran)
	v := f.visitor(t)
	v.post(t, "/en/sign-in", "email", "kiran@acme.example")
	code := f.mails(t)[payroll.NoticeSignInCode].secret
	if a := v.get(t, "/en/me"); a.to() != "/en/sign-in" || v.cookie() == "" {
		t.Errorf("the other tab: %d, and the visit has the cookie %q", a.status, v.cookie())
	}
	if a := v.post(t, "/en/sign-in/code", "code", code); a.to() != "/en/me" {
		t.Errorf("the code: %d\n%s", a.status, a.body)
	}
}

// TestWhatADatabaseCannotHold: no answer to it is a surprise.
func TestWhatADatabaseCannotHold(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	for _, words := range []string{"a\x00b", "\xff\xfe"} {
		for _, a := range []answer{
			v.post(t, "/en/report", "kind", "suspicious_mail", "words", words),
			v.post(t, "/en/revoke/ask", "words", words),
		} {
			if a.status != http.StatusUnprocessableEntity {
				t.Errorf("words %q: %d\n%s", words, a.status, a.body)
			}
		}
	}
	const id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	for _, slip := range []string{id, "urn:uuid:" + id, "{" + id + "}", "'", "\x00"} {
		if a := v.post(t, "/en/ledger/again", "slip", slip); a.status != http.StatusNotFound {
			t.Errorf("slip %q: %d", slip, a.status)
		}
	}
}

// TestASecretKeyBesideTheRightOne: whoever has sent their secret key hears of it,
// wherever on the form it was.
func TestASecretKeyBesideTheRightOne(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, key := f.proven(t, kiran, "kiran@acme.example")
	f.certify(t, kiran)
	for what, a := range map[string]answer{
		"in the text": v.upload(t, "/en/certificate", publicKey(t, key), string(secretKey(t, key))),
		"to revoke":   v.upload(t, "/en/revoke", publicKey(t, key), string(secretKey(t, key))),
	} {
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "This is your private key") {
			t.Errorf("%s: %d\n%s", what, a.status, a.body)
		}
	}
	successor := newPerson(t, "Kiran A <kiran@acme.example>")
	v.upload(t, "/en/replace", publicKey(t, successor), "")
	if a := v.post(t, "/en/replace/vouch", "vouch", string(secretKey(t, key))); !strings.Contains(a.body, "This is your private key") {
		t.Errorf("as a signed statement: %d\n%s", a.status, a.body)
	}
}

// TestNothingTypedIsNoTry: a button pressed too early costs nothing, nor does a
// hyphen that a program made prettier.
func TestNothingTypedIsNoTry(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	v.upload(t, "/en/certificate", publicKey(t, newPerson(t, "Kiran A <kiran@acme.example>")), "")
	v.post(t, "/en/proof/code")
	code := f.mails(t)[payroll.NoticeProofCode].secret
	for range 6 {
		if a := v.post(t, "/en/proof", "code", " \u00a0"); a.status != http.StatusUnprocessableEntity {
			t.Errorf("nothing: %d", a.status)
		}
	}
	typed := "\u200b" + strings.ToLower(strings.Replace(code, "-", " \u2013 ", 1))
	if a := v.post(t, "/en/proof", "code", typed); a.to() != "/en/call" {
		t.Errorf("%q: %d\n%s", typed, a.status, a.body)
	}
}

// TestAHundredThousandParts: a form of more parts than any has is none.
func TestAHundredThousandParts(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	r := v.request(t, http.MethodPost, "/en/certificate", strings.NewReader(strings.Repeat("--b\r\n\r\n\r\n", 100_000)+"--b--\r\n"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	if a := v.do(t, r); a.status != http.StatusBadRequest {
		t.Errorf("%d\n%s", a.status, a.body)
	}
}

// TestWithoutItsDatabase: the visitor is told that it is not their fault and to
// come back, and is not signed out.
func TestWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := f.entered(t, kiran)
	cut(t, f)
	for what, a := range map[string]answer{
		"a page":     v.get(t, "/en/me"),
		"a link":     v.post(t, "/en/enter/"+strings.Repeat("a", 32)),
		"a request":  v.post(t, "/en/link", "email", "kiran@acme.example"),
		"an address": v.post(t, "/en/confirm/"+strings.Repeat("a", 32)),
	} {
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "not your fault") {
			t.Errorf("%s: %d\n%s", what, a.status, a.body)
		}
	}
	if v.cookie() == "" {
		t.Error("the visitor was signed out")
	}
	if !strings.Contains(f.log.String(), "level=ERROR") {
		t.Error("the log says nothing")
	}
}

// TestADatabaseThatHangs: the visitor gets a page in time, and nothing was done.
func TestADatabaseThatHangs(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v := newForm(t, func(s *Server) { s.Desk, s.patience = f.store, 100*time.Millisecond }).visitor(t)
	v.setCookie(f.entered(t, kiran).cookie())
	tx, err := f.store.Pool().Begin(t.Context())
	must(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	_, err = tx.Exec(t.Context(), `lock table sessions, notices in access exclusive mode`)
	must(t, err)
	for what, a := range map[string]answer{
		"a page":    v.get(t, "/en/me"),
		"a request": v.post(t, "/en/link", "email", "kiran@acme.example"),
	} {
		if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "not your fault") {
			t.Errorf("%s: %d\n%s", what, a.status, a.body)
		}
	}
	must(t, tx.Rollback(t.Context()))
	if sent := f.mails(t); len(sent) > 0 {
		t.Errorf("%d mails would leave", len(sent))
	}
}

// cut lets nobody connect to the form's database, and ends the connections that
// there are but the one that it uses, which is put out of order as well.
func cut(t *testing.T, f *form) {
	t.Helper()
	for _, sql := range []string{
		`update pg_database set datallowconn = false where datname = current_database()`,
		`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
	} {
		_, err := f.store.Pool().Exec(t.Context(), sql)
		must(t, err)
	}
	_, _ = f.store.Pool().Exec(t.Context(), `select pg_terminate_backend(pg_backend_pid())`)
}
