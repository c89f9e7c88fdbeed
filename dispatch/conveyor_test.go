package dispatch_test

import (
	"bytes"
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func TestARunGoesThrough(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 10)
	o.carry(o.conveyor())
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipAccepted: 10}, o.counts()); diff != "" {
		t.Error(diff)
	}
	if got := o.state(); got != payroll.RunComplete {
		t.Errorf("the run is %s", got)
	}
	ids := o.messageIDs()
	for _, s := range o.statuses() {
		if s.Outcome != payroll.Accepted || s.Attempts != 1 || s.Code != 250 {
			t.Errorf("%+v", s)
		}
	}
	for i := range 10 {
		if got := ids[string(address(i))]; len(got) != 1 {
			t.Errorf("employee %d got %d mails", i, len(got))
		}
	}
}

// dying wraps the conveyor's ledger and ends the lane, as a kill would, just
// before or after a step.
type dying struct {
	dispatch.Ledger
	before, after string
}

func (d dying) step(name string, do func() error) error {
	if d.before == name {
		runtime.Goexit()
	}
	err := do()
	if d.after == name {
		runtime.Goexit()
	}
	return err
}

func (d dying) BeginAttempt(ctx context.Context, a payroll.Attempt) (allowed bool, err error) {
	err = d.step("begin", func() error {
		allowed, err = d.Ledger.BeginAttempt(ctx, a)
		return err
	})
	return allowed, err
}

func (d dying) FinishAttempt(a payroll.Attempt, o payroll.Outcome, f payroll.Fate) func() error {
	if d.before == "finish" {
		runtime.Goexit()
	}
	written := d.Ledger.FinishAttempt(a, o, f)
	return func() error { return d.step("finish", written) }
}

// TestCrashTable stops a worker after each numbered step of Deliver and lets
// another one go on: nobody is lost, and only who died between the relay's 250
// and the ledger's commit is mailed twice, with the same Message-ID.
func TestCrashTable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		dies  dying
		mails int
	}{
		{"before the attempt is written", dying{before: "begin"}, 1},
		{"after the attempt is written", dying{after: "begin"}, 1},
		{"after the relay's answer", dying{before: "finish"}, 2},
		{"after the outcome is written", dying{after: "finish"}, 1},
	} {
		for _, resend := range []bool{true, false} {
			name := c.name
			if !resend {
				name += ", unsure waits for a person"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				o := newOffice(t, 3)
				o.retry.ResendUnsure = resend
				o.carry(o.conveyor(func(v *dispatch.Conveyor) {
					c.dies.Ledger = v.Ledger
					v.Ledger = c.dies
				}))
				o.burial()
				o.carry(o.conveyor())
				attempted := c.dies.after == "begin" || c.dies.before == "finish"
				want := map[payroll.SlipState]int{payroll.SlipAccepted: 3}
				mails := c.mails
				if attempted && !resend {
					want = map[payroll.SlipState]int{payroll.SlipUnsure: 3}
					mails--
				}
				if diff := cmp.Diff(want, o.counts()); diff != "" {
					t.Error(diff)
				}
				ids := o.messageIDs()
				for i := range 3 {
					got := ids[string(address(i))]
					if len(got) != mails {
						t.Errorf("employee %d got %d mails, want %d", i, len(got), mails)
					}
					for _, id := range got {
						if id != got[0] {
							t.Errorf("employee %d got two Message-IDs", i)
						}
					}
				}
			})
		}
	}
}

func TestACrashBeforeAnythingLosesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 3)
	dead := o.conveyor()
	if _, err := o.store.Claim(t.Context(), o.run, dead.Worker, 10, payroll.Freeze{}); err != nil {
		t.Fatal(err)
	}
	o.carry(o.conveyor())
	if n := len(o.relay.Messages()); n != 0 {
		t.Errorf("%d mails of slips that another worker holds", n)
	}
	o.burial()
	o.carry(o.conveyor())
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipAccepted: 3}, o.counts()); diff != "" {
		t.Error(diff)
	}
}

