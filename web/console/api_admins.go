package console

import (
	"context"
	"fmt"
	"time"

	"github.com/payseal/payseal/payroll"
)

func adminOperations() []operation {
	return []operation{
		tells(operation{as: "GET /admins", method: "GET", path: "/admins", scope: payroll.ScopeRead, id: "admins", tag: "admins", summary: "The people who run payseal"}, (*caller).adminList),
		tells(operation{as: "GET /proposals", method: "GET", path: "/proposals", scope: payroll.ScopeRead, id: "proposals", tag: "admins", summary: "Changes that wait for a second person"},
			func(c *caller, ctx context.Context, _ *apiNothing) (apiList[apiProposal], error) {
				open, err := c.Desk.OpenProposals(ctx)
				return proposalsTo(open, ""), err
			}),
		tells(operation{as: "GET /proposals", method: "GET", path: "/decided-proposals", scope: payroll.ScopeRead, id: "decided-proposals", tag: "admins", summary: "Changes that were decided, the newest first"},
			func(c *caller, ctx context.Context, in *apiAfter) (apiList[apiProposal], error) {
				past, err := c.Desk.DecidedProposals(ctx, payroll.ProposalID(in.After), pastProposals)
				next := ""
				if len(past) == pastProposals {
					next = numberText(int64(past[len(past)-1].ID))
				}
				return proposalsTo(past, next), err
			}),
		tells(operation{as: "GET /proposals/{id}", method: "GET", path: "/proposals/{id}", scope: payroll.ScopeRead, id: "proposal", tag: "admins", summary: "One proposal"},
			func(c *caller, ctx context.Context, in *OfNumber) (apiProposal, error) {
				p, err := c.Desk.Proposal(ctx, payroll.ProposalID(in.ID))
				return proposalTo(p), err
			}),
		tells(operation{as: "POST /admins/new", also: []string{"POST /admins/{name}/roles", "POST /admins/{name}/enable", "POST /admins/{name}/reset"},
			method: "POST", path: "/proposals", scope: payroll.ScopeCommand, id: "propose", tag: "admins", summary: "Propose a change of an admin",
			about: "Nothing counts before a second person has confirmed it in the console. Of an admin who is added or reset the answer has half of the one-time link, once."}, (*caller).proposeChange),
		tells(operation{as: "POST /proposals/{id}/withdraw", method: "POST", path: "/proposals/{id}/withdraw", scope: payroll.ScopeCommand, id: "withdraw", tag: "admins", summary: "Take back one's own proposal"},
			func(c *caller, ctx context.Context, in *OfNumber) (apiProposal, error) {
				p, err := c.Desk.WithdrawProposal(ctx, payroll.ProposalID(in.ID), c.by())
				return proposalTo(p), err
			}),
		tells(operation{as: "GET /settings", method: "GET", path: "/settings", scope: payroll.ScopeRead, id: "settings", tag: "settings", summary: "The settings that take two people, as they count"},
			func(c *caller, ctx context.Context, _ *apiNothing) (apiSettings, error) {
				now, err := c.confirmedSettings(ctx)
				return settingsTo(now), err
			}),
		tells(operation{as: "POST /settings/relay", also: []string{"POST /settings/letterhead", "POST /settings/signer"},
			method: "POST", path: "/settings", scope: payroll.ScopeCommand, id: "propose-settings", tag: "settings", summary: "Propose other settings",
			about: "What is left out stays. The logo is changed on the page. Nothing counts before a second person has confirmed it in the console."}, (*caller).changeSettings),
	}
}

type apiAfter struct {
	After int64 `query:"after" minimum:"1"`
}

// apiAdmin is one of the people who run payseal.
type apiAdmin struct {
	payroll.Admin
	DisplayName string                 `json:"display_name,omitempty"`
	Employee    payroll.EmployeeNumber `json:"employee,omitempty"`
	EnrolledAt  *time.Time             `json:"enrolled_at" doc:"Null: their one-time link was not used yet."`
}

func (c *caller) adminList(ctx context.Context, _ *apiNothing) (apiList[apiAdmin], error) {
	accounts, err := c.Desk.Accounts(ctx)
	list := make([]apiAdmin, len(accounts))
	for i, a := range accounts {
		list[i] = apiAdmin{a.Admin, a.DisplayName, a.Employee, a.EnrolledAt}
	}
	return partOf(list, ""), err
}

// apiProposal is a change that takes two people.
type apiProposal struct {
	ID         payroll.ProposalID    `json:"id"`
	Kind       payroll.ProposalKind  `json:"kind"`
	Subject    payroll.AdminName     `json:"subject,omitempty"`
	What       string                `json:"what" doc:"In words."`
	Roles      []payroll.Role        `json:"roles,omitempty"`
	Settings   *payroll.Settings     `json:"settings,omitempty"`
	ProposedBy payroll.AdminName     `json:"proposed_by"`
	ProposedAt time.Time             `json:"proposed_at"`
	State      payroll.ProposalState `json:"state"`
	DecidedBy  payroll.AdminName     `json:"decided_by,omitempty"`
	DecidedAt  *time.Time            `json:"decided_at,omitempty"`
	Reason     string                `json:"reason,omitempty"`
	Half       string                `json:"half,omitempty" doc:"The proposer's half of the one-time link. It is shown this once: give it to the new admin yourself, never to whoever confirms."`
}

