package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-co-op/gocron/v2"

	"github.com/payseal/payseal/payroll"
)

// Pulse is what a worker needs of the database to be known as alive.
type Pulse interface {
	Beat(ctx context.Context, id payroll.WorkerID, host string) error
	Leave(ctx context.Context, id payroll.WorkerID) error
}

// Jobs is the queue that hands bundles to the conveyor.
type Jobs interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
}

// Worker is one worker process: a conveyor, fed by the queue, and the clockwork
// around it. All fields but Keeping, Refresh, Watch and Canary are required.
type Worker struct {
	Conveyor *Conveyor
	Jobs     Jobs
	Pulse    Pulse
	Lost     Lost
	Alarm    *Alarm
	Post     *Post
	Usher    *Usher
	Keeping  *Housekeeping // nil: another worker does the daily chores
	Refresh  *Refresh      // nil: Web Key Directories are not asked
	Watch    *Watch        // nil: nobody looks after the audit log and the alarms
	Canary   *Canary       // nil: no specimen is sent every day
	Host     string        // the machine's name, shown to operators
	Log      *slog.Logger
}

// The rhythm of the clockwork. A dead worker's slips move again after deadAfter,
// one sweep and a little.
const (
	beatEvery  = 3 * time.Second
	sweepEvery = 2 * time.Second
	healEvery  = 5 * time.Second
	alarmEvery = 10 * time.Second
	postEvery  = time.Second
	usherEvery = 5 * time.Second
	choreEvery = time.Minute
)

// Run works until ctx ends. Then it takes no new slip, waits for the mails on
// the wire, writes down what became of them and gives the rest back.
func (w *Worker) Run(ctx context.Context) error {
	if err := w.Pulse.Beat(ctx, w.Conveyor.Worker, w.Host); err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	clockwork, err := w.clockwork(ctx)
	if err != nil {
		return fmt.Errorf("start worker: %w", err)
	}
	// The queue's own contexts must outlive the signal: Stop ends them.
	if err := w.Jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(fmt.Errorf("start worker: %w", err), clockwork.Shutdown())
	}
	clockwork.Start()
	w.Log.Info("worker started", "worker", w.Conveyor.Worker)
	<-ctx.Done()
	return w.drain(context.WithoutCancel(ctx), clockwork)
}

// drain ends the worker. It goes on beating until the last slip is done, so
// that nobody takes it for dead.
func (w *Worker) drain(ctx context.Context, clockwork gocron.Scheduler) error {
	w.Log.Info("worker drains", "grace", w.Conveyor.Grace)
	patient, cancel := context.WithTimeout(ctx, w.Conveyor.Grace+5*time.Second)
	defer cancel()
	stopped := w.Jobs.Stop(patient)
	return errors.Join(stopped, clockwork.Shutdown(), w.Pulse.Leave(patient, w.Conveyor.Worker))
}

// chime is something that is done every so often.
type chime struct {
	name  string
	every time.Duration
	do    func(context.Context) error
}

// clockwork is gocron as the alarm clock; what is to be done is in the database.
func (w *Worker) clockwork(ctx context.Context) (gocron.Scheduler, error) {
	// What is under way at the signal is waited for: a notice on the wire.
	scheduler, err := gocron.NewScheduler(gocron.WithLocation(time.UTC), gocron.WithStopTimeout(w.Conveyor.Grace+5*time.Second))
	if err != nil {
		return nil, err
	}
	live := context.WithoutCancel(ctx)
	chimes := []chime{
		{"post", postEvery, func(context.Context) error { return w.Post.Deliver(ctx) }}, // ends with the signal
		{"usher", usherEvery, w.Usher.Usher},
		{"beat", beatEvery, func(ctx context.Context) error { return w.Pulse.Beat(ctx, w.Conveyor.Worker, w.Host) }},
		{"sweep", sweepEvery, func(ctx context.Context) error { return w.Conveyor.Sweep(ctx, w.Lost) }},
		{"heal", healEvery, func(ctx context.Context) error { return w.Conveyor.Heal(ctx, w.Lost) }},
		{"alarm", alarmEvery, w.Alarm.Ring},
	}
	if w.Keeping != nil {
		chimes = append(chimes, chime{"chores", choreEvery, func(context.Context) error { return w.Keeping.Keep(ctx) }}) // may take minutes
	}
	if w.Refresh != nil {
		chimes = append(chimes, chime{"refresh", choreEvery, func(context.Context) error { return w.Refresh.Refresh(ctx) }})
	}
	if w.Watch != nil {
		chimes = append(chimes, chime{"watch", choreEvery, func(context.Context) error { return w.Watch.Keep(ctx) }}) // a long log takes minutes
	}
	if w.Canary != nil {
		chimes = append(chimes, chime{"canary", choreEvery, w.Canary.Keep})
	}
	for _, chime := range chimes {
		task := func() {
			ctx, cancel := context.WithTimeout(live, time.Minute)
			defer cancel()
			if err := chime.do(ctx); err != nil {
				w.Log.Warn("clockwork stumbled; it goes on", "task", chime.name, "error", err)
			}
		}
		_, err := scheduler.NewJob(gocron.DurationJob(chime.every), gocron.NewTask(task), gocron.WithName(chime.name),
			gocron.WithSingletonMode(gocron.LimitModeReschedule))
		if err != nil {
			return nil, err
		}
	}
	return scheduler, nil
}
