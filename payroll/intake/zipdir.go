package intake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits of a workbook's zip. A real sheet of 100,000 rows and 40 columns has
// 150 MB unpacked and shrinks by about 10.
const (
	maxParts         = 2_000
	maxUnpackedBytes = 256 << 20
	maxPartBytes     = 160 << 20
	maxPartRatio     = 150
	smallPart        = 4 << 20 // below this the ratio does not matter
)

// workbookZip is a workbook's zip whose directory has been checked.
type workbookZip struct {
	parts map[string]*zip.File // by lower-case name
}

// openZip checks the directory before anything else reads it: archive/zip would
// take a directory of any size into memory.
func openZip(f File) (*workbookZip, error) {
	if err := checkDirectory(f); err != nil {
		return nil, err
	}
	reader, err := zip.NewReader(f.Content, f.Size)
	if err != nil {
		return nil, damaged("its zip directory cannot be read")
	}
	z := &workbookZip{parts: make(map[string]*zip.File, len(reader.File))}
	var unpacked uint64
	for _, part := range reader.File {
		name := strings.ToLower(strings.TrimPrefix(part.Name, "/"))
		if _, doubled := z.parts[name]; doubled {
			return nil, refuse("doubled_part", "the workbook holds the same part twice, so that programs could show different contents; open it in a spreadsheet program and save it again")
		}
		z.parts[name] = part
		unpacked += part.UncompressedSize64
		if part.UncompressedSize64 > maxPartBytes || unpacked > maxUnpackedBytes || bomb(part) {
			return nil, refuse("zip_bomb", "the workbook unpacks to far more than a payroll needs; delete unused sheets and formatting, or save the sheet as CSV UTF-8")
		}
		if part.Flags&1 != 0 {
			return nil, refuse("encrypted_workbook", "the workbook is protected by a password; save it without one and check it again")
		}
	}
	return z, nil
}

func bomb(part *zip.File) bool {
	return part.UncompressedSize64 > smallPart && part.UncompressedSize64/max(part.CompressedSize64, 1) > maxPartRatio
}

// checkDirectory walks the zip's directory with a fixed window: it must end the
// file, have at most maxParts entries, as many as it says, and nothing between.
func checkDirectory(f File) error {
	const endSize = 22
	if f.Size < endSize {
		return damaged("it is too short")
	}
	end := make([]byte, endSize)
	if _, err := f.Content.ReadAt(end, f.Size-endSize); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read file: %w", err)
	}
	if !bytes.HasPrefix(end, []byte("PK\x05\x06")) || binary.LittleEndian.Uint16(end[20:]) != 0 {
		return damaged("its zip directory is missing or something follows it")
	}
	count := int(binary.LittleEndian.Uint16(end[10:]))
	size := int64(binary.LittleEndian.Uint32(end[12:]))
	offset := int64(binary.LittleEndian.Uint32(end[16:]))
	if count == 0 || count > maxParts {
		return refuse("zip_bomb", fmt.Sprintf("the workbook has no parts, or more than %d; open it in a spreadsheet program and save it again", maxParts))
	}
	if offset+size != f.Size-endSize || size > maxParts*1024 {
		return damaged("its zip directory is not where it says")
	}
	directory := make([]byte, size)
	if _, err := f.Content.ReadAt(directory, offset); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read file: %w", err)
	}
	return walkDirectory(directory, count)
}

func walkDirectory(directory []byte, count int) error {
	for range count {
		if len(directory) < 46 || !bytes.HasPrefix(directory, []byte("PK\x01\x02")) {
			return damaged("its zip directory has fewer entries than it says")
		}
		length := 46
		for _, at := range []int{28, 30, 32} {
			length += int(binary.LittleEndian.Uint16(directory[at:]))
		}
		if length > len(directory) {
			return damaged("its zip directory is cut off")
		}
		directory = directory[length:]
	}
	if len(directory) != 0 {
		return damaged("its zip directory has more entries than it says")
	}
	return nil
}

func (z *workbookZip) has(name string) bool {
	_, found := z.parts[strings.ToLower(name)]
	return found
}

// open reads a part. It never gives more bytes than the directory promised.
func (z *workbookZip) open(name string) (io.ReadCloser, error) {
	part, found := z.parts[strings.ToLower(name)]
	if !found {
		return nil, damaged("a part that it names is not there")
	}
	content, err := part.Open()
	if err != nil {
		return nil, damaged("a part of it cannot be read")
	}
	return content, nil
}

// checkProlog looks at the beginning of every XML part, read later or not, for a
// document type or an encoding in which one could hide.
func (z *workbookZip) checkProlog() error {
	for name, part := range z.parts {
		if !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") || part.UncompressedSize64 == 0 {
			continue
		}
		content, err := z.open(name)
		if err != nil {
			return err
		}
		_, err = newXMLReader(io.LimitReader(content, maxXMLToken)).next()
		content.Close() // only read from
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
	}
	return nil
}
