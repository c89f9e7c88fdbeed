package postgres

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// PayDates are the next n days, from one on, on which somebody is paid: by a run
// that has not ended, or when a schedule that sends falls due.
func (s *Store) PayDates(ctx context.Context, from payroll.Date, n int) ([]payroll.Date, error) {
	return payDates(ctx, s.pool, from, n)
}

func payDates(ctx context.Context, q rowsQuerier, from payroll.Date, n int) ([]payroll.Date, error) {
	rows, err := q.Query(ctx, `select distinct pay_date from runs
		where state not in ('rejected', 'void', 'complete') and pay_date >= $1 order by pay_date limit $2`, from.String(), n)
	if err != nil {
		return nil, wrap("read pay dates", err)
	}
	days, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	if err != nil {
		return nil, wrap("read pay dates", err)
	}
	var dates []payroll.Date
	for _, day := range days {
		dates = append(dates, payroll.DateOf(day))
	}
	rules, err := scheduleRules(ctx, q)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if r.Action != payroll.ActionSend {
			continue
		}
		due, err := ruleDates(ctx, q, r, from, n)
		if err != nil {
			return nil, err
		}
		dates = append(dates, due...)
	}
	slices.SortFunc(dates, payroll.Date.Compare)
	dates = slices.Compact(dates)
	return dates[:min(n, len(dates))], nil
}

// ruleDates are the next n days from one on on which a rule falls due, or has
// fallen due: a month whose time has come does not fall due again on another day,
// whatever holidays are added since.
func ruleDates(ctx context.Context, q rowsQuerier, r payroll.ScheduleRule, from payroll.Date, n int) ([]payroll.Date, error) {
	fell, err := fellDue(ctx, q, r.ID, payroll.Period{Year: from.Year - 1, Month: from.Month})
	if err != nil {
		return nil, err
	}
	var dates []payroll.Date
	done := make([]payroll.Period, len(fell))
	for i, o := range fell {
		done[i] = o.Period
		if day := payroll.DateOf(o.At.In(r.Monthly.Zone)); !day.Before(from) {
			dates = append(dates, day)
		}
	}
	return append(dates, r.Monthly.DatesFrom(from, n, done...)...), nil
}

// rosterStandings are those who have not left with the certificate that counts.
const rosterStandings = `select ` + employeeColumns + `, c.content, coalesce(c.fingerprint, ''), coalesce(c.step, ''), coalesce(c.standing, ''),
		greatest(email_changed_at, case when c.replaces is not null and (select count(*) from (` + comparisons + `) k) < 2 then c.current_since end)
	from employees left join lateral (select * from certificates c where c.employee = number and c.standing in ('current', 'candidate')
		order by c.standing desc limit 1) c on true
	where not coalesce(left_on < current_date, false)`

// RosterStandings reads everyone who has not left, by number, with the certificate
// that counts: the current one, else the candidate.
func (s *Store) RosterStandings(ctx context.Context) ([]payroll.RosterStanding, error) {
	rows, err := s.pool.Query(ctx, rosterStandings+` order by number`)
	if err != nil {
		return nil, wrap("read the roster", err)
	}
	standings, err := pgx.CollectRows(rows, scanStanding)
	return standings, wrap("read the roster", err)
}

func scanStanding(row pgx.CollectableRow) (payroll.RosterStanding, error) {
	var r payroll.RosterStanding
	var joined, left, changed *time.Time
	e := &r.Employee
	err := row.Scan(&e.Number, &e.Name, &e.Email, &e.Phone, &e.Language, &e.Department, &e.Designation,
		&joined, &left, &e.Country, &e.BankAccount, &e.OnPaper, &e.PaperReason,
		&r.Certificate, &r.Fingerprint, &r.Step, &r.Standing, &changed)
	e.Joined, e.Left = dateOf(joined), dateOf(left)
	if changed != nil {
		r.Changed = *changed
	}
	return r, err
}

