package letter_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

func runReport(unaccepted int) payroll.RunReport {
	at := time.Date(2026, 10, 30, 8, 15, 0, 0, time.UTC)
	r := payroll.RunReport{
		Run: payroll.Run{
			ID: 12, State: payroll.RunIncomplete, Period: payroll.Period{Year: 2026, Month: time.October}, PayDate: payroll.Date{Year: 2026, Month: time.October, Day: 30},
			FileSHA256: strings.Repeat("ab", 32), Letterhead: strings.Repeat("cd", 32), Manifest: strings.Repeat("ef", 32),
			ImportedBy: "ada", SubmittedBy: "ada", ApprovedBy: "bea",
		},
		Counts: map[payroll.SlipState]int{payroll.SlipAccepted: 97, payroll.SlipHeld: unaccepted},
		Made:   at.In(time.FixedZone("CET", 3600)), By: "dia", CSV: strings.Repeat("01", 32), More: 3,
		Life: []payroll.AuditEntry{
			{At: at, Act: payroll.Act{Who: "ada", What: "run.import"}},
			{At: at.Add(time.Hour), Act: payroll.Act{Who: "bea", What: "run.pause", Detail: map[string]string{"from": "console 10.0.0.7", "reason": "the bank is late"}}},
		},
	}
	for i := range unaccepted {
		r.Unaccepted = append(r.Unaccepted, payroll.SlipLine{
			ID: payroll.SlipID(fmt.Sprintf("1f7d3d5e-5a0b-4c56-9f0e-%012d", i)), Employee: payroll.EmployeeNumber(fmt.Sprintf("E%06d", i)),
			Name: "<b>Márton</b> \u202e Þórsdóttir", State: payroll.SlipHeld, Hold: payroll.HoldNoCertificate,
		})
	}
	return r
}

// TestReport: what a run's report says, on one page and on many.
func TestReport(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	pdf, err := h.Report(runReport(2))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "report.txt", pdfText(t, pdf))
	if again, err := h.Report(runReport(2)); err != nil || !bytes.Equal(pdf, again) {
		t.Errorf("the same report is not the same bytes: %v", err)
	}
	long, err := h.Report(runReport(200))
	if err != nil {
		t.Fatal(err)
	}
	text := pdfText(t, long)
	for _, want := range []string{"E000000", "E000199", "continued", "and 3 more", "Page 4 of"} {
		if !strings.Contains(text, want) {
			t.Errorf("the long report lacks %q", want)
		}
	}
	if poppler(t, "pdfinfo", long, "-"); strings.Contains(text, "\u202e") {
		t.Error("a direction override stands on the page")
	}
}
