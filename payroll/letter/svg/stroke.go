package svg

import (
	"math"
	"slices"
	"strings"
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

// dash leaves of the path what is drawn of it as a dashed line (SVG 1.1, 11.4).
func (p *pen) dash(st *style, diagonal float64) {
	if st.dashes == "none" {
		return
	}
	var pattern []float64
	sum := 0.0
	for _, text := range strings.FieldsFunc(st.dashes, func(r rune) bool { return r == ',' || r <= ' ' }) {
		pattern = append(pattern, max(0, length(text, diagonal)))
		sum += pattern[len(pattern)-1]
	}
	if sum == 0 {
		return
	}
	if len(pattern)%2 != 0 {
		pattern, sum = append(pattern, pattern...), 2*sum
	}
	from := math.Mod(length(st.dashOffset, diagonal), sum)
	if from < 0 {
		from += sum
	}
	whole := p.all
	p.all = nil
	for _, c := range whole {
		p.all = append(p.all, p.dashes(distinct(c), pattern, from)...)
	}
}

// dashes are those of a contour, of which the pattern begins so far in.
func (p *pen) dashes(c contour, pattern []float64, from float64) (all []contour) {
	i := 0
	for ; from > 0 && from >= pattern[i]; i = (i + 1) % len(pattern) {
		from -= pattern[i]
	}
	left := pattern[i] - from
	points := c.points
	if c.closed {
		points = append(slices.Clip(points), points[0])
	}
	begun := i%2 == 0
	if begun {
		all = append(all, contour{points: points[:1:1]})
	}
	for k := 1; k < len(points); k++ {
		at, to := points[k-1], points[k]
		for at != to {
			rest := to.minus(at)
			step := rest.length()
			next := to
			if left < step {
				next = at.plus(rest.times(left / step))
			}
			if last := len(all) - 1; i%2 == 0 {
				all[last].points = append(all[last].points, next)
			}
			at, left = next, left-step
			for left <= 0 {
				p.spend(4)
				i = (i + 1) % len(pattern)
				if left = pattern[i]; i%2 == 0 {
					all = append(all, contour{points: []point{at}})
				}
			}
		}
	}
	if n := len(all); c.closed && begun && i%2 == 0 && n > 1 { // it goes on where it began
		all[n-1].points = append(all[n-1].points, all[0].points[1:]...)
		all = all[1:]
	}
	return all
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
