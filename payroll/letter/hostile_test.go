package letter_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/payseal/payseal/internal/pdfrules"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// hostileTexts are what people and programs type who mean no good, and some who
// do. Those with a code are a finding, and never on paper.
var hostileTexts = map[string]struct{ text, code string }{
	"one word":          {strings.Repeat("W", 200), ""},
	"no break":          {strings.Repeat("a\u00a0", 99) + "a", ""},
	"numbers in hebrew": {"(אבג 123-456) [1,234.56%] דהו {7}", ""},
	"numbers in arabic": {"(محمد 123-456) ١٢٣ [1,234.56%] \"علي\"", ""},
	"mixed ends":        {"ACME (שלום) 12 ₪ 3/4 عربي x", ""},
	"written forms":     {"葛\U000e0100城 辻\U000e0101", ""},
	"thai":              {strings.Repeat("ที่", 66), ""},
	"hangul":            {strings.Repeat("각", 66) + strings.Repeat("\u1100\u1161\u11a8", 20), ""},
	"beyond the plane":  {strings.Repeat("𠮷", 200), ""},
	"backslashes":       {strings.Repeat(`\(`, 100), ""},
	"json":              {`","slip":"x\u0000`, ""},
	"places":            {"{n} {of} {id} {contact} {y}", ""},
	"indic joiners":     {strings.Repeat("क्\u200dष्\u200cि", 25), ""},
	"tibetan":           {strings.Repeat("བསྒྲུབས", 25), ""},
	"wide ligatures":    {strings.Repeat("﷽", 200), "text_too_long"},
	"dashes":            {strings.Repeat("⸻", 200), "text_too_long"},
	"a wide ligature":   {"﷽", ""},
	"hangul letters":    {strings.Repeat("\u1100", 31), "text_too_long"},
	"conjuncts":         {strings.Repeat("क्", 20) + "क", "text_too_long"},
	"one long syllable": {"कार्त्स्न्य", ""},
	"rings":             {"Z" + strings.Repeat("\u0488", 20), "text_unprintable"},
	"storm":             {"Z" + strings.Repeat("\u0301\u0316\u0334", 66), "text_unprintable"},
	"line separator":    {"one\u2028two", "text_unprintable"},
	"emoji":             {"👩‍👩‍👧‍👦 🇦🇹 👍🏽 \U0003fffd", "glyph_missing"},
}

// TestHostileTexts: a text in every place of a page is a finding, or all of it
// stands on a page that keeps the rules.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, installedFonts(t))
	for name, c := range hostileTexts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, language := range []string{"en", "ar"} {
				s := slipOf(t, c.text)
				s.Employee.Language = language
				findings := h.Check(s)
				pdf, err := h.Page(s)
				if c.code != "" {
					if len(findings) != 1 || findings[0].Code != c.code || !errors.Is(err, payroll.ErrInvalid) {
						t.Errorf("%s: findings %v, error %v, want %s", language, findings, err, c.code)
					}
					continue
				}
				if len(findings) > 0 || err != nil {
					t.Fatalf("%s: findings %v, error %v", language, findings, err)
				}
				pdfrules.Check(t, pdf)
				says(t, pdf, c.text, 14)
				inside(t, pdf, 595, 842)
				apart(t, language, pdf)
			}
		})
	}
}

// slipOf has a text wherever people write one.
func slipOf(t testing.TB, text string) payroll.Slip {
	s := fullSlip(t)
	e := &s.Employee
	e.Name, e.Designation, e.Department, e.Number = text, text, text, payroll.EmployeeNumber(text)
	s.Lines[0].Label, s.Lines[12].Label, s.Lines[17].Label = text, text, text
	s.Info[0], s.Hours[0] = payroll.Fact{Label: text, Value: text}, payroll.Fact{Label: text, Value: text}
	s.Leave, s.Note = []payroll.Fact{{Label: text, Value: text}}, text
	s.Lines = append(s.Lines, payroll.Line{Kind: payroll.LineTax, Label: text, Amount: s.Net})
	s.Fields = []payroll.FieldValue{{ID: "address", Text: text}, {ID: "tax_class", Text: text}, {ID: "leave_taken", Text: text}}
	s.Corrects = &payroll.Correction{Slip: "0b9c1a54-7d1e-4a3c-9d0e-2f6a5b4c3d21", PayDate: s.PayDate, Reason: text}
	return s
}

// says holds every character of a text to be copied out so many times.
func says(t testing.TB, pdf []byte, text string, times int) {
	t.Helper()
	got := make(map[rune]int)
	for _, r := range norm.NFC.String(poppler(t, "pdftotext", pdf, "-enc", "UTF-8", "-", "-")) {
		got[r]++
	}
	for _, r := range norm.NFC.String(text) {
		if unicode.IsSpace(r) || r == '\u200c' || r == '\u200d' {
			continue
		}
		if got[r] -= times; got[r] < 0 {
			t.Errorf("%U does not stand as often in the text as it was typed", r)
			return
		}
	}
}

