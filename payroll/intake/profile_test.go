package intake

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// profiled is a roster with somebody under German law and somebody under none.
func profiled() *Roster {
	joined := payroll.Date{Year: 2020, Month: 1, Day: 1}
	return NewRoster([]payroll.Employee{
		{Number: "E001", Name: "Alice Example", Email: "alice@acme.example", Country: "DE", Joined: joined},
		{Number: "E002", Name: "Bob Example", Email: "bob@acme.example", Country: "FR", Joined: joined},
		{Number: "E003", Name: "Eve Example", Email: "eve@acme.example", Joined: joined},
	})
}

// TestFields reads a profile's fields of every kind, rates and bases.
func TestFields(t *testing.T) {
	t.Parallel()
	result := parse(NewFile("run.csv", []byte("employee_id,gross,net,earning:Overtime,earning:Salary,hours:Overtime,rate:Overtime,"+
		"deduction:Pension,rate:deduction:Pension,base:deduction:Pension,Field:Tax_Class,field:birth_date,field:tax_days,field:statutory_net,field:shoe_size,field:siret\n"+
		"E003,3100.00,2900.00,100.00,3000.00,4.5,22.2222,200.00,7.3,3100.00,I,1979-07-07,29.5,2950.00,44,123\n")),
		Options{Roster: profiled(), Period: payroll.Period{Year: 2026, Month: 10}, Currency: "EUR"})
	if got := codes(result.Findings); len(got) != 0 || len(result.Slips) != 1 {
		t.Fatal(result.Findings)
	}
	for _, unused := range []string{"field:shoe_size", "field:siret"} { // unknown, and the letterhead's
		if !slices.ContainsFunc(result.Findings, func(f payroll.Finding) bool { return f.Code == "unmapped_column" && f.Column == unused }) {
			t.Errorf("%s is passed over in silence", unused)
		}
	}
	eur := func(minor int64) *payroll.Money { return &payroll.Money{Minor: minor, Currency: "EUR"} }
	slip := result.Slips[0]
	if diff := cmp.Diff([]payroll.FieldValue{{ID: "tax_class", Text: "I"}, {ID: "birth_date", Text: "1979-07-07"},
		{ID: "tax_days", Text: "29.5"}, {ID: "statutory_net", Money: eur(295000)}}, slip.Fields); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]payroll.Line{
		{Kind: payroll.LineEarning, Label: "Overtime", Amount: *eur(10000), Quantity: "4.50", Rate: "22.2222"},
		{Kind: payroll.LineEarning, Label: "Salary", Amount: *eur(300000)},
		{Kind: payroll.LineDeduction, Label: "Pension", Amount: *eur(20000), Rate: "7.30", Base: eur(310000)},
	}, slip.Lines); diff != "" {
		t.Error(diff)
	}
}

// TestInformation reads what takes no part in gross, deductions or net.
func TestInformation(t *testing.T) {
	t.Parallel()
	result := parse(NewFile("run.csv", []byte("employee_id,gross,net,deduction:Tax,tax:Taxable pay,TAX:Tax,rate:tax:Tax,base:tax:Tax,ytd:tax:Tax,leave:Holiday,leave:Sick,info:Team,note\n"+
		"E003,3000.00,2600.00,400.00,2000.00,400.00,20,2000.00,4000.00,12.50,,West,\"First.\r\n\r\nSecond, and \"\"last\"\".\"\n")),
		Options{Roster: profiled(), Period: payroll.Period{Year: 2026, Month: 10}, Currency: "EUR"})
	if len(codes(result.Findings)) != 0 || len(result.Slips) != 1 {
		t.Fatal(result.Findings)
	}
	eur := func(minor int64) *payroll.Money { return &payroll.Money{Minor: minor, Currency: "EUR"} }
	got := result.Slips[0]
	want := payroll.Slip{Employee: got.Employee, Period: got.Period, Currency: "EUR", Gross: eur(300000), Net: *eur(260000), Lines: []payroll.Line{
		{Kind: payroll.LineDeduction, Label: "Tax", Amount: *eur(40000)},
		{Kind: payroll.LineTax, Label: "Taxable pay", Amount: *eur(200000)},
		{Kind: payroll.LineTax, Label: "Tax", Amount: *eur(40000), Rate: "20.00", Base: eur(200000), YearToDate: eur(400000)},
	}, Leave: []payroll.Fact{{Label: "Holiday", Value: "12.5"}}, Info: []payroll.Fact{{Label: "Team", Value: "West"}}, Note: "First.\nSecond, and \"last\"."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestProfileFindings says what the law of an employee's country misses, and
// refuses values that are none.
func TestProfileFindings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file string
		want       []string
	}{
		{"lacking", "employee_id,gross,net,deduction:Tax\nE001,3000.00,2000.00,1000.00\nE003,3000.00,2000.00,1000.00\n",
			[]string{"warning:missing_required@2:"}},
		{"forbidden", "employee_id,gross,net,earning:Salaire,deduction:Absence grève,hours:Travail,field:classification,field:net_before_tax,field:net_social,field:employer_cost\n" +
			"E002,3000.00,2000.00,3000.00,1000.00,151.67,Cadre,2200.00,2200.00,4000.00\n", []string{"warning:missing_required@2:", "warning:forbidden_label@2:"}},
		{"forbidden note", "employee_id,gross,net,deduction:Tax,hours:Travail,note,field:classification,field:net_before_tax,field:net_social,field:employer_cost\n" +
			"E002,3000.00,2000.00,1000.00,151.67,Retenue pour grève,Cadre,2200.00,2200.00,4000.00\n", []string{"warning:missing_required@2:", "warning:forbidden_note@2:"}},
		{"no date", "employee_id,net,field:birth_date\nE003,2000.00,7 July\n", []string{"error:bad_date@2:field:birth_date"}},
		{"no number", "employee_id,net,field:tax_days\nE003,2000.00,many\n", []string{"error:bad_number@2:field:tax_days"}},
		{"rate of nothing", "employee_id,net,rate:Overtime\nE003,2000.00,12\n", []string{"error:rate_without_column@1:rate:Overtime"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			result := parse(NewFile("run.csv", []byte(test.file)), Options{Roster: profiled(), Period: payroll.Period{Year: 2026, Month: 10}, Currency: "EUR"})
			checkFindings(t, result.Findings)
			if diff := cmp.Diff(test.want, codes(result.Findings)); diff != "" {
				t.Errorf("%s\n%v", diff, result.Findings)
			}
		})
	}
}

// TestEmployeesLacks names the columns that a file of employees does not have.
func TestEmployeesLacks(t *testing.T) {
	t.Parallel()
	result := ParseEmployees(NewFile("people.csv", []byte("number,name,email,join_date,phone,language,left,country,paper\nE001,Alice Example,alice@acme.example,2020-01-01,,,,US-CA,\n")), EmployeeOptions{})
	if diff := cmp.Diff([]string{"department", "designation", "bank_account", "paper_reason"}, result.Lacks); diff != "" || result.Employees[0].Country != "US-CA" {
		t.Error(diff, result.Findings)
	}
}
