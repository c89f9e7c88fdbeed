package letter_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/payseal/payseal/internal/pdfrules"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// TestPageText holds the words of the page in every language that has labels,
// in the built-in face, so that it is the same on every machine.
func TestPageText(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	for _, language := range []string{"en", "en-US", "en-IN", "de", "de-CH", "fr", "es"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			s := fullSlip(t)
			s.Employee.Language = language
			golden(t, "page."+language+".txt", pdfText(t, page(t, h, s)))
		})
	}
}

func page(t testing.TB, h *letter.Letterhead, s payroll.Slip) []byte {
	t.Helper()
	pdf, err := h.Page(s)
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// names are people in the scripts that a payroll must be able to write.
var names = map[string]string{
	"latin": "Łukasz Žižka Ğüneş Ștefan", "cyrillic": "Екатерина Щербакова Ґалаґан",
	"greek": "Γεώργιος Παπαδόπουλος", "vietnamese": "Nguyễn Thị Hạnh Đặng",
	"arabic": "محمد عبد الله الخوارزمي", "persian": "علی\u200cرضا پیمان", "hebrew": "יוסף בן־דוד",
	"devanagari": "क्षत्रिय प्रिया शर्मा ज्ञानेश्वर", "bengali": "শ্রীমতী রাধা",
	"tamil": "ஸ்ரீனிவாசன் கௌரி", "telugu": "శ్రీనివాస్ రెడ్డి", "thai": "กิตติศักดิ์ น้ำเพชร",
	"chinese": "王小明 張偉", "japanese": "山田太郎 さくら コウ", "korean": "김철수 박지영",
	"armenian": "Արամ Խաչատրյան", "georgian": "შოთა რუსთაველი", "mixed": "John 王小明 Smith",
}

// TestNamesCopyOut: a name in any script is copied out of the page as it was
// typed in.
func TestNamesCopyOut(t *testing.T) {
	t.Parallel()
	fonts := installedFonts(t)
	h := newLetterhead(t, fonts)
	cjk := slices.ContainsFunc(fonts.Families(), func(f string) bool { return strings.HasPrefix(f, "Noto Sans CJK") })
	for script, name := range names {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			if !cjk && strings.ContainsFunc(name, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana) }) {
				lacks(t, "the package fonts-noto-cjk")
			}
			s := fullSlip(t)
			s.Employee.Name, s.Info[0].Value = name, name
			if findings := h.Check(s); len(findings) > 0 {
				t.Fatal(findings)
			}
			pdf := page(t, h, s)
			text := strings.Map(withoutMarks, pdfText(t, pdf))
			if got := strings.Count(text, strings.Map(withoutMarks, name)); got < 2 {
				t.Errorf("the name stands %d times in the text:\n%s", got, text)
			}
			wellFormed(t, pdf)
		})
	}
}

// withoutMarks drops the direction marks that pdftotext adds around
// right-to-left text, and the joiner that it does not copy.
func withoutMarks(r rune) rune {
	if r >= 0x202a && r <= 0x202e || r == 0x200c {
		return -1
	}
	return r
}

// wellFormed asks qpdf.
func wellFormed(t *testing.T, pdf []byte) {
	t.Helper()
	if _, err := exec.LookPath("qpdf"); err != nil {
		lacks(t, "the package qpdf")
	}
	path := filepath.Join(t.TempDir(), "made-up.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("qpdf", "--check", path).CombinedOutput(); err != nil {
		t.Errorf("qpdf: %v\n%s", err, out)
	}
}

