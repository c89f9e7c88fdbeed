package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func lookAt(t *testing.T, content string, o Options) Looked {
	t.Helper()
	looked, err := Look(NewFile("run.csv", []byte(content)), o, 4, nil)
	if err != nil {
		t.Fatal(err)
	}
	return looked
}

// rowsOf writes rows as lines: part, row, and of each cell what is raw and what
// is understood.
func rowsOf(rows []Row) []string {
	var lines []string
	for _, row := range rows {
		line := fmt.Sprintf("%s %d", row.Part, row.Row)
		for _, c := range row.Cells {
			line += " | " + c.Raw + " > " + c.Understood
			if c.Wrong {
				line += " !"
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func TestLook(t *testing.T) {
	t.Parallel()
	looked := lookAt(t, "ACME November;;;\n\nNr;Auszahlung;Grund;x\nE001;1.234,50;1.234,50;a\nE999;abc;10,00;b\nE002;10,00;10,00;c\nE002;10,00;10,00;d\nTotal;1.254,50;1.264,50;\n", Options{
		Roster: testRoster(), Currency: "EUR", Reading: Reading{HeaderRow: 3, Separator: "semicolon"},
		Mapping: Mapping{Columns: map[string]string{"employee_id": "Nr", "net": "Auszahlung", "earning:Basic": "Grund"}},
	})
	want := []string{
		"above 1 | ACME November >  |  >  |  >  |  > ",
		"header 3 | Nr >  | Auszahlung >  | Grund >  | x > ",
		"slip 4 | E001 > E001 · Alice Example | 1.234,50 > 1234.50 | 1.234,50 > 1234.50 | a > ",
		"slip 5 | E999 > E999 ! | abc >  ! | 10,00 > 10.00 | b > ",
	}
	if diff := cmp.Diff(want, rowsOf(looked.First)); diff != "" {
		t.Errorf("first rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"slip 7 | E002 > E002 · Bob Exámple ! | 10,00 > 10.00 | 10,00 > 10.00 | d > "}, rowsOf(looked.Bad)); diff != "" {
		t.Errorf("bad rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(Reading{Encoding: "utf-8", Separator: "semicolon", Decimal: DecimalComma, HeaderRow: 3}, looked.Reading); diff != "" {
		t.Errorf("reading (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Header{{"Nr", "employee_id"}, {"Auszahlung", "net"}, {"Grund", "earning:Basic"}, {"x", ""}}, looked.Headers); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if looked.Count != 4 || looked.Verdict() != payroll.VerdictRefuse {
		t.Errorf("%d slips, %s", looked.Count, looked.Verdict())
	}
}

// TestLookIsScan: watching changes nothing of what is found.
func TestLookIsScan(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"employee_id,net\nE001,1\nE002,2\nTotal,3\n", "employee_id,net\nE001,1\nTotal,3\n", "a,b\n1,2\n", "", "employee_id,net\nE001,1,2\nE999,x\n",
		"employee_id;net\nE001;1,000\n", "employee_id,net;x\nE001,1\n", "\xff\xfee\x00m\x00", "employee_id,net\nE001,-5\n",
	} {
		o := Options{Roster: testRoster(), ForImport: true}
		scanned, err := Scan(NewFile("run.csv", []byte(content)), o, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(scanned, lookAt(t, content, o).Result); diff != "" {
			t.Errorf("%q (-scan +look):\n%s", content, diff)
		}
	}
}

func TestChecksums(t *testing.T) {
	t.Parallel()
	looked := lookAt(t, "employee_id,net,gross,currency\nE001,10.00,1.00,EUR\nE002,20.00,2.00,EUR\nTotal,30.00,4.00,\n", Options{Roster: testRoster()})
	want := []Checksum{
		{Header: "net", Stated: "30.00", Sum: "30.00", Difference: "0.00", Agrees: true},
		{Header: "gross", Stated: "4.00", Sum: "3.00", Difference: "1.00"},
	}
	if diff := cmp.Diff(want, looked.Checksums); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLookWithoutColumns: where the columns are not known, the rows are there to
// be looked at.
func TestLookWithoutColumns(t *testing.T) {
	t.Parallel()
	looked := lookAt(t, "Nr,Auszahlung\nE001,1\nE002,2\nE003,3\nE004,4\n", Options{})
	if diff := cmp.Diff([]string{"header 1 | Nr >  | Auszahlung > ", "unread 2 | E001 >  | 1 > ", "unread 3 | E002 >  | 2 > ", "unread 4 | E003 >  | 3 > "}, rowsOf(looked.First)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, row := range []int{2, 5, 100} {
		looked = lookAt(t, "employee_id,net\n", Options{Reading: Reading{HeaderRow: row}})
		if codes := codes(looked.Findings); len(codes) == 0 || !strings.Contains(codes[0], "no_header_row") {
			t.Errorf("a header row beyond the end: %v", codes)
		}
	}
	for _, row := range []int{-1, 101} {
		if err := (Reading{HeaderRow: row}).Check(); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("header row %d: %v", row, err)
		}
	}
}

func TestWriteBadRows(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	content := "employee_id,net,info:x\nE001,1.00,=1+1\nE999,abc,=cmd|' /C calc'!A0\nE002,2.00\n=E7,3.00,+1\n"
	n, err := WriteBadRows(&out, NewFile("run.csv", []byte(content)), Options{Roster: testRoster(), Currency: "EUR"})
	if err != nil || n != 3 {
		t.Fatalf("%d rows, %v", n, err)
	}
	records, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, record := range records {
		for _, cell := range record {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("a formula: %q", cell)
			}
		}
		got = append(got, strings.Join(record[:4], "|"))
	}
	want := []string{"row|employee_id|net|info:x", "3|E999|abc|'=cmd|' /C calc'!A0", "4|E002|2.00|", "5|'=E7|3.00|'+1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(records[1][4], "net: ") || !strings.Contains(records[1][4], " / ") {
		t.Errorf("what is wrong: %q", records[1][4])
	}
	if _, err := WriteBadRows(brokenWriter{}, NewFile("run.csv", []byte(strings.Repeat(content, 1000))), Options{}); err == nil {
		t.Error("nobody says that the file could not be written")
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// TestNoteOfABadRow: a note is shown on one line, and written as it was, so that
// the row that is mended has it still.
func TestNoteOfABadRow(t *testing.T) {
	t.Parallel()
	content := "employee_id,net,note\nE001,abc,\"One.\r\n=Two.\"\n"
	if looked := lookAt(t, content, Options{Roster: testRoster()}); looked.First[1].Cells[2].Raw != "One. ↵ =Two." {
		t.Errorf("shown as %q", looked.First[1].Cells[2].Raw)
	}
	var out bytes.Buffer
	if _, err := WriteBadRows(&out, NewFile("run.csv", []byte(content)), Options{Roster: testRoster()}); err != nil {
		t.Fatal(err)
	}
	mended := strings.Replace(out.String(), "abc", "1.00", 1)
	result := parse(NewFile("run.csv", []byte(mended)), Options{Roster: testRoster(), Currency: "EUR"})
	if len(result.Slips) != 1 || result.Slips[0].Note != "One.\n=Two." {
		t.Errorf("%v\n%s", result.Findings, mended)
	}
}

// TestBadRowsAreNotLimited: of what is only counted on the page, every row is in
// the file.
func TestBadRowsAreNotLimited(t *testing.T) {
	t.Parallel()
	content := "employee_id,net\n" + strings.Repeat("E999,x\n", 5000)
	n, err := WriteBadRows(io.Discard, NewFile("run.csv", []byte(content)), Options{Roster: testRoster()})
	if err != nil || n != 5000 {
		t.Errorf("%d rows, %v", n, err)
	}
	if looked := lookAt(t, content, Options{Roster: testRoster()}); len(looked.Bad) != maxPerCode-2 { // two more are among the first
		t.Errorf("%d rows are kept", len(looked.Bad))
	}
}

// TestRowsWithFindingsAreKept: whatever is listed about a row, the row is there.
func TestRowsWithFindingsAreKept(t *testing.T) {
	t.Parallel()
	roster := NewRoster([]payroll.Employee{{Number: "E001", Name: "A", Email: "a@acme.example"}, {Number: "E002", Name: "B", Email: "b@acme.example", Left: payroll.Date{Year: 2025, Month: 1, Day: 31}}})
	content := strings.Repeat("ACME,,\n", 9) + "employee_id,net,unused\n" + strings.Repeat("E001,1,\n", 5) + "E002,2,\nE003,x,\n"
	looked := lookAt(t, content, Options{Roster: roster, Period: payroll.Period{Year: 2026, Month: 10}, Reading: Reading{HeaderRow: 10}})
	if diff := cmp.Diff([]string{"header 10", "slip 16"}, placesOf(looked.Noted)); diff != "" {
		t.Errorf("noted (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"slip 12", "slip 13", "slip 14", "slip 15", "slip 17"}, placesOf(looked.Bad)); diff != "" {
		t.Errorf("bad (-want +got):\n%s", diff)
	}
}

func placesOf(rows []Row) []string {
	var places []string
	for _, row := range rows {
		places = append(places, fmt.Sprintf("%s %d", row.Part, row.Row))
	}
	return places
}
