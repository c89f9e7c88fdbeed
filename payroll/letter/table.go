package letter

import "github.com/payseal/payseal/payroll/letter/pdf"

// table is rows under a head, which goes over several pages if it must. The
// first column holds names; beside them stand figures, or the text of a fact.
type table struct {
	x, width float64 // place in the grid
	title    string
	facts    bool    // names in grey with texts beside them, no rules
	names    float64 // width of the first column
	columns  [3]struct {
		width float64 // 0: not there
		head  pdf.Line
	}
	rows     []row
	sum      *row // nil: none. Sums of tables side by side stand at one height
	sumLabel string
	note     string // small, under the last row

	section pdf.Element // heading, table and note
	element pdf.Element
	titles  []pdf.Line // the title, and on a further page that it goes on
	drawn   int        // rows
}

// row is one row of a table: its texts are set already.
type row struct {
	name    []pdf.Line
	detail  []pdf.Line // small, under the name
	text    []pdf.Line
	figures [3]pdf.Line
	source  int // what it was made of, for whoever fills the table
}

// Sizes and distances in a table.
const (
	nameSize    = 9.0
	factSize    = 8.5
	detailSize  = 7.5
	leading     = 11.0
	rowPadding  = 5.5
	figurePad   = 10.0 // before a column of figures
	titleSize   = 10.0
	headPadding = 19.0 // of a head whose title is one line
)

func (t *table) rowHeight(r *row) float64 {
	height := rowPadding + leading*float64(max(len(r.name), len(r.text), 1))
	height += 9.5 * float64(len(r.detail))
	return height
}

// beside draws tables side by side, from page to page until all is drawn.
func (c *canvas) beside(continued string, tables ...*table) {
	for _, t := range tables {
		c.open(t)
	}
	head := c.titles(tables, "")
	c.need(c.beginning(head, tables))
	for further := false; ; further = true {
		from, left := c.y, false
		for _, t := range tables {
			if !further || t.drawn < len(t.rows) {
				c.y = max(c.y, c.rowsOf(t, from, head, further))
			}
			left = left || t.drawn < len(t.rows)
		}
		if !left {
			break
		}
		c.turn()
		head = c.titles(tables, " ("+continued+")")
	}
	c.sums(tables)
}

// open begins the table in the structure.
func (c *canvas) open(t *table) {
	t.section = c.out.Add(c.out.Root(), pdf.Sect)
	if t.title == "" {
		t.element = c.out.Add(t.section, pdf.Table)
	}
}

// titles sets the titles of tables, and returns how high their heads are.
func (c *canvas) titles(tables []*table, continued string) (height float64) {
	for _, t := range tables {
		if t.title == "" {
			continue
		}
		room := t.names
		if t.facts {
			room = t.width
		} else if t.columns[0].head.Width == 0 {
			room += t.columns[0].width
		}
		t.titles = c.lines(t.title+continued, true, titleSize, room-4)
		height = max(height, headPadding+12*float64(len(t.titles)-1))
	}
	return height
}

// beginning is what tables need to begin on a page: head and first row.
func (c *canvas) beginning(height float64, tables []*table) float64 {
	row := 0.0
	for _, t := range tables {
		if len(t.rows) > 0 {
			row = max(row, t.rowHeight(&t.rows[0]))
		}
	}
	return height + row
}

// rowsOf draws the head and as many rows as fit on the page, and returns where
// they end.
func (c *canvas) rowsOf(t *table, y, head float64, further bool) float64 {
	if t.title != "" {
		c.head(t, y+head, further)
		y += head
	}
	first := t.drawn
	for t.drawn < len(t.rows) {
		r := &t.rows[t.drawn]
		height := t.rowHeight(r)
		var note []pdf.Line
		if t.note != "" && t.drawn == len(t.rows)-1 { // a note never stands alone on a page
			note = c.lines(t.note, false, detailSize, t.width)
		}
		if y+height+c.noteHeight(note) > c.bottom {
			if !further || t.drawn > first {
				break
			}
			c.cramped = true // no page is high enough
		}
		c.row(t, r, y, height)
		y += height
		if len(note) > 0 {
			c.stack(c.out.Add(t.section, pdf.P), t.x, y+10, detailSize, leading, grey, note)
			y += c.noteHeight(note)
		}
		t.drawn++
	}
	return y
}

