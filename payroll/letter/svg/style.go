package svg

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// style is what an element looks like. Values are as the drawing has them; what it
// does not say is inherited or as the standard begins.
type style struct {
	fill, stroke, color            string
	fillRule, clipRule, visibility string
	strokeWidth, cap, join         string
	dashes, dashOffset             string
	miterLimit                     float64
	fillOpacity, strokeOpacity     float64

	own
}

// own is what is not inherited.
type own struct {
	opacity, stopOpacity                                     float64
	clip, mask, filter, blend, display, transform, stopColor string
}

var ownInitial = own{opacity: 1, stopOpacity: 1, clip: "none", mask: "none", filter: "none", blend: "normal", stopColor: "black"}

var initial = style{
	fill: "black", stroke: "none", color: "black", fillRule: "nonzero", clipRule: "nonzero", visibility: "visible",
	strokeWidth: "1", cap: "butt", join: "miter", dashes: "none", dashOffset: "0", miterLimit: 4, fillOpacity: 1, strokeOpacity: 1, own: ownInitial,
}

// rule is a rule of a style sheet: a selector's parts, the last of which is for the
// element itself and those before for elements around it.
type rule struct {
	parts        []compound
	weight       int
	declarations [][2]string
}

// compound is what one part of a selector asks for: a name, an identifier, classes.
type compound struct {
	name, id string
	classes  []string
}

// styleOf is the style of an element within another of a style.
func (d *drawing) styleOf(n *node, around *style) style {
	d.spend(100 + n.size + 2*len(d.rules))
	s := *around
	s.own = ownInitial
	for _, name := range presentation {
		if value, ok := n.attributes[name]; ok {
			s.set(name, value, around)
		}
	}
	for i := range d.rules {
		if d.rules[i].matches(n) {
			s.setAll(n, d.rules[i].declarations, around)
		}
	}
	s.setAll(n, declarations(n.attributes["style"]), around)
	return s
}

// computed is the style of an element where it stands.
func (d *drawing) computed(n *node) style {
	if n.parent == nil {
		return d.styleOf(n, &initial)
	}
	around := d.computed(n.parent)
	return d.styleOf(n, &around)
}

// presentation are the attributes that style an element.
var presentation = []string{
	"fill", "stroke", "color", "fill-rule", "clip-rule", "visibility", "stroke-width", "stroke-linecap", "stroke-linejoin",
	"stroke-dasharray", "stroke-dashoffset", "stroke-miterlimit", "fill-opacity", "stroke-opacity", "opacity", "stop-opacity", "clip-path", "mask",
	"filter", "mix-blend-mode", "display", "transform", "gradientTransform", "stop-color", "marker-start", "marker-mid",
	"marker-end", "vector-effect", "paint-order", "transform-origin",
}

func (s *style) setAll(n *node, all [][2]string, around *style) {
	for _, pair := range all {
		switch pair[0] {
		case "cx", "cy", "r", "rx", "ry", "d", "translate", "rotate", "scale", "transform-box":
			refuse("it has shapes whose size or place is in a style; save it as plain SVG")
		case "x", "y", "width", "height":
			if n.name == "rect" || n.name == "use" {
				refuse("it has shapes whose size or place is in a style; save it as plain SVG")
			}
		}
		s.set(pair[0], pair[1], around)
	}
}

// set sets one property. Those that nothing here depends on are passed over.
func (s *style) set(name, value string, around *style) {
	value = strings.TrimSpace(value)
	if value == "inherit" {
		s.inherit(name, around)
		return
	}
	local(value)
	if text := s.text(name); text != nil {
		*text = value
		return
	}
	if at := s.number(name); at != nil {
		if *at = part(value); name == "stroke-miterlimit" {
			*at = number(value)
		}
		return
	}
	switch name {
	case "marker", "marker-start", "marker-mid", "marker-end":
		if value != "none" {
			refuse("it has markers on its lines; turn strokes into shapes in the drawing program")
		}
	case "vector-effect", "paint-order", "transform-origin":
		if value != "none" && value != "normal" && value != "0" && value != "0 0" {
			refuse("it has strokes or turns of a kind that is not drawn here; turn strokes into shapes in the drawing program")
		}
	}
}

// text is where a property is that is kept as it is.
func (s *style) text(name string) *string {
	switch name {
	case "fill":
		return &s.fill
	case "stroke":
		return &s.stroke
	case "color":
		return &s.color
	case "fill-rule":
		return &s.fillRule
	case "clip-rule":
		return &s.clipRule
	case "visibility":
		return &s.visibility
	case "stroke-width":
		return &s.strokeWidth
	case "stroke-linecap":
		return &s.cap
	case "stroke-linejoin":
		return &s.join
	case "stroke-dasharray":
		return &s.dashes
	case "stroke-dashoffset":
		return &s.dashOffset
	case "clip-path":
		return &s.clip
	case "mask", "mask-image":
		return &s.mask
	case "filter":
		return &s.filter
	case "mix-blend-mode":
		return &s.blend
	case "display":
		return &s.display
	case "transform", "gradientTransform":
		return &s.transform
	case "stop-color":
		return &s.stopColor
	}
	return nil
}

