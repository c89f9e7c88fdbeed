package postgres

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/payseal/payseal/payroll"
)

func newLedger(t testing.TB, s *Store) *Ledger {
	t.Helper()
	ledger := s.OpenLedger(t.Context())
	t.Cleanup(func() { ledger.Close(t.Context()) })
	return ledger
}

func TestEveryOutcomeMovesItsSlip(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ledger := newLedger(t, s)
	id := sendingRun(t, s, 4)
	due := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
	fates := []payroll.Fate{
		{State: payroll.SlipAccepted}, {State: payroll.SlipRefused},
		{State: payroll.SlipDeferred, Due: due}, {State: payroll.SlipUnsure},
	}
	kinds := []payroll.Kind{payroll.Accepted, payroll.Refused, payroll.Deferred, payroll.Unsure}
	var group sync.WaitGroup
	for i, a := range begin(t.Context(), t, s, ledger, id, 4) {
		group.Go(func() {
			outcome := payroll.Outcome{Kind: kinds[i], Phase: "dot", Code: 250 + i, Reply: "2.0.0 ok"}
			if err := ledger.FinishAttempt(a, outcome, fates[i])(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	want := map[payroll.SlipState]int{payroll.SlipAccepted: 1, payroll.SlipRefused: 1, payroll.SlipDeferred: 1, payroll.SlipUnsure: 1}
	if diff := cmp.Diff(want, counts(t, s, id)); diff != "" {
		t.Error(diff)
	}
	statuses, err := s.SlipStatuses(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range statuses {
		if st.Outcome != kinds[i] || st.Code != 250+i || st.Attempts != 1 || st.FinishedAt == nil {
			t.Errorf("slip %d: %+v", i, st)
		}
		if (st.State == payroll.SlipDeferred) != (st.DueAt != nil) {
			t.Errorf("slip %d is due at %v", i, st.DueAt)
		}
	}
}

func TestAnAttemptIsNotBegunWhenSomethingChanged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, change string
		want         bool
	}{
		{"nothing", `select 1`, true},
		{"paused", `update runs set state = 'paused'`, false},
		{"given to another worker", `update slips set worker = gen_random_uuid()`, false},
		{"taken back", `update slips set worker = null, state = 'queued'`, false},
		{"address", `update employees set email = 'x@acme.example'`, false},
		{"revoked", `update certificates set standing = 'revoked'`, false},
		{"certificate", `update certificates set fingerprint = repeat('0', 40)`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			ledger := newLedger(t, s)
			id := sendingRun(t, s, 1)
			worker := payroll.WorkerID(uuid.NewString())
			parcels, err := s.Claim(t.Context(), id, worker, 1, payroll.Freeze{})
			if err != nil || len(parcels) != 1 {
				t.Fatal(len(parcels), err)
			}
			if _, err := s.pool.Exec(t.Context(), c.change); err != nil {
				t.Fatal(err)
			}
			a := payroll.Attempt{
				ID: payroll.AttemptID(uuid.NewString()), Slip: parcels[0].ID, Worker: worker,
				Email: parcels[0].Pin.Email, Fingerprint: parcels[0].Pin.Fingerprint,
			}
			for range 2 { // written twice, as after a lost commit, it is the same attempt
				allowed, err := ledger.BeginAttempt(t.Context(), a)
				if err != nil || allowed != c.want {
					t.Errorf("allowed %v, %v", allowed, err)
				}
			}
			statuses, err := s.SlipStatuses(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			want := 0
			if c.want {
				want = 1
			}
			if statuses[0].Attempts != want {
				t.Errorf("%d attempts were written", statuses[0].Attempts)
			}
		})
	}
}

func TestADeadWorkersSlipsComeBack(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ledger := newLedger(t, s)
	id := sendingRun(t, s, 5)
	open := begin(t.Context(), t, s, ledger, id, 2) // on the wire when the worker dies
	rest, err := s.Claim(t.Context(), id, open[0].Worker, 3, payroll.Freeze{})
	if err != nil || len(rest) != 3 {
		t.Fatal(len(rest), err)
	}
	bury := func(silent time.Duration) int {
		n, err := s.Bury(t.Context(), silent, payroll.Fate{State: payroll.SlipUnsure})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := bury(time.Hour); n != 0 {
		t.Errorf("%d slips of a living worker came back", n)
	}
	if n := bury(0); n != 5 {
		t.Errorf("%d slips came back, want 5", n)
	}
	want := map[payroll.SlipState]int{payroll.SlipUnsure: 2, payroll.SlipQueued: 3}
	if diff := cmp.Diff(want, counts(t, s, id)); diff != "" {
		t.Error(diff)
	}
}

func TestOneBadEntryTakesNoOtherAlong(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ledger := newLedger(t, s)
	id := sendingRun(t, s, 3)
	attempts := begin(t.Context(), t, s, ledger, id, 3)
	attempts[1].ID = "no identity at all"
	var written []func() error
	for _, a := range attempts {
		written = append(written, ledger.FinishAttempt(a, payroll.Outcome{Kind: payroll.Accepted}, payroll.Fate{State: payroll.SlipAccepted}))
	}
	for i, wait := range written {
		if err := wait(); (err != nil) != (i == 1) {
			t.Errorf("entry %d: %v", i, err)
		}
	}
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipAccepted: 2, payroll.SlipSending: 1}, counts(t, s, id)); diff != "" {
		t.Error(diff)
	}
}

func TestAnUnusedAttemptIsClosed(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ledger := newLedger(t, s)
	id := sendingRun(t, s, 1)
	a := begin(t.Context(), t, s, ledger, id, 1)[0]
	if err := ledger.ReleaseSlip(t.Context(), a.Slip, a.Worker, 0); err != nil {
		t.Fatal(err)
	}
	statuses, err := s.SlipStatuses(t.Context(), id)
	if err != nil || statuses[0].State != payroll.SlipQueued || statuses[0].Outcome != payroll.Deferred || statuses[0].Phase != "unused" {
		t.Errorf("%+v, %v", statuses, err)
	}
}

func TestAnUnsureSlipGivesUp(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ledger := newLedger(t, s)
	id := sendingRun(t, s, 2)
	begin(t.Context(), t, s, ledger, id, 2)
	if _, err := s.pool.Exec(t.Context(), `update slips set give_up_at = now() where employee = '0000'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Bury(t.Context(), 0, payroll.Fate{State: payroll.SlipQueued, Due: time.Now().Add(time.Minute)}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipUnsure: 1, payroll.SlipQueued: 1}, counts(t, s, id)); diff != "" {
		t.Error(diff)
	}
	retry := payroll.Retry{ResendUnsure: true, UnsureDelay: time.Minute}
	now := time.Now()
	for giveUp, want := range map[time.Duration]payroll.SlipState{time.Hour: payroll.SlipQueued, time.Second: payroll.SlipUnsure} {
		if got := retry.Fate(payroll.Outcome{Kind: payroll.Unsure}, 1, now, now.Add(giveUp)).State; got != want {
			t.Errorf("given up in %v: %s, want %s", giveUp, got, want)
		}
	}
}

func TestStraySlipsComeBack(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ledger := newLedger(t, s)
	id := sendingRun(t, s, 3)
	known := begin(t.Context(), t, s, ledger, id, 1)[0]
	if _, err := s.Claim(t.Context(), id, known.Worker, 2, payroll.Freeze{}); err != nil { // the answer is lost
		t.Fatal(err)
	}
	stray := func() int {
		n, err := s.ReturnStray(t.Context(), known.Worker, []payroll.SlipID{known.Slip}, payroll.Fate{State: payroll.SlipUnsure})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := stray(); n != 0 {
		t.Errorf("%d slips came back before the answer could have come", n)
	}
	if _, err := s.pool.Exec(t.Context(), `update slips set changed_at = now() - interval '1 minute'`); err != nil {
		t.Fatal(err)
	}
	if n := stray(); n != 2 {
		t.Errorf("%d slips came back, want 2", n)
	}
	want := map[payroll.SlipState]int{payroll.SlipSending: 1, payroll.SlipQueued: 2}
	if diff := cmp.Diff(want, counts(t, s, id)); diff != "" {
		t.Error(diff)
	}
}

func TestTheTruthMayComeLate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		between func(t *testing.T, s *Store, ledger *Ledger, id payroll.RunID)
		want    payroll.SlipState
	}{
		{"nothing began since", func(*testing.T, *Store, *Ledger, payroll.RunID) {}, payroll.SlipAccepted},
		{"claimed again, not begun", func(t *testing.T, s *Store, _ *Ledger, id payroll.RunID) {
			if p, err := s.Claim(t.Context(), id, payroll.WorkerID(uuid.NewString()), 1, payroll.Freeze{}); err != nil || len(p) != 1 {
				t.Fatal(len(p), err)
			}
		}, payroll.SlipAccepted},
		{"held since", func(t *testing.T, s *Store, ledger *Ledger, id payroll.RunID) {
			worker := payroll.WorkerID(uuid.NewString())
			p, err := s.Claim(t.Context(), id, worker, 1, payroll.Freeze{})
			if err != nil || len(p) != 1 {
				t.Fatal(len(p), err)
			}
			if err := ledger.HoldSlip(t.Context(), p[0].ID, worker, payroll.HoldExpired); err != nil {
				t.Fatal(err)
			}
		}, payroll.SlipAccepted},
		{"begun again", func(t *testing.T, s *Store, ledger *Ledger, id payroll.RunID) {
			begin(t.Context(), t, s, ledger, id, 1)
		}, payroll.SlipSending},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			ledger := newLedger(t, s)
			id := sendingRun(t, s, 1)
			a := begin(t.Context(), t, s, ledger, id, 1)[0]
			if _, err := s.Bury(t.Context(), 0, payroll.Fate{State: payroll.SlipQueued, Due: time.Now().Add(-time.Second)}); err != nil {
				t.Fatal(err)
			}
			c.between(t, s, ledger, id)
			err := ledger.FinishAttempt(a, payroll.Outcome{Kind: payroll.Accepted, Code: 250}, payroll.Fate{State: payroll.SlipAccepted})()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[payroll.SlipState]int{c.want: 1}, counts(t, s, id)); diff != "" {
				t.Error(diff)
			}
			var outcome string
			if err := s.pool.QueryRow(t.Context(), `select outcome from attempts where id = $1`, a.ID).Scan(&outcome); err != nil || outcome != "accepted" {
				t.Errorf("the ledger says %q (%v)", outcome, err)
			}
		})
	}
}

func TestClaimsNeverOverlap(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 40)
	var mutex sync.Mutex
	seen := make(map[payroll.SlipID]int)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			worker := payroll.WorkerID(uuid.NewString())
			for {
				parcels, err := s.Claim(t.Context(), id, worker, 3, payroll.Freeze{})
				if err != nil {
					t.Error(err)
				}
				if len(parcels) == 0 {
					return
				}
				mutex.Lock()
				for _, p := range parcels {
					seen[p.ID]++
				}
				mutex.Unlock()
			}
		})
	}
	group.Wait()
	for slip, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", slip, n)
		}
	}
	if n := counts(t, s, id)[payroll.SlipSending]; n != 40 || len(seen) == 0 {
		t.Errorf("%d of 40 slips were claimed", n)
	}
}

func TestReplenishEnqueuesOnlyWhatNoJobCarries(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 25)
	jobs := func() (n int) {
		if err := s.pool.QueryRow(t.Context(), `select count(*) from river_job where state = 'available'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := s.Replenish(t.Context(), 10); err != nil || jobs() != 3 {
		t.Errorf("%d jobs after a sweep with nothing lost (%v)", jobs(), err)
	}
	if _, err := s.pool.Exec(t.Context(), `update river_job set state = 'discarded', finalized_at = now()`); err != nil {
		t.Fatal(err)
	}
	if err := s.Replenish(t.Context(), 10); err != nil || jobs() != 3 {
		t.Errorf("%d jobs after the jobs were lost (%v)", jobs(), err)
	}
	if err := s.PauseRun(t.Context(), id, "operator", "why"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), `delete from river_job`); err != nil {
		t.Fatal(err)
	}
	if err := s.Replenish(t.Context(), 10); err != nil || jobs() != 0 {
		t.Errorf("%d jobs for a paused run (%v)", jobs(), err)
	}
}

func TestRunsSettle(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		states string
		want   payroll.RunState
	}{
		{`'accepted', null, ''`, payroll.RunComplete},
		{`'refused', null, ''`, payroll.RunComplete},
		{`'held', null, 'expired'`, payroll.RunIncomplete},
		{`'held', null, 'on_paper'`, payroll.RunComplete},
		{`'unsure', null, ''`, payroll.RunIncomplete},
		{`'deferred', null, ''`, payroll.RunSending},
		{`'sending', gen_random_uuid(), ''`, payroll.RunSending},
	} {
		t.Run(c.states, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			id := sendingRun(t, s, 2)
			if _, err := s.pool.Exec(t.Context(), `update slips set state = 'accepted'`); err != nil {
				t.Fatal(err)
			}
			if _, err := s.pool.Exec(t.Context(), `update slips set (state, worker, hold) = (`+c.states+`) where employee = '0001'`); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got, err := s.SettleRun(t.Context(), id); err != nil || got != c.want {
					t.Errorf("%s, %v; want %s", got, err, c.want)
				}
			}
		})
	}
}

