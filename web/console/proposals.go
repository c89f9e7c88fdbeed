package console

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

func (s *Server) proposalRoutes() []route {
	return []route{
		{method: "GET", path: "/proposals", handle: s.proposalsPage},
		{method: "GET", path: "/proposals/{id}", handle: s.proposalPage},
		{method: "GET", path: "/proposals/{id}/confirm", handle: s.confirmPage, roles: deciders},
		{method: "POST", path: "/proposals/{id}/confirm", handle: s.confirm, roles: deciders, stepUp: true},
		{method: "GET", path: "/proposals/{id}/decline", handle: s.declinePage, roles: deciders},
		{method: "POST", path: "/proposals/{id}/decline", handle: s.decline, roles: deciders},
		{method: "POST", path: "/proposals/{id}/withdraw", handle: s.withdraw, roles: operators},
	}
}

// deciders may decide proposals of some kind; payroll says which.
var deciders = []payroll.Role{payroll.RoleOperator, payroll.RoleApprover, payroll.RoleAuditor}

var proposalsTrail = []Link{{Name: "Proposals", Href: "/proposals"}}

func proposalPath(id payroll.ProposalID) string {
	return "/proposals/" + strconv.FormatInt(int64(id), 10)
}

// proposalWords say what a proposal would do: "add the admin kiran as approver".
func proposalWords(p payroll.Proposal) string {
	change, err := p.Change()
	if err != nil {
		change = payroll.AdminChange{} // its page shows it as it is
	}
	switch p.Kind {
	case payroll.ProposeAdmin:
		return fmt.Sprintf("add the admin %s as %s", p.Subject, roleList(change.Roles))
	case payroll.ProposeRoles:
		return fmt.Sprintf("give %s these roles alone: %s", p.Subject, roleList(change.Roles))
	case payroll.ProposeEnable:
		return fmt.Sprintf("enable %s again", p.Subject)
	case payroll.ProposeReset:
		return fmt.Sprintf("reset the factors of %s", p.Subject)
	}
	return "change the company's settings"
}

// proposalBanner is the banner of a proposal that is open.
func proposalBanner(p payroll.Proposal, v *visit) TwoPeople {
	decidable := p
	by := p.ProposedBy
	if by == payroll.Machine {
		by = "The configuration file"
	}
	return TwoPeople{What: proposalWords(p), By: string(by), At: p.ProposedAt, Mine: decidable.Confirm(v.admin) != nil, Href: proposalPath(p.ID)}
}

var proposalChips = map[payroll.ProposalState]Chip{
	payroll.ProposalOpen:      {Word: "waits", Icon: "clock", Tone: ToneWarn},
	payroll.ProposalConfirmed: {Word: "confirmed", Icon: "check", Tone: ToneGood},
	payroll.ProposalDeclined:  {Word: "declined", Icon: "cross", Tone: ToneBad},
	payroll.ProposalWithdrawn: {Word: "withdrawn", Icon: "back"},
}

// proposalsView is what proposals.html shows.
type proposalsView struct {
	Open, Past Table
	Pager      Pager
}

// pastProposals is how many that are over stand on a page.
const pastProposals = 50

func (s *Server) proposalsPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	open, err := s.Desk.OpenProposals(r.Context())
	if err != nil {
		return err
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // 0, from the newest on, for anything else
	past, err := s.Desk.DecidedProposals(r.Context(), payroll.ProposalID(max(before, 0)), pastProposals)
	if err != nil {
		return err
	}
	view := proposalsView{
		Open: proposalTable("What waits for a second person", open, &Empty{Title: "Nothing waits", Text: "What one person proposes stands here until another has confirmed or declined it."}),
		Past: proposalTable("What was decided", past, &Empty{Title: "Nothing yet"}),
	}
	if len(past) == pastProposals {
		view.Pager.Older = "/proposals?before=" + strconv.FormatInt(int64(past[len(past)-1].ID), 10)
	}
	return s.render(w, v, http.StatusOK, "proposals", view)
}

func proposalTable(caption string, all []payroll.Proposal, empty *Empty) Table {
	table := Table{Caption: caption, Quiet: true, Empty: empty, Columns: []Column{{Name: "What"}, {Name: "By"}, {Name: "When"}, {Name: "State"}, {Name: "Decided"}}}
	for _, p := range all {
		chip := chipOf(proposalChips, p.State)
		decided := Cell{Missing: "not yet"}
		if p.DecidedAt != nil {
			decided = Cell{At: *p.DecidedAt, Hint: strings.TrimSuffix("by "+string(p.DecidedBy)+": "+p.Reason, ": ")}
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			{Text: proposalWords(p), Href: proposalPath(p.ID)}, {Text: string(p.ProposedBy)}, {At: p.ProposedAt}, {Chip: &chip}, decided,
		}})
	}
	return table
}

// proposalView is what proposal.html shows.
type proposalView struct {
	Proposal payroll.Proposal
	What     string
	Facts    []Fact
	Path     string
	May      bool   // the visitor may decide it
	Not      string // why not
	Mine     bool
	Settings *proposedSettings // of a proposal about settings
}

