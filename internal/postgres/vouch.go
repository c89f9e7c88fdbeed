package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// CertifyVouched takes a candidate that was vouched for with the certificate
// before it up the two last steps at once: compared, by that, and certified. The
// climb's step and method are set here.
func (s *Store) CertifyVouched(ctx context.Context, climb payroll.Climb, by payroll.AdminName) (payroll.StoredCertificate, error) {
	var c payroll.StoredCertificate
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if err := lockEmployee(ctx, tx, climb.Employee); err != nil {
			return err
		}
		climb.Method = payroll.MethodVouched
		for _, step := range []payroll.Step{payroll.StepPhoneChecked, payroll.StepCertified} {
			climb.To = step
			if c, err = climbLocked(ctx, tx, climb, by); err != nil {
				return err
			}
		}
		return nil
	})
	return c, err
}
