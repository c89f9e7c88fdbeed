package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/payseal/payseal/payroll"
)

// compareBy is one person's comparison of one fingerprint within a freeze.
func compareBy(t testing.TB, s *Store, digit string, freeze payroll.Freeze, by payroll.AdminName) (payroll.StoredCertificate, error) {
	t.Helper()
	return s.ClimbCertificate(t.Context(), payroll.Climb{
		Employee: "7", Fingerprint: fingerprint(digit), To: payroll.StepPhoneChecked, Method: "phone", Note: "called",
		Required: payroll.StepCertified, Freeze: freeze,
	}, by)
}

// payOn creates a draft that pays in so many days.
func payOn(t testing.TB, s *Store, days int) {
	t.Helper()
	_, err := s.pool.Exec(t.Context(), `insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
		values ('draft', '2026-10', (now() at time zone 'Asia/Kolkata')::date + $1::int, 'EUR', $2, 'maker')`,
		days, payroll.Digest([]byte(uuid.NewString())))
	ok(t, err)
}

func TestARekeyCloseToAPayDateNeedsTwo(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	freeze := threeDays(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	payOn(t, s, 3)
	submit(t, s, "7", "A")
	if c, err := compareBy(t, s, "A", freeze, "operator"); err != nil || c.Awaits != 0 || c.Step != payroll.StepPhoneChecked {
		t.Errorf("a first certificate: %+v, %v", c, err)
	}
	climb(t, s, "7", "A", payroll.StepCertified)
	submit(t, s, "7", "B")
	if c, err := compareBy(t, s, "B", freeze, "operator"); err != nil || c.Awaits != 1 || c.Step != payroll.StepSubmitted {
		t.Fatalf("the first of two: %+v, %v", c, err)
	}
	if _, err := compareBy(t, s, "B", freeze, "operator"); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("the first again: %v", err)
	}
	_, err := s.ClimbCertificate(t.Context(), payroll.Climb{Employee: "7", Fingerprint: fingerprint("B"), To: payroll.StepCertified, Content: []byte("x")}, "approver")
	if !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("certified after one comparison: %v", err)
	}
	if c, err := compareBy(t, s, "B", freeze, "approver"); err != nil || c.Awaits != 0 || c.Step != payroll.StepPhoneChecked {
		t.Errorf("the second: %+v, %v", c, err)
	}
	var acts []string
	for _, e := range auditEntries(t, s) {
		if strings.HasPrefix(e.What, "keys.") && e.Detail["fingerprint"] == string(fingerprint("B")) {
			acts = append(acts, e.What+" "+string(e.Who))
		}
	}
	if diff := cmp.Diff([]string{"keys.add maker", "keys.compared operator", "keys.phone_checked approver"}, acts); diff != "" {
		t.Error(diff)
	}
}

// TestComparisonsBeforeCountNoLonger: a certificate that was replaced and comes
// back climbs from the bottom.
func TestComparisonsBeforeCountNoLonger(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	enrolled(t, s, "7", "A")
	payOn(t, s, 1)
	submit(t, s, "7", "B")
	_, err := compareBy(t, s, "B", threeDays(t), "operator")
	ok(t, err)
	submit(t, s, "7", "C") // in the place of B
	submit(t, s, "7", "B")
	if c, err := compareBy(t, s, "B", threeDays(t), "approver"); err != nil || c.Awaits != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestFarFromAPayDateOneIsEnough(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	enrolled(t, s, "7", "A")
	payOn(t, s, 4)
	payOn(t, s, -1)
	submit(t, s, "7", "B")
	if c, err := compareBy(t, s, "B", threeDays(t), "operator"); err != nil || c.Step != payroll.StepPhoneChecked {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestWhoMayCompare(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	submit(t, s, "7", "A") // by maker
	if _, err := compareBy(t, s, "A", payroll.Freeze{}, "maker"); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("whoever handed it in: %v", err)
	}
	_, err := s.PutCertificate(t.Context(), payroll.Submission{Employee: "7", Fingerprint: fingerprint("A"), Content: []byte("A")}, "operator")
	ok(t, err)
	if _, err := compareBy(t, s, "A", payroll.Freeze{}, "maker"); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("whoever handed it in before somebody else did: %v", err)
	}
	for method, by := range map[string]payroll.AdminName{"": "operator", "guess": "operator", payroll.MethodVouched: "operator", "code": payroll.Themself} {
		_, err := s.ClimbCertificate(t.Context(), payroll.Climb{Employee: "7", Fingerprint: fingerprint("A"), To: payroll.StepPhoneChecked, Method: method}, by)
		if !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("compared by %q: %v", method, err)
		}
	}
	_, err = s.ClimbCertificate(t.Context(), payroll.Climb{
		Employee: "7", Fingerprint: fingerprint("A"), To: payroll.StepPhoneChecked, Method: payroll.MethodVouched,
	}, payroll.Machine)
	ok(t, err)
	steps, err := s.CertificateSteps(t.Context(), "7")
	ok(t, err)
	if last := steps[len(steps)-1]; last.By != payroll.Machine {
		t.Errorf("%+v", last)
	}
}

