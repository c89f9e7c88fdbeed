package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/payseal/payseal/payroll"
)

// AdminsDesk is what the pages about admins ask of the database.
type AdminsDesk interface {
	Accounts(ctx context.Context) ([]payroll.Account, error)
	Founders(ctx context.Context) ([]payroll.Admin, error)
	DisableAdmin(ctx context.Context, name, by payroll.AdminName) error
	LinkEmployee(ctx context.Context, name payroll.AdminName, employee payroll.EmployeeNumber, by payroll.AdminName) error

	Propose(ctx context.Context, p payroll.Proposal) (payroll.Proposal, error)
	ChangeAlone(ctx context.Context, p payroll.Proposal, token payroll.SecretHash) error
	Proposal(ctx context.Context, id payroll.ProposalID) (payroll.Proposal, error)
	OpenProposals(ctx context.Context) ([]payroll.Proposal, error)
	DecidedProposals(ctx context.Context, before payroll.ProposalID, limit int) ([]payroll.Proposal, error)
	ConfirmProposal(ctx context.Context, id payroll.ProposalID, by payroll.AdminName, token payroll.SecretHash) (payroll.Proposal, error)
	DeclineProposal(ctx context.Context, id payroll.ProposalID, by payroll.AdminName, reason string) (payroll.Proposal, error)
	WithdrawProposal(ctx context.Context, id payroll.ProposalID, by payroll.AdminName) (payroll.Proposal, error)
}

func (s *Server) adminRoutes() []route {
	return append([]route{
		{method: "GET", path: "/admins", handle: s.adminsPage},
		{method: "GET", path: "/admins/new", handle: s.newAdminPage, roles: operators},
		{method: "POST", path: "/admins/new", handle: s.newAdmin, roles: operators, stepUp: true, takes: true},
		{method: "GET", path: "/admins/{name}", handle: s.adminPage},
		{method: "POST", path: "/admins/{name}/sessions/{id}/end", handle: s.endSessionOf, roles: operators},
		{method: "GET", path: "/admins/{name}/roles", handle: s.rolesPage, roles: operators},
		{method: "POST", path: "/admins/{name}/roles", handle: s.roles, roles: operators, stepUp: true, takes: true},
		{method: "GET", path: "/admins/{name}/disable", handle: s.disablePage, roles: operators},
		{method: "POST", path: "/admins/{name}/disable", handle: s.disable, roles: operators, stepUp: true},
		{method: "GET", path: "/admins/{name}/enable", handle: s.enablePage, roles: operators},
		{method: "POST", path: "/admins/{name}/enable", handle: s.enable, roles: operators, stepUp: true, takes: true},
		{method: "GET", path: "/admins/{name}/reset", handle: s.resetPage, roles: operators},
		{method: "POST", path: "/admins/{name}/reset", handle: s.reset, roles: operators, stepUp: true, takes: true},
		{method: "GET", path: "/admins/{name}/employee", handle: s.employeePage, roles: operators},
		{method: "POST", path: "/admins/{name}/employee", handle: s.employee, roles: operators, stepUp: true},
	}, s.proposalRoutes()...)
}

// adminsView is what admins.html shows.
type adminsView struct {
	Table Table
	Open  int
	May   bool // propose
	Alone bool
}

func adminPath(name payroll.AdminName) string { return "/admins/" + url.PathEscape(string(name)) }

func (s *Server) adminsPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	accounts, err := s.Desk.Accounts(r.Context())
	if err != nil {
		return err
	}
	open, err := s.Desk.OpenProposals(r.Context())
	if err != nil {
		return err
	}
	founders, err := s.Desk.Founders(r.Context())
	if err != nil {
		return err
	}
	table := Table{Caption: "The people who run payseal", Quiet: true, Columns: []Column{{Name: "Name"}, {Name: "Called"}, {Name: "Roles"}, {Name: "State"}}}
	for _, a := range accounts {
		var roles []Chip
		for _, role := range a.Roles {
			roles = append(roles, Chip{Word: string(role)})
		}
		state := accountChip(a)
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			{Text: string(a.Name), Href: adminPath(a.Name)}, {Text: a.DisplayName, Missing: missing(a.DisplayName, "nothing else")}, {Chips: roles}, {Chip: &state},
		}})
	}
	return s.render(w, v, http.StatusOK, "admins", adminsView{table, len(open), v.is(operators...), payroll.Alone(founders)})
}

