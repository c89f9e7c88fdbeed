package letter

import (
	"fmt"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

// Page draws a slip as a PDF, usually one page. The bytes depend on nothing but
// the slip and the letterhead. The error wraps payroll.ErrInvalid if Check has
// findings, and never quotes the slip.
func (h *Letterhead) Page(s payroll.Slip) ([]byte, error) { return h.AppendPage(nil, s) }

// AppendPage is Page, written behind b.
func (h *Letterhead) AppendPage(b []byte, s payroll.Slip) ([]byte, error) {
	const what = "draw page"
	if findings := checkTexts(&s); len(findings) > 0 {
		return nil, fmt.Errorf("%w: %s: %s", payroll.ErrInvalid, what, findings[0].Message)
	}
	made, err := documentDate(&s)
	if err != nil {
		return nil, err
	}
	return h.compose(b, what, s.Employee.Language, s.Employee.Country, func(d *desk) pdf.Info {
		p := d.page(&s)
		p.begin(d.locale.words.language)
		p.again = p.furtherHead
		foot := p.footOf(&d.foot)
		p.reserve(&foot)
		p.out.Page(p.width, p.height)
		for _, b := range p.blocks() {
			b.draw(p.canvas)
		}
		p.feet(&foot)
		p.enclosed = h.attachment(p.enclosed[:0], &s)
		return pdf.Info{Title: d.locale.title(&s), Author: h.company.Name, Created: made, Attachments: []pdf.Attachment{{
			Name: attachmentName, MediaType: "application/json", Description: attachmentSchema, Content: p.enclosed, Modified: made,
		}}}
	})
}

// documentDate is the date that the PDF gives as its own: the pay date, or the
// end of the period. It comes from the slip, so that the same slip stays the
// same bytes.
func documentDate(s *payroll.Slip) (time.Time, error) {
	day := s.PayDate
	if day.IsZero() {
		day = s.Period.Last()
	}
	if s.Period.Month < time.January || s.Period.Month > time.December || day.Year < 1900 || day.Year > 9999 {
		return time.Time{}, fmt.Errorf("%w: draw page: the slip has no period or no pay date", payroll.ErrInvalid)
	}
	return day.At(0, 0, time.UTC), nil
}

// page is a slip on its way to paper. Tables and rows are kept for the next one.
type page struct {
	*desk
	slip       *payroll.Slip
	month      string
	amountHead string // over amounts
	written    []byte // an amount
	tables     []table
	rows       []row
}

// mostTables is how many tables a page can have.
const mostTables = 9

// page begins a slip's page.
func (d *desk) page(s *payroll.Slip) *page {
	p := &d.kept
	p.desk, p.slip, p.month, p.amountHead = d, s, d.locale.month(s.Period), ""
	if p.tables == nil {
		p.tables = make([]table, 0, mostTables)
	}
	p.tables, p.rows = p.tables[:0], p.rows[:0]
	return p
}

// table begins a table of at most so many rows.
func (p *page) table(title string, rows int) *table {
	if cap(p.rows)-len(p.rows) < rows {
		p.rows = make([]row, 0, max(64, 2*rows))
	}
	from := len(p.rows)
	p.rows = p.rows[:from+rows]
	p.tables = append(p.tables, table{title: title, rows: p.rows[from : from : from+rows]})
	return &p.tables[len(p.tables)-1]
}

// blocks are what stands on the page, from its top.
func (p *page) blocks() []block {
	w := p.locale.words
	blocks := append(make([]block, 0, 12), p.head(), p.person())
	if c := p.slip.Corrects; c != nil {
		blocks = append(blocks, notice{p.locale.correction(c), fill(w.reason, "{reason}", c.Reason)})
	}
	blocks = append(blocks, p.net(), strip{p.fields(payroll.SectionSums)}, strip{p.attendance()})
	blocks = p.panels(p.ledgers(blocks))
	if p.slip.Note != "" {
		blocks = append(blocks, notes{w.notes, p.slip.Note})
	}
	return blocks
}

// head is the letterhead with the month in it.
func (p *page) head() block {
	w, s := p.locale.words, p.slip
	b := head{letterhead: p.letterhead, employer: p.employer, kind: w.title, title: p.month}
	if !s.PayDate.IsZero() {
		b.date = []string{w.payDate, p.locale.date(s.PayDate)}
	}
	if s.ID != "" {
		before, after, _ := strings.Cut(w.slipNumber, "{id}")
		b.number = []string{strings.TrimSpace(before), string(s.ID), strings.TrimSpace(after)}
	}
	return b
}

// furtherHead tells on a further page whose it is.
func (p *page) furtherHead() {
	w, e := p.locale.words, p.slip.Employee
	p.runningHead(w.title+" · "+p.month, p.letterhead.company.Name,
		e.Name+" · "+string(e.Number)+" · "+w.continued)
}

// person is the employee, and what HR knows of the employment.
func (p *page) person() block {
	w, e := p.locale.words, &p.slip.Employee
	facts := make([]payroll.Fact, 0, 16)
	for _, f := range [...]payroll.Fact{
		{Label: w.number, Value: string(e.Number)}, {Label: w.designation, Value: e.Designation},
		{Label: w.department, Value: e.Department}, {Label: w.joined, Value: p.locale.date(e.Joined)},
		{Label: w.account, Value: payroll.MaskAccount(e.BankAccount)},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	facts = p.appendFields(facts, payroll.SectionEmployee)
	names := p.nameWidth(facts)
	middle := (len(facts) + 1) / 2
	b := person{name: e.Name, facts: columns{continued: w.continued}}
	for i, half := range [][]payroll.Fact{facts[:middle], facts[middle:]} {
		if len(half) > 0 {
			b.facts.tables = append(b.facts.tables, p.facts("", half, p.place(i), names))
		}
	}
	return b
}

// place is where the left and the right one of two tables side by side begin.
func (p *page) place(i int) float64 { return float64(i) * (p.half + gutter) }

// net answers "how much".
func (p *page) net() block {
	w, s, l := p.locale.words, p.slip, &p.locale
	b := band{label: w.netPay, amount: l.money(s.Net, p.drawable)}
	b.words = l.inWords(s.Net)
	if s.Gross != nil && s.Deductions != nil {
		b.sum = []string{w.gross, l.amount(*s.Gross), "−", w.deduct, l.amount(*s.Deductions), "=", l.amount(s.Net)}
	}
	if s.NetYearToDate != nil {
		b.year = []string{w.yearToDate, l.amount(*s.NetYearToDate)}
	}
	return b
}

// attendance is time: the quantities of the file and those of the country.
func (p *page) attendance() []payroll.Fact {
	return p.appendFields(p.quantities(p.slip.Hours), payroll.SectionAttendance)
}

// leave is what was taken and what is left, of the file and of the country.
func (p *page) leave() []payroll.Fact {
	return p.appendFields(p.quantities(p.slip.Leave), payroll.SectionLeave)
}

// quantities writes plain decimals as the reader writes them.
func (p *page) quantities(plain []payroll.Fact) []payroll.Fact {
	facts := make([]payroll.Fact, 0, 8)
	for _, f := range plain {
		facts = append(facts, payroll.Fact{Label: f.Label, Value: p.locale.number(f.Value)})
	}
	return facts
}

// fields are what the country's profile puts into a section.
func (p *page) fields(in payroll.Section) []payroll.Fact { return p.appendFields(nil, in) }

func (p *page) appendFields(facts []payroll.Fact, in payroll.Section) []payroll.Fact {
	if len(p.slip.Fields) == 0 {
		return facts
	}
	profile := payroll.ProfileOf(p.slip.Employee.Country)
	for i := range p.slip.Fields {
		v := &p.slip.Fields[i]
		if f, known := profile.Field(v.ID); known && f.Section == in {
			facts = append(facts, payroll.Fact{Label: f.Label(p.locale.words.language), Value: p.value(f.Kind, v)})
		}
	}
	return facts
}

// value writes a field as its kind is written.
func (p *page) value(kind payroll.FieldKind, v *payroll.FieldValue) string {
	switch kind {
	case payroll.FieldMoney:
		if v.Money != nil {
			return p.locale.amount(*v.Money)
		}
	case payroll.FieldNumber:
		return p.locale.number(v.Text)
	case payroll.FieldDate:
		if date, err := payroll.ParseDate(v.Text); err == nil {
			return p.locale.date(date)
		}
	}
	return v.Text
}

// nameWidth is how wide the names of facts may be: most stand on one line.
func (p *page) nameWidth(facts []payroll.Fact) float64 {
	width := 96.0
	for _, f := range facts {
		width = max(width, p.line(f.Label, false).Width*factSize+10)
	}
	return min(width, 126)
}

// facts is a table of names and texts, half a page wide.
func (p *page) facts(title string, facts []payroll.Fact, x, names float64) *table {
	t := p.table(title, len(facts))
	t.x, t.width, t.facts, t.names = x, p.half, true, names
	for _, f := range facts {
		t.rows = append(t.rows, row{
			name: p.lines(f.Label, false, factSize, names-8),
			text: p.lines(f.Value, false, nameSize, p.half-names),
		})
	}
	return t
}

// panels are the blocks after the ledgers, two to a row: the employer's part, how
// tax was worked out, leave, tax, and what else there is to know.
func (p *page) panels(blocks []block) []block {
	w := p.locale.words
	var panels []*table
	for _, panel := range [...]struct {
		title, note string
		kind        payroll.LineKind
	}{{w.employer, w.employerNote, payroll.LineEmployer}, {w.taxWorking, "", payroll.LineTax}} {
		t := p.ledger(panel.title, panel.kind)
		t.note = panel.note
		switch {
		case len(t.rows) == 0:
		case p.fits(t, p.half):
			panels = append(panels, p.wrap(t, p.place(len(panels)%2), p.half))
		default:
			blocks = append(blocks, columns{[]*table{p.wrap(t, 0, p.full)}, w.continued})
		}
	}
	for _, panel := range [...]struct {
		title string
		facts []payroll.Fact
	}{{w.leave, p.leave()}, {w.tax, p.fields(payroll.SectionTax)}, {w.information, p.slip.Info}} {
		if len(panel.facts) > 0 {
			panels = append(panels, p.facts(panel.title, panel.facts, p.place(len(panels)%2), p.nameWidth(panel.facts)))
		}
	}
	for len(panels) > 0 {
		n := min(2, len(panels))
		blocks, panels = append(blocks, columns{panels[:n], w.continued}), panels[n:]
	}
	return blocks
}

// fill puts values into the places of a sentence: pairs of a place, such as
// "{id}", and its value.
func fill(sentence string, pairs ...string) string {
	var b strings.Builder
	b.Grow(len(sentence) + 48)
	for sentence != "" {
		at := strings.IndexByte(sentence, '{')
		if at < 0 {
			break
		}
		b.WriteString(sentence[:at])
		sentence = sentence[at:]
		place := 1
		for i := 0; i+1 < len(pairs); i += 2 {
			if strings.HasPrefix(sentence, pairs[i]) {
				b.WriteString(pairs[i+1])
				sentence, place = sentence[len(pairs[i]):], 0
				break
			}
		}
		b.WriteString(sentence[:place]) // a bracket of its own
		sentence = sentence[place:]
	}
	b.WriteString(sentence)
	return b.String()
}
