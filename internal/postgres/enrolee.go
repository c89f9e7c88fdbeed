package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Enrolee reads an employee as the form shows them to themself.
func (s *Store) Enrolee(ctx context.Context, number payroll.EmployeeNumber) (payroll.Enrolee, error) {
	e := payroll.Enrolee{Number: number}
	err := s.pool.QueryRow(ctx, `select name, email, phone, language, on_paper, mail_structure, mail_presentation, mail_seen,
			(select max(sent_at) from notices where employee = number and kind = 'specimen')
		from employees where number = $1`, number).
		Scan(&e.Name, &e.Email, &e.Phone, &e.Language, &e.OnPaper, &e.Profile.Structure, &e.Profile.Presentation, &e.Seen, &e.SpecimenSent)
	if err != nil {
		return payroll.Enrolee{}, wrap(fmt.Sprintf("employee number %q", string(number)), err)
	}
	if e.Certificates, err = s.enrolledCertificates(ctx, number); err != nil {
		return payroll.Enrolee{}, err
	}
	if e.Change, err = s.addressChange(ctx, number); err != nil {
		return payroll.Enrolee{}, err
	}
	if candidate, found := e.Standing(payroll.CertificateCandidate); found {
		e.Proof, err = s.openCode(ctx, number, candidate.Fingerprint)
	}
	return e, err
}

func (s *Store) enrolledCertificates(ctx context.Context, number payroll.EmployeeNumber) ([]payroll.EnrolledCertificate, error) {
	rows, err := s.pool.Query(ctx, `select fingerprint, content, step, standing, vouch is not null as vouched, created_at, expires_at
		from certificates where employee = $1 order by id desc`, number)
	if err != nil {
		return nil, wrap("read certificates", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.EnrolledCertificate])
	return list, wrap("read certificates", err)
}

func (s *Store) enrolled(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint) (payroll.EnrolledCertificate, error) {
	list, err := s.enrolledCertificates(ctx, number)
	for _, c := range list {
		if c.Fingerprint == f {
			return c, nil
		}
	}
	if err == nil {
		err = pgx.ErrNoRows
	}
	return payroll.EnrolledCertificate{}, wrap("read certificate", err)
}

// addressChange is nil if none waits.
func (s *Store) addressChange(ctx context.Context, number payroll.EmployeeNumber) (*payroll.AddressChange, error) {
	rows, err := s.pool.Query(ctx, `select address as "to", old_confirmed_at is not null as old_confirmed,
			new_confirmed_at is not null as new_confirmed, expires_at
		from address_changes where employee = $1 and expires_at > clock_timestamp()`, number)
	if err != nil {
		return nil, wrap("read address change", err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByName[payroll.AddressChange])
	if err != nil || len(list) == 0 {
		return nil, wrap("read address change", err)
	}
	return list[0], nil
}

// openCode is the newest code for a candidate; nil if none was asked for, or it
// was used.
func (s *Store) openCode(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint) (*payroll.OpenCode, error) {
	rows, err := s.pool.Query(ctx, `select created_at, sent_at, secret_expires_at, secret_tries, state, secret_used_at from notices
		where employee = $1 and kind = 'proof_code' and fingerprint = $2 order by created_at desc limit 1`, number, f)
	if err != nil {
		return nil, wrap("read code", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*payroll.OpenCode, error) {
		var c payroll.OpenCode
		var tries int
		var state payroll.NoticeState
		var used *time.Time
		err := row.Scan(&c.AskedAt, &c.SentAt, &c.ExpiresAt, &tries, &state, &used)
		c.TriesLeft = codeTries - tries
		c.Failed = state == payroll.NoticeRefused || state == payroll.NoticeDropped
		if used != nil {
			return nil, err
		}
		return &c, err
	})
	if err != nil || len(list) == 0 {
		return nil, wrap("read code", err)
	}
	return list[0], nil
}

// SubmitCertificate is PutCertificate by the employee, who may hand in so many
// new ones an hour.
func (s *Store) SubmitCertificate(ctx context.Context, sub payroll.Submission) (payroll.EnrolledCertificate, error) {
	if _, err := s.PutCertificate(ctx, sub, payroll.Themself); err != nil {
		return payroll.EnrolledCertificate{}, err
	}
	return s.enrolled(ctx, sub.Employee, sub.Fingerprint)
}

// RevokeOwn ends the use of one of the employee's own certificates at once.
func (s *Store) RevokeOwn(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint) error {
	_, err := s.RevokeCertificate(ctx, number, f, "revoked by its owner", payroll.Themself)
	return err
}

// InviteEmployees writes an invitation to each of the employees, and says to
// whom: to those named by number, or, where numbers is nil, to everyone who has no
// current certificate, is not on paper and has not left. Whoever has an invitation
// that still waits to be sent gets no other.
func (s *Store) InviteEmployees(ctx context.Context, numbers []payroll.EmployeeNumber, by payroll.AdminName) ([]payroll.EmployeeNumber, error) {
	var invited []payroll.EmployeeNumber
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := refuseUninvited(ctx, tx, numbers); err != nil {
			return err
		}
		// On a table of notices that was empty when its statistics were taken, the
		// planner would read all of it again for each employee.
		if _, err := tx.Exec(ctx, `set local enable_nestloop = off`); err != nil {
			return wrap("invite employees", err)
		}
		rows, err := tx.Query(ctx, `with invited as (
				insert into notices (id, kind, employee, address)
				select gen_random_uuid(), 'invitation', e.number, e.email from employees e
				where case when $1::text[] is null then `+uninvited+`
					else e.number = any($1) and not coalesce(e.left_on < current_date, false) and not `+invitationWaits+` end
				returning employee)
			select employee from invited order by employee`, numbers)
		if err != nil {
			return wrap("invite employees", err)
		}
		if invited, err = pgx.CollectRows(rows, pgx.RowTo[payroll.EmployeeNumber]); err != nil {
			return wrap("invite employees", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "employees.invite", Subject: "roster",
			Detail: map[string]string{"invited": listNumbers(invited)}})
	})
	return invited, err
}

// refuseUninvited refuses numbers that nobody has, and people who have left.
func refuseUninvited(ctx context.Context, tx pgx.Tx, numbers []payroll.EmployeeNumber) error {
	for _, number := range numbers {
		var left bool
		err := tx.QueryRow(ctx, `select coalesce(left_on < current_date, false) from employees where number = $1`, number).Scan(&left)
		if err != nil {
			return wrap(fmt.Sprintf("employee number %q", string(number)), err)
		}
		if left {
			return fmt.Errorf("%w: employee %s has left", payroll.ErrWrongState, number)
		}
	}
	return nil
}
