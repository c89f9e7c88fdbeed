package intake

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/payseal/payseal/payroll"
)

// checkResult holds what is true of every result.
func checkResult(t *testing.T, result parsed) {
	t.Helper()
	if result.Findings == nil || result.Totals.Columns == nil {
		t.Error("an array is nil")
	}
	for _, f := range result.Findings {
		if f.Code == "" || f.Message == "" || f.Row < 0 || !utf8.ValidString(f.Column) {
			t.Errorf("finding %+v", f)
		}
	}
	if result.Verdict() != payroll.VerdictAccept && result.Slips != nil {
		t.Error("slips of a file that is not accepted")
	}
	for _, s := range result.Slips {
		if s.Gross != nil && s.Deductions != nil && s.Gross.Minor-s.Deductions.Minor != s.Net.Minor {
			t.Error("accepted a slip that does not add up")
		}
		if _, err := payroll.ParseEmployeeNumber(string(s.Employee.Number)); err != nil {
			t.Error(err)
		}
	}
}

// FuzzCSV wants no crash, no slip that breaks a rule, and where the standard
// library reads a file without a complaint, the same cells.
func FuzzCSV(f *testing.F) {
	for _, test := range runTests {
		if len(test.file) < 4096 {
			f.Add([]byte(test.file))
		}
	}
	f.Add(wide(binary.LittleEndian, "\ufeff"+head+alice))
	f.Fuzz(func(t *testing.T, content []byte) {
		file := NewFile("run", content)
		checkResult(t, parse(file, Options{}))
		checkResult(t, parse(file, Options{Roster: testRoster(), AllowNegative: true, Reading: Reading{Decimal: DecimalComma, Encoding: "windows-1252", Separator: "semicolon"}}))
		ParseEmployees(file, EmployeeOptions{})
		compareCSV(t, content)
	})
}

func compareCSV(t *testing.T, content []byte) {
	t.Helper()
	if bytes.ContainsAny(content, "\r\x00\ufffd") || !utf8.Valid(content) {
		return
	}
	ours, err := readAll(newCSVReader(bytes.NewReader(content), ','))
	if err != nil {
		return
	}
	reference := csv.NewReader(bytes.NewReader(content))
	reference.FieldsPerRecord = -1
	theirs, err := reference.ReadAll()
	if err != nil {
		t.Fatalf("read what encoding/csv refuses: %v", err)
	}
	theirs = slices.DeleteFunc(theirs, func(row []string) bool { return strings.Join(row, "") == "" })
	if !slices.EqualFunc(ours, theirs, slices.Equal) {
		t.Fatalf("%q\n%q", ours, theirs)
	}
}

func readAll(t table) (rows [][]string, err error) {
	for {
		l, err := t.next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		row := make([]string, len(l.cells))
		for i, c := range l.cells {
			row[i] = c.text
		}
		rows = append(rows, row)
	}
}

// FuzzXLSX feeds the sheet, the shared strings, the styles and the workbook as
// bytes inside a sound zip, and the first of them as the whole file too.
func FuzzXLSX(f *testing.F) {
	for _, test := range sheetTests {
		if len(test.sheet) < 4096 {
			f.Add([]byte("<worksheet>"+test.sheet+"</worksheet>"), "<sst><si><t>E001</t></si></sst>", plainStyles, oneSheet)
		}
	}
	f.Add(zipOf(f, workbookParts(sheetOf(sheetHead, []string{"E001", "=1"}))...), "", "", "")
	f.Fuzz(func(t *testing.T, sheet []byte, shared, styles, book string) {
		checkResult(t, parse(NewFile("run", sheet), Options{}))
		parts := withPart(workbookParts(""), "xl/worksheets/sheet1.xml", string(sheet))
		parts = withPart(withPart(withPart(parts, "xl/sharedStrings.xml", shared), "xl/styles.xml", styles), "xl/workbook.xml", book)
		file := NewFile("run.xlsx", packZip(t, zip.Store, parts))
		checkResult(t, parse(file, Options{Roster: testRoster()}))
		ParseEmployees(file, EmployeeOptions{})
	})
}

// TestNoTemporaryFile reads a sheet that a library would unpack to disk, with a
// temporary folder of its own that must stay empty.
func TestNoTemporaryFile(t *testing.T) {
	content := benchXLSX(t, 5_000)
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	if result := parse(NewFile("run.xlsx", content), Options{}); len(result.Slips) != 5_000 {
		t.Fatal(result.Findings)
	}
	if left, err := filepath.Glob(filepath.Join(folder, "*")); err != nil || len(left) > 0 {
		t.Errorf("%d temporary files, %v", len(left), err)
	}
	if _, err := os.Stat(folder); err != nil {
		t.Error(err)
	}
}
