package letter

import (
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// smallestName is the width that a component's name must have for two ledgers to
// stand side by side; comfortableName that for quantities to have a column.
const (
	smallestName    = 68.0
	comfortableName = 80.0
)

// ledgers are earnings and deductions, side by side where that is wide enough.
func (p *page) ledgers(blocks []block) []block {
	w, s := p.locale.words, p.slip
	earnings := p.total(p.ledger(w.earnings, payroll.LineEarning), w.totalEarnings, s.Gross, s.GrossYearToDate)
	deductions := p.total(p.ledger(w.deductions, payroll.LineDeduction), w.totalDeductions, s.Deductions, s.DeductionsYearToDate)
	tables := make([]*table, 0, 2)
	for _, t := range [...]*table{earnings, deductions} {
		if len(t.rows) > 0 || t.sum != nil {
			tables = append(tables, t)
		}
	}
	if len(tables) == 2 && p.fits(earnings, p.half) && p.fits(deductions, p.half) {
		p.wrap(earnings, 0, p.half)
		p.wrap(deductions, p.place(1), p.half)
		return append(blocks, columns{tables, w.continued})
	}
	for i := range tables {
		p.wrap(tables[i], 0, p.full)
		blocks = append(blocks, columns{tables[i : i+1], w.continued})
	}
	return blocks
}

// ledger is a table of components of one kind, with its figures set. Components
// that are nothing in this period and this year are left out.
func (p *page) ledger(title string, kind payroll.LineKind) *table {
	t := p.table(title, p.linesOf(kind))
	for i := range p.slip.Lines {
		l := &p.slip.Lines[i]
		if l.Kind != kind || isNothing(l) {
			continue
		}
		r := row{source: i}
		if text := p.quantity(l); text != "" {
			r.figures[quantityColumn] = p.inColumn(t, quantityColumn, p.line(text, false))
		}
		r.figures[amountColumn] = p.inColumn(t, amountColumn, p.amount(&l.Amount, false))
		if l.YearToDate != nil {
			r.figures[yearColumn] = p.inColumn(t, yearColumn, p.amount(l.YearToDate, false))
		}
		t.rows = append(t.rows, r)
	}
	return t
}

func (p *page) linesOf(kind payroll.LineKind) (n int) {
	for i := range p.slip.Lines {
		if p.slip.Lines[i].Kind == kind {
			n++
		}
	}
	return n
}

// isNothing reports a component of zero in this period and in this year.
func isNothing(l *payroll.Line) bool {
	return l.Amount.IsZero() && (l.YearToDate == nil || l.YearToDate.IsZero())
}

// amount sets an amount.
func (p *page) amount(m *payroll.Money, bold bool) pdf.Line {
	p.written = p.locale.appendAmount(p.written[:0], *m)
	if l, ok := p.setter.Figures(p.written, bold); ok {
		return l
	}
	return p.line(string(p.written), bold)
}

// inColumn makes a column wide enough for a figure.
func (p *page) inColumn(t *table, column int, l pdf.Line) pdf.Line {
	c := &t.columns[column]
	if c.width == 0 && column != quantityColumn {
		c.head = p.line(p.columnHead(column), false)
		c.width = c.head.Width*detailSize + figurePad
	}
	c.width = max(c.width, l.Width*nameSize+figurePad)
	return l
}

func (p *page) columnHead(column int) string {
	if column == yearColumn {
		return p.locale.words.yearToDate
	}
	if p.amountHead == "" {
		p.amountHead = p.locale.words.amount + " " + string(p.slip.Currency)
	}
	return p.amountHead
}

// quantity is what an amount was worked out from: "4.50 h × 25.00", or
// "9.30 % × 3,966.01"; "" if the file does not say.
func (p *page) quantity(l *payroll.Line) string {
	text, glue := "", ""
	if l.Quantity != "" {
		text, glue = p.locale.number(l.Quantity)+"\u00a0h", " "
	}
	switch {
	case l.Rate == "":
		return text
	case l.Base != nil:
		return text + glue + p.locale.number(l.Rate) + "\u00a0% × " + p.locale.amount(*l.Base)
	}
	return text + glue + "×\u00a0" + p.locale.number(l.Rate)
}

// total gives a table its last row, if the file has the sum.
func (p *page) total(t *table, label string, sum, year *payroll.Money) *table {
	if sum == nil {
		return t
	}
	t.sum, t.sumLabel = &row{}, label
	t.sum.figures[amountColumn] = p.inColumn(t, amountColumn, p.amount(sum, true))
	if year != nil {
		t.sum.figures[yearColumn] = p.inColumn(t, yearColumn, p.amount(year, true))
	}
	return t
}

// fits reports whether a table of a width has room for the names.
func (p *page) fits(t *table, width float64) bool {
	return width-t.columns[amountColumn].width-t.columns[yearColumn].width >= smallestName
}

// wrap puts a table into its place and sets the names. Quantities that would
// leave little room for these go below them.
func (p *page) wrap(t *table, x, width float64) *table {
	t.x, t.width = x, width
	t.names = width - t.columns[amountColumn].width - t.columns[yearColumn].width
	if quantities := t.columns[quantityColumn].width; t.names-quantities >= comfortableName {
		t.names -= quantities
	} else {
		t.columns[quantityColumn].width = 0
		for i := range t.rows {
			r := &t.rows[i]
			r.detail = p.lines(p.quantity(&p.slip.Lines[r.source]), false, detailSize, t.names-4)
			r.figures[quantityColumn] = pdf.Line{}
		}
	}
	for i := range t.rows {
		r := &t.rows[i]
		room := t.names - 4
		if r.figures[quantityColumn].Width == 0 {
			room += t.columns[quantityColumn].width
		}
		r.name = p.lines(p.slip.Lines[r.source].Label, false, nameSize, room)
	}
	if t.sum != nil {
		t.sum.name = p.lines(t.sumLabel, true, nameSize, t.names+t.columns[quantityColumn].width-4)
	}
	return t
}
