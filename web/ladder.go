package web

import (
	"slices"

	"github.com/payseal/payseal/payroll"
)

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
	rungSpecimen    = "specimen"
)

// climbAt is the ladder with the visitor on one rung.
func climbAt(name string) climb {
	names := []string{rungLink, rungCertificate, rungProof, rungCall, rungSpecimen}
	here := slices.Index(names, name)
	c := climb{Here: here + 1}
	for i, n := range names {
		c.Rungs = append(c.Rungs, rung{Name: n, Done: i < here, Current: i == here})
	}
	return c
}

// climbing is the certificate that the ladder's pages are about: the candidate,
// else the current one.
func climbing(e payroll.Enrolee) (payroll.EnrolledCertificate, bool) {
	if c, found := e.Standing(payroll.CertificateCandidate); found {
		return c, true
	}
	return e.Standing(payroll.CertificateCurrent)
}

// nextPage is where an employee goes on.
func nextPage(e payroll.Enrolee) string {
	c, found := climbing(e)
	switch {
	case !found:
		return "/certificate"
	case c.Standing == payroll.CertificateCurrent:
		return "/me"
	case !c.Step.Reached(payroll.StepDecryptionProven):
		return "/proof"
	}
	return "/call"
}

// ladderRoutes are the pages from the certificate to the test slip.
func (s *Server) ladderRoutes() []route { return nil }
