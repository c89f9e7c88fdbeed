package web

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/payseal/payseal/payroll"
)

// ledgerPage is what was sent to the visitor.
type ledgerPage struct {
	Enrolee payroll.Enrolee
	Lines   []ledgerLine
	Asked   payroll.SlipID // which has just been asked for again
	Mistake string         // a word of the catalog "ledger"
}

// ledgerLine is one slip in plain words.
type ledgerLine struct {
	payroll.LedgerLine
	PaidOn  time.Time
	State   string // a word of the catalog "ledger"
	Current bool   // sealed to the certificate that is used now
}

func (s *Server) ledger(w http.ResponseWriter, r *http.Request, v *visit) error {
	return s.showLedger(w, r, v, http.StatusOK, "")
}

func (s *Server) showLedger(w http.ResponseWriter, r *http.Request, v *visit, status int, mistake string) error {
	e, err := s.enrolee(r, v)
	if err != nil {
		return err
	}
	lines, err := s.Desk.LedgerOf(r.Context(), e.Number)
	if err != nil {
		return err
	}
	page := ledgerPage{Enrolee: e, Mistake: mistake}
	current, _ := e.Standing(payroll.CertificateCurrent)
	for _, l := range lines {
		page.Lines = append(page.Lines, ledgerLine{
			LedgerLine: l, PaidOn: l.PayDate.At(12, 0, s.Company.Zone), State: stateWord(l), Current: l.Fingerprint != "" && l.Fingerprint == current.Fingerprint,
		})
	}
	return s.render(w, v, status, "ledger", page)
}

// told are the reasons to hold a slip of which its employee is told; the others
// are for HR to remove.
var told = []payroll.HoldReason{
	payroll.HoldNoCertificate, payroll.HoldNotVerified, payroll.HoldNotCertified, payroll.HoldExpired, payroll.HoldRevoked,
	payroll.HoldTooWeak, payroll.HoldUnusable, payroll.HoldCertificateChanged, payroll.HoldAddressChanged,
	payroll.HoldAddressUnnamed, payroll.HoldChangeFreeze, payroll.HoldOnPaper,
}

func stateWord(l payroll.LedgerLine) string {
	if l.State == payroll.SlipHeld && slices.Contains(told, l.Hold) {
		return "held_" + string(l.Hold)
	}
	return "state_" + string(l.State)
}

// askAgain has a slip of the visitor's own sent once more. Of anyone else's there
// is no such slip.
func (s *Server) askAgain(w http.ResponseWriter, r *http.Request, v *visit) error {
	slip := r.PostFormValue("slip")
	if len(slip) != 36 || uuid.Validate(slip) != nil { // it takes other spellings, too
		return payroll.ErrNotFound
	}
	err := s.Desk.AskAgain(r.Context(), v.session.Employee, payroll.SlipID(slip))
	switch {
	case errors.Is(err, payroll.ErrTooMany):
		return s.showLedger(w, r, v, http.StatusTooManyRequests, "too_many")
	case errors.Is(err, payroll.ErrWrongState):
		return redirect(w, r, v, "/ledger") // sent twice: it is on its way
	case err != nil:
		return err
	}
	return redirect(w, r, v, "/ledger")
}
