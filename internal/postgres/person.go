package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Person reads one employee with what only their own page shows.
func (s *Store) Person(ctx context.Context, number payroll.EmployeeNumber) (payroll.Person, error) {
	var p payroll.Person
	var joined, left *time.Time
	e := &p.Employee
	err := s.pool.QueryRow(ctx, `select `+employeeColumns+`, email_changed_at, email_by, email_in_file,
			phone_changed_at, phone_by, mail_structure, mail_presentation, mail_seen, mail_seen_at, created_at
		from employees where number = $1`, number).
		Scan(&e.Number, &e.Name, &e.Email, &e.Phone, &e.Language, &e.Department, &e.Designation,
			&joined, &left, &e.Country, &e.BankAccount, &e.OnPaper, &e.PaperReason,
			&p.EmailChangedAt, &p.EmailBy, &p.EmailInFile, &p.PhoneChangedAt, &p.PhoneBy,
			&p.Profile.Structure, &p.Profile.Presentation, &p.Seen, &p.SeenAt, &p.CreatedAt)
	e.Joined, e.Left = dateOf(joined), dateOf(left)
	return p, wrap(fmt.Sprintf("employee number %q", string(number)), err)
}

// EmployeesNumbered reads those of the numbers that are in the roster.
func (s *Store) EmployeesNumbered(ctx context.Context, numbers []payroll.EmployeeNumber) (map[payroll.EmployeeNumber]payroll.Employee, error) {
	rows, err := s.pool.Query(ctx, `select `+employeeColumns+` from employees where number = any($1)`, numbers)
	if err != nil {
		return nil, wrap("read employees", err)
	}
	list, err := pgx.CollectRows(rows, scanEmployee)
	employees := make(map[payroll.EmployeeNumber]payroll.Employee, len(list))
	for _, e := range list {
		employees[e.Number] = e
	}
	return employees, wrap("read employees", err)
}

// RosterStanding reads one employee with the certificate that counts, as
// RosterStandings does everybody; payroll.ErrNotFound for somebody who has left.
func (s *Store) RosterStanding(ctx context.Context, number payroll.EmployeeNumber) (payroll.RosterStanding, error) {
	rows, err := s.pool.Query(ctx, rosterStandings+` and number = $1`, number)
	if err != nil {
		return payroll.RosterStanding{}, wrap("read the roster", err)
	}
	standing, err := pgx.CollectExactlyOneRow(rows, scanStanding)
	return standing, wrap(fmt.Sprintf("employee number %q", string(number)), err)
}

// Certificate reads one certificate with its content.
func (s *Store) Certificate(ctx context.Context, id int64) (payroll.StoredCertificate, error) {
	rows, err := s.pool.Query(ctx, `select `+certificateColumns+`, content from certificates where id = $1`, id)
	if err != nil {
		return payroll.StoredCertificate{}, wrap("read certificate", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[payroll.StoredCertificate])
	return c, wrap("read certificate", err)
}

// NoticesTo are the newest notices that were written for an employee.
func (s *Store) NoticesTo(ctx context.Context, number payroll.EmployeeNumber, most int) ([]payroll.SentNotice, error) {
	rows, err := s.pool.Query(ctx, `select kind, topic, state, address as "to", created_at as created, sent_at
		from notices where employee = $1 order by created_at desc limit $2`, number, most)
	if err != nil {
		return nil, wrap("read notices", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.SentNotice])
	return list, wrap("read notices", err)
}

// SlipsOf are slips of an employee in every run, the newest run first: those of
// runs before the given one; 0 begins at the newest.
func (s *Store) SlipsOf(ctx context.Context, number payroll.EmployeeNumber, before payroll.RunID, most int) ([]payroll.PersonSlip, error) {
	rows, err := s.pool.Query(ctx, `select s.run, r.period, r.pay_date, r.state, s.state, s.hold, coalesce(a.n, 0)::int, coalesce(a.fingerprint, ''), a.sent
		from slips s join runs r on r.id = s.run
			left join lateral (select count(*) as n, (array_agg(fingerprint order by begun_at desc))[1] as fingerprint,
				max(finished_at) filter (where outcome = 'accepted') as sent from attempts where slip = s.id) a on true
		where s.employee = $1 and ($2 = 0 or s.run < $2) order by s.run desc limit $3`, number, int64(before), most)
	if err != nil {
		return nil, wrap("read slips", err)
	}
	slips, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.PersonSlip, error) {
		var l payroll.PersonSlip
		var period string
		var payDate time.Time
		err := row.Scan(&l.Run, &period, &payDate, &l.RunState, &l.State, &l.Hold, &l.Attempts, &l.Fingerprint, &l.SentAt)
		if err != nil {
			return l, err
		}
		l.PayDate = payroll.DateOf(payDate)
		l.Period, err = payroll.ParsePeriod(period)
		return l, err
	})
	return slips, wrap("read slips", err)
}

