package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// tampered says that a row which decides who may act is not one that payseal
// wrote: for whoever asks it is not there.
type tampered struct{ table string }

// Error names the table and nobody.
func (t tampered) Error() string { return "a row of " + t.table + " was changed in the database" }

// Is knows payroll.ErrNotFound.
func (t tampered) Is(target error) bool { return target == payroll.ErrNotFound }

// fits is an error if the row is not the one that was sealed. Where no vault is
// unlocked nothing can be told.
func (s *Store) fits(row payroll.Access, seal []byte) error {
	if s.vault == nil || s.vault.AccessSealed(row, seal) {
		return nil
	}
	return tampered{row.Table()}
}

// tell raises an alarm about what the error says was tampered with, and hands the
// error on.
func (s *Store) tell(ctx context.Context, err error) error {
	var t tampered
	if !errors.As(err, &t) {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	raised := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		return raiseAlarms(ctx, tx, payroll.Alarm{Kind: payroll.AlarmTampered, Words: "a row of " + t.table})
	})
	if raised != nil {
		return fmt.Errorf("%w; %w", err, unavailable(raised))
	}
	return err
}

// sealedAdmin is an admin's row with its seals.
type sealedAdmin struct {
	payroll.AccessAdmin
	seal, waysSeal []byte
}

const sealedAdminColumns = `a.name, a.roles, a.disabled_at is not null, coalesce(a.employee, ''), a.enrolled_at, a.handle, a.generation, a.lockouts, a.seal, a.ways_seal`

func (a *sealedAdmin) fields() []any {
	return []any{&a.Name, &a.Roles, &a.Disabled, &a.Employee, &a.EnrolledAt, &a.Handle, &a.Generation, &a.Lockouts, &a.seal, &a.waysSeal}
}

// fresh reports whether nobody has ever made the account their own, nor sealed
// it: it is from before there was a console.
func (a *sealedAdmin) fresh() bool {
	return a.seal == nil && a.waysSeal == nil && a.EnrolledAt == nil && a.Generation == 0
}

// adminInTx reads an admin as they stay until the transaction ends. If they have
// proved who they are, their row must be sealed.
func (s *Store) adminInTx(ctx context.Context, tx pgx.Tx, name payroll.AdminName) (payroll.Admin, error) {
	var a sealedAdmin
	err := tx.QueryRow(ctx, `select `+sealedAdminColumns+` from admins a where a.name = $1 for share`, name).Scan(a.fields()...)
	if err == nil && payroll.OriginOf(ctx).Proof != "" {
		err = s.fits(a.AccessAdmin, a.seal)
	}
	return a.Admin, wrap("read admin", err)
}

// stillMay looks at whoever acts once more, when all is done but the commit. By then
// whatever is recorded holds the audit log's lock until it ends, as does whatever
// changes an admin: somebody who was disabled, or lost a role, since their page or
// their program was let in does nothing any more.
func (s *Store) stillMay(ctx context.Context, tx pgx.Tx) error {
	o := payroll.OriginOf(ctx)
	if o.Who == "" {
		o.Who, o.Roles = s.actor.Who, s.actor.Roles
	}
	if o.Who == "" {
		return nil
	}
	var a sealedAdmin
	err := tx.QueryRow(ctx, `select `+sealedAdminColumns+` from admins a where a.name = $1`, o.Who).Scan(a.fields()...)
	if err == nil && o.Proof != "" {
		err = s.fits(a.AccessAdmin, a.seal)
	}
	if err == nil {
		err = o.Check(a.Admin)
	}
	return wrap("look at who acts", err)
}

// account reads an admin with all ways in, and holds them until the transaction
// ends. They must be sealed, or from before there were seals.
func (s *Store) account(ctx context.Context, tx pgx.Tx, name payroll.AdminName) (sealedAdmin, payroll.AccessWays, error) {
	// The lock is what the change will need: lockAdmins then cannot come between.
	if _, err := tx.Exec(ctx, `lock table admins in row exclusive mode`); err != nil {
		return sealedAdmin{}, payroll.AccessWays{}, wrap("read account", err)
	}
	a, w, err := s.sealedAccount(ctx, tx, `name = $1 for no key update`, name)
	if err == nil && s.vault != nil && !s.remembers(a) {
		err = tampered{a.Table()}
	}
	return a, w, wrap("read account", err)
}

// readAccount is sealedAccount outside of any change.
func (s *Store) readAccount(ctx context.Context, condition string, arg any) (a sealedAdmin, w payroll.AccessWays, err error) {
	read := func() error {
		return pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			a, w, err = s.sealedAccount(ctx, tx, condition, arg)
			return err
		})
	}
	if err = read(); err == nil && s.vault != nil {
		err = s.current(&a, read)
	}
	return a, w, s.tell(ctx, err)
}

