package console

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/oidctest"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/browser"
	"github.com/payseal/payseal/web/identity"
)

// needBundle skips a test for want of the bundle, and fails it under CI.
func needBundle(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("..", "browser", "node_modules", "axe-core")); err != nil || !browser.Has("passkey.js") {
		if os.Getenv("CI") != "" {
			t.Fatal("this test needs the browser's bundle; make it with: make bundle")
		}
		t.Skip("this test needs the browser's bundle; make it with: make bundle")
	}
}

// accountLook asks axe and takes pictures.
func accountLook(tab *browsertest.Tab, name string) {
	tab.Axe()
	tab.Size(browsertest.Phone)
	tab.Overflow()
	tab.Size(browsertest.Desktop)
	tab.Overflow()
	tab.Pictures("account-" + name)
}

// TestPasskeyFromTheLinkOn enrols with a passkey, signs in with it, and confirms
// an act with it.
func TestPasskeyFromTheLinkOn(t *testing.T) {
	t.Parallel()
	needBundle(t)
	c := newConsole(t)
	tab := c.tab("")
	tab.Authenticator()
	tab.Open(c.address("/enter/" + c.link("ada", "enrol")))
	accountLook(tab, "enter")
	tab.Click("main button")
	tab.See("h1", "How do you want to sign in?")
	tab.See(".passkey h2", "A passkey")
	accountLook(tab, "begin")
	tab.Click(".passkey button")
	tab.See("h1", "Your account")
	tab.See(".notice", "The account is yours")
	accountLook(tab, "account")

	tab.Run(clickMenu()...)
	tab.See("h1", "Sign in")
	tab.See(".notice", "You are signed out")
	accountLook(tab, "sign-in")
	tab.Open(c.address("/account"))
	tab.Click(".passkey button")
	tab.See("h1", "Your account")

	tab.Open(c.address("/account/tokens/new"))
	tab.See(".step-up", "make a token")
	accountLook(tab, "step-up-banner")
	tab.Click(".step-up a")
	tab.See("h1", "Confirm that it is you")
	accountLook(tab, "step-up")
	tab.Click(".passkey button")
	tab.See("h1", "Make a token")
	tab.Type("#label", "my script")
	tab.Click("#scope-0")
	accountLook(tab, "token-new")
	tab.Click("main form button")
	tab.See("h1", "Your new token")
	accountLook(tab, "token")

	tab.Open(c.address("/account/passkey"))
	tab.Click(".step-up a")
	tab.Click(".passkey button")
	tab.See("h1", "Add a passkey")
	tab.Click(".passkey button")
	tab.See("[data-problem]", "has one for you already")
	accountLook(tab, "passkey")
	if heard := tab.Complaints(); len(heard) > 0 {
		t.Errorf("the page complains: %q", heard)
	}
}

// TestPasswordInTheBrowser is the same with a password, and without scripts.
func TestPasswordInTheBrowser(t *testing.T) {
	t.Parallel()
	needBundle(t)
	c, moved := newPeople(t)
	tab := c.tab("")
	tab.Open(c.address("/enter/" + c.link("bea", "enrol")))
	tab.Click("main button")
	tab.Type("#password", "password")
	tab.Click("form[action='/begin/password'] button")
	tab.See(".error-summary", "at least 12 characters")
	accountLook(tab, "begin-mistake")
	tab.Type("#password", goodPassword)
	tab.Click("form[action='/begin/password'] button")
	tab.See("h1", "Your one-time codes")
	accountLook(tab, "begin-code")
	var groups []string
	tab.Value(`[...document.querySelectorAll(".fingerprint span")].map(e => e.textContent)`, &groups)
	p := &person{client: c.as(""), clock: moved}
	for _, g := range groups {
		p.seed += g
	}
	tab.Type("#code", p.code())
	tab.Click("main form button")
	tab.See("h1", "Keep these recovery codes")
	accountLook(tab, "begin-codes")
	tab.Click("#kept")
	tab.Click("form[action='/begin/codes'] button")
	tab.See("h1", "Your account")
	tab.Open(c.address("/account/sessions"))
	accountLook(tab, "visits")

	tab = c.tab("")
	tab.Scripts(false)
	tab.Open(c.address("/sign-in"))
	tab.Type("#name", "bea")
	tab.Type("#password", goodPassword)
	tab.Click("form[action='/sign-in'] button")
	tab.See("h1", "Your second factor")
	tab.Type("#code", "123")
	tab.Click("main form button")
	tab.See(".error-summary", "does not count")
	tab.Scripts(true)
	tab.Open(c.address("/sign-in/code"))
	accountLook(tab, "sign-in-code")
	tab.Type("#code", p.next())
	tab.Click("main form button")
	tab.Until(`location.pathname === "/"`)

	c.exec(`update admins set disabled_at = now() where name = 'bea'`) // while the page is open
	tab.Open(c.address("/account"))
	tab.See("h1", "Sign in")
	tab.Type("#name", "bea")
	tab.Type("#password", goodPassword)
	tab.Click("form[action='/sign-in'] button")
	tab.See(".error-summary", "do not fit each other")
	accountLook(tab, "sign-in-mistake")
}

