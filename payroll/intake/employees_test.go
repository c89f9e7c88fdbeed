package intake

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

const employeeHead = "employee_id,name,email,phone,language,department,designation,joined,left,country,bank_account,paper,paper_reason\n"

func TestParseEmployees(t *testing.T) {
	t.Parallel()
	const row = "0007,Alice Example,alice@Acme.Example,+44 20 7946 0000,EN-gb,Sales,Clerk,2020-01-15,,gb,GB29 NWBK 6016 1331 9268 19,no,\n"
	result := ParseEmployees(NewFile("employees.csv", []byte(employeeHead+row+
		"7,,,,,,,,,,,,\n")), EmployeeOptions{})
	if diff := cmp.Diff([]string{"error:missing_name@3:name", "error:missing_address@3:email", "warning:similar_numbers@3:employee_id"}, codes(result.Findings)); diff != "" || result.Employees != nil {
		t.Error(diff)
	}
	result = ParseEmployees(NewFile("employees.csv", []byte(employeeHead+row)), EmployeeOptions{})
	want := []payroll.Employee{{Number: "0007", Name: "Alice Example", Email: "alice@acme.example", Phone: "+44 20 7946 0000", Language: "en-GB",
		Department: "Sales", Designation: "Clerk", Joined: payroll.Date{Year: 2020, Month: 1, Day: 15}, Country: "GB", BankAccount: "•••• 6819"}}
	if diff := cmp.Diff(want, result.Employees); diff != "" {
		t.Error(diff, result.Findings)
	}
	rows := EmployeesFromRows(strings.Split(strings.TrimSpace(employeeHead), ","), [][]string{strings.Split(strings.TrimSpace(row), ",")})
	if diff := cmp.Diff(want, rows.Employees); diff != "" {
		t.Error(diff, rows.Findings)
	}
}

