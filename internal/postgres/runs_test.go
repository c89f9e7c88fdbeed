package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

var (
	october = payroll.Period{Year: 2026, Month: time.October}
	payDate = payroll.Date{Year: 2026, Month: time.October, Day: 30}
	day     = 24 * time.Hour
)

// sharedCertificate is one good certificate; making one takes a third of a second.
var sharedCertificate = sync.OnceValues(func() (keystore.Certificate, error) {
	passphrase := []byte("correct horse")
	armored, err := keystore.NewSigner(keystore.SignerOptions{
		UserID: "Kiran <kiran@acme.example>", At: time.Now().Add(-time.Hour), Lifetime: 365 * day,
	}, passphrase)
	if err != nil {
		return keystore.Certificate{}, err
	}
	signer, err := keystore.OpenSigner(bytes.NewReader(armored), passphrase)
	if err != nil {
		return keystore.Certificate{}, err
	}
	return signer.Certificate(), nil
})

func testCertificate(t testing.TB) keystore.Certificate {
	t.Helper()
	certificate, err := sharedCertificate()
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

// number is the employee number of the i-th test employee.
func number(i int) payroll.EmployeeNumber { return payroll.EmployeeNumber(fmt.Sprintf("%04d", i)) }

// hire puts n employees with unlike names into the roster and verifies a
// certificate for each.
func hire(t testing.TB, s *Store, n int) {
	t.Helper()
	var staff []payroll.Employee
	for i := range n {
		staff = append(staff, payroll.Employee{
			Number: number(i), Name: uuid.NewString(), Email: payroll.Address(fmt.Sprintf("e%d@acme.example", i)),
		})
	}
	if _, err := s.PutEmployees(t.Context(), staff, "test", "maker", false); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		verify(t, s, number(i))
	}
}

// verify gives an employee the test certificate, current at once.
func verify(t testing.TB, s *Store, employee payroll.EmployeeNumber) {
	t.Helper()
	c := testCertificate(t)
	_, err := s.PutCertificate(t.Context(), payroll.Submission{Employee: employee, Fingerprint: c.Fingerprint(), Content: c.Bytes()}, "maker")
	if err != nil {
		t.Fatal(err)
	}
	climb := payroll.Climb{Employee: employee, Fingerprint: c.Fingerprint(), To: payroll.StepPhoneChecked, Method: "phone", Required: payroll.StepPhoneChecked}
	if _, err := s.ClimbCertificate(t.Context(), climb, "operator"); err != nil {
		t.Fatal(err)
	}
}

func testSlips(n int) []payroll.Slip {
	slips := make([]payroll.Slip, n)
	for i := range slips {
		slips[i] = payroll.Slip{
			Employee: payroll.Employee{Number: number(i), Name: "secret name"}, Period: october, PayDate: payDate,
			Currency: "EUR", Net: payroll.Money{Minor: int64(100000 + i), Currency: "EUR"},
		}
	}
	return slips
}

