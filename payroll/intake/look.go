package intake

import (
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// Looked is a Result, with what a person needs to see of how the file was read.
type Looked struct {
	Result
	Sheets    []string // the visible sheets of a workbook; nil of a text file
	Reading   Reading  // as it was read: what the file showed by itself is filled in
	Headers   []Header // nil if no header row was found
	First     []Row    // the first rows, those above the header among them
	Bad       []Row    // further down, every row with an error or an ask that is listed
	Noted     []Row    // further down, every other row of which a finding is listed
	Checksums []Checksum
}

// Header is a column of the file.
type Header struct {
	Text      string // as it stands there; "" for a column without one
	Canonical string // what it stands for, such as "earning:Basic salary"; "" if it is not used
}

// RowPart is what a row is to the file.
type RowPart string

// The parts of a file.
const (
	RowAbove  RowPart = "above" // stands above the header
	RowHeader RowPart = "header"
	RowSlip   RowPart = "slip"
	RowTotals RowPart = "totals"
	RowUnread RowPart = "unread" // the columns are not known yet, or there are too many or too few cells
)

// Row is a row of the file, raw and as understood.
type Row struct {
	Row   int // as a spreadsheet counts them
	Part  RowPart
	Cells []Cell
}

// Cell is a cell of the file. Its texts quote the file: they are for whoever may
// see it, and not for a log.
type Cell struct {
	Raw        string
	Understood string // amounts as plain decimals; "" if it is not used, empty or wrong
	Wrong      bool   // there is an error or an ask about it
}

// Checksum is a column of the row of totals beside the sum of the rows above.
type Checksum struct {
	Header     string
	Stated     string // plain decimals
	Sum        string
	Difference string // stated less sum; "0.00" if they agree
	Agrees     bool
}

// maxShown bounds what is kept of a cell for a person to see.
const maxShown = 200

// Look reads a whole payroll file like Scan and keeps its first rows for a person
// to look at.
func Look(file File, o Options, rows int, each func(payroll.Slip) error) (Looked, error) {
	r := newRunReader(o, each)
	w := &looker{rows: rows, found: r.found}
	r.watch, r.found.heard = w, w.hear
	err := r.found.fault(r.read(file))
	w.Result = r.result()
	w.describe(r)
	return w.Looked, err
}

// watcher is told of what is read, as it is read.
type watcher interface {
	above(l line)
	header(r *runReader, l line)
	row(r *runReader, l line, read bool) error
	total(r *runReader, c *column, stated int64)
	wants() bool // more rows, though they cannot be understood
}

// looker keeps what Looked holds. How many findings are listed bounds the rows.
type looker struct {
	Looked
	rows  int
	found *findings
	heard about // the row at hand
}

// about is what is found of one row.
type about struct {
	wrong  []string // columns with an error or an ask
	bad    bool     // there is an error or an ask
	listed bool     // some of it is not only counted
}

func (w *looker) hear(f payroll.Finding) {
	w.heard.listed = w.heard.listed || w.found.lists(f.Code)
	if f.Severity == payroll.SeverityError || f.Severity == payroll.SeverityAsk {
		w.heard.bad, w.heard.wrong = true, append(w.heard.wrong, f.Column)
	}
}

func (w *looker) wants() bool { return len(w.First) < w.rows }

func (w *looker) above(l line) {
	if w.wants() {
		w.keep(l, RowAbove)
	}
}

func (w *looker) keep(l line, part RowPart) *Row {
	into := &w.Noted
	switch {
	case w.wants():
		into = &w.First
	case w.heard.bad:
		into = &w.Bad
	}
	cells := make([]Cell, len(l.cells))
	for i, c := range l.cells {
		cells[i].Raw = excerpt(c.text)
	}
	*into = append(*into, Row{Row: l.row, Part: part, Cells: cells})
	return &(*into)[len(*into)-1]
}

// excerpt is a copy of a cell's text that can be shown on one line, and is not too
// long for it.
func excerpt(text string) string {
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return strings.Clone(payroll.Visible(strings.Join(splitLines(text), " ↵ ")))
}

func (w *looker) header(r *runReader, l line) {
	w.Headers = make([]Header, len(l.cells))
	for i := range l.cells {
		w.Headers[i].Text = excerpt(r.binder.headers[i])
	}
	for _, b := range r.binder.result {
		w.Headers[b.index].Canonical = b.canonical
	}
	w.Reading.HeaderRow = l.row
	if w.wants() || w.heard.listed {
		w.keep(l, RowHeader)
	}
	w.heard = about{}
}

func (w *looker) row(r *runReader, l line, read bool) error {
	switch {
	case !w.wants() && !w.heard.listed:
	case !read:
		w.keep(l, RowUnread)
	case r.totalsRow == l.row:
		w.keep(l, RowTotals)
	default:
		w.understand(r, l, w.keep(l, RowSlip))
	}
	w.heard = about{wrong: w.heard.wrong[:0]}
	return nil
}

// understand adds to a row what its cells were taken for.
func (w *looker) understand(r *runReader, l line, row *Row) {
	for i := range r.columns {
		c := &r.columns[i]
		if c.index >= len(row.Cells) {
			continue
		}
		cell := &row.Cells[c.index]
		cell.Wrong = slices.Contains(w.heard.wrong, c.header)
		switch {
		case !c.numeric():
			cell.Understood = w.text(r, c, strings.TrimSpace(cell.Raw), l)
		case r.cells[i].state == amountGiven:
			cell.Understood = fixedPoint(r.cells[i].units, r.scale(c))
		}
	}
}

// text is what a text column was taken for: of a number the employee's name in
// the roster, too.
func (w *looker) text(r *runReader, c *column, text string, l line) string {
	switch c {
	case r.number:
		number := payroll.EmployeeNumber(l.at(c.index).text)
		if e, found := r.o.Roster.Employee(number); found {
			return excerpt(text + " · " + e.Name)
		}
	case r.periodColumn:
		if period, err := parsePeriod(text); err == nil {
			return period.String()
		}
	}
	return text
}

func (w *looker) total(r *runReader, c *column, stated int64) {
	if c.unsure || r.incomplete {
		return
	}
	scale := r.scale(c)
	w.Checksums = append(w.Checksums, Checksum{
		Header: excerpt(c.header), Stated: fixedPoint(stated, scale), Sum: fixedPoint(c.sum, scale),
		Difference: fixedDifference(stated, c.sum, scale), Agrees: stated == c.sum,
	})
}

// describe says how the file was read in the end.
func (w *looker) describe(r *runReader) {
	header := w.Reading.HeaderRow
	w.Reading = r.reading
	w.Reading.Decimal, w.Reading.HeaderRow = r.decimal, header
	switch source := r.source.(type) {
	case *workbook:
		if source != nil {
			w.Sheets, w.Reading.Sheet = source.names, source.chosen
		}
	case *textFile:
		if source == nil {
			return
		}
		w.Reading.Encoding, w.Reading.Sheet = source.encoding, ""
		for name, separator := range separators {
			if separator == source.separator {
				w.Reading.Separator = name
			}
		}
	}
}
