package web

import (
	"context"
	"fmt"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// handed is what became of a file that an employee handed in.
type handed struct {
	Verdict     keystore.Verdict
	Certificate payroll.EnrolledCertificate // as it is stored; zero if it was refused
	Refresh     bool                        // a fresh copy of a known certificate
	Revoked     []payroll.Fingerprint       // earlier certificates whose use the file ended
}

// handIn judges a file and stores what is accepted of it for the employee who
// sent it, and for nobody else. A secret key that was sent is refused and is
// nowhere when this returns but in memory that is free. vouch is the statement
// signed with the current certificate, or nil.
func (s *Server) handIn(ctx context.Context, e payroll.Enrolee, raw, vouch []byte) (handed, error) {
	r, err := s.receive(ctx, e, raw)
	if err != nil {
		return handed{}, err
	}
	h := handed{Verdict: r.Verdict, Refresh: r.Refresh, Revoked: r.Revoked}
	for _, f := range r.Revoked {
		if err := s.Desk.RevokeOwn(ctx, e.Number, f); err != nil {
			return h, fmt.Errorf("revoke certificate: %w", err)
		}
	}
	if !r.Verdict.Accepted() {
		return h, nil
	}
	if known, found := knownAs(e, r); found && vouch == nil {
		h.Certificate = known // sent twice
		return h, nil
	}
	r.Submission.Employee, r.Submission.Vouch = e.Number, vouch
	h.Certificate, err = s.Desk.SubmitCertificate(ctx, r.Submission)
	return h, err
}

// receive waits for a place to judge in: one file can take a core two seconds,
// which is also why nobody may hand in one after the other.
func (s *Server) receive(ctx context.Context, e payroll.Enrolee, raw []byte) (keystore.Reception, error) {
	if !s.rates[rateJudge].Allow(string(e.Number), s.Now()) {
		return keystore.Reception{}, payroll.ErrTooMany
	}
	at, err := s.Desk.Now(ctx)
	if err != nil {
		return keystore.Reception{}, err
	}
	select {
	case s.judging <- struct{}{}:
		defer func() { <-s.judging }()
	case <-ctx.Done():
		return keystore.Reception{}, fmt.Errorf("wait to judge a certificate: %w", ctx.Err())
	}
	return keystore.Receive(raw, e.Email, knownOf(e), s.Certifiers, at), nil
}

func knownOf(e payroll.Enrolee) []keystore.Known {
	var known []keystore.Known
	for _, c := range e.Certificates {
		known = append(known, keystore.Known{Content: c.Content, Step: c.Step, Standing: c.Standing})
	}
	return known
}

// knownAs finds the stored certificate of which the file is an exact copy, so
// that there is nothing to write.
func knownAs(e payroll.Enrolee, r keystore.Reception) (payroll.EnrolledCertificate, bool) {
	for _, c := range e.Certificates {
		if r.Refresh && !r.Changed && c.Fingerprint == r.Verdict.Fingerprint {
			return c, true
		}
	}
	return payroll.EnrolledCertificate{}, false
}
