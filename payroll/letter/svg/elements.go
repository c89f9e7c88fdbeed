package svg

import "strings"

// drawer is how an element is drawn: nil if not at all, as what others refer to and
// what says nothing to the eye.
func drawer(name string) func(d *drawing, s state, n *node) {
	switch name {
	case "g", "a":
		return (*drawing).children
	case "svg":
		return (*drawing).nested
	case "switch":
		return (*drawing).chosen
	case "use":
		return (*drawing).use
	case "path", "rect", "circle", "ellipse", "line", "polyline", "polygon":
		return (*drawing).shape
	case "defs", "symbol", "clipPath", "mask", "linearGradient", "radialGradient", "stop", "title", "desc", "metadata",
		"style", "filter", "pattern", "marker", "view", "cursor":
		return nil
	case "text", "tspan", "textPath", "tref", "font", "flowRoot":
		refuse("it has text, whose font is not in it; turn text into paths in the drawing program")
	case "image":
		refuse("it has a picture in it; save the logo as PNG instead")
	case "script", "foreignObject", "set", "animate", "animateTransform", "animateMotion", "animateColor":
		refuse("it has programs, animations or web pages in it; save it as plain SVG")
	}
	refuse("it has elements that are not drawn here; save it as plain SVG of shapes, or as PNG")
	return nil
}

// children draws what is in an element.
func (d *drawing) children(s state, n *node) {
	for _, child := range n.children {
		d.element(s, child)
	}
}

// chosen draws the first part that asks for nothing of whoever draws.
func (d *drawing) chosen(s state, n *node) {
	for _, child := range n.children {
		if child.name != "foreignObject" && child.attributes["requiredExtensions"] == "" && child.attributes["requiredFeatures"] == "" {
			d.element(s, child)
			return
		}
	}
}

// use draws what another element is, once more and elsewhere.
func (d *drawing) use(s state, n *node) {
	target := d.ids[n.reference()]
	if target == nil {
		refuse("it repeats a part that is not in it; save it as plain SVG")
	}
	v := s.viewport
	s.matrix = s.matrix.times(translation(length(n.attributes["x"], v.width), length(n.attributes["y"], v.height)))
	if target.name != "symbol" && target.name != "svg" {
		d.element(s, target)
		return
	}
	sized := *target
	sized.name, sized.attributes = "svg", map[string]string{}
	for key, value := range target.attributes {
		sized.attributes[key] = value
	}
	for _, side := range []string{"width", "height"} {
		if value := n.attributes[side]; value != "" {
			sized.attributes[side] = value
		}
	}
	d.element(s, &sized)
}

// nested draws a drawing within the drawing: in a frame of its own.
func (d *drawing) nested(s state, n *node) {
	v := s.viewport
	inner := rectangle{
		length(n.attributes["x"], v.width), length(n.attributes["y"], v.height),
		lengthOr(n.attributes["width"], v.width, v.width), lengthOr(n.attributes["height"], v.height, v.height),
	}
	if !(inner.width > 0 && inner.height > 0) {
		return
	}
	frame := s
	s.matrix = s.matrix.times(translation(inner.x, inner.y))
	s.viewport = rectangle{0, 0, inner.width, inner.height}
	if box, ok := n.viewBox(); ok {
		s.matrix = s.matrix.times(fit(box, inner, n.attributes["preserveAspectRatio"]))
		s.viewport = box
	}
	if n.attributes["overflow"] == "visible" {
		d.children(s, n)
		return
	}
	d.within(frame, inner, func(onto *layer, clipping *mask) {
		s.onto, s.clipping = onto, clipping
		d.children(s, n)
	})
}

// within draws into a rectangle and shows nothing outside.
func (d *drawing) within(s state, r rectangle, draw func(onto *layer, clipping *mask)) {
	p := d.pen(s)
	p.moveTo(point{r.x, r.y})
	p.lineTo(point{r.x + r.width, r.y})
	p.lineTo(point{r.x + r.width, r.y + r.height})
	p.lineTo(point{r.x, r.y + r.height})
	p.close()
	frame := d.cover(s.matrix, p.all, false)
	if s.clipping != nil {
		inside := d.newMask()
		draw(nil, inside)
		inside.intersect(frame)
		s.clipping.unite(inside)
		return
	}
	inside := d.newLayer()
	draw(inside, nil)
	s.onto.put(inside, frame)
}