// sso is a console with a single sign-on provider of the test's own.
func newSSO(t *testing.T, users ...oidctest.User) (*testConsole, *oidctest.Provider) {
	t.Helper()
	provider, join := withSSO(t, users...)
	return newConsole(t, join), provider
}

// withSSO is a provider, and what makes a console trust it.
func withSSO(t testing.TB, users ...oidctest.User) (*oidctest.Provider, func(*Server)) {
	t.Helper()
	client := oidctest.Client{ID: "payseal", Secret: "a secret of the tests"}
	provider := oidctest.Start(t, client, users...)
	return provider, func(s *Server) {
		client.RedirectURL = s.Origin.String() + SSOBack
		provider.Register(client)
		s.Identity.SSOName = "ACME Login"
		s.Identity.SSO = &identity.SingleSignOn{Issuer: provider.Issuer, ClientID: client.ID, ClientSecret: client.Secret, RedirectURL: client.RedirectURL}
	}
}

// TestSingleSignOnInTheBrowser enrols through a provider, signs in by it, and
// steps up by it; the provider is on another site, so that strict cookies are put
// to the test.
func TestSingleSignOnInTheBrowser(t *testing.T) {
	t.Parallel()
	needBundle(t)
	c, _ := newSSO(t, oidctest.User{Subject: "ada-there", AMR: []string{"pwd", "otp"}}, oidctest.User{Subject: "weak", AMR: []string{"pwd"}}, oidctest.User{Subject: "mallory", AMR: []string{"mfa"}})
	tab := c.tab("")
	tab.Open(c.address("/enter/" + c.link("ada", "enrol")))
	tab.Click("main button")
	tab.Click("form[action='/begin/sso'] button")
	tab.Click("button[value='ada-there']")
	tab.See("h1", "Your account")
	tab.Run(clickMenu()...)
	tab.See("h1", "Sign in")
	accountLook(tab, "sign-in-sso")
	tab.Open(c.address("/sign-in?to=/account"))
	tab.Click("form[action='/sign-in/sso'] button")
	tab.See("h1", "Your account") // known there already

	tab.Open(c.address("/account/name"))
	tab.Click(".step-up a")
	tab.Click("form[action='/step-up/sso'] button")
	tab.Click("button[value='mallory']") // asked again, and somebody else answers
	tab.See(".error-summary", "does not count")
	tab.Click("form[action='/step-up/sso'] button")
	tab.Click("button[value='ada-there']")
	tab.See("h1", "Your display name")
	tab.Type("#name", "Ada")
	tab.Click("main form button")
	tab.See(".notice", "Kept")

	weak := c.tab("")
	weak.Open(c.address("/sign-in"))
	weak.Click("form[action='/sign-in/sso'] button")
	weak.Click("button[value='weak']")
	weak.See(".error-summary", "one factor only")
	stranger := c.tab("")
	stranger.Open(c.address("/sign-in"))
	stranger.Click("form[action='/sign-in/sso'] button")
	stranger.Click("button[value='mallory']")
	stranger.See(".error-summary", "No account here belongs")
}

