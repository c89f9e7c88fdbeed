package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// AddFactor gives an admin another way to be known again. A password comes, and
// goes, with one-time codes: it must be "" with every other kind.
func (s *Store) AddFactor(ctx context.Context, name payroll.AdminName, f payroll.NewFactor, password string) error {
	return s.inAccount(ctx, name, func(tx pgx.Tx) (payroll.Act, error) {
		return accountAct(name, "account.factor_added", map[string]string{"kind": string(f.Kind)}), s.putFactor(ctx, tx, name, f, password)
	})
}

func (s *Store) putFactor(ctx context.Context, tx pgx.Tx, name payroll.AdminName, f payroll.NewFactor, password string) error {
	content := f.Content
	if f.Kind == payroll.FactorTOTP {
		sealed, err := s.vault.SealSecret(content, seedPurpose, string(name))
		if err != nil {
			return err
		}
		content = sealed
	}
	if content == nil {
		content = []byte{}
	}
	_, err := tx.Exec(ctx, `insert into admin_factors (admin, kind, label, handle, content, last_step) values ($1, $2, $3, $4, $5, $6)`,
		name, string(f.Kind), f.Label, f.Handle, content, f.Step)
	if violates(err, "admin_factors_handle") {
		return fmt.Errorf("%w: it belongs to an account already", payroll.ErrWrongState)
	}
	if err == nil && password != "" {
		_, err = tx.Exec(ctx, `insert into admin_passwords (admin, hash) values ($1, $2)
			on conflict (admin) do update set hash = excluded.hash, set_at = clock_timestamp()`, name, password)
	}
	return wrap("keep a factor", err)
}

// RenameFactor changes what an admin calls one of their factors.
func (s *Store) RenameFactor(ctx context.Context, name payroll.AdminName, factor int64, label string) error {
	return s.changeAccount(ctx, name, "account.factor_renamed", nil, `update admin_factors set label = $3 where admin = $1 and id = $2`, factor, label)
}

// RemoveFactor takes one of an admin's factors away, and the password with the
// last one-time codes. The last way in stays. Visits that were not proved anew
// since are the admin's own business: their list is beside it.
func (s *Store) RemoveFactor(ctx context.Context, name payroll.AdminName, factor int64) error {
	return s.inAccount(ctx, name, func(tx pgx.Tx) (payroll.Act, error) {
		var kind string
		err := tx.QueryRow(ctx, `delete from admin_factors where admin = $1 and id = $2 returning kind`, name, factor).Scan(&kind)
		if err != nil {
			return payroll.Act{}, wrap("remove a factor", err)
		}
		var left, codes int
		err = tx.QueryRow(ctx, `select count(*), count(*) filter (where kind = 'totp') from admin_factors where admin = $1`, name).Scan(&left, &codes)
		if err != nil {
			return payroll.Act{}, wrap("remove a factor", err)
		}
		if left == 0 {
			return payroll.Act{}, fmt.Errorf("%w: this is your last way in; add another first", payroll.ErrNotAllowed)
		}
		if codes == 0 {
			_, err = tx.Exec(ctx, `delete from admin_passwords where admin = $1`, name)
		}
		return accountAct(name, "account.factor_removed", map[string]string{"kind": kind}), wrap("remove a password", err)
	})
}

// AdminLink is whose a one-time link is, if it can still be used, and whether it
// leads into a new account or back into an old one ("enrol", "reset").
func (s *Store) AdminLink(ctx context.Context, link payroll.SecretHash) (name payroll.AdminName, purpose string, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		l, err := s.link(ctx, tx, link, ``)
		name, purpose = l.Admin, l.Purpose
		return err
	})
	return name, purpose, wrap("open link", err)
}

// link reads a one-time link that can still be used.
func (s *Store) link(ctx context.Context, tx pgx.Tx, link payroll.SecretHash, lock string) (payroll.AccessLink, error) {
	var a sealedAdmin
	var l payroll.AccessLink
	var seal []byte
	err := tx.QueryRow(ctx, `select l.hash, l.admin, l.purpose, l.made_by, l.expires_at, l.seal, `+sealedAdminColumns+`
		from admin_links l join admins a on a.name = l.admin
		where l.hash = $1 and l.used_at is null and l.expires_at > clock_timestamp() and a.disabled_at is null `+lock, link[:]).
		Scan(append([]any{&l.Hash, &l.Admin, &l.Purpose, &l.MadeBy, &l.ExpiresAt, &seal}, a.fields()...)...)
	if err == nil {
		err = s.fits(a.AccessAdmin, a.seal)
	}
	if l.Lockouts = a.Lockouts; err == nil {
		err = s.fits(l, seal)
	}
	return l, err
}

// BeginAccount makes an account its owner's: it uses up the one-time link, keeps
// the first factor and the recovery codes, and begins a visit.
func (s *Store) BeginAccount(ctx context.Context, b payroll.Beginning, old, session payroll.SecretHash, from payroll.Place) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, _, err := s.account(ctx, tx, b.Admin); err != nil {
			return err
		}
		if err := s.useLink(ctx, tx, b); err != nil {
			return wrap("use link", err)
		}
		if err := s.putFactor(ctx, tx, b.Admin, b.Factor, b.Password); err != nil {
			return err
		}
		if err := putRecoveryCodes(ctx, tx, b.Admin, b.Recovery); err != nil {
			return err
		}
		if err := s.reseal(ctx, tx, b.Admin); err != nil {
			return err
		}
		err := recordAccount(proofOf(ctx, b.Proof), tx, b.Admin, "account.enrolled", map[string]string{"kind": string(b.Factor.Kind)})
		if err != nil {
			return err
		}
		return s.beginAdminSession(ctx, tx, payroll.Evidence{Admin: b.Admin, Proof: b.Proof}, old, session, from)
	})
}

func (s *Store) useLink(ctx context.Context, tx pgx.Tx, b payroll.Beginning) error {
	l, err := s.link(ctx, tx, b.Link, `for no key update of l`)
	if err != nil {
		return err
	}
	if l.Admin != b.Admin {
		return pgx.ErrNoRows
	}
	if _, err := tx.Exec(ctx, `update admin_links set used_at = clock_timestamp() where hash = $1`, b.Link[:]); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `update admins set enrolled_at = coalesce(enrolled_at, clock_timestamp()) where name = $1`, b.Admin)
	return err
}
