package console

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// rolesFile is where it is written down who may what.
var rolesFile = filepath.Join("..", "..", "docs", "roles.md")

const rolesHead = `# Who may what in the console

Each row is a page or an act. The test that walks every route with every role and with none
(web/console/roles_test.go) takes from here what it expects, and fails for a route without a row and
for a row without a route. ` + "`go test ./web/console -run TestRoles -update`" + ` writes the rows anew from the route
table and keeps what the third column says; a new row wants its words written by hand.

Whatever the roles, nobody approves what they uploaded or submitted, confirms what they proposed or
what is about themself, or certifies a certificate that they handed in: those rules stand in ` + "`payroll`" + ` and
hold for the page, the API and the command alike. A step-up is a second factor given afresh, for this
one act, used once.

The JSON API below ` + "`/api/v1`" + ` has no roles of its own: each operation has those of the page beside it, and a
scope (x-roles and x-scope in its document).

| method | path | what it is | who may | step-up |
|---|---|---|---|---|
`

const (
	anybody  = "anybody"
	signedIn = "whoever is signed in"
)

// ruled is a row of the file.
type ruled struct {
	what, who string
	stepUp    bool
}

func (r ruled) may(roles []payroll.Role) bool {
	return r.who == anybody || r.who == signedIn || slices.ContainsFunc(roles, func(role payroll.Role) bool {
		return slices.Contains(strings.Split(r.who, ", "), string(role))
	})
}

func readRoles(t testing.TB) map[string]ruled {
	t.Helper()
	content, err := os.ReadFile(rolesFile)
	if os.IsNotExist(err) && *update {
		return nil
	}
	must(t, err)
	rows := map[string]ruled{}
	_, table, _ := strings.Cut(string(content), "|---|---|---|---|---|\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "|\n"), "|")
		if len(cells) != 5 {
			t.Fatalf("a row of %s has %d cells: %s", rolesFile, len(cells), line)
		}
		for i := range cells {
			cells[i] = strings.Trim(cells[i], " `")
		}
		rows[cells[0]+" "+cells[1]] = ruled{what: cells[2], who: cells[3], stepUp: cells[4] == "yes"}
	}
	return rows
}

func (r route) name() string { return r.method + " " + r.path }

// ruleOf is a route as the file has it.
func ruleOf(r route, what string) ruled {
	rule := ruled{what: what, who: signedIn, stepUp: r.stepUp}
	switch {
	case r.open:
		rule.who = anybody
	case r.roles != nil:
		names := make([]string, len(r.roles))
		for i, role := range r.roles {
			names[i] = string(role)
		}
		rule.who = strings.Join(names, ", ")
	}
	return rule
}

func writeRoles(t testing.TB, table []route, before map[string]ruled) {
	t.Helper()
	var b strings.Builder
	b.WriteString(rolesHead)
	for _, r := range table {
		rule := ruleOf(r, before[r.name()].what)
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s | %s |\n", r.method, r.path, rule.what, rule.who, map[bool]string{true: "yes", false: ""}[rule.stepUp])
	}
	must(t, os.WriteFile(rolesFile, []byte(b.String()), 0o600))
}

// TestRolesAreWrittenDown: a row for each route, and none without one.
func TestRolesAreWrittenDown(t *testing.T) {
	c := &Server{}
	table := c.routes()
	if *update {
		writeRoles(t, table, readRoles(t))
	}
	written, want := readRoles(t), map[string]ruled{}
	for _, r := range table {
		want[r.name()] = ruleOf(r, written[r.name()].what)
		if written[r.name()].what == "" {
			t.Errorf("%s: nothing says what it is", r.name())
		}
	}
	if diff := cmp.Diff(want, written, cmp.AllowUnexported(ruled{})); diff != "" {
		t.Errorf("the route table (-) and docs/roles.md (+) differ; if it is meant, run go test -run TestRoles -update:\n%s", diff)
	}
}

// visitors are everybody who may come: with no visit, in the middle of one, with
// each role, with all of them, and one who was disabled.
var visitors = []string{"", "(pending)", "fay", "ada", "bea", "cem", "dia", "eve"}

// come is a client of one of them, in a visit of its own.
func (p *planted) come(name string) *client {
	p.t.Helper()
	if name != "(pending)" {
		return p.as(name)
	}
	b := p.as("")
	token, hash := payroll.NewToken()
	p.exec(`insert into admin_sessions (id_hash, pending, browser, address) values ($1, 'eve', 'Firefox on Linux', '127.0.0.1')`, hash[:])
	b.cookies[cookieName] = token
	return b
}

// everybody is a client of each visitor; planting one changes accounts.
func (p *planted) everybody() map[string]*client {
	p.t.Helper()
	all := make(map[string]*client, len(visitors))
	for _, name := range visitors {
		all[name] = p.come(name)
	}
	return all
}

// verdict is what became of somebody at a route.
type verdict string

const (
	allowed   verdict = "allowed"
	forbidden verdict = "forbidden"
	signIn    verdict = "sign-in"
)

