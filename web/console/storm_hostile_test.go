package console

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"

	"github.com/payseal/payseal/payroll"
)

// rush posts to each path from a client of its own, all at once, and gives how many
// were done. The others must be told that somebody was faster.
func (c *testConsole) rush(b *client, paths []string, pairs ...string) (done int64) {
	c.t.Helper()
	var all sync.WaitGroup
	var n atomic.Int64
	for _, path := range paths {
		tab := b.also()
		all.Go(func() {
			to, form, _ := strings.Cut(path, "?")
			pairs := slices.Clone(pairs)
			for field := range strings.SplitSeq(form, "&") {
				name, value, _ := strings.Cut(field, "=")
				pairs = append(pairs, name, value)
			}
			switch a := tab.post(to, pairs...); {
			case a.status == http.StatusSeeOther && !strings.HasPrefix(a.to(), "/step-up"):
				n.Add(1)
			case a.status != http.StatusConflict:
				c.t.Errorf("%s: status %d to %q\n%s", path, a.status, a.to(), mainOf(a.body))
			}
		})
	}
	all.Wait()
	return n.Load()
}

// TestStorm: many people do everything to a run beside a worker that sends it. No
// slip is lost, none is sent twice, and nobody meets a mistake of ours.
func TestStorm(t *testing.T) {
	t.Parallel()
	c := newConsole(t).unlimited()
	relay := c.newRelay()
	staff := c.hire(12)
	run := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	must(t, c.store.SendRun(t.Context(), run, "cem", c.Policy.GiveUp, 100))
	c.setSlip(run, "0000", payroll.SlipAccepted, "")
	c.setSlip(run, "0001", payroll.SlipUnsure, "")
	c.setSlip(run, "0002", payroll.SlipAccepted, "")
	eve := c.as("eve")
	if n := c.rush(eve, slices.Repeat([]string{slipAt(run, "0000") + "/resend"}, 20), "reason", "lost"); n != 1 {
		t.Errorf("%d of 20 sent the slip again", n)
	}
	settle := slipAt(run, "0001") + "/settle?as="
	if n := c.rush(eve, slices.Repeat([]string{settle + "lost", settle + "accepted"}, 10), "reason", "asked"); n != 1 {
		t.Errorf("%d of 20 settled the slip", n)
	}
	correction := c.correctAtOnce(run, staff[2].Employee)
	c.supersedeAtOnce(eve, run, correction)
	c.work(relay)
	c.storm(eve, run)
	c.until(fmt.Sprintf(`select count(*) = 2 from runs where id in (%d, %d) and state = 'complete'`, run, correction))
	for _, id := range []payroll.RunID{run, correction} {
		lines, err := c.store.SlipLines(t.Context(), id, payroll.SlipQuery{})
		must(t, err)
		for _, line := range lines {
			mails := 0
			for _, m := range relay.Messages() {
				if bytes.Contains(m.Data, []byte("<"+string(line.ID)+"@acme.example>")) {
					mails++
				}
			}
			fewest := 1
			if id == run && (line.Employee == "0001" || line.Employee == "0002") {
				fewest = 0 // where it was settled as accepted, or stood as accepted
			}
			if mails > 1 || mails < fewest || line.State != payroll.SlipAccepted && line.State != payroll.SlipSuperseded {
				t.Errorf("run %d, %s is %s after %d mails", id, line.Employee, line.State, mails)
			}
		}
	}
}

// correctAtOnce brings corrections of one slip, of which one can be.
func (c *testConsole) correctAtOnce(run payroll.RunID, e payroll.Employee) payroll.RunID {
	c.t.Helper()
	made := make(chan payroll.RunID, 8)
	var all sync.WaitGroup
	for i := range cap(made) {
		all.Go(func() {
			correction := payroll.Run{
				Period: november, PayDate: november27, Currency: "EUR", ImportedBy: "ada", Corrects: run, Correction: "the overtime was missing",
				FileSHA256: payroll.Digest([]byte(uuid.NewString())),
			}
			id, err := c.store.CreateRun(c.t.Context(), correction, func(yield func(payroll.Slip, error) bool) { yield(slipOf(e, int64(2000+i)), nil) })
			if err == nil {
				made <- id
			} else if !errors.Is(err, payroll.ErrWrongState) && !errors.Is(err, payroll.ErrInvalid) {
				c.t.Errorf("correct: %v", err)
			}
		})
	}
	all.Wait()
	if len(made) != 1 {
		c.t.Fatalf("%d corrections of one slip were made", len(made))
	}
	return <-made
}

// supersedeAtOnce approves and begins the correction while others send the slip
// whose place it takes again.
func (c *testConsole) supersedeAtOnce(b *client, run, correction payroll.RunID) {
	c.t.Helper()
	must(c.t, c.store.SubmitRun(c.t.Context(), correction, "ada", false))
	var all sync.WaitGroup
	all.Go(func() {
		err := c.store.ApproveRun(c.t.Context(), correction, "bea", payroll.Approval{Letterhead: c.Letterhead().Digest()})
		if err == nil {
			err = c.store.SendRun(c.t.Context(), correction, "cem", c.Policy.GiveUp, 100)
		}
		if err != nil {
			c.t.Errorf("approve the correction: %v", err)
		}
	})
	all.Go(func() {
		again := slipAt(run, "0002") + "/resend"
		if n := c.rush(b, slices.Repeat([]string{again}, 8), "reason", "lost"); n > 1 {
			c.t.Errorf("%d sent again what is corrected", n)
		}
	})
	all.Wait()
}

// storm pauses and resumes a run, and tries on it what cannot be, from twenty
// clients; then it lets it go on.
func (c *testConsole) storm(b *client, run payroll.RunID) {
	c.t.Helper()
	acts := []string{"/pause", "/resume", "/void", "/send", "/slips/0004/settle?as=lost", "/slips/0005/settle?as=accepted", "/resume"}
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for k := range 12 {
				c.rush(b, []string{runPath(run) + acts[(i+k)%len(acts)]}, "reason", "a storm")
			}
		})
	}
	all.Wait()
	c.rush(b, []string{runPath(run, "resume")})
}

// TestOneComparisonCounts: of two admins on the telephone with one employee, each in
// many tabs, one writes it down.
func TestOneComparisonCounts(t *testing.T) {
	t.Parallel()
	c := town(t).unlimited()
	key := c.waiting("2")
	var all sync.WaitGroup
	var done atomic.Int64
	for _, b := range slices.Repeat([]*client{c.as("cem"), c.as("eve")}, 6) {
		tab := b.also()
		all.Go(func() {
			switch a := tab.post("/calls/2", readOut(key.Fingerprint, "agreed")...); a.status {
			case http.StatusSeeOther:
				done.Add(1)
			case http.StatusNotFound, http.StatusConflict:
			default:
				t.Errorf("status %d\n%s", a.status, mainOf(a.body))
			}
		})
	}
	all.Wait()
	steps := c.one(`select count(*)::text from certificate_steps where certificate = $1 and step = 'certified'`, key.ID)
	if done.Load() != 1 || steps != "1" {
		t.Errorf("%d wrote it down, in %s steps", done.Load(), steps)
	}
}
