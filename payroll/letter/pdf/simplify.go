package pdf

import "math"

// tolerance is how far, in thousandths of an em, a curve may run beside those that
// it stands for: no further than rounding alone may put a point. In text of 10
// points that is a third of a dot of 3,000 to the inch.
const tolerance = 0.75

// The sines of the angles up to which curves are joined smoothly, and up to which
// a tangent is level or upright; how far from straight a line may be.
const (
	smooth   = 0.06
	level    = 0.02
	straight = 0.25
)

// mostMerged bounds how many segments become one.
const mostMerged = 8

// simpler is the contour with fewer segments. Corners stay, and so do the points
// at which it is highest, lowest, and furthest to either side.
func (c contour) simpler() contour {
	for i := range c {
		c[i].line = c[i].line || c[i].flat()
	}
	for i := range c {
		if !joins(&c[(i+len(c)-1)%len(c)], &c[i]) {
			c = c.startingAt(i)
			break
		}
	}
	short := make(contour, 0, len(c))
	for len(c) > 0 {
		s, n := c.longest()
		short, c = append(short, s), c[n:]
	}
	return short
}

// longest is the one segment that stands for the first n.
func (c contour) longest() (s segment, n int) {
	s, n = c[0], 1
	for n < len(c) && n < mostMerged && joins(&c[n-1], &c[n]) {
		longer, ok := c[:n+1].merged()
		if !ok {
			break
		}
		s, n = longer, n+1
	}
	return s, n
}

// joins reports whether two segments might be one.
func joins(a, b *segment) bool {
	if a.line || b.line {
		return a.line && b.line
	}
	arrives, leaves := a.to.minus(a.c2).unit(), b.c1.minus(b.from).unit()
	return math.Abs(arrives.cross(leaves)) < smooth && arrives.dot(leaves) > 0 &&
		min(math.Abs(arrives.x), math.Abs(arrives.y), math.Abs(leaves.x), math.Abs(leaves.y)) > level
}

// merged is the segments as one, if that runs where they do.
func (c contour) merged() (segment, bool) {
	s := segment{from: c[0].from.rounded(), to: c[len(c)-1].to.rounded(), line: c[0].line}
	if !s.line {
		return c.fitted(s)
	}
	for i := range c[1:] {
		if !near(c[i].to, s.from, s.to) {
			return s, false
		}
	}
	return s, true
}

// flat reports whether a curve is as good as a line.
func (s *segment) flat() bool {
	return near(s.c1, s.from, s.to) && near(s.c2, s.from, s.to)
}

// near reports whether a point stands between two others, on the line or nearly.
func near(p, from, to vector) bool {
	d, q := to.minus(from), p.minus(from)
	along, square := d.dot(q), d.dot(d)
	if square == 0 {
		return q.length() <= straight
	}
	return along >= 0 && along <= square && math.Abs(d.cross(q)) <= straight*d.length()
}

// place is a point of the curves that one shall stand for, and the time at which
// that passes by.
type place struct {
	at   vector
	time float64
}

// fitted finds the cubic that leaves and arrives as the curves do. Its two
// handles are at first as long as if one cubic had been cut to make the curves,
// and then, by Gauss and Newton, such that it runs nearest to them.
func (c contour) fitted(s segment) (segment, bool) {
	const perCurve, rounds = 8, 4
	out, in := c[0].c1.minus(c[0].from), c[len(c)-1].c2.minus(c[len(c)-1].to)
	first, last, times := c.times()
	a, b := out.length()/first, in.length()/last
	u, v := out.unit(), in.unit()
	var room [mostMerged * perCurve]place
	places := room[:0]
	for i := range c {
		for k := 1; k <= perCurve; k++ {
			t := float64(k) / perCurve
			places = append(places, place{c[i].point(t), times[i] + float64((times[i+1]-times[i])*t)})
		}
	}
	places = places[:len(places)-1]
	longest := 2 * s.to.minus(s.from).length()
	for range rounds {
		if !(a > 0 && b > 0 && a < longest && b < longest) {
			break
		}
		s.c1, s.c2 = s.from.plus(u.times(a)).rounded(), s.to.plus(v.times(b)).rounded()
		far, da, db := s.compare(places, u, v)
		if far <= tolerance {
			return s, true
		}
		a, b = a+da, b+db
	}
	return s, false
}

