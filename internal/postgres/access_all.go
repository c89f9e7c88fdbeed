package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// SealAccess seals everything that decides who may act as it stands at this
// moment: whatever anybody has written into the database counts from then on. It
// is for tests that plant rows; internal/arch holds that nothing else calls it.
func (s *Store) SealAccess(ctx context.Context) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		for _, f := range []func(context.Context, pgx.Tx) error{s.sealAccounts, s.sealVisits, s.sealTokens, s.sealLinks, s.sealStepUps, s.sealProposals} {
			if err := f(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachRow runs f with every value of a column.
func eachRow[T any](ctx context.Context, tx pgx.Tx, sql string, f func(T) error) error {
	rows, err := tx.Query(ctx, sql)
	if err != nil {
		return wrap("seal", err)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[T])
	if err != nil {
		return wrap("seal", err)
	}
	for _, value := range values {
		if err := f(value); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) sealAccounts(ctx context.Context, tx pgx.Tx) error {
	return eachRow(ctx, tx, `select name from admins`, func(name payroll.AdminName) error {
		a, _, err := s.account(ctx, tx, name)
		if err == nil && !a.fresh() || err != nil && !errors.As(err, new(tampered)) {
			return err // sealed as it stands, or not to be read
		}
		return s.reseal(ctx, tx, name)
	})
}

func (s *Store) sealVisits(ctx context.Context, tx pgx.Tx) error {
	return eachRow(ctx, tx, `select id_hash from admin_sessions where admin is not null or pending is not null`, func(hash []byte) error {
		return s.sealVisit(ctx, tx, payroll.SecretHash(hash))
	})
}

func (s *Store) sealProposals(ctx context.Context, tx pgx.Tx) error {
	return eachRow(ctx, tx, `select id from proposals`, func(id payroll.ProposalID) error { return s.sealProposal(ctx, tx, id) })
}

func (s *Store) sealTokens(ctx context.Context, tx pgx.Tx) error {
	return eachRow(ctx, tx, `select hash from api_tokens`, func(hash []byte) error {
		t := payroll.AccessToken{Hash: hash}
		err := tx.QueryRow(ctx, `select t.id::text, t.admin, t.label, t.scopes, t.created_at, t.expires_at, a.lockouts
			from api_tokens t join admins a on a.name = t.admin where t.hash = $1`, hash).
			Scan(&t.ID, &t.Admin, &t.Label, &t.Scopes, &t.CreatedAt, &t.ExpiresAt, &t.Lockouts)
		if err == nil {
			_, err = tx.Exec(ctx, `update api_tokens set seal = $2 where hash = $1`, hash, s.vault.SealAccess(t))
		}
		return wrap("seal token", err)
	})
}

func (s *Store) sealLinks(ctx context.Context, tx pgx.Tx) error {
	return eachRow(ctx, tx, `select hash from admin_links`, func(hash []byte) error {
		l := payroll.AccessLink{Hash: hash}
		err := tx.QueryRow(ctx, `select l.admin, l.purpose, l.made_by, l.expires_at, a.lockouts
			from admin_links l join admins a on a.name = l.admin where l.hash = $1`, hash).Scan(&l.Admin, &l.Purpose, &l.MadeBy, &l.ExpiresAt, &l.Lockouts)
		if err == nil {
			_, err = tx.Exec(ctx, `update admin_links set seal = $2 where hash = $1`, hash, s.vault.SealAccess(l))
		}
		return wrap("seal link", err)
	})
}

func (s *Store) sealStepUps(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, `select session, purpose, at from step_ups`)
	if err != nil {
		return wrap("seal", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.AccessStepUp])
	for _, u := range all {
		if err == nil {
			_, err = tx.Exec(ctx, `update step_ups set seal = $3 where session = $1 and purpose = $2`, u.Session, u.Purpose, s.vault.SealAccess(u))
		}
	}
	return wrap("seal", err)
}
