// Package jobs is the River queue: the one kind of job there is, its retry rule,
// and enqueuing inside a caller's transaction. A job is only a wake-up ("carry a
// bundle of slips of this run"): the truth about a slip is its own row, so a job
// that is lost, doubled or late does no harm. It must never hold a rule of the
// business. Read [Deliver] and [Queue] first.
package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/payseal/payseal/payroll"
)

// Deliver asks a worker to carry one bundle of a run's slips that are due.
type Deliver struct {
	Run payroll.RunID `json:"run"`
}

// Kind names the job in River's table.
func (Deliver) Kind() string { return "deliver" }

// Queue puts jobs into River. It works none.
type Queue struct{ client *river.Client[pgx.Tx] }

// NewQueue makes a Queue that inserts within its callers' transactions.
func NewQueue() (*Queue, error) {
	client, err := river.NewClient(riverpgxv5.New(nil), &river.Config{})
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	return &Queue{client: client}, nil
}

// Enqueue inserts n bundle jobs for a run in the caller's transaction. A bundle
// that fails is not retried by River: the sweep brings its slips back.
func (q *Queue) Enqueue(ctx context.Context, tx pgx.Tx, run payroll.RunID, n int) error {
	if n == 0 {
		return nil
	}
	jobs := make([]river.InsertManyParams, n)
	for i := range jobs {
		jobs[i] = river.InsertManyParams{Args: Deliver{Run: run}, InsertOpts: &river.InsertOpts{MaxAttempts: 1}}
	}
	if _, err := q.client.InsertManyFastTx(ctx, tx, jobs); err != nil {
		return fmt.Errorf("enqueue bundles: %w", err)
	}
	return nil
}

// Carrier carries one bundle of a run.
type Carrier interface {
	Carry(ctx context.Context, run payroll.RunID) error
}

// Worker takes jobs from River and hands them to a Carrier.
type Worker struct{ client *river.Client[pgx.Tx] }

// NewWorker makes a worker that carries up to bundles bundles at once.
func NewWorker(pool *pgxpool.Pool, carrier Carrier, bundles int, log *slog.Logger) (*Worker, error) {
	workers := river.NewWorkers()
	river.AddWorker(workers, &deliverWorker{carrier: carrier})
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: bundles}},
		Workers:       workers,
		Logger:        log,
		FetchCooldown: 20 * time.Millisecond,
		JobTimeout:    -1,
	})
	if err != nil {
		return nil, fmt.Errorf("open the queue: %w", err)
	}
	return &Worker{client: client}, nil
}

// Start begins to take jobs; it does not block.
func (w *Worker) Start(ctx context.Context) error {
	if err := w.client.Start(ctx); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	return nil
}

// Stop takes no new jobs, cancels those at work and waits for them until ctx ends.
func (w *Worker) Stop(ctx context.Context) error {
	if err := w.client.StopAndCancel(ctx); err != nil {
		return fmt.Errorf("stop the queue: %w", err)
	}
	return nil
}

type deliverWorker struct {
	river.WorkerDefaults[Deliver]
	carrier Carrier
}

// Work carries one bundle.
func (d *deliverWorker) Work(ctx context.Context, job *river.Job[Deliver]) error {
	return d.carrier.Carry(ctx, job.Args.Run)
}
