package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// codeTries is how often one code may be typed in wrong.
const codeTries = 5

// gone are employees who left so long ago that the form is closed to them. Until
// then they may look after their last slips.
const gone = `coalesce(left_on < current_date - 60, false)`

// OpenLink uses a link up and begins a session, which was proved by it. The link
// must have gone to the address that is still the employee's.
func (s *Store) OpenLink(ctx context.Context, token, session payroll.SecretHash) (payroll.Session, error) {
	begun := payroll.Session{Proof: payroll.ProvedByLink}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `update notices n set secret_used_at = clock_timestamp() from employees e
			where n.secret_hash = $1 and n.kind in ('invitation', 'link') and n.secret_used_at is null
				and n.secret_expires_at > clock_timestamp() and e.number = n.employee
				and lower(e.email) = lower(n.address) and not `+gone+` returning e.number`, token[:]).Scan(&begun.Employee)
		if err != nil {
			return err
		}
		return beginSession(ctx, tx, &begun, session)
	})
	return begun, emptied(&begun, wrap("open link", err))
}

// emptied leaves nothing in a session that was not begun.
func emptied(s *payroll.Session, err error) error {
	if err != nil {
		*s = payroll.Session{}
	}
	return err
}

func beginSession(ctx context.Context, tx pgx.Tx, begun *payroll.Session, session payroll.SecretHash) error {
	err := tx.QueryRow(ctx, `insert into sessions (id_hash, employee, proof) values ($1, $2, $3) returning created_at`,
		session[:], begun.Employee, string(begun.Proof)).Scan(&begun.Began)
	if err != nil {
		return err
	}
	return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "form.enter", Subject: string(begun.Employee),
		Detail: map[string]string{"by": string(begun.Proof)}})
}

// RequestLink asks for a fresh link to an address. It looks nobody up, and says
// the same whether the address is known, unknown or was asked for too often.
func (s *Store) RequestLink(ctx context.Context, email payroll.Address, language string) error {
	_, err := s.pool.Exec(ctx, askStranger, uuid.New(), string(payroll.NoticeLink), email, language, nil, askPeriod, linksPerPeriod)
	return wrap("ask for a link", err)
}

// askStranger writes down what somebody asked for an address, unless it was asked
// for it too often. Only such requests are counted, so that the work does not
// depend on whose address it is.
const askStranger = `insert into notices (id, kind, address, language, session)
	select $1::uuid, $2::text, $3::text, $4::text, $5::bytea where (select count(*) from notices
		where lower(address) = lower($3::text) and kind = $2::text and kind in ('link', 'sign_in_code')
			and created_at > clock_timestamp() - $6::interval) < $7`

// RequestSignIn asks for a code to sign in with, sealed to the current
// certificate of whoever has the address, and begins the session that waits for
// it. Like RequestLink it looks nobody up.
func (s *Store) RequestSignIn(ctx context.Context, email payroll.Address, session payroll.SecretHash, language string) error {
	_, err := s.pool.Exec(ctx, `with waiting as (
			insert into sessions (id_hash) values ($5::bytea)
			on conflict (id_hash) do update set seen_at = clock_timestamp() where sessions.employee is null
		) `+askStranger, uuid.New(), string(payroll.NoticeSignInCode), email, language, session[:], askPeriod, linksPerPeriod)
	return wrap("ask for a code", err)
}

// SignIn ends the waiting session and begins one that was proved by the code.
// After five wrong codes it is payroll.ErrTooMany, also where no code was ever
// sent.
func (s *Store) SignIn(ctx context.Context, pending, code, session payroll.SecretHash) (payroll.Session, error) {
	begun := payroll.Session{Proof: payroll.ProvedByCode}
	var refusal error
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var id string
		err := tx.QueryRow(ctx, `select n.id::text from notices n join sessions s on s.id_hash = n.session and s.employee is null
			where n.session = $1 and n.kind = 'sign_in_code' order by n.created_at desc limit 1`, pending[:]).Scan(&id)
		if err != nil {
			return err
		}
		if refusal, err = tryCode(ctx, tx, id, code); err != nil || refusal != nil {
			return err // a refusal is committed: the try counts
		}
		err = tx.QueryRow(ctx, `with ended as (delete from sessions where id_hash = $2)
			select e.number from notices n join employees e on e.number = n.employee and lower(e.email) = lower(n.address) and not `+gone+`
				join certificates c on c.employee = e.number and c.standing = 'current'
			where n.id = $1`, id, pending[:]).Scan(&begun.Employee)
		if err != nil {
			return err
		}
		return beginSession(ctx, tx, &begun, session)
	})
	return begun, emptied(&begun, wrap("sign in", errors.Join(err, refusal)))
}

// tryCode counts one try at a notice's code and uses the code up if it is right.
// The refusal is payroll.ErrTooMany or payroll.ErrNotFound.
func tryCode(ctx context.Context, tx pgx.Tx, id string, code payroll.SecretHash) (refusal, err error) {
	var right bool
	err = tx.QueryRow(ctx, `update notices set secret_tries = secret_tries + 1,
			secret_used_at = case when secret_hash = $2 and secret_expires_at > clock_timestamp() then clock_timestamp() end
		where id = $1 and secret_tries < $3 and secret_used_at is null returning secret_used_at is not null`,
		id, code[:], codeTries).Scan(&right)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return deadCode(ctx, tx, id)
	case err != nil || right:
		return nil, wrap("try code", err)
	}
	return fmt.Errorf("%w: not the code, or no longer", payroll.ErrNotFound), nil
}

// deadCode tells a code that was tried too often from one that was used.
func deadCode(ctx context.Context, tx pgx.Tx, id string) (refusal, err error) {
	var used bool
	if err := tx.QueryRow(ctx, `select secret_used_at is not null from notices where id = $1`, id).Scan(&used); err != nil {
		return nil, wrap("try code", err)
	}
	if used {
		return fmt.Errorf("%w: the code was used", payroll.ErrNotFound), nil
	}
	return fmt.Errorf("%w: %d wrong codes; ask for another", payroll.ErrTooMany, codeTries), nil
}

// Session reads a session that goes on, and notes that it was used.
func (s *Store) Session(ctx context.Context, session payroll.SecretHash, limits payroll.SessionLimits) (payroll.Session, error) {
	var found payroll.Session
	err := s.pool.QueryRow(ctx, `update sessions set seen_at = clock_timestamp()
		where id_hash = $1 and seen_at > clock_timestamp() - $2::interval and created_at > clock_timestamp() - $3::interval
			and not exists (select from employees where number = employee and `+gone+`)
		returning coalesce(employee, ''), proof, created_at`, session[:], limits.Idle, limits.Max).
		Scan(&found.Employee, &found.Proof, &found.Began)
	return found, wrap("read session", err)
}

// EndSession ends a session; one that is not there has ended.
func (s *Store) EndSession(ctx context.Context, session payroll.SecretHash) error {
	_, err := s.pool.Exec(ctx, `delete from sessions where id_hash = $1`, session[:])
	return wrap("end session", err)
}