func accountChip(a payroll.Account) Chip {
	switch {
	case a.Disabled:
		return Chip{Word: "disabled", Icon: "stop", Tone: ToneBad}
	case a.EnrolledAt == nil:
		return Chip{Word: "has not begun", Icon: "clock", Tone: ToneWarn}
	}
	return Chip{Word: "active", Icon: "check", Tone: ToneGood}
}

// adminView is what admin.html shows.
type adminView struct {
	Name    payroll.AdminName
	Facts   []Fact
	Factors Table
	Visits  Table // where they are signed in; without rows where the visitor may not see it
	Path    string
	May     bool // the visitor is an operator
	Self    bool
	Account payroll.Account
	Waiting []TwoPeople
}

func (adminView) frame(f *Frame) { f.Trail = adminsTrail }

var adminsTrail = []Link{{Name: "Admins", Href: "/admins"}}

func (s *Server) adminPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	account, err := s.Desk.Account(r.Context(), payroll.AdminName(r.PathValue("name")))
	if err != nil {
		return err
	}
	open, err := s.Desk.OpenProposals(r.Context())
	if err != nil {
		return err
	}
	state := accountChip(account)
	facts := append([]Fact{{Name: "State", Chip: &state}}, accountFacts(account)[1:]...)
	facts = append(facts, Fact{Name: "Recovery codes left", Text: strconv.Itoa(account.RecoveryCodes)})
	factors := factorTable(account.Factors)
	factors.Columns = factors.Columns[:4]
	for i := range factors.Rows {
		factors.Rows[i].Cells = factors.Rows[i].Cells[:4]
	}
	factors.Empty = &Empty{Title: "None yet", Text: "They come with the one-time link."}
	view := adminView{
		Name: account.Name, Facts: facts, Factors: factors, Path: adminPath(account.Name), May: v.is(operators...), Self: account.Name == v.admin.Name, Account: account,
	}
	if view.May || view.Self {
		if view.Visits, err = s.visitsOf(r.Context(), v, account.Name); err != nil {
			return err
		}
	}
	for _, p := range open {
		if p.Subject == account.Name {
			view.Waiting = append(view.Waiting, proposalBanner(p, v))
		}
	}
	return s.render(w, v, http.StatusOK, "admin", view)
}

// visitsOf are an admin's visits, for an operator, who may end them: a visit that
// ends makes nobody stronger, so one person is enough.
func (s *Server) visitsOf(ctx context.Context, v *visit, name payroll.AdminName) (Table, error) {
	sessions, err := s.Desk.AdminSessions(ctx, name, payroll.AdminSessionLimits)
	ends := ""
	if v.is(operators...) {
		ends = adminPath(name) + "/sessions/"
	}
	table := sessionTable("Where they are signed in", sessions, v.session.ID, ends)
	table.Empty = &Empty{Title: "Nowhere", Text: "They are not signed in."}
	return table, err
}

func (s *Server) endSessionOf(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	if err := s.Desk.EndAdminSession(r.Context(), a.Name, r.PathValue("id"), v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, adminPath(a.Name), "visits-ended")
}

func roleChoices(chosen []payroll.Role) Choices {
	c := Choices{Name: "role", Legend: "Roles", Many: true, Hint: "Whatever the roles, nobody approves what they uploaded or submitted."}
	for _, role := range payroll.Roles {
		c.Options = append(c.Options, Option{Value: string(role), Name: string(role), Hint: roleHints[role], Chosen: slices.Contains(chosen, role)})
	}
	return c
}

var roleHints = map[payroll.Role]string{
	payroll.RoleMaker:    "uploads runs, submits them, looks after people",
	payroll.RoleApprover: "approves or rejects what others submit",
	payroll.RoleOperator: "runs the installation, proposes admins and settings",
	payroll.RoleAuditor:  "reads the ledger and the audit log",
}

func rolesOf(r *http.Request) (roles []payroll.Role) {
	for _, text := range r.PostForm["role"] {
		roles = append(roles, payroll.Role(text))
	}
	return roles
}

