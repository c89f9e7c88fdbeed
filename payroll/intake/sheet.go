package intake

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// sheetReader reads the rows of one worksheet.
type sheetReader struct {
	book          *workbook
	content       io.ReadCloser
	xml           *xmlReader
	row           int // of the row that was read last
	column        int // of the cell that was read last, from 0
	first         int // row of the header, 0 before it is read
	last          int // last row that had a cell
	empty         int // rows without a cell since the last one that had any
	cells         []cell
	numbers       []byte // texts of the row's numbers, one after the other
	spans         []span
	text          int // bytes of text in the row so far, but for numbers
	total         int // and in the rows before it
	merged        int // first row of a merged range inside the table
	hidden        int // first hidden row with data
	hiddenColumns bool
}

// span says which piece of numbers is the text of which cell.
type span struct{ column, start, end int }

func (w *workbook) openSheet() (*sheetReader, error) {
	content, err := w.zip.open(w.sheet)
	if err != nil {
		return nil, err
	}
	return &sheetReader{book: w, content: content, xml: newXMLReader(content)}, nil
}

// next reads the next row with a cell in it.
func (s *sheetReader) next() (line, error) {
	for {
		token, err := s.xml.next()
		if err != nil {
			return line{}, err
		}
		if token != xmlStart {
			continue
		}
		switch string(s.xml.name()) {
		case "row":
			l, err := s.readRow()
			if err != nil || len(l.cells) > 0 {
				return l, err
			}
		case "col":
			s.hiddenColumns = s.hiddenColumns || s.xml.attrTrue("hidden")
		case "mergeCell":
			s.noteMerge(s.xml.attrText("ref"))
		}
	}
}

func (s *sheetReader) closing(found *findings) {
	s.content.Close() // only read from
	if s.merged > 0 {
		found.error("merged_cells", s.merged, "", "cells are merged, so that it is not clear to which row or column a value belongs; unmerge them")
	}
	if s.hidden > 0 {
		found.warn("hidden_rows", s.hidden, "", "the sheet has hidden rows (a filter, perhaps); they are read like the others")
	}
	if s.hiddenColumns {
		found.warn("hidden_columns", 0, "", "the sheet has hidden columns; they are read like the others")
	}
}

// noteMerge remembers a merged range that reaches into the table.
func (s *sheetReader) noteMerge(reference string) {
	from, to, found := bytes.Cut([]byte(reference), []byte(":"))
	_, top := splitReference(from)
	_, bottom := splitReference(to)
	if found && s.first > 0 && bottom >= s.first && top <= s.last && s.merged == 0 {
		s.merged = top
	}
}

// readRow reads the row element that just started.
func (s *sheetReader) readRow() (line, error) {
	number := s.xml.attrInt("r", s.row+1)
	if number <= s.row || number > 1<<20 {
		return line{}, damaged("its rows are out of order")
	}
	s.row, s.column = number, -1
	hidden := s.xml.attrTrue("hidden")
	s.cells, s.numbers, s.spans = s.cells[:0], s.numbers[:0], s.spans[:0]
	s.total += s.text
	s.text = 0
	if err := s.readCells(); err != nil {
		return line{}, err
	}
	if len(s.cells) == 0 {
		if s.empty++; s.empty > maxEmptyRows {
			return line{}, refuseRow("row_bomb", s.row, fmt.Sprintf("the sheet has more than %d empty rows in one piece; delete them, or save the sheet as CSV UTF-8", maxEmptyRows))
		}
		return line{}, nil
	}
	if s.row > maxRows {
		return line{}, refuse("too_many_rows", fmt.Sprintf("the sheet has more than %d rows; split it into several runs", maxRows))
	}
	texts := string(s.numbers)
	for _, p := range s.spans {
		s.cells[p.column].text = texts[p.start:p.end]
	}
	s.empty, s.last = 0, s.row
	if s.first == 0 {
		s.first = s.row
	}
	if hidden && s.hidden == 0 {
		s.hidden = s.row
	}
	return line{row: s.row, cells: s.cells}, nil
}

func (s *sheetReader) readCells() error {
	if s.xml.closeNext {
		_, err := s.xml.next()
		return err
	}
	for {
		token, err := s.xml.next()
		if err != nil {
			return unexpectedEnd(err)
		}
		name := s.xml.name()
		if token == xmlEnd && string(name) == "row" {
			return nil
		}
		if token == xmlStart && string(name) == "c" {
			if err := s.readCell(); err != nil {
				return err
			}
		}
	}
}

// rawCell is a cell as the part holds it.
type rawCell struct {
	kind    byte // first letter of the type: n, s, i(nlineStr), b, e, d; t for str
	format  numberFormat
	formula bool
	stored  bool // an element for the value was there
	valued  bool // and a value in it
}

func (s *sheetReader) readCell() error {
	column, row := s.column+1, s.row
	if reference, found := s.xml.attr("r"); found {
		column, row = splitReference(reference)
	}
	if column <= s.column || row != s.row || column >= 16384 {
		return damaged("its cells are out of order")
	}
	s.column = column
	raw := rawCell{kind: s.cellType()}
	if style := s.xml.attrInt("s", -1); style >= 0 && style < len(s.book.formats) {
		raw.format = s.book.formats[style]
	}
	if s.xml.closeNext {
		_, err := s.xml.next()
		return err
	}
	start := len(s.numbers)
	inline, err := s.readValue(&raw)
	if err != nil {
		return err
	}
	value := s.numbers[start:]
	if !raw.valued && !raw.formula && inline == "" {
		return nil
	}
	c, err := s.interpret(raw, value, inline)
	if err != nil || c.empty() {
		s.numbers = s.numbers[:start]
		return err
	}
	return s.put(c, start)
}

