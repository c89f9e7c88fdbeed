package typeset

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/harfbuzz"
	"github.com/go-text/typesetting/segmenter"
	"github.com/payseal/payseal/payroll/letter/pdf"
	"golang.org/x/text/unicode/norm"
)

// Style is how a text is set.
type Style struct {
	Bold     bool
	Language string // of the reader, as in BCP 47
}

// ErrShaper says that the shaping of a text broke down: a damaged font, or a
// fault of the font library. The text is named by nobody.
var ErrShaper = errors.New("a font or its shaper broke down on a text")

// Setter turns text into lines. It is not safe for concurrent use: take one for
// each core, and keep it, since it remembers what it has set.
type Setter struct {
	fonts    *Fonts
	shelf            // of the stock in use
	others   []shelf // of stocks that were in use lately, latest first
	faces    map[*typeface]*opened
	plans    map[plan]bool // that the buffer keeps
	outlines memory[glyphKey, *pdf.Outline]
	written  []byte     // a text of figures
	singles  []pdf.Line // what Lines gave since the last Reset

	missing []rune // since the last Reset
	err     error

	// The text at work, and what is found about it.
	buffer    *harfbuzz.Buffer
	paragraph bidi.Paragraph
	segments  segmenter.Segmenter
	text      string // normalised
	runes     []rune
	offsets   []int // of the characters in the text, and its end
	ends      []int
	ordered   []run
	spans     []span
	advances  []float32 // of each cluster, at its first character
	glyphs    []pdf.Glyph
	parts     []byte // of a compound glyph
	lost      []rune
}

// shelf is what has been set for one stock.
type shelf struct {
	stock   *pdf.Stock
	figures [2]*pdf.Figures // of both weights, once they are wanted
	set     memory[textKey, *made]
	wrapped memory[wrapKey, []pdf.Line]
}

func newShelf(stock *pdf.Stock) shelf {
	return shelf{stock: stock, set: newMemory[textKey, *made](textLimit), wrapped: newMemory[wrapKey, []pdf.Line](textLimit)}
}

// How much a setter keeps. A remembered text weighs its bytes and textWeight.
const (
	planLimit    = 512     // ways to shape: of a face, for a script and a language
	openLimit    = 96      // faces
	outlineLimit = 4 << 10 // glyphs
	textLimit    = 1 << 18 // bytes of text
	stockLimit   = 15      // stocks besides the one in use
	textWeight   = 64
)

// textKey identifies a text that is remembered: labels come back on every slip
// of a run, and a name on the pages of a slip.
type textKey struct {
	text  string
	style Style
	base  bidi.Direction // of the paragraph; neutral means that of the text
}

// made is a text that has been set.
type made struct {
	line    []pdf.Line // one
	missing []rune
	err     error
}

// NewSetter makes a setter with faces of its own.
func (f *Fonts) NewSetter() *Setter {
	s := &Setter{fonts: f, shelf: newShelf(nil), outlines: newMemory[glyphKey, *pdf.Outline](outlineLimit)}
	s.forgetFaces()
	return s
}

// forgetFaces closes all faces, and drops the shaper's plans for them and
// whatever state a panic may have left it in.
func (s *Setter) forgetFaces() {
	s.faces, s.plans, s.buffer = make(map[*typeface]*opened), make(map[plan]bool), harfbuzz.NewBuffer()
}

// Use makes a stock the one that [Setter.Line] and [Setter.Lines] prepare for. What
// was set for some others before is kept, for people of one company read in
// several languages.
func (s *Setter) Use(stock *pdf.Stock) {
	if s.stock == stock {
		return
	}
	used := s.shelf
	i := slices.IndexFunc(s.others, func(l shelf) bool { return l.stock == stock })
	if i < 0 {
		s.shelf = newShelf(stock)
	} else {
		s.shelf = s.others[i]
		s.others = slices.Delete(s.others, i, i+1)
	}
	if used.stock != nil {
		s.others = slices.Insert(s.others, 0, used)
	}
	if len(s.others) > stockLimit {
		s.others = slices.Delete(s.others, stockLimit, len(s.others))
	}
}

// Glyphs sets a text on one line and returns it from left to right. Characters
// that no font has are left out and go to [Setter.Missing].
func (s *Setter) Glyphs(text string, st Style) []pdf.Glyph {
	err := s.compose(text, st, bidi.Neutral)
	s.note(s.lost, err)
	return slices.Clone(s.glyphs)
}

