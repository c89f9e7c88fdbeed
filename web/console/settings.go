package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// SettingsDesk is what these pages ask of the database.
type SettingsDesk interface {
	// Settings are the ones that count; ErrNotFound before the first start adopted
	// the configuration's.
	Settings(ctx context.Context) (payroll.ConfirmedSettings, error)
	SettingsHistory(ctx context.Context, before int64, limit int) ([]payroll.ConfirmedSettings, error)
	// ProposeSettings is ErrWrongState if another version than base counts by now, or
	// another proposal about settings waits.
	ProposeSettings(ctx context.Context, settings payroll.Settings, logo []byte, base int64, by payroll.AdminName) (payroll.Proposal, error)
	ProposedLogo(ctx context.Context, id payroll.ProposalID) ([]byte, error)
	// LetterheadRuns are pinned to a letterhead and have not all left.
	LetterheadRuns(ctx context.Context) ([]payroll.RunID, error)
	CertifiedEmployees(ctx context.Context) (int, error)
}

func (s *Server) settingsRoutes() []route {
	return []route{
		{method: "GET", path: "/settings", handle: s.settingsPage, roles: everybody},
		{method: "GET", path: "/settings/history", handle: s.settingsHistory, roles: everybody},
		{method: "GET", path: "/settings/letterhead", handle: s.letterheadForm, roles: everybody},
		{method: "POST", path: "/settings/letterhead", handle: s.proposeLetterhead, roles: operators, upload: true, body: maxLogo + maxForm},
		{method: "POST", path: "/settings/letterhead/preview", handle: s.previewLetterhead, roles: operators, rate: rateAsk, upload: true, body: maxLogo + maxForm},
		{method: "GET", path: "/settings/letterhead/now.pdf", handle: s.letterheadNow, roles: everybody, rate: rateAsk},
		{method: "GET", path: "/settings/proposals/{id}/letterhead.pdf", handle: s.proposedLetterhead, roles: everybody, rate: rateAsk},
		{method: "GET", path: "/settings/relay", handle: s.relayForm, roles: everybody},
		{method: "POST", path: "/settings/relay", handle: s.proposeRelay, roles: operators},
		{method: "POST", path: "/settings/relay/test", handle: s.testRelay, roles: operators, rate: rateTry},
		{method: "GET", path: "/settings/signer", handle: s.signerPage, roles: everybody},
		{method: "POST", path: "/settings/signer", handle: s.proposeSigner, roles: operators},
		{method: "GET", path: "/settings/signer/certificate.asc", handle: s.signerCertificate, roles: everybody},
		{method: "GET", path: "/settings/signer/sheet", handle: s.signerSheet, roles: everybody},
		{method: "GET", path: "/settings/notices", handle: s.noticesPage, roles: everybody},
	}
}

var settingsTrail = []Link{{Name: "Settings", Href: "/settings"}}

// confirmedSettings are the ones that count. Before anything was adopted, which
// takes a start of a worker or of the console, there are none.
func (s *Server) confirmedSettings(ctx context.Context) (payroll.ConfirmedSettings, error) {
	c, err := s.Desk.Settings(ctx)
	if errors.Is(err, payroll.ErrNotFound) {
		return c, nil
	}
	return c, err
}

// openChange is the proposal about settings that waits; nil for none.
func (s *Server) openChange(ctx context.Context) (*payroll.Proposal, error) {
	open, err := s.Desk.OpenProposals(ctx)
	for _, p := range open {
		if p.Kind == payroll.ProposeSettings {
			return &p, err
		}
	}
	return nil, err
}

// settled is what every page about settings knows: what counts, and what waits.
type settled struct {
	Now     payroll.ConfirmedSettings
	Waits   *TwoPeople
	Alarm   *Alarm // it was changed in the database, or another key lies here
	May     bool   // the visitor may propose, and nothing waits
	Trail   []Link
	operate bool
}

func (p settled) frame(f *Frame) { f.Trail, f.TwoPeople = p.Trail, p.Waits }

// Operator reports whether the visitor may propose changes at all.
func (p settled) Operator() bool { return p.operate }

