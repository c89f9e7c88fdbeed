package smtptest

import (
	"context"
	"net"
	"sync"
	"time"
)

// Pipe is a listener inside this process, without sockets, so that a relay can
// run under testing/synctest. Its connections have no buffer.
type Pipe struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

// NewPipe makes a listener for Options.Listener.
func NewPipe() *Pipe {
	return &Pipe{conns: make(chan net.Conn), done: make(chan struct{})}
}

// Dial connects to the listener; network and address are not looked at.
func (p *Pipe) Dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case p.conns <- server:
		return client, nil
	case <-p.done:
		return nil, &net.OpError{Op: "dial", Net: "pipe", Err: net.ErrClosed}
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for a Dial.
func (p *Pipe) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}

// Close ends the listener; its connections go on.
func (p *Pipe) Close() error {
	p.once.Do(func() { close(p.done) })
	return nil
}

// Addr is a name to dial that the relay's default certificate covers.
func (p *Pipe) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "localhost:587" }

// farConn delays all that is written to the client by one round trip, as if the
// relay stood half a continent away. Order is kept.
type farConn struct {
	net.Conn
	delay time.Duration
	sends chan parcel
	once  sync.Once
	gone  chan struct{}
}

type parcel struct {
	due   time.Time
	bytes []byte
}

func newFarConn(conn net.Conn, delay time.Duration) *farConn {
	f := &farConn{Conn: conn, delay: delay, sends: make(chan parcel, 1024), gone: make(chan struct{})}
	go f.carry()
	return f
}

func (f *farConn) carry() {
	for {
		select {
		case p := <-f.sends:
			time.Sleep(time.Until(p.due))
			if _, err := f.Conn.Write(p.bytes); err != nil {
				return
			}
		case <-f.gone:
			return
		}
	}
}

// Write hands bytes to the carrier.
func (f *farConn) Write(b []byte) (int, error) {
	select {
	case f.sends <- parcel{due: time.Now().Add(f.delay), bytes: append([]byte(nil), b...)}:
		return len(b), nil
	case <-f.gone:
		return 0, net.ErrClosed
	}
}

// Close ends the connection at once.
func (f *farConn) Close() error {
	f.once.Do(func() { close(f.gone) })
	return f.Conn.Close()
}
