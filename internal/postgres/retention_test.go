package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// finishedRun is one of n slips that are all accepted, paid on a day to people of
// these countries.
func finishedRun(t testing.TB, s *Store, run payroll.Run, paid string, countries ...string) payroll.RunID {
	t.Helper()
	if _, err := s.Person(t.Context(), number(0)); err != nil { // nobody is there yet
		hire(t, s, len(countries))
	}
	for i, country := range countries {
		_, err := s.pool.Exec(t.Context(), `update employees set country = $2 where number = $1`, number(i), country)
		ok(t, err)
	}
	id, err := s.CreateRun(t.Context(), run, each(testSlips(len(countries))))
	ok(t, err)
	_, err = s.pool.Exec(t.Context(), `with paid as (update runs set state = 'complete', pay_date = $2::date where id = $1)
		update slips set state = 'accepted', pin_email = 'x@acme.example' where run = $1`, id, paid)
	ok(t, err)
	return id
}

func keep(t testing.TB, s *Store, country string, months int) {
	t.Helper()
	ok(t, s.PutRetention(t.Context(), payroll.Retention{Country: country, Months: months}, "the law", "operator"))
}

// announced are the runs to be destroyed, as looked at on a day.
func announced(t testing.TB, s *Store, today string) (list []string) {
	t.Helper()
	day, err := payroll.ParseDate(today)
	ok(t, err)
	ok(t, s.AnnounceShreds(t.Context(), day))
	due, err := s.ShredDue(t.Context())
	ok(t, err)
	for _, r := range due {
		list = append(list, r.On.String())
	}
	return list
}

func shredOn(t testing.TB, s *Store, id payroll.RunID, today string) error {
	t.Helper()
	day, err := payroll.ParseDate(today)
	ok(t, err)
	return s.ShredRun(t.Context(), id, day, "its time has come", "operator")
}

// TestNothingIsDestroyedWithoutATable: nor where somebody's country has no row.
func TestNothingIsDestroyedWithoutATable(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := finishedRun(t, s, testRun(), "2001-01-31", "AT", "")
	if list := announced(t, s, "2099-01-01"); list != nil {
		t.Errorf("announced %v", list)
	}
	if err := shredOn(t, s, id, "2099-01-01"); !errors.Is(err, payroll.ErrWrongState) || !strings.Contains(err.Error(), "is kept") {
		t.Errorf("%v", err)
	}
	keep(t, s, "AT", 12)
	if list := announced(t, s, "2099-01-01"); list != nil {
		t.Errorf("announced %v, and one employee's country has no row", list)
	}
	keep(t, s, "", 24)
	if list := announced(t, s, "2099-01-01"); len(list) != 1 {
		t.Errorf("announced %v", list)
	}
	ok(t, s.RemoveRetention(t.Context(), "", "not sure", "operator"))
	if list := announced(t, s, "2099-01-02"); list != nil {
		t.Errorf("still announced: %v", list)
	}
	if _, err := s.Slip(t.Context(), id, number(0), "maker"); err != nil {
		t.Errorf("a kept slip: %v", err)
	}
}

// TestRetentionCountsMonths: over the end of a month and a leap year's day, by the
// longest of the countries.
func TestRetentionCountsMonths(t *testing.T) {
	t.Parallel()
	for paid, want := range map[string]string{
		"2023-08-31": "2024-03-01", // six months: 29 February 2024 is the last day
		"2022-08-31": "2023-03-01", // 28 February 2023
		"2024-02-29": "2024-08-30",
		"2026-12-15": "2027-06-16",
	} {
		t.Run(paid, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			id := finishedRun(t, s, testRun(), paid, "AT", "DE")
			keep(t, s, "AT", 6)
			keep(t, s, "DE", 3)
			day, err := payroll.ParseDate(want)
			ok(t, err)
			if list := announced(t, s, day.AddDays(-payroll.ShredNotice-1).String()); list != nil {
				t.Errorf("announced %v too early", list)
			}
			if diff := cmp.Diff([]string{want}, announced(t, s, day.AddDays(-payroll.ShredNotice).String())); diff != "" {
				t.Error(diff)
			}
			if err := shredOn(t, s, id, day.AddDays(-1).String()); !errors.Is(err, payroll.ErrWrongState) {
				t.Errorf("a day too early: %v", err)
			}
			if err := shredOn(t, s, id, want); err != nil {
				t.Errorf("on the day: %v", err)
			}
		})
	}
}

// TestAShorterTableGivesNotice: what should have gone long ago is announced for a
// week all the same; a longer one takes the announcement back.
func TestAShorterTableGivesNotice(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	finishedRun(t, s, testRun(), "2020-01-31", "AT")
	keep(t, s, "AT", 84)
	if list := announced(t, s, "2026-11-22"); list != nil {
		t.Errorf("announced %v", list)
	}
	keep(t, s, "AT", 12)
	if diff := cmp.Diff([]string{"2026-11-29"}, announced(t, s, "2026-11-22")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2026-11-29"}, announced(t, s, "2026-11-25")); diff != "" {
		t.Error("the notice begins anew every day: ", diff)
	}
	keep(t, s, "AT", 83)
	if list := announced(t, s, "2026-11-26"); list != nil {
		t.Errorf("still announced: %v", list)
	}
}

