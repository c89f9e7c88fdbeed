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

func correctionOfRun(original payroll.RunID) payroll.Run {
	run := testRun()
	run.Supplement, run.Corrects, run.Correction = false, original, "the overtime was missing"
	return run
}

func testApproval() payroll.Approval { return payroll.Approval{Letterhead: "letterhead"} }

// submittedCorrection brings a correction of the given employees' slips before
// the approver.
func submittedCorrection(t testing.TB, s *Store, original payroll.RunID, first, n int) payroll.RunID {
	t.Helper()
	id, err := s.CreateRun(t.Context(), correctionOfRun(original), each(testSlips(first + n)[first:]))
	ok(t, err)
	ok(t, s.SubmitRun(t.Context(), id, "maker", false))
	return id
}

func approvedCorrection(t testing.TB, s *Store, original payroll.RunID, first, n int) payroll.RunID {
	t.Helper()
	id := submittedCorrection(t, s, original, first, n)
	ok(t, s.ApproveRun(t.Context(), id, "approver", testApproval()))
	return id
}

// states are a run's slips in the order of their numbers.
func states(t testing.TB, s *Store, id payroll.RunID) []payroll.SlipState {
	t.Helper()
	lines, err := s.SlipLines(t.Context(), id, payroll.SlipQuery{})
	ok(t, err)
	var states []payroll.SlipState
	for _, l := range lines {
		states = append(states, l.State)
	}
	return states
}

func setState(t testing.TB, s *Store, id payroll.RunID, i int, state payroll.SlipState, hold payroll.HoldReason) {
	t.Helper()
	var worker any
	if state == payroll.SlipSending {
		worker = uuid.NewString()
	}
	_, err := s.pool.Exec(t.Context(), `update slips set state = $3, hold = $4, worker = $5 where run = $1 and employee = $2`, id, number(i), state, hold, worker)
	ok(t, err)
}

// TestACorrectionIsPartOfTheSlip: which slip it takes the place of is sealed,
// hashed and pinned with it.
func TestACorrectionIsPartOfTheSlip(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	original := sendingRun(t, s, 2)
	id := approvedCorrection(t, s, original, 1, 1)
	lines, err := s.SlipLines(t.Context(), original, payroll.SlipQuery{})
	ok(t, err)
	slip, err := s.Slip(t.Context(), id, number(1), "maker")
	ok(t, err)
	want := &payroll.Correction{Slip: lines[1].ID, PayDate: payDate, Reason: "the overtime was missing"}
	if diff := cmp.Diff(want, slip.Corrects); diff != "" {
		t.Error(diff)
	}
	a, err := s.SlipAccount(t.Context(), id, number(1), payroll.Freeze{})
	ok(t, err)
	if a.Original != original || a.Pin.Supersedes != lines[1].ID || a.Standing.Tampered {
		t.Errorf("%+v", a)
	}
	if a, err = s.SlipAccount(t.Context(), original, number(1), payroll.Freeze{}); err != nil || a.Successor != id {
		t.Errorf("%+v, %v", a, err)
	}
	run, err := s.Run(t.Context(), id)
	ok(t, err)
	if run.Corrects != original || run.Correction != want.Reason || run.Compared != original {
		t.Errorf("%+v", run)
	}
	_, err = s.pool.Exec(t.Context(), `update slips set supersedes = null where run = $1`, id)
	ok(t, err)
	if a, err = s.SlipAccount(t.Context(), id, number(1), payroll.Freeze{}); err != nil || !a.Standing.Tampered {
		t.Errorf("a correction that was made an ordinary slip in SQL: %+v, %v", a.Standing, err)
	}
}

// TestWhatIsCorrected: not whoever has no slip there, not one that was withdrawn,
// and not one that another run corrects already.
func TestWhatIsCorrected(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 3)
	original, err := s.CreateRun(t.Context(), testRun(), each(testSlips(2)))
	ok(t, err)
	refused := func(name string, first, n int, want error, words string) {
		t.Helper()
		_, err := s.CreateRun(t.Context(), correctionOfRun(original), each(testSlips(first + n)[first:]))
		if !errors.Is(err, want) || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	refused("a draft", 0, 1, payroll.ErrWrongState, "voided")
	ok(t, s.SubmitRun(t.Context(), original, "maker", false))
	ok(t, s.ApproveRun(t.Context(), original, "approver", testApproval()))
	refused("somebody else", 1, 2, payroll.ErrInvalid, "employee 0002 has no slip")
	first := submittedCorrection(t, s, original, 0, 1)
	refused("corrected already", 0, 2, payroll.ErrWrongState, "corrects the slip of employee 0000 already")
	ok(t, s.RejectRun(t.Context(), first, "approver", "no"))
	second := approvedCorrection(t, s, original, 0, 1)
	if diff := cmp.Diff([]payroll.SlipState{payroll.SlipSuperseded, payroll.SlipReady}, states(t, s, original)); diff != "" {
		t.Error(diff)
	}
	corrections, err := s.CorrectionsOf(t.Context(), original)
	ok(t, err)
	if len(corrections) != 2 || corrections[0].ID != first || corrections[1].ID != second {
		t.Errorf("%+v", corrections)
	}
	ok(t, s.VoidRun(t.Context(), second, "maker", "wrong file"))
	if diff := cmp.Diff([]payroll.SlipState{payroll.SlipReady, payroll.SlipReady}, states(t, s, original)); diff != "" {
		t.Errorf("after the correction was voided: %s", diff)
	}
	ok(t, s.VoidRun(t.Context(), original, "maker", "wrong month"))
	refused("a void run", 0, 1, payroll.ErrWrongState, "voided")
}

