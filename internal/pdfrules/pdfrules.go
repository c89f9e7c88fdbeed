// Package pdfrules reads a PDF file through qpdf and holds it against rules of
// ISO 32000-1, PDF/A-3b (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), each named with
// its clause. It is for tests: no validator of these standards can be had from
// the package archives. It asks for more than the standards in places, as any
// house does, and for less in others: what cannot occur in files of ours is
// forbidden rather than examined (forms, annotations, encryption, transparency).
//
// It must never be used by product code. Read [Check] and [rules] first.
package pdfrules

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Check reports every rule that the file breaks, and what qpdf says of its
// syntax. A machine without qpdf fails the test in CI and skips it elsewhere.
func Check(t testing.TB, pdf []byte) {
	t.Helper()
	path := written(t, pdf)
	d, err := parse(ask(t, path), pdf)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("ISO 32000-1 syntax: qpdf: %v\n%s", err, out)
	}
	for _, broken := range d.broken() {
		t.Error(broken)
	}
}

// Abroad has pdfcpu, another's reader, validate files. Its strict mode refuses
// what PDF/A-3 brought: AFRelationship in a file of PDF 1.7.
func Abroad(t testing.TB, pdfs ...[]byte) {
	t.Helper()
	tool, err := tool("pdfcpu")
	if err != nil {
		lacks(t, "pdfcpu: "+err.Error())
	}
	arguments := []string{"validate", "-conf", "disable", "-mode", "relaxed"}
	for _, pdf := range pdfs {
		arguments = append(arguments, written(t, pdf))
	}
	if out, err := exec.Command(tool, arguments...).CombinedOutput(); err != nil {
		t.Errorf("pdfcpu: %v\n%s", err, out)
	}
}

// tool is the path of a program among the tools of this repository, built.
func tool(name string) (string, error) {
	module, err := exec.Command("go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	tools := filepath.Join(filepath.Dir(string(module)), "deploy", "tools", "go.mod")
	path, err := exec.Command("go", "tool", "-n", "-modfile="+tools, name).Output()
	if err != nil {
		return "", fmt.Errorf("build the tool: %w", err)
	}
	return strings.TrimSpace(string(path)), nil
}

func lacks(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("this test needs %s", what)
	}
	t.Skipf("this test needs %s", what)
}

// written is the path of a file that holds the PDF as long as the test runs.
func written(t testing.TB, pdf []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// ask has qpdf write the file down as JSON, streams decoded.
func ask(t testing.TB, path string) []byte {
	t.Helper()
	if _, err := exec.LookPath("qpdf"); err != nil {
		lacks(t, "the package qpdf")
	}
	out, err := exec.Command("qpdf", "--json=2", "--json-stream-data=inline", "--decode-level=generalized", path).Output()
	if err != nil {
		t.Fatalf("qpdf: %v", err)
	}
	return out
}

// broken says for each rule that does not hold which one it is and why.
func (d *document) broken() []string {
	var all []string
	sheets := d.sheets()
	for _, r := range rules {
		for _, why := range r.faults(d, sheets) {
			all = append(all, r.clause+", "+r.name+": "+why)
		}
	}
	return all
}

// rule is one rule: where it stands, and what in a document goes against it.
type rule struct {
	clause, name string
	faults       func(*document, []sheet) []string
}

// rules are in the order of their clauses.
var rules = []rule{
	{"ISO 19005-3, 6.1.2", "header", header},
	{"ISO 19005-3, 6.1.3", "identifier", identifier},
	{"ISO 19005-3, 6.1.3", "no encryption", unencrypted},
	{"ISO 19005-3, 6.1.3", "nothing after the end", ending},
	{"ISO 19005-3, 6.1.7", "filters", filters},
	{"ISO 19005-3, 6.1.13", "limits", limits},
	{"ISO 19005-3, 6.2.2", "operators and resources", operators},
	{"ISO 19005-3, 6.2.3", "output intent", outputIntent},
	{"ISO 19005-3, 6.2.4.3", "device colours", colours},
	{"ISO 19005-3, 6.2.8", "images", images},
	{"ISO 19005-3, 6.2.10", "no transparency", opaque},
	{"ISO 19005-3, 6.2.11.3", "composite fonts", composite},
	{"ISO 19005-3, 6.2.11.4", "fonts embedded", embedded},
	{"ISO 19005-3, 6.2.11.5", "widths agree", widths},
	{"ISO 19005-3, 6.2.11.8", "no .notdef", noNotdef},
	{"ISO 19005-3, 6.3", "no annotations", noAnnotations},
	{"ISO 19005-3, 6.5", "no actions", noActions},
	{"ISO 19005-3, 6.6.2", "metadata", metadata},
	{"ISO 19005-3, 6.6.2.3", "schemas described", extension},
	{"ISO 19005-3, 6.6.4", "PDF/A identification", archival},
	{"ISO 19005-3, 6.8", "attachments", attachments},
	{"ISO 14289-1, 5", "PDF/UA identification", universal},
	{"ISO 14289-1, 7.1", "all content is marked", marked},
	{"ISO 14289-1, 7.1", "artifacts and content apart", apart},
	{"ISO 14289-1, 7.1", "title is shown", title},
	{"ISO 14289-1, 7.1", "marked document", markInfo},
	{"ISO 14289-1, 7.1", "standard structure types", standardTypes},
	{"ISO 14289-1, 7.2", "language", language},
	{"ISO 14289-1, 7.3", "figures have alternatives", figures},
	{"ISO 14289-1, 7.4.2", "headings in order", headings},
	{"ISO 14289-1, 7.5", "header cells have scope", scopeOfHeaders},
	{"ISO 14289-1, 7.6", "lists", lists},
	{"ISO 14289-1, 7.9", "notes have identifiers", notes},
	{"ISO 14289-1, 7.18.3", "tab order", tabOrder},
	{"ISO 14289-1, 7.21.7", "fonts map to Unicode", toUnicode},
	{"ISO 32000-1, 14.3.3", "information is metadata", infoAgrees},
	{"ISO 32000-1, 14.6", "sequences are nested", nested},
	{"ISO 32000-1, 14.7.2", "structure tree", tree},
	{"ISO 32000-1, 14.7.4.4", "parent tree", parentTree},
	{"ISO 32000-1, 14.8.4.3.4", "tables are regular", tables},
}
