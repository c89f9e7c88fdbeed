package postgres

import (
	"fmt"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// crowd is a company of 100,000 with 24 runs, most of them ready, some with every
// other trouble.
const crowd = `
	insert into employees (number, name, name_words, email, department, on_paper, left_on, email_changed_at)
		select 'E' || lpad(i::text, 6, '0'), 'Kiran ' || i, 'kiran' || chr(97 + i % 26) || ' person' || i % 5000, 'e' || i || '@acme.example', 'Department ' || i % 40,
			i % 50 = 0, case when i % 60 = 0 then current_date - 40 end, case when i % 100 = 1 then now() - interval '5 days' end
		from generate_series(1, 100000) i;
	insert into certificates (employee, fingerprint, content, step, standing, expires_at, current_since)
		select 'E' || lpad(i::text, 6, '0'), upper(md5('' || i) || 'AAAAAAAA'), '', 'certified', 'current',
			case when i % 200 = 3 then now() + interval '3 days' else now() + interval '300 days' end, now() - interval '1 year'
		from generate_series(1, 100000) i where i % 10 <> 7;
	insert into certificates (employee, fingerprint, content, step, standing)
		select 'E' || lpad(i::text, 6, '0'), upper(md5('k' || i) || 'BBBBBBBB'), '', case when i % 20 = 7 then 'decryption_proven' else 'submitted' end, 'candidate'
		from generate_series(1, 100000) i where i % 10 = 7 and i % 3 = 0;
	insert into certificate_steps (certificate, step) select id, 'submitted' from certificates;
	insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
		select 'complete', to_char(current_date - make_interval(months => m), 'YYYY-MM'), current_date - make_interval(months => m), 'EUR', encode(sha256(convert_to('' || m, 'UTF8')), 'hex'), 'maker'
		from generate_series(1, 24) m;
	insert into slips (id, run, employee, digest, state, pin_email)
		select gen_random_uuid(), r.id, e.number, r.file_sha256, 'accepted', 'x' from runs r, employees e where e.number < 'E002000' or r.id <= 2;
	analyze employees; analyze certificates; analyze certificate_steps; analyze slips; analyze runs;`

func termsIn(t testing.TB, days int) payroll.PeopleTerms {
	t.Helper()
	through := time.Now().AddDate(0, 0, days)
	return payroll.PeopleTerms{Required: payroll.StepCertified, Through: through, Since: through.AddDate(0, 0, -3)}
}

// BenchmarkPeople asks for pages of a roster of 100,000 people.
func BenchmarkPeople(b *testing.B) {
	s := newStore(b)
	_, err := s.pool.Exec(b.Context(), crowd)
	ok(b, err)
	terms := termsIn(b, 10)
	page := func(name string, q payroll.PeopleQuery) {
		q.PeopleTerms, q.Limit = terms, 100
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				lines, _, err := s.People(b.Context(), q)
				ok(b, err)
				b.ReportMetric(float64(len(lines)), "rows")
			}
		})
	}
	for _, f := range payroll.PeopleFilters {
		page("filter="+string(f), payroll.PeopleQuery{Filter: f})
		page("filter="+string(f)+"/late", payroll.PeopleQuery{Filter: f, After: "E090000"})
		page("filter="+string(f)+"/back", payroll.PeopleQuery{Filter: f, Before: "E090000"})
	}
	page("department", payroll.PeopleQuery{Department: "Department 7"})
	page("department/no-key", payroll.PeopleQuery{Department: "Department 7", Filter: payroll.PeopleNoKey})
	page("department/call", payroll.PeopleQuery{Department: "Department 7", Filter: payroll.PeopleCall})
	page("number", payroll.PeopleQuery{Number: "e0912"})
	page("number/nobody", payroll.PeopleQuery{Number: "X1"})
	page("words/few", payroll.PeopleQuery{Words: "person4999"})
	page("words/many", payroll.PeopleQuery{Words: "kir"})
	page("words/nobody", payroll.PeopleQuery{Words: "zzz"})
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			counts, err := s.CountPeople(b.Context(), terms)
			ok(b, err)
			if counts[payroll.PeopleAll] != 100_000 {
				b.Fatal(counts)
			}
		}
	})
	b.Run("departments", func(b *testing.B) {
		for b.Loop() {
			names, err := s.Departments(b.Context(), 200)
			ok(b, err)
			if len(names) != 40 {
				b.Fatal(fmt.Sprint(names))
			}
		}
	})
	b.Run("person", func(b *testing.B) {
		for b.Loop() {
			_, err := s.Person(b.Context(), "E001234")
			ok(b, err)
			_, err = s.RosterStanding(b.Context(), "E001234")
			ok(b, err)
			_, err = s.SlipsOf(b.Context(), "E001234", 0, 25)
			ok(b, err)
			_, err = s.ActsOn(b.Context(), "E001234", 200)
			ok(b, err)
		}
	})
	b.Run("calls", func(b *testing.B) {
		for b.Loop() {
			_, waiting, err := s.PhoneCalls(b.Context(), payroll.Freeze{}, 200)
			ok(b, err)
			b.ReportMetric(float64(waiting), "waiting")
		}
	})
}
