package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func putHolidays(t testing.TB, s *Store, lines string) {
	t.Helper()
	days, err := payroll.ParseHolidays(lines)
	ok(t, err)
	_, err = s.PutHolidays(t.Context(), days, "operator")
	ok(t, err)
}

func TestHolidays(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	days, err := payroll.ParseHolidays("2026-12-25 Christmas\n2026-12-26 St Stephen's\n2027-01-01 New Year")
	ok(t, err)
	if added, err := s.PutHolidays(t.Context(), days, "operator"); err != nil || added != 3 {
		t.Fatalf("%d, %v", added, err)
	}
	if added, err := s.PutHolidays(t.Context(), []payroll.Holiday{{Day: days[0].Day, Name: "Christmas Day"}}, "approver"); err != nil || added != 0 {
		t.Errorf("%d, %v", added, err)
	}
	for what, wrong := range map[string][]payroll.Holiday{"none": nil, "twice": {days[0], days[0]}, "no name": {{Day: days[0].Day}}, "too many": make([]payroll.Holiday, payroll.MostHolidays+1)} {
		if _, err := s.PutHolidays(t.Context(), wrong, "operator"); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	got, err := s.HolidaysOf(t.Context(), 2026)
	ok(t, err)
	if diff := cmp.Diff([]payroll.Holiday{{Day: days[0].Day, Name: "Christmas Day", By: "approver"}, {Day: days[1].Day, Name: "St Stephen's", By: "operator"}}, got); diff != "" {
		t.Error(diff)
	}
	years, err := s.HolidayYears(t.Context())
	if diff := cmp.Diff([]int{2026, 2027}, years); err != nil || diff != "" {
		t.Error(err, diff)
	}
	ok(t, s.RemoveHoliday(t.Context(), days[0].Day, "operator"))
	if err := s.RemoveHoliday(t.Context(), days[0].Day, "operator"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if acts := auditOf(t, s, "holidays.remove"); len(acts) != 1 || acts[0].Detail["days"] != "2026-12-25" {
		t.Errorf("%+v", acts)
	}
}

// TestAHolidayFiresNothingTwice: whatever is added or removed after a rule has
// fallen due, and before, every month falls due once.
func TestAHolidayFiresNothingTwice(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	after, err := payroll.ParseMonthlyRule("24", "after", "09:00", "Europe/Vienna")
	ok(t, err)
	ok(t, s.CreateRule(t.Context(), payroll.ScheduleRule{Name: "payday", Action: payroll.ActionSend, Monthly: after}, "operator"))
	_, err = s.pool.Exec(t.Context(), `update schedule_rules set since = '2026-12-01'`)
	ok(t, err)
	day := func(d, hour int) time.Time { return time.Date(2026, 12, d, hour, 0, 0, 0, time.UTC) }
	if diff := cmp.Diff([]string{"payday 2026-12"}, periods(beginDue(t, s, day(24, 8)))); diff != "" {
		t.Fatal(diff)
	}
	putHolidays(t, s, "2026-12-24 Christmas Eve\n2026-12-25 Christmas Day") // moves it to the 28th
	ok(t, s.FinishDue(t.Context(), payroll.Due{Rule: 1, Period: payroll.Period{Year: 2026, Month: time.December}}, payroll.DueDone, "1 run"))
	if due := beginDue(t, s, day(28, 12)); len(due) > 0 {
		t.Errorf("fired again: %v", periods(due))
	}
	// It fell due on the 24th, and does not on the 28th.
	if diff := cmp.Diff([]string{"2026-12-24", "2027-01-25"}, dates(t, s, "2026-12-24", 2)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2027-01-25"}, dates(t, s, "2026-12-25", 1)); diff != "" {
		t.Error(diff)
	}
	fell, err := s.FellDue(t.Context(), 1, payroll.Period{Year: 2026, Month: time.January})
	if err != nil || len(fell) != 1 || !fell[0].At.Equal(day(24, 8)) {
		t.Errorf("%v, %v", fell, err)
	}
	// A holiday that is known before moves the date, for those who send and for those who plan.
	putHolidays(t, s, "2027-01-25 <i>Founders</i>\n2027-01-26 and the day after")
	if diff := cmp.Diff([]string{"2027-01-27"}, dates(t, s, "2026-12-25", 1)); diff != "" {
		t.Error(diff)
	}
	january := time.Date(2027, 1, 25, 9, 0, 0, 0, time.UTC)
	if due := beginDue(t, s, january); len(due) > 0 {
		t.Errorf("fired on a holiday: %v", periods(due))
	}
	due := beginDue(t, s, january.AddDate(0, 0, 2))
	if diff := cmp.Diff([]string{"payday 2027-01"}, periods(due)); diff != "" {
		t.Error(diff)
	}
	ok(t, s.RemoveHoliday(t.Context(), payroll.Date{Year: 2027, Month: time.January, Day: 25}, "operator"))
	if due := beginDue(t, s, january.AddDate(0, 0, 2).Add(time.Minute)); len(due) > 0 {
		t.Errorf("fired again, as the holiday was removed: %v", periods(due))
	}
}