// TestHostileFigures: the largest figures that there are have room, in
// currencies with and without decimals.
func TestHostileFigures(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, installedFonts(t))
	languages := map[payroll.Currency]string{"EUR": "hi", "JPY": "ar", "KWD": "de", "INR": "pl"}
	for currency, language := range languages {
		for _, minor := range []int64{math.MinInt64, math.MaxInt64} {
			s := fullSlip(t)
			s.Employee.Language, s.Currency = language, currency
			s.Lines = append(s.Lines, payroll.Line{Kind: payroll.LineTax, Label: "Tax"})
			m := payroll.Money{Minor: minor, Currency: currency}
			s.Gross, s.Deductions, s.Net, s.GrossYearToDate, s.DeductionsYearToDate, s.NetYearToDate = &m, &m, m, &m, &m, &m
			for i := range s.Lines {
				l := &s.Lines[i]
				l.Amount, l.YearToDate, l.Base, l.Rate, l.Quantity = m, &m, &m, "123456789.123456789", "99999999999999.9999"
			}
			for _, id := range []payroll.FieldID{"net_before_tax", "net_social", "employer_cost", "overtime_wages", "statutory_net", "wage_rate", "tax_allowance_month"} {
				s.Fields = append(s.Fields, payroll.FieldValue{ID: id, Money: &m})
			}
			pdf := page(t, h, s)
			pdfrules.Check(t, pdf)
			inside(t, pdf, 595, 842)
			apart(t, string(currency), pdf)
			says(t, pdf, strings.TrimPrefix(fmt.Sprint(minor), "-"), 60)
		}
	}
}

// TestManyOfAll: 400 components and 40 fields go on over as many pages as they
// need, and a slip with a net amount alone has one.
func TestManyOfAll(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	s := fullSlip(t)
	for i := range 400 {
		l := s.Lines[i%19]
		l.Label = fmt.Sprintf("Component%dx", i)
		s.Lines = append(s.Lines, l)
	}
	for _, p := range payroll.Profiles {
		for _, f := range p.Fields {
			if f.Section != payroll.SectionEmployer && len(s.Fields) < 40 {
				s.Fields = append(s.Fields, payroll.FieldValue{ID: f.ID, Text: fmt.Sprintf("Field%dx", len(s.Fields))})
			}
		}
	}
	pdf := page(t, h, s)
	inside(t, pdf, 595, 842)
	apart(t, "many", pdf)
	text := poppler(t, "pdftotext", pdf, "-", "-")
	for i := range 400 {
		if label := fmt.Sprintf("Component%dx", i); i%19 != 8 && !strings.Contains(text, label) {
			t.Errorf("%s is not on the page", label)
		}
	}
	for i := range s.Fields {
		if !strings.Contains(text, fmt.Sprintf("Field%dx", i)) {
			t.Errorf("the field %s is not on the page", s.Fields[i].ID)
		}
	}
	bare := page(t, h, payroll.Slip{Employee: payroll.Employee{Number: "1", Name: "Ada"}, Period: s.Period, Currency: "EUR",
		Net: payroll.Money{Minor: -5, Currency: "EUR"}})
	pdfrules.Check(t, bare)
	if text := poppler(t, "pdftotext", bare, "-", "-"); !strings.Contains(text, "−€0.05") || strings.Contains(text, "Payment") {
		t.Errorf("a slip of a negative net alone says:\n%s", text)
	}
}

// TestHostileLetterhead: words of the company's own that leave no room are
// refused when the letterhead is made, and not slip by slip.
func TestHostileLetterhead(t *testing.T) {
	t.Parallel()
	for _, name := range letter.LabelNames() {
		own := strings.Repeat("W", 150)
		for _, value := range []string{"{id}", "{date}", "{contact}", "{reason}", "{n}", "{of}"} {
			own = value + own
		}
		c := company()
		c.Language, c.Labels = "de", map[string]map[string]string{"de": {name: own}}
		h, err := letter.NewLetterhead(c, nil)
		if err != nil {
			if !errors.Is(err, payroll.ErrInvalid) {
				t.Errorf("%s: error %v", name, err)
			}
			continue
		}
		pdf := page(t, h, fullSlip(t))
		inside(t, pdf, 595, 842)
		apart(t, name, pdf)
	}
	c := company()
	c.PageSize, c.Name, c.Contact = "Letter", strings.Repeat("W", 200), strings.Repeat("W", 200)
	c.Address, c.Footer = slicesOf(strings.Repeat("W", 190), 3), slicesOf(strings.Repeat("W", 150), 4)
	h, err := letter.NewLetterhead(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	pdf := page(t, h, fullSlip(t))
	inside(t, pdf, 612, 792)
	apart(t, "a long letterhead", pdf)
}

// FuzzPage: whatever stands in every place of a page, it is drawn or it is a
// finding before that, in bounded time.
func FuzzPage(f *testing.F) {
	for _, c := range hostileTexts {
		f.Add(c.text, "en", "EUR", int64(1), uint8(2))
		f.Add(c.text, "ar-EG", "KWD", int64(math.MinInt64), uint8(40))
	}
	for _, name := range names {
		f.Add(name, "zh-Hant-HK", "JPY", int64(0), uint8(0))
	}
	fonts := &letter.Fonts{}
	if loaded, err := letter.LoadFonts(osFonts()...); err == nil {
		fonts = loaded
	}
	h := newLetterhead(f, fonts)
	f.Fuzz(func(t *testing.T, text, language, currency string, minor int64, more uint8) {
		s := slipOf(t, text)
		m := payroll.Money{Minor: minor, Currency: payroll.Currency(currency)}
		s.Employee.Language, s.Currency, s.Net, s.Gross, s.Deductions = language, m.Currency, m, &m, &m
		for i := range s.Lines {
			s.Lines[i].Amount, s.Lines[i].YearToDate = m, &m
		}
		for range more {
			s.Lines = append(s.Lines, s.Lines[0], s.Lines[12])
		}
		findings := h.Check(s)
		if _, err := h.Page(s); err != nil && (len(findings) == 0 || !errors.Is(err, payroll.ErrInvalid)) {
			t.Errorf("findings %v, error %v", findings, err)
		} else if err == nil && len(findings) > 0 {
			t.Errorf("drawn in spite of %v", findings)
		}
	})
}
