package payroll

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
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

// Alone reports whether one person may do what takes two: only where no second
// one has ever made their account their own. founders are the admins who have;
// disabled ones count, so that nobody gets back there.
func Alone(founders []Admin) bool { return len(founders) < FoundersNeeded }

// AdminChange is the content of a proposal about an admin.
type AdminChange struct {
	Roles []Role `json:"roles,omitempty"` // of a new admin, or the new ones of an old one
	Half  string `json:"half,omitempty"`  // SHA-256, in hexadecimal, of the half of the one-time link that the proposer has
}

// NewAdminProposal is what by wants of an admin: roles are those of a new admin or
// the new ones of an old one, half is the hash of the proposer's half of a one-time
// link, where confirming makes one.
func NewAdminProposal(kind ProposalKind, subject AdminName, roles []Role, half SecretHash, by AdminName) Proposal {
	change := AdminChange{Roles: roles}
	if kind.MakesLink() {
		change.Half = hex.EncodeToString(half[:])
	}
	content, err := json.Marshal(change)
	if err != nil { // texts always encode
		panic(err)
	}
	return Proposal{Kind: kind, Subject: subject, Content: content, ProposedBy: by}
}

// Change reads the content of a proposal about an admin.
func (p *Proposal) Change() (AdminChange, error) {
	var c AdminChange
	if err := json.Unmarshal(p.Content, &c); err != nil {
		return c, fmt.Errorf("read proposal %d: %w", p.ID, err)
	}
	return c, nil
}

// MakesLink reports whether confirming makes a one-time link, of which the
// proposer has one half and the confirmer the other: neither can become the admin
// alone.
func (k ProposalKind) MakesLink() bool { return k == ProposeAdmin || k == ProposeReset }

// Check says with an error why by cannot propose this.
func (p *Proposal) Check(by Admin) error {
	if err := by.May(RoleOperator); err != nil {
		return err
	}
	if p.Kind == ProposeSettings {
		settings, err := p.Settings()
		if err != nil {
			return err
		}
		return settings.Check()
	}
	change, err := p.Change()
	if err != nil {
		return err
	}
	if p.Kind != ProposeAdmin && p.Kind != ProposeRoles {
		return nil
	}
	if p.Kind == ProposeAdmin {
		if _, err := ParseAdminName(string(p.Subject)); err != nil {
			return err
		}
	}
	if len(change.Roles) == 0 {
		return fmt.Errorf("%w: choose at least one role", ErrInvalid)
	}
	for _, r := range change.Roles {
		if _, err := ParseRole(string(r)); err != nil {
			return err
		}
	}
	return nil
}

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

	PageSize string                       `json:"page_size,omitempty"` // "Letter"; "" is A4
	Footer   []string                     `json:"footer,omitempty"`
	Fields   map[FieldID]string           `json:"fields,omitempty"` // of SectionEmployer
	Labels   map[string]map[string]string `json:"labels,omitempty"` // words of the page, by language and name
}

// SenderID is the key that signs, and the From address in its user ID.
type SenderID struct {
	Address     Address     `json:"address"`
	Name        string      `json:"name"`
	Fingerprint Fingerprint `json:"fingerprint"`
}

// Admits reports whether the signing key of a machine is the confirmed one, or none
// was confirmed yet. With another, nothing is sent, and nothing certified.
func (id SenderID) Admits(here SenderID) bool { return id == SenderID{} || id == here }

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

// Changed reports whether slips would look other than with the letterhead before.
func (l Letterhead) Changed(before Letterhead) bool { return !l.equal(before) }

func (l Letterhead) equal(m Letterhead) bool {
	return slices.Equal(l.Address, m.Address) && l.Name == m.Name && l.Color == m.Color && l.Contact == m.Contact && l.Language == m.Language && l.LogoSHA == m.LogoSHA &&
		l.PageSize == m.PageSize && slices.Equal(l.Footer, m.Footer) && maps.Equal(l.Fields, m.Fields) && maps.EqualFunc(l.Labels, m.Labels, maps.Equal)
}
