package letter

import (
	"math"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
)

func TestNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ tag, country, plain, want string }{
		{"en", "", "1234567.89", "1,234,567.89"},
		{"en-IN", "", "1234567.89", "12,34,567.89"},
		{"en", "IN", "1234567.89", "12,34,567.89"},
		{"en-GB", "IN", "1234567.89", "1,234,567.89"},
		{"hi", "", "123456.00", "1,23,456.00"},
		{"ta-IN", "", "123456.00", "1,23,456.00"},
		{"de", "", "1234.56", "1.234,56"},
		{"de", "CH", "1234.56", "1’234.56"},
		{"de_CH", "", "1234.56", "1’234.56"},
		{"fr", "", "1234.56", "1\u00a0234,56"},
		{"pl", "", "-1234.56", "−1\u00a0234,56"},
		{"pt-BR", "", "1234.56", "1.234,56"},
		{"pt", "PT", "1234.56", "1\u00a0234,56"},
		{"es-MX", "", "1234.56", "1,234.56"},
		{"zh-Hant-TW", "", "1234.56", "1,234.56"},
		{"", "", "0.00", "0.00"},
		{"de", "", "999", "999"},
		{"de", "", "half a day", "half a day"},
		{"de", "", "1e5", "1e5"},
		{"de", "", "-", "-"},
	} {
		if got := localeOf(c.tag, c.country).number(c.plain); got != c.want {
			t.Errorf("%s/%s: %s is %q, want %q", c.tag, c.country, c.plain, got, c.want)
		}
	}
}

// TestMoney: the sign of money stands where readers of a language look for it.
func TestMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tag      string
		currency payroll.Currency
		want     string
	}{
		{"en", "EUR", "€1,234.50"}, {"en-IN", "INR", "₹1,234.50"}, {"en-US", "USD", "USD\u00a01,234.50"},
		{"de", "EUR", "1.234,50\u00a0€"}, {"de-AT", "EUR", "€\u00a01\u00a0234,50"}, {"de-CH", "CHF", "CHF\u00a01’234.50"},
		{"nl", "EUR", "€\u00a01.234,50"}, {"fr", "EUR", "1\u00a0234,50\u00a0€"}, {"tr", "TRY", "₺1.234,50"},
		{"pt-PT", "EUR", "1\u00a0234,50\u00a0€"}, {"pt-BR", "EUR", "€\u00a01.234,50"}, {"ja", "JPY", "JPY\u00a0123,450"},
	} {
		l := localeOf(c.tag, "")
		if got := l.money(payroll.Money{Minor: 123450, Currency: c.currency}, func(string) bool { return true }); got != c.want {
			t.Errorf("%s: %q, want %q", c.tag, got, c.want)
		}
	}
}

// TestAmount: amounts are written as the numbers that they are.
func TestAmount(t *testing.T) {
	t.Parallel()
	l := localeOf("de", "")
	for _, currency := range []payroll.Currency{"EUR", "JPY", "KWD"} {
		for _, minor := range []int64{0, 1, -1, 99, 100, -12345, 1234567, math.MaxInt64, math.MinInt64} {
			m := payroll.Money{Minor: minor, Currency: currency}
			if got, want := l.amount(m), l.number(m.String()); got != want {
				t.Errorf("%s: %q, want %q", m, got, want)
			}
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	day := payroll.Date{Year: 2026, Month: time.March, Day: 4}
	period := payroll.Period{Year: 2026, Month: time.December}
	for tag, want := range map[string][2]string{
		"en":    {"4 March 2026", "December 2026"},
		"en-US": {"March 4, 2026", "December 2026"},
		"de-AT": {"4. März 2026", "Dezember 2026"},
		"fr-CA": {"4 mars 2026", "décembre 2026"},
		"es":    {"4 de marzo de 2026", "diciembre de 2026"},
		"zh-TW": {"2026年3月4日", "2026年12月"},
		"ja":    {"2026年3月4日", "2026年12月"}, "pl": {"4 marca 2026", "grudzień 2026"}, "ru": {"4 March 2026", "December 2026"},
	} {
		l := localeOf(tag, "")
		if got := [2]string{l.date(day), l.month(period)}; got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestLegible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]pdf.Color{
		"":        {R: 0x0b, G: 0x4f, B: 0x6c},
		"#0b4f6c": {R: 0x0b, G: 0x4f, B: 0x6c},
		"#000000": {},
	} {
		if got, err := parseColor(text); err != nil || got != want {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if got, err := parseColor("#ffff00"); err != nil || got.R > 0xb0 {
		t.Errorf("yellow stays too light to read: %v, %v", got, err)
	}
}
