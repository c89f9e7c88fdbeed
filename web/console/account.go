package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/payseal/payseal/payroll"
)

// AccountDesk is what these pages, and those of getting in, ask of the database.
type AccountDesk interface {
	SignInDesk
	AdminsDesk

	Account(ctx context.Context, name payroll.AdminName) (payroll.Account, error)
	SecurityEvents(ctx context.Context, name payroll.AdminName, limit int) ([]payroll.AuditEntry, error)
	PutDisplayName(ctx context.Context, name payroll.AdminName, display string) error
	PutPassword(ctx context.Context, name payroll.AdminName, hash string, keep payroll.SecretHash) error
	PutRecoveryCodes(ctx context.Context, name payroll.AdminName, codes []payroll.SecretHash) error
	AddFactor(ctx context.Context, name payroll.AdminName, f payroll.NewFactor, password string) error
	RenameFactor(ctx context.Context, name payroll.AdminName, factor int64, label string) error
	RemoveFactor(ctx context.Context, name payroll.AdminName, factor int64) error

	AdminSessions(ctx context.Context, name payroll.AdminName, limits payroll.SessionLimits) ([]payroll.AdminSession, error)
	EndAdminSession(ctx context.Context, name payroll.AdminName, id string, by payroll.AdminName) error
	EndOtherAdminSessions(ctx context.Context, name payroll.AdminName, keep payroll.SecretHash) error

	CreateToken(ctx context.Context, t payroll.Token, secret payroll.SecretHash, lifetime time.Duration) error
	Tokens(ctx context.Context, name payroll.AdminName) ([]payroll.Token, error)
	TokenAdmin(ctx context.Context, secret payroll.SecretHash) (payroll.Token, payroll.Admin, error)
	EndToken(ctx context.Context, name payroll.AdminName, id string) error
}

func (s *Server) accountRoutes() []route {
	return []route{
		{method: "GET", path: "/account", handle: s.accountPage},
		{method: "GET", path: "/account/name", handle: s.displayNamePage},
		{method: "POST", path: "/account/name", handle: s.displayName, stepUp: true, takes: true},
		{method: "GET", path: "/account/password", handle: s.passwordPage},
		{method: "POST", path: "/account/password", handle: s.password, rate: rateTry},
		{method: "GET", path: "/account/passkey", handle: s.passkeyPage},
		{method: "POST", path: "/account/passkey/begin", handle: s.beginPasskeyAdd, rate: rateTry},
		{method: "POST", path: "/account/passkey", handle: s.passkeyAdd, stepUp: true, rate: rateTry},
		{method: "GET", path: "/account/codes", handle: s.codesPage},
		{method: "POST", path: "/account/codes/seed", handle: s.codesSeed, rate: rateTry},
		{method: "POST", path: "/account/codes", handle: s.codesAdd, stepUp: true, takes: true, rate: rateTry},
		{method: "GET", path: "/account/sso", handle: s.ssoPage},
		{method: "POST", path: "/account/sso", handle: s.beginSSOAdd, stepUp: true, rate: rateTry},
		{method: "GET", path: "/account/recovery", handle: s.recoveryPage},
		{method: "POST", path: "/account/recovery", handle: s.recovery, stepUp: true},
		{method: "GET", path: "/account/factors/{id}", handle: s.factorPage},
		{method: "POST", path: "/account/factors/{id}", handle: s.renameFactor, stepUp: true, takes: true},
		{method: "GET", path: "/account/factors/{id}/remove", handle: s.removeFactorPage},
		{method: "POST", path: "/account/factors/{id}/remove", handle: s.removeFactor, stepUp: true},
		{method: "GET", path: "/account/sessions", handle: s.sessionsPage},
		{method: "POST", path: "/account/sessions/end", handle: s.endOtherSessions},
		{method: "POST", path: "/account/sessions/{id}/end", handle: s.endSession},
		{method: "GET", path: "/account/tokens/new", handle: s.newTokenPage},
		{method: "POST", path: "/account/tokens/new", handle: s.newToken, stepUp: true, takes: true},
		{method: "POST", path: "/account/tokens/{id}/end", handle: s.endToken},
	}
}

// accountView is what account.html shows.
type accountView struct {
	Facts                   []Fact
	Factors, Tokens, Events Table
	Password                bool
	Codes                   int // recovery codes that are left
	Few                     bool
	SSO                     string // to link; "" if there is none, or it is linked
}

