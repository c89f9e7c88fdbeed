package typeset_test

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

func builtIn(t testing.TB) *typeset.Fonts {
	t.Helper()
	fonts, err := typeset.LoadFonts()
	if err != nil {
		t.Fatal(err)
	}
	return fonts
}

// width of glyphs that are set as they are.
func width(glyphs []pdf.Glyph) (sum float64) {
	for _, g := range glyphs {
		sum += float64(g.Advance)
	}
	return sum
}

// TestLines: no line is wider than asked, unless a single character is, and
// nothing of the text is lost but the spaces at the ends of lines.
func TestLines(t *testing.T) {
	t.Parallel()
	s, stock := newSetter(t, installed(t))
	texts := []string{
		"Contribution to the occupational pension scheme, employee’s share (2026)",
		"Arbeiterunfallversicherungsgesetz-Durchführungsverordnung",
		"مساهمة الموظف في نظام التقاعد للعام الماضي",
		"कर्मचारी भविष्य निधि में कर्मचारी का अंशदान",
		"住房公积金个人缴存部分以及补充医疗保险",
		"กองทุนสำรองเลี้ยงชีพของพนักงาน",
		"12,345,678,901,234,567.89",
		"W",
	}
	for _, width := range []float64{0.1, 4, 9.5, 200} {
		w := stock.NewWriter()
		w.Begin("en")
		w.Page(4000, 10_000)
		y := 20.0
		for _, text := range texts {
			for _, l := range s.Lines(text, typeset.Style{}, width) {
				if l.Width > width && width > 1 {
					t.Errorf("%q: a line is %.2f wide, not %.2f", text, l.Width, width)
				}
				w.Text(w.Add(w.Root(), pdf.P), 10, y, 12, pdf.Color{}, l)
				y += 30
			}
		}
		document, err := w.End(nil, pdf.Info{Title: "Lines"})
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Join(textLines(t, document), "")
		if diff := cmp.Diff(withoutSpaces(strings.Join(texts, "")), withoutSpaces(got)); diff != "" {
			t.Errorf("in lines of %v (-text +lines):\n%s", width, diff)
		}
	}
	if n := len(s.Lines("one two three", typeset.Style{}, 2.5)); n != 3 {
		t.Errorf("three words on %d lines", n)
	}
}

func withoutSpaces(text string) string { return strings.ReplaceAll(text, " ", "") }

// TestFigures: figures of one length are of one width, whatever their digits,
// and words are kerned.
func TestFigures(t *testing.T) {
	t.Parallel()
	s, _ := newSetter(t, builtIn(t))
	for _, bold := range []bool{false, true} {
		st := typeset.Style{Bold: bold}
		want := s.Line("8,888.88", st).Width
		for _, figure := range []string{"1,111.11", "7,417.40", "0,000.00"} {
			if got := s.Line(figure, st).Width; math.Abs(got-want) > 1e-6 {
				t.Errorf("%s is %f wide, not %f", figure, got, want)
			}
		}
		if s.Line("AVAVA", st).Width >= 3*s.Line("A", st).Width+2*s.Line("V", st).Width {
			t.Error("capitals are not kerned")
		}
	}
}

// TestOneOutline: glyphs are the same whichever setter made them, so that a
// document of another core, or of later, has the same bytes.
func TestOneOutline(t *testing.T) {
	t.Parallel()
	fonts := installed(t)
	first, stock := newSetter(t, fonts)
	var rows []row
	for _, c := range typeset.Corpus {
		for _, text := range c.Texts {
			rows = append(rows, row{text, typeset.Style{Language: c.Language}}, row{text, typeset.Style{Bold: true, Language: c.Language}})
		}
	}
	want := sheet(t, first, stock, rows)
	var cores sync.WaitGroup
	for range 3 {
		cores.Go(func() {
			s := fonts.NewSetter()
			s.Use(stock)
			for range 2 {
				if !bytes.Equal(sheet(t, s, stock, rows), want) {
					t.Error("another setter makes another document")
				}
			}
		})
	}
	cores.Wait()
}

// TestForgets: what a setter remembers is bounded, and what it has forgotten it
// sets as before.
func TestForgets(t *testing.T) {
	t.Parallel()
	s, _ := newSetter(t, builtIn(t))
	want := s.Line("Ada Lovelace", typeset.Style{}).Width
	for i := range 10_000 {
		s.Line("Ada "+strings.Repeat("x", i%7)+string(rune('A'+i%26))+string(rune('a'+i/26%26))+string(rune('a'+i/676)), typeset.Style{})
	}
	if n := typeset.Remembered(s); n > 7_500 {
		t.Errorf("%d texts are remembered", n)
	}
	if got := s.Line("Ada Lovelace", typeset.Style{}).Width; got != want {
		t.Errorf("later the name is %f wide, not %f", got, want)
	}
}

