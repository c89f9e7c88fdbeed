package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/payseal/payseal/payroll"
)

// SingleSignOn signs admins in at one OpenID provider (OpenID Connect Core 1.0, code
// flow with PKCE). The provider is asked for its configuration when it is first needed
// and once an hour, so that the console starts while the provider is away. Use it by
// pointer; it is safe for concurrent use.
type SingleSignOn struct {
	Issuer       string // as the provider writes it; https, or http on this machine
	ClientID     string
	ClientSecret string   // empty for a public client
	RedirectURL  string   // of the console, registered at the provider
	ACR          []string // one of these must be the token's acr; none: any
	AMR          []string // each of these must be in the token's amr; none: any

	mu    sync.Mutex
	known *provider
}

// Identity is whom the provider vouches for. Only issuer and subject together name a
// person; a mail address or a name never does (OpenID Connect Core §5.7).
type Identity struct {
	Issuer, Subject string
	AuthTime        time.Time // when the person proved themselves there; zero where the provider does not say
	MultiFactor     bool      // the token's acr or amr says that more than one factor was used
}

// ErrProvider says that the OpenID provider cannot be reached or speaks in a way that
// cannot be understood; it is not the person's fault.
var ErrProvider = errors.New("the single sign-on provider does not answer as it should")

// signInTime is how long a person has at the provider.
const signInTime = 10 * time.Minute

// skew is by how much the provider's clock may differ from ours.
const skew = time.Minute

