package letter

import (
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// placed draws outlines in font units at a place on a page.
type placed struct {
	sheet       *sheet
	x, y, scale float64
	last        [2]float64
}

// draw writes the path of one glyph, closed but not yet filled.
func (d *placed) draw(outline []font.Segment) {
	open := false
	for _, s := range outline {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if open {
				d.sheet.operator("h")
			}
			open = true
			d.path("m", s.Args[0])
		case opentype.SegmentOpLineTo:
			d.path("l", s.Args[0])
		case opentype.SegmentOpQuadTo:
			d.quadratic(s.Args[0], s.Args[1])
		case opentype.SegmentOpCubeTo:
			d.path("c", s.Args[0], s.Args[1], s.Args[2])
		}
	}
	if open {
		d.sheet.operator("h")
	}
}

func (d *placed) point(p font.SegmentPoint) [2]float64 {
	return [2]float64{d.x + float64(p.X)*d.scale, d.y + float64(p.Y)*d.scale}
}

func (d *placed) path(operator string, points ...font.SegmentPoint) {
	for _, p := range points {
		d.last = d.point(p)
		d.sheet.numbers(d.last[0], d.last[1])
	}
	d.sheet.operator(operator)
}

// quadratic writes a TrueType curve as the cubic one that PDF has.
func (d *placed) quadratic(control, end font.SegmentPoint) {
	c, e := d.point(control), d.point(end)
	d.sheet.numbers(
		d.last[0]+(c[0]-d.last[0])*2/3, d.last[1]+(c[1]-d.last[1])*2/3,
		e[0]+(c[0]-e[0])*2/3, e[1]+(c[1]-e[1])*2/3, e[0], e[1])
	d.last = e
	d.sheet.operator("c")
}
