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