// each gives slips one by one, as a file does.
func each(slips []payroll.Slip) iter.Seq2[payroll.Slip, error] {
	return func(yield func(payroll.Slip, error) bool) {
		for _, s := range slips {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func testRun() payroll.Run {
	return payroll.Run{
		Period: october, PayDate: payDate, Currency: "EUR", ImportedBy: "maker",
		FileSHA256: payroll.Digest([]byte(uuid.NewString())), Supplement: true,
	}
}

// sendingRun brings a run of n slips up to the point where workers take over.
func sendingRun(t testing.TB, s *Store, n int) payroll.RunID {
	t.Helper()
	hire(t, s, n)
	id, err := s.CreateRun(t.Context(), testRun(), each(testSlips(n)))
	for _, step := range []func() error{
		func() error { return s.SubmitRun(t.Context(), id, "maker", false) },
		func() error {
			return s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "letterhead"})
		},
		func() error { return s.SendRun(t.Context(), id, "operator", 72*time.Hour, 10) },
	} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func counts(t testing.TB, s *Store, id payroll.RunID) map[payroll.SlipState]int {
	t.Helper()
	c, err := s.Counts(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRunFromDraftToSending(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 25)
	run, err := s.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	want := payroll.Run{
		ID: id, State: payroll.RunSending, Period: october, PayDate: payDate, Currency: "EUR",
		FileSHA256: run.FileSHA256, Letterhead: "letterhead", ImportedBy: "maker", SubmittedBy: "maker",
		ApprovedBy: "approver", Manifest: run.Manifest, SubmittedAt: run.SubmittedAt, ApprovedAt: run.ApprovedAt, Supplement: true, CreatedAt: run.CreatedAt,
	}
	if diff := cmp.Diff(want, run); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipQueued: 25}, counts(t, s, id)); diff != "" {
		t.Error(diff)
	}
	var jobs int
	if err := s.pool.QueryRow(t.Context(), `select count(*) from river_job`).Scan(&jobs); err != nil || jobs != 3 {
		t.Errorf("%d jobs for 25 slips in bundles of 10, want 3 (%v)", jobs, err)
	}
}

func TestTheSameFileIsOneRun(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 1)
	run := testRun()
	id, err := s.CreateRun(t.Context(), run, each(testSlips(1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateRun(t.Context(), run, each(testSlips(1))); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("the same file twice: %v", err)
	}
	if err := s.VoidRun(t.Context(), id, "maker", "wrong month"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateRun(t.Context(), run, each(testSlips(1))); err != nil {
		t.Errorf("the same file after a void: %v", err)
	}
}

func TestNobodyIsPaidTwiceUnasked(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 2)
	var errs errgroup.Group
	var refused atomic.Int32
	for range 4 {
		errs.Go(func() error {
			run := testRun()
			run.Supplement = false
			_, err := s.CreateRun(t.Context(), run, each(testSlips(2)))
			if errors.Is(err, payroll.ErrWrongState) {
				refused.Add(1)
				return nil
			}
			return err
		})
	}
	if err := errs.Wait(); err != nil || refused.Load() != 3 {
		t.Errorf("%d of 4 imports at once were refused (%v)", refused.Load(), err)
	}
}

func TestNothingIsHalfStored(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 1)
	if _, err := s.CreateRun(t.Context(), testRun(), each(testSlips(2))); err == nil {
		t.Fatal("a slip for an unknown employee was stored")
	}
	broken := errors.New("the file broke off")
	half := func(yield func(payroll.Slip, error) bool) {
		_ = yield(testSlips(1)[0], nil) && yield(payroll.Slip{}, broken)
	}
	if _, err := s.CreateRun(t.Context(), testRun(), half); !errors.Is(err, broken) {
		t.Fatalf("half a file was stored: %v", err)
	}
	runs, err := s.Runs(t.Context())
	if err != nil || len(runs) != 0 {
		t.Errorf("%d runs are left over (%v)", len(runs), err)
	}
}

func TestASecondPersonApproves(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 1)
	id, err := s.CreateRun(t.Context(), testRun(), each(testSlips(1)))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l"}); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("a draft was approved: %v", err)
	}
	if err := s.SubmitRun(t.Context(), id, "auditor", false); err != nil {
		t.Fatal(err)
	}
	for _, first := range []payroll.AdminName{"maker", "auditor"} {
		if err := s.ApproveRun(t.Context(), id, first, payroll.Approval{Letterhead: "l"}); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("%s approved their own run: %v", first, err)
		}
		// The database itself says no to whoever goes round the rules.
		_, err := s.pool.Exec(t.Context(), `update runs set approved_by = $2 where id = $1`, id, first)
		if !violates(err, "second_person") {
			t.Errorf("the database let %s approve: %v", first, err)
		}
	}
	if err := s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l"}); err != nil {
		t.Error(err)
	}
}

func TestARowInAnotherPlaceDoesNotOpen(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 2)
	_, err := s.pool.Exec(t.Context(), `update slips a set content = b.content from slips b
		where a.employee = '0000' and b.employee = '0001'`)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Slip(t.Context(), id, "0000", "approver"); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("another employee's row opened: %v", err)
	}
	parcels, err := s.Claim(t.Context(), id, payroll.WorkerID(uuid.NewString()), 10, payroll.Freeze{})
	if err != nil || len(parcels) != 2 {
		t.Fatalf("%d parcels, %v", len(parcels), err)
	}
	for _, p := range parcels {
		moved := p.Standing.Employee.Number == "0000"
		if reason := holdOf(t, p); (reason == payroll.HoldTampered) != moved {
			t.Errorf("%s: %q", p.Standing.Employee.Number, reason)
		}
	}
}