func (s *sheetReader) cellType() byte {
	kind, found := s.xml.attr("t")
	switch {
	case !found || len(kind) == 0:
		return 'n'
	case string(kind) == "str":
		return 't'
	}
	return kind[0]
}

// readValue reads a cell's content up to its end; <v> goes to numbers.
func (s *sheetReader) readValue(raw *rawCell) (inline string, err error) {
	inValue := false
	for {
		token, err := s.xml.next()
		if err != nil {
			return "", unexpectedEnd(err)
		}
		if token == xmlText {
			if inValue {
				if len(s.numbers)+len(s.xml.chars) > maxRecordBytes {
					return "", rowTooLong(s.row)
				}
				s.numbers = append(s.numbers, s.xml.chars...)
				raw.valued = true
			}
			continue
		}
		switch string(s.xml.name()) {
		case "c":
			return inline, nil
		case "f":
			raw.formula = true
		case "v":
			inValue = token == xmlStart
			raw.stored = true
		case "is":
			if token == xmlStart {
				if inline, err = readRichText(s.xml, "is"); err != nil {
					return "", err
				}
			}
		}
	}
}

// calculated reports whether a cell has the value that its formula gave. Only a
// text can be empty, and then it is stored as an empty one.
func (raw rawCell) calculated() bool {
	return !raw.formula || raw.valued || raw.stored && raw.kind == 't'
}

// interpret makes a cell of what was read. The text of numbers is set at the
// row's end.
func (s *sheetReader) interpret(raw rawCell, value []byte, inline string) (cell, error) {
	if !raw.calculated() {
		return cell{kind: cellNoValue, text: "?"}, nil
	}
	switch raw.kind {
	case 's':
		index, err := strconv.Atoi(string(value))
		text, found := s.book.strings.at(index)
		if err != nil || !found {
			return cell{}, damaged("a text that it names is not there")
		}
		return cell{text: text}, nil
	case 'i':
		return cell{text: inline}, nil
	case 't':
		return cell{text: unescapeCell(string(value))}, nil
	case 'b':
		return cell{kind: cellBoolean, text: string(value)}, nil
	case 'e':
		return cell{kind: cellError, text: string(value)}, nil
	case 'd':
		return cell{kind: cellDate, text: string(value[:min(len(value), len(time.DateOnly))])}, nil
	case 'n':
		return s.interpretNumber(raw.format, value)
	}
	return cell{}, damaged("a cell is of an unknown type")
}

func (s *sheetReader) interpretNumber(format numberFormat, value []byte) (cell, error) {
	switch {
	case len(value) == 0:
		return cell{}, nil
	case len(value) > 64:
		return cell{}, damaged("a number in it is too long")
	case format.date:
		return cell{kind: cellDate, text: s.date(value)}, nil
	case format.percent:
		return cell{kind: cellPercent, text: "0"}, nil
	}
	return cell{kind: cellNumber, width: format.width}, nil
}

// put places a cell in its column; a number's text is the piece of numbers from
// start on.
func (s *sheetReader) put(c cell, start int) error {
	if s.column >= maxColumns {
		return refuseRow("too_many_columns", s.row, fmt.Sprintf("the row has more than %d columns; remove those that payseal does not need", maxColumns))
	}
	if s.text += len(c.text); s.text > maxRecordBytes {
		return rowTooLong(s.row)
	}
	if s.total+s.text > maxSheetText {
		return refuse("file_too_large", "the workbook holds more text than a payroll needs; split it, or save the sheet as CSV UTF-8")
	}
	for len(s.cells) < s.column {
		s.cells = append(s.cells, cell{})
	}
	s.cells = append(s.cells, c)
	if c.kind == cellNumber {
		s.spans = append(s.spans, span{s.column, start, len(s.numbers)})
	} else {
		s.numbers = s.numbers[:start]
	}
	return nil
}

// date turns a serial day number into 2026-10-30; "" if it is none. Day 60 of
// the 1900 calendar is a 29 February that never was; days before it are not used.
func (s *sheetReader) date(value []byte) string {
	serial, err := strconv.ParseFloat(string(value), 64)
	if err != nil || math.IsNaN(serial) || serial < 61 || serial > 2_958_465 {
		return "?"
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if s.book.from1904 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return epoch.AddDate(0, 0, int(serial)).Format(time.DateOnly)
}

// splitReference reads B12 as column 1 and row 12; column -1 if it is none.
func splitReference(reference []byte) (column, row int) {
	for i, b := range reference {
		switch {
		case b >= 'A' && b <= 'Z' && row == 0 && i < 4:
			column = column*26 + int(b-'A') + 1
		case b >= '0' && b <= '9' && i > 0 && row < 1<<24:
			row = row*10 + int(b-'0')
		case b != '$':
			return -1, 0
		}
	}
	return column - 1, row
}
