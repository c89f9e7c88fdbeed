package pdf

import (
	"math"

	"github.com/go-text/typesetting/font/opentype"
)

// em is the number of units in an em of every font that is written here, as the
// widths of a PDF font are counted (ISO 32000-1, 9.2.4).
const em = 1000

// Outline is one glyph, compiled to a Type 2 charstring (Adobe Technical Note
// 5177). It is immutable and known by its pointer: make one for each glyph of a
// face, and keep it.
type Outline struct {
	charstring []byte
	width      int // in units of the em, as in the charstring
	box        box
}

// box is a bounding box in units of the em.
type box struct{ left, bottom, right, top int }

func (b *box) include(x, y int) {
	b.left, b.right = min(b.left, x), max(b.right, x)
	b.bottom, b.top = min(b.bottom, y), max(b.top, y)
}

// NewOutline compiles a glyph of a face: its path, with Y upwards, and its
// advance, both in the face's units. Quadratic curves become the same curves as
// cubics; coordinates and advance are rounded to a thousandth of an em.
func NewOutline(path []opentype.Segment, unitsPerEm, advance float32) *Outline {
	scale := float64(em)
	if unitsPerEm > 0 {
		scale = em / float64(unitsPerEm)
	}
	o := &Outline{width: max(0, units(float64(advance)*scale))}
	c := charstring{outline: o}
	var from, start opentype.SegmentPoint
	at := func(p opentype.SegmentPoint) (x, y int) {
		return units(float64(p.X) * scale), units(float64(p.Y) * scale)
	}
	for i, s := range path {
		points := s.ArgsSlice()
		to := points[len(points)-1]
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			start = to
			c.moveTo(at(to))
		case opentype.SegmentOpLineTo:
			last := i+1 == len(path) || path[i+1].Op == opentype.SegmentOpMoveTo
			if !last || to != start { // filling closes what is open
				c.lineTo(at(to))
			}
		case opentype.SegmentOpQuadTo:
			x1, y1 := at(toward(from, points[0]))
			x2, y2 := at(toward(to, points[0]))
			x3, y3 := at(to)
			c.curveTo(x1, y1, x2, y2, x3, y3)
		case opentype.SegmentOpCubeTo:
			x1, y1 := at(points[0])
			x2, y2 := at(points[1])
			x3, y3 := at(to)
			c.curveTo(x1, y1, x2, y2, x3, y3)
		}
		from = to
	}
	o.charstring = c.end()
	return o
}

// toward is the control point of a cubic for a quadratic's: two thirds of the way.
func toward(from, control opentype.SegmentPoint) opentype.SegmentPoint {
	return opentype.SegmentPoint{X: from.X + (control.X-from.X)*2/3, Y: from.Y + (control.Y-from.Y)*2/3}
}

// units rounds to what every charstring can hold: no face comes near the limits,
// between which differences are 16 bits.
func units(v float64) int {
	if math.IsNaN(v) {
		return 0
	}
	return int(math.Round(min(max(v, -16000), 16000)))
}

// Operators of a Type 2 charstring (Technical Note 5177, 4).
const (
	vmoveto    = 4
	rlineto    = 5
	hlineto    = 6
	vlineto    = 7
	rrcurveto  = 8
	endchar    = 14
	rmoveto    = 21
	hmoveto    = 22
	vvcurveto  = 26
	hhcurveto  = 27
	vhcurveto  = 30
	hvcurveto  = 31
	stackLimit = 48
)

// charstring compiles a path. An operator waits until the next segment shows
// whether it can take that one's operands as well.
type charstring struct {
	outline *Outline
	out     []byte
	begun   bool // the width stands before the first operator
	x, y    int
	op      byte // the operator that waits, or 0
	more    byte // the operator whose operands it would take
	args    []int
}

func (c *charstring) moveTo(x, y int) {
	dx, dy := c.step(x, y)
	c.flush()
	c.width()
	switch {
	case dy == 0:
		c.number(dx)
		c.out = append(c.out, hmoveto)
	case dx == 0:
		c.number(dy)
		c.out = append(c.out, vmoveto)
	default:
		c.number(dx)
		c.number(dy)
		c.out = append(c.out, rmoveto)
	}
}

func (c *charstring) lineTo(x, y int) {
	c.inside()
	dx, dy := c.step(x, y)
	switch {
	case dx == 0 && dy == 0:
	case dy == 0:
		c.draw(hlineto, vlineto, dx)
	case dx == 0:
		c.draw(vlineto, hlineto, dy)
	default:
		c.draw(rlineto, rlineto, dx, dy)
	}
}

func (c *charstring) curveTo(x1, y1, x2, y2, x3, y3 int) {
	c.inside()
	dx1, dy1 := c.step(x1, y1)
	dx2, dy2 := c.step(x2, y2)
	dx3, dy3 := c.step(x3, y3)
	switch {
	case dy1 == 0 && dx3 == 0:
		c.draw(hvcurveto, vhcurveto, dx1, dx2, dy2, dy3)
	case dx1 == 0 && dy3 == 0:
		c.draw(vhcurveto, hvcurveto, dy1, dx2, dy2, dx3)
	case dy1 == 0 && dy3 == 0:
		c.draw(hhcurveto, hhcurveto, dx1, dx2, dy2, dx3)
	case dx1 == 0 && dx3 == 0:
		c.draw(vvcurveto, vvcurveto, dy1, dx2, dy2, dy3)
	default:
		c.draw(rrcurveto, rrcurveto, dx1, dy1, dx2, dy2, dx3, dy3)
	}
}

// inside begins a path that was given without its first point.
func (c *charstring) inside() {
	if !c.begun {
		c.moveTo(0, 0)
	}
}

// draw appends operands to the operator that waits, if that takes them.
// Horizontal and vertical ones take each other's by turns.
func (c *charstring) draw(op, after byte, args ...int) {
	if c.op != 0 && c.more == op && len(c.args)+len(args) <= stackLimit {
		c.args = append(c.args, args...)
		c.more = after
		return
	}
	c.flush()
	c.op, c.more, c.args = op, after, append(c.args, args...)
}

func (c *charstring) flush() {
	if c.op == 0 {
		return
	}
	for _, v := range c.args {
		c.number(v)
	}
	c.out = append(c.out, c.op)
	c.op, c.args = 0, c.args[:0]
}

func (c *charstring) end() []byte {
	c.flush()
	c.width()
	return append(c.out, endchar)
}

// width writes the width ahead of the first operator. It is the difference to
// nominalWidthX, which [appendCFF] leaves at 0.
func (c *charstring) width() {
	if !c.begun {
		c.begun = true
		c.number(c.outline.width)
	}
}

func (c *charstring) step(x, y int) (dx, dy int) {
	dx, dy = x-c.x, y-c.y
	c.x, c.y = x, y
	c.outline.box.include(x, y)
	return dx, dy
}

// number writes an operand (Technical Note 5177, 3.2).
func (c *charstring) number(v int) {
	switch {
	case v >= -107 && v <= 107:
		c.out = append(c.out, byte(v+139))
	case v >= 108 && v <= 1131:
		v -= 108
		c.out = append(c.out, byte(v>>8+247), byte(v))
	case v >= -1131 && v <= -108:
		v = -v - 108
		c.out = append(c.out, byte(v>>8+251), byte(v))
	default:
		c.out = append(c.out, 28, byte(v>>8), byte(v))
	}
}
