package postgres

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/payseal/payseal/payroll"
)

func kiran(number, email string) payroll.Employee {
	return payroll.Employee{
		Number: payroll.EmployeeNumber(number), Name: "Kiran Ä", Email: payroll.Address(email),
		Phone: "+43 1 234", Language: "de-AT", Department: "Ops", Designation: "Lead", Country: "AT",
		Joined: payroll.Date{Year: 2019, Month: 2, Day: 28}, BankAccount: "•••• 1234",
	}
}

func putEmployees(t testing.TB, s *Store, employees ...payroll.Employee) payroll.RosterChange {
	t.Helper()
	change, err := s.PutEmployees(t.Context(), employees, "file", "maker", false)
	if err != nil {
		t.Fatal(err)
	}
	return change
}

func TestPutEmployees(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	seven, double, gone := kiran("7", "k7@acme.example"), kiran("007", "k007@acme.example"), kiran("9", "k9@acme.example")
	got := putEmployees(t, s, seven, double, gone)
	want := payroll.RosterChange{Added: []payroll.EmployeeNumber{"007", "7", "9"}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}

	seven.Email = "new@acme.example"
	seven.Left = payroll.Date{Year: 2026, Month: 10, Day: 31}
	double.Email = "K007@acme.example" // the same mailbox
	added := kiran("10", "k10@acme.example")
	got = putEmployees(t, s, added, seven, double)
	want = payroll.RosterChange{
		Added: []payroll.EmployeeNumber{"10"}, Changed: []payroll.EmployeeNumber{"007", "7"},
		AddressChanged: []payroll.EmployeeNumber{"7"}, Absent: []payroll.EmployeeNumber{"9"},
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}

	employees, err := s.Employees(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]payroll.Employee{double, added, seven, gone}, employees); diff != "" {
		t.Error(diff)
	}
	one, err := s.Employee(t.Context(), "007")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(double, one); diff != "" {
		t.Error(diff)
	}
	if _, err := s.Employee(t.Context(), "07"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("an employee nobody entered: %v", err)
	}
	if got := changedAddresses(t, s); !cmp.Equal(got, []string{"7"}) {
		t.Errorf("addresses marked as changed: %v", got)
	}
}

func changedAddresses(t *testing.T, s *Store) []string {
	t.Helper()
	var numbers []string
	err := s.pool.QueryRow(t.Context(), `select array_agg(number order by number) from employees where email_changed_at is not null`).Scan(&numbers)
	if err != nil {
		t.Fatal(err)
	}
	return numbers
}

func TestPutEmployeesAllOrNothing(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	good, bad := kiran("1", "k1@acme.example"), kiran("2", "not an address")
	if _, err := s.PutEmployees(t.Context(), []payroll.Employee{good, bad}, "file", "maker", false); err == nil {
		t.Error("an employee without an address was stored")
	} else if strings.Contains(err.Error(), "not an address") {
		t.Errorf("the error quotes the row: %v", err)
	}
	if _, err := s.PutEmployees(t.Context(), []payroll.Employee{good, good}, "file", "maker", false); err == nil {
		t.Error("one number twice was stored")
	}
	change, err := s.PutEmployees(t.Context(), []payroll.Employee{good}, "file", "maker", true)
	if err != nil || len(change.Added) != 1 {
		t.Errorf("dry run: %v, %v", change, err)
	}
	employees, err := s.Employees(t.Context())
	if err != nil || len(employees) != 0 {
		t.Errorf("%d employees are there, %v", len(employees), err)
	}
}

func TestImportIsAuditedByNumber(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k7@acme.example"))
	moved := kiran("7", "moved@acme.example")
	putEmployees(t, s, moved, kiran("8", "k8@acme.example"))
	last := auditEntries(t, s)[len(auditEntries(t, s))-1]
	want := map[string]string{"source": "file", "added": "1: 8", "changed": "1: 7", "address_changed": "1: 7", "address_kept": "0", "unchanged": "0", "absent": "0"}
	if diff := cmp.Diff(want, last.Detail); diff != "" {
		t.Error(diff)
	}
	for _, entry := range auditEntries(t, s) {
		if text := fmt.Sprint(entry); strings.Contains(text, "Kiran") || strings.Contains(text, "@") {
			t.Errorf("the audit log names a person: %s", entry.What)
		}
	}
}

func TestRosterTwins(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("1", "k1@acme.example"), kiran("2", "k2@acme.example"))
	twins, err := s.RosterTwins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []payroll.Twin{
		{Kind: payroll.TwinNeighborNumber, First: "1", Second: "2"},
		{Kind: payroll.TwinSameName, First: "1", Second: "2"},
	}
	if diff := cmp.Diff(want, twins); diff != "" {
		t.Error(diff)
	}
}

func BenchmarkPutEmployees(b *testing.B) {
	s := newStore(b)
	employees := make([]payroll.Employee, 100_000)
	for i := range employees {
		employees[i] = kiran(fmt.Sprintf("%06d", i), fmt.Sprintf("k%d@acme.example", i))
	}
	for i := 0; b.Loop(); i++ {
		for j := range employees {
			employees[j].Department = fmt.Sprint("D", i)
		}
		putEmployees(b, s, employees...)
	}
	b.ReportMetric(float64(b.N)*1e5/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkCurrentCertificates(b *testing.B) {
	s := newStore(b)
	_, err := s.pool.Exec(b.Context(), `insert into employees (number, name, email)
		select n::text, 'x', 'x@acme.example' from generate_series(1, 100000) n`)
	if err != nil {
		b.Fatal(err)
	}
	_, err = s.pool.Exec(b.Context(), `insert into certificates (employee, fingerprint, content, step, standing, current_since)
		select n::text, upper(md5(n::text) || '00000000'), convert_to(repeat(md5(n::text), 68), 'UTF8'), 'certified', 'current', now()
		from generate_series(1, 100000) n`)
	if err != nil {
		b.Fatal(err)
	}
	numbers := make([]payroll.EmployeeNumber, 100_000)
	for i := range numbers {
		numbers[i] = payroll.EmployeeNumber(fmt.Sprint(i + 1))
	}
	for b.Loop() {
		certificates, err := s.CurrentCertificates(b.Context(), numbers)
		if err != nil || len(certificates) != len(numbers) {
			b.Fatal(len(certificates), err)
		}
	}
}

func TestNoTwoEmployeesShareAnAddress(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	put := func(number payroll.EmployeeNumber, email payroll.Address) error {
		_, err := s.PutEmployees(t.Context(), []payroll.Employee{{Number: number, Name: "A", Email: email}}, "test", "maker", false)
		return err
	}
	if err := put("1", "ada@acme.example"); err != nil {
		t.Fatal(err)
	}
	if err := put("2", "ADA@acme.example"); !errors.Is(err, payroll.ErrInvalid) || strings.Contains(err.Error(), "ADA") {
		t.Errorf("another's address was stored: %v", err)
	}
	if err := put("2", "eve@acme.example"); err != nil {
		t.Error(err)
	}
	if err := put("2", "ada@acme.example"); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("an address changed to another's: %v", err)
	}
}
