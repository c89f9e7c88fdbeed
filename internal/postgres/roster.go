package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// errDryRun rolls a transaction back that was only a trial.
var errDryRun = errors.New("dry run")

// PutEmployees inserts and updates the given employees by exact number, all or
// none, and leaves everyone else as they are. source says where they come from,
// for the audit log: "file" or "sync". With dry nothing is kept. Whoever is in the
// roster keeps what stands there in the columns that the source lacks.
func (s *Store) PutEmployees(ctx context.Context, employees []payroll.Employee, source string, by payroll.AdminName, dry bool, lacks ...string) (payroll.RosterChange, error) {
	var change payroll.RosterChange
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockRoster(ctx, tx); err != nil {
			return err
		}
		employees, err := keepLacking(ctx, tx, employees, lacks)
		if err != nil {
			return err
		}
		if err := stageEmployees(ctx, tx, employees); err != nil {
			return err
		}
		if change, err = mergeEmployees(ctx, tx, by); err != nil {
			return err
		}
		if err := refuseSharedAddresses(ctx, tx); err != nil {
			return err
		}
		change.Unchanged = len(employees) - len(change.Added) - len(change.Changed)
		if dry {
			return errDryRun
		}
		return record(ctx, tx, importAct(change, source, by))
	})
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return change, err
}

