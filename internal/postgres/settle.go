package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// SettleSlip records what a person found out about an unsure slip: accepted
// (it arrived) or lost (it did not, and it is sent again).
func (s *Store) SettleSlip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName, accepted bool) error {
	state := payroll.SlipQueued
	if accepted {
		state = payroll.SlipAccepted
	}
	return s.moveSlip(ctx, run, number, state, []payroll.SlipState{payroll.SlipUnsure},
		slipAct(by, "slip.settle", run, number, map[string]string{"as": string(state)}))
}

// ResendSlip sends a slip again that was accepted, refused or has bounced.
func (s *Store) ResendSlip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName, reason string) error {
	return s.moveSlip(ctx, run, number, payroll.SlipQueued,
		[]payroll.SlipState{payroll.SlipAccepted, payroll.SlipRefused, payroll.SlipBounced},
		slipAct(by, "slip.resend", run, number, map[string]string{"reason": reason}))
}

func slipAct(by payroll.AdminName, what string, run payroll.RunID, number payroll.EmployeeNumber, detail map[string]string) payroll.Act {
	return payroll.Act{Who: by, What: what, Subject: fmt.Sprintf("run %d, employee %s", run, number), Detail: detail}
}

// moveSlip moves one slip of a started run by a person's hand. A slip that is
// queued again gets as long until it is given up as it had the first time, and
// its run is sending again.
func (s *Store) moveSlip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, to payroll.SlipState,
	from []payroll.SlipState, act payroll.Act,
) error {
	return s.inTx(ctx, func(tx pgx.Tx) error { return moveSlipIn(ctx, tx, run, number, to, from, act) })
}

func moveSlipIn(ctx context.Context, tx pgx.Tx, run payroll.RunID, number payroll.EmployeeNumber, to payroll.SlipState,
	from []payroll.SlipState, act payroll.Act,
) error {
	moved, err := readRun(ctx, tx, run, "for update")
	if err != nil {
		return err
	}
	if moved.ShreddedAt != nil {
		return payroll.Shredded(run, *moved.ShreddedAt)
	}
	if err := refuseSuperseded(ctx, tx, run, number); err != nil {
		return err
	}
	var id string
	var state payroll.SlipState
	err = tx.QueryRow(ctx, `select id::text, state from slips where run = $1 and employee = $2 for update`, run, number).Scan(&id, &state)
	if err != nil {
		return wrap("read slip", err)
	}
	tag, err := tx.Exec(ctx, `update slips s set state = $3, tries = 0, due_at = clock_timestamp(),
		give_up_at = clock_timestamp() + r.give_up_after, changed_at = clock_timestamp()
		from runs r where r.id = s.run and s.run = $1 and s.employee = $2 and s.state = any($4)`, run, number, to, from)
	if err != nil {
		return wrap("move slip", err)
	}
	if tag.RowsAffected() == 0 {
		return fmt.Errorf("%w: the slip is %s, and only a slip that is %v can become %s", payroll.ErrWrongState, state, from, to)
	}
	if to == payroll.SlipAccepted {
		if _, err := tx.Exec(ctx, supersedeAccepted, []string{id}); err != nil {
			return wrap("supersede slips", err)
		}
	}
	if err := reopen(ctx, tx, run); err != nil {
		return err
	}
	return record(ctx, tx, act)
}

// BeginNotice reports whether the employee has yet to be told that the slip is
// held, and writes down that it is being done: once per slip, even if the notice
// is then lost.
func (s *Store) BeginNotice(ctx context.Context, id payroll.SlipID) (bool, error) {
	tag, err := s.pool.Exec(ctx, `update slips set noticed_at = clock_timestamp() where id = $1 and noticed_at is null`, id)
	return err == nil && tag.RowsAffected() == 1, wrap("begin notice", err)
}
