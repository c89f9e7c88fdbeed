package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// PutProfile sets by hand how an employee's mail program wants its slips. What
// they said of a test slip stays.
func (s *Store) PutProfile(ctx context.Context, number payroll.EmployeeNumber, p payroll.MailProfile, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var found bool
		err := tx.QueryRow(ctx, `update employees set mail_structure = $2, mail_presentation = $3 where number = $1 returning true`,
			number, p.Structure, p.Presentation).Scan(&found)
		if err != nil {
			return wrap(fmt.Sprintf("employee number %q", string(number)), err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "employees.profile", Subject: string(number),
			Detail: map[string]string{"structure": p.Structure, "presentation": p.Presentation}})
	})
}
