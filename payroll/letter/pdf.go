package letter

import (
	"crypto/sha256"
	"fmt"
	"strconv"
	"unicode/utf16"
)

// document writes the objects of a PDF 1.7 file (ISO 32000-1 §7.5) one after
// the other and keeps where each begins. Object numbers are given in advance.
type document struct {
	out     []byte
	offsets []int // by object number; 0 is the head of the free list
}

func newDocument(capacity int) *document {
	d := &document{out: make([]byte, 0, capacity), offsets: make([]int, 1, 32)}
	d.out = append(d.out, "%PDF-1.7\n%\xc2\xb5\xc2\xb6\n"...)
	return d
}

// reserve gives out object numbers.
func (d *document) reserve(n int) (first int) {
	first = len(d.offsets)
	d.offsets = append(d.offsets, make([]int, n)...)
	return first
}

// object writes one object under its number.
func (d *document) object(number int, parts ...string) {
	d.offsets[number] = len(d.out)
	d.out = strconv.AppendInt(d.out, int64(number), 10)
	d.out = append(d.out, " 0 obj\n"...)
	for _, part := range parts {
		d.out = append(d.out, part...)
	}
	d.out = append(d.out, "\nendobj\n"...)
}

// stream writes an object whose content is deflated already; entries are those
// of its dictionary besides Length and Filter.
func (d *document) stream(number int, entries string, deflated []byte) {
	d.offsets[number] = len(d.out)
	d.out = fmt.Appendf(d.out, "%d 0 obj\n<<%s/Filter/FlateDecode/Length %d>>stream\n", number, entries, len(deflated))
	d.out = append(d.out, deflated...)
	d.out = append(d.out, "\nendstream\nendobj\n"...)
}

// finish writes the cross-reference table and the trailer. The identifier is
// taken from the contents, so that the same document stays the same bytes.
func (d *document) finish(root, info int) []byte {
	sum := sha256.Sum256(d.out)
	at := len(d.out)
	d.out = fmt.Appendf(d.out, "xref\n0 %d\n0000000000 65535 f \n", len(d.offsets))
	for _, offset := range d.offsets[1:] {
		digits := strconv.Itoa(offset)
		d.out = append(d.out, "0000000000"[len(digits):]...)
		d.out = append(d.out, digits...)
		d.out = append(d.out, " 00000 n \n"...)
	}
	d.out = fmt.Appendf(d.out, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]>>\nstartxref\n%d\n%%%%EOF\n",
		len(d.offsets), root, info, sum[:16], sum[:16], at)
	return d.out
}

func reference(number int) string { return strconv.Itoa(number) + " 0 R" }

// textString is a text as a PDF string in UTF-16, in hexadecimal.
func textString(text string) string {
	out := []byte("<FEFF")
	for _, unit := range utf16.Encode([]rune(text)) {
		out = fmt.Appendf(out, "%04X", unit)
	}
	return string(append(out, '>'))
}
