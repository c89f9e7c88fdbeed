package identity

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/payseal/payseal/payroll"
)

// provider is what an OpenID provider says of itself (OpenID Connect Discovery 1.0).
type provider struct {
	*oidc.Provider
	issuer      string
	keys        oidc.KeySet
	auth        oauth2.AuthStyle
	namesItself bool // RFC 9207
	http        *http.Client
	until       time.Time
}

// How long the provider's words count, how long it may take and how much it may say.
const (
	discoveryTime   = time.Hour
	providerTimeout = 10 * time.Second
	answerMost      = 1 << 20
)

// signatures are what an ID token may be signed with. Never "none", and never HMAC,
// whose key would be the client's secret.
var signatures = []string{oidc.RS256, oidc.ES256, oidc.EdDSA}

// provider asks for the provider's configuration, or gives the one of this hour. Two
// who come at once may both ask.
func (s *SingleSignOn) provider(ctx context.Context, at time.Time) (*provider, error) {
	s.mu.Lock()
	known := s.known
	s.mu.Unlock()
	if known != nil && at.Before(known.until) {
		return known, nil
	}
	found, err := s.discover(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask the single sign-on provider: %w", err)
	}
	found.until = at.Add(discoveryTime)
	s.mu.Lock()
	s.known = found
	s.mu.Unlock()
	return found, nil
}

func (s *SingleSignOn) discover(ctx context.Context) (*provider, error) {
	if !safe(s.Issuer) {
		return nil, fmt.Errorf("%w: the issuer is no https address", payroll.ErrInvalid)
	}
	client := boundedClient()
	ctx = oidc.ClientContext(ctx, client)
	found, err := oidc.NewProvider(ctx, s.Issuer)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, brief(err))
	}
	var more struct {
		JWKS        string   `json:"jwks_uri"`
		Methods     []string `json:"token_endpoint_auth_methods_supported"`
		NamesItself bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := found.Claims(&more); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrProvider, err)
	}
	at := found.Endpoint()
	if !safe(at.AuthURL) || !safe(at.TokenURL) || !safe(more.JWKS) {
		return nil, fmt.Errorf("%w: an address of it is missing, or not https", ErrProvider)
	}
	return &provider{
		Provider: found, issuer: s.Issuer, keys: oidc.NewRemoteKeySet(ctx, more.JWKS), auth: s.authStyle(more.Methods), namesItself: more.NamesItself, http: client,
	}, nil
}

// authStyle says how the client shows its secret: in the header unless the provider
// takes it in the body only. It is never tried out, since that would burn the code.
func (s *SingleSignOn) authStyle(methods []string) oauth2.AuthStyle {
	basic := len(methods) == 0 || slices.Contains(methods, "client_secret_basic")
	if s.ClientSecret != "" && basic {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}

func (s *SingleSignOn) client(p *provider) *oauth2.Config {
	endpoint := p.Endpoint()
	endpoint.AuthStyle = p.auth
	return &oauth2.Config{
		ClientID: s.ClientID, ClientSecret: s.ClientSecret, RedirectURL: s.RedirectURL,
		Endpoint: endpoint, Scopes: []string{oidc.ScopeOpenID},
	}
}

// verify checks signature, issuer, audience and time of an ID token. Unknown keys are
// fetched again; the token came straight from the provider, so that nobody else can
// have us do so.
func (p *provider) verify(ctx context.Context, clientID, raw string, at time.Time) (*oidc.IDToken, error) {
	keys := &fetched{KeySet: p.keys}
	verifier := oidc.NewVerifier(p.issuer, keys, &oidc.Config{
		ClientID: clientID, SupportedSigningAlgs: signatures, Now: func() time.Time { return at },
	})
	token, err := verifier.Verify(ctx, raw)
	switch {
	case keys.trouble != nil:
		return nil, fmt.Errorf("fetch the provider's keys: %w: %w", ErrProvider, brief(keys.trouble))
	case err != nil:
		return nil, notSigned("the token does not hold")
	}
	return token, nil
}

// fetched notes why keys could not be had, which the verifier's error does not tell
// apart from a wrong signature.
type fetched struct {
	oidc.KeySet
	trouble error
}

// VerifySignature asks the keys. Of their errors only the one of fetching wraps another.
func (f *fetched) VerifySignature(ctx context.Context, jwt string) ([]byte, error) {
	payload, err := f.KeySet.VerifySignature(ctx, jwt)
	f.trouble = errors.Unwrap(err)
	return payload, err
}

// safe says whether the address is https, or http on this very machine.
func safe(address string) bool {
	at, err := url.Parse(address)
	if err != nil || at.Host == "" || at.User != nil || at.Fragment != "" {
		return false
	}
	ip, err := netip.ParseAddr(at.Hostname())
	here := at.Hostname() == "localhost" || err == nil && ip.IsLoopback()
	return at.Scheme == "https" || at.Scheme == "http" && here
}

// boundedClient gives up on a provider that is slow, talks too much or sends us elsewhere.
func boundedClient() *http.Client {
	return &http.Client{
		Timeout: providerTimeout,
		Transport: bounded{&http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: providerTimeout}).DialContext,
			TLSHandshakeTimeout: providerTimeout, MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns: 4, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// bounded cuts answers off, with an error.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	response.Body = http.MaxBytesReader(nil, response.Body, answerMost)
	return response, nil
}

// What brief says where the provider did answer.
var (
	errOtherIssuer = errors.New("it names another issuer than the configuration of payseal")
	errNoSense     = errors.New("its answer is no success, or makes no sense")
)

// brief is an error without the provider's own words, which may be a megabyte of
// anything, and without the address, whose query may hold a secret.
func brief(err error) error {
	if network := (*url.Error)(nil); errors.As(err, &network) {
		return network.Err
	}
	if mismatch := (*oidc.IssuerMismatchError)(nil); errors.As(err, &mismatch) {
		return errOtherIssuer
	}
	return errNoSense
}