// fewCodes is when somebody should make new recovery codes.
const fewCodes = 3

func (s *Server) accountPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	account, err := s.Desk.Account(r.Context(), v.admin.Name)
	if err != nil {
		return err
	}
	tokens, err := s.Desk.Tokens(r.Context(), v.admin.Name)
	if err != nil {
		return err
	}
	events, err := s.Desk.SecurityEvents(r.Context(), v.admin.Name, 15)
	if err != nil {
		return err
	}
	view := accountView{
		Facts: accountFacts(account), Factors: factorTable(account.Factors), Tokens: tokenTable(tokens), Events: eventTable(events),
		Password: account.Password, Codes: account.RecoveryCodes, Few: account.RecoveryCodes <= fewCodes, SSO: s.ssoName(),
	}
	for _, f := range account.Factors {
		if f.Kind == payroll.FactorSSO {
			view.SSO = ""
		}
	}
	return s.render(w, v, http.StatusOK, "account", view)
}

func accountFacts(a payroll.Account) []Fact {
	facts := []Fact{
		{Name: "Name", Text: string(a.Name)},
		{Name: "Display name", Text: a.DisplayName, Missing: missing(a.DisplayName, "none")},
		{Name: "Roles", Text: roleList(a.Roles)},
		{Name: "Employee", Text: string(a.Employee), Missing: missing(string(a.Employee), "none, so that no samples can be sealed to them")},
	}
	if a.EnrolledAt != nil {
		facts = append(facts, Fact{Name: "Since", At: *a.EnrolledAt})
	}
	return facts
}

func missing(text, words string) string {
	if text == "" {
		return words
	}
	return ""
}

func roleList(roles []payroll.Role) (list string) {
	for i, r := range roles {
		if i > 0 {
			list += ", "
		}
		list += string(r)
	}
	return list
}

// factorWords are the kinds of factors in words.
var factorWords = map[payroll.FactorKind]Chip{
	payroll.FactorPasskey: {Word: "passkey", Icon: "key", Tone: ToneGood},
	payroll.FactorTOTP:    {Word: "one-time codes", Icon: "clock"},
	payroll.FactorSSO:     {Word: "single sign-on", Icon: "swap"},
}

func factorTable(factors []payroll.Factor) Table {
	table := Table{Caption: "How you are known", Quiet: true, Columns: []Column{
		{Name: "Called"}, {Name: "Kind"}, {Name: "Since"}, {Name: "Last used"}, {Name: "Change it", Quiet: true},
	}}
	for _, f := range factors {
		kind := factorWords[f.Kind]
		path := "/account/factors/" + strconv.FormatInt(f.ID, 10)
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			{Text: f.Label}, {Chip: &kind}, {At: f.CreatedAt}, momentCell(f.UsedAt, "never"),
			{Links: []Link{{Name: "Rename", Href: path, Icon: "pencil"}, {Name: "Remove", Href: path + "/remove", Icon: "cross"}}},
		}})
	}
	return table
}

func momentCell(at *time.Time, otherwise string) Cell {
	if at == nil {
		return Cell{Missing: otherwise}
	}
	return Cell{At: *at}
}

func tokenTable(tokens []payroll.Token) Table {
	table := Table{Caption: "Your tokens", Quiet: true, Columns: []Column{
		{Name: "Label"}, {Name: "May"}, {Name: "Made"}, {Name: "Ends"}, {Name: "Last used"}, {Name: "End it", Quiet: true},
	}, Empty: &Empty{Title: "No tokens", Text: "A token lets a program of yours ask the API, or proves your name on the command line."}}
	for _, t := range tokens {
		var chips []Chip
		for _, scope := range t.Scopes {
			chips = append(chips, Chip{Word: string(scope)})
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{
			{Text: t.Label}, {Chips: chips}, {At: t.CreatedAt}, {At: t.ExpiresAt}, momentCell(t.UsedAt, "never"),
			{Act: &Act{Action: "/account/tokens/" + t.ID + "/end", Name: "End", About: "the token " + t.Label, Tone: ToneBad}},
		}})
	}
	return table
}