func TestTheRelaysAnswerDecides(t *testing.T) {
	t.Parallel()
	answer := func(at smtptest.Command, reply string) smtptest.Fault {
		return smtptest.Fault{At: at, Do: smtptest.Answer, Reply: reply, Times: 1}
	}
	for _, c := range []struct {
		name  string
		fault smtptest.Fault
		want  payroll.SlipState
		mails int // after a second bundle
	}{
		{"no such mailbox", answer(smtptest.Rcpt, "550 5.1.1 no such user"), payroll.SlipRefused, 0},
		{"busy", answer(smtptest.Rcpt, "451 4.3.0 later"), payroll.SlipDeferred, 1},
		{"content refused", answer(smtptest.Dot, "554 5.7.1 no"), payroll.SlipRefused, 0},
		{"cut after the final dot, taken", smtptest.Fault{At: smtptest.Dot, Do: smtptest.Drop, Taken: true, Times: 1}, payroll.SlipQueued, 2},
		{"cut after the final dot, not taken", smtptest.Fault{At: smtptest.Dot, Do: smtptest.Drop, Times: 1}, payroll.SlipQueued, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1, c.fault)
			o.carry(o.conveyor())
			if diff := cmp.Diff(map[payroll.SlipState]int{c.want: 1}, o.counts()); diff != "" {
				t.Fatal(diff)
			}
			o.carry(o.conveyor())
			ids := o.messageIDs()[string(address(0))]
			if len(ids) != c.mails {
				t.Errorf("%d mails, want %d", len(ids), c.mails)
			}
			if len(ids) == 2 && ids[0] != ids[1] {
				t.Error("two Message-IDs for one slip")
			}
		})
	}
}

func TestARefusedLoginStopsTheRunAndFailsNoSlip(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 3, smtptest.Fault{At: smtptest.Auth, Do: smtptest.Answer, Reply: "535 5.7.8 no"})
	o.carry(o.conveyor())
	if got := o.state(); got != payroll.RunPaused {
		t.Errorf("the run is %s", got)
	}
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipQueued: 3}, o.counts()); diff != "" {
		t.Error(diff)
	}
}

func TestAHeldSlipIsToldOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change string
		want   int
	}{
		{`update certificates set standing = 'revoked'`, 1},
		{`update employees set on_paper = true`, 0},
		{`update slips set digest = repeat('0', 64)`, 0},
	} {
		o := newOffice(t, 1)
		worker := o.conveyor(func(v *dispatch.Conveyor) { v.Sender.Company, v.Sender.Contact = "ACME", "payroll@acme.example" })
		for _, sql := range []string{c.change, `update slips set state = 'queued', hold = ''`, `update runs set state = 'sending'`} {
			if _, err := o.store.Pool().Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
			o.carry(worker)
		}
		if got := len(o.relay.Messages()); got != c.want {
			t.Errorf("%d notices, want %d: %s", got, c.want, c.change)
		}
		for _, m := range o.relay.Messages() {
			if !strings.Contains(string(m.Data), "Auto-Submitted: auto-generated") || !strings.Contains(string(m.Data), "revoked") {
				t.Errorf("notice: %s", m.Data)
			}
		}
	}
}

