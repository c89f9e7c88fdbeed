package intake

import (
	"strings"
	"unicode/utf8"

	"github.com/payseal/payseal/payroll"
)

// checkSums holds the amounts of a row against each other. A file that lists
// components of gross lists all of them: their sum must be gross to the minor
// unit, and likewise for deductions, because an employee who adds up the page
// must come to the same result. Employer contributions take no part. Gross less
// deductions must be net; where a side is given only by its components, these
// stand for it. Negative pay is possible (an advance is taken back), but a person
// has to say so.
func (r *runReader) checkSums(l line) {
	gross, deductions, net := r.given(roleGross), r.given(roleDeductions), r.given(roleNet)
	earned, withheld := r.lines(roleEarning), r.lines(roleDeduction)
	if gross.ok && earned.ok && gross.units != earned.units {
		r.found.error("earnings_differ", l.row, gross.header, "the sum of the earnings is not gross; add the missing component, or mend the amounts")
	}
	if deductions.ok && withheld.ok && deductions.units != withheld.units {
		r.found.error("deductions_differ", l.row, deductions.header, "the sum of the single deductions is not the deductions' total; add the missing one, or mend the amounts")
	}
	if !gross.ok {
		gross = earned
	}
	if !deductions.ok {
		deductions = withheld
	}
	if gross.ok && deductions.ok && gross.units-deductions.units != net.units {
		r.found.error("net_differs", l.row, net.header, "gross less deductions is not net; mend the amounts where they are calculated")
	}
	if (net.units < 0 || gross.units < 0) && !r.o.AllowNegative {
		r.found.ask("negative_pay", l.row, net.header, "gross or net is below zero; if that is right, say so with --allow-negative")
	}
}

// figure is a sum that may not be given.
type figure struct {
	ok     bool
	units  int64
	header string
}

func (r *runReader) given(want role) figure {
	for i := range r.columns {
		if r.columns[i].role == want {
			return figure{r.cells[i].state == amountGiven, r.cells[i].units, r.columns[i].header}
		}
	}
	return figure{}
}

// lines adds up the given components of one kind.
func (r *runReader) lines(want role) figure {
	var sum figure
	for i := range r.columns {
		if r.columns[i].role == want && r.cells[i].state == amountGiven {
			sum.ok = true
			sum.units += r.cells[i].units
		}
	}
	return sum
}

// slip makes the slip of a row whose cells have been read.
func (r *runReader) slip(l line, e payroll.Employee) (payroll.Slip, bool) {
	s := payroll.Slip{Employee: e, Period: r.period, PayDate: r.o.PayDate, Currency: r.currency}
	ok := true
	lineOf := make([]int, len(r.columns))
	for i := range r.columns {
		c, held := &r.columns[i], r.cells[i]
		switch {
		case c.role == roleInfo:
			ok = r.addInfo(l, c, &s) && ok
		case c.role == roleNote:
			note, good := r.note(l, c)
			s.Note, ok = strings.Clone(note), good && ok
		case c.role == roleFieldText || c.role == roleFieldDate:
			ok = r.addField(l, c, &s) && ok
		case !c.numeric() || held.state != amountGiven:
		case c.line():
			s.Lines = append(s.Lines, payroll.Line{Kind: lineKinds[c.role], Label: c.label, Amount: r.money(held)})
			lineOf[i] = len(s.Lines)
		default:
			r.setFigure(&s, c, held)
		}
	}
	r.addPaired(&s, lineOf)
	return s, ok
}

func (r *runReader) money(a amount) payroll.Money {
	return payroll.Money{Minor: a.units, Currency: r.currency}
}

func (r *runReader) setFigure(s *payroll.Slip, c *column, held amount) {
	money := r.money(held)
	switch c.role {
	case roleGross:
		s.Gross = &money
	case roleDeductions:
		s.Deductions = &money
	case roleNet:
		s.Net = money
	case roleFieldMoney:
		s.Fields = append(s.Fields, payroll.FieldValue{ID: payroll.FieldID(c.label), Money: &money})
	case roleFieldNumber:
		s.Fields = append(s.Fields, payroll.FieldValue{ID: payroll.FieldID(c.label), Text: shortest(held.units)})
	}
}

