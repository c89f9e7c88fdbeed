package web

import (
	"cmp"
	"context"
	"html/template"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
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
	Ask    door.Rate // links and codes by mail
	Try    door.Rate // tokens and codes that are typed or clicked
	Submit door.Rate // certificates and other forms
	Lookup door.Rate // asking another server for a certificate
	Judge  door.Rate // certificates that one employee has judged
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
	patience time.Duration          // how long an answer may take, beside the body that is sent; 0: as long as the door lets it

	once    sync.Once
	door    *door.Door
	table   []route
	catalog *catalog
	pages   map[string]map[string]func() *template.Template // by language and name
	shelf   *door.Shelf                                     // what pages load
	rates   map[rateName]*door.Rates
	judging chan struct{} // a place for each certificate that is being judged
}

// prepare reads what is embedded. A mistake there is found by the tests, and
// cannot come from outside.
func (s *Server) prepare() {
	s.once.Do(func() {
		s.door = s.newDoor()
		s.table = s.routes()
		s.catalog = readCatalog()
		s.shelf = s.mustShelf()
		s.pages = s.mustPages()
		s.rates = s.Limits.rates()
		s.judging = make(chan struct{}, judges)
		s.patience = cmp.Or(s.patience, door.AnswerTimeout)
	})
}

// judges is how many certificates are judged at once; one takes up to two
// seconds of a core.
const judges = 4

// policy lets a page load its own style, scripts, pictures and fonts, send its
// forms home, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// wellKnown is where the Web Key Directory and other things for machines are,
// which are asked for under other names, too.
const wellKnown = "/.well-known/"

// Handler serves every page, and nothing for a host that is not the origin's
// but the Web Key Directory and the health check.
func (s *Server) Handler() http.Handler {
	s.prepare()
	return s.door.Handler(s.mux())
}

// newDoor is what stands before the pages.
func (s *Server) newDoor() *door.Door {
	return &door.Door{
		Origin: s.Origin, TrustedProxies: s.TrustedProxies, Policy: policy,
		Machines: func(path string) bool { return strings.HasPrefix(path, wellKnown) },
		Answer: func(w http.ResponseWriter, r *http.Request, err error) error {
			return s.answer(w, r, s.newVisit(r, route{}, door.LineOf(r).ID), err)
		},
		Now: s.Now, Log: s.Log,
	}
}

// HTTP is a server for the handler with every time limit set. The caller gives
// it a listener and shuts it down.
func (s *Server) HTTP() *http.Server { return door.HTTP(s.Handler(), s.Log) }
