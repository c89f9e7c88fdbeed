package pdf

import (
	"errors"
	"math"
	"slices"
	"strconv"
)

// Color is a colour of sRGB.
type Color struct{ R, G, B uint8 }

// page is a page that is being drawn on. Lengths are hundredths of a point.
type page struct {
	width, height int
	ground        []byte // boxes, which lie under everything
	content       []byte
	marks         []Element // by marked-content identifier

	open openMark
	text bool // inside a text object
	x, y int  // where the line of the text object begins
	font int
	size int
	rise int
	// The paints in use, by their index in the palette.
	paint, groundPaint int
}

// openMark is what marked-content sequence is open: none, or one of an element.
type openMark struct {
	is      bool
	element Element
}

// The smallest and the largest page (ISO 19005-3, 6.1.13), in points.
const smallest, largest = 3, 14400

// Page begins a new page of the size, in points, and makes it the current one.
func (w *Writer) Page(width, height float64) {
	side := func(v float64) int { return hundredths(min(max(v, smallest), largest)) }
	if len(w.pages) < cap(w.pages) {
		w.pages = w.pages[:len(w.pages)+1] // with the buffers it had
	} else {
		w.pages = append(w.pages, page{})
	}
	w.at = len(w.pages) - 1
	p := &w.pages[w.at]
	*p = page{width: max(side(width), 100*smallest), height: max(side(height), 100*smallest), font: -1,
		ground: append(p.ground[:0], "/P cs q\n/Artifact BMC\n"...), content: append(p.content[:0], "EMC\nQ\n"...), marks: p.marks[:0]}
}

// Select makes an earlier page the current one; pages count from 0.
func (w *Writer) Select(page int) {
	if page < 0 || page >= len(w.pages) {
		w.fail(errors.New("select a page: there is none of this number"))
		return
	}
	w.at = page
}

// Pages says how many pages there are.
func (w *Writer) Pages() int { return len(w.pages) }

// Text draws a line with the left end of its baseline at x, y from the upper
// left corner of the page, in points, as content of the element.
func (w *Writer) Text(e Element, x, y, size float64, c Color, l Line) {
	p := w.current()
	if p == nil || len(l.pieces) == 0 {
		return
	}
	if l.stock != w.stock {
		w.fail(errors.New("draw text: it was prepared for another stock"))
		return
	}
	p.textObject(true)
	w.mark(p, e)
	p.content = w.setPaint(p.content, &p.paint, c)
	p.move(hundredths(x), p.height-hundredths(y))
	points := max(hundredths(min(size, 1000)), 1)
	for i := range l.pieces {
		w.piece(p, &l.pieces[i], points)
	}
}

// piece draws one piece of a line.
func (w *Writer) piece(p *page, piece *piece, size int) {
	p.setRise(hundredths(float64(piece.rise) * float64(size) / 100))
	if piece.font != rare {
		p.setFont(piece.font, size)
		p.content = append(p.content, piece.ops...)
		return
	}
	p.setFont(w.stock.fontCount, size)
	w.showRare(p, piece.rare)
}

// showRare shows glyphs of the document's own font, which gets those it lacks.
func (w *Writer) showRare(p *page, glyphs []shown) {
	b := append(p.content, "[<"...)
	for _, g := range glyphs {
		if g.back != 0 {
			b = append(b, '>')
			b = strconv.AppendInt(b, int64(g.back), 10)
			b = append(b, '<')
		}
		b = appendHex(b, w.code(g.meaning))
	}
	p.content = append(b, ">]TJ\n"...)
}

// code is where a meaning stands in the document's own font.
func (w *Writer) code(m meaning) (cid uint16) {
	cid, known := w.codes[m]
	switch {
	case known:
	case len(w.codes) == maxGlyphs:
		w.fail(errors.New("draw text: more different glyphs than a font can hold"))
	default:
		cid = w.own.add(m)
		w.codes[m] = cid
	}
	return cid
}

// Box fills a rectangle whose upper left corner is at x, y. It is never content,
// and lies under all texts and pictures of its page, whenever it is drawn.
func (w *Writer) Box(x, y, width, height float64, c Color) {
	p := w.current()
	if p == nil {
		return
	}
	b := w.setPaint(p.ground, &p.groundPaint, c)
	b = appendOperands(b, hundredths(x), p.height-hundredths(y)-hundredths(height), hundredths(width), hundredths(height))
	p.ground = append(b, "re f\n"...)
}

