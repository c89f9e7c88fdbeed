package mailer

import (
	"context"

	"github.com/payseal/payseal/payroll"
)

// Line is one connection, lent out by a pool. One goroutine at a time uses it.
type Line struct {
	pool       *Pool
	conn       *conn // nil after a failure, until the next Send
	slot       bool
	generation int
}

// Send hands one message to the relay and says what became of it. A line may
// send many messages; after a failure it connects again by itself, by the
// pool's rules. When the context is cancelled nothing new is sent, but the
// answer to a message that is on its way is waited for, up to Relay.Grace.
func (l *Line) Send(ctx context.Context, m Message) payroll.Outcome {
	unsent := payroll.Outcome{Kind: payroll.Deferred, Phase: phaseConnect}
	if m.IsZero() || ctx.Err() != nil {
		return unsent
	}
	if l.conn == nil && l.pool.connect(ctx, l) != nil {
		return unsent
	}
	res := l.conn.send(ctx, m)
	if res.stale && ctx.Err() == nil {
		// The relay had ended the connection while it lay idle, which says nothing
		// about the relay's health. Nothing of the message has left.
		l.conn = nil
		if l.pool.dial(ctx, l) != nil {
			return unsent
		}
		res = l.conn.send(ctx, m)
	}
	if ctx.Err() == nil || res.outcome.Kind == payroll.Accepted {
		res = l.pool.learn(l, res)
	}
	switch {
	case res.dead:
		l.conn = nil
	case l.conn.uses >= l.pool.relay.MessagesPerConnection:
		l.pool.part(l)
	}
	return res.outcome
}

// Release gives the connection back to the pool. A line that was released must
// not be used again.
func (l *Line) Release() { l.pool.release(l) }
