package svg

import (
	"math"
	"strings"
)

// paint is the colour at the middle of a pixel.
type paint func(at point) pixel

func (t tone) pixel() pixel {
	return pixel{float32(t.r * t.a), float32(t.g * t.a), float32(t.b * t.a), float32(t.a)}
}

// paint reads what to fill or stroke with; nil is nothing. box is that of the
// element.
func (d *drawing) paint(s state, value string, box rectangle, opacity float64) paint {
	id, otherwise, referred := target(value)
	if referred {
		n := d.ids[id]
		switch {
		case n == nil && otherwise != "":
			value = otherwise
		case n == nil || n.name == "pattern":
			refuse("it has patterns, or colours that are not in it; flatten them in the drawing program, or save it as PNG")
		default:
			return d.gradient(s, n, box, opacity)
		}
	}
	if value == "none" {
		return nil
	}
	t := toneOf(value, s.style.color)
	t.a *= opacity
	p := t.pixel()
	return func(point) pixel { return p }
}

// stop is a colour of a gradient, and where it is.
type stop struct {
	at float64
	tone
}

// gradient is the paint of a gradient (SVG 1.1, 13.2).
func (d *drawing) gradient(s state, n *node, box rectangle, opacity float64) paint {
	if n.name != "linearGradient" && n.name != "radialGradient" {
		refuse("it is painted with something that is no colour; save it as plain SVG")
	}
	chain := d.chain(n)
	attribute := func(name, otherwise string) string {
		for _, n := range chain {
			if value := n.attributes[name]; value != "" {
				return value
			}
		}
		return otherwise
	}
	stops := d.stops(chain, opacity)
	d.spend(len(stops) * d.width * d.height / 8)
	switch {
	case len(stops) == 0:
		return nil
	case len(stops) == 1:
		p := stops[0].pixel()
		return func(point) pixel { return p }
	}
	units, frame := s.matrix, s.viewport
	if attribute("gradientUnits", "objectBoundingBox") == "objectBoundingBox" {
		if box.width == 0 || box.height == 0 {
			return nil // SVG 1.1, 7.11
		}
		units = units.times(matrix{box.width, 0, 0, box.height, box.x, box.y})
		frame = rectangle{width: 1, height: 1}
	}
	back, ok := units.times(transformation(attribute("gradientTransform", ""))).inverse()
	if !ok {
		return nil
	}
	where := linear
	if n.name == "radialGradient" {
		where = radial
	}
	along := where(attribute, frame)
	spread := attribute("spreadMethod", "pad")
	return func(at point) pixel {
		return colorAt(stops, spreadOut(along(back.at(at)), spread))
	}
}

// chain is a gradient and those from which it takes what it does not say.
func (d *drawing) chain(n *node) (chain []*node) {
	for n != nil {
		if chain = append(chain, n); len(chain) > 10 {
			refuse("it has gradients that refer to each other in a circle")
		}
		id := n.reference()
		if id == "" {
			break
		}
		n = d.ids[id]
	}
	return chain
}

func (d *drawing) stops(chain []*node, opacity float64) (all []stop) {
	for _, n := range chain {
		for _, child := range n.children {
			if child.name != "stop" {
				continue
			}
			st := d.computed(child)
			t := toneOf(st.stopColor, st.color)
			t.a *= st.stopOpacity * opacity
			at := part(child.attributes["offset"])
			if len(all) > 0 {
				at = max(at, all[len(all)-1].at)
			}
			all = append(all, stop{at, t})
		}
		if len(all) > 0 {
			return all
		}
	}
	return nil
}

// linear says how far along the gradient a point is.
func linear(attribute func(name, otherwise string) string, frame rectangle) func(p point) float64 {
	from := point{length(attribute("x1", "0%"), frame.width), length(attribute("y1", "0%"), frame.height)}
	along := point{length(attribute("x2", "100%"), frame.width), length(attribute("y2", "0%"), frame.height)}.minus(from)
	square := along.dot(along)
	return func(p point) float64 {
		if square == 0 {
			return 1
		}
		return p.minus(from).dot(along) / square
	}
}

// radial says on which of the circles between focus and rim a point is.
func radial(attribute func(name, otherwise string) string, frame rectangle) func(p point) float64 {
	cx, cy, r := attribute("cx", "50%"), attribute("cy", "50%"), length(attribute("r", "50%"), frame.diagonal())
	if length(attribute("fr", "0"), frame.diagonal()) != 0 {
		refuse("it has a gradient that begins on a circle; flatten it in the drawing program, or save it as PNG")
	}
	middle := point{length(cx, frame.width), length(cy, frame.height)}
	focus := point{length(attribute("fx", cx), frame.width), length(attribute("fy", cy), frame.height)}
	off := focus.minus(middle)
	if reach := off.length(); reach > r*0.99 { // a focus outside is moved to the rim
		off = off.times(r * 0.99 / reach)
		focus = middle.plus(off)
	}
	return func(p point) float64 {
		if r <= 0 {
			return 1
		}
		// |off + (p-focus)/t| = r, solved for t.
		q := p.minus(focus)
		a, b, c := float64(r*r)-off.dot(off), q.dot(off), q.dot(q)
		return (b + math.Sqrt(max(0, float64(b*b)+float64(a*c)))) / a
	}
}

