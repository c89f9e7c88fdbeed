package oidctest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
)

// Browser visits the provider without a browser, for tests of the protocol. It keeps
// the provider's cookie.
type Browser struct{ client *http.Client }

// NewBrowser has not signed in anywhere.
func NewBrowser(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stop := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Browser{&http.Client{Jar: jar, CheckRedirect: stop}}
}

// SignIn opens the address that the client redirects to, presses the button of the user
// if the page is shown, and gives the query with which the provider sends the browser
// back; asked says whether it was shown.
func (b *Browser) SignIn(t testing.TB, redirect, subject string) (query url.Values, asked bool) {
	t.Helper()
	response, err := b.client.Get(redirect)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode == http.StatusOK {
		asked = true
		if response, err = b.client.PostForm(redirect, url.Values{"user": {subject}}); err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}
	back, err := response.Location()
	if err != nil {
		t.Fatalf("the provider answers %s and sends nobody back: %v", response.Status, err)
	}
	return back.Query(), asked
}

// tamper puts other claims under the signature of a token.
func tamper(token string, claims map[string]any) string {
	claims["sub"] = "somebody else"
	payload, err := json.Marshal(claims)
	if err != nil {
		return token
	}
	parts := strings.Split(token, ".")
	parts[1] = base64.RawURLEncoding.EncodeToString(payload)
	return strings.Join(parts, ".")
}
