package intake

import (
	"strings"

	"github.com/payseal/payseal/payroll"
)

// runReader reads one payroll file.
type runReader struct {
	o       Options
	reading Reading
	found   *findings
	each    func(payroll.Slip) error
	source  source
	binder  *binder
	watch   watcher // nil for nobody
	who     *identity

	columns                                           []column
	number, name, email, periodColumn, currencyColumn *column
	header                                            int

	decimal     Decimal // unknown until the file shows it
	undecidable bool    // the whole file was looked through, and nothing shows it
	period      payroll.Period
	periodText  string // a text that was read as period before
	currency    payroll.Currency

	count      int
	cells      []amount // of the row at hand, by column
	totalsRow  int
	incomplete bool // a row was left out, so that sums mean nothing
}

// amount is one numeric cell of the row at hand.
type amount struct {
	state amountState
	units int64 // minor units of the currency, or 10^-4 of an hour
}

type amountState uint8

const (
	amountNone   amountState = iota // the cell is empty
	amountGiven                     // units holds it
	amountUnsure                    // it cannot be read; there is a finding
)

// row reads one row below the header.
func (r *runReader) row(l line) error {
	if r.totalsRow > 0 {
		r.incomplete = true
		r.found.error("rows_after_totals", l.row, "", "rows follow the row of totals; move it to the end or remove it")
		return nil
	}
	if r.isTotals(l) {
		r.totalsRow = l.row
		r.checkTotals(l)
		return nil
	}
	r.count++
	before := r.found.errors
	employee, known := r.who.who(l, r.number, r.name, r.email)
	r.readPeriod(l)
	r.readCurrency(l)
	unsure := r.readAmounts(l)
	r.checkLeft(l, employee)
	if !unsure {
		r.checkSums(l)
	}
	if !known || r.found.errors > before || r.each == nil && r.o.CheckSlip == nil {
		r.checkInfo(l)
		return nil
	}
	slip, ok := r.slip(l, employee)
	if !ok || unsure {
		return nil
	}
	r.checkProfile(l, &slip)
	if r.o.CheckSlip != nil {
		for _, finding := range r.o.CheckSlip(slip) {
			finding.Row = l.row
			r.found.add(finding)
		}
	}
	if r.each == nil {
		return nil
	}
	return r.each(slip)
}

func (r *runReader) checkLeft(l line, e payroll.Employee) {
	if !e.Left.IsZero() && !r.period.IsZero() && e.Left.Before(r.period.First()) {
		r.found.warn("left_before_period", l.row, r.number.header, "the employee had left before the month that is paid for; the slip will be held until a person looks at it")
	}
}

// readPeriod takes the period of a row: all rows have the same one, and it is
// the one that was asked for.
func (r *runReader) readPeriod(l line) {
	if r.periodColumn == nil {
		return
	}
	c := r.periodColumn
	text, ok := textOf(r.found, l, c)
	if !ok || text != "" && text == r.periodText {
		return
	}
	period, err := parsePeriod(strings.TrimSpace(text))
	switch {
	case err != nil:
		r.found.error("bad_period", l.row, c.header, "the month that is paid for is missing or not readable; write it as 2026-10")
	case r.period.IsZero(), period == r.period:
		r.period, r.periodText = period, strings.Clone(text)
	case period != r.o.Period && !r.o.Period.IsZero():
		r.found.error("wrong_period", l.row, c.header, "the row is for another month than --period says; a run pays for one month")
	default:
		r.found.error("mixed_periods", l.row, c.header, "the row is for another month than the rows above; a run pays for one month, so split the file")
	}
}

// parsePeriod reads 2026-10 and the day of a month, which stands for the month.
func parsePeriod(text string) (payroll.Period, error) {
	if date, err := payroll.ParseDate(text); err == nil {
		return payroll.Period{Year: date.Year, Month: date.Month}, nil
	}
	return payroll.ParsePeriod(text)
}

// readCurrency takes the currency of a row, like its period.
func (r *runReader) readCurrency(l line) {
	if r.currencyColumn == nil {
		return
	}
	c := r.currencyColumn
	text, ok := textOf(r.found, l, c)
	if !ok {
		return
	}
	currency, err := payroll.ParseCurrency(strings.ToUpper(strings.TrimSpace(text)))
	switch {
	case err != nil:
		r.found.error("bad_currency", l.row, c.header, sentence(err))
	case r.currency == "":
		r.currency = currency
	case currency == r.currency:
	case r.o.Currency != "" || r.o.Mapping.Currency != "":
		r.found.error("wrong_currency", l.row, c.header, "the row is in another currency than --currency or the mapping file says; a run has one currency")
	default:
		r.found.error("mixed_currencies", l.row, c.header, "the row is in another currency than the rows above; a run has one currency, so split the file")
	}
}