// spreadOut is where in the gradient a place beyond its ends is.
func spreadOut(t float64, spread string) float64 {
	switch spread {
	case "repeat":
		t -= math.Floor(t)
	case "reflect":
		if t = math.Mod(math.Abs(t), 2); t > 1 {
			t = 2 - t
		}
	}
	return min(max(t, 0), 1)
}

func colorAt(stops []stop, t float64) pixel {
	last := stops[0]
	if t <= last.at && t < stops[1].at {
		return last.pixel()
	}
	for _, next := range stops[1:] {
		if t < next.at {
			k := (t - last.at) / (next.at - last.at)
			mix := func(a, b float64) float64 { return a + float64((b-a)*k) }
			return tone{mix(last.r, next.r), mix(last.g, next.g), mix(last.b, next.b), mix(last.a, next.a)}.pixel()
		}
		last = next
	}
	return last.pixel()
}

// clip is what a clip path leaves of an element (SVG 1.1, 14.3).
func (d *drawing) clip(s state, n *node, value string) *mask {
	path, s := d.through(s, n, value, "clipPath", "clipPathUnits", "userSpaceOnUse")
	s.style = d.computed(path)
	s.matrix = s.matrix.times(transformation(s.style.transform))
	s.clipping = d.newMask()
	for _, child := range path.children {
		d.element(s, child)
	}
	if own := s.style.clip; own != "none" {
		s.clipping.intersect(d.clip(s, path, own))
	}
	return s.clipping
}

// mask is what a mask leaves of an element: as much as it is light there.
func (d *drawing) mask(s state, n *node, value string) *mask {
	shade, inside := d.through(s, n, value, "mask", "maskContentUnits", "userSpaceOnUse")
	inside.style = d.computed(shade)
	inside.onto, inside.clipping = d.newLayer(), nil
	d.children(inside, shade)
	leaves := d.newMask()
	if shade.attributes["maskUnits"] == "userSpaceOnUse" {
		v, p := s.viewport, d.pen(s)
		p.rect(rectangle{
			length(shade.attributes["x"], v.width), length(shade.attributes["y"], v.height),
			lengthOr(shade.attributes["width"], v.width, v.width), lengthOr(shade.attributes["height"], v.height, v.height),
		}, "", "", v)
		defer func() { leaves.intersect(d.cover(s.matrix, p.all, false)) }()
	} else if shade.attributes["x"] != "" && number(strings.TrimSuffix(shade.attributes["x"], "%")) > 0 {
		refuse("it has a mask that shows a part of an element; save it as plain SVG")
	}
	alpha := strings.Contains(shade.attributes["style"], "alpha") || shade.attributes["mask-type"] == "alpha"
	for i, p := range inside.onto.pixels {
		leaves.cover[i] = float32(0.2126*p.r) + float32(0.7152*p.g) + float32(0.0722*p.b)
		if alpha {
			leaves.cover[i] = p.a
		}
	}
	return leaves
}

// through finds a clip path or a mask, and the units that it is drawn in.
func (d *drawing) through(s state, n *node, value, name, unitsName, units string) (*node, state) {
	id, _, ok := target(value)
	found := d.ids[id]
	if !ok || found == nil || found.name != name {
		refuse("it is clipped by something that is not in it; save it as plain SVG")
	}
	if s.depth++; s.depth > mostDepth {
		refuse("it has too many elements; make it simpler")
	}
	if given := found.attributes[unitsName]; given != "" {
		units = given
	}
	if units == "objectBoundingBox" {
		box, ok := d.extent(s, n)
		if !ok {
			return found, s
		}
		s.matrix = s.matrix.times(matrix{box.width, 0, 0, box.height, box.x, box.y})
	}
	return found, s
}

// extent is the box of a shape, in its own units.
func (d *drawing) extent(s state, n *node) (rectangle, bool) {
	switch n.name {
	case "path", "rect", "circle", "ellipse", "line", "polyline", "polygon":
		p := d.pen(s)
		p.outline(n, s.viewport)
		return bounds(p.all)
	}
	refuse("it has a group that is clipped in units of its own size; save it as plain SVG")
	return rectangle{}, false
}
