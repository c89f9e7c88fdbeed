package payroll

import "time"

// Inspection is how a submitted run stands at one moment: what an approver would
// say yes to, and what they should know of it. All of it is of that one moment.
type Inspection struct {
	At       time.Time
	Manifest string           // its hash
	Contents string           // the hash that draws the sample
	Slips    int              // how many
	Sample   []EmployeeNumber // who must be opened, sorted
	Held     []Foreseen       // who would be held if it were sent at this moment, sorted by number
	Changed  []ChangedSince   // whose address or certificate is not that of the run before, sorted by number
}

// Foreseen is a slip that would be held.
type Foreseen struct {
	Employee EmployeeNumber
	Reason   HoldReason
}

// ChangedSince says what of an employee is not what it was when their slip before
// was approved.
type ChangedSince struct {
	Employee    EmployeeNumber
	Address     bool
	Certificate bool // another one, or none any more
	First       bool // there was none before
}

// HeldBy counts who would be held, by reason.
func (i Inspection) HeldBy() map[HoldReason]int {
	counts := make(map[HoldReason]int)
	for _, h := range i.Held {
		counts[h.Reason]++
	}
	return counts
}

// Reviewed is a person of a run as the approver sees them: what would be pinned,
// beside what was pinned in the run before.
type Reviewed struct {
	Employee          EmployeeNumber
	Name              string
	Department        string
	InRun             bool    // false: missing from it
	Email             Address // as it stands
	EmailBefore       Address // "" if there was no slip before
	EmailBy           AdminName
	EmailAt           *time.Time  // when it last took the place of another; nil: never
	Fingerprint       Fingerprint // of the certificate that would be pinned; "" without one
	FingerprintBefore Fingerprint
	Step              Step                // of that certificate
	Standing          CertificateStanding // of that certificate; "" without one
	Since             *time.Time          // when it was handed in
	HandedInBy        AdminName           // Themself where the employee did
	CheckedBy         []AdminName         // who compared its fingerprint since
	Joined            Date                // zero: not known
	Left              Date                // zero: still there
}

// ReviewedTwin is a pair of a run who are easily taken for each other.
type ReviewedTwin struct {
	Twin
	AcknowledgedBy AdminName // "" if nobody has looked
	AcknowledgedAt *time.Time
	Note           string
}

// WaitingRun is a run that waits for a decision, or was decided lately.
type WaitingRun struct {
	Run
	Slips int
}

// FrozenSlip is a slip that the change freeze holds until two people release it.
type FrozenSlip struct {
	Run        RunID
	Employee   EmployeeNumber
	Name       string
	PayDate    Date
	ReleasedBy []AdminName // who has, since the change
}
