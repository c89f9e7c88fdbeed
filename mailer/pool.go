package mailer

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/payseal/payseal/payroll"
)

// ErrClosed says that the pool takes no more work.
var ErrClosed = errors.New("the pool is closed")

// idleLimit is how long a connection may lie unused. Relays end idle ones after
// minutes; under load some end them after half a minute.
const idleLimit = 20 * time.Second

// Pool keeps connections to one relay: never more than Relay.Connections, fewer
// when they fail, none while the relay asks for a pause. It is safe for
// concurrent use.
type Pool struct {
	relay Relay

	mu      sync.Mutex
	wake    *time.Timer // looks for connections that lie unused too long
	idle    []*conn     // the one used last is at the end
	slots   int         // lines given out, idle connections and those that say QUIT
	quits   int         // connections that say QUIT
	health  health
	changed chan struct{} // closed and made anew whenever a waiting Line may go on
	closed  bool
}

// NewPool makes a pool. It does not connect.
func NewPool(r Relay) (*Pool, error) {
	r, err := r.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("make pool: %w", err)
	}
	p := &Pool{relay: r, changed: make(chan struct{})}
	p.health = health{limit: r.Connections, most: r.Connections, first: r.FirstDelay, longest: r.MaxDelay, jitter: r.Jitter}
	return p, nil
}

// Line waits for a healthy connection, logged in, and lends it out; Release
// gives it back. It waits as long as the context allows: connections that fail
// are dialled again with growing delays. An error is ErrAuth, ErrClosed or the
// context's.
func (p *Pool) Line(ctx context.Context) (*Line, error) {
	l := &Line{pool: p}
	if err := p.connect(ctx, l); err != nil {
		return nil, fmt.Errorf("wait for the relay: %w", err)
	}
	return l, nil
}

// connect gives a line a connection and a slot.
func (p *Pool) connect(ctx context.Context, l *Line) error {
	for {
		if err := ctx.Err(); err != nil {
			return p.explain(err)
		}
		wait, changed, dial, err := p.claim(l)
		switch {
		case err != nil:
			return err
		case l.conn != nil:
			return nil
		case dial:
			err := p.dial(ctx, l)
			if err == nil || errors.Is(err, ErrAuth) {
				return err
			}
			continue
		}
		var timer <-chan time.Time
		if wait > 0 {
			timer = time.After(wait)
		}
		select {
		case <-timer:
		case <-changed:
		case <-ctx.Done():
		}
	}
}

// explain adds the last trouble to the error of a context that ended the wait.
func (p *Pool) explain(err error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.health.last == nil {
		return err
	}
	return fmt.Errorf("%w (last trouble: %w)", err, p.health.last)
}

// claim looks for what a line can do now: take an idle connection, dial one, or
// wait, for a time if one is known, else for a change.
func (p *Pool) claim(l *Line) (wait time.Duration, changed <-chan struct{}, dial bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if l.slot { // its connection died: it queues up like everyone, for there may be fewer slots now
		l.slot = false
		p.slots--
		p.notify()
	}
	switch {
	case p.closed:
		return 0, nil, false, ErrClosed
	case now.Before(p.health.deniedUntil):
		return 0, nil, false, ErrAuth
	case now.Before(p.health.pausedUntil):
		return p.health.pausedUntil.Sub(now), p.changed, false, nil
	}
	p.retireIdle(now.Add(-idleLimit))
	if n := len(p.idle); n > 0 {
		l.conn, p.idle = p.idle[n-1], p.idle[:n-1]
		l.slot, l.generation = true, p.health.generation
		return 0, nil, false, nil
	}
	if p.slots >= p.health.limit {
		return 0, p.changed, false, nil
	}
	if now.Before(p.health.dialAfter) {
		return p.health.dialAfter.Sub(now), p.changed, false, nil
	}
	l.slot, l.generation = true, p.health.generation
	p.slots++
	return 0, nil, true, nil
}

