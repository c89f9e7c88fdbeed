package pdf_test

import (
	"syscall"
	"testing"

	"github.com/go-text/typesetting/font/opentype"
	"github.com/payseal/payseal/payroll/letter/pdf"
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

// BenchmarkWriter draws and writes a whole document as full as a slip: with all
// glyphs in stock and a structure as before, with a font of its own, and with a
// structure that no document had before.
func BenchmarkWriter(b *testing.B) {
	for name, bench := range map[string]struct {
		name   string
		unlike bool
	}{"stock": {"Zoe", false}, "rare": {"Zoë Ångström ŁódźĐ", false}, "unlike": {"Zoe", true}} {
		b.Run(name, func(b *testing.B) {
			d := newDesk(b)
			s, i := d.slip(bench.name), info(content())
			var size int
			b.ReportAllocs()
			begin := cpuTime(b)
			for n := 0; b.Loop(); n++ {
				s.draw(d.w)
				for k := 0; bench.unlike && k < 8; k++ { // 256 structures by turns
					d.w.Add(d.w.Root(), pdf.Sect+pdf.Tag(n>>k&1))
				}
				out, err := d.w.End(nil, i)
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

// BenchmarkOutline compiles the letters of a face, 97 glyphs at a time.
func BenchmarkOutline(b *testing.B) {
	face := regular(b).face
	upem := float32(face.Upem())
	var paths [][]opentype.Segment
	for _, r := range letters {
		gid, _ := face.NominalGlyph(r)
		outline, _ := face.GlyphDataOutline(gid)
		paths = append(paths, outline.Segments)
	}
	b.ReportAllocs()
	before := cpuTime(b)
	for b.Loop() {
		for _, path := range paths {
			pdf.NewOutline(path, upem, 500)
		}
	}
	b.ReportMetric(float64(cpuTime(b)-before)/float64(b.N)/float64(len(paths)), "cpu-ns/glyph")
}