// TestASecondPersonApprovesACorrection: like any other run.
func TestASecondPersonApprovesACorrection(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ok(t, s.CreateAdmin(t.Context(), payroll.Admin{Name: "both", Roles: []payroll.Role{payroll.RoleMaker, payroll.RoleApprover}}, "operator"))
	original := sendingRun(t, s, 1)
	run := correctionOfRun(original)
	run.ImportedBy = "both"
	id, err := s.CreateRun(t.Context(), run, each(testSlips(1)))
	ok(t, err)
	ok(t, s.SubmitRun(t.Context(), id, "maker", false))
	if err := s.ApproveRun(t.Context(), id, "both", testApproval()); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("%v", err)
	}
	if diff := cmp.Diff([]payroll.SlipState{payroll.SlipQueued}, states(t, s, original)); diff != "" {
		t.Error(diff)
	}
}

// TestApprovalSupersedesWhatHasNotLeft: each state, at the moment at which a
// correction is approved.
func TestApprovalSupersedesWhatHasNotLeft(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	all := []payroll.SlipState{payroll.SlipReady, payroll.SlipQueued, payroll.SlipDeferred, payroll.SlipHeld, payroll.SlipUnsure,
		payroll.SlipAccepted, payroll.SlipRefused, payroll.SlipBounced}
	original := sendingRun(t, s, len(all)+1)
	for i, state := range all {
		hold := payroll.HoldReason("")
		if state == payroll.SlipHeld {
			hold = payroll.HoldNoCertificate
		}
		setState(t, s, original, i, state, hold)
	}
	setState(t, s, original, len(all), payroll.SlipSending, "")
	id := submittedCorrection(t, s, original, 0, len(all)+1)
	if err := s.ApproveRun(t.Context(), id, "approver", testApproval()); !errors.Is(err, payroll.ErrWrongState) || !strings.Contains(err.Error(), "being sent") {
		t.Fatalf("while a slip is being sent: %v", err)
	}
	if got := states(t, s, original); got[1] != payroll.SlipQueued {
		t.Errorf("a refused approval has superseded a slip: %v", got)
	}
	setState(t, s, original, len(all), payroll.SlipQueued, "")
	ok(t, s.ApproveRun(t.Context(), id, "approver", testApproval()))
	x := payroll.SlipSuperseded
	want := []payroll.SlipState{x, x, x, x, x, payroll.SlipAccepted, payroll.SlipRefused, payroll.SlipBounced, x}
	if diff := cmp.Diff(want, states(t, s, original)); diff != "" {
		t.Error(diff)
	}
	for i := range len(all) + 1 {
		if err := s.ResendSlip(t.Context(), original, number(i), "operator", "again"); !errors.Is(err, payroll.ErrWrongState) {
			t.Errorf("slip %d is sent again although it is corrected: %v", i, err)
		}
	}
	parcels, err := s.Claim(t.Context(), original, payroll.WorkerID(uuid.NewString()), 100, payroll.Freeze{})
	if err != nil || len(parcels) != 0 {
		t.Errorf("%d superseded slips were claimed: %v", len(parcels), err)
	}
}

