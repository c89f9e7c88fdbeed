// Package smtptest is a real SMTP relay in this process, for tests, benchmarks
// and the demo. emersion/go-smtp speaks the protocol; a thin layer under it
// reads along, terminates TLS and can do to any command what bad days do:
// drop, stall, refuse, answer rubbish, answer in pieces.
//
// It must never be linked into anything that sends real slips: product code
// does not import it, except the demo. Read [Options] and [Fault] first.
package smtptest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// TLS says how a relay protects its connections.
type TLS int

// The three ways.
const (
	StartTLS TLS = iota // offers STARTTLS and takes no mail without it
	Implicit            // TLS from the first byte
	Plain               // none at all
)

// Options shape a relay. The zero value listens on a free port of 127.0.0.1,
// offers STARTTLS, wants no login and keeps every message in memory.
type Options struct {
	Listener   net.Listener  // nil: TCP on Address
	Address    string        // "" : 127.0.0.1:0
	TLS        TLS           //
	Names      []string      // names and addresses in the certificate; nil: localhost, 127.0.0.1, ::1
	Expires    time.Time     // of the certificate; zero: in a day
	Username   string        // "": no login wanted
	Password   string        //
	Mechanisms []string      // of AUTH; nil: PLAIN and LOGIN
	Hide       []string      // extensions not to offer, such as "PIPELINING"
	MaxSize    int64         // bytes, announced by SIZE; 0: no limit
	RoundTrip  time.Duration // added to every answer
	Faults     []Fault       //
	Seed       uint64        // of the faults that come by chance
	Transcript bool          // keep every command line for Commands

	// Took is called for every message taken, by many goroutines at once. If it
	// is nil, messages are kept for Messages.
	Took func(Message)
	// Sink lifts message bodies off the wire whole, past go-smtp's reader, which
	// looks at every byte: several times faster, for benchmarks. A message's Data
	// is then valid only until Took returns.
	Sink bool
}

// Message is one message that the relay took responsibility for.
type Message struct {
	Connection int      // counts the relay's connections from 1
	From       string   // reverse-path
	To         []string // forward-paths
	Data       []byte   // as written by the client, dots unstuffed
	EnvelopeID string   // ENVID
	Return     string   // RET
	SizeGiven  int64    // SIZE
	Secure     bool     // came over TLS
}

// Relay is a running relay.
type Relay struct {
	options  Options
	server   *smtp.Server
	listener net.Listener
	tls      *tls.Config
	ca       authority
	done     chan struct{}
	served   chan struct{}
	stalled  chan struct{}

	mu          sync.Mutex
	script      script
	release     chan struct{}
	connections int
	open        map[*wire]struct{}
	messages    []Message
	commands    []string
}

// Serve starts a relay; Close stops it.
func Serve(o Options) (*Relay, error) {
	if o.Names == nil {
		o.Names = []string{"localhost", "127.0.0.1", "::1"}
	}
	if o.Expires.IsZero() {
		o.Expires = time.Now().Add(24 * time.Hour)
	}
	ca, certificate, err := newAuthority(o.Names, o.Expires)
	if err != nil {
		return nil, fmt.Errorf("make the relay's certificate: %w", err)
	}
	listener := o.Listener
	if listener == nil {
		address := o.Address
		if address == "" {
			address = "127.0.0.1:0"
		}
		if listener, err = net.Listen("tcp", address); err != nil {
			return nil, fmt.Errorf("start relay: %w", err)
		}
	}
	r := &Relay{
		options: o, listener: listener, ca: ca,
		// Session tickets are written at a moment when a client on an unbuffered
		// pipe is not reading.
		tls:     &tls.Config{Certificates: []tls.Certificate{certificate}, SessionTicketsDisabled: true, DynamicRecordSizingDisabled: true},
		done:    make(chan struct{}),
		served:  make(chan struct{}),
		stalled: make(chan struct{}, 1024),
		release: make(chan struct{}),
		open:    make(map[*wire]struct{}),
		script:  script{faults: slices.Clone(o.Faults), random: rand.New(rand.NewPCG(o.Seed, 1))},
	}
	r.server = r.newServer()
	go func() {
		defer close(r.served)
		_ = r.server.Serve(&gate{Listener: listener, relay: r}) // ends with Close
	}()
	return r, nil
}

func (r *Relay) newServer() *smtp.Server {
	s := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{relay: r, wire: c.Conn().(*wire)}, nil
	}))
	s.Domain = "relay.example"
	s.AllowInsecureAuth = true // the wire hides AUTH until TLS is there
	s.MaxMessageBytes = r.options.MaxSize
	s.EnableDSN = true
	s.ErrorLog = log.New(io.Discard, "", 0)
	return s
}

// Host is the host to dial, as text.
func (r *Relay) Host() string {
	host, _, _ := net.SplitHostPort(r.listener.Addr().String())
	return host
}

// Port is the port to dial.
func (r *Relay) Port() int {
	_, port, _ := net.SplitHostPort(r.listener.Addr().String())
	number, _ := strconv.Atoi(port)
	return number
}

// CAs holds the authority that signed the relay's certificate.
func (r *Relay) CAs() *x509.CertPool { return r.ca.pool() }

// CAPEM is the same authority as PEM text.
func (r *Relay) CAPEM() []byte { return r.ca.pem }

// Messages are copies of the list of messages taken so far, in the order in
// which they were taken.
func (r *Relay) Messages() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages)
}

// Commands are the command lines so far, of all connections, without the
// arguments of AUTH. Empty without Options.Transcript.
func (r *Relay) Commands() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.commands)
}

// Connections is how many connections were opened so far, and how many of them
// are open now.
func (r *Relay) Connections() (ever, now int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.connections, len(r.open)
}

// Inject adds faults to those that the relay knows.
func (r *Relay) Inject(faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.script.faults = append(r.script.faults, faults...)
}

// Heal forgets all faults and lets go of what is stalled.
func (r *Relay) Heal() {
	r.mu.Lock()
	r.script.faults, r.script.struck = nil, nil
	r.mu.Unlock()
	r.Release()
}

// Stalled gives one value for every stall that begins.
func (r *Relay) Stalled() <-chan struct{} { return r.stalled }

// Release lets go of every connection that is stalled now.
func (r *Relay) Release() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.release)
	r.release = make(chan struct{})
}

// Hangup cuts every open connection, as a restart of the relay would.
func (r *Relay) Hangup() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for w := range r.open {
		_ = w.raw.Close()
	}
}

// Close stops the relay, cuts its connections and waits for their ends.
func (r *Relay) Close() error {
	select {
	case <-r.done:
		return nil
	default:
		close(r.done)
	}
	_ = r.listener.Close() // go-smtp knows it only once it serves
	r.Hangup()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err := r.server.Shutdown(ctx)
	<-r.served
	if err != nil && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("stop relay: %w", err)
	}
	return nil
}

func (r *Relay) took(m Message) {
	if r.options.Took != nil {
		r.options.Took(m)
		return
	}
	if r.options.Sink {
		m.Data = slices.Clone(m.Data)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages = append(r.messages, m)
}

// stall blocks until Release or Close.
func (r *Relay) stall() {
	r.mu.Lock()
	release := r.release
	r.mu.Unlock()
	select {
	case r.stalled <- struct{}{}:
	default:
	}
	select {
	case <-release:
	case <-r.done:
	}
}

func (r *Relay) noted(line string) {
	if !r.options.Transcript {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.commands = append(r.commands, line)
}

func (r *Relay) fault(at Command, recipients []string) (Fault, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.script.match(at, recipients)
}