func (c *canvas) noteHeight(note []pdf.Line) float64 {
	if len(note) == 0 {
		return 0
	}
	return 4 + leading*float64(len(note))
}

// head draws title and column heads so that they end at bottom. On a further page
// they are repeated, and no content.
func (c *canvas) head(t *table, bottom float64, further bool) {
	title, cells := pdf.Artifact, pdf.Artifact
	if !further {
		title = c.out.Add(t.section, pdf.H2)
		t.element = c.out.Add(t.section, pdf.Table)
		if !t.facts {
			cells = c.out.Add(t.element, pdf.TR)
			c.out.AddCell(cells, pdf.TD, pdf.None, 1) // over the names
		}
	}
	rule := bottom - 4
	c.stack(title, t.x, rule-5-12*float64(len(t.titles)-1), titleSize, 12, c.brand, t.titles)
	x := t.x + t.names
	for _, column := range t.columns {
		if x += column.width; column.width > 0 && !t.facts {
			e := pdf.Artifact
			if cells != pdf.Artifact {
				e = c.out.AddCell(cells, pdf.TH, pdf.Column, 1)
			}
			c.figure(e, x, column.width-figurePad, rule-5, detailSize, grey, column.head)
		}
	}
	c.box(t.x, rule, t.width, 1, c.brand)
}

// row draws one row with its top at y.
func (c *canvas) row(t *table, r *row, y, height float64) {
	tr := c.out.Add(t.element, pdf.TR)
	th := c.out.AddCell(tr, pdf.TH, pdf.Row, 1)
	if t.facts {
		c.stack(th, t.x, y+leading, factSize, leading, grey, r.name)
		c.stack(c.out.AddCell(tr, pdf.TD, pdf.None, 1), t.x+t.names, y+leading, nameSize, leading, ink, r.text)
		return
	}
	c.stack(th, t.x, y+leading, nameSize, leading, ink, r.name)
	c.stack(th, t.x, y+leading*float64(len(r.name))+9.5, detailSize, 9.5, grey, r.detail)
	c.figures(t, r, tr, y+leading, false)
	c.box(t.x, y+height-1, t.width, hairline, hair)
}

// figures draws the cells beside a name. The one that matters is in ink.
func (c *canvas) figures(t *table, r *row, tr pdf.Element, y float64, sum bool) {
	x := t.x + t.names
	for i, column := range t.columns {
		if column.width == 0 {
			continue
		}
		x += column.width
		size, color := nameSize, grey
		if i == amountColumn || sum {
			color = ink
		} else if i == quantityColumn {
			size = 8
		}
		e := c.out.AddCell(tr, pdf.TD, pdf.None, 1)
		c.figure(e, x, column.width-figurePad, y, size, color, r.figures[i])
	}
}

// sums draws the last rows of tables side by side at one height.
func (c *canvas) sums(tables []*table) {
	tallest := 0.0
	for _, t := range tables {
		if t.sum != nil {
			tallest = max(tallest, t.rowHeight(t.sum)+3)
		}
	}
	if tallest == 0 {
		return
	}
	c.need(tallest)
	for _, t := range tables {
		if t.sum == nil {
			continue
		}
		tr := c.out.Add(t.element, pdf.TR)
		c.box(t.x, c.y-1, t.width, 1, c.brand)
		c.stack(c.out.AddCell(tr, pdf.TH, pdf.Row, 1), t.x, c.y+12.5, nameSize, leading, ink, t.sum.name)
		c.figures(t, t.sum, tr, c.y+12.5, true)
	}
	c.y += tallest
}

// The columns of figures.
const (
	quantityColumn = iota
	amountColumn
	yearColumn
)