// TestSingleSignOnGoneWrong answers what a provider that goes wrong says.
func TestSingleSignOnGoneWrong(t *testing.T) {
	t.Parallel()
	c, provider := newSSO(t, oidctest.User{Subject: "ada-there", AMR: []string{"mfa"}})
	provider.Break(oidctest.Down)
	c.as("").post("/sign-in/sso").wants(t, http.StatusServiceUnavailable, "provider does not answer")
	provider.Break(oidctest.Fine)
	b := c.as("")
	b.post("/sign-in/sso").wants(t, http.StatusOK, provider.Issuer)
	b.get("/sign-in/sso/done?code=x&state=y").wants(t, http.StatusUnprocessableEntity, "did not vouch")
	b.get("/sign-in/sso/done?code=x&state=y").wants(t, http.StatusConflict) // it counted once
	c.as("").get("/sign-in/sso/done?code=x&state=y").wants(t, http.StatusConflict)
	back := c.as("").get("/sign-in/sso/back?code=x&state=y&other=z")
	back.wants(t, http.StatusOK, "/sign-in/sso/done?code=x&amp;state=y")
	newConsole(t).as("").post("/sign-in/sso").wants(t, http.StatusNotFound)

	// Whoever was in the middle of something goes on from there.
	ada := c.as("ada")
	ada.post("/step-up/sso", "for", "/account/name").wants(t, http.StatusOK, provider.Issuer)
	refusal := ada.get("/sign-in/sso/done?code=x&state=y")
	refusal.wants(t, http.StatusUnprocessableEntity, "ACME Login did not vouch for you", "change your display name", `href="/step-up?for=%2Faccount%2Fname"`)
	goldenPage(t, "accounts", "sso-refused", refusal.body)
	ada.confirmed("/account/sso").wants(t, http.StatusOK, provider.Issuer)
	ada.get("/sign-in/sso/done?code=x&state=y").wants(t, http.StatusUnprocessableEntity, "link your identity there", `href="/account/sso"`)
	newcomer := c.as("")
	newcomer.post("/enter/"+c.link("dia", "enrol")).leads(t, "/begin")
	newcomer.post("/begin/sso").wants(t, http.StatusOK, provider.Issuer)
	newcomer.get("/sign-in/sso/done?code=x&state=y").wants(t, http.StatusUnprocessableEntity, "begin your account", `href="/begin"`)
	newcomer.get("/begin").wants(t, http.StatusOK, "How do you want to sign in?")
}

// TestAdminsInTheBrowser looks at the pages about admins.
func TestAdminsInTheBrowser(t *testing.T) {
	t.Parallel()
	needBundle(t)
	c := newConsole(t)
	c.as("cem").confirmed("/admins/new", "name", "fay", "role", "approver", "role", "maker").wants(t, http.StatusOK)
	c.as("cem").confirmed("/admins/ada/roles", "role", "maker", "role", "auditor").leads(t, "/proposals/2")
	c.as("bea").post("/proposals/2/decline", "reason", "ada looks after the roster alone; an auditor should not").leads(t, "/proposals/2")
	token := c.plant("eve")
	tab := c.tab("")
	tab.Cookie(c.Origin.String(), cookieName, token)
	for name, path := range map[string]string{
		"admins": "/admins", "admin": "/admins/ada", "proposals": "/proposals", "proposal": "/proposals/1", "proposal-declined": "/proposals/2",
		"decline": "/proposals/1/decline", "disable": "/admins/ada/disable",
	} {
		tab.Open(c.address(path))
		accountLook(tab, name)
	}
	secret := payroll.HashToken(token)
	for name, path := range map[string]string{"confirm": "/proposals/1/confirm", "admin-new": "/admins/new", "roles": "/admins/ada/roles", "reset": "/admins/bea/reset"} {
		c.exec(`insert into step_ups (session, purpose) values ($1, $2)`, secret[:], path)
		tab.Open(c.address(path))
		accountLook(tab, name)
	}
	tab.Scheme("dark")
	tab.Open(c.address("/admins"))
	tab.Axe()
	tab.Picture("account-admins-dark")
	tab.Open(c.address("/proposals/1/confirm"))
	tab.Click("main form button")
	tab.See("h1", "The one-time link")
	tab.Axe()
	tab.Picture("account-link-dark")
}

// clickMenu signs out through the menu of the account.
func clickMenu() []chromedp.Action[chromedp.Void] {
	return []chromedp.Action[chromedp.Void]{
		chromedp.Click(chromedp.CSS(".account summary")),
		chromedp.Click(chromedp.CSS("form[action='/sign-out'] button")),
	}
}
