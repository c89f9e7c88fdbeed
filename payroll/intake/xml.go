package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"
)

// xmlReader reads one part of a workbook from front to back: elements,
// attributes and text of UTF-8 XML. It knows no document types and no entities
// but the five of XML itself, and refuses a part that has any: a workbook never
// needs them. encoding/xml does the same work twenty times slower.
type xmlReader struct {
	input     *bufio.Reader
	local     []byte // the local name in tag
	attrs     int    // where the attributes start in tag
	tag       []byte // the inside of the current tag, without < and >
	chars     []byte // the current text, decoded
	names     []byte // the names of the open elements, one after the other
	starts    []int  // where each of them starts in names
	closeNext bool   // the current tag was <x/>, so its end comes next
	inTag     bool   // the < of the next tag was read, together with the text before it
	rooted    bool   // the root element was seen
}

type xmlToken uint8

const (
	xmlStart xmlToken = iota
	xmlEnd
	xmlText
)

// maxXMLToken bounds one tag or one piece of text.
const maxXMLToken = 1 << 20

func newXMLReader(r io.Reader) *xmlReader {
	return &xmlReader{input: bufio.NewReaderSize(r, 64<<10)}
}

func damaged(what string) fault {
	return refuse("damaged_workbook", "the workbook is damaged ("+what+"); open it in a spreadsheet program and save it again")
}

// next reads up to the next element start, element end or text. After the root
// element has ended it gives io.EOF.
func (x *xmlReader) next() (xmlToken, error) {
	if x.closeNext {
		x.closeNext = false
		return xmlEnd, nil
	}
	for {
		if x.rooted && len(x.starts) == 0 {
			return 0, x.drain()
		}
		if !x.inTag {
			text, err := x.readText()
			if err != nil {
				return 0, err
			}
			if text {
				x.inTag = true
				return xmlText, nil
			}
		}
		x.inTag = false
		token, skip, err := x.readTag()
		if err != nil || !skip {
			return token, err
		}
	}
}

// drain reads the rest, so that the checksum of the zip is checked, and gives io.EOF.
func (x *xmlReader) drain() error {
	if _, err := io.Copy(io.Discard, x.input); err != nil {
		return x.broken(err)
	}
	return io.EOF
}

// broken turns an error of the input into a fault about the file.
func (x *xmlReader) broken(err error) error {
	var trouble fault
	if errors.As(err, &trouble) {
		return trouble
	}
	return damaged("a part of it ends too early or does not match its checksum")
}

// readText reads what stands before the next tag into chars and reports whether
// there is anything that counts.
func (x *xmlReader) readText() (bool, error) {
	x.chars = x.chars[:0]
	for {
		piece, err := x.input.ReadSlice('<')
		if errors.Is(err, bufio.ErrBufferFull) {
			if x.chars = append(x.chars, piece...); len(x.chars) > maxXMLToken {
				return false, damaged("a text in it is too long")
			}
			continue
		}
		if err != nil {
			return false, x.broken(err)
		}
		x.chars = append(x.chars, piece[:len(piece)-1]...)
		break
	}
	if len(x.starts) == 0 {
		if len(bytes.TrimSpace(bytes.TrimPrefix(x.chars, []byte("\xef\xbb\xbf")))) > 0 {
			return false, damaged("a part of it is not UTF-8 or not XML")
		}
		return false, nil
	}
	if len(x.chars) == 0 {
		return false, nil
	}
	return true, x.decodeText()
}

func (x *xmlReader) decodeText() error {
	if !utf8.Valid(x.chars) || bytes.IndexByte(x.chars, 0) >= 0 {
		return damaged("a text in it is not UTF-8")
	}
	var err error
	if bytes.IndexByte(x.chars, '&') >= 0 {
		x.chars, err = unescape(x.chars)
	}
	return err
}

