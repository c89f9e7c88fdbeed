package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// certificateColumns are the columns of a stored certificate but its content.
const certificateColumns = `id, employee, fingerprint, step, standing, standing = 'current' as verified,
	expires_at, created_at, current_since, replaces is not null as replaces`

// CurrentCertificates reads, for each of the employees, the certificate that
// counts: the current one (Verified), else the candidate, with its content.
// Employees without either are not in the map. Policy may have been raised since
// a certificate became current: ask its Step too.
func (s *Store) CurrentCertificates(ctx context.Context, numbers []payroll.EmployeeNumber) (map[payroll.EmployeeNumber]payroll.StoredCertificate, error) {
	rows, err := s.pool.Query(ctx, `select distinct on (employee) `+certificateColumns+`, content
		from certificates where employee = any($1) and standing in ('current', 'candidate')
		order by employee, standing desc`, numbers) // 'current' sorts after 'candidate'
	if err != nil {
		return nil, wrap("read current certificates", err)
	}
	certificates := make(map[payroll.EmployeeNumber]payroll.StoredCertificate, len(numbers))
	read, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.StoredCertificate])
	for _, c := range read {
		certificates[c.Employee] = c
	}
	return certificates, wrap("read current certificates", err)
}

// Certificates lists every certificate without its content, by employee and age.
func (s *Store) Certificates(ctx context.Context) ([]payroll.StoredCertificate, error) {
	rows, err := s.pool.Query(ctx, `select `+certificateColumns+`, null::bytea as content
		from certificates order by employee, id`)
	if err != nil {
		return nil, wrap("read certificates", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.StoredCertificate])
	return list, wrap("read certificates", err)
}

// CertificatesOf reads every certificate that an employee ever handed in, the
// newest first, with content.
func (s *Store) CertificatesOf(ctx context.Context, number payroll.EmployeeNumber) ([]payroll.StoredCertificate, error) {
	rows, err := s.pool.Query(ctx, `select `+certificateColumns+`, content
		from certificates where employee = $1 order by id desc`, number)
	if err != nil {
		return nil, wrap("read certificates", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.StoredCertificate])
	return list, wrap("read certificates", err)
}

// CertificateSteps reads every act on the ladder for one employee, in order.
func (s *Store) CertificateSteps(ctx context.Context, number payroll.EmployeeNumber) ([]payroll.CertificateStep, error) {
	rows, err := s.pool.Query(ctx, `select c.fingerprint, t.step, t.at, case when t.by_worker then 'payseal' else coalesce(t.by_admin, '(employee)') end as by, t.method, t.note
		from certificate_steps t join certificates c on c.id = t.certificate
		where c.employee = $1 order by t.at`, number)
	if err != nil {
		return nil, wrap("read certificate steps", err)
	}
	steps, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.CertificateStep])
	return steps, wrap("read certificate steps", err)
}

// PutCertificate hands a certificate in. A new one becomes the candidate, in
// the place of any other candidate; one that is known is refreshed and keeps
// what was proven about it. It refuses to overwrite a certified one with content
// that is not. The employee is told, whoever did it.
func (s *Store) PutCertificate(ctx context.Context, sub payroll.Submission, by payroll.AdminName) (payroll.StoredCertificate, error) {
	var stored payroll.StoredCertificate
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockEmployee(ctx, tx, sub.Employee); err != nil {
			return err
		}
		known, err := certificate(ctx, tx, sub.Employee, sub.Fingerprint)
		if err != nil && !errors.Is(err, payroll.ErrNotFound) {
			return err
		}
		step, standing, err := placeOf(sub, known)
		if err != nil {
			return err
		}
		if standing == payroll.CertificateCandidate && known.Standing != standing {
			if err := admitCandidate(ctx, tx, sub.Employee, by); err != nil {
				return err
			}
		}
		if stored, err = upsertCertificate(ctx, tx, sub, step, standing); err != nil {
			return err
		}
		if err := tellSubmission(ctx, tx, known, stored); err != nil {
			return err
		}
		act := "keys.add"
		if known.ID != 0 {
			act = "keys.refresh"
		}
		return recordStep(ctx, tx, stored, payroll.CertificateStep{Step: step, By: by}, act)
	})
	return stored, err
}

