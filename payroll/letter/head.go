package letter

import (
	"strings"

	"github.com/payseal/payseal/payroll/letter/pdf"
)

// logoBox is the height that the logo may take on the page, and logoReach its
// width, in points.
const (
	logoBox   = 40.0
	logoReach = 132.0
)

// head is the head of the first page: the company where lines begin, and where
// they end what the document is.
type head struct {
	letterhead *Letterhead
	employer   string // what the law wants to know of the company
	kind       string // small, above the title; "" for none
	title      string
	date       []string // parts of a line
	number     []string // the same, smaller
}

func (b head) draw(c *canvas) {
	lowest, width := b.heading(c)
	y := b.company(c, c.full-max(width, 150)-28)
	c.y = max(y, lowest)
	c.box(0, c.y, c.full, 1.2, c.brand)
	c.y += 27
}

// heading draws what the document is, and returns where that ends and its width.
func (b head) heading(c *canvas) (lowest, width float64) {
	title, size := c.line(b.title, true), 23.0
	for size > 13 && title.Width*size > c.full*0.55 {
		size--
	}
	section := c.out.Add(c.out.Root(), pdf.Sect)
	h1 := c.out.Add(section, pdf.H1)
	y := topEdge + 9
	if b.kind != "" {
		c.end(h1, c.full, y, 10, grey, c.line(b.kind, false))
		y += 24
	} else {
		y += 14
	}
	c.end(h1, c.full, y, size, c.brand, title)
	width = title.Width * size
	for i, parts := range [...][]string{b.date, b.number} {
		if len(parts) == 0 {
			continue
		}
		small, line := 9-1.5*float64(i), c.phrase(parts)
		y += 16 - 3*float64(i)
		c.endPhrase(c.out.Add(section, pdf.P), c.full, y, small, grey, line)
		width = max(width, line.width()*small)
	}
	return y + 14, width
}

// company draws logo, name and address within a width, and returns where they
// end.
func (b head) company(c *canvas, width float64) float64 {
	h := b.letterhead
	section := c.out.Add(c.out.Root(), pdf.Sect)
	y, size := topEdge+12, 14.0
	if h.logo != nil {
		b.logo(c, section)
		y, size = topEdge+logoBox+16, 11
	}
	name := c.lines(h.company.Name, true, size, width)
	c.stack(c.out.Add(section, pdf.P), 0, y, size, size+3, ink, name)
	y += (size+3)*float64(len(name)) - 2
	for _, text := range [...]string{strings.Join(h.company.Address, " · "), b.employer} {
		if text == "" {
			continue
		}
		lines := c.lines(text, false, 8, width)
		c.stack(c.out.Add(section, pdf.P), 0, y, 8, 10.5, grey, lines)
		y += 10.5 * float64(len(lines))
	}
	return y + 3
}

func (b head) logo(c *canvas, section pdf.Element) {
	logo := b.letterhead.logo
	scale := min(logoReach/float64(logo.Width), logoBox/float64(logo.Height))
	width, height := float64(logo.Width)*scale, float64(logo.Height)*scale
	x := margin
	if c.mirrored {
		x += c.full - width
	}
	box := [4]float64{x, topEdge, width, height}
	c.out.Picture(c.out.AddFigure(section, b.letterhead.company.Name, box), 0, x, topEdge, width, height)
}

// runningHead is the head of a further page: it repeats, and is no content.
func (c *canvas) runningHead(title, company, whose string) {
	month := c.line(title, true)
	c.y += 8
	c.end(pdf.Artifact, c.full, c.y, 9, c.brand, month)
	for _, l := range c.lines(company, true, 9, c.full-month.Width*9-20) {
		c.start(pdf.Artifact, 0, c.y, 9, ink, l)
		c.y += 12
	}
	for _, l := range c.lines(whose, false, 8, c.full) {
		c.start(pdf.Artifact, 0, c.y, 8, grey, l)
		c.y += 11
	}
	c.box(0, c.y-3, c.full, 1.2, c.brand)
	c.y += 18
}
