package mailer

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/payseal/payseal/payroll"
)

// The patience of RFC 5321 §4.5.3.2 for each command. That for the final dot is
// Relay.Patience.
const (
	mailPatience  = 5 * time.Minute
	rcptPatience  = 5 * time.Minute
	dataPatience  = 2 * time.Minute
	blockPatience = 3 * time.Minute
	lastWords     = 5 * time.Second // for QUIT, and for an answer after a broken write
)

// blockSize is how much of a message goes out in one write.
const blockSize = 256 << 10

// conn is one connection to the relay, logged in. One goroutine at a time uses
// it. After an error it is cut, never sent QUIT: a relay must not take a QUIT or
// an end of file for the end of a message.
type conn struct {
	relay      Relay
	raw        *records
	in         *bufio.Reader
	out        *bufio.Writer
	pipelining bool
	dsn        bool
	size       bool
	sizeLimit  int64 // 0: not announced
	uses       int   // transactions tried
	dirty      bool  // a transaction was left open: RSET comes first
	lastUsed   time.Time
}

// result is what became of one transaction.
type result struct {
	outcome payroll.Outcome
	trouble trouble
	dead    bool // the connection is of no more use
	stale   bool // it was dead before anything of the message could leave
}

// step is one command of a transaction and the answer it hopes for.
type step struct {
	phase    string
	line     string
	patience time.Duration
	wants    int // the code, or its first digit
}

func (s step) takes(r reply) bool { return r.code == s.wants || r.code/100 == s.wants }

const reset = "RSET"

// steps are the commands before the message itself. RSET may stand at the head
// of a pipelined group, DATA must be its end (RFC 2920 §3.1).
func (c *conn) steps(m Message) []step {
	var steps []step
	if c.dirty {
		steps = append(steps, step{phaseMail, reset, mailPatience, 2})
	}
	return append(steps,
		step{phaseMail, c.mailLine(m), mailPatience, 2},
		step{phaseRcpt, "RCPT TO:<" + string(m.to) + ">", rcptPatience, 2},
		step{phaseData, "DATA", dataPatience, 354})
}

func (c *conn) mailLine(m Message) string {
	line := "MAIL FROM:<" + string(m.from) + ">"
	if c.size {
		line += fmt.Sprintf(" SIZE=%d", m.Size())
	}
	if c.dsn {
		line += " RET=HDRS"
		if id := xtext(m.id); len(id) <= 100 { // RFC 3461 §4.4
			line += " ENVID=" + id
		}
	}
	return line
}

// xtext encodes a Message-ID for a command (RFC 3461 §4).
func xtext(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "+", "+2B"), "=", "+3D")
}

// send carries one message. A cancelled context ends it at once up to the first
// byte of the message; from there on the relay's answer is waited for, as long
// as the grace allows.
func (c *conn) send(ctx context.Context, m Message) result {
	w := c.watch(ctx)
	defer w.end()
	c.uses++
	res, willing := c.announce(w, m)
	if willing {
		res = c.deliver(w, m)
	}
	if res.dead {
		_ = c.raw.Close()
	}
	c.lastUsed = time.Now()
	return res
}

// announce goes through the commands before the message. Willing says that the
// relay waits for the message.
func (c *conn) announce(w *watch, m Message) (res result, willing bool) {
	steps := c.steps(m)
	if c.pipelining {
		if err := c.writeSteps(w, steps...); err != nil {
			return c.silent(steps[0], 0), false
		}
	}
	refused := false
	for i, s := range steps {
		if !c.pipelining {
			if refused {
				break
			}
			if err := c.writeSteps(w, s); err != nil {
				return c.silent(s, i), false
			}
		}
		answer, err := c.read(w, s.patience)
		switch {
		case err != nil && refused:
			res.dead = true
			return res, false
		case err != nil:
			return c.silent(s, i), false
		case refused && s.takes(answer) && s.phase == phaseData:
			return c.takeBack(w, res), false
		case refused || s.takes(answer):
			continue
		}
		refused = true
		res = c.answered(s.phase, answer, m)
		if s.line == reset {
			res.dead, res.stale = true, true
		}
		if res.dead {
			return res, false
		}
	}
	c.dirty = refused
	return res, !refused
}

// takeBack answers a relay that waits for a message though it refused the
// recipient: the lone dot of RFC 2920 §3.1. One that refused the sender and
// waits all the same might mail the nothing; it is cut off.
func (c *conn) takeBack(w *watch, res result) result {
	c.dirty = true
	if res.outcome.Phase != phaseRcpt {
		res.dead = true
		return res
	}
	w.within(dataPatience)
	if err := c.write([]byte(finalDot)); err != nil {
		res.dead = true
		return res
	}
	answer, err := c.read(w, c.relay.Patience)
	res.dead = err != nil || answer.code == 421
	return res
}