// CreateReminder writes a reminder to an employee that their certificate ends,
// once for each certificate and topic.
func (s *Store) CreateReminder(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, topic string) (created bool, err error) {
	tag, err := s.pool.Exec(ctx, `insert into notices (id, kind, employee, address, fingerprint, topic)
		select $1, 'reminder', number, email, $3, $4 from employees where number = $2
		on conflict (employee, fingerprint, topic) where kind = 'reminder' do nothing`, uuid.New(), number, f, topic)
	return err == nil && tag.RowsAffected() == 1, wrap("write reminder", err)
}

// CreateDigest writes a notice to HR of who is ready, once for each topic.
func (s *Store) CreateDigest(ctx context.Context, to payroll.Address, topic string) (created bool, err error) {
	tag, err := s.pool.Exec(ctx, `insert into notices (id, kind, address, topic) values ($1, 'digest', $2, $3)
		on conflict (address, topic) where kind = 'digest' do nothing`, uuid.New(), to, topic)
	return err == nil && tag.RowsAffected() == 1, wrap("write digest", err)
}

// VouchedCertificates are the candidates that their owner has shown to open and
// signed for with the current certificate. That they say so in the database proves
// nothing yet.
func (s *Store) VouchedCertificates(ctx context.Context) ([]payroll.Vouched, error) {
	rows, err := s.pool.Query(ctx, `select `+employeeColumns+`, c.content, o.content, coalesce(o.current_since, o.created_at), c.vouch
		from certificates c join certificates o on o.employee = c.employee and o.standing = 'current'
			join employees on number = c.employee and not coalesce(left_on < current_date, false)
		where c.standing = 'candidate' and c.step = 'decryption_proven' and c.vouch is not null order by c.id`)
	if err != nil {
		return nil, wrap("read vouched certificates", err)
	}
	vouched, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Vouched, error) {
		var v payroll.Vouched
		var joined, left *time.Time
		e := &v.Employee
		err := row.Scan(&e.Number, &e.Name, &e.Email, &e.Phone, &e.Language, &e.Department, &e.Designation,
			&joined, &left, &e.Country, &e.BankAccount, &e.OnPaper, &e.PaperReason, &v.Candidate, &v.Current, &v.CurrentSince, &v.Vouch)
		e.Joined, e.Left = dateOf(joined), dateOf(left)
		return v, err
	})
	return vouched, wrap("read vouched certificates", err)
}

// Leavers are the certificates that the company has certified for people who left
// before a day.
func (s *Store) Leavers(ctx context.Context, before payroll.Date) ([]payroll.Leaver, error) {
	rows, err := s.pool.Query(ctx, `select c.employee, c.fingerprint, c.content from employees e join certificates c on c.employee = e.number
		where e.left_on < $1 and c.step = 'certified' order by c.id`, before.String())
	if err != nil {
		return nil, wrap("read leavers", err)
	}
	leavers, err := pgx.CollectRows(rows, pgx.RowToStructByPos[payroll.Leaver])
	return leavers, wrap("read leavers", err)
}

// PutRevokedCertification stores a certificate of which the company has taken its
// certification back. It is not used any more; handed in again it climbs from the
// bottom.
func (s *Store) PutRevokedCertification(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, content []byte, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		c, err := lockedCertificate(ctx, tx, number, f)
		if err != nil {
			return err
		}
		c.Step = payroll.StepSubmitted
		if c.Standing != payroll.CertificateRevoked {
			c.Standing = payroll.CertificateReplaced
		}
		_, err = tx.Exec(ctx, `update certificates set content = $2, step = $3, standing = $4, wkd_hash = '' where id = $1`,
			c.ID, content, string(c.Step), string(c.Standing))
		if err != nil {
			return wrap("store revoked certification", err)
		}
		return recordStep(ctx, tx, c, payroll.CertificateStep{Step: c.Step, By: by, Method: "revoke-certification"}, "keys.revoke_certification")
	})
}
