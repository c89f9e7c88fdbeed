package intake

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf16"
)

// Limits of what is read. They keep every file under 5 s and 256 MB.
const (
	maxTextBytes     = 96 << 20 // of a CSV file
	maxWorkbookBytes = 64 << 20 // of an XLSX file as it is stored
	maxRows          = 1_000_000
	maxColumns       = 1_000
	maxEmptyRows     = 10_000    // in one piece, before something follows or the end
	maxRecordBytes   = 1 << 20   // of text in a row
	maxSheetText     = 256 << 20 // of text in all rows; a shared text counts each time
)

// MaxFileBytes is the size of the largest file that is read at all. Who copies a
// file into memory first copies one byte more at most, so that a larger one is
// seen to be too large.
const MaxFileBytes = maxTextBytes

// File is one file to be read, possibly more than once.
type File struct {
	Name    string // for its extension only
	Content io.ReaderAt
	Size    int64
}

// NewFile is a file that is in memory already.
func NewFile(name string, content []byte) File {
	return File{Name: name, Content: bytes.NewReader(content), Size: int64(len(content))}
}

func rowTooLong(row int) error {
	return refuseRow("row_too_long", row, "the row is longer than 1 MB, so this is not a payroll table; remove what does not belong in it and save it again")
}

// kind is what the first bytes of a file say that it is.
type kind int

const (
	kindText kind = iota
	kindWorkbook
)

// magics are the beginnings of files that are often uploaded by mistake.
var magics = []struct{ prefix, what string }{
	{"%PDF", "a PDF document"},
	{"\x1f\x8b", "a gzip archive"},
	{"\x89PNG", "a picture"},
	{"\xff\xd8\xff", "a picture"},
	{"GIF8", "a picture"},
	{"{\\rtf", "a rich text document"},
	{"7z\xbc\xaf", "a 7-Zip archive"},
	{"Rar!", "a RAR archive"},
	{"BZh", "a bzip2 archive"},
	{"\xfd7zXZ", "an xz archive"},
	{"SQLite format 3", "a database"},
	{"-----BEGIN", "a key or an encrypted message"},
	{"\x7fELF", "a program"},
	{"MZ", "a program"},
	{"\xff\xfe\x00\x00", "UTF-32 text; save it as UTF-8"},
	{"\x00\x00\xfe\xff", "UTF-32 text; save it as UTF-8"},
}

// sniff decides by content, never by name, what a file is.
func sniff(f File) (kind, error) {
	if f.Size == 0 {
		return 0, refuse("empty_file", "the file is empty")
	}
	head := make([]byte, min(f.Size, 4096))
	if _, err := f.Content.ReadAt(head, 0); err != nil && err != io.EOF {
		return 0, fmt.Errorf("read file: %w", err)
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return kindWorkbook, checkNamed(f, kindWorkbook)
	}
	if bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")) {
		return 0, compound(f)
	}
	for _, magic := range magics {
		if bytes.HasPrefix(head, []byte(magic.prefix)) && (magic.prefix != "MZ" || bytes.IndexByte(head, 0) >= 0) {
			return 0, refuse("wrong_file_type", "this is "+magic.what+", not a table; save it as CSV UTF-8 or as an Excel workbook (.xlsx)")
		}
	}
	if err := markup(head); err != nil {
		return 0, err
	}
	return kindText, checkNamed(f, kindText)
}

// checkNamed refuses a name that promises the other kind: somebody renamed the
// file instead of saving it again, and may not know what is in it.
func checkNamed(f File, k kind) error {
	extension := strings.ToLower(filepath.Ext(f.Name))
	switch {
	case k == kindText && (extension == ".xlsx" || extension == ".xlsm" || extension == ".xls" || extension == ".ods"):
		return refuse("wrong_file_type", "the file is named like a workbook but holds plain text; rename it to .csv if that is right, or save it again")
	case k == kindWorkbook && (extension == ".csv" || extension == ".tsv" || extension == ".txt"):
		return refuse("wrong_file_type", "the file is named like a text file but holds a workbook; rename it to .xlsx, or save it as CSV UTF-8")
	case k == kindText && f.Size > maxTextBytes:
		return refuse("file_too_large", fmt.Sprintf("the file is larger than %d MB; split it into several runs", maxTextBytes>>20))
	case k == kindWorkbook && f.Size > maxWorkbookBytes:
		return refuse("file_too_large", fmt.Sprintf("the workbook is larger than %d MB; split it, or save the sheet as CSV UTF-8", maxWorkbookBytes>>20))
	}
	return nil
}

// compound tells an encrypted workbook from an old .xls: both are OLE compound
// files, and the directory of the first names a stream EncryptedPackage.
func compound(f File) error {
	content := io.NewSectionReader(f.Content, 0, min(f.Size, 8<<20))
	if found, err := contains(content, utf16le("EncryptedPackage")); err != nil {
		return fmt.Errorf("read file: %w", err)
	} else if found {
		return refuse("encrypted_workbook", "the workbook is protected by a password; save it without one and check it again")
	}
	return refuse("old_xls_file", "this is an old Excel file (.xls) or another Office document; save it as .xlsx or as CSV UTF-8")
}

func contains(r io.Reader, needle []byte) (bool, error) {
	window := make([]byte, 0, 64<<10)
	for {
		n, err := r.Read(window[len(window):cap(window)])
		window = window[:len(window)+n]
		if bytes.Contains(window, needle) {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		} else if err != nil {
			return false, fmt.Errorf("search file: %w", err)
		}
		if keep := len(needle) - 1; len(window) > keep {
			window = window[:copy(window, window[len(window)-keep:])]
		}
	}
}

func utf16le(text string) []byte {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return b
}

// markup refuses web pages and XML that some programs save under the name of a
// spreadsheet.
func markup(head []byte) error {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if bytes.HasPrefix(head, []byte("\xff\xfe<\x00")) || bytes.HasPrefix(head, []byte("<\x00")) || bytes.HasPrefix(head, []byte("\xfe\xff\x00<")) {
		return refuse("html_file", "this is a web page or XML, not a table; open it and save it as .xlsx or as CSV UTF-8")
	}
	text := strings.ToLower(strings.TrimSpace(string(head)))
	for _, tag := range []string{"<html", "<!doctype", "<table", "<?xml", "<head", "<body", "<meta", "<div", "<script", "<style", "<!--"} {
		if strings.HasPrefix(text, tag) {
			return refuse("html_file", "this is a web page or XML, not a table; open it and save it as .xlsx or as CSV UTF-8")
		}
	}
	if strings.HasPrefix(text, "mime-version:") {
		return refuse("html_file", "this is a web archive, not a table; open it and save it as .xlsx or as CSV UTF-8")
	}
	return nil
}