// sealedAccount reads the one admin whom the condition names.
func (s *Store) sealedAccount(ctx context.Context, q rowsQuerier, condition string, arg any) (a sealedAdmin, w payroll.AccessWays, err error) {
	if err = queryRow(ctx, q, `select `+sealedAdminColumns+` from admins a where a.`+condition, arg, a.fields()); err != nil {
		return a, w, err
	}
	if w, err = readWays(ctx, q, a); err != nil || a.fresh() && w.None() {
		return a, w, err
	}
	if err = s.fits(a.AccessAdmin, a.seal); err == nil {
		err = s.fits(w, a.waysSeal)
	}
	return a, w, err
}

// queryRow reads exactly one row.
func queryRow(ctx context.Context, q rowsQuerier, sql string, arg any, fields []any) error {
	rows, err := q.Query(ctx, sql, arg)
	if err != nil {
		return err
	}
	_, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) { return struct{}{}, row.Scan(fields...) })
	return err
}

// readWays reads all the ways into an account in one statement, so that they are
// of one moment.
func readWays(ctx context.Context, q rowsQuerier, a sealedAdmin) (payroll.AccessWays, error) {
	w := payroll.AccessWays{Admin: a.Name, Generation: a.Generation}
	rows, err := q.Query(ctx, `select 'password', 0::bigint, '', ''::bytea, convert_to(hash, 'UTF8'), 0::bigint, false from admin_passwords where admin = $1
		union all select 'factor', id, kind, coalesce(handle, ''), content, last_step, false from admin_factors where admin = $1
		union all select 'code', 0, '', hash, '', 0, used_at is not null from recovery_codes where admin = $1
		order by 1, 2, 4`, a.Name)
	if err != nil {
		return w, err
	}
	var what string
	var f payroll.AccessFactor
	var used bool
	_, err = pgx.ForEachRow(rows, []any{&what, &f.ID, &f.Kind, &f.Handle, &f.Content, &f.LastStep, &used}, func() error {
		switch what {
		case "password":
			w.Password = string(f.Content)
		case "factor":
			w.Factors = append(w.Factors, f)
		default:
			w.Codes = append(w.Codes, payroll.AccessCode{Hash: f.Handle, Used: used})
		}
		f.Handle, f.Content = nil, nil
		return nil
	})
	return w, err
}

// reseal seals an account as it stands after a change, at the end of the
// transaction that made it.
func (s *Store) reseal(ctx context.Context, tx pgx.Tx, name payroll.AdminName) error {
	var a sealedAdmin
	err := tx.QueryRow(ctx, `update admins a set generation = a.generation + 1 where a.name = $1 and (a.seal is not null or $2)
		returning `+sealedAdminColumns, name, s.vault != nil).Scan(a.fields()...)
	switch {
	case s.vault == nil && errors.Is(err, pgx.ErrNoRows):
		return nil // an installation without a console
	case err == nil && s.vault == nil:
		return errLocked
	case err != nil:
		return wrap("seal account", err)
	}
	w, err := readWays(ctx, tx, a)
	if err != nil {
		return wrap("seal account", err)
	}
	_, err = tx.Exec(ctx, `update admins set seal = $2, ways_seal = $3 where name = $1`, name, s.vault.SealAccess(a.AccessAdmin), s.vault.SealAccess(w))
	return wrap("seal account", err)
}

// inAccount runs a change of one account in a transaction, between looking at its
// seals and making them anew. What f writes into the audit log it returns.
func (s *Store) inAccount(ctx context.Context, name payroll.AdminName, f func(tx pgx.Tx) (payroll.Act, error)) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, _, err := s.account(ctx, tx, name); err != nil {
			return err
		}
		act, err := f(tx)
		if err != nil {
			return err
		}
		if err := s.reseal(ctx, tx, name); err != nil {
			return err
		}
		return record(ctx, tx, act)
	})
}

// remembers reports whether the account is not an older one than this process has
// seen: that one would have been put back.
func (s *Store) remembers(a sealedAdmin) bool {
	for {
		seen, loaded := s.generations.LoadOrStore(a.Name, a.Generation)
		switch {
		case !loaded || seen.(int64) == a.Generation:
			return true
		case seen.(int64) > a.Generation:
			return false
		}
		if s.generations.CompareAndSwap(a.Name, seen, a.Generation) {
			return true
		}
	}
}

// current is an error if the account was read as it stood before what this process
// has seen of it. What another has seen after our reading began is none of that,
// so a second reading, which again does, must reach what was seen before it.
func (s *Store) current(a *sealedAdmin, again func() error) error {
	if s.remembers(*a) {
		return nil
	}
	before, _ := s.generations.Load(a.Name)
	if err := again(); err != nil {
		return err
	}
	if a.Generation < before.(int64) {
		return tampered{a.Table()}
	}
	s.remembers(*a)
	return nil
}

// known looks at an admin's seal, and whether their row is an old one. again reads
// it once more.
func (s *Store) known(a *sealedAdmin, again func() error) error {
	if s.vault == nil {
		return nil
	}
	if err := s.fits(a.AccessAdmin, a.seal); err != nil {
		return err
	}
	if err := s.current(a, again); err != nil {
		return err
	}
	return s.fits(a.AccessAdmin, a.seal)
}
