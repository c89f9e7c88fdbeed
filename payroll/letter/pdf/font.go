package pdf

import (
	"crypto/sha256"
	"strconv"
	"unicode/utf8"
)

// maxGlyphs is how many glyphs a font can hold besides .notdef (ISO 19005-3,
// 6.1.13: CIDs are up to 65,535).
const maxGlyphs = 65535 - 1

// meaning is a glyph and the text it stands for: what a character identifier
// names.
type meaning struct {
	outline *Outline
	text    string
}

// cast is a font in the making: the glyphs by their CID, less one.
type cast struct {
	name     string
	meanings []meaning
	glyphs   []*Outline // with .notdef; as meanings from 1
	scratch  []byte
}

// newCast begins with .notdef, which no text refers to (ISO 19005-3, 6.2.11.8).
func newCast(name string) *cast {
	return &cast{name: name, glyphs: []*Outline{NewOutline(nil, em, em/2)}}
}

// add gives a meaning the next CID.
func (c *cast) add(m meaning) (cid uint16) {
	c.meanings = append(c.meanings, m)
	c.glyphs = append(c.glyphs, m.outline)
	return uint16(len(c.meanings))
}

func (c *cast) reset() { c.meanings, c.glyphs = c.meanings[:0], c.glyphs[:1] }

// programEntries are those of a font program's stream.
const programEntries = "/Subtype/CIDFontType0C"

// streams writes the font program and the map to Unicode (ISO 32000-1, 9.9 and
// 9.10.3). The name gets the tag of a subset, taken from what is in it (9.6.4).
func (c *cast) streams(write func(entries string, parts ...[]byte) int) (w written) {
	tagged := "AAAAAA+" + c.name
	c.scratch = appendCFF(c.scratch[:0], tagged, c.glyphs)
	sum := sha256.Sum256(c.scratch)
	name := c.scratch[cffNameOffset:][:len(tagged)]
	for i := range 6 {
		name[i] = 'A' + sum[i]%26
	}
	w.name = string(name)
	w.program = write(programEntries, c.scratch)
	c.scratch = c.appendToUnicode(c.scratch[:0])
	w.toUnicode = write("", c.scratch)
	return w
}

// written is what the dictionaries of a font refer to.
type written struct {
	name               string
	program, toUnicode int
}

// fontDictionaries is how many dictionaries a font has.
const fontDictionaries = 3

// dictionaries adds the three dictionaries of a composite font and gives the
// number of the first, the font itself (ISO 32000-1, 9.7.4, 9.7.6 and 9.8).
func (c *cast) dictionaries(o *objectStream, w written) (font int) {
	font = o.add("<</Type/Font/Subtype/Type0/BaseFont/", w.name, "/Encoding/Identity-H/DescendantFonts[",
		reference(o.first+o.count+1), "]/ToUnicode ", reference(w.toUnicode), ">>")
	o.add("<</Type/Font/Subtype/CIDFontType0/BaseFont/", w.name,
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor ",
		reference(o.first+o.count+1), "/DW 0/W[1[")
	for i, g := range c.glyphs[1:] {
		if i > 0 {
			o.body = append(o.body, ' ')
		}
		o.body = strconv.AppendInt(o.body, int64(g.width), 10)
	}
	o.body = append(o.body, "]]>>"...)
	var extent box
	for _, g := range c.glyphs {
		extent.include(g.box.left, g.box.bottom)
		extent.include(g.box.right, g.box.top)
	}
	// Flags 4: not the standard Latin characters alone. The stem's width is asked
	// for and used by nobody, as the program is embedded.
	o.add("<</Type/FontDescriptor/FontName/", w.name, "/Flags 4/ItalicAngle 0/StemV 80/FontBBox[")
	for _, v := range [4]int{extent.left, extent.bottom, extent.right, extent.top} {
		o.body = append(strconv.AppendInt(o.body, int64(v), 10), ' ')
	}
	o.body = append(o.body, "]/Ascent "...)
	o.body = strconv.AppendInt(o.body, int64(extent.top), 10)
	o.body = append(o.body, "/Descent "...)
	o.body = strconv.AppendInt(o.body, int64(extent.bottom), 10)
	o.body = append(o.body, "/CapHeight "...)
	o.body = strconv.AppendInt(o.body, int64(extent.top), 10)
	o.body = append(o.body, "/FontFile3 "...)
	o.body = append(appendReference(o.body, w.program), ">>"...)
	return font
}

// appendToUnicode writes the CMap from CIDs to text.
func (c *cast) appendToUnicode(b []byte) []byte {
	b = append(b, "/CIDInit/ProcSet findresource begin\n12 dict begin\nbegincmap\n"+
		"/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n"+
		"/CMapName/Adobe-Identity-UCS def\n/CMapType 2 def\n"+
		"1 begincodespacerange\n<0000><FFFF>\nendcodespacerange\n"...)
	const most = 100 // in one section
	for at := 0; at < len(c.meanings); {
		count, end := 0, at
		for ; end < len(c.meanings) && count < most; count++ {
			end = c.rangeEnd(end)
		}
		b = strconv.AppendInt(b, int64(count), 10)
		b = append(b, " beginbfrange\n"...)
		for at < end {
			next := c.rangeEnd(at)
			b = appendHex(append(b, '<'), uint16(at+1))
			b = appendHex(append(b, "><"...), uint16(next))
			b = appendUTF16(append(b, "><"...), c.meanings[at].text)
			b = append(b, ">\n"...)
			at = next
		}
		b = append(b, "endbfrange\n"...)
	}
	return append(b, "endcmap\nCMapName currentdict/CMap defineresource pop\nend\nend\n"...)
}

// rangeEnd is where a range of characters that follow each other ends: the code
// and the character may differ in their last byte alone.
func (c *cast) rangeEnd(at int) int {
	first, ok := character(c.meanings[at].text)
	end := at + 1
	for ; ok && end < len(c.meanings) && (end+1)&0xff != 0; end++ {
		r, ok := character(c.meanings[end].text)
		if !ok || r != first+rune(end-at) || r&0xff == 0 {
			break
		}
	}
	return end
}

// character is the text's one character, if it has one of the basic plane.
func character(text string) (rune, bool) {
	r, size := utf8.DecodeRuneInString(text)
	return r, size > 0 && size == len(text) && r <= 0xffff
}