func (proposalView) frame(f *Frame) { f.Trail = proposalsTrail }

// proposalOf is the one that the path names.
func (s *Server) proposalOf(r *http.Request) (payroll.Proposal, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return payroll.Proposal{}, errNoPage
	}
	return s.Desk.Proposal(r.Context(), payroll.ProposalID(id))
}

func (s *Server) proposalPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	chip := chipOf(proposalChips, p.State)
	view := proposalView{
		Proposal: p, What: proposalWords(p), Path: proposalPath(p.ID), Mine: p.ProposedBy == v.admin.Name && p.State == payroll.ProposalOpen,
		Facts: []Fact{{Name: "State", Chip: &chip}, {Name: "Proposed by", Text: string(p.ProposedBy)}, {Name: "Proposed", At: p.ProposedAt}},
	}
	if p.Kind == payroll.ProposeSettings {
		if view.Settings, err = s.proposedSettings(r.Context(), p); err != nil {
			return err
		}
	}
	if p.DecidedAt != nil {
		view.Facts = append(view.Facts, Fact{Name: "Decided by", Text: string(p.DecidedBy)}, Fact{Name: "Decided", At: *p.DecidedAt},
			Fact{Name: "Reason", Text: p.Reason, Missing: missing(p.Reason, "none")})
	} else {
		view.Facts = append(view.Facts, Fact{Name: "May decide", Text: "another " + deciderWords(p.Kind)})
		trial := p
		if err := trial.Confirm(v.admin); err != nil {
			view.Not = plainly(err)
		} else {
			view.May = true
		}
	}
	return s.render(w, v, http.StatusOK, "proposal", view)
}

func deciderWords(kind payroll.ProposalKind) (words string) {
	roles := kind.Deciders()
	for i, r := range roles {
		switch {
		case i > 0 && i == len(roles)-1:
			words += " or "
		case i > 0:
			words += ", "
		}
		words += string(r)
	}
	return words
}

func confirmAsk(p payroll.Proposal) ask {
	page := ask{
		Head: "Confirm a proposal", Lead: string(p.ProposedBy) + " proposes to " + proposalWords(p) + ". With your yes it counts at once.",
		Trail: proposalsTrail, Action: proposalPath(p.ID) + "/confirm", Button: "Confirm", Cancel: proposalPath(p.ID),
	}
	if p.Kind.MakesLink() {
		page.Points = []string{
			"You get a one-time link for " + string(p.Subject) + ". It is one half; " + string(p.ProposedBy) + " has the other.",
			"Ask " + string(p.Subject) + " yourself whether this is wanted.",
		}
	}
	return page
}

func (s *Server) confirmPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	trial := p
	if err := trial.Confirm(v.admin); err != nil {
		return err
	}
	return s.askPage(w, r, v, confirmAsk(p))
}

func (s *Server) confirm(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	token, hash := NewHalfToken()
	decided, err := s.Desk.ConfirmProposal(r.Context(), p.ID, v.admin.Name, hash)
	switch {
	case err != nil:
		return err
	case decided.State == payroll.ProposalConfirmed && decided.Kind.MakesLink():
		return s.showLink(w, v, decided.Subject, token, decided.ProposedBy)
	case decided.State == payroll.ProposalOpen:
		return redirect(w, r, proposalPath(p.ID), "endorsed")
	}
	return redirect(w, r, proposalPath(p.ID), "confirmed")
}

func declineAsk(p payroll.Proposal, reason string) ask {
	return ask{
		Head: "Decline a proposal", Lead: string(p.ProposedBy) + " proposes to " + proposalWords(p) + ".", Trail: proposalsTrail,
		Action: proposalPath(p.ID) + "/decline", Button: "Decline", Cancel: proposalPath(p.ID), Tone: ToneBad,
		Fields: []Field{{Name: "reason", Label: "Reason", Required: true, Max: 500, Value: reason, Hint: "It is kept with the proposal"}},
	}
}

func (s *Server) declinePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "ask", declineAsk(p, ""))
}

func (s *Server) decline(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	reason := oneLine(r.PostForm.Get("reason"))
	if reason == "" || len(reason) > 1000 {
		return s.askAgain(w, v, declineAsk(p, reason), fmt.Errorf("%w: say why, in up to 500 characters", payroll.ErrInvalid), nil)
	}
	if _, err := s.Desk.DeclineProposal(r.Context(), p.ID, v.admin.Name, reason); err != nil {
		return s.askAgain(w, v, declineAsk(p, reason), err, nil)
	}
	return redirect(w, r, proposalPath(p.ID), "declined")
}

func (s *Server) withdraw(w http.ResponseWriter, r *http.Request, v *visit) error {
	p, err := s.proposalOf(r)
	if err != nil {
		return err
	}
	if _, err := s.Desk.WithdrawProposal(r.Context(), p.ID, v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, proposalPath(p.ID), "withdrawn")
}
