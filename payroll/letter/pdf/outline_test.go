package pdf

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/cff"
	"github.com/go-text/typesetting/font/opentype"
)

// TestOutlines compiles every glyph of a face and has another reader of CFF say
// where its curves run: nowhere further from the face's, nor the face's from
// them, than what simplifying and rounding may add up to; and with all corners.
func TestOutlines(t *testing.T) {
	t.Parallel()
	face, err := font.ParseTTF(bytes.NewReader(liberationsansregular.TTF))
	if err != nil {
		t.Fatal(err)
	}
	const every = 3
	glyphs, points := 0, [2]int{}
	for gid := font.GID(0); gid < 2600; gid += every {
		source, ok := face.GlyphDataOutline(gid)
		if !ok {
			continue
		}
		scale := em / float64(face.Upem())
		want := walk(source.Segments, scale)
		got := walk(compiled(t, source.Segments, float32(face.Upem())), 1)
		if len(got) != len(want) {
			t.Fatalf("glyph %d has %d contours of %d", gid, len(got), len(want))
		}
		for i := range want {
			if far := max(want[i].distance(got[i]), got[i].distance(want[i])); far > tolerance+0.25 {
				t.Errorf("glyph %d is %.2f units off", gid, far)
			}
			for _, corner := range want[i].corners {
				if !slices.ContainsFunc(got[i].ends, func(end vector) bool { return end.minus(corner).length() < 0.75 }) {
					t.Errorf("glyph %d has lost the corner at %.0f", gid, corner)
				}
			}
			points[0], points[1] = points[0]+len(want[i].ends), points[1]+len(got[i].ends)
		}
		glyphs++
	}
	if glyphs < 2000/every || points[1]*5 > points[0]*4 {
		t.Errorf("%d glyphs of %d points have become %d", glyphs, points[0], points[1])
	}
}

// compiled is a path as another reader of CFF reads what has become of it.
func compiled(t *testing.T, path []opentype.Segment, upem float32) []opentype.Segment {
	t.Helper()
	read, err := cff.Parse(appendCFF(nil, "ABCDEF+Test", append(newCast("").glyphs, NewOutline(path, upem, 0))))
	if err != nil {
		t.Fatal(err)
	}
	segments, _, err := read.LoadGlyph(1)
	if err != nil {
		t.Fatal(err)
	}
	return segments
}

// track is a contour: where its segments end, which of that are corners, and
// points on the way that are so near each other that a line between them will do.
type track struct{ ends, corners, all []vector }

// walk goes along a path, contour by contour.
func walk(path []opentype.Segment, scale float64) (tracks []track) {
	for _, contour := range contoursOf(path, scale) {
		var k track
		for i := range contour {
			s, next := curved(contour[i]), curved(contour[(i+1)%len(contour)])
			steps := 1 + int(s.c1.minus(s.from).length()+s.c2.minus(s.c1).length()+s.to.minus(s.c2).length())/6
			for n := 1; n <= steps; n++ {
				k.all = append(k.all, s.point(float64(n)/float64(steps)))
			}
			k.ends = append(k.ends, s.to)
			in, out := s.to.minus(s.c2), next.c1.minus(next.from)
			if min(in.length(), out.length()) > 1 && in.unit().dot(out.unit()) < 0.9 {
				k.corners = append(k.corners, s.to)
			}
		}
		tracks = append(tracks, k)
	}
	return tracks
}

// curved is a line as a curve, and a curve as it is.
func curved(s segment) segment {
	if s.line {
		third := s.to.minus(s.from).times(1.0 / 3)
		s.c1, s.c2 = s.from.plus(third), s.to.minus(third)
	}
	return s
}

// distance is how far the furthest point of one contour is from the other. It is
// looked for where the point before was found, and elsewhere if it is not there.
func (k track) distance(other track) (far float64) {
	at, n := 0, len(other.all)
	for _, p := range k.all {
		nearest := math.Inf(1)
		for _, around := range []int{10, n} {
			if nearest < 1 {
				break
			}
			from := at
			for i := max(0, from-around); i < min(n, from+around); i++ {
				if d := beside(p, other.all[i], other.all[(i+1)%n]); d < nearest {
					nearest, at = d, i
				}
			}
		}
		far = max(far, nearest)
	}
	return far
}

// beside is how far a point is from a line between two others.
func beside(p, from, to vector) float64 {
	d, q := to.minus(from), p.minus(from)
	if square := d.dot(d); square > 0 {
		q = q.minus(d.times(min(max(d.dot(q)/square, 0), 1)))
	}
	return q.length()
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

// FuzzOutline: whatever path a font has, a reader can read what becomes of it.
func FuzzOutline(f *testing.F) {
	f.Add([]byte("\x00aaaa\x02zbcdzzzz\x03abcdefghABCD\x01zzzz"), float32(1000))
	f.Add(bytes.Repeat([]byte("\x02\x00\x01\x00\x03\x00\x04\x00\x06"), 30), float32(10000))
	f.Fuzz(func(t *testing.T, b []byte, upem float32) {
		var path []opentype.Segment
		for len(b) > 0 {
			s := opentype.Segment{Op: opentype.SegmentOp(b[0] % 4)}
			b = b[1:]
			for i := range s.ArgsSlice() {
				var v [4]byte
				b = b[copy(v[:], b):]
				s.Args[i] = opentype.SegmentPoint{
					X: float32(int16(binary.BigEndian.Uint16(v[:]))), Y: float32(int16(binary.BigEndian.Uint16(v[2:]))),
				}
			}
			path = append(path, s)
		}
		compiled(t, path, upem)
	})
}
