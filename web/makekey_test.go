package web_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// passphrase is what the tests choose; it has letters that are typed in two ways.
const passphrase = "drei blaue Kröten zählen Wolken"

// openMakeKey starts a browser on the page, with a session of the employee.
func openMakeKey(t *testing.T) (*site, *browsertest.Tab) {
	t.Helper()
	w := newSite(t)
	tab := browsertest.Start(t)
	tab.Cookie(w.URL, "__Host-payseal", w.visit)
	tab.Open(w.URL + "/en/make-key")
	tab.See("#passphrase-title", "Choose a passphrase")
	return w, tab
}

// made is what the employee has afterwards.
type made struct{ backup, revocation, certificate []byte }

// makeKey walks through the page up to the button that hands the key in.
func makeKey(t *testing.T, tab *browsertest.Tab) made {
	t.Helper()
	tab.Type("#passphrase", passphrase)
	tab.See("#strength-words", "good")
	tab.Type("#passphrase-again", passphrase)
	tab.Click(`[data-step="passphrase"] form button:not([type])`)
	tab.See("#backup-title", "Save your backup")
	tab.Click(`[data-save="backup"]`)
	tab.Click(`[data-save="revocation"]`)
	m := made{backup: tab.Download("payseal-backup.asc"), revocation: tab.Download("payseal-revocation.asc")}
	tab.Click("#backup-done")
	tab.Choose("#backup-file", filepath.Join(tab.Downloads, "payseal-backup.asc"))
	tab.Type("#backup-passphrase", passphrase)
	tab.Click(`[data-step="check"] form button:not([type])`)
	tab.See("#hand-in-title", "Hand in the public half")
	var certificate string
	tab.Value(`document.querySelector("textarea[name=text]").value`, &certificate)
	m.certificate = []byte(certificate)
	return m
}

// TestMadeKeyOpensEverywhere makes a key in the browser; the judge accepts it,
// and gpg, sq and rnp open with the backup what the company sealed to it.
func TestMadeKeyOpensEverywhere(t *testing.T) {
	t.Parallel()
	w, tab := openMakeKey(t)
	key := makeKey(t, tab)
	c, verdict := keystore.Judge(key.certificate, employee.Email, time.Now())
	if !verdict.Accepted() || len(verdict.Warnings) > 0 {
		t.Fatalf("the judge says %s: %s %v", verdict.Code, verdict.Reason, verdict.Warnings)
	}
	if got := verdict.UserIDs; len(got) != 1 || got[0] != "Kiran K Ångström Ops <kiran@acme.example>" {
		t.Errorf("user IDs %q", got)
	}
	if verdict.Expires == nil || verdict.Expires.Before(time.Now().AddDate(2, 0, -2)) || verdict.Expires.After(time.Now().AddDate(2, 0, 1)) {
		t.Errorf("it expires %v, want in two years", verdict.Expires)
	}
	const letter = "Content-Type: text/plain\r\n\r\nA letter.\r\n"
	sealed, err := w.signer.Seal(c, []byte(letter), keystore.SealOptions{At: time.Now()})
	must(t, err)
	company, err := w.signer.Certificate().Armored()
	must(t, err)

	gpg := newGPG(t, passphrase)
	gpg(nil, "--import", put(t, "company.asc", []byte(company)))
	gpg(nil, "--import", put(t, "backup.asc", key.backup))
	if said := gpg(sealed.Armored(), "--decrypt"); !strings.Contains(said, "A letter.") || !strings.Contains(said, "GOODSIG") {
		t.Errorf("gpg says %s", said)
	}
	gpg(nil, "--import", put(t, "revocation.asc", key.revocation))
	if said := gpg(nil, "--with-colons", "--list-keys", string(c.Fingerprint())); !strings.Contains(said, "pub:r:") {
		t.Errorf("after the revocation certificate gpg lists %s", said)
	}

	secret, message := put(t, "backup.asc", key.backup), put(t, "letter.asc", sealed.Armored())
	said := program(t, nil, "sq", "decrypt", "--recipient-key", put(t, "unlocked.pgp", unlocked(t, key.backup)),
		"--signer-cert", put(t, "company.asc", []byte(company)), message)
	if string(said) != letter {
		t.Errorf("sq gives %q", said)
	}
	home := t.TempDir()
	program(t, nil, "rnpkeys", "--homedir", home, "--import-keys", secret)
	program(t, nil, "rnpkeys", "--homedir", home, "--import-keys", put(t, "company.asc", []byte(company)))
	opened := filepath.Join(home, "opened")
	program(t, nil, "rnp", "--homedir", home, "--notty", "--password", passphrase, "--decrypt", "--output", opened, message)
	if content, err := os.ReadFile(opened); err != nil || string(content) != letter {
		t.Errorf("rnp gives %q, %v", content, err)
	}
}

