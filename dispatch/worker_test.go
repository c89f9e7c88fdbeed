package dispatch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
)

// worker is a whole worker of the office, fed by River.
func (o *office) worker(change ...func(*dispatch.Conveyor)) *dispatch.Worker {
	o.t.Helper()
	c := o.conveyor(change...)
	queue, err := jobs.NewWorker(o.store.Pool(), c, 2, c.Log)
	if err != nil {
		o.t.Fatal(err)
	}
	return &dispatch.Worker{Conveyor: c, Jobs: queue, Pulse: o.store, Lost: o.store, Host: "test", Log: c.Log, Alarm: o.alarm(nil),
		Post: o.post(), Usher: o.usher()}
}

func (o *office) alarm(did *[]payroll.Due) *dispatch.Alarm {
	act := func(_ context.Context, d payroll.Due) (string, error) {
		*did = append(*did, d)
		return "done", nil
	}
	return &dispatch.Alarm{
		Calendar: o.store, LateAfter: time.Hour, Log: o.conveyor().Log,
		Actions: map[payroll.ScheduleAction]func(context.Context, payroll.Due) (string, error){
			payroll.ActionSend: act,
			payroll.ActionSync: func(context.Context, payroll.Due) (string, error) { return "", errors.New("the HR database is down") },
		},
	}
}

// TestAWorkerDrains ends a worker in the middle of a run: no slip stays with it,
// nothing is lost, and the next worker sends the rest once.
func TestAWorkerDrains(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 40, smtptest.Fault{At: smtptest.Dot, Do: smtptest.Stall, Taken: true, Nth: 5})
	ctx, signal := context.WithCancel(t.Context())
	go func() {
		<-o.relay.Stalled()
		signal()
		o.relay.Release()
	}()
	if err := o.worker().Run(ctx); err != nil {
		t.Fatal(err)
	}
	counts := o.counts()
	if counts[payroll.SlipSending] != 0 || counts[payroll.SlipAccepted] != len(o.relay.Messages()) {
		t.Errorf("%v after the signal, %d mails", counts, len(o.relay.Messages()))
	}
	if counts[payroll.SlipAccepted] == 0 || counts[payroll.SlipQueued] == 0 {
		t.Errorf("the signal came too early or too late to prove anything: %v", counts)
	}
	second, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- o.worker().Run(second) }()
	o.awaitEnd()
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipAccepted: 40}, o.counts()); diff != "" {
		t.Error(diff)
	}
	for to, ids := range o.messageIDs() {
		if len(ids) != 1 {
			t.Errorf("%s got %d mails", to, len(ids))
		}
	}
}

// awaitEnd waits until the run sends no more.
func (o *office) awaitEnd() {
	o.t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for o.state() == payroll.RunSending {
		select {
		case <-o.t.Context().Done():
			o.t.Fatal("the run does not end")
		case <-ticker.C:
		}
	}
}

func TestTheAlarmRingsOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		action  payroll.ScheduleAction
		ago     string // when it fell due
		catchUp bool
		want    string
		rings   int
		alarms  []string
	}{
		{"on time", payroll.ActionSend, "1 minute", false, "done", 1, []string{}},
		{"missed, reported", payroll.ActionSend, "2 hours", false, "late", 0, []string{"late_payday rule 2026-10: late"}},
		{"missed, caught up", payroll.ActionSend, "2 hours", true, "done", 1, []string{}},
		{"failed", payroll.ActionSync, "1 minute", false, "failed", 0, []string{}}, // the slips go all the same
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1)
			monthly, err := payroll.ParseMonthlyRule("28", "none", "09:00", "Europe/Vienna")
			if err != nil {
				t.Fatal(err)
			}
			if err := o.store.CreateRule(t.Context(), payroll.ScheduleRule{Name: "rule", Action: c.action, Monthly: monthly}, "olga"); err != nil {
				t.Fatal(err)
			}
			_, err = o.store.Pool().Exec(t.Context(), `insert into schedule_due (rule, period, due_at, state)
				select id, '2026-10', now() - $1::interval, 'pending' from schedule_rules`, c.ago)
			if err != nil {
				t.Fatal(err)
			}
			var did []payroll.Due
			alarm := o.alarm(&did)
			alarm.CatchUp = c.catchUp
			for range 2 {
				if err := alarm.Ring(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			var state string
			err = o.store.Pool().QueryRow(t.Context(), `select state from schedule_due where period = '2026-10'`).Scan(&state)
			if err != nil || state != c.want || len(did) != c.rings {
				t.Errorf("%s after %d rings (%v), want %s after %d", state, len(did), err, c.want, c.rings)
			}
			if diff := cmp.Diff(c.alarms, o.open()); diff != "" {
				t.Errorf("alarms: %s", diff)
			}
		})
	}
}

// TestAWorkerPostsNotices: a running worker sends what an act wrote down without
// being told, and after the signal sends nothing more.
func TestAWorkerPostsNotices(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	ctx, signal := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- o.worker().Run(ctx) }()
	if err := o.store.RequestLink(t.Context(), address(0), "fr"); err != nil {
		t.Fatal(err)
	}
	sent := func() (n int) {
		for _, m := range o.relay.Messages() {
			if strings.Contains(string(m.Data), "/fr/enter/") {
				n++
			}
		}
		return n
	}
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for sent() == 0 {
		select {
		case err := <-done:
			t.Fatalf("the worker ended: %v", err)
		case <-t.Context().Done():
			t.Fatal("the notice is not sent")
		case <-ticker.C:
		}
	}
	signal()
	if err := <-done; err != nil {
		t.Error(err)
	}
	id := o.notify(payroll.NoticeChange, payroll.TopicAddressChanged, "")
	if row := o.notice(id); row.state != payroll.NoticeQueued || sent() != 1 {
		t.Errorf("%+v, %d mails", row, sent())
	}
}
