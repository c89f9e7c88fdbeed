package web

import (
	"context"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Desk is what the form needs of the database. Where a secret is asked for, an
// unknown, used, expired or superseded one is payroll.ErrNotFound, always the
// same; what is asked or tried too often is payroll.ErrTooMany.
type Desk interface {
	Now(ctx context.Context) (time.Time, error)

	// Entering. None of the requests says whether anyone has that address.
	OpenLink(ctx context.Context, token, session payroll.SecretHash) (payroll.Session, error)
	RequestLink(ctx context.Context, email payroll.Address, language string) error
	RequestSignIn(ctx context.Context, email payroll.Address, session payroll.SecretHash, language string) error
	SignIn(ctx context.Context, pending, code, session payroll.SecretHash) (payroll.Session, error)
	Session(ctx context.Context, session payroll.SecretHash, limits payroll.SessionLimits) (payroll.Session, error)
	EndSession(ctx context.Context, session payroll.SecretHash) error

	// The ladder.
	Enrolee(ctx context.Context, number payroll.EmployeeNumber) (payroll.Enrolee, error)
	SubmitCertificate(ctx context.Context, s payroll.Submission) (payroll.EnrolledCertificate, error)
	RevokeOwn(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint) error
	RequestProof(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint) error
	Prove(ctx context.Context, number payroll.EmployeeNumber, code payroll.SecretHash, required payroll.Step) (payroll.EnrolledCertificate, error)

	// The mail profile.
	RequestSpecimen(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, p payroll.MailProfile) error
	PutSeen(ctx context.Context, number payroll.EmployeeNumber, seen payroll.Seen, p payroll.MailProfile) error

	// Afterwards.
	RequestAddressChange(ctx context.Context, number payroll.EmployeeNumber, to payroll.Address) error
	ConfirmAddress(ctx context.Context, token payroll.SecretHash) (done bool, err error)
	CancelAddressChange(ctx context.Context, number payroll.EmployeeNumber) error
	LedgerOf(ctx context.Context, number payroll.EmployeeNumber) ([]payroll.LedgerLine, error)
	AskAgain(ctx context.Context, number payroll.EmployeeNumber, slip payroll.SlipID) error
	CreateReport(ctx context.Context, number payroll.EmployeeNumber, kind payroll.ReportKind, words string) error

	// The Web Key Directory: the certificate, as keystore stores it, of the employee
	// whose checked address has this domain and this hash of its local part.
	PublishedCertificate(ctx context.Context, domain, hash string) ([]byte, error)
}
