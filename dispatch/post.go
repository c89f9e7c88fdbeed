package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// Outbox is what the post needs of the database.
type Outbox interface {
	ClaimNotices(ctx context.Context, n int, lease time.Duration) ([]payroll.Notice, error)
	ArmNotice(ctx context.Context, id payroll.NoticeID, secret payroll.SecretHash, valid time.Duration) error
	FinishNotice(ctx context.Context, id payroll.NoticeID, o payroll.Outcome, retry time.Time) error
	DropNotice(ctx context.Context, id payroll.NoticeID) error
}

// Post sends notices: every mail that is no slip. It shares relay and pace with
// the conveyor, but takes few lines at once, so that it cannot keep slips
// waiting. All fields are required; only one Deliver may run at a time.
type Post struct {
	Outbox     Outbox
	Signer     *keystore.Signer
	Letterhead *letter.Letterhead
	Relay      *mailer.Pool
	Pace       *mailer.Pace
	Sender     Sender
	Counts     func(ctx context.Context, payDate payroll.Date) (payroll.DigestCounts, error) // for HR's digest
	LinkValid  time.Duration
	Retry      payroll.Retry
	GiveUp     time.Duration // how long a notice without a secret is tried
	Grace      time.Duration // how long a mail on the wire may take after a shutdown signal
	Now        func() time.Time
	Metrics    *Metrics
	Log        *slog.Logger

	tally tally
}

const (
	postBundle = 16               // notices in one claim; small, since the urgent go first in each
	postLanes  = 2                // notices under way at once
	postRound  = 45 * time.Second // one Deliver takes no longer, and its notices no longer than postLease
	postSlack  = time.Minute

	// codeValid is how long a code is good. The form says the same.
	codeValid = 15 * time.Minute
)

// Deliver sends what is due, until nothing is or the round is over. After ctx has
// ended nothing further leaves, but the outcome of what is on the wire is waited
// for and written down.
func (p *Post) Deliver(ctx context.Context) error {
	round, cancel := context.WithTimeout(ctx, postRound)
	defer cancel()
	for round.Err() == nil {
		notices, err := p.Outbox.ClaimNotices(round, postBundle, postRound+p.Grace+postSlack)
		if err != nil && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("deliver notices: %w", err)
		}
		var lanes errgroup.Group
		lanes.SetLimit(postLanes)
		for _, n := range notices {
			lanes.Go(func() error {
				p.carry(round, ctx, n)
				return nil
			})
		}
		_ = lanes.Wait() // carry keeps its surprises
		if len(notices) < postBundle {
			return nil
		}
	}
	return nil
}

// errMoot says that a notice cannot or need not be sent, ever.
var errMoot = errors.New("the notice is moot")

// carry delivers one notice and deals with what must not stop the others. signal
// ends with the process, ctx with the round too.
func (p *Post) carry(ctx, signal context.Context, n payroll.Notice) {
	outcome, err := p.deliver(ctx, n)
	aftermath, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(p.Grace, time.Second))
	defer cancel()
	if errors.Is(err, errMoot) {
		p.drop(aftermath, n, err)
		return
	}
	if err != nil {
		outcome = payroll.Outcome{Kind: payroll.Deferred, Phase: "unsent"}
		if signal.Err() == nil {
			p.Log.Warn("notice could not be sent now", "notice", n.ID, "kind", n.Kind, "error", err)
		}
	}
	retry := p.Retry.Fate(outcome, n.Tries+1, p.Now(), p.giveUp(n)).Due
	if err != nil && signal.Err() != nil { // another worker may go on at once
		retry = p.Now()
	}
	p.finish(aftermath, n, outcome, retry)
}

func (p *Post) drop(ctx context.Context, n payroll.Notice, why error) {
	p.Metrics.notice(n.Kind, "dropped")
	p.Log.Warn("notice dropped", "notice", n.ID, "kind", n.Kind, "error", why)
	if err := p.Outbox.DropNotice(ctx, n.ID); err != nil {
		p.Log.Error("notice could not be dropped", "notice", n.ID, "error", err)
	}
}

func (p *Post) finish(ctx context.Context, n payroll.Notice, o payroll.Outcome, retry time.Time) {
	p.Metrics.notice(n.Kind, string(o.Kind))
	switch {
	case o.Kind == payroll.Accepted:
		p.Log.Info("notice sent", "notice", n.ID, "kind", n.Kind)
	default:
		p.Log.Warn("notice was not accepted", "notice", n.ID, "kind", n.Kind, "outcome", o.Kind, "phase", o.Phase, "code", o.Code, "again", !retry.IsZero())
	}
	if err := p.Outbox.FinishNotice(ctx, n.ID, o, retry); err != nil {
		// When the lease is over the notice is sent again, with another secret.
		p.Log.Error("outcome of a notice could not be written", "notice", n.ID, "outcome", o.Kind, "error", err)
	}
}

// valid is how long a notice's secret is good; 0 if it has none.
func (p *Post) valid(k payroll.NoticeKind) time.Duration {
	switch {
	case k.SecretLink():
		return p.LinkValid
	case k.SecretCode():
		return codeValid
	}
	return 0
}

// giveUp is the moment from which a notice is not tried again: a link or a code
// is of no use to somebody who asked for it longer ago than it would be good.
func (p *Post) giveUp(n payroll.Notice) time.Time {
	if valid := p.valid(n.Kind); valid > 0 {
		return n.Created.Add(valid)
	}
	return n.Created.Add(p.GiveUp)
}

// deliver carries one notice as Conveyor.Deliver carries a slip. Its secret is
// written down, as a hash, before the first byte goes out. It returns an error
// only where nothing was sent.
func (p *Post) deliver(ctx context.Context, n payroll.Notice) (payroll.Outcome, error) {
	if p.valid(n.Kind) > 0 && !p.Now().Before(p.giveUp(n)) {
		return payroll.Outcome{}, fmt.Errorf("%w: whoever asked for it waits no longer", errMoot)
	}
	if ctx.Err() != nil {
		return payroll.Outcome{}, fmt.Errorf("send notice: %w", ctx.Err())
	}
	message, secret, err := p.write(ctx, n)
	if err != nil {
		return payroll.Outcome{}, err
	}
	line, err := p.Relay.Line(ctx)
	if err != nil {
		return payroll.Outcome{}, fmt.Errorf("get a line to the relay: %w", err)
	}
	defer line.Release()
	if err := p.Pace.Wait(ctx, message.To()); err != nil {
		return payroll.Outcome{}, fmt.Errorf("wait for the pace: %w", err)
	}
	if valid := p.valid(n.Kind); valid > 0 {
		err := p.Outbox.ArmNotice(context.WithoutCancel(ctx), n.ID, secret, valid)
		if errors.Is(err, payroll.ErrNotFound) {
			return payroll.Outcome{}, fmt.Errorf("%w: it was called back meanwhile", errMoot)
		}
		if err != nil {
			return payroll.Outcome{}, fmt.Errorf("arm notice: %w", err)
		}
	}
	if ctx.Err() != nil { // the signal came meanwhile: no further mail leaves
		return payroll.Outcome{}, fmt.Errorf("send notice: %w", ctx.Err())
	}
	patient, cancel := afterSignal(ctx, p.Grace)
	defer cancel()
	return line.Send(patient, message), nil
}
