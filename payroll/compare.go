package payroll

import (
	"fmt"
	"slices"
	"time"
)

// Comparison is what is known of a certificate whose fingerprint a person has
// compared with its owner.
type Comparison struct {
	HandedInBy []AdminName // everyone who ever did; Themself where the employee did it
	AddressBy  []AdminName // who brought the employee's mail address, as it is or as it was when the certificate came
	CheckedBy  []AdminName // who compared it since then, each once
}

// Add says how many more people must compare the fingerprint after by has, where
// needed must in all. Whoever handed the certificate in may not, even if somebody
// else brought a copy since; nor may whoever brought an address to which the
// employee's link and code went, even if it was changed in the form since: it may be
// they who changed it there. Nobody counts twice.
func (c Comparison) Add(by AdminName, needed int) (awaits int, err error) {
	if slices.Contains(c.HandedInBy, by) {
		return 0, fmt.Errorf("%w: %s handed this certificate in; somebody else must compare its fingerprint with the employee", ErrNotAllowed, by)
	}
	if slices.Contains(c.AddressBy, by) {
		return 0, fmt.Errorf("%w: %s brought this employee's mail address; somebody else must compare the fingerprint", ErrNotAllowed, by)
	}
	checked := len(c.CheckedBy)
	switch {
	case !slices.Contains(c.CheckedBy, by):
		checked++
	case checked < needed:
		return 0, fmt.Errorf("%w: %s has compared this fingerprint; so close to a pay date a second person must too", ErrNotAllowed, by)
	}
	return max(0, needed-checked), nil
}

// ChecksNeeded is how many people must compare a fingerprint at this moment: one,
// or two for a re-key (another certificate is or was current) so close to one of
// the pay dates that the freeze has begun.
func (f Freeze) ChecksNeeded(rekey bool, at time.Time, payDates []Date) int {
	if !rekey {
		return 1
	}
	for _, d := range payDates {
		if !at.Before(f.Since(d)) && at.Before(f.begin(d.AddDays(1))) {
			return ReleasesNeeded
		}
	}
	return 1
}

// Call is an employee who waits for HR to compare the fingerprint of their
// certificate, by the number in the HR file.
type Call struct {
	Employee    EmployeeNumber `json:"employee"`
	Name        string         `json:"name"`
	Phone       string         `json:"phone"` // as HR wrote it; "" if there is none
	Fingerprint Fingerprint    `json:"fingerprint"`
	Since       time.Time      `json:"since"`                // the last step on the ladder
	Rekey       bool           `json:"rekey"`                // another certificate is or was current
	HandedInBy  AdminName      `json:"handed_in_by"`         // who may not be the one to compare it
	CheckedBy   AdminName      `json:"checked_by,omitempty"` // the first of two; "" if nobody has
	Needed      int            `json:"needed"`               // how many people must compare it in all
}

// Vouched is a candidate for which its owner signed with the certificate that is
// current.
type Vouched struct {
	Employee           Employee
	Candidate, Current []byte    // as keystore stores them
	CurrentSince       time.Time // when Current became that, for the last time
	Vouch              []byte    // the signed statement
}
