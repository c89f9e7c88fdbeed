package web

import (
	"errors"
	"net/http"
	"time"

	"github.com/payseal/payseal/payroll"
)

// proofPage is where the code is typed that was sealed to the certificate.
type proofPage struct {
	Climb       climb
	Enrolee     payroll.Enrolee
	Certificate payroll.EnrolledCertificate
	Asked       bool // a code was asked for that can still be typed
	Over        bool // there was one that cannot be typed any more
	Mistake     string
}

func awaitsProof(c payroll.EnrolledCertificate) bool { return !proven(c) }

func (s *Server) proof(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showProof(w, r, v, http.StatusOK, "")
}

func (s *Server) showProof(w http.ResponseWriter, r *http.Request, v *visit, status int, mistake string) error {
	e, c, moved, err := s.onRung(w, r, v, awaitsProof)
	if err != nil || moved {
		return err
	}
	now, err := s.Desk.Now(r.Context())
	if err != nil {
		return err
	}
	page := proofPage{Climb: s.climbAt(rungProof, c), Enrolee: e, Certificate: c, Mistake: mistake}
	page.Asked = open(e.Proof, now)
	page.Over = e.Proof != nil && !page.Asked
	return s.render(w, v, status, "proof", page)
}

// open reports whether a code can still be typed in.
func open(c *payroll.OpenCode, at time.Time) bool {
	return c != nil && !c.Failed && c.TriesLeft > 0 && (c.ExpiresAt == nil || at.Before(*c.ExpiresAt))
}

// requestProof asks for a code, or for another one.
func (s *Server) requestProof(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, c, moved, err := s.onRung(w, r, v, awaitsProof)
	if err != nil || moved {
		return err
	}
	err = s.Desk.RequestProof(r.Context(), e.Number, c.Fingerprint)
	if errors.Is(err, payroll.ErrTooMany) {
		return s.showProof(w, r, v, http.StatusTooManyRequests, "too_many")
	}
	if err != nil {
		return err
	}
	return redirect(w, r, v, "/proof")
}

// prove takes the code.
func (s *Server) prove(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, _, moved, err := s.onRung(w, r, v, awaitsProof)
	if err != nil || moved {
		return err
	}
	if nothingTyped(r) {
		return s.showProof(w, r, v, http.StatusUnprocessableEntity, "wrong_code")
	}
	c, err := s.Desk.Prove(r.Context(), e.Number, typedCode(r), s.Required)
	switch {
	case errors.Is(err, payroll.ErrNotFound):
		return s.showProof(w, r, v, http.StatusUnprocessableEntity, "wrong_code")
	case errors.Is(err, payroll.ErrTooMany):
		return s.showProof(w, r, v, http.StatusTooManyRequests, "no_tries")
	case err != nil:
		return err
	case c.Standing == payroll.CertificateCurrent:
		return redirect(w, r, v, "/specimen")
	}
	return redirect(w, r, v, "/call")
}