// holdOf judges a parcel as a worker does.
func holdOf(t testing.TB, p payroll.Parcel) payroll.HoldReason {
	t.Helper()
	p.Standing.Letterhead = p.Pin.Letterhead
	if len(p.Certificate) > 0 {
		c, err := keystore.ReadCertificate(p.Certificate)
		if err != nil {
			t.Fatal(err)
		}
		p.Standing.Subkeys = c.EncryptionSubkeys(time.Now())
	}
	return p.Pin.Hold(p.Standing, october)
}

func TestApprovalPinsWhatStands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change string
		want   payroll.HoldReason
	}{
		{"nothing", `select 1`, ""},
		{"address", `update employees set email = 'other@acme.example'`, payroll.HoldAddressChanged},
		{"case of the address", `update employees set email = upper(email)`, ""},
		{"left", `update employees set left_on = '2026-09-30'`, payroll.HoldLeft},
		{"left in the period", `update employees set left_on = '2026-10-01'`, ""},
		{"paper", `update employees set on_paper = true, paper_reason = 'asked'`, payroll.HoldOnPaper},
		{"no certificate", `delete from certificate_steps; delete from certificates`, payroll.HoldNoCertificate},
		{"revoked use", `update certificates set standing = 'revoked'`, payroll.HoldRevoked},
		{"not verified any more", `update certificates set standing = 'candidate'`, payroll.HoldNotVerified},
		{"another certificate", `update certificates set fingerprint = repeat('0', 40)`, payroll.HoldCertificateChanged},
		{"other subkeys", `update slips set pin_subkeys = array[repeat('0', 40)]`, payroll.HoldTampered},
		{"letterhead", `update slips set pin_letterhead = 'older'`, payroll.HoldTampered},
		{"content", `update slips set digest = repeat('0', 64)`, payroll.HoldTampered},
		{"address just within the freeze", `update employees set email_changed_at = '2026-10-26 18:30:00Z'`, payroll.HoldChangeFreeze},
		{"address just before the freeze", `update employees set email_changed_at = '2026-10-26 18:29:59Z'`, ""},
		{"certificate just within the freeze", `update certificates set replaces = id, current_since = '2026-10-26 18:30:00Z'`, payroll.HoldChangeFreeze},
		{"certificate just before the freeze", `update certificates set replaces = id, current_since = '2026-10-26 18:29:59Z'`, ""},
		{"certificate after the pay date", `update certificates set replaces = id, current_since = '2026-11-26'`, payroll.HoldChangeFreeze},
		{"a first certificate", `update certificates set current_since = '2026-10-29'`, ""},
		{"twin", `insert into twins (run, kind, first, second) select id, 'near_name', '0000', '9999' from runs`, payroll.HoldTwin},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			id := sendingRun(t, s, 1)
			if _, err := s.pool.Exec(t.Context(), c.change); err != nil {
				t.Fatal(err)
			}
			parcels, err := s.Claim(t.Context(), id, payroll.WorkerID(uuid.NewString()), 10, threeDays(t))
			if err != nil || len(parcels) != 1 {
				t.Fatalf("%d parcels, %v", len(parcels), err)
			}
			if got := holdOf(t, parcels[0]); got != c.want {
				t.Errorf("held for %q, want %q", got, c.want)
			}
		})
	}
}

// threeDays is a change freeze of three days in Kolkata, where 30 October begins
// at 18:30 UTC of the day before.
func threeDays(t testing.TB) payroll.Freeze {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	return payroll.Freeze{Days: 3, Zone: zone}
}

// TestATwinOutsideTheRun: a run of one person is compared with everybody.
func TestATwinOutsideTheRun(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 2) // both have the test certificate
	id, err := s.CreateRun(t.Context(), testRun(), each(testSlips(1)))
	if err == nil {
		err = s.SubmitRun(t.Context(), id, "maker", false)
	}
	if err != nil {
		t.Fatal(err)
	}
	twins, err := s.Twins(t.Context(), id)
	if err != nil || len(twins) != 1 || twins[0].Kind != payroll.TwinSameKey {
		t.Errorf("%+v, %v", twins, err)
	}
}

