package payroll_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// TestKeeping: a file of names and addresses leaves all else as it stands.
func TestKeeping(t *testing.T) {
	t.Parallel()
	old := payroll.Employee{Number: "7", Name: "Kiran", Email: "kiran@acme.example", Phone: "1", Language: "en", Department: "IT", Designation: "Engineer",
		Joined: payroll.Date{Year: 2019, Month: 3, Day: 1}, Left: payroll.Date{Year: 2026, Month: 9, Day: 30}, Country: "IE", BankAccount: "•••• 5678", OnPaper: true, PaperReason: "asked"}
	file := payroll.Employee{Number: "7", Name: "Kiran Rao", Email: "rao@acme.example"}
	want := old
	want.Name, want.Email = file.Name, file.Email
	lacks := []string{"phone", "language", "department", "designation", "joined", "left", "country", "bank_account", "paper", "paper_reason"}
	if diff := cmp.Diff(want, file.Keeping(old, lacks)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(file, file.Keeping(old, nil)); diff != "" {
		t.Errorf("columns that are there and empty empty nothing:\n%s", diff)
	}
}
