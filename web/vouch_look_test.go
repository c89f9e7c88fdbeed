package web

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/payroll"
)

// TestSignForANewCertificateInTheBrowser signs with the old key, in the browser,
// for the new certificate; the key and its passphrase stay there.
func TestSignForANewCertificateInTheBrowser(t *testing.T) {
	t.Parallel()
	needBundle(t)
	f := newOffice(t, nil)
	v, old := f.proven(t, kiran, "kiran@acme.example")
	f.certify(t, kiran)
	successor := newPerson(t, "Kiran <kiran@acme.example>")
	v.upload(t, "/en/replace", publicKey(t, successor), "")

	const passphrase = "vier graue Dächse tanzen Polka"
	must(t, old.EncryptPrivateKeys([]byte(passphrase), nil))
	folder := t.TempDir()
	save := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, content, 0o600))
		return path
	}
	var locked strings.Builder
	must(t, old.SerializePrivateWithoutSigning(&locked, nil))
	oldKey, newKey := save("old.pgp", []byte(locked.String())), save("new.asc", secretKey(t, successor))

	tab := browsertest.Start(t)
	tab.Cookie(f.site.URL, cookieName, v.cookie())
	tab.Open(f.site.URL + "/en/replace")
	tab.See("h1", "Sign for your new certificate")
	look(t, tab, "vouch")
	try := func(file, words, want string) {
		t.Helper()
		tab.Choose("#old-key-file", file)
		tab.Type("#old-key-passphrase", words)
		tab.Click("#vouch-form button")
		tab.See("#vouch-result", want)
	}
	try(newKey, passphrase, "another key")
	try(save("public.asc", publicKey(t, old)), passphrase, "public half")
	try(oldKey, "wrong", "does not open")
	look(t, tab, "vouch-wrong")
	tab.Type("#old-key-passphrase", passphrase)
	tab.Click("#vouch-form button")
	tab.See("main", "Signed with your old key")

	e, err := f.store.Enrolee(t.Context(), kiran)
	must(t, err)
	if c, found := e.Standing(payroll.CertificateCandidate); !found || !c.Vouched {
		t.Errorf("the candidate is not vouched for: %+v", c)
	}
	posts := 0
	for _, r := range tab.Requests() {
		text := r.URL + string(r.Body)
		if strings.Contains(text, "vier") || strings.Contains(text, "PRIVATE") || strings.Contains(text, "old.pgp") {
			t.Errorf("%s %s holds what must stay in the browser", r.Method, r.URL)
		}
		if r.Method == http.MethodPost {
			posts++
		}
	}
	if posts != 1 {
		t.Errorf("%d forms were sent, want one", posts)
	}
}
