package dispatch

import (
	"context"
	"fmt"

	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
)

// notify tells the employee once that a slip is held, why, and whom to ask:
// fixed texts without pay data, unsealed because whoever needs one cannot be
// sealed to. Reasons that are HR's to remove are told to nobody else.
func (c *Conveyor) notify(ctx context.Context, p payroll.Parcel, reason payroll.HoldReason) error {
	if c.Sender.SilentHolds || c.Sender.Contact == "" {
		return nil
	}
	notice, told, err := c.Sender.company().Held(reason, p.Slip.Employee.Language)
	if err != nil || !told {
		return err
	}
	p.Pin.Email = p.Standing.Employee.Email
	envelope, err := c.envelope(p, c.Now())
	if err != nil {
		return err
	}
	envelope.MessageID = "notice-" + envelope.MessageID
	message, err := mailer.ComposeNotice(envelope, notice)
	if err != nil {
		return err
	}
	line, err := c.Relay.Line(ctx)
	if err != nil {
		return fmt.Errorf("get a line to the relay: %w", err)
	}
	defer line.Release()
	if err := c.Pace.Wait(ctx, envelope.To); err != nil {
		return fmt.Errorf("wait for the pace: %w", err)
	}
	if due, err := c.Book.BeginNotice(ctx, p.ID); err != nil || !due {
		return err
	}
	if outcome := line.Send(ctx, message); outcome.Kind != payroll.Accepted {
		return fmt.Errorf("send notice: %s at %s, code %d", outcome.Kind, outcome.Phase, outcome.Code)
	}
	return nil
}
