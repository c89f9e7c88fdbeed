package payroll

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// RosterStanding is an employee who has not left, with the certificate that
// counts for them: the current one, else the candidate.
type RosterStanding struct {
	Employee    Employee
	Certificate []byte      // as keystore stores it; nil if there is none
	Fingerprint Fingerprint // "" if there is none
	Step        Step        // "" if there is none
	Standing    CertificateStanding
	Changed     time.Time // when this certificate or the address took the place of another; zero: never, or two people compared it
}

// Leaver is a certificate that the company has certified for somebody who has
// left since.
type Leaver struct {
	Employee    EmployeeNumber
	Fingerprint Fingerprint
	Content     []byte // as keystore stores it
}

// Lack is the one thing that keeps an employee from being ready for a pay date;
// "" if nothing does. Besides the words below it may be what the judge says of
// the certificate on that day: expired, revoked, too_weak, unusable,
// not_certified, address_not_in_certificate.
type Lack string

// What may be lacking on the way up the ladder, and the change freeze.
const (
	LackCertificate   Lack = "no_certificate"       // nothing was handed in
	LackProof         Lack = "proof_awaited"        // the employee has not typed in the sealed code
	LackCheck         Lack = "check_awaited"        // HR has not compared the fingerprint
	LackCertification Lack = "certification_needed" // the company's key has not signed it
	LackRelease       Lack = "change_freeze"        // it changed too close to the pay date; two people must release the slip
)

// lackAdvice says what HR, or the employee, does about it.
var lackAdvice = map[Lack]string{
	LackCertificate:          "invite them (payseal employees invite NUMBER), or remind them in person",
	LackProof:                "ask them to type the code from the sealed mail into the form",
	LackCheck:                "call them and compare the fingerprint (payseal keys calls, keys verify)",
	LackCertification:        "certify it where the company's key is (payseal keys verify)",
	LackRelease:              "two people release the slip (payseal runs release), or compare the fingerprint (payseal keys verify)",
	Lack(HoldExpired):        "they extend it, or make a new one, in the form",
	Lack(HoldRevoked):        "they hand in a new one in the form",
	Lack(HoldTooWeak):        "they hand in a stronger one in the form",
	Lack(HoldUnusable):       "they hand in another one in the form",
	Lack(HoldNotCertified):   "they hand it in again and you compare it (payseal keys verify)",
	Lack(HoldAddressUnnamed): "they add a user ID with their address, and hand it in again in the form",
}

// Advice says in half a sentence what removes the lack.
func (l Lack) Advice() string { return lackAdvice[l] }

// Readiness says whether an employee's slip could be sealed to them on a pay
// date, as things stand now.
type Readiness struct {
	Number      EmployeeNumber `json:"employee"`
	Name        string         `json:"name"`
	Ready       bool           `json:"ready"`
	Lack        Lack           `json:"lack"`        // "" if ready
	Missing     []Step         `json:"missing"`     // the steps of the ladder still to climb, the lowest first; never nil
	Fingerprint Fingerprint    `json:"fingerprint"` // "" without a certificate
	Ends        *time.Time     `json:"ends"`        // when it can be encrypted to no longer; nil: never, or no certificate
	EndsBefore  []Date         `json:"ends_before"` // which of the next two pay dates it does not reach; never nil
}

// PayDays are the pay dates that a forecast is for, and what else a person's
// readiness depends on.
type PayDays struct {
	Dates    []Date         // the one that is asked about, and the next if it is planned
	Zone     *time.Location // in which a pay date begins and ends
	Required Step           // the step that policy asks for
	Freeze   Freeze
}

// Moment is when the judge looks at certificates: the last second of the first
// pay date, so that a slip that leaves late that day leaves too.
func (p PayDays) Moment() time.Time { return endOf(p.Dates[0], p.Zone) }

func endOf(d Date, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 23, 59, 59, 0, zone)
}

// Readiness judges one employee. problem is what the judge of certificates says
// of theirs at Moment, ends is when it can be encrypted to no longer (zero:
// never).
func (p PayDays) Readiness(s RosterStanding, problem HoldReason, ends time.Time) Readiness {
	r := Readiness{
		Number: s.Employee.Number, Name: s.Employee.Name, Fingerprint: s.Fingerprint,
		Missing: missing(s.Step, p.Required), EndsBefore: []Date{},
	}
	if s.Fingerprint != "" && !ends.IsZero() {
		r.Ends = &ends
		for _, date := range p.Dates {
			if !ends.After(endOf(date, p.Zone)) {
				r.EndsBefore = append(r.EndsBefore, date)
			}
		}
	}
	r.Lack = p.lack(s, r.Missing, problem)
	r.Ready = r.Lack == ""
	return r
}

