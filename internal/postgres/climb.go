package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// ClimbCertificate moves a certificate up the ladder. A candidate that reaches
// the required step becomes current, and the one before it replaced, in the same
// transaction. Where two people must compare a fingerprint, the first one's
// comparison is kept and the certificate stays where it is (Awaits).
func (s *Store) ClimbCertificate(ctx context.Context, climb payroll.Climb, by payroll.AdminName) (payroll.StoredCertificate, error) {
	var c payroll.StoredCertificate
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if err := lockEmployee(ctx, tx, climb.Employee); err != nil {
			return err
		}
		c, err = climbLocked(ctx, tx, climb, by)
		return err
	})
	return c, err
}

// climbLocked is ClimbCertificate for a caller who holds the employee's lock.
func climbLocked(ctx context.Context, tx pgx.Tx, climb payroll.Climb, by payroll.AdminName) (payroll.StoredCertificate, error) {
	c, err := certificate(ctx, tx, climb.Employee, climb.Fingerprint)
	if err != nil {
		return c, err
	}
	if c.Standing != payroll.CertificateCandidate && c.Standing != payroll.CertificateCurrent {
		return c, fmt.Errorf("%w: this certificate is %s", payroll.ErrWrongState, c.Standing)
	}
	if climb.To == payroll.StepPhoneChecked {
		climbs, err := checked(ctx, tx, &c, climb, by)
		if err != nil || !climbs {
			return c, err
		}
	}
	if err := c.Step.Climb(climb.To); err != nil {
		return c, err
	}
	if c, err = raise(ctx, tx, c, climb); err != nil {
		return c, err
	}
	return c, recordStep(ctx, tx, c, payroll.CertificateStep{Step: climb.To, By: by, Method: climb.Method, Note: climb.Note}, "keys."+string(climb.To))
}

// raise writes the new step and, where it is high enough, makes the certificate
// the employee's current one.
func raise(ctx context.Context, tx pgx.Tx, c payroll.StoredCertificate, climb payroll.Climb) (payroll.StoredCertificate, error) {
	c.Step = climb.To
	if climb.To == payroll.StepCertified {
		if len(climb.Content) == 0 {
			return c, fmt.Errorf("%w: certified without a certification", payroll.ErrInvalid)
		}
		c.Content = climb.Content
	}
	_, err := tx.Exec(ctx, `update certificates set step = $2, content = $3 where id = $1`, c.ID, c.Step, c.Content)
	if err != nil {
		return c, wrap("raise certificate", err)
	}
	if c.Standing == payroll.CertificateCurrent || !c.Step.Reached(climb.Required) {
		return c, nil
	}
	return promote(ctx, tx, c)
}

// promote makes a candidate the employee's current certificate, and tells them.
func promote(ctx context.Context, tx pgx.Tx, c payroll.StoredCertificate) (payroll.StoredCertificate, error) {
	if _, err := tx.Exec(ctx, `update certificates set standing = 'replaced' where employee = $1 and standing = 'current'`, c.Employee); err != nil {
		return c, wrap("replace certificate", err)
	}
	// The change freeze looks at what came before, even if its use was revoked
	// first.
	var before *int64
	err := tx.QueryRow(ctx, `select id from certificates where employee = $1 and id <> $2 and current_since is not null
		order by current_since desc limit 1`, c.Employee, c.ID).Scan(&before)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return c, wrap("replace certificate", err)
	}
	rows, err := tx.Query(ctx, `update certificates set standing = 'current', current_since = clock_timestamp(), replaces = $2
		where id = $1 returning `+certificateColumns+`, content`, c.ID, before)
	if err != nil {
		return c, wrap("promote certificate", err)
	}
	if c, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[payroll.StoredCertificate]); err != nil {
		return c, wrap("promote certificate", err)
	}
	if err := killSecrets(ctx, tx, c.Employee, payroll.NoticeSignInCode); err != nil { // sealed to the one before
		return c, err
	}
	return c, tellChange(ctx, tx, c.Employee, "", payroll.TopicCertificateCurrent, c.Fingerprint)
}

