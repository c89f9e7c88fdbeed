package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 4)
	setState(t, s, id, 0, payroll.SlipAccepted, "")
	setState(t, s, id, 1, payroll.SlipUnsure, "")
	for sql, outcomes := range map[string][]string{
		`now() - interval '10 minutes'`: {"accepted", "refused", "refused"}, `now() - interval '2 hours'`: {"accepted", "deferred"},
	} {
		for _, outcome := range outcomes {
			_, err := s.pool.Exec(t.Context(), `insert into attempts (id, slip, worker, fingerprint, begun_at, finished_at, outcome)
				select gen_random_uuid(), id, gen_random_uuid(), '', `+sql+`, `+sql+`, $1 from slips limit 1`, outcome)
			ok(t, err)
		}
	}
	ok(t, s.Beat(t.Context(), "11111111-1111-4111-8111-111111111111", "a"))
	h, err := s.Health(t.Context())
	ok(t, err)
	if h.Due != 2 || h.Oldest == nil || h.Database.Version == "" || h.Database.Bytes == 0 || h.Database.MissingSteps != 0 || h.Database.Connections < 1 {
		t.Errorf("%+v", h)
	}
	if diff := cmp.Diff([]payroll.UnsureRun{{Run: id, Slips: 1}}, h.Unsure); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[payroll.Kind]int{payroll.Accepted: 1, payroll.Refused: 2}, h.Relay.Outcomes); diff != "" {
		t.Error(diff)
	}
	if len(h.Workers) != 1 || h.Workers[0].Dead(h.Now) || !h.Workers[0].Dead(h.Now.Add(payroll.WorkerSilence+time.Second)) {
		t.Errorf("%+v", h.Workers)
	}
	if h.Relay.LastGood == nil || h.Now.Sub(*h.Relay.LastGood) > 11*time.Minute {
		t.Errorf("last good %v", h.Relay.LastGood)
	}
}

func TestCanary(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 1)
	if err := s.CreateCanary(t.Context(), "nobody"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	putEmployees(t, s, kiran("77", "k@acme.example"))
	if err := s.CreateCanary(t.Context(), "77"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("without a certificate: %v", err)
	}
	ok(t, s.CreateCanary(t.Context(), number(0)))
	ok(t, s.CreateCanary(t.Context(), number(0))) // one that waits is enough
	notices := ofKind(post(t, s), payroll.NoticeSpecimen)
	if len(notices) != 1 || notices[0].Topic != payroll.TopicCanary {
		t.Fatalf("%+v", notices)
	}
	c, err := s.Canary(t.Context())
	if err != nil || c.State != payroll.NoticeQueued || c.LastGood != nil {
		t.Errorf("%+v, %v", c, err)
	}
	now := *c.Written
	if _, raised := c.Alarm(now.Add(payroll.CanaryPatience)); raised {
		t.Error("an alarm too early")
	}
	if a, raised := c.Alarm(now.Add(payroll.CanaryPatience + time.Minute)); !raised || a.Words != payroll.CanarySilent {
		t.Errorf("%+v, %v", a, raised)
	}
	ok(t, s.FinishNotice(t.Context(), notices[0].ID, payroll.Outcome{Kind: payroll.Refused, Code: 550}, time.Time{}))
	c, err = s.Canary(t.Context())
	ok(t, err)
	if a, raised := c.Alarm(now); !raised || a.Words != payroll.CanaryRefused || c.Code != 550 {
		t.Errorf("%+v, %+v", c, a)
	}
	ok(t, s.CreateCanary(t.Context(), number(0)))
	notices = ofKind(post(t, s), payroll.NoticeSpecimen)
	ok(t, s.FinishNotice(t.Context(), notices[0].ID, payroll.Outcome{Kind: payroll.Accepted}, time.Time{}))
	c, err = s.Canary(t.Context())
	if _, raised := c.Alarm(now); err != nil || raised || c.LastGood == nil {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	sending := sendingRun(t, s, 3)
	setState(t, s, sending, 0, payroll.SlipHeld, payroll.HoldChangeFreeze)
	setState(t, s, sending, 1, payroll.SlipUnsure, "")
	draft, err := s.CreateRun(t.Context(), testRun(), each(testSlips(1)))
	ok(t, err)
	waits := submitted(t, s, 1)
	ok(t, s.RaiseAlarm(t.Context(), payroll.Alarm{Kind: payroll.AlarmCanary, Words: "x"}))
	w, err := s.Waiting(t.Context())
	ok(t, err)
	if w.Frozen != 1 || w.Unsure != 1 || w.Alarms != 1 || len(w.Drafts) != 1 || w.Drafts[0].ID != draft || len(w.Submitted) != 1 || w.Submitted[0].ID != waits || w.Submitted[0].SubmittedBy != "maker" {
		t.Errorf("%+v", w)
	}
	lines, err := s.OpenRuns(t.Context(), 2)
	if err != nil || len(lines) != 2 || lines[0].ID != waits || lines[1].ID != draft {
		t.Errorf("%+v, %v", lines, err)
	}
}

// TestTheOfficeGoesByIndex: what every page of the console asks, and what the
// audit log is searched by, reads no growing table as a whole.
func TestTheOfficeGoesByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	sendingRun(t, s, 2)
	execute(fill)(t, s)
	execute(fillAccess)(t, s)
	execute(`insert into audit (seq, at, who, act, subject, detail, previous, hash)
		select 1000 + i, now() - interval '90 days' + i * interval '1 minute', 'w' || i % 50, 'a' || i % 40, 'run ' || i % 900, '{}', '', md5('' || i) from generate_series(1, 60000) i;
				update attempts set finished_at = now() - interval '1 day', outcome = 'accepted';
		update slips set state = 'accepted' where employee like 'F%';
		analyze`)(t, s)
	pool := listen(t, &s.pool)
	_, err := s.Waiting(t.Context())
	ok(t, err)
	_, err = s.Canary(t.Context())
	ok(t, err)
	_, err = s.ShredDue(t.Context())
	ok(t, err)
	h := payroll.Health{Relay: payroll.RelayPulse{Outcomes: map[payroll.Kind]int{}}}
	ok(t, s.lookAtRelay(t.Context(), &h))
	ok(t, s.lookAtQueue(t.Context(), &h))
	ok(t, s.lookAtOutbox(t.Context(), &h))
	yesterday := time.Now().AddDate(0, 0, -1)
	for _, q := range []payroll.AuditQuery{
		{Limit: 51}, {Who: "w7", Limit: 51}, {Act: "a7", Before: 30_000, Limit: 51}, {Subject: "run 7", Limit: 51}, {Subject: "run 77", Prefix: true, Limit: 51},
		{From: yesterday, Limit: 51}, {Until: yesterday, Act: "a3", Limit: 51}, {From: yesterday.AddDate(0, -1, 0), Until: yesterday, After: 2000, Limit: 51},
	} {
		_, err := s.SearchAudit(t.Context(), q)
		ok(t, err)
	}
	ok(t, s.Tidy(t.Context()))
	if seen := pool.taken(); len(seen) < 25 {
		t.Errorf("only %d statements were heard", len(seen))
	} else {
		goesByIndex(t, s.pool, seen)
	}
}
