package web

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// TestOnesOwnPagesInABrowser uses the pages for those who are enrolled in Chromium
// and looks at each.
func TestOnesOwnPagesInABrowser(t *testing.T) {
	t.Parallel()
	f := newOffice(t, nil)
	v, old := f.enrolled(t, kiran, "kiran@acme.example")
	f.enrolled(t, kiren, "kiren@acme.example")
	f.paid(t)
	successor := newPerson(t, "Kiran A <kiran@acme.example>")
	folder := t.TempDir()
	file := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}

	tab := browsertest.Start(t)
	open := func(page, heading string) {
		t.Helper()
		tab.Open(f.site.URL + page)
		tab.See("h1", heading)
	}
	tab.Cookie(f.site.URL, cookieName, v.cookie())
	open("/en/me", "Hello Kiran A")
	look(t, tab, "me")
	open("/en/ledger", "What was sent to you")
	look(t, tab, "ledger")
	tab.Click("main form button")
	tab.See("main", "Is about to be sent")
	look(t, tab, "ledger-asked")
	open("/en/report", "Tell HR about something")
	tab.Click("#kind-0")
	tab.Type("#words", "A mail wants my passphrase.")
	look(t, tab, "report")
	send(tab, "main form button", "HR has been told")
	look(t, tab, "report-sent")
	open("/en/address", "Change your mail address")
	tab.Type("#address", "kiren@acme.example")
	tab.Click(`form[action$="/address"] button`)
	tab.See("#address-error", "cannot be yours here")
	look(t, tab, "address-mistake")
	tab.Type("#address", "kiran@home.example")
	tab.Click(`form[action$="/address"] button`)
	tab.See("#pending", "A change waits")
	look(t, tab, "address-pending")
	open("/en/revoke", "Stop the use of your certificate")
	look(t, tab, "revoke")
	open("/en/replace", "Extend or replace your certificate")
	look(t, tab, "replace")
	tab.Choose("#file", file("new.asc", publicKey(t, successor)))
	send(tab, `form[action$="/replace"] button`, "Sign for your new certificate")
	look(t, tab, "replace-vouch")
	tab.Type("#vouch", "hello")
	tab.Click(`#way-program ~ p.actions button`)
	tab.See("#vouch-error", "This is not the sentence")
	look(t, tab, "replace-vouch-wrong")
	open("/en/me", "Hello Kiran A")
	look(t, tab, "me-climbing")
	e := f.enrolee(t, kiran)
	current, _ := e.Standing(payroll.CertificateCurrent)
	candidate, _ := e.Standing(payroll.CertificateCandidate)
	signed := signedText(t, old, keystore.VouchStatement(current.Fingerprint, candidate.Fingerprint, kiran, f.Certificate.Fingerprint()))
	v.post(t, "/en/replace/vouch", "vouch", signed)
	open("/en/replace", "Sign for your new certificate")
	tab.See("main", "Signed with your old key")
	look(t, tab, "replace-vouched")
	open("/en/revoke", "Stop the use of your certificate")
	tab.Choose("#file", file("revocation.asc", revocationOf(t, old)))
	send(tab, `form[action$="/revoke"] button`, "Stop its use?")
	look(t, tab, "revoke-confirm")
	send(tab, "main button", "Its use has ended")
	look(t, tab, "revoke-done")
}
