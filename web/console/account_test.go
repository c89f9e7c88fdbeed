package console

import (
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

func TestOwnVisits(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	one, two, three := c.as("ada"), c.as("ada"), c.as("ada")
	page := one.get("/account/sessions")
	page.wants(t, http.StatusOK, "this one", "End all others")
	var id string
	hash := payroll.HashToken(two.cookies[cookieName])
	must(t, c.store.Pool().QueryRow(t.Context(), `select id::text from admin_sessions where id_hash = $1`, hash[:]).Scan(&id))
	c.as("bea").post("/account/sessions/"+id+"/end").wants(t, http.StatusNotFound)
	two.get("/account").wants(t, http.StatusOK)
	one.post("/account/sessions/"+id+"/end").leads(t, "/account/sessions")
	two.get("/account").leads(t, "/sign-in")
	one.post("/account/sessions/end").leads(t, "/account/sessions")
	three.get("/account").leads(t, "/sign-in")
	one.get("/account").wants(t, http.StatusOK)
	one.post("/account/sessions/end").wants(t, http.StatusNotFound)
}

// TestVisitsOfAnother: an operator sees and ends them, alone and at once; nobody else
// sees them, and whose visit it is must be said rightly.
func TestVisitsOfAnother(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	ada, cem := c.as("ada"), c.as("cem")
	var id string
	hash := payroll.HashToken(ada.cookies[cookieName])
	must(t, c.store.Pool().QueryRow(t.Context(), `select id::text from admin_sessions where id_hash = $1`, hash[:]).Scan(&id))
	end := "/admins/ada/sessions/" + id + "/end"
	cem.get("/admins/ada").wants(t, http.StatusOK, "Firefox on Linux", end)
	if page := c.as("bea").get("/admins/ada"); strings.Contains(page.body, "Where they are signed in") {
		t.Error("an approver sees the visits of another")
	}
	if page := ada.get("/admins/ada"); !strings.Contains(page.body, "this one") || strings.Contains(page.body, "/end\"") {
		t.Error("ada does not see her own visits there, or ends them as an operator does")
	}
	c.as("bea").post(end).wants(t, http.StatusForbidden)
	cem.post(strings.Replace(end, "ada", "dia", 1)).wants(t, http.StatusNotFound)
	ada.get("/account").wants(t, http.StatusOK)
	cem.post(end).leads(t, "/admins/ada")
	ada.get("/account").leads(t, "/sign-in")
	cem.post(end).wants(t, http.StatusNotFound)
	if who := c.one(`select who from audit where act = 'account.end_sessions' and subject = 'ada'`); who != "cem" {
		t.Errorf("the audit log says that %s ended it", who)
	}
}

// What differs from one run of the test to the next on these pages, beside what textOf
// knows.
var (
	seeds    = regexp.MustCompile(`(?m)^([A-Z2-7]{4}\n){7}[A-Z2-7]{4}$`)
	recovery = regexp.MustCompile(`[2-9A-Z]{5}(-[2-9A-Z]{5})+`)
	links    = regexp.MustCompile(`https?://localhost:\d+/enter/\S+`)
	tokens   = regexp.MustCompile(tokenPrefix + `\S+`)
	dated    = regexp.MustCompile(`\d{1,2} [A-Z][a-z]+ 20\d\d`)
)

// accountGolden holds what a page about an account says.
func accountGolden(t *testing.T, name string, a answer) {
	t.Helper()
	a.wants(t, http.StatusOK)
	text := textOf(a.body)
	for _, r := range []struct {
		pattern *regexp.Regexp
		word    string
	}{{seeds, "SEED"}, {tokens, "TOKEN"}, {links, "LINK"}, {recovery, "CODE"}, {dated, "DAY"}} {
		text = r.pattern.ReplaceAllString(text, r.word)
	}
	golden(t, filepath.Join("testdata", "accounts", name+".txt"), text)
}

// TestAccountPages holds what the pages of getting in, of one's account, of admins and
// of proposals say.
func TestAccountPages(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	stranger := c.as("")
	accountGolden(t, "sign-in", stranger.get("/sign-in"))
	link := "/enter/" + c.link("dia", "enrol")
	accountGolden(t, "enter", stranger.get(link))
	stranger.post(link).leads(t, "/begin")
	accountGolden(t, "begin", stranger.get("/begin"))
	stranger.post("/begin/password", "password", goodPassword).leads(t, "/begin/code")
	page := stranger.get("/begin/code")
	accountGolden(t, "begin-code", page)
	dia := &person{client: stranger, name: "dia", password: goodPassword, clock: moved, seed: seedOf(page.body)}
	dia.post("/begin/code", "code", dia.code()).leads(t, "/begin/codes")
	accountGolden(t, "begin-codes", dia.get("/begin/codes"))
	dia.post("/begin/codes", "kept", "yes").leads(t, "/account")

	ada, cem, bea := c.as("ada"), c.as("cem"), c.as("bea")
	for name, path := range map[string]string{
		"account": "/account", "name": "/account/name", "password": "/account/password", "passkey": "/account/passkey", "recovery": "/account/recovery",
		"sessions": "/account/sessions", "token": "/account/tokens/new", "step-up": "/step-up?for=%2Faccount%2Fname",
	} {
		accountGolden(t, name, dia.get(path))
	}
	accountGolden(t, "token-shown", ada.confirmed("/account/tokens/new", "label", "the bank's export", "days", "1", "scope", "read"))
	accountGolden(t, "admin-new", cem.get("/admins/new"))
	accountGolden(t, "half", cem.confirmed("/admins/new", "name", "fay", "role", "maker"))
	accountGolden(t, "proposals", bea.get("/proposals"))
	accountGolden(t, "proposal", bea.get("/proposals/1"))
	accountGolden(t, "confirm", bea.get("/proposals/1/confirm"))
	accountGolden(t, "decline", bea.get("/proposals/1/decline"))
	accountGolden(t, "link", bea.confirmed("/proposals/1/confirm"))
	for _, name := range []string{"roles", "disable", "reset", "employee"} {
		accountGolden(t, "admin-"+name, cem.get("/admins/ada/"+name))
	}
	accountGolden(t, "admins", bea.get("/admins"))
	accountGolden(t, "admin", cem.get("/admins/dia"))
	accountGolden(t, "admin-seen-by-an-approver", bea.get("/admins/dia"))
}

func TestVisitsEndByThemselves(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	idle, old := c.as("ada"), c.as("ada")
	for b, change := range map[*client]string{idle: `seen_at = now() - interval '31 minutes'`, old: `created_at = now() - interval '10 hours 1 minute'`} {
		hash := payroll.HashToken(b.cookies[cookieName])
		b.get("/account").wants(t, http.StatusOK)
		c.exec(`update admin_sessions set `+change+` where id_hash = $1`, hash[:])
		b.get("/account").leads(t, "/sign-in")
	}
}

func TestChangingThePassword(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	p := c.enrolled("ada", moved)
	other := c.as("ada")
	p.post("/account/password", "current", "wrong", "password", "nine herons over the estuary").wants(t, http.StatusUnprocessableEntity, "not your password")
	for _, weak := range []string{"short", "passwordpassword", "ada ada ada ada", "payseal payroll acme"} {
		p.post("/account/password", "current", goodPassword, "password", weak).wants(t, http.StatusUnprocessableEntity, "error-summary")
	}
	p.post("/account/password", "current", goodPassword, "password", "nine herons over the estuary").leads(t, "/account")
	other.get("/account").leads(t, "/sign-in")
	p.get("/account").wants(t, http.StatusOK, "The password was changed")
	c.as("").post("/sign-in", "name", "ada", "password", goodPassword).wants(t, http.StatusUnprocessableEntity)
	p.password = "nine herons over the estuary"
	p.post("/sign-out").leads(t, "/sign-in")
	p.signIn()
}

func TestFactorsOfOnesOwn(t *testing.T) {
	t.Parallel()
	c, moved := newPeople(t)
	p, dia := c.enrolled("ada", moved), c.enrolled("dia", moved)
	var id, foreign string
	must(t, c.store.Pool().QueryRow(t.Context(), `select id::text from admin_factors where admin = 'ada'`).Scan(&id))
	must(t, c.store.Pool().QueryRow(t.Context(), `select id::text from admin_factors where admin = 'dia'`).Scan(&foreign))
	p.get("/account/factors/"+foreign).wants(t, http.StatusNotFound)
	p.confirmed("/account/factors/"+foreign+"/remove").wants(t, http.StatusNotFound)
	p.confirmed("/account/factors/"+id, "label", "My <phone>").leads(t, "/account")
	p.get("/account").wants(t, http.StatusOK, "My &lt;phone&gt;", "A factor was renamed")
	p.confirmed("/account/factors/"+id+"/remove").wants(t, http.StatusUnprocessableEntity, "your last way in")

	p.post("/account/codes/seed", "password", "nine herons over the estuary").leads(t, "/account/codes")
	p.get("/account/codes").wants(t, http.StatusOK, "Your second factor is asked for again")
	p.stepUp("/account/codes")
	page := p.get("/account/codes")
	old := p.seed
	p.seed = seedOf(page.body)
	p.confirmed("/account/codes", "code", "000000").wants(t, http.StatusUnprocessableEntity, "does not count")
	p.confirmed("/account/codes", "code", p.code()).leads(t, "/account")
	p.confirmed("/account/factors/"+id+"/remove").leads(t, "/account")
	p.password = "nine herons over the estuary"
	p.post("/sign-out").leads(t, "/sign-in")
	p.signIn()
	if old == p.seed {
		t.Error("the seed is the old one")
	}
	dia.get("/account").wants(t, http.StatusOK)
	p.confirmed("/account/recovery").wants(t, http.StatusOK, "Your recovery codes")
	p.confirmed("/account/sso").wants(t, http.StatusNotFound)
}

// seedOf reads the seed that a page shows for those who type it.
func seedOf(page string) (seed string) {
	for _, group := range seedGroup.FindAllStringSubmatch(page, -1) {
		seed += group[1]
	}
	return seed
}

func TestTokens(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	dia := c.as("dia")
	for _, fields := range [][]string{
		{"label", "", "days", "9", "scope", "read"}, {"label", "x", "days", "0", "scope", "read"}, {"label", "x", "days", "366", "scope", "read"},
		{"label", "x", "days", "nine", "scope", "read"}, {"label", "x", "days", "9"}, {"label", "x", "days", "9", "scope", "amounts"},
		{"label", "x", "days", "9", "scope", "everything"}, {"label", strings.Repeat("x", 101), "days", "9", "scope", "read"},
	} {
		dia.confirmed("/account/tokens/new", fields...).wants(t, http.StatusUnprocessableEntity, "error-summary")
	}
	dia.confirmed("/account/tokens/new", "label", "my script", "days", "365", "scope", "command").wants(t, http.StatusOK, "payseal_")
	dia.get("/account").wants(t, http.StatusOK, "my script", "A token was made")
	tokens, err := c.store.Tokens(t.Context(), "dia")
	must(t, err)
	if len(tokens) != 1 || time.Until(tokens[0].ExpiresAt) > 365*24*time.Hour {
		t.Fatalf("tokens %+v", tokens)
	}
	c.as("bea").post("/account/tokens/"+tokens[0].ID+"/end").wants(t, http.StatusNotFound)
	dia.post("/account/tokens/"+tokens[0].ID+"/end").leads(t, "/account")
	dia.get("/account").wants(t, http.StatusOK, "No tokens")
}

// TestATokenShrinksWithItsAdminsRoles holds that nobody keeps through a token what
// their roles no longer give.
func TestATokenShrinksWithItsAdminsRoles(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	_, hash := payroll.NewToken()
	must(t, c.store.CreateToken(t.Context(), payroll.Token{Admin: "ada", Label: "x", Scopes: []payroll.Scope{payroll.ScopeAmounts, payroll.ScopeRead}}, hash, time.Hour))
	c.exec(`update admins set roles = '{auditor}' where name = 'ada'`)
	got, _, err := c.store.TokenAdmin(t.Context(), hash)
	must(t, err)
	if got.Has(payroll.ScopeAmounts) || !got.Has(payroll.ScopeRead) {
		t.Errorf("scopes %v", got.Scopes)
	}
}

// galleryAccount is the gallery's page of what is set up once.
func galleryAccount(w words) map[string]any {
	secret := "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	return map[string]any{
		"Title": w("Your one-time codes"), "Hint": w("Six digits"), "Seed": &oneTime{TOTP: identity.TOTP{Secret: secret, QR: "<svg viewBox=\"0 0 1 1\"></svg>"}},
		"Secret": inGroups(secret), "Codes": []string{"K7QF2-9XMPT-K7QF2-9XMPT-K7QF2", "AAAAA-BBBBB-CCCCC-DDDDD-EEEEE"},
	}
}
