package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/payroll"
)

// look holds a page to what every page must be: nothing that axe-core finds, and
// no scrolling sideways on a phone.
func look(t *testing.T, tab *browsertest.Tab, name string) {
	t.Helper()
	tab.Size(browsertest.Phone)
	tab.Overflow()
	tab.Axe()
	tab.Pictures(name)
	tab.Size(browsertest.Desktop)
}

// send clicks on something and waits for the page that comes of it, which may
// have the same heading.
func send(tab *browsertest.Tab, button, heading string) {
	var marked bool
	tab.Value(`document.documentElement.dataset.before = "yes", true`, &marked)
	tab.Click(button)
	tab.Until(`!document.documentElement.dataset.before && document.readyState === "complete"`)
	tab.See("h1", heading)
}

// TestTheLadderInABrowser walks the ladder in Chromium and looks at each page.
func TestTheLadderInABrowser(t *testing.T) {
	t.Parallel()
	f := newOffice(t, func(s *Server) { s.Lookup = nothingFound })
	key := newPerson(t, "Kiran A <kiran@acme.example>")
	folder := t.TempDir()
	public, secret := filepath.Join(folder, "key.asc"), filepath.Join(folder, "secret.asc")
	must(t, os.WriteFile(public, publicKey(t, key), 0o600))
	must(t, os.WriteFile(secret, secretKey(t, key), 0o600))
	_, err := f.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{kiran}, "olga")
	must(t, err)

	tab := browsertest.Start(t)
	tab.Open(f.site.URL + "/en/enter/" + f.mails(t)[payroll.NoticeInvitation].secret)
	tab.See("h1", "Welcome")
	look(t, tab, "enter")
	send(tab, "main button", "Hand in your certificate")
	look(t, tab, "certificate")
	send(tab, `form[action$="/lookup"] button`, "Hand in your certificate")
	tab.See("main .notice", "No certificate was found")
	look(t, tab, "certificate-not-found")
	tab.Choose("#file", secret)
	send(tab, `form[action$="/certificate"] button`, "This is your private key")
	look(t, tab, "refused-secret")
	tab.Open(f.site.URL + "/en/certificate")
	tab.Type("#text", "hello")
	send(tab, `form[action$="/certificate"] button`, "There is no certificate in it")
	look(t, tab, "refused")
	tab.Open(f.site.URL + "/en/certificate")
	tab.Choose("#file", public)
	send(tab, `form[action$="/certificate"] button`, "Your certificate is good")
	look(t, tab, "accepted")
	var copied string
	tab.Value(`(() => { getSelection().selectAllChildren(document.querySelector(".fingerprint")); return getSelection().toString() })()`, &copied)
	if want := payroll.Fingerprint(strings.ToUpper(hexOf(key.PrimaryKey.Fingerprint))).Grouped(); strings.TrimSpace(copied) != want {
		t.Errorf("the fingerprint is copied as %q, not %q", copied, want)
	}
	send(tab, "main form button", "Type the code")
	look(t, tab, "proof")
	code := f.await(t, payroll.NoticeProofCode).secret
	tab.Type("#code", "AAAAA-AAAAA")
	send(tab, "main form button", "Type the code")
	tab.See("#code-error", "This is not the code")
	look(t, tab, "proof-wrong")
	tab.Type("#code", code)
	send(tab, "main form button", "HR will call you")
	look(t, tab, "call")
	send(tab, "main a.button", "Try a test slip")
	look(t, tab, "specimen")
	send(tab, "main form button", "Try a test slip")
	f.await(t, payroll.NoticeSpecimen)
	tab.Open(f.site.URL + "/en/specimen")
	tab.Click("#seen-attachments")
	send(tab, `form[action$="/seen"] button`, "Try a test slip")
	tab.See("main", "document.pdf.pgp")
	look(t, tab, "specimen-second")
	tab.Click("#seen-good")
	send(tab, `form[action$="/seen"] button`, "Your part is done")
	look(t, tab, "done-waiting")
	f.certify(t, kiran)
	for path, heading := range map[string]string{"done": "You are all set", "call": "Your certificate is in use"} {
		tab.Open(f.site.URL + "/en/" + path)
		tab.See("h1", heading)
		look(t, tab, path+"-current")
	}
}
