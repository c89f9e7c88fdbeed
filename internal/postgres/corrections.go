package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// correcting gives each slip of a correction what it corrects. An employee who
// has no slip in the original, or one that cannot be corrected, ends it. A run
// that corrects none gets its slips as they are.
func correcting(ctx context.Context, tx pgx.Tx, run *payroll.Run, slips iter.Seq2[payroll.Slip, error]) (iter.Seq2[payroll.Slip, error], error) {
	if run.Corrects == 0 {
		return slips, nil
	}
	original, err := readRun(ctx, tx, run.Corrects, "for share")
	if err != nil {
		return nil, err
	}
	if err := run.MayCorrect(&original); err != nil {
		return nil, err
	}
	correctable, err := readCorrectable(ctx, tx, run.Corrects)
	if err != nil {
		return nil, err
	}
	return func(yield func(payroll.Slip, error) bool) {
		for slip, err := range slips {
			if err == nil {
				slip.Corrects, err = correctionOf(&original, correctable, slip.Employee.Number, run.Correction)
			}
			if !yield(slip, err) || err != nil {
				return
			}
		}
	}, nil
}

func correctionOf(original *payroll.Run, correctable map[payroll.EmployeeNumber]payroll.Correctable, number payroll.EmployeeNumber, reason string) (*payroll.Correction, error) {
	c, found := correctable[number]
	if !found {
		return nil, fmt.Errorf("%w: employee %s has no slip in run %d that could be corrected", payroll.ErrInvalid, number, original.ID)
	}
	if err := c.Check(); err != nil {
		return nil, err
	}
	return &payroll.Correction{Slip: c.Slip, PayDate: original.PayDate, Reason: reason}, nil
}

// readCorrectable reads every slip of a run with the run that takes its place.
func readCorrectable(ctx context.Context, tx pgx.Tx, run payroll.RunID) (map[payroll.EmployeeNumber]payroll.Correctable, error) {
	rows, err := tx.Query(ctx, `select s.id::text, s.employee, s.state, coalesce((select max(c.run) from slips c join runs r on r.id = c.run
			where c.supersedes = s.id and r.state not in ('void', 'rejected')), 0)
		from slips s where s.run = $1`, run)
	if err != nil {
		return nil, wrap("read what can be corrected", err)
	}
	slips := make(map[payroll.EmployeeNumber]payroll.Correctable)
	var c payroll.Correctable
	_, err = pgx.ForEachRow(rows, []any{&c.Slip, &c.Employee, &c.State, &c.Successor}, func() error {
		slips[c.Employee] = c
		return nil
	})
	return slips, wrap("read what can be corrected", err)
}

// supersedes is whose place the slip takes, as the column has it.
func supersedes(s *payroll.Slip) any {
	if s.Corrects == nil {
		return nil
	}
	return string(s.Corrects.Slip)
}

// supersede is what the approval of a correction does to the slips whose place
// it takes: those that have not left are superseded at once, in the same
// transaction. It does nothing for other runs.
func supersede(ctx context.Context, tx pgx.Tx, run *payroll.Run) error {
	if run.Corrects == 0 {
		return nil
	}
	original, err := readRun(ctx, tx, run.Corrects, "for update")
	if err != nil {
		return err
	}
	if err := run.MayCorrect(&original); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `select id::text, state from slips
		where id in (select supersedes from slips where run = $1) order by id for update`, run.ID)
	if err != nil {
		return wrap("read what is corrected", err)
	}
	var here []string
	var id string
	var state payroll.SlipState
	_, err = pgx.ForEachRow(rows, []any{&id, &state}, func() error {
		next, err := state.Supersede()
		if next == payroll.SlipSuperseded {
			here = append(here, id)
		}
		return err
	})
	if err != nil {
		return wrap("read what is corrected", err)
	}
	if len(here) == 0 {
		return nil
	}
	_, err = tx.Exec(ctx, `update slips set state = 'superseded', hold = '', changed_at = clock_timestamp() where id = any($1::uuid[])`, here)
	if err != nil {
		return wrap("supersede slips", err)
	}
	return recount(ctx, tx, run.Corrects)
}

