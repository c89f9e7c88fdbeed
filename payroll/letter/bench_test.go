package letter_test

import (
	"io/fs"
	"os"
	"testing"

	"github.com/payseal/payseal/payroll/letter"
)

// osFonts are the machine's fonts, or nothing where there are none.
func osFonts() []fs.FS {
	if _, err := os.Stat(systemFonts); err != nil {
		return nil
	}
	return []fs.FS{os.DirFS(systemFonts)}
}

// BenchmarkPage draws the full slip for one employee after another.
func BenchmarkPage(b *testing.B) {
	for name, employee := range map[string]string{"latin": names["latin"], "western": "Márton Þórsdóttir",
		"arabic": names["arabic"], "devanagari": names["devanagari"], "chinese": names["chinese"]} {
		b.Run(name, func(b *testing.B) {
			h := newLetterhead(b, installedFonts(b))
			s := fullSlip(b)
			s.Employee.Name = employee
			size := 0
			b.ReportAllocs()
			for b.Loop() {
				size = len(page(b, h, s))
			}
			b.ReportMetric(float64(size)/1000, "kB/slip")
		})
	}
}

// BenchmarkRender makes the whole letter on every core.
func BenchmarkRender(b *testing.B) {
	h := newLetterhead(b, installedFonts(b))
	s, e := fullSlip(b), envelope()
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := h.Render(s, e); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkCheck is what intake pays for each slip.
func BenchmarkCheck(b *testing.B) {
	h := newLetterhead(b, installedFonts(b))
	s := fullSlip(b)
	b.ReportAllocs()
	for b.Loop() {
		if findings := h.Check(s); len(findings) > 0 {
			b.Fatal(findings)
		}
	}
}

// BenchmarkLoadFonts indexes the machine's fonts.
func BenchmarkLoadFonts(b *testing.B) {
	installedFonts(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := letter.LoadFonts(osFonts()...); err != nil {
			b.Fatal(err)
		}
	}
}
