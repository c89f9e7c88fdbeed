package console

import (
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
	"github.com/payseal/payseal/payroll/letter"
	"github.com/payseal/payseal/web/door"
)

// Company is how the company shows itself on every page.
type Company struct {
	Name     string
	Color    string         // "#rrggbb"; "" for the default
	Language string         // BCP 47, of slips for employees who have none of their own
	Zone     *time.Location // in which dates and times are shown
}

// Policy is what the configuration asks of runs and certificates.
type Policy struct {
	Required payroll.Step   // which a certificate must reach for slips to be sealed to it
	Freeze   payroll.Freeze // the change freeze
	Variance int64          // percent of last month's net pay beyond which a slip is a remark
	GiveUp   time.Duration  // how long deferred slips are tried
	Bundle   int            // slips in one job
	Late     Late           // what happens to a schedule that was missed
}

// Server is the console. Its fields are set once, before Handler is called; all
// but those that say so are required. It is safe for concurrent use.
type Server struct {
	Desk           Desk
	Company        Company
	Policy         Policy
	Origin         *url.URL                  // scheme and host of the console
	Letterhead     func() *letter.Letterhead // as it counts now
	Signer         *keystore.Signer          // certifies after a comparison, signs reports
	Identity       Identity                  // how admins prove who they are
	TrustedProxies []netip.Prefix            // whose X-Forwarded-For is believed; nil: nobody's
	// TestRelay visits a place as payseal doctor does and says what it found there;
	// with login it logs in, too. A RelayProblem says what is wrong.
	TestRelay func(ctx context.Context, p payroll.RelayPlace, login bool) (string, error) // nil: it cannot be tested here
	Notices   func(language string) ([]NoticeText, error)                                 // nil: they are not shown

	SignerAlgorithm string // in words; "" if it is not known
	MessageDomain   string // after the @ of every Message-ID; "": that of the signing key's address
	Now             func() time.Time
	Log             *slog.Logger

	Canary payroll.EmployeeNumber // to whom a test slip goes every day; "": to nobody
	Disk   func() (Disk, error)   // of the private database; nil: it is not on this machine

	waiting backlog
	walking sync.Mutex // held while somebody walks the whole audit log

	deciding sync.Map // payroll.RunID: a run that somebody approves or rejects at this moment

	once   sync.Once
	table  []route
	pages  map[string]func() *template.Template
	shelf  *door.Shelf
	rates  map[rateName]*door.Rates
	census census
	roster lastRoster
	door   *door.Door
	live   live
	api    apiRoom

	uploads uploadRoom
}

// prepare reads what is embedded. A mistake there is found by any test, and
// cannot come from outside.
func (s *Server) prepare() {
	s.once.Do(func() {
		s.table = s.routes()
		s.shelf = s.mustShelf()
		s.pages = s.mustPages()
		s.rates = newRates()
		s.door = &door.Door{
			Origin: s.Origin, TrustedProxies: s.TrustedProxies, Policy: policy, Answer: s.answerBare, Now: s.Now, Log: s.Log,
		}
	})
}

// policy lets a page load its own style, scripts and pictures, show its own PDFs,
// send its forms home, and nothing else.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"frame-src 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Handler serves every page, and the API.
func (s *Server) Handler() http.Handler {
	s.prepare()
	return s.door.Handler(s.mux())
}

// HTTP is a server for the handler with every time limit set. The caller gives
// it a listener and shuts it down, which ends the streams that go on.
func (s *Server) HTTP() *http.Server {
	h := door.HTTP(s.Handler(), s.Log)
	h.RegisterOnShutdown(s.live.close)
	return h
}