// readAmounts reads all numeric cells of a row and reports whether one of them
// could not be read.
func (r *runReader) readAmounts(l line) (unsure bool) {
	for i := range r.columns {
		c := &r.columns[i]
		if !c.numeric() {
			continue
		}
		r.cells[i] = r.readAmount(l, c)
		switch r.cells[i].state {
		case amountUnsure:
			c.unsure, unsure = true, true
		case amountGiven:
			r.addUp(c, l.row, r.cells[i].units)
		case amountNone:
			if c.role == roleNet {
				unsure = true
				r.found.error("missing_net", l.row, c.header, "the row has no net pay; fill it in, or remove the row")
			}
		}
	}
	return unsure
}

func (r *runReader) addUp(c *column, row int, units int64) {
	sum := c.sum + units
	if (sum > c.sum) != (units > 0) && units != 0 {
		c.unsure = true
		r.found.error("too_large", row, c.header, "the sum of the column is too large; mend its amounts")
		return
	}
	c.sum, c.given = sum, true
}

// readAmount reads one numeric cell.
func (r *runReader) readAmount(l line, c *column) amount {
	held := l.at(c.index)
	if held.kind == cellText && strings.TrimSpace(held.text) == "" {
		return amount{}
	}
	units, trouble := r.units(l, c, held)
	if trouble == "" {
		return amount{state: amountGiven, units: units}
	}
	if trouble != "asked" {
		r.found.error(trouble, l.row, c.header, troubles[trouble])
	}
	return amount{state: amountUnsure}
}

func (r *runReader) units(l line, c *column, held cell) (units int64, trouble string) {
	plain := ""
	switch held.kind {
	case cellText:
		plain, trouble = r.plain(l, c, held.text)
	case cellNumber:
		plain, trouble = storedNumber(held.text, r.scale(c))
	case cellDate:
		trouble = "date_as_amount"
	case cellPercent:
		trouble = "percent_as_amount"
	case cellBoolean:
		trouble = "boolean_amount"
	case cellError:
		trouble = "error_cell"
	case cellNoValue:
		trouble = "formula_without_value"
	}
	if trouble != "" {
		return 0, trouble
	}
	units, trouble = parseFixed(plain, r.scale(c))
	if trouble == "too_many_decimals" && c.plain() {
		trouble = "hours_decimals"
	}
	return units, trouble
}

func (r *runReader) scale(c *column) int {
	if c.plain() {
		return hoursDecimals
	}
	return r.currency.MinorUnits()
}

// plain turns the text of a number into a plain decimal by the file's decimal
// character.
func (r *runReader) plain(l line, c *column, text string) (plain, trouble string) {
	if r.decimal == DecimalPoint && plainDecimal(text) {
		return text, ""
	}
	n, trouble := parseNumber(text)
	if trouble != "" {
		return "", trouble
	}
	if n.code != "" && n.code != r.currency {
		if r.currency != "" {
			return "", "other_currency"
		}
		r.found.ask("no_currency", l.row, c.header, "a currency is written beside the number, but nothing says which the run has; name it with --currency, for instance --currency EUR")
		return "", "asked"
	}
	if !r.decide(n, l.row, c) {
		return "", "asked"
	}
	if plain = n.plain(r.decimal); plain == "" {
		return "", "mixed_decimals"
	}
	return plain, ""
}

// decide learns the decimal character from a number that shows it. Where a
// number could be two, the rest of the file is looked through for one that shows
// it; if none does, a person is asked.
func (r *runReader) decide(n number, row int, c *column) bool {
	if r.decimal != DecimalUnknown {
		return true
	}
	switch n.shape() {
	case shapePoint:
		r.decimal = DecimalPoint
	case shapeComma:
		r.decimal = DecimalComma
	case shapeAmbiguous:
		if !r.undecidable {
			r.decimal = r.lookAhead()
		}
		if r.decimal == DecimalUnknown {
			if !r.undecidable {
				r.found.ask("decimal_unknown", row, c.header, "the number can be read in two ways, and no other number of the file shows which character parts whole and decimals; say so with --decimal point (1,234.56) or --decimal comma (1.234,56)")
			}
			r.undecidable = true
			return false
		}
	case shapeBad, shapeNeutral:
	}
	return true
}

// lookAhead reads the file once more, from its top, up to the first number that
// shows the decimal character.
func (r *runReader) lookAhead() Decimal {
	t, err := r.source.open()
	if err != nil {
		return DecimalUnknown
	}
	defer t.closing(newFindings())
	for {
		l, err := t.next()
		if err != nil {
			return DecimalUnknown
		}
		if l.row <= r.header {
			continue
		}
		for i := range r.columns {
			held := l.at(r.columns[i].index)
			if !r.columns[i].numeric() || held.kind != cellText {
				continue
			}
			switch n, _ := parseNumber(held.text); n.shape() {
			case shapePoint:
				return DecimalPoint
			case shapeComma:
				return DecimalComma
			case shapeBad, shapeNeutral, shapeAmbiguous:
			}
		}
	}
}
