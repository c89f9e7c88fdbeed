package pdf

import (
	"math"
	"strconv"
)

// Figures prepares texts that need no shaping, character by character: amounts,
// dates, numbers. It is of one stock and not safe for concurrent use.
type Figures struct {
	stock *Stock
	font  int
	cells map[rune]cell
	ascii [128]cell
	lines []*[64]figureLine // a document's, used again for the next
	used  int
}

// cell is a character that stands in the font of the table: its code as it is
// written in a string, the width that a reader moves by, and the real one.
type cell struct {
	code    [4]byte
	length  uint8 // 0: not there
	digit   bool
	width   int
	advance float64 // in units
}

// figureLine holds an amount without an allocation of its own.
type figureLine struct {
	piece [1]piece
	ops   [48]byte
}

// Figures makes a table of characters and their glyphs. Only those in the font of
// the digit 0 come into it.
func (s *Stock) Figures(glyphs map[rune]Glyph) *Figures {
	zero, _ := s.find(glyphs['0'])
	f := &Figures{stock: s, font: zero.font, cells: map[rune]cell{}}
	for r, g := range glyphs {
		c, stocked := s.find(g)
		if !stocked || c.font != f.font || g.X != 0 || g.Y != 0 {
			continue
		}
		made := cell{digit: '0' <= r && r <= '9', width: g.Outline.width, advance: number(g.Advance) * em}
		made.length = uint8(len(appendEscaped(appendEscaped(made.code[:0], byte(c.cid>>8)), byte(c.cid))))
		if r < 128 {
			f.ascii[r] = made
		} else {
			f.cells[r] = made
		}
	}
	return f
}

// find is where a glyph stands in stock.
func (s *Stock) find(g Glyph) (code, bool) {
	m := g.meaning()
	return s.codes[m.outline].of(m.text)
}

// Reset drops the lines that were made, for the next document.
func (f *Figures) Reset() { f.used = 0 }

// Line prepares a text, or reports false for one that has no digit or a character
// that the table lacks. The line is good until [Figures.Reset].
func (f *Figures) Line(text []byte) (Line, bool) {
	at := f.next()
	ops := append(at.ops[:0], "[("...)
	ideal, pen, digit := 0.0, 0, false
	for _, r := range string(text) {
		c := &f.ascii[r&127]
		if r > 127 {
			other := f.cells[r]
			c = &other
		}
		if c.length == 0 {
			return Line{}, false
		}
		back := pen - int(math.Round(ideal))
		if back <= -slack || back >= slack {
			ops = append(strconv.AppendInt(append(ops, ')'), int64(back), 10), '(')
			pen -= back
		}
		ops = append(ops, c.code[:c.length]...)
		pen, ideal, digit = pen+c.width, ideal+c.advance, digit || c.digit
	}
	if !digit {
		return Line{}, false
	}
	f.used++
	at.piece[0] = piece{font: f.font, ops: append(ops, ")]TJ\n"...)}
	return Line{Width: ideal / em, stock: f.stock, pieces: at.piece[:]}, true
}

// next is where the next line is made.
func (f *Figures) next() *figureLine {
	const block = len(f.lines[0])
	if f.used == block*len(f.lines) {
		f.lines = append(f.lines, new([block]figureLine))
	}
	return &f.lines[f.used/block][f.used%block]
}
