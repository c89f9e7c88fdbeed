package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// ceremonyPurpose is the vault's, for what a sign-in has under way: it may hold
// the seed of one-time codes that are being set up.
const ceremonyPurpose = "console ceremony"

// visitColumns are a visit v with the admin a whose it is, or would be.
const visitColumns = `v.id_hash, v.id::text, coalesce(v.admin, ''), coalesce(v.pending, ''), v.proof, v.browser, v.address, v.created_at, v.seen_at, v.seal,
	coalesce(a.name, ''), coalesce(a.roles, '{}'), a.disabled_at is not null, coalesce(a.employee, ''), a.enrolled_at, a.handle,
	coalesce(a.generation, 0), coalesce(a.lockouts, 0), a.seal, a.ways_seal`

// AdminSession is the visit with that cookie, seen now. It is payroll.ErrNotFound
// if it has ended or its admin was disabled. Of somebody between two factors, or
// in the middle of a ceremony, Admin is zero.
func (s *Store) AdminSession(ctx context.Context, secret payroll.SecretHash, limits payroll.SessionLimits) (payroll.AdminSession, error) {
	return s.visit(ctx, `with v as (update admin_sessions v set seen_at = clock_timestamp() where v.id_hash = $1
			and v.seen_at > clock_timestamp() - $2::interval and v.created_at > clock_timestamp() - $3::interval returning v.*)
		select `+visitColumns+` from v left join admins a on a.name in (v.admin, v.pending) where a.disabled_at is null`,
		secret[:], limits.Idle, limits.Max)
}

// VisitStands reports whether a visit to the console goes on, without keeping it
// awake: its admin is not disabled and it has not ended.
func (s *Store) VisitStands(ctx context.Context, secret payroll.SecretHash, limits payroll.SessionLimits) (bool, error) {
	v, err := s.visit(ctx, `select `+visitColumns+` from admin_sessions v join admins a on a.name = v.admin where a.disabled_at is null and v.id_hash = $1
		and v.seen_at > clock_timestamp() - $2::interval and v.created_at > clock_timestamp() - $3::interval`,
		secret[:], limits.Idle, limits.Max)
	if errors.Is(err, payroll.ErrNotFound) {
		return false, nil
	}
	return v.Admin.Name != "", err
}

// visit reads a visit, and looks at its seal and its admin's.
func (s *Store) visit(ctx context.Context, sql string, args ...any) (payroll.AdminSession, error) {
	var v payroll.AdminSession
	var row payroll.AccessVisit
	var a sealedAdmin
	var seal []byte
	read := func() error {
		fields := []any{&row.Hash, &row.ID, &row.Admin, &row.Pending, &row.Proof, &v.Browser, &v.Address, &row.Began, &v.Seen, &seal}
		return s.pool.QueryRow(ctx, sql, args...).Scan(append(fields, a.fields()...)...)
	}
	err := read()
	if err == nil && a.Name != "" {
		if err = s.known(&a, read); err == nil {
			row.Lockouts = a.Lockouts
			err = s.fits(row, seal)
		}
	}
	if err != nil {
		return payroll.AdminSession{}, wrap("read a visit to the console", s.tell(ctx, err))
	}
	v.ID, v.Pending, v.Proof, v.Began = row.ID, row.Pending, row.Proof, row.Began
	if row.Admin != "" {
		v.Admin = a.Admin
	}
	return v, nil
}

// PutCeremony keeps, with a visit, what has been begun in it: a passkey, single
// sign-on, an enrolment. A visit that there is not yet begins by it, as nobody's.
func (s *Store) PutCeremony(ctx context.Context, session payroll.SecretHash, content []byte, from payroll.Place) error {
	sealed, err := s.vault.SealSecret(content, ceremonyPurpose, hex.EncodeToString(session[:]))
	if err != nil {
		return err
	}
	_, err = s.pool.Exec(ctx, `insert into admin_sessions (id_hash, ceremony, ceremony_at, browser, address)
		values ($1, $2, clock_timestamp(), $3, $4)
		on conflict (id_hash) do update set ceremony = excluded.ceremony, ceremony_at = excluded.ceremony_at`,
		session[:], sealed, from.Browser, from.Address)
	return wrap("keep what was begun", err)
}

// Ceremony is what has been begun in a visit not longer ago than that;
// payroll.ErrNotFound if nothing was.
func (s *Store) Ceremony(ctx context.Context, session payroll.SecretHash, fresh time.Duration) ([]byte, error) {
	return s.openCeremony(ctx, session, `select ceremony from admin_sessions
		where id_hash = $1 and ceremony is not null and ceremony_at > clock_timestamp() - $2::interval`, fresh)
}

// TakeCeremony is Ceremony, and it is over with it: of two who come at once, one
// gets it.
func (s *Store) TakeCeremony(ctx context.Context, session payroll.SecretHash, fresh time.Duration) ([]byte, error) {
	return s.openCeremony(ctx, session, `with begun as (
			select id_hash, ceremony, ceremony_at from admin_sessions where id_hash = $1 and ceremony is not null for update
		) update admin_sessions v set ceremony = null, ceremony_at = null from begun b
		where v.id_hash = b.id_hash and b.ceremony_at > clock_timestamp() - $2::interval returning b.ceremony`, fresh)
}

func (s *Store) openCeremony(ctx context.Context, session payroll.SecretHash, sql string, fresh time.Duration) ([]byte, error) {
	var sealed []byte
	if err := s.pool.QueryRow(ctx, sql, session[:], fresh).Scan(&sealed); err != nil {
		return nil, wrap("take up what was begun", err)
	}
	return s.vault.OpenSecret(sealed, ceremonyPurpose, hex.EncodeToString(session[:]))
}

