package dispatch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/payseal/payseal/payroll"
)

// tally counts for HR's digest beside the rounds of the post: to judge a hundred
// thousand certificates takes longer than anybody should wait for a code. The
// digest comes back for its numbers.
type tally struct {
	mutex   sync.Mutex
	current *count
}

// count is one counting, for one pay date.
type count struct {
	payDate payroll.Date
	done    chan struct{} // closed when what follows is there
	counts  payroll.DigestCounts
	err     error
	at      time.Time
}

const (
	tallyWait  = 3 * time.Second  // what a small company takes
	tallyLimit = 10 * time.Minute // for the whole counting
	tallyFresh = 30 * time.Minute // how long numbers may lie before they are sent
)

var errCounting = errors.New("who is ready is still being counted")

// counts are the numbers for a pay date, or errCounting. Each counting is given
// out once.
func (p *Post) counts(ctx context.Context, payDate payroll.Date) (payroll.DigestCounts, error) {
	c := p.counting(ctx, payDate)
	timer := time.NewTimer(tallyWait)
	defer timer.Stop()
	select {
	case <-c.done:
	case <-timer.C:
		return payroll.DigestCounts{}, errCounting
	case <-ctx.Done():
		return payroll.DigestCounts{}, ctx.Err()
	}
	p.tally.mutex.Lock()
	defer p.tally.mutex.Unlock()
	if p.tally.current == c {
		p.tally.current = nil
	}
	if c.payDate != payDate {
		return payroll.DigestCounts{}, errCounting
	}
	return c.counts, c.err
}

// counting is what is being counted; if nothing is, or it lay too long, it begins
// with this pay date.
func (p *Post) counting(ctx context.Context, payDate payroll.Date) *count {
	p.tally.mutex.Lock()
	defer p.tally.mutex.Unlock()
	if c := p.tally.current; c != nil && !(c.finished() && p.Now().Sub(c.at) > tallyFresh) {
		return c
	}
	c := &count{payDate: payDate, done: make(chan struct{})}
	p.tally.current = c
	patient, cancel := context.WithTimeout(context.WithoutCancel(ctx), tallyLimit)
	go func() {
		defer cancel()
		defer close(c.done)
		defer func() {
			if recover() != nil {
				c.err = fmt.Errorf("%w: a panic while it was counted", errMoot)
			}
			c.at = p.Now()
		}()
		c.counts, c.err = p.Counts(patient, payDate)
	}()
	return c
}

func (c *count) finished() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}
