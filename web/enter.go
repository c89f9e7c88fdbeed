package web

import (
	"errors"
	"net/http"

	"github.com/payseal/payseal/payroll"
)

// entryRoutes are the ways in and out: links, and codes that are sealed to the
// current certificate.
func (s *Server) entryRoutes() []route {
	return []route{
		{method: "GET", path: "/enter/{token}", handle: s.plain("enter")},
		{method: "POST", path: "/enter/{token}", handle: s.enter, rate: rateTry},
		{method: "GET", path: "/confirm/{token}", handle: s.plain("confirm")},
		{method: "POST", path: "/confirm/{token}", handle: s.confirm, rate: rateTry},
		{method: "GET", path: "/link", handle: s.plain("link")},
		{method: "POST", path: "/link", handle: s.requestLink, rate: rateAsk},
		{method: "GET", path: "/link/sent", handle: s.plain("link-sent")},
		{method: "GET", path: "/sign-in", handle: s.plain("sign-in")},
		{method: "POST", path: "/sign-in", handle: s.requestSignIn, rate: rateAsk},
		{method: "GET", path: "/sign-in/code", handle: s.signInCode},
		{method: "POST", path: "/sign-in/code", handle: s.signIn, rate: rateTry},
		{method: "POST", path: "/sign-out", handle: s.signOut},
	}
}

// plain shows a page that asks the database nothing. For a link out of a mail
// this matters: programs that look into mails open it before its reader does,
// and known and unknown tokens look the same.
func (s *Server) plain(name string) handler {
	return func(w http.ResponseWriter, _ *http.Request, v *visit) error {
		return s.render(w, v, http.StatusOK, name, entry{})
	}
}

// entry is what the pages of entering show.
type entry struct {
	Mistake string // a word of the page's catalog; "" for none
	Email   string // as it was typed
	Done    bool   // the address has changed
}

// linkToken is the hash of the token in the path. It goes nowhere else.
func linkToken(r *http.Request) payroll.SecretHash { return payroll.HashToken(r.PathValue("token")) }

// enter uses a link up and begins a session in the place of any other one that
// this browser had.
func (s *Server) enter(w http.ResponseWriter, r *http.Request, v *visit) error {
	text, secret := payroll.NewToken()
	session, err := s.Desk.OpenLink(r.Context(), linkToken(r), secret)
	if err != nil {
		return s.linkGone(w, v, err)
	}
	return s.begin(w, r, v, text, session)
}

// linkGone is the one answer to a link that is unknown, used, expired or
// superseded.
func (s *Server) linkGone(w http.ResponseWriter, v *visit, err error) error {
	if !errors.Is(err, payroll.ErrNotFound) {
		return err
	}
	v.page = "/" // not the link's own path: the answer is the same for all
	return s.render(w, v, http.StatusNotFound, "link-gone", nil)
}

// begin gives the browser its new session and leads the employee to where they
// go on.
func (s *Server) begin(w http.ResponseWriter, r *http.Request, v *visit, token string, session payroll.Session) error {
	if err := s.endEarlier(r, v); err != nil {
		return err
	}
	e, err := s.Desk.Enrolee(r.Context(), session.Employee)
	if err != nil {
		return err
	}
	s.remember(w, token)
	return redirect(w, r, v, nextPage(e))
}

// confirm uses up one of the two links that a change of address needs.
func (s *Server) confirm(w http.ResponseWriter, r *http.Request, v *visit) error {
	done, err := s.Desk.ConfirmAddress(r.Context(), linkToken(r))
	if err != nil {
		return s.linkGone(w, v, err)
	}
	return s.render(w, v, http.StatusOK, "confirmed", entry{Done: done})
}

// typedAddress reads the address of a form.
func typedAddress(r *http.Request) (payroll.Address, bool) {
	address, err := payroll.ParseAddress(trimmed(r.PostFormValue("email")))
	return address, err == nil
}

// requestLink answers the same whether or not anybody has that address.
func (s *Server) requestLink(w http.ResponseWriter, r *http.Request, v *visit) error {
	address, ok := typedAddress(r)
	if !ok {
		return s.render(w, v, http.StatusUnprocessableEntity, "link", entry{Mistake: "no_address", Email: r.PostFormValue("email")})
	}
	if err := s.Desk.RequestLink(r.Context(), address, v.lang); err != nil {
		return err
	}
	return redirect(w, r, v, "/link/sent")
}