func newAdminAsk(name string, roles []payroll.Role) ask {
	return ask{
		Head: "Add an admin", Lead: "A second person must confirm it, unless you are the only one with an account. Each of you then has one half of the one-time link, so that neither can become the new admin alone.",
		Trail: adminsTrail, Action: "/admins/new", Button: "Propose", Cancel: "/admins",
		Fields:  []Field{{Name: "name", Label: "Name", Hint: "Lower-case letters, digits, dot, hyphen, underscore; it is never given to another", Required: true, Max: 63, Value: name}},
		Choices: []Choices{roleChoices(roles)},
	}
}

func (s *Server) newAdminPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.askPage(w, r, v, newAdminAsk("", nil))
}

func (s *Server) newAdmin(w http.ResponseWriter, r *http.Request, v *visit) error {
	name := payroll.AdminName(r.PostForm.Get("name"))
	return s.propose(w, r, v, payroll.ProposeAdmin, name, rolesOf(r), newAdminAsk(string(name), rolesOf(r)))
}

// adminAsk is a form about one admin.
func adminAsk(name payroll.AdminName, act string, a ask) ask {
	a.Trail = append(slices.Clone(adminsTrail), Link{Name: string(name), Href: adminPath(name)})
	a.Action, a.Cancel = adminPath(name)+"/"+act, adminPath(name)
	return a
}

// subject is the admin whom the path names.
func (s *Server) subject(r *http.Request) (payroll.Account, error) {
	return s.Desk.Account(r.Context(), payroll.AdminName(r.PathValue("name")))
}

func rolesAsk(a payroll.Account, roles []payroll.Role) ask {
	return adminAsk(a.Name, "roles", ask{
		Head: "Change roles", Lead: "A second person must confirm it, unless you are the only one with an account. Their visits end when it counts.", Button: "Propose", Choices: []Choices{roleChoices(roles)},
	})
}

func (s *Server) rolesPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	return s.askPage(w, r, v, rolesAsk(a, a.Roles))
}

func (s *Server) roles(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	return s.propose(w, r, v, payroll.ProposeRoles, a.Name, rolesOf(r), rolesAsk(a, rolesOf(r)))
}

func disableAsk(a payroll.Account) ask {
	return adminAsk(a.Name, "disable", ask{
		Head: "Disable " + string(a.Name), Lead: "It takes one person, and counts at once.", Tone: ToneBad, Button: "Disable",
		Points: []string{"Their visits and tokens end this moment.", "What they did stays in the records.", "To enable them again takes two people."},
	})
}

func (s *Server) disablePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	return s.askPage(w, r, v, disableAsk(a))
}

func (s *Server) disable(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	if err := s.Desk.DisableAdmin(r.Context(), a.Name, v.admin.Name); err != nil {
		page := disableAsk(a)
		return s.askAgain(w, v, page, err, s.askStepUp(r, v, &page))
	}
	return redirect(w, r, adminPath(a.Name), "admin-disabled")
}

func enableAsk(a payroll.Account) ask {
	return adminAsk(a.Name, "enable", ask{Head: "Enable " + string(a.Name), Lead: "A second person must confirm it. They come back with the factors that they had.", Button: "Propose"})
}

func (s *Server) enablePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	return s.askPage(w, r, v, enableAsk(a))
}

func (s *Server) enable(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	return s.propose(w, r, v, payroll.ProposeEnable, a.Name, nil, enableAsk(a))
}

func resetAsk(a payroll.Account) ask {
	return adminAsk(a.Name, "reset", ask{
		Head: "Reset " + string(a.Name), Lead: "For somebody who has lost their factors. A second person must confirm it, unless you are the only one with an account.", Tone: ToneBad, Button: "Propose",
		Points: []string{
			"When it is confirmed, all their factors, visits and tokens go.",
			"They get a one-time link, of which you have one half and the second person the other.",
			"Make sure that it is really them who asks.",
		},
	})
}

func (s *Server) resetPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	return s.askPage(w, r, v, resetAsk(a))
}

func (s *Server) reset(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	return s.propose(w, r, v, payroll.ProposeReset, a.Name, nil, resetAsk(a))
}

