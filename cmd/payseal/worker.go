package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// bundlesAtOnce overlaps the end of one bundle with the start of the next.
const bundlesAtOnce = 2

// workerMemory is what a worker stays under, for the most part, whatever scripts
// its slips are in: opened fonts of Chinese, Japanese and Korean take half of it.
// The collector works harder when it comes near, and seldom before.
const (
	workerMemory    = 160 << 20
	workerGCPercent = 400
)

func newWorker(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "worker",
		Short: "Send what is due until a signal comes; any number may share one database",
		Long: "worker takes slips of sending runs, seals and mails them, and rings the schedule. It\n" +
			"also mails what the form and the commands want told: links, codes, test slips.\n" +
			"On SIGTERM it takes no new slip, waits delivery.shutdown_grace for the mails on the\n" +
			"wire, and gives the rest back.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			debug.SetMemoryLimit(workerMemory)
			debug.SetGCPercent(workerGCPercent)
			return a.withVault(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				log := newLogger(cmd.ErrOrStderr(), c.Worker)
				return work(cmd.Context(), c, store, log)
			})
		},
	}
}

// work runs one worker, and its pages for machines, until ctx ends.
func work(ctx context.Context, c config.Config, store *postgres.Store, log *slog.Logger) error {
	if err := refuseOldSchema(ctx, store); err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	w := &workplace{config: c, store: store, metrics: dispatch.NewMetrics(registry), refused: newRefusal(registry), log: log}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serveMetrics(ctx, c.Worker.Listen, store, registry, w.refused, log) })
	group.Go(func() error { return w.rounds(ctx) })
	return group.Wait()
}

// workplace is what one worker's rounds have in common.
type workplace struct {
	config  config.Config
	store   *postgres.Store
	metrics *dispatch.Metrics
	refused *refusal
	log     *slog.Logger
}

// round is a worker with settings that stay as they are.
type round struct {
	worker *dispatch.Worker
	ledger *postgres.Ledger
}

// open brings the rooms into one line, with what counts now.
func (w *workplace) open(ctx context.Context, c inForce) (round, error) {
	ledger := w.store.OpenLedger(ctx)
	r := round{ledger: ledger}
	conveyor, err := openConveyor(c, w.store, ledger, w.log, w.metrics)
	if err != nil {
		r.closeLedger(ctx, time.Duration(c.Delivery.ShutdownGrace))
		return r, err
	}
	if r.worker, err = w.openWorker(c, conveyor); err != nil {
		r.closeLedger(ctx, conveyor.Grace)
		conveyor.Relay.Close()
	}
	return r, err
}

// run works until ctx ends.
func (r round) run(ctx context.Context) error {
	defer r.worker.Conveyor.Relay.Close()
	err := r.worker.Run(ctx)
	r.closeLedger(ctx, r.worker.Conveyor.Grace)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // the signal came while it started
	}
	return err
}

func (r round) closeLedger(ctx context.Context, grace time.Duration) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	r.ledger.Close(closing)
}