func TestAnApprovedAddressChangeIsFollowed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	if _, err := o.store.Pool().Exec(t.Context(), `update employees set email = 'new@acme.example'`); err != nil {
		t.Fatal(err)
	}
	o.carry(o.conveyor())
	if s := o.statuses()[0]; s.Hold != payroll.HoldAddressChanged {
		t.Fatalf("%+v", s)
	}
	if err := o.store.ReapproveSlips(t.Context(), o.run, []payroll.EmployeeNumber{number(0)}, "anton", o.letterhead.Digest()); err != nil {
		t.Fatal(err)
	}
	o.carry(o.conveyor())
	if s := o.statuses()[0]; s.Hold != payroll.HoldAddressUnnamed {
		t.Fatalf("%+v", s)
	}
	o.verify(number(0), "new@acme.example")
	if err := o.store.ReapproveSlips(t.Context(), o.run, []payroll.EmployeeNumber{number(0)}, "anton", o.letterhead.Digest()); err != nil {
		t.Fatal(err)
	}
	o.carry(o.conveyor())
	if ids := o.messageIDs(); len(ids["new@acme.example"]) != 1 || len(ids) != 1 {
		t.Errorf("mails went to %d addresses; slip: %+v", len(ids), o.statuses()[0])
	}
}

// TestNobodyElseVouches: a certificate that somebody wrote into the database by
// hand, pins, seals and all, is not sealed to.
func TestNobodyElseVouches(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	stranger, err := keystore.NewSigner(keystore.SignerOptions{
		UserID: "ACME Payroll <payroll@acme.example>", At: time.Now().Add(-time.Hour), Lifetime: time.Hour * 24,
	}, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	forger, err := keystore.OpenSigner(bytes.NewReader(stranger), []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	forged, err := forger.Certify(o.uncertified(address(0), time.Now()), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var subkeys []string
	for _, f := range forged.EncryptionSubkeys(time.Now()) {
		subkeys = append(subkeys, string(f))
	}
	_, err = o.store.Pool().Exec(t.Context(), `update certificates set content = $1, fingerprint = $2`, forged.Bytes(), forged.Fingerprint())
	if err == nil {
		_, err = o.store.Pool().Exec(t.Context(), `update slips set pin_fingerprint = $1, pin_subkeys = $2`, forged.Fingerprint(), subkeys)
	}
	if err != nil {
		t.Fatal(err)
	}
	o.seal()
	for _, c := range []struct {
		certifiers []keystore.Certificate
		want       payroll.SlipState
	}{
		{[]keystore.Certificate{forger.Certificate()}, payroll.SlipAccepted}, // so that the forgery is a good one
		{[]keystore.Certificate{signer(t).Certificate()}, payroll.SlipHeld},
	} {
		if _, err := o.store.Pool().Exec(t.Context(), `update slips set state = 'queued'; update runs set state = 'sending'`); err != nil {
			t.Fatal(err)
		}
		o.carry(o.conveyor(func(v *dispatch.Conveyor) { v.Certifiers = c.certifiers }))
		if s := o.statuses()[0]; s.State != c.want || c.want == payroll.SlipHeld && s.Hold != payroll.HoldNotCertified {
			t.Errorf("%+v", s)
		}
	}
}

func TestAHeldSlipHealsByItself(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	exec := func(sql string) {
		t.Helper()
		if _, err := o.store.Pool().Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	exec(`update certificates set standing = 'candidate'`)
	c := o.conveyor()
	o.carry(c)
	if s := o.statuses()[0]; s.Hold != payroll.HoldNotVerified {
		t.Fatalf("%+v", s)
	}
	heal := func() {
		t.Helper()
		if err := c.Heal(t.Context(), o.store); err != nil {
			t.Fatal(err)
		}
	}
	exec(`update employees set on_paper = true`)
	heal()
	if s := o.statuses()[0]; s.Hold != payroll.HoldOnPaper {
		t.Errorf("held for %s after another reason came", s.Hold)
	}
	exec(`update employees set on_paper = false`)
	exec(`update certificates set standing = 'current'`)
	heal()
	if got := o.state(); got != payroll.RunSending {
		t.Errorf("the run is %s", got)
	}
	o.carry(c)
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipAccepted: 1}, o.counts()); diff != "" {
		t.Error(diff)
	}
}

func TestSweepBringsBackAndSettles(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 2)
	if _, err := o.store.Pool().Exec(t.Context(), `update slips set state = 'accepted'`); err != nil {
		t.Fatal(err)
	}
	if err := o.conveyor().Sweep(t.Context(), o.store); err != nil {
		t.Fatal(err)
	}
	if got := o.state(); got != payroll.RunComplete {
		t.Errorf("the run is %s", got)
	}
}

func TestOperatorsHearOfTheRelaysTrouble(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, smtptest.Fault{At: smtptest.Data, Do: smtptest.Answer, Reply: "421 4.3.2 shutting down", Times: 1})
	c := o.conveyor()
	sweep := func() string {
		t.Helper()
		if err := c.Sweep(t.Context(), o.store); err != nil {
			t.Fatal(err)
		}
		return o.log.String()
	}
	o.carry(c)
	if log := sweep(); !strings.Contains(log, "the relay fails") {
		t.Errorf("log: %s", log)
	}
	o.carry(c)
	if log := sweep(); !strings.Contains(log, "well again") {
		t.Errorf("log: %s", log)
	}
}

