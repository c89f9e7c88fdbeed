package svg

import "math"

type point struct{ x, y float64 }

func (p point) plus(q point) point    { return point{p.x + q.x, p.y + q.y} }
func (p point) minus(q point) point   { return point{p.x - q.x, p.y - q.y} }
func (p point) times(k float64) point { return point{float64(p.x * k), float64(p.y * k)} }
func (p point) cross(q point) float64 { return float64(p.x*q.y) - float64(p.y*q.x) }
func (p point) dot(q point) float64   { return float64(p.x*q.x) + float64(p.y*q.y) }
func (p point) length() float64       { return math.Sqrt(p.dot(p)) }

// unit has the direction alone; of nothing it is nothing.
func (p point) unit() point {
	if l := p.length(); l > 0 {
		return point{p.x / l, p.y / l}
	}
	return point{}
}

// rectangle has its upper left corner at x, y.
type rectangle struct{ x, y, width, height float64 }

// diagonal is what percentages refer to that are of neither side.
func (r rectangle) diagonal() float64 {
	return math.Sqrt((float64(r.width*r.width) + float64(r.height*r.height)) / 2)
}

// matrix takes x, y to ax+cy+e, bx+dy+f. Products are rounded before they are
// added, which a processor may otherwise leave out.
type matrix struct{ a, b, c, d, e, f float64 }

var identity = matrix{a: 1, d: 1}

func translation(x, y float64) matrix { return matrix{1, 0, 0, 1, x, y} }

func (m matrix) at(p point) point {
	return point{float64(m.a*p.x) + float64(m.c*p.y) + m.e, float64(m.b*p.x) + float64(m.d*p.y) + m.f}
}

// direction is at without the translation.
func (m matrix) direction(p point) point {
	return point{float64(m.a*p.x) + float64(m.c*p.y), float64(m.b*p.x) + float64(m.d*p.y)}
}

// times is what n does and m thereafter.
func (m matrix) times(n matrix) matrix {
	x, y, o := m.direction(point{n.a, n.b}), m.direction(point{n.c, n.d}), m.at(point{n.e, n.f})
	return matrix{x.x, x.y, y.x, y.y, o.x, o.y}
}

// inverse undoes m, if that can be.
func (m matrix) inverse() (matrix, bool) {
	det := float64(m.a*m.d) - float64(m.b*m.c)
	if det == 0 || math.IsNaN(det) || math.IsInf(det, 0) {
		return identity, false
	}
	n := matrix{m.d / det, -m.b / det, -m.c / det, m.a / det, 0, 0}
	o := n.direction(point{m.e, m.f})
	n.e, n.f = -o.x, -o.y
	return n, true
}

// scale is by how much it enlarges at most.
func (m matrix) scale() float64 {
	return math.Max(point{m.a, m.b}.length(), point{m.c, m.d}.length())
}

// contour is a path of straight lines.
type contour struct {
	points []point
	closed bool
}

// bounds are those of all points.
func bounds(all []contour) (r rectangle, ok bool) {
	low, high := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, c := range all {
		for _, p := range c.points {
			low, high = point{min(low.x, p.x), min(low.y, p.y)}, point{max(high.x, p.x), max(high.y, p.y)}
		}
	}
	return rectangle{low.x, low.y, high.x - low.x, high.y - low.y}, low.x <= high.x
}

// pen draws a path and makes lines of its curves, so many that it is smooth where
// a unit is so many pixels.
type pen struct {
	all   []contour
	at    point
	scale float64
	spend func(steps int)
}

func (p *pen) moveTo(to point) {
	p.all = append(p.all, contour{points: []point{to}})
	p.at = to
}

func (p *pen) lineTo(to point) {
	if len(p.all) == 0 {
		p.moveTo(p.at)
	}
	last := &p.all[len(p.all)-1]
	if last.closed { // what follows begins where that began
		p.moveTo(p.at)
		last = &p.all[len(p.all)-1]
	}
	if len(last.points) >= 2 && to == p.at {
		return
	}
	last.points = append(last.points, to)
	p.at = to
	p.spend(1)
}

func (p *pen) curveTo(c1, c2, to point) {
	from := p.at
	reach := (c1.minus(from).length() + c2.minus(c1).length() + to.minus(c2).length()) * p.scale
	steps := int(min(2+math.Sqrt(reach)*2, 500))
	for i := 1; i < steps; i++ {
		t := float64(i) / float64(steps)
		r := 1 - t
		p.lineTo(from.times(r * r * r).plus(c1.times(3 * r * r * t)).plus(c2.times(3 * r * t * t)).plus(to.times(t * t * t)))
	}
	p.lineTo(to)
}

func (p *pen) close() {
	if len(p.all) > 0 {
		last := &p.all[len(p.all)-1]
		last.closed = true
		p.at = last.points[0]
	}
}

// quarter is how long the handles of a quarter of a circle are.
const quarter = 0.5522847498307936

// ellipse draws a whole one.
func (p *pen) ellipse(x, y, rx, ry float64) {
	kx, ky := rx*quarter, ry*quarter
	p.moveTo(point{x + rx, y})
	p.curveTo(point{x + rx, y + ky}, point{x + kx, y + ry}, point{x, y + ry})
	p.curveTo(point{x - kx, y + ry}, point{x - rx, y + ky}, point{x - rx, y})
	p.curveTo(point{x - rx, y - ky}, point{x - kx, y - ry}, point{x, y - ry})
	p.curveTo(point{x + kx, y - ry}, point{x + rx, y - ky}, point{x + rx, y})
	p.close()
}
