package letter

import (
	"math"
	"strconv"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// outlineKey names one glyph of one face.
type outlineKey struct {
	face  *font.Face
	glyph font.GID
}

// outlineLimit bounds the glyphs whose paths a typesetter remembers.
const outlineLimit = 4096

// path is a glyph's outline as operators of a PDF path, in font units, or false
// if the face has none. The same glyph is the same bytes wherever it stands,
// which is what makes a page of them small when it is deflated.
func (t *typesetter) path(face *font.Face, gid font.GID) ([]byte, bool) {
	key := outlineKey{face, gid}
	if path, ok := t.paths[key]; ok {
		return path, true
	}
	outline, ok := face.GlyphDataOutline(gid)
	if !ok {
		return nil, false
	}
	if len(t.paths) >= outlineLimit {
		clear(t.paths)
	}
	var p pathWriter
	p.draw(outline.Segments)
	t.paths[key] = p.out
	return p.out, true
}

// pathWriter writes path operators with whole numbers.
type pathWriter struct {
	out  []byte
	last font.SegmentPoint
}

func (p *pathWriter) draw(segments []font.Segment) {
	for _, s := range segments {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			p.operator('m', s.Args[0]) // filling closes what is open
		case opentype.SegmentOpLineTo:
			p.operator('l', s.Args[0])
		case opentype.SegmentOpQuadTo:
			p.quadratic(s.Args[0], s.Args[1])
		case opentype.SegmentOpCubeTo:
			p.operator('c', s.Args[0], s.Args[1], s.Args[2])
		}
	}
}

func (p *pathWriter) operator(name byte, points ...font.SegmentPoint) {
	for _, point := range points {
		for _, v := range [2]float32{point.X, point.Y} {
			p.out = append(strconv.AppendInt(p.out, int64(math.Round(float64(v))), 10), ' ')
		}
		p.last = point
	}
	p.out = append(p.out, name, '\n')
}

// quadratic writes a TrueType curve as the cubic one that PDF has.
func (p *pathWriter) quadratic(control, end font.SegmentPoint) {
	toward := func(from font.SegmentPoint) font.SegmentPoint {
		return font.SegmentPoint{X: from.X + (control.X-from.X)*2/3, Y: from.Y + (control.Y-from.Y)*2/3}
	}
	p.operator('c', toward(p.last), toward(end), end)
}
