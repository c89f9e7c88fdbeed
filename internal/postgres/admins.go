package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Admin reads one person. Where the vault is unlocked their account must be sealed,
// or from before there were seals; payroll.ErrNotFound if it is not.
func (s *Store) Admin(ctx context.Context, name payroll.AdminName) (payroll.Admin, error) {
	a, _, err := s.readAccount(ctx, `name = $1`, name)
	return a.Admin, wrap(fmt.Sprintf("admin %q", string(name)), err)
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
		if err := lockAdmins(ctx, tx); err != nil {
			return err
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
		if err := s.reseal(ctx, tx, a.Name); err != nil {
			return err
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
	// Who disables themself may no more when it is done, so they are looked at first.
	return s.begin(ctx, func(tx pgx.Tx) error {
		if err := lockAdmins(ctx, tx); err != nil {
			return err
		}
		if err := s.stillMay(ctx, tx); err != nil {
			return err
		}
		if err := s.mayDisable(ctx, tx, name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update admins set disabled_at = clock_timestamp() where name = $1`, name); err != nil {
			return wrap("disable admin", err)
		}
		if err := keepOperator(ctx, tx, name); err != nil {
			return err
		}
		if err := lockOut(ctx, tx, name); err != nil {
			return err
		}
		if err := s.reseal(ctx, tx, name); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "admins.disable", Subject: string(name)})
	})
}

// mayDisable looks at whom somebody wants to disable. To disable is also what
// puts an account right that was changed in the database: it is emptied, and two
// people look at its roles before they let it in again.
func (s *Store) mayDisable(ctx context.Context, tx pgx.Tx, name payroll.AdminName) error {
	a, _, err := s.account(ctx, tx, name)
	if errors.As(err, new(tampered)) {
		if _, err := tx.Exec(ctx, `update admins set employee = null where name = $1`, name); err != nil {
			return wrap("empty account", err)
		}
		return emptyAccount(ctx, tx, name)
	}
	if err == nil && a.Disabled {
		return fmt.Errorf("%w: %s is disabled already", payroll.ErrWrongState, name)
	}
	return err
}

// keepOperator refuses a change of the named admin after which no operator could
// act.
func keepOperator(ctx context.Context, tx pgx.Tx, name payroll.AdminName) error {
	var operators bool
	err := tx.QueryRow(ctx, `select exists (select from admins where disabled_at is null and 'operator' = any(roles))`).Scan(&operators)
	if err != nil {
		return wrap("read admins", err)
	}
	if !operators {
		return fmt.Errorf("%w: %s is the last operator; add another first", payroll.ErrNotAllowed, name)
	}
	return nil
}

// FoundLink makes a one-time link into an account while nobody has ever made
// theirs their own: the first one gets in by it. An old link of the same admin
// counts no longer.
func (s *Store) FoundLink(ctx context.Context, name payroll.AdminName, link payroll.SecretHash) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockAdmins(ctx, tx); err != nil {
			return err
		}
		admin, err := s.adminInTx(ctx, tx, name)
		if err != nil {
			return err
		}
		founders, err := s.foundersIn(ctx, tx)
		switch {
		case err != nil:
			return err
		case len(founders) > 0:
			return fmt.Errorf("%w: somebody has an account already; this is an operator's act now (--as)", payroll.ErrNotAllowed)
		case admin.May(payroll.RoleOperator) != nil:
			return fmt.Errorf("%w: the first to get in must be an operator", payroll.ErrNotAllowed)
		}
		if err := lockOut(ctx, tx, name); err != nil {
			return err
		}
		p := payroll.Proposal{Kind: payroll.ProposeAdmin, Subject: name, DecidedBy: name}
		if err := s.putLink(ctx, tx, p, link); err != nil {
			return err
		}
		if err := s.reseal(ctx, tx, name); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: name, What: "admins.link", Subject: string(name)})
	})
}
