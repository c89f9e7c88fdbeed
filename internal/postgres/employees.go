package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
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

// RosterChange is what an import did, or on a dry run would do, to the roster.
// Every list is sorted by number.
type RosterChange struct {
	Added          []payroll.EmployeeNumber `json:"added"`
	Changed        []payroll.EmployeeNumber `json:"changed"`
	AddressChanged []payroll.EmployeeNumber `json:"address_changed"` // of the changed ones
	Absent         []payroll.EmployeeNumber `json:"absent"`          // in the roster but not in the file; left as they are
	Unchanged      int                      `json:"unchanged"`
}

// errDryRun rolls a transaction back that was only a trial.
var errDryRun = errors.New("dry run")

// PutEmployees inserts and updates the given employees by exact number, all or
// none, and leaves everyone else as they are. source says where they come from,
// for the audit log: "file" or "sync". With dry nothing is kept.
func (s *Store) PutEmployees(ctx context.Context, employees []payroll.Employee, source string, by payroll.AdminName, dry bool) (RosterChange, error) {
	var change RosterChange
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := stageEmployees(ctx, tx, employees); err != nil {
			return err
		}
		var err error
		if change, err = mergeEmployees(ctx, tx); err != nil {
			return err
		}
		if err := refuseSharedAddresses(ctx, tx); err != nil {
			return err
		}
		change.Unchanged = len(employees) - len(change.Added) - len(change.Changed)
		if dry {
			return errDryRun
		}
		return record(ctx, tx, change.act(source, by))
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return change, err
}

// stageEmployees copies the employees into a temporary table, and keeps every
// other import out until the transaction ends.
func stageEmployees(ctx context.Context, tx pgx.Tx, employees []payroll.Employee) error {
	_, err := tx.Exec(ctx, `lock table employees in share row exclusive mode`)
	if err != nil {
		return wrap("lock the roster", err)
	}
	_, err = tx.Exec(ctx, `create temporary table incoming on commit drop as
		select `+employeeColumns+` from employees with no data`)
	if err != nil {
		return wrap("stage employees", err)
	}
	columns := strings.FieldsFunc(employeeColumns, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, columns, pgx.CopyFromSlice(len(employees), func(i int) ([]any, error) {
		e := &employees[i]
		return []any{string(e.Number), e.Name, string(e.Email), e.Phone, e.Language, e.Department, e.Designation,
			dateValue(e.Joined), dateValue(e.Left), e.Country, e.BankAccount, e.OnPaper, e.PaperReason}, nil
	}))
	if err != nil {
		return wrap("stage employees", err)
	}
	_, err = tx.Exec(ctx, `analyze incoming`)
	return wrap("stage employees", err)
}

// refuseSharedAddresses ends an import by which an employee gets an address
// that another one has: their slips would go to one mailbox.
func refuseSharedAddresses(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `with shared as (
			select lower(email) as email from employees group by 1 having count(*) > 1
		)
		select number from employees where lower(email) in (select email from shared)
			and lower(email) in (select lower(email) from incoming) order by number`)
	if err != nil {
		return wrap("compare addresses", err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[payroll.EmployeeNumber])
	if err != nil {
		return wrap("compare addresses", err)
	}
	if len(numbers) > 0 {
		return fmt.Errorf("%w: these employees would share mail addresses: %s; give each one of their own", payroll.ErrInvalid, listNumbers(numbers))
	}
	return nil
}

// differs compares an employee e with the incoming row i.
const differs = `(e.name, e.email, e.phone, e.language, e.department, e.designation, e.joined_on, e.left_on,
		e.country, e.bank_account, e.on_paper, e.paper_reason)
	is distinct from (i.name, i.email, i.phone, i.language, i.department, i.designation, i.joined_on, i.left_on,
		i.country, i.bank_account, i.on_paper, i.paper_reason)`

// mergeEmployees brings the staged rows into the roster, three statements for
// any number of rows.
func mergeEmployees(ctx context.Context, tx pgx.Tx) (RosterChange, error) {
	var c RosterChange
	for _, list := range []struct {
		into *[]payroll.EmployeeNumber
		sql  string
	}{
		{&c.Absent, `select number from employees e where not exists (select from incoming i where i.number = e.number) order by number`},
		{&c.AddressChanged, `select number from employees e join incoming i using (number) where lower(e.email) <> lower(i.email) order by number`},
		{&c.Changed, `with changed as (
				update employees e set name = i.name, email = i.email, phone = i.phone, language = i.language,
					department = i.department, designation = i.designation, joined_on = i.joined_on, left_on = i.left_on,
					country = i.country, bank_account = i.bank_account, on_paper = i.on_paper, paper_reason = i.paper_reason,
					email_changed_at = case when lower(e.email) <> lower(i.email) then clock_timestamp() else e.email_changed_at end,
					updated_at = clock_timestamp()
				from incoming i where i.number = e.number and ` + differs + ` returning e.number)
			select number from changed order by number`},
		{&c.Added, `with added as (
				insert into employees (` + employeeColumns + `)
				select ` + employeeColumns + ` from incoming i
				where not exists (select from employees e where e.number = i.number) returning number)
			select number from added order by number`},
	} {
		rows, err := tx.Query(ctx, list.sql)
		if err != nil {
			return c, wrap("merge employees", err)
		}
		if *list.into, err = pgx.CollectRows(rows, pgx.RowTo[payroll.EmployeeNumber]); err != nil {
			return c, wrap("merge employees", err)
		}
	}
	return c, nil
}

// act tells the audit log what changed, by number and never by name.
func (c RosterChange) act(source string, by payroll.AdminName) payroll.Act {
	return payroll.Act{Who: by, What: "employees.import", Subject: "roster", Detail: map[string]string{
		"source":          source,
		"added":           listNumbers(c.Added),
		"changed":         listNumbers(c.Changed),
		"address_changed": listNumbers(c.AddressChanged),
		"unchanged":       strconv.Itoa(c.Unchanged),
		"absent":          strconv.Itoa(len(c.Absent)),
	}}
}

// listNumbers writes "2: E001 E002".
func listNumbers(numbers []payroll.EmployeeNumber) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d", len(numbers))
	for i, n := range numbers {
		if i == 0 {
			b.WriteByte(':')
		}
		b.WriteString(" " + string(n))
	}
	return b.String()
}
