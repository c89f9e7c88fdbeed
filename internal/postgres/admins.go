package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Admin reads one person.
func (s *Store) Admin(ctx context.Context, name payroll.AdminName) (payroll.Admin, error) {
	var a payroll.Admin
	err := s.pool.QueryRow(ctx, `select name, roles, disabled_at is not null from admins where name = $1`, name).
		Scan(&a.Name, &a.Roles, &a.Disabled)
	return a, wrap(fmt.Sprintf("admin %q", string(name)), err)
}

// Admins reads everyone, by name.
func (s *Store) Admins(ctx context.Context) ([]payroll.Admin, error) {
	rows, err := s.pool.Query(ctx, `select name, roles, disabled_at is not null as disabled from admins order by name`)
	if err != nil {
		return nil, wrap("read admins", err)
	}
	admins, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Admin])
	return admins, wrap("read admins", err)
}

// CreateAdmin adds a person. by is empty for the first one, who adds
// themself; the store refuses that when anyone is there already.
func (s *Store) CreateAdmin(ctx context.Context, a payroll.Admin, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `lock table admins in share row exclusive mode`); err != nil {
			return wrap("lock admins", err)
		}
		if by == "" {
			if err := checkFirst(ctx, tx, a); err != nil {
				return err
			}
			by = a.Name
		}
		_, err := tx.Exec(ctx, `insert into admins (name, roles) values ($1, $2)`, a.Name, a.Roles)
		if violates(err, "admins_pkey") {
			return fmt.Errorf("%w: there is an admin of this name", payroll.ErrWrongState)
		}
		if err != nil {
			return wrap("create admin", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "admins.add", Subject: string(a.Name),
			Detail: map[string]string{"roles": joinRoles(a.Roles)}})
	})
}

func checkFirst(ctx context.Context, tx pgx.Tx, a payroll.Admin) error {
	var others bool
	if err := tx.QueryRow(ctx, `select exists (select from admins)`).Scan(&others); err != nil {
		return wrap("read admins", err)
	}
	return a.Found(others)
}

func joinRoles(roles []payroll.Role) string {
	texts := make([]string, len(roles))
	for i, r := range roles {
		texts[i] = string(r)
	}
	return strings.Join(texts, " ")
}

// DisableAdmin ends what a person may do. The last operator who can still act
// stays: nobody could bring another back.
func (s *Store) DisableAdmin(ctx context.Context, name, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `lock table admins in share row exclusive mode`); err != nil {
			return wrap("lock admins", err)
		}
		var disabled bool
		err := tx.QueryRow(ctx, `select disabled_at is not null from admins where name = $1`, name).Scan(&disabled)
		if err != nil {
			return wrap("read admin", err)
		}
		if disabled {
			return fmt.Errorf("%w: %s is disabled already", payroll.ErrWrongState, name)
		}
		if _, err := tx.Exec(ctx, `update admins set disabled_at = clock_timestamp() where name = $1`, name); err != nil {
			return wrap("disable admin", err)
		}
		var operators bool
		err = tx.QueryRow(ctx, `select exists (select from admins where disabled_at is null and 'operator' = any(roles))`).Scan(&operators)
		if err != nil {
			return wrap("read admins", err)
		}
		if !operators {
			return fmt.Errorf("%w: %s is the last operator; add another first", payroll.ErrNotAllowed, name)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "admins.disable", Subject: string(name)})
	})
}
