// Package oidctest is an OpenID provider for tests: discovery, keys, a sign-in page with
// a button per user, and a token endpoint that checks the client, the code and PKCE. It
// can be told to go wrong in one way at a time. Read [Provider] first.
package oidctest

import (
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Client is the one program that the provider knows.
type Client struct {
	ID          string
	Secret      string // empty for a public client
	RedirectURL string
}

// User is somebody who can sign in, and what the provider then says of how.
type User struct {
	Subject string
	ACR     string
	AMR     []string
}

// Provider is a running OpenID provider at Issuer, an http address of this machine.
// Whoever has signed in is remembered by a cookie, until a request says prompt=login.
type Provider struct {
	Issuer string

	mu       sync.Mutex
	client   Client
	users    map[string]User
	order    []string
	fault    Fault
	signer   jose.JSONWebKey
	keys     []jose.JSONWebKey
	codes    map[string]grant
	sessions map[string]session
}

// session is a browser that has signed in.
type session struct {
	subject string
	at      time.Time
}

// grant is what a code stands for.
type grant struct {
	session
	nonce, challenge, redirect string
}

// Start runs a provider until the test ends. It signs with ES256.
func Start(t testing.TB, client Client, users ...User) *Provider {
	t.Helper()
	p := &Provider{
		client: client, users: map[string]User{}, codes: map[string]grant{}, sessions: map[string]session{},
	}
	for _, user := range users {
		p.users[user.Subject] = user
		p.order = append(p.order, user.Subject)
	}
	p.SignWith(t, jose.ES256)
	routes := http.NewServeMux()
	routes.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	routes.HandleFunc("GET /keys", p.jwks)
	routes.HandleFunc("GET /authorize", p.authorize)
	routes.HandleFunc("POST /authorize", p.signIn)
	routes.HandleFunc("POST /token", p.token)
	server := httptest.NewServer(routes)
	t.Cleanup(server.Close)
	p.Issuer = server.URL
	return p
}

// Register replaces the client, for a test that learns its own address late.
func (p *Provider) Register(client Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.client = client
}

// Break has the provider go wrong from now on; Fine mends it.
func (p *Provider) Break(fault Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault = fault
}

func (p *Provider) broken(fault Fault) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault == fault
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	if p.broken(Down) {
		unavailable(w)
		return
	}
	methods := []string{"client_secret_basic", "client_secret_post"}
	if p.broken(PostOnly) {
		methods = methods[1:]
	}
	said := map[string]any{
		"issuer": p.Issuer, "authorization_endpoint": p.Issuer + "/authorize",
		"token_endpoint": p.Issuer + "/token", "jwks_uri": p.Issuer + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"ES256", "RS256", "EdDSA", "HS256", "none"},
		"token_endpoint_auth_methods_supported": methods, "code_challenge_methods_supported": []string{"S256"},
		"authorization_response_iss_parameter_supported": true,
	}
	switch {
	case p.broken(DiscoveryOfAnother):
		said["issuer"] = "https://other.example"
	case p.broken(PlainToken):
		said["token_endpoint"] = "http://provider.example/token"
	case p.broken(TooMuch):
		said["padding"] = make([]byte, 2<<20)
	}
	writeJSON(w, http.StatusOK, said)
}

// page is what a user sees.
var page = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in</title></head><body><main><h1>Who are you?</h1>
<form method="post" action="/authorize?{{.Query}}">
{{range .Users}}<p><button name="user" value="{{.}}">{{.}}</button></p>
{{end}}</form></main></body></html>`))

// cookieName is of the provider alone; cookies do not part the ports of a machine.
const cookieName = "oidctest"

// authorize shows the page, or sends a browser that is signed in straight back.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if fault := p.request(query); fault != "" {
		http.Error(w, fault, http.StatusBadRequest)
		return
	}
	if cookie, err := r.Cookie(cookieName); err == nil && query.Get("prompt") != "login" {
		p.mu.Lock()
		known, found := p.sessions[cookie.Value]
		p.mu.Unlock()
		if found {
			p.sendBack(w, r, known)
			return
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = page.Execute(w, map[string]any{"Query": template.URL(r.URL.RawQuery), "Users": p.order})
}

// request says what is wrong with an authorization request of the client.
func (p *Provider) request(query url.Values) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, wanted := range map[string]string{
		"response_type": "code", "client_id": p.client.ID, "redirect_uri": p.client.RedirectURL, "code_challenge_method": "S256",
	} {
		if query.Get(name) != wanted {
			return fmt.Sprintf("%s is not %q", name, wanted)
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if query.Get(name) == "" {
			return name + " is missing"
		}
	}
	return ""
}

// signIn is a press on a user's button.
func (p *Provider) signIn(w http.ResponseWriter, r *http.Request) {
	subject := r.PostFormValue("user")
	if fault := p.request(r.URL.Query()); fault != "" || p.users[subject].Subject == "" {
		http.Error(w, "no such request or user: "+fault, http.StatusBadRequest)
		return
	}
	made := session{subject, time.Now()}
	cookie := rand.Text()
	p.mu.Lock()
	p.sessions[cookie] = made
	p.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: cookieName, Value: cookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
	p.sendBack(w, r, made)
}

// sendBack redirects to the client with a code, or with what the fault makes of it.
func (p *Provider) sendBack(w http.ResponseWriter, r *http.Request, who session) {
	query := r.URL.Query()
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = grant{who, query.Get("nonce"), query.Get("code_challenge"), query.Get("redirect_uri")}
	p.mu.Unlock()
	answer := url.Values{"state": query["state"], "iss": {p.Issuer}, "code": {code}}
	switch {
	case p.broken(AnswerOfAnother):
		answer.Set("iss", "https://other.example")
	case p.broken(AnswerOfNobody):
		answer.Del("iss")
	case p.broken(Refusal):
		answer.Del("code")
		answer.Set("error", "access_denied")
	}
	http.Redirect(w, r, query.Get("redirect_uri")+"?"+answer.Encode(), http.StatusSeeOther)
}
