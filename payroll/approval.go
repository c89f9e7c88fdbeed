package payroll

import (
	"fmt"
	"time"
)

// Approval is what an approver says yes to, and on which terms.
type Approval struct {
	Letterhead string     // its digest
	Manifest   string     // the hash that the approver was shown; "" where none was
	Proven     bool       // names are proven here: the manifest must have been shown, and the sample opened
	NotBefore  time.Time  // no slip leaves earlier; its location is the zone in which it is told. Zero: at once
	StepUp     *StepUpUse // the fresh second factor that the approval uses up; nil for a command
}

// StepUpUse is a fresh second factor that an act uses up in its own transaction,
// so that it is gone exactly if the act is done.
type StepUpUse struct {
	Session SecretHash
	Purpose string
	Fresh   time.Duration
}

// farthest is how long an approved run can be made to wait.
const farthest = 92 * 24 * time.Hour

// CheckTerms says with ErrInvalid what is wrong with the time before which
// nothing is to leave.
func (a Approval) CheckTerms(now time.Time) error {
	switch {
	case a.NotBefore.IsZero():
		return nil
	case !a.NotBefore.After(now):
		return fmt.Errorf("%w: %s is over; leave the time out if the run may be sent at once", ErrInvalid, ZoneMoment(a.NotBefore))
	case a.NotBefore.After(now.Add(farthest)):
		return fmt.Errorf("%w: %s is more than three months away", ErrInvalid, ZoneMoment(a.NotBefore))
	}
	return nil
}

// Check compares what the approver was shown with what stands. unopened are those
// of the sample whose slips this approver has not opened.
func (a Approval) Check(stands string, unopened []EmployeeNumber) error {
	switch {
	case a.Manifest == "" && a.Proven:
		return fmt.Errorf("%w: name the hash of the manifest that you looked at (the review shows it)", ErrInvalid)
	case a.Manifest != "" && a.Manifest != stands:
		return fmt.Errorf("%w: something changed since you looked: a slip, an address, a certificate or the letterhead; look at the review again", ErrWrongState)
	case a.Proven && len(unopened) > 0:
		return fmt.Errorf("%w: open the slips of the sample first; %d of them you have not opened", ErrWrongState, len(unopened))
	}
	return nil
}

// MayDecide says with ErrNotAllowed why this person may neither approve nor
// reject the run: whoever imported or submitted it may not, whatever their roles.
func (r *Run) MayDecide(by Admin) error {
	if by.Name == r.ImportedBy || by.Name == r.SubmittedBy {
		return fmt.Errorf("%w: %s imported or submitted run %d; a second person must decide it", ErrNotAllowed, by.Name, r.ID)
	}
	return by.May(RoleApprover)
}

// Wait says with ErrWrongState, and the moment in the zone of whoever chose it,
// that an approved run is not to be sent yet.
func (r *Run) Wait(now time.Time) error {
	if r.NotBefore == nil || !now.Before(*r.NotBefore) {
		return nil
	}
	return fmt.Errorf("%w: run %d is not to be sent before %s", ErrWrongState, r.ID, ZoneMoment(*r.NotBefore))
}

// ZoneMoment writes a moment with the name of its zone: "27 November 2026, 08:00
// (Europe/Vienna)".
func ZoneMoment(at time.Time) string {
	return at.Format("2 January 2006, 15:04") + " (" + at.Location().String() + ")"
}

// Unopened are those of a sample that are not among the opened; both are sorted.
func Unopened(sample, opened []EmployeeNumber) []EmployeeNumber {
	var left []EmployeeNumber
	for _, n := range sample {
		for len(opened) > 0 && opened[0] < n {
			opened = opened[1:]
		}
		if len(opened) == 0 || opened[0] != n {
			left = append(left, n)
		}
	}
	return left
}
