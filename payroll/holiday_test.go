package payroll

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func day(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func holidaysOf(t testing.TB, lines string) Holidays {
	t.Helper()
	days, err := ParseHolidays(lines)
	if err != nil {
		t.Fatal(err)
	}
	set := make(Holidays)
	for _, h := range days {
		set[h.Day] = h.Name
	}
	return set
}

func TestParseHolidays(t *testing.T) {
	t.Parallel()
	days, err := ParseHolidays("\ufeff# of 2026\r\n\r\n2026-12-25\tChristmas  Day\r\n  2026-12-26, St Stephen's <b> \n")
	want := []Holiday{{Day: day(t, "2026-12-25"), Name: "Christmas Day"}, {Day: day(t, "2026-12-26"), Name: "St Stephen's <b>"}}
	if diff := cmp.Diff(want, days); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for text, words := range map[string]string{
		"25.12.2026 Christmas":                      "line 1: invalid: a line is a date",
		"2026-02-29 no such day":                    "a line is a date",
		"2026-12-25":                                "called",
		"1999-12-31 too early":                      "between the years",
		"2026-12-25 a\n# b\n2026-12-25 c":           "line 3: invalid: 2026-12-25 stands in line 1",
		"2026-12-25 " + strings.Repeat("x", 101):    "at most 100",
		"2026-12-25 a\x1b[31m":                      "one line",
		"2026-12-25 " + strings.Repeat("x", 70_000): "too long",
	} {
		if _, err := ParseHolidays(text); !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), words) {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func FuzzParseHolidays(f *testing.F) {
	for _, seed := range []string{"2026-12-25 Christmas Day\n", "# x\n\n2027-01-01\tNew Year", "2026-12-25", "\ufeff2026-12-25, a b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		days, err := ParseHolidays(text)
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatal(err)
			}
			return
		}
		var again strings.Builder
		for _, h := range days {
			if err := h.Check(); err != nil {
				t.Fatal(err)
			}
			again.WriteString(h.Day.String() + " " + h.Name + "\n")
		}
		if same, err := ParseHolidays(again.String()); err != nil || !cmp.Equal(days, same) {
			t.Errorf("%v, %v", same, err)
		}
	})
}

// TestHolidaysMoveDates: over Christmas, over a whole closed month, and with the
// last working day of a month.
func TestHolidaysMoveDates(t *testing.T) {
	t.Parallel()
	christmas := holidaysOf(t, "2026-12-24 a\n2026-12-25 b\n2026-12-31 c\n2027-01-01 d\n2026-10-26 e")
	closed := make(Holidays)
	for d := day(t, "2026-11-20"); d.Before(day(t, "2027-01-20")); d = d.AddDays(1) {
		closed[d] = "closed"
	}
	for _, c := range []struct {
		day, shift string
		holidays   Holidays
		want       string
		moved      string
	}{
		{"24", "before", christmas, "2026-12-23", "a"},
		{"24", "after", christmas, "2026-12-28", "a"},
		{"24", "none", christmas, "2026-12-24", ""},
		{"26", "before", christmas, "2026-12-23", ""}, // a Saturday, and then Christmas
		{"last-working-day", "none", christmas, "2026-12-30", "c"},
		{"last", "after", christmas, "2027-01-04", "c"},
		{"24", "before", closed, "2026-12-24", ""}, // no working day within a month: it stays
		{"24", "after", closed, "2027-01-20", "closed"},
	} {
		rule, err := ParseMonthlyRule(c.day, c.shift, "09:00", "Europe/Vienna")
		if err != nil {
			t.Fatal(err)
		}
		rule.Holidays = c.holidays
		december := Period{Year: 2026, Month: time.December}
		if got := DateOf(rule.Due(december)); got.String() != c.want {
			t.Errorf("%s %s: %s, want %s", c.day, c.shift, got, c.want)
		}
		if from, name, moved := rule.Moved(december); moved != (from.String() != c.want) || moved && name != c.moved {
			t.Errorf("%s %s: moved from %s over %q: %v", c.day, c.shift, from, name, moved)
		}
	}
}

// TestTheCalendarAgreesWithItself: what comes, what has come and the days are the
// same dates, whatever the holidays.
func TestTheCalendarAgreesWithItself(t *testing.T) {
	t.Parallel()
	holidays := make(Holidays)
	for i := range 400 { // most days of some months, none of others
		if d := day(t, "2026-01-01").AddDays(i * i % 730); d.Day > 4 {
			holidays[d] = "x"
		}
	}
	for _, dayText := range []string{"1", "15", "28", "31", "last", "last-working-day"} {
		for _, shift := range []string{"none", "before", "after"} {
			rule, err := ParseMonthlyRule(dayText, shift, "23:30", "Pacific/Auckland")
			if err != nil {
				t.Fatal(err)
			}
			rule.Holidays = holidays
			from := day(t, "2025-12-15")
			start := from.At(0, 0, rule.Zone)
			coming := rule.Coming(start.Add(-time.Second), 24)
			passed := rule.Between(start.Add(-time.Second), coming[23].At)
			dates := rule.DatesFrom(from, 24)
			if diff := cmp.Diff(coming, passed); diff != "" {
				t.Errorf("%s %s: what comes and what has come differ: %s", dayText, shift, diff)
			}
			for i, o := range coming {
				if DateOf(o.At.In(rule.Zone)) != dates[i] {
					t.Errorf("%s %s: %s and %s", dayText, shift, o.At, dates[i])
				}
			}
			if rest := rule.DatesFrom(from, 3, coming[0].Period, coming[2].Period); rest[0] != dates[1] || rest[1] != dates[3] {
				t.Errorf("%s %s: %v of %v", dayText, shift, rest, dates[:5])
			}
		}
	}
}
