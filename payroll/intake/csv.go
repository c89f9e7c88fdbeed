package intake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// csvReader reads RFC 4180 text and what programs make of it: any separator, any
// line end, quoted newlines. It numbers rows as a spreadsheet does, blank ones
// and rows with line breaks in them included, which encoding/csv cannot.
type csvReader struct {
	input     io.Reader
	separator byte
	buffer    []byte
	from, to  int
	ended     bool
	row       int
	record    []byte // the fields' bytes, one after the other
	ends      []int  // where each field ends in record
	cells     []cell
}

func newCSVReader(input io.Reader, separator byte) *csvReader {
	return &csvReader{input: input, separator: separator, buffer: make([]byte, 64<<10)}
}

func (c *csvReader) closing(*findings) {}

// next reads the next record that is not blank.
func (c *csvReader) next() (line, error) {
	for {
		err := c.readRecord()
		if err != nil {
			return line{}, err
		}
		if c.row > maxRows {
			return line{}, refuse("too_many_rows", fmt.Sprintf("the file has more than %d rows; split it into several runs", maxRows))
		}
		if len(c.record) == 0 {
			continue
		}
		return c.line()
	}
}

func (c *csvReader) line() (line, error) {
	if bytes.IndexByte(c.record, 0) >= 0 {
		return line{}, refuseRow("nul_byte", c.row, "the row holds a NUL byte, so the file is damaged or not plain text; save it again, as CSV UTF-8")
	}
	if !utf8.Valid(c.record) || bytes.Contains(c.record, []byte("\ufffd")) {
		return line{}, refuseRow("invalid_bytes", c.row, "the row holds bytes that are no text in the file's encoding; save it again, as CSV UTF-8")
	}
	text := string(c.record)
	c.cells = c.cells[:0]
	start := 0
	for _, end := range c.ends {
		c.cells = append(c.cells, cell{text: text[start:end]})
		start = end
	}
	return line{row: c.row, exact: true, cells: c.cells}, nil
}

// readRecord reads one record into record and ends.
func (c *csvReader) readRecord() error {
	c.record, c.ends = c.record[:0], c.ends[:0]
	if _, err := c.peek(); err != nil {
		return err
	}
	c.row++
	for {
		last, err := c.readField()
		if err != nil {
			return err
		}
		// Counted here, because fields without a byte have no other limit.
		if len(c.ends) == maxColumns {
			return refuseRow("too_many_columns", c.row, fmt.Sprintf("the row has more than %d columns; remove those that payseal does not need", maxColumns))
		}
		c.ends = append(c.ends, len(c.record))
		if last {
			return nil
		}
	}
}

// readField reads one field and reports whether it is the last of its record.
func (c *csvReader) readField() (last bool, err error) {
	b, err := c.peek()
	if err == nil && b == '"' {
		c.from++
		if err := c.readQuoted(); err != nil {
			return false, err
		}
		return c.afterQuote()
	}
	for {
		if c.from == c.to && !c.fill() {
			return true, c.inputError()
		}
		rest := c.buffer[c.from:c.to]
		stop := c.indexSpecial(rest)
		if stop < 0 {
			stop = len(rest)
		}
		if err := c.keep(rest[:stop]); err != nil {
			return false, err
		}
		c.from += stop
		if stop == len(rest) {
			continue
		}
		if rest[stop] == '"' {
			return false, refuseRow("stray_quote", c.row, `a quotation mark stands in the middle of a field; put the whole field in quotation marks and write "" for the one inside`)
		}
		return c.endField()
	}
}

// indexSpecial finds what ends an unquoted field, or a quote in it.
func (c *csvReader) indexSpecial(b []byte) int {
	for i, x := range b {
		if x == c.separator || x == '\n' || x == '\r' || x == '"' {
			return i
		}
	}
	return -1
}

// endField passes over a separator or a line end and reports which it was.
func (c *csvReader) endField() (last bool, err error) {
	b := c.buffer[c.from]
	c.from++
	if b == c.separator {
		return false, nil
	}
	if b == '\r' {
		if next, err := c.peek(); err == nil && next == '\n' {
			c.from++
		}
	}
	return true, nil
}

func (c *csvReader) readQuoted() error {
	for {
		if c.from == c.to && !c.fill() {
			if err := c.inputError(); err != nil {
				return err
			}
			return c.unclosed()
		}
		rest := c.buffer[c.from:c.to]
		quote := bytes.IndexByte(rest, '"')
		if quote < 0 {
			quote = len(rest)
		}
		if err := c.keep(rest[:quote]); err != nil {
			return c.unclosed()
		}
		c.from += quote
		if quote == len(rest) {
			continue
		}
		c.from++
		if next, err := c.peek(); err != nil || next != '"' {
			return c.inputError()
		}
		c.from++
		c.record = append(c.record, '"')
	}
}

func (c *csvReader) unclosed() error {
	return refuseRow("unclosed_quote", c.row, "a quotation mark is opened in this row and never closed; close it")
}

// afterQuote wants a separator, a line end or the file's end after a quoted field.
func (c *csvReader) afterQuote() (last bool, err error) {
	b, err := c.peek()
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if b != c.separator && b != '\n' && b != '\r' {
		return false, refuseRow("stray_quote", c.row, `text follows a closing quotation mark; write "" for a quotation mark inside a field`)
	}
	return c.endField()
}

func (c *csvReader) keep(b []byte) error {
	if len(c.record)+len(b) > maxRecordBytes {
		return rowTooLong(c.row)
	}
	c.record = append(c.record, b...)
	return nil
}

// peek is the next byte, or io.EOF.
func (c *csvReader) peek() (byte, error) {
	if c.from == c.to && !c.fill() {
		if err := c.inputError(); err != nil {
			return 0, err
		}
		return 0, io.EOF
	}
	return c.buffer[c.from], nil
}

// fill reads more bytes and reports whether there are any.
func (c *csvReader) fill() bool {
	for !c.ended {
		n, err := c.input.Read(c.buffer)
		c.from, c.to = 0, n
		if err != nil {
			c.ended = true
			if !errors.Is(err, io.EOF) {
				c.input = brokenInput{err}
			}
		}
		if n > 0 {
			return true
		}
	}
	return false
}

// brokenInput remembers that the input failed.
type brokenInput struct{ err error }

func (b brokenInput) Read([]byte) (int, error) { return 0, b.err }

func (c *csvReader) inputError() error {
	if broken, ok := c.input.(brokenInput); ok {
		return fmt.Errorf("read file: %w", broken.err)
	}
	return nil
}
