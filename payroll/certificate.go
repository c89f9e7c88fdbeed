package payroll

import "time"

// StoredCertificate is one certificate of one employee on the enrolment ladder.
type StoredCertificate struct {
	ID           int64               `json:"-"`
	Employee     EmployeeNumber      `json:"employee"`
	Fingerprint  Fingerprint         `json:"fingerprint"`
	Content      []byte              `json:"-"` // what keystore.ReadCertificate reads; nil in lists
	Step         Step                `json:"step"`
	Standing     CertificateStanding `json:"standing"`
	Verified     bool                `json:"verified"`                // current: it had climbed as far as policy asked
	ExpiresAt    *time.Time          `json:"expires_at,omitempty"`    // nil: never
	CreatedAt    time.Time           `json:"created_at"`              // when it was first handed in
	CurrentSince *time.Time          `json:"current_since,omitempty"` // nil: never was current
	Replaces     bool                `json:"replaces"`                // it took the place of another certificate
	Awaits       int                 `json:"awaits,omitempty" db:"-"` // after a comparison: how many more people must compare the fingerprint
}

// CertificateStep is one act on the ladder: who set which step, when and how.
type CertificateStep struct {
	Fingerprint Fingerprint `json:"fingerprint"`
	Step        Step        `json:"step"`
	At          time.Time   `json:"at"`
	By          AdminName   `json:"by"`
	Method      string      `json:"method,omitempty"`
	Note        string      `json:"note,omitempty"`
}

// Climb asks to move one certificate up the ladder.
type Climb struct {
	Employee    EmployeeNumber
	Fingerprint Fingerprint
	To          Step
	Method      string // how the fingerprint was compared
	Note        string
	Content     []byte // with the company's certification; needed for StepCertified
	Required    Step   // the step at which policy lets a candidate become current
	Freeze      Freeze
}
