package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// useEvidence uses up what an admin has shown: a time step counts once, a
// recovery code once, and of a passkey what is kept moves on. What does not count
// any more is payroll.ErrNotAllowed.
func (s *Store) useEvidence(ctx context.Context, tx pgx.Tx, e payroll.Evidence) error {
	if _, _, err := s.account(ctx, tx, e.Admin); err != nil {
		return err
	}
	var rows int64
	var err error
	switch e.Proof {
	case payroll.ProofPasswordTOTP:
		rows, err = changed(ctx, tx, `update admin_factors set last_step = $3, used_at = clock_timestamp()
			where id = $1 and admin = $2 and kind = 'totp' and last_step < $3`, e.Factor, e.Admin, e.Step)
	case payroll.ProofPasswordRecovery:
		rows, err = changed(ctx, tx, `update recovery_codes set used_at = clock_timestamp()
			where hash = $1 and admin = $2 and used_at is null`, e.Recovery[:], e.Admin)
	case payroll.ProofPasskey:
		rows, err = changed(ctx, tx, `update admin_factors set content = $3, used_at = clock_timestamp()
			where id = $1 and admin = $2 and kind = 'passkey'`, e.Factor, e.Admin, e.Content)
	case payroll.ProofSSO:
		rows, err = changed(ctx, tx, `update admin_factors set used_at = clock_timestamp()
			where id = $1 and admin = $2 and kind = 'sso'`, e.Factor, e.Admin)
	}
	if err != nil {
		return wrap("use a factor", err)
	}
	if rows == 0 {
		return fmt.Errorf("use a factor: %w: it does not count, or has counted already", payroll.ErrNotAllowed)
	}
	return s.reseal(ctx, tx, e.Admin)
}

// changed runs a statement and says how many rows it changed.
func changed(ctx context.Context, tx pgx.Tx, sql string, args ...any) (int64, error) {
	tag, err := tx.Exec(ctx, sql, args...)
	return tag.RowsAffected(), err
}
