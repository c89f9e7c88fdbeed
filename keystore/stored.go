package keystore

import (
	"slices"
	"time"

	"github.com/payseal/payseal/payroll"
)

// ReadStored reads a certificate as the database has it; false unless it is the
// one that the database says it is.
func ReadStored(content []byte, f payroll.Fingerprint) (Certificate, bool) {
	certificate, err := ReadCertificate(content)
	return certificate, err == nil && certificate.Fingerprint() == f
}

// ProblemFor is what speaks at a moment against sealing to the certificate for
// the owner of the address: it is not theirs, it is not fit, or none of the
// certifiers vouches for it; without certifiers nobody need. Whoever can write to
// the database can put a certificate there, but not the company's certification
// on it.
func (c Certificate) ProblemFor(email payroll.Address, certifiers []Certificate, at time.Time) payroll.HoldReason {
	if !c.Address().Same(email) {
		return payroll.HoldAddressUnnamed
	}
	if problem := c.Problem(at); problem != "" {
		return problem
	}
	vouches := func(company Certificate) bool { return c.CertifiedBy(company, at) }
	if len(certifiers) > 0 && !slices.ContainsFunc(certifiers, vouches) {
		return payroll.HoldNotCertified
	}
	return ""
}

// Forecast is what the judge will say at a moment of a roster's certificate as it
// is now, and when it can be encrypted to no longer (zero: never).
func Forecast(s payroll.RosterStanding, certifiers []Certificate, at, now time.Time) (payroll.HoldReason, time.Time) {
	if s.Fingerprint == "" {
		return payroll.HoldNoCertificate, time.Time{}
	}
	certificate, readable := ReadStored(s.Certificate, s.Fingerprint)
	if !readable {
		return payroll.HoldUnusable, time.Time{}
	}
	return certificate.ProblemFor(s.Employee.Email, certifiers, at), certificate.EncryptionEnds(now)
}