// TestLongSlip: nothing is lost when a slip needs several pages.
func TestLongSlip(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	s := fullSlip(t)
	s.Employee.Name = strings.TrimSpace(strings.Repeat("Maximiliana von und zu ", 8))
	for i := range 70 {
		l := s.Lines[i%8]
		l.Label = "Component " + strings.Repeat("long ", i%9) + "number " + string(rune('A'+i%26)) + string(rune('A'+i/26))
		s.Lines = append(s.Lines, l)
		s.Info = append(s.Info, payroll.Fact{Label: "Fact " + string(rune('A'+i%26)) + string(rune('A'+i/26)), Value: "value"})
		s.Hours = append(s.Hours, payroll.Fact{Label: "Hours " + string(rune('A'+i%26)) + string(rune('A'+i/26)), Value: "1.25"})
	}
	paragraphs := make([]string, 150)
	for i := range paragraphs {
		paragraphs[i] = fmt.Sprintf("Paragraph%dx", i)
	}
	s.Note = strings.Join(paragraphs, "\n")
	pdf := page(t, h, s)
	wellFormed(t, pdf)
	text := poppler(t, "pdftotext", pdf, "-raw", "-", "-")
	words := strings.Join(strings.Fields(text), " ")
	for _, l := range s.Lines {
		if last := l.Label[strings.LastIndex(l.Label, "number")+1:]; !l.Amount.IsZero() && !strings.Contains(words, last) {
			t.Errorf("%q is not on the page", l.Label)
		}
	}
	for _, f := range append(s.Info, s.Hours...) {
		if !strings.Contains(words, f.Label) {
			t.Errorf("%q is not on the page", f.Label)
		}
	}
	if !strings.Contains(words, "Notes Paragraph0x Paragraph1x") {
		t.Error("the note does not begin under its heading")
	}
	for _, paragraph := range paragraphs {
		if !strings.Contains(words, paragraph) {
			t.Errorf("%q is not on the page", paragraph)
		}
	}
	inside(t, pdf, 595, 842)
	pdfrules.Check(t, pdf)
}

// inside: every word lies within the margins of its page.
func inside(t *testing.T, pdf []byte, width, height float64) {
	t.Helper()
	for _, box := range wordBoxes(t, pdf) {
		if box.xMin < 40 || box.xMax > width-40 || box.yMin < 30 || box.yMax > height-20 {
			t.Errorf("a word lies outside the margins: %+v", box)
		}
	}
}

// TestNothingOverlaps: no two words of a page lie over one another, however long
// the texts and the figures are, and whichever way the lines run.
func TestNothingOverlaps(t *testing.T) {
	t.Parallel()
	c := company()
	c.PageSize, c.Footer, c.Logo = "Letter", []string{strings.Repeat("Registered ", 15) + "in Vienna", "second"}, nil
	letterSize, err := letter.NewLetterhead(c, installedFonts(t))
	if err != nil {
		t.Fatal(err)
	}
	a4 := newLetterhead(t, installedFonts(t))
	for name, s := range crowded(t) {
		for _, language := range []string{"en", "de", "fr", "ar", "hi", "ja"} {
			s.Employee.Language = language
			pdf := page(t, a4, s)
			inside(t, pdf, 595, 842)
			apart(t, name+", "+language, pdf)
			if language == "fr" || language == "ar" {
				pdf = page(t, letterSize, s)
				inside(t, pdf, 612, 792)
				apart(t, name+", "+language+", Letter", pdf)
			}
			pdfrules.Check(t, pdf)
		}
	}
}

func apart(t *testing.T, name string, pdf []byte) {
	t.Helper()
	boxes := wordBoxes(t, pdf)
	for i, a := range boxes {
		for _, b := range boxes[:i] {
			if a.overlaps(b) {
				t.Errorf("%s: %+v lies over %+v", name, a, b)
			}
		}
	}
}

