package dispatch

import (
	"slices"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Judge is the lock on the wrong Kiran, tried just before a slip is sealed: the
// certificate that may be sealed to, or the reason to hold the slip. The
// letterhead is the digest of the one in use.
func Judge(p payroll.Parcel, letterhead string, now time.Time) (keystore.Certificate, payroll.HoldReason) {
	p.Standing.Letterhead = letterhead
	if p.Standing.Fingerprint == "" {
		return keystore.Certificate{}, p.Pin.Hold(p.Standing, p.Slip.Period)
	}
	certificate, err := keystore.ReadCertificate(p.Certificate)
	if err != nil || certificate.Fingerprint() != p.Standing.Fingerprint {
		return keystore.Certificate{}, payroll.HoldUnusable
	}
	switch {
	case p.Standing.Problem != "": // its use was revoked
	case !slices.ContainsFunc(certificate.Addresses(), p.Standing.Employee.Email.Same):
		p.Standing.Problem = payroll.HoldAddressUnnamed
	default:
		p.Standing.Problem = certificate.Problem(now)
	}
	p.Standing.Subkeys = certificate.EncryptionSubkeys(now)
	return certificate, p.Pin.Hold(p.Standing, p.Slip.Period)
}
