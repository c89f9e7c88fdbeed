package postgres

import (
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestARosterFileEmptiesOnlyItsColumns: who is in the roster keeps what stands in
// columns that the file lacks; a dry run says so, too.
func TestARosterFileEmptiesOnlyItsColumns(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	put := func(e payroll.Employee, dry bool, lacks ...string) payroll.RosterChange {
		t.Helper()
		change, err := s.PutEmployees(t.Context(), []payroll.Employee{e}, "file", "maker", dry, lacks...)
		if err != nil {
			t.Fatal(err)
		}
		return change
	}
	full := payroll.Employee{Number: "9001", Name: "Kiran", Email: "kiran9001@acme.example", Department: "IT", BankAccount: "•••• 5678"}
	put(full, false)
	short := payroll.Employee{Number: "9001", Name: "Kiran", Email: "kiran9001@acme.example"}
	if change := put(short, true, "department", "bank_account"); change.Unchanged != 1 {
		t.Errorf("a file without the columns changes %+v", change)
	}
	if change := put(short, false, "bank_account"); len(change.Changed) != 1 {
		t.Errorf("an empty department changes %+v", change)
	}
	if e, err := s.Employee(t.Context(), "9001"); err != nil || e.Department != "" || e.BankAccount != full.BankAccount {
		t.Errorf("%+v, %v", e, err)
	}
}
