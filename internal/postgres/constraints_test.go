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
		{"not_the_program", `insert into admins (name, roles) values ('payseal', array['maker'])`},
		{"admins_name_check", `insert into admins (name, roles) values ('(employee)', array['maker'])`},
	} {
		if _, err := s.pool.Exec(t.Context(), test.sql); !violates(err, test.constraint) {
			t.Errorf("%s let through %s: %v", test.constraint, test.sql, err)
		}
	}
	if _, err := s.pool.Exec(t.Context(), `update runs set approved_by = 'approver', state = 'approved'`); err != nil {
		t.Errorf("a second person cannot approve: %v", err)
	}
}

// What the database refuses of the form's tables.
func TestConstraintsOfEnrolment(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	submit(t, s, "7", "A")
	const notice = `insert into notices (id, kind, employee, address, topic, fingerprint, secret_hash, state) values (gen_random_uuid(), `
	for _, test := range []struct{ constraint, sql string }{
		{"notices_kind_check", notice + `'slip', '7', 'k@acme.example', '', '', null, 'queued')`},
		{"notices_state_check", notice + `'link', '7', 'k@acme.example', '', '', null, 'lost')`},
		{"notices_check", notice + `'link', '7', '', '', '', null, 'queued')`},
		{"notices_check", notice + `'report', null, 'no address', '', '', null, 'queued')`},
		{"notices_employee_fkey", notice + `'link', '07', 'k@acme.example', '', '', null, 'queued')`},
		{"notices_secret_hash_check", notice + `'link', '7', 'k@acme.example', '', '', 'short', 'queued')`},
		{"notices_secret", strings.Repeat(notice+`'link', '7', 'k@acme.example', '', '', sha256('x'), 'queued');`, 2)},
		{"notices_reminded", strings.Repeat(notice+`'reminder', '7', 'k@acme.example', 'x', 'A', null, 'sent');`, 2)},
		{"notices_digest", strings.Repeat(notice+`'digest', null, 'hr@acme.example', 'x', '', null, 'sent');`, 2)},
		{"sessions_id_hash_check", `insert into sessions (id_hash) values ('a token')`},
		{"proven_by_someone", `insert into sessions (id_hash, employee) values (sha256('x'), '7')`},
		{"proven_by_someone", `insert into sessions (id_hash, proof) values (sha256('x'), 'link')`},
		{"sessions_proof_check", `insert into sessions (id_hash, employee, proof) values (sha256('x'), '7', 'word')`},
		{"address_changes_pkey", strings.Repeat(`insert into address_changes (employee, address, expires_at) values ('7', 'a@acme.example', now());`, 2)},
		{"reports_kind_check", `insert into reports (employee, kind, words) values ('7', 'praise', 'x')`},
		{"reports_words_check", `insert into reports (employee, kind, words) values ('7', 'not_me', repeat('x', 2001))`},
		{"settled_by_someone", `insert into reports (employee, kind, words, settled_at) values ('7', 'not_me', 'x', now())`},
		{"set_by_one", `update certificate_steps set by_worker = true`},
		{"certificate_steps_by_admin_fkey", `update certificate_steps set by_admin = '(employee)'`},
		{"employees_mail_structure_check", `update employees set mail_structure = 'flat'`},
		{"employees_mail_presentation_check", `update employees set mail_presentation = 'poster'`},
		{"employees_mail_seen_check", `update employees set mail_seen = 'stars'`},
	} {
		if _, err := s.pool.Exec(t.Context(), test.sql); !violates(err, test.constraint) {
			t.Errorf("%s let through %s: %v", test.constraint, test.sql, err)
		}
	}
}