// TestShutdownRecordsWhatItKnows sends a signal while a mail is at the relay.
func TestShutdownRecordsWhatItKnows(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 5, smtptest.Fault{At: smtptest.Dot, Do: smtptest.Stall, Taken: true, Nth: 1})
	ctx, signal := context.WithCancel(t.Context())
	go func() {
		<-o.relay.Stalled()
		signal()
		o.relay.Release()
	}()
	c := o.conveyor(func(c *dispatch.Conveyor) { c.Lanes = 1 })
	if err := c.Carry(ctx, o.run); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipAccepted: 1, payroll.SlipQueued: 4}, o.counts()); diff != "" {
		t.Error(diff)
	}
	if n := len(o.relay.Messages()); n != 1 {
		t.Errorf("%d mails left after the signal", n)
	}
}

// signalling sends a shutdown signal as soon as an attempt is written.
type signalling struct {
	dispatch.Ledger
	signal func()
}

func (s signalling) BeginAttempt(ctx context.Context, a payroll.Attempt) (bool, error) {
	defer s.signal()
	return s.Ledger.BeginAttempt(ctx, a)
}

// TestNoMailLeavesAfterTheSignal sends the signal between the attempt's commit
// and its first byte: the slip goes back, and its attempt is closed as unused.
func TestNoMailLeavesAfterTheSignal(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	ctx, signal := context.WithCancel(t.Context())
	defer signal()
	if err := o.conveyor(func(c *dispatch.Conveyor) { c.Ledger = signalling{c.Ledger, signal} }).Carry(ctx, o.run); err != nil {
		t.Error(err)
	}
	s := o.statuses()[0]
	if n := len(o.relay.Messages()); n != 0 || s.State != payroll.SlipQueued || s.Phase != "unused" {
		t.Errorf("%d mails left; %+v", n, s)
	}
	o.carry(o.conveyor())
	if n := len(o.relay.Messages()); n != 1 {
		t.Errorf("%d mails after the next worker", n)
	}
}

func TestRetryGrows(t *testing.T) {
	t.Parallel()
	r := payroll.Retry{First: time.Minute, Max: 10 * time.Minute}
	now := time.Date(2026, 10, 30, 12, 0, 0, 0, time.UTC)
	var delays []time.Duration
	for tries := 1; tries <= 6; tries++ {
		delays = append(delays, r.Fate(payroll.Outcome{Kind: payroll.Deferred}, tries, now, now.Add(time.Hour)).Due.Sub(now))
	}
	want := []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 10 * time.Minute, 10 * time.Minute}
	if diff := cmp.Diff(want, delays); diff != "" {
		t.Error(diff)
	}
	if got := r.Fate(payroll.Outcome{Kind: payroll.Deferred}, 1, now, now).State; got != payroll.SlipRefused {
		t.Errorf("after the give-up time a deferral leaves the slip %s", got)
	}
}