// TestMissing: characters that no font has are named with the mend, and what
// can be drawn is not.
func TestMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		parts []string
	}{
		{"สม", []string{"U+0E2A (Thai)", "fonts-noto-core"}},
		{"Li 王", []string{"U+738B (Han)", "fonts-noto-cjk"}},
		{"A\U0003fffd", []string{"U+3FFFD", "leave it out"}},
		{"\ue000", []string{"U+E000", "leave it out"}},
		{"Ada 👍🏽", []string{"U+1F44D (symbol)", "U+1F3FD", "take the sign out, as emoji cannot be drawn"}},
		{"✅ 🇦🇹", []string{"U+2705", "U+1F1E6", "take the sign out"}},
		{"₹", []string{"U+20B9 (symbol)", "or write it without the symbol"}},
		{"Andre\u0301 Ζωή Юлія יוסף", nil},
		{"", nil},
	} {
		s, _ := newSetter(t, builtIn(t))
		for range 2 { // the second time from memory
			s.Reset()
			s.Line(c.text, typeset.Style{})
			if len(c.parts) == 0 && len(s.Missing()) > 0 {
				t.Errorf("%q lacks %U", c.text, s.Missing())
			}
			message := typeset.MissingMessage(s.Missing())
			for _, part := range c.parts {
				if !strings.Contains(message, part) {
					t.Errorf("%q: %q is not in %q", c.text, part, message)
				}
			}
			if pictures := strings.Contains(message, "take the sign out"); pictures && strings.Contains(message, "install") {
				t.Errorf("%q: %q advises a package", c.text, message)
			}
			if len(c.parts) > 0 && strings.Contains(message, c.text) {
				t.Errorf("%q is quoted", c.text)
			}
		}
		if got, _ := s.Lacks(c.text, "en"); len(got) > 0 != (len(c.parts) > 0) {
			t.Errorf("%q: Lacks gives %U", c.text, got)
		}
	}
}

// TestBrokenShaper: a font that breaks the shaper breaks the text that needs it,
// and no other.
func TestBrokenShaper(t *testing.T) {
	t.Parallel()
	installed(t)
	thai, err := os.ReadFile(filepath.Join(typeset.SystemFonts, "truetype/noto/NotoSansThai-Regular.ttf"))
	if err != nil {
		t.Fatal(err)
	}
	const name = "น้ำเพชร"
	broken := 0
	for at := range 60 { // of the table that says what to substitute
		fonts, err := typeset.LoadFonts(fstest.MapFS{"thai.ttf": {Data: damaged(t, thai, "GSUB", at)}})
		if err != nil {
			t.Fatal(err)
		}
		s := fonts.NewSetter()
		if s.Glyphs(name, typeset.Style{Language: "th"}); s.Err() == nil {
			continue
		}
		broken++
		if !errors.Is(s.Err(), typeset.ErrShaper) || len(s.Missing()) == 0 || strings.Contains(s.Err().Error(), name) {
			t.Fatalf("error %v, missing %U", s.Err(), s.Missing())
		}
		s.Reset()
		if s.Glyphs("Ada", typeset.Style{}); s.Err() != nil || len(s.Missing()) > 0 {
			t.Fatalf("another text: error %v, missing %U", s.Err(), s.Missing())
		}
		if s.Glyphs(name, typeset.Style{Language: "th"}); s.Err() == nil {
			t.Fatal("the second time the text is set")
		}
	}
	if broken == 0 {
		t.Error("no damage breaks the shaper: look for another")
	}
}

// damaged overwrites a byte of a table.
func damaged(t *testing.T, font []byte, table string, at int) []byte {
	t.Helper()
	offset, ok := typeset.TableAt(font, table)
	if !ok {
		t.Fatalf("the font has no table %s", table)
	}
	font = bytes.Clone(font)
	font[offset+at] ^= 0xa5
	return font
}

// TestBuiltInHasItsGlyphs: what is not shaped to know that nothing is missing
// lacks nothing when it is.
func TestBuiltInHasItsGlyphs(t *testing.T) {
	t.Parallel()
	fonts := builtIn(t)
	s := fonts.NewSetter()
	runes := typeset.BuiltInRunes(fonts)
	if len(runes) < 2000 {
		t.Fatalf("the built-in face has %d characters", len(runes))
	}
	for _, r := range runes {
		for _, text := range []string{string(r), "e" + string(r), "\u05d0" + string(r) + "1"} {
			if lost, _ := s.Lacks(text, "en"); len(lost) > 0 {
				continue // composed with the letter, it is another character
			}
			for _, bold := range []bool{false, true} {
				s.Reset()
				s.Glyphs(text, typeset.Style{Bold: bold})
				if len(s.Missing()) > 0 || s.Err() != nil {
					t.Errorf("%U in bold=%v: lacks %U, %v", []rune(text), bold, s.Missing(), s.Err())
				}
			}
		}
	}
}

// TestForgetsPlans: a setter that meets ever new languages keeps few ways to
// shape, and shapes as before.
func TestForgetsPlans(t *testing.T) {
	t.Parallel()
	s := builtIn(t).NewSetter()
	want := width(s.Glyphs("Wave", typeset.Style{Language: "en"}))
	for i := range 2000 {
		s.Glyphs("Wave", typeset.Style{Language: "x-" + strings.Repeat("a", 1+i%8) + string(rune('a'+i/8%26)) + string(rune('a'+i/208))})
	}
	if n := typeset.Plans(s); n > 600 {
		t.Errorf("%d ways to shape are kept", n)
	}
	if got := width(s.Glyphs("Wave", typeset.Style{Language: "en"})); got != want {
		t.Errorf("later the text is %f wide, not %f", got, want)
	}
}
