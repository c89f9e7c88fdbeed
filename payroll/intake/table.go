package intake

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// cellKind is what a cell holds. Everything in a CSV file is text.
type cellKind uint8

const (
	cellText    cellKind = iota
	cellNumber           // text is the stored decimal, such as 3799.4999999999995 or 1.2E3
	cellDate             // text is 2026-10-30
	cellPercent          // a number shown as a percentage
	cellBoolean          // text is 0 or 1
	cellError            // text is #REF! or the like
	cellNoValue          // a formula that was never calculated
)

// cell is one cell of a table. text is valid until the next row is read.
type cell struct {
	kind  cellKind
	text  string
	width int // digits that a number's format shows at least, 0 if it does not say
}

func (c cell) empty() bool { return c.kind == cellText && c.text == "" }

// line is one row that has any cell, numbered as a spreadsheet does it.
type line struct {
	row   int
	exact bool // the row has as many cells as its file says, so that their number counts
	cells []cell
}

// at is the cell of a column, empty if the row is shorter.
func (l line) at(column int) cell {
	if column < 0 || column >= len(l.cells) {
		return cell{}
	}
	return l.cells[column]
}

func (l line) empty() bool {
	for _, c := range l.cells {
		if !c.empty() {
			return false
		}
	}
	return true
}

// table reads a file from top to bottom.
type table interface {
	// next reads the next row that is not blank. At the end it gives io.EOF, and
	// a fault if the rest cannot be understood.
	next() (line, error)
	// closing tells what was seen beside the rows, once they are all read.
	closing(*findings)
}

// source opens the same table again and again.
type source interface {
	open() (table, error)
}

// Reading is how a file is to be read where it does not say so itself. Each field
// decides one ask and is an option of the commands.
type Reading struct {
	Encoding  string  // "" (UTF-8 or UTF-16, seen from the bytes), "utf-8" or "windows-1252"
	Separator string  // "" (seen from the header), "comma", "semicolon" or "tab"
	Sheet     string  // name of the worksheet; "" if there is only one with data
	Decimal   Decimal // "" if the file shows it
	HeaderRow int     // in which the headers stand, as a spreadsheet counts; 0: the first that is not blank
}

// Check refuses values that name nothing.
func (r Reading) Check() error {
	if r.Encoding != "" && r.Encoding != "utf-8" && r.Encoding != "windows-1252" {
		return invalid("an encoding is utf-8 or windows-1252; UTF-16 is recognised by itself")
	}
	if _, known := separators[r.Separator]; !known && r.Separator != "" {
		return invalid("a separator is comma, semicolon or tab")
	}
	if r.Decimal != DecimalUnknown && r.Decimal != DecimalPoint && r.Decimal != DecimalComma {
		return invalid("a decimal character is point or comma")
	}
	if r.HeaderRow < 0 || r.HeaderRow > maxHeaderRow {
		return invalid(fmt.Sprintf("the header stands in one of the first %d rows", maxHeaderRow))
	}
	return nil
}

// maxHeaderRow is how far down a header is looked for.
const maxHeaderRow = 100

// or fills what r leaves open from a saved reading.
func (r Reading) or(saved Reading) Reading {
	pick := func(a, b string) string {
		if a != "" {
			return a
		}
		return b
	}
	return Reading{
		Encoding:  pick(r.Encoding, saved.Encoding),
		Separator: pick(r.Separator, saved.Separator),
		Sheet:     pick(r.Sheet, saved.Sheet),
		Decimal:   Decimal(pick(string(r.Decimal), string(saved.Decimal))),
		HeaderRow: cmp.Or(r.HeaderRow, saved.HeaderRow),
	}
}

// openSource looks at the file and readies it for reading.
func openSource(f File, r Reading, found *findings) (source, error) {
	k, err := sniff(f)
	if err != nil {
		return nil, err
	}
	if k == kindWorkbook {
		return openWorkbook(f, r.Sheet, found)
	}
	if r.Sheet != "" {
		found.note("sheet_unused", 0, "", "a text file has no sheets; --sheet has no effect on it")
	}
	return openText(f, r)
}

// rowsTable is a table that is in memory already.
type rowsTable struct {
	rows [][]string
	done int
}

func (t *rowsTable) next() (line, error) {
	for t.done < len(t.rows) {
		row := t.rows[t.done]
		t.done++
		l := line{row: t.done, exact: true, cells: make([]cell, len(row))}
		for i, text := range row {
			l.cells[i] = cell{text: text}
		}
		if !l.empty() {
			return l, nil
		}
	}
	return line{}, io.EOF
}

func (*rowsTable) closing(*findings) {}

// fold makes headers and labels comparable.
func fold(header string) string {
	return strings.ToLower(strings.Join(strings.Fields(nfc(header)), " "))
}

func invalid(text string) error { return invalidError(text) }

// invalidError is a wrong value of an option or a mapping.
type invalidError string

func (e invalidError) Error() string { return string(e) }

func (invalidError) Unwrap() error { return payroll.ErrInvalid }