func verdictOf(t testing.TB, what string, a answer) verdict {
	t.Helper()
	to, _, _ := strings.Cut(a.to(), "?")
	switch {
	case a.status == http.StatusForbidden && strings.Contains(a.body, "does not have the role"):
		return forbidden
	case a.status == http.StatusSeeOther && to == "/sign-in":
		return signIn
	case a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests || a.status == http.StatusMethodNotAllowed:
		t.Errorf("%s: status %d\n%s", what, a.status, mainOf(a.body))
	}
	return allowed
}

// expected is what the file says becomes of a visitor.
func expected(rule ruled, name string) verdict {
	for _, a := range admins {
		if string(a.Name) == name {
			if rule.may(a.Roles) {
				return allowed
			}
			return forbidden
		}
	}
	if rule.who == anybody {
		return allowed
	}
	return signIn
}

// unseen are pages that nobody sees here: nobody comes back from single sign-on or is
// in the middle of making an account, no upload is being imported, and an approval
// begins with the manifest of a review.
var unseen = []string{"/sign-in/sso/done", "/sign-in/code", "/begin", "/begin/code", "/begin/codes", "/begin/codes.txt", "/account/codes", "/uploads/{id}/import", "/runs/{id}/approve"}

// TestRolesOfPages: every page, with everybody. Whoever may sees it, and nobody
// changes anything by looking but what keeps account of the looking.
func TestRolesOfPages(t *testing.T) {
	t.Parallel()
	p := newPlanted(t)
	rules := readRoles(t)
	const acts = `select count(*)::text from audit where act not in ('slip.preview', 'access.refused')`
	looks := p.one(acts)
	all := p.everybody()
	before := p.state("openings", "audit")
	for _, r := range p.table {
		if r.method != http.MethodGet {
			continue
		}
		seen := false
		for _, name := range visitors {
			what := fmt.Sprintf("%s by %q", r.name(), name)
			a := p.begin(all[name].also(), p.request(r, http.MethodGet), r.stream)
			got, want := verdictOf(t, what, a), expected(rules[r.name()], name)
			if r.open && got == signIn {
				got = allowed // and led on
			}
			if got != want {
				t.Errorf("%s is %s, want %s (status %d to %q)", what, got, want, a.status, a.to())
			}
			seen = seen || got == allowed && a.status == http.StatusOK
		}
		if !seen && !slices.Contains(unseen, r.path) {
			t.Errorf("%s at %s: nobody has seen it", r.name(), p.path(r))
		}
		a := p.begin(all["eve"].also(), p.request(r, http.MethodHead), r.stream)
		if a.body != "" || a.status >= http.StatusInternalServerError {
			t.Errorf("HEAD %s: status %d with %d bytes", r.path, a.status, len(a.body))
		}
		before = p.same(r.name(), before, "openings", "audit")
	}
	if now := p.one(acts); now != looks {
		t.Errorf("looking left %s entries in the audit log that tell of no looking, %s before", now, looks)
	}
}

// TestRolesOfActs: every act, with everybody who may not; the database is the same
// afterwards, whatever the form says. Whoever may is let through.
func TestRolesOfActs(t *testing.T) {
	t.Parallel()
	p := newPlanted(t)
	rules := readRoles(t)
	all := p.everybody()
	before := p.state()
	for _, r := range p.table {
		if r.method != http.MethodPost || r.open {
			continue
		}
		for _, name := range visitors {
			want := expected(rules[r.name()], name)
			if want == allowed {
				continue
			}
			what := fmt.Sprintf("%s by %q", r.name(), name)
			a := all[name].also().do(p.request(r, http.MethodPost))
			if got := verdictOf(t, what, a); got != want {
				t.Errorf("%s is %s, want %s (status %d to %q)", what, got, want, a.status, a.to())
			}
		}
		before = p.same(r.name()+" by those who may not", before)
	}
	p.actsFromElsewhere(t)
}

// actsFromElsewhere sends every act as a page of another site would make eve's
// browser send it, and asks with methods that are no act.
func (p *planted) actsFromElsewhere(t *testing.T) {
	t.Helper()
	eve := p.as("eve")
	p.allStepUps(eve, "")
	before := p.state()
	for _, r := range p.table {
		for name, header := range map[string]http.Header{
			"cross-site":  {"Sec-Fetch-Site": {"cross-site"}, "Origin": {p.Origin.String()}},
			"same-site":   {"Sec-Fetch-Site": {"same-site"}, "Origin": {p.Origin.String()}},
			"origin":      {"Origin": {"https://evil.example"}},
			"null":        {"Origin": {"null"}},
			"referer":     {"Referer": {"https://evil.example/page"}},
			"another way": {"Sec-Fetch-Site": {"same-origin"}, "Origin": {"https://" + p.Origin.Host}},
		} {
			if r.method != http.MethodPost {
				continue
			}
			q := p.request(r, http.MethodPost)
			q.Header.Del("Sec-Fetch-Site")
			q.Header.Del("Origin")
			for key, values := range header {
				q.Header[key] = values
			}
			if a := eve.also().do(q); a.status != http.StatusForbidden || !strings.Contains(a.body, "Sent from another place") {
				t.Errorf("%s from elsewhere (%s): status %d to %q", r.name(), name, a.status, a.to())
			}
		}
		for method, want := range map[string]int{http.MethodOptions: http.StatusNoContent, http.MethodDelete: http.StatusMethodNotAllowed, "PROPFIND": http.StatusMethodNotAllowed} {
			q := p.request(r, method)
			q.Header.Set("Sec-Fetch-Site", "same-origin")
			if a := eve.also().do(q); a.status != want || !strings.Contains(a.header.Get("Allow"), r.method) {
				t.Errorf("%s %s: status %d, allowed %q", method, r.path, a.status, a.header.Get("Allow"))
			}
		}
	}
	p.same("something from elsewhere", before)
}

