package dispatch_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/payroll"
)

// TestPayDataAreShreddedInTheirTime: by the company's midnight, after a week's
// notice, the correction before the run that it corrects, and by payseal itself.
func TestPayDataAreShreddedInTheirTime(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.hire(payroll.Employee{Number: "1", Email: "a@acme.example", Country: "AT"})
	for _, sql := range []string{
		`insert into runs (state, period, pay_date, currency, file_sha256, imported_by, data_key) values
			('complete', '2024-02', '2024-02-29', 'EUR', repeat('a', 64), 'maria', 'x'), ('complete', '2024-02', '2024-02-29', 'EUR', repeat('b', 64), 'maria', 'x'),
			('incomplete', '2023-01', '2023-01-31', 'EUR', repeat('c', 64), 'maria', 'x')`,
		`update runs set corrects = 1 where id = 2`,
		`insert into slips (id, run, employee, content, digest, state, pin_email) select gen_random_uuid(), id, '1', 'x', repeat('d', 64), 'accepted', 'a@acme.example' from runs`,
	} {
		h.exec(sql)
	}
	h.must(h.PutRetention(t.Context(), payroll.Retention{Country: "AT", Months: 12, Law: "x"}, "the law", "olga"))
	left := func() []string {
		return h.column(`select id::text from runs where data_key is not null order by id`)
	}
	on := func(day string, hour int) {
		t.Helper()
		d, err := payroll.ParseDate(day)
		h.must(err)
		h.now = d.At(hour, 0, h.zone)
		h.keep()
	}
	on("2025-02-20", 8)
	if due := h.column(`select shred_on::text from runs where shred_on is not null`); len(due) != 0 {
		t.Errorf("announced %v", due)
	}
	on("2025-02-22", 8) // a leap year's day, and twelve months later there is none: kept until 28 February
	if diff := cmp.Diff([]string{"2025-03-01", "2025-03-01"}, h.column(`select shred_on::text from runs where shred_on is not null`)); diff != "" {
		t.Error(diff)
	}
	on("2025-02-28", 23)
	if diff := cmp.Diff([]string{"1", "2", "3"}, left()); diff != "" {
		t.Error(diff)
	}
	on("2025-03-01", 8)
	if diff := cmp.Diff([]string{"3"}, left()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"payseal run 2", "payseal run 1"}, h.column(`select who || ' ' || subject from audit where act = 'run.shred' order by seq`)); diff != "" {
		t.Error(diff)
	}
	if n := h.column(`select count(*)::text from slips where content is not null`); n[0] != "1" {
		t.Errorf("%s slips are left", n[0])
	}
}

// cage writes a canary by the test's clock.
type cage struct{ *household }

func (c cage) CreateCanary(ctx context.Context, number payroll.EmployeeNumber) error {
	err := c.Store.CreateCanary(ctx, number)
	c.exec(`update notices set created_at = $1 where topic = 'canary' and state = 'queued'`, c.now)
	return err
}

// TestCanaryIsWrittenOnceADay, and what is wrong with it is one alarm for each.
func TestCanaryIsWrittenOnceADay(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.hire(payroll.Employee{Number: "1", Email: "a@acme.example"})
	c := &dispatch.Canary{Cage: cage{h}, Employee: "1", Hour: 6, Zone: h.zone, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	keep := func(days, hour int) {
		t.Helper()
		h.at(days, hour, 0)
		h.must(c.Keep(t.Context()))
	}
	written := func() int {
		return len(h.column(`select id::text from notices where topic = 'canary'`))
	}
	alarms := func() []string {
		return h.column(`select words from alarms order by id`)
	}
	keep(1, 5)
	if written() != 0 || len(alarms()) != 0 {
		t.Error("before its time")
	}
	keep(1, 6) // no certificate
	keep(1, 7)
	if diff := cmp.Diff([]string{payroll.CanaryKeyless}, alarms()); diff != "" || written() != 0 {
		t.Error(diff)
	}
	h.exec(`update alarms set settled_by = 'olga', settled_at = now()`)
	key := h.keyEnding("a@acme.example", time.Now().AddDate(1, 0, 0))
	h.enrol("1", h.certificateOf(key), payroll.StepCertified)
	keep(2, 6)
	keep(2, 7)
	if written() != 1 {
		t.Errorf("%d canaries in a day", written())
	}
	h.exec(`update notices set state = 'refused', code = 550 where topic = 'canary'`)
	keep(2, 8)
	keep(2, 9)
	if diff := cmp.Diff([]string{payroll.CanaryKeyless, payroll.CanaryRefused}, alarms()); diff != "" {
		t.Error(diff)
	}
	h.exec(`update alarms set settled_by = 'olga', settled_at = now() where settled_at is null`)
	keep(2, 10)
	if len(alarms()) != 2 {
		t.Errorf("told again of what was settled: %v", alarms())
	}
	keep(3, 6)
	h.exec(`update notices set state = 'sent', sent_at = $1 where topic = 'canary' and state = 'refused'`, h.now.Add(-time.Hour))
	h.at(4, 5, 0)
	h.must(c.Keep(t.Context()))
	if len(alarms()) != 2 {
		t.Errorf("an alarm within 26 hours: %v", alarms())
	}
	h.at(4, 7, 30)
	h.must(c.Keep(t.Context()))
	if diff := cmp.Diff([]string{payroll.CanaryKeyless, payroll.CanaryRefused, payroll.CanarySilent}, alarms()); diff != "" {
		t.Error(diff)
	}
}
