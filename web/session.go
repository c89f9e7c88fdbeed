package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/payseal/payseal/payroll"
)

// cookieName begins with __Host-: browsers take such a cookie only over https,
// for this host alone and for all its paths (RFC 6265bis §4.1.3.2).
const cookieName = "__Host-payseal"

// sessionLimits say when a visit ends by itself.
var sessionLimits = payroll.SessionLimits{Idle: 30 * time.Minute, Max: 12 * time.Hour}

// sessionSecret is the hash of the cookie's token, if one came.
func sessionSecret(r *http.Request) (payroll.SecretHash, bool) {
	cookie, err := r.Cookie(cookieName)
	if err != nil || cookie.Value == "" || len(cookie.Value) > 64 {
		return payroll.SecretHash{}, false
	}
	return payroll.HashToken(cookie.Value), true
}

// remember gives the visitor the token of their session. It ends with the
// browser, or when the database says so.
func (s *Server) remember(w http.ResponseWriter, token string) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// forget takes the cookie back.
func (s *Server) forget(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: cookieName, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: -1,
	})
}

// openSession finds the employee whose visit this is.
func (s *Server) openSession(r *http.Request, v *visit) error {
	if v.secret == (payroll.SecretHash{}) {
		return errNoSession
	}
	session, err := s.Desk.Session(r.Context(), v.secret, sessionLimits)
	if errors.Is(err, payroll.ErrNotFound) {
		return errSessionEnded
	}
	if err == nil && session.Employee == "" {
		return errNoSession // it waits for a code, perhaps in another tab
	}
	v.session = session
	return err
}

// endEarlier ends the session that the visitor came with, for a new one takes
// its place.
func (s *Server) endEarlier(r *http.Request, v *visit) error {
	if v.secret == (payroll.SecretHash{}) {
		return nil
	}
	err := s.Desk.EndSession(r.Context(), v.secret)
	if errors.Is(err, payroll.ErrNotFound) {
		return nil
	}
	return err
}

// redirect leads on after a form, so that a reload does not send it again.
func redirect(w http.ResponseWriter, r *http.Request, v *visit, path string) error {
	http.Redirect(w, r, v.path(path), http.StatusSeeOther) //nolint:gosec // one of our languages, and a path of our own
	return nil
}