func TestParseEmployeesFindings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file string
		want       []string
	}{
		{"number instead of employee_id", "Number,Name,Email\nE1,A B,a@x.example\n", nil},
		{"join_date and leave_date", "number,name,email,Join_Date,leave_date\nE1,A B,a@x.example,2020-01-02,2020-01-01\n", []string{"error:left_before_joined@2:leave_date"}},
		{"joined and join_date", "number,name,email,joined,join_date\nE1,A B,a@x.example,,\n", []string{"error:doubled_header@1:join_date"}},
		{"A-labels", "number,name,email\nE1,A B,a@xn--mnchen-3ya.example\nE2,C D,c@xn--e1afmkfd.xn--p1ai\nE3,E F,e@XN--FIQS8S.example\nE4,G H,g@mail.xn--mgbh0fb.example\n", nil},
		{"bad A-labels", "number,name,email\nE1,A B,a@xn--a.example\nE2,C D,c@xn--99999999999.example\nE3,E F,e@sub.XN--ACME.example\n",
			[]string{"error:bad_address@2:email", "error:bad_address@3:email", "error:bad_address@4:email"}},
		{"both", "number,employee_id,name,email\nE1,E1,A B,a@x.example\n", []string{"error:doubled_header@1:employee_id"}},
		{"missing columns", "employee_id,phone\nE1,1\n", []string{"error:missing_header@1:name", "error:missing_header@1:email"}},
		{"no rows", employeeHead, []string{"error:no_employees@0:"}},
		{"doubled number", "number,name,email\nE1,A B,a@x.example\nE1,C D,c@x.example\n", []string{"error:duplicate_employee@3:number"}},
		{"shared address", "number,name,email\nE1,A B,a@x.example\nE2,C D,A@X.example\n", []string{"error:shared_address@3:email"}},
		{"bad address", "number,name,email\nE1,A B,a b@x.example\n", []string{"error:bad_address@2:email"}},
		{"address with a name", "number,name,email\nE1,A B,A B <a@x.example>\n", []string{"error:bad_address@2:email"}},
		{"raw internationalised domain", "number,name,email\nE1,A B,a@bücher.example\n", []string{"error:bad_address@2:email"}},
		{"override in a name", "number,name,email\nE1,A \u202eB,a@x.example\n", []string{"error:bad_name@2:name"}},
		{"bad phone", "number,name,email,phone\nE1,A B,a@x.example,call me\n", []string{"error:bad_phone@2:phone"}},
		{"Chinese languages", "number,name,email,language\nE1,A B,a@x.example,zh-TW\nE2,C D,c@x.example,zh_hant_hk\nE3,E F,e@x.example,zh\n", nil},
		{"bad language", "number,name,email,language\nE1,A B,a@x.example,english!\n", []string{"error:bad_language@2:language"}},
		{"bad country", "number,name,email,country\nE1,A B,a@x.example,Germany\nE2,C D,c@x.example,QQ\n", []string{"error:bad_country@2:country", "error:bad_country@3:country"}},
		{"bad dates", "number,name,email,joined,left\nE1,A B,a@x.example,15.01.2020,\nE2,C D,c@x.example,2020-02-30,\nE3,E F,e@x.example,2020-01-02,2020-01-01\n",
			[]string{"error:bad_date@2:joined", "error:bad_date@3:joined", "error:left_before_joined@4:left"}},
		{"paper without reason", "number,name,email,paper,paper_reason\nE1,A B,a@x.example,Yes,\n", []string{"error:paper_without_reason@2:paper"}},
		{"paper with reason", "number,name,email,paper,paper_reason\nE1,A B,a@x.example,Yes,asked for it\n", nil},
		{"reason without paper", "number,name,email,paper,paper_reason\nE1,A B,a@x.example,no,asked for it\n", []string{"warning:reason_without_paper@2:paper"}},
		{"bad paper", "number,name,email,paper,paper_reason\nE1,A B,a@x.example,maybe,\n", []string{"error:bad_paper@2:paper"}},
		{"control in a department", "number,name,email,department\nE1,A B,a@x.example,a\x01b\n", []string{"error:control_character@2:department"}},
		{"ragged", "number,name,email\nE1,A B\n", []string{"error:ragged_row@2:"}},
	} {
		result := ParseEmployees(NewFile("employees.csv", []byte(test.file)), EmployeeOptions{})
		checkFindings(t, result.Findings)
		if diff := cmp.Diff(append([]string{}, test.want...), codes(result.Findings)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// TestParseEmployeesUnused looks at what is said about a column that the roster
// does not have, and that its dates come under either name.
func TestParseEmployeesUnused(t *testing.T) {
	t.Parallel()
	result := ParseEmployees(NewFile("employees.csv", []byte("number,name,email,join_date,leave_date,Car\nE1,A B,a@x.example,2020-01-15,2026-11-30,x\n")), EmployeeOptions{})
	if len(result.Findings) != 1 || result.Findings[0].Code != "unmapped_column" || result.Findings[0].Column != "Car" {
		t.Fatal(result.Findings)
	}
	if message := result.Findings[0].Message; strings.Contains(message, "slip") || !strings.Contains(message, "roster") {
		t.Error(message)
	}
	e := result.Employees[0]
	if e.Joined != (payroll.Date{Year: 2020, Month: 1, Day: 15}) || e.Left != (payroll.Date{Year: 2026, Month: 11, Day: 30}) {
		t.Error(e.Joined, e.Left)
	}
}

// TestParseEmployeesWorkbook reads what only a workbook has: dates, booleans, and
// numbers for what should be text.
func TestParseEmployeesWorkbook(t *testing.T) {
	t.Parallel()
	sheet := sheetOf([]string{"employee_id", "name", "email", "joined", "paper", "paper_reason", "bank_account", "phone"},
		[]string{`<c s="2"><v>7</v></c>`, "A B", "a@x.example", `<c s="1"><v>43845</v></c>`, `<c t="b"><v>1</v></c>`, "asked for it", "=123456789012", "=442079460000"})
	result := ParseEmployees(NewFile("employees.xlsx", zipOf(t, workbookParts(sheet)...)), EmployeeOptions{})
	want := []payroll.Employee{{Number: "0007", Name: "A B", Email: "a@x.example", Phone: "442079460000", Joined: payroll.Date{Year: 2020, Month: 1, Day: 15},
		OnPaper: true, PaperReason: "asked for it", BankAccount: "•••• 9012"}}
	if diff := cmp.Diff(want, result.Employees); diff != "" {
		t.Error(diff, result.Findings)
	}
	lost := sheetOf([]string{"employee_id", "name", "email", "bank_account"}, []string{"E1", "A B", "a@x.example", "=1.2345678901234568E+18"})
	result = ParseEmployees(NewFile("employees.xlsx", zipOf(t, workbookParts(lost)...)), EmployeeOptions{})
	if diff := cmp.Diff([]string{"error:account_as_number@2:bank_account"}, codes(result.Findings)); diff != "" {
		t.Error(diff)
	}
}
