package postgres

import (
	"strings"
	"testing"
)

// What the database itself refuses, whatever the program does.
func TestConstraints(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	digest := strings.Repeat("a", 64)
	_, err := s.pool.Exec(t.Context(), `insert into runs (state, period, pay_date, currency, file_sha256, imported_by, submitted_by)
		values ('submitted', '2026-10', '2026-10-30', 'EUR', $1, 'maker', 'operator')`, digest)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.pool.Exec(t.Context(), `insert into slips (id, run, employee, digest, state)
		values ('00000000-0000-4000-8000-000000000000', 1, '7', $1, 'ready')`, digest)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ constraint, sql string }{
		{"second_person", `update runs set approved_by = 'maker', state = 'approved'`},
		{"second_person", `update runs set approved_by = 'operator', state = 'approved'`},
		{"second_person", `update runs set approved_by = 'approver', submitted_by = 'approver', state = 'approved'`},
		{"runs_approved_by_fkey", `update runs set approved_by = 'nobody'`},
		{"runs_file", `insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
			select 'draft', period, pay_date, currency, file_sha256, imported_by from runs`},
		{"held_for_a_reason", `update slips set state = 'held', pin_email = 'k@acme.example'`},
		{"held_for_a_reason", `update slips set hold = 'expired'`},
		{"only_approved_slips_move", `update slips set state = 'queued'`},
		{"sent_by_a_worker", `update slips set state = 'sending', pin_email = 'k@acme.example'`},
		{"slips_run_employee_key", `insert into slips (id, run, employee, digest, state)
			select '00000000-0000-4000-8000-000000000001', run, employee, digest, 'ready' from slips`},
		{"slips_employee_fkey", `insert into slips (id, run, employee, digest, state)
			select '00000000-0000-4000-8000-000000000001', run, '07', digest, 'ready' from slips`},
		{"finished_with_an_outcome", `insert into attempts (id, slip, worker, fingerprint, finished_at)
			select gen_random_uuid(), id, gen_random_uuid(), 'x', now() from slips`},
		{"employees_email_check", `insert into employees (number, name, email) values ('8', 'x', 'no address')`},
		{"employees_number_check", `insert into employees (number, name, email) values ('', 'x', 'x@acme.example')`},
	} {
		if _, err := s.pool.Exec(t.Context(), test.sql); !violates(err, test.constraint) {
			t.Errorf("%s let through %s: %v", test.constraint, test.sql, err)
		}
	}
	if _, err := s.pool.Exec(t.Context(), `update runs set approved_by = 'approver', state = 'approved'`); err != nil {
		t.Errorf("a second person cannot approve: %v", err)
	}
}
