package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// ErrAuth says that the relay refused the login, or offers none. Trying again
// helps nobody until a person has mended it; no slip is to blame.
var ErrAuth = errors.New("the relay refuses the login")

// connectTimeout bounds everything from the dialled connection to the end of
// the login: RFC 5321 §4.5.3.2.1 grants the banner alone five minutes.
const connectTimeout = 5 * time.Minute

// dialError is what went wrong before a connection could carry mail. The relay's
// own words are left out: they may name the user.
type dialError struct {
	during string // "connect", "login"
	code   int    // 0: there was no answer
	cause  error  // nil where the cause would quote the relay
}

func (e *dialError) Error() string {
	switch {
	case e.code != 0:
		return fmt.Sprintf("%s: the relay answered %d", e.during, e.code)
	case e.cause != nil:
		return fmt.Sprintf("%s: %v", e.during, e.cause)
	}
	return e.during + ": " + errNotSMTP.Error()
}

func (e *dialError) Unwrap() error { return e.cause }

// asDialError keeps the code of an answer and the cause of anything else.
func asDialError(during string, err error) *dialError {
	var answer *textproto.Error
	var garbled textproto.ProtocolError
	switch {
	case errors.As(err, &answer):
		return &dialError{during: during, code: answer.Code}
	case errors.As(err, &garbled):
		return &dialError{during: during}
	}
	return &dialError{during: during, cause: err}
}

// dialled is go-mail's connection together with the socket under it, which
// go-mail neither closes when a handshake fails nor gives out.
type dialled struct {
	mu   sync.Mutex
	raw  *records
	gone bool
	smtp *smtp.Client
}

// cut closes the socket, now or as soon as there is one.
func (d *dialled) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.gone = true
	if d.raw != nil {
		_ = d.raw.Close()
	}
}

func (d *dialled) keep(raw *records) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.gone {
		_ = raw.Close()
		return net.ErrClosed
	}
	d.raw = raw
	return nil
}

// dial opens a connection up to EHLO and TLS, without a login. The caller cuts
// it. Cancelling the context cuts it too, until dial returns.
func (r Relay) dial(ctx context.Context) (*dialled, error) {
	d := &dialled{}
	config := tlsConfig(r)
	options := []mail.Option{
		mail.WithPort(r.Port),
		mail.WithTimeout(connectTimeout),
		mail.WithTLSConfig(config),
		mail.WithDialContextFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return r.dialSocket(ctx, d, config, network, net.JoinHostPort(r.Host, strconv.Itoa(r.Port)))
		}),
	}
	switch r.TLS {
	case ImplicitTLS:
		options = append(options, mail.WithSSL())
	case NoTLS:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	default:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	}
	if r.HelloName != "" {
		options = append(options, mail.WithHELO(r.HelloName))
	}
	client, err := mail.NewClient(r.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("set up relay: %w", err)
	}
	stop := context.AfterFunc(ctx, d.cut)
	d.smtp, err = client.DialToSMTPClientWithContext(ctx)
	if !stop() && err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		d.cut()
		return nil, asDialError("connect", err)
	}
	return d, nil
}

// tlsConfig asks for verified TLS in large records.
func tlsConfig(r Relay) *tls.Config {
	return &tls.Config{ServerName: r.Host, RootCAs: r.RootCAs, MinVersion: tls.VersionTLS12, DynamicRecordSizingDisabled: true}
}

// dialSocket dials and, for implicit TLS, shakes hands: go-mail leaves that to
// whoever gives it a dial function.
func (r Relay) dialSocket(ctx context.Context, d *dialled, config *tls.Config, network, address string) (net.Conn, error) {
	socket, err := r.Dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	raw := &records{Conn: socket}
	if err := d.keep(raw); err != nil {
		return nil, err
	}
	if r.TLS != ImplicitTLS {
		return raw, nil
	}
	secured := tls.Client(raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secured, nil
}

// login identifies us to the relay. Over verified TLS a plain password is as
// safe as any; SCRAM comes last, because relays offer it for users who have no
// SCRAM secret stored. A refusal is ErrAuth.
func (r Relay) login(ctx context.Context, d *dialled) error {
	if r.Username == "" {
		return nil
	}
	stop := context.AfterFunc(ctx, d.cut)
	defer stop()
	_, offered := d.smtp.Extension("AUTH")
	var auth smtp.Auth
	switch mechanisms := strings.Fields(strings.ToUpper(offered)); {
	case slices.Contains(mechanisms, "PLAIN"):
		auth = smtp.PlainAuth("", r.Username, r.Password, r.Host, false)
	case slices.Contains(mechanisms, "LOGIN"):
		auth = smtp.LoginAuth(r.Username, r.Password, r.Host, false)
	case slices.Contains(mechanisms, "SCRAM-SHA-256"):
		auth = smtp.ScramSHA256Auth(r.Username, r.Password)
	default:
		return fmt.Errorf("login: %w: it offers none of PLAIN, LOGIN and SCRAM-SHA-256", ErrAuth)
	}
	if err := d.smtp.Auth(auth); err != nil {
		failed := asDialError("login", err)
		if failed.code/100 == 5 {
			failed.cause = ErrAuth
		}
		return failed
	}
	return nil
}

// open dials and logs in.
func (r Relay) open(ctx context.Context) (*conn, error) {
	d, err := r.dial(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.login(ctx, d); err != nil {
		d.cut()
		return nil, err
	}
	return r.newConn(d), nil
}

func (r Relay) newConn(d *dialled) *conn {
	has := func(extension string) bool { ok, _ := d.smtp.Extension(extension); return ok }
	_, limit := d.smtp.Extension("SIZE")
	size, _ := strconv.ParseInt(limit, 10, 64)
	return &conn{
		relay: r, raw: d.raw, in: d.smtp.Text.R, out: d.smtp.Text.W, lastUsed: time.Now(),
		pipelining: has("PIPELINING"), dsn: has("DSN"), size: has("SIZE"), sizeLimit: size,
	}
}
