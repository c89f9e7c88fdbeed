package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/payroll"
)

// fingerprint is forty times the digit.
func fingerprint(digit string) payroll.Fingerprint {
	return payroll.Fingerprint(strings.Repeat(digit, 40))
}

func submit(t testing.TB, s *Store, number payroll.EmployeeNumber, digit string) payroll.StoredCertificate {
	t.Helper()
	stored, err := s.PutCertificate(t.Context(), payroll.Submission{
		Employee: number, Fingerprint: fingerprint(digit), Content: []byte("certificate " + digit),
		Addresses: []payroll.Address{"k@acme.example"},
	}, "maker")
	if err != nil {
		t.Fatal(err)
	}
	return stored
}

func climb(t testing.TB, s *Store, number payroll.EmployeeNumber, digit string, steps ...payroll.Step) payroll.StoredCertificate {
	t.Helper()
	var stored payroll.StoredCertificate
	for _, step := range steps {
		var err error
		stored, err = s.ClimbCertificate(t.Context(), payroll.Climb{
			Employee: number, Fingerprint: fingerprint(digit), To: step, Method: "phone", Note: "called",
			Content: []byte("certified " + digit), Required: payroll.StepCertified,
		}, "operator")
		if err != nil {
			t.Fatal(err)
		}
	}
	return stored
}

// standings are the standings of the employee's certificates by first digit.
func standings(t testing.TB, s *Store, number payroll.EmployeeNumber) map[string]payroll.CertificateStanding {
	t.Helper()
	list, err := s.CertificatesOf(t.Context(), number)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]payroll.CertificateStanding)
	for _, c := range list {
		got[string(c.Fingerprint[:1])] = c.Standing
	}
	return got
}

func current(t testing.TB, s *Store, number payroll.EmployeeNumber) payroll.StoredCertificate {
	t.Helper()
	certificates, err := s.CurrentCertificates(t.Context(), []payroll.EmployeeNumber{number, "nobody"})
	if err != nil {
		t.Fatal(err)
	}
	return certificates[number]
}

func TestCertificateClimbs(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	if c := current(t, s, "7"); c.Fingerprint != "" {
		t.Errorf("a certificate that nobody handed in: %+v", c)
	}

	submit(t, s, "7", "A")
	if c := current(t, s, "7"); c.Verified || c.Step != payroll.StepSubmitted || string(c.Content) != "certificate A" || c.CurrentSince != nil {
		t.Errorf("just submitted: %+v", c)
	}
	if c := climb(t, s, "7", "A", payroll.StepAddressProven, payroll.StepPhoneChecked); c.Verified {
		t.Errorf("current below the required step: %+v", c)
	}
	climb(t, s, "7", "A", payroll.StepCertified)
	c := current(t, s, "7")
	if !c.Verified || c.Step != payroll.StepCertified || string(c.Content) != "certified A" || c.CurrentSince == nil || c.Replaces {
		t.Errorf("certified: %+v", c)
	}

	// A second one climbs beside it and takes its place only at the top.
	submit(t, s, "7", "B")
	climb(t, s, "7", "B", payroll.StepPhoneChecked)
	if c := current(t, s, "7"); c.Fingerprint != fingerprint("A") {
		t.Errorf("a candidate counts before it has climbed: %+v", c)
	}
	climb(t, s, "7", "B", payroll.StepCertified)
	if c := current(t, s, "7"); c.Fingerprint != fingerprint("B") || !c.Verified || !c.Replaces {
		t.Errorf("the second: %+v", c)
	}
	want := map[string]payroll.CertificateStanding{"A": payroll.CertificateReplaced, "B": payroll.CertificateCurrent}
	if diff := cmp.Diff(want, standings(t, s, "7")); diff != "" {
		t.Error(diff)
	}
}

func TestClimbRefuses(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "k8@acme.example"))
	submit(t, s, "7", "A")
	try := func(c payroll.Climb) error {
		_, err := s.ClimbCertificate(t.Context(), c, "operator")
		return err
	}
	for name, test := range map[string]struct {
		climb payroll.Climb
		want  error
	}{
		"certify what nobody compared": {payroll.Climb{Employee: "7", Fingerprint: fingerprint("A"), To: payroll.StepCertified, Content: []byte("x")}, payroll.ErrWrongState},
		"the other Kiran's":            {payroll.Climb{Employee: "8", Fingerprint: fingerprint("A"), To: payroll.StepPhoneChecked}, payroll.ErrNotFound},
		"another fingerprint":          {payroll.Climb{Employee: "7", Fingerprint: fingerprint("B"), To: payroll.StepPhoneChecked}, payroll.ErrNotFound},
		"nobody":                       {payroll.Climb{Employee: "007", Fingerprint: fingerprint("A"), To: payroll.StepPhoneChecked}, payroll.ErrNotFound},
		"down":                         {payroll.Climb{Employee: "7", Fingerprint: fingerprint("A"), To: payroll.StepSubmitted}, payroll.ErrWrongState},
		"no step":                      {payroll.Climb{Employee: "7", Fingerprint: fingerprint("A"), To: "heaven"}, payroll.ErrInvalid},
	} {
		if err := try(test.climb); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	climb(t, s, "7", "A", payroll.StepPhoneChecked)
	if err := try(payroll.Climb{Employee: "7", Fingerprint: fingerprint("A"), To: payroll.StepCertified}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("certified without a certification: %v", err)
	}
}

