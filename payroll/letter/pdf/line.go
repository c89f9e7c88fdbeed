package pdf

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Glyph is one glyph of a line, in visual order. Its numbers are in ems.
type Glyph struct {
	Outline *Outline
	Text    string  // the characters it stands for; "" if it only completes its cluster
	Advance float32 // how far the pen moves
	X, Y    float32 // where the glyph stands from the pen
}

func (g Glyph) meaning() meaning { return meaning{g.Outline, readable(g.Text)} }

// readable is the text without what a map to Unicode must not hold (ISO 14289-1,
// 7.21.7): U+0000, U+FEFF, U+FFFE and what is no character.
func readable(text string) string {
	if len(text) == 1 && text[0] > 0 && text[0] < utf8.RuneSelf {
		return text
	}
	if utf8.ValidString(text) && !strings.ContainsAny(text, "\x00\ufeff\ufffe") {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case 0, 0xfeff, 0xfffe:
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(text, string(utf8.RuneError)))
}

// Line is prepared text, to be drawn at any size in documents of its stock. It
// is immutable.
type Line struct {
	Width  float64 // in ems
	stock  *Stock
	pieces []piece
}

// piece is a part of a line in one font at one height: ready operators that show
// glyphs in stock, or glyphs of the document's own font.
type piece struct {
	font int     // of the stock, or rare
	rise float32 // in ems
	ops  []byte
	rare []shown
}

// rare is the font of glyphs that the stock lacks.
const rare = -1

// shown is a glyph and how far the pen goes back before it, in units.
type shown struct {
	back int
	meaning
}

// slack is how far, in thousandths of an em, a glyph may stand beside its place
// before the pen is moved: 0.02 points in text of 10.
const slack = 2

// Line prepares glyphs for drawing. Those that the stock does not have come into
// a font of the document's own.
func (s *Stock) Line(glyphs []Glyph) Line {
	l := liner{stock: s, room: make([]byte, 0, 8+3*len(glyphs))} // most have one piece and few adjustments
	for _, g := range glyphs {
		l.glyph(g)
	}
	l.flush()
	return Line{Width: l.ideal / em, stock: s, pieces: l.pieces}
}

// liner prepares one line.
type liner struct {
	stock  *Stock
	pieces []piece
	room   []byte  // for the operators of the first piece
	ideal  float64 // where the pen should be, in units
	pen    int     // where it is
	inside bool    // a string of the piece that grows is open
}

func (l *liner) glyph(g Glyph) {
	if g.Outline == nil {
		l.ideal += number(g.Advance) * em
		return
	}
	c, stocked := l.stock.find(g)
	back := l.pen - int(math.Round(l.ideal+number(g.X)*em))
	if back > -slack && back < slack {
		back = 0
	}
	if !stocked {
		c.font = rare
	}
	p := l.piece(c.font, float32(number(g.Y)))
	if stocked {
		l.show(p, back, c.cid)
	} else {
		p.rare = append(p.rare, shown{back, g.meaning()})
	}
	l.pen += g.Outline.width - back
	l.ideal += number(g.Advance) * em
}

// number is v if it can stand in a line, else 0.
func number(v float32) float64 {
	if v != v || v > 1000 || v < -1000 {
		return 0
	}
	return float64(v)
}

// piece is the last one if the glyph can stand in it, else a new one.
func (l *liner) piece(font int, rise float32) *piece {
	if n := len(l.pieces); n > 0 {
		if p := &l.pieces[n-1]; p.font == font && p.rise == rise {
			return p
		}
	}
	l.flush()
	l.pieces = append(l.pieces, piece{font: font, rise: rise, ops: l.room})
	l.room = nil
	return &l.pieces[len(l.pieces)-1]
}

// show appends a glyph to the array of TJ (ISO 32000-1, 9.4.3).
func (l *liner) show(p *piece, back int, cid uint16) {
	if len(p.ops) == 0 {
		p.ops = append(p.ops, '[')
	}
	if back != 0 {
		p.ops = l.shut(p.ops)
		p.ops = strconv.AppendInt(p.ops, int64(back), 10)
	}
	if !l.inside {
		p.ops = append(p.ops, '(')
		l.inside = true
	}
	p.ops = appendEscaped(appendEscaped(p.ops, byte(cid>>8)), byte(cid))
}

func (l *liner) shut(ops []byte) []byte {
	if l.inside {
		ops = append(ops, ')')
		l.inside = false
	}
	return ops
}

// flush ends the piece that grows.
func (l *liner) flush() {
	if n := len(l.pieces); n > 0 && l.pieces[n-1].font != rare {
		p := &l.pieces[n-1]
		p.ops = append(l.shut(p.ops), "]TJ\n"...)
	}
}
