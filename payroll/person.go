package payroll

import "time"

// PeopleFilter picks people out of the roster by what the database knows of
// them; the judge of certificates is not asked.
type PeopleFilter string

// The filters. Everyone is PeopleAll; somebody may be under several.
const (
	PeopleAll      PeopleFilter = ""
	PeopleReady    PeopleFilter = "ready"    // a current certificate, as far up the ladder as policy asks, that lasts beyond the pay date
	PeopleCall     PeopleFilter = "call"     // a certificate waits for a person to compare its fingerprint
	PeopleExpiring PeopleFilter = "expiring" // the current certificate ends before the pay date is over
	PeopleNoKey    PeopleFilter = "no-key"   // nothing that counts was handed in
	PeopleProof    PeopleFilter = "proof"    // the employee has not typed in the sealed code
	PeopleCertify  PeopleFilter = "certify"  // compared, but the company's key has not signed it
	PeoplePaper    PeopleFilter = "paper"    // on paper by choice
	PeopleLeft     PeopleFilter = "left"
	PeopleMoved    PeopleFilter = "moved" // the mail address changed lately
)

// PeopleFilters lists them in the order in which they are shown.
var PeopleFilters = []PeopleFilter{PeopleAll, PeopleReady, PeopleCall, PeopleProof, PeopleCertify, PeopleNoKey,
	PeopleExpiring, PeopleMoved, PeoplePaper, PeopleLeft}

// MovedLately is how long a changed mail address is worth a look.
const MovedLately = 30 * 24 * time.Hour

// PeopleTerms are what the filters depend on besides the roster.
type PeopleTerms struct {
	Required Step      // which a certificate must have reached
	Through  time.Time // the pay date's last second
	Since    time.Time // what changed later is in the change freeze
}

// PeopleQuery asks for a page of the roster, by number.
type PeopleQuery struct {
	PeopleTerms
	Filter     PeopleFilter
	Department string         // "" for all
	Number     string         // what the number begins with, in any case; "" for any
	Words      string         // what words of the name begin with, each, or the number; "" for anybody
	After      EmployeeNumber // the last one of the page before; "" from the start
	Before     EmployeeNumber // the first one of the page after; "" if After counts
	Limit      int
}

// PersonLine is a person in a list of the roster.
type PersonLine struct {
	RosterStanding            // without the certificate's content
	ExpiresAt      *time.Time // of that certificate; nil: never, or none
	Call           bool       // a certificate of theirs waits to be compared; perhaps not this one
	Moved          *time.Time // when the mail address took the place of another; nil: never
}

// Readiness is what the list knows of a person's readiness: the exact verdict
// takes the certificate itself.
func (l PersonLine) Readiness(p PayDays) Readiness {
	var problem HoldReason
	var ends time.Time
	if l.ExpiresAt != nil {
		if ends = *l.ExpiresAt; !ends.After(p.Moment()) {
			problem = HoldExpired
		}
	}
	return p.Readiness(l.RosterStanding, problem, ends)
}

// Person is one employee with what only their own page shows.
type Person struct {
	Employee
	EmailChangedAt *time.Time // nil: it is the first one
	EmailBy        AdminName  // who brought it; "" if nobody knows
	EmailInFile    string     // what HR's file has, where the employee changed it in the form; "" otherwise
	PhoneChangedAt *time.Time // nil: it is the first one
	PhoneBy        AdminName
	Profile        MailProfile
	Seen           Seen
	SeenAt         *time.Time
	CreatedAt      time.Time
}

// SentNotice is a mail without pay data that was written for an employee; not its
// secret.
type SentNotice struct {
	Kind    NoticeKind
	Topic   string
	State   NoticeState
	To      Address
	Created time.Time
	SentAt  *time.Time // nil: not yet, or never
}

// PersonSlip is one slip of an employee in the ledger.
type PersonSlip struct {
	Run         RunID
	Period      Period
	PayDate     Date
	RunState    RunState
	State       SlipState
	Hold        HoldReason
	Attempts    int
	Fingerprint Fingerprint // to which the last attempt was sealed; "" before the first
	SentAt      *time.Time  // when the relay accepted it
}

// PhoneCall is a Call with what the caller must know before dialling.
type PhoneCall struct {
	Call
	Email          Address
	AddressBy      []AdminName // who brought the mail address, now or before, and may not be the one to compare
	HandedIn       []AdminName // everyone who ever did
	PhoneChangedAt *time.Time  // nil: never
	PhoneBy        AdminName
	Unanswered     int        // calls about this certificate that nobody answered
	LastCall       *time.Time // the last of them
}

// May says with an error why the person may not be the one to compare.
func (c PhoneCall) May(by AdminName) error {
	known := Comparison{HandedInBy: c.HandedIn, AddressBy: c.AddressBy}
	if c.CheckedBy != "" {
		known.CheckedBy = []AdminName{c.CheckedBy}
	}
	_, err := known.Add(by, c.Needed)
	return err
}

// PhoneChangedLately reports whether the number took the place of another within
// 90 days before now: then it may be the one of whoever wants the slips.
func (c PhoneCall) PhoneChangedLately(now time.Time) bool {
	return changedLately(c.PhoneChangedAt, now)
}

// PhoneChangedLately is PhoneCall's.
func (p Person) PhoneChangedLately(now time.Time) bool { return changedLately(p.PhoneChangedAt, now) }

func changedLately(at *time.Time, now time.Time) bool {
	const lately = 90 * 24 * time.Hour
	return at != nil && now.Sub(*at) < lately
}
