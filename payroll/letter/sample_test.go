package letter_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// systemFonts is where Debian's font packages put their files. The tests that
// need them say so and are skipped elsewhere.
const systemFonts = "/usr/share/fonts"

func company() letter.Company {
	return letter.Company{
		Name: "Zentralwerk Österreich & Söhne GmbH", Address: []string{"Industriestraße 12", "1030 Wien", "FN 123456a"},
		Color: "#0b4f6c", Language: "en", Contact: "payroll@zentralwerk.example or +43 1 555 0123",
		KeyFingerprint: "9C1A0BD2E4F6578899AABBCCDDEEFF0011223344",
		Logo:           drawnLogo(),
	}
}

// drawnLogo is a picture of three discs with a transparent ground.
func drawnLogo() []byte {
	picture := image.NewNRGBA(image.Rect(0, 0, 260, 120))
	for i, c := range []color.NRGBA{{0x0b, 0x4f, 0x6c, 255}, {0x1f, 0x7a, 0xa8, 255}, {0x3d, 0xa9, 0xd9, 255}} {
		for y := range 120 {
			for x := range 260 {
				if dx, dy := x-60-70*i, y-60; dx*dx+dy*dy < 56*56 {
					picture.SetNRGBA(x, y, c)
				}
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func newLetterhead(t testing.TB, fonts *letter.Fonts) *letter.Letterhead {
	t.Helper()
	h, err := letter.NewLetterhead(company(), fonts)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// lacks ends a test for which this machine lacks something: skipped on a
// person's machine, failed in CI, where nothing is passed over in silence.
func lacks(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("this test needs %s", what)
	}
	t.Skipf("this test needs %s", what)
}

// installedFonts loads the fonts of the machine.
func installedFonts(t testing.TB) *letter.Fonts {
	t.Helper()
	if _, err := os.Stat(systemFonts + "/truetype/noto/NotoSans-Regular.ttf"); err != nil {
		lacks(t, "the package fonts-noto-core")
	}
	fonts, err := letter.LoadFonts(os.DirFS(systemFonts))
	if err != nil {
		t.Fatal(err)
	}
	return fonts
}

func money(t testing.TB, text string, c payroll.Currency) payroll.Money {
	t.Helper()
	whole, fraction, _ := strings.Cut(text, ".")
	fraction += strings.Repeat("0", c.MinorUnits())
	minor, err := strconv.ParseInt(whole+fraction[:c.MinorUnits()], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return payroll.Money{Minor: minor, Currency: c}
}

func line(t testing.TB, kind payroll.LineKind, label, quantity, amount, year string, c payroll.Currency) payroll.Line {
	l := payroll.Line{Kind: kind, Label: label, Quantity: quantity, Amount: money(t, amount, c)}
	if year != "" {
		m := money(t, year, c)
		l.YearToDate = &m
	}
	return l
}

// fullSlip has everything that a slip can have.
func fullSlip(t testing.TB) payroll.Slip {
	const eur = payroll.Currency("EUR")
	pointer := func(text string) *payroll.Money { m := money(t, text, eur); return &m }
	return payroll.Slip{
		Employee: payroll.Employee{
			Number: "E000001", Name: "Márton Þórsdóttir", Email: "marton@zentralwerk.example", Department: "Operations",
			Designation: "Senior Engineer", Joined: payroll.Date{Year: 2010, Month: time.March, Day: 4}, BankAccount: "•••• 9919",
		},
		Period: payroll.Period{Year: 2026, Month: time.October}, PayDate: payroll.Date{Year: 2026, Month: time.October, Day: 30},
		Currency: eur, Gross: pointer("5394.88"), Deductions: pointer("813.24"), Net: money(t, "4581.64", eur),
		GrossYearToDate: pointer("59343.68"), DeductionsYearToDate: pointer("8945.64"), NetYearToDate: pointer("50398.04"),
		Lines: []payroll.Line{
			line(t, payroll.LineEarning, "Basic salary", "", "3966.01", "43626.11", eur),
			line(t, payroll.LineEarning, "Overtime 150 %", "4.50", "440.35", "4843.85", eur),
			line(t, payroll.LineEarning, "Night shift premium", "14.50", "35.82", "394.02", eur),
			line(t, payroll.LineEarning, "Sunday premium", "15.50", "259.44", "2853.84", eur),
			line(t, payroll.LineEarning, "Travel allowance", "", "70.44", "774.84", eur),
			line(t, payroll.LineEarning, "Meal allowance", "", "273.61", "3009.71", eur),
			line(t, payroll.LineEarning, "Performance bonus", "", "35.02", "385.22", eur),
			line(t, payroll.LineEarning, "Holiday pay", "", "314.19", "3456.09", eur),
			line(t, payroll.LineEarning, "Nothing at all", "", "0.00", "0.00", eur),
			line(t, payroll.LineDeduction, "Income tax (PAYE)", "", "166.07", "1826.77", eur),
			line(t, payroll.LineDeduction, "Social insurance", "", "287.79", "3165.69", eur),
			line(t, payroll.LineDeduction, "Pension contribution", "", "180.82", "1989.02", eur),
			line(t, payroll.LineDeduction, "Health insurance", "", "52.02", "572.22", eur),
			line(t, payroll.LineDeduction, "Union membership", "", "2.15", "23.65", eur),
			line(t, payroll.LineDeduction, "Student loan", "", "27.10", "298.10", eur),
			line(t, payroll.LineDeduction, "Advance recovery", "", "97.29", "1070.19", eur),
			line(t, payroll.LineEmployer, "Employer social insurance", "", "123.98", "1363.78", eur),
			line(t, payroll.LineEmployer, "Employer pension", "", "340.74", "3748.14", eur),
			line(t, payroll.LineEmployer, "Severance fund", "", "378.67", "4165.37", eur),
		},
		Hours: []payroll.Fact{{Label: "Working days", Value: "22"}, {Label: "Paid days", Value: "21"},
			{Label: "Leave without pay", Value: "1"}, {Label: "Overtime hours", Value: "4.50"}},
		Info: []payroll.Fact{{Label: "Tax code", Value: "1257L"}, {Label: "Social insurance no.", Value: "3743 582950"},
			{Label: "Leave balance", Value: "22.5 days"}},
	}
}

// render makes the whole letter: it draws the page and encloses it.
func render(h *letter.Letterhead, s payroll.Slip, e payroll.Envelope) ([]byte, error) {
	page, err := h.Page(s)
	if err != nil {
		return nil, err
	}
	return h.Enclose(nil, s, e, page)
}
