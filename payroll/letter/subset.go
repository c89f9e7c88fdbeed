package letter

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
)

// glyfFont is a TrueType font opened for cutting: the tables that a subset is
// made of. Hinting programs are dropped, since no PDF reader needs them.
type glyfFont struct {
	*font.Face
	head, hhea, maxp, loca, glyf []byte
	longLoca                     bool
}

func openGlyfFont(content []byte) (*glyfFont, error) {
	loader, err := opentype.NewLoader(bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("read base font: %w", err)
	}
	parsed, err := font.NewFont(loader)
	if err != nil {
		return nil, fmt.Errorf("read base font: %w", err)
	}
	f := &glyfFont{Face: font.NewFace(parsed)}
	for tag, table := range map[string]*[]byte{"head": &f.head, "hhea": &f.hhea, "maxp": &f.maxp, "loca": &f.loca, "glyf": &f.glyf} {
		if *table, err = loader.RawTable(opentype.MustNewTag(tag)); err != nil {
			return nil, fmt.Errorf("read base font: %w", err)
		}
	}
	if len(f.head) < 54 || len(f.hhea) < 36 || len(f.maxp) < 32 {
		return nil, fmt.Errorf("read base font: a table is too short")
	}
	f.longLoca = binary.BigEndian.Uint16(f.head[50:]) != 0
	return f, nil
}

// outline returns the bytes of a glyph, empty for a blank one.
func (f *glyfFont) outline(gid uint16) []byte {
	size, scale := 2, 2
	if f.longLoca {
		size, scale = 4, 1
	}
	at := func(i int) int {
		if (i+1)*size > len(f.loca) {
			return 0
		}
		if f.longLoca {
			return int(binary.BigEndian.Uint32(f.loca[i*size:]))
		}
		return scale * int(binary.BigEndian.Uint16(f.loca[i*size:]))
	}
	start, end := at(int(gid)), at(int(gid)+1)
	if start >= end || end > len(f.glyf) {
		return nil
	}
	return f.glyf[start:end]
}

// Flags of a component of a composite glyph, OpenType glyf table.
const (
	argsAreWords    = 0x0001
	hasScale        = 0x0008
	moreComponents  = 0x0020
	hasXYScale      = 0x0040
	hasTwoByTwo     = 0x0080
	hasInstructions = 0x0100
)

// cut makes a TrueType font with the glyphs of the given characters and nothing
// else. Glyph 0 is the empty one.
func (f *glyfFont) cut(runes []rune) []byte {
	order := []uint16{0}
	renumber := map[uint16]uint16{0: 0}
	add := func(old uint16) uint16 {
		if n, ok := renumber[old]; ok {
			return n
		}
		n := uint16(len(order))
		renumber[old] = n
		order = append(order, old)
		return n
	}
	mapping := make([]uint16, len(runes))
	for i, r := range runes {
		gid, _ := f.NominalGlyph(r)
		mapping[i] = add(uint16(gid))
	}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(order); i++ { // components are appended as they are met
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		outline := withoutHints(f.outline(order[i]), add)
		if i == 0 {
			outline = nil
		}
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(f.HorizontalAdvance(font.GID(order[i]))))
		hmtx = binary.BigEndian.AppendUint16(hmtx, leftBearing(outline))
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	return f.assemble(len(order), glyf, loca, hmtx, cmapTable(runes, mapping))
}

// leftBearing is the glyph's xMin, which its header gives.
func leftBearing(outline []byte) uint16 {
	if len(outline) < 10 {
		return 0
	}
	return binary.BigEndian.Uint16(outline[2:])
}

func (f *glyfFont) assemble(glyphs int, glyf, loca, hmtx, cmap []byte) []byte {
	head := bytes.Clone(f.head)
	binary.BigEndian.PutUint32(head[8:], 0)  // checkSumAdjustment
	binary.BigEndian.PutUint16(head[50:], 1) // long offsets
	hhea := bytes.Clone(f.hhea)
	binary.BigEndian.PutUint16(hhea[34:], uint16(glyphs))
	maxp := bytes.Clone(f.maxp)
	binary.BigEndian.PutUint16(maxp[4:], uint16(glyphs))
	binary.BigEndian.PutUint16(maxp[26:], 0) // no instructions
	post := make([]byte, 32)
	binary.BigEndian.PutUint32(post, 0x00030000) // no glyph names
	table := func(tag string, content []byte) opentype.Table {
		return opentype.Table{Tag: opentype.MustNewTag(tag), Content: content}
	}
	return opentype.WriteTTF([]opentype.Table{
		table("cmap", cmap), table("glyf", glyf), table("head", head), table("hhea", hhea),
		table("hmtx", hmtx), table("loca", loca), table("maxp", maxp), table("post", post),
	})
}

// withoutHints copies a glyph without its instructions; renumber maps the
// components of a composite one.
func withoutHints(outline []byte, renumber func(uint16) uint16) []byte {
	if len(outline) < 12 {
		return nil
	}
	contours := int(int16(binary.BigEndian.Uint16(outline)))
	if contours < 0 {
		return composite(outline, renumber)
	}
	at := 10 + 2*contours
	if at+2 > len(outline) {
		return nil
	}
	hints := int(binary.BigEndian.Uint16(outline[at:]))
	if at+2+hints > len(outline) {
		return nil
	}
	bare := append(bytes.Clone(outline[:at]), 0, 0)
	return append(bare, outline[at+2+hints:]...)
}

func composite(outline []byte, renumber func(uint16) uint16) []byte {
	bare := bytes.Clone(outline)
	for at := 10; at+4 <= len(bare); {
		flags := binary.BigEndian.Uint16(bare[at:])
		binary.BigEndian.PutUint16(bare[at:], flags&^hasInstructions)
		binary.BigEndian.PutUint16(bare[at+2:], renumber(binary.BigEndian.Uint16(bare[at+2:])))
		at += 6
		if flags&argsAreWords != 0 {
			at += 2
		}
		switch {
		case flags&hasScale != 0:
			at += 2
		case flags&hasXYScale != 0:
			at += 4
		case flags&hasTwoByTwo != 0:
			at += 8
		}
		if flags&moreComponents == 0 {
			return bare[:min(at, len(bare))]
		}
	}
	return nil
}

// cmapTable maps the characters in a format 4 subtable (Windows, Unicode BMP),
// one segment each. The runes must be sorted and below U+FFFF.
func cmapTable(runes []rune, glyphs []uint16) []byte {
	segments := len(runes) + 1
	power, log := 1, 0
	for power*2 <= segments {
		power, log = power*2, log+1
	}
	u16 := binary.BigEndian.AppendUint16
	table := []byte{0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12}
	for _, v := range []int{4, 16 + 8*segments, 0, 2 * segments, 2 * power, log, 2 * (segments - power)} {
		table = u16(table, uint16(v))
	}
	for _, r := range runes {
		table = u16(table, uint16(r))
	}
	table = u16(u16(table, 0xffff), 0)
	for _, r := range runes {
		table = u16(table, uint16(r))
	}
	table = u16(table, 0xffff)
	for i, r := range runes {
		table = u16(table, glyphs[i]-uint16(r))
	}
	table = u16(table, 1)
	return append(table, make([]byte, 2*segments)...) // idRangeOffset
}