// checked says whether a certificate climbs to phone_checked by what was done:
// people compared the fingerprint, or the worker verified what its owner signed
// with the one before.
func checked(ctx context.Context, tx pgx.Tx, c *payroll.StoredCertificate, climb payroll.Climb, by payroll.AdminName) (climbs bool, err error) {
	switch {
	case slices.Contains(payroll.CheckMethods, climb.Method):
		return compare(ctx, tx, c, climb, by)
	case climb.Method == payroll.MethodVouched && by == payroll.Machine:
		return true, nil
	}
	return false, fmt.Errorf("%w: %q is no way to compare a fingerprint", payroll.ErrInvalid, climb.Method)
}

// compare keeps that a person compared the fingerprint, if they may, and says
// whether the certificate climbs by it. It does not while it awaits another
// person, nor where it has climbed before and this is one more who looked.
func compare(ctx context.Context, tx pgx.Tx, c *payroll.StoredCertificate, climb payroll.Climb, by payroll.AdminName) (climbs bool, err error) {
	before, rekey, err := comparison(ctx, tx, *c)
	if err != nil {
		return false, err
	}
	needed, err := checksNeeded(ctx, tx, climb.Freeze, rekey)
	if err != nil {
		return false, err
	}
	if c.Awaits, err = before.Add(by, needed); err != nil {
		return false, err
	}
	again := c.Step.Reached(payroll.StepPhoneChecked)
	if climbs = !again && c.Awaits == 0; climbs || (again && slices.Contains(before.CheckedBy, by)) {
		return true, nil // where it stands already, Climb refuses it
	}
	return false, recordStep(ctx, tx, *c, payroll.CertificateStep{Step: climb.To, By: by, Method: climb.Method, Note: climb.Note}, "keys.compared")
}

// comparison reads who handed a certificate in and who compared it since, and
// whether another one is or was current.
func comparison(ctx context.Context, tx pgx.Tx, stored payroll.StoredCertificate) (payroll.Comparison, bool, error) {
	var known payroll.Comparison
	var rekey bool
	err := tx.QueryRow(ctx, `select array(select case when h.by_worker then 'payseal' else coalesce(h.by_admin, '(employee)') end
				from certificate_steps h where h.certificate = c.id and h.step = 'submitted' and h.method = ''),
			`+broughtAddress+`,
			coalesce((select array_agg(k.by_admin order by k.at) from (`+comparisons+`) k), '{}'), `+isRekey+`
		from certificates c where c.id = $1`, stored.ID).Scan(&known.HandedInBy, &known.AddressBy, &known.CheckedBy, &rekey)
	return known, rekey, wrap("read comparisons", err)
}

// broughtAddress lists who brought the address of certificate c's employee, and the
// ones at which its steps were made.
const broughtAddress = `array(select email_admin from employees where number = c.employee and email_admin <> ''
	union select b.email_admin from certificate_steps b where b.certificate = c.id and b.email_admin <> '')`

// isRekey says of certificate c whether it takes the place of one that is or was
// current.
const isRekey = `exists (select from certificates o where o.employee = c.employee and o.current_since is not null
	and (o.id <> c.id or c.standing = 'candidate'))`

func checksNeeded(ctx context.Context, tx pgx.Tx, freeze payroll.Freeze, rekey bool) (int, error) {
	if freeze.Days <= 0 || !rekey {
		return 1, nil
	}
	var now time.Time
	if err := tx.QueryRow(ctx, `select clock_timestamp()`).Scan(&now); err != nil {
		return 0, wrap("read the database's clock", err)
	}
	dates, err := payDates(ctx, tx, freeze.Today(now), soonDates)
	return freeze.ChecksNeeded(rekey, now, dates), err
}

// soonDates are more pay dates than begin their freeze at once.
const soonDates = 100
