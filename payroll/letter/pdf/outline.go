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
// advance, both in the face's units. Coordinates and advance are rounded to a
// thousandth of an em; neighbouring curves become one where the eye cannot tell.
func NewOutline(path []opentype.Segment, unitsPerEm, advance float32) *Outline {
	scale := float64(em)
	if unitsPerEm > 0 {
		scale = em / float64(unitsPerEm)
	}
	o := &Outline{width: max(0, units(float64(advance)*scale))}
	c := charstring{box: &o.box}
	c.number(o.width) // ahead of the first operator, as the difference to nominalWidthX, which [appendCFF] leaves at 0
	for _, contour := range contoursOf(path, scale) {
		c.contour(contour.simpler().closedByLine())
	}
	o.charstring = append(c.out, endchar)
	return o
}

// units rounds to what every charstring can hold: no face comes near the limits,
// between which differences are 16 bits.
func units(v float64) int { return int(math.Round(within(v))) }

func within(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -16000), 16000)
}

// contour is a closed path: each segment begins where the one before ends, and
// the first where the last ends.
type contour []segment

// segment is a cubic curve with its two control points, or a straight line.
type segment struct {
	from, c1, c2, to vector
	line             bool
}

// contoursOf reads a path in a face's units. What it leaves open is closed, as
// filling does; quadratic curves become the same curves as cubics.
func contoursOf(path []opentype.Segment, scale float64) []contour {
	all := make([]contour, 0, 8)
	var now contour
	var start, pen vector
	end := func() {
		if pen != start {
			now = append(now, segment{from: pen, to: start, line: true})
		}
		if len(now) > 0 {
			all = append(all, now)
		}
		now = nil
	}
	for i := range path {
		var p [3]vector
		points := path[i].ArgsSlice()
		for k, q := range points {
			p[k] = vector{within(float64(q.X) * scale), within(float64(q.Y) * scale)}
		}
		to := p[len(points)-1]
		s := segment{from: pen, to: to}
		switch path[i].Op {
		case opentype.SegmentOpMoveTo:
			end()
			start, pen = to, to
			continue
		case opentype.SegmentOpLineTo:
			s.line = true
		case opentype.SegmentOpQuadTo:
			s.c1 = pen.plus(p[0].minus(pen).times(2.0 / 3))
			s.c2 = to.plus(p[0].minus(to).times(2.0 / 3))
		case opentype.SegmentOpCubeTo:
			s.c1, s.c2 = p[0], p[1]
		}
		if !s.line || to != pen {
			now = append(now, s)
		}
		pen = to
	}
	end()
	return all
}

// closedByLine is the contour begun where it ends with a line, if it has one:
// filling draws that line by itself.
func (c contour) closedByLine() contour {
	longest, at := -1.0, 0
	for i := range c {
		if length := c[i].to.minus(c[i].from).length(); c[i].line && length > longest {
			longest, at = length, i+1
		}
	}
	c = c.startingAt(at % max(1, len(c)))
	if longest >= 0 {
		c = c[:len(c)-1]
	}
	return c
}

// startingAt is the contour begun at another of its segments.
func (c contour) startingAt(i int) contour {
	if i == 0 {
		return c
	}
	return append(append(make(contour, 0, len(c)), c[i:]...), c[:i]...)
}
