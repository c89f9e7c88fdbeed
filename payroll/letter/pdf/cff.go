package pdf

// cffNameOffset is where the name stands in what [appendCFF] writes.
const cffNameOffset = 4 + 5

// appendCFF appends a CID-keyed font program (Adobe Technical Note 5176) of the
// glyphs, in the order of their CIDs; the first is .notdef. Everything but the
// charstrings is as small as the format allows: one private dictionary with
// nothing of note, the identity as charset.
func appendCFF(b []byte, name string, glyphs []*Outline) []byte {
	begin := len(b)
	b = append(b, 1, 0, 4, 4) // version 1.0, header of 4 bytes
	b = appendIndex(b, name)  // Name INDEX
	var extent box
	for _, g := range glyphs {
		extent.include(g.box.left, g.box.bottom)
		extent.include(g.box.right, g.box.top)
	}
	// The dictionaries hold offsets of fixed length, so that their own length is
	// known before what they point to.
	var dict [80]byte
	top := topDict{glyphs: len(glyphs), box: extent}
	at := len(b) - begin + indexSize(1, len(top.append(dict[:0]))) + indexSize(2, len("AdobeIdentity")) + 2
	top.charset = at
	top.fdSelect = top.charset + 5
	top.private = top.fdSelect + 8
	top.fdArray = top.private + len(privateDict)
	top.charStrings = top.fdArray + indexSize(1, 11)

	b = appendIndex(b, top.append(dict[:0]))
	b = appendIndex(b, "Adobe", "Identity") // SIDs 391 and 392
	b = append(b, 0, 0)                     // no global subroutines
	b = append(b, 2, 0, 1)                  // charset format 2: CIDs from 1 ...
	b = appendBig(b, len(glyphs)-2, 2)      // ... and so many more
	b = append(b, 3, 0, 1, 0, 0, 0)         // FDSelect format 3: from glyph 0 dictionary 0 ...
	b = appendBig(b, len(glyphs), 2)        // ... up to here
	b = append(b, privateDict...)
	font := appendOffset(dict[:0], len(privateDict))
	b = appendIndex(b, append(appendOffset(font, top.private), 18)) // Private
	return appendCharStrings(b, glyphs)
}

// privateDict says defaultWidthX 0, nominalWidthX 0: widths are written out.
const privateDict = "\x8b\x14\x8b\x15"

// topDict is the Top DICT of a CID-keyed font (Technical Note 5176, 9 and 18).
type topDict struct {
	glyphs                                           int
	box                                              box
	charset, fdSelect, private, fdArray, charStrings int
}

func (t topDict) append(b []byte) []byte {
	b = appendOffset(appendOffset(b, 391), 392)
	b = append(b, 139, 12, 30) // ROS Adobe Identity 0
	for _, v := range [4]int{t.box.left, t.box.bottom, t.box.right, t.box.top} {
		b = appendOffset(b, v)
	}
	b = append(b, 5)                                   // FontBBox
	b = append(appendOffset(b, t.glyphs), 12, 34)      // CIDCount
	b = append(appendOffset(b, t.charset), 15)         // charset
	b = append(appendOffset(b, t.charStrings), 17)     // CharStrings
	b = append(appendOffset(b, t.fdArray), 12, 36)     // FDArray
	return append(appendOffset(b, t.fdSelect), 12, 37) // FDSelect
}

// appendOffset writes an operand of a DICT in its longest form, of five bytes.
func appendOffset(b []byte, v int) []byte {
	return append(b, 29, byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

// indexSize is the length of an INDEX whose offsets take a byte.
func indexSize(objects, data int) int { return 3 + objects + 1 + data }

// appendIndex writes an INDEX of short objects (Technical Note 5176, 5).
func appendIndex[T string | []byte](b []byte, objects ...T) []byte {
	b = append(b, 0, byte(len(objects)), 1, 1)
	end := 1
	for _, o := range objects {
		end += len(o)
		b = append(b, byte(end))
	}
	for _, o := range objects {
		b = append(b, o...)
	}
	return b
}

// appendCharStrings writes the INDEX of the glyphs.
func appendCharStrings(b []byte, glyphs []*Outline) []byte {
	total := 1
	for _, g := range glyphs {
		total += len(g.charstring)
	}
	size := octets(total)
	b = append(b, byte(len(glyphs)>>8), byte(len(glyphs)), byte(size))
	end := 1
	b = appendBig(b, end, size)
	for _, g := range glyphs {
		end += len(g.charstring)
		b = appendBig(b, end, size)
	}
	for _, g := range glyphs {
		b = append(b, g.charstring...)
	}
	return b
}

// appendBig writes a number in so many bytes, the most significant first.
func appendBig(b []byte, v, size int) []byte {
	for size--; size >= 0; size-- {
		b = append(b, byte(v>>(8*size)))
	}
	return b
}
