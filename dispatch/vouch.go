package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Ladder is what the quick path needs of the database.
type Ladder interface {
	VouchedCertificates(ctx context.Context) ([]payroll.Vouched, error)
	// ClimbVouched makes a candidate certified: it carries the company's
	// certification, and was vouched for with the certificate before it.
	ClimbVouched(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, certified []byte) error
}

// Usher certifies a new certificate for which its owner signed with the one
// before: nobody need call. It believes nothing that the database says of that;
// it verifies the statement with the current certificate, and the company's
// certification on that. All fields are required.
type Usher struct {
	Ladder     Ladder
	Signer     *keystore.Signer
	Certifiers []keystore.Certificate // the company's, whatever policy asks for
	Now        func() time.Time
	Log        *slog.Logger

	told sync.Map // digests of candidates about which the log has been told
}

// Usher looks at every candidate that waits. One that is refused stays where it
// is, for a person to compare.
func (u *Usher) Usher(ctx context.Context) error {
	vouched, err := u.Ladder.VouchedCertificates(ctx)
	if err != nil {
		return fmt.Errorf("certify vouched certificates: %w", err)
	}
	for _, v := range vouched {
		certified, err := u.certify(v)
		if err == nil {
			err = u.Ladder.ClimbVouched(ctx, v.Employee.Number, certified.Fingerprint(), certified.Bytes())
		}
		switch {
		case err == nil:
			u.Log.Info("certificate certified: its owner signed for it with the one before", "fingerprint", certified.Fingerprint())
		case ctx.Err() != nil:
			return fmt.Errorf("certify vouched certificates: %w", ctx.Err())
		default:
			u.tell(v, err)
		}
	}
	return nil
}

// tell logs once about a candidate.
func (u *Usher) tell(v payroll.Vouched, err error) {
	digest := payroll.Digest(v.Candidate)
	if _, before := u.told.LoadOrStore(digest, true); !before {
		u.Log.Warn("a vouched certificate is left for a person to compare", "candidate_sha256", digest, "error", err)
	}
}

// slowClock is how far the clock of an employee's computer may be behind.
const slowClock = 10 * time.Minute

// certify is everything that must hold, and then the company's certification.
func (u *Usher) certify(v payroll.Vouched) (c keystore.Certificate, err error) {
	defer func() {
		if recover() != nil {
			c, err = keystore.Certificate{}, fmt.Errorf("certify: a panic")
		}
	}()
	now := u.Now()
	current, err := keystore.ReadCertificate(v.Current)
	if err != nil {
		return c, fmt.Errorf("read current certificate: %w", err)
	}
	candidate, err := keystore.ReadCertificate(v.Candidate)
	if err != nil {
		return c, fmt.Errorf("read candidate: %w", err)
	}
	if problem := current.ProblemFor(v.Employee.Email, u.Certifiers, now); problem != "" || len(u.Certifiers) == 0 {
		return c, fmt.Errorf("%w: the current certificate cannot vouch (%s)", payroll.ErrNotAllowed, problem)
	}
	if problem := candidate.ProblemFor(v.Employee.Email, nil, now); problem != "" || candidate.Fingerprint() == current.Fingerprint() {
		return c, fmt.Errorf("%w: the candidate cannot be certified (%s)", payroll.ErrNotAllowed, problem)
	}
	for _, company := range u.Certifiers { // the statement may name the key before the one of now
		statement := keystore.VouchStatement(current.Fingerprint(), candidate.Fingerprint(), v.Employee.Number, company.Fingerprint())
		made, refusal := keystore.VerifyVouch(statement, v.Vouch, current, now)
		switch {
		case refusal != nil:
			err = refusal
		case made.Before(v.CurrentSince.Add(-slowClock)):
			return c, fmt.Errorf("%w: what vouches was signed before the current certificate became that, and may be of another time", payroll.ErrNotAllowed)
		default:
			return u.Signer.Certify(candidate, now)
		}
	}
	return c, err
}
