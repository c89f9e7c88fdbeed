package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// An employee may ask for a slip again so often, and no sooner.
const (
	asksPerSlip = 3
	askPause    = 24 * time.Hour
)

// mayAsk says of slip s whether its employee may ask for it again; $2 is the
// pause and $3 how often.
const mayAsk = `s.state = 'accepted' and s.content is not null
	and (select count(*) < $3 and coalesce(max(k.at) < clock_timestamp() - $2::interval, true) from slip_asks k where k.slip = s.id)`

// LedgerOf reads what was sent to an employee and when, the newest pay date first:
// every slip of a run that has started.
func (s *Store) LedgerOf(ctx context.Context, number payroll.EmployeeNumber) ([]payroll.LedgerLine, error) {
	rows, err := s.pool.Query(ctx, `select s.id::text, r.period, r.pay_date, s.state, s.hold, coalesce(a.fingerprint, ''), sent.at, `+mayAsk+`
		from slips s join runs r on r.id = s.run and r.state in ('sending', 'paused', 'complete', 'incomplete')
			left join lateral (select fingerprint from attempts where slip = s.id order by begun_at desc limit 1) a on true
			left join lateral (select max(finished_at) as at from attempts where slip = s.id and outcome = 'accepted') sent on true
		where s.employee = $1 order by r.pay_date desc, r.id desc`, number, askPause, asksPerSlip)
	if err != nil {
		return nil, wrap("read slips", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.LedgerLine, error) {
		var l payroll.LedgerLine
		var period string
		var payDate time.Time
		err := row.Scan(&l.Slip, &period, &payDate, &l.State, &l.Hold, &l.Fingerprint, &l.SentAt, &l.MayAskAgain)
		if err != nil {
			return l, err
		}
		l.PayDate = payroll.DateOf(payDate)
		l.Period, err = payroll.ParsePeriod(period)
		return l, err
	})
	return lines, wrap("read slips", err)
}

// AskAgain queues an accepted slip of the employee's own once more; the worker
// judges it as it judges any other. It is payroll.ErrTooMany on the day of the
// last time and after the third time.
func (s *Store) AskAgain(ctx context.Context, number payroll.EmployeeNumber, slip payroll.SlipID) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var run payroll.RunID
		err := tx.QueryRow(ctx, `select run from slips where id = $1 and employee = $2`, slip, number).Scan(&run)
		if err != nil {
			return wrap("read slip", err)
		}
		act := slipAct(payroll.Themself, "slip.ask_again", run, number, nil)
		err = moveSlipIn(ctx, tx, run, number, payroll.SlipQueued, []payroll.SlipState{payroll.SlipAccepted}, act)
		if err != nil {
			return err
		}
		var may bool // the slip is locked and no longer accepted
		err = tx.QueryRow(ctx, `select count(*) < $3 and coalesce(max(at) < clock_timestamp() - $2::interval, true)
			from slip_asks where slip = $1`, slip, askPause, asksPerSlip).Scan(&may)
		if err != nil {
			return wrap("count asks", err)
		}
		if !may {
			return fmt.Errorf("%w: a slip can be asked for once a day and %d times in all", payroll.ErrTooMany, asksPerSlip)
		}
		_, err = tx.Exec(ctx, `insert into slip_asks (slip) values ($1)`, slip)
		return wrap("ask for a slip again", err)
	})
}
