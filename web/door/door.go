// Package door is what stands between the network and a page, for every server
// that shows some: it answers for one host, lets no other site send anything,
// tells browsers what to keep shut, gives each request one line in the log, turns
// a panic into an ordinary answer, counts what each client asks for, reads forms
// within bounds and gives out static files. It knows no page, no session and no
// rule of payroll. Read [Door] and [Shelf] first.
package door

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Door is what every request to a server passes. Its fields are set once, before
// Handler is called; all but those that say so are required. It is safe for
// concurrent use.
type Door struct {
	Origin         *url.URL               // scheme and host of the server; a request for another one is refused
	TrustedProxies []netip.Prefix         // whose X-Forwarded-For is believed; nil: nobody's
	Policy         string                 // the Content-Security-Policy of every answer that sets none of its own
	Machines       func(path string) bool // which paths are answered under any host name; nil: none. HealthPath always is
	// Answer shows the visitor what an error means to them, and returns it if it
	// belongs into the log. It is called with ErrOtherHost, with ErrOtherPlace and
	// after a panic, when nothing has been written yet.
	Answer func(w http.ResponseWriter, r *http.Request, err error) (known error)
	Now    func() time.Time
	Log    *slog.Logger
}

// What the door refuses by itself, handed to [Door.Answer].
var (
	ErrOtherHost  = errors.New("request for another host")
	ErrOtherPlace = errors.New("request from another place")
)

// Handler lets through to the pages what is asked of this host and sent from no
// other site. Whatever the answer, its headers are set, a panic is caught, and
// its line is logged. The headers are defaults: a handler may replace them
// before it writes.
func (d *Door) Handler(pages http.Handler) http.Handler {
	h := d.sameOrigin(pages)
	h = d.knownHost(h)
	h = d.withHeaders(h)
	h = d.recovered(h)
	return d.logged(h)
}

// refuse answers with an error in the place of a page, of which nothing is left.
func (d *Door) refuse(w http.ResponseWriter, r *http.Request, err error) {
	l, h := LineOf(r), w.Header()
	clear(h)
	h.Set(requestIDHeader, l.ID)
	d.setHeaders(h)
	h.Set("Cache-Control", "no-store")
	l.Err = d.Answer(w, r, err)
}

// The limits of a connection. A form is filled in before it is sent, so that a
// whole request takes seconds; slow ones lose their connection. A handler whose
// answer or upload takes longer by its nature lifts them for itself, with
// [http.ResponseController].
const (
	headerTimeout = 10 * time.Second
	ReadTimeout   = 60 * time.Second // for a request with its body
	WriteTimeout  = 90 * time.Second // longer than ReadTimeout and AnswerTimeout together
	AnswerTimeout = 25 * time.Second // how long a handler may take, beside the body that is sent
	idleTimeout   = 75 * time.Second
	maxHeader     = 16 << 10
)

// HTTP is a server for the handler with every time limit set. The caller gives
// it a listener and shuts it down.
func HTTP(h http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       ReadTimeout,
		WriteTimeout:      WriteTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // strangers' broken handshakes
	}
}