func employeeAsk(a payroll.Account, number string) ask {
	return adminAsk(a.Name, "employee", ask{
		Head: "Employee of " + string(a.Name), Lead: "Samples of slips that " + string(a.Name) + " asks for are sealed to this employee's certificate.", Button: "Keep it",
		Fields: []Field{{Name: "employee", Label: "Employee number", Optional: true, Short: true, Max: 100, Value: number, Hint: "Empty for none"}},
	})
}

func (s *Server) employeePage(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	return s.askPage(w, r, v, employeeAsk(a, string(a.Employee)))
}

func (s *Server) employee(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.subject(r)
	if err != nil {
		return err
	}
	number := oneLine(r.PostForm.Get("employee"))
	if err := s.Desk.LinkEmployee(r.Context(), a.Name, payroll.EmployeeNumber(number), v.admin.Name); err != nil {
		page := employeeAsk(a, number)
		return s.askAgain(w, v, page, err, s.askStepUp(r, v, &page))
	}
	return redirect(w, r, adminPath(a.Name), "kept")
}

// propose writes down what the visitor wants of an admin, or does it at once while
// there is nobody else who could confirm it. form is shown again with what the
// rules say against it.
func (s *Server) propose(w http.ResponseWriter, r *http.Request, v *visit, kind payroll.ProposalKind, subject payroll.AdminName, roles []payroll.Role, form ask) error {
	if err := s.wantsStepUp(r, v); err != nil {
		return err
	}
	wanted := payroll.NewAdminProposal(kind, subject, roles, payroll.SecretHash{}, v.admin.Name)
	if err := wanted.Check(v.admin); err != nil {
		return s.askAgain(w, v, form, err, s.askStepUp(r, v, &form))
	}
	if err := s.useStepUp(r, v); err != nil {
		return err
	}
	founders, err := s.Desk.Founders(r.Context())
	if err != nil {
		return err
	}
	if payroll.Alone(founders) {
		return s.changeAlone(w, r, v, wanted, form)
	}
	code, half := payroll.NewCode()
	p, err := s.Desk.Propose(r.Context(), payroll.NewAdminProposal(kind, subject, roles, half, v.admin.Name))
	if err != nil {
		return s.askAgain(w, v, form, err, s.askStepUp(r, v, &form))
	}
	if !kind.MakesLink() {
		return redirect(w, r, proposalPath(p.ID), "proposed")
	}
	return s.render(w, v, http.StatusOK, "shown", shown{
		Head: "Your half of the link", Trail: proposalsTrail, Code: code, Back: proposalPath(p.ID),
		Text: "Somebody else must confirm the proposal, and gets the link. " + string(subject) + " needs both: the link from them, and this code from you. It is shown this once.",
		Points: []string{
			"Give it to " + string(subject) + " yourself, by phone or in person.",
			"Never to whoever confirms the proposal.",
			"If you lose it, withdraw the proposal and make it again.",
		},
	})
}

// changeAlone is for the first admin, who has nobody to confirm anything yet.
func (s *Server) changeAlone(w http.ResponseWriter, r *http.Request, v *visit, p payroll.Proposal, form ask) error {
	token, hash := payroll.NewToken()
	err := s.Desk.ChangeAlone(r.Context(), p, hash)
	if err != nil {
		return s.askAgain(w, v, form, err, s.askStepUp(r, v, &form))
	}
	if !p.Kind.MakesLink() {
		return redirect(w, r, adminPath(p.Subject), "kept")
	}
	return s.showLink(w, v, p.Subject, token, "")
}

// showLink shows a one-time link, once. other is who has the other half; "" if
// there is none.
func (s *Server) showLink(w http.ResponseWriter, v *visit, subject payroll.AdminName, token string, other payroll.AdminName) error {
	page := shown{
		Head: "The one-time link", Trail: adminsTrail, Secret: s.Origin.JoinPath(linkPath, token).String(), Back: adminPath(subject),
		Text:   "Give it to " + string(subject) + ", and to nobody else. It is shown this once, and ends tomorrow at this time.",
		Points: []string{"Send it where only " + string(subject) + " reads, or hand it over."},
	}
	if other != "" {
		page.Points = append(page.Points, "The second half, a code, is with "+string(other)+", who gives it to "+string(subject)+".")
	}
	return s.render(w, v, http.StatusOK, "shown", page)
}
