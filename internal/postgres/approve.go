package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// ApproveRun is the second person's yes; it pins every slip as it stands now, and
// keeps the hash of all that as the run's manifest. If the approver was shown
// another, nothing is done: payroll.ErrWrongState. A fresh second factor that the
// approval names is used up with it, or payroll.ErrNotFound if there is none.
func (s *Store) ApproveRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, a payroll.Approval) error {
	detail := map[string]string{"letterhead": a.Letterhead}
	var proofs []certificateProof
	err := s.moveRun(ctx, id, runAct(by, "run.approve", id, detail),
		func(r *payroll.Run) error {
			r.Letterhead = a.Letterhead
			if err := r.Approve(by); err != nil {
				return err
			}
			return a.CheckTerms(time.Now())
		},
		func(tx pgx.Tx, run payroll.Run) (err error) {
			var stands string
			stands, proofs, err = s.approve(ctx, tx, run, by, a)
			if detail["manifest"] = stands; !a.NotBefore.IsZero() {
				detail["not_before"] = payroll.ZoneMoment(a.NotBefore)
			}
			return err
		})
	if err == nil {
		s.keepProofs(ctx, proofs)
	}
	return err
}

// approve is what comes of an approval under the run's lock. It returns the
// manifest's hash, and what is to be kept of the certificates.
func (s *Store) approve(ctx context.Context, tx pgx.Tx, run payroll.Run, by payroll.AdminName, a payroll.Approval) (string, []certificateProof, error) {
	if err := s.mayDecide(ctx, tx, run, by); err != nil {
		return "", nil, err
	}
	if a.StepUp != nil {
		if err := s.takeStepUp(ctx, tx, *a.StepUp); err != nil {
			return "", nil, err
		}
	}
	manifest := payroll.NewManifest(run.ID, a.Letterhead)
	numbers, proofs, err := s.pinSlips(ctx, tx, run.ID, a.Letterhead, nil, manifest)
	if err != nil {
		return "", nil, err
	}
	unopened, err := unopenedBy(ctx, tx, run.ID, by, manifest.Contents(), numbers)
	if err != nil {
		return "", nil, err
	}
	stands := manifest.Sum()
	if err := a.Check(stands, unopened); err != nil {
		return "", nil, err
	}
	if err := supersede(ctx, tx, &run); err != nil {
		return "", nil, err
	}
	var notBefore *time.Time
	zone := ""
	if !a.NotBefore.IsZero() {
		notBefore, zone = &a.NotBefore, a.NotBefore.Location().String()
	}
	_, err = tx.Exec(ctx, `update runs set manifest = $2, approved_at = clock_timestamp(), not_before = $3, not_before_zone = $4 where id = $1`,
		run.ID, stands, notBefore, zone)
	return stands, proofs, wrap("approve run", err)
}

// mayDecide looks at the admin's roles as they are at this moment, and keeps them
// as they are until the transaction ends.
func (s *Store) mayDecide(ctx context.Context, tx pgx.Tx, run payroll.Run, by payroll.AdminName) error {
	a, err := s.adminInTx(ctx, tx, by)
	if err != nil {
		return err
	}
	return run.MayDecide(a)
}

func unopenedBy(ctx context.Context, tx pgx.Tx, run payroll.RunID, by payroll.AdminName, contents string, numbers []payroll.EmployeeNumber) ([]payroll.EmployeeNumber, error) {
	sample, err := sampleOf(ctx, tx, run, contents, numbers)
	if err != nil {
		return nil, err
	}
	opened, err := openings(ctx, tx, run, by)
	return payroll.Unopened(sample, opened), err
}

// RejectRun is the second person's no. The reason goes to whoever imported it.
func (s *Store) RejectRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, reason string) error {
	return s.moveRun(ctx, id, runAct(by, "run.reject", id, map[string]string{"reason": reason}),
		func(r *payroll.Run) error { return r.Reject(by, reason) },
		func(tx pgx.Tx, run payroll.Run) error {
			if err := s.mayDecide(ctx, tx, run, by); err != nil {
				return err
			}
			return s.withdraw(ctx)(tx, run)
		})
}
