package console

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// listener reads a stream of events.
type listener struct {
	t      testing.TB
	events chan [2]string // name and data; closed when the stream ends
	status int
	kind   string
}

// listen opens the stream of a run.
func (b *client) listen(path string) *listener {
	b.t.Helper()
	return b.listenWithin(b.t.Context(), path)
}

// listenWithin is listen, until ctx ends.
func (b *client) listenWithin(ctx context.Context, path string) *listener {
	b.t.Helper()
	r := b.request(http.MethodGet, path, nil).WithContext(ctx)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := b.http.Do(r) //nolint:bodyclose // by the goroutine that reads it
	must(b.t, err)
	l := &listener{t: b.t, events: make(chan [2]string, 100), status: response.StatusCode, kind: response.Header.Get("Content-Type")}
	go func() {
		defer close(l.events)
		defer response.Body.Close()
		lines, name := bufio.NewScanner(response.Body), ""
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if after, found := strings.CutPrefix(lines.Text(), "event: "); found {
				name = after
			}
			if after, found := strings.CutPrefix(lines.Text(), "data: "); found {
				l.events <- [2]string{name, after}
			}
		}
	}()
	return l
}

// next is the next event; it fails the test if none comes, or the stream ends.
func (l *listener) next(name string) map[string]any {
	l.t.Helper()
	select {
	case e, open := <-l.events:
		if !open || e[0] != name {
			l.t.Fatalf("%q came, want an event %q", e, name)
		}
		var data map[string]any
		if err := json.Unmarshal([]byte(e[1]), &data); err != nil {
			l.t.Fatal(err)
		}
		return data
	case <-time.After(30 * time.Second):
		l.t.Fatalf("no event %q came", name)
	}
	return nil
}

// ends fails the test unless the stream ends.
func (l *listener) ends() {
	l.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case _, open := <-l.events:
			if !open {
				return
			}
		case <-deadline:
			l.t.Fatal("the stream does not end")
		}
	}
}

func (c *testConsole) sending(n int) payroll.RunID {
	c.t.Helper()
	run := c.approved(payroll.Run{}, slipsOfStaff(c.hire(n))...)
	must(c.t, c.store.SendRun(c.t.Context(), run, "cem", c.Policy.GiveUp, 100))
	return run
}

// TestProgressIsStreamed: what changes is sent, and the end ends it.
func TestProgressIsStreamed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	run := c.sending(2)
	l := c.as("dia").listen("/runs/1/events")
	if l.status != http.StatusOK || l.kind != "text/event-stream" {
		t.Fatal(l.status, l.kind)
	}
	if now := l.next("progress"); now["state"] != "sending" || now["end"] != false || !strings.Contains(now["html"].(string), "0 of 2") {
		t.Errorf("%v", now)
	}
	c.setSlip(run, "0000", payroll.SlipAccepted, "")
	if now := l.next("progress"); !strings.Contains(now["html"].(string), "1 of 2") || now["said"] != "50 percent" {
		t.Errorf("%v", now)
	}
	c.setSlip(run, "0001", payroll.SlipHeld, payroll.HoldNoCertificate)
	l.next("progress")
	_, err := c.store.SettleRun(t.Context(), run)
	must(t, err)
	if now := l.next("progress"); now["state"] != "incomplete" || now["end"] != false {
		t.Errorf("a run with a held slip may go on: %v", now)
	}
	c.exec(`update runs set state = 'sending'`)
	c.setSlip(run, "0001", payroll.SlipAccepted, "")
	_, err = c.store.SettleRun(t.Context(), run)
	must(t, err)
	for {
		if now := l.next("progress"); now["end"] == true {
			break
		}
	}
	l.ends()
}

// TestAStreamEndsWithItsVisit: signed out, or the admin disabled.
func TestAStreamEndsWithItsVisit(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.sending(1)
	for name, end := range map[string]string{
		"dia": `delete from admin_sessions where admin = 'dia'`,
		"bea": `update admins set disabled_at = clock_timestamp() where name = 'bea'`,
	} {
		l := c.as(name).listen("/runs/1/events")
		l.next("progress")
		c.exec(end)
		l.next("bye")
		l.ends()
	}
	c.as("").get("/runs/1/events").leads(t, "/sign-in")
}

