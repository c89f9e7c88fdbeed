package web

import (
	"net/http"
	"slices"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// ladderRoutes are the pages from the certificate to the test slip.
func (s *Server) ladderRoutes() []route {
	const upload = keystore.MaxFile + 128<<10 // the file, its frame, and a little text beside it
	const pasted = 3*keystore.MaxFile + 1<<10 // what was found by WKD comes back percent-encoded
	return []route{
		{method: "GET", path: "/certificate", handle: s.certificate, session: true},
		{method: "POST", path: "/certificate", handle: s.submit, session: true, rate: rateSubmit, upload: true, body: upload},
		{method: "POST", path: "/certificate/lookup", handle: s.lookup, session: true, rate: rateLookup},
		{method: "POST", path: "/certificate/found", handle: s.submitFound, session: true, rate: rateSubmit, body: pasted},
		{method: "GET", path: "/make-key", handle: s.makeKey, session: true},
		{method: "GET", path: "/proof", handle: s.proof, session: true},
		{method: "POST", path: "/proof", handle: s.prove, session: true, rate: rateTry},
		{method: "POST", path: "/proof/code", handle: s.requestProof, session: true, rate: rateSubmit},
		{method: "GET", path: "/call", handle: s.call, session: true},
		{method: "GET", path: "/specimen", handle: s.specimen, session: true},
		{method: "POST", path: "/specimen", handle: s.requestSpecimen, session: true, rate: rateSubmit},
		{method: "POST", path: "/specimen/seen", handle: s.seen, session: true, rate: rateSubmit},
		{method: "GET", path: "/done", handle: s.done, session: true},
	}
}

// climb is how far the visitor has come, as every page of the ladder shows it.
type climb struct {
	Here  int // from 1
	Rungs []rung
}

type rung struct {
	Name          string // a word of the catalog "ladder"
	Done, Current bool
}

// The rungs that a visitor sees. What HR does after its call is no step of theirs.
const (
	rungLink        = "link"
	rungCertificate = "certificate"
	rungProof       = "proof"
	rungCall        = "call"
	rungVouched     = "vouched" // in the place of the call
	rungSpecimen    = "specimen"
)

// climbAt is the ladder with the visitor on one rung of it and the certificate
// that they climb with; zero for none yet. The rungs below the visitor's are done,
// but the one that others do is done when they have done it: a test slip can be
// tried before HR has called. Where policy asks for no call there is no such rung.
func (s *Server) climbAt(name string, with payroll.EnrolledCertificate) climb {
	names := []string{rungLink, rungCertificate, rungProof, rungCall, rungSpecimen}
	if !s.calls() {
		names = slices.Delete(names, 3, 4)
	}
	here := slices.Index(names, name)
	c := climb{Here: here + 1}
	for i, n := range names {
		r := rung{Name: n, Done: i < here, Current: i == here}
		if n == rungCall {
			r.Done = with.Step.Reached(payroll.StepPhoneChecked)
			if with.Vouched {
				r.Name = rungVouched
			}
		}
		c.Rungs = append(c.Rungs, r)
	}
	return c
}

// calls reports whether HR compares the fingerprint before slips are sealed.
func (s *Server) calls() bool { return s.Required.Reached(payroll.StepPhoneChecked) }

// climbing is the certificate that the ladder's pages are about: the candidate,
// else the current one.
func climbing(e payroll.Enrolee) (payroll.EnrolledCertificate, bool) {
	if c, found := e.Standing(payroll.CertificateCandidate); found {
		return c, true
	}
	return e.Standing(payroll.CertificateCurrent)
}

// proven reports whether its owner has shown that they can open what is sealed to
// the certificate.
func proven(c payroll.EnrolledCertificate) bool {
	return c.Standing == payroll.CertificateCurrent || c.Step.Reached(payroll.StepDecryptionProven)
}

// nextPage is where an employee goes on.
func nextPage(e payroll.Enrolee) string {
	c, found := climbing(e)
	switch {
	case !found:
		return "/certificate"
	case c.Standing == payroll.CertificateCurrent:
		return "/me"
	case !proven(c):
		return "/proof"
	}
	return "/call"
}

// enrolee reads who the visitor is.
func (s *Server) enrolee(r *http.Request, v *visit) (payroll.Enrolee, error) {
	return s.Desk.Enrolee(r.Context(), v.session.Employee)
}

// onRung reads the visitor and the certificate that they climb with. Where a page
// cannot be shown yet, it leads to the one that can: then moved is true.
func (s *Server) onRung(w http.ResponseWriter, r *http.Request, v *visit, ready func(payroll.EnrolledCertificate) bool) (e payroll.Enrolee, c payroll.EnrolledCertificate, moved bool, err error) {
	if e, err = s.enrolee(r, v); err != nil {
		return e, c, false, err
	}
	c, found := climbing(e)
	if !found || !ready(c) {
		return e, c, true, redirect(w, r, v, nextPage(e))
	}
	return e, c, false, nil
}
