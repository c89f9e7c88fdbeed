package web

import (
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// shown is one page in one state, as the tests look at it.
type shown struct {
	name  string // of its golden file and of its pictures
	route string // of the table, without the language; "" for the answer to a form
	path  string // what is asked for, without the language
	by    *visitor
	body  string // of the answer to a form
}

// gallery is the form with people on every step of the ladder and all pages that
// they see.
type gallery struct {
	*form
	pages []shown
}

// newGallery walks six people to where each kind of page can be seen, and keeps
// what the forms answered on the way.
func newGallery(t *testing.T) *gallery {
	t.Helper()
	directory := make(map[payroll.Address][]byte)
	g := &gallery{form: newOffice(t, func(s *Server) {
		s.Publish = PublishCompany
		s.Lookup = func(_ context.Context, a payroll.Address) ([]byte, error) { return directory[a], nil }
	})}
	_, err := g.store.PutEmployees(t.Context(), []payroll.Employee{
		{Number: "1", Name: "Ada Brontë", Email: "ada@acme.example", Phone: "+43 1 5550117", Language: "en"},
		{Number: "2", Name: "Björn Çelik", Email: "bjorn@acme.example", Phone: "+43 1 5550123", Language: "de"},
		{Number: "3", Name: "Chidi Đặng", Email: "chidi@acme.example", Phone: "+43 1 5550191", Language: "fr"},
		{Number: "4", Name: "Dilara Ünal", Email: "dilara@acme.example", Phone: "+43 1 5550158", Language: "en"},
	}, "file", "maria", false)
	must(t, err)
	directory["bjorn@acme.example"] = publicKey(t, newPerson(t, "Björn Çelik <bjorn@acme.example>"))
	g.entering(t)
	g.climbingUp(t)
	g.enrolledAlready(t)
	g.signing(t)
	return g
}

// page adds what the visitor sees at a path.
func (g *gallery) page(name, route, path string, by *visitor) {
	g.pages = append(g.pages, shown{name: name, route: route, path: path, by: by})
}

// answered adds the answer to a form.
func (g *gallery) answered(t testing.TB, name string, status int, a answer) {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: status %d, want %d, to %q\n%s", name, a.status, status, a.to(), mainOf(a.body))
	}
	g.pages = append(g.pages, shown{name: name, body: a.body})
}

// entering is what strangers see.
func (g *gallery) entering(t *testing.T) {
	t.Helper()
	stranger := g.visitor(t)
	g.page("welcome", "/{$}", "/", stranger)
	for _, path := range []string{"/company-key", "/really-hr", "/guides", "/link", "/link/sent", "/sign-in"} {
		g.page(strings.ReplaceAll(path[1:], "/", "-"), path, path, stranger)
	}
	for _, name := range guideNames {
		g.page("guide-"+name, "/guides/"+name, "/guides/"+name, stranger)
	}
	g.page("enter", "/enter/{token}", "/enter/x", stranger)
	g.page("confirm", "/confirm/{token}", "/confirm/x", stranger)
	g.answered(t, "problem", http.StatusNotFound, stranger.get(t, "/en/nothing"))
	g.answered(t, "link-gone", http.StatusNotFound, stranger.post(t, "/en/enter/x"))
	g.answered(t, "link-mistake", http.StatusUnprocessableEntity, stranger.post(t, "/en/link", "email", "ada"))
	g.answered(t, "sign-in-mistake", http.StatusUnprocessableEntity, stranger.post(t, "/en/sign-in", "email", "ada"))
	waiting := g.visitor(t)
	leads(t, waiting, waiting.post(t, "/en/sign-in", "email", "nobody@acme.example"), "/en/sign-in/code")
	g.page("sign-in-code", "/sign-in/code", "/sign-in/code", waiting)
	g.answered(t, "sign-in-code-wrong", http.StatusUnprocessableEntity, waiting.post(t, "/en/sign-in/code", "code", "AAAAA-AAAAA"))
}

