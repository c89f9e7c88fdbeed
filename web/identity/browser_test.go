package identity

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/oidctest"
)

func TestMain(m *testing.M) { os.Exit(browsertest.Around(m).Run()) }

// The options are what a browser reads, and its answers what is read here.
func TestPasskeysInABrowser(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>console</title><h1>console</h1></html>`)
	}))
	t.Cleanup(server.Close)
	origin := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	tab := browsertest.Start(t)
	tab.Open(origin)
	addAuthenticator(t, tab)
	p, err := NewPasskeys(origin, "Kirschblüte & Söhne")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	maria := Holder{Handle: newHandle(), Name: "maria.silva"}
	options, state, err := p.BeginRegistration(maria, now)
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.FinishRegistration(maria, state, ask(t, tab, "create", "Creation", options), now)
	if err != nil {
		t.Fatal(err)
	}
	maria.Passkeys = []Passkey{made}
	if options, state, err = p.BeginSignIn(now); err != nil {
		t.Fatal(err)
	}
	who, used, err := p.FinishSignIn(state, ask(t, tab, "get", "Request", options), now, found(maria))
	if err != nil || who.Name != maria.Name {
		t.Fatalf("sign-in: %q, %v", who.Name, err)
	}
	maria.Passkeys[0] = used
	if options, state, err = p.BeginStepUp(maria, "/runs/7/approve abc", now); err != nil {
		t.Fatal(err)
	}
	if used, err = p.FinishStepUp(maria, "/runs/7/approve abc", state, ask(t, tab, "get", "Request", options), now); err != nil {
		t.Fatal(err)
	}
	if used.SignCount <= maria.Passkeys[0].SignCount {
		t.Errorf("count %d after %d", used.SignCount, maria.Passkeys[0].SignCount)
	}
}

// addAuthenticator gives the browser a device that always says yes.
func addAuthenticator(t *testing.T, tab *browsertest.Tab) {
	t.Helper()
	if _, err := chromedp.Call(tab.Context, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	device := &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}
	params := webauthn.AddVirtualAuthenticatorParams{Options: device}
	if _, err := chromedp.Call(tab.Context, webauthn.AddVirtualAuthenticator, params); err != nil {
		t.Fatal(err)
	}
}

// ask has the page answer options as the console's script does.
func ask(t *testing.T, tab *browsertest.Tab, act, kind string, options []byte) []byte {
	t.Helper()
	var answer string
	tab.Value(fmt.Sprintf(
		`navigator.credentials.%s({publicKey: PublicKeyCredential.parse%sOptionsFromJSON(%s.publicKey)}).then(c => JSON.stringify(c.toJSON()))`,
		act, kind, options), &answer)
	if !json.Valid([]byte(answer)) {
		t.Fatalf("the browser answers %q", answer)
	}
	return []byte(answer)
}

func TestSingleSignOnInABrowser(t *testing.T) {
	t.Parallel()
	p, s := newSSO(t, oidctest.User{Subject: "maria", AMR: []string{"mfa"}}, oidctest.User{Subject: `<b>"o'brien"</b>`})
	var mu sync.Mutex
	var kept []byte // a store with room for one
	routes := http.NewServeMux()
	routes.HandleFunc("GET /start", func(w http.ResponseWriter, r *http.Request) {
		redirect, state, err := s.Begin(r.Context(), r.FormValue("fresh") != "", time.Now())
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		mu.Lock()
		kept = state
		mu.Unlock()
		http.Redirect(w, r, redirect, http.StatusSeeOther)
	})
	routes.HandleFunc("GET /back", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		state := kept
		kept = nil
		mu.Unlock()
		who, err := s.Finish(r.Context(), state, r.URL.Query(), time.Now())
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, `<!doctype html><html lang="en"><title>back</title><h1>%s</h1></html>`,
			html.EscapeString(fmt.Sprintln(who.Subject, who.MultiFactor, err)))
	})
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	s.RedirectURL = server.URL + "/back"
	p.Register(oidctest.Client{ID: s.ClientID, Secret: s.ClientSecret, RedirectURL: s.RedirectURL})
	tab := browsertest.Start(t)
	tab.Open(server.URL + "/start")
	tab.See("h1", "Who are you?")
	tab.Click(`button[value="maria"]`)
	tab.See("h1", "maria true <nil>")
	tab.Open(server.URL + "/start") // signed in there already
	tab.See("h1", "maria true <nil>")
	tab.Open(server.URL + "/start?fresh=1")
	tab.See("h1", "Who are you?")
	tab.Click(`p:nth-of-type(2) button`)
	tab.See("h1", `<b>"o'brien"</b> false <nil>`)
}
