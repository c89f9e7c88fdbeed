package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Archive is what the watch needs of the database.
type Archive interface {
	Chores
	Now(ctx context.Context) (time.Time, error)
	WalkAudit(ctx context.Context, from int64, visit func(payroll.AuditEntry) error) error
	AuditHead(ctx context.Context) (payroll.AuditHead, error)
	PutAuditHead(ctx context.Context, h payroll.AuditHead) error
	LastAuditEntry(ctx context.Context) (payroll.AuditHead, error)
	RaiseAlarm(ctx context.Context, a payroll.Alarm) error
	OpenAlarms(ctx context.Context) (int, error)
}

// Watch looks after what nobody should change: once an hour some worker walks the
// audit log on from where it was last found whole, once a day from its beginning.
// Where it ends is remembered under a seal, so that a log that was written anew is
// found out although every hash in it fits. All fields are required; only one
// Keep may run at a time.
type Watch struct {
	Archive Archive
	Metrics *Metrics
	Log     *slog.Logger

	known payroll.AuditHead // what this process found itself; whoever writes to the database cannot put it back
}

const (
	hourlyWalk = "audit"
	dailyWalk  = "audit_whole"
)

// Keep does what is due of it, and counts the open alarms.
func (w *Watch) Keep(ctx context.Context) error {
	now, err := w.Archive.Now(ctx)
	if err == nil {
		err = w.walkDue(ctx, now)
	}
	open, countErr := w.Archive.OpenAlarms(ctx)
	if countErr == nil {
		w.Metrics.alarms.Set(float64(open))
	}
	if err = errors.Join(err, countErr); err != nil {
		return fmt.Errorf("keep watch: %w", err)
	}
	return nil
}

func (w *Watch) walkDue(ctx context.Context, now time.Time) error {
	for _, walk := range []struct {
		name  string
		every time.Duration
	}{{dailyWalk, 24 * time.Hour}, {hourlyWalk, time.Hour}} {
		due := now.UTC().Truncate(walk.every)
		begun, err := w.Archive.BeginChore(ctx, walk.name, due, choreLease)
		if err != nil {
			return err
		}
		if !begun {
			continue
		}
		if err := w.Walk(ctx, walk.name == dailyWalk); err != nil {
			return err
		}
		if err := w.Archive.FinishChore(ctx, walk.name, due); err != nil {
			return err
		}
	}
	return nil
}

// Walk walks the audit log, the whole of it or on from the remembered head, and
// raises an alarm if it is not what it was. Then it remembers where the log ends
// now, so that the next walk finds what is changed later.
func (w *Watch) Walk(ctx context.Context, whole bool) error {
	head, broken, err := w.walk(ctx, whole)
	if err != nil {
		return fmt.Errorf("walk the audit log: %w", err)
	}
	if broken != nil {
		w.Log.Error("alarm: the audit log is not what it was", "error", broken)
		alarm := payroll.Alarm{Kind: payroll.AlarmAudit, Words: strings.TrimPrefix(broken.Error(), payroll.ErrInvalid.Error()+": ")}
		if err := w.Archive.RaiseAlarm(ctx, alarm); err != nil {
			return fmt.Errorf("walk the audit log: %w", err)
		}
		if head, err = w.Archive.LastAuditEntry(ctx); err != nil {
			return fmt.Errorf("walk the audit log: %w", err)
		}
	}
	if err := w.Archive.PutAuditHead(ctx, head); err != nil {
		return fmt.Errorf("walk the audit log: %w", err)
	}
	w.known = head
	if broken == nil { // the log of the worker is a place where heads are kept, too
		w.Log.Info("the audit log is whole", "entries", head.Sequence, "head", head.Hash)
	}
	return nil
}

// walk finds where the log ends, or what is wrong with it: broken wraps
// payroll.ErrInvalid.
func (w *Watch) walk(ctx context.Context, whole bool) (head payroll.AuditHead, broken, err error) {
	known, err := w.Archive.AuditHead(ctx)
	switch {
	case errors.Is(err, payroll.ErrInvalid):
		return head, err, nil
	case err != nil:
		return head, nil, err
	case known.Sequence < w.known.Sequence:
		return head, fmt.Errorf("%w: what was remembered of the audit log was put back to an earlier entry", payroll.ErrInvalid), nil
	}
	walk := payroll.NewAuditWalk(whole, known, w.known)
	err = w.Archive.WalkAudit(ctx, walk.From(), walk.Visit)
	if err == nil {
		head, err = walk.End()
	}
	if errors.Is(err, payroll.ErrInvalid) {
		return head, err, nil
	}
	return head, nil, err
}
