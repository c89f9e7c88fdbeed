package letter

import (
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// paper is a sheet and the grid on it, in points (72 to the inch).
type paper struct {
	width, height float64
	full, half    float64 // widths of a block alone, and of two side by side
}

// The grid.
const (
	margin   = 48.0 // at both sides
	gutter   = 24.0 // between two blocks side by side
	topEdge  = 44.0
	footEdge = 34.0
	hairline = 0.5
)

// PageSizes are the papers that a letterhead can have; the first is the default.
var PageSizes = []string{"A4", "Letter"}

func paperOf(size string) paper {
	p := paper{width: 595.28, height: 841.89} // ISO 216
	if size == "Letter" {
		p = paper{width: 612, height: 792} // ANSI/ASME Y14.1
	}
	p.full = p.width - 2*margin
	p.half = (p.full - gutter) / 2
	return p
}

// The colours beside the company's own: text, two greys, and the paper.
var (
	ink  = pdf.Color{R: 0x1b, G: 0x23, B: 0x2d}
	grey = pdf.Color{R: 0x5c, G: 0x67, B: 0x72}
	hair = pdf.Color{R: 0xd6, G: 0xdc, B: 0xe1}
)

// tint is a colour of which so much is paper: 0 is the colour itself, 1 white.
func tint(c pdf.Color, white float64) pdf.Color {
	mix := func(v uint8) uint8 { return v + uint8(float64(255-v)*white) }
	return pdf.Color{R: mix(c.R), G: mix(c.G), B: mix(c.B)}
}

// canvas is a document on its way to paper: what draws it, and where the pen
// stands. It knows the grid and nothing of pay.
//
// A place x is so far from the left margin, or from the right one where lines
// run leftwards: whoever draws never asks in which direction. y is a distance
// from the upper edge of the page.
type canvas struct {
	paper
	out      *pdf.Writer
	setter   *typeset.Setter
	brand    pdf.Color
	language string
	mirrored bool

	y, bottom float64 // top of what comes next; where the foot begins
	again     func()  // draws the head of a further page
	cramped   bool    // something did not fit: the document must not leave
}

// line sets a text on one line.
func (c *canvas) line(text string, bold bool) pdf.Line {
	if text == "" {
		return pdf.Line{}
	}
	return c.setter.Line(text, typeset.Style{Bold: bold, Language: c.language})
}

// lines sets a text on lines of a width in points, at a size.
func (c *canvas) lines(text string, bold bool, size, width float64) []pdf.Line {
	if text == "" {
		return nil
	}
	lines := c.setter.Lines(text, typeset.Style{Bold: bold, Language: c.language}, width/size)
	for i := range lines {
		c.cramped = c.cramped || lines[i].Width*size > width+slack
	}
	return lines
}

// slack is how far, in points, a text may leave its place.
const slack = 1

// start draws a line that begins at x.
func (c *canvas) start(e pdf.Element, x, y, size float64, color pdf.Color, l pdf.Line) {
	if c.mirrored {
		x = c.full - x - l.Width*size
	}
	c.put(e, x, y, size, color, l)
}

// end draws a line that ends at x.
func (c *canvas) end(e pdf.Element, x, y, size float64, color pdf.Color, l pdf.Line) {
	if c.mirrored {
		x = c.full - x
	} else {
		x -= l.Width * size
	}
	c.put(e, x, y, size, color, l)
}

// figure draws a number flush right in a column that ends at x, whichever way
// lines run: units stand under units.
func (c *canvas) figure(e pdf.Element, x, width, y, size float64, color pdf.Color, l pdf.Line) {
	if c.mirrored {
		x = c.full - x + width
	}
	c.put(e, x-l.Width*size, y, size, color, l)
}

func (c *canvas) put(e pdf.Element, left, y, size float64, color pdf.Color, l pdf.Line) {
	if l.Width > 0 {
		c.cramped = c.cramped || y > c.bottom || left < -slack || left+l.Width*size > c.full+slack
		c.out.Text(e, margin+left, y, size, color, l)
	}
}

// phrase is a line of parts that are set one by one: words that come back on
// every slip are remembered, and figures need no shaping.
type phrase []pdf.Line

func (p phrase) width() (ems float64) {
	for _, part := range p {
		ems += part.Width
	}
	return ems
}

// phrase sets parts of a line, with spaces between them. Empty ones are left out.
func (c *canvas) phrase(parts []string) phrase {
	var p phrase
	for _, text := range parts {
		switch {
		case text == "":
			continue
		case p == nil:
			p = make(phrase, 0, 2*len(parts))
		default:
			p = append(p, c.line(" ", false))
		}
		p = append(p, c.line(text, false))
	}
	return p
}

// paragraph sets a text word by word on lines of a width in points: words come
// back from slip to slip, where whole texts do not. A word that is too wide, as a
// text without spaces is, wraps as in lines.
func (c *canvas) paragraph(text string, size, width float64) []phrase {
	var all []phrase
	space := c.line(" ", false)
	used := 0.0
	for word := range strings.SplitSeq(text, " ") { // a no-break space holds its words together
		l := c.line(word, false)
		switch {
		case word == "":
			continue
		case l.Width*size > width:
			for _, part := range c.lines(word, false, size, width) {
				all, used = append(all, phrase{part}), part.Width
			}
			continue
		case all == nil || (used+space.Width+l.Width)*size > width:
			all, used = append(all, make(phrase, 0, 24)), 0
		default:
			all[len(all)-1] = append(all[len(all)-1], space)
			used += space.Width
		}
		all[len(all)-1] = append(all[len(all)-1], l)
		used += l.Width
	}
	return all
}

// prose sets a text of many sentences: as a paragraph where words are parted by
// spaces and stand from left to right, else as a whole.
func (c *canvas) prose(text string, size, width float64) []phrase {
	other := func(r rune) bool { return r >= '\u0590' && r < '\u1e00' || r >= '\u2100' } // Hebrew is the first, then letters with accents and signs
	if !c.mirrored && !strings.ContainsFunc(text, other) {
		return c.paragraph(text, size, width)
	}
	lines := c.lines(text, false, size, width)
	phrases := make([]phrase, len(lines))
	for i := range lines {
		phrases[i] = phrase{lines[i]}
	}
	return phrases
}

// startPhrase draws a phrase that begins at x.
func (c *canvas) startPhrase(e pdf.Element, x, y, size float64, color pdf.Color, p phrase) {
	for _, part := range p {
		c.start(e, x, y, size, color, part)
		x += part.Width * size
	}
}

// phrases draws phrases one under the other, and returns where the next would be.
func (c *canvas) phrases(e pdf.Element, x, y, size, leading float64, color pdf.Color, phrases []phrase) float64 {
	for _, p := range phrases {
		c.startPhrase(e, x, y, size, color, p)
		y += leading
	}
	return y
}

// endPhrase draws a phrase that ends at x.
func (c *canvas) endPhrase(e pdf.Element, x, y, size float64, color pdf.Color, p phrase) {
	c.startPhrase(e, x-p.width()*size, y, size, color, p)
}

// stack draws lines one under the other.
func (c *canvas) stack(e pdf.Element, x, y, size, leading float64, color pdf.Color, lines []pdf.Line) {
	for i, l := range lines {
		c.start(e, x, y+leading*float64(i), size, color, l)
	}
}

// box fills a rectangle.
func (c *canvas) box(x, y, width, height float64, color pdf.Color) {
	if c.mirrored {
		x = c.full - x - width
	}
	c.out.Box(margin+x, y, width, height, color)
}

// need begins a further page if the next block of this height does not fit.
func (c *canvas) need(height float64) {
	if c.y+height > c.bottom {
		c.turn()
		c.cramped = c.cramped || c.y+height > c.bottom
	}
}

// turn begins a further page.
func (c *canvas) turn() {
	c.out.Page(c.width, c.height)
	c.y = topEdge
	c.again()
}

// footWords are the texts of a foot.
type footWords struct {
	page  string // with {n} and {of}
	lines []string
}

// foot is what stands at the foot of every page, beside its number.
type foot struct {
	lines []pdf.Line
	page  string // with {n} and {of}
}

const (
	footSize    = 7.5
	footLeading = 10.0
)

// reserve keeps room for the foot.
func (c *canvas) reserve(f *foot) {
	c.bottom = c.height - footEdge - footLeading*float64(max(len(f.lines), 1)) - 16
}

// feet draws the foot of every page, now that their number is known. On the last
// page it is content; before that it repeats, and its number always does (ISO
// 32000-1 14.8.2.2.2: pagination artifacts).
func (c *canvas) feet(f *foot) {
	pages, top := c.out.Pages(), c.bottom+10
	c.bottom = c.height
	for i := range pages {
		c.out.Select(i)
		y := top
		c.box(0, y-2, c.full, hairline, hair)
		number := fill(f.page, "{n}", strconv.Itoa(i+1), "{of}", strconv.Itoa(pages))
		c.end(pdf.Artifact, c.full, y+footLeading, footSize, grey, c.line(number, false))
		for _, l := range f.lines {
			e := pdf.Artifact
			if i == pages-1 {
				e = c.out.Add(c.out.Root(), pdf.P)
			}
			y += footLeading
			c.start(e, 0, y, footSize, grey, l)
		}
	}
}