// ReportsBy are what one employee told HR, the newest first.
func (s *Store) ReportsBy(ctx context.Context, number payroll.EmployeeNumber, most int) ([]payroll.Report, error) {
	rows, err := s.pool.Query(ctx, `select id, employee, kind, words as text, at, coalesce(settled_by, '') as settled_by, settled_at
		from reports where employee = $1 order by at desc limit $2`, number, most)
	if err != nil {
		return nil, wrap("read reports", err)
	}
	reports, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Report])
	return reports, wrap("read reports", err)
}

// ActsOn are the newest acts of the audit log on one subject, the newest first.
func (s *Store) ActsOn(ctx context.Context, subject string, most int) ([]payroll.AuditEntry, error) {
	rows, err := s.pool.Query(ctx, `select seq, at, who, act, subject, detail, previous, hash
		from audit where subject = $1 order by seq desc limit $2`, subject, most)
	if err != nil {
		return nil, wrap("read the audit log", err)
	}
	defer rows.Close()
	var entries []payroll.AuditEntry
	for rows.Next() {
		entry, err := scanEntry(rows)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, wrap("read the audit log", rows.Err())
}

const (
	// uninvited are the employees e whom an invitation to everyone goes to.
	uninvited = `not coalesce(e.left_on < current_date, false) and not e.on_paper
		and not exists (select from certificates c where c.employee = e.number and c.standing = 'current')
		and not ` + invitationWaits
	invitationWaits = `exists (select from notices n where n.employee = e.number and n.kind = 'invitation' and n.state = 'queued')`
)

// CountUninvited is to how many people InviteEmployees would write if nobody is
// named.
func (s *Store) CountUninvited(ctx context.Context) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, `select count(*)::int from employees e where `+uninvited).Scan(&n)
	return n, wrap("count whom to invite", err)
}

// RemindEmployee writes a reminder that the current certificate ends, at most one
// a day. today is the company's.
func (s *Store) RemindEmployee(ctx context.Context, number payroll.EmployeeNumber, today payroll.Date, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockEmployee(ctx, tx, number); err != nil {
			return err
		}
		var f payroll.Fingerprint
		var ends *time.Time
		err := tx.QueryRow(ctx, `select fingerprint, expires_at from certificates where employee = $1 and standing = 'current'`, number).Scan(&f, &ends)
		if err != nil {
			return wrap("read certificate", err)
		}
		if ends == nil || payroll.DateOf(*ends).Before(today) {
			return fmt.Errorf("%w: this certificate does not end, or has ended; a reminder would say nothing", payroll.ErrWrongState)
		}
		end := payroll.DateOf(*ends)
		topic := end.String() + "/" + strconv.Itoa(payroll.DaysBetween(today, end))
		tag, err := tx.Exec(ctx, `insert into notices (id, kind, employee, address, fingerprint, topic)
			select gen_random_uuid(), 'reminder', number, email, $2, $3 from employees where number = $1
			on conflict (employee, fingerprint, topic) where kind = 'reminder' do nothing`, number, f, topic)
		if err != nil {
			return wrap("write reminder", err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("%w: they were reminded today", payroll.ErrWrongState)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "employees.remind", Subject: string(number),
			Detail: map[string]string{"fingerprint": string(f)}})
	})
}
