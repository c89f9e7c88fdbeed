package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Where a run's sums and figures belong in it, and a remark's: no employee has
// such a number, for a number has no control character.
const (
	totalsPlace  = "\x00totals"
	figuresPlace = "\x00figures"
	remarkPlace  = "\x00remark "
)

// storeFigures keeps the run's sums and what the next run will be compared with,
// and compares this one with the one before.
func (s *Store) storeFigures(ctx context.Context, tx pgx.Tx, run *payroll.Run, key *keystore.DataKey, tally *payroll.Tally) error {
	totals, err := json.Marshal(tally.Totals())
	if err != nil {
		return fmt.Errorf("encode totals: %w", err)
	}
	figures := tally.Figures()
	_, err = tx.Exec(ctx, `update runs set totals = $2, figures = $3 where id = $1`, run.ID,
		key.Seal(totals, keystore.Binding{Run: run.ID, Employee: totalsPlace}),
		key.Seal(payroll.EncodeFigures(figures), keystore.Binding{Run: run.ID, Employee: figuresPlace}))
	if err != nil {
		return wrap("store figures", err)
	}
	return s.storeRemarks(ctx, tx, run, key, figures)
}

// Totals reads a run's sums. It is payroll.ErrNotFound of a run that was imported
// before they were kept, or whose pay data are gone.
func (s *Store) Totals(ctx context.Context, run payroll.RunID) (payroll.Totals, error) {
	var totals payroll.Totals
	content, err := s.openPlace(ctx, s.pool, run, "totals", totalsPlace)
	if err != nil {
		return totals, err
	}
	if json.Unmarshal(content, &totals) != nil {
		return totals, fmt.Errorf("%w: the stored totals of run %d are not readable", payroll.ErrInvalid, run)
	}
	return totals, nil
}

// Figures reads what a run's slips are compared by, sorted by employee number.
// It is payroll.ErrNotFound like Totals.
func (s *Store) Figures(ctx context.Context, run payroll.RunID) ([]payroll.Figure, error) {
	return s.figuresIn(ctx, s.pool, run)
}

func (s *Store) figuresIn(ctx context.Context, q querier, run payroll.RunID) ([]payroll.Figure, error) {
	content, err := s.openPlace(ctx, q, run, "figures", figuresPlace)
	if err != nil {
		return nil, err
	}
	return payroll.DecodeFigures(content)
}

// openPlace reads one of the sealed columns of a run. column is a name of ours.
func (s *Store) openPlace(ctx context.Context, q querier, run payroll.RunID, column string, place payroll.EmployeeNumber) ([]byte, error) {
	var content, wrapped []byte
	err := q.QueryRow(ctx, `select `+column+`, data_key from runs where id = $1`, run).Scan(&content, &wrapped)
	if err == nil && (content == nil || wrapped == nil) {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return nil, wrap(fmt.Sprintf("read the %s of run %d", column, run), err)
	}
	if s.vault == nil {
		return nil, errLocked
	}
	key, err := s.vault.Unwrap(wrapped, run) // not by dataKey, which wants a connection more
	if err != nil {
		return nil, err
	}
	opened, err := key.Open(content, keystore.Binding{Run: run, Employee: place})
	if err != nil {
		return nil, fmt.Errorf("open the %s of run %d: %w", column, run, err)
	}
	return opened, nil
}

// runBefore is the run with which this one is compared: the one that it corrects;
// the main one of its own month, for a supplement; else the newest of an earlier
// month, of the same source if there is one. It is payroll.ErrNotFound if there
// is none.
func runBefore(ctx context.Context, tx pgx.Tx, run *payroll.Run) (payroll.Run, error) {
	if run.Corrects != 0 {
		return readRun(ctx, tx, run.Corrects, "")
	}
	if run.Supplement {
		before, err := scanRun(tx.QueryRow(ctx, `select `+runColumns+` from runs
			where period = $1 and id <> $2 and currency = $3 and state not in ('void', 'rejected') and not supplement and corrects is null
			order by (source = $4) desc, id desc limit 1`, run.Period.String(), run.ID, run.Currency, run.Source))
		if !errors.Is(err, pgx.ErrNoRows) {
			return before, wrap("look for the run of the month", err)
		}
	}
	before, err := scanRun(tx.QueryRow(ctx, `select `+runColumns+` from runs
		where period < $1 and currency = $2 and state in ('approved', 'sending', 'paused', 'complete', 'incomplete')
		and not supplement and corrects is null
		order by (source = $3) desc, period desc, id desc limit 1`, run.Period.String(), run.Currency, run.Source))
	return before, wrap("look for the run before", err)
}
