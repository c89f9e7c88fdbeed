package svg

import (
	"math"
	"slices"
)

// stroked is what a pen of a breadth leaves along the path: a shape for each line,
// each corner and each end, which together cover it. All run the same way around,
// so that they are filled as one.
func (p *pen) stroked(half float64, st *style) []contour {
	s := stroker{pen: pen{scale: p.scale, spend: p.spend}, half: half, style: st}
	for _, c := range p.all {
		s.contour(distinct(c))
	}
	return s.all
}

// stroker gathers the shapes of a stroke.
type stroker struct {
	pen
	half  float64
	style *style
}

// distinct is the contour without points that are where the one before is.
func distinct(c contour) contour {
	points := c.points[:1:1]
	for _, q := range c.points[1:] {
		if q != points[len(points)-1] {
			points = append(points, q)
		}
	}
	if n := len(points); c.closed && n > 1 && points[0] == points[n-1] {
		points = points[:n-1]
	}
	return contour{points, c.closed}
}

func (s *stroker) contour(c contour) {
	n := len(c.points)
	if n == 1 {
		s.dot(c.points[0])
		return
	}
	lines := n - 1
	if c.closed {
		lines = n
	}
	for i := range lines {
		from, to := c.points[i], c.points[(i+1)%n]
		along := to.minus(from).unit().times(s.half)
		aside := point{-along.y, along.x}
		if !c.closed && s.style.cap == "square" {
			if i == 0 {
				from = from.minus(along)
			}
			if i == lines-1 {
				to = to.plus(along)
			}
		}
		s.shape(from.plus(aside), from.minus(aside), to.minus(aside), to.plus(aside))
		if i+1 < lines || c.closed {
			s.corner(c.points[i], c.points[(i+1)%n], c.points[(i+2)%n])
		}
	}
	if !c.closed && s.style.cap == "round" {
		s.disc(c.points[0])
		s.disc(c.points[n-1])
	}
}

// dot is the stroke of a line of no length: its two ends.
func (s *stroker) dot(at point) {
	switch h := s.half; s.style.cap {
	case "round":
		s.disc(at)
	case "square":
		s.shape(at.plus(point{-h, -h}), at.plus(point{h, -h}), at.plus(point{h, h}), at.plus(point{-h, h}))
	}
}

// corner fills what is open on the outer side where two lines meet.
func (s *stroker) corner(before, at, after point) {
	in, out := at.minus(before).unit(), after.minus(at).unit()
	turn := in.cross(out)
	if s.style.join == "round" {
		s.disc(at)
		return
	}
	side := s.half
	if turn > 0 {
		side = -side
	}
	a, b := at.plus(point{-in.y, in.x}.times(side)), at.plus(point{-out.y, out.x}.times(side))
	// The tip is 1/sin(angle/2) of half the breadth away (SVG 1.1, 11.4).
	cosine := math.Sqrt(max(0, (1+in.dot(out))/2))
	if s.style.join != "bevel" && cosine > 0 && 1/cosine <= s.style.miterLimit {
		tip := a.minus(at).plus(b.minus(at)).unit().times(s.half / cosine)
		s.shape(at, a, at.plus(tip), b)
		return
	}
	s.shape(at, a, b)
}

func (s *stroker) disc(at point) {
	s.ellipse(at.x, at.y, s.half, s.half)
	s.forward(&s.all[len(s.all)-1])
}

func (s *stroker) shape(points ...point) {
	s.spend(len(points))
	s.all = append(s.all, contour{points, true})
	s.forward(&s.all[len(s.all)-1])
}

// forward makes a shape run the way around that all do.
func (s *stroker) forward(c *contour) {
	area := 0.0
	for i := range c.points {
		area += c.points[i].minus(c.points[0]).cross(c.points[(i+1)%len(c.points)].minus(c.points[0]))
	}
	if area >= 0 {
		return
	}
	slices.Reverse(c.points)
}
