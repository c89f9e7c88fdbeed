package postgres

import (
	"testing"

	"github.com/google/uuid"

	"github.com/payseal/payseal/payroll"
)

// TestPageSent follows a page through the ledger: begun, accepted, superseded.
func TestPageSent(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ledger := newLedger(t, s)
	run := sendingRun(t, s, 1)
	worker := payroll.WorkerID(uuid.NewString())
	parcels, err := s.Claim(t.Context(), run, worker, 1, payroll.Freeze{})
	if err != nil || len(parcels) != 1 {
		t.Fatal(len(parcels), err)
	}
	p := parcels[0]
	if p.Slip.ID != p.ID || p.ID == "" {
		t.Errorf("the slip says that it is %q", p.Slip.ID)
	}
	page := payroll.DigestPage([]byte("%PDF-1.7 a page"))
	judged := func(want payroll.PageVerdict) {
		t.Helper()
		sent, found, err := s.PageSent(t.Context(), page)
		if err != nil || !found || sent.Slip != p.ID || sent.Run != run || sent.Judge() != want {
			t.Errorf("%+v, %v, %v; want %s", sent, found, err, want)
		}
	}
	if _, found, err := s.PageSent(t.Context(), page); found || err != nil {
		t.Errorf("a page is known before it was sealed: %v", err)
	}
	a := payroll.Attempt{ID: payroll.AttemptID(uuid.NewString()), Slip: p.ID, Worker: worker, Email: p.Pin.Email,
		Fingerprint: p.Pin.Fingerprint, Page: page}
	if allowed, err := ledger.BeginAttempt(t.Context(), a); err != nil || !allowed {
		t.Fatal(allowed, err)
	}
	judged(payroll.PageUnsent)
	if err := ledger.FinishAttempt(a, payroll.Outcome{Kind: payroll.Accepted}, payroll.Fate{State: payroll.SlipAccepted})(); err != nil {
		t.Fatal(err)
	}
	judged(payroll.PageGenuine)
	if sent, found, err := s.SlipSent(t.Context(), p.ID); err != nil || !found || sent.SentAt == nil || sent.Employee != p.Slip.Employee.Number {
		t.Errorf("%+v, %v, %v", sent, found, err)
	}
	if _, found, err := s.SlipSent(t.Context(), payroll.SlipID(uuid.NewString())); found || err != nil {
		t.Errorf("a slip that is none: %v, %v", found, err)
	}
	if _, err := s.pool.Exec(t.Context(), `update slips set state = 'superseded'`); err != nil {
		t.Fatal(err)
	}
	judged(payroll.PageSuperseded)
}
