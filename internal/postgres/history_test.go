package postgres

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// acceptAll sends every slip of a run.
func acceptAll(t testing.TB, s *Store, id payroll.RunID, n int) {
	t.Helper()
	ledger := newLedger(t, s)
	for _, a := range begin(t.Context(), t, s, ledger, id, n) {
		ok(t, ledger.FinishAttempt(a, payroll.Outcome{Kind: payroll.Accepted}, payroll.Fate{State: payroll.SlipAccepted})())
	}
}

func TestLedgerOf(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 2)
	if _, err := s.CreateRun(t.Context(), testRun(), each(testSlips(2))); err != nil { // a draft is nobody's business
		t.Fatal(err)
	}
	lines, err := s.LedgerOf(t.Context(), "0000")
	ok(t, err)
	if len(lines) != 1 || lines[0].State != payroll.SlipQueued || lines[0].SentAt != nil || lines[0].MayAskAgain || lines[0].Fingerprint != "" {
		t.Errorf("before it left: %+v", lines)
	}
	acceptAll(t, s, id, 2)
	lines, err = s.LedgerOf(t.Context(), "0000")
	ok(t, err)
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	l := lines[0]
	if l.Period != october || l.PayDate != payDate || l.State != payroll.SlipAccepted || l.SentAt == nil || !l.MayAskAgain ||
		l.Fingerprint != testCertificate(t).Fingerprint() {
		t.Errorf("%+v", l)
	}
	if lines, err = s.LedgerOf(t.Context(), "nobody"); err != nil || len(lines) > 0 {
		t.Errorf("%+v, %v", lines, err)
	}
}

func TestAskAgain(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 2)
	acceptAll(t, s, id, 2)
	if state, err := s.SettleRun(t.Context(), id); err != nil || state != payroll.RunComplete {
		t.Fatal(state, err)
	}
	lines, err := s.LedgerOf(t.Context(), "0000")
	ok(t, err)
	slip := lines[0].Slip
	if err := s.AskAgain(t.Context(), "0001", slip); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("somebody else's slip: %v", err)
	}
	for time := range asksPerSlip {
		if n := rush(t, func() error {
			err := s.AskAgain(t.Context(), "0000", slip)
			if errors.Is(err, payroll.ErrWrongState) {
				return payroll.ErrTooMany // it is on its way
			}
			return err
		}); n != 1 {
			t.Fatalf("time %d: asked for %d times at once", time+1, n)
		}
		if run, err := s.Run(t.Context(), id); err != nil || run.State != payroll.RunSending {
			t.Errorf("the run is %s, %v", run.State, err)
		}
		acceptAll(t, s, id, 1)
		if err := s.AskAgain(t.Context(), "0000", slip); !errors.Is(err, payroll.ErrTooMany) {
			t.Errorf("twice in a day: %v", err)
		}
		execute(`update slip_asks set at = at - interval '25 hours'`)(t, s)
	}
	if err := s.AskAgain(t.Context(), "0000", slip); !errors.Is(err, payroll.ErrTooMany) {
		t.Errorf("a fourth time: %v", err)
	}
	if lines, err = s.LedgerOf(t.Context(), "0000"); err != nil || lines[0].MayAskAgain {
		t.Errorf("%+v, %v", lines, err)
	}
	var acts []payroll.AdminName
	for _, e := range auditEntries(t, s) {
		if e.What == "slip.ask_again" {
			acts = append(acts, e.Who)
		}
	}
	if diff := cmp.Diff([]payroll.AdminName{payroll.Themself, payroll.Themself, payroll.Themself}, acts); diff != "" {
		t.Error(diff)
	}
}
