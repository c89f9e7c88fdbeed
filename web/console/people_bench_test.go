package console

import (
	"net/http"
	"testing"
)

// BenchmarkPeoplePages asks for whole pages, as a browser does, of a roster of
// 100,000 people; internal/postgres has a benchmark of each filter.
func BenchmarkPeoplePages(b *testing.B) {
	c := newConsole(b)
	c.exec(`insert into employees (number, name, name_words, email, department)
		select 'E' || lpad(i::text, 6, '0'), 'Kiran ' || i, 'kiran ' || i, 'e' || i || '@acme.example', 'Department ' || i % 40 from generate_series(1, 100000) i`)
	c.exec(`insert into certificates (employee, fingerprint, content, step, standing, expires_at, current_since)
		select number, upper(md5(number) || 'AAAAAAAA'), '', 'certified', 'current', now() + interval '1 year', now()
		from employees where number not like '%7'`)
	c.exec(`insert into certificate_steps (certificate, step) select id, 'submitted' from certificates`)
	c.exec(`analyze`)
	eve := c.as("eve")
	for _, path := range []string{"/people", "/people?show=ready&after=E090000", "/people?show=no-key", "/people?show=expiring", "/people?department=Department+7",
		"/people?number=e0912", "/people/E001234", "/calls"} {
		b.Run(path, func(b *testing.B) {
			for b.Loop() {
				if a := eve.get(path); a.status != http.StatusOK {
					b.Fatal(a.status)
				}
			}
		})
	}
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			if a := eve.post("/people/search", "q", "kiran 99"); a.status != http.StatusOK && a.status != http.StatusSeeOther {
				b.Fatal(a.status)
			}
		}
	})
}
