package payroll

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Shift says where a payday goes that falls on a weekend.
type Shift string

// The shifts.
const (
	ShiftNone   Shift = "none"
	ShiftBefore Shift = "before" // the last working day before
	ShiftAfter  Shift = "after"  // the first working day after
)

// LastWorkingDay as a MonthlyRule's Day means the last working day of the month:
// a Monday to Friday that is no holiday.
const LastWorkingDay = 0

// mostShift is how many days a due date moves at most. Where there is no working
// day within so many, it stays: a list of holidays with a mistake in it must not
// carry a payday out of sight.
const mostShift = 31

// MonthlyRule says at which moment of each month something is due.
type MonthlyRule struct {
	Day      int            // 1 to 31, or LastWorkingDay; a day that the month lacks is its last
	Shift    Shift          // for a Day that falls on a Saturday, a Sunday or a holiday
	Hour     int            // 0 to 23
	Minute   int            // 0 to 59
	Zone     *time.Location // named: the same wall clock summer and winter
	Holidays Holidays       // nil for none
}

// ParseMonthlyRule reads what people type: day "28", "last" or
// "last-working-day"; shift "none", "before" or "after"; clock "09:30"; zone an
// IANA name such as "Europe/Vienna".
func ParseMonthlyRule(day, shift, clock, zone string) (MonthlyRule, error) {
	var rule MonthlyRule
	number, err := strconv.Atoi(day)
	switch {
	case day == "last-working-day":
		rule.Day = LastWorkingDay
	case day == "last":
		rule.Day = 31
	case err == nil && number >= 1 && number <= 31:
		rule.Day = number
	default:
		return rule, fmt.Errorf("%w: the day is 1 to 31, last or last-working-day", ErrInvalid)
	}
	rule.Shift = Shift(shift)
	if rule.Shift != ShiftNone && rule.Shift != ShiftBefore && rule.Shift != ShiftAfter {
		return rule, fmt.Errorf("%w: a weekend shift is none, before or after", ErrInvalid)
	}
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return rule, fmt.Errorf("%w: the time of day is written 09:30", ErrInvalid)
	}
	rule.Hour, rule.Minute = at.Hour(), at.Minute()
	if zone == "" || strings.EqualFold(zone, "local") {
		return rule, fmt.Errorf("%w: name the time zone, such as Europe/Vienna", ErrInvalid)
	}
	if rule.Zone, err = time.LoadLocation(zone); err != nil {
		return rule, fmt.Errorf("%w: unknown time zone; use an IANA name, such as Europe/Vienna", ErrInvalid)
	}
	return rule, nil
}

// Due is the moment at which the rule falls in a month.
func (m MonthlyRule) Due(p Period) time.Time {
	return m.day(p).At(m.Hour, m.Minute, m.Zone)
}

func (m MonthlyRule) day(p Period) Date {
	day, shift := m.plain(p), m.Shift
	if m.Day == LastWorkingDay {
		shift = ShiftBefore
	}
	switch shift {
	case ShiftBefore:
		return m.Holidays.workingDay(day, -1)
	case ShiftAfter:
		return m.Holidays.workingDay(day, 1)
	}
	return day
}

// plain is the day before any shift.
func (m MonthlyRule) plain(p Period) Date {
	if m.Day == LastWorkingDay {
		return p.Last()
	}
	return Date{Year: p.Year, Month: p.Month, Day: min(m.Day, p.Last().Day)}
}

// Moved says from which day the rule's date of a month was moved, and over which
// holiday: "" if it was a weekend. It is false where nothing was moved.
func (m MonthlyRule) Moved(p Period) (from Date, holiday string, moved bool) {
	from = m.plain(p)
	return from, m.Holidays[from], m.day(p) != from
}

// Clock is the time of day as people type it: "09:30".
func (m MonthlyRule) Clock() string { return fmt.Sprintf("%02d:%02d", m.Hour, m.Minute) }

// DayText is the day as people type it: "28", "last" or "last-working-day".
func (m MonthlyRule) DayText() string {
	switch m.Day {
	case LastWorkingDay:
		return "last-working-day"
	case 31:
		return "last"
	}
	return strconv.Itoa(m.Day)
}

// Occurrence is one month's due moment of a rule. A weekend shift can carry the
// moment out of its period; the period stays.
type Occurrence struct {
	Period Period
	At     time.Time
}

// Between are the occurrences after since, up to now and including it.
func (m MonthlyRule) Between(since, now time.Time) []Occurrence {
	var due []Occurrence
	// A shift can carry a date over either end of its month.
	last := periodOf(now.In(m.Zone).AddDate(0, 0, mostShift+1))
	for p := periodOf(since.In(m.Zone).AddDate(0, 0, -mostShift-1)); !last.Before(p); p = p.Next() {
		if at := m.Due(p); at.After(since) && !at.After(now) {
			due = append(due, Occurrence{Period: p, At: at})
		}
	}
	return due
}

func periodOf(t time.Time) Period { return Period{Year: t.Year(), Month: t.Month()} }

// Coming are the next n occurrences after now.
func (m MonthlyRule) Coming(now time.Time, n int) []Occurrence {
	due := make([]Occurrence, 0, n)
	for p := periodOf(now.In(m.Zone).AddDate(0, 0, -mostShift-1)); len(due) < n; p = p.Next() {
		if at := m.Due(p); at.After(now) {
			due = append(due, Occurrence{Period: p, At: at})
		}
	}
	return due
}

// Upcoming are the next n due moments after now.
func (m MonthlyRule) Upcoming(now time.Time, n int) []time.Time {
	due := make([]time.Time, 0, n)
	for _, o := range m.Coming(now, n) {
		due = append(due, o.At)
	}
	return due
}

// DatesFrom are the next n days on which the rule falls due, from one on. A month
// of done does not fall due again, wherever a new holiday moves its date.
func (m MonthlyRule) DatesFrom(from Date, n int, done ...Period) []Date {
	dates := make([]Date, 0, n)
	for p := periodOf(from.AddDays(-mostShift).utc()); len(dates) < n; p = p.Next() {
		if day := m.day(p); !day.Before(from) && !slices.Contains(done, p) {
			dates = append(dates, day)
		}
	}
	return dates
}
