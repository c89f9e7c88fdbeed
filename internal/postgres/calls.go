package postgres

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// What of a telephone call is kept besides a comparison.
const (
	actNoAnswer = "calls.no_answer"
	actDenied   = "calls.denied"
)

// PhoneCalls is CallsWaiting with what a caller must know of each of the first
// most: who may not be the one, whether the number is a new one, and who tried
// before. It says how many wait in all.
func (s *Store) PhoneCalls(ctx context.Context, freeze payroll.Freeze, most int) (calls []payroll.PhoneCall, waiting int, err error) {
	first, waiting, err := s.callsWaiting(ctx, freeze, "", most)
	if err != nil {
		return nil, 0, err
	}
	calls, err = s.phoneCalls(ctx, first)
	return calls, waiting, err
}

// PhoneCall is the one about an employee; payroll.ErrNotFound if none waits.
func (s *Store) PhoneCall(ctx context.Context, freeze payroll.Freeze, number payroll.EmployeeNumber) (payroll.PhoneCall, error) {
	waiting, _, err := s.callsWaiting(ctx, freeze, number, 1)
	if err != nil {
		return payroll.PhoneCall{}, err
	}
	calls, err := s.phoneCalls(ctx, waiting)
	if err == nil && len(calls) == 0 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return payroll.PhoneCall{}, wrap(fmt.Sprintf("call about employee number %q", string(number)), err)
	}
	return calls[0], nil
}

func (s *Store) phoneCalls(ctx context.Context, waiting []payroll.Call) ([]payroll.PhoneCall, error) {
	numbers := make([]string, len(waiting))
	fingerprints := make([]string, len(waiting))
	for i, c := range waiting {
		numbers[i], fingerprints[i] = string(c.Employee), string(c.Fingerprint)
	}
	rows, err := s.pool.Query(ctx, `select e.email, `+broughtAddress+` as address_by, e.phone_changed_at, e.phone_by,
			coalesce((select array_agg(distinct case when h.by_worker then 'payseal' else coalesce(h.by_admin, '(employee)') end)
				from certificate_steps h where h.certificate = c.id and h.step = 'submitted' and h.method = ''), '{}') as handed_in,
			coalesce(t.n, 0)::int as unanswered, t.at as last_call
		from unnest($1::text[], $2::text[]) with ordinality as w(number, fingerprint, place)
			join employees e on e.number = w.number join certificates c on c.employee = w.number and c.fingerprint = w.fingerprint
			left join lateral (select count(*) as n, max(a.at) as at from audit a where a.subject = w.number
				and a.act = '`+actNoAnswer+`' and position(w.fingerprint in a.detail) > 0) t on true
		order by w.place`, numbers, fingerprints)
	if err != nil {
		return nil, wrap("read calls", err)
	}
	calls := make([]payroll.PhoneCall, 0, len(waiting))
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		c := payroll.PhoneCall{Call: waiting[len(calls)]}
		err := row.Scan(&c.Email, &c.AddressBy, &c.PhoneChangedAt, &c.PhoneBy, &c.HandedIn, &c.Unanswered, &c.LastCall)
		calls = append(calls, c)
		return struct{}{}, err
	})
	return calls, wrap("read calls", err)
}

// RecordNoAnswer keeps in the audit log that somebody tried to reach an employee
// about a certificate that waits.
func (s *Store) RecordNoAnswer(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockCandidate(ctx, tx, number, f); err != nil {
			return err
		}
		return record(ctx, tx, callAct(actNoAnswer, number, f, by))
	})
}

// DenyFingerprint keeps that an employee read out another fingerprint, or said
// that the certificate is not theirs: a report of theirs that HR is told of at
// once. The certificate stays where it is, until somebody ends its use.
func (s *Store) DenyFingerprint(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, note string, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockCandidate(ctx, tx, number, f); err != nil {
			return err
		}
		words := fmt.Sprintf("Said on the telephone to %s: the certificate with the fingerprint %s is not theirs. %s", by, f.Grouped(), note)
		if _, err := tx.Exec(ctx, `insert into reports (employee, kind, words) values ($1, $2, $3)`,
			number, string(payroll.ReportStranger), clipped(words, maxReport)); err != nil {
			return wrap("keep report", err)
		}
		if err := tellReport(ctx, tx, payroll.ReportStranger); err != nil {
			return err
		}
		return record(ctx, tx, callAct(actDenied, number, f, by))
	})
}

// maxReport is the most characters of a report.
const maxReport = 2000

func clipped(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most])
}

// lockCandidate refuses a certificate that waits for nobody.
func lockCandidate(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, f payroll.Fingerprint) error {
	c, err := lockedCertificate(ctx, tx, number, f)
	if err == nil && c.Standing != payroll.CertificateCandidate {
		err = fmt.Errorf("%w: this certificate is %s", payroll.ErrWrongState, c.Standing)
	}
	return err
}

// callAct tells the audit log of a call. What was said is a person's words and
// stays out of it.
func callAct(what string, number payroll.EmployeeNumber, f payroll.Fingerprint, by payroll.AdminName) payroll.Act {
	return payroll.Act{Who: by, What: what, Subject: string(number), Detail: map[string]string{"fingerprint": string(f)}}
}
