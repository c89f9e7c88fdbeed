package letter

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"github.com/go-text/typesetting/font"
)

// codepage is one 8-bit font: up to 224 characters of the base face in one
// weight, cut, compressed and described once per letterhead, so that a slip
// only copies it.
type codepage struct {
	key        string // the name by which a page knows it
	dictionary string // the font's, open for the number of its descriptor
	descriptor string // open for the number of its program
	length     string // entry of the program's stream
	program    []byte // the TrueType font, deflated
}

// slot is where a character of the base face is found. Page counts from 1;
// 0 means that the base face does not draw it.
type slot struct {
	page  uint8
	code  byte
	width uint16 // in thousandths of an em
}

// lastBase is the end of the characters that may stand in code pages.
const lastBase = 0x2300

// weight is one weight of the base face.
type weight struct {
	slots [lastBase]slot
	pages []codepage
}

func (w *weight) slot(r rune) slot {
	if r < 0 || r >= lastBase {
		return slot{}
	}
	return w.slots[r]
}

// width of a text in ems, all of whose characters the weight has.
func (w *weight) width(text string) float64 {
	total := 0
	for _, r := range text {
		total += int(w.slot(r).width)
	}
	return float64(total) / 1000
}

// The code pages, the most used first: what Western Europe writes, then the
// rest of Latin, Greek, Cyrillic, and signs. Every group starts a new page, so
// that a slip embeds little more than it uses.
var codepageGroups = []string{
	runeRange(' ', '~') + "\u00a0–—‘’“”„•…·«»§°×−†€£¥₹¡¿ªºß" + runeRange('À', 'Þ') + runeRange('à', 'ÿ') + "ŒœŸŠšŽž",
	runeRange(0x100, 0x17f) + "ȘșȚțǍǎǏǐǑǒǓǔ",
	"ẠạẢảẤấẦầẨẩẪẫẬậẮắẰằẲẳẴẵẶặẸẹẺẻẼẽẾếỀềỂểỄễỆệỈỉỊịỌọỎỏỐốỒồỔổỖỗỘộỚớỜờỞởỠỡỢợỤụỦủỨứỪừỬửỮữỰựỲỳỴỵỶỷỸỹƠơƯưĂăĐđĨĩŨũ",
	runeRange(0x384, 0x3ce),
	runeRange(0x410, 0x44f) + "ЁёЄєІіЇїҐґЎўЂђЈјЉљЊњЋћЏџЃѓЌќЅѕ№",
	runeRange(0xa1, 0xbf) + runeRange(0x2010, 0x2027) + runeRange(0x2030, 0x205e) + runeRange(0x20a0, 0x20c0) +
		runeRange(0x2116, 0x2122) + "÷±√∞≈≠≤≥←↑→↓",
	runeRange(0x400, 0x4ff),
	runeRange(0x370, 0x3ff),
	runeRange(0x180, 0x24f),
	runeRange(0x1e00, 0x1eff),
	runeRange(0x1f00, 0x1fff),
	runeRange(0x500, 0x52f),
}

func runeRange(first, last rune) string {
	var b strings.Builder
	for r := first; r <= last; r++ {
		b.WriteRune(r)
	}
	return b.String()
}

// newWeight cuts a font into code pages.
func newWeight(content []byte, style string) (*weight, error) {
	source, err := openGlyfFont(content)
	if err != nil {
		return nil, err
	}
	w := &weight{}
	for _, group := range codepageGroups {
		var runes []rune
		for _, r := range group {
			if _, ok := source.NominalGlyph(r); ok && w.slots[r].page == 0 && !slices.Contains(runes, r) {
				runes = append(runes, r)
			}
		}
		for chunk := range slices.Chunk(runes, 224) {
			if err := w.addPage(source, chunk, style); err != nil {
				return nil, err
			}
		}
	}
	return w, nil
}

func (w *weight) addPage(source *glyfFont, runes []rune, style string) error {
	slices.Sort(runes)
	number := len(w.pages) + 1
	width := func(r rune) int {
		gid, _ := source.NominalGlyph(r)
		return int(source.HorizontalAdvance(gid)*1000/float32(source.Upem()) + 0.5)
	}
	for i, r := range runes {
		w.slots[r] = slot{page: uint8(number), code: byte(32 + i), width: uint16(width(r))}
	}
	page, err := newCodepage(source, runes, style)
	page.key = fmt.Sprintf("%s%02d", strings.ToLower(style), number)
	page.describe("Payseal"+style, runes, width)
	w.pages = append(w.pages, page)
	return err
}

// newCodepage cuts the characters out of a font.
func newCodepage(source *glyfFont, runes []rune, style string) (codepage, error) {
	program := source.cut(runes)
	deflated, err := deflate(program)
	stem := 80
	if style == "Bold" {
		stem = 140
	}
	scale := 1000 / float32(source.Upem())
	extents, _ := source.FontHExtents()
	ascent, descent := int(extents.Ascender*scale), int(extents.Descender*scale)
	return codepage{program: deflated, length: fmt.Sprintf("/Length1 %d", len(program)),
		// Flags 32, nonsymbolic: the encoding goes by glyph names.
		descriptor: fmt.Sprintf("/Flags 32/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV %d/FontBBox[-200 %d 1500 %d]",
			ascent, descent, int(source.LineMetric(font.CapHeight)*scale), stem, descent, ascent)}, err
}

// describe completes a code page for characters at the codes from 32 on, named
// so that readers know them (ISO 32000-1 §9.6.6).
func (c *codepage) describe(name string, runes []rune, width func(rune) int) {
	var widths, names strings.Builder
	for _, r := range runes {
		fmt.Fprintf(&widths, "%d ", width(r))
		names.WriteString("/" + glyphName(r))
	}
	name = subsetTag(c.program) + "+" + name
	c.dictionary = fmt.Sprintf("<</Type/Font/Subtype/TrueType/BaseFont/%s/FirstChar 32/LastChar %d/Widths[%s]"+
		"/Encoding<</Type/Encoding/BaseEncoding/WinAnsiEncoding/Differences[32%s]>>", name, 31+len(runes), widths.String(), names.String())
	c.descriptor = "<</Type/FontDescriptor/FontName/" + name + c.descriptor
}

// subsetTag is the six capital letters that ISO 32000-1 §9.6.4 wants before the
// name of a subset, taken from its contents.
func subsetTag(program []byte) string {
	sum := sha256.Sum256(program)
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + sum[i]%26
	}
	return string(tag)
}

func deflate(content []byte) ([]byte, error) {
	var buffer bytes.Buffer
	w, err := zlib.NewWriterLevel(&buffer, zlib.BestCompression)
	if err != nil {
		return nil, fmt.Errorf("deflate: %w", err)
	}
	if _, err := w.Write(content); err != nil {
		return nil, fmt.Errorf("deflate: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("deflate: %w", err)
	}
	return buffer.Bytes(), nil
}
