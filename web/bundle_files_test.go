package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/browser"
)

// needBundle skips a test for want of the bundle, and fails it under CI.
func needBundle(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("browser", "node_modules", "axe-core")); err != nil || !Bundle() {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs the browser's bundle; make it with: make bundle")
		}
		t.Skip("this test needs the browser's bundle; make it with: make bundle")
	}
}

// TestBundleIsWhatItsSourcesGive builds the bundle once more: the same bytes come
// out, so that anybody can check what is served, and what is embedded is not of
// yesterday.
func TestBundleIsWhatItsSourcesGive(t *testing.T) {
	t.Parallel()
	needBundle(t)
	folder := t.TempDir()
	if out, err := exec.Command("../deploy/scripts/bundle.sh", "into", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	built, err := os.ReadDir(folder)
	must(t, err)
	for _, entry := range built {
		if strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		again, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		must(t, err)
		if embedded, err := fs.ReadFile(browser.Files(), entry.Name()); err != nil || !bytes.Equal(embedded, again) {
			t.Errorf("%s is not what its sources give (%v); run make bundle", entry.Name(), err)
		}
	}
}

// TestOpenPGPIsItsMakers holds that the library is the file that its makers
// released, of the version that the lock file names, and that it is named with
// its source and its terms.
func TestOpenPGPIsItsMakers(t *testing.T) {
	t.Parallel()
	needBundle(t)
	released, err := os.ReadFile("browser/node_modules/openpgp/dist/openpgp.min.mjs")
	must(t, err)
	served, err := fs.ReadFile(browser.Files(), openPGPFile)
	must(t, err)
	if !bytes.Equal(released, served) {
		t.Error("OpenPGP.js was changed")
	}
	licences, err := fs.ReadFile(browser.Files(), licencesFile)
	must(t, err)
	for _, words := range []string{
		"openpgp 6.", "its makers released it", "openpgpjs on github.com", "GNU LESSER GENERAL PUBLIC LICENSE", "GNU GENERAL PUBLIC LICENSE",
		"@zxcvbn-ts/core 4.", "@zxcvbn-ts/language-common 4.", "fastest-levenshtein 1.", "Permission is hereby granted",
	} {
		if !strings.Contains(string(licences), words) {
			t.Errorf("the licences do not say %q", words)
		}
	}
}

// TestScriptsNeedNoPermission looks for what the pages' policy forbids.
func TestScriptsNeedNoPermission(t *testing.T) {
	t.Parallel()
	needBundle(t)
	forbidden := regexp.MustCompile(`\beval\(|new Function\b|innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?://`)
	for _, name := range scriptNames() {
		content, err := fs.ReadFile(browser.Files(), name)
		must(t, err)
		if found := forbidden.FindAll(content, -1); len(found) > 0 {
			t.Errorf("%s has %q", name, found)
		}
	}
	f := newForm(t, nil)
	page := string(f.script(makeKeyScript))
	if strings.Count(page, `integrity="sha384-`) != 2 || !strings.Contains(page, `type="module"`) {
		t.Errorf("loaded by %s", page)
	}
	if f.script("payseal.css") != "" {
		t.Error("anything can be loaded as a script")
	}
	for _, kind := range []string{openPGPFile, makeKeyScript} {
		a := f.visitor(t).get(t, "/static/"+kind)
		if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "text/javascript") {
			t.Errorf("%s: %d %s", kind, a.status, a.header.Get("Content-Type"))
		}
	}
	r := f.visitor(t).request(t, http.MethodGet, "/static/"+openPGPFile, nil)
	r.Header.Set("Accept-Encoding", "gzip, br")
	a := f.visitor(t).do(t, r)
	packed, err := gzip.NewReader(strings.NewReader(a.body))
	must(t, err)
	content, err := io.ReadAll(packed)
	must(t, err)
	want, err := fs.ReadFile(browser.Files(), openPGPFile)
	must(t, err)
	if !bytes.Equal(content, want) || len(a.body) > len(content)/2 || a.header.Get("Vary") != "Accept-Encoding" {
		t.Errorf("%d bytes of %d: %v", len(a.body), len(content), a.header)
	}
	if a := f.visitor(t).get(t, "/static/"+browser.Placeholder); a.status != http.StatusNotFound {
		t.Errorf("the placeholder is served: %d", a.status)
	}
}

// TestNoRegistryInTheLock holds that the lock file names contents and no place:
// whoever builds chooses where npm fetches from.
func TestNoRegistryInTheLock(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("browser/package-lock.json")
	must(t, err)
	text := string(lock)
	packages, hashes := strings.Count(text, `"node_modules/`), strings.Count(text, `"integrity": "sha512-`)
	if packages == 0 || packages != hashes {
		t.Errorf("%d packages, %d hashes", packages, hashes)
	}
	if strings.Contains(text, "resolved") || strings.Contains(text, "://") || strings.Contains(text, "hasInstallScript") {
		t.Error("the lock file names a place, or a package that runs a script when it is installed")
	}
}

// TestWithoutTheBundle looks at the page of a program that was built without it.
func TestWithoutTheBundle(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	f.prepare()
	answer := httptest.NewRecorder()
	must(t, f.render(answer, &visit{lang: "en"}, http.StatusOK, "make-key", newKey{}))
	page := answer.Body.String()
	if !strings.Contains(page, "not part of this installation") || strings.Contains(page, "<script") || strings.Contains(page, `id="make-key"`) {
		t.Error(page)
	}
}

func TestUserName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Kiran Ångström":          "Kiran Ångström",
		"किरण कुमार":              "किरण कुमार",
		`Kiran "K" <x@y> (Ops)`:   "Kiran K x y Ops",
		"  a\u00a0b\tc\u202e\x00": "a b c",
		"A, B; C: D":              "A B C D",
		"می\u200cنا \u200d":       "می\u200cنا",
		"श\u200dर्मा":             "श\u200dर्मा",
		"<>":                      "",
	} {
		if got := userName(name); got != want {
			t.Errorf("%q becomes %q, want %q", name, got, want)
		}
	}
	if got := nameOrAddress(payroll.Enrolee{Name: "<>", Email: "kiran@acme.example"}); got != "kiran" {
		t.Errorf("a name of nothing but signs becomes %q", got)
	}
}
