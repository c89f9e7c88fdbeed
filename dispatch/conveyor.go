// Package dispatch walks one slip down the corridor, exactly once if it can: it
// claims, judges, renders, seals, hands over and writes down what happened. It
// also knows the calendar and brings back what was left lying, and posts the mails
// that are no slips. It must never own a rule of another room. Read [Conveyor],
// [Conveyor.Deliver] and [Post] first.
package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// Book is what the conveyor needs of the database.
type Book interface {
	Claim(ctx context.Context, run payroll.RunID, worker payroll.WorkerID, n int, freeze payroll.Freeze) ([]payroll.Parcel, error)
	PauseRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, reason string) error
	SettleRun(ctx context.Context, id payroll.RunID) (payroll.RunState, error)
	BeginNotice(ctx context.Context, id payroll.SlipID) (bool, error)
}

// Ledger writes down every attempt before its first byte goes out, what came of
// it, and what became of a slip of which nothing was sent.
type Ledger interface {
	HoldSlip(ctx context.Context, id payroll.SlipID, worker payroll.WorkerID, reason payroll.HoldReason) error
	ReleaseSlip(ctx context.Context, id payroll.SlipID, worker payroll.WorkerID, delay time.Duration) error
	BeginAttempt(ctx context.Context, a payroll.Attempt) (bool, error)
	FinishAttempt(a payroll.Attempt, o payroll.Outcome, f payroll.Fate) (written func() error)
}

// Conveyor carries slips. All fields but Certifiers are required; it is safe for concurrent use.
type Conveyor struct {
	Worker     payroll.WorkerID
	Book       Book
	Ledger     Ledger
	Letterhead *letter.Letterhead
	Signer     *keystore.Signer
	Vault      *keystore.MasterKey    // whose word on a certificate's signatures counts
	Certifiers []keystore.Certificate // who may vouch for a certificate; none: policy asks for no certification
	Relay      *mailer.Pool
	Pace       *mailer.Pace
	Sender     Sender
	Retry      payroll.Retry
	Freeze     payroll.Freeze
	Bundle     int           // slips per job
	Lanes      int           // slips of a bundle under way at once
	Grace      time.Duration // how long a mail on the wire may take after a shutdown signal
	Now        func() time.Time
	Metrics    *Metrics
	Log        *slog.Logger

	inHand     sync.Map    // payroll.SlipID: the slips that this worker knows to hold
	relayFails atomic.Bool // as the log last said
	sheets     sync.Pool   // of *sheet
}

// releaseDelay is how long a slip rests that could not be carried for a reason
// that has nothing to do with it.
const releaseDelay = 10 * time.Second

// Carry carries one bundle of a run: it claims slips that are due and delivers
// each. A slip that meets a surprise goes back into the queue.
func (c *Conveyor) Carry(ctx context.Context, run payroll.RunID) error {
	parcels, err := c.Book.Claim(ctx, run, c.Worker, c.Bundle, c.Freeze)
	if err != nil {
		return fmt.Errorf("carry run %d: %w", run, err)
	}
	for _, parcel := range parcels {
		c.inHand.Store(parcel.ID, true)
	}
	var lanes errgroup.Group
	lanes.SetLimit(c.Lanes)
	for _, parcel := range parcels {
		lanes.Go(func() error {
			c.carryOne(ctx, parcel)
			return nil
		})
	}
	_ = lanes.Wait() // carryOne keeps its surprises
	if _, err := c.Book.SettleRun(context.WithoutCancel(ctx), run); err != nil {
		return fmt.Errorf("carry run %d: %w", run, err)
	}
	return nil
}

// carryOne delivers one slip and deals with what must not stop the others.
func (c *Conveyor) carryOne(ctx context.Context, p payroll.Parcel) {
	c.Metrics.underWay.Inc()
	defer c.Metrics.underWay.Dec()
	defer c.inHand.Delete(p.ID)
	err := c.Deliver(ctx, p)
	if err == nil {
		return
	}
	aftermath, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.Grace)
	defer cancel()
	if errors.Is(err, mailer.ErrAuth) {
		c.pause(aftermath, p.Run)
	}
	if ctx.Err() == nil {
		c.Log.Error("slip goes back into the queue", "slip", p.ID, "run", p.Run, "error", err)
	}
	if err := c.Ledger.ReleaseSlip(aftermath, p.ID, c.Worker, delayAfter(ctx)); err != nil {
		c.Log.Warn("slip could not be released; the sweep will", "slip", p.ID, "error", err)
	}
}

// delayAfter is nothing after a shutdown signal: another worker may go on at once.
func delayAfter(ctx context.Context) time.Duration {
	if ctx.Err() != nil {
		return 0
	}
	return releaseDelay
}

