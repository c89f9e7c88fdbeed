package payroll

import (
	"fmt"
	"time"
)

// Period is the calendar month that a run pays for.
type Period struct {
	Year  int
	Month time.Month
}

// ParsePeriod reads "2026-10".
func ParsePeriod(text string) (Period, error) {
	t, err := time.Parse("2006-01", text)
	if err != nil {
		return Period{}, fmt.Errorf("%w: a period is a year and a month, such as 2026-10", ErrInvalid)
	}
	return Period{Year: t.Year(), Month: t.Month()}, nil
}

// String is "2026-10".
func (p Period) String() string { return fmt.Sprintf("%04d-%02d", p.Year, int(p.Month)) }

// First is the first day of the month.
func (p Period) First() Date { return Date{Year: p.Year, Month: p.Month, Day: 1} }

// Last is the last day of the month.
func (p Period) Last() Date { return DateOf(p.First().utc().AddDate(0, 1, -1)) }

// Next is the month after p.
func (p Period) Next() Period {
	next := p.First().utc().AddDate(0, 1, 0)
	return Period{Year: next.Year(), Month: next.Month()}
}

// Before reports whether p is an earlier month than q.
func (p Period) Before(q Period) bool { return p.First().Before(q.First()) }

// IsZero reports whether no period was set.
func (p Period) IsZero() bool { return p == Period{} }

// MarshalText writes "2026-10".
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads "2026-10".
func (p *Period) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePeriod(string(text))
	return err
}

// Date is a day of the calendar, without a time or a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads "2026-10-30".
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return Date{}, fmt.Errorf("%w: a date is written 2026-10-30", ErrInvalid)
	}
	return DateOf(t), nil
}

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// String is "2026-10-30", or nothing for the zero date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.utc().Format(time.DateOnly)
}

// IsZero reports whether no date was set.
func (d Date) IsZero() bool { return d == Date{} }

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.utc().Before(e.utc()) }

// Compare orders days: negative, zero or positive as d is earlier than e, the
// same or later.
func (d Date) Compare(e Date) int { return d.utc().Compare(e.utc()) }

// AddDays is the day n days later (earlier if n is negative).
func (d Date) AddDays(n int) Date { return DateOf(d.utc().AddDate(0, 0, n)) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.utc().Weekday() }

// At is the moment of that day at hour:minute in the zone. A time that the
// spring change skips moves forward by the gap; of one that comes twice in
// autumn it is the first. (time.Date promises neither: in zones west of
// Greenwich it moves back.)
func (d Date) At(hour, minute int, zone *time.Location) time.Time {
	wall := time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, time.UTC)
	at := func(neighbor time.Time) time.Time {
		_, offset := neighbor.In(zone).Zone()
		return wall.Add(-time.Duration(offset) * time.Second).In(zone)
	}
	before, after := at(wall.AddDate(0, 0, -1)), at(wall.AddDate(0, 0, 1))
	if !sameClock(before, wall) && sameClock(after, wall) {
		return after
	}
	return before
}

func sameClock(a, b time.Time) bool {
	return a.Day() == b.Day() && a.Hour() == b.Hour() && a.Minute() == b.Minute()
}

// MarshalText writes "2026-10-30", or nothing for the zero date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads "2026-10-30" or nothing.
func (d *Date) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	*d, err = ParseDate(string(text))
	return err
}

func (d Date) utc() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
