package letter_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

func correctedSlip(t testing.TB, language string) payroll.Slip {
	s := fullSlip(t)
	s.Employee.Language = language
	s.Corrects = &payroll.Correction{
		Slip: "1f7d3d5e-5a0b-4c56-9f0e-0d9f8c3a7b21", PayDate: payroll.Date{Year: 2026, Month: time.October, Day: 30},
		Reason: "the overtime of the last week of October was missing",
	}
	return s
}

// TestACorrectionSaysSo: which slip it replaces and why stand on the page, in the
// employee's language; the letter and the real subject say it, too.
func TestACorrectionSaysSo(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	for language, word := range map[string]string{"en": "Correction", "de": "Korrektur", "fr": "Rectification", "es": "Rectificación"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			s := correctedSlip(t, language)
			if !strings.HasPrefix(h.Subject(s), word+": ") {
				t.Errorf("subject %q", h.Subject(s))
			}
			golden(t, "correction."+language+".txt", pdfText(t, page(t, h, s)))
		})
	}
}

// TestAnOrdinarySlipIsAsItWas: that there are corrections changes no other page.
func TestAnOrdinarySlipIsAsItWas(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	s := correctedSlip(t, "en")
	corrected := page(t, h, s)
	s.Corrects = nil
	if plain := page(t, h, s); bytes.Contains(plain, []byte("Correction")) || bytes.Equal(plain, corrected) {
		t.Error("the mark stands where it does not belong")
	}
	if strings.Contains(pdfText(t, page(t, h, s)), "Correction") {
		t.Error("an ordinary slip calls itself a correction")
	}
}

// TestTheReasonIsText: a reason that cannot be drawn is found before the slip is
// stored.
func TestTheReasonIsText(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	for reason, code := range map[string]string{"王小明": "glyph_missing", "a\u202eb": "text_unprintable", strings.Repeat("long ", 60): "text_unprintable"} {
		s := correctedSlip(t, "en")
		s.Corrects.Reason = reason
		if findings := h.Check(s); len(findings) != 1 || findings[0].Code != code {
			t.Errorf("%q: %v, want %s", reason, findings, code)
		}
	}
	s := correctedSlip(t, "en")
	s.Corrects.Reason = strings.TrimSpace(strings.Repeat("overtime ", 22))
	if findings := h.Check(s); len(findings) > 0 {
		t.Error(findings)
	}
	page(t, h, s)
}
