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

// Actual says that the glyphs [First, After) of a line are read as the text
// (ActualText; ISO 32000-1, 14.9.4).
type Actual struct {
	First, After int
	Text         string
}

// Line is prepared text, to be drawn at any size in documents of its stock. It
// is immutable.
type Line struct {
	Width  float64 // in ems
	pieces []piece
}

// piece is a part of a line in one font at one height.
type piece struct {
	kind pieceKind
	font int     // of the stock
	rise float32 // in ems
	ops  []byte  // ready operators; empty for shown
	rare []shown // glyphs that the stock lacks
}

type pieceKind uint8

const (
	pieceStock pieceKind = iota // ops show glyphs of a font in stock
	pieceRare                   // glyphs of the document's own font
	pieceMark                   // ops open or close a span
)

// shown is a glyph and how far the pen goes back before it, in units.
type shown struct {
	back int
	meaning
}

// slack is how far, in thousandths of an em, a glyph may stand beside its place
// before the pen is moved: 0.02 points in text of 10.
const slack = 2

// Line prepares glyphs for drawing. Those that the stock does not have come into
// a font of the document's own. Spans of actual text must not overlap and stand
// in order; others are left out.
func (s *Stock) Line(glyphs []Glyph, actual ...Actual) Line {
	l := liner{stock: s}
	l.makeRoom(len(glyphs))
	for i, g := range glyphs {
		for len(actual) > 0 && actual[0].First < i { // begun before its turn
			actual = actual[1:]
		}
		if len(actual) > 0 && actual[0].First == i && actual[0].After > i {
			l.open(actual[0].Text)
			l.until = actual[0].After
			actual = actual[1:]
		}
		l.glyph(g)
		if l.until == i+1 || i+1 == len(glyphs) {
			l.close()
		}
	}
	l.flush()
	return Line{Width: l.ideal / em, pieces: l.pieces}
}

// shortLine holds an amount in one allocation.
type shortLine struct {
	piece [1]piece
	ops   [48]byte
}

// makeRoom allocates what most lines of so many glyphs need: one piece of three
// bytes for a glyph, with its adjustments.
func (l *liner) makeRoom(glyphs int) {
	if room := 8 + 3*glyphs; room > len(shortLine{}.ops) {
		l.room = make([]byte, 0, room)
		return
	}
	short := new(shortLine)
	l.pieces, l.room = short.piece[:0], short.ops[:0]
}

// liner prepares one line.
type liner struct {
	stock  *Stock
	pieces []piece
	room   []byte  // for the operators of the first piece
	until  int     // where the open span ends, or 0
	ideal  float64 // where the pen should be, in units
	pen    int     // where it is
	broken bool    // the piece that grows has adjustments
	inside bool    // a string of it is open
}

func (l *liner) glyph(g Glyph) {
	if g.Outline == nil {
		l.ideal += number(g.Advance) * em
		return
	}
	m := g.meaning()
	c, stocked := l.stock.codes[m]
	back := l.pen - int(math.Round(l.ideal+number(g.X)*em))
	if back > -slack && back < slack {
		back = 0
	}
	p := l.piece(stocked, c.font, float32(number(g.Y)))
	if stocked {
		l.show(p, back, c.cid)
	} else {
		p.rare = append(p.rare, shown{back, m})
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
func (l *liner) piece(stocked bool, font int, rise float32) *piece {
	kind := pieceStock
	if !stocked {
		kind, font = pieceRare, 0
	}
	if n := len(l.pieces); n > 0 {
		if p := &l.pieces[n-1]; p.kind == kind && p.font == font && p.rise == rise {
			return p
		}
	}
	l.flush()
	l.pieces = append(l.pieces, piece{kind: kind, font: font, rise: rise, ops: l.room})
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
	if n := len(l.pieces); n > 0 && l.pieces[n-1].kind == pieceStock {
		p := &l.pieces[n-1]
		p.ops = append(l.shut(p.ops), "]TJ\n"...)
	}
}

func (l *liner) open(text string) {
	l.close()
	ops := appendUTF16([]byte("/Span<</ActualText<FEFF"), readable(text))
	l.mark(append(ops, ">>>BDC\n"...))
}

func (l *liner) close() {
	if l.until > 0 {
		l.mark([]byte("EMC\n"))
		l.until = 0
	}
}

func (l *liner) mark(ops []byte) {
	l.flush()
	l.pieces = append(l.pieces, piece{kind: pieceMark, ops: ops})
}