// readTag reads from after a < to its >. skip is true for comments and
// processing instructions.
func (x *xmlReader) readTag() (token xmlToken, skip bool, err error) {
	if err := x.readTagBytes(); err != nil {
		return 0, false, err
	}
	switch {
	case len(x.tag) == 0:
		return 0, false, damaged("an empty tag")
	case x.tag[0] == '?':
		return 0, true, x.checkDeclaration()
	case bytes.HasPrefix(x.tag, []byte("!--")):
		return 0, true, x.readUntil("--")
	case bytes.HasPrefix(x.tag, []byte("![CDATA[")):
		return x.readCDATA()
	case x.tag[0] == '!':
		return 0, false, refuse("entities", "the workbook declares a document type or entities, which no spreadsheet program does; do not trust it, and ask its sender for a new one")
	case x.tag[0] == '/':
		x.findName(1)
		return xmlEnd, false, x.closeElement()
	}
	x.findName(0)
	x.closeNext = x.tag[len(x.tag)-1] == '/'
	return xmlStart, false, x.openElement()
}

// readTagBytes reads up to a > that is not inside an attribute's quotes.
func (x *xmlReader) readTagBytes() error {
	x.tag = x.tag[:0]
	for {
		piece, err := x.input.ReadSlice('>')
		x.tag = append(x.tag, piece...) // copied, because the next read moves the buffer
		if len(x.tag) > maxXMLToken {
			return damaged("a tag in it is too long")
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil {
			return x.broken(err)
		}
		if x.tag[0] == '!' || x.tag[0] == '?' || !openQuote(x.tag) {
			x.tag = x.tag[:len(x.tag)-1]
			return nil
		}
	}
}

// openQuote reports whether a tag breaks off inside an attribute's value.
func openQuote(tag []byte) bool {
	var quote byte
	for _, b := range tag {
		switch {
		case quote == 0 && (b == '"' || b == '\''):
			quote = b
		case b == quote:
			quote = 0
		}
	}
	return quote != 0
}

// readUntil goes on reading a comment or CDATA section until its tag ends in the
// given bytes before the >.
func (x *xmlReader) readUntil(end string) error {
	for !bytes.HasSuffix(x.tag, []byte(end)) || len(x.tag) < len(end)+3 {
		piece, err := x.input.ReadSlice('>')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return x.broken(err)
		}
		x.tag = append(append(x.tag, '>'), piece...)
		if err == nil {
			x.tag = x.tag[:len(x.tag)-1]
		}
		if len(x.tag) > maxXMLToken {
			return damaged("a comment in it is too long")
		}
	}
	return nil
}

func (x *xmlReader) readCDATA() (xmlToken, bool, error) {
	if err := x.readUntil("]]"); err != nil {
		return 0, false, err
	}
	x.chars = append(x.chars[:0], x.tag[len("![CDATA["):len(x.tag)-2]...)
	if !utf8.Valid(x.chars) || len(x.starts) == 0 {
		return 0, false, damaged("a text in it is not UTF-8")
	}
	return xmlText, false, nil
}

// checkDeclaration refuses <?xml encoding="..."?> of anything but UTF-8.
func (x *xmlReader) checkDeclaration() error {
	if !bytes.HasPrefix(x.tag, []byte("?xml ")) {
		return nil
	}
	x.attrs = len("?xml")
	if encoding, found := x.attr("encoding"); found && !bytes.EqualFold(encoding, []byte("utf-8")) && !bytes.EqualFold(encoding, []byte("us-ascii")) {
		return damaged("a part of it is not UTF-8")
	}
	return nil
}

func (x *xmlReader) openElement() error {
	if x.rooted && len(x.starts) == 0 || len(x.starts) > 64 {
		return damaged("elements are nested too deep or follow the end")
	}
	if len(x.local) == 0 || !isLetterByte(x.local[0]) && x.local[0] != '_' {
		return damaged("an element has no name")
	}
	x.rooted = true
	if x.closeNext {
		return nil
	}
	x.starts = append(x.starts, len(x.names))
	x.names = append(x.names, x.local...)
	return nil
}

func (x *xmlReader) closeElement() error {
	last := len(x.starts) - 1
	if last < 0 || !bytes.Equal(x.names[x.starts[last]:], x.local) {
		return damaged("an element is not closed")
	}
	x.names = x.names[:x.starts[last]]
	x.starts = x.starts[:last]
	return nil
}

