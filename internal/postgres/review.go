package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// waitingRun reads a run and how many slips it has.
func waitingRun(row pgx.CollectableRow) (payroll.WaitingRun, error) {
	var w payroll.WaitingRun
	var err error
	w.Run, err = scanRun(countedRow{row, &w.Slips})
	return w, err
}

// countedRow is a row of a run with one number after it.
type countedRow struct {
	pgx.CollectableRow
	count *int
}

func (r countedRow) Scan(into ...any) error { return r.CollectableRow.Scan(append(into, r.count)...) }

// slipCount is how many slips a run r has.
const slipCount = `, r.slips`

// SubmittedRuns are the runs that wait for an approver, the oldest first.
func (s *Store) SubmittedRuns(ctx context.Context) ([]payroll.WaitingRun, error) {
	return s.waitingRuns(ctx, `where state = 'submitted' order by id`)
}

// WaitingRuns are the runs that were approved and not sent, the oldest first.
func (s *Store) WaitingRuns(ctx context.Context) ([]payroll.WaitingRun, error) {
	return s.waitingRuns(ctx, `where state = 'approved' order by id`)
}

// RejectedRuns are the latest runs of a maker that were rejected, the newest
// first.
func (s *Store) RejectedRuns(ctx context.Context, by payroll.AdminName, limit int) ([]payroll.WaitingRun, error) {
	return s.waitingRuns(ctx, `where state = 'rejected' and $1 in (imported_by, submitted_by) order by id desc limit $2`, by, limit)
}

func (s *Store) waitingRuns(ctx context.Context, where string, args ...any) ([]payroll.WaitingRun, error) {
	rows, err := s.pool.Query(ctx, `select `+runColumns+slipCount+` from runs r `+where, args...)
	if err != nil {
		return nil, wrap("read runs", err)
	}
	runs, err := pgx.CollectRows(rows, waitingRun)
	return runs, wrap("read runs", err)
}

// FrozenSlips are slips that the change freeze holds, by run and number: at most
// limit.
func (s *Store) FrozenSlips(ctx context.Context, limit int) ([]payroll.FrozenSlip, error) {
	rows, err := s.pool.Query(ctx, `select s.run, s.employee, e.name, r.pay_date,
			array(select l.by_admin from slip_releases l where l.slip = s.id and l.at > coalesce(`+lastChange+`, '-infinity') order by l.at)
		from slips s join runs r on r.id = s.run join employees e on e.number = s.employee
			left join certificates c on c.employee = e.number and c.standing = 'current'
		where s.state = 'held' and s.hold = 'change_freeze' and r.state in ('sending', 'paused', 'incomplete') order by s.run, s.employee limit $1`, limit)
	if err != nil {
		return nil, wrap("read frozen slips", err)
	}
	slips, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.FrozenSlip, error) {
		var f payroll.FrozenSlip
		var payDate time.Time
		err := row.Scan(&f.Run, &f.Employee, &f.Name, &payDate, &f.ReleasedBy)
		f.PayDate = payroll.DateOf(payDate)
		return f, err
	})
	return slips, wrap("read frozen slips", err)
}

// Reviewed reads what an approver is to see of these people of a run, in the
// order of their numbers. Who is missing from the run is among them, too.
func (s *Store) Reviewed(ctx context.Context, run payroll.RunID, numbers []payroll.EmployeeNumber) ([]payroll.Reviewed, error) {
	rows, err := s.pool.Query(ctx, `select e.number, e.name, e.department, s.id is not null, e.email, coalesce(p.pin_email, ''), e.email_by, e.email_changed_at,
			coalesce(c.fingerprint, ''), coalesce(p.pin_fingerprint, ''), coalesce(c.step, ''), coalesce(c.standing, ''),
			h.at, coalesce(h.by, ''), array(select k.by_admin from (`+comparisons+`) k order by k.at), e.joined_on, e.left_on
		from employees e cross join (select compared from runs where id = $1) r
			left join slips s on s.run = $1 and s.employee = e.number
			left join slips p on p.run = r.compared and p.employee = e.number
			left join lateral (select * from certificates c where c.employee = e.number and c.standing in ('current', 'candidate')
				order by c.standing = 'candidate' limit 1) c on true
			left join lateral (select h.at, case when h.by_worker then 'payseal' else coalesce(h.by_admin, '(employee)') end as by
				from certificate_steps h where h.certificate = c.id and h.step = 'submitted' and h.method = '' order by h.at desc limit 1) h on true
		where e.number = any($2) order by e.number`, run, numbers)
	if err != nil {
		return nil, wrap("read people of a run", err)
	}
	people, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Reviewed, error) {
		var p payroll.Reviewed
		var joined, left *time.Time
		err := row.Scan(&p.Employee, &p.Name, &p.Department, &p.InRun, &p.Email, &p.EmailBefore, &p.EmailBy, &p.EmailAt,
			&p.Fingerprint, &p.FingerprintBefore, &p.Step, &p.Standing, &p.Since, &p.HandedInBy, &p.CheckedBy, &joined, &left)
		p.Joined, p.Left = dateOf(joined), dateOf(left)
		return p, err
	})
	return people, wrap("read people of a run", err)
}

// ReviewedTwins reads the twins of a run, by kind and number, after the
// pair that was read last (the zero Twin for the first page).
func (s *Store) ReviewedTwins(ctx context.Context, run payroll.RunID, after payroll.Twin, limit int) ([]payroll.ReviewedTwin, error) {
	rows, err := s.pool.Query(ctx, `select kind, first, second, coalesce(acknowledged_by, ''), acknowledged_at, note
		from twins where run = $1 and (kind, first, second) > ($2, $3, $4) order by kind, first, second limit $5`,
		run, after.Kind, after.First, after.Second, limit)
	if err != nil {
		return nil, wrap("read twins", err)
	}
	twins, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.ReviewedTwin, error) {
		var t payroll.ReviewedTwin
		err := row.Scan(&t.Kind, &t.First, &t.Second, &t.AcknowledgedBy, &t.AcknowledgedAt, &t.Note)
		return t, err
	})
	return twins, wrap("read twins", err)
}

// TwinCounts counts a run's twins, and those that nobody has looked at.
func (s *Store) TwinCounts(ctx context.Context, run payroll.RunID) (all, open int, err error) {
	err = s.pool.QueryRow(ctx, `select count(*)::int, count(*) filter (where acknowledged_at is null)::int from twins where run = $1`, run).Scan(&all, &open)
	return all, open, wrap("count twins", err)
}