func proposalTo(p payroll.Proposal) apiProposal {
	a := apiProposal{
		ID: p.ID, Kind: p.Kind, Subject: p.Subject, What: proposalWords(p), ProposedBy: p.ProposedBy, ProposedAt: p.ProposedAt,
		State: p.State, DecidedBy: p.DecidedBy, DecidedAt: p.DecidedAt, Reason: p.Reason,
	}
	if p.Kind == payroll.ProposeSettings {
		if s, err := p.Settings(); err == nil {
			a.Settings = &s
		}
	} else if change, err := p.Change(); err == nil {
		a.Roles = change.Roles
	}
	return a
}

func proposalsTo(all []payroll.Proposal, next string) apiList[apiProposal] {
	list := make([]apiProposal, len(all))
	for i, p := range all {
		list[i] = proposalTo(p)
	}
	return partOf(list, next)
}

type apiPropose struct {
	Body struct {
		Kind    payroll.ProposalKind `json:"kind" enum:"admin_add,admin_roles,admin_enable,admin_reset"`
		Subject payroll.AdminName    `json:"subject" maxLength:"63"`
		Roles   []payroll.Role       `json:"roles,omitempty" maxItems:"4" nullable:"false" enum:"maker,approver,operator,auditor"`
	}
}

// proposeChange writes down what the caller wants of an admin. Here a second person
// always confirms: what the first admin may do alone is done on the page.
func (c *caller) proposeChange(ctx context.Context, in *apiPropose) (a apiProposal, err error) {
	code, half := payroll.NewCode()
	wanted := payroll.NewAdminProposal(in.Body.Kind, in.Body.Subject, in.Body.Roles, half, c.by())
	if err := wanted.Check(c.v.admin); err != nil {
		return a, err
	}
	p, err := c.Desk.Propose(ctx, wanted)
	if err != nil {
		return a, err
	}
	if a = proposalTo(p); p.Kind.MakesLink() {
		a.Half = code
	}
	return a, nil
}

// apiSettings is one version of the settings.
type apiSettings struct {
	Version     int64             `json:"version" doc:"0: nothing was adopted yet."`
	Settings    payroll.Settings  `json:"settings"`
	ProposedBy  payroll.AdminName `json:"proposed_by"`
	ConfirmedBy payroll.AdminName `json:"confirmed_by"`
	At          time.Time         `json:"at"`
	Tampered    bool              `json:"tampered" doc:"The row was changed in the database; no worker sends anything."`
}

func settingsTo(s payroll.ConfirmedSettings) apiSettings {
	return apiSettings{s.Version, s.Settings, s.ProposedBy, s.ConfirmedBy, s.At, s.Tampered}
}

// apiCompany is the letterhead without its logo.
type apiCompany struct {
	Name     string   `json:"name" maxLength:"200"`
	Address  []string `json:"address" maxItems:"8" nullable:"false"`
	Color    string   `json:"color" maxLength:"7"`
	Contact  string   `json:"contact" maxLength:"200"`
	Language string   `json:"language" maxLength:"35"`
}

type apiChangeSettings struct {
	Body struct {
		Base    int64               `json:"base" minimum:"1" doc:"The version that was looked at; if another one counts by now, nothing is proposed."`
		Company *apiCompany         `json:"company,omitempty"`
		Relay   *payroll.RelayPlace `json:"relay,omitempty"`
		Sender  payroll.Fingerprint `json:"sender,omitempty" maxLength:"64" doc:"The fingerprint of the signing key on the console's host, to propose that key."`
	}
}

// changeSettings proposes what the pages propose.
func (c *caller) changeSettings(ctx context.Context, in *apiChangeSettings) (a apiProposal, err error) {
	now, err := c.confirmedSettings(ctx)
	if err != nil {
		return a, err
	}
	wanted := now.Settings
	if company := in.Body.Company; company != nil {
		l := &wanted.Company
		l.Name, l.Address, l.Color, l.Contact, l.Language = company.Name, company.Address, company.Color, company.Contact, company.Language
		if _, err := c.drawn(wanted, now.Logo); err != nil {
			return a, err
		}
	}
	if in.Body.Relay != nil {
		wanted.Relay = *in.Body.Relay
	}
	if in.Body.Sender != "" {
		if wanted.Sender = c.senderHere(); wanted.Sender.Fingerprint != in.Body.Sender {
			return a, fmt.Errorf("%w: another key lies here than the one that you looked at", payroll.ErrWrongState)
		}
	}
	p, err := c.Desk.ProposeSettings(ctx, wanted, now.Logo, in.Body.Base, c.by())
	return proposalTo(p), err
}
