package console

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/identity"
)

// tried looks at a password or a code, unless there were too many that were
// wrong: then it is payroll.ErrTooMany, and it is not looked at. What is wrong is
// counted, and written into the audit log in the words of what.
func (s *Server) tried(r *http.Request, name, what string, look func() (bool, error)) (bool, error) {
	try, throttled := s.tryOf(r, name), false
	at, err := s.Desk.BeginTry(r.Context(), try, func(f payroll.SignInFailures, at time.Time) time.Duration {
		known := try.Browser != ""
		wait := identity.Failures(f).Wait(known, at)
		next := identity.Failures{Account: append(f.Account, at), Browser: append(f.Browser, at), Client: append(f.Client, at)}
		throttled = next.Wait(known, at) > 0
		return wait
	})
	if err != nil {
		return false, err
	}
	right, err := look()
	switch {
	case err != nil:
		return false, errors.Join(err, s.Desk.ForgiveTry(r.Context(), try, at)) // it was not looked at
	case right:
		return true, s.Desk.ForgiveTry(r.Context(), try, at)
	}
	return false, s.Desk.FailSignIn(r.Context(), name, what, throttled)
}

// tooMany says how long to wait, in the error's own words.
func tooMany(err error) string {
	_, wait, found := strings.Cut(err.Error(), payroll.ErrTooMany.Error()+": ")
	if !found {
		return "Too many tries. Wait a minute."
	}
	return "Too many tries that were wrong: " + wait + "."
}

// tryOf is a try to be the admin of that name, from where it comes.
func (s *Server) tryOf(r *http.Request, name string) payroll.Try {
	return payroll.Try{Name: name, Client: s.door.Client(r).String(), Browser: s.knownBrowser(r, name)}
}

// browserCookie is by which a browser is known again that an admin has signed in
// with. It lets nobody in; only what strangers try does not keep its owner out.
const (
	browserCookie   = "__Host-payseal-browser"
	browserPurpose  = "console browser"
	browserLifetime = 180 * 24 * time.Hour
)

// knownBrowser is what the browser is called if that admin has signed in with it;
// "" for a stranger's.
func (s *Server) knownBrowser(r *http.Request, name string) string {
	cookie, err := r.Cookie(browserCookie)
	if err != nil || len(cookie.Value) > 200 {
		return ""
	}
	sealed, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil {
		return ""
	}
	id, err := s.Identity.Vault.OpenSecret(sealed, browserPurpose, name)
	if err != nil {
		return ""
	}
	return "browser " + string(id)
}

// knowBrowser gives the browser a cookie by which it is known as this admin's. It
// is sealed under a key that the vault gives, for this name alone.
func (s *Server) knowBrowser(w http.ResponseWriter, r *http.Request, name payroll.AdminName) error {
	if s.knownBrowser(r, string(name)) != "" {
		return nil
	}
	id, _ := payroll.NewToken()
	sealed, err := s.Identity.Vault.SealSecret([]byte(id), browserPurpose, string(name))
	if err != nil {
		return err
	}
	http.SetCookie(w, &http.Cookie{
		Name: browserCookie, Value: base64.RawURLEncoding.EncodeToString(sealed), Path: "/", Secure: true, HttpOnly: true,
		SameSite: http.SameSiteStrictMode, MaxAge: int(browserLifetime / time.Second),
	})
	return nil
}

// placeOf is where a request comes from, as the list of one's visits shows it.
func (s *Server) placeOf(r *http.Request) payroll.Place {
	return payroll.Place{Browser: browserWords(r.UserAgent()), Address: s.door.ClientAddress(r).String()}
}

// The usual browsers and systems, the narrower names first,
// since browsers name each other.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}}
	systems  = [][2]string{
		{"Android", "Android"}, {"iPhone", "an iPhone"}, {"iPad", "an iPad"}, {"Windows", "Windows"},
		{"Mac OS X", "a Mac"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
	}
)

// browserWords is "Firefox on Windows": never the text that a browser sent, which
// may be anything.
func browserWords(agent string) string {
	named := func(table [][2]string, otherwise string) string {
		for _, pair := range table {
			if strings.Contains(agent, pair[0]) {
				return pair[1]
			}
		}
		return otherwise
	}
	return fmt.Sprintf("%s on %s", named(browsers, "A program"), named(systems, "an unknown system"))
}

// ownPath is a path of the console to lead on to; "/" for anything else.
func ownPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || u.RawQuery != "" || u.Fragment != "" ||
		!strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\t\r\n") {
		return "/"
	}
	return u.EscapedPath()
}

// withTo carries the path on.
func withTo(path, to string) string {
	if to == "/" {
		return path
	}
	return path + "?to=" + url.QueryEscape(to)
}