// TestWhoeverBroughtTheAddressMayNotCompare: the link and the code went there.
func TestWhoeverBroughtTheAddressMayNotCompare(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example")) // by maker
	handIn := func(digit string) {
		t.Helper()
		_, err := s.SubmitCertificate(t.Context(), payroll.Submission{Employee: "7", Fingerprint: fingerprint(digit), Content: []byte(digit)})
		ok(t, err)
	}
	may := func(digit string, by payroll.AdminName, want error) {
		t.Helper()
		if _, err := compareBy(t, s, digit, payroll.Freeze{}, by); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", by, err, want)
		}
	}
	handIn("A")
	may("A", "maker", payroll.ErrNotAllowed)
	may("A", "operator", nil)
	_, err := s.PutEmployees(t.Context(), []payroll.Employee{kiran("7", "moved@acme.example")}, "file", "operator", false)
	ok(t, err)
	putEmployees(t, s, kiran("7", "MOVED@acme.example")) // says nothing new
	handIn("B")
	may("B", "operator", payroll.ErrNotAllowed)
	may("B", "maker", nil)
}

// TestTheFormForgetsNobody: whoever brought an address reads what is sent there, and
// can change it in the form as if they were the employee, or bring the right one back
// once their certificate is in.
func TestTheFormForgetsNobody(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example")) // by maker
	handIn := func(number payroll.EmployeeNumber, digit string) {
		t.Helper()
		_, err := s.Prove(t.Context(), number, candidate(t, s, number, digit), payroll.StepCertified)
		ok(t, err)
	}
	bring := func(by payroll.AdminName, seven, eight string) {
		t.Helper()
		_, err := s.PutEmployees(t.Context(), []payroll.Employee{kiran("7", seven), kiran("8", eight)}, "file", by, false)
		ok(t, err)
	}
	bring("operator", "mallory@elsewhere.example", "mallory8@elsewhere.example")
	old, fresh := askAddress(t, s, "7", "mallory7@elsewhere.example")
	for _, link := range []payroll.SecretHash{old, fresh} {
		_, err := s.ConfirmAddress(t.Context(), link)
		ok(t, err)
	}
	if p, err := s.Person(t.Context(), "7"); err != nil || p.EmailBy != payroll.Themself {
		t.Fatalf("brought by %q, %v", p.EmailBy, err)
	}
	handIn("7", "A")
	handIn("8", "B")
	bring("maker", "mallory@elsewhere.example", "p@acme.example") // 7: their own address stands
	for number, digit := range map[payroll.EmployeeNumber]string{"7": "A", "8": "B"} {
		climb := payroll.Climb{Employee: number, Fingerprint: fingerprint(digit), To: payroll.StepPhoneChecked, Method: "phone", Required: payroll.StepCertified}
		if _, err := s.ClimbCertificate(t.Context(), climb, "operator"); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("employee %s, compared by whoever brought the address before: %v", number, err)
		}
		calls, err := s.PhoneCall(t.Context(), payroll.Freeze{}, number)
		ok(t, err)
		if calls.May("operator") == nil || calls.May("approver") != nil {
			t.Errorf("employee %s: of %v, the queue lets whoever brought it call, or nobody", number, calls.AddressBy)
		}
		_, err = s.ClimbCertificate(t.Context(), climb, "approver")
		ok(t, err)
	}
}

