package web

import (
	"errors"
	"net/http"
	"slices"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// addressPage changes the mail address, or shows how far a change is.
type addressPage struct {
	Enrolee     payroll.Enrolee
	Fingerprint payroll.Fingerprint // of the current certificate; "" if there is none
	Named       bool                // the current certificate names the address that is wanted
	UserID      string              // as a shell takes it: what to add to the certificate
	Typed       string
	Mistake     string // a word of the catalog "address"
}

func (s *Server) address(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showAddress(w, r, v, http.StatusOK, "", "")
}

func (s *Server) showAddress(w http.ResponseWriter, r *http.Request, v *visit, status int, typed, mistake string) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	page := addressPage{Enrolee: e, Typed: typed, Mistake: mistake, UserID: shellQuoted(userName(e.Name) + " <new.address@example.com>")}
	if e.Change != nil {
		page.UserID = shellQuoted(userName(e.Name) + " <" + string(e.Change.To) + ">")
	}
	if c, found := e.Standing(payroll.CertificateCurrent); found {
		certificate, err := keystore.ReadCertificate(c.Content)
		if err != nil {
			return err
		}
		page.Fingerprint = c.Fingerprint
		page.Named = e.Change != nil && slices.ContainsFunc(certificate.Addresses(), e.Change.To.Same)
	}
	return s.render(w, v, status, "address", page)
}

// requestAddress asks for a change. The mails ask at both addresses; nothing
// changes before both have said yes.
func (s *Server) requestAddress(w http.ResponseWriter, r *http.Request, v *visit) error {
	typed := trimmed(r.PostFormValue("address"))
	to, err := payroll.ParseAddress(typed)
	if err != nil {
		return s.showAddress(w, r, v, http.StatusUnprocessableEntity, typed, "invalid")
	}
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	switch {
	case to.Same(e.Email):
		return s.showAddress(w, r, v, http.StatusUnprocessableEntity, typed, "same")
	case e.Change != nil && e.Change.To.Same(to):
		return redirect(w, r, v, "/address") // sent twice
	}
	err = s.Desk.RequestAddressChange(r.Context(), e.Number, to)
	switch {
	case errors.Is(err, payroll.ErrInvalid):
		return s.showAddress(w, r, v, http.StatusUnprocessableEntity, typed, "taken")
	case errors.Is(err, payroll.ErrTooMany):
		return s.showAddress(w, r, v, http.StatusTooManyRequests, typed, "too_many")
	case err != nil:
		return err
	}
	return redirect(w, r, v, "/address")
}

func (s *Server) cancelAddress(w http.ResponseWriter, r *http.Request, v *visit) error {
	if err := s.Desk.CancelAddressChange(r.Context(), v.session.Employee); err != nil {
		return err
	}
	return redirect(w, r, v, "/address")
}