// fit is how a viewBox comes into a rectangle at the origin (SVG 2, 8.2).
func fit(box, into rectangle, how string) matrix {
	words := strings.Fields(how)
	if len(words) > 0 && words[0] == "defer" {
		words = words[1:]
	}
	sx, sy := into.width/box.width, into.height/box.height
	align := "xMidYMid"
	if len(words) > 0 {
		align = words[0]
	}
	if align == "none" {
		return matrix{sx, 0, 0, sy, float64(-box.x * sx), float64(-box.y * sy)}
	}
	scale := min(sx, sy)
	if len(words) > 1 && words[1] == "slice" {
		scale = max(sx, sy)
	}
	place := func(part string, rest float64) float64 {
		switch {
		case strings.Contains(align, part+"Min"):
			return 0
		case strings.Contains(align, part+"Max"):
			return rest
		}
		return rest / 2
	}
	x := place("x", into.width-float64(box.width*scale)) - float64(box.x*scale)
	y := place("Y", into.height-float64(box.height*scale)) - float64(box.y*scale)
	return matrix{scale, 0, 0, scale, x, y}
}

// pen draws in the units of an element.
func (d *drawing) pen(s state) *pen { return &pen{scale: s.matrix.scale(), spend: d.spend} }

// shape fills and strokes a shape.
func (d *drawing) shape(s state, n *node) {
	p, st := d.pen(s), &s.style
	p.outline(n, s.viewport)
	if st.visibility == "hidden" || st.visibility == "collapse" || len(p.all) == 0 {
		return
	}
	if s.clipping != nil {
		s.clipping.unite(d.cover(s.matrix, p.all, st.clipRule == "evenodd"))
		return
	}
	box, _ := bounds(p.all)
	if paint := d.paint(s, st.fill, box, st.fillOpacity); paint != nil && n.name != "line" {
		s.onto.paint(d.cover(s.matrix, p.all, st.fillRule == "evenodd"), paint)
	}
	width := length(st.strokeWidth, s.viewport.diagonal())
	if paint := d.paint(s, st.stroke, box, st.strokeOpacity); paint != nil && width > 0 {
		p.dash(st, s.viewport.diagonal())
		s.onto.paint(d.cover(s.matrix, p.stroked(width/2, st), false), paint)
	}
}

// outline draws a shape's path.
func (p *pen) outline(n *node, v rectangle) {
	x := func(name string) float64 { return length(n.attributes[name], v.width) }
	y := func(name string) float64 { return length(n.attributes[name], v.height) }
	switch n.name {
	case "path":
		p.path(n.attributes["d"])
	case "rect":
		p.rect(rectangle{x("x"), y("y"), x("width"), y("height")}, n.attributes["rx"], n.attributes["ry"], v)
	case "circle":
		if r := length(n.attributes["r"], v.diagonal()); r > 0 {
			p.ellipse(x("cx"), y("cy"), r, r)
		}
	case "ellipse":
		if rx, ry := x("rx"), y("ry"); rx > 0 && ry > 0 {
			p.ellipse(x("cx"), y("cy"), rx, ry)
		}
	case "line":
		p.moveTo(point{x("x1"), y("y1")})
		p.lineTo(point{x("x2"), y("y2")})
	default:
		values := numbers(n.attributes["points"])
		for i := 0; i+1 < len(values); i += 2 {
			if to := (point{values[i], values[i+1]}); i == 0 {
				p.moveTo(to)
			} else {
				p.lineTo(to)
			}
		}
		if n.name == "polygon" {
			p.close()
		}
	}
}

// rect draws a rectangle, whose corners may be round.
func (p *pen) rect(r rectangle, roundX, roundY string, v rectangle) {
	if !(r.width > 0 && r.height > 0) {
		return
	}
	rx := lengthOr(roundX, v.width, lengthOr(roundY, v.height, 0))
	ry := lengthOr(roundY, v.height, rx)
	rx, ry = min(max(rx, 0), r.width/2), min(max(ry, 0), r.height/2)
	right, bottom := r.x+r.width, r.y+r.height
	if rx == 0 || ry == 0 {
		rx, ry = 0, 0
	}
	corner := func(c1, c2, to point) {
		if rx > 0 {
			p.curveTo(c1, c2, to)
		}
	}
	kx, ky := rx*(1-quarter), ry*(1-quarter)
	p.moveTo(point{r.x + rx, r.y})
	p.lineTo(point{right - rx, r.y})
	corner(point{right - kx, r.y}, point{right, r.y + ky}, point{right, r.y + ry})
	p.lineTo(point{right, bottom - ry})
	corner(point{right, bottom - ky}, point{right - kx, bottom}, point{right - rx, bottom})
	p.lineTo(point{r.x + rx, bottom})
	corner(point{r.x + kx, bottom}, point{r.x, bottom - ky}, point{r.x, bottom - ry})
	p.lineTo(point{r.x, r.y + ry})
	corner(point{r.x, r.y + ky}, point{r.x + kx, r.y}, point{r.x + rx, r.y})
	p.close()
}