func TestTheLastSlipOfSomeoneWhoLeft(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 1)
	worker := payroll.WorkerID(uuid.NewString())
	claim := func() payroll.Parcel {
		t.Helper()
		parcels, err := s.Claim(t.Context(), id, worker, 1, payroll.Freeze{})
		if err != nil || len(parcels) != 1 {
			t.Fatal(len(parcels), err)
		}
		return parcels[0]
	}
	if _, err := s.pool.Exec(t.Context(), `update employees set left_on = '2026-09-30'`); err != nil {
		t.Fatal(err)
	}
	p := claim()
	if got := holdOf(t, p); got != payroll.HoldLeft {
		t.Fatalf("held for %q", got)
	}
	if err := newLedger(t, s).HoldSlip(t.Context(), p.ID, worker, payroll.HoldLeft); err != nil {
		t.Fatal(err)
	}
	if err := s.ReapproveSlips(t.Context(), id, []payroll.EmployeeNumber{"0000"}, "approver", "letterhead"); err != nil {
		t.Fatal(err)
	}
	if got := holdOf(t, claim()); got != "" {
		t.Errorf("held for %q although this very slip was approved", got)
	}
}

func TestTwinsAreAcknowledgedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 2)
	if _, err := s.pool.Exec(t.Context(), `update employees set name = 'Kiran Rao'`); err != nil {
		t.Fatal(err)
	}
	submit := func() payroll.RunID {
		id, err := s.CreateRun(t.Context(), testRun(), each(testSlips(2)))
		if err == nil {
			err = s.SubmitRun(t.Context(), id, "maker", false)
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	open := func(id payroll.RunID) (open, all int) {
		twins, err := s.Twins(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range twins {
			if w.AcknowledgedBy == "" {
				open++
			}
		}
		return open, len(twins)
	}
	first := submit()
	if n, all := open(first); n == 0 || n != all {
		t.Fatalf("%d of %d twins are open", n, all)
	}
	if err := s.AcknowledgeTwins(t.Context(), first, []payroll.EmployeeNumber{"7777"}, "approver", "note"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("acknowledged nobody: %v", err)
	}
	if err := s.AcknowledgeTwins(t.Context(), first, []payroll.EmployeeNumber{"0000"}, "approver", "note"); err != nil {
		t.Fatal(err)
	}
	if n, _ := open(first); n != 0 {
		t.Errorf("%d twins are still open", n)
	}
	if n, all := open(submit()); n != 0 || all == 0 {
		t.Errorf("a later run has %d of %d twins open", n, all)
	}
}

func TestSubmitAndVoidAndReject(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 3)
	for _, end := range []func(id payroll.RunID) error{
		func(id payroll.RunID) error { return s.VoidRun(t.Context(), id, "maker", "why") },
		func(id payroll.RunID) error { return s.RejectRun(t.Context(), id, "approver", "why") },
	} {
		id, err := s.CreateRun(t.Context(), testRun(), each(testSlips(3)))
		if err == nil {
			err = s.SubmitRun(t.Context(), id, "maker", false)
		}
		if err == nil {
			err = end(id)
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipWithdrawn: 3}, counts(t, s, id)); diff != "" {
			t.Error(diff)
		}
		if err := s.SendRun(t.Context(), id, "operator", time.Hour, 10); !errors.Is(err, payroll.ErrWrongState) {
			t.Errorf("an ended run was sent: %v", err)
		}
	}
}

// begin claims a run's slips for a new worker and begins an attempt for each.
func begin(ctx context.Context, t testing.TB, s *Store, ledger *Ledger, id payroll.RunID, n int) []payroll.Attempt {
	t.Helper()
	worker := payroll.WorkerID(uuid.NewString())
	if err := s.Beat(ctx, worker, "test"); err != nil {
		t.Fatal(err)
	}
	parcels, err := s.Claim(ctx, id, worker, n, payroll.Freeze{})
	if err != nil || len(parcels) != n {
		t.Fatalf("claimed %d of %d: %v", len(parcels), n, err)
	}
	var attempts []payroll.Attempt
	for _, p := range parcels {
		a := payroll.Attempt{
			ID: payroll.AttemptID(uuid.NewString()), Slip: p.ID, Worker: worker,
			Email: p.Pin.Email, Fingerprint: p.Pin.Fingerprint,
		}
		allowed, err := ledger.BeginAttempt(ctx, a)
		if err != nil || !allowed {
			t.Fatalf("begin: %v, %v", allowed, err)
		}
		attempts = append(attempts, a)
	}
	return attempts
}
