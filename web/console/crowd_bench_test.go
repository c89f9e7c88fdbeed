package console

import (
	"crypto/md5" // names that are no one's
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// crowdSize is how many people the company of the benchmarks pays.
const crowdSize = 100_000

// newCrowd is what newPlanted gives, in a company of 100,000 with two years behind
// it: 24 runs of a slip for each, three of which came in as files through the
// console, and all that people leave behind in such a time.
func newCrowd(b *testing.B) *planted {
	b.Helper()
	p := newPlanted(b)
	p.unlimited()
	p.heap(strings.Split(strings.ReplaceAll(crowd, "@crowd", fmt.Sprint(crowdSize)), ";\n")...)
	p.plantLargeFiles()
	var past []payroll.RunID
	must(b, p.store.Pool().QueryRow(b.Context(), `select array_agg(id order by id) from runs where source = 'past'`).Scan(&past))
	for _, run := range append(past, p.runs[payroll.RunSending], p.runs[payroll.RunApproved], p.runs[payroll.RunPaused], p.runs[payroll.RunComplete]) {
		p.heap(strings.NewReplacer("@run", fmt.Sprint(run), "@crowd", fmt.Sprint(crowdSize)).Replace(crowdSlips))
	}
	p.heap(crowdAttempts)
	must(b, p.store.SealAccess(b.Context()))
	p.meddle(`vacuum analyze`)
	return p
}

// heap runs statements that make a great many rows, which name none that is not
// there: Postgres need not look each up.
func (p *planted) heap(statements ...string) {
	p.t.Helper()
	conn, err := p.store.Pool().Acquire(p.t.Context())
	must(p.t, err)
	defer conn.Release()
	for _, sql := range slices.Concat([]string{`set session_replication_role = replica`}, statements, []string{`set session_replication_role = origin`}) {
		_, err := conn.Exec(p.t.Context(), sql)
		must(p.t, err)
	}
}

// plantLargeFiles imports a month's file, which is paid, hands in the next one's,
// makes a draft of the one after it, and leaves a fourth uploaded, and a roster.
func (p *planted) plantLargeFiles() {
	p.t.Helper()
	ada, month := p.as("ada"), payroll.Period{Year: 2026, Month: time.July}
	upload := func() string {
		path := ada.sent("a.csv", largeFile(crowdSize, month)+"0000,200.50,100.25,100.25,x\n", "new_source", "all")
		ada.post(path, "source", "all", "period", month.String(), "pay_date", month.Last().String(), "currency", "EUR").leads(p.t, path)
		ada.look(path).wants(p.t, http.StatusOK, "Make a draft of ")
		return path
	}
	imported := func() (run payroll.RunID) {
		check := ada.draft(upload())
		_, err := fmt.Sscanf(check, "/runs/%d/check", &run)
		must(p.t, err)
		month = month.Next()
		return run
	}
	first := imported()
	p.exec(`update slips set state = 'accepted', pin_email = 'x@acme.example', pin_fingerprint = (select upper(md5(slips.employee) || 'AAAAAAAA')) where run = $1`, first)
	p.exec(`update runs set state = 'complete', submitted_by = 'ada', approved_by = 'bea' where id = $1`, first)
	second := imported()
	p.exec(`update twins set acknowledged_at = clock_timestamp(), acknowledged_by = 'ada' where run = $1`, second)
	p.exec(`update remarks set acknowledged_at = clock_timestamp(), acknowledged_by = 'ada' where run = $1`, second)
	must(p.t, p.store.SubmitRun(p.t.Context(), second, "ada", true))
	p.runs[payroll.RunSubmitted], p.runs[payroll.RunDraft] = second, imported()
	p.ids["upload"] = strings.TrimPrefix(upload(), "/uploads/")
	a := ada.roster("roster.csv", largeRoster(crowdSize))
	p.ids["roster"] = strings.TrimSuffix(strings.TrimPrefix(a.to(), "/people/imports/"), "/preview")
	ada.look(a.to()).wants(p.t, http.StatusOK)
}

// largeFile pays people in a month: most what they were paid before, some more,
// some for the first time.
func largeFile(people int, month payroll.Period) string {
	var b strings.Builder
	b.WriteString("employee_id,gross,deductions,net,info:Month\n")
	m := int(month.Month)
	for i := 1; i <= people; i++ {
		if i%1000 == m {
			continue
		}
		raise := i % 100
		if i%200 == m {
			raise += 2000
		}
		fmt.Fprintf(&b, "E%06d,%d.50,100.25,%d.25,%s\n", i, 3000+raise, 2900+raise, month)
	}
	return b.String()
}

// largeRoster is HR's file of people, some of whom have moved to another
// department.
func largeRoster(people int) string {
	var b strings.Builder
	b.WriteString("employee_id,name,email,department\n")
	for i := 1; i <= people; i++ {
		department := i % 40
		if i%500 == 0 {
			department++
		}
		fmt.Fprintf(&b, "E%06d,%x %x,e%d@acme.example,Department %d\n", i, md5.Sum([]byte(strconv.Itoa(i))), md5.Sum([]byte("x"+strconv.Itoa(i))), i, department)
	}
	return b.String()
}

// crowd is everything but the slips, statement by statement.
const crowd = `insert into employees (number, name, name_words, email, department, on_paper, left_on, email_changed_at)
	select 'E' || lpad(i::text, 6, '0'), md5(i::text) || ' ' || md5('x' || i), 'kiran' || chr(97 + i % 26) || ' person' || i % 5000, 'e' || i || '@acme.example',
		'Department ' || i % 40, i % 50 = 0, case when i % 60 = 0 then current_date - 40 end, case when i % 100 = 1 then now() - interval '5 days' end
	from generate_series(1, @crowd) i;
insert into certificates (employee, fingerprint, content, addresses, step, standing, expires_at, current_since)
	select e.number, upper(md5(e.number) || 'AAAAAAAA'), (select content from certificates where standing = 'current' limit 1), array[e.email], 'certified', 'current',
		case when n % 200 = 3 then now() + interval '3 days' else now() + interval '300 days' end, now() - interval '1 year'
	from employees e cross join lateral (select substr(e.number, 2)::int) x(n) where e.number like 'E______' and n % 20 <> 7;
insert into certificates (employee, fingerprint, content, addresses, step, standing)
	select e.number, upper(md5('k' || n) || 'BBBBBBBB'), (select content from certificates where standing = 'current' limit 1), array[e.email],
		case when n % 40 = 7 then 'decryption_proven' else 'submitted' end, 'candidate'
	from employees e cross join lateral (select substr(e.number, 2)::int) x(n) where e.number like 'E______' and n % 20 = 7 and n % 3 > 0;
insert into certificates (employee, fingerprint, content, addresses, step, standing)
	select e.number, upper(md5('r' || n) || 'CCCCCCCC'), (select content from certificates where standing = 'current' limit 1), array[e.email], 'certified', 'replaced'
	from employees e cross join lateral (select substr(e.number, 2)::int) x(n) where e.number like 'E______' and n % 5 = 2;
insert into certificate_steps (certificate, step, by_admin) select id, s, case when s in ('phone_checked', 'certified') then 'ada' end
	from certificates, unnest(array['submitted', 'address_proven', 'decryption_proven', 'phone_checked', 'certified']) s where step = 'certified' or s = 'submitted'
	on conflict do nothing;
insert into runs (state, period, pay_date, currency, file_sha256, imported_by, submitted_by, approved_by, slips, counts, source, started_at, finished_at, data_key)
	select 'complete', to_char(date '2026-07-01' - make_interval(months => m), 'YYYY-MM'), date '2026-07-28' - make_interval(months => m), 'EUR',
		encode(sha256(convert_to('' || m, 'UTF8')), 'hex'), 'ada', 'ada', 'bea', @crowd, jsonb_build_object('accepted', @crowd), 'past', now(), now(), '\x00'
	from generate_series(1, 17) m;
insert into audit (seq, at, who, act, subject, detail, previous, hash)
	select (select max(seq) from audit) + i, now() - interval '2 years' + i * interval '3 minutes', (array['ada', 'bea', 'cem', '(employee)', 'payseal'])[1 + i % 5],
		(array['certificate.submit', 'notice.send', 'slip.preview', 'account.sign_in', 'slip.resend', 'employee.change'])[1 + i % 6],
		case when i % 2 = 0 then 'employee E' || lpad((1 + i % @crowd)::text, 6, '0') else 'run ' || i % 24 end, '{"because": "of this"}', md5('' || i), md5('h' || i)
	from generate_series(1, 300000) i;
insert into notices (id, kind, employee, address, state, sent_at, created_at)
	select gen_random_uuid(), k, 'E' || lpad(i::text, 6, '0'), 'e' || i || '@acme.example', 'sent', now() - interval '30 days', now() - interval '30 days'
	from generate_series(1, @crowd) i, unnest(array['invitation', 'change', 'proof_code']) k;
insert into notices (id, kind, employee, address, state, phase, code) select gen_random_uuid(), 'change', 'E' || lpad(i::text, 6, '0'), 'e' || i || '@acme.example', 'refused', 'rcpt', 550
	from generate_series(1, 500) i;
insert into sessions (id_hash, employee, proof) select sha256(convert_to('' || i, 'UTF8')), 'E' || lpad(i::text, 6, '0'), 'link' from generate_series(1, 20000) i;
insert into address_changes (employee, address, expires_at) select 'E' || lpad(i::text, 6, '0'), 'x@acme.example', now() from generate_series(1, 2000) i;
insert into reports (employee, kind, words, settled_at, settled_by)
	select 'E' || lpad(i::text, 6, '0'), 'not_me', 'x', case when i > 40 then now() end, case when i > 40 then 'ada' end from generate_series(1, 3000) i;
insert into alarms (kind, words, settled_by, settled_at, note) select 'late_payday', 'one of ' || i, case when i > 40 then 'bea' end, case when i > 40 then now() end, 'x' from generate_series(1, 3000) i;
insert into sign_in_failures (who, client, known) select sha256(convert_to('' || i % 50, 'UTF8')), '10.0.0.' || i % 200, false from generate_series(1, 20000) i;
insert into admins (name, roles, enrolled_at) select 'admin' || i, '{auditor}', now() from generate_series(1, 60) i;
insert into admin_sessions (id_hash, admin, proof, browser, address) select sha256(convert_to('' || i, 'UTF8')), 'admin' || 1 + i % 60, 'passkey', 'Firefox on Linux', '127.0.0.1' from generate_series(1, 1000) i;
insert into step_ups (session, purpose) select sha256(convert_to('' || i, 'UTF8')), '/people/export' from generate_series(1, 1000) i;
insert into api_tokens (hash, admin, label, scopes, expires_at, ended_at) select sha256(convert_to('' || i, 'UTF8')), 'admin' || 1 + i % 60, 'x', '{read}', now(), now() from generate_series(1, 500) i;
insert into proposals (kind, subject, content, proposed_by, state, decided_by, decided_at)
	select 'admin_roles', 'admin' || 1 + i % 60, '{"roles": ["auditor"]}', 'cem', 'confirmed', 'eve', now() from generate_series(1, 2000) i;
analyze`

// crowdSlips gives everybody a slip of a run, in the state that the run brings with
// it.
const crowdSlips = `with planted as (
		insert into slips (id, run, employee, content, digest, state, hold, pin_email, pin_fingerprint, give_up_at)
		select gen_random_uuid(), r.id, 'E' || lpad(i::text, 6, '0'), case when r.source = '' then repeat('x', 400)::bytea end, r.file_sha256,
			case when r.state = 'approved' then 'ready' when r.state = 'complete' or i < 60000 then 'accepted' when i % 500 = 0 then 'held' when i % 500 = 1 then 'unsure' else 'queued' end,
			case when r.state in ('sending', 'paused') and i >= 60000 and i % 500 = 0 then (array['change_freeze', 'no_certificate', 'expired'])[1 + i % 3] else '' end,
			'e' || i || '@acme.example', upper(md5('E' || lpad(i::text, 6, '0')) || 'AAAAAAAA'), now() + interval '1 day'
		from runs r, generate_series(1, @crowd) i where r.id = @run returning run)
	update runs set slips = slips + (select count(*) from planted) where id = @run and source = ''`

// crowdAttempts tried each slip that left, once.
const crowdAttempts = `insert into attempts (id, slip, worker, fingerprint, begun_at, finished_at, outcome, phase, code, reply)
	select gen_random_uuid(), s.id, r.worker, s.pin_fingerprint, r.pay_date + interval '9 hours', r.pay_date + interval '9 hours 1 second', case s.state when 'accepted' then 'accepted' else 'unsure' end,
		'dot', 250, '2.0.0 Ok: queued'
	from slips s join (select id, pay_date, gen_random_uuid() as worker from runs) r on r.id = s.run where s.state in ('accepted', 'unsure')`
