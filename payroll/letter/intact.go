package letter

import (
	"encoding/binary"
	"io"
)

// largestCollection is how many fonts a collection may hold.
const largestCollection = 256

// intact reports whether a TrueType or OpenType file, or a collection of them,
// holds all the tables that its directory lists. The font library allocates
// what a directory claims, so that one damaged file would take gigabytes.
func intact(r io.ReaderAt, size int64) bool {
	header, ok := readAt(r, 0, 12)
	if !ok {
		return false
	}
	if string(header[:4]) != "ttcf" {
		return intactFont(r, 0, size)
	}
	fonts := int64(binary.BigEndian.Uint32(header[8:]))
	if fonts < 1 || fonts > largestCollection {
		return false
	}
	offsets, ok := readAt(r, 12, 4*fonts)
	for ; ok && len(offsets) > 0; offsets = offsets[4:] {
		ok = intactFont(r, int64(binary.BigEndian.Uint32(offsets)), size)
	}
	return ok
}

func intactFont(r io.ReaderAt, at, size int64) bool {
	header, ok := readAt(r, at, 12)
	if !ok {
		return false
	}
	switch string(header[:4]) {
	case "\x00\x01\x00\x00", "true", "OTTO":
	default:
		return false
	}
	tables, ok := readAt(r, at+12, 16*int64(binary.BigEndian.Uint16(header[4:])))
	for ; ok && len(tables) > 0; tables = tables[16:] {
		start, length := binary.BigEndian.Uint32(tables[8:]), binary.BigEndian.Uint32(tables[12:])
		ok = int64(start)+int64(length) <= size
	}
	return ok
}

func readAt(r io.ReaderAt, at, length int64) ([]byte, bool) {
	content := make([]byte, length)
	_, err := r.ReadAt(content, at)
	return content, err == nil
}
