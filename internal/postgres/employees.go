package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// employeeColumns are the columns of an employee in the order of employeeRow.
const employeeColumns = `number, name, email, phone, language, department, designation,
	joined_on, left_on, country, bank_account, on_paper, paper_reason`

// Employee reads one person by exact number.
func (s *Store) Employee(ctx context.Context, number payroll.EmployeeNumber) (payroll.Employee, error) {
	rows, err := s.pool.Query(ctx, `select `+employeeColumns+` from employees where number = $1`, number)
	if err != nil {
		return payroll.Employee{}, wrap("read employee", err)
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEmployee)
	return e, wrap(fmt.Sprintf("employee number %q", string(number)), err)
}

// Employees reads the whole roster, by number.
func (s *Store) Employees(ctx context.Context) ([]payroll.Employee, error) {
	rows, err := s.pool.Query(ctx, `select `+employeeColumns+` from employees order by number`)
	if err != nil {
		return nil, wrap("read employees", err)
	}
	employees, err := pgx.CollectRows(rows, scanEmployee)
	return employees, wrap("read employees", err)
}

// RosterTwins lists the pairs in the whole roster who are easily taken for each
// other, with the certificates that are current.
func (s *Store) RosterTwins(ctx context.Context) ([]payroll.Twin, error) {
	rows, err := s.pool.Query(ctx, `select e.number, e.name, e.email, coalesce(c.fingerprint, ''), coalesce(c.addresses, '{}')
		from employees e left join certificates c on c.employee = e.number and c.standing = 'current'
		order by e.number`)
	if err != nil {
		return nil, wrap("read employees", err)
	}
	candidates, err := pgx.CollectRows(rows, pgx.RowToStructByPos[payroll.Candidate])
	return payroll.Twins(candidates), wrap("read employees", err)
}

func scanEmployee(row pgx.CollectableRow) (payroll.Employee, error) {
	var e payroll.Employee
	var joined, left *time.Time
	err := row.Scan(&e.Number, &e.Name, &e.Email, &e.Phone, &e.Language, &e.Department, &e.Designation,
		&joined, &left, &e.Country, &e.BankAccount, &e.OnPaper, &e.PaperReason)
	e.Joined, e.Left = dateOf(joined), dateOf(left)
	return e, err
}

// dateOf is the day of a date column; the zero date for null.
func dateOf(t *time.Time) payroll.Date {
	if t == nil {
		return payroll.Date{}
	}
	return payroll.DateOf(*t)
}

// dateValue is what a date column takes; null for the zero date.
func dateValue(d payroll.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	t := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
	return &t
}