// lack puts what the employee must mend before what is still to be climbed: the
// climb of an expired certificate is for nothing.
func (p PayDays) lack(s RosterStanding, missing []Step, problem HoldReason) Lack {
	switch {
	case s.Fingerprint == "":
		return LackCertificate
	case problem != "" && problem != HoldNotCertified:
		return Lack(problem)
	case len(missing) > 0:
		return stepLacks[missing[0]]
	case s.Standing != CertificateCurrent: // policy was lowered while it climbed
		return LackCheck
	case problem != "":
		return Lack(problem)
	case s.Changed.After(p.Freeze.Since(p.Dates[0])):
		return LackRelease
	}
	return ""
}

// stepLacks are by the lowest missing step.
var stepLacks = map[Step]Lack{
	StepSubmitted: LackCertificate, StepAddressProven: LackProof, StepDecryptionProven: LackProof,
	StepPhoneChecked: LackCheck, StepCertified: LackCertification,
}

// missing are the steps above reached, up to required.
func missing(reached, required Step) []Step {
	steps := []Step{}
	from := slices.Index(Steps, reached) + 1 // 0 for none
	for _, step := range Steps[from:] {
		if required.Reached(step) {
			steps = append(steps, step)
		}
	}
	return steps
}

// LackCount is how many people lack the same thing.
type LackCount struct {
	Lack   Lack `json:"lack"`
	People int  `json:"people"`
}

// DigestCounts is the readiness of everybody for one pay date, in numbers and
// without a name.
type DigestCounts struct {
	PayDate   Date        `json:"pay_date"`
	Employees int         `json:"employees"` // who get their slip by mail; those on paper are not among them
	Ready     int         `json:"ready"`
	OnPaper   int         `json:"on_paper"`
	Ending    int         `json:"ending"` // whose certificate ends before the next two pay dates, ready or not
	Lacks     []LackCount `json:"lacks"`  // the most frequent first; never nil
}

// Outlook is who is ready for a pay date and who is not.
type Outlook struct {
	PayDate Date
	People  []Readiness // by number
	OnPaper int
}

// Counts is the outlook in numbers.
func (o Outlook) Counts() DigestCounts {
	c := DigestCounts{PayDate: o.PayDate, Employees: len(o.People), OnPaper: o.OnPaper, Lacks: []LackCount{}}
	people := make(map[Lack]int)
	for _, r := range o.People {
		if r.Ready {
			c.Ready++
		} else {
			people[r.Lack]++
		}
		if len(r.EndsBefore) > 0 {
			c.Ending++
		}
	}
	for lack, n := range people {
		c.Lacks = append(c.Lacks, LackCount{lack, n})
	}
	slices.SortFunc(c.Lacks, func(a, b LackCount) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(a.Lack, b.Lack))
	})
	return c
}

// reminderDays are how many days before the end employees are reminded.
var reminderDays = []int{30, 7, 1}

// DueReminder is the topic of the one reminder that is due at now for a
// certificate that ends then; false if none is. After days without a worker only
// the nearest is due. The topic names the end too, so that a certificate that was
// extended is reminded of again.
func DueReminder(ends, now time.Time, zone *time.Location) (topic string, due bool) {
	if ends.IsZero() || !now.Before(ends) {
		return "", false
	}
	left := DaysBetween(DateOf(now.In(zone)), DateOf(ends.In(zone)))
	days, due := nearest(reminderDays, left)
	return topicOf(days, DateOf(ends.In(zone))), due
}

// DueDigest is the topic of the digest that is due on a day for the next pay
// date; days are how many days before it one is sent, in any order.
func DueDigest(payDate, today Date, days []int) (topic string, due bool) {
	before, due := nearest(days, DaysBetween(today, payDate))
	return topicOf(before, payDate), due
}

// nearest is the smallest of days that is not below left, which must not be
// negative.
func nearest(days []int, left int) (int, bool) {
	found, due := 0, false
	for _, d := range days {
		if left >= 0 && d >= left && (!due || d < found) {
			found, due = d, true
		}
	}
	return found, due
}

// topicOf writes "2026-12-18/7".
func topicOf(days int, date Date) string { return date.String() + "/" + strconv.Itoa(days) }

// ParseDayTopic reads the topic of a reminder or a digest: "2026-12-18/7" is
// about that date, 7 days before it.
func ParseDayTopic(topic string) (date Date, days int, err error) {
	day, count, _ := strings.Cut(topic, "/")
	if date, err = ParseDate(day); err == nil {
		days, err = strconv.Atoi(count)
	}
	if err != nil || days < 0 {
		return Date{}, 0, fmt.Errorf("read topic: %w: not a date and a number of days", ErrInvalid)
	}
	return date, days, nil
}

// DaysBetween is how many days later than from the day to is.
func DaysBetween(from, to Date) int {
	const day = 24 * time.Hour
	return int(to.At(0, 0, time.UTC).Sub(from.At(0, 0, time.UTC)) / day)
}
