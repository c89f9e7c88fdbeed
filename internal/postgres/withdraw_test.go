package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/payseal/payseal/payroll"
)

// TestASingleSlipIsWithdrawn: it loses its seal, and the others go on.
func TestASingleSlipIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	run := sendingRun(t, s, 5)
	take := func(i int) error {
		return s.WithdrawSlip(t.Context(), run, number(i), "maker", "paid by hand")
	}
	setState(t, s, run, 0, payroll.SlipAccepted, "")
	setState(t, s, run, 1, payroll.SlipHeld, payroll.HoldNoCertificate)
	setState(t, s, run, 2, payroll.SlipSending, "")
	for i := range 4 { // 3 was sent for certain, and is queued again
		if i == 3 {
			_, err := s.pool.Exec(t.Context(), `insert into attempts (id, slip, worker, fingerprint, finished_at, outcome)
				select $1, id, $1, 'A', now(), 'accepted' from slips where run = $2 and employee = $3`, uuid.NewString(), run, number(i))
			ok(t, err)
		}
		if err := take(i); (i == 1) != (err == nil) || err != nil && !errors.Is(err, payroll.ErrWrongState) {
			t.Errorf("slip %d: %v", i, err)
		}
	}
	ok(t, take(4))
	want := []payroll.SlipState{payroll.SlipAccepted, payroll.SlipWithdrawn, payroll.SlipSending, payroll.SlipQueued, payroll.SlipWithdrawn}
	if diff := cmp.Diff(want, states(t, s, run)); diff != "" {
		t.Error(diff)
	}
	if err := take(1); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("twice: %v", err)
	}
	// Written back into the queue in SQL, it is no longer what was approved.
	setState(t, s, run, 1, payroll.SlipQueued, "")
	parcels, err := s.Claim(t.Context(), run, payroll.WorkerID(uuid.NewString()), 10, payroll.Freeze{})
	ok(t, err)
	for _, p := range parcels {
		if p.Standing.Employee.Number == number(1) && !p.Standing.Tampered {
			t.Error("a withdrawn slip goes out")
		}
	}
}

// TestTheLastIsWithdrawn: a run that waited for nothing else is complete.
func TestTheLastIsWithdrawn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	last := sendingRun(t, s, 1)
	setState(t, s, last, 0, payroll.SlipHeld, payroll.HoldNoCertificate)
	if state, err := s.SettleRun(t.Context(), last); err != nil || state != payroll.RunIncomplete {
		t.Fatalf("%s, %v", state, err)
	}
	ok(t, s.WithdrawSlip(t.Context(), last, number(0), "maker", "paid by hand"))
	if state, err := s.SettleRun(t.Context(), last); err != nil || state != payroll.RunComplete {
		t.Errorf("%s, %v", state, err)
	}
}

// TestAWithdrawnCorrection: what it would have taken the place of counts again, and
// of the others nothing changes.
func TestAWithdrawnCorrection(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	original := sendingRun(t, s, 3)
	correction := approvedCorrection(t, s, original, 0, 2)
	if err := s.WithdrawSlip(t.Context(), original, number(0), "maker", "x"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("a corrected one: %v", err)
	}
	ok(t, s.WithdrawSlip(t.Context(), correction, number(0), "maker", "not needed"))
	want := []payroll.SlipState{payroll.SlipQueued, payroll.SlipSuperseded, payroll.SlipQueued}
	if diff := cmp.Diff(want, states(t, s, original)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]payroll.SlipState{payroll.SlipWithdrawn, payroll.SlipReady}, states(t, s, correction)); diff != "" {
		t.Error(diff)
	}
	ok(t, s.SendRun(t.Context(), correction, "operator", time.Hour, 100))
	if diff := cmp.Diff([]payroll.SlipState{payroll.SlipWithdrawn, payroll.SlipQueued}, states(t, s, correction)); diff != "" {
		t.Error(diff)
	}
}
