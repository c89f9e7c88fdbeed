package svg

import (
	"errors"
	"image"
	"math"
	"slices"
	"strings"
)

// The bounds of a drawing.
const (
	mostBytes    = 256 << 10
	mostElements = 5000
	mostDepth    = 40
	mostDrawn    = 20_000     // elements, counting repeated ones each time
	mostWork     = 40_000_000 // steps: bytes read, lines, crossings of lines with rows, pixels of layers
)

// refusal is why a drawing is not drawn. It ends the drawing as a panic.
type refusal string

func refuse(why string) { panic(refusal(why)) }

// Is reports whether content looks like XML, as an SVG does and no picture.
func Is(content []byte) bool {
	return strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(string(content[:min(len(content), 256)]), "\ufeff"), " \t\r\n"), "<")
}

// Draw draws on white paper that is as large as fits into width and height, in
// pixels. An error says in plain words what is in the drawing that cannot be drawn,
// and quotes nothing of it.
func Draw(content []byte, width, height float64) (drawn *image.RGBA, err error) {
	defer func() {
		switch why := recover().(type) {
		case nil:
		case refusal:
			drawn, err = nil, errors.New(string(why))
		default: // a mistake of ours, brought up by foreign bytes
			drawn, err = nil, errors.New("it cannot be drawn; make it simpler, or save it as PNG")
		}
	}()
	d := read(content)
	frame := d.root.frame()
	scale := min(width/frame.width, height/frame.height)
	w, h := max(1, int(frame.width*scale)), max(1, int(frame.height*scale))
	d.width, d.height = w, h
	paper := d.newLayer()
	view := state{
		matrix:   matrix{float64(w) / frame.width, 0, 0, float64(h) / frame.height, 0, 0}.times(translation(-frame.x, -frame.y)),
		viewport: frame, style: initial, onto: paper,
	}
	view.style = d.styleOf(d.root, &view.style)
	d.grouped(view, d.root, func(inside state) { d.children(inside, d.root) })
	drawn = paper.onWhite()
	if !slices.ContainsFunc(drawn.Pix, func(v uint8) bool { return v != 255 }) {
		refuse("nothing of it can be seen on white paper")
	}
	return drawn, nil
}

// frame is what of a drawing is shown, in its own units.
func (n *node) frame() rectangle {
	f := rectangle{}
	if box, ok := n.viewBox(); ok {
		f = box
	} else {
		f.width, f.height = length(n.attributes["width"], 0), length(n.attributes["height"], 0)
	}
	if !(f.width > 0 && f.height > 0 && f.width < 1e6 && f.height < 1e6 && math.Max(f.width/f.height, f.height/f.width) < 1000) {
		refuse("it does not say how large it is: it needs a viewBox")
	}
	return f
}

// state is where and how an element is drawn.
type state struct {
	matrix   matrix    // from its units to pixels
	viewport rectangle // of which lengths may be a percentage
	style    style
	onto     *layer
	depth    int
	clipping *mask // instead of drawing, what is covered is gathered here
}

// element draws one element with all that is in it.
func (d *drawing) element(s state, n *node) {
	if d.drawn++; d.drawn > mostDrawn || s.depth > mostDepth {
		refuse("it has too many elements; make it simpler")
	}
	s.depth++
	draw := drawer(n.name)
	if draw == nil {
		return
	}
	s.style = d.styleOf(n, &s.style)
	if s.style.display == "none" {
		return
	}
	s.matrix = s.matrix.times(transformation(s.style.transform))
	d.grouped(s, n, func(inside state) { draw(d, inside, n) })
}

// grouped draws through what concerns an element as a whole: opacity, clip, mask.
func (d *drawing) grouped(s state, n *node, draw func(s state)) {
	st := &s.style
	switch {
	case st.filter != "none":
		refuse("it has a filter, such as a shadow or a blur; flatten it in the drawing program, or save it as PNG")
	case st.blend != "normal":
		refuse("it mixes colours of layers; flatten it in the drawing program, or save it as PNG")
	case s.clipping != nil && st.clip == "none", st.opacity == 1 && st.clip == "none" && st.mask == "none":
		draw(s)
		return
	}
	if s.clipping != nil {
		whole := s.clipping
		s.clipping = d.newMask()
		draw(s)
		s.clipping.intersect(d.clip(s, n, st.clip))
		whole.unite(s.clipping)
		return
	}
	below := s.onto
	s.onto = d.newLayer()
	draw(s)
	through := d.newMask()
	through.fill(st.opacity)
	if st.clip != "none" {
		through.intersect(d.clip(s, n, st.clip))
	}
	if st.mask != "none" {
		through.intersect(d.mask(s, n, st.mask))
	}
	below.put(s.onto, through)
}

// spend counts work.
func (d *drawing) spend(steps int) {
	if d.work += steps; d.work > mostWork || steps < 0 {
		refuse("it takes too long to draw; make it simpler, or save it as PNG")
	}
}
