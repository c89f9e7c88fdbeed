package svg

import (
	"math"
	"strings"
)

// path draws path data (SVG 1.1, 8.3). As the standard asks, a path with a mistake
// in it would be drawn up to there; it is refused instead.
func (p *pen) path(data string) {
	r := pathReader{pen: p, rest: strings.TrimSpace(data)}
	if data == "" || data == "none" {
		return
	}
	if c := r.rest; c == "" || c[0] != 'M' && c[0] != 'm' {
		refuse("it has a path that is none")
	}
	for r.rest != "" {
		r.command()
	}
}

// pathReader reads path data.
type pathReader struct {
	*pen
	rest    string
	letter  byte
	control point // of the curve before, for one that goes on smoothly
	before  byte  // which command that was
}

// number reads the next number.
func (r *pathReader) number() (v float64) {
	v, r.rest = leading(strings.TrimLeft(r.rest, " \t\r\n,"))
	r.rest = strings.TrimLeft(r.rest, " \t\r\n,")
	return v
}

// flag reads a flag of an arc, after which no space need stand.
func (r *pathReader) flag() bool {
	r.rest = strings.TrimLeft(r.rest, " \t\r\n,")
	if r.rest == "" || r.rest[0] != '0' && r.rest[0] != '1' {
		refuse("it has a path that is none")
	}
	set := r.rest[0] == '1'
	r.rest = strings.TrimLeft(r.rest[1:], " \t\r\n,")
	return set
}

// point reads the next two numbers, from the pen if the letter is small.
func (r *pathReader) point() point {
	x := r.number()
	p := point{x, r.number()}
	if r.letter >= 'a' {
		p = p.plus(r.at)
	}
	return p
}

// command reads a command, or the numbers of one that is repeated.
func (r *pathReader) command() {
	r.spend(8)
	switch c := r.rest[0]; {
	case c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z':
		r.letter = c
		r.rest = strings.TrimLeft(r.rest[1:], " \t\r\n,")
	case r.letter == 'M' || r.letter == 'm': // further points are lines
		r.letter--
	case r.letter == 'Z' || r.letter == 'z':
		refuse("it has a path that is none")
	}
	r.draw()
	r.before = r.letter &^ 0x20
}

func (r *pathReader) draw() {
	from := r.at
	switch r.letter &^ 0x20 {
	case 'M':
		r.moveTo(r.point())
	case 'L':
		r.lineTo(r.point())
	case 'H':
		r.lineTo(point{r.one(from.x), from.y})
	case 'V':
		r.lineTo(point{from.x, r.one(from.y)})
	case 'Z':
		r.close()
	case 'C':
		c1 := r.point()
		r.smooth(c1, r.point())
	case 'S':
		r.smooth(r.mirrored('C', 'S'), r.point())
	case 'Q':
		r.quadratic(r.point())
	case 'T':
		r.quadratic(r.mirrored('Q', 'T'))
	case 'A':
		r.arc()
	default:
		refuse("it has a path that is none")
	}
}

// one reads a number that is from the pen if the letter is small.
func (r *pathReader) one(from float64) float64 {
	if r.letter >= 'a' {
		return from + r.number()
	}
	return r.number()
}

func (r *pathReader) smooth(c1, c2 point) {
	r.control = c2
	r.curveTo(c1, c2, r.point())
}

func (r *pathReader) quadratic(c point) {
	r.control = c
	from, to := r.at, r.point()
	r.curveTo(from.plus(c.minus(from).times(2.0/3)), to.plus(c.minus(to).times(2.0/3)), to)
}

// mirrored is the control point of the curve before on the other side of the pen.
func (r *pathReader) mirrored(commands ...byte) point {
	for _, c := range commands {
		if r.before == c {
			return r.at.plus(r.at.minus(r.control))
		}
	}
	return r.at
}

// arc draws an arc of an ellipse (SVG 1.1, F.6), an eighth of the whole at a time.
func (r *pathReader) arc() {
	rx, ry, turn := math.Abs(r.number()), math.Abs(r.number()), r.number()*math.Pi/180
	large, sweep := r.flag(), r.flag()
	from, to := r.at, r.point()
	if rx == 0 || ry == 0 || from == to {
		r.lineTo(to)
		return
	}
	sin, cos := math.Sincos(turn)
	half := from.minus(to).times(0.5)
	x, y := (float64(cos*half.x)+float64(sin*half.y))/rx, (float64(cos*half.y)-float64(sin*half.x))/ry
	square := float64(x*x) + float64(y*y)
	if square > 1 { // too small to reach: they grow
		grow := math.Sqrt(square)
		rx, ry, x, y, square = rx*grow, ry*grow, x/grow, y/grow, 1
	}
	k := math.Sqrt(max(0, (1-square)/square))
	if large == sweep {
		k = -k
	}
	cx, cy := k*y, -k*x // of the unit circle
	begin, end := math.Atan2(y-cy, x-cx), math.Atan2(-y-cy, -x-cx)
	switch {
	case sweep && end < begin:
		end += 2 * math.Pi
	case !sweep && end > begin:
		end -= 2 * math.Pi
	}
	m := matrix{cos * rx, sin * rx, -sin * ry, cos * ry, 0, 0}
	middle := from.plus(to).times(0.5).plus(m.direction(point{cx, cy}))
	m.e, m.f = middle.x, middle.y
	steps := max(1, int(math.Ceil(math.Abs(end-begin)/(math.Pi/4))))
	angle := (end - begin) / float64(steps)
	handle := 4.0 / 3 * math.Tan(angle/4)
	for i := range steps {
		s1, c1 := math.Sincos(begin + angle*float64(i))
		s2, c2 := math.Sincos(begin + angle*float64(i+1))
		last := m.at(point{c2, s2})
		if i+1 == steps {
			last = to
		}
		r.curveTo(m.at(point{c1 - handle*s1, s1 + handle*c1}), m.at(point{c2 + handle*s2, s2 - handle*c2}), last)
	}
}
