package pdf

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Element is a structure element of the document that is being written.
type Element int32

// Artifact is what is no content: lines, grounds, repeated heads and feet
// (ISO 14289-1, 7.1).
const Artifact Element = 0

// root is the element Document.
const root Element = 1

// Tag is a standard structure type (ISO 32000-1, 14.8.4).
type Tag uint8

// The standard structure types, grouped as ISO 32000-1, 14.8.4 does.
const (
	Document Tag = iota
	Part
	Sect
	Div
	BlockQuote
	Caption
	P
	H1
	H2
	H3
	H4
	L
	LI
	Lbl
	LBody
	Table
	THead
	TBody
	TFoot
	TR
	TH
	TD
	Span
	Quote
	Note
	Figure
)

var tags = [...]string{
	"Document", "Part", "Sect", "Div", "BlockQuote", "Caption", "P", "H1", "H2", "H3", "H4",
	"L", "LI", "Lbl", "LBody", "Table", "THead", "TBody", "TFoot", "TR", "TH", "TD",
	"Span", "Quote", "Note", "Figure",
}

// String is the type's name.
func (t Tag) String() string { return tags[t] }

// Scope says which cells a header cell heads (ISO 32000-1, table 349).
type Scope uint8

// The scopes of a header cell.
const (
	None Scope = iota
	Column
	Row
	Both
)

var scopes = [...]string{"", "Column", "Row", "Both"}

// element is a structure element and the chain of its children.
type element struct {
	tag                 Tag
	scope               Scope
	span                uint16
	parent              Element
	first, last, next   Element // children, and the next child of the parent
	firstMark, lastMark int32   // content, as indexes into Writer.marks plus 1
	figure              int32   // index into Writer.figures plus 1
}

// figure is what a figure has besides.
type figure struct {
	alt string
	box [4]float64
}

// mark is a marked-content sequence of an element.
type mark struct {
	page, identifier int
	next             int32 // as in element
}

// Root is the element of the whole document.
func (w *Writer) Root() Element { return root }

// Add makes an element the last child of its parent. An element's own content
// is read before its children.
func (w *Writer) Add(parent Element, tag Tag) Element {
	return w.add(element{tag: tag, parent: parent})
}

// AddCell adds TH or TD to a row, over so many columns. A header cell needs a
// scope (ISO 14289-1, 7.5).
func (w *Writer) AddCell(row Element, tag Tag, scope Scope, span int) Element {
	if tag == TH && scope == None {
		w.fail(errors.New("add a cell: a header has no scope"))
	}
	return w.add(element{tag: tag, parent: row, scope: scope, span: uint16(min(max(span, 1), 1000))})
}

// AddFigure adds a figure with the text that is read in its place, and its
// place on the page that it is drawn on: x, y of its upper left corner, width
// and height, in points (ISO 14289-1, 7.3).
func (w *Writer) AddFigure(parent Element, alt string, box [4]float64) Element {
	switch {
	case alt == "":
		w.fail(errors.New("add a figure: it has no alternative text"))
	case len(alt) > longestText:
		w.fail(errTextTooLong)
	}
	w.figures = append(w.figures, figure{alt, box})
	return w.add(element{tag: Figure, parent: parent, figure: int32(len(w.figures))})
}

func (w *Writer) add(e element) Element {
	if !w.known(e.parent) {
		return Artifact
	}
	if int(e.tag) >= len(tags) || int(e.scope) >= len(scopes) {
		w.fail(errors.New("add an element: there is no such tag or scope"))
		return Artifact
	}
	added := Element(len(w.elements))
	w.elements = append(w.elements, e)
	parent := &w.elements[e.parent]
	if parent.first == 0 {
		parent.first = added
	} else {
		w.elements[parent.last].next = added
	}
	parent.last = added
	return added
}

// known holds for an element that can have children and content.
func (w *Writer) known(e Element) bool {
	if e < root || int(e) >= len(w.elements) {
		w.fail(errors.New("use a structure element: this document has no such one"))
		return false
	}
	return true
}

// addMark notes content of the current page as the element's.
func (w *Writer) addMark(e Element, identifier int) {
	w.marks = append(w.marks, mark{page: w.at, identifier: identifier})
	n := int32(len(w.marks))
	element := &w.elements[e]
	if element.firstMark == 0 {
		element.firstMark = n
	} else {
		w.marks[element.lastMark-1].next = n
	}
	element.lastMark = n
}

// keptTree is the structure of an earlier document: what it was made of, and its
// object stream as it was written. Slips with as many rows have the same
// structure, whatever stands in it.
type keptTree struct {
	plan     plan
	elements []element
	marks    []mark
	figures  []figure
	heights  []int // of the pages

	count, first int // objects, and where the first one begins
	packed       []byte
}

// mostTrees bounds how many are kept: some 12 kB each.
const mostTrees = 48

func (t *keptTree) is(w *Writer, p plan) bool {
	height := func(height int, page page) bool { return height == page.height }
	return t.plan == p && slices.Equal(t.elements, w.elements) && slices.Equal(t.marks, w.marks) &&
		slices.Equal(t.figures, w.figures) && slices.EqualFunc(t.heights, w.pages, height)
}

// structure writes the object stream of the structure, as it was written for an
// earlier document or anew.
func (w *Writer) structure(p plan) {
	i := slices.IndexFunc(w.trees, func(t keptTree) bool { return t.is(w, p) })
	if i < 0 {
		if len(w.trees) == mostTrees {
			w.trees = w.trees[:0]
		}
		i = len(w.trees)
		w.trees = append(w.trees, w.newTree(p))
	}
	t := &w.trees[i]
	w.file.objects(t.count, t.first, flate, t.packed)
}