// placeOf is where a certificate stands once it is handed in; known is the zero
// certificate if it is new.
func placeOf(sub payroll.Submission, known payroll.StoredCertificate) (payroll.Step, payroll.CertificateStanding, error) {
	step, standing := payroll.StepSubmitted, payroll.CertificateCandidate
	if known.ID != 0 {
		var err error
		if step, standing, err = payroll.Resubmitted(known.Step, known.Standing); err != nil {
			return step, standing, err
		}
		if sub.Restart {
			step, standing = payroll.StepSubmitted, payroll.CertificateCandidate
		}
	}
	if step == payroll.StepCertified && !sub.Certified {
		return step, standing, fmt.Errorf("%w: the certificate is certified, and the fresh copy must be too; run this where the company's key is", payroll.ErrWrongState)
	}
	return step, standing, nil
}

// admitCandidate ends the codes that were sealed to the candidate before, and
// refuses an employee who hands in one after the other.
func admitCandidate(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, by payroll.AdminName) error {
	if by == payroll.Themself {
		n, err := asked(ctx, tx, number, payroll.NoticeChange, payroll.TopicCertificateSubmitted)
		if err != nil {
			return err
		}
		if n >= addsPerPeriod {
			return fmt.Errorf("%w: %d new certificates in an hour is enough; try again later", payroll.ErrTooMany, addsPerPeriod)
		}
	}
	return killSecrets(ctx, tx, number, payroll.NoticeProofCode)
}

// tellSubmission tells the employee of a new candidate, or of a current
// certificate that is not what it was.
func tellSubmission(ctx context.Context, tx pgx.Tx, known, stored payroll.StoredCertificate) error {
	var topic string
	switch {
	case stored.Standing == payroll.CertificateCandidate && known.Standing != payroll.CertificateCandidate:
		topic = payroll.TopicCertificateSubmitted
	case stored.Standing == payroll.CertificateCurrent && !bytes.Equal(known.Content, stored.Content):
		topic = payroll.TopicCertificateRefreshed
	default:
		return nil
	}
	return tellChange(ctx, tx, stored.Employee, "", topic, stored.Fingerprint)
}

// lockEmployee keeps every other change of the employee's certificates and secrets
// waiting. It comes before any lock on their rows; what only refers to the
// employee does not wait.
func lockEmployee(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber) error {
	var found bool
	err := tx.QueryRow(ctx, `select true from employees where number = $1 for no key update`, number).Scan(&found)
	return wrap(fmt.Sprintf("employee number %q", string(number)), err)
}

// lockedCertificate reads one of an employee's certificates, and keeps everybody
// else from the employee until the transaction ends.
func lockedCertificate(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, f payroll.Fingerprint) (payroll.StoredCertificate, error) {
	if err := lockEmployee(ctx, tx, number); err != nil {
		return payroll.StoredCertificate{}, err
	}
	return certificate(ctx, tx, number, f)
}