func TestCallsWaiting(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	seven := kiran("7", "k@acme.example")
	seven.Phone = "+43 1 2345"
	left := kiran("3", "c@acme.example")
	left.Left = payroll.Date{Year: 2020, Month: time.January, Day: 1}
	putEmployees(t, s, seven, kiran("8", "p@acme.example"), kiran("9", "n@acme.example"), kiran("6", "s@acme.example"), left)
	enrolled(t, s, "7", "A")
	payOn(t, s, 2)
	_, err := s.Prove(t.Context(), "7", candidate(t, s, "7", "B"), payroll.StepCertified)
	ok(t, err)
	_, err = compareBy(t, s, "B", threeDays(t), "operator")
	ok(t, err)
	submit(t, s, "8", "C")    // by HR, who cannot prove that it opens
	candidate(t, s, "9", "D") // not proven yet
	enrolled(t, s, "6", "E")
	submit(t, s, "3", "F")
	calls, err := s.CallsWaiting(t.Context(), threeDays(t))
	ok(t, err)
	for i := range calls {
		if calls[i].Since.IsZero() {
			t.Errorf("%+v", calls[i])
		}
		calls[i].Since = time.Time{}
	}
	want := []payroll.Call{
		{Employee: "7", Fingerprint: fingerprint("B"), Rekey: true,
			HandedInBy: payroll.Themself, CheckedBy: "operator", Needed: 2},
		{Employee: "8", Fingerprint: fingerprint("C"), HandedInBy: "maker", Needed: 1},
	}
	for i := range want {
		e, err := s.Employee(t.Context(), want[i].Employee)
		ok(t, err)
		want[i].Name, want[i].Phone = e.Name, e.Phone
	}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Error(diff)
	}
}

// frozenSlip is a run of one slip that is held because something changed two days
// before the pay date.
func frozenSlip(t testing.TB, s *Store, change string) (payroll.RunID, payroll.WorkerID) {
	t.Helper()
	id := sendingRun(t, s, 1)
	_, err := s.pool.Exec(t.Context(), change)
	ok(t, err)
	worker := payroll.WorkerID(uuid.NewString())
	parcels, err := s.Claim(t.Context(), id, worker, 1, threeDays(t))
	ok(t, err)
	if len(parcels) != 1 || holdOf(t, parcels[0]) != payroll.HoldChangeFreeze {
		t.Fatalf("%d parcels, not frozen", len(parcels))
	}
	ok(t, newLedger(t, s).HoldSlip(t.Context(), parcels[0].ID, worker, payroll.HoldChangeFreeze))
	return id, worker
}

func stillFrozen(t testing.TB, s *Store) bool {
	t.Helper()
	held, err := s.HeldParcels(t.Context(), threeDays(t))
	ok(t, err)
	if len(held) != 1 {
		t.Fatalf("%d are held", len(held))
	}
	return held[0].Standing.Frozen
}

const (
	newAddress = `update employees set email_changed_at = '2026-10-28'`
	newKey     = `update certificates set replaces = id, current_since = '2026-10-28'`
)

