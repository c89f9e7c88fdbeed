package postgres

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// SlipStatus is one line of a run's report: never what the slip says.
type SlipStatus struct {
	ID          payroll.SlipID         `json:"slip"`
	Employee    payroll.EmployeeNumber `json:"employee"`
	State       payroll.SlipState      `json:"state"`
	Hold        payroll.HoldReason     `json:"hold,omitempty"`
	Fingerprint payroll.Fingerprint    `json:"fingerprint,omitempty"` // of the last attempt, else the pinned one
	Attempts    int                    `json:"attempts"`
	Outcome     payroll.Kind           `json:"outcome,omitempty"` // of the last attempt
	Phase       string                 `json:"phase,omitempty"`
	Code        int                    `json:"code,omitempty"`
	Reply       string                 `json:"reply,omitempty"`
	FinishedAt  *time.Time             `json:"finished_at,omitempty"`
	DueAt       *time.Time             `json:"due_at,omitempty"` // of a slip that waits for another try
}

// SlipStatuses reads the report of a run in the order of the employee numbers.
func (s *Store) SlipStatuses(ctx context.Context, run payroll.RunID) ([]SlipStatus, error) {
	rows, err := s.pool.Query(ctx, `select s.id::text as id, s.employee, s.state, s.hold,
		coalesce(a.fingerprint, s.pin_fingerprint) as fingerprint,
		(select count(*)::int from attempts n where n.slip = s.id) as attempts,
		coalesce(a.outcome, '') as outcome, coalesce(a.phase, '') as phase, coalesce(a.code, 0) as code,
		coalesce(a.reply, '') as reply, a.finished_at,
		case when s.state in ('queued', 'deferred') then s.due_at end as due_at
		from slips s left join lateral (select * from attempts a where a.slip = s.id order by begun_at desc limit 1) a on true
		where s.run = $1 order by s.employee`, run)
	if err != nil {
		return nil, wrap("read slips", err)
	}
	slips, err := pgx.CollectRows(rows, pgx.RowToStructByName[SlipStatus])
	return slips, wrap("read slips", err)
}

// Counts counts a run's slips by state.
func (s *Store) Counts(ctx context.Context, run payroll.RunID) (map[payroll.SlipState]int, error) {
	return countSlips(ctx, s.pool, run, `state`)
}

type rowsQuerier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// countSlips counts by what an SQL expression says of each slip.
func countSlips(ctx context.Context, q rowsQuerier, run payroll.RunID, by string) (map[payroll.SlipState]int, error) {
	rows, err := q.Query(ctx, `select `+by+`, count(*)::int from slips where run = $1 group by 1`, run)
	if err != nil {
		return nil, wrap("count slips", err)
	}
	counts := make(map[payroll.SlipState]int)
	var state payroll.SlipState
	var n int
	_, err = pgx.ForEachRow(rows, []any{&state, &n}, func() error {
		counts[state] = n
		return nil
	})
	return counts, wrap("count slips", err)
}

// Slip opens one slip of a run for a person to look at. Who looked is audited, and
// counts as having opened it.
func (s *Store) Slip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName) (payroll.Slip, error) {
	var id payroll.SlipID
	var content []byte
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `select id::text, content from slips where run = $1 and employee = $2`, run, number).Scan(&id, &content)
		if err != nil {
			return wrap("read slip", err)
		}
		if err := refuseShredded(ctx, tx, run); err != nil {
			return err
		}
		if err := noteOpening(ctx, tx, run, number, by); err != nil {
			return err
		}
		return record(ctx, tx, slipAct(by, "slip.preview", run, number, nil))
	})
	if err != nil {
		return payroll.Slip{}, err
	}
	slip, _, err := s.openSlip(ctx, run, number, content)
	slip.ID = id
	return slip, err
}

// refuseShredded is payroll.ErrWrongState, with the day, if the run's pay data were
// destroyed.
func refuseShredded(ctx context.Context, q querier, run payroll.RunID) error {
	var at *time.Time
	err := q.QueryRow(ctx, `select shredded_at from runs where id = $1`, run).Scan(&at)
	if err == nil && at != nil {
		return payroll.Shredded(run, *at)
	}
	return wrap("look whether pay data are there", err)
}

// openSlip opens a sealed slip and returns it with the digest of what it opened.
func (s *Store) openSlip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, content []byte) (payroll.Slip, string, error) {
	key, err := s.dataKey(ctx, run)
	if err != nil {
		return payroll.Slip{}, "", err
	}
	encoded, err := key.Open(content, keystore.Binding{Run: run, Employee: number})
	if err != nil {
		return payroll.Slip{}, "", fmt.Errorf("open slip: %w", err)
	}
	slip, err := payroll.DecodeSlip(encoded)
	return slip, payroll.Digest(encoded), err
}

// dataKey unwraps a run's key once.
func (s *Store) dataKey(ctx context.Context, run payroll.RunID) (*keystore.DataKey, error) {
	if s.vault == nil {
		return nil, errLocked
	}
	if key, found := s.keys.Load(run); found {
		return key.(*keystore.DataKey), nil
	}
	var wrapped []byte
	err := s.pool.QueryRow(ctx, `select data_key from runs where id = $1`, run).Scan(&wrapped)
	if err != nil {
		return nil, wrap("read the run's data key", err)
	}
	if wrapped == nil {
		err := refuseShredded(ctx, s.pool, run)
		return nil, cmp.Or(err, fmt.Errorf("%w: run %d has no data key", payroll.ErrInvalid, run))
	}
	key, err := s.vault.Unwrap(wrapped, run)
	if err != nil {
		return nil, fmt.Errorf("unwrap the run's data key: %w", err)
	}
	s.keys.Store(run, key)
	return key, nil
}