// unlocked is the backup without its passphrase, for sq, which asks for one on a
// terminal only.
func unlocked(t *testing.T, backup []byte) []byte {
	t.Helper()
	ring, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(backup))
	must(t, err)
	must(t, ring[0].DecryptPrivateKeys([]byte(passphrase)))
	var plain bytes.Buffer
	must(t, ring[0].SerializePrivateWithoutSigning(&plain, nil))
	return plain.Bytes()
}

// TestSecretKeyNeverLeaves watches every request of the page, and everything
// that the browser keeps.
func TestSecretKeyNeverLeaves(t *testing.T) {
	t.Parallel()
	w, tab := openMakeKey(t)
	key := makeKey(t, tab)
	var kept string
	tab.Value(`(async () => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, history.state, location.href, name,
		await indexedDB.databases(), await caches.keys(), await navigator.serviceWorker.getRegistrations(),
		[...document.querySelectorAll("input")].map(i => i.value)]))()`, &kept)
	if want := `[{},{},"",null,"` + w.URL + `/en/make-key","",[],[],[],["kiran@acme.example","","","",""]]`; kept != want {
		t.Errorf("the browser keeps %s, want %s", kept, want)
	}
	var markup string
	tab.Value("document.documentElement.outerHTML", &markup)
	tab.Click(`[data-step="hand-in"] form button`)
	tab.Until(`!document.querySelector("#make-key")`)
	left := w.left(tab)
	if !strings.Contains(left, "BEGIN PGP PUBLIC KEY BLOCK") || !strings.Contains(left, "POST ") {
		t.Fatal("the certificate was not handed in, or nobody saw it")
	}
	for where, text := range map[string]string{"a request": left, "the page": markup} {
		noSecretIn(t, where, text, key.backup, key.certificate)
		noTextIn(t, where, text, passphrase)
	}
	enrolee, err := w.store.Enrolee(t.Context(), employee.Number)
	must(t, err)
	candidate, found := enrolee.Standing(payroll.CertificateCandidate)
	if !found {
		t.Fatal("the certificate was not stored")
	}
	c, err := keystore.ReadCertificate(candidate.Content)
	must(t, err)
	if fingerprint := c.Fingerprint(); fingerprint != candidate.Fingerprint || c.Address() != employee.Email {
		t.Errorf("stored was %s", fingerprint)
	}
}

// TestSecretIsRecognised makes sure that the watch above would see what it looks for.
func TestSecretIsRecognised(t *testing.T) {
	t.Parallel()
	_, tab := openMakeKey(t)
	key := makeKey(t, tab)
	for name, leak := range map[string]string{
		"armored": string(key.backup)[200:600], "binary": "xx" + string(dearmor(t, key.backup)),
		"one line": strings.ReplaceAll(string(key.backup)[200:600], "\n", ""),
	} {
		inner := &testing.T{}
		noSecretIn(inner, "a request", leak, key.backup, key.certificate)
		if !inner.Failed() {
			t.Errorf("%s: nobody saw the secret", name)
		}
	}
	noSecretIn(t, "the certificate", string(key.certificate), key.backup, key.certificate)
}