// openWorker puts the clockwork around a conveyor.
func (w *workplace) openWorker(c inForce, conveyor *dispatch.Conveyor) (*dispatch.Worker, error) {
	queue, err := jobs.NewWorker(w.store.Pool(), conveyor, bundlesAtOnce, quiet(w.log))
	if err != nil {
		return nil, err
	}
	post, err := openPost(c.Config, w.store, conveyor)
	if err != nil {
		return nil, err
	}
	keeping, err := newHousekeeping(c.Config, w.store, conveyor.Signer, w.log)
	if err != nil {
		return nil, err
	}
	canary, err := newCanary(c.Config, w.store, w.log)
	if err != nil {
		return nil, err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &dispatch.Worker{
		Conveyor: conveyor, Jobs: queue, Pulse: w.store, Lost: w.store, Host: host, Log: w.log,
		Alarm: newAlarm(c.Config, w.store, w.log), Post: post, Usher: openUsher(c.Config, w.store, conveyor),
		Keeping: keeping, Refresh: newRefresh(c.Config, w.store, conveyor.Certifiers, w.log),
		Watch: &dispatch.Watch{Archive: w.store, Metrics: conveyor.Metrics, Log: w.log}, Canary: canary,
	}, nil
}

func newAlarm(c config.Config, store *postgres.Store, log *slog.Logger) *dispatch.Alarm {
	return &dispatch.Alarm{
		Calendar:  store,
		LateAfter: time.Duration(c.Delivery.LateAfter),
		CatchUp:   c.Delivery.LatePayday == "catch_up",
		Log:       log,
		Awaited:   func(ctx context.Context) error { return sendAwaited(ctx, c, store) },
		Actions: map[payroll.ScheduleAction]func(context.Context, payroll.Due) (string, error){
			payroll.ActionSend: func(ctx context.Context, d payroll.Due) (string, error) {
				return sendApproved(ctx, c, store, d)
			},
			payroll.ActionSync: func(ctx context.Context, _ payroll.Due) (string, error) {
				imported, err := syncRoster(ctx, store, c.HR, payroll.Machine, false)
				if err == nil && imported.Verdict != payroll.VerdictAccept {
					err = errors.New("the HR database's rows have findings (payseal employees sync --dry-run lists them)")
				}
				return "roster synced", err
			},
		},
	}
}

// sendApproved starts every approved run whose pay date lies in the month of
// the due date or before. Where there is none, and none is under way, it raises an
// alarm: nothing is sent that nobody approved.
func sendApproved(ctx context.Context, c config.Config, store *postgres.Store, d payroll.Due) (string, error) {
	runs, err := store.ApprovedRuns(ctx, d.Period.Last())
	if err != nil {
		return "", err
	}
	for _, run := range runs {
		if err := store.SendRun(ctx, run, payroll.Machine, time.Duration(c.Delivery.GiveUp), c.Delivery.Bundle); err != nil {
			return "", err
		}
	}
	if len(runs) > 0 {
		return fmt.Sprintf("%d runs started", len(runs)), nil
	}
	waits, err := store.WaitsForItsTime(ctx, d.Period.Last())
	if err != nil || waits {
		return "an approved run waits for the time that its approver set", err
	}
	paid, err := store.Paid(ctx, d.Period.First(), d.Period.Last())
	if err != nil || paid {
		return "0 runs started", err
	}
	alarm := payroll.Alarm{Kind: payroll.AlarmLatePayday, Words: d.Name + " " + d.Period.String() + ": no approved run"}
	return "no approved run", store.RaiseAlarm(ctx, alarm)
}

// sendAwaited starts approved runs that a schedule found waiting, when the time that
// their approver set has come. One that was missed since is treated as a missed
// payday is.
func sendAwaited(ctx context.Context, c config.Config, store *postgres.Store) error {
	runs, err := store.AwaitedRuns(ctx)
	if err != nil || len(runs) == 0 {
		return err
	}
	now, err := store.Now(ctx)
	if err != nil {
		return err
	}
	for _, run := range runs {
		late := now.Sub(*run.NotBefore) > time.Duration(c.Delivery.LateAfter)
		if late && c.Delivery.LatePayday != "catch_up" {
			err = alarmOnce(ctx, store, run)
		} else {
			err = store.SendRun(ctx, run.ID, payroll.Machine, time.Duration(c.Delivery.GiveUp), c.Delivery.Bundle)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// alarmOnce says of a run that its time has passed, and not again when somebody
// has settled that.
func alarmOnce(ctx context.Context, store *postgres.Store, run payroll.Run) error {
	chore := fmt.Sprintf("run %d waited", run.ID)
	begun, err := store.BeginChore(ctx, chore, *run.NotBefore, time.Hour)
	if err != nil || !begun {
		return err
	}
	alarm := payroll.Alarm{Kind: payroll.AlarmLatePayday, Run: run.ID, Words: "its time came when no worker was up"}
	if err := store.RaiseAlarm(ctx, alarm); err != nil {
		return err
	}
	return store.FinishChore(ctx, chore, *run.NotBefore)
}

// quiet lets only warnings of a library through: River counts its jobs aloud.
func quiet(log *slog.Logger) *slog.Logger {
	return slog.New(warnings{log.Handler()})
}

type warnings struct{ slog.Handler }

func (warnings) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

// newLogger logs as text for people or as JSON for programs.
func newLogger(w io.Writer, c config.Worker) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // config has checked it
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// serveMetrics serves the pages for machines until ctx ends.
func serveMetrics(ctx context.Context, listen string, store *postgres.Store, registry *prometheus.Registry, refused *refusal, log *slog.Logger) error {
	if listen == "" {
		return nil
	}
	listener, err := net.Listen("tcp", listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		log.Warn("no health checks and metrics of this worker: the address is taken; give each worker on one machine its own worker.listen", "address", listen)
		return nil
	}
	if err != nil {
		return fmt.Errorf("listen for health checks (worker.listen): %w", err)
	}
	log.Info("health and metrics", "address", listener.Addr().String())
	server := &http.Server{Handler: healthHandler(store, registry, refused), ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve health checks: %w", err)
	}
	return nil
}

// healthHandler answers /healthz (the process lives), /readyz (the database
// answers, and the worker may send) and /metrics. It shows nothing of any person.
func healthHandler(store *postgres.Store, registry *prometheus.Registry, refused *refusal) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "alive") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if _, err := store.Now(r.Context()); err != nil {
			http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
			return
		}
		if refused.now() {
			http.Error(w, "nothing is sent: the signing key or the settings are not those that two people confirmed", http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}