// decimal writes a number that is no money: 4.5 as "4.50", and no further zeros.
func decimal(units int64) string { return strings.TrimSuffix(fixedPoint(units, hoursDecimals), "00") }

// addPaired brings year-to-date amounts and hours to the lines they belong to.
// What is paid nothing this month but something this year gets a line of zero.
func (r *runReader) addPaired(s *payroll.Slip, lineOf []int) {
	for i := range r.columns {
		c, held := &r.columns[i], r.cells[i]
		if held.state != amountGiven {
			continue
		}
		switch c.role {
		case roleHours:
			quantity := decimal(held.units)
			if c.pair >= 0 && lineOf[c.pair] > 0 {
				s.Lines[lineOf[c.pair]-1].Quantity = quantity
			} else {
				s.Hours = append(s.Hours, payroll.Fact{Label: c.label, Value: quantity})
			}
		case roleLeave:
			s.Leave = append(s.Leave, payroll.Fact{Label: c.label, Value: shortest(held.units)})
		case roleYTD:
			r.addYearToDate(s, lineOf, c.pair, r.money(held))
		case roleRate, roleBase:
			if n := lineOf[c.pair]; n > 0 {
				r.addRate(&s.Lines[n-1], c.role, held)
			}
		}
	}
}

// shortest writes a number that is no money without zeros at its end: "22", "9.5".
func shortest(units int64) string {
	return strings.TrimSuffix(strings.TrimRight(fixedPoint(units, hoursDecimals), "0"), ".")
}

func (r *runReader) addRate(line *payroll.Line, as role, held amount) {
	if as == roleRate {
		line.Rate = decimal(held.units)
		return
	}
	base := r.money(held)
	line.Base = &base
}

func (r *runReader) addYearToDate(s *payroll.Slip, lineOf []int, pair int, money payroll.Money) {
	target := &r.columns[pair]
	switch target.role {
	case roleGross:
		s.GrossYearToDate = &money
	case roleDeductions:
		s.DeductionsYearToDate = &money
	case roleNet:
		s.NetYearToDate = &money
	default:
		if lineOf[pair] == 0 {
			s.Lines = append(s.Lines, payroll.Line{Kind: lineKinds[target.role], Label: target.label, Amount: payroll.Money{Currency: r.currency}})
			lineOf[pair] = len(s.Lines)
		}
		s.Lines[lineOf[pair]-1].YearToDate = &money
	}
}

func (r *runReader) addInfo(l line, c *column, s *payroll.Slip) bool {
	text, ok := r.info(l, c)
	if ok && text != "" {
		s.Info = append(s.Info, payroll.Fact{Label: c.label, Value: strings.Clone(text)})
	}
	return ok
}

// checkInfo looks at the columns of text of a row of which no slip is made.
func (r *runReader) checkInfo(l line) {
	for i := range r.columns {
		switch c := &r.columns[i]; c.role {
		case roleInfo, roleFieldText:
			r.info(l, c)
		case roleNote:
			r.note(l, c)
		case roleFieldDate:
			r.fieldDate(l, c)
		}
	}
}

func (r *runReader) info(l line, c *column) (string, bool) {
	text, ok := textOf(r.found, l, c)
	text = strings.TrimSpace(text)
	if ok && payroll.CheckText(c.canonical, text) != nil {
		r.found.error("control_character", l.row, c.header, troubles["control_character"])
		return "", false
	}
	return text, ok
}

// note is what HR writes to the employee.
func (r *runReader) note(l line, c *column) (string, bool) {
	text, ok := textOf(r.found, l, c)
	if !ok {
		return "", false
	}
	note, err := payroll.ParseNote(text)
	switch {
	case err == nil:
		return note, true
	case utf8.RuneCountInString(note) > payroll.MostNote:
		r.found.error("note_too_long", l.row, c.header, sentence(err))
	default:
		r.found.error("control_character", l.row, c.header, troubles["control_character"])
	}
	return "", false
}
