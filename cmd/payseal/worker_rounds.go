package main

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/payseal/payseal/payroll"
)

// rounds works until ctx ends. Where names are proven a round ends as by SIGTERM
// when two people have confirmed other settings, and the next one begins with
// those; while the signing key on this machine is not the confirmed one, nothing
// is sent and everything waits where it is.
func (w *workplace) rounds(ctx context.Context) error {
	if w.config.Proven() {
		if err := compareFile(ctx, w.config, w.store, w.log); err != nil {
			return err
		}
	}
	for first := true; ctx.Err() == nil; first = false {
		c, r, err := w.next(ctx)
		switch {
		case err == nil:
			if err := w.work(ctx, c, r); err != nil || !w.config.Proven() {
				return err
			}
		case errors.Is(err, errOtherKey), errors.Is(err, errTampered):
			w.refuse(ctx, err)
			w.pause(ctx)
		case first:
			return err
		case ctx.Err() == nil: // what was confirmed cannot be opened, such as a relay without its password
			w.log.Error("the worker cannot go on with the settings that count now; it tries again", "error", err)
			w.pause(ctx)
		}
	}
	return nil
}

// next opens a round with what counts now.
func (w *workplace) next(ctx context.Context) (inForce, round, error) {
	c, err := settle(ctx, w.config, w.store)
	if err != nil {
		return c, round{}, err
	}
	r, err := w.open(ctx, c)
	return c, r, err
}

// work runs a round until other settings count, or ctx ends.
func (w *workplace) work(ctx context.Context, c inForce, r round) error {
	w.refused.set(false)
	if !w.config.Proven() {
		return r.run(ctx)
	}
	ctx, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if awaitOther(ctx, w.config, w.store, c.version, true, w.log) {
			w.log.Info("other settings count; the worker begins a new round with them", "before", c.version)
		}
		stop()
	}()
	err := r.run(ctx)
	stop()
	<-watched
	return err
}

// pause waits a little before what could not be done is tried again. A key that is
// put on the machine, or back, is found then too.
func (w *workplace) pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(settingsEvery):
	}
	if err := compareFile(ctx, w.config, w.store, w.log); err != nil && ctx.Err() == nil {
		w.log.Warn("this machine's files could not be compared with the settings", "error", err)
	}
}

// refuse tells log, metrics and whoever looks after payseal that nothing is sent.
// It says so again once a minute.
func (w *workplace) refuse(ctx context.Context, why error) {
	w.refused.set(true)
	if w.refused.saidLately() {
		return
	}
	w.log.Error("alarm: nothing is sent", "error", why)
	words := wordsOtherKey
	if errors.Is(why, errTampered) {
		words = wordsTampered
	}
	if err := w.store.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmSettings, Words: words}); err != nil && ctx.Err() == nil {
		w.log.Warn("the alarm could not be raised", "error", err)
	}
}

// What the alarms say.
const (
	wordsOtherKey = "a worker's signing key is not the one that two people confirmed; it sends nothing"
	wordsTampered = "the settings were changed in the database; nothing is sent"
)

// refusal is whether a worker sends nothing because two people have not confirmed
// what it would send with.
type refusal struct {
	gauge prometheus.Gauge
	is    atomic.Bool
	said  time.Time
}

func newRefusal(registry prometheus.Registerer) *refusal {
	r := &refusal{gauge: prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "payseal_sending_refused",
		Help: "1 while nothing is sent because the signing key or the settings are not those that two people confirmed.",
	})}
	registry.MustRegister(r.gauge)
	return r
}

func (r *refusal) set(is bool) {
	r.is.Store(is)
	r.gauge.Set(map[bool]float64{true: 1}[is])
	if !is {
		r.said = time.Time{}
	}
}

func (r *refusal) now() bool { return r.is.Load() }

// saidLately reports whether it was said within a minute, and takes it for said.
func (r *refusal) saidLately() bool {
	if time.Since(r.said) < time.Minute {
		return true
	}
	r.said = time.Now()
	return false
}
