package letter

import (
	"fmt"

	"github.com/payseal/payseal/payroll"
)

// Page draws a slip as a PDF: A4, usually one page. The bytes depend on nothing
// but the slip and the letterhead. The error wraps payroll.ErrInvalid if Check
// has findings, and never quotes the slip.
func (h *Letterhead) Page(s payroll.Slip) (pdf []byte, err error) {
	defer func() {
		// A font is foreign bytes, and its shaper may trip over them.
		if recover() != nil {
			pdf, err = nil, fmt.Errorf("draw page: a font cannot be used")
		}
	}()
	if findings := checkTexts(&s); len(findings) > 0 {
		return nil, fmt.Errorf("%w: draw page: %s", payroll.ErrInvalid, findings[0].Message)
	}
	made, err := documentDate(&s)
	if err != nil {
		return nil, err
	}
	h.set(func(t *typesetter) {
		d := newLayout(h, &s, t)
		d.draw()
		if len(t.missing) > 0 {
			err = fmt.Errorf("%w: draw page: %s", payroll.ErrInvalid, missingMessage(t.missing))
			return
		}
		pdf, err = h.write(d, d.locale.title(&s), made)
	})
	return pdf, err
}

// layout is one slip on its way to the page: where the pen stands and what is
// left to draw.
type layout struct {
	*sheets
	letterhead *Letterhead
	slip       *payroll.Slip
	locale     locale
	y          float64 // top of what comes next
	bottom     float64 // where the footer begins
	question   []line  // the footer's sentence
}

// The grid of the page, in points.
const (
	left       = 48.0
	right      = pageWidth - 48
	full       = right - left
	gutter     = 22.0
	half       = (full - gutter) / 2
	topMargin  = 44.0
	footerBase = pageHeight - 36
	hairline   = 0.5
)

// The colours besides the company's own.
var (
	ink  = color{0x1b, 0x23, 0x2d}
	grey = color{0x5f, 0x6b, 0x76}
	hair = color{0xd3, 0xda, 0xe0}
)

func newLayout(h *Letterhead, s *payroll.Slip, t *typesetter) *layout {
	d := &layout{sheets: newSheets(t), letterhead: h, slip: s, locale: h.locale(s.Employee)}
	d.measureFoot()
	return d
}

// measureFoot sets the footer's sentence, which says where the page ends.
func (d *layout) measureFoot() {
	if contact := d.letterhead.company.Contact; contact != "" {
		d.question = d.lines(fill(d.locale.words.questions, "{contact}", contact), false, 7.5, full-80)
	}
	d.bottom = footerBase - 10*float64(len(d.question)) - 14
}

func (d *layout) draw() {
	d.add()
	d.y = topMargin
	d.head()
	d.person()
	d.correction()
	d.net()
	d.hours()
	d.ledgers()
	d.appendix()
	d.footers()
}

// need begins a new page if the next block of this height does not fit.
func (d *layout) need(height float64) {
	if d.y+height > d.bottom {
		d.turn()
	}
}

// turn begins a new page, with a head that tells whose it is.
func (d *layout) turn() {
	d.add()
	w := d.locale.words
	d.y = topMargin + 8
	month := d.text(w.title+" · "+d.locale.month(d.slip.Period), true)
	d.lineRight(right, d.y, 9, d.letterhead.color, month)
	for _, l := range d.lines(d.letterhead.company.Name, true, 9, full-month.width*9-20) {
		d.line(left, d.y, 9, ink, l)
		d.y += 12
	}
	whose := d.slip.Employee.Name + " · " + string(d.slip.Employee.Number) + " · " + w.continued
	for _, l := range d.lines(whose, false, 8, full) {
		d.line(left, d.y, 8, grey, l)
		d.y += 11
	}
	d.box(left, d.y-3, full, 1.2, d.letterhead.color)
	d.y += 16
}

// text sets a text on one line in the employee's language.
func (d *layout) text(text string, bold bool) line {
	return d.setter.compose(text, bold, d.locale.tag)
}

// lines sets a text on lines of a width in points.
func (d *layout) lines(text string, bold bool, size, width float64) []line {
	return d.setter.wrap(text, bold, d.locale.tag, width/size)
}

// head draws the company on the left and the month on the right.
func (d *layout) head() {
	w, h := d.locale.words, d.letterhead
	month := d.text(d.locale.month(d.slip.Period), true)
	d.lineRight(right, topMargin+9, 10, grey, d.text(w.title, false))
	d.lineRight(right, topMargin+33, 23, h.color, month)
	if !d.slip.PayDate.IsZero() {
		d.lineRight(right, topMargin+50, 9, grey, d.text(w.payDate+" "+d.locale.date(d.slip.PayDate), false))
	}
	d.y = d.companyHead(full-max(month.width*23, 140)-24, topMargin+62)
}

// companyHead draws the company within a width, and below it the line that ends
// the head, no higher than lowest. It returns where the page goes on.
func (d *layout) companyHead(width, lowest float64) float64 {
	h := d.letterhead
	d.drawLogo()
	y, size := topMargin+12, 14.0
	if h.logo != nil {
		y, size = topMargin+logoBox+16, 11
	}
	for _, l := range d.lines(h.company.Name, true, size, width) {
		d.line(left, y, size, ink, l)
		y += size + 3
	}
	for _, l := range d.lines(joinAddress(h.company.Address), false, 8, width) {
		d.line(left, y-2, 8, grey, l)
		y += 10.5
	}
	y = max(y, lowest)
	d.box(left, y, full, 1.2, h.color)
	return y + 26
}