// Picture draws the picture n of the stock, whose upper left corner is at x, y,
// as content of the element.
func (w *Writer) Picture(e Element, n int, x, y, width, height float64) {
	p := w.current()
	if p == nil {
		return
	}
	if n < 0 || n >= w.stock.pictures {
		w.fail(errors.New("draw a picture: the stock has none of this number"))
		return
	}
	p.textObject(false)
	w.mark(p, e)
	p.content = append(p.content, "q "...)
	p.operands(hundredths(width))
	p.content = append(p.content, "0 0 "...)
	p.operands(hundredths(height), hundredths(x), p.height-hundredths(y)-hundredths(height))
	p.content = append(p.content, "cm /I"...)
	p.content = strconv.AppendInt(p.content, int64(n), 10)
	p.content = append(p.content, " Do Q\n"...)
}

func (w *Writer) current() *page {
	if w.at < 0 || w.at >= len(w.pages) {
		w.fail(errors.New("draw: there is no page"))
		return nil
	}
	return &w.pages[w.at]
}

// mark opens the marked-content sequence of an element, if it is not the one
// that is open (ISO 32000-1, 14.6 and 14.7.4.2; ISO 14289-1, 7.1).
func (w *Writer) mark(p *page, e Element) {
	if p.open == (openMark{true, e}) {
		return
	}
	p.closeMark()
	p.open = openMark{true, e}
	if e == Artifact {
		p.content = append(p.content, "/Artifact BMC\n"...)
		return
	}
	if !w.known(e) {
		return
	}
	identifier := len(p.marks)
	p.marks = append(p.marks, e)
	w.addMark(e, identifier)
	p.content = append(p.content, '/')
	p.content = append(p.content, w.elements[e].tag.String()...)
	p.content = append(p.content, "<</MCID "...)
	p.content = strconv.AppendInt(p.content, int64(identifier), 10)
	p.content = append(p.content, ">>BDC\n"...)
}

func (p *page) closeMark() {
	if p.open.is {
		p.content = append(p.content, "EMC\n"...)
		p.open = openMark{}
	}
}

// textObject begins or ends a text object. Sequences do not reach across that.
func (p *page) textObject(inside bool) {
	if p.text == inside {
		return
	}
	p.closeMark()
	p.text = inside
	if inside {
		p.content = append(p.content, "BT\n"...)
		p.x, p.y = 0, 0
		return
	}
	p.content = append(p.content, "ET\n"...)
}

func (p *page) finish() {
	p.textObject(false)
	p.closeMark()
}

// setPaint sets the colour for filling. Colours are numbers in the document's
// palette (ISO 32000-1, 8.6.6.3), which begins with black as a page does.
func (w *Writer) setPaint(b []byte, now *int, c Color) []byte {
	n := slices.Index(w.palette, c)
	if n < 0 {
		n = len(w.palette)
		w.palette = append(w.palette, c)
	}
	if n == *now {
		return b
	}
	*now = n
	if n == mostColors {
		w.fail(errors.New("draw: more different colours than a document can have"))
	}
	return append(strconv.AppendInt(b, int64(n), 10), " sc\n"...)
}

// mostColors is how many colours a palette can hold.
const mostColors = 256

// move begins a line of text at x, y from the lower left corner.
func (p *page) move(x, y int) {
	p.operands(x-p.x, y-p.y)
	p.x, p.y = x, y
	p.content = append(p.content, "Td\n"...)
}

func (p *page) setFont(font, size int) {
	if p.font == font && p.size == size {
		return
	}
	p.font, p.size = font, size
	p.content = append(p.content, "/F"...)
	p.content = strconv.AppendInt(p.content, int64(font), 10)
	p.content = append(p.content, ' ')
	p.operands(size)
	p.content = append(p.content, "Tf\n"...)
}

func (p *page) setRise(rise int) {
	if p.rise == rise {
		return
	}
	p.rise = rise
	p.operands(rise)
	p.content = append(p.content, "Ts\n"...)
}

func (p *page) operands(values ...int) { p.content = appendOperands(p.content, values...) }

func appendOperands(b []byte, values ...int) []byte {
	for _, v := range values {
		b = append(appendHundredths(b, v), ' ')
	}
	return b
}

// hundredths is a length in points as it is written: whatever it is, a number
// that every reader takes.
func hundredths(v float64) int {
	if math.IsNaN(v) {
		return 0
	}
	return int(math.Round(100 * min(max(v, -largest), largest)))
}