// crowded are slips with little room.
func crowded(t *testing.T) map[string]payroll.Slip {
	long := fullSlip(t)
	long.Currency = "IDR"
	for i := range long.Lines {
		long.Lines[i].Amount = money(t, "12345678901234.56", "IDR")
		long.Lines[i].YearToDate = &long.Lines[i].Amount
	}
	long.Net, long.Gross, long.NetYearToDate = long.Lines[0].Amount, &long.Lines[0].Amount, &long.Lines[0].Amount
	wide := fullSlip(t)
	wide.Employee.Name = strings.Repeat("W", 200)
	wide.Employee.Designation = strings.Repeat("Wide ", 30) + "W"
	wide.Info[0].Label, wide.Hours[0].Label, wide.Hours[1].Value = wide.Employee.Name, wide.Employee.Designation, wide.Employee.Name
	wide.Lines[0].Label = wide.Employee.Name
	base := money(t, "123456.78", "EUR")
	for i := range wide.Lines {
		wide.Lines[i].Rate, wide.Lines[i].Base = "12.3456", &base
	}
	wide.ID = "1f7d3d5e-5a0b-4c56-9f0e-0d9f8c3a7b21"
	for _, id := range []payroll.FieldID{"address", "contribution_group", "tax_days", "sv_days", "statutory_net", "tax_class", "leave_balance"} {
		wide.Fields = append(wide.Fields, payroll.FieldValue{ID: id, Text: strings.Repeat("Text ", 20) + "end"})
	}
	wide.Employee.Country = "DE"
	return map[string]payroll.Slip{"full": fullSlip(t), "large amounts": long, "wide texts": wide, "correction": correctedSlip(t, "")}
}

func TestCurrencies(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	for _, c := range []struct{ currency, language, amount, want string }{
		{"JPY", "ja", "345678", "JPY 345,678"},
		{"KWD", "en", "1234.567", "KWD 1,234.567"},
		{"INR", "hi", "12345678.90", "INR 1,23,45,678.90"}, // the built-in face has no ₹
		{"EUR", "fr", "1234.50", "1 234,50 €"},
		{"CHF", "de-CH", "1234.50", "CHF 1’234.50"},
		{"EUR", "en", "-20.05", "−€20.05"},
		{"GBP", "en-GB", "0.00", "£0.00"},
	} {
		s := payroll.Slip{Employee: fullSlip(t).Employee, Period: fullSlip(t).Period, PayDate: fullSlip(t).PayDate,
			Currency: payroll.Currency(c.currency), Net: money(t, c.amount, payroll.Currency(c.currency))}
		s.Employee.Language = c.language
		text := strings.ReplaceAll(pdfText(t, page(t, h, s)), "\u00a0", " ")
		if !strings.Contains(text, c.want) {
			t.Errorf("%s %s: want %q in\n%s", c.currency, c.language, c.want, text)
		}
		if strings.Contains(text, "Gross") || strings.Contains(text, "Earnings") {
			t.Errorf("a slip without gross and lines shows them:\n%s", text)
		}
	}
}

// TestSameBytes: pages are the same from run to run, on every goroutine, and on
// letterheads made anew; any other company has another digest.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	fonts := installedFonts(t)
	h, again := newLetterhead(t, fonts), newLetterhead(t, installedFonts(t))
	if h.Digest() != again.Digest() {
		t.Error("the same letterhead has two digests")
	}
	s := fullSlip(t)
	s.Employee.Name = names["devanagari"] + " " + names["arabic"]
	want := page(t, again, s)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 4 {
				if got, err := h.Page(s); err != nil || !bytes.Equal(got, want) {
					t.Errorf("another page for the same slip: %v", err)
				}
			}
		})
	}
	group.Wait()
	c := company()
	c.Contact = "someone else"
	other, err := letter.NewLetterhead(c, fonts)
	if err != nil || other.Digest() == h.Digest() {
		t.Errorf("another company has the same digest: %v", err)
	}
	if newLetterhead(t, nil).Digest() == h.Digest() {
		t.Error("other fonts have the same digest")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	for _, c := range []struct {
		name, text string
		code       string
		parts      []string
	}{
		{"thai", "สม", "glyph_missing", []string{"U+0E2A (Thai)", "fonts-noto-core"}},
		{"han", "Li 王", "glyph_missing", []string{"U+738B (Han)", "fonts-noto-cjk"}},
		{"unassigned", "A\U0003fffd", "glyph_missing", []string{"U+3FFFD", "leave it out"}},
		{"control", "A\u0007", "text_unprintable", nil},
		{"override", "A\u202eB", "text_unprintable", nil},
		{"not UTF-8", "A\xff", "text_unprintable", nil},
		{"composed", "Andre\u0301", "", nil}, // é in two characters
	} {
		s := fullSlip(t)
		s.Employee.Name = c.text
		findings := h.Check(s)
		_, err := h.Page(s)
		if c.code == "" {
			if len(findings) > 0 || err != nil {
				t.Errorf("%s: %v, %v", c.name, findings, err)
			}
			continue
		}
		if len(findings) != 1 || findings[0].Code != c.code || findings[0].Severity != payroll.SeverityError || findings[0].Row != 0 {
			t.Fatalf("%s: findings %+v", c.name, findings)
		}
		if !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: Page gives %v", c.name, err)
		}
		for _, part := range c.parts {
			if !strings.Contains(findings[0].Message, part) {
				t.Errorf("%s: %q is not in %q", c.name, part, findings[0].Message)
			}
		}
		if strings.Contains(findings[0].Message, c.text) || strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: the message quotes the name", c.name)
		}
	}
}