// lockRoster keeps everybody else out, until the transaction ends, who compares
// addresses across the roster to change one.
func lockRoster(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('payseal roster'))`)
	return wrap("lock the roster", err)
}

// keepLacking gives the employees what they have in the columns that their source
// lacks.
func keepLacking(ctx context.Context, tx pgx.Tx, employees []payroll.Employee, lacks []string) ([]payroll.Employee, error) {
	if len(lacks) == 0 {
		return employees, nil
	}
	numbers := make([]string, len(employees))
	for i := range employees {
		numbers[i] = string(employees[i].Number)
	}
	rows, err := tx.Query(ctx, `select `+employeeColumns+` from employees where number = any($1)`, numbers)
	if err != nil {
		return nil, wrap("read employees", err)
	}
	standing, err := pgx.CollectRows(rows, scanEmployee)
	if err != nil {
		return nil, wrap("read employees", err)
	}
	before := make(map[payroll.EmployeeNumber]payroll.Employee, len(standing))
	for _, e := range standing {
		before[e.Number] = e
	}
	kept := slices.Clone(employees)
	for i, e := range kept {
		if old, known := before[e.Number]; known {
			kept[i] = e.Keeping(old, lacks)
		}
	}
	return kept, nil
}

// stageEmployees copies the employees into a temporary table.
func stageEmployees(ctx context.Context, tx pgx.Tx, employees []payroll.Employee) error {
	_, err := tx.Exec(ctx, `create temporary table incoming on commit drop as
		select `+employeeColumns+`, name_words from employees with no data`)
	if err != nil {
		return wrap("stage employees", err)
	}
	columns := strings.FieldsFunc(employeeColumns, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"incoming"}, append(columns, "name_words"), pgx.CopyFromSlice(len(employees), func(i int) ([]any, error) {
		e := &employees[i]
		return []any{string(e.Number), e.Name, string(e.Email), e.Phone, e.Language, e.Department, e.Designation,
			dateValue(e.Joined), dateValue(e.Left), e.Country, e.BankAccount, e.OnPaper, e.PaperReason, nameWords(e.Name)}, nil
	}))
	if err != nil {
		return wrap("stage employees", err)
	}
	_, err = tx.Exec(ctx, `analyze incoming`)
	return wrap("stage employees", err)
}

// keepOwnAddresses lets an address stand that the employee confirmed in the form,
// as long as the file goes on saying what it said before.
func keepOwnAddresses(ctx context.Context, tx pgx.Tx) ([]payroll.EmployeeNumber, error) {
	rows, err := tx.Query(ctx, `with kept as (
			update incoming i set email = e.email from employees e
			where e.number = i.number and e.email_in_file <> '' and lower(i.email) = lower(e.email_in_file) returning i.number)
		select number from kept order by number`)
	if err != nil {
		return nil, wrap("keep addresses", err)
	}
	kept, err := pgx.CollectRows(rows, pgx.RowTo[payroll.EmployeeNumber])
	if err != nil {
		return nil, wrap("keep addresses", err)
	}
	_, err = tx.Exec(ctx, `update employees e set email_in_file = '' from incoming i
		where e.number = i.number and e.email_in_file <> '' and e.number <> all($1)`, kept)
	return kept, wrap("keep addresses", err)
}

// tellMovedAddresses tells those whose address the staged rows change, at the old
// and at the new one, and ends what stood on the old one.
func tellMovedAddresses(ctx context.Context, tx pgx.Tx, numbers []payroll.EmployeeNumber) error {
	if len(numbers) == 0 {
		return nil
	}
	// Their rows before their notices, as everybody else takes them.
	_, err := tx.Exec(ctx, `select from employees where number = any($1) order by number for no key update`, numbers)
	if err != nil {
		return wrap("lock employees", err)
	}
	_, err = tx.Exec(ctx, `insert into notices (id, kind, employee, address, topic)
		select gen_random_uuid(), 'change', e.number, a.address, $1
		from incoming i join employees e using (number) cross join lateral (values (e.email), (i.email)) a(address)
		where lower(e.email) <> lower(i.email) and not exists (select from notices n where n.employee = e.number and n.kind = 'change'
			and n.topic = $1 and lower(n.address) = lower(a.address) and (n.state = 'queued' or n.sent_at > clock_timestamp() - $2::interval))`,
		payroll.TopicAddressChanged, askPeriod)
	if err != nil {
		return wrap("tell of changed addresses", err)
	}
	return forgetAddress(ctx, tx, numbers)
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

// mergeEmployees brings the staged rows into the roster, a few statements for
// any number of rows.
func mergeEmployees(ctx context.Context, tx pgx.Tx, by payroll.AdminName) (payroll.RosterChange, error) {
	var c payroll.RosterChange
	var err error
	if c.AddressKept, err = keepOwnAddresses(ctx, tx); err != nil {
		return c, err
	}
	lists := map[*[]payroll.EmployeeNumber]string{
		&c.Absent:         `select number from employees e where not exists (select from incoming i where i.number = e.number) order by number`,
		&c.AddressChanged: `select number from employees e join incoming i using (number) where lower(e.email) <> lower(i.email) order by number`,
	}
	for into, sql := range lists {
		if *into, err = mergedNumbers(ctx, tx, sql); err != nil {
			return c, err
		}
	}
	if err := tellMovedAddresses(ctx, tx, c.AddressChanged); err != nil {
		return c, err
	}
	if c.Changed, err = mergedNumbers(ctx, tx, updateChanged, by); err != nil {
		return c, err
	}
	if c.Added, err = mergedNumbers(ctx, tx, insertAdded, by); err != nil {
		return c, err
	}
	_, err = tx.Exec(ctx, `update employees e set name_words = i.name_words from incoming i
		where i.number = e.number and i.name_words <> e.name_words`)
	return c, wrap("merge employees", err)
}

const (
	// otherPhone says whether it is another number, however it is written.
	otherPhone    = `regexp_replace(e.phone, '[^0-9]', '', 'g') <> regexp_replace(i.phone, '[^0-9]', '', 'g')`
	updateChanged = `with changed as (
			update employees e set name = i.name, email = i.email, phone = i.phone, language = i.language,
				department = i.department, designation = i.designation, joined_on = i.joined_on, left_on = i.left_on,
				country = i.country, bank_account = i.bank_account, on_paper = i.on_paper, paper_reason = i.paper_reason,
				email_changed_at = case when lower(e.email) <> lower(i.email) then clock_timestamp() else e.email_changed_at end,
				email_by = case when lower(e.email) <> lower(i.email) then $1 else e.email_by end,
				email_admin = case when lower(e.email) <> lower(i.email) then $1 else e.email_admin end,
				phone_changed_at = case when ` + otherPhone + ` then clock_timestamp() else e.phone_changed_at end,
				phone_by = case when ` + otherPhone + ` then $1 else e.phone_by end,
				updated_at = clock_timestamp()
			from incoming i where i.number = e.number and ` + differs + ` returning e.number)
		select number from changed order by number`
	insertAdded = `with added as (
			insert into employees (` + employeeColumns + `, name_words, email_by, email_admin, phone_by)
			select ` + employeeColumns + `, name_words, $1, $1, $1 from incoming i
			where not exists (select from employees e where e.number = i.number) returning number)
		select number from added order by number`
)

func mergedNumbers(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]payroll.EmployeeNumber, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, wrap("merge employees", err)
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[payroll.EmployeeNumber])
	return numbers, wrap("merge employees", err)
}

// importAct tells the audit log what changed, by number and never by name.
func importAct(c payroll.RosterChange, source string, by payroll.AdminName) payroll.Act {
	return payroll.Act{Who: by, What: "employees.import", Subject: "roster", Detail: map[string]string{
		"source":          source,
		"added":           listNumbers(c.Added),
		"changed":         listNumbers(c.Changed),
		"address_changed": listNumbers(c.AddressChanged),
		"address_kept":    listNumbers(c.AddressKept),
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