// allStepUps gives the visit a fresh second factor for every act but one.
func (p *planted) allStepUps(b *client, but string) {
	p.t.Helper()
	secret := payroll.HashToken(b.cookies[cookieName])
	var purposes []string
	for _, r := range p.table {
		if path := p.path(r); r.stepUp && path != but {
			purposes = append(purposes, path, path+"#"+strings.Repeat("0", 64))
		}
	}
	p.exec(`insert into step_ups (session, purpose) select $1, unnest($2::text[]) on conflict do nothing`, secret[:], purposes)
}

// unfit are acts that come to nothing here, for want of what a browser, a provider
// or another moment has.
var unfit = map[string]string{
	"POST /account/password":       "wants the password of before",
	"POST /account/passkey/begin":  "answers with a ceremony", // which is 200
	"POST /account/passkey":        "wants an authenticator",
	"POST /account/codes":          "wants a code",
	"POST /account/codes/seed":     "wants a password",
	"POST /step-up":                "wants a code",
	"POST /step-up/passkey/begin":  "wants a purpose",
	"POST /step-up/passkey":        "wants an authenticator",
	"POST /runs/{id}/approve":      "wants the sample opened",
	"POST /runs/{id}/check/sample": "wants an employee of one's own",
	"POST /runs/{id}/correct":      "wants a file that names the slips",
	"POST /settings/relay":         "waits for the letterhead's proposal",
	"POST /settings/signer":        "wants another key",
}

// TestRolesLetThrough: whoever may do something can do it, with a step-up where one
// is needed, and not without, and not with one for anything else.
func TestRolesLetThrough(t *testing.T) {
	t.Parallel()
	p := newPlanted(t)
	rules := readRoles(t)
	for _, r := range inOrder(p.table) {
		rule := rules[r.name()]
		done := false
		for _, name := range visitors[3:] {
			if expected(rule, name) != allowed || r.method != http.MethodPost || r.open {
				continue
			}
			b := p.come(name)
			if rule.stepUp {
				p.wantsStepUp(t, r, b)
				b.stepUp(p.path(r))
			}
			what := fmt.Sprintf("%s by %q", r.name(), name)
			a := p.begin(b, p.request(r, http.MethodPost), false)
			if got := verdictOf(t, what, a); got != allowed {
				t.Errorf("%s is %s (status %d to %q)\n%s", what, got, a.status, a.to(), mainOf(a.body))
			}
			to, _, _ := strings.Cut(a.to(), "?")
			done = done || a.status == http.StatusOK || a.status == http.StatusSeeOther && to != "/step-up"
		}
		if _, is := unfit[r.name()]; !done && !is && r.method == http.MethodPost && !r.open {
			t.Errorf("%s at %s: nobody could do it", r.name(), p.path(r))
		}
	}
}

// inOrder puts what ends something behind what needs it.
func inOrder(table []route) []route {
	rank := func(r route) int {
		for i, end := range []string{"/holidays/remove", "/remove", "/disable", "/discard", "/delete", "/check/submit", "/check/void", "/reject", "/pause", "/{id}/end", "/sessions/end"} {
			if strings.HasSuffix(r.path, end) {
				return i + 1
			}
		}
		return 0
	}
	table = slices.Clone(table)
	slices.SortStableFunc(table, func(a, b route) int { return rank(a) - rank(b) })
	return table
}

// wantsStepUp sends the act without a fresh second factor, and with one for every
// other act.
func (p *planted) wantsStepUp(t *testing.T, r route, b *client) {
	t.Helper()
	for range 2 {
		before := p.state()
		a := b.do(p.request(r, http.MethodPost))
		if a.status == http.StatusSeeOther {
			a.leads(t, "/step-up")
			want := p.path(r)
			if got, _ := url.QueryUnescape(strings.TrimPrefix(a.to(), "/step-up?for=")); got != want {
				t.Errorf("%s wants a step-up for %q", r.name(), got)
			}
		} else if !r.takes || a.status < http.StatusBadRequest || a.status >= http.StatusInternalServerError {
			t.Errorf("%s without a step-up: status %d", r.name(), a.status)
		}
		p.same(r.name()+" without a step-up", before)
		p.allStepUps(b, p.path(r))
	}
	p.meddle(`delete from step_ups`) // sealing them again with every visit takes long
}
