package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/payroll"
)

// addRule adds a rule as if it had been added at since.
func addRule(t *testing.T, s *Store, name string, since time.Time) {
	t.Helper()
	monthly, err := payroll.ParseMonthlyRule("28", "none", "09:00", "Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateRule(t.Context(), payroll.ScheduleRule{Name: name, Action: payroll.ActionSend, Monthly: monthly}, "operator"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), `update schedule_rules set since = $2 where name = $1 and removed_at is null`, name, since); err != nil {
		t.Fatal(err)
	}
}

func beginDue(t *testing.T, s *Store, now time.Time) []payroll.Due {
	t.Helper()
	due, err := s.BeginDue(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	return due
}

func periods(due []payroll.Due) (list []string) {
	for _, d := range due {
		list = append(list, d.Name+" "+d.Period.String())
	}
	return list
}

func TestScheduleRules(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	addRule(t, s, "payday", time.Now())
	again := payroll.ScheduleRule{Name: "payday", Action: payroll.ActionSync}
	again.Monthly, _ = payroll.ParseMonthlyRule("last-working-day", "none", "17:05", "Asia/Kolkata")
	if err := s.CreateRule(t.Context(), again, "operator"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("two rules of one name: %v", err)
	}
	if err := s.RemoveRule(t.Context(), "payday", "operator"); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveRule(t.Context(), "payday", "operator"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if err := s.CreateRule(t.Context(), again, "operator"); err != nil {
		t.Fatalf("the name of a removed rule cannot be used again: %v", err)
	}
	rules, err := s.ScheduleRules(t.Context())
	if err != nil || len(rules) != 1 {
		t.Fatalf("%v, %v", rules, err)
	}
	r := rules[0]
	got := []string{r.Name, string(r.Action), r.Monthly.DayText(), string(r.Monthly.Shift), r.Monthly.Clock(), r.Monthly.Zone.String()}
	if diff := cmp.Diff([]string{"payday", "sync", "last-working-day", "none", "17:05", "Asia/Kolkata"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestDueIsARowAndIsCaughtUp(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	addRule(t, s, "payday", time.Date(2026, 8, 28, 12, 0, 0, 0, time.UTC)) // August's moment had passed
	moment := time.Date(2026, 10, 28, 8, 0, 0, 0, time.UTC)                // 09:00 in Vienna
	if due := beginDue(t, s, time.Date(2026, 9, 28, 6, 59, 59, 0, time.UTC)); len(due) > 0 {
		t.Errorf("due too early: %v", periods(due))
	}
	due := beginDue(t, s, moment)
	if diff := cmp.Diff([]string{"payday 2026-09", "payday 2026-10"}, periods(due)); diff != "" {
		t.Fatal(diff)
	}
	if !due[1].At.Equal(moment) || due[1].Action != payroll.ActionSend {
		t.Errorf("%+v", due[1])
	}
	if again := beginDue(t, s, moment.Add(time.Minute)); len(again) > 0 {
		t.Errorf("claimed twice: %v", periods(again))
	}
	if err := s.FinishDue(t.Context(), due[0], payroll.DueDone, "1 run"); err != nil {
		t.Fatal(err)
	}
	if err := s.FinishDue(t.Context(), due[0], payroll.DueDone, "1 run"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("finished twice: %v", err)
	}
	// The worker that claimed the other one died; it comes back, and the first does not.
	if diff := cmp.Diff([]string{"payday 2026-10"}, periods(beginDue(t, s, moment.Add(claimPeriod+time.Second)))); diff != "" {
		t.Error(diff)
	}
	if err := s.FinishDue(t.Context(), due[1], payroll.DuePending, "try again"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"payday 2026-10"}, periods(beginDue(t, s, moment.Add(time.Hour)))); diff != "" {
		t.Error(diff)
	}
	records, err := s.DueRecords(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, r := range records {
		states = append(states, r.Period+" "+string(r.State)+" "+r.Note)
	}
	if diff := cmp.Diff([]string{"2026-10 pending try again", "2026-09 done 1 run"}, states); diff != "" {
		t.Error(diff)
	}
}

func TestDueIsClaimedByOne(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	addRule(t, s, "payday", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	now := time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)
	var group errgroup.Group
	claims := make(chan payroll.Due, 1000)
	for range 8 {
		group.Go(func() error {
			due, err := s.BeginDue(t.Context(), now)
			for _, d := range due {
				claims <- d
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	close(claims)
	seen := make(map[payroll.Period]int)
	for d := range claims {
		seen[d.Period]++
	}
	for period, n := range seen {
		if n != 1 {
			t.Errorf("%s was claimed %d times", period, n)
		}
	}
	// A worker may have come before the rows of another were there; nothing is lost.
	for _, d := range beginDue(t, s, now.Add(claimPeriod+time.Second)) {
		seen[d.Period]++
	}
	if len(seen) != 12 {
		t.Errorf("%d of 12 periods were due", len(seen))
	}
}

func TestRemovedRuleIsNotDue(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	addRule(t, s, "payday", time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC))
	now := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	for _, d := range beginDue(t, s, now) {
		if err := s.FinishDue(t.Context(), d, payroll.DuePending, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.RemoveRule(t.Context(), "payday", "operator"); err != nil {
		t.Fatal(err)
	}
	if due := beginDue(t, s, now.AddDate(0, 2, 0)); len(due) > 0 {
		t.Errorf("a removed rule is due: %v", periods(due))
	}
}
