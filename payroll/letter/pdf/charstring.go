package pdf

import "math"

// Operators of a Type 2 charstring (Technical Note 5177, 4).
const (
	vmoveto    = 4
	rlineto    = 5
	hlineto    = 6
	vlineto    = 7
	rrcurveto  = 8
	endchar    = 14
	rmoveto    = 21
	hmoveto    = 22
	rcurveline = 24
	rlinecurve = 25
	vvcurveto  = 26
	hhcurveto  = 27
	vhcurveto  = 30
	hvcurveto  = 31
	stackLimit = 48
)

// charstring writes contours as short as the operators allow.
type charstring struct {
	out   []byte
	box   *box
	x, y  int // the pen
	steps []step
	ways  []way
	args  []int
}

// step is a line, whose difference are the first two numbers, or a curve: the
// differences to its control points and its end.
type step struct {
	line bool
	d    [6]int
}

// way is the shortest known way to write all steps before this place: the last
// operator on it, the step that it begins with, and the bytes that all take.
type way struct {
	take  taker
	begin int
	bytes int
}

// contour writes a contour. What it leaves open is a line that filling draws.
func (c *charstring) contour(all contour) {
	if len(all) == 0 {
		return
	}
	c.moveTo(c.stepTo(all[0].from))
	c.steps = c.steps[:0]
	for i := range all {
		var s step
		if s.line = all[i].line; !s.line {
			s.d[0], s.d[1] = c.stepTo(all[i].c1)
			s.d[2], s.d[3] = c.stepTo(all[i].c2)
			s.d[4], s.d[5] = c.stepTo(all[i].to)
		} else {
			s.d[0], s.d[1] = c.stepTo(all[i].to)
		}
		if s.d != [6]int{} {
			c.steps = append(c.steps, s)
		}
	}
	c.draw()
}

// stepTo rounds a point and moves the pen there.
func (c *charstring) stepTo(p vector) (dx, dy int) {
	x, y := units(p.x), units(p.y)
	dx, dy = x-c.x, y-c.y
	c.x, c.y = x, y
	c.box.include(x, y)
	return dx, dy
}

func (c *charstring) moveTo(dx, dy int) {
	switch {
	case dy == 0:
		c.operator(hmoveto, dx)
	case dx == 0:
		c.operator(vmoveto, dy)
	default:
		c.operator(rmoveto, dx, dy)
	}
}

// draw writes the steps the shortest way.
func (c *charstring) draw() {
	c.ways = append(c.ways[:0], way{})
	for range c.steps {
		c.ways = append(c.ways, way{bytes: math.MaxInt})
	}
	for begin := range c.steps {
		for _, take := range takers {
			c.walk(begin, take)
		}
	}
	c.write(len(c.steps))
}

// walk sees how far one operator gets, and where it is the shortest way.
func (c *charstring) walk(begin int, take taker) {
	c.args = c.args[:0]
	bytes := c.ways[begin].bytes + 1
	for n, end := 0, false; begin+n < len(c.steps) && !end; n++ {
		before := len(c.args)
		var code byte
		c.args, code, end = take(c.args, &c.steps[begin+n], n)
		if code == 0 || len(c.args) > stackLimit {
			return
		}
		for _, v := range c.args[before:] {
			bytes += numberSize(v)
		}
		if w := &c.ways[begin+n+1]; bytes < w.bytes {
			*w = way{take, begin, bytes}
		}
	}
}

// write writes the shortest way to a place.
func (c *charstring) write(to int) {
	if to == 0 {
		return
	}
	w := c.ways[to]
	c.write(w.begin)
	var code byte
	c.args = c.args[:0]
	for n := range to - w.begin {
		c.args, code, _ = w.take(c.args, &c.steps[w.begin+n], n)
	}
	c.operator(code, c.args...)
}

// A taker appends the operands of the n-th step of an operator, and says by which
// operator: 0 if by none, and whether that takes no more after it.
type taker func(args []int, s *step, n int) (longer []int, code byte, end bool)

var takers = []taker{
	lines, curves,
	levelLines(0), levelLines(1),
	levelCurves(0), levelCurves(1),
	turns(0), turns(1),
}

// lines takes lines, and at the end a curve.
func lines(args []int, s *step, n int) ([]int, byte, bool) {
	switch {
	case s.line:
		return append(args, s.d[0], s.d[1]), rlineto, false
	case n > 0:
		return append(args, s.d[:]...), rlinecurve, true
	}
	return args, 0, true
}

// curves takes curves, and at the end a line.
func curves(args []int, s *step, n int) ([]int, byte, bool) {
	switch {
	case !s.line:
		return append(args, s.d[:]...), rrcurveto, false
	case n > 0:
		return append(args, s.d[0], s.d[1]), rcurveline, true
	}
	return args, 0, true
}

// levelLines takes lines that are level and upright by turns, level first if the
// axis is 0.
func levelLines(axis int) taker {
	return func(args []int, s *step, n int) ([]int, byte, bool) {
		along := (axis + n) % 2
		if !s.line || s.d[1-along] != 0 {
			return args, 0, true
		}
		return append(args, s.d[along]), [2]byte{hlineto, vlineto}[axis], false
	}
}

// levelCurves takes curves that begin and end along the axis; only the first may
// begin otherwise.
func levelCurves(axis int) taker {
	return func(args []int, s *step, n int) ([]int, byte, bool) {
		aside := s.d[1-axis]
		if s.line || s.d[5-axis] != 0 || aside != 0 && n > 0 {
			return args, 0, true
		}
		if aside != 0 {
			args = append(args, aside)
		}
		return append(args, s.d[axis], s.d[2], s.d[3], s.d[4+axis]), [2]byte{hhcurveto, vvcurveto}[axis], false
	}
}

// turns takes curves that begin along one axis and end along the other, and the
// next the other way round; only the last may end otherwise.
func turns(axis int) taker {
	return func(args []int, s *step, n int) ([]int, byte, bool) {
		begins := (axis + n) % 2
		if s.line || s.d[1-begins] != 0 {
			return args, 0, true
		}
		args = append(args, s.d[begins], s.d[2], s.d[3], s.d[5-begins])
		aside := s.d[4+begins]
		if aside != 0 {
			args = append(args, aside)
		}
		return args, [2]byte{hvcurveto, vhcurveto}[axis], aside != 0
	}
}

func (c *charstring) operator(code byte, args ...int) {
	for _, v := range args {
		c.number(v)
	}
	c.out = append(c.out, code)
}

// number writes an operand (Technical Note 5177, 3.2).
func (c *charstring) number(v int) {
	switch numberSize(v) {
	case 1:
		c.out = append(c.out, byte(v+139))
	case 2:
		if v > 0 {
			v -= 108
			c.out = append(c.out, byte(v>>8+247), byte(v))
		} else {
			v = -v - 108
			c.out = append(c.out, byte(v>>8+251), byte(v))
		}
	default:
		c.out = append(c.out, 28, byte(v>>8), byte(v))
	}
}

func numberSize(v int) int {
	switch {
	case v >= -107 && v <= 107:
		return 1
	case v >= -1131 && v <= 1131:
		return 2
	}
	return 3
}