func TestLetterheadRefused(t *testing.T) {
	t.Parallel()
	change := map[string]func(*letter.Company){
		"no name":          func(c *letter.Company) { c.Name = "" },
		"colour":           func(c *letter.Company) { c.Color = "blue" },
		"page size":        func(c *letter.Company) { c.PageSize = "A3" },
		"long footer":      func(c *letter.Company) { c.Footer = slicesOf("x", 5) },
		"unknown field":    func(c *letter.Company) { c.Fields = map[payroll.FieldID]string{"tax_code": "x"} },
		"unknown label":    func(c *letter.Company) { c.Labels = map[string]map[string]string{"en": {"titel": "x"}} },
		"label's value":    func(c *letter.Company) { c.Labels = map[string]map[string]string{"en": {"page": "Page {n}"}} },
		"label in no font": func(c *letter.Company) { c.Labels = map[string]map[string]string{"en": {"title": "給与"}} },
		"line break":       func(c *letter.Company) { c.Contact = "a\r\nBcc: b" },
		"logo":             func(c *letter.Company) { c.Logo = []byte("not a picture") },
		"name in no font":  func(c *letter.Company) { c.Name = "株式会社" },
		"long address":     func(c *letter.Company) { c.Address = slicesOf(strings.Repeat("x", 180), 4) },
		"address override": func(c *letter.Company) { c.Address = []string{"\u202eabc"} },
	}
	for name, f := range change {
		c := company()
		f(&c)
		if _, err := letter.NewLetterhead(c, nil); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func slicesOf(text string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = text
	}
	return all
}

// TestCheckEmployer: whoever pays somebody in France says who they are.
func TestCheckEmployer(t *testing.T) {
	t.Parallel()
	french := fullSlip(t)
	french.Employee.Country = "FR"
	c := company()
	for _, test := range []struct {
		fields map[payroll.FieldID]string
		want   string
	}{
		{nil, "siret, ape, collective_agreement"},
		{map[payroll.FieldID]string{"siret": "123 456 789 00012", "ape": "6201Z", "collective_agreement": "Syntec"}, ""},
	} {
		c.Fields = test.fields
		h, err := letter.NewLetterhead(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		found := h.Check(french)
		if test.want == "" && len(found) > 0 {
			t.Errorf("%v", found)
		}
		if test.want != "" && (len(found) != 1 || found[0].Severity != payroll.SeverityWarning || !strings.HasSuffix(found[0].Message, test.want)) {
			t.Errorf("%v, want a warning for %s", found, test.want)
		}
		if other := h.Check(fullSlip(t)); len(other) > 0 {
			t.Errorf("elsewhere: %v", other)
		}
		for country, shown := range map[string]bool{"FR": true, "": true, "AT": false} {
			french.Employee.Country = country
			if text := pdfText(t, page(t, h, french)); strings.Contains(text, "Syntec") != (shown && test.fields != nil) {
				t.Errorf("the collective agreement on a slip of %q: %v", country, !shown)
			}
		}
		french.Employee.Country = "FR"
	}
}
