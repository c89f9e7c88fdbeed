package postgres

import (
	"bytes"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// seedPurpose is the vault's, for the seeds of one-time codes.
const seedPurpose = "totp seed"

const accountColumns = `a.name, a.roles, a.disabled_at is not null, a.display_name, coalesce(a.employee, ''), a.enrolled_at,
	exists (select from admin_passwords p where p.admin = a.name),
	(select count(*) from recovery_codes c where c.admin = a.name and c.used_at is null)`

// Account reads how an admin proves who they are, as far as a page may show it.
func (s *Store) Account(ctx context.Context, name payroll.AdminName) (payroll.Account, error) {
	rows, err := s.pool.Query(ctx, `select `+accountColumns+` from admins a where a.name = $1`, name)
	if err != nil {
		return payroll.Account{}, wrap("read account", err)
	}
	account, err := pgx.CollectExactlyOneRow(rows, scanAccount)
	if err != nil {
		return payroll.Account{}, wrap("read account", err)
	}
	account.Factors, err = s.factors(ctx, name)
	return account, err
}

// Accounts are all admins, by name, without their factors.
func (s *Store) Accounts(ctx context.Context) ([]payroll.Account, error) {
	rows, err := s.pool.Query(ctx, `select `+accountColumns+` from admins a order by a.name`)
	if err != nil {
		return nil, wrap("read accounts", err)
	}
	accounts, err := pgx.CollectRows(rows, scanAccount)
	return accounts, wrap("read accounts", err)
}

func scanAccount(row pgx.CollectableRow) (payroll.Account, error) {
	var a payroll.Account
	err := row.Scan(&a.Name, &a.Roles, &a.Disabled, &a.DisplayName, &a.Employee, &a.EnrolledAt, &a.Password, &a.RecoveryCodes)
	a.Factors = []payroll.Factor{}
	return a, err
}

func (s *Store) factors(ctx context.Context, name payroll.AdminName) ([]payroll.Factor, error) {
	rows, err := s.pool.Query(ctx, `select id, kind, label, created_at, used_at from admin_factors where admin = $1 order by id`, name)
	if err != nil {
		return nil, wrap("read factors", err)
	}
	factors, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Factor])
	return factors, wrap("read factors", err)
}

// AdminPassword is the hash of an admin's password; payroll.ErrNotFound if there
// is no such admin, none enabled, or no password.
func (s *Store) AdminPassword(ctx context.Context, name string) (hash string, err error) {
	_, ways, err := s.readAccount(ctx, `name = $1 and `+maySignIn, name)
	if err == nil && ways.Password == "" {
		err = pgx.ErrNoRows
	}
	return ways.Password, wrap("read password", err)
}

const maySignIn = `disabled_at is null and enrolled_at is not null`

