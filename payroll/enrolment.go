package payroll

import (
	"cmp"
	"time"
	"unicode"
)

// Themself acts for an employee who does something in the form. It is no name
// that an admin can have.
const Themself AdminName = "(employee)"

// SessionProof is how a visitor of the form proved who they are.
type SessionProof string

// The proofs.
const (
	ProvedByLink SessionProof = "link" // a link that was sent to their address
	ProvedByCode SessionProof = "code" // a code that was sealed to their current certificate
)

// Session is one visit to the form.
type Session struct {
	Employee EmployeeNumber // "" while a sign-in code is awaited
	Proof    SessionProof   // "" while a sign-in code is awaited
	Began    time.Time
}

// SessionLimits say when a session ends by itself.
type SessionLimits struct {
	Idle time.Duration // without a request
	Max  time.Duration // in all
}

// Submission is a certificate that was judged good and is handed in.
type Submission struct {
	Employee    EmployeeNumber
	Fingerprint Fingerprint
	Content     []byte    // minimised; certified anew if the stored one was
	Addresses   []Address // every address that its user IDs name
	WKD         string    // the Web Key Directory's hash of the checked address; "" for none
	Certified   bool      // Content carries the company's certification
	Restart     bool      // whatever was proven about a known one before counts no longer
	Expires     time.Time // zero: never
	Vouch       []byte    // a statement signed with the current certificate that this one replaces it; nil for none
}

// EnrolledCertificate is one certificate of an employee on the ladder.
type EnrolledCertificate struct {
	Fingerprint Fingerprint
	Content     []byte // as keystore stores it
	Step        Step
	Standing    CertificateStanding
	Vouched     bool // signed for with the certificate before it
	CreatedAt   time.Time
	ExpiresAt   *time.Time // nil: never
}

// AddressChange is a change of the mail address that waits for its two
// confirmations.
type AddressChange struct {
	To           Address
	OldConfirmed bool
	NewConfirmed bool
	ExpiresAt    time.Time
}

// OpenCode is a code that was asked for and not yet typed in. The worker sends
// it, so that SentAt is nil for a moment.
type OpenCode struct {
	AskedAt   time.Time
	SentAt    *time.Time
	ExpiresAt *time.Time // nil before it was sent
	TriesLeft int
	Failed    bool // it could not be sent
}

// Enrolee is an employee as the form shows them to themself.
type Enrolee struct {
	Number       EmployeeNumber
	Name         string
	Email        Address
	Language     string
	Phone        string // as HR wrote it; the form shows PhoneEnd only
	OnPaper      bool
	Certificates []EnrolledCertificate // the newest first
	Profile      MailProfile
	Seen         Seen       // "" if they never said
	SpecimenSent *time.Time // when the last test slip left
	Change       *AddressChange
	Proof        *OpenCode
}

// Standing finds the certificate of the given standing.
func (e Enrolee) Standing(s CertificateStanding) (EnrolledCertificate, bool) {
	for _, c := range e.Certificates {
		if c.Standing == s {
			return c, true
		}
	}
	return EnrolledCertificate{}, false
}

// PhoneEnd is the last two digits of the number in the HR file; "" if it has
// fewer than five, of which two would tell too much.
func (e Enrolee) PhoneEnd() string {
	var digits []rune
	for _, r := range e.Phone {
		if unicode.IsDigit(r) {
			digits = append(digits, r)
		}
	}
	if len(digits) < 5 {
		return ""
	}
	return string(digits[len(digits)-2:])
}

// LedgerLine is what an employee sees of one slip that was made for them.
type LedgerLine struct {
	Slip        SlipID
	Period      Period
	PayDate     Date
	State       SlipState
	Hold        HoldReason
	Fingerprint Fingerprint // to which the last attempt was sealed; "" before the first
	SentAt      *time.Time  // when the relay accepted it
	MayAskAgain bool        // it was accepted, and not asked for again today
}

// ReportKind is what an employee tells HR.
type ReportKind string

// The kinds of reports.
const (
	ReportSuspicious ReportKind = "suspicious_mail" // a mail that may not be from the company
	ReportLostKey    ReportKind = "lost_key"        // please stop using my certificate
	ReportStranger   ReportKind = "not_me"          // a change that the employee did not make
)

// Report is what an employee tells HR through the form.
type Report struct {
	ID        int64          `json:"id"`
	Employee  EmployeeNumber `json:"employee"`
	Kind      ReportKind     `json:"kind"`
	Text      string         `json:"text"` // the employee's own words, at most 2,000 characters
	At        time.Time      `json:"at"`
	SettledBy AdminName      `json:"settled_by,omitempty"`
	SettledAt *time.Time     `json:"settled_at,omitempty"`
}

// Freeze is the change freeze: a certificate or an address that replaced another
// one within Days before a pay date, or later, holds the slip of that pay date
// until two people have released it.
type Freeze struct {
	Days int
	Zone *time.Location // in which a pay date begins; nil: UTC
}

// Since is the moment from which a change is too close to the pay date. Without
// days there is no freeze, and the moment is so late that nothing comes after it.
func (f Freeze) Since(payDate Date) time.Time {
	if f.Days <= 0 {
		return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return f.begin(payDate.AddDays(-f.Days))
}

// Today is the day of a moment in the freeze's zone.
func (f Freeze) Today(now time.Time) Date { return DateOf(now.In(cmp.Or(f.Zone, time.UTC))) }

// begin is the first moment of a day.
func (f Freeze) begin(d Date) time.Time { return d.At(0, 0, cmp.Or(f.Zone, time.UTC)) }

// ReleasesNeeded is how many people must release a frozen slip, and how many must
// compare the fingerprint of a re-key within the freeze.
const ReleasesNeeded = 2
