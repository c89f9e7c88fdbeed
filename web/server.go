package web

import (
	"cmp"
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Company is how the company shows itself on every page.
type Company struct {
	Name     string         // as on the letterhead
	Color    string         // "#rrggbb"; "" for the default
	Contact  string         // whom employees ask, one line
	Language string         // BCP 47, for visitors who ask for none of ours
	Zone     *time.Location // in which dates and times are shown
}

// Publish is whose certificates the Web Key Directory gives out.
type Publish string

// The choices of [Server.Publish].
const (
	PublishNone      Publish = "none"
	PublishCompany   Publish = "company"
	PublishEmployees Publish = "employees" // the company's and the employees' certified ones
)

// Limits bound what one client may ask for, beside the limits that the database
// keeps for each employee and each code. A whole office may be one client. A
// zero rate means the default.
type Limits struct {
	Ask    Rate // links and codes by mail
	Try    Rate // tokens and codes that are typed or clicked
	Submit Rate // certificates and other forms
	Lookup Rate // asking another server for a certificate
	Judge  Rate // certificates that one employee has judged
}

// Rate lets Burst requests through at once, and one more after each Every.
type Rate struct {
	Every time.Duration
	Burst int
}

// Server is the form. Its fields are set once, before Handler is called; all but
// those that say so are required. It is safe for concurrent use.
type Server struct {
	Desk        Desk
	Company     Company
	Certificate keystore.Certificate   // the company's, as it is given out
	Certifiers  []keystore.Certificate // the company's and the ones before it: whose certifications count
	Origin      *url.URL               // scheme and host that links are made of; the Host header never is
	Required    payroll.Step           // which a certificate must reach for slips to be sealed to it
	Structure   string                 // the company's default mail structure
	// Lookup asks the Web Key Directory of the address' domain; nil: not offered.
	Lookup         func(ctx context.Context, a payroll.Address) ([]byte, error)
	Publish        Publish
	Limits         Limits         // the zero value is the default
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; nil: nobody's
	Now            func() time.Time
	Log            *slog.Logger

	missing  func(lang, key string) // is told of a word that no catalog has; nil: the log
	patience time.Duration          // how long an answer may take, beside the body that is sent; 0: answerTimeout

	once    sync.Once
	table   []route
	catalog *catalog
	pages   map[string]map[string]*template.Template // by language and name
	assets  map[string]asset                         // by name
	rates   map[rateName]*clients
	judging chan struct{} // a place for each certificate that is being judged
}

// prepare reads what is embedded. A mistake there is found by any test, and
// cannot come from outside.
func (s *Server) prepare() {
	s.once.Do(func() {
		s.table = s.routes()
		s.catalog = mustCatalog()
		s.assets = s.mustAssets()
		s.pages = s.mustPages()
		s.rates = s.Limits.clients()
		s.judging = make(chan struct{}, judges)
		s.patience = cmp.Or(s.patience, answerTimeout)
	})
}

// judges is how many certificates are judged at once; one takes up to two
// seconds of a core.
const judges = 4

// Handler serves every page, and nothing for a host that is not the origin's
// but the Web Key Directory and the health check.
func (s *Server) Handler() http.Handler {
	s.prepare()
	var h http.Handler = s.mux()
	h = s.sameOrigin(h)
	h = s.knownHost(h)
	h = s.withHeaders(h)
	h = s.recovered(h)
	return s.logged(h)
}

// The limits of a connection. A form is filled in before it is sent, so that a
// whole request takes seconds; slow ones lose their connection.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 60 * time.Second
	writeTimeout  = 90 * time.Second // longer than readTimeout and answerTimeout together
	answerTimeout = 25 * time.Second // longer than looking a certificate up takes
	idleTimeout   = 75 * time.Second
	maxHeader     = 16 << 10
)

// HTTP is a server for the handler with every time limit set. The caller gives
// it a listener and shuts it down.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // strangers' broken handshakes
	}
}
