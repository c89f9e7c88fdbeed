package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// sentPage reads what the ledger knows of the slip with the id that is chosen
// from a table of slips. Only what the relay accepted counts as sent.
const sentPage = `select s.id::text, s.run, s.employee, r.period, s.state,
		(select max(a.finished_at) from attempts a where a.slip = s.id and a.outcome = 'accepted' and ($2::bytea is null or a.page = $2)),
		coalesce((select n.id::text from slips n where n.supersedes = s.id and n.state = 'accepted' limit 1), '')
	from slips s join runs r on r.id = s.run where s.id = $1`

// PageSent looks for the very bytes of a page in the ledger; false if no attempt
// sealed them.
func (s *Store) PageSent(ctx context.Context, page payroll.PageDigest) (payroll.SentPage, bool, error) {
	var slip string
	err := s.pool.QueryRow(ctx, `select slip::text from attempts where page = $1 order by begun_at desc limit 1`, page[:]).Scan(&slip)
	if errors.Is(err, pgx.ErrNoRows) {
		return payroll.SentPage{}, false, nil
	}
	if err != nil {
		return payroll.SentPage{}, false, wrap("look for a page", err)
	}
	return s.sentPage(ctx, slip, page[:])
}

// SlipSent is what the ledger knows of a slip by its number; false if there is
// none.
func (s *Store) SlipSent(ctx context.Context, slip payroll.SlipID) (payroll.SentPage, bool, error) {
	return s.sentPage(ctx, string(slip), nil)
}

func (s *Store) sentPage(ctx context.Context, slip string, page []byte) (payroll.SentPage, bool, error) {
	var p payroll.SentPage
	var period string
	err := s.pool.QueryRow(ctx, sentPage, slip, page).Scan(&p.Slip, &p.Run, &p.Employee, &period, &p.State, &p.SentAt, &p.SupersededBy)
	if errors.Is(err, pgx.ErrNoRows) {
		return payroll.SentPage{}, false, nil
	}
	if err != nil {
		return payroll.SentPage{}, false, wrap("look for a slip", err)
	}
	p.Period, err = payroll.ParsePeriod(period)
	return p, err == nil, err
}
