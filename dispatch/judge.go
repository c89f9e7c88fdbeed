package dispatch

import (
	"slices"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// judge is the lock on the wrong Kiran, tried just before a slip is sealed: the
// certificate that may be sealed to, or the reason to hold the slip.
func (c *Conveyor) judge(p payroll.Parcel) (keystore.Certificate, payroll.HoldReason) {
	if p.Standing.Tampered {
		return keystore.Certificate{}, payroll.HoldTampered
	}
	p.Standing.Letterhead = c.Letterhead.Digest()
	if p.Standing.Fingerprint == "" {
		return keystore.Certificate{}, p.Pin.Hold(p.Standing, p.Slip.Period)
	}
	certificate, readable := readStored(p.Certificate, p.Standing.Fingerprint)
	if !readable {
		return keystore.Certificate{}, payroll.HoldTampered // when it was stored it was readable, and itself
	}
	now := c.Now()
	if p.Standing.Problem == "" { // its use was not revoked
		certifiers := c.Certifiers
		if !p.Standing.Verified {
			certifiers = nil
		}
		p.Standing.Problem = problemOf(certificate, p.Standing.Employee.Email, certifiers, now)
	}
	p.Standing.Subkeys = certificate.EncryptionSubkeys(now)
	return certificate, p.Pin.Hold(p.Standing, p.Slip.Period)
}

// readStored reads a certificate as the database has it; it must be the one that
// the database says it is.
func readStored(content []byte, f payroll.Fingerprint) (keystore.Certificate, bool) {
	certificate, err := keystore.ReadCertificate(content)
	return certificate, err == nil && certificate.Fingerprint() == f
}

// problemOf is what speaks at a moment against sealing to the certificate for
// the owner of the address: it is not theirs, it is not fit, or none of the
// certifiers vouches for it; without certifiers nobody need. Whoever can write to
// the database can put a certificate there, but not the company's certification
// on it.
func problemOf(certificate keystore.Certificate, email payroll.Address, certifiers []keystore.Certificate, at time.Time) payroll.HoldReason {
	if !certificate.Address().Same(email) {
		return payroll.HoldAddressUnnamed
	}
	if problem := certificate.Problem(at); problem != "" {
		return problem
	}
	vouches := func(company keystore.Certificate) bool { return certificate.CertifiedBy(company, at) }
	if len(certifiers) > 0 && !slices.ContainsFunc(certifiers, vouches) {
		return payroll.HoldNotCertified
	}
	return ""
}