// certificate reads one of an employee's certificates with its content.
func certificate(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, f payroll.Fingerprint) (payroll.StoredCertificate, error) {
	rows, err := tx.Query(ctx, `select `+certificateColumns+`, content
		from certificates where employee = $1 and fingerprint = $2 for update`, number, f)
	if err != nil {
		return payroll.StoredCertificate{}, wrap("read certificate", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[payroll.StoredCertificate])
	return c, wrap("read certificate", err)
}

// upsertCertificate stores what was handed in. Of one that had been replaced
// nothing counts that its owner signed for it before.
func upsertCertificate(ctx context.Context, tx pgx.Tx, sub payroll.Submission, step payroll.Step, standing payroll.CertificateStanding) (payroll.StoredCertificate, error) {
	if standing == payroll.CertificateCandidate {
		_, err := tx.Exec(ctx, `update certificates set standing = 'replaced'
			where employee = $1 and standing = 'candidate' and fingerprint <> $2`, sub.Employee, sub.Fingerprint)
		if err != nil {
			return payroll.StoredCertificate{}, wrap("replace candidate", err)
		}
	}
	rows, err := tx.Query(ctx, `insert into certificates (employee, fingerprint, content, addresses, step, standing, expires_at, wkd_hash, vouch)
		values ($1, $2, $3, coalesce($4, '{}'::text[]), $5, $6, $7, $8, $9)
		on conflict (employee, fingerprint) do update set content = excluded.content, addresses = excluded.addresses,
			step = excluded.step, standing = excluded.standing, expires_at = excluded.expires_at, wkd_hash = excluded.wkd_hash,
			vouch = coalesce(excluded.vouch, case when certificates.standing <> 'replaced' then certificates.vouch end)
		returning `+certificateColumns+`, content`,
		sub.Employee, sub.Fingerprint, sub.Content, sub.Addresses, step, standing, timeValue(sub.Expires), sub.WKD, sub.Vouch)
	if err != nil {
		return payroll.StoredCertificate{}, wrap("store certificate", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[payroll.StoredCertificate])
	return c, wrap("store certificate", err)
}

// timeValue is what a timestamp column takes; null for the zero time.
func timeValue(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// recordStep writes an act on the ladder to its own table and to the audit log.
// The note is a person's words and stays out of the log.
func recordStep(ctx context.Context, tx pgx.Tx, c payroll.StoredCertificate, step payroll.CertificateStep, act string) error {
	if err := payroll.CheckWords("note", step.Note); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `insert into certificate_steps (certificate, step, at, by_admin, by_worker, method, note, email_admin)
		select $1, $2, clock_timestamp(), case when $3 = '(employee)' or $6 then null else $3 end, $6, $4, $5, email_admin
			from employees where number = $7`,
		c.ID, step.Step, step.By, step.Method, step.Note, step.By == payroll.Machine, c.Employee)
	if err != nil {
		return wrap("record step", err)
	}
	detail := map[string]string{"fingerprint": string(c.Fingerprint), "step": string(step.Step), "standing": string(c.Standing)}
	if step.Method != "" {
		detail["method"] = step.Method
	}
	return record(ctx, tx, payroll.Act{Who: step.By, What: act, Subject: string(c.Employee), Detail: detail})
}

// RevokeCertificate ends the use of one certificate at once and for good. The
// reason is one of a person's words and is kept with the ladder's acts.
func (s *Store) RevokeCertificate(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, reason string, by payroll.AdminName) (payroll.StoredCertificate, error) {
	var c payroll.StoredCertificate
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if c, err = lockedCertificate(ctx, tx, number, f); err != nil {
			return err
		}
		before := c.Standing
		if before == payroll.CertificateRevoked {
			return fmt.Errorf("%w: the use of this certificate was revoked before", payroll.ErrWrongState)
		}
		if _, err := tx.Exec(ctx, `update certificates set standing = 'revoked' where id = $1`, c.ID); err != nil {
			return wrap("revoke certificate", err)
		}
		c.Standing, c.Verified = payroll.CertificateRevoked, false
		if before != payroll.CertificateReplaced {
			if err := endAccess(ctx, tx, c, by); err != nil {
				return err
			}
		}
		return recordStep(ctx, tx, c, payroll.CertificateStep{Step: c.Step, By: by, Method: "revoke", Note: reason}, "keys.revoke_use")
	})
	return c, err
}

// endAccess makes worthless what somebody who has the secret key could still use,
// and tells the employee. A session that the employee revokes in goes on.
func endAccess(ctx context.Context, tx pgx.Tx, c payroll.StoredCertificate, by payroll.AdminName) error {
	if err := killSecrets(ctx, tx, c.Employee, payroll.NoticeSignInCode, payroll.NoticeProofCode); err != nil {
		return err
	}
	if by != payroll.Themself {
		if _, err := tx.Exec(ctx, `delete from sessions where employee = $1 and proof = 'code'`, c.Employee); err != nil {
			return wrap("end sessions", err)
		}
	}
	return tellChange(ctx, tx, c.Employee, "", payroll.TopicCertificateRevoked, c.Fingerprint)
}
