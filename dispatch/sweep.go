package dispatch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Lost is what the sweep needs of the database: all that lies where no job
// looks at it.
type Lost interface {
	Bury(ctx context.Context, silent time.Duration, unsure payroll.Fate) (int, error)
	ReturnStray(ctx context.Context, worker payroll.WorkerID, inHand []payroll.SlipID, unsure payroll.Fate) (int, error)
	Replenish(ctx context.Context, bundle int) error
	HeldParcels(ctx context.Context, freeze payroll.Freeze) ([]payroll.Parcel, error)
	HealSlip(ctx context.Context, p payroll.Parcel, subkeys []payroll.Fingerprint, reason payroll.HoldReason) error
	SendingRuns(ctx context.Context) ([]payroll.RunID, error)
	SettleRun(ctx context.Context, id payroll.RunID) (payroll.RunState, error)
}

// deadAfter is how long a worker may be silent before what it holds goes back.
const deadAfter = 15 * time.Second

// Sweep brings back what was left lying: slips of dead workers, slips that this
// worker holds without knowing, slips whose delay is over, and runs in which
// nothing moves any more. Any number of workers may sweep at once.
func (c *Conveyor) Sweep(ctx context.Context, lost Lost) error {
	c.watchRelay()
	now := c.Now()
	const always = 365 * 24 * time.Hour // each slip's own give-up time is looked at where it lies
	unsure := c.Retry.Fate(payroll.Outcome{Kind: payroll.Unsure}, 1, now, now.Add(always))
	buried, err := lost.Bury(ctx, deadAfter, unsure)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	stray, err := lost.ReturnStray(ctx, c.Worker, c.holding(), unsure)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	if n := buried + stray; n > 0 {
		c.Metrics.returned.Add(float64(n))
		c.Log.Warn("slips taken back", "from_dead_workers", buried, "strayed", stray)
	}
	if err := lost.Replenish(ctx, c.Bundle); err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	runs, err := lost.SendingRuns(ctx)
	if err != nil {
		return fmt.Errorf("sweep: %w", err)
	}
	for _, run := range runs {
		if _, err := lost.SettleRun(ctx, run); err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
	}
	return nil
}

// watchRelay tells operators when the relay begins to fail and when it is well
// again: slips that wait for a line wait in silence.
func (c *Conveyor) watchRelay() {
	health := c.Relay.Health()
	c.Metrics.lines.Set(float64(health.Open))
	c.Metrics.failures.Set(float64(health.Failures))
	failing := health.Failures > 0
	if failing == c.relayFails.Swap(failing) {
		return
	}
	if failing {
		c.Log.Warn("the relay fails; slips wait", "failures", health.Failures, "error", health.Trouble)
		return
	}
	c.Log.Info("the relay is well again")
}

// holding are the slips that this worker knows to hold.
func (c *Conveyor) holding() []payroll.SlipID {
	ids := []payroll.SlipID{}
	c.inHand.Range(func(id, _ any) bool {
		ids = append(ids, id.(payroll.SlipID))
		return true
	})
	return ids
}

// Heal looks at every held slip again: it goes on by itself when the reason is
// gone and what was approved still fits.
func (c *Conveyor) Heal(ctx context.Context, lost Lost) error {
	held, err := lost.HeldParcels(ctx, c.Freeze)
	if err != nil {
		return fmt.Errorf("heal: %w", err)
	}
	var troubles []error
	for _, p := range held {
		certificate, reason := c.judge(p)
		if reason == p.Hold || p.Hold == payroll.HoldUnwritable || p.Hold == payroll.HoldTampered {
			continue // what was tampered with wants a person, also when it is as it was
		}
		if err := lost.HealSlip(ctx, p, certificate.EncryptionSubkeys(c.Now()), reason); err != nil {
			troubles = append(troubles, fmt.Errorf("heal slip %s: %w", p.ID, err))
			continue
		}
		c.warn(p, reason)
	}
	return errors.Join(troubles...)
}
