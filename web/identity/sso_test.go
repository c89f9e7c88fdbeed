package identity

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/internal/oidctest"
	"github.com/payseal/payseal/payroll"
)

const ssoSecret = "a secret of the client, long enough for HS256"

// newSSO is a provider and a console that signs in there.
func newSSO(t *testing.T, users ...oidctest.User) (*oidctest.Provider, *SingleSignOn) {
	t.Helper()
	client := oidctest.Client{ID: "payseal", Secret: ssoSecret, RedirectURL: "https://console.example/sign-in/back"}
	if len(users) == 0 {
		users = []oidctest.User{{Subject: "maria", AMR: []string{"pwd", "otp"}}}
	}
	p := oidctest.Start(t, client, users...)
	return p, &SingleSignOn{Issuer: p.Issuer, ClientID: client.ID, ClientSecret: client.Secret, RedirectURL: client.RedirectURL}
}

// signInAs goes there and back.
func signInAs(t *testing.T, s *SingleSignOn, b *oidctest.Browser, subject string, fresh bool) (Identity, bool, error) {
	t.Helper()
	redirect, state, err := s.Begin(t.Context(), fresh, time.Now())
	if err != nil {
		return Identity{}, false, err
	}
	query, asked := b.SignIn(t, redirect, subject)
	who, err := s.Finish(t.Context(), state, query, time.Now())
	return who, asked, err
}

func TestSingleSignOn(t *testing.T) {
	t.Parallel()
	p, s := newSSO(t)
	b := oidctest.NewBrowser(t)
	for _, algorithm := range []jose.SignatureAlgorithm{jose.ES256, jose.RS256, jose.EdDSA} {
		p.SignWith(t, algorithm) // the cached keys do not have it
		who, _, err := signInAs(t, s, b, "maria", false)
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		if time.Since(who.AuthTime) > time.Minute {
			t.Errorf("%s: signed in at %s", algorithm, who.AuthTime)
		}
		who.AuthTime = time.Time{}
		if diff := cmp.Diff(Identity{Issuer: p.Issuer, Subject: "maria", MultiFactor: true}, who); diff != "" {
			t.Error(diff)
		}
	}
	p.ReplaceKeys(t, jose.ES256)
	if _, _, err := signInAs(t, s, b, "maria", false); err != nil {
		t.Errorf("after the provider replaced its keys: %v", err)
	}
	if printed := fmt.Sprintf("%v %+v %#v", s, s, s); strings.Contains(printed, "secret") {
		t.Errorf("prints %s", printed)
	}
}

func TestSingleSignOnAsksAgainForStepUp(t *testing.T) {
	t.Parallel()
	p, s := newSSO(t)
	b := oidctest.NewBrowser(t)
	if _, asked, err := signInAs(t, s, b, "maria", false); err != nil || !asked {
		t.Fatalf("the first time: asked %t, %v", asked, err)
	}
	if _, asked, err := signInAs(t, s, b, "maria", false); err != nil || asked {
		t.Fatalf("the second time: asked %t, %v", asked, err)
	}
	if _, asked, err := signInAs(t, s, b, "maria", true); err != nil || !asked {
		t.Errorf("for a step-up: asked %t, %v", asked, err)
	}
	for _, fault := range []oidctest.Fault{oidctest.OldSignIn, oidctest.NoAuthTime} {
		p.Break(fault)
		if _, _, err := signInAs(t, s, b, "maria", true); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("step-up with %s: %v", fault, err)
		}
		if _, _, err := signInAs(t, s, b, "maria", false); err != nil {
			t.Errorf("sign-in with %s: %v", fault, err)
		}
	}
}

