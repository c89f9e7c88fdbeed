package letter

import (
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// block is one part of a page. Drawn, it leaves the pen below itself.
type block interface{ draw(c *canvas) }

// between is the white between two blocks.
const between = 20.0

// columns are tables side by side; one that is too long goes on over the page.
type columns struct {
	tables    []*table
	continued string
}

func (b columns) draw(c *canvas) {
	if len(b.tables) > 0 {
		c.beside(b.continued, b.tables...)
		c.y += between
	}
}

// person is a name, and below it what is known of the person.
type person struct {
	name  string
	facts columns
}

func (b person) draw(c *canvas) {
	e := c.out.Add(c.out.Root(), pdf.H2)
	for _, l := range c.lines(b.name, true, 15, c.full) {
		c.start(e, 0, c.y, 15, ink, l)
		c.y += 19
	}
	c.y -= 4
	b.facts.draw(c)
	c.y -= 5
}

// notice is what must not be passed over: a frame around a heading and a sentence.
type notice struct{ bold, plain string }

func (b notice) draw(c *canvas) {
	const inset = 20.0
	bold, plain := c.lines(b.bold, true, 9.5, c.full-2*inset), c.lines(b.plain, false, 9, c.full-2*inset)
	height := 16 + 13*float64(len(bold)) + 12*float64(len(plain))
	c.need(height + 16)
	c.box(0, c.y, 4, height, c.brand)
	c.box(0, c.y, c.full, 0.8, c.brand)
	c.box(0, c.y+height-0.8, c.full, 0.8, c.brand)
	c.box(c.full-0.8, c.y, 0.8, height, c.brand)
	y := c.y + 18
	c.stack(c.out.Add(c.out.Root(), pdf.H2), inset, y, 9.5, 13, ink, bold)
	c.stack(c.out.Add(c.out.Root(), pdf.P), inset, y+13*float64(len(bold)), 9, 12, ink, plain)
	c.y += height + between - 2
}

// band answers one question: a large amount, what it is, and how it came about.
type band struct {
	label, amount string
	words         string   // the amount in words
	sum           []string // how it came about: parts of a line
	year          []string // under the amount: parts of a line
}

func (b band) draw(c *canvas) {
	const inset = 20.0
	amount, size := c.line(b.amount, true), 27.0
	for size > 12 && amount.Width*size > c.full*0.58 {
		size--
	}
	year := c.phrase(b.year)
	room := c.full - 2*inset - max(amount.Width*size, year.width()*factSize) - 24
	label := c.lines(b.label, true, 13, room)
	words, sum := c.paragraph(b.words, nameSize, room), []phrase{c.phrase(b.sum)}
	if sum[0].width()*nameSize > room { // it must wrap
		sum = c.paragraph(strings.Join(b.sum, " "), nameSize, room)
	}
	rows := len(words)
	if len(sum[0]) > 0 {
		rows += len(sum)
	}
	text := 16*float64(len(label)) + 12*float64(rows)
	height := max(text+28, 60)
	c.need(height + between)
	c.box(0, c.y, c.full, height, tint(c.brand, 0.93))
	c.box(0, c.y, 4, height, c.brand)
	section := c.out.Add(c.out.Root(), pdf.Sect)
	y := c.y + (height-text)/2 + 12
	c.stack(c.out.Add(section, pdf.H2), inset, y, 13, 16, c.brand, label)
	e := c.out.Add(section, pdf.P)
	y += 16*float64(len(label)) - 1
	for _, part := range [...][]phrase{words, sum} {
		if len(part) > 0 && len(part[0]) > 0 {
			y = c.phrases(c.out.Add(section, pdf.P), inset, y, nameSize, 12, grey, part)
		}
	}
	base := c.y + height/2 + size*0.35
	if len(year) > 0 {
		base -= 7
		c.endPhrase(c.out.Add(section, pdf.P), c.full-16, base+17, factSize, grey, year)
	}
	c.end(e, c.full-16, base, size, c.brand, amount)
	c.y += height + between
}

// notes is a heading and paragraphs, which go on over the page if they must.
type notes struct {
	title string
	text  string // one paragraph to a line
}

func (b notes) draw(c *canvas) {
	const size, line, apart = nameSize, 12.5, 5.0
	section := c.out.Add(c.out.Root(), pdf.Sect)
	title := c.lines(b.title, true, titleSize, c.full)
	c.need(12*float64(len(title)) + 9 + 2*line)
	c.stack(c.out.Add(section, pdf.H2), 0, c.y+10, titleSize, 12, c.brand, title)
	c.y += 12*float64(len(title)) + 3
	c.box(0, c.y, c.full, 1, c.brand)
	c.y += 5
	for text := range strings.SplitSeq(b.text, "\n") {
		e := c.out.Add(section, pdf.P)
		for _, l := range c.prose(text, size, c.full) {
			c.need(line)
			c.startPhrase(e, 0, c.y+leading, size, ink, l)
			c.y += line
		}
		c.y += apart
	}
	c.y += between - apart
}

// strip is names in small with what they stand for below, several to a row.
type strip struct{ facts []payroll.Fact }

// widestStrip is the most cells of a row, and tallestCell the height in points
// at which fewer stand in one.
const (
	widestStrip = 6
	tallestCell = 120.0
)

func (b strip) draw(c *canvas) {
	n := len(b.facts)
	if n == 0 {
		return
	}
	rows := (n + widestStrip - 1) / widestStrip
	cells := max(4, (n+rows-1)/rows)
	for first := 0; first < n; first += cells {
		b.row(c, b.facts[first:min(first+cells, n)], c.full/float64(cells))
	}
	c.y += between - 8
}

func (b strip) row(c *canvas, facts []payroll.Fact, cell float64) {
	var labels, values [widestStrip][]pdf.Line
	tallest, deepest := 1, 1
	for i, f := range facts {
		labels[i] = c.lines(f.Label, false, detailSize, cell-14)
		values[i] = c.lines(f.Value, true, 11, cell-14)
		tallest, deepest = max(tallest, len(labels[i])), max(deepest, len(values[i]))
	}
	height := 10 + 10*float64(tallest) + 14*float64(deepest)
	if height > tallestCell && cell < c.full {
		half := (len(facts) + 1) / 2
		for part := range slices.Chunk(facts, half) {
			b.row(c, part, c.full/float64(half))
		}
		return
	}
	c.need(height)
	table := c.out.Add(c.out.Root(), pdf.Table)
	heads, cells := c.out.Add(table, pdf.TR), c.out.Add(table, pdf.TR)
	for i := range facts {
		x := cell * float64(i)
		if i > 0 {
			c.box(x-8, c.y, hairline, height-8, hair)
		}
		c.stack(c.out.AddCell(heads, pdf.TH, pdf.Column, 1), x, c.y+8, detailSize, 10, grey, labels[i])
		c.stack(c.out.AddCell(cells, pdf.TD, pdf.None, 1), x, c.y+10*float64(tallest)+12, 11, 14, ink, values[i])
	}
	c.y += height
}
