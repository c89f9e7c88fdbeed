package mailer

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Leases is the one clock that all workers' mail goes by: a row per key. Lease
// reserves n places in the queue of the key, period apart, and returns how long
// it is until the first of them.
type Leases interface {
	Lease(ctx context.Context, key string, n int, period time.Duration) (time.Duration, error)
}

// leaseLength is how much of a worker's time one lease should cover: long
// enough to ask seldom, short enough that workers take turns.
const leaseLength = 200 * time.Millisecond

// stalePlace is how late a place may be taken. Later it is void, or a worker
// that was slow for a while would make up for it in one burst.
const stalePlace = 50 * time.Millisecond

// Pace holds every worker together to the rate of the relay, and to that of a
// recipient's domain where there is one. It is safe for concurrent use.
type Pace struct {
	relay   *queue
	domains map[string]*queue
}

// NewPace makes the pace for a relay. perSecond is the rate of all workers
// together; domains may have a rate of their own besides. Rates must be above 0.
func NewPace(leases Leases, host string, perSecond float64, domains map[string]float64) (*Pace, error) {
	relay, err := newQueue(leases, "relay:"+strings.ToLower(host), perSecond)
	if err != nil {
		return nil, err
	}
	p := &Pace{relay: relay, domains: make(map[string]*queue, len(domains))}
	for domain, rate := range domains {
		domain = strings.ToLower(domain)
		if p.domains[domain], err = newQueue(leases, "domain:"+domain, rate); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Wait returns when a mail to this address may begin, or with the context's or
// the leases' error. The domain's turn is waited for first, so that a slow
// domain uses up no place of the relay's.
func (p *Pace) Wait(ctx context.Context, to payroll.Address) error {
	if q := p.domains[to.Domain()]; q != nil {
		if err := q.wait(ctx); err != nil {
			return fmt.Errorf("wait for the domain's rate: %w", err)
		}
	}
	if err := p.relay.wait(ctx); err != nil {
		return fmt.Errorf("wait for the relay's rate: %w", err)
	}
	return nil
}

// queue is one key's line of places, as far as this worker has leased them.
type queue struct {
	leases Leases
	key    string
	period time.Duration // from one place to the next
	most   int           // places in one lease, if this worker were alone

	turn chan struct{} // holds one value; whoever has it may use what follows
	next time.Time     // the first place that is left
	left int
	size int // of the next lease
}

func newQueue(leases Leases, key string, perSecond float64) (*queue, error) {
	if !(perSecond > 0) || math.IsInf(perSecond, 1) {
		return nil, fmt.Errorf("set pace: %w: a rate is above 0 a second", payroll.ErrInvalid)
	}
	period := max(time.Duration(float64(time.Second)/perSecond), time.Nanosecond)
	most := max(1, int(leaseLength/period))
	q := &queue{leases: leases, key: key, period: period, most: most, size: most, turn: make(chan struct{}, 1)}
	q.turn <- struct{}{}
	return q, nil
}

func (q *queue) wait(ctx context.Context) error {
	place, err := q.place(ctx)
	if err != nil {
		return err
	}
	delay := time.Until(place)
	if delay <= 0 {
		return nil
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// place is the moment of the next place, leased if none is left.
func (q *queue) place(ctx context.Context) (time.Time, error) {
	select {
	case <-q.turn:
		defer func() { q.turn <- struct{}{} }()
	case <-ctx.Done():
		return time.Time{}, ctx.Err()
	}
	now := time.Now()
	if late := now.Add(-max(stalePlace, q.period)); q.left > 0 && q.next.Before(late) {
		void := min(q.left, int(late.Sub(q.next)/q.period)+1)
		q.left -= void
		q.next = q.next.Add(time.Duration(void) * q.period)
	}
	if q.left == 0 {
		if err := q.lease(ctx); err != nil {
			return time.Time{}, err
		}
	}
	place := q.next
	q.next = q.next.Add(q.period)
	q.left--
	return place, nil
}

// lease reserves places. Others who wait make the wait longer, and the next
// lease smaller: it is to cover leaseLength of this worker's share.
func (q *queue) lease(ctx context.Context) error {
	wait, err := q.leases.Lease(ctx, q.key, q.size, q.period)
	if err != nil {
		return err
	}
	q.next, q.left = time.Now().Add(wait), q.size
	own := time.Duration(q.size) * q.period
	share := float64(own) / float64(own+max(0, wait))
	q.size = min(q.most, max(1, int(math.Ceil(share*float64(q.most)))))
	return nil
}
