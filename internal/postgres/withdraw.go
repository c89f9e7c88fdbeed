package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// WithdrawSlip takes back one slip of an approved run before it has left
// (payroll.Run.MayWithdraw). A slip whose place it would have taken is as it was.
// Without its seal it goes nowhere any more, whatever state is written beside it.
func (s *Store) WithdrawSlip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName, reason string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		r, err := readRun(ctx, tx, run, "for update")
		if err != nil {
			return err
		}
		if err := mayWithdraw(ctx, tx, &r, number); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update slips set state = 'withdrawn', hold = '', pin_seal = null, changed_at = clock_timestamp()
			where run = $1 and employee = $2`, run, number)
		if err != nil {
			return wrap("withdraw slip", err)
		}
		if err := unsupersede(ctx, tx, &r, []payroll.EmployeeNumber{number}); err != nil {
			return err
		}
		if err := recount(ctx, tx, run); err != nil {
			return err
		}
		return record(ctx, tx, slipAct(by, "slip.withdraw", run, number, map[string]string{"reason": reason}))
	})
}

// mayWithdraw asks the rule, with the slip as it stands and stays until the
// transaction ends.
func mayWithdraw(ctx context.Context, tx pgx.Tx, r *payroll.Run, number payroll.EmployeeNumber) error {
	c := payroll.Correctable{Employee: number}
	err := tx.QueryRow(ctx, `select id::text, state, coalesce((select max(c.run) from slips c join runs r on r.id = c.run
			where c.supersedes = s.id and r.state not in ('void', 'rejected')), 0)
		from slips s where run = $1 and employee = $2 for update of s`, r.ID, number).Scan(&c.Slip, &c.State, &c.Successor)
	if err != nil {
		return wrap("read slip", err)
	}
	var left bool
	err = tx.QueryRow(ctx, `select exists (select from attempts where slip = $1 and coalesce(outcome, 'unsure') in ('accepted', 'unsure'))`, c.Slip).Scan(&left)
	if err != nil {
		return wrap("look whether the slip may have left", err)
	}
	return r.MayWithdraw(c, left)
}