// climbingUp is what those see who are on their first way up.
func (g *gallery) climbingUp(t *testing.T) {
	t.Helper()
	ada := g.entered(t, "1")
	g.page("certificate", "/certificate", "/certificate", ada)
	g.page("make-key", "/make-key", "/make-key", ada)
	g.answered(t, "certificate-nothing", http.StatusUnprocessableEntity, ada.upload(t, "/en/certificate", nil, ""))
	g.answered(t, "certificate-not-found", http.StatusOK, ada.post(t, "/en/certificate/lookup"))
	g.answered(t, "refused", http.StatusUnprocessableEntity, ada.upload(t, "/en/certificate", nil, "hello"))
	g.answered(t, "refused-secret", http.StatusUnprocessableEntity, ada.upload(t, "/en/certificate", secretKey(t, newPerson(t, "Ada <ada@acme.example>")), ""))

	bjorn := g.entered(t, "2")
	g.answered(t, "found", http.StatusOK, bjorn.post(t, "/en/certificate/lookup"))
	g.answered(t, "accepted", http.StatusOK, bjorn.upload(t, "/en/certificate", publicKey(t, newPerson(t, "Björn Çelik <bjorn@acme.example>")), ""))
	g.answered(t, "proof-ask", http.StatusOK, bjorn.get(t, "/en/proof"))
	bjorn.post(t, "/en/proof/code")
	g.mails(t)
	g.answered(t, "proof-wrong", http.StatusUnprocessableEntity, bjorn.post(t, "/en/proof", "code", "AAAAA-AAAAA"))
	g.page("proof", "/proof", "/proof", bjorn)

	chidi, _ := g.proven(t, "3", "chidi@acme.example")
	g.page("call", "/call", "/call", chidi)
	g.answered(t, "specimen", http.StatusOK, chidi.get(t, "/en/specimen"))
	chidi.post(t, "/en/specimen")
	g.mails(t)
	g.answered(t, "specimen-no-answer", http.StatusUnprocessableEntity, chidi.post(t, "/en/specimen/seen"))
	leads(t, chidi, chidi.post(t, "/en/specimen/seen", "seen", "opened", "structure", "combined", "presentation", "inline"), "/en/specimen")
	g.mails(t)
	g.page("specimen-again", "/specimen", "/specimen", chidi)
	g.page("done", "/done", "/done", chidi)
	g.page("me-climbing", "/me", "/me", chidi)
}

// enrolledAlready is what those see whose certificate is in use.
func (g *gallery) enrolledAlready(t *testing.T) {
	t.Helper()
	v, key := g.enrolled(t, kiran, "kiran@acme.example")
	other, _ := g.enrolled(t, kiren, "kiren@acme.example")
	g.paid(t)
	g.page("call-in-use", "/call", "/call", v)
	g.page("done-in-use", "/done", "/done", v)
	for _, path := range []string{"/me", "/replace", "/revoke", "/revoke/done", "/revoke/asked", "/address", "/ledger", "/report", "/report/sent"} {
		g.page(strings.ReplaceAll(path[1:], "/", "-"), path, path, v)
	}
	g.answered(t, "replace-nothing", http.StatusUnprocessableEntity, v.upload(t, "/en/replace", nil, ""))
	g.answered(t, "replace-same", http.StatusOK, v.upload(t, "/en/replace", publicKey(t, key), ""))
	g.answered(t, "revoke-confirm", http.StatusOK, v.upload(t, "/en/revoke", revocationOf(t, key), ""))
	g.answered(t, "revoke-not-ours", http.StatusUnprocessableEntity, v.upload(t, "/en/revoke", nil, "hello"))
	g.answered(t, "address-mistake", http.StatusUnprocessableEntity, v.post(t, "/en/address", "address", "kiren@acme.example"))
	g.answered(t, "report-mistake", http.StatusUnprocessableEntity, v.post(t, "/en/report", "kind", "suspicious"))

	leads(t, other, other.post(t, "/en/address", "address", "kiren@home.example"), "/en/address")
	confirmations := g.mails(t)
	g.answered(t, "confirmed-half", http.StatusOK, other.post(t, "/en/confirm/"+confirmations[payroll.NoticeConfirmOld].secret))
	g.page("address-pending", "/address", "/address", other)
	leads(t, other, other.upload(t, "/en/replace", publicKey(t, newPerson(t, "Kiren B <kiren@acme.example>")), ""), "/en/replace")
	g.page("replace-sign", "/replace", "/replace", other)
	g.page("me-replacing", "/me", "/me", other)
	g.answered(t, "replace-sign-wrong", http.StatusUnprocessableEntity, other.post(t, "/en/replace/vouch", "vouch", "hello"))
}

// signing is what those see whose old key has signed for their new certificate.
func (g *gallery) signing(t *testing.T) {
	t.Helper()
	v, old := g.enrolled(t, "4", "dilara@acme.example")
	leads(t, v, v.upload(t, "/en/replace", publicKey(t, newPerson(t, "Dilara Ünal <dilara@acme.example>")), ""), "/en/replace")
	current, candidate := g.standing(t, "4", payroll.CertificateCurrent), g.standing(t, "4", payroll.CertificateCandidate)
	signed := signedText(t, old, keystore.VouchStatement(current.Fingerprint, candidate.Fingerprint, "4", g.Certificate.Fingerprint()))
	leads(t, v, v.post(t, "/en/replace/vouch", "vouch", signed), "/en/replace")
	leads(t, v, v.post(t, "/en/proof/code"), "/en/proof")
	leads(t, v, v.post(t, "/en/proof", "code", g.mails(t)[payroll.NoticeProofCode].secret), "/en/call")
	g.page("replace-signed", "/replace", "/replace", v)
	g.page("call-signed", "/call", "/call", v)
}

