package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// TwinFinding is a twin of a run and who acknowledged it, if anyone did.
type TwinFinding = payroll.TwinFinding

// storeTwins detects the twins of the run's employees among everybody in the
// roster who has not left before the period. A pair that was acknowledged in an
// earlier run stays acknowledged: nobody reads a list that is the same every
// month. Done again, it keeps what was acknowledged of the pairs that still are.
func storeTwins(ctx context.Context, tx pgx.Tx, run payroll.Run) error {
	paid, err := tx.Query(ctx, `select employee from slips where run = $1`, run.ID)
	if err != nil {
		return wrap("read the run's employees", err)
	}
	numbers, err := pgx.CollectRows(paid, pgx.RowTo[payroll.EmployeeNumber])
	if err != nil {
		return wrap("read the run's employees", err)
	}
	rows, err := tx.Query(ctx, `select e.number, e.name, e.email, coalesce(c.fingerprint, ''), coalesce(c.addresses, '{}')
		from employees e left join certificates c on c.employee = e.number and c.standing = 'current'
		where e.left_on is null or e.left_on >= $2 or e.number in (select employee from slips where run = $1)`,
		run.ID, run.Period.First().String())
	if err != nil {
		return wrap("read the roster", err)
	}
	candidates, err := pgx.CollectRows(rows, pgx.RowToStructByPos[payroll.Candidate])
	if err != nil {
		return wrap("read the roster", err)
	}
	inRun := make(map[payroll.EmployeeNumber]bool, len(numbers))
	for _, n := range numbers {
		inRun[n] = true
	}
	twins := slices.DeleteFunc(payroll.Twins(candidates), func(t payroll.Twin) bool { return !inRun[t.First] && !inRun[t.Second] })
	if err := replaceTwins(ctx, tx, run.ID, twins); err != nil {
		return wrap("store twins", err)
	}
	_, err = tx.Exec(ctx, `update twins t set acknowledged_by = o.acknowledged_by, acknowledged_at = o.acknowledged_at, note = o.note
		from twins o where t.run = $1 and t.acknowledged_at is null and o.run < $1 and o.acknowledged_at is not null
		and (o.kind, o.first, o.second) = (t.kind, t.first, t.second)`, run.ID)
	return wrap("carry over acknowledgements", err)
}

// replaceTwins deletes the run's pairs that are none any more, and adds those that
// are new.
func replaceTwins(ctx context.Context, tx pgx.Tx, run payroll.RunID, twins []payroll.Twin) error {
	rows, err := tx.Query(ctx, `select kind, first, second from twins where run = $1`, run)
	if err != nil {
		return err
	}
	stored, err := pgx.CollectRows(rows, pgx.RowToStructByPos[payroll.Twin])
	if err != nil {
		return err
	}
	gone := make(map[payroll.Twin]bool, len(stored))
	for _, t := range stored {
		gone[t] = true
	}
	fresh := make([]payroll.Twin, 0, len(twins))
	for _, t := range twins {
		if !gone[t] {
			fresh = append(fresh, t)
		}
		delete(gone, t)
	}
	for t := range gone {
		if _, err := tx.Exec(ctx, `delete from twins where run = $1 and kind = $2 and first = $3 and second = $4`, run, t.Kind, t.First, t.Second); err != nil {
			return err
		}
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"twins"}, []string{"run", "kind", "first", "second"},
		pgx.CopyFromSlice(len(fresh), func(i int) ([]any, error) {
			return []any{run, fresh[i].Kind, fresh[i].First, fresh[i].Second}, nil
		}))
	return err
}

// TwinCount counts a run's twins, and those that nobody has acknowledged.
func (s *Store) TwinCount(ctx context.Context, run payroll.RunID) (c payroll.RemarkCount, err error) {
	err = s.pool.QueryRow(ctx, `select count(*)::int, count(*) filter (where acknowledged_at is null)::int from twins where run = $1`, run).Scan(&c.All, &c.Open)
	return c, wrap("count twins", err)
}

// Twins reads the twin findings of a run.
func (s *Store) Twins(ctx context.Context, run payroll.RunID) ([]TwinFinding, error) {
	rows, err := s.pool.Query(ctx, `select kind, first, second, coalesce(acknowledged_by, '') as acknowledged_by, note
		from twins where run = $1 order by first, second, kind`, run)
	if err != nil {
		return nil, wrap("read twins", err)
	}
	twins, err := pgx.CollectRows(rows, pgx.RowToStructByName[TwinFinding])
	return twins, wrap("read twins", err)
}

// AcknowledgeTwins records that a person looked at every twin finding of these
// employees and that each slip goes to the right one.
func (s *Store) AcknowledgeTwins(ctx context.Context, run payroll.RunID, numbers []payroll.EmployeeNumber, by payroll.AdminName, note string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update twins set acknowledged_by = $2, acknowledged_at = clock_timestamp(), note = $3
			where run = $1 and (first = any($4) or second = any($4))`, run, by, note, numbers)
		if err != nil {
			return wrap("acknowledge twins", err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("acknowledge twins: %w among the twins of run %d", payroll.ErrNotFound, run)
		}
		return record(ctx, tx, runAct(by, "run.acknowledge", run, map[string]string{
			"employees": joinNumbers(numbers), "note": note,
		}))
	})
}
