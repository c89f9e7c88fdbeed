package dispatch_test

import (
	"testing"

	"github.com/payseal/payseal/payroll"
)

// BenchmarkCarry carries slips through every room in this process: what one
// slip costs of worker, database and relay together.
func BenchmarkCarry(b *testing.B) {
	o := newOffice(b, b.N)
	c := o.conveyor()
	c.Bundle, c.Lanes = 64, 18
	b.ResetTimer()
	for o.counts()[payroll.SlipQueued] > 0 {
		o.carry(c)
	}
	b.StopTimer()
	if n := o.counts()[payroll.SlipAccepted]; n != b.N {
		b.Errorf("%d of %d slips were accepted", n, b.N)
	}
}