// html is the page in a language; the answer to a form is in English always.
func (p shown) html(t testing.TB, lang string) string {
	t.Helper()
	if p.route == "" {
		return p.body
	}
	a := p.by.get(t, "/"+lang+p.path)
	if a.status != http.StatusOK {
		t.Fatalf("%s in %s: status %d, to %q", p.name, lang, a.status, a.to())
	}
	return a.body
}

// files are routes that look like pages and are downloads.
var files = []string{"/me/certificate.asc"}

// TestEveryFileIsAPage: each is parsed only when somebody asks for it, which must
// not be when a mistake is found.
func TestEveryFileIsAPage(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("pages/*.html")
	must(t, err)
	f := newForm(t, nil)
	for lang, pages := range f.pages {
		if len(pages) != len(files)-2 { // all but layout and parts
			t.Errorf("%s has %d pages of %d files", lang, len(pages), len(files))
		}
		for name, page := range pages {
			if page().Lookup("layout") == nil || page().Lookup("main") == nil {
				t.Errorf("%s, %s: is no page", lang, name)
			}
		}
	}
}

// TestEveryPage compares what each page says and offers, in English, with its
// golden file. A route without a page here fails the test.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	needBundle(t)
	g := newGallery(t)
	seen := make(map[string]bool)
	for _, p := range g.pages {
		if seen[p.name] {
			t.Errorf("two pages are called %s", p.name)
		}
		seen[p.name], seen[p.route] = true, true
		golden(t, p.name+".txt", outline(t, p.html(t, "en")))
	}
	for _, r := range g.table {
		if r.method == http.MethodGet && !r.bare && !seen[r.path] && !slices.Contains(files, r.path) {
			t.Errorf("nobody looks at %s", r.path)
		}
	}
	kept, err := filepath.Glob("testdata/golden/*.txt")
	must(t, err)
	for _, path := range kept {
		if !seen[strings.TrimSuffix(filepath.Base(path), ".txt")] {
			t.Errorf("%s is of no page", path)
		}
	}
}

// golden compares with testdata/golden/name, or rewrites it with -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	if *update {
		must(t, os.MkdirAll(filepath.Dir(path), 0o750))
		must(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); if it is meant, run make golden:\n%s", name, diff)
	}
}

// outline is a page's title and what its main part says and offers: a line for
// each block with its tag and what matters of its attributes. What differs from
// run to run is blotted out.
func outline(t testing.TB, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	must(t, err)
	var lines []string
	for n := range root.Descendants() {
		if n.Data == "title" || n.Data == "main" {
			lines = append(lines, "")
			outlineNode(n, &lines)
		}
	}
	for i := range lines {
		lines[i] = blotted(strings.TrimSpace(strings.Join(strings.Fields(lines[i]), " ")))
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return line == "" })
	return strings.Join(lines, "\n") + "\n"
}

// Elements that go on in a line, that bear nothing to read, and attributes worth
// a place in the outline.
var (
	inline  = []string{"span", "bdi", "strong", "em", "code", "a", "div", "small"}
	mute    = []string{"svg", "script", "link", "template"}
	telling = []string{"class", "role", "id", "for", "href", "action", "name", "type", "value", "required", "autofocus", "hidden", "open",
		"aria-label", "aria-current", "aria-describedby", "aria-invalid", "aria-labelledby", "autocomplete", "checked", "lang", "dir"}
)

func outlineNode(n *html.Node, lines *[]string) {
	last := func(text string) { (*lines)[len(*lines)-1] += text }
	switch {
	case n.Type == html.TextNode:
		last(n.Data)
		return
	case n.Type != html.ElementNode || slices.Contains(mute, n.Data):
		return
	}
	mark := n.Data
	for _, a := range n.Attr {
		if !slices.Contains(telling, a.Key) {
			continue
		}
		mark += " " + a.Key
		if a.Val != "" {
			mark += "=" + a.Val
		}
	}
	within := slices.Contains(inline, n.Data)
	switch {
	case !within:
		*lines = append(*lines, "<"+mark+"> ")
	case n.Data == "a":
		last(" [" + mark + "] ")
	}
	for child := range n.ChildNodes() {
		outlineNode(child, lines)
	}
	if !within {
		*lines = append(*lines, "")
	}
}

// blots are what no two runs have in common.
var blots = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`\b[0-9A-F]{4}( [0-9A-F]{4}){9}\b|\b[0-9A-F]{40}\b`), "FINGERPRINT"},
	{regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "NUMBER"},
	{regexp.MustCompile(`\b\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December) 20\d\d\b`), "DATE"},
	{regexp.MustCompile(`\b[0-2]\d:[0-5]\d\b`), "CLOCK"},
	{regexp.MustCompile(`value=-----BEGIN .*-----|value=[0-9A-Za-z+/=]{60,}`), "value=KEY"},
}

func blotted(line string) string {
	for _, b := range blots {
		line = b.what.ReplaceAllString(line, b.by)
	}
	return line
}