func (s *Server) settled(ctx context.Context, v *visit) (settled, error) {
	now, err := s.confirmedSettings(ctx)
	if err != nil {
		return settled{}, err
	}
	page := settled{Now: now, Trail: settingsTrail, operate: v.is(operators...)}
	open, err := s.openChange(ctx)
	if err != nil {
		return page, err
	}
	if open != nil {
		banner := proposalBanner(*open, v)
		page.Waits = &banner
	}
	page.May = page.operate && open == nil && now.Version != 0 && !now.Tampered
	switch {
	case now.Tampered:
		page.Alarm = &Alarm{
			Title: "The settings were changed in the database",
			Text:  "They are not those that two people confirmed, so no worker sends anything. Find out who can write to the database, and bring the row back.",
		}
	case !now.Settings.Sender.Admits(s.senderHere()):
		page.Alarm = &Alarm{
			Title:  "Another signing key lies on this machine",
			Text:   "It is not the one that two people confirmed. A worker with such a key sends nothing: slips wait until it is confirmed, or the confirmed one is back.",
			Action: &Link{Name: "Look at it", Href: "/settings/signer"},
		}
	}
	return page, nil
}

// senderHere is the signing key on the console's machine.
func (s *Server) senderHere() payroll.SenderID {
	return payroll.SenderID{Address: s.Signer.Address(), Name: s.Signer.Name(), Fingerprint: s.Signer.Certificate().Fingerprint()}
}

// mayCertify refuses a signing key that two people have not confirmed, as a worker
// that would send with it does.
func (s *Server) mayCertify(ctx context.Context) error {
	now, err := s.confirmedSettings(ctx)
	switch {
	case err != nil:
		return err
	case now.Tampered:
		return fmt.Errorf("%w: the settings were changed in the database; nothing is certified until those that two people confirmed are back", payroll.ErrNotAllowed)
	case !now.Settings.Sender.Admits(s.senderHere()):
		return fmt.Errorf("%w: the signing key on this machine is not the one that two people confirmed; nothing is certified with it until they confirm it", payroll.ErrNotAllowed)
	}
	return nil
}

// settingsView is what settings.html shows.
type settingsView struct {
	settled
	Company, Relay, Sender []Fact
	Places                 []place
}

func (p settingsView) frame(f *Frame) {
	p.settled.frame(f)
	f.Trail = nil
}

// place is a page below the settings, or beside them.
type place struct {
	Link
	Text string
}

var settingsPlaces = []place{
	{Link{Name: "Notices", Href: "/settings/notices", Icon: "mail"}, "Every mail that is no slip, as it reads in each language."},
	{Link{Name: "Retention", Href: "/settings/retention", Icon: "clock"}, "How long what is kept, by country."},
	{Link{Name: "Schedules", Href: "/schedules", Icon: "calendar"}, "When runs leave by themselves, and holidays."},
	{Link{Name: "Admins", Href: "/admins", Icon: "people"}, "Who runs payseal, and what each may do."},
	{Link{Name: "Proposals", Href: "/proposals", Icon: "swap"}, "What one person wants and another must confirm."},
	{Link{Name: "History", Href: "/settings/history", Icon: "book"}, "Every version of these settings, and who confirmed it."},
}

func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	base, err := s.settled(r.Context(), v)
	if err != nil {
		return err
	}
	view := settingsView{settled: base, Places: settingsPlaces}
	now := base.Now.Settings
	if base.Now.Version != 0 {
		view.Company, view.Relay, view.Sender = companyFacts(now.Company), relayPlaceFacts(now.Relay), senderFacts(now.Sender)
	}
	return s.render(w, v, http.StatusOK, "settings", view)
}

func companyFacts(l payroll.Letterhead) []Fact {
	logo := Fact{Name: "Logo", Missing: "none"}
	if l.LogoSHA != "" {
		logo = Fact{Name: "Logo", Text: "on every slip"}
	}
	return []Fact{
		{Name: "Company", Text: l.Name}, {Name: "Address", Text: addressLine(l.Address), Missing: missing(addressLine(l.Address), "none")},
		{Name: "Contact", Text: l.Contact, Missing: missing(l.Contact, "none")}, {Name: "Language", Text: l.Language},
		{Name: "Colour", Text: l.Color, Figure: colorMark(l.Color)}, logo,
		{Name: "Page size", Text: cmp.Or(l.PageSize, "A4")}, {Name: "Footer", Text: strings.Join(l.Footer, " · "), Missing: missing(strings.Join(l.Footer, ""), "none")},
	}
}

func relayPlaceFacts(p payroll.RelayPlace) []Fact {
	return []Fact{
		{Name: "Relay", Text: p.Host}, {Name: "Port", Text: strconv.Itoa(p.Port)}, {Name: "TLS", Text: tlsWords[p.TLS]},
		{Name: "Username", Text: p.Username, Missing: missing(p.Username, "no login")},
	}
}

func senderFacts(id payroll.SenderID) []Fact {
	return []Fact{
		{Name: "From", Text: string(id.Address), Hint: id.Name},
		{Name: "Signing key", Fingerprint: id.Fingerprint},
	}
}
