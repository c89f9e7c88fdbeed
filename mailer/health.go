package mailer

import (
	"fmt"
	"time"

	"github.com/payseal/payseal/payroll"
)

// deniedFor is how long a refused login stands. Relays lock accounts that
// hammer at the door.
const deniedFor = 5 * time.Minute

// health is what a pool knows of its relay and how it behaves in consequence:
// each lost connection takes one off the number allowed, a pause asked for by
// the relay halves it, a round of accepted messages gives one back. Delays
// double with every failure in a row; a single lost connection costs none.
//
// A generation is the time between two failures: many connections feel one
// failure at once, and it counts as one.
type health struct {
	limit, most    int
	first, longest time.Duration
	jitter         func() float64

	generation  int
	failures    int // in a row
	accepted    int // since the limit last changed
	refused     int // in a row
	pausedUntil time.Time
	dialAfter   time.Time
	deniedUntil time.Time
	last        error
}

// learn takes in the result of one transaction, and reports whether anything
// changed that others may be waiting for.
func (h *health) learn(now time.Time, generation int, res result) bool {
	switch {
	case res.outcome.Kind == payroll.Accepted:
		return h.succeeded()
	case res.outcome.Kind == payroll.Refused:
		h.refused++
		return false
	}
	if res.trouble == noTrouble {
		return false
	}
	trouble := fmt.Errorf("%s: the relay answered %d", res.outcome.Phase, res.outcome.Code)
	switch res.trouble {
	case noLogin:
		h.denied(now, trouble)
	case pauseAll:
		h.pause(now, generation, trouble)
	case lostLine:
		h.lost(now, generation, fmt.Errorf("%s: the connection ended", res.outcome.Phase))
	}
	return true
}

func (h *health) succeeded() (changed bool) {
	h.failures, h.refused, h.last = 0, 0, nil
	h.accepted++
	if h.limit >= h.most || h.accepted < h.limit {
		return false
	}
	h.limit++
	h.accepted = 0
	return true
}

// counts begins a new generation, unless the failure belongs to one that has
// been counted.
func (h *health) counts(generation int, trouble error) bool {
	h.last = trouble
	if generation != h.generation {
		return false
	}
	h.generation++
	h.failures++
	h.accepted = 0
	return true
}

// lost is a connection that died at work.
func (h *health) lost(now time.Time, generation int, trouble error) {
	h.limit = max(1, h.limit-1)
	if h.counts(generation, trouble) && h.failures > 1 {
		h.dialAfter = now.Add(h.delay(h.failures - 1))
	}
}

// failedDial is a connection that could not be opened while others were.
func (h *health) failedDial(now time.Time, generation, others int, trouble error) {
	h.limit = max(1, min(h.limit, others))
	if h.counts(generation, trouble) {
		h.dialAfter = now.Add(h.delay(h.failures))
	}
}

// pause is the relay's wish to be left alone.
func (h *health) pause(now time.Time, generation int, trouble error) {
	if h.counts(generation, trouble) {
		h.limit = max(1, h.limit/2)
		h.pausedUntil = now.Add(h.delay(h.failures))
	}
}

func (h *health) denied(now time.Time, trouble error) {
	h.last = trouble
	h.deniedUntil = now.Add(deniedFor)
}

// delay is the n-th of a doubling row, somewhere in its upper half.
func (h *health) delay(n int) time.Duration {
	full := h.first
	for ; n > 1 && full < h.longest; n-- {
		full *= 2
	}
	full = min(full, h.longest)
	return full/2 + time.Duration(h.jitter()*float64(full/2))
}
