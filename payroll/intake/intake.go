package intake

import (
	"errors"
	"fmt"
	"io"

	"github.com/payseal/payseal/payroll"
)

// Options say how to read a payroll file and what it must agree with.
type Options struct {
	Roster   *Roster          // nil: employees are not checked
	Mapping  Mapping          // zero: the file's headers are the canonical ones
	Reading  Reading          // stands above the mapping's
	Period   payroll.Period   // zero: as the file says
	PayDate  payroll.Date     // copied to the slips
	Currency payroll.Currency // "": as the file or the mapping says

	AllowNegative bool // the person has looked at the slips with negative pay
	ForImport     bool // a period or currency that nothing names is asked for, instead of noted

	// CheckSlip looks at every slip that has no error so far, for instance whether
	// the letterhead's fonts have all its letters. Its findings get the slip's row.
	CheckSlip func(payroll.Slip) []payroll.Finding
}

// Result is what became of a payroll file.
type Result struct {
	Count    int // rows of employees in the file
	Period   payroll.Period
	Currency payroll.Currency // "" if nothing names it
	Totals   Totals
	Findings []payroll.Finding // never nil; in the order in which they were found
}

// Verdict is the answer for the whole file.
func (r Result) Verdict() payroll.Verdict { return payroll.VerdictOf(r.Findings) }

// Scan reads a payroll file in flat memory and calls each, which may be nil, for
// every row that has no error. Whether the file as a whole is accepted is only
// known at its end: the caller stores nothing for good before. The error is one
// of reading the file, or what each gave.
func Scan(file File, o Options, each func(payroll.Slip) error) (Result, error) {
	r := newRunReader(o, each)
	err := r.found.fault(r.read(file))
	return r.result(), err
}

func newRunReader(o Options, each func(payroll.Slip) error) *runReader {
	return &runReader{o: o, found: newFindings(), each: each, period: o.Period, currency: o.Currency}
}

func (r *runReader) read(file File) error {
	r.reading = r.o.Reading.or(r.o.Mapping.Reading)
	if r.currency == "" {
		r.currency = r.o.Mapping.Currency
	}
	r.decimal = r.reading.Decimal
	var err error
	if r.source, err = openSource(file, r.reading, r.found); err != nil {
		return err
	}
	t, err := r.source.open()
	if err != nil {
		return err
	}
	header, err := r.headerRow(t)
	if err != nil {
		return err
	}
	bound := r.bindColumns(header)
	if r.watch != nil {
		r.watch.header(r, header)
	}
	if !bound {
		return r.rowsUnread(t)
	}
	if err := r.rows(t); err != nil {
		return err
	}
	t.closing(r.found)
	r.finish()
	return nil
}

// headerRow passes over what stands above the header.
func (r *runReader) headerRow(t table) (line, error) {
	for {
		l, err := t.next()
		switch {
		case errors.Is(err, io.EOF) && r.reading.HeaderRow > 0:
			return l, refuse("no_header_row", "the file has nothing in the row that should be the header, and nothing below it; say in which row the headers stand")
		case errors.Is(err, io.EOF):
			return l, refuse("empty_file", "the file has no rows")
		case err != nil || l.row >= r.reading.HeaderRow:
			return l, err
		}
		if r.watch != nil {
			r.watch.above(l)
		}
	}
}

// rowsUnread shows rows that cannot be understood to whoever watches.
func (r *runReader) rowsUnread(t table) error {
	for r.watch != nil && r.watch.wants() {
		l, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.watch.row(r, l, false); err != nil {
			return err
		}
	}
	return nil
}

func (r *runReader) rows(t table) error {
	for {
		l, err := t.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		wide := r.binder.checkWidth(l)
		if wide {
			err = r.row(l)
		}
		r.incomplete = r.incomplete || !wide
		if err == nil && r.watch != nil {
			err = r.watch.row(r, l, wide)
		}
		if err != nil {
			return fmt.Errorf("take slip: %w", err)
		}
	}
}

// finish says what can be said only when all rows are read.
func (r *runReader) finish() {
	if r.count == 0 && !r.incomplete {
		r.found.error("no_employees", 0, "", "the file has a header but no employees; add their rows")
	}
	severity := r.found.note
	if r.o.ForImport {
		severity = r.found.ask
	}
	if r.currency == "" {
		severity("no_currency", 0, "", "nothing names the currency of the amounts, so that they are read with two decimals; add a column currency, or use --currency, for instance --currency EUR")
	}
	if r.period.IsZero() {
		severity("no_period", 0, "", "nothing names the month that is paid for; add a column period, or use --period, for instance --period 2026-10")
	}
	r.checkMissing()
}

// checkMissing counts the employees of the roster who have no row.
func (r *runReader) checkMissing() {
	if r.o.Roster == nil {
		r.found.note("no_roster", 0, "", "the employees were not compared with a roster; use --roster with a file of employees")
		return
	}
	missing := 0
	for _, employee := range r.o.Roster.employees {
		_, present := r.who.seen[employee.Number]
		gone := !employee.Left.IsZero() && !r.period.IsZero() && employee.Left.Before(r.period.First())
		if !present && !gone {
			missing++
		}
	}
	if missing > 0 {
		r.found.note("employees_without_row", 0, "", withoutRow(missing))
	}
}

func (r *runReader) result() Result {
	return Result{Count: r.count, Period: r.period, Currency: r.currency, Totals: r.totals(), Findings: r.found.all()}
}

func withoutRow(missing int) string {
	if missing == 1 {
		return "1 employee of the roster has no row in the file and gets no slip"
	}
	return fmt.Sprintf("%d employees of the roster have no row in the file and get no slip", missing)
}