func TestSingleSignOnRefusesFaults(t *testing.T) {
	t.Parallel()
	for fault, wanted := range map[oidctest.Fault]error{
		oidctest.Fine:               nil,
		oidctest.PostOnly:           nil,
		oidctest.Down:               ErrProvider,
		oidctest.DiscoveryOfAnother: ErrProvider,
		oidctest.PlainToken:         ErrProvider,
		oidctest.TooMuch:            ErrProvider,
		oidctest.TokenDown:          ErrProvider,
		oidctest.NoToken:            ErrProvider,
		oidctest.KeysDown:           ErrProvider,
		oidctest.OddMethods:         ErrProvider,
		oidctest.PlainMethod:        nil,
		oidctest.AnswerOfAnother:    payroll.ErrNotAllowed,
		oidctest.AnswerOfNobody:     payroll.ErrNotAllowed,
		oidctest.Refusal:            payroll.ErrNotAllowed,
		oidctest.WrongNonce:         payroll.ErrNotAllowed,
		oidctest.NoNonce:            payroll.ErrNotAllowed,
		oidctest.WrongAudience:      payroll.ErrNotAllowed,
		oidctest.TwoAudiences:       payroll.ErrNotAllowed,
		oidctest.WrongParty:         payroll.ErrNotAllowed,
		oidctest.OtherIssuer:        payroll.ErrNotAllowed,
		oidctest.NoSubject:          payroll.ErrNotAllowed,
		oidctest.Expired:            payroll.ErrNotAllowed,
		oidctest.FromTheFuture:      payroll.ErrNotAllowed,
		oidctest.AlgNone:            payroll.ErrNotAllowed,
		oidctest.Symmetric:          payroll.ErrNotAllowed,
		oidctest.ForeignKey:         payroll.ErrNotAllowed,
		oidctest.Tampered:           payroll.ErrNotAllowed,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			p, s := newSSO(t)
			p.Break(fault)
			who, _, err := signInAs(t, s, oidctest.NewBrowser(t), "maria", false)
			if !errors.Is(err, wanted) || (err != nil) != (wanted != nil) {
				t.Errorf("%+v, %v; want %v", who, err, wanted)
			}
			if err != nil && (who != Identity{} || len(err.Error()) > 200 || strings.Contains(err.Error(), "down") || strings.Contains(err.Error(), ssoSecret) || strings.Contains(err.Error(), "code=")) {
				t.Errorf("an error gives %+v, %v", who, err)
			}
		})
	}
}

func TestSingleSignOnMendsItself(t *testing.T) {
	t.Parallel()
	p, s := newSSO(t)
	p.Break(oidctest.Down)
	b := oidctest.NewBrowser(t)
	if _, _, err := s.Begin(t.Context(), false, time.Now()); !errors.Is(err, ErrProvider) {
		t.Fatalf("while it is away: %v", err)
	}
	p.Break(oidctest.Fine)
	if _, _, err := signInAs(t, s, b, "maria", false); err != nil {
		t.Fatal(err)
	}
	p.Break(oidctest.Down)
	if _, _, err := s.Begin(t.Context(), false, time.Now().Add(discoveryTime/2)); err != nil {
		t.Errorf("within the hour: %v", err)
	}
	if _, _, err := s.Begin(t.Context(), false, time.Now().Add(2*discoveryTime)); !errors.Is(err, ErrProvider) {
		t.Errorf("two hours later: %v", err)
	}
}

// What comes back must fit what this browser began, once.
func TestSingleSignOnStateIsBound(t *testing.T) {
	t.Parallel()
	p, s := newSSO(t)
	b := oidctest.NewBrowser(t)
	now := time.Now()
	redirect, state, err := s.Begin(t.Context(), false, now)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := s.Begin(t.Context(), false, now)
	if err != nil {
		t.Fatal(err)
	}
	query, _ := b.SignIn(t, redirect, "maria")
	changed := func(name string, values ...string) url.Values {
		other := url.Values{}
		for n, v := range query {
			other[n] = v
		}
		other[name] = values
		return other
	}
	for name, try := range map[string]struct {
		state []byte
		query url.Values
		at    time.Time
	}{
		"another browser's state": {foreign, query, now},
		"no state in the answer":  {state, changed("state"), now},
		"two states":              {state, changed("state", query.Get("state"), query.Get("state")), now},
		"two codes":               {state, changed("code", query.Get("code"), "x"), now},
		"no code":                 {state, changed("code"), now},
		"an error beside a code":  {state, changed("error", "login_required"), now},
		"nothing kept":            {nil, query, now},
		"an empty state":          {[]byte(`{}`), changed("state", ""), now},
		"too late":                {state, query, now.Add(signInTime + time.Second)},
		"a code of nobody":        {state, changed("code", "x"), now},
	} {
		if who, err := s.Finish(t.Context(), try.state, try.query, try.at); !errors.Is(err, payroll.ErrNotAllowed) {
			t.Errorf("%s: %+v, %v", name, who, err)
		}
	}
	if _, err := s.Finish(t.Context(), state, query, now); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Finish(t.Context(), state, query, now); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("the same answer again: %v", err)
	}
	p.Register(oidctest.Client{ID: "payseal", Secret: "another", RedirectURL: s.RedirectURL})
	if _, _, err := signInAs(t, s, b, "maria", false); !errors.Is(err, ErrProvider) {
		t.Errorf("with a secret that the provider does not know: %v", err)
	}
}

