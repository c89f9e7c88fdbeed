package web

import (
	"net/http"

	"github.com/payseal/payseal/payroll"
)

// callPage says how HR compares the fingerprint with its owner.
type callPage struct {
	Climb       climb
	Enrolee     payroll.Enrolee
	Certificate payroll.EnrolledCertificate
	Rekey       bool // it replaces one that is used, so that two people may have to compare
	Compared    bool // HR has compared it
	Current     bool // slips are sealed to it
}

// call shows the fingerprint to read out, once a code has proved the rest.
func (s *Server) call(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, c, moved, err := s.onRung(w, r, v, proven)
	if err != nil || moved {
		return err
	}
	if !s.calls() {
		return redirect(w, r, v, "/specimen")
	}
	_, used := e.Standing(payroll.CertificateCurrent)
	current := c.Standing == payroll.CertificateCurrent
	return s.render(w, v, http.StatusOK, "call", callPage{
		Climb: s.climbAt(rungCall, c), Enrolee: e, Certificate: c,
		Rekey: used && !current, Compared: c.Step.Reached(payroll.StepPhoneChecked), Current: current,
	})
}

// done sums up what is finished and what HR still does.
func (s *Server) done(w http.ResponseWriter, r *http.Request, v *visit) error {
	e, c, moved, err := s.onRung(w, r, v, proven)
	if err != nil || moved {
		return err
	}
	return s.render(w, v, http.StatusOK, "done", callPage{
		Enrolee: e, Certificate: c,
		Compared: c.Step.Reached(payroll.StepPhoneChecked), Current: c.Standing == payroll.CertificateCurrent,
	})
}