// person draws the employee's name and what HR knows of the employment.
func (d *layout) person() {
	w, e := d.locale.words, d.slip.Employee
	for _, l := range d.lines(e.Name, true, 15, full) {
		d.line(left, d.y, 15, ink, l)
		d.y += 19
	}
	d.y -= 2
	var facts []payroll.Fact
	for _, f := range []payroll.Fact{
		{Label: w.number, Value: string(e.Number)}, {Label: w.designation, Value: e.Designation},
		{Label: w.department, Value: e.Department}, {Label: w.joined, Value: d.locale.date(e.Joined)},
		{Label: w.account, Value: e.BankAccount},
	} {
		if f.Value != "" {
			facts = append(facts, f)
		}
	}
	middle := (len(facts) + 1) / 2
	d.flow(&column{x: left, rows: d.factRows(facts[:middle], left)},
		&column{x: left + half + gutter, rows: d.factRows(facts[middle:], left+half+gutter)})
	d.y += 10
}

// factRows are key and value side by side in half the page's width.
func (d *layout) factRows(facts []payroll.Fact, x float64) []row {
	const key = 92.0
	rows := make([]row, 0, len(facts))
	for _, f := range facts {
		keys := d.lines(f.Label, false, 8.5, key-8)
		values := d.lines(f.Value, false, 9, half-key)
		rows = append(rows, row{height: 5.5 + 11*float64(max(len(keys), len(values))), draw: func(y float64) {
			d.stack(x, y+10, 8.5, grey, keys)
			d.stack(x+key, y+10, 9, ink, values)
		}})
	}
	return rows
}

// stack draws lines one under the other, 11 points apart.
func (d *layout) stack(x, y, size float64, c color, lines []line) {
	for i, l := range lines {
		d.line(x, y+11*float64(i), size, c, l)
	}
}

// net draws the band that answers "how much".
func (d *layout) net() {
	w, s := d.locale.words, d.slip
	amount := d.text(d.locale.money(s.Net, d.drawable), true)
	size := 27.0
	if amount.width*size > 290 {
		size = 17
	}
	sum := d.lines(d.equation(), false, 9, full-amount.width*size-56)
	height := 64 + 12*float64(len(sum)-1)
	d.need(height + 16)
	d.box(left, d.y, full, height, d.letterhead.color.mixed(0.93))
	d.box(left, d.y, 4, height, d.letterhead.color)
	d.lineRight(right-16, d.y+36, size, d.letterhead.color, amount)
	if s.NetYearToDate != nil {
		year := w.yearToDate + " " + d.locale.amount(*s.NetYearToDate)
		d.lineRight(right-16, d.y+53, 8.5, grey, d.text(year, false))
	}
	label := 28.0
	if sum[0].width == 0 {
		label = 36 // alone, on one line with the amount
	}
	d.line(left+20, d.y+label, 13, d.letterhead.color, d.text(w.netPay, true))
	for i, l := range sum {
		d.line(left+20, d.y+47+12*float64(i), 9, grey, l)
	}
	d.y += height + 18
}

// equation is "gross − deductions = net" where the file gave all three.
func (d *layout) equation() string {
	s, w := d.slip, d.locale.words
	if s.Gross == nil || s.Deductions == nil {
		return ""
	}
	return fmt.Sprintf("%s %s − %s %s = %s", w.gross, d.locale.amount(*s.Gross), w.deduct, d.locale.amount(*s.Deductions),
		d.locale.amount(s.Net))
}

// drawable reports whether the base face has a sign.
func (d *layout) drawable(sign string) bool {
	return allPlain(d.setter.bold, sign)
}

// hours draws a strip of quantities, five to a row.
func (d *layout) hours() {
	const cells = 5
	const cell = full / cells
	facts := d.slip.Hours
	for first := 0; first < len(facts); first += cells {
		strip := facts[first:min(first+cells, len(facts))]
		labels, tallest := make([][]line, len(strip)), 1
		for i, f := range strip {
			labels[i] = d.lines(f.Label, false, 7.5, cell-14)
			tallest = max(tallest, len(labels[i]))
		}
		height := 22 + 11*float64(tallest)
		d.need(height)
		for i, f := range strip {
			x := left + cell*float64(i)
			if i > 0 {
				d.box(x-8, d.y, hairline, height-8, hair)
			}
			d.stack(x, d.y+8, 7.5, grey, labels[i])
			d.stack(x, d.y+11*float64(tallest)+10, 11, ink, d.lines(d.locale.number(f.Value), true, 11, cell-14))
		}
		d.y += height
	}
	if len(facts) > 0 {
		d.y += 12
	}
}

// footers draws the foot of every page, now that their number is known.
func (d *layout) footers() {
	w, c := d.locale.words, d.letterhead.company
	for i := range d.pages {
		d.current = i
		y := d.bottom + 8
		d.box(left, y-2, full, hairline, hair)
		number := fill(w.page, "{n}", fmt.Sprint(i+1), "{of}", fmt.Sprint(len(d.pages)))
		d.lineRight(right, y+10, 7.5, grey, d.text(number, false))
		for _, l := range d.question {
			d.line(left, y+10, 7.5, grey, l)
			y += 10
		}
		if c.KeyFingerprint != "" {
			d.line(left, y+10, 7.5, grey, d.text(w.fingerprint+" "+c.KeyFingerprint.Grouped(), false))
		}
	}
}