func TestHeldSlipHealsAndPinsItsCertificate(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 2)
	if _, err := s.pool.Exec(t.Context(), `delete from certificate_steps where certificate in (select id from certificates where employee = '0001')`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), `delete from certificates where employee = '0001'`); err != nil {
		t.Fatal(err)
	}
	id, err := s.CreateRun(t.Context(), testRun(), each(testSlips(2)))
	for _, step := range []func() error{
		func() error { return s.SubmitRun(t.Context(), id, "maker", false) },
		func() error { return s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l"}) },
		func() error { return s.SendRun(t.Context(), id, "operator", time.Hour, 10) },
	} {
		if err == nil {
			err = step()
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	worker := payroll.WorkerID(uuid.NewString())
	parcels, err := s.Claim(t.Context(), id, worker, 2, payroll.Freeze{})
	if err != nil || len(parcels) != 2 {
		t.Fatal(len(parcels), err)
	}
	if err := newLedger(t, s).HoldSlip(t.Context(), parcels[1].ID, worker, payroll.HoldNoCertificate); err != nil {
		t.Fatal(err)
	}
	verify(t, s, "0001")
	held, err := s.HeldParcels(t.Context(), payroll.Freeze{})
	if err != nil || len(held) != 1 || held[0].Hold != payroll.HoldNoCertificate || holdOf(t, held[0]) != "" {
		t.Fatalf("%d held, %v", len(held), err)
	}
	certificate := testCertificate(t)
	if err := s.HealSlip(t.Context(), held[0], certificate.EncryptionSubkeys(time.Now()), ""); err != nil {
		t.Fatal(err)
	}
	again, err := s.Claim(t.Context(), id, worker, 2, payroll.Freeze{})
	if err != nil || len(again) != 1 || again[0].Pin.Fingerprint != certificate.Fingerprint() || len(again[0].Pin.Subkeys) == 0 {
		t.Errorf("claimed %d, %v", len(again), err)
	}
}

func TestALeaseWaitsItsTurn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	var longest time.Duration
	for range 5 {
		wait, err := s.Lease(t.Context(), "relay", 10, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, wait)
	}
	if longest < 39*time.Hour || longest > 40*time.Hour {
		t.Errorf("the fifth lease of ten at one an hour waits %v", longest)
	}
	if wait, err := s.Lease(t.Context(), "another relay", 1, time.Hour); err != nil || wait != 0 {
		t.Errorf("a fresh key waits %v (%v)", wait, err)
	}
}

func TestSettleResendReapprove(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 3)
	_, err := s.pool.Exec(t.Context(), `update slips set state = case employee when '0000' then 'unsure' when '0001' then 'accepted' else 'held' end,
		hold = case employee when '0002' then 'address_changed' else '' end`)
	if err == nil {
		_, err = s.SettleRun(t.Context(), id)
	}
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.pool.Exec(t.Context(), `update runs set started_at = started_at - interval '5 days'`)
	ok(t, err)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"settle", func() error { return s.SettleSlip(t.Context(), id, "0000", "operator", false) }},
		{"resend", func() error { return s.ResendSlip(t.Context(), id, "0001", "operator", "lost") }},
		{"reapprove", func() error {
			return s.ReapproveSlips(t.Context(), id, []payroll.EmployeeNumber{"0002"}, "approver", "new")
		}},
	} {
		if err := step.do(); err != nil {
			t.Errorf("%s: %v", step.name, err)
		}
		if err := step.do(); err == nil {
			t.Errorf("%s worked twice", step.name)
		}
	}
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipQueued: 3}, counts(t, s, id)); diff != "" {
		t.Error(diff)
	}
	var longer int // sent again days later they are tried no longer than the first time
	ok(t, s.pool.QueryRow(t.Context(), `select count(*) from slips join runs on runs.id = run
		where give_up_at > clock_timestamp() + give_up_after or give_up_after <= interval '0'`).Scan(&longer))
	if longer > 0 {
		t.Errorf("%d slips are tried for longer than the first time", longer)
	}
	run, err := s.Run(t.Context(), id)
	if err != nil || run.State != payroll.RunSending {
		t.Errorf("the run is %s (%v)", run.State, err)
	}
}