// times are when each curve begins and ends if all were cut from one, which runs
// from 0 to 1; first and last are how long the first and the last take. Where a
// cubic is cut, the handles on both sides are as long as the parts take.
func (c contour) times() (first, last float64, times [mostMerged + 1]float64) {
	part, sum := 1.0, 1.0
	times[1] = 1
	for i := range c[1:] {
		part *= c[i+1].c1.minus(c[i+1].from).length() / c[i].to.minus(c[i].c2).length()
		sum += part
		times[i+2] = sum
	}
	for i := range times {
		times[i] /= sum
	}
	return 1 / sum, part / sum, times
}

// compare says how far the places are from the curve, and by how much its handles
// along u and v should grow. Places get the time at which it is near them.
func (s *segment) compare(places []place, u, v vector) (far, du, dv float64) {
	var uu, uv, vv, ur, vr float64
	for i := range places {
		p := &places[i]
		speed := s.speed(p.time)
		if square := speed.dot(speed); square > 0 {
			p.time = min(max(p.time+speed.dot(p.at.minus(s.point(p.time)))/square, 0), 1)
		}
		t, rest := p.time, 1-p.time
		speed = s.speed(t)
		normal, off := vector{-speed.y, speed.x}.unit(), p.at.minus(s.point(t))
		far = max(far, off.length())
		gu, gv, r := 3*t*rest*rest*normal.dot(u), 3*t*t*rest*normal.dot(v), normal.dot(off)
		uu, uv, vv = uu+float64(gu*gu), uv+float64(gu*gv), vv+float64(gv*gv)
		ur, vr = ur+float64(gu*r), vr+float64(gv*r)
	}
	det := float64(uu*vv) - float64(uv*uv)
	if det == 0 {
		return far, 0, 0
	}
	return far, (float64(vv*ur) - float64(uv*vr)) / det, (float64(uu*vr) - float64(uv*ur)) / det
}

// point is where the curve is at a time between 0 and 1.
func (s *segment) point(t float64) vector {
	r := 1 - t
	return s.from.times(r * r * r).plus(s.c1.times(3 * r * r * t)).plus(s.c2.times(3 * r * t * t)).plus(s.to.times(t * t * t))
}

// speed is where it is going then, and how fast.
func (s *segment) speed(t float64) vector {
	r := 1 - t
	return s.c1.minus(s.from).times(3 * r * r).plus(s.c2.minus(s.c1).times(6 * r * t)).plus(s.to.minus(s.c2).times(3 * t * t))
}

// vector is a point or a difference of points. Products are rounded before they
// are added, which a processor may otherwise leave out: an outline is the same
// on every machine.
type vector struct{ x, y float64 }

func (a vector) plus(b vector) vector   { return vector{a.x + b.x, a.y + b.y} }
func (a vector) minus(b vector) vector  { return vector{a.x - b.x, a.y - b.y} }
func (a vector) times(k float64) vector { return vector{float64(a.x * k), float64(a.y * k)} }
func (a vector) dot(b vector) float64   { return float64(a.x*b.x) + float64(a.y*b.y) }
func (a vector) cross(b vector) float64 { return float64(a.x*b.y) - float64(a.y*b.x) }
func (a vector) length() float64        { return math.Sqrt(a.dot(a)) }

// rounded is the nearest point that a charstring can hold.
func (a vector) rounded() vector { return vector{math.Round(a.x), math.Round(a.y)} }

// unit has the direction alone; of nothing it is nothing.
func (a vector) unit() vector {
	if l := a.length(); l > 0 {
		return vector{a.x / l, a.y / l}
	}
	return vector{}
}
