package typeset

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

type wrapKey struct {
	textKey
	width float64
}

// Lines sets a text on as many lines as the width (in ems) needs. It breaks
// where Unicode allows (UAX #14), and inside a word only if the word alone is
// wider than a line. All lines run in the direction of the whole text. The
// slice and its lines are good until [Setter.Reset].
func (s *Setter) Lines(text string, st Style, width float64) []pdf.Line {
	if line, ok := s.figuresIn(text, st.Bold); ok && line.Width <= width {
		s.singles = append(s.singles, line)
		return s.singles[len(s.singles)-1 : len(s.singles) : len(s.singles)]
	}
	key := textKey{text, st, bidi.Neutral}
	whole := s.remembered(key)
	if whole.line[0].Width <= width || whole.err != nil {
		return whole.line
	}
	lines, ok := s.wrapped.get(wrapKey{key, width})
	if !ok {
		lines = s.wrap(key, width)
		s.wrapped.put(wrapKey{key, width}, lines, len(text)+textWeight*len(lines))
	}
	return lines
}

// paragraph is a text that is being cut into lines.
type paragraph struct {
	runes  []rune
	until  []float32 // the width of all before a character, and of all
	breaks []int     // where a line may end
	ends   []int     // where a word may be cut
	key    textKey
	width  float64
}

func (s *Setter) wrap(key textKey, width float64) []pdf.Line {
	if s.compose(key.text, key.style, key.base) != nil {
		return nil
	}
	p := paragraph{runes: slices.Clone(s.runes), ends: slices.Clone(s.graphemeEnds(s.runes)), key: key, width: width, until: []float32{0}}
	p.key.base = direction(p.runes)
	for i, advance := range s.advances {
		p.until = append(p.until, p.until[i]+advance)
	}
	s.segments.Init(p.runes)
	for it := s.segments.LineIterator(); it.Next(); {
		line := it.Line()
		p.breaks = append(p.breaks, line.Offset+len(line.Text))
	}
	var lines []pdf.Line
	for start := 0; start < len(p.runes); {
		line, end := s.nextLine(&p, start)
		lines, start = append(lines, line), end
	}
	return lines
}

// nextLine sets the line that begins at a character, and says where it ends. The
// widths of the whole text are a guess for a part of it: a line that turns out
// too wide is cut shorter.
func (s *Setter) nextLine(p *paragraph, start int) (line pdf.Line, end int) {
	for limit := len(p.runes); ; limit = end - 1 {
		var last bool
		end, last = p.lineEnd(start, limit)
		key := p.key
		key.text = strings.TrimSpace(string(p.runes[start:end]))
		if line = s.remembered(key).line[0]; line.Width <= p.width || last {
			return line, end
		}
	}
}

// lineEnd is the last place not after the limit where a line that begins at
// start may end. Last says that no other is left.
func (p *paragraph) lineEnd(start, limit int) (end int, last bool) {
	for _, places := range [][]int{p.breaks, p.ends} {
		for i := len(places) - 1; i >= 0 && places[i] > start; i-- {
			if places[i] <= limit && p.measure(start, places[i]) <= p.width {
				return places[i], false
			}
		}
	}
	first, _ := slices.BinarySearch(p.ends, start+1)
	return p.ends[first], true
}

// measure guesses the width of a line, without the spaces at its end.
func (p *paragraph) measure(start, end int) float64 {
	for end > start && unicode.IsSpace(p.runes[end-1]) {
		end--
	}
	return float64(p.until[end] - p.until[start])
}
