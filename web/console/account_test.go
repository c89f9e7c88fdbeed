package console

import (
	"net/http"
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
