package payroll

import "fmt"

// Correction says whose place a slip takes, and why. It is part of the slip that
// is sealed and pinned, and stands on its page.
type Correction struct {
	Slip    SlipID `json:"slip"`     // which it takes the place of
	PayDate Date   `json:"pay_date"` // of that slip
	Reason  string `json:"reason"`
}

// Correctable is what the rules must know of a slip before another takes its
// place.
type Correctable struct {
	Slip      SlipID
	Employee  EmployeeNumber
	State     SlipState
	Successor RunID // the run whose slip takes its place already; 0 for none. Rejected and void runs do not count
}

// CheckReason refuses a reason of a correction that cannot stand on the page: it
// is 1 to 300 printable characters, without a space at either end.
func CheckReason(reason string) error {
	if reason == "" {
		return fmt.Errorf("%w: say why the slips are corrected; it stands on the page", ErrInvalid)
	}
	return CheckText("reason", reason)
}

// MayCorrect says with ErrWrongState or ErrInvalid why the run cannot take the
// place of slips of the original: only what was approved is corrected, in its own
// month and currency.
func (r *Run) MayCorrect(original *Run) error {
	switch {
	case original.State != RunApproved && !original.Started():
		return fmt.Errorf("%w: run %d is %s; only a run that was approved is corrected, any other is voided and imported again",
			ErrWrongState, original.ID, original.State)
	case r.Period != original.Period:
		return fmt.Errorf("%w: run %d is of %s; a correction is of the same month", ErrInvalid, original.ID, original.Period)
	case r.Currency != original.Currency:
		return fmt.Errorf("%w: run %d is in %s; a correction is in the same currency", ErrInvalid, original.ID, original.Currency)
	}
	return CheckReason(r.Correction)
}

// Check says with ErrWrongState why no other slip can take this one's place.
func (c Correctable) Check() error {
	switch {
	case c.Successor != 0:
		return fmt.Errorf("%w: run %d corrects the slip of employee %s already; correct that run, or void it first", ErrWrongState, c.Successor, c.Employee)
	case c.State == SlipWithdrawn:
		return fmt.Errorf("%w: the slip of employee %s was withdrawn and corrects nothing", ErrWrongState, c.Employee)
	}
	return nil
}

// Supersede is what becomes of a slip at the moment at which the one that takes
// its place is approved: what has not left is superseded at once, what has left
// stays until the other is accepted. One that is leaving in this moment is
// ErrWrongState.
func (s SlipState) Supersede() (SlipState, error) {
	switch s {
	case SlipReady, SlipQueued, SlipDeferred, SlipHeld, SlipUnsure:
		return SlipSuperseded, nil
	case SlipSending:
		return s, fmt.Errorf("%w: a slip that is corrected is being sent at this moment; try again in a minute", ErrWrongState)
	}
	return s, nil
}
