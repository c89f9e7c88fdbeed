package letter

import (
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// row is one row of a column: its height, and how it is drawn with its top at y.
type row struct {
	height float64
	draw   func(y float64)
}

// column is a list that may go over several pages.
type column struct {
	x      float64
	head   func(y float64, again bool) // nil: none; again: on a further page
	height float64                     // of the head on the first page
	again  float64                     // of the head on a further page
	rows   []row
	foot   *row // the feet of columns side by side stand at one height
}

// flow draws columns side by side, from page to page until all are drawn.
func (d *layout) flow(columns ...*column) {
	alignHeads(columns)
	d.need(firstHeight(columns))
	for again := false; ; again = true {
		top, lowest := d.y, d.y
		for _, c := range columns {
			if len(c.rows) > 0 || !again {
				lowest = max(lowest, d.fillColumn(c, top, again))
			}
		}
		d.y = lowest
		if !slices.ContainsFunc(columns, func(c *column) bool { return len(c.rows) > 0 }) {
			break
		}
		d.turn()
	}
	d.feet(columns)
}

// alignHeads makes the heads of columns side by side equally high.
func alignHeads(columns []*column) {
	height, again := 0.0, 0.0
	for _, c := range columns {
		height, again = max(height, c.height), max(again, c.again)
	}
	for _, c := range columns {
		if c.head != nil {
			c.height, c.again = height, again
		}
	}
}

// firstHeight is what the columns need to begin: head, first row and, for a
// column without rows, the foot.
func firstHeight(columns []*column) float64 {
	need := 0.0
	for _, c := range columns {
		height := c.height
		if len(c.rows) > 0 {
			height += c.rows[0].height
		}
		need = max(need, height)
	}
	return need
}

// fillColumn draws as many rows as fit on the page and returns where they end.
func (d *layout) fillColumn(c *column, y float64, again bool) float64 {
	if c.head != nil {
		c.head(y, again)
		if again {
			y += c.again
		} else {
			y += c.height
		}
	}
	for len(c.rows) > 0 && y+c.rows[0].height <= d.bottom {
		c.rows[0].draw(y)
		y += c.rows[0].height
		c.rows = c.rows[1:]
	}
	return y
}

func (d *layout) feet(columns []*column) {
	tallest := 0.0
	for _, c := range columns {
		if c.foot != nil {
			tallest = max(tallest, c.foot.height)
		}
	}
	if tallest == 0 {
		return
	}
	d.need(tallest)
	for _, c := range columns {
		if c.foot != nil {
			c.foot.draw(d.y)
		}
	}
	d.y += tallest
}

// ledger is a table of components.
type ledger struct {
	title      string
	lines      []payroll.Line
	total      string // label; "" for a ledger without a total
	sum, year  *payroll.Money
	note       string
	x, width   float64
	quantities float64 // widths of the columns; 0: not there
	amounts    float64
	years      float64
}

// smallestLabel is the width that a component's name must have for two ledgers
// to stand side by side; otherwise they stand one under the other.
const smallestLabel = 68.0

// ledgers draws earnings and deductions.
func (d *layout) ledgers() {
	w, s := d.locale.words, d.slip
	earnings := &ledger{title: w.earnings, lines: nonZero(s.LinesOf(payroll.LineEarning)), total: w.totalEarnings,
		sum: s.Gross, year: s.GrossYearToDate, x: left, width: half}
	deductions := &ledger{title: w.deductions, lines: nonZero(s.LinesOf(payroll.LineDeduction)), total: w.totalDeductions,
		sum: s.Deductions, year: s.DeductionsYearToDate, x: left + half + gutter, width: half}
	both := []*ledger{earnings, deductions}
	stacked := false
	for _, l := range both {
		d.measureColumns(l)
		stacked = stacked || l.label() < smallestLabel
	}
	if stacked {
		for _, l := range both {
			l.x, l.width = left, full
			d.flow(d.column(l))
			d.y += 16
		}
		return
	}
	d.flow(d.column(earnings), d.column(deductions))
	d.y += 20
}

// nonZero leaves out components that are nothing in this period and this year.
func nonZero(lines []payroll.Line) []payroll.Line {
	return slices.DeleteFunc(lines, func(l payroll.Line) bool {
		return l.Amount.IsZero() && (l.YearToDate == nil || l.YearToDate.IsZero())
	})
}

func (l *ledger) label() float64 { return l.width - l.quantities - l.amounts - l.years }

// measureColumns makes the columns of figures as wide as the widest in them.
func (d *layout) measureColumns(l *ledger) {
	widen := func(column *float64, text string, bold bool, size float64) {
		*column = max(*column, d.text(text, bold).width*size+10)
	}
	widen(&l.amounts, d.amountHead(), false, 7.5)
	for _, line := range l.lines {
		widen(&l.amounts, d.locale.amount(line.Amount), false, 9)
		if line.Quantity != "" {
			widen(&l.quantities, d.quantity(line), false, 8)
		}
		if line.YearToDate != nil {
			widen(&l.years, d.locale.words.yearToDate, false, 7.5)
			widen(&l.years, d.locale.amount(*line.YearToDate), false, 9)
		}
	}
	if l.sum != nil {
		widen(&l.amounts, d.locale.amount(*l.sum), true, 9)
	}
	if l.year != nil {
		widen(&l.years, d.locale.words.yearToDate, false, 7.5)
		widen(&l.years, d.locale.amount(*l.year), true, 9)
	}
}

// quantity writes the hours behind an amount: "4.50 h".
func (d *layout) quantity(l payroll.Line) string { return d.locale.number(l.Quantity) + "\u00a0h" }

func (d *layout) amountHead() string {
	return d.locale.words.amount + " " + string(d.slip.Currency)
}

// column makes the rows of a ledger. One without lines and total is empty.
func (d *layout) column(l *ledger) *column {
	c := &column{x: l.x}
	if len(l.lines) == 0 && l.sum == nil {
		return c
	}
	first := d.lines(l.title, true, 10, l.label()+l.quantities)
	further := d.lines(l.title+" ("+d.locale.words.continued+")", true, 10, l.label()+l.quantities)
	c.height = ledgerHeadHeight + 12*float64(len(first)-1)
	c.again = ledgerHeadHeight + 12*float64(len(further)-1)
	c.head = func(y float64, again bool) {
		if again {
			d.ledgerHead(l, y+c.again, further)
		} else {
			d.ledgerHead(l, y+c.height, first)
		}
	}
	for _, line := range l.lines {
		c.rows = append(c.rows, d.ledgerRow(l, line))
	}
	if l.note != "" && len(c.rows) > 0 {
		last := &c.rows[len(c.rows)-1] // a note never stands alone on a page
		*last = d.noted(l, *last)
	}
	if l.sum != nil && l.total != "" {
		c.foot = d.totalRow(l)
	}
	return c
}

// noted puts the ledger's small remark under a row.
func (d *layout) noted(l *ledger, r row) row {
	lines := d.lines(l.note, false, 7.5, l.width)
	return row{height: r.height + 4 + 11*float64(len(lines)), draw: func(y float64) {
		r.draw(y)
		d.stack(l.x, y+r.height+10, 7.5, grey, lines)
	}}
}

// ledgerHeadHeight is the height of a ledger's head with a title of one line,
// rule included.
const ledgerHeadHeight = 19.0

// ledgerHead draws a head that ends at bottom.
func (d *layout) ledgerHead(l *ledger, bottom float64, title []line) {
	rule := bottom - 4
	for i, t := range title {
		d.line(l.x, rule-5-12*float64(len(title)-1-i), 10, d.letterhead.color, t)
	}
	d.lineRight(l.x+l.width-l.years, rule-5, 7.5, grey, d.text(d.amountHead(), false))
	if l.years > 0 {
		d.lineRight(l.x+l.width, rule-5, 7.5, grey, d.text(d.locale.words.yearToDate, false))
	}
	d.box(l.x, rule, l.width, 1, d.letterhead.color)
}

func (d *layout) ledgerRow(l *ledger, component payroll.Line) row {
	room := l.label() - 4
	if component.Quantity == "" {
		room += l.quantities
	}
	labels := d.lines(component.Label, false, 9, room)
	height := 5.5 + 11*float64(len(labels))
	return row{height: height, draw: func(y float64) {
		d.stack(l.x, y+10, 9, ink, labels)
		edge := l.x + l.width
		if component.YearToDate != nil {
			d.lineRight(edge, y+10, 9, grey, d.text(d.locale.amount(*component.YearToDate), false))
		}
		edge -= l.years
		d.lineRight(edge, y+10, 9, ink, d.text(d.locale.amount(component.Amount), false))
		if component.Quantity != "" {
			d.lineRight(edge-l.amounts, y+10, 8, grey, d.text(d.quantity(component), false))
		}
		d.box(l.x, y+height-1, l.width, hairline, hair)
	}}
}

func (d *layout) totalRow(l *ledger) *row {
	labels := d.lines(l.total, true, 9, l.label()+l.quantities-4)
	height := 8 + 11*float64(len(labels))
	return &row{height: height, draw: func(y float64) {
		d.box(l.x, y-1, l.width, 1, d.letterhead.color)
		d.stack(l.x, y+12, 9, ink, labels)
		edge := l.x + l.width - l.years
		d.lineRight(edge, y+12, 9, ink, d.text(d.locale.amount(*l.sum), true))
		if l.year != nil {
			d.lineRight(l.x+l.width, y+12, 9, ink, d.text(d.locale.amount(*l.year), true))
		}
	}}
}

// appendix draws what is information: employer contributions on the left,
// facts on the right.
func (d *layout) appendix() {
	w, s := d.locale.words, d.slip
	var columns []*column
	x := left
	if lines := nonZero(s.LinesOf(payroll.LineEmployer)); len(lines) > 0 {
		l := &ledger{title: w.employer, note: w.employerNote, lines: lines, x: x, width: half}
		if d.measureColumns(l); l.label() < smallestLabel {
			l.width = full
			d.flow(d.column(l))
			d.y += 16
		} else {
			columns, x = append(columns, d.column(l)), left+half+gutter
		}
	}
	if len(s.Info) > 0 {
		columns = append(columns, d.facts(x))
	}
	if len(columns) > 0 {
		d.flow(columns...)
	}
}

// facts are the texts that are not money, under a head of their own.
func (d *layout) facts(x float64) *column {
	c := &column{x: x, height: ledgerHeadHeight, again: ledgerHeadHeight, rows: d.factRows(d.slip.Info, x)}
	c.head = func(y float64, again bool) {
		bottom := y + c.height
		if again {
			bottom = y + c.again
		}
		d.line(x, bottom-9, 10, d.letterhead.color, d.text(d.locale.words.information, true))
		d.box(x, bottom-4, half, 1, d.letterhead.color)
	}
	return c
}

// joinAddress writes the lines of an address in one.
func joinAddress(lines []string) string { return strings.Join(lines, " · ") }

// fill puts values into the places of a sentence.
func fill(sentence string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(sentence)
}
