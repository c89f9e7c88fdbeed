package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// CreateReport keeps what an employee tells HR, and writes a notice to HR that
// there is something to read. An employee may do so ten times an hour.
func (s *Store) CreateReport(ctx context.Context, number payroll.EmployeeNumber, kind payroll.ReportKind, words string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockEmployee(ctx, tx, number); err != nil {
			return err
		}
		var lately int
		err := tx.QueryRow(ctx, `select count(*)::int from reports where employee = $1 and at > clock_timestamp() - $2::interval`,
			number, askPeriod).Scan(&lately)
		if err != nil {
			return wrap("count reports", err)
		}
		if lately >= reportsPerPeriod {
			return fmt.Errorf("%w: HR has your reports; call them if it is urgent", payroll.ErrTooMany)
		}
		if _, err := tx.Exec(ctx, `insert into reports (employee, kind, words) values ($1, $2, $3)`, number, string(kind), words); err != nil {
			return wrap("keep report", err)
		}
		if err := tellReport(ctx, tx, kind); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "form.report", Subject: string(number),
			Detail: map[string]string{"kind": string(kind)}})
	})
}

// tellReport writes a notice to HR that there is something to read. To whom it
// goes stands in the worker's configuration; one that waits is enough.
func tellReport(ctx context.Context, tx pgx.Tx, kind payroll.ReportKind) error {
	_, err := tx.Exec(ctx, `insert into notices (id, kind, address, topic) select gen_random_uuid(), 'report', '', $1
		where not exists (select from notices where kind = 'report' and state = 'queued' and rank = 1 and topic = $1)`, string(kind))
	return wrap("tell HR of a report", err)
}

// Reports reads what employees told HR, the newest first: what nobody has settled
// yet, or all of it.
func (s *Store) Reports(ctx context.Context, all bool) ([]payroll.Report, error) {
	rows, err := s.pool.Query(ctx, `select id, employee, kind, words as text, at, coalesce(settled_by, '') as settled_by, settled_at
		from reports where $1 or settled_at is null order by at desc, id desc`, all)
	if err != nil {
		return nil, wrap("read reports", err)
	}
	reports, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Report])
	return reports, wrap("read reports", err)
}

// SettleReport notes that a person has seen to a report.
func (s *Store) SettleReport(ctx context.Context, id int64, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var number payroll.EmployeeNumber
		err := tx.QueryRow(ctx, `update reports set settled_by = $2, settled_at = clock_timestamp()
			where id = $1 and settled_at is null returning employee`, id, by).Scan(&number)
		if err != nil {
			return wrap("settle report", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "reports.settle", Subject: string(number),
			Detail: map[string]string{"report": strconv.FormatInt(id, 10)}})
	})
}