// eventWords are what happened to an account, in words.
var eventWords = map[string]Chip{
	"account.sign_in":        {Word: "Signed in", Icon: "check", Tone: ToneGood},
	"account.sign_in_failed": {Word: "A try to sign in failed", Icon: "warning", Tone: ToneWarn},
	"account.sign_out":       {Word: "Signed out", Icon: "exit"},
	"account.step_up":        {Word: "Second factor given", Icon: "lock"},
	"account.enrolled":       {Word: "The account was made your own", Icon: "flag", Tone: ToneGood},
	"account.factor_added":   {Word: "A factor was added", Icon: "key", Tone: ToneWarn},
	"account.factor_removed": {Word: "A factor was removed", Icon: "cross", Tone: ToneWarn},
	"account.factor_renamed": {Word: "A factor was renamed", Icon: "pencil"},
	"account.password":       {Word: "The password was changed", Icon: "lock", Tone: ToneWarn},
	"account.recovery_codes": {Word: "New recovery codes were made", Icon: "paper", Tone: ToneWarn},
	"account.token_made":     {Word: "A token was made", Icon: "key", Tone: ToneWarn},
	"account.token_ended":    {Word: "A token was ended", Icon: "cross"},
	"account.end_sessions":   {Word: "Visits were ended", Icon: "exit"},
	"account.name":           {Word: "The display name was changed", Icon: "pencil"},
	"admins.add":             {Word: "The account was made", Icon: "plus"},
	"admins.roles":           {Word: "The roles were changed", Icon: "people", Tone: ToneWarn},
	"admins.disable":         {Word: "The account was disabled", Icon: "stop", Tone: ToneBad},
	"admins.enable":          {Word: "The account was enabled again", Icon: "check", Tone: ToneWarn},
	"admins.reset":           {Word: "All factors were taken away", Icon: "retry", Tone: ToneWarn},
	"admins.link":            {Word: "A one-time link was made", Icon: "key", Tone: ToneWarn},
	"admins.employee":        {Word: "The employee number was changed", Icon: "person"},
}

func eventTable(events []payroll.AuditEntry) Table {
	table := Table{Caption: "What happened to your account", Quiet: true, Columns: []Column{{Name: "What"}, {Name: "When"}, {Name: "By"}, {Name: "From"}}}
	for _, e := range events {
		chip, found := eventWords[e.What]
		if !found {
			chip = Chip{Word: e.What}
		}
		who := Cell{Text: string(e.Who), Missing: missing(string(e.Who), "nobody who is known")}
		from := Cell{Text: e.Detail["from"], Hint: eventHint(e)}
		from.Missing = missing(from.Text+from.Hint, "not known")
		table.Rows = append(table.Rows, Row{Cells: []Cell{{Chip: &chip}, {At: e.At}, who, from}})
	}
	return table
}

func eventHint(e payroll.AuditEntry) string {
	for _, key := range []string{"for", "wrong", "kind", "browser", "scopes", "roles"} {
		if text := e.Detail[key]; text != "" {
			if kind, found := factorWords[payroll.FactorKind(text)]; found {
				return kind.Word
			}
			return text
		}
	}
	return ""
}

// sessionsView is what account-sessions.html shows.
type sessionsView struct {
	Table  Table
	Others bool
}

func (sessionsView) frame(f *Frame) { f.Trail = accountTrail }

var accountTrail = []Link{{Name: "Your account", Href: "/account"}}

func (s *Server) sessionsPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	sessions, err := s.Desk.AdminSessions(r.Context(), v.admin.Name, payroll.AdminSessionLimits)
	if err != nil {
		return err
	}
	table := sessionTable("Where you are signed in", sessions, v.session.ID, "/account/sessions/")
	return s.render(w, v, http.StatusOK, "account-sessions", sessionsView{table, len(sessions) > 1})
}