// TestMakeKeyMistakes does what people do, and reads what the page says to it.
func TestMakeKeyMistakes(t *testing.T) {
	t.Parallel()
	w, tab := openMakeKey(t)
	const makeButton, checkButton = `[data-step="passphrase"] form button:not([type])`, `[data-step="check"] form button:not([type])`
	try := func(first, second, want string) {
		t.Helper()
		tab.Type("#passphrase", first)
		tab.Type("#passphrase-again", second)
		tab.Click(makeButton)
		tab.See("#passphrase-mistake", want)
	}
	tab.Click(makeButton)
	tab.See("#passphrase-mistake", "Choose a passphrase first")
	try("password123456", "password123456", "too easy to guess")
	try("kiran@acme.example", "kiran@acme.example", "too easy to guess")
	try(passphrase, passphrase+".", "not the same")
	try(passphrase+" ", passphrase+" ", "begins or ends with a blank")
	tab.Axe()
	tab.Pictures("make-key-mistake")

	tab.Click("#suggest-passphrase")
	tab.See("#strength-words", "Very good")
	var suggested, shown string
	tab.Value(`document.querySelector("#passphrase").value`, &suggested)
	tab.Value(`document.querySelector("#passphrase").type`, &shown)
	if len(suggested) != 24 || shown != "text" {
		t.Errorf("suggested %q, shown as %s", suggested, shown)
	}
	tab.Click(makeButton)
	tab.See("#backup-title", "Save your backup")
	var closed bool
	tab.Value(`document.querySelector("#backup-done").disabled`, &closed)
	if !closed {
		t.Error("one could go on without saving")
	}
	tab.Click(`[data-save="backup"]`)
	tab.Click(`[data-save="revocation"]`)
	backup := tab.Download("payseal-backup.asc")
	tab.Download("payseal-revocation.asc")
	tab.Click("#backup-done")

	check := func(file, words, want string) {
		t.Helper()
		tab.Choose("#backup-file", file)
		tab.Type("#backup-passphrase", words)
		tab.Click(checkButton)
		tab.See("#check-mistake", want)
		var ready bool
		tab.Value(`document.querySelector('[data-step="hand-in"] button').disabled && !document.querySelector("textarea[name=text]").value`, &ready)
		if !ready {
			t.Error("it could be handed in")
		}
	}
	tab.Click(checkButton)
	tab.See("#check-mistake", "Choose your backup file")
	good := filepath.Join(tab.Downloads, "payseal-backup.asc")
	check(filepath.Join(tab.Downloads, "payseal-revocation.asc"), suggested, "This is the revocation certificate")
	check(put(t, "text.asc", []byte("nothing")), suggested, "no key in this file")
	check(put(t, "cut.asc", backup[:len(backup)/2]), suggested, "no key in this file")
	check(put(t, "large.asc", make([]byte, 2<<20)), suggested, "too large")
	check(put(t, "public.asc", publicOf(t, backup, suggested)), suggested, "This is a public key")
	other := newGPG(t, "")
	other(nil, "--quick-generate-key", "Other <kiran@acme.example>", "future-default", "default", "1y")
	check(put(t, "other.asc", []byte(other(nil, "--armor", "--export-secret-keys"))), suggested, "backup of another key")
	check(good, "", "Type your passphrase")
	check(good, "wrong", "does not open the backup")
	tab.Axe()

	tab.Click("#backup-again")
	tab.See("#backup-title", "Save your backup")
	tab.Open(w.URL + "/en/company-key") // away, before the backup was read back
	if asked := tab.Dialogs(); len(asked) != 1 || asked[0] != "beforeunload" {
		t.Errorf("leaving asked %q", asked)
	}
}

// publicOf is the public half of a backup, as gpg exports it.
func publicOf(t *testing.T, backup []byte, passphrase string) []byte {
	t.Helper()
	gpg := newGPG(t, passphrase)
	gpg(nil, "--import", put(t, "backup.asc", backup))
	return block(gpg(nil, "--armor", "--export"))
}

// TestMakeKeyByKeyboard goes through the page without a mouse, and looks at every
// step of it.
func TestMakeKeyByKeyboard(t *testing.T) {
	t.Parallel()
	_, tab := openMakeKey(t)
	look := func(name string) {
		t.Helper()
		tab.Axe()
		for _, v := range []browsertest.Viewport{browsertest.Phone, browsertest.Desktop} {
			tab.Size(v)
			tab.Overflow()
		}
		tab.Pictures("make-key-" + name)
	}
	focused := func(heading string) {
		t.Helper()
		tab.Until(`document.activeElement?.innerText === "` + heading + `"`)
	}
	focused("Choose a passphrase")
	look("passphrase")
	tab.Press("\t" + passphrase + "\t" + passphrase + "\r")
	focused("Save your backup")
	look("backup")
	tab.Press("\t\r\t\r")
	tab.Download("payseal-backup.asc")
	tab.Download("payseal-revocation.asc")
	tab.Until(`!document.querySelector("#backup-done").disabled`)
	tab.Press("\t\r")
	focused("Check that the backup opens")
	tab.Choose("#backup-file", filepath.Join(tab.Downloads, "payseal-backup.asc"))
	look("check")
	tab.Press("\t\t" + passphrase + "\r")
	focused("Hand in the public half")
	look("hand-in")
	for _, r := range tab.Requests() {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s before anything was handed in", r.Method, r.URL)
		}
	}
}

// TestMakeKeyWithoutScripts reads what the page says where no script runs.
func TestMakeKeyWithoutScripts(t *testing.T) {
	t.Parallel()
	w, tab := openMakeKey(t)
	tab.Scripts(false)
	tab.Open(w.URL + "/en/make-key")
	tab.See("noscript", "needs JavaScript")
	var shown bool
	tab.Value(`document.querySelector("#passphrase").checkVisibility() || document.querySelector("#waiting").checkVisibility()`, &shown)
	if shown {
		t.Error("the page waits for a script that does not come")
	}
}

// TestPassphraseFields looks at how the browser and password managers are told
// what the fields are.
func TestPassphraseFields(t *testing.T) {
	t.Parallel()
	_, tab := openMakeKey(t)
	var fields []string
	tab.Value(`[...document.querySelectorAll("#make-key input")].map(i => [i.id, i.type, i.autocomplete, i.name].join(" "))`, &fields)
	want := []string{" text username ", "passphrase password new-password ", "passphrase-again password new-password ",
		"backup-file file  ", "backup-passphrase password current-password "}
	if strings.Join(fields, "|") != strings.Join(want, "|") {
		t.Errorf("fields %q, want %q (none of them may have a name)", fields, want)
	}
}