// pause stops a run whose relay refuses our login: no slip is to blame.
func (c *Conveyor) pause(ctx context.Context, run payroll.RunID) {
	err := c.Book.PauseRun(ctx, run, payroll.Machine, "the relay refused the login; check relay.username and its password, then resume the run")
	switch {
	case err == nil:
		c.Log.Error("run paused: the relay refused the login", "run", run)
	case !errors.Is(err, payroll.ErrWrongState): // another lane was first
		c.Log.Error("run could not be paused", "run", run, "error", err)
	}
}

// Deliver carries one claimed slip straight down the corridor. It returns an
// error only where nothing was sent, so that the slip can be released; an
// outcome of any kind is written down and is not an error.
func (c *Conveyor) Deliver(ctx context.Context, p payroll.Parcel) error {
	certificate, reason := c.judge(p) // 1
	if reason != "" {
		return c.hold(ctx, p, reason)
	}
	written, reason := c.write(p, certificate) // 2: render, seal, compose
	if reason != "" {
		return c.hold(ctx, p, reason)
	}
	line, err := c.Relay.Line(ctx) // 3
	if err != nil {
		return fmt.Errorf("get a line to the relay: %w", err)
	}
	defer line.Release()
	if err := c.Pace.Wait(ctx, p.Pin.Email); err != nil { // 4
		return fmt.Errorf("wait for the pace: %w", err)
	}
	attempt := payroll.Attempt{
		ID: payroll.AttemptID(uuid.NewString()), Slip: p.ID, Worker: c.Worker,
		Email: p.Pin.Email, Fingerprint: certificate.Fingerprint(), Page: written.page, Supersedes: p.Pin.Supersedes,
	}
	allowed, err := c.Ledger.BeginAttempt(context.WithoutCancel(ctx), attempt) // 5: before the first byte
	if err != nil {
		return fmt.Errorf("begin attempt: %w", err)
	}
	if !allowed {
		return c.Ledger.ReleaseSlip(ctx, p.ID, c.Worker, 0)
	}
	if ctx.Err() != nil { // the signal came meanwhile: no further mail leaves
		return fmt.Errorf("begin attempt: %w", ctx.Err())
	}
	return c.send(ctx, p, line, attempt, written.message)
}

// send hands the message over and writes down the outcome, whatever signal
// comes in between.
func (c *Conveyor) send(ctx context.Context, p payroll.Parcel, line *mailer.Line, attempt payroll.Attempt, message mailer.Message) error {
	patient, cancel := afterSignal(ctx, c.Grace)
	defer cancel()
	start := c.Now()
	outcome := line.Send(patient, message) // 6
	c.Metrics.outcome(outcome.Kind, c.Now().Sub(start))
	fate := c.Retry.Fate(outcome, p.Tries+1, c.Now(), p.GiveUpAt)
	if outcome.Kind != payroll.Accepted {
		c.Log.Warn("slip was not accepted", "slip", p.ID, "outcome", outcome.Kind, "phase", outcome.Phase,
			"code", outcome.Code, "state", fate.State)
	}
	written := c.Ledger.FinishAttempt(attempt, outcome, fate) // 7
	line.Release()                                            // not before: see FinishAttempt
	if err := written(); err != nil {
		// The open attempt stays in the ledger; the sweep makes it unsure.
		c.Log.Error("outcome could not be written", "slip", p.ID, "outcome", outcome.Kind, "error", err)
	}
	return nil
}

func (c *Conveyor) hold(ctx context.Context, p payroll.Parcel, reason payroll.HoldReason) error {
	c.Metrics.held.WithLabelValues(string(reason)).Inc()
	c.Log.Info("slip held", "slip", p.ID, "run", p.Run, "reason", reason)
	if err := c.Ledger.HoldSlip(ctx, p.ID, c.Worker, reason); err != nil {
		return err
	}
	c.warn(p, reason)
	if err := c.notify(ctx, p, reason); err != nil {
		c.Log.Warn("the employee was not told that a slip is held", "slip", p.ID, "error", err)
	}
	return nil
}

// warn tells the log of a hold that has raised an alarm.
func (c *Conveyor) warn(p payroll.Parcel, reason payroll.HoldReason) {
	if alarm, raised := reason.Alarm(p.Run, p.ID); raised {
		c.Log.Error("alarm: something was changed after the approval", "kind", alarm.Kind, "slip", p.ID, "run", p.Run, "reason", reason)
	}
}

// afterSignal is a context that outlives ctx by the grace time.
func afterSignal(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	patient, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return patient, func() {
		stop()
		cancel()
	}
}