// TestShreddedPayData: nothing of it is left, what reads it says so, and the
// ledger stays.
func TestShreddedPayData(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := finishedRun(t, s, testRun(), "2020-01-31", "AT", "AT")
	other := finishedRun(t, s, testRun(), "2026-10-30", "AT", "AT")
	keep(t, s, "AT", 12)
	if _, err := s.Slip(t.Context(), id, number(0), "maker"); err != nil { // unwraps the key
		t.Fatal(err)
	}
	if err := s.ShredRun(t.Context(), id, payroll.Date{Year: 2026, Month: time.November, Day: 1}, " ", "operator"); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("without a reason: %v", err)
	}
	ok(t, shredOn(t, s, id, "2026-11-01"))
	says := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, payroll.ErrWrongState) || !strings.Contains(err.Error(), "were shredded on "+time.Now().UTC().Format("2 January 2006")) {
			t.Errorf("%s: %v", what, err)
		}
	}
	says("again", shredOn(t, s, id, "2026-11-01"))
	_, err := s.Slip(t.Context(), id, number(0), "maker")
	says("a preview", err)
	says("a second sending", s.ResendSlip(t.Context(), id, number(0), "operator", "lost"))
	if _, err := s.Totals(t.Context(), id); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("totals: %v", err)
	}
	if _, err := s.Figures(t.Context(), id); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("figures: %v", err)
	}
	var left int
	ok(t, s.pool.QueryRow(t.Context(), `select (select count(*) from slips where run = $1 and content is not null)
		+ (select count(*) from runs where id = $1 and (data_key is not null or totals is not null or figures is not null))
		+ (select count(*) from remarks where run = $1 and figures is not null)`, id).Scan(&left))
	if left > 0 {
		t.Errorf("%d pieces are left", left)
	}
	slips, err := s.SlipStatuses(t.Context(), id)
	if err != nil || len(slips) != 2 {
		t.Errorf("the ledger has %d slips: %v", len(slips), err)
	}
	run, err := s.Run(t.Context(), id)
	if err != nil || run.ShreddedAt == nil {
		t.Errorf("%+v, %v", run.ShreddedAt, err)
	}
	if acts := auditOf(t, s, "run.shred"); len(acts) != 1 || acts[0].Who != "operator" || acts[0].Detail["reason"] != "its time has come" {
		t.Errorf("%+v", acts)
	}
	if _, err := s.Slip(t.Context(), other, number(0), "maker"); err != nil {
		t.Errorf("another run's slip: %v", err)
	}
	if list := announced(t, s, "2026-11-02"); list != nil {
		t.Errorf("announced again: %v", list)
	}
	// The next run is compared with it, and goes on without.
	next := payroll.Run{Period: october.Next(), PayDate: payDate, Currency: "EUR", ImportedBy: "maker", FileSHA256: strings.Repeat("d", 64)}
	if _, err := s.CreateRun(t.Context(), next, each(testSlips(2))); err != nil {
		t.Errorf("the next run: %v", err)
	}
}

// TestACorrectionKeepsTheRun: until its own time has come, and while it is under
// way.
func TestACorrectionKeepsTheRun(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := finishedRun(t, s, testRun(), "2024-01-31", "AT")
	correction := finishedRun(t, s, testRun(), "2024-06-30", "AT")
	_, err := s.pool.Exec(t.Context(), `update runs set corrects = $1 where id = $2`, id, correction)
	ok(t, err)
	keep(t, s, "AT", 12)
	if err := shredOn(t, s, id, "2025-02-01"); !errors.Is(err, payroll.ErrWrongState) || !strings.Contains(err.Error(), "2025-06-30") {
		t.Errorf("the run that is corrected: %v", err)
	}
	if list := announced(t, s, "2025-02-01"); list != nil {
		t.Errorf("announced %v", list)
	}
	if diff := cmp.Diff([]string{"2025-07-01", "2025-07-01"}, announced(t, s, "2025-06-24")); diff != "" {
		t.Error(diff)
	}
	_, err = s.pool.Exec(t.Context(), `update runs set state = 'incomplete' where id = $1`, correction)
	ok(t, err)
	if err := shredOn(t, s, id, "2025-07-01"); !errors.Is(err, payroll.ErrWrongState) || !strings.Contains(err.Error(), "has not come to its end") {
		t.Errorf("while the correction is under way: %v", err)
	}
	if err := shredOn(t, s, correction, "2025-07-01"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("an incomplete run: %v", err)
	}
	_, err = s.pool.Exec(t.Context(), `update runs set state = 'complete' where id = $1`, correction)
	ok(t, err)
	ok(t, shredOn(t, s, correction, "2025-07-01"))
	ok(t, shredOn(t, s, id, "2025-07-01"))
}
