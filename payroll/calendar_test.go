package payroll

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func rule(t testing.TB, day, shift, clock, zone string) MonthlyRule {
	t.Helper()
	r, err := ParseMonthlyRule(day, shift, clock, zone)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestDue(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, day, shift, clock, zone, period, want string }{
		{"plain day", "28", "none", "09:00", "Europe/Vienna", "2026-10", "Wed 2026-10-28 09:00 +0100"},
		{"summer", "28", "none", "09:00", "Europe/Vienna", "2026-07", "Tue 2026-07-28 09:00 +0200"},
		{"month end", "last", "none", "09:00", "UTC", "2026-04", "Thu 2026-04-30 09:00 +0000"},
		{"31 in a short month", "31", "none", "09:00", "UTC", "2026-11", "Mon 2026-11-30 09:00 +0000"},
		{"30 in February", "30", "none", "09:00", "UTC", "2026-02", "Sat 2026-02-28 09:00 +0000"},
		{"leap year", "30", "none", "09:00", "UTC", "2028-02", "Tue 2028-02-29 09:00 +0000"},
		{"no leap year in 2100", "29", "none", "09:00", "UTC", "2100-02", "Sun 2100-02-28 09:00 +0000"},
		{"Saturday before", "31", "before", "09:00", "UTC", "2026-10", "Fri 2026-10-30 09:00 +0000"},
		{"Saturday after, over the month's end", "31", "after", "09:00", "UTC", "2026-10", "Mon 2026-11-02 09:00 +0000"},
		{"Sunday before", "15", "before", "09:00", "UTC", "2026-11", "Fri 2026-11-13 09:00 +0000"},
		{"Sunday after", "15", "after", "09:00", "UTC", "2026-11", "Mon 2026-11-16 09:00 +0000"},
		{"Sunday the first before, over the month's start", "1", "before", "09:00", "UTC", "2026-11", "Fri 2026-10-30 09:00 +0000"},
		{"over the year's end", "31", "after", "09:00", "UTC", "2028-12", "Mon 2029-01-01 09:00 +0000"},
		{"a working day is not shifted", "30", "before", "09:00", "UTC", "2026-10", "Fri 2026-10-30 09:00 +0000"},
		{"last working day", "last-working-day", "none", "17:30", "Asia/Kolkata", "2026-10", "Fri 2026-10-30 17:30 +0530"},
		{"last working day at the month's end", "last-working-day", "none", "17:30", "UTC", "2026-09", "Wed 2026-09-30 17:30 +0000"},
		{"last working day after Sunday", "last-working-day", "none", "17:30", "UTC", "2026-05", "Fri 2026-05-29 17:30 +0000"},
		{"gap in spring moves on", "29", "none", "02:30", "Europe/Vienna", "2026-03", "Sun 2026-03-29 03:30 +0200"},
		{"gap in spring, west", "8", "none", "02:30", "America/New_York", "2026-03", "Sun 2026-03-08 03:30 -0400"},
		{"gap of a half hour", "4", "none", "02:15", "Australia/Lord_Howe", "2026-10", "Sun 2026-10-04 02:45 +1100"},
		{"gap at midnight", "26", "none", "00:30", "Africa/Cairo", "2024-04", "Fri 2024-04-26 01:30 +0300"},
		{"twice in autumn is the first", "25", "none", "02:30", "Europe/Vienna", "2026-10", "Sun 2026-10-25 02:30 +0200"},
		{"twice in autumn, west", "1", "none", "01:30", "America/New_York", "2026-11", "Sun 2026-11-01 01:30 -0400"},
		{"a day that a zone left out", "30", "none", "09:00", "Pacific/Apia", "2011-12", "Sat 2011-12-31 09:00 +1400"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			period, err := ParsePeriod(test.period)
			if err != nil {
				t.Fatal(err)
			}
			got := rule(t, test.day, test.shift, test.clock, test.zone).Due(period).Format("Mon 2006-01-02 15:04 -0700")
			if got != test.want {
				t.Errorf("due %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseMonthlyRule(t *testing.T) {
	t.Parallel()
	for _, bad := range [][4]string{
		{"0", "none", "09:00", "UTC"}, {"32", "none", "09:00", "UTC"}, {"-1", "none", "09:00", "UTC"},
		{"", "none", "09:00", "UTC"}, {"first", "none", "09:00", "UTC"},
		{"1", "", "09:00", "UTC"}, {"1", "sideways", "09:00", "UTC"},
		{"1", "none", "9am", "UTC"}, {"1", "none", "24:00", "UTC"}, {"1", "none", "09:60", "UTC"}, {"1", "none", "", "UTC"},
		{"1", "none", "09:00", ""}, {"1", "none", "09:00", "Local"}, {"1", "none", "09:00", "Europe/Wien"}, {"1", "none", "09:00", "../etc"},
	} {
		if _, err := ParseMonthlyRule(bad[0], bad[1], bad[2], bad[3]); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range [][3]string{{"1", "none", "00:00"}, {"last", "before", "23:59"}, {"last-working-day", "after", "09:05"}} {
		r := rule(t, good[0], good[1], good[2], "Europe/Vienna")
		if got := [3]string{r.DayText(), string(r.Shift), r.Clock()}; got != good {
			t.Errorf("%v came back as %v", good, got)
		}
	}
}

func TestUpcoming(t *testing.T) {
	t.Parallel()
	r := rule(t, "last", "after", "09:00", "UTC")
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) // October's moment is still to come, on 2 November
	var got []string
	for _, at := range r.Upcoming(now, 4) {
		got = append(got, at.Format(time.DateOnly))
	}
	if diff := cmp.Diff([]string{"2026-11-02", "2026-11-30", "2026-12-31", "2027-02-01"}, got); diff != "" {
		t.Error(diff)
	}
	at := r.Upcoming(now, 1)[0]
	if next := r.Upcoming(at, 1)[0]; !next.After(at) {
		t.Errorf("the moment itself is still upcoming: %s", next)
	}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	utc := func(text string) time.Time {
		at, err := time.Parse("2006-01-02 15:04", text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, test := range []struct {
		name, day, shift, since, now string
		want                         []string
	}{
		{"nothing yet", "28", "none", "2026-10-01 00:00", "2026-10-28 08:59", nil},
		{"on the dot", "28", "none", "2026-10-01 00:00", "2026-10-28 09:00", []string{"2026-10 2026-10-28"}},
		{"not what passed before", "28", "none", "2026-10-28 09:00", "2026-11-27 00:00", nil},
		{"catching up", "28", "none", "2026-08-29 00:00", "2026-11-29 00:00", []string{"2026-09 2026-09-28", "2026-10 2026-10-28", "2026-11 2026-11-28"}},
		{"carried into the next month", "31", "after", "2026-10-31 10:00", "2026-11-02 09:00", []string{"2026-10 2026-11-02"}},
		{"carried into the month before", "1", "before", "2026-10-30 00:00", "2026-10-30 09:00", []string{"2026-11 2026-10-30"}},
		{"time going back", "28", "none", "2026-11-01 00:00", "2026-10-01 00:00", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, o := range rule(t, test.day, test.shift, "09:00", "UTC").Between(utc(test.since), utc(test.now)) {
				got = append(got, o.Period.String()+" "+o.At.Format(time.DateOnly))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestScheduleRuleCheck(t *testing.T) {
	t.Parallel()
	good := ScheduleRule{Name: "payday-1", Action: ActionSend}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for _, bad := range []ScheduleRule{{Name: "", Action: ActionSend}, {Name: "Pay day", Action: ActionSend}, {Name: "payday", Action: "dance"}} {
		if err := bad.Check(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
