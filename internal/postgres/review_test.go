package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/payseal/payseal/payroll"
)

// foreseen makes each reason of one employee, in the order of their numbers.
var foreseen = []struct {
	sql  string // for the employee $1
	want payroll.HoldReason
}{
	{`select $1::text`, ""},
	{`update employees set on_paper = true where number = $1`, payroll.HoldOnPaper},
	{`update employees set left_on = '2026-09-30' where number = $1`, payroll.HoldLeft},
	{`update employees set left_on = '2026-10-01' where number = $1`, ""}, // within the month
	{`insert into twins (run, kind, first, second) select id, 'same_name', '', $1 from runs`, payroll.HoldTwin},
	{`with s as (delete from certificate_steps using certificates c where c.id = certificate and c.employee = $1) delete from certificates where employee = $1`, payroll.HoldNoCertificate},
	{`update certificates set standing = 'revoked' where employee = $1`, payroll.HoldRevoked},
	{`update certificates set standing = 'candidate' where employee = $1`, payroll.HoldNotVerified},
	{`update employees set email_changed_at = now() where number = $1`, payroll.HoldChangeFreeze},
	{`update certificates set current_since = now(), replaces = id where employee = $1`, payroll.HoldChangeFreeze},
}

// TestForeseenIsWhatHolds: what the review says would be held is what the rule of
// the worker says of each slip, once it is approved and claimed.
func TestForeseenIsWhatHolds(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	freeze := payroll.Freeze{Days: 36500}
	id := submittedRun(t, s, len(foreseen)+1)
	_, err := s.pool.Exec(t.Context(), `delete from twins`)
	ok(t, err)
	want := []payroll.Foreseen{}
	for i, f := range foreseen {
		_, err := s.pool.Exec(t.Context(), f.sql, number(i))
		ok(t, err)
		if f.want != "" {
			want = append(want, payroll.Foreseen{Employee: number(i), Reason: f.want})
		}
	}
	found, err := s.FreshInspection(t.Context(), id, "l", freeze)
	ok(t, err)
	if diff := cmp.Diff(want, found.Held); diff != "" {
		t.Error(diff)
	}
	ok(t, s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l", Manifest: found.Manifest}))
	ok(t, s.SendRun(t.Context(), id, "operator", time.Hour, 100))
	parcels, err := s.Claim(t.Context(), id, payroll.WorkerID(uuid.NewString()), 100, freeze)
	ok(t, err)
	held := []payroll.Foreseen{}
	for _, p := range parcels {
		p.Standing.Letterhead, p.Standing.Subkeys = "l", p.Pin.Subkeys
		if reason := p.Pin.Hold(p.Standing, october); reason != "" {
			held = append(held, payroll.Foreseen{Employee: p.Standing.Employee.Number, Reason: reason})
		}
	}
	if diff := cmp.Diff(want, held, sortForeseen); diff != "" {
		t.Errorf("the review foresees other than the worker finds:\n%s", diff)
	}
}

var sortForeseen = cmp.Transformer("sort", func(list []payroll.Foreseen) map[payroll.EmployeeNumber]payroll.HoldReason {
	by := make(map[payroll.EmployeeNumber]payroll.HoldReason, len(list))
	for _, f := range list {
		by[f.Employee] = f.Reason
	}
	return by
})

func TestExpiredIsForeseen(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := submittedRun(t, s, 1)
	_, err := s.pool.Exec(t.Context(), `update certificates set expires_at = now()`)
	ok(t, err)
	if diff := cmp.Diff([]payroll.Foreseen{{Employee: "0000", Reason: payroll.HoldExpired}}, inspect1(t, s, id).Held); diff != "" {
		t.Error(diff)
	}
}

// TestChangedSinceTheRunBefore: what is pinned anew beside what was pinned, and
// who brought it.
func TestChangedSinceTheRunBefore(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	before := submittedRun(t, s, 5)
	for _, sql := range []string{
		`update certificates set standing = 'revoked' where employee = '0003'`, // has none when the run before is approved
		`update runs set period = '2026-09', supplement = false`,
	} {
		_, err := s.pool.Exec(t.Context(), sql)
		ok(t, err)
	}
	ok(t, s.ApproveRun(t.Context(), before, "approver", payroll.Approval{Letterhead: "l"}))
	run := testRun()
	run.Supplement = false
	id, err := s.CreateRun(t.Context(), run, each(testSlips(5)))
	ok(t, err)
	for _, sql := range []string{
		`update certificates set standing = 'current' where employee = '0003'`,
		`update employees set email = 'new@acme.example', email_by = '(employee)', email_changed_at = '2026-10-02' where number = '0001'`,
		`update employees set email = upper(email) where number = '0004'`, // the same one
		`update certificates set fingerprint = repeat('A', 40) where employee = '0002'`,
		`update certificate_steps k set by_admin = null from certificates c where c.id = k.certificate and c.employee = '0002' and k.step = 'submitted'`,
	} {
		_, err := s.pool.Exec(t.Context(), sql)
		ok(t, err)
	}
	found := inspect1(t, s, id)
	want := []payroll.ChangedSince{{Employee: "0001", Address: true}, {Employee: "0002", Certificate: true}, {Employee: "0003", First: true}}
	if diff := cmp.Diff(want, found.Changed); diff != "" {
		t.Error(diff)
	}
	people, err := s.Reviewed(t.Context(), id, []payroll.EmployeeNumber{"0001", "0002", "nobody"})
	ok(t, err)
	if len(people) != 2 {
		t.Fatalf("found %+v", people)
	}
	if p := people[0]; p.Email != "new@acme.example" || p.EmailBefore != "e1@acme.example" || p.EmailBy != payroll.Themself || p.EmailAt == nil || !p.InRun {
		t.Errorf("of an address: %+v", p)
	}
	certificate := testCertificate(t)
	p := people[1]
	if p.FingerprintBefore != certificate.Fingerprint() || p.Fingerprint == p.FingerprintBefore || p.HandedInBy != payroll.Themself ||
		len(p.CheckedBy) != 1 || p.CheckedBy[0] != "operator" || p.Since == nil {
		t.Errorf("of a certificate: %+v", p)
	}
}

// TestInspectionIsKept for a while, unless somebody acts; a fresh one sees what
// happened behind the program's back at once.
func TestInspectionIsKept(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := submittedRun(t, s, 3)
	look := func() string {
		t.Helper()
		found, err := s.Inspection(t.Context(), id, "l", payroll.Freeze{})
		ok(t, err)
		return found.Manifest
	}
	first := look()
	_, err := s.Slip(t.Context(), id, "0000", "approver") // changes nothing of it
	ok(t, err)
	_, err = s.pool.Exec(t.Context(), `update employees set email = 'x@acme.example' where number = '0000'`)
	ok(t, err)
	if look() != first {
		t.Error("what was found was not kept")
	}
	if inspect1(t, s, id).Manifest == first {
		t.Error("a fresh look is not fresh")
	}
	putEmployees(t, s, kiran("77", "seven@acme.example"))
	if look() == first {
		t.Error("somebody has acted, and it was kept")
	}
	if other, err := s.Inspection(t.Context(), id, "m", payroll.Freeze{}); err != nil || other.Manifest == look() {
		t.Errorf("another letterhead gives the same manifest (%v)", err)
	}
}

func TestReviewedTwinsComeInPages(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := submittedRun(t, s, 4) // all with one certificate: three pairs with the first
	var seen []payroll.Twin
	var after payroll.Twin
	for range 10 {
		twins, err := s.ReviewedTwins(t.Context(), id, after, 2)
		ok(t, err)
		for _, twin := range twins {
			seen = append(seen, twin.Twin)
		}
		if len(twins) < 2 {
			break
		}
		after = twins[1].Twin
	}
	all, open, err := s.TwinCounts(t.Context(), id)
	ok(t, err)
	if len(seen) != 3 || all != 3 || open != 3 {
		t.Errorf("saw %v; counted %d, %d open", seen, all, open)
	}
}

func TestFrozenSlips(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 3)
	_, err := s.pool.Exec(t.Context(), `update slips set state = 'held', hold = case when employee = '0002' then 'expired' else 'change_freeze' end`)
	ok(t, err)
	_, err = s.pool.Exec(t.Context(), `update employees set email_changed_at = now() - interval '1 hour'`)
	ok(t, err)
	_, err = s.ReleaseFrozen(t.Context(), id, "0001", "known", "approver")
	ok(t, err)
	frozen, err := s.FrozenSlips(t.Context(), 10)
	ok(t, err)
	if len(frozen) != 2 || frozen[0].Employee != "0000" || len(frozen[0].ReleasedBy) != 0 || len(frozen[1].ReleasedBy) != 1 || frozen[1].PayDate != payDate {
		t.Errorf("frozen are %+v", frozen)
	}
}

