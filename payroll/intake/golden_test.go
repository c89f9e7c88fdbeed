package intake

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestFindingsGolden fixes the words of every finding of the tables: codes are
// stable for programs, sentences are reviewed by people.
func TestFindingsGolden(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	show := func(name string, file File) {
		result := parse(file, Options{Roster: testRoster()})
		fmt.Fprintf(&b, "# %s: %s\n", name, result.Verdict())
		for _, f := range result.Findings {
			fmt.Fprintf(&b, "%s %s row %d %q: %s\n", f.Severity, f.Code, f.Row, f.Column, f.Message)
		}
	}
	for _, test := range runTests {
		show(test.name, NewFile("run", []byte(test.file)))
	}
	for _, test := range sheetTests {
		show("sheet, "+test.name, NewFile("run.xlsx", zipOf(t, workbookParts(test.sheet)...)))
	}
	golden := filepath.Join("testdata", "findings.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestDemo reads the demo company and its run, as the demo does.
func TestDemo(t *testing.T) {
	t.Parallel()
	open := func(name string) File {
		content, err := os.ReadFile(filepath.Join("..", "..", "internal", "demo", name))
		if err != nil {
			t.Fatal(err)
		}
		return NewFile(name, content)
	}
	company := ParseEmployees(open("company.csv"), EmployeeOptions{})
	if company.Verdict() != payroll.VerdictAccept || len(company.Employees) != 25 {
		t.Fatal(company.Findings)
	}
	run := parse(open("run-2026-10.csv"), Options{Roster: NewRoster(company.Employees), ForImport: true, PayDate: payroll.Date{Year: 2026, Month: 10, Day: 30}})
	if len(run.Findings) != 0 || len(run.Slips) != 25 || run.Slips[0].Employee.Number != "0007" {
		t.Error(run.Findings)
	}
	for _, s := range run.Slips {
		if s.Gross.Minor-s.Deductions.Minor != s.Net.Minor || len(s.LinesOf(payroll.LineDeduction)) < 3 {
			t.Errorf("slip of %s", s.Employee.Number)
		}
	}
}
