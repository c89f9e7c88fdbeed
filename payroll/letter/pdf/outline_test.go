package pdf

import (
	"bytes"
	"math"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/cff"
	"github.com/go-text/typesetting/font/opentype"
)

// TestOutlines compiles every glyph of a face and has another reader of CFF say
// where its curves run: nowhere further from the face's than rounding goes.
func TestOutlines(t *testing.T) {
	t.Parallel()
	face, err := font.ParseTTF(bytes.NewReader(liberationsansregular.TTF))
	if err != nil {
		t.Fatal(err)
	}
	upem := float32(face.Upem())
	glyphs := newCast("").glyphs
	var sources [][]opentype.Segment
	for gid := range font.GID(2600) {
		source, ok := face.GlyphDataOutline(gid)
		if !ok {
			continue
		}
		glyphs = append(glyphs, NewOutline(source.Segments, upem, face.HorizontalAdvance(gid)))
		sources = append(sources, source.Segments)
	}
	if len(sources) < 2000 {
		t.Fatalf("%d glyphs", len(sources))
	}
	read, err := cff.Parse(appendCFF(nil, "ABCDEF+Test", glyphs))
	if err != nil {
		t.Fatal(err)
	}
	for i, source := range sources {
		got, _, err := read.LoadGlyph(uint16(i + 1))
		if err != nil {
			t.Fatalf("glyph %d: %v", i, err)
		}
		if far := distance(sample(source, em/float64(upem)), sample(got, 1)); far > 0.75 {
			t.Errorf("glyph %d is %g units off", i, far)
		}
	}
}

type point struct{ x, y float64 }

// sample walks along a path: eight points to a segment. Lines that close a
// contour, and those of no length, may be there or not.
func sample(path []opentype.Segment, scale float64) []point {
	var all []point
	var at, start point
	line := func(to point) {
		if math.Hypot(to.x-at.x, to.y-at.y) > 0.01 {
			for i := 1; i <= 8; i++ {
				s := float64(i) / 8
				all = append(all, point{at.x + (to.x-at.x)*s, at.y + (to.y-at.y)*s})
			}
		}
		at = to
	}
	for _, s := range path {
		p := [3]point{}
		for i, q := range s.ArgsSlice() {
			p[i] = point{float64(q.X) * scale, float64(q.Y) * scale}
		}
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			line(start)
			at, start = p[0], p[0]
		case opentype.SegmentOpLineTo:
			line(p[0])
		case opentype.SegmentOpQuadTo:
			for i := 1; i <= 8; i++ {
				s := float64(i) / 8
				a, b, c := (1-s)*(1-s), 2*s*(1-s), s*s
				all = append(all, point{a*at.x + b*p[0].x + c*p[1].x, a*at.y + b*p[0].y + c*p[1].y})
			}
			at = p[1]
		case opentype.SegmentOpCubeTo:
			for i := 1; i <= 8; i++ {
				s := float64(i) / 8
				a, b, c, d := (1-s)*(1-s)*(1-s), 3*s*(1-s)*(1-s), 3*s*s*(1-s), s*s*s
				all = append(all, point{a*at.x + b*p[0].x + c*p[1].x + d*p[2].x, a*at.y + b*p[0].y + c*p[1].y + d*p[2].y})
			}
			at = p[2]
		}
	}
	line(start)
	return all
}

// distance is how far the furthest point of one path is from those of the other
// that stand about as late in it.
func distance(a, b []point) (far float64) {
	const window = 40
	for i, p := range a {
		near := math.Inf(1)
		for _, q := range b[min(max(0, i-window), len(b)):min(i+window, len(b))] {
			near = min(near, math.Hypot(p.x-q.x, p.y-q.y))
		}
		far = max(far, near)
	}
	return far
}

// TestStrangePaths holds that a path which no face has makes a glyph all the same.
func TestStrangePaths(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	paths := map[string][]opentype.Segment{
		"empty":         nil,
		"without start": {{Op: opentype.SegmentOpLineTo, Args: [3]opentype.SegmentPoint{{X: 5, Y: 5}}}},
		"no numbers":    {{Op: opentype.SegmentOpMoveTo, Args: [3]opentype.SegmentPoint{{X: nan, Y: inf}}}, {Op: opentype.SegmentOpLineTo, Args: [3]opentype.SegmentPoint{{X: -inf, Y: 1e30}}}},
	}
	for name, path := range paths {
		for _, upem := range []float32{1000, 0, nan} {
			read, err := cff.Parse(appendCFF(nil, "A", append(newCast("").glyphs, NewOutline(path, upem, inf))))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, _, err := read.LoadGlyph(1); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