// number is where a property is that is read at once: nil if it is none of these.
func (s *style) number(name string) *float64 {
	switch name {
	case "stroke-miterlimit":
		return &s.miterLimit
	case "fill-opacity":
		return &s.fillOpacity
	case "stroke-opacity":
		return &s.strokeOpacity
	case "opacity":
		return &s.opacity
	case "stop-opacity":
		return &s.stopOpacity
	}
	return nil
}

// inherit takes over what the element around has.
func (s *style) inherit(name string, around *style) {
	if text := s.text(name); text != nil {
		*text = *around.text(name)
	}
	if at := s.number(name); at != nil {
		*at = *around.number(name)
	}
}

// local refuses a value that refers to something elsewhere.
func local(value string) {
	for rest := strings.ToLower(value); ; {
		_, after, found := strings.Cut(rest, "url(")
		if !found {
			return
		}
		if !strings.HasPrefix(strings.TrimLeft(after, ` "'`), "#") {
			refuse("it refers to something elsewhere; save it as one file")
		}
		rest = after
	}
}

// target is the identifier that url(#...) refers to, if a value is one; rest is
// what follows.
func target(value string) (id, rest string, ok bool) {
	after, ok := strings.CutPrefix(value, "url(")
	if !ok {
		return "", "", false
	}
	id, rest, ok = strings.Cut(after, ")")
	return strings.TrimPrefix(strings.Trim(id, ` "'`), "#"), strings.TrimSpace(rest), ok
}

var (
	comment  = regexp.MustCompile(`(?s)/\*.*?\*/|<!--|-->`)
	selector = regexp.MustCompile(`^(\*|[a-zA-Z][\w-]*)?((?:[.#][\w-]+)*)$`)
	marks    = regexp.MustCompile(`[.#][\w-]+`)
)

// sheetRules reads style sheets, the weightier rules last.
func sheetRules(sheet string) (all []rule) {
	sheet = comment.ReplaceAllString(sheet, "")
	for {
		head, rest, found := strings.Cut(sheet, "{")
		if !found {
			break
		}
		if strings.Contains(head, "@") {
			refuse("its style sheet has @ rules; save it as plain SVG with attributes")
		}
		body, after, _ := strings.Cut(rest, "}")
		for text := range strings.SplitSeq(head, ",") {
			r := rule{declarations: declarations(body)}
			for part := range strings.FieldsSeq(text) {
				c := compoundOf(part)
				r.parts = append(r.parts, c)
				r.weight += c.weight()
			}
			if len(r.parts) > 0 && len(all) < mostElements {
				all = append(all, r)
			}
		}
		sheet = after
	}
	if strings.Contains(sheet, "@") {
		refuse("its style sheet has @ rules; save it as plain SVG with attributes")
	}
	slices.SortStableFunc(all, func(a, b rule) int { return cmp.Compare(a.weight, b.weight) })
	return all
}

func compoundOf(part string) (c compound) {
	m := selector.FindStringSubmatch(part)
	if m == nil {
		refuse("its style sheet has selectors besides classes and names; save it as plain SVG with attributes")
	}
	c.name = strings.TrimPrefix(m[1], "*")
	for _, mark := range marks.FindAllString(m[2], -1) {
		if mark[0] == '#' {
			c.id = mark[1:]
		} else {
			c.classes = append(c.classes, mark[1:])
		}
	}
	return c
}

// weight orders selectors as CSS does: identifiers, classes, names.
func (c compound) weight() int {
	weight := 100 * len(c.classes)
	if c.id != "" {
		weight += 10_000
	}
	if c.name != "" {
		weight++
	}
	return weight
}

func (c compound) matches(n *node) bool {
	classes := strings.Fields(n.attributes["class"])
	return (c.name == "" || c.name == n.name) && (c.id == "" || c.id == n.attributes["id"]) &&
		!slices.ContainsFunc(c.classes, func(class string) bool { return !slices.Contains(classes, class) })
}

func (r *rule) matches(n *node) bool {
	i := len(r.parts) - 1
	if !r.parts[i].matches(n) {
		return false
	}
	for around := n.parent; i > 0 && around != nil; around = around.parent {
		if r.parts[i-1].matches(around) {
			i--
		}
	}
	return i == 0
}

// declarations reads the properties of a rule or of a style attribute.
func declarations(text string) (all [][2]string) {
	for text := range strings.SplitSeq(comment.ReplaceAllString(text, ""), ";") {
		name, value, found := strings.Cut(text, ":")
		if !found {
			continue
		}
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		all = append(all, [2]string{strings.ToLower(strings.TrimSpace(name)), value})
	}
	return all
}
