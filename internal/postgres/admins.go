package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Admin reads one person.
func (s *Store) Admin(ctx context.Context, name payroll.AdminName) (payroll.Admin, error) {
	var a payroll.Admin
	err := s.pool.QueryRow(ctx, `select name, roles, disabled_at is not null from admins where name = $1`, name).
		Scan(&a.Name, &a.Roles, &a.Disabled)
	return a, wrap("read admin", err)
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
