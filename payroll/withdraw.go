package payroll

import "fmt"

// MayWithdraw says with ErrWrongState why HR can no longer take back a single slip of
// the run: a run that nobody has approved is voided as a whole, and of what has left,
// or may have left (MayHaveLeft), nothing comes back.
func (r *Run) MayWithdraw(s Correctable, left bool) error {
	switch {
	case r.State != RunApproved && !r.Started():
		return fmt.Errorf("%w: run %d is %s; single slips are withdrawn from a run that was approved, any other is voided and imported again", ErrWrongState, r.ID, r.State)
	case s.Successor != 0:
		return fmt.Errorf("%w: run %d corrects the slip of employee %s; look at that one", ErrWrongState, s.Successor, s.Employee)
	case s.State == SlipSending:
		return fmt.Errorf("%w: the slip of employee %s is being sent at this moment; try again in a minute", ErrWrongState, s.Employee)
	case s.State.Final():
		return fmt.Errorf("%w: the slip of employee %s is %s", ErrWrongState, s.Employee, s.State)
	case left || s.State == SlipUnsure:
		return fmt.Errorf("%w: the slip of employee %s may have left; correct it", ErrWrongState, s.Employee)
	}
	return nil
}

// MayHaveLeft reports whether one of a slip's attempts may have brought it to the
// relay: it was accepted, nobody knows, or it is still open.
func MayHaveLeft(tried []Tried) bool {
	for _, t := range tried {
		if t.Outcome == "" || t.Outcome == Accepted || t.Outcome == Unsure {
			return true
		}
	}
	return false
}