// Line sets a text on one line for the stock in use, as figures if it is some.
// The line is good until [Setter.Reset].
func (s *Setter) Line(text string, st Style) pdf.Line {
	if line, ok := s.figuresIn(text, st.Bold); ok {
		return line
	}
	return s.remembered(textKey{text, st, bidi.Neutral}).line[0]
}

// remembered sets a text that was not set lately, and notes what it lacks.
func (s *Setter) remembered(key textKey) *made {
	m, ok := s.set.get(key)
	if !ok {
		err := s.compose(key.text, key.style, key.base)
		m = &made{missing: slices.Clone(s.lost), err: err, line: []pdf.Line{s.stock.Line(s.glyphs)}}
		s.set.put(key, m, len(key.text)+textWeight)
	}
	s.note(m.missing, m.err)
	return m
}

func (s *Setter) note(missing []rune, err error) {
	s.missing = append(s.missing, missing...)
	if s.err == nil {
		s.err = err
	}
}

// Lacks are the characters of a text that cannot be drawn in one of the weights,
// and all of them if the text breaks the shaper. Widest is the width, in ems, of
// the widest user-perceived character, which is never cut in two. Texts that the
// built-in faces have all of, as nearly all do, take no shaping: those have no
// character that is wider than 2.
func (s *Setter) Lacks(text, language string) (lost []rune, widest float32) {
	s.begin(text)
	if s.fonts.base(false).coversAll(s.runes) && s.fonts.base(true).coversAll(s.runes) {
		return nil, 2
	}
	for _, bold := range []bool{false, true} {
		_ = s.compose(text, Style{bold, language}, bidi.Neutral) // the loss says it
		lost = append(lost, s.lost...)
		widest = max(widest, s.widest())
	}
	return lost, widest
}

// widest is the width of the widest user-perceived character of the text at work.
func (s *Setter) widest() (ems float32) {
	for from, to := range clusters(s.graphemeEnds(s.runes), 0, len(s.runes)) {
		width := float32(0)
		for _, advance := range s.advances[from:to] {
			width += advance
		}
		ems = max(ems, width)
	}
	return ems
}

// Missing are the characters without a glyph in all texts since the last
// [Setter.Reset], and all those of a text that broke the shaper.
func (s *Setter) Missing() []rune { return s.missing }

// Err is [ErrShaper] if the shaper broke down on a text since the last
// [Setter.Reset]. The setter stays fit for other texts.
func (s *Setter) Err() error { return s.err }

// Reset begins anew with nothing missing, and drops the lines that were set.
func (s *Setter) Reset() {
	s.missing, s.err, s.singles = s.missing[:0], nil, s.singles[:0]
	for _, f := range s.figures {
		if f != nil {
			f.Reset()
		}
	}
}

// compose sets a text: afterwards s.glyphs, s.advances and s.lost are
// those of it. A panic of the shaper loses the whole text and the setter's
// faces, which may be in any state.
func (s *Setter) compose(text string, st Style, base bidi.Direction) (err error) {
	s.begin(text)
	defer func() {
		if recover() != nil {
			s.forgetFaces()
			s.glyphs = s.glyphs[:0]
			s.lost, err = append(s.lost[:0], s.runes...), ErrShaper
		}
	}()
	if base == bidi.Neutral {
		base = direction(s.runes)
	}
	var ends []int // not needed where the base face has everything
	if !s.fonts.base(st.Bold).coversAll(s.runes) {
		ends = s.graphemeEnds(s.runes)
	}
	for _, r := range s.runs(s.runes, base) {
		spans := s.itemize(s.runes, ends, r, st)
		if r.rightToLeft() {
			slices.Reverse(spans)
		}
		for _, part := range spans {
			s.shape(part, r.rightToLeft(), st)
		}
	}
	return nil
}

func (s *Setter) begin(text string) {
	s.text = normal(text)
	s.runes, s.offsets, s.advances = s.runes[:0], s.offsets[:0], s.advances[:0]
	for at, r := range s.text {
		s.runes, s.offsets, s.advances = append(s.runes, r), append(s.offsets, at), append(s.advances, 0)
	}
	s.offsets = append(s.offsets, len(s.text))
	s.glyphs, s.lost = s.glyphs[:0], s.lost[:0]
}

// normal is a text as it is set: composed, valid, and in one paragraph.
func normal(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', '\x1c', '\x1d', '\x1e', '\u0085', '\u2029':
			return ' '
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(text, "\ufffd")))
}
