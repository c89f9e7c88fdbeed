package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// RequestProof asks for a code that is sealed to the employee's candidate; it
// ends every earlier one.
func (s *Store) RequestProof(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		c, err := lockedCertificate(ctx, tx, number, f)
		if err != nil {
			return err
		}
		if c.Standing != payroll.CertificateCandidate {
			return fmt.Errorf("%w: this certificate is %s", payroll.ErrWrongState, c.Standing)
		}
		if err := c.Step.Climb(payroll.StepDecryptionProven); err != nil {
			return err
		}
		if err := refuseMore(ctx, tx, number, payroll.NoticeProofCode, proofsPerPeriod); err != nil {
			return err
		}
		if err := killSecrets(ctx, tx, number, payroll.NoticeProofCode); err != nil {
			return err
		}
		if err := (newNotice{kind: payroll.NoticeProofCode, employee: number, fingerprint: f}).insert(ctx, tx); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "form.ask_code", Subject: string(number),
			Detail: map[string]string{"fingerprint": string(f)}})
	})
}

// Prove uses up the code that was sealed to the employee's candidate. It proves
// address and decryption at once; required is the step at which policy lets a
// candidate become current. After five wrong codes it is payroll.ErrTooMany.
func (s *Store) Prove(ctx context.Context, number payroll.EmployeeNumber, code payroll.SecretHash, required payroll.Step) (payroll.EnrolledCertificate, error) {
	var c payroll.StoredCertificate
	var refusal error
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		if err := lockEmployee(ctx, tx, number); err != nil {
			return err
		}
		var id string
		var f payroll.Fingerprint
		err = tx.QueryRow(ctx, `select n.id::text, n.fingerprint from notices n
			join employees e on e.number = n.employee and lower(e.email) = lower(n.address)
			where n.employee = $1 and n.kind = 'proof_code' order by n.created_at desc limit 1`, number).Scan(&id, &f)
		if err != nil {
			return err
		}
		if refusal, err = tryCode(ctx, tx, id, code); err != nil || refusal != nil {
			return err // a refusal is committed: the try counts
		}
		climb := payroll.Climb{Employee: number, Fingerprint: f, To: payroll.StepDecryptionProven, Method: "code", Required: required}
		c, err = climbLocked(ctx, tx, climb, payroll.Themself)
		return err
	})
	if err = errors.Join(err, refusal); err != nil {
		return payroll.EnrolledCertificate{}, wrap("prove certificate", err)
	}
	return s.enrolled(ctx, number, c.Fingerprint)
}

// RequestSpecimen asks for a test slip to a certificate that the employee has
// shown to open, in the given profile.
func (s *Store) RequestSpecimen(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, p payroll.MailProfile) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		c, err := lockedCertificate(ctx, tx, number, f)
		if err != nil {
			return err
		}
		proven := c.Standing == payroll.CertificateCandidate && c.Step.Reached(payroll.StepDecryptionProven)
		if !proven && c.Standing != payroll.CertificateCurrent {
			return fmt.Errorf("%w: type in the code first that was sealed to this certificate", payroll.ErrWrongState)
		}
		if err := refuseMore(ctx, tx, number, payroll.NoticeSpecimen, testsPerPeriod); err != nil {
			return err
		}
		n := newNotice{kind: payroll.NoticeSpecimen, employee: number, fingerprint: f, profile: p}
		if err := n.insert(ctx, tx); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "form.ask_specimen", Subject: string(number),
			Detail: map[string]string{"fingerprint": string(f)}})
	})
}

// PutSeen keeps what the employee saw of the test slip, and the mail profile that
// they are to have from now on.
func (s *Store) PutSeen(ctx context.Context, number payroll.EmployeeNumber, seen payroll.Seen, p payroll.MailProfile) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `update employees set mail_seen = $2, mail_seen_at = clock_timestamp(),
			mail_structure = $3, mail_presentation = $4 where number = $1`, number, string(seen), p.Structure, p.Presentation)
		if err == nil && tag.RowsAffected() == 0 {
			err = pgx.ErrNoRows
		}
		if err != nil {
			return wrap("keep mail profile", err)
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "form.mail_profile", Subject: string(number),
			Detail: map[string]string{"seen": string(seen), "structure": p.Structure, "presentation": p.Presentation}})
	})
}
