package letter

import (
	"bytes"
	"compress/zlib"
	"strings"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	xbidi "golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// line is one line of text, ready to be drawn at any size. Lengths are in ems.
type line struct {
	pieces []piece // from left to right
	width  float64
}

// piece is a part of a line that is drawn in one way: as characters of the base
// face, or as outlines with an invisible text over them.
type piece struct {
	plain  string
	bold   bool
	glyphs []glyph
	veil   []veiled
	width  float64
}

// glyph is an outline and where it stands in its piece.
type glyph struct {
	path  []byte // in font units
	x, y  float64
	scale float64 // ems per font unit
}

// veiled is one character of the invisible text, in visual order, and the width
// it takes.
type veiled struct {
	r     rune
	width float64
}

// typesetter turns text into lines. Its parts are not safe for concurrent use:
// each page is made with one of its own, taken from a pool.
type typesetter struct {
	fonts         *Fonts
	regular, bold *weight
	shaper        shaping.HarfbuzzShaper
	paragraph     bidi.Paragraph
	segments      segmenter.Segmenter
	faces         map[*typeface]*font.Face
	paths         map[outlineKey][]byte
	shaped        map[shapedKey]composed
	deflater      *zlib.Writer
	deflated      bytes.Buffer
	missing       []rune // characters without a glyph, since the last reset
}

// shapedKey identifies a text whose shape is remembered: names of components
// come back on every slip of a run.
type shapedKey struct {
	text, language string
	bold           bool
}

type composed struct {
	line    line
	missing []rune
}

// shapedLimit bounds the remembered shapes of one typesetter.
const shapedLimit = 256

func newTypesetter(f *Fonts, regular, bold *weight) *typesetter {
	return &typesetter{fonts: f, regular: regular, bold: bold,
		faces: make(map[*typeface]*font.Face), paths: make(map[outlineKey][]byte), shaped: make(map[shapedKey]composed)}
}

func (t *typesetter) weight(bold bool) *weight {
	if bold {
		return t.bold
	}
	return t.regular
}

// compose sets a text on one line. Characters that no font has are added to
// t.missing.
func (t *typesetter) compose(text string, bold bool, language string) line {
	if w := t.weight(bold); allPlain(w, text) {
		width := w.width(text)
		return line{pieces: []piece{{plain: text, bold: bold, width: width}}, width: width}
	}
	key := shapedKey{text, language, bold}
	made, ok := t.shaped[key]
	if !ok {
		if len(t.shaped) >= shapedLimit {
			clear(t.shaped)
		}
		made = t.shape(norm.NFC.String(text), bold, language)
		t.shaped[key] = made
	}
	t.missing = append(t.missing, made.missing...)
	return made.line
}

func allPlain(w *weight, text string) bool {
	for _, r := range text {
		if w.slot(r).page == 0 {
			return false
		}
	}
	return true
}

// wrap sets a text on as many lines as the width (in ems) needs. It breaks
// where Unicode allows (UAX #14), and inside a word only if the word alone is
// wider than a line.
func (t *typesetter) wrap(text string, bold bool, language string, width float64) []line {
	whole := t.compose(text, bold, language)
	if whole.width <= width {
		return []line{whole}
	}
	var lines []line
	current := ""
	for _, part := range t.breakable(text) {
		if current != "" && t.measure(current+part, bold, language) > width {
			lines = append(lines, t.compose(strings.TrimSpace(current), bold, language))
			current = ""
		}
		current += part
		for t.measure(current, bold, language) > width {
			head, tail := t.split(current, bold, language, width)
			if tail == "" {
				break
			}
			lines = append(lines, t.compose(head, bold, language))
			current = tail
		}
	}
	if rest := strings.TrimSpace(current); rest != "" {
		lines = append(lines, t.compose(rest, bold, language))
	}
	return lines
}

// measure is the width of a text without the spaces at its end.
func (t *typesetter) measure(text string, bold bool, language string) float64 {
	return t.compose(strings.TrimRight(text, " "), bold, language).width
}

// breakable cuts a text where a line may end.
func (t *typesetter) breakable(text string) []string {
	var parts []string
	t.segments.Init([]rune(text))
	for it := t.segments.LineIterator(); it.Next(); {
		parts = append(parts, string(it.Line().Text))
	}
	return parts
}

// split cuts a word that is wider than a line after the last whole character
// that fits; at least one is taken.
func (t *typesetter) split(word string, bold bool, language string, width float64) (head, tail string) {
	ends := t.graphemeEnds([]rune(word))
	runes := []rune(word)
	fits := ends[0]
	for _, end := range ends {
		if t.measure(string(runes[:end]), bold, language) > width {
			break
		}
		fits = end
	}
	fits = max(fits, ends[0])
	return string(runes[:fits]), string(runes[fits:])
}

// graphemeEnds are the ends of the user-perceived characters.
func (t *typesetter) graphemeEnds(runes []rune) []int {
	var ends []int
	t.segments.Init(runes)
	for it := t.segments.GraphemeIterator(); it.Next(); {
		g := it.Grapheme()
		ends = append(ends, g.Offset+len(g.Text))
	}
	return ends
}

// visualRun is a part of a text with one direction.
type visualRun struct {
	start, end int
	level      int
}

// visualRuns orders the parts of a text from left to right by the Unicode
// bidirectional algorithm. The direction of the whole is that of the first
// strong character.
func (t *typesetter) visualRuns(runes []rune) []visualRun {
	if !hasRightToLeft(runes) {
		return []visualRun{{0, len(runes), 0}}
	}
	base := baseLevel(runes)
	segmented := t.paragraph.Segment(runes, bidi.Neutral)
	var runs []visualRun
	for i := range segmented.NumRuns() {
		run := segmented.Run(i)
		if base == 0 && i > 0 && run.Level%2 == 0 {
			if digits := leadingNumber(runes[run.Start:run.End]); digits > 0 {
				runs = append(runs, visualRun{run.Start, run.Start + digits, 2})
				run.Start += digits
			}
			run.Level = 0
		}
		if run.Start < run.End {
			runs = append(runs, visualRun{run.Start, run.End, int(run.Level)})
		}
	}
	reorder(runs)
	return runs
}

func hasRightToLeft(runes []rune) bool {
	for _, r := range runes {
		switch classOf(r) {
		case xbidi.R, xbidi.AL, xbidi.AN:
			return true
		}
	}
	return false
}

func classOf(r rune) xbidi.Class {
	properties, _ := xbidi.LookupRune(r)
	return properties.Class()
}

func baseLevel(runes []rune) int {
	for _, r := range runes {
		switch classOf(r) {
		case xbidi.L:
			return 0
		case xbidi.R, xbidi.AL:
			return 1
		}
	}
	return 0
}

// leadingNumber is the length of the number that follows right-to-left text in
// a left-to-right paragraph. It belongs to that text (level 2), but the
// segmenter gives it in one run with what comes after.
func leadingNumber(runes []rune) int {
	end := 0
	for i, r := range runes {
		switch classOf(r) {
		case xbidi.L:
			return end
		case xbidi.EN, xbidi.AN:
			end = i + 1
		}
	}
	return end
}

// reorder is rule L2 of UAX #9 on whole runs: from the highest level down,
// every stretch at that level or above is reversed.
func reorder(runs []visualRun) {
	highest := 0
	for _, r := range runs {
		highest = max(highest, r.level)
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(runs); i++ {
			j := i
			for j < len(runs) && runs[j].level >= level {
				j++
			}
			for a, b := i, j-1; a < b; a, b = a+1, b-1 {
				runs[a], runs[b] = runs[b], runs[a]
			}
			i = max(i, j)
		}
	}
}
