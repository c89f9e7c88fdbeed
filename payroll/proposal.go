package payroll

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// ProposalID numbers the proposals of one installation from 1.
type ProposalID int64

// ProposalKind is what a proposal would change.
type ProposalKind string

// What takes two people. Disabling an admin does not: it is what one does in an
// emergency.
const (
	ProposeAdmin    ProposalKind = "admin_add"
	ProposeRoles    ProposalKind = "admin_roles"
	ProposeEnable   ProposalKind = "admin_enable"
	ProposeReset    ProposalKind = "admin_reset" // a new one-time link for somebody whose factors are lost
	ProposeSettings ProposalKind = "settings"    // From, relay, letterhead
)

// ProposalState is what became of a proposal.
type ProposalState string

// The states.
const (
	ProposalOpen      ProposalState = "open"
	ProposalConfirmed ProposalState = "confirmed"
	ProposalDeclined  ProposalState = "declined"
	ProposalWithdrawn ProposalState = "withdrawn"
)

// Proposal is a change that one person wants and another must confirm.
type Proposal struct {
	ID         ProposalID      `json:"id"`
	Kind       ProposalKind    `json:"kind"`
	Subject    AdminName       `json:"subject,omitempty"` // whom it is about; "" of settings
	Content    json.RawMessage `json:"content"`           // an Admin, or Settings
	ProposedBy AdminName       `json:"proposed_by"`       // Machine: the configuration file says so
	ProposedAt time.Time       `json:"proposed_at"`
	State      ProposalState   `json:"state"`
	DecidedBy  AdminName       `json:"decided_by,omitempty"`
	DecidedAt  *time.Time      `json:"decided_at,omitempty"`
	Reason     string          `json:"reason,omitempty"` // of a proposal that was declined
}

// Deciders are the roles that may confirm or decline a proposal of the kind.
func (k ProposalKind) Deciders() []Role {
	if k == ProposeSettings {
		return []Role{RoleOperator, RoleApprover}
	}
	return []Role{RoleOperator, RoleApprover, RoleAuditor}
}

// Confirm is the second person's yes. It is never given by whoever proposed the
// change, nor by whom it is about. What the configuration file says was proposed
// by nobody who is known, so that two people must confirm it: the first one's
// yes makes it their proposal.
func (p *Proposal) Confirm(by Admin) error {
	if err := p.mayDecide(by); err != nil {
		return err
	}
	if p.ProposedBy == Machine {
		p.ProposedBy = by.Name
		return nil
	}
	p.State, p.DecidedBy = ProposalConfirmed, by.Name
	return nil
}

// Decline is the second person's no.
func (p *Proposal) Decline(by Admin, reason string) error {
	if err := p.mayDecide(by); err != nil {
		return err
	}
	p.State, p.DecidedBy, p.Reason = ProposalDeclined, by.Name, reason
	return nil
}

// Withdraw takes one's own proposal back.
func (p *Proposal) Withdraw(by Admin) error {
	if by.Name != p.ProposedBy {
		return fmt.Errorf("%w: proposal %d was made by somebody else; decline it", ErrNotAllowed, p.ID)
	}
	if p.State != ProposalOpen {
		return p.decided()
	}
	p.State, p.DecidedBy = ProposalWithdrawn, by.Name
	return nil
}

func (p *Proposal) mayDecide(by Admin) error {
	switch {
	case p.State != ProposalOpen:
		return p.decided()
	case by.Name == p.ProposedBy:
		return fmt.Errorf("%w: %s made proposal %d; a second person must decide it", ErrNotAllowed, by.Name, p.ID)
	case by.Name == p.Subject:
		return fmt.Errorf("%w: proposal %d is about %s; somebody else must decide it", ErrNotAllowed, p.ID, by.Name)
	}
	return by.May(p.Kind.Deciders()...)
}

func (p *Proposal) decided() error {
	return fmt.Errorf("%w: proposal %d is %s already", ErrWrongState, p.ID, p.State)
}

// FoundersNeeded is how many people there must be before changes take two of
// them: the first one adds the second alone.
const FoundersNeeded = 2

// Alone reports whether one person may do what takes two: only where there has
// never been a second one. disabled ones count, so that nobody gets back there.
func Alone(admins []Admin) bool { return len(admins) < FoundersNeeded }

// Settings are what mails and pages show of the company, and the way they take.
// Secrets are not among them.
type Settings struct {
	Company Letterhead `json:"company"`
	Sender  SenderID   `json:"sender"`
	Relay   RelayPlace `json:"relay"`
}

// Letterhead is what stands on every page.
type Letterhead struct {
	Name     string   `json:"name"`
	Address  []string `json:"address"`
	Color    string   `json:"color"` // "#rrggbb"
	Contact  string   `json:"contact"`
	Language string   `json:"language"`
	LogoSHA  string   `json:"logo_sha256"` // hexadecimal; "" without a logo
}

// SenderID is the key that signs, and the From address in its user ID.
type SenderID struct {
	Address     Address     `json:"address"`
	Name        string      `json:"name"`
	Fingerprint Fingerprint `json:"fingerprint"`
}

// RelayPlace is where mails are handed over.
type RelayPlace struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	TLS      string `json:"tls"` // "starttls", "implicit" or "none"
	Username string `json:"username"`
}

// Equal reports whether two settings are the same to every employee.
func (s Settings) Equal(t Settings) bool {
	return s.Sender == t.Sender && s.Relay == t.Relay && s.Company.equal(t.Company)
}

func (l Letterhead) equal(m Letterhead) bool {
	same := slices.Equal(l.Address, m.Address)
	l.Address, m.Address = nil, nil
	return same && l.Name == m.Name && l.Color == m.Color && l.Contact == m.Contact && l.Language == m.Language && l.LogoSHA == m.LogoSHA
}
