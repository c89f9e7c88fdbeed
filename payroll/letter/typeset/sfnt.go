package typeset

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
)

// largestCollection is how many fonts a collection may hold.
const largestCollection = 256

// record is one line of a font's table directory: where a table lies.
type record struct {
	tag            string
	offset, length uint32
}

// fontOffsets says where the directories of the fonts in a file begin: one in a
// plain TrueType or OpenType file, more in a collection, none in another file.
func fontOffsets(r io.ReaderAt) []int64 {
	header, ok := readAt(r, 0, 12)
	if !ok {
		return nil
	}
	if string(header[:4]) != "ttcf" {
		return []int64{0}
	}
	fonts := int64(binary.BigEndian.Uint32(header[8:]))
	if fonts < 1 || fonts > largestCollection {
		return nil
	}
	raw, ok := readAt(r, 12, 4*fonts)
	if !ok {
		return nil
	}
	var offsets []int64
	for ; len(raw) > 0; raw = raw[4:] {
		offsets = append(offsets, int64(binary.BigEndian.Uint32(raw)))
	}
	return offsets
}

// directory reads the table directory at a place in a file, or false if it is
// no font's, or lists a table that the file does not hold. The font library
// allocates what a directory claims, so that one damaged file would take
// gigabytes.
func directory(r io.ReaderAt, at, size int64) (version string, tables []record, ok bool) {
	header, ok := readAt(r, at, 12)
	if !ok {
		return "", nil, false
	}
	version = string(header[:4])
	if version != "\x00\x01\x00\x00" && version != "true" && version != "OTTO" {
		return "", nil, false
	}
	raw, ok := readAt(r, at+12, 16*int64(binary.BigEndian.Uint16(header[4:])))
	for ; ok && len(raw) > 0; raw = raw[16:] {
		t := record{string(raw[:4]), binary.BigEndian.Uint32(raw[8:]), binary.BigEndian.Uint32(raw[12:])}
		ok = int64(t.offset)+int64(t.length) <= size
		tables = append(tables, t)
	}
	return version, tables, ok
}

func readAt(r io.ReaderAt, at, length int64) ([]byte, bool) {
	content := make([]byte, length)
	_, err := r.ReadAt(content, at)
	return content, err == nil
}

// excerpt is one font of a file, of which only some tables can be seen: what is
// left out is neither read nor kept. The directory is read as a stream and the
// tables by their offsets, as the font library does.
type excerpt struct {
	*bytes.Reader
	file io.ReaderAt
}

func (e excerpt) ReadAt(p []byte, at int64) (int, error) { return e.file.ReadAt(p, at) }

func newExcerpt(file io.ReaderAt, version string, tables []record, kept []string) excerpt {
	tables = slices.DeleteFunc(slices.Clone(tables), func(t record) bool { return !slices.Contains(kept, t.tag) })
	out := binary.BigEndian.AppendUint16([]byte(version), uint16(len(tables)))
	out = append(out, 0, 0, 0, 0, 0, 0) // to search by halves, which nobody does
	for _, t := range tables {
		out = append(append(out, t.tag...), 0, 0, 0, 0)
		out = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(out, t.offset), t.length)
	}
	return excerpt{bytes.NewReader(out), file}
}
