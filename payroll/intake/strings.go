package intake

import (
	"errors"
	"io"
	"strconv"
	"strings"
)

// maxSharedBytes bounds the texts of a workbook together.
const maxSharedBytes = 64 << 20

// sharedStrings are the texts of a workbook, kept in one piece.
type sharedStrings struct {
	text string
	ends []uint32
}

func (s *sharedStrings) at(i int) (string, bool) {
	if i < 0 || i >= len(s.ends) {
		return "", false
	}
	start := uint32(0)
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]], true
}

func readSharedStrings(z *workbookZip) (*sharedStrings, error) {
	shared := &sharedStrings{}
	if !z.has("xl/sharedStrings.xml") {
		return shared, nil
	}
	content, err := z.open("xl/sharedStrings.xml")
	if err != nil {
		return nil, err
	}
	defer content.Close() // only read from
	x := newXMLReader(content)
	var text strings.Builder
	for {
		token, err := x.next()
		if errors.Is(err, io.EOF) {
			shared.text = text.String()
			return shared, nil
		}
		if err != nil {
			return nil, err
		}
		if token != xmlStart || string(x.name()) != "si" {
			continue
		}
		item, err := readRichText(x, "si")
		if err != nil {
			return nil, err
		}
		text.WriteString(item)
		shared.ends = append(shared.ends, uint32(text.Len())) // bounded just below
		if text.Len() > maxSharedBytes || len(shared.ends) > 4*maxRows {
			return nil, refuse("file_too_large", "the workbook holds more text than a payroll needs; split it, or save the sheet as CSV UTF-8")
		}
	}
}

// readRichText reads the text of an <si> or <is> element that just started, its
// runs put together, without the phonetic guides that Japanese Excel adds.
func readRichText(x *xmlReader, element string) (string, error) {
	var b []byte
	inText, phonetic := false, 0
	if x.closeNext {
		_, err := x.next()
		return "", err
	}
	for {
		token, err := x.next()
		if err != nil {
			return "", unexpectedEnd(err)
		}
		switch name := string(x.name()); {
		case token == xmlText:
			if inText && phonetic == 0 {
				b = append(b, x.chars...)
			}
		case token == xmlEnd && name == element:
			return unescapeCell(string(b)), nil
		case name == "t":
			inText = token == xmlStart
		case name == "rPh" && token == xmlStart:
			phonetic++
		case name == "rPh":
			phonetic--
		}
		if len(b) > maxXMLToken {
			return "", damaged("a text in it is too long")
		}
	}
}

func unexpectedEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return damaged("a part of it ends too early")
	}
	return err
}

// unescapeCell decodes _x000D_ and its like, by which Excel writes characters
// that XML cannot hold (ECMA-376 part 1, 22.9.2.19).
func unescapeCell(text string) string {
	at := strings.Index(text, "_x")
	if at < 0 {
		return text
	}
	var b strings.Builder
	for ; at >= 0; at = strings.Index(text, "_x") {
		b.WriteString(text[:at])
		if len(text) >= at+7 && text[at+6] == '_' {
			if unit, err := strconv.ParseUint(text[at+2:at+6], 16, 16); err == nil && (unit < 0xd800 || unit > 0xdfff) {
				b.WriteRune(rune(unit))
				text = text[at+7:]
				continue
			}
		}
		b.WriteString("_x")
		text = text[at+2:]
	}
	b.WriteString(text)
	return b.String()
}
