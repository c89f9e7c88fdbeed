package postgres

import (
	"testing"

	"github.com/payseal/payseal/payroll"
)

// BenchmarkRunPages asks what the pages of a run ask, with a hundred thousand
// slips in it and 23 runs of ten thousand before it.
func BenchmarkRunPages(b *testing.B) {
	s := newStore(b)
	_, err := s.pool.Exec(b.Context(), `insert into employees (number, name, email) select to_char(i, 'FM000000'), 'x', 'f' || i || '@acme.example' from generate_series(1, 100000) i;
		insert into runs (id, state, period, pay_date, currency, file_sha256, imported_by, slips, counts)
			overriding system value select i, case i when 24 then 'sending' else 'complete' end, '2024-01', '2024-01-31', 'EUR',
				repeat('0', 56) || to_char(i, 'FM00000000'), 'maker', 100000, '{"accepted": 100000}' from generate_series(1, 24) i;
		insert into slips (id, run, employee, digest, state, hold, pin_email) select gen_random_uuid(), r, to_char(i, 'FM000000'), repeat('0', 64),
				case when r < 24 or i < 60000 then 'accepted' when i = 99999 then 'held' else 'queued' end, case when r = 24 and i = 99999 then 'twin' else '' end, 'x@acme.example'
			from generate_series(1, 24) r, generate_series(1, 100000) i where r = 24 or i <= 10000;
		insert into attempts (id, slip, worker, fingerprint, finished_at, outcome, phase, code)
			select gen_random_uuid(), id, gen_random_uuid(), repeat('A', 40), now(), 'accepted', 'dot', 250 from slips where run = 24 and state = 'accepted';
		analyze`)
	ok(b, err)
	ctx := b.Context()
	for _, c := range []struct {
		name string
		ask  func() error
	}{
		{"runs", func() error { _, err := s.RunLines(ctx, payroll.RunQuery{Limit: 13}); return err }},
		{"progress", func() error { _, err := s.RunProgress(ctx, 24); return err }},
		{"first slips", func() error { _, err := s.SlipLines(ctx, 24, payroll.SlipQuery{Limit: 51}); return err }},
		{"slips in the middle", func() error {
			_, err := s.SlipLines(ctx, 24, payroll.SlipQuery{Limit: 51, After: "050000"})
			return err
		}},
		{"the one held", func() error {
			_, err := s.SlipLines(ctx, 24, payroll.SlipQuery{Limit: 51, State: payroll.SlipHeld})
			return err
		}},
		{"number", func() error { _, err := s.SlipLines(ctx, 24, payroll.SlipQuery{Limit: 51, Prefix: "0999"}); return err }},
		{"report", func() error { return s.WalkSlips(ctx, 24, func(payroll.SlipLine) error { return nil }) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				ok(b, c.ask())
			}
		})
	}
}