// name is the local name of the element that just started or ended.
func (x *xmlReader) name() []byte { return x.local }

// findName finds the local name in a tag, from a place on.
func (x *xmlReader) findName(from int) {
	end := from
	for ; end < len(x.tag) && !isXMLSpace(x.tag[end]) && x.tag[end] != '/'; end++ {
		if x.tag[end] == ':' {
			from = end + 1
		}
	}
	x.local, x.attrs = x.tag[from:end], end
}

func isXMLSpace(b byte) bool { return b == ' ' || b == '\t' || b == '\r' || b == '\n' }

// attr is an attribute of the element that just started, without its prefix.
// The value is not decoded; attrText does that.
func (x *xmlReader) attr(name string) (value []byte, found bool) {
	for i := x.attrs; i < len(x.tag); {
		if isXMLSpace(x.tag[i]) || x.tag[i] == '/' {
			i++
			continue
		}
		start, end := i, 0
		for ; i < len(x.tag) && x.tag[i] != '='; i++ {
			if x.tag[i] == ':' {
				start = i + 1
			}
			if !isXMLSpace(x.tag[i]) {
				end = i + 1
			}
		}
		for i++; i < len(x.tag) && isXMLSpace(x.tag[i]); i++ {
		}
		if i >= len(x.tag) || x.tag[i] != '"' && x.tag[i] != '\'' {
			return nil, false
		}
		length := bytes.IndexByte(x.tag[i+1:], x.tag[i])
		if length < 0 {
			return nil, false
		}
		if string(x.tag[start:max(start, end)]) == name {
			return x.tag[i+1 : i+1+length], true
		}
		i += length + 2
	}
	return nil, false
}

// attrText is an attribute as text, "" if it is not there or not well formed.
func (x *xmlReader) attrText(name string) string {
	raw, _ := x.attr(name)
	value, err := unescape(bytes.Clone(raw))
	if err != nil || !utf8.Valid(value) {
		return ""
	}
	return string(value)
}

func (x *xmlReader) attrInt(name string, otherwise int) int {
	raw, found := x.attr(name)
	n, err := strconv.Atoi(string(raw))
	if !found || err != nil {
		return otherwise
	}
	return n
}

func (x *xmlReader) attrTrue(name string) bool {
	raw, _ := x.attr(name)
	return string(raw) == "1" || string(raw) == "true"
}

// each reads the whole part and calls visit for every element start.
func (x *xmlReader) each(visit func(name string) error) error {
	for {
		token, err := x.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if token == xmlStart {
			if err := visit(string(x.name())); err != nil {
				return err
			}
		}
	}
}

// unescape decodes the five named entities and character references, in place.
func unescape(b []byte) ([]byte, error) {
	out := b[:0]
	for len(b) > 0 {
		at := bytes.IndexByte(b, '&')
		if at < 0 {
			return append(out, b...), nil
		}
		out = append(out, b[:at]...)
		end := bytes.IndexByte(b[at:min(len(b), at+12)], ';')
		if end < 0 {
			return nil, damaged("a text in it holds a lone &")
		}
		r, err := reference(string(b[at+1 : at+end]))
		if err != nil {
			return nil, err
		}
		b = b[at+end+1:]
		out = utf8.AppendRune(out, r)
	}
	return out, nil
}

func reference(name string) (rune, error) {
	switch name {
	case "amp":
		return '&', nil
	case "lt":
		return '<', nil
	case "gt":
		return '>', nil
	case "quot":
		return '"', nil
	case "apos":
		return '\'', nil
	}
	var number uint64
	err := fmt.Errorf("no number")
	if len(name) > 2 && name[0] == '#' && name[1] == 'x' {
		number, err = strconv.ParseUint(name[2:], 16, 21)
	} else if len(name) > 1 && name[0] == '#' {
		number, err = strconv.ParseUint(name[1:], 10, 21)
	}
	if err != nil || number == 0 || !utf8.ValidRune(rune(number)) {
		return 0, refuse("entities", "the workbook uses an entity that XML itself does not have, which no spreadsheet program writes; do not trust it, and ask its sender for a new one")
	}
	return rune(number), nil
}
