package keystore

import (
	"context"
	"errors"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Ladder is where certificates climb, as much of it as a comparison needs.
type Ladder interface {
	Now(ctx context.Context) (time.Time, error)
	// ClimbCertificate moves a certificate up, or keeps that one of two people has
	// compared it; payroll.ErrWrongState where it stands there already.
	ClimbCertificate(ctx context.Context, climb payroll.Climb, by payroll.AdminName) (payroll.StoredCertificate, error)
	// PutRevokedCertification stores a certificate that the company no longer vouches for.
	PutRevokedCertification(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, content []byte, by payroll.AdminName) error
}

// Comparison is one person's comparison of one fingerprint with its owner. A
// command and a page record it by the same rule.
type Comparison struct {
	Ladder Ladder
	Signer *Signer // nil where the company's key is not
	Climb  payroll.Climb
	By     payroll.AdminName
}

// Record keeps that the person compared the fingerprint of a stored certificate
// and, where the company's key is and nobody else must compare it, certifies it.
func (c Comparison) Record(ctx context.Context, stored payroll.StoredCertificate) (payroll.StoredCertificate, error) {
	c.Climb.To = payroll.StepPhoneChecked
	compared, err := c.Ladder.ClimbCertificate(ctx, c.Climb, c.By)
	switch {
	case errors.Is(err, payroll.ErrWrongState) && c.Signer != nil && stored.Step == payroll.StepPhoneChecked:
		// The same person compared it before, where the key was not.
	case err != nil:
		return stored, err
	default:
		stored = compared
	}
	if c.Signer == nil || stored.Awaits > 0 || stored.Step == payroll.StepCertified {
		return stored, nil
	}
	return c.certify(ctx, stored)
}

func (c Comparison) certify(ctx context.Context, stored payroll.StoredCertificate) (payroll.StoredCertificate, error) {
	now, err := c.Ladder.Now(ctx)
	if err != nil {
		return stored, err
	}
	certificate, err := ReadCertificate(stored.Content)
	if err != nil {
		return stored, err
	}
	if certificate, err = c.Signer.Certify(certificate, now); err != nil {
		return stored, err
	}
	c.Climb.To, c.Climb.Content = payroll.StepCertified, certificate.Bytes()
	return c.Ladder.ClimbCertificate(ctx, c.Climb, c.By)
}

// Withdraw takes the company's certification of a stored certificate back, on the
// ladder too. It reports false if there was none that holds.
func (s *Signer) Withdraw(ctx context.Context, ladder Ladder, stored payroll.StoredCertificate, by payroll.AdminName) (bool, error) {
	now, err := ladder.Now(ctx)
	if err != nil {
		return false, err
	}
	certificate, err := ReadCertificate(stored.Content)
	if err != nil {
		return false, err
	}
	revoked, err := s.RevokeCertification(certificate, now)
	if err != nil {
		return false, err
	}
	if string(revoked.Bytes()) == string(certificate.Bytes()) {
		return false, nil
	}
	return true, ladder.PutRevokedCertification(ctx, stored.Employee, stored.Fingerprint, revoked.Bytes(), by)
}
