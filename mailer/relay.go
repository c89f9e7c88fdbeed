package mailer

import (
	"context"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	"github.com/payseal/payseal/payroll"
)

// TLSMode says how the connection to the relay is protected.
type TLSMode string

// The modes. StartTLS is the default and is required, never tried: a relay that
// does not offer it gets no mail. In each of the first two the certificate is
// verified.
const (
	StartTLS    TLSMode = "starttls"
	ImplicitTLS TLSMode = "implicit"
	NoTLS       TLSMode = "none" // for a relay on this machine
)

// Relay says where the submission server is and how to treat it. Host and Port
// are required; the zero value of everything else is a good default.
type Relay struct {
	Host      string
	Port      int
	TLS       TLSMode        // "": StartTLS
	RootCAs   *x509.CertPool // nil: the system's
	HelloName string         // "": this machine's name

	Username string // "": no login
	Password string

	Connections           int // at most; 0: 1
	MessagesPerConnection int // then QUIT and a new connection; 0: 100

	Patience   time.Duration // for the answer to the final dot; 0: 10 minutes (RFC 5321 §4.5.3.2.6)
	Grace      time.Duration // for the same, once the context is cancelled; 0: 20 seconds
	FirstDelay time.Duration // of the back-off; 0: 1 second
	MaxDelay   time.Duration // of the back-off; 0: 5 minutes

	// RefusalsInARow is how many messages the relay may refuse with none accepted
	// between before further refusals count as trouble with the relay: the slips
	// are deferred and the pool backs off. 0: 20; below 0: without limit.
	RefusalsInARow int

	// Dial opens the connection; nil: TCP, 30 seconds.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Jitter gives numbers from 0 to below 1; nil: at random.
	Jitter func() float64
}

// String names the relay and nothing else, so that no password is printed.
func (r Relay) String() string { return fmt.Sprintf("relay %s:%d (%s)", r.Host, r.Port, r.TLS) }

// GoString is String.
func (r Relay) GoString() string { return r.String() }

// MarshalText is String.
func (r Relay) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// withDefaults fills what was left zero and refuses what cannot be.
func (r Relay) withDefaults() (Relay, error) {
	r.TLS = orDefault(r.TLS, StartTLS)
	r.Connections = orDefault(r.Connections, 1)
	r.MessagesPerConnection = orDefault(r.MessagesPerConnection, 100)
	r.Patience = orDefault(r.Patience, 10*time.Minute)
	r.Grace = orDefault(r.Grace, 20*time.Second)
	r.FirstDelay = orDefault(r.FirstDelay, time.Second)
	r.MaxDelay = orDefault(r.MaxDelay, 5*time.Minute)
	r.RefusalsInARow = orDefault(r.RefusalsInARow, 20)
	if r.Dial == nil {
		r.Dial = (&net.Dialer{Timeout: 30 * time.Second}).DialContext
	}
	if r.Jitter == nil {
		r.Jitter = rand.Float64
	}
	switch {
	case r.Host == "" || r.Port < 1 || r.Port > 65535:
		return r, fmt.Errorf("%w: the relay needs a host and a port", payroll.ErrInvalid)
	case !slices.Contains([]TLSMode{StartTLS, ImplicitTLS, NoTLS}, r.TLS):
		return r, fmt.Errorf("%w: the relay's TLS is starttls, implicit or none", payroll.ErrInvalid)
	case r.Connections < 1 || r.MessagesPerConnection < 1:
		return r, fmt.Errorf("%w: the relay needs at least one connection and one message on each", payroll.ErrInvalid)
	case r.TLS == NoTLS && r.Username != "" && !thisMachine(r.Host):
		return r, fmt.Errorf("%w: a login needs TLS, unless the relay is on this machine", payroll.ErrInvalid)
	}
	return r, nil
}

func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}

func thisMachine(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}
