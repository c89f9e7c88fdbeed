package demo

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

func everything(string) bool { return true }

func TestWithoutFontsEverybodyHasALatinName(t *testing.T) {
	t.Parallel()
	latin := func(name string) bool { return !strings.ContainsFunc(name, func(r rune) bool { return r > 0x250 }) }
	staff, pay, err := Files(25, latin)
	if err != nil {
		t.Fatal(err)
	}
	if !latin(string(staff)) || !latin(string(pay)) {
		t.Error("a name is left that cannot be drawn")
	}
	roster := intake.ParseEmployees(intake.NewFile("company.csv", staff), intake.EmployeeOptions{})
	result, err := intake.Scan(intake.NewFile("run.csv", pay), intake.Options{Roster: intake.NewRoster(roster.Employees)}, nil)
	if err != nil || result.Verdict() != payroll.VerdictAccept {
		t.Errorf("%v, %v", result.Findings, err)
	}
}

func TestFilesOfAnySizeAreAccepted(t *testing.T) {
	t.Parallel()
	for _, n := range []int{4, 25, 26, 3000} {
		staff, pay, err := Files(n, everything)
		if err != nil {
			t.Fatal(err)
		}
		roster := intake.ParseEmployees(intake.NewFile("company.csv", staff), intake.EmployeeOptions{})
		if roster.Verdict() != payroll.VerdictAccept || len(roster.Employees) != n {
			t.Errorf("%d employees: %s, %v", n, roster.Verdict(), roster.Findings)
		}
		result, err := intake.Scan(intake.NewFile("run.csv", pay), intake.Options{Roster: intake.NewRoster(roster.Employees), ForImport: true,
			Period: payroll.Period{Year: 2026, Month: time.October}}, nil)
		if err != nil || result.Verdict() != payroll.VerdictAccept || result.Count != n {
			t.Errorf("%d slips: %s, %v, %v", n, result.Verdict(), result.Findings, err)
		}
	}
	if _, _, err := Files(3, everything); err == nil {
		t.Error("a company of 3 has no room for the three who cannot be sealed to")
	}
}

func TestTheCompanyHasOnePairOfTwins(t *testing.T) {
	t.Parallel()
	staff, _, err := Files(20000, everything)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(staff)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var candidates []payroll.Candidate
	for _, row := range rows[1:] {
		candidates = append(candidates, payroll.Candidate{Number: payroll.EmployeeNumber(row[0]), Name: row[1], Email: payroll.Address(row[2])})
	}
	twins := payroll.Twins(candidates)
	if len(twins) != 1 || twins[0].First != "0007" || twins[0].Second != "0008" {
		t.Errorf("twins: %v", twins)
	}
}
