package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

var formLimits = payroll.SessionLimits{Idle: 30 * time.Minute, Max: 12 * time.Hour}

// post claims what is due.
func post(t testing.TB, s *Store) []payroll.Notice {
	t.Helper()
	notices, err := s.ClaimNotices(t.Context(), 100, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return notices
}

// postOnly claims what is due, which is one notice of the kind.
func postOnly(t testing.TB, s *Store, kind payroll.NoticeKind) payroll.Notice {
	t.Helper()
	notices := ofKind(post(t, s), kind)
	if len(notices) != 1 {
		t.Fatalf("%d notices of kind %s, want 1", len(notices), kind)
	}
	return notices[0]
}

func ofKind(notices []payroll.Notice, kind payroll.NoticeKind) []payroll.Notice {
	var of []payroll.Notice
	for _, n := range notices {
		if n.Kind == kind {
			of = append(of, n)
		}
	}
	return of
}

// deliver sends a notice with a secret, as the worker does.
func deliver(t testing.TB, s *Store, n payroll.Notice, secret payroll.SecretHash) {
	t.Helper()
	err := s.ArmNotice(t.Context(), n.ID, secret, 15*time.Minute)
	if err == nil {
		err = s.FinishNotice(t.Context(), n.ID, payroll.Outcome{Kind: payroll.Accepted}, time.Time{})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func token(t testing.TB) payroll.SecretHash {
	t.Helper()
	_, hash := payroll.NewToken()
	return hash
}

// ok ends the test on an error.
func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestEnrolment walks from the invitation to a certificate that waits for HR's
// call, and then in by a code.
func TestEnrolment(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
	invited, err := s.InviteEmployees(t.Context(), nil, "operator")
	ok(t, err)
	if diff := cmp.Diff([]payroll.EmployeeNumber{"7", "8"}, invited); diff != "" {
		t.Fatal(diff)
	}
	link, visit := token(t), token(t)
	for _, n := range post(t, s) {
		if n.Employee.Number == "7" {
			deliver(t, s, n, link)
		}
	}
	began, err := s.OpenLink(t.Context(), link, visit)
	ok(t, err)
	if began.Employee != "7" || began.Proof != payroll.ProvedByLink || began.Began.IsZero() {
		t.Errorf("%+v", began)
	}
	if _, err := s.OpenLink(t.Context(), link, token(t)); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a link opened twice: %v", err)
	}
	if going, err := s.Session(t.Context(), visit, formLimits); err != nil || going != began {
		t.Errorf("%+v, %v", going, err)
	}

	c, err := s.SubmitCertificate(t.Context(), payroll.Submission{Employee: "7", Fingerprint: fingerprint("A"), Content: []byte("A"), WKD: "hash"})
	ok(t, err)
	if c.Step != payroll.StepSubmitted || c.Standing != payroll.CertificateCandidate {
		t.Errorf("%+v", c)
	}
	ok(t, s.RequestProof(t.Context(), "7", fingerprint("A")))
	code := token(t)
	n := postOnly(t, s, payroll.NoticeProofCode)
	if string(n.Certificate) != "A" || n.Fingerprint != fingerprint("A") || n.To != "k@acme.example" {
		t.Errorf("%+v", n)
	}
	deliver(t, s, n, code)
	e, err := s.Enrolee(t.Context(), "7")
	ok(t, err)
	if e.Proof == nil || e.Proof.TriesLeft != codeTries || e.Proof.SentAt == nil || e.Proof.ExpiresAt == nil {
		t.Errorf("%+v", e.Proof)
	}
	if c, err = s.Prove(t.Context(), "7", code, payroll.StepCertified); err != nil || c.Step != payroll.StepDecryptionProven {
		t.Errorf("%+v, %v", c, err)
	}
	climb(t, s, "7", "A", payroll.StepPhoneChecked, payroll.StepCertified)

	pending, inside := token(t), token(t)
	ok(t, s.EndSession(t.Context(), visit))
	ok(t, s.RequestSignIn(t.Context(), "K@acme.example", pending, "de"))
	n = postOnly(t, s, payroll.NoticeSignInCode)
	if n.Language != "de" || string(n.Certificate) != "certified A" {
		t.Errorf("%+v", n)
	}
	code = token(t)
	deliver(t, s, n, code)
	if began, err = s.SignIn(t.Context(), pending, code, inside); err != nil || began.Employee != "7" || began.Proof != payroll.ProvedByCode {
		t.Errorf("%+v, %v", began, err)
	}
	for _, ended := range []payroll.SecretHash{visit, pending} {
		if _, err := s.Session(t.Context(), ended, formLimits); !errors.Is(err, payroll.ErrNotFound) {
			t.Errorf("an ended session goes on: %v", err)
		}
	}
}
