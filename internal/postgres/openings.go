package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Openings are the employees of a run whose slips this admin has opened, sorted.
func (s *Store) Openings(ctx context.Context, run payroll.RunID, by payroll.AdminName) ([]payroll.EmployeeNumber, error) {
	return openings(ctx, s.pool, run, by)
}

func openings(ctx context.Context, q rowsQuerier, run payroll.RunID, by payroll.AdminName) ([]payroll.EmployeeNumber, error) {
	return readNumbers(ctx, q, `select employee from openings where run = $1 and by_admin = $2 order by employee`, run, by)
}

// noteOpening keeps that somebody opened a slip; whoever is no admin leaves no
// trace here.
func noteOpening(ctx context.Context, tx pgx.Tx, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName) error {
	_, err := tx.Exec(ctx, `insert into openings (run, employee, by_admin) select $1, $2, name from admins where name = $3
		on conflict (run, employee, by_admin) do nothing`, run, number, by)
	return wrap("note who opened a slip", err)
}
