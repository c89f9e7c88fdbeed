package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Calendar is what the alarm needs of the database: what is due is a row there.
type Calendar interface {
	Now(ctx context.Context) (time.Time, error)
	BeginDue(ctx context.Context, now time.Time) ([]payroll.Due, error)
	FinishDue(ctx context.Context, d payroll.Due, state payroll.DueState, note string) error
	RaiseAlarm(ctx context.Context, a payroll.Alarm) error
}

// Alarm does what the schedule says is due. All fields but Awaited are required.
type Alarm struct {
	Calendar  Calendar
	Actions   map[payroll.ScheduleAction]func(ctx context.Context, d payroll.Due) (note string, err error)
	LateAfter time.Duration                   // what is due for longer counts as missed
	CatchUp   bool                            // do what was missed; otherwise only report it
	Awaited   func(ctx context.Context) error // sends what a schedule found waiting, once its time has come; nil: nothing waits
	Log       *slog.Logger
}

// Ring looks for what is due and does it. What was missed, because no worker
// was up, is caught up or reported, as policy says: some companies never let a
// late payroll run by itself.
func (a *Alarm) Ring(ctx context.Context) error {
	now, err := a.Calendar.Now(ctx)
	if err != nil {
		return fmt.Errorf("ring: %w", err)
	}
	due, err := a.Calendar.BeginDue(ctx, now)
	if err != nil {
		return fmt.Errorf("ring: %w", err)
	}
	for _, d := range due {
		state, note := a.answer(ctx, d, now)
		a.Log.Info("schedule", "rule", d.Name, "period", d.Period.String(), "state", state, "note", note)
		if err := a.raise(ctx, d, state); err != nil {
			return fmt.Errorf("ring: %w", err)
		}
		if err := a.Calendar.FinishDue(ctx, d, state, note); err != nil {
			return fmt.Errorf("ring: %w", err)
		}
	}
	if a.Awaited == nil {
		return nil
	}
	return a.Awaited(ctx)
}

func (a *Alarm) answer(ctx context.Context, d payroll.Due, now time.Time) (payroll.DueState, string) {
	if now.Sub(d.At) > a.LateAfter && !a.CatchUp {
		return payroll.DueLate, "no worker was up in time; do it by hand (delivery.late_payday)"
	}
	note, err := a.Actions[d.Action](ctx, d)
	if err != nil {
		a.Log.Error("scheduled action failed", "rule", d.Name, "error", err)
		return payroll.DueFailed, "it failed; the worker's log says why"
	}
	return payroll.DueDone, note
}

// raise makes an alarm of a payday that was missed or that failed.
func (a *Alarm) raise(ctx context.Context, d payroll.Due, state payroll.DueState) error {
	if d.Action != payroll.ActionSend || state == payroll.DueDone {
		return nil
	}
	return a.Calendar.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmLatePayday, Words: d.Name + " " + d.Period.String() + ": " + string(state)})
}