// dial opens a new connection for a line. On failure the line gives up its slot.
func (p *Pool) dial(ctx context.Context, l *Line) error {
	c, err := p.relay.open(ctx)
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		l.conn = c
		return nil
	}
	l.slot = false
	p.slots--
	switch {
	case errors.Is(err, ErrAuth):
		p.health.denied(time.Now(), err)
	case ctx.Err() == nil:
		p.health.failedDial(time.Now(), l.generation, p.slots, err)
	}
	p.notify()
	return err
}

// learn draws the pool's lesson from one transaction, and gives it back as it
// looks in the light of those before.
func (p *Pool) learn(l *Line, res result) result {
	p.mu.Lock()
	defer p.mu.Unlock()
	if most := p.relay.RefusalsInARow; res.outcome.Kind == payroll.Refused && most > 0 && p.health.refused >= most {
		res.outcome.Kind, res.trouble = payroll.Deferred, pauseAll
	}
	if p.health.learn(time.Now(), l.generation, res) {
		p.notify()
	}
	l.generation = p.health.generation
	return res
}

// release takes a line's connection back, or its slot.
func (p *Pool) release(l *Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	defer p.notify()
	c := l.conn
	switch {
	case !l.slot:
	case c == nil:
		l.slot = false
		p.slots--
	case p.closed || p.slots > p.health.limit:
		p.leave(l)
	default:
		l.slot, l.conn = false, nil
		p.idle = append(p.idle, c)
		if p.wake == nil {
			p.wake = time.AfterFunc(idleLimit, p.retire)
		}
	}
}

// part ends a line's connection that has done its share.
func (p *Pool) part(l *Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leave(l)
}

// leave takes the connection and its slot from a line.
func (p *Pool) leave(l *Line) {
	p.farewell(l.conn)
	l.conn, l.slot = nil, false
}

// farewell says QUIT without making anyone wait for it, except those who need
// the slot: it is free when the relay knows that we are gone, so that it never
// sees more connections than it should.
func (p *Pool) farewell(c *conn) {
	p.quits++
	go func() {
		c.quit()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.slots--
		p.quits--
		p.notify()
	}()
}

// retire says goodbye to connections that lie unused, so that the relay need
// not, and looks again later while there are any.
func (p *Pool) retire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wake = nil
	if p.closed {
		return
	}
	p.retireIdle(time.Now().Add(-idleLimit))
	if len(p.idle) > 0 {
		p.wake = time.AfterFunc(idleLimit, p.retire)
	}
}

// retireIdle leaves the idle connections last used up to a moment. They stand
// in the order of that moment.
func (p *Pool) retireIdle(until time.Time) {
	for len(p.idle) > 0 && !p.idle[0].lastUsed.After(until) {
		p.farewell(p.idle[0])
		p.idle = p.idle[1:]
	}
}

func (p *Pool) notify() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Close ends the pool: idle connections say QUIT, waiting calls of Line end
// with ErrClosed. Lines that are out finish what they carry; their Release
// closes them.
func (p *Pool) Close() {
	p.mu.Lock()
	p.closed = true
	if p.wake != nil {
		p.wake.Stop()
	}
	p.retireIdle(time.Now().Add(time.Hour))
	p.notify()
	for p.quits > 0 {
		changed := p.changed
		p.mu.Unlock()
		<-changed
		p.mu.Lock()
	}
	p.mu.Unlock()
}

// Health is how a pool stands, for metrics and readiness.
type Health struct {
	Open     int       // lines given out, idle connections and those that say QUIT
	Idle     int       //
	Limit    int       // how many may be open now; less than Relay.Connections after failures
	Failures int       // in a row, with nothing accepted between
	Resumes  time.Time // when a pause or a back-off ends; zero: there is none
	Denied   bool      // the relay refuses the login
	Trouble  error     // the last one; nil if something was accepted since
}

// Health says how the pool stands.
func (p *Pool) Health() Health {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, h := time.Now(), p.health
	resumes := h.pausedUntil
	if h.dialAfter.After(resumes) {
		resumes = h.dialAfter
	}
	if !resumes.After(now) {
		resumes = time.Time{}
	}
	return Health{Open: p.slots, Idle: len(p.idle), Limit: h.limit, Failures: h.failures,
		Resumes: resumes, Denied: now.Before(h.deniedUntil), Trouble: h.last}
}