// The verifier of another sign-in does not fit the code: a stolen code is of no use.
func TestSingleSignOnUsesPKCE(t *testing.T) {
	t.Parallel()
	_, s := newSSO(t)
	redirect, _, err := s.Begin(t.Context(), false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	_, mine, err := s.Begin(t.Context(), false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	stolen, _ := oidctest.NewBrowser(t).SignIn(t, redirect, "maria")
	begun, err := openSignIn(mine, url.Values{"state": {stateOf(t, s, mine)}}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	stolen.Set("state", begun.State)
	if who, err := s.Finish(t.Context(), mine, stolen, time.Now()); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("%+v, %v", who, err)
	}
}

func stateOf(t *testing.T, s *SingleSignOn, state []byte) string {
	t.Helper()
	_, rest, _ := strings.Cut(string(state), `"state":"`)
	text, _, found := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("no state in %d bytes of %s", len(state), s)
	}
	return text
}

func TestSingleSignOnStrength(t *testing.T) {
	t.Parallel()
	const strong = "urn:example:strong"
	for name, test := range map[string]struct {
		user        oidctest.User
		acr, amr    []string
		refused     bool
		multiFactor bool
	}{
		"nothing said":             {},
		"a password":               {user: oidctest.User{AMR: []string{"pwd"}}},
		"two of a kind":            {user: oidctest.User{AMR: []string{"pwd", "pin", "user"}}},
		"unknown words":            {user: oidctest.User{AMR: []string{"magic", "wand"}}},
		"mfa":                      {user: oidctest.User{AMR: []string{"mfa"}}, multiFactor: true},
		"a key and a finger":       {user: oidctest.User{AMR: []string{"hwk", "fpt"}}, multiFactor: true},
		"an acr that nobody wants": {user: oidctest.User{ACR: strong}},
		"the acr":                  {user: oidctest.User{ACR: strong}, acr: []string{"other", strong}, multiFactor: true},
		"another acr":              {user: oidctest.User{ACR: "weak"}, acr: []string{strong}, refused: true},
		"no acr":                   {acr: []string{strong}, refused: true},
		"the amr":                  {user: oidctest.User{AMR: []string{"hwk", "mfa"}}, amr: []string{"mfa"}, multiFactor: true},
		"half of the amr":          {user: oidctest.User{AMR: []string{"hwk"}}, amr: []string{"hwk", "mfa"}, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.user.Subject = "maria"
			_, s := newSSO(t, test.user)
			s.ACR, s.AMR = test.acr, test.amr
			who, _, err := signInAs(t, s, oidctest.NewBrowser(t), "maria", false)
			if (err != nil) != test.refused || test.refused && !errors.Is(err, payroll.ErrNotAllowed) || who.MultiFactor != test.multiFactor {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
}

func TestSafeAddresses(t *testing.T) {
	t.Parallel()
	for address, wanted := range map[string]bool{
		"https://login.example": true, "https://login.example/realms/a": true, "http://127.0.0.1:8080": true,
		"http://[::1]:80": true, "http://localhost:80": true, "http://login.example": false, "http://10.0.0.1": false,
		"http://127.0.0.1.example": false, "ftp://login.example": false, "login.example": false, "": false,
		"https://user:password@login.example": false, "https://login.example/#a": false, "https://": false,
	} {
		if got := safe(address); got != wanted {
			t.Errorf("safe(%q) = %t", address, got)
		}
	}
	p, found := newSSO(t)
	p.Break(oidctest.PlainToken)
	if _, _, err := found.Begin(t.Context(), false, time.Now()); !errors.Is(err, ErrProvider) {
		t.Errorf("a plain token endpoint: %v", err)
	}
	s := &SingleSignOn{Issuer: "http://login.example"}
	if _, _, err := s.Begin(t.Context(), false, time.Now()); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("a plain issuer: %v", err)
	}
}

// A provider that sends us elsewhere could have us call an inner address.
func TestSingleSignOnFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	_, good := newSSO(t)
	mover := httptest.NewServer(http.RedirectHandler(good.Issuer+"/.well-known/openid-configuration", http.StatusFound))
	t.Cleanup(mover.Close)
	s := &SingleSignOn{Issuer: mover.URL, ClientID: "payseal"}
	if _, _, err := s.Begin(t.Context(), false, time.Now()); !errors.Is(err, ErrProvider) {
		t.Errorf("a redirect: %v", err)
	}
}

func FuzzOpenSignIn(f *testing.F) {
	f.Add([]byte(`{"state":"a","nonce":"b","begun":"2026-11-22T00:00:00Z"}`), "state=a&code=b")
	f.Add([]byte(`{"state":"","nonce":""}`), "state=")
	f.Add([]byte(`{`), "%")
	f.Fuzz(func(t *testing.T, state []byte, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		begun, err := openSignIn(state, values, time.Date(2026, 11, 22, 0, 1, 0, 0, time.UTC))
		if err == nil && (begun.State == "" || values.Get("state") != begun.State) {
			t.Fatalf("accepts %q for %q", query, state)
		}
	})
}