// newTree makes the tree's root, with the way back from content to elements,
// and the elements (ISO 32000-1, 14.7.2 and 14.7.4.4).
func (w *Writer) newTree(p plan) keptTree {
	o := &w.tree
	o.reset(p.tree)
	o.add("<</Type/StructTreeRoot/K ", reference(p.element), "/ParentTreeNextKey ", strconv.Itoa(len(w.pages)), "/ParentTree<</Nums[")
	var heights []int
	for n := range w.pages {
		heights = append(heights, w.pages[n].height)
		o.body = append(strconv.AppendInt(o.body, int64(n), 10), '[')
		for _, e := range w.pages[n].marks {
			o.body = append(appendReference(o.body, w.object(p, e)), ' ')
		}
		o.body = append(o.body, ']')
	}
	o.body = append(o.body, "]>>"...)
	w.identifiers(p)
	o.body = append(o.body, ">>"...)
	for e := root; int(e) < len(w.elements); e++ {
		w.element(p, e)
	}
	z := w.stock.packers.Get().(*packer) //nolint:forcetypeassert // New makes no other
	defer w.stock.packers.Put(z)
	return keptTree{
		plan: p, elements: slices.Clone(w.elements), marks: slices.Clone(w.marks), figures: slices.Clone(w.figures), heights: heights,
		count: o.count, first: len(o.index), packed: slices.Clone(z.pack(o.index, o.body)),
	}
}

// object is the number of an element's object.
func (w *Writer) object(p plan, e Element) int { return p.element + int(e-root) }

// identifiers writes the tree of the elements that need a name, which are notes
// (ISO 14289-1, 7.9).
func (w *Writer) identifiers(p plan) {
	o := &w.tree
	before := len(o.body)
	for e := range w.elements {
		if w.elements[e].tag == Note {
			o.body = appendIdentifier(o.body, Element(e))
			o.body = append(appendReference(o.body, w.object(p, Element(e))), ' ')
		}
	}
	if len(o.body) > before {
		names := string(o.body[before:])
		o.body = append(append(append(o.body[:before], "/IDTree<</Names["...), names...), "]>>"...)
	}
}

// appendIdentifier writes an element's name; names sort as their elements do.
func appendIdentifier(b []byte, e Element) []byte { return fmt.Appendf(b, "(n%08d)", e) }

func (w *Writer) element(p plan, e Element) {
	o := &w.tree
	o.begin()
	el := &w.elements[e]
	b := append(o.body, "<</S/"...)
	b = append(b, el.tag.String()...)
	b = append(b, "/P "...)
	if e == root {
		b = appendReference(b, p.tree)
	} else {
		b = appendReference(b, w.object(p, el.parent))
	}
	page := -1
	if el.firstMark != 0 {
		page = w.marks[el.firstMark-1].page
		b = appendReference(append(b, "/Pg "...), p.page+page)
	}
	b = w.appendAttributes(b, e, page)
	o.body = append(w.appendKids(b, p, el, page), ">>"...)
}

// appendKids writes an element's content and children (ISO 32000-1, 14.7.4.2);
// page is the one where content stands unless it says otherwise.
func (w *Writer) appendKids(b []byte, p plan, el *element, page int) []byte {
	if el.firstMark == 0 && el.first == 0 {
		return b
	}
	b = append(b, "/K"...)
	one := el.firstMark == el.lastMark && el.first == 0 || el.firstMark == 0 && el.first == el.last
	if !one {
		b = append(b, '[')
	} else {
		b = append(b, ' ')
	}
	for n := el.firstMark; n != 0; n = w.marks[n-1].next {
		m := w.marks[n-1]
		if m.page != page {
			b = appendReference(append(b, "<</Type/MCR/Pg "...), p.page+m.page)
			b = append(strconv.AppendInt(append(b, "/MCID "...), int64(m.identifier), 10), ">>"...)
			continue
		}
		b = strconv.AppendInt(b, int64(m.identifier), 10)
		if m.next != 0 || el.first != 0 {
			b = append(b, ' ')
		}
	}
	for kid := el.first; kid != 0; kid = w.elements[kid].next {
		b = appendReference(b, w.object(p, kid))
		if !one {
			b = append(b, ' ')
		}
	}
	if !one {
		b = append(b, ']')
	}
	return b
}

// appendAttributes writes what an element has besides children: alternative
// text and place of a figure, scope and width of a cell, the name of a note
// (ISO 32000-1, 14.8.5 and 14.9.3).
func (w *Writer) appendAttributes(b []byte, e Element, page int) []byte {
	el := &w.elements[e]
	switch {
	case el.tag == Figure:
		f := &w.figures[el.figure-1]
		b = appendText(append(b, "/Alt"...), readable(f.alt))
		if page >= 0 {
			b = appendBox(append(b, "/A<</O/Layout/Placement/Block/BBox["...), f.box, w.pages[page].height)
			b = append(b, "]>>"...)
		}
	case el.tag == Note:
		b = appendIdentifier(append(b, "/ID"...), e)
	case el.scope != None || el.span > 1:
		b = append(b, "/A<</O/Table"...)
		if el.scope != None {
			b = append(append(b, "/Scope/"...), scopes[el.scope]...)
		}
		if el.span > 1 {
			b = strconv.AppendInt(append(b, "/ColSpan "...), int64(el.span), 10)
		}
		b = append(b, ">>"...)
	}
	return b
}

// appendBox writes a rectangle of PDF, whose Y is upwards.
func appendBox(b []byte, box [4]float64, height int) []byte {
	left, top := hundredths(box[0]), height-hundredths(box[1])
	for _, v := range [4]int{left, top - hundredths(box[3]), left + hundredths(box[2]), top} {
		b = append(appendHundredths(b, v), ' ')
	}
	return b
}