func TestResubmission(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	submit(t, s, "7", "A")
	climb(t, s, "7", "A", payroll.StepPhoneChecked)
	later := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	put := func(digit string, certified bool) (payroll.StoredCertificate, error) {
		return s.PutCertificate(t.Context(), payroll.Submission{
			Employee: "7", Fingerprint: fingerprint(digit), Content: []byte("fresh " + digit), Expires: later, Certified: certified,
		}, "maker")
	}
	c, err := put("A", false)
	if err != nil || c.Step != payroll.StepPhoneChecked || string(c.Content) != "fresh A" || !c.ExpiresAt.Equal(later) {
		t.Errorf("a fresh copy: %+v, %v", c, err)
	}
	climb(t, s, "7", "A", payroll.StepCertified)
	if _, err := put("A", false); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("a certified one was overwritten without its certification: %v", err)
	}
	if c, err = put("A", true); err != nil || !c.Verified || c.Step != payroll.StepCertified {
		t.Errorf("a fresh certified copy: %+v, %v", c, err)
	}

	submit(t, s, "7", "B")
	submit(t, s, "7", "C") // takes the candidate's place
	want := map[string]payroll.CertificateStanding{"A": "current", "B": "replaced", "C": "candidate"}
	if diff := cmp.Diff(want, standings(t, s, "7")); diff != "" {
		t.Error(diff)
	}
	climb(t, s, "7", "C", payroll.StepPhoneChecked, payroll.StepCertified)
	if c, err = put("A", false); err != nil || c.Standing != payroll.CertificateCandidate || c.Step != payroll.StepSubmitted {
		t.Errorf("going back to a replaced one: %+v, %v", c, err)
	}
}

func TestRevokeCertificate(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	submit(t, s, "7", "A")
	climb(t, s, "7", "A", payroll.StepPhoneChecked, payroll.StepCertified)
	c, err := s.RevokeCertificate(t.Context(), "7", fingerprint("A"), "lost", "operator")
	if err != nil || c.Standing != payroll.CertificateRevoked || c.Verified {
		t.Errorf("%+v, %v", c, err)
	}
	if c := current(t, s, "7"); c.Fingerprint != "" {
		t.Errorf("a revoked one still counts: %+v", c)
	}
	if _, err := s.RevokeCertificate(t.Context(), "7", fingerprint("A"), "lost", "operator"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("revoked twice: %v", err)
	}
	_, err = s.PutCertificate(t.Context(), payroll.Submission{Employee: "7", Fingerprint: fingerprint("A"), Content: []byte("x")}, "maker")
	if !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("a revoked one came back: %v", err)
	}
	_, err = s.ClimbCertificate(t.Context(), payroll.Climb{Employee: "7", Fingerprint: fingerprint("A"), To: payroll.StepCertified}, "operator")
	if !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("a revoked one climbed: %v", err)
	}
}

func TestCertificateActsAreRecorded(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	submit(t, s, "7", "A")
	climb(t, s, "7", "A", payroll.StepPhoneChecked, payroll.StepCertified)
	if _, err := s.RevokeCertificate(t.Context(), "7", fingerprint("A"), "lost", "operator"); err != nil {
		t.Fatal(err)
	}
	steps, err := s.CertificateSteps(t.Context(), "7")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, step := range steps {
		got = append(got, strings.Join([]string{string(step.Step), string(step.By), step.Method, step.Note}, " "))
	}
	want := []string{"submitted maker  ", "phone_checked operator phone called", "certified operator phone called", "certified operator revoke lost"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var acts []string
	for _, e := range auditEntries(t, s) {
		if strings.HasPrefix(e.What, "keys.") {
			acts = append(acts, e.What+" "+e.Subject)
			if e.Detail["fingerprint"] != string(fingerprint("A")) || e.Detail["note"] != "" {
				t.Errorf("%s has %v", e.What, e.Detail)
			}
		}
	}
	if diff := cmp.Diff([]string{"keys.add 7", "keys.phone_checked 7", "keys.certified 7", "keys.revoke_use 7"}, acts); diff != "" {
		t.Error(diff)
	}
}

func TestOneCurrentCertificate(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	submit(t, s, "7", "A")
	for _, standing := range []string{"current", "candidate"} {
		_, err := s.pool.Exec(t.Context(), `update certificates set standing = $1`, standing)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.pool.Exec(t.Context(), `insert into certificates (employee, fingerprint, content, step, standing)
			values ('7', $1, 'x', 'certified', $2)`, fingerprint("B"), standing)
		if !violates(err, "certificates_"+standing) {
			t.Errorf("two are %s: %v", standing, err)
		}
	}
}

func TestCertificatesUnderConcurrency(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	var group errgroup.Group
	for _, digit := range strings.Split("0123456789ABCDEF", "") {
		group.Go(func() error {
			_, err := s.PutCertificate(t.Context(), payroll.Submission{Employee: "7", Fingerprint: fingerprint(digit), Content: []byte("x")}, "maker")
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	counts := make(map[payroll.CertificateStanding]int)
	for _, standing := range standings(t, s, "7") {
		counts[standing]++
	}
	if counts["candidate"] != 1 || counts["replaced"] != 15 {
		t.Errorf("%v", counts)
	}
}

// TestTheFreezeSeesRevokedPredecessors: ending the use of a certificate first
// must not make the next one look like an employee's first.
func TestTheFreezeSeesRevokedPredecessors(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if _, err := s.PutEmployees(t.Context(), []payroll.Employee{{Number: "0000", Name: "A", Email: "a@acme.example"}}, "test", "maker", false); err != nil {
		t.Fatal(err)
	}
	_, err := s.pool.Exec(t.Context(), `insert into certificates (employee, fingerprint, content, step, standing, current_since)
		values ('0000', repeat('B', 40), '\x', 'certified', 'revoked', now() - interval '1 year')`)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, s, "0000")
	current, err := s.CurrentCertificates(t.Context(), []payroll.EmployeeNumber{"0000"})
	if err != nil || !current["0000"].Replaces {
		t.Errorf("%+v, %v", current["0000"], err)
	}
}
