package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// PutStepUp writes down that a fresh second factor was given in a visit, for one
// purpose. It must be the visit of whose evidence it is.
func (s *Store) PutStepUp(ctx context.Context, session payroll.SecretHash, purpose string, e payroll.Evidence, try payroll.Try) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if e.Recovery != (payroll.SecretHash{}) {
			return wrap("step up", payroll.ErrNotAllowed) // a recovery code is for getting in, not for acting
		}
		if err := s.useEvidence(ctx, tx, e); err != nil {
			return err
		}
		if err := clearTries(ctx, tx, try); err != nil {
			return err
		}
		row := payroll.AccessStepUp{Session: session[:], Purpose: purpose}
		err := tx.QueryRow(ctx, `insert into step_ups (session, purpose) select id_hash, $3 from admin_sessions where id_hash = $1 and admin = $2
			on conflict (session, purpose) do update set at = clock_timestamp() returning at`, session[:], e.Admin, purpose).Scan(&row.At)
		if err == nil {
			_, err = tx.Exec(ctx, `update step_ups set seal = $3 where session = $1 and purpose = $2`, session[:], purpose, s.vault.SealAccess(row))
		}
		if err != nil {
			return wrap("step up", err)
		}
		return record(ctx, tx, payroll.Act{Who: e.Admin, What: "account.step_up", Subject: string(e.Admin),
			Detail: map[string]string{"for": purpose, "by": string(e.Proof)}})
	})
}

// StepUpAtOnce uses up a one-time code for one act that follows at once, outside
// of any visit: a command's.
func (s *Store) StepUpAtOnce(ctx context.Context, purpose string, e payroll.Evidence, try payroll.Try) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := s.useEvidence(ctx, tx, e); err != nil {
			return err
		}
		if err := clearTries(ctx, tx, try); err != nil {
			return err
		}
		return recordAccount(ctx, tx, e.Admin, "account.step_up", map[string]string{"for": purpose, "by": "code"})
	})
}

// HasStepUp reports whether a fresh second factor waits to be used.
func (s *Store) HasStepUp(ctx context.Context, session payroll.SecretHash, purpose string, fresh time.Duration) (bool, error) {
	row := payroll.AccessStepUp{Session: session[:], Purpose: purpose}
	var seal []byte
	err := s.pool.QueryRow(ctx, `select at, seal from step_ups
		where session = $1 and purpose = $2 and at > clock_timestamp() - $3::interval`, session[:], purpose, fresh).Scan(&row.At, &seal)
	if err == nil {
		err = s.tell(ctx, s.fits(row, seal))
	}
	if errors.Is(err, pgx.ErrNoRows) || errors.Is(err, payroll.ErrNotFound) {
		return false, nil
	}
	return err == nil, wrap("look for a fresh second factor", err)
}

// TakeStepUp uses up a fresh second factor that was given in this visit for the
// purpose; payroll.ErrNotFound if there is none younger than that. Of two who come
// at once, one gets it.
func (s *Store) TakeStepUp(ctx context.Context, session payroll.SecretHash, purpose string, fresh time.Duration) error {
	return s.tell(ctx, s.takeStepUp(ctx, s.pool, payroll.StepUpUse{Session: session, Purpose: purpose, Fresh: fresh}))
}

// takeStepUp is TakeStepUp, perhaps in the transaction of the act for which it is:
// then it is gone exactly if that is done.
func (s *Store) takeStepUp(ctx context.Context, q querier, u payroll.StepUpUse) error {
	row := payroll.AccessStepUp{Session: u.Session[:], Purpose: u.Purpose}
	var young bool
	var seal []byte
	err := q.QueryRow(ctx, `delete from step_ups where session = $1 and purpose = $2
		returning at > clock_timestamp() - $3::interval, at, seal`, u.Session[:], u.Purpose, u.Fresh).Scan(&young, &row.At, &seal)
	if err == nil && !young {
		err = pgx.ErrNoRows
	}
	if err == nil {
		err = s.fits(row, seal)
	}
	return wrap("use a fresh second factor", err)
}

// noneIsFine is nil where there is no row.
func noneIsFine(err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// NoteRefusal keeps in the audit log that somebody was refused something, which is
// a method and a route.
func (s *Store) NoteRefusal(ctx context.Context, by payroll.AdminName, what string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		return record(ctx, tx, payroll.Act{Who: by, What: "access.refused", Subject: what})
	})
}
