package postgres

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/payroll"
)

// TestNobodyTangles: the form, the post, HR's import and HR's commands work on one
// employee at once, and none of them is ended for standing in another's way.
func TestNobodyTangles(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	const people = 25
	var staff []payroll.Employee
	for i := range people {
		staff = append(staff, kiran(string(number(i)), fmt.Sprintf("e%d@acme.example", i)))
	}
	putEmployees(t, s, staff...)
	_, err := s.InviteEmployees(t.Context(), nil, "operator")
	ok(t, err)
	for _, e := range staff {
		var acts errgroup.Group
		for _, act := range []func() error{
			func() error { return postAll(t, s) },
			func() error { return visit(t, s, e.Number) },
			func() error { return handInAndProve(t, s, e.Number, "A") },
			func() error { return handInAndProve(t, s, e.Number, "B") },
			func() error { return moveTo(t, s, e.Number, "own"+e.Email) },
			func() error { return s.RequestLink(t.Context(), e.Email, "") },
			func() error {
				_, err := s.PutEmployees(t.Context(), []payroll.Employee{kiran(string(e.Number), "hr"+string(e.Email))}, "test", "maker", false)
				return err
			},
		} {
			acts.Go(func() error {
				for range 3 {
					var broken *databaseError
					if err := act(); errors.As(err, &broken) {
						return err
					}
				}
				return nil
			})
		}
		ok(t, acts.Wait())
	}
}

func postAll(t *testing.T, s *Store) error {
	notices, err := s.ClaimNotices(t.Context(), 5, time.Minute)
	for _, n := range notices {
		err = errors.Join(err, s.ArmNotice(t.Context(), n.ID, token(t), time.Hour),
			s.FinishNotice(t.Context(), n.ID, payroll.Outcome{Kind: payroll.Accepted}, time.Time{}))
	}
	return err
}

// anySecret is the hash of a secret that the employee holds in a mail.
func anySecret(t *testing.T, s *Store, number payroll.EmployeeNumber, kind payroll.NoticeKind) (payroll.SecretHash, error) {
	var hash []byte
	err := s.pool.QueryRow(t.Context(), `select secret_hash from notices where employee = $1 and kind = $2 and secret_hash is not null limit 1`,
		number, string(kind)).Scan(&hash)
	if err != nil {
		return payroll.SecretHash{}, wrap("find a secret", err)
	}
	return payroll.SecretHash(hash), nil
}

func visit(t *testing.T, s *Store, number payroll.EmployeeNumber) error {
	link, err := anySecret(t, s, number, payroll.NoticeInvitation)
	if err == nil {
		_, err = s.OpenLink(t.Context(), link, token(t))
	}
	return err
}

func handInAndProve(t *testing.T, s *Store, number payroll.EmployeeNumber, digit string) error {
	_, err := s.SubmitCertificate(t.Context(), payroll.Submission{Employee: number, Fingerprint: fingerprint(digit), Content: []byte("x")})
	if err = errors.Join(err, s.RequestProof(t.Context(), number, fingerprint(digit)), postAll(t, s)); err != nil {
		return err
	}
	code, err := anySecret(t, s, number, payroll.NoticeProofCode)
	if err == nil {
		_, err = s.Prove(t.Context(), number, code, payroll.StepCertified)
	}
	return err
}

func moveTo(t *testing.T, s *Store, number payroll.EmployeeNumber, to payroll.Address) error {
	if err := errors.Join(s.RequestAddressChange(t.Context(), number, to), postAll(t, s)); err != nil {
		return err
	}
	for _, kind := range []payroll.NoticeKind{payroll.NoticeConfirmOld, payroll.NoticeConfirmNew} {
		link, err := anySecret(t, s, number, kind)
		if err == nil {
			_, err = s.ConfirmAddress(t.Context(), link)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
