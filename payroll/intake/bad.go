package intake

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// WriteBadRows reads a payroll file and writes every row about which there is an
// error or an ask as CSV UTF-8: its number, its cells as they stand in the file,
// and what is wrong with it and how to mend it. No cell of it is taken for a
// formula. It gives how many rows there are; what is wrong with the file as a
// whole is in none of them.
func WriteBadRows(to io.Writer, file File, o Options) (rows int, err error) {
	r := newRunReader(o, nil)
	w := &badRows{csv: csv.NewWriter(to)}
	w.csv.UseCRLF = true
	r.watch, r.found.heard = w, w.hear
	err = r.found.fault(r.read(file))
	w.csv.Flush()
	if err == nil {
		err = w.csv.Error()
	}
	if err != nil {
		return w.rows, fmt.Errorf("write bad rows: %w", err)
	}
	return w.rows, nil
}

// badRows is the watcher that writes them.
type badRows struct {
	csv     *csv.Writer
	rows    int
	columns int // of the header
	heard   []string
}

func (w *badRows) hear(f payroll.Finding) {
	if f.Severity != payroll.SeverityError && f.Severity != payroll.SeverityAsk {
		return
	}
	text := f.Message
	if f.Column != "" {
		text = f.Column + ": " + text
	}
	w.heard = append(w.heard, text)
}

func (*badRows) wants() bool                      { return false }
func (*badRows) above(line)                       {}
func (*badRows) total(*runReader, *column, int64) {}

func (w *badRows) header(_ *runReader, l line) {
	w.columns, w.heard = len(l.cells), nil
	w.write("row", l, "what to mend")
}

func (w *badRows) row(_ *runReader, l line, _ bool) error {
	if len(w.heard) == 0 {
		return nil
	}
	w.rows++
	w.write(fmt.Sprint(l.row), l, strings.Join(w.heard, " / "))
	w.heard = w.heard[:0]
	return w.csv.Error()
}

// write writes a row. What was found stands under its own header, also where the
// row has fewer cells than the header.
func (w *badRows) write(number string, l line, found string) {
	record := make([]string, 1, len(l.cells)+2)
	record[0] = number
	for _, c := range l.cells {
		record = append(record, SafeCell(c.text))
	}
	for len(record) <= w.columns {
		record = append(record, "")
	}
	_ = w.csv.Write(append(record, SafeCell(found))) // the writer keeps its error
}

// SafeCell is a text as a cell of a CSV file that no spreadsheet takes for a
// formula, and in which all can be seen: one that begins like a formula gets an
// apostrophe before it. Lines break as they did: a note has several.
func SafeCell(text string) string {
	lines := splitLines(text)
	for i := range lines {
		lines[i] = payroll.Visible(lines[i])
	}
	if text = strings.Trim(strings.Join(lines, "\n"), "\n"); text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// splitLines are the lines of a cell.
func splitLines(text string) []string {
	return strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
}