func TestTwoReleaseAFrozenSlip(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{"address": newAddress, "certificate": newKey, "both": newAddress + "; " + newKey} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			id, _ := frozenSlip(t, s, change)
			release := func(by payroll.AdminName) (int, error) {
				return s.ReleaseFrozen(t.Context(), id, "0000", "asked in person", by)
			}
			if n, err := release("operator"); n != 1 || err != nil || !stillFrozen(t, s) {
				t.Errorf("the first: %d, %v", n, err)
			}
			if _, err := release("operator"); !errors.Is(err, payroll.ErrNotAllowed) {
				t.Errorf("the first again: %v", err)
			}
			if n, err := release("approver"); n != 2 || err != nil || stillFrozen(t, s) {
				t.Errorf("the second: %d, %v", n, err)
			}
			// What changes again needs two again.
			execute(`update slip_releases set at = '2026-10-28 12:00:00Z'; update employees set email_changed_at = '2026-10-29'`)(t, s)
			if !stillFrozen(t, s) {
				t.Error("releases from before the change count")
			}
			if n, err := release("operator"); n != 1 || err != nil || !stillFrozen(t, s) {
				t.Errorf("the first after the second change: %d, %v", n, err)
			}
		})
	}
}

func TestWhatCannotBeReleased(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id, _ := frozenSlip(t, s, newKey)
	if _, err := s.ReleaseFrozen(t.Context(), id, "0000", " ", "operator"); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := s.ReleaseFrozen(t.Context(), id, "0001", "why", "operator"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("nobody's slip: %v", err)
	}
	execute(`update slips set hold = 'expired'`)(t, s)
	if _, err := s.ReleaseFrozen(t.Context(), id, "0000", "why", "operator"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("held for another reason: %v", err)
	}
	execute(`update certificates set replaces = null; update employees set email_changed_at = null`)(t, s)
	if _, err := s.ReleaseFrozen(t.Context(), id, "0000", "why", "operator"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("nothing changed: %v", err)
	}
}

// TestTwoWhoComparedItReleaseItToo: but not where the address changed as well.
func TestTwoWhoComparedItReleaseItToo(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]bool{newKey: false, newKey + "; " + newAddress: true, newAddress: true} {
		s := newStore(t)
		frozenSlip(t, s, change)
		again := func(by payroll.AdminName) error {
			_, err := s.ClimbCertificate(t.Context(), payroll.Climb{
				Employee: "0000", Fingerprint: testCertificate(t).Fingerprint(), To: payroll.StepPhoneChecked, Method: "phone",
			}, by)
			return err
		}
		// The operator compared it when it was verified.
		if err := again("operator"); !errors.Is(err, payroll.ErrWrongState) {
			t.Errorf("the same person again: %v", err)
		}
		if !stillFrozen(t, s) {
			t.Error("one comparison is enough")
		}
		ok(t, again("approver"))
		if got := stillFrozen(t, s); got != want {
			t.Errorf("after two comparisons frozen: %v\n%s", got, change)
		}
	}
}

// TestARunIsFrozenByItsOwnPayDate: of two runs only the one whose freeze has
// begun holds its slip.
func TestARunIsFrozenByItsOwnPayDate(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	frozenSlip(t, s, newKey)
	execute(`update runs set pay_date = '2026-11-03'; update certificates set current_since = '2026-10-28'`)(t, s)
	if stillFrozen(t, s) {
		t.Error("frozen by another run's pay date")
	}
}

func TestAParcelHasTheMailProfile(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 1)
	want := payroll.MailProfile{Structure: payroll.StructureNested, Presentation: payroll.PresentationAttachment}
	ok(t, s.PutSeen(t.Context(), "0000", payroll.SeenAttachments, want))
	parcels, err := s.Claim(t.Context(), id, payroll.WorkerID(uuid.NewString()), 1, payroll.Freeze{})
	ok(t, err)
	if diff := cmp.Diff(want, parcels[0].Profile); diff != "" {
		t.Error(diff)
	}
	e, err := s.Enrolee(t.Context(), "0000")
	ok(t, err)
	if e.Seen != payroll.SeenAttachments || e.Profile != want {
		t.Errorf("%+v", e)
	}
	if err := s.PutSeen(t.Context(), "nobody", payroll.SeenGood, want); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("nobody saw it: %v", err)
	}
}
