package typeset_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// installed are the fonts of this machine, indexed once.
func installed(t testing.TB) *typeset.Fonts {
	t.Helper()
	fonts, err := system()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ family, from string }{{"Noto Sans", "fonts-noto-core"}, {"Noto Sans CJK SC", "fonts-noto-cjk"}} {
		if !slices.Contains(fonts.Families(), want.family) {
			typeset.Lacks(t, "the package "+want.from)
		}
	}
	return fonts
}

var system = sync.OnceValues(func() (*typeset.Fonts, error) { return typeset.LoadFonts(os.DirFS(typeset.SystemFonts)) })

// newSetter sets for a stock that has the letters and figures of English.
func newSetter(t testing.TB, fonts *typeset.Fonts) (*typeset.Setter, *pdf.Stock) {
	t.Helper()
	s := fonts.NewSetter()
	var letters []pdf.Font
	for _, f := range []struct {
		name string
		bold bool
	}{{"Regular", false}, {"Bold", true}} {
		glyphs := s.Glyphs("ABCDEFGHIJKLMNOPQRSTUVWXYZ abcdefghijklmnopqrstuvwxyz 0123456789 .,-", typeset.Style{Bold: f.bold})
		letters = append(letters, pdf.Font{Name: f.name, Glyphs: glyphs})
	}
	stock, err := pdf.NewStock(letters, nil)
	if err != nil {
		t.Fatal(err)
	}
	s.Use(stock)
	return s, stock
}

// row is a text on a sheet.
type row struct {
	text  string
	style typeset.Style
}

// sheet draws rows under one another.
func sheet(t testing.TB, s *typeset.Setter, stock *pdf.Stock, rows []row) []byte {
	t.Helper()
	w := stock.NewWriter()
	w.Begin("en")
	w.Page(300, 20+22*float64(len(rows)))
	for i, r := range rows {
		w.Text(w.Add(w.Root(), pdf.P), 12, 24+22*float64(i), 14, pdf.Color{}, s.Line(r.text, r.style))
	}
	document, err := w.End(nil, pdf.Info{Title: "Names"})
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// poppler runs one of its tools on a document.
func poppler(t testing.TB, document []byte, tool string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		typeset.Lacks(t, tool+" of the package poppler-utils")
	}
	path := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(path, document, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, append(args, path, "-")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// textLines are the lines of text that poppler copies out, without the marks of
// direction that it adds.
func textLines(t testing.TB, document []byte) []string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(poppler(t, document, "pdftotext", "-layout")) {
		line = strings.Map(func(r rune) rune {
			if r >= 0x202a && r <= 0x202e {
				return -1
			}
			return r
		}, line)
		if line = strings.Trim(line, " \f\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
