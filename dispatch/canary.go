package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Cage is what the canary needs of the database.
type Cage interface {
	Chores
	Now(ctx context.Context) (time.Time, error)
	CreateCanary(ctx context.Context, number payroll.EmployeeNumber) error
	Canary(ctx context.Context) (payroll.CanaryPulse, error)
	RaiseAlarm(ctx context.Context, a payroll.Alarm) error
}

// Canary is a specimen that goes to one employee every day, through the same rooms
// as every slip, so that what is broken is found out before the pay date. All
// fields are required.
type Canary struct {
	Cage         Cage
	Employee     payroll.EmployeeNumber
	Hour, Minute int // when, by the clock of Zone
	Zone         *time.Location
	Log          *slog.Logger
}

const (
	canaryChore = "canary"
	canaryAlarm = "canary_alarm" // one alarm for each canary
)

// Keep writes the day's canary once its time has come, and raises an alarm if the
// last one was refused or for too long none was taken.
func (c *Canary) Keep(ctx context.Context) error {
	now, err := c.Cage.Now(ctx)
	if err == nil {
		err = errors.Join(c.write(ctx, now), c.listen(ctx, now))
	}
	if err != nil {
		return fmt.Errorf("keep the canary: %w", err)
	}
	return nil
}

func (c *Canary) write(ctx context.Context, now time.Time) error {
	due := payroll.DateOf(now.In(c.Zone)).At(c.Hour, c.Minute, c.Zone)
	if now.Before(due) {
		return nil
	}
	begun, err := c.Cage.BeginChore(ctx, canaryChore, due, choreLease)
	if err != nil || !begun {
		return err
	}
	switch err := c.Cage.CreateCanary(ctx, c.Employee); {
	case errors.Is(err, payroll.ErrNotFound):
		c.Log.Error("alarm: the canary's employee has no certificate that counts")
		if err := c.Cage.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmCanary, Words: payroll.CanaryKeyless}); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	return c.Cage.FinishChore(ctx, canaryChore, due)
}

// listen raises one alarm for each canary that did not sing: who has settled it is
// not told again until the next day.
func (c *Canary) listen(ctx context.Context, now time.Time) error {
	pulse, err := c.Cage.Canary(ctx)
	if err != nil {
		return err
	}
	alarm, raised := pulse.Alarm(now)
	if !raised {
		return nil
	}
	begun, err := c.Cage.BeginChore(ctx, canaryAlarm, *pulse.Written, choreLease)
	if err != nil || !begun {
		return err
	}
	c.Log.Error("alarm: the canary", "words", alarm.Words)
	if err := c.Cage.RaiseAlarm(ctx, alarm); err != nil {
		return err
	}
	return c.Cage.FinishChore(ctx, canaryAlarm, *pulse.Written)
}
