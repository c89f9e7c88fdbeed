package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// requestSignIn asks for a code and begins the session that waits for it, for an
// unknown address, too.
func (s *Server) requestSignIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	address, ok := typedAddress(r)
	if !ok {
		return s.render(w, v, http.StatusUnprocessableEntity, "sign-in", entry{Mistake: "no_address", Email: r.PostFormValue("email")})
	}
	text, secret := payroll.NewToken()
	if err := s.Desk.RequestSignIn(r.Context(), address, secret, v.lang); err != nil {
		return err
	}
	if err := s.endEarlier(r, v); err != nil {
		return err
	}
	s.remember(w, text)
	return redirect(w, r, v, "/sign-in/code")
}

func (s *Server) signInCode(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.secret == (payroll.SecretHash{}) {
		return redirect(w, r, v, "/sign-in")
	}
	return s.render(w, v, http.StatusOK, "sign-in-code", entry{})
}

// signIn takes the code. The session that waited ends, and another one with a
// token of its own begins.
func (s *Server) signIn(w http.ResponseWriter, r *http.Request, v *visit) error {
	if v.secret == (payroll.SecretHash{}) {
		return redirect(w, r, v, "/sign-in")
	}
	if nothingTyped(r) {
		return s.render(w, v, http.StatusUnprocessableEntity, "sign-in-code", entry{Mistake: "wrong_code"})
	}
	text, secret := payroll.NewToken()
	session, err := s.Desk.SignIn(r.Context(), v.secret, typedCode(r), secret)
	switch {
	case errors.Is(err, payroll.ErrNotFound):
		return s.render(w, v, http.StatusUnprocessableEntity, "sign-in-code", entry{Mistake: "wrong_code"})
	case errors.Is(err, payroll.ErrTooMany):
		return s.render(w, v, http.StatusTooManyRequests, "sign-in-code", entry{Mistake: "no_tries"})
	case err != nil:
		return err
	}
	return s.begin(w, r, v, text, session)
}

// typedCode is the hash of the code in a form.
func typedCode(r *http.Request) payroll.SecretHash { return payroll.HashCode(r.PostFormValue("code")) }

// nothingTyped reports whether the button was pressed too early, which is no try.
func nothingTyped(r *http.Request) bool { return typedCode(r) == payroll.HashCode("") }

// signOut ends the session, if there is one.
func (s *Server) signOut(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.endEarlier(r, v); err != nil {
		return err
	}
	s.forget(w)
	return redirect(w, r, v, "/")
}

// trimmed is a typed text without the blanks that come with copying.
func trimmed(text string) string { return strings.TrimSpace(text) }
