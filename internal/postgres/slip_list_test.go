package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// TestRunsGoByIndex: whatever the pages of a run ask can be answered by looking up
// a few rows of its own, however many runs and slips there are.
func TestRunsGoByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 3)
	acceptAll(t, s, id, 3)
	execute(fill)(t, s)
	execute(`insert into runs (id, state, period, pay_date, currency, file_sha256, imported_by, slips)
			overriding system value select i, 'complete', '2024-01', '2024-01-31', 'EUR', repeat('0', 56) || to_char(i, 'FM00000000'), 'maker', 400
			from generate_series(1001, 1024) i;
		insert into slips (id, run, employee, digest, state, pin_email) select gen_random_uuid(), r, 'F' || i, repeat('0', 64), 'accepted', 'x@acme.example'
			from generate_series(1001, 1024) r, generate_series(1, 400) i;
		insert into attempts (id, slip, worker, fingerprint, finished_at, outcome) select gen_random_uuid(), id, gen_random_uuid(), '', now(), 'accepted' from slips where run > 1000;
		insert into audit (seq, at, who, act, subject, detail, previous, hash)
			select 10000 + i, now(), 'maker', 'run.import', 'run ' || 2000 + i, '{}', '', md5('' || i) from generate_series(1, 5000) i;
		analyze`)(t, s)
	pool := listen(t, &s.pool)
	ctx := t.Context()
	for _, q := range []payroll.SlipQuery{{}, {State: payroll.SlipAccepted}, {Prefix: "F1"}, {After: "F1", Limit: 50}, {Before: "F9", Limit: 50}, {State: payroll.SlipHeld, After: "0"}} {
		_, err := s.SlipLines(ctx, 1001, q)
		ok(t, err)
	}
	_, err := s.RunProgress(ctx, 1001)
	ok(t, err)
	_, err = s.RunLife(ctx, id)
	ok(t, err)
	_, err = s.CorrectionsOf(ctx, id)
	ok(t, err)
	_, err = s.SlipAccount(ctx, id, number(1), payroll.Freeze{Days: 3})
	ok(t, err)
	_, err = s.SlipLife(ctx, id, number(1), "1f7d3d5e-5a0b-4c56-9f0e-0d9f8c3a7b21")
	ok(t, err)
	_, err = s.RunLines(ctx, payroll.RunQuery{Limit: 13})
	ok(t, err)
	if seen := pool.taken(); len(seen) < 15 {
		t.Errorf("only %d statements were heard", len(seen))
	} else {
		goesByIndex(t, s.pool, seen)
	}
}

// TestSlipLines: pages in both directions, by state and by how the number begins.
func TestSlipLines(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 12)
	setState(t, s, id, 3, payroll.SlipHeld, payroll.HoldTwin)
	setState(t, s, id, 11, payroll.SlipHeld, payroll.HoldTwin)
	for _, c := range []struct {
		q    payroll.SlipQuery
		want []payroll.EmployeeNumber
	}{
		{payroll.SlipQuery{Limit: 2}, []payroll.EmployeeNumber{"0000", "0001"}},
		{payroll.SlipQuery{Limit: 2, After: "0001"}, []payroll.EmployeeNumber{"0002", "0003"}},
		{payroll.SlipQuery{Limit: 2, Before: "0003"}, []payroll.EmployeeNumber{"0001", "0002"}},
		{payroll.SlipQuery{Prefix: "001"}, []payroll.EmployeeNumber{"0010", "0011"}},
		{payroll.SlipQuery{State: payroll.SlipHeld}, []payroll.EmployeeNumber{"0003", "0011"}},
		{payroll.SlipQuery{State: payroll.SlipHeld, Prefix: "001"}, []payroll.EmployeeNumber{"0011"}},
		{payroll.SlipQuery{Prefix: "%"}, nil},
		{payroll.SlipQuery{State: payroll.SlipBounced}, nil},
	} {
		lines, err := s.SlipLines(t.Context(), id, c.q)
		ok(t, err)
		var got []payroll.EmployeeNumber
		for _, l := range lines {
			got = append(got, l.Employee)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v: %s", c.q, diff)
		}
	}
	var walked []payroll.EmployeeNumber
	ok(t, s.WalkSlips(t.Context(), id, func(l payroll.SlipLine) error {
		walked = append(walked, l.Employee)
		return nil
	}))
	if len(walked) != 12 || walked[11] != "0011" {
		t.Errorf("%v", walked)
	}
}

// TestAVisitThatIsOnlyWatched is not kept awake.
func TestAVisitThatIsOnlyWatched(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	secret := token(t)
	execute(`update admins set enrolled_at = now()`)(t, s)
	_, err := s.pool.Exec(t.Context(), `insert into admin_sessions (id_hash, admin, proof, seen_at) values ($1, 'maker', 'passkey', now() - interval '29 minutes')`, secret[:])
	ok(t, err)
	ok(t, s.SealAccess(t.Context()))
	for _, want := range []bool{true, true} {
		if stands, err := s.VisitStands(t.Context(), secret, payroll.AdminSessionLimits); err != nil || stands != want {
			t.Errorf("%v, %v", stands, err)
		}
	}
	limits := payroll.SessionLimits{Idle: 28 * time.Minute, Max: time.Hour}
	if stands, err := s.VisitStands(t.Context(), secret, limits); err != nil || stands {
		t.Errorf("%v, %v", stands, err)
	}
}