// unsupersede is what voiding an approved correction does, or withdrawing the slips
// of some employees in it (nil: all): those whose place it would have taken are as
// they were, to be judged anew. One of which nobody knows whether it arrived waits
// for a person again.
func unsupersede(ctx context.Context, tx pgx.Tx, run *payroll.Run, employees []payroll.EmployeeNumber) error {
	if run.Corrects == 0 {
		return nil
	}
	if _, err := readRun(ctx, tx, run.Corrects, "for update"); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `update slips s set changed_at = clock_timestamp(), due_at = clock_timestamp(),
			state = case when r.state in ('void', 'rejected') then 'withdrawn' when r.state = 'approved' then 'ready'
				when (select a.outcome from attempts a where a.slip = s.id order by a.begun_at desc limit 1) = 'unsure' then 'unsure' else 'queued' end
		from runs r where r.id = s.run and s.state = 'superseded' and s.id in
			(select supersedes from slips where run = $1 and ($2::text[] is null or employee = any($2)))`, run.ID, employees)
	if err != nil {
		return wrap("take a correction back", err)
	}
	if tag.RowsAffected() == 0 {
		return nil
	}
	return recount(ctx, tx, run.Corrects)
}

// refuseCorrected keeps a run from being voided whose slips another has been
// approved to take the place of.
func refuseCorrected(ctx context.Context, tx pgx.Tx, run payroll.RunID) error {
	var successor payroll.RunID
	err := tx.QueryRow(ctx, `select id from runs where corrects = $1
		and state in ('approved', 'sending', 'paused', 'complete', 'incomplete') order by id desc limit 1`, run).Scan(&successor)
	if err != nil {
		return wrap("look for a correction", noneIsFine(err))
	}
	return fmt.Errorf("%w: run %d corrects slips of run %d; void that one first", payroll.ErrWrongState, successor, run)
}

// recount lets a run that had come to rest be settled anew, after slips of it were
// superseded or are as they were; one that has not begun is counted at once.
func recount(ctx context.Context, tx pgx.Tx, run payroll.RunID) error {
	if err := reopen(ctx, tx, run); err != nil {
		return err
	}
	return keepCounts(ctx, tx, run)
}

// keepCounts writes down how a run's slips stand, unless it moves.
func keepCounts(ctx context.Context, tx pgx.Tx, run payroll.RunID) error {
	_, err := tx.Exec(ctx, `update runs set counts = case when state in ('sending', 'paused') then null else
			(select jsonb_object_agg(state, n) from (select s.state, count(*) as n from slips s where s.run = $1 group by s.state) c) end
		where id = $1`, run)
	return wrap("count slips", err)
}

// supersedeAccepted ends the slips whose place accepted ones have taken: those of
// the given slips that are accepted by now. Without a seal they go nowhere any
// more, whatever state is written beside them.
const supersedeAccepted = `with past as (
		select o.id from slips c join slips o on o.id = c.supersedes
		where c.id = any($1::uuid[]) and c.state = 'accepted' and o.state in ('accepted', 'refused', 'bounced', 'superseded')
		order by o.id for update of o
	)
	update slips s set state = 'superseded', pin_seal = null, changed_at = clock_timestamp() from past where s.id = past.id`

// corrected are the slips that take another's place and have been accepted.
func corrected(list []finished) []string {
	var ids []string
	for _, f := range list {
		if f.attempt.Supersedes != "" && f.outcome.Kind == payroll.Accepted {
			ids = append(ids, string(f.attempt.Slip))
		}
	}
	return ids
}

// refuseSuperseded keeps a slip from being sent again whose place another has
// been approved to take.
func refuseSuperseded(ctx context.Context, tx pgx.Tx, run payroll.RunID, number payroll.EmployeeNumber) error {
	var successor payroll.RunID
	err := tx.QueryRow(ctx, `select c.run from slips s join slips c on c.supersedes = s.id join runs r on r.id = c.run
		where s.run = $1 and s.employee = $2 and r.state in ('approved', 'sending', 'paused', 'complete', 'incomplete') limit 1`,
		run, number).Scan(&successor)
	if err != nil {
		return wrap("look for a correction", noneIsFine(err))
	}
	return fmt.Errorf("%w: run %d corrects this slip; look at that one", payroll.ErrWrongState, successor)
}
