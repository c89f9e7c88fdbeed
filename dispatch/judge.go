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
	p.Standing.Letterhead = c.Letterhead.Digest()
	if p.Standing.Fingerprint == "" {
		return keystore.Certificate{}, p.Pin.Hold(p.Standing, p.Slip.Period)
	}
	certificate, err := keystore.ReadCertificate(p.Certificate)
	if err != nil || certificate.Fingerprint() != p.Standing.Fingerprint {
		return keystore.Certificate{}, payroll.HoldUnusable
	}
	now := c.Now()
	if p.Standing.Problem == "" { // its use was not revoked
		p.Standing.Problem = c.problem(p, certificate, now)
	}
	p.Standing.Subkeys = certificate.EncryptionSubkeys(now)
	return certificate, p.Pin.Hold(p.Standing, p.Slip.Period)
}

// problem is what speaks against a certificate: it is not the employee's, it is
// not fit, or nobody vouches for it. Whoever can write to the database can put
// a certificate there, but not the company's certification on it.
func (c *Conveyor) problem(p payroll.Parcel, certificate keystore.Certificate, now time.Time) payroll.HoldReason {
	if !certificate.Address().Same(p.Standing.Employee.Email) {
		return payroll.HoldAddressUnnamed
	}
	if problem := certificate.Problem(now); problem != "" {
		return problem
	}
	vouches := func(company keystore.Certificate) bool { return certificate.CertifiedBy(company, now) }
	if p.Standing.Verified && len(c.Certifiers) > 0 && !slices.ContainsFunc(c.Certifiers, vouches) {
		return payroll.HoldNotCertified
	}
	return ""
}
