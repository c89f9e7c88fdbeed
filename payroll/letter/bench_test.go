package letter_test

import (
	"bytes"
	"fmt"
	"html"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// osFonts are the machine's fonts, or nothing where there are none.
func osFonts() []fs.FS {
	if _, err := os.Stat(systemFonts); err != nil {
		return nil
	}
	return []fs.FS{os.DirFS(systemFonts)}
}

// staff gives one slip after the other, which differ as those of a run do: name,
// number, amounts. Each is good until the next.
func staff(t testing.TB, names ...string) (next func() payroll.Slip) {
	i, s := 0, fullSlip(t)
	return func() payroll.Slip {
		s.ID = payroll.SlipID(fmt.Sprintf("1f7d3d5e-5a0b-4c56-9f0e-%012d", i))
		s.Employee.Number = payroll.EmployeeNumber(fmt.Sprintf("E%06d", i))
		s.Employee.Name = fmt.Sprintf("%s %c%c%c", names[i%len(names)], 'A'+i%26, 'a'+i/26%26, 'a'+i/676%26)
		s.Net.Minor += 1171
		for j := range s.Lines {
			s.Lines[j].Amount.Minor += 317
			s.Lines[j].YearToDate.Minor += 2917
		}
		i++
		return s
	}
}

// BenchmarkPage draws the full slip for one employee after another.
func BenchmarkPage(b *testing.B) {
	for name, employee := range map[string]string{"latin": names["latin"], "western": "Márton Þórsdóttir",
		"arabic": names["arabic"], "devanagari": names["devanagari"], "chinese": names["chinese"]} {
		b.Run(name, func(b *testing.B) {
			h, next := newLetterhead(b, installedFonts(b)), staff(b, employee)
			size := 0
			b.ReportAllocs()
			for b.Loop() {
				size += len(page(b, h, next()))
			}
			b.ReportMetric(float64(size)/float64(b.N)/1000, "kB/slip")
		})
	}
}

// TestPageBudget holds what a page may cost, in counts: time is the benchmark's.
func TestPageBudget(t *testing.T) { //nolint:paralleltest // it counts every allocation of the program
	h, next := newLetterhead(t, installedFonts(t)), staff(t, "Márton Þórsdóttir", "Siobhán O’Connor", "Jürgen Groß")
	size, pages := 0, 0
	draw := func() {
		size += len(page(t, h, next()))
		pages++
	}
	for range 100 {
		draw()
	}
	allocations := testing.AllocsPerRun(300, draw)
	if allocations > 200 {
		t.Errorf("a page takes %.0f allocations, more than 200", allocations)
	}
	if size /= pages; size > 30_000 {
		t.Errorf("a page takes %d bytes, more than 30,000", size)
	}
	t.Logf("%.0f allocations, %d bytes", allocations, size)
}

// BenchmarkPageBesideWkhtmltopdf draws the same slip as wkhtmltopdf does from
// HTML, which is how many payroll programs make theirs.
func BenchmarkPageBesideWkhtmltopdf(b *testing.B) {
	if _, err := exec.LookPath("wkhtmltopdf"); err != nil {
		lacks(b, "the package wkhtmltopdf")
	}
	h, s := newLetterhead(b, installedFonts(b)), fullSlip(b)
	source := asHTML(s)
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		page(b, h, s)
		ours += time.Since(start)
	}
	const pages = 10
	for range pages {
		start := time.Now()
		peer := exec.Command("wkhtmltopdf", "--quiet", "-", "-")
		peer.Stdin = strings.NewReader(source)
		if pdf, err := peer.Output(); err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
			b.Fatalf("wkhtmltopdf: %v", err)
		}
		theirs += time.Since(start)
	}
	b.ReportMetric(float64(theirs.Microseconds())/pages, "peer-µs")
	b.ReportMetric(float64(theirs)/pages/(float64(ours)/float64(b.N)), "x-faster")
}

// asHTML is a page with what stands on a slip.
func asHTML(s payroll.Slip) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<html><body style="font-family: Noto Sans"><h1>Salary slip</h1><p>%s %s</p><table width="100%%">`,
		html.EscapeString(s.Employee.Name), s.Period)
	for _, line := range s.Lines {
		fmt.Fprintf(&b, "<tr><td>%s</td><td>%s</td></tr>", html.EscapeString(line.Label), line.Amount)
	}
	b.WriteString("</table></body></html>")
	return b.String()
}

// BenchmarkRender makes the whole letter on every core.
func BenchmarkRender(b *testing.B) {
	h := newLetterhead(b, installedFonts(b))
	s, e := fullSlip(b), envelope()
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := render(h, s, e); err != nil {
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
