package dispatch

import (
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
	certificate, err := c.Vault.ReadProven(p.Certificate, c.Certifiers, p.Proof)
	if err != nil || certificate.Fingerprint() != p.Standing.Fingerprint {
		return keystore.Certificate{}, payroll.HoldTampered // when it was stored it was readable, and itself
	}
	now := c.Now()
	if p.Standing.Problem == "" { // its use was not revoked
		certifiers := c.Certifiers
		if !p.Standing.Verified {
			certifiers = nil
		}
		p.Standing.Problem = certificate.ProblemFor(p.Standing.Employee.Email, certifiers, now)
	}
	p.Standing.Subkeys = certificate.EncryptionSubkeys(now)
	return certificate, p.Pin.Hold(p.Standing, p.Slip.Period)
}
