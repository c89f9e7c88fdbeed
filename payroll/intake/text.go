package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// textFile is a CSV file with a known encoding and separator.
type textFile struct {
	file      File
	start     int64 // where the text begins, after a byte order mark
	decode    func(io.Reader) io.Reader
	encoding  string // its name
	separator byte
	skip      int // rows before the header: 1 if the file begins with "sep=;"
}

func openText(f File, r Reading) (*textFile, error) {
	t := &textFile{file: f}
	if err := t.chooseEncoding(r.Encoding); err != nil {
		return t, err
	}
	return t, t.chooseSeparator(r.Separator, r.HeaderRow)
}

func (t *textFile) reader() *csvReader {
	section := io.NewSectionReader(t.file.Content, t.start, t.file.Size-t.start)
	return newCSVReader(t.decode(section), t.separator)
}

func (t *textFile) open() (table, error) {
	reader := t.reader()
	for range t.skip {
		if _, err := reader.next(); err != nil {
			return nil, err
		}
	}
	return reader, nil
}

func asIs(r io.Reader) io.Reader { return r }

// chooseEncoding looks for a byte order mark, then for the zero bytes of UTF-16
// without one, then whether all of it is UTF-8.
func (t *textFile) chooseEncoding(asked string) error {
	head := make([]byte, min(t.file.Size, 512))
	if _, err := t.file.Content.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read file: %w", err)
	}
	order, wide, bom := utf16Order(head)
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		t.start = 3
	case wide:
		if bom {
			t.start = 2
		}
		if asked != "" {
			return refuse("encoding_contradicts", "the file is UTF-16; leave --encoding out")
		}
		if t.file.Size%2 != 0 {
			return refuse("invalid_bytes", "the file is UTF-16 but ends in the middle of a character; save it again, as CSV UTF-8")
		}
		t.encoding = "utf-16"
		t.decode = func(r io.Reader) io.Reader {
			return transform.NewReader(r, unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder())
		}
		return nil
	}
	t.decode, t.encoding = asIs, "utf-8"
	return t.checkEncoding(asked)
}

// checkEncoding asks for an encoding, or refuses the one that was asked for, by
// a look at the whole file.
func (t *textFile) checkEncoding(asked string) error {
	seen, err := surveyText(io.NewSectionReader(t.file.Content, t.start, t.file.Size-t.start))
	if err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	switch {
	case asked == "windows-1252":
		return t.useWindows1252(seen)
	case seen.invalid && asked == "" && t.start == 0 && seen.plausible1252():
		return askFile("encoding_unknown", "the file is not UTF-8; if it comes from an older Windows program, check it with --encoding windows-1252 and look at the names, otherwise save it as CSV UTF-8")
	}
	return nil // bytes that are no UTF-8 are reported with their rows
}

func (t *textFile) useWindows1252(seen survey) error {
	switch {
	case t.start > 0 || seen.multibyte && !seen.invalid:
		return refuse("encoding_contradicts", "the file is UTF-8, and read as windows-1252 its letters would be wrong; leave --encoding out")
	case seen.undefined:
		return refuse("invalid_bytes", "the file holds bytes that windows-1252 does not have; save it again, as CSV UTF-8")
	}
	t.encoding = "windows-1252"
	t.decode = func(r io.Reader) io.Reader { return charmap.Windows1252.NewDecoder().Reader(r) }
	return nil
}

// utf16Order tells UTF-16 by its byte order mark, or by text of which every
// other byte is zero.
func utf16Order(head []byte) (order unicode.Endianness, wide, bom bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return unicode.LittleEndian, true, true
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return unicode.BigEndian, true, true
	}
	var zero [2]int
	for i, b := range head {
		if b == 0 {
			zero[i%2]++
		}
	}
	half := len(head) / 2
	if half < 4 {
		return order, false, false
	}
	little := zero[0] == 0 && zero[1] > half*3/4
	big := zero[1] == 0 && zero[0] > half*3/4
	if little {
		return unicode.LittleEndian, true, false
	}
	return unicode.BigEndian, big, false
}

// survey is what the bytes above ASCII in a file look like.
type survey struct {
	multibyte bool // there are well-formed UTF-8 sequences
	invalid   bool // there are bytes that are no UTF-8
	undefined bool // there are bytes that windows-1252 does not have
	odd       bool // there are high bytes that do not stand beside a letter
}

// plausible1252 reports whether a person can sensibly be asked for the encoding:
// a file with some well-formed UTF-8 in it is damaged UTF-8, not windows-1252.
func (s survey) plausible1252() bool { return !s.multibyte && !s.undefined && !s.odd }

func surveyText(r io.Reader) (survey, error) {
	var seen survey
	reader := bufio.NewReaderSize(r, 64<<10)
	for {
		window, err := reader.Peek(64 << 10)
		if len(window) == 0 {
			if err == io.EOF {
				err = nil
			}
			return seen, err
		}
		used := seen.look(window, err == io.EOF)
		if _, err := reader.Discard(used); err != nil {
			return seen, fmt.Errorf("survey text: %w", err)
		}
	}
}