// TestReviewGoesByIndex: whatever the pages of an approver ask can be answered by
// looking up a few rows; but the inspection, which is of a whole run, and the
// frozen slips, which have an index of their own.
func TestReviewGoesByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := submittedRun(t, s, 3)
	_, err := s.pool.Exec(t.Context(), fill)
	ok(t, err)
	pool := listen(t, &s.pool)
	_, err = s.SubmittedRuns(t.Context())
	ok(t, err)
	_, err = s.WaitingRuns(t.Context())
	ok(t, err)
	_, err = s.RejectedRuns(t.Context(), "maker", 5)
	ok(t, err)
	_, err = s.Reviewed(t.Context(), id, []payroll.EmployeeNumber{"0000", "0001"})
	ok(t, err)
	_, err = s.ReviewedTwins(t.Context(), id, payroll.Twin{}, 10)
	ok(t, err)
	_, _, err = s.TwinCounts(t.Context(), id)
	ok(t, err)
	_, err = s.Slip(t.Context(), id, "0000", "approver")
	ok(t, err)
	_, err = s.Openings(t.Context(), id, "approver")
	ok(t, err)
	_, err = s.AwaitedRuns(t.Context())
	ok(t, err)
	_, err = s.WaitsForItsTime(t.Context(), payDate)
	ok(t, err)
	if seen := pool.taken(); len(seen) < 12 {
		t.Errorf("only %d statements were heard", len(seen))
	} else {
		goesByIndex(t, s.pool, seen)
	}
}
