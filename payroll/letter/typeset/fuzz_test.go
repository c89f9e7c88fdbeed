package typeset_test

import (
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// FuzzGlyphs: any text in any language is set or named as missing, and what is
// set from left to right says what was typed.
func FuzzGlyphs(f *testing.F) {
	for _, c := range typeset.Corpus {
		f.Add(strings.Join(c.Texts, " "), c.Language, 5.0)
	}
	f.Add("\u200d\u0301\u0940(א\u064b१2", "zz-!", 0.0)
	f.Add("two\nparagraphs\u2029שלום\u0085x", "he", 2.0)
	f.Add("a\xffb\x00\u202e\u2067c", "", math.Inf(1))
	f.Add(strings.Repeat("\u0e33\u0e38\u0e48", 60), "th", 1.0)
	f.Add("क्\u200dष्\u200c\u094d\u094dि\u25cc", "hi", -1.0)
	s, _ := newSetter(f, installed(f))
	f.Fuzz(func(t *testing.T, text, language string, wide float64) {
		if len(text) > 600 {
			return
		}
		s.Reset()
		glyphs := s.Glyphs(text, typeset.Style{Language: language})
		if s.Err() != nil {
			t.Fatal(s.Err())
		}
		if width := width(glyphs); math.IsNaN(width) || math.IsInf(width, 0) {
			t.Fatalf("the text is %f wide", width)
		}
		var said strings.Builder
		for _, g := range glyphs {
			said.WriteString(g.Text)
		}
		typed := typeset.Normal(text)
		if want := len([]rune(typed)); len(s.Missing()) == 0 && len([]rune(said.String())) != want {
			t.Errorf("%d characters say %d", want, len([]rune(said.String())))
		}
		if len(s.Missing()) == 0 && typeset.LeftToRight(typed) && said.String() != typed {
			t.Errorf("%q says %q", typed, said.String())
		}
		for _, bold := range []bool{false, true} {
			s.Line(text, typeset.Style{Bold: bold, Language: language})
			s.Lines(text, typeset.Style{Bold: bold, Language: language}, wide)
		}
	})
}

// FuzzLoadFonts: a damaged font file is passed over or used, whatever is in it,
// and breaks no more than the texts that it is used for.
func FuzzLoadFonts(f *testing.F) {
	f.Add(liberationsansregular.TTF[:2048], 0, byte(0))
	f.Add(liberationsansregular.TTF[:4096], 100, byte(0xff))
	f.Add(liberationsansregular.TTF, 60000, byte(0x80))
	f.Add([]byte("ttcf\x00\x02\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10"), 3, byte('g'))
	f.Fuzz(func(t *testing.T, font []byte, at int, value byte) {
		damaged := append([]byte(nil), font...)
		if at >= 0 && at < len(damaged) {
			damaged[at] = value
		}
		fonts, err := typeset.LoadFonts(fstest.MapFS{"damaged.ttf": {Data: damaged}})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(fonts.Families()); n > 2 && damaged[0] != 't' {
			t.Errorf("%d families besides the built-in one", n-1)
		}
		s := fonts.NewSetter()
		s.Glyphs("₹ กำ 王 Ada", typeset.Style{})
		s.Reset()
		if s.Glyphs("Ada", typeset.Style{}); len(s.Missing()) > 0 || s.Err() != nil {
			t.Errorf("Latin lacks %U, %v", s.Missing(), s.Err())
		}
	})
}