// look surveys a window and says how much of it it used; a sequence that is cut
// by the window's end waits for the next one.
func (s *survey) look(window []byte, last bool) int {
	for i := 0; i < len(window); {
		if window[i] < utf8.RuneSelf {
			i++
			continue
		}
		if !last && i > 0 && !utf8.FullRune(window[i:]) {
			return i
		}
		r, size := utf8.DecodeRune(window[i:])
		if r != utf8.RuneError || size > 1 {
			s.multibyte = true
			s.undefined = s.undefined || bytes.ContainsAny(window[i:i+size], "\x81\x8d\x8f\x90\x9d")
		} else {
			s.high(window, i)
		}
		i += size
	}
	return len(window)
}

func (s *survey) high(window []byte, i int) {
	s.invalid = true
	b := window[i]
	if bytes.IndexByte([]byte{0x81, 0x8d, 0x8f, 0x90, 0x9d}, b) >= 0 {
		s.undefined = true
	}
	letter := b >= 0xc0 && b != 0xd7 && b != 0xf7 && b != 0xff || bytes.IndexByte([]byte{0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f}, b) >= 0
	before := i > 0 && isLetterByte(window[i-1])
	after := i+1 < len(window) && isLetterByte(window[i+1])
	sign := b == 0x80 || b == 0xa0 || b == 0xa3 || b == 0x91 || b == 0x92 || b == 0x96 || b == 0xaa || b == 0xba || b == 0xb0
	beside := letter && (before || after)
	s.odd = s.odd || !beside && !sign
}

func isLetterByte(b byte) bool {
	return b >= 'A' && b <= 'Z' || b >= 'a' && b <= 'z' || b >= 0xc0
}

// separators are the characters that part columns, by the name of their option.
var separators = map[string]byte{"comma": ',', "semicolon": ';', "tab": '\t'}

// chooseSeparator looks at the header: the separator is the only one of the three
// in it outside of quotes, or the only one that makes a known column of it.
func (t *textFile) chooseSeparator(asked string, row int) error {
	t.separator = separators[asked]
	header, err := t.header(row)
	if err != nil {
		return err
	}
	if rest, found := bytes.CutPrefix(bytes.ToLower(header), []byte("sep=")); found && len(rest) == 1 {
		t.skip = 1
		if asked == "" && bytes.IndexByte([]byte(",;\t"), rest[0]) >= 0 {
			t.separator = rest[0]
		}
	}
	if t.separator != 0 {
		return nil
	}
	var used, telling []byte
	for _, separator := range []byte(",;\t") {
		names, found := splitHeader(header, separator)
		if found {
			used = append(used, separator)
		}
		if found && names[fold("employee_id")] {
			telling = append(telling, separator)
		}
	}
	switch {
	case len(used) == 0:
		t.separator = ','
	case len(used) == 1:
		t.separator = used[0]
	case len(telling) == 1:
		t.separator = telling[0]
	default:
		return askFile("separator_unclear", "the header has more than one of comma, semicolon and tab; name the one that parts the columns with --separator comma, semicolon or tab")
	}
	return nil
}

// header is the line of that number, or with 0 the first that is not blank, of
// which at most 64 kB are looked at.
func (t *textFile) header(row int) ([]byte, error) {
	section := io.NewSectionReader(t.file.Content, t.start, t.file.Size-t.start)
	head, err := io.ReadAll(io.LimitReader(t.decode(section), 64<<10))
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	for range row - 1 {
		line := lineEnd(head)
		head = bytes.TrimPrefix(bytes.TrimPrefix(head[line:], []byte("\r")), []byte("\n"))
	}
	if row == 0 {
		head = bytes.TrimLeft(head, "\r\n")
	}
	return head[:lineEnd(head)], nil
}

// lineEnd is where the first line of a text ends, outside of quotes.
func lineEnd(text []byte) int {
	quoted := false
	for i, b := range text {
		switch {
		case b == '"':
			quoted = !quoted
		case !quoted && (b == '\n' || b == '\r'):
			return i
		}
	}
	return len(text)
}

// splitHeader gives the folded names that a separator makes of a header, and
// whether the separator is in it at all, outside of quotes.
func splitHeader(header []byte, separator byte) (names map[string]bool, found bool) {
	names = make(map[string]bool)
	start, quoted := 0, false
	name := func(end int) { names[fold(string(bytes.Trim(header[start:end], `" `)))] = true }
	for i, b := range header {
		switch {
		case b == '"':
			quoted = !quoted
		case b == separator && !quoted:
			found = true
			name(i)
			start = i + 1
		}
	}
	name(len(header))
	return names, found
}