// TestAcceptanceSupersedesWhatHasLeft: the old slip counts until the new one is
// accepted, by the relay or by a person's word.
func TestAcceptanceSupersedesWhatHasLeft(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	original := sendingRun(t, s, 3)
	for i := range 3 {
		setState(t, s, original, i, payroll.SlipAccepted, "")
	}
	_, err := s.SettleRun(t.Context(), original)
	ok(t, err)
	id := approvedCorrection(t, s, original, 0, 3)
	ok(t, s.SendRun(t.Context(), id, "operator", time.Hour, 10))
	accepted := payroll.SlipAccepted
	if diff := cmp.Diff([]payroll.SlipState{accepted, accepted, accepted}, states(t, s, original)); diff != "" {
		t.Fatalf("before the correction has gone: %s", diff)
	}
	ledger := newLedger(t, s)
	kinds := map[payroll.EmployeeNumber]payroll.Kind{number(0): payroll.Accepted, number(1): payroll.Refused, number(2): payroll.Unsure}
	worker := payroll.WorkerID(uuid.NewString())
	ok(t, s.Beat(t.Context(), worker, "test"))
	parcels, err := s.Claim(t.Context(), id, worker, 10, payroll.Freeze{})
	ok(t, err)
	for _, p := range parcels {
		a := payroll.Attempt{ID: payroll.AttemptID(uuid.NewString()), Slip: p.ID, Worker: worker, Email: p.Pin.Email,
			Fingerprint: p.Standing.Fingerprint, Supersedes: p.Pin.Supersedes}
		if allowed, err := ledger.BeginAttempt(t.Context(), a); err != nil || !allowed {
			t.Fatal(allowed, err)
		}
		kind := kinds[p.Standing.Employee.Number]
		o := payroll.Outcome{Kind: kind, Phase: "dot", Code: 250}
		ok(t, ledger.FinishAttempt(a, o, payroll.Retry{}.Fate(o, 1, time.Now(), time.Now()))())
	}
	if diff := cmp.Diff([]payroll.SlipState{payroll.SlipSuperseded, accepted, accepted}, states(t, s, original)); diff != "" {
		t.Errorf("after the relay's word: %s", diff)
	}
	ok(t, s.SettleSlip(t.Context(), id, number(2), "operator", true))
	if diff := cmp.Diff([]payroll.SlipState{payroll.SlipSuperseded, accepted, payroll.SlipSuperseded}, states(t, s, original)); diff != "" {
		t.Errorf("after a person's word: %s", diff)
	}
	_, err = s.SettleRun(t.Context(), id)
	ok(t, err)
	lines, err := s.RunLines(t.Context(), payroll.RunQuery{})
	ok(t, err)
	want := []map[payroll.SlipState]int{{accepted: 2, payroll.SlipRefused: 1}, {accepted: 1, payroll.SlipSuperseded: 2}}
	if diff := cmp.Diff(want, []map[payroll.SlipState]int{lines[0].Counts, lines[1].Counts}); diff != "" {
		t.Errorf("the counts that were kept: %s", diff)
	}
}

// TestAVoidedCorrectionGivesTheSlipsBack: an unsure one stays unsure, what was on
// its way is judged anew.
func TestAVoidedCorrectionGivesTheSlipsBack(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	original := sendingRun(t, s, 2)
	setState(t, s, original, 0, payroll.SlipUnsure, "")
	_, err := s.pool.Exec(t.Context(), `insert into attempts (id, slip, worker, fingerprint, finished_at, outcome)
		select gen_random_uuid(), id, gen_random_uuid(), '', now(), 'unsure' from slips where run = $1 and employee = $2`, original, number(0))
	ok(t, err)
	setState(t, s, original, 1, payroll.SlipHeld, payroll.HoldNoCertificate)
	_, err = s.SettleRun(t.Context(), original)
	ok(t, err)
	id := approvedCorrection(t, s, original, 0, 2)
	if state, err := s.SettleRun(t.Context(), original); err != nil || state != payroll.RunComplete {
		t.Errorf("%s, %v: nothing is left to be done in the run", state, err)
	}
	ok(t, s.VoidRun(t.Context(), id, "maker", "wrong file"))
	if diff := cmp.Diff([]payroll.SlipState{payroll.SlipUnsure, payroll.SlipQueued}, states(t, s, original)); diff != "" {
		t.Error(diff)
	}
	if run, err := s.Run(t.Context(), original); err != nil || run.State != payroll.RunSending {
		t.Errorf("%+v, %v", run.State, err)
	}
}

// TestACorrectedCorrectionStands: while a correction of a correction counts, the
// slips in between do not come back, nor those at the beginning.
func TestACorrectedCorrectionStands(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	original := sendingRun(t, s, 1)
	first := approvedCorrection(t, s, original, 0, 1)
	second := approvedCorrection(t, s, first, 0, 1)
	if err := s.VoidRun(t.Context(), first, "maker", "wrong file"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("voided with error %v", err)
	}
	for id, want := range map[payroll.RunID]payroll.SlipState{original: payroll.SlipSuperseded, first: payroll.SlipSuperseded, second: payroll.SlipReady} {
		if got := states(t, s, id); len(got) != 1 || got[0] != want {
			t.Errorf("run %d: %v, want %s", id, got, want)
		}
	}
	ok(t, s.VoidRun(t.Context(), second, "maker", "wrong file"))
	ok(t, s.VoidRun(t.Context(), first, "maker", "wrong file"))
	if got := states(t, s, original); len(got) != 1 || got[0] != payroll.SlipQueued {
		t.Errorf("%v: nothing takes its place any more", got)
	}
}
