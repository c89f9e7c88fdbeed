package web

import (
	"net/http"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// manageRoutes are the pages for those who are enrolled: where one stands, and
// what one can change.
func (s *Server) manageRoutes() []route {
	const (
		upload    = keystore.MaxFile + 128<<10 // as for a certificate
		confirmed = 2*keystore.MaxFile + 1<<10 // it comes back in base64
		signed    = 64 << 10                   // a signed sentence, percent-encoded
		words     = 32 << 10                   // 2,000 characters, percent-encoded
	)
	return []route{
		{method: "GET", path: "/me", handle: s.me, session: true},
		{method: "GET", path: "/me/certificate.asc", handle: s.downloadOwn, session: true},
		{method: "GET", path: "/replace", handle: s.replace, session: true},
		{method: "POST", path: "/replace", handle: s.submitReplacement, session: true, rate: rateSubmit, upload: true, body: upload},
		{method: "POST", path: "/replace/vouch", handle: s.vouch, session: true, rate: rateSubmit, body: signed},
		{method: "GET", path: "/revoke", handle: s.revoke, session: true},
		{method: "POST", path: "/revoke", handle: s.readRevocation, session: true, rate: rateSubmit, upload: true, body: upload},
		{method: "POST", path: "/revoke/now", handle: s.revokeNow, session: true, rate: rateSubmit, body: confirmed},
		{method: "POST", path: "/revoke/ask", handle: s.askToRevoke, session: true, rate: rateSubmit, body: words},
		{method: "GET", path: "/revoke/done", handle: s.revoked, session: true},
		{method: "GET", path: "/revoke/asked", handle: s.revocationAsked, session: true},
		{method: "GET", path: "/address", handle: s.address, session: true},
		{method: "POST", path: "/address", handle: s.requestAddress, session: true, rate: rateSubmit},
		{method: "POST", path: "/address/cancel", handle: s.cancelAddress, session: true, rate: rateSubmit},
		{method: "GET", path: "/ledger", handle: s.ledger, session: true},
		{method: "POST", path: "/ledger/again", handle: s.askAgain, session: true, rate: rateSubmit},
		{method: "GET", path: "/report", handle: s.report, session: true},
		{method: "POST", path: "/report", handle: s.sendReport, session: true, rate: rateSubmit, body: words},
		{method: "GET", path: "/report/sent", handle: s.reportSent, session: true},
	}
}

// endsSoon is how long before its end a certificate's owner is warned on their
// page.
const endsSoon = 60 * 24 * time.Hour

// own is one of the visitor's certificates as a page shows it.
type own struct {
	Fingerprint payroll.Fingerprint
	HandedIn    time.Time
	Ends        *time.Time // nil: never
	Days        int        // until then
	Soon        bool
	Trouble     string // a word of the catalog "me", without its "trouble_"; "" if it can be used now
	Vouched     bool
}

// ownOf reads what is stored and judges it as a worker will before it seals.
func (s *Server) ownOf(c payroll.EnrolledCertificate, email payroll.Address) (own, error) {
	certificate, err := keystore.ReadCertificate(c.Content)
	if err != nil {
		return own{}, err
	}
	now := s.Now()
	o := own{Fingerprint: c.Fingerprint, HandedIn: c.CreatedAt, Vouched: c.Vouched}
	if ends := certificate.EncryptionEnds(now); !ends.IsZero() {
		o.Ends, o.Days = &ends, int(ends.Sub(now)/(24*time.Hour))
		o.Soon = ends.Sub(now) < endsSoon
	}
	switch problem := certificate.Problem(now); {
	case problem == payroll.HoldExpired || problem == payroll.HoldRevoked:
		o.Trouble = string(problem)
	case problem != "":
		o.Trouble = "other"
	case !certificate.Address().Same(email):
		o.Trouble = "address"
	}
	return o, nil
}

// ownIn is the visitor's certificate of a standing; nil if there is none.
func (s *Server) ownIn(e payroll.Enrolee, standing payroll.CertificateStanding) (*own, error) {
	c, found := e.Standing(standing)
	if !found {
		return nil, nil
	}
	o, err := s.ownOf(c, e.Email)
	return &o, err
}

// mePage is home: where one stands, and what one can do.
type mePage struct {
	Enrolee   payroll.Enrolee
	Current   *own // to which slips are sealed; nil: none
	Candidate *own // on its way up the ladder; nil: none
	Climb     climb
	Next      string // the page on which the candidate goes on
	Step      string // what is to be done there: a word of the catalog "me"
	Profile   string // how slips come: a word of the catalog "me"
}

// steps are by the page that comes next: the rung, and the word for what to do.
var steps = map[string]struct{ rung, word string }{
	"/certificate": {rungCertificate, "next_certificate"},
	"/proof":       {rungProof, "next_proof"},
	"/call":        {rungCall, "next_call"},
}

func (s *Server) me(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	page := mePage{Enrolee: e, Next: nextPage(e), Profile: profileWord(e.Profile)}
	if page.Current, err = s.ownIn(e, payroll.CertificateCurrent); err != nil {
		return err
	}
	if page.Candidate, err = s.ownIn(e, payroll.CertificateCandidate); err != nil {
		return err
	}
	if step, found := steps[page.Next]; found {
		candidate, _ := e.Standing(payroll.CertificateCandidate)
		page.Climb, page.Step = s.climbAt(step.rung, candidate), step.word
	}
	return s.render(w, v, http.StatusOK, "me", page)
}

// downloadOwn gives the visitor their current certificate, with the company's
// certification in it.
func (s *Server) downloadOwn(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	current, found := e.Standing(payroll.CertificateCurrent)
	if !found {
		return errNoPage
	}
	text, err := armored(current.Content)
	if err != nil {
		return err
	}
	return sendKey(w, "certificate.asc", text)
}

func profileWord(p payroll.MailProfile) string {
	switch {
	case p.Presentation == payroll.PresentationAttachment:
		return "profile_attachment"
	case p.Structure != "":
		return "profile_inline_" + p.Structure
	}
	return "profile_default"
}
