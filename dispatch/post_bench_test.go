package dispatch_test

import (
	"testing"

	"github.com/payseal/payseal/payroll"
)

// BenchmarkPost posts notices through the relay: what one costs of worker,
// database and relay together.
func BenchmarkPost(b *testing.B) {
	for _, kind := range []payroll.NoticeKind{payroll.NoticeInvitation, payroll.NoticeSignInCode} {
		b.Run(string(kind), func(b *testing.B) {
			o := newOffice(b, 1)
			o.exec(`insert into employees (number, name, email) select 'x' || i, 'x', 'x' || i || '@acme.example' from generate_series(1, $1::int) i`, b.N)
			o.exec(`insert into certificates (employee, fingerprint, content, step, standing, current_since)
				select 'x' || i, fingerprint, content, step, standing, current_since
				from generate_series(1, $1::int) i, certificates where employee = $2`, b.N, number(0))
			o.exec(`insert into notices (id, kind, employee, address, session)
				select gen_random_uuid(), $2, 'x' || i, 'x' || i || '@acme.example', sha256(convert_to('' || i, 'UTF8'))
				from generate_series(1, $1::int) i`, b.N, string(kind))
			o.exec(`analyze`)
			p := o.post()
			sent := len(o.relay.Messages())
			b.ResetTimer()
			for len(o.relay.Messages())-sent < b.N {
				o.deliver(p)
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "notices/s")
		})
	}
}
