package pdf_test

import (
	"syscall"
	"testing"
)

// cpuTime is what the process has used so far, in nanoseconds: other than the
// clock it does not count the neighbours.
func cpuTime(b *testing.B) int64 {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// BenchmarkWriter draws and writes a whole document as full as a slip.
func BenchmarkWriter(b *testing.B) {
	d := newDesk(b)
	for name, s := range map[string]slip{"stock": d.slip("Zoe"), "rare": d.slip("Zoë Ångström ŁódźĐ")} {
		b.Run(name, func(b *testing.B) {
			i := info(content())
			var size int
			b.ReportAllocs()
			begin := cpuTime(b)
			for b.Loop() {
				s.draw(d.w)
				out, err := d.w.End(i)
				if err != nil {
					b.Fatal(err)
				}
				size = len(out)
			}
			b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N), "cpu-ns/op")
			b.ReportMetric(float64(size), "bytes/file")
		})
	}
}

// BenchmarkLine prepares a text of 24 letters.
func BenchmarkLine(b *testing.B) {
	d := newDesk(b)
	glyphs := d.faces[0].glyphs("Allowance for night work")
	b.ReportAllocs()
	for b.Loop() {
		d.stock.Line(glyphs)
	}
}
