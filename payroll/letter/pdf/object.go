package pdf

import (
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/zlib"
)

// file is the bytes of a PDF file as they grow, and where its objects stand
// (ISO 32000-1, 7.5). Objects are numbered in the order of writing, from 1.
type file struct {
	out  []byte
	rows []row // by number; the first is object 0, the head of the free list
}

// row is an entry of the cross-reference stream (7.5.8.3).
type row struct {
	kind   byte // 0 free, 1 at an offset, 2 in an object stream
	at     int  // or the number of the object stream
	member int  // the index in that
}

// next is the number that the next object will have.
func (f *file) next() int { return len(f.rows) }

// begin writes the head of the next object.
func (f *file) begin() (number int) {
	number = f.next()
	f.rows = append(f.rows, row{kind: 1, at: len(f.out)})
	f.out = strconv.AppendInt(f.out, int64(number), 10)
	f.out = append(f.out, " 0 obj\n<<"...)
	return number
}

// stream writes a stream object; entries are those of its dictionary besides
// Length.
func (f *file) stream(entries string, parts ...[]byte) (number int) {
	number = f.begin()
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	f.out = append(append(f.out, entries...), "/Length "...)
	f.out = append(strconv.AppendInt(f.out, int64(length), 10), ">>stream\n"...)
	for _, part := range parts {
		f.out = append(f.out, part...)
	}
	f.out = append(f.out, "\nendstream\nendobj\n"...)
	return number
}

// flate is the entry of streams that a [packer] has deflated.
const flate = "/Filter/FlateDecode"

// packer deflates (ISO 32000-1, 7.4.4) into a buffer that it keeps.
type packer struct {
	z   *zlib.Writer
	out []byte
}

func newPacker(level int) *packer {
	z, _ := zlib.NewWriterLevel(nil, level) // fails on levels that there are not
	return &packer{z: z}
}

// pack deflates the parts as one. The bytes are good until it is called again.
func (p *packer) pack(parts ...[]byte) []byte {
	p.out = p.out[:0]
	p.z.Reset(p)
	for _, part := range parts {
		_, _ = p.z.Write(part) // ends in Write below, which cannot fail
	}
	_ = p.z.Close()
	return p.out
}

func (p *packer) Write(b []byte) (int, error) {
	p.out = append(p.out, b...)
	return len(b), nil
}

// objectStream collects objects that are no streams (ISO 32000-1, 7.5.7). They
// are numbered after the stream itself.
type objectStream struct {
	first int    // number of the first object
	count int    // objects begun
	index []byte // their numbers and offsets
	body  []byte
}

// reset empties the stream for objects numbered from first.
func (o *objectStream) reset(first int) {
	o.first, o.count, o.index, o.body = first, 0, o.index[:0], o.body[:0]
}

// begin begins the next object, whose value is then appended to body.
func (o *objectStream) begin() (number int) {
	number = o.first + o.count
	o.count++
	o.index = append(strconv.AppendInt(o.index, int64(number), 10), ' ')
	o.index = append(strconv.AppendInt(o.index, int64(len(o.body)), 10), ' ')
	return number
}

// add appends a whole object.
func (o *objectStream) add(parts ...string) (number int) {
	number = o.begin()
	for _, part := range parts {
		o.body = append(o.body, part...)
	}
	return number
}

// objects writes an object stream of so many objects, the first of which begins
// at an offset of what comes out of the filter. It takes the number before the
// first object's.
func (f *file) objects(count, first int, filter string, data ...[]byte) {
	number := f.stream("/Type/ObjStm/N "+strconv.Itoa(count)+"/First "+strconv.Itoa(first)+filter, data...)
	for i := range count {
		f.rows = append(f.rows, row{kind: 2, at: number, member: i})
	}
}

func reference(number int) string { return strconv.Itoa(number) + " 0 R" }

func appendReference(b []byte, number int) []byte {
	return append(strconv.AppendInt(b, int64(number), 10), " 0 R"...)
}

// appendText writes a text string (ISO 32000-1, 7.9.2.2): plain if it is ASCII,
// which PDFDocEncoding agrees with, else UTF-16.
func appendText(b []byte, text string) []byte {
	if isASCII(text) {
		b = append(b, '(')
		for i := range len(text) {
			b = appendEscaped(b, text[i])
		}
		return append(b, ')')
	}
	b = append(b, "<FEFF"...)
	b = appendUTF16(b, text)
	return append(b, '>')
}

// appendEscaped writes a byte of a literal string (ISO 32000-1, 7.3.4.2).
func appendEscaped(b []byte, c byte) []byte {
	switch c {
	case '(', ')', '\\':
		return append(b, '\\', c)
	case '\r':
		return append(b, '\\', 'r') // bare, it would be read as a line feed
	}
	return append(b, c)
}

// appendUTF16 writes a text as UTF-16BE in hexadecimal.
func appendUTF16(b []byte, text string) []byte {
	for _, r := range text {
		if high, low := utf16.EncodeRune(r); high != utf8.RuneError {
			b = appendHex(appendHex(b, uint16(high)), uint16(low))
			continue
		}
		b = appendHex(b, uint16(r))
	}
	return b
}

func appendHex(b []byte, v uint16) []byte {
	const digits = "0123456789ABCDEF"
	return append(b, digits[v>>12], digits[v>>8&15], digits[v>>4&15], digits[v&15])
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] < ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

// appendHundredths writes a number given in hundredths, as short as it goes.
func appendHundredths(b []byte, v int) []byte {
	if v < 0 {
		b, v = append(b, '-'), -v
	}
	if v >= 100 || v == 0 {
		b = strconv.AppendInt(b, int64(v/100), 10)
	}
	if v %= 100; v == 0 {
		return b
	}
	b = append(b, '.', byte('0'+v/10))
	if v%10 != 0 {
		b = append(b, byte('0'+v%10))
	}
	return b
}