// TestWatchingKeepsNobodySignedIn: a page that only watches is not at work.
func TestWatchingKeepsNobodySignedIn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.sending(1)
	l := c.as("dia").listen("/runs/1/events")
	l.next("progress")
	c.exec(`update admin_sessions set seen_at = now() - interval '31 minutes', created_at = now() - interval '31 minutes'`)
	l.next("bye")
	l.ends()
}

// counting counts how often the run is looked at.
type counting struct {
	Desk
	looks atomic.Int64
}

func (d *counting) RunProgress(ctx context.Context, run payroll.RunID) (payroll.Progress, error) {
	d.looks.Add(1)
	return d.Desk.RunProgress(ctx, run)
}

// TestOneLookForAllWatchers: twenty who watch cost what one costs, and none costs
// nothing.
func TestOneLookForAllWatchers(t *testing.T) {
	t.Parallel()
	desk := &counting{}
	c := newConsole(t, func(s *Server) {
		desk.Desk = s.Desk
		s.Desk = desk
	})
	c.sending(1)
	b := c.as("dia")
	listeners := make([]*listener, 20)
	ctx, leave := context.WithCancel(t.Context())
	for i := range listeners {
		listeners[i] = b.listenWithin(ctx, "/runs/1/events")
		listeners[i].next("progress")
	}
	before, began := desk.looks.Load(), time.Now()
	c.setSlip(1, "0000", payroll.SlipHeld, payroll.HoldTwin)
	for _, l := range listeners {
		l.next("progress")
	}
	if looks, most := desk.looks.Load()-before, int64(time.Since(began)/liveEvery)+2; looks > most {
		t.Errorf("%d looks while 20 watched, want %d at most", looks, most)
	}
	leave()
	for _, l := range listeners {
		l.ends()
	}
	deadline := time.Now().Add(30 * time.Second)
	for c.live.watched() > 0 {
		if time.Now().After(deadline) {
			t.Fatal("the run is still looked at although nobody watches")
		}
	}
}

// watched is how many runs are looked at.
func (l *live) watched() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.watches)
}

// TestShutdownEndsStreams: the server does not wait for those who watch.
func TestShutdownEndsStreams(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.sending(1)
	l := c.as("dia").listen("/runs/1/events")
	l.next("progress")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	must(t, c.site.Config.Shutdown(ctx))
	l.ends()
}

// TestPace: how fast slips are settled, and how long the rest takes.
func TestPace(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 27, 6, 0, 0, 0, time.UTC)
	at := func(after time.Duration, accepted int) payroll.Progress {
		return payroll.Progress{Run: 1, State: payroll.RunSending, StartedAt: &start, At: start.Add(after),
			Counts: map[payroll.SlipState]int{payroll.SlipAccepted: accepted, payroll.SlipQueued: 1000 - accepted}}
	}
	var l live
	for _, step := range []struct {
		now             payroll.Progress
		perMinute, left string
	}{
		{at(10*time.Second, 50), "300", "3 minutes"},               // since it began
		{at(70*time.Second, 650), "600", "a minute"},               // since it is watched
		{at(5*time.Minute, 650), "0", ""},                          // nothing any more
		{at(5*time.Minute+30*time.Second, 750), "200", "a minute"}, // over the last minutes
	} {
		pace := l.see(step.now)
		left := ""
		if d := pace.left(step.now.Left()); d > 0 {
			left = spanWords(d)
		}
		if fmt.Sprint(pace.perMinute()) != step.perMinute || left != step.left {
			t.Errorf("after %s: %d a minute, %q left; want %s, %q", step.now.At.Sub(start), pace.perMinute(), left, step.perMinute, step.left)
		}
	}
	paused := at(6*time.Minute, 800)
	paused.State = payroll.RunPaused
	if pace := l.see(paused); pace.perMinute() != 0 || pace.left(5) != 0 {
		t.Errorf("%+v", pace)
	}
}
