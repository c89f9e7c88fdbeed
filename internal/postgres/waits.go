package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// WaitsForItsTime reports whether an approved run that is paid on that day or
// earlier is not to be sent before a time that has not come.
func (s *Store) WaitsForItsTime(ctx context.Context, through payroll.Date) (bool, error) {
	var waits bool
	err := s.pool.QueryRow(ctx, `select exists (select from runs where state = 'approved' and pay_date <= $1
		and not_before > clock_timestamp())`, through.String()).Scan(&waits)
	return waits, wrap("read runs that wait", err)
}

// AwaitedRuns are approved runs whose time has come, and which a schedule found
// waiting for it: they are to be sent now, for the schedule does not come again.
func (s *Store) AwaitedRuns(ctx context.Context) ([]payroll.Run, error) {
	rows, err := s.pool.Query(ctx, `select `+runColumns+` from runs r where r.state = 'approved' and r.not_before <= clock_timestamp()
		and exists (select from schedule_due d join schedule_rules u on u.id = d.rule
			where u.action = 'send' and u.removed_at is null and d.state = 'done'
				and d.done_at >= r.approved_at and d.done_at < r.not_before
				and r.pay_date < to_date(d.period, 'YYYY-MM') + interval '1 month') order by r.id`)
	if err != nil {
		return nil, wrap("read runs whose time has come", err)
	}
	runs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Run, error) { return scanRun(row) })
	return runs, wrap("read runs whose time has come", err)
}