// RehashPassword keeps the same password under another hash.
func (s *Store) RehashPassword(ctx context.Context, name payroll.AdminName, old, hash string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, _, err := s.account(ctx, tx, name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update admin_passwords set hash = $3 where admin = $1 and hash = $2`, name, old, hash); err != nil {
			return wrap("keep password", err)
		}
		return s.reseal(ctx, tx, name)
	})
}

// Seeds are the seeds of an admin's one-time codes, opened.
func (s *Store) Seeds(ctx context.Context, name payroll.AdminName) ([]payroll.Seed, error) {
	_, ways, err := s.readAccount(ctx, `name = $1`, name)
	if err != nil {
		return nil, noneIsFine(wrap("read seeds", err))
	}
	var seeds []payroll.Seed
	for _, f := range ways.Factors {
		if f.Kind != payroll.FactorTOTP {
			continue
		}
		secret, err := s.vault.OpenSecret(f.Content, seedPurpose, string(name))
		if err != nil {
			return nil, wrap("read seeds", err)
		}
		seeds = append(seeds, payroll.Seed{Factor: f.ID, Secret: string(secret), Last: f.LastStep})
	}
	return seeds, nil
}

// Keyring is an admin as passkeys know them.
func (s *Store) Keyring(ctx context.Context, name payroll.AdminName) (payroll.Keyring, error) {
	return s.keyring(ctx, `name = $1`, name)
}

// KeyringOf is the admin whom a passkey's handle names; payroll.ErrNotFound if
// there is none, or they may not sign in.
func (s *Store) KeyringOf(ctx context.Context, handle []byte) (payroll.Keyring, error) {
	return s.keyring(ctx, `handle = $1 and `+maySignIn, handle)
}

func (s *Store) keyring(ctx context.Context, condition string, arg any) (payroll.Keyring, error) {
	a, ways, err := s.readAccount(ctx, condition, arg)
	k := payroll.Keyring{Admin: a.Name, Handle: a.Handle}
	for _, f := range ways.Factors {
		if f.Kind == payroll.FactorPasskey {
			k.Passkeys = append(k.Passkeys, payroll.KeptPasskey{Factor: f.ID, Content: f.Content})
		}
	}
	return k, wrap("read passkeys", err)
}

// SSOFactor is the admin to whom a provider's identity belongs.
func (s *Store) SSOFactor(ctx context.Context, handle []byte) (name payroll.AdminName, factor int64, err error) {
	a, ways, err := s.readAccount(ctx, `name = (select f.admin from admin_factors f where f.kind = 'sso' and f.handle = $1) and `+maySignIn, handle)
	for _, f := range ways.Factors {
		if f.Kind == payroll.FactorSSO && bytes.Equal(f.Handle, handle) {
			factor = f.ID
		}
	}
	return a.Name, factor, wrap("read single sign-on", err)
}

// PutDisplayName is how an admin is called beside their name.
func (s *Store) PutDisplayName(ctx context.Context, name payroll.AdminName, display string) error {
	return s.changeAccount(ctx, name, "account.name", nil, `update admins set display_name = $2 where name = $1`, display)
}

// PutPassword changes an admin's password and ends their other visits.
func (s *Store) PutPassword(ctx context.Context, name payroll.AdminName, hash string, keep payroll.SecretHash) error {
	return s.inAccount(ctx, name, func(tx pgx.Tx) (payroll.Act, error) {
		rows, err := changed(ctx, tx, `update admin_passwords set hash = $2, set_at = clock_timestamp() where admin = $1`, name, hash)
		if err == nil && rows == 0 {
			err = pgx.ErrNoRows
		}
		if err == nil {
			_, err = tx.Exec(ctx, `delete from admin_sessions where (admin = $1 or pending = $1) and id_hash <> $2`, name, keep[:])
		}
		return accountAct(name, "account.password", nil), wrap("change password", err)
	})
}

// PutRecoveryCodes replaces an admin's recovery codes.
func (s *Store) PutRecoveryCodes(ctx context.Context, name payroll.AdminName, codes []payroll.SecretHash) error {
	return s.inAccount(ctx, name, func(tx pgx.Tx) (payroll.Act, error) {
		return accountAct(name, "account.recovery_codes", nil), putRecoveryCodes(ctx, tx, name, codes)
	})
}

func putRecoveryCodes(ctx context.Context, tx pgx.Tx, name payroll.AdminName, codes []payroll.SecretHash) error {
	if _, err := tx.Exec(ctx, `delete from recovery_codes where admin = $1`, name); err != nil {
		return wrap("replace recovery codes", err)
	}
	for _, code := range codes {
		if _, err := tx.Exec(ctx, `insert into recovery_codes (hash, admin) values ($1, $2)`, code[:], name); err != nil {
			return wrap("replace recovery codes", err)
		}
	}
	return nil
}

// changeAccount runs one statement about an admin ($1), and writes it down.
func (s *Store) changeAccount(ctx context.Context, name payroll.AdminName, what string, detail map[string]string, sql string, args ...any) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := changed(ctx, tx, sql, append([]any{name}, args...)...)
		if err == nil && rows == 0 {
			err = pgx.ErrNoRows
		}
		if err != nil {
			return wrap("change account", err)
		}
		return recordAccount(ctx, tx, name, what, detail)
	})
}

func recordAccount(ctx context.Context, tx pgx.Tx, name payroll.AdminName, what string, detail map[string]string) error {
	return record(ctx, tx, accountAct(name, what, detail))
}

func accountAct(name payroll.AdminName, what string, detail map[string]string) payroll.Act {
	return payroll.Act{Who: name, What: what, Subject: string(name), Detail: detail}
}

// SecurityEvents are the newest entries of the audit log about an admin's own
// account.
func (s *Store) SecurityEvents(ctx context.Context, name payroll.AdminName, limit int) ([]payroll.AuditEntry, error) {
	rows, err := s.pool.Query(ctx, `select seq, at, who, act, subject, detail, previous, hash from audit
		where subject = $1 and (act like 'account.%' or act like 'admins.%') order by seq desc limit $2`, string(name), limit)
	if err != nil {
		return nil, wrap("read the audit log", err)
	}
	entries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.AuditEntry, error) { return scanEntry(rows) })
	return entries, wrap("read the audit log", err)
}

// LinkEmployee says which employee an admin is, so that their samples are sealed
// to that one's certificate; "" for none. It is an operator's act.
func (s *Store) LinkEmployee(ctx context.Context, name payroll.AdminName, employee payroll.EmployeeNumber, by payroll.AdminName) error {
	if name == by {
		return fmt.Errorf("%w: another operator must say which employee you are", payroll.ErrNotAllowed)
	}
	return s.inAccount(ctx, name, func(tx pgx.Tx) (payroll.Act, error) {
		_, err := tx.Exec(ctx, `update admins set employee = nullif($2, '') where name = $1`, name, string(employee))
		if violates(err, "admins_employee_fkey") {
			return payroll.Act{}, fmt.Errorf("%w: there is no employee with this number", payroll.ErrInvalid)
		}
		return payroll.Act{Who: by, What: "admins.employee", Subject: string(name), Detail: map[string]string{"employee": string(employee)}}, wrap("link employee", err)
	})
}