// signIn is the state between Begin and Finish.
type signIn struct {
	State    string    `json:"state"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Fresh    bool      `json:"fresh"`
	Begun    time.Time `json:"begun"`
}

// Begin gives the address to send the browser to, and a state for the store, to be kept
// with this browser alone and taken out once. fresh, for a step-up, has the provider ask
// the person again even if they are signed in there.
func (s *SingleSignOn) Begin(ctx context.Context, fresh bool, at time.Time) (redirect string, state []byte, err error) {
	p, err := s.provider(ctx, at)
	if err != nil {
		return "", nil, err
	}
	begun := signIn{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Fresh: fresh, Begun: at}
	if state, err = json.Marshal(begun); err != nil {
		return "", nil, fmt.Errorf("write the state of a sign-in: %w", err)
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(begun.Nonce), oauth2.S256ChallengeOption(begun.Verifier)}
	if fresh {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	if len(s.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", strings.Join(s.ACR, " ")))
	}
	return s.client(p).AuthCodeURL(begun.State, options...), state, nil
}

// Finish takes what the provider sent the browser back with, and says who it is. What
// does not fit the state, a refusal of the provider, a token that does not hold and a
// sign-in weaker or older than asked for are payroll.ErrNotAllowed; a provider that
// cannot be reached is ErrProvider.
func (s *SingleSignOn) Finish(ctx context.Context, state []byte, query url.Values, at time.Time) (Identity, error) {
	begun, err := openSignIn(state, query, at)
	if err != nil {
		return Identity{}, err
	}
	p, err := s.provider(ctx, at)
	if err != nil {
		return Identity{}, err
	}
	if err := p.sent(query); err != nil {
		return Identity{}, err
	}
	raw, err := s.exchange(ctx, p, query.Get("code"), begun.Verifier)
	if err != nil {
		return Identity{}, err
	}
	token, err := p.verify(ctx, s.ClientID, raw, at)
	if err != nil {
		return Identity{}, err
	}
	return s.identity(token, begun, at)
}

func openSignIn(state []byte, query url.Values, at time.Time) (signIn, error) {
	var begun signIn
	if err := json.Unmarshal(state, &begun); err != nil || begun.State == "" || begun.Nonce == "" {
		return signIn{}, notSigned("it was not begun in this browser")
	}
	switch {
	case len(query["state"]) != 1 || subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(begun.State)) != 1:
		return signIn{}, notSigned("the answer is to another question")
	case at.After(begun.Begun.Add(signInTime)):
		return signIn{}, notSigned("it took more than ten minutes; try again")
	}
	return begun, nil
}

// sent checks the rest of the answer: from this provider (RFC 9207), and a code.
func (p *provider) sent(query url.Values) error {
	from := query["iss"]
	switch {
	case len(from) > 1 || len(from) == 1 && from[0] != p.issuer || len(from) == 0 && p.namesItself:
		return notSigned("the answer is from another provider")
	case query.Has("error"):
		return notSigned("the provider said no")
	case len(query["code"]) != 1 || query.Get("code") == "":
		return notSigned("the answer has no code")
	}
	return nil
}

func (s *SingleSignOn) exchange(ctx context.Context, p *provider, code, verifier string) (idToken string, err error) {
	ctx = oidc.ClientContext(ctx, p.http)
	token, err := s.client(p).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if refusal := (*oauth2.RetrieveError)(nil); errors.As(err, &refusal) && refusal.ErrorCode == "invalid_grant" {
		return "", notSigned("the provider does not know the code")
	} else if refusal != nil { // its text may quote what we sent
		return "", fmt.Errorf("exchange a code: %w: status %d", ErrProvider, refusal.Response.StatusCode)
	}
	if err != nil {
		return "", fmt.Errorf("exchange a code: %w: %w", ErrProvider, brief(err))
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return "", fmt.Errorf("exchange a code: %w: no id_token", ErrProvider)
	}
	return raw, nil
}

// claims are what is read of an ID token beside what go-oidc checks.
type claims struct {
	AuthorizedParty string   `json:"azp"`
	AuthTime        *float64 `json:"auth_time"`
	ACR             string   `json:"acr"`
	AMR             methods  `json:"amr"`
}

// methods is a list, though some providers write a single one as text.
type methods []string

// UnmarshalJSON reads both.
func (m *methods) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*m = methods{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(m))
}

func (s *SingleSignOn) identity(token *oidc.IDToken, begun signIn, at time.Time) (Identity, error) {
	var c claims
	if err := token.Claims(&c); err != nil {
		return Identity{}, fmt.Errorf("read a token: %w: %w", ErrProvider, brief(err))
	}
	who := Identity{Issuer: s.Issuer, Subject: token.Subject, MultiFactor: s.multiFactor(c)}
	if c.AuthTime != nil {
		who.AuthTime = time.Unix(int64(*c.AuthTime), 0).UTC()
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(begun.Nonce)) != 1:
		return Identity{}, notSigned("the token is for another sign-in")
	case token.Subject == "" || len(token.Subject) > 255:
		return Identity{}, notSigned("the token names nobody")
	case c.AuthorizedParty != s.ClientID && (c.AuthorizedParty != "" || len(token.Audience) > 1):
		return Identity{}, notSigned("the token is for another program")
	case token.IssuedAt.After(at.Add(skew)) || who.AuthTime.After(at.Add(skew)):
		return Identity{}, notSigned("the token is from the future; is a clock wrong?")
	case begun.Fresh && who.AuthTime.Before(begun.Begun.Add(-skew)):
		return Identity{}, notSigned("the provider did not ask again who it is")
	case !s.strong(c):
		return Identity{}, notSigned("the provider asked for less than is wanted here")
	}
	return who, nil
}

// strong says whether the token meets what the operator demands.
func (s *SingleSignOn) strong(c claims) bool {
	missing := func(method string) bool { return !slices.Contains(c.AMR, method) }
	return (len(s.ACR) == 0 || slices.Contains(s.ACR, c.ACR)) && !slices.ContainsFunc(s.AMR, missing)
}

// factors sorts the methods of RFC 8176 into what one knows, has and is.
var factors = map[string]string{
	"pwd": "knows", "pin": "knows", "kba": "knows",
	"otp": "has", "hwk": "has", "swk": "has", "sc": "has", "sms": "has", "tel": "has", "pop": "has",
	"face": "is", "fpt": "is", "iris": "is", "retina": "is", "vbm": "is",
}

// multiFactor believes the methods ("mfa", or two of different kinds), or an acr that
// the operator demands. Where the provider says nothing, one factor is all there was.
func (s *SingleSignOn) multiFactor(c claims) bool {
	kinds := map[string]bool{}
	for _, method := range c.AMR {
		kinds[factors[method]] = true
	}
	delete(kinds, "")
	return slices.Contains(c.AMR, "mfa") || len(kinds) > 1 || len(s.ACR) > 0 && slices.Contains(s.ACR, c.ACR)
}

func notSigned(why string) error {
	return fmt.Errorf("sign in by the provider: %w: %s", payroll.ErrNotAllowed, why)
}

// String hides the secret.
func (s *SingleSignOn) String() string { return "single sign-on at " + s.Issuer }

// GoString hides the secret.
func (s *SingleSignOn) GoString() string { return s.String() }
