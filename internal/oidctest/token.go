package oidctest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Fault is a way to go wrong.
type Fault string

// The faults.
const (
	Fine               Fault = ""
	Down               Fault = "discovery answers 503"
	PostOnly           Fault = "the secret is taken in the body only" // no fault, but another kind of provider
	DiscoveryOfAnother Fault = "discovery names another issuer"
	PlainToken         Fault = "the token endpoint is not https"
	TooMuch            Fault = "discovery is longer than a megabyte"
	AnswerOfAnother    Fault = "the answer names another issuer"
	AnswerOfNobody     Fault = "the answer names no issuer"
	Refusal            Fault = "the answer is access_denied"
	TokenDown          Fault = "the token endpoint answers 503"
	NoToken            Fault = "no id_token"
	WrongNonce         Fault = "another nonce"
	NoNonce            Fault = "no nonce"
	WrongAudience      Fault = "another audience"
	TwoAudiences       Fault = "two audiences and no azp"
	WrongParty         Fault = "another azp"
	OtherIssuer        Fault = "another iss"
	NoSubject          Fault = "no sub"
	Expired            Fault = "expired"
	FromTheFuture      Fault = "iat tomorrow"
	OldSignIn          Fault = "auth_time of yesterday"
	NoAuthTime         Fault = "no auth_time"
	PlainMethod        Fault = "amr is no list" // the first of the user's, as text
	OddMethods         Fault = "amr is a number"
	KeysDown           Fault = "the keys answer 503"
	AlgNone            Fault = "alg none"
	Symmetric          Fault = "HS256 under the client's secret"
	ForeignKey         Fault = "signed by a key that is not published"
	Tampered           Fault = "claims changed after signing"
)

// SignWith makes a new key (ES256, RS256 or EdDSA) and signs with it from now on; keys
// before it stay published.
func (p *Provider) SignWith(t testing.TB, algorithm jose.SignatureAlgorithm) {
	t.Helper()
	key, err := newKey(algorithm)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signer = jose.JSONWebKey{Key: key, KeyID: rand.Text(), Algorithm: string(algorithm), Use: "sig"}
	p.keys = append(p.keys, p.signer.Public())
}

// ReplaceKeys does the same and withdraws all keys before it.
func (p *Provider) ReplaceKeys(t testing.TB, algorithm jose.SignatureAlgorithm) {
	t.Helper()
	p.mu.Lock()
	p.keys = nil
	p.mu.Unlock()
	p.SignWith(t, algorithm)
}

func newKey(algorithm jose.SignatureAlgorithm) (crypto.Signer, error) {
	switch algorithm {
	case jose.ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.RS256:
		return rsa.GenerateKey(rand.Reader, 2048)
	case jose.EdDSA:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("no key for %s", algorithm)
}

func (p *Provider) jwks(w http.ResponseWriter, _ *http.Request) {
	if p.broken(KeysDown) {
		unavailable(w)
		return
	}
	p.mu.Lock()
	keys := jose.JSONWebKeySet{Keys: p.keys}
	p.mu.Unlock()
	writeJSON(w, http.StatusOK, keys)
}

// token exchanges a code, once.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	if p.broken(TokenDown) {
		unavailable(w)
		return
	}
	if !p.isClient(r) {
		writeJSON(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	code := r.PostFormValue("code")
	p.mu.Lock()
	given, found := p.codes[code]
	delete(p.codes, code)
	user := p.users[given.subject]
	p.mu.Unlock()
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !found || r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("redirect_uri") != given.redirect ||
		base64.RawURLEncoding.EncodeToString(challenge[:]) != given.challenge {
		writeJSON(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	answer := map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300}
	if !p.broken(NoToken) {
		token, err := p.sign(p.claims(given, user))
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answer["id_token"] = token
	}
	writeJSON(w, http.StatusOK, answer)
}

// isClient checks the secret, by the way that the provider announced.
func (p *Provider) isClient(r *http.Request) bool {
	id, secret, basic := r.BasicAuth()
	if basic { // each is encoded as in a form (RFC 6749 §2.3.1)
		id, _ = url.QueryUnescape(id)
		secret, _ = url.QueryUnescape(secret)
	} else {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	postOnly := p.broken(PostOnly)
	p.mu.Lock()
	defer p.mu.Unlock()
	return id == p.client.ID && secret == p.client.Secret && !(basic && postOnly)
}

func (p *Provider) claims(given grant, user User) map[string]any {
	now := time.Now()
	p.mu.Lock()
	claims := map[string]any{
		"iss": p.Issuer, "sub": user.Subject, "aud": p.client.ID, "nonce": given.nonce,
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "auth_time": given.at.Unix(),
	}
	fault, other := p.fault, map[string]any{}
	p.mu.Unlock()
	if user.ACR != "" {
		claims["acr"] = user.ACR
	}
	if len(user.AMR) > 0 {
		claims["amr"] = user.AMR
	}
	switch fault {
	case WrongNonce:
		other["nonce"] = "another"
	case NoNonce:
		other["nonce"] = ""
	case WrongAudience:
		other["aud"] = "another"
	case TwoAudiences:
		other["aud"] = []any{claims["aud"], "another"}
	case WrongParty:
		other["azp"] = "another"
	case OtherIssuer:
		other["iss"] = "https://other.example"
	case NoSubject:
		other["sub"] = ""
	case Expired:
		other["exp"] = now.Add(-time.Minute).Unix()
	case FromTheFuture:
		other["iat"] = now.Add(24 * time.Hour).Unix()
	case OldSignIn:
		other["auth_time"] = now.Add(-24 * time.Hour).Unix()
	case PlainMethod:
		other["amr"] = user.AMR[0]
	case OddMethods:
		other["amr"] = 7
	case NoAuthTime:
		delete(claims, "auth_time")
	default: // the rest goes wrong elsewhere
	}
	for name, value := range other {
		claims[name] = value
	}
	return claims
}

// sign makes the compact form (RFC 7515) of the claims.
func (p *Provider) sign(claims map[string]any) (string, error) {
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	p.mu.Lock()
	fault, key, secret := p.fault, p.signer, p.client.Secret
	p.mu.Unlock()
	signing := jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}
	switch fault {
	case AlgNone:
		header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
		return header + "." + base64.RawURLEncoding.EncodeToString(payload) + ".", nil
	case Symmetric:
		signing = jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: []byte(secret), KeyID: key.KeyID}}
	case ForeignKey:
		foreign, err := newKey(jose.ES256)
		if err != nil {
			return "", err
		}
		signing = jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: foreign, KeyID: key.KeyID}}
	default: // as it should be
	}
	signer, err := jose.NewSigner(signing, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	token, err := signed.CompactSerialize()
	if fault == Tampered && err == nil {
		token = tamper(token, claims)
	}
	return token, err
}

// unavailable is an error with far too many words.
func unavailable(w http.ResponseWriter) {
	http.Error(w, strings.Repeat("down\x1b[31m ", 10_000), http.StatusServiceUnavailable)
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}
