package payroll

import (
	"strings"
	"testing"
	"time"
)

// TestNoCellIsAFormula: whatever a name begins with.
func TestNoCellIsAFormula(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 10, 30, 9, 0, 0, 0, time.FixedZone("", 3600))
	for _, name := range []string{`=HYPERLINK("http://x")`, "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x"} {
		row := SlipLine{ID: "id", Employee: EmployeeNumber(name), Name: name, State: SlipAccepted, Code: 250, FinishedAt: &at}.ReportRow("acme.example")
		if len(row) != len(ReportHeader) || row[0] != "'"+name || row[1] != "'"+name {
			t.Errorf("%q", row)
		}
		if row[8] != "2026-10-30T08:00:00Z" || row[10] != "id@acme.example" {
			t.Errorf("%q", row)
		}
	}
	for _, plain := range []string{"", "Kiran A", "O'Neil", "7-1", "a=b", "Ａ"} {
		if Unformulated(plain) != plain {
			t.Errorf("%q is changed", plain)
		}
	}
}

// FuzzUnformulated: nothing but the one apostrophe is ever added.
func FuzzUnformulated(f *testing.F) {
	f.Add("=1")
	f.Add("x")
	f.Fuzz(func(t *testing.T, cell string) {
		safe := Unformulated(cell)
		if strings.TrimPrefix(safe, "'") != strings.TrimPrefix(cell, "'") && safe != cell {
			t.Errorf("%q becomes %q", cell, safe)
		}
		if safe != "" && strings.ContainsRune("=+-@\t\r\n", rune(safe[0])) {
			t.Errorf("%q is a formula", safe)
		}
	})
}