// PendAdmin begins the visit of somebody whose password was right and whose
// second factor is awaited. The one before it ends.
func (s *Store) PendAdmin(ctx context.Context, old, session payroll.SecretHash, name payroll.AdminName, from payroll.Place) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := endSession(ctx, tx, old); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into admin_sessions (id_hash, pending, browser, address) values ($1, $2, $3, $4)`,
			session[:], name, from.Browser, from.Address)
		if err != nil {
			return wrap("begin a visit to the console", err)
		}
		return s.sealVisit(ctx, tx, session)
	})
}

// SignInAdmin begins the visit of an admin who has proved who they are, under a
// new token; the one before it ends, and so does the count of failed tries.
func (s *Store) SignInAdmin(ctx context.Context, e payroll.Evidence, try payroll.Try, old, session payroll.SecretHash, from payroll.Place) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := s.useEvidence(ctx, tx, e); err != nil {
			return err
		}
		if err := clearTries(ctx, tx, try); err != nil {
			return err
		}
		return s.beginAdminSession(ctx, tx, e, old, session, from)
	})
}

// beginAdminSession is the one place where somebody becomes an admin.
func (s *Store) beginAdminSession(ctx context.Context, tx pgx.Tx, e payroll.Evidence, old, session payroll.SecretHash, from payroll.Place) error {
	if err := endSession(ctx, tx, old); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, `insert into admin_sessions (id_hash, admin, proof, browser, address)
		select $1, name, $3, $4, $5 from admins where name = $2 and disabled_at is null and enrolled_at is not null`,
		session[:], e.Admin, string(e.Proof), from.Browser, from.Address)
	if err == nil && tag.RowsAffected() == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return wrap("begin a visit to the console", err)
	}
	if err := s.sealVisit(ctx, tx, session); err != nil {
		return err
	}
	return record(proofOf(ctx, e.Proof), tx, payroll.Act{Who: e.Admin, What: "account.sign_in", Subject: string(e.Admin),
		Detail: map[string]string{"browser": from.Browser}})
}

// sealVisit seals a visit that has just begun.
func (s *Store) sealVisit(ctx context.Context, tx pgx.Tx, session payroll.SecretHash) error {
	if s.vault == nil {
		return errLocked
	}
	row := payroll.AccessVisit{Hash: session[:]}
	err := tx.QueryRow(ctx, `select v.id::text, coalesce(v.admin, ''), coalesce(v.pending, ''), v.proof, v.created_at, a.lockouts
		from admin_sessions v join admins a on a.name in (v.admin, v.pending) where v.id_hash = $1`, session[:]).
		Scan(&row.ID, &row.Admin, &row.Pending, &row.Proof, &row.Began, &row.Lockouts)
	if err == nil {
		_, err = tx.Exec(ctx, `update admin_sessions set seal = $2 where id_hash = $1`, session[:], s.vault.SealAccess(row))
	}
	return wrap("seal a visit to the console", err)
}

// proofOf is the context with how somebody has just proved who they are.
func proofOf(ctx context.Context, proof payroll.Proof) context.Context {
	origin := payroll.OriginOf(ctx)
	origin.Proof = string(proof)
	return payroll.WithOrigin(ctx, origin)
}

func endSession(ctx context.Context, tx pgx.Tx, session payroll.SecretHash) error {
	_, err := tx.Exec(ctx, `delete from admin_sessions where id_hash = $1`, session[:])
	return wrap("end a visit to the console", err)
}

// SignOutAdmin ends a visit. One that is over already is no error.
func (s *Store) SignOutAdmin(ctx context.Context, session payroll.SecretHash) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var name payroll.AdminName
		err := tx.QueryRow(ctx, `select coalesce(admin, '') from admin_sessions where id_hash = $1`, session[:]).Scan(&name)
		if err != nil {
			return noneIsFine(err)
		}
		if err := endSession(ctx, tx, session); err != nil || name == "" {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: name, What: "account.sign_out", Subject: string(name)})
	})
}

// AdminSessions are an admin's visits that have not ended, the newest first.
func (s *Store) AdminSessions(ctx context.Context, name payroll.AdminName, limits payroll.SessionLimits) ([]payroll.AdminSession, error) {
	rows, err := s.pool.Query(ctx, `select id::text, proof, browser, address, created_at, seen_at from admin_sessions
		where admin = $1 and seen_at > clock_timestamp() - $2::interval and created_at > clock_timestamp() - $3::interval
		order by created_at desc, id`, name, limits.Idle, limits.Max)
	if err != nil {
		return nil, wrap("read visits", err)
	}
	sessions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.AdminSession, error) {
		var a payroll.AdminSession
		err := row.Scan(&a.ID, &a.Proof, &a.Browser, &a.Address, &a.Began, &a.Seen)
		return a, err
	})
	return sessions, wrap("read visits", err)
}

// EndAdminSession ends one of an admin's visits.
func (s *Store) EndAdminSession(ctx context.Context, name payroll.AdminName, id string, by payroll.AdminName) error {
	return s.endSessions(ctx, name, by, `delete from admin_sessions where admin = $1 and id::text = $2`, id)
}

// EndOtherAdminSessions ends all visits of an admin but the one with that cookie.
func (s *Store) EndOtherAdminSessions(ctx context.Context, name payroll.AdminName, keep payroll.SecretHash) error {
	return s.endSessions(ctx, name, name, `delete from admin_sessions where admin = $1 and id_hash <> $2`, keep[:])
}

func (s *Store) endSessions(ctx context.Context, name, by payroll.AdminName, sql string, which any) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sql, name, which)
		if err != nil {
			return wrap("end visits", err)
		}
		if tag.RowsAffected() == 0 {
			return wrap("end visits", pgx.ErrNoRows)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "account.end_sessions", Subject: string(name)})
	})
}