// deliver writes the message and waits for the answer to its final dot.
func (c *conn) deliver(w *watch, m Message) result {
	if !w.commit() {
		return c.silent(step{phase: phaseData}, 1)
	}
	for wire := m.wire; len(wire) > 0; {
		block := wire[:min(len(wire), blockSize)]
		wire = wire[len(block):]
		w.within(blockPatience)
		c.raw.hold()
		if err := cmp.Or(c.write(block), c.raw.release()); err != nil {
			return c.interrupted(w, m)
		}
	}
	answer, err := c.read(w, c.relay.Patience)
	if err != nil {
		return result{outcome: payroll.Outcome{Kind: payroll.Unsure, Phase: phaseDot}, trouble: lostLine, dead: true}
	}
	if answer.code/100 == 2 {
		c.dirty = false
		return result{outcome: payroll.Outcome{Kind: payroll.Accepted, Phase: phaseDot, Code: answer.code, Reply: answer.sanitised(m.to)}}
	}
	return c.answered(phaseDot, answer, m)
}

// interrupted is the end of a message that could not be written to its end. A
// write that fails has not sent its last byte, so the final dot is not out; but
// the relay may have said why it hung up.
func (c *conn) interrupted(w *watch, m Message) result {
	w.within(lastWords)
	answer, err := c.read(w, lastWords)
	res := result{outcome: payroll.Outcome{Kind: payroll.Deferred, Phase: phaseData}, trouble: lostLine}
	switch {
	case err != nil:
	case answer.code/100 == 2: // it may have taken a part for the whole
		res.outcome = payroll.Outcome{Kind: payroll.Unsure, Phase: phaseDot}
	default:
		res = c.answered(phaseData, answer, m)
	}
	res.dead = true
	return res
}

// answered judges an answer that is not the one hoped for.
func (c *conn) answered(phase string, answer reply, m Message) result {
	v := judge(phase, answer)
	res := result{
		outcome: payroll.Outcome{Kind: v.kind, Phase: phase, Code: answer.code, Reply: answer.sanitised(m.to)},
		trouble: v.trouble,
		dead:    answer.code == 421 || v.trouble == lostLine,
	}
	// 4.4.2 is the relay's idle timeout, said to a connection that we had kept.
	res.stale = answer.code == 421 && answer.enhanced == "4.4.2" && phase == phaseMail && c.uses > 1
	return res
}

// silent is what becomes of a message when there is no answer to the i-th
// command, or none that is SMTP: before the final dot it surely was not
// delivered. On a connection that has been used before and gave no answer at
// all, it most likely was dead when we took it up.
func (c *conn) silent(s step, i int) result {
	return result{
		outcome: payroll.Outcome{Kind: payroll.Deferred, Phase: s.phase},
		trouble: lostLine,
		dead:    true,
		stale:   i == 0 && c.uses > 1,
	}
}

func (c *conn) writeSteps(w *watch, steps ...step) error {
	w.within(steps[0].patience)
	var lines []byte
	for _, s := range steps {
		lines = append(lines, s.line...)
		lines = append(lines, "\r\n"...)
	}
	return c.write(lines)
}

func (c *conn) write(b []byte) error {
	if _, err := c.out.Write(b); err != nil {
		return err
	}
	return c.out.Flush()
}

func (c *conn) read(w *watch, patience time.Duration) (reply, error) {
	w.within(patience)
	return readReply(c.in)
}

// quit takes leave of the relay.
func (c *conn) quit() {
	_ = c.raw.SetDeadline(time.Now().Add(lastWords))
	if c.write([]byte("QUIT\r\n")) == nil {
		_, _ = readReply(c.in) // whatever it says, we are gone
	}
	_ = c.raw.Close()
}

// watch ties a connection's deadlines to a context.
type watch struct {
	raw   net.Conn
	grace time.Duration
	stop  func() bool

	mu        sync.Mutex
	committed bool // the message is on its way
	cancelled bool
	ended     bool
	last      time.Time // no deadline beyond this once cancelled
}

func (c *conn) watch(ctx context.Context) *watch {
	w := &watch{raw: c.raw, grace: c.relay.Grace}
	w.stop = context.AfterFunc(ctx, w.cancel)
	return w
}

func (w *watch) cancel() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended {
		return
	}
	w.cancelled, w.last = true, time.Now()
	if w.committed {
		w.last = w.last.Add(w.grace)
	}
	_ = w.raw.SetDeadline(w.last)
}

// within gives what comes next so much time.
func (w *watch) within(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	deadline := time.Now().Add(d)
	if w.cancelled && w.last.Before(deadline) {
		deadline = w.last
	}
	_ = w.raw.SetDeadline(deadline)
}

// commit says that the message goes out now. It is too late for that once the
// context is cancelled.
func (w *watch) commit() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.committed = !w.cancelled
	return w.committed
}

func (w *watch) end() {
	w.stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
}