// sessionTable are visits, with a button that ends each but this one below the path
// ends; "" for whoever may not.
func sessionTable(caption string, sessions []payroll.AdminSession, this, ends string) Table {
	table := Table{Caption: caption, Quiet: true, Columns: []Column{
		{Name: "Browser"}, {Name: "Address"}, {Name: "Began"}, {Name: "Seen"}, {Name: "By"}, {Name: "End it", Quiet: true},
	}}
	for _, a := range sessions {
		row := Row{Cells: []Cell{{Text: a.Browser}, {Text: a.Address}, {At: a.Began}, {At: a.Seen}, {Text: string(a.Proof)}, {}}}
		switch {
		case a.ID == this:
			row.Cells[5].Chip = &Chip{Word: "this one", Icon: "check", Tone: ToneGood}
		case ends != "":
			row.Cells[5].Act = &Act{Action: ends + a.ID + "/end", Name: "End", About: "the visit with " + a.Browser, Tone: ToneBad}
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func (s *Server) endSession(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Desk.EndAdminSession(r.Context(), v.admin.Name, r.PathValue("id"), v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, "/account/sessions", "visits-ended")
}

func (s *Server) endOtherSessions(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Desk.EndOtherAdminSessions(r.Context(), v.admin.Name, v.secret); err != nil {
		return err
	}
	return redirect(w, r, "/account/sessions", "visits-ended")
}

func (s *Server) endToken(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Desk.EndToken(r.Context(), v.admin.Name, r.PathValue("id")); err != nil {
		return err
	}
	return redirect(w, r, "/account", "token-ended")
}

func (s *Server) newTokenPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	page, err := s.newTokenAsk(r, v)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "ask", page)
}

// scopeHints say what the scopes are for.
var scopeHints = map[payroll.Scope]string{
	payroll.ScopeRead:    "Look at what you may look at, but no amounts",
	payroll.ScopePeople:  "The roster, invitations, certificates",
	payroll.ScopeRuns:    "Upload, submit, void, send, pause, resume and settle",
	payroll.ScopeAmounts: "Look at slips and totals",
	payroll.ScopeCommand: "Prove your name with --as on the command line (PAYSEAL_TOKEN); schedules, retention, alarms and proposals by the API",
}

func (s *Server) newTokenAsk(r *http.Request, v *visit) (ask, error) {
	page := ask{
		Head: "Make a token", Lead: "It is shown once. Approving, releasing and exporting always take you, not a token.",
		Action: "/account/tokens/new", Trail: accountTrail, Button: "Make the token", Cancel: "/account",
		Fields: []Field{
			{Name: "label", Label: "Label", Hint: "What it is for, so that you know it again", Required: true, Max: 100, Value: r.PostForm.Get("label")},
			{Name: "days", Label: "Days until it ends", Mode: "numeric", Short: true, Required: true, Value: valueOr(r.PostForm.Get("days"), "90"), Hint: "365 at most"},
		},
	}
	scopes := Choices{Name: "scope", Legend: "What it may do", Many: true}
	for _, scope := range payroll.ScopesOf(v.admin.Roles) {
		scopes.Options = append(scopes.Options, Option{Value: string(scope), Name: string(scope), Hint: scopeHints[scope], Chosen: slices.Contains(r.PostForm["scope"], string(scope))})
	}
	page.Choices = []Choices{scopes}
	return page, s.askStepUp(r, v, &page)
}

func valueOr(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// tokenPrefix begins every token, so that programs that look for leaked secrets
// find it. It is part of what is hashed.
const tokenPrefix = "payseal_"

func (s *Server) newToken(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.wantsStepUp(r, v); err != nil {
		return err
	}
	days, err := strconv.Atoi(r.PostForm.Get("days"))
	if err != nil {
		days = 0 // no lifetime, which the rules refuse
	}
	token := payroll.Token{Admin: v.admin.Name, Label: oneLine(r.PostForm.Get("label"))}
	for _, scope := range r.PostForm["scope"] {
		token.Scopes = append(token.Scopes, payroll.Scope(scope))
	}
	lifetime := time.Duration(min(max(days, 0), 10000)) * 24 * time.Hour
	if err := payroll.CheckToken(token, v.admin.Roles, lifetime); err != nil {
		page, pageErr := s.newTokenAsk(r, v)
		return s.askAgain(w, v, page, err, pageErr)
	}
	if err := s.useStepUp(r, v); err != nil {
		return err
	}
	text, _ := payroll.NewToken()
	text = tokenPrefix + text
	if err := s.Desk.CreateToken(r.Context(), token, payroll.HashToken(text), lifetime); err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "shown", shown{
		Head: "Your new token", Trail: accountTrail, Secret: text, Back: "/account",
		Text: fmt.Sprintf("This is the only time that it is shown. It ends in %s; end it sooner on your account's page.", plural(days, "day")),
	})
}
