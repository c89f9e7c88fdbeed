package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// BenchmarkForecast judges 100,000 employees out of a real database, each with a
// certificate that the company has certified.
func BenchmarkForecast(b *testing.B) {
	h := newHousehold(b)
	const people, kinds = 100_000, 50
	for i := range kinds {
		email := payroll.Address(fmt.Sprintf("e%d@acme.example", i))
		h.hire(payroll.Employee{Number: number(i), Email: email})
		h.enrol(number(i), h.certificateOf(h.keyEnding(email, h.now.AddDate(1, 0, 0))), payroll.StepCertified)
	}
	for _, sql := range []string{
		`insert into employees (number, name, email) select 'x' || i, 'x' || i, 'e' || (i % 50) || '@acme.example' from generate_series(50, 99999) i`,
		`insert into certificates (employee, fingerprint, content, addresses, step, standing, current_since)
			select e.number, c.fingerprint, c.content, '{}', c.step, c.standing, c.current_since
			from employees e join employees m on m.email = e.email and m.number like '00%' join certificates c on c.employee = m.number
			where e.number like 'x%'`,
		`analyze employees`, `analyze certificates`,
	} {
		h.exec(sql)
	}
	for b.Loop() {
		began := time.Now()
		standings, err := h.RosterStandings(b.Context())
		h.must(err)
		read := time.Since(began)
		outlook, err := h.forecast().Outlook(b.Context(), h.today().AddDays(30))
		h.must(err)
		if counts := outlook.Counts(); counts.Ready != people || len(standings) != people {
			b.Fatalf("%+v", counts)
		}
		b.ReportMetric(read.Seconds(), "read-s/op")
	}
}
