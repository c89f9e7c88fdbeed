package payroll

import (
	"errors"
	"math"
	"testing"
)

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text     string
		currency Currency
		minor    int64
	}{
		{"0", "EUR", 0}, {"1", "EUR", 100}, {"1.5", "EUR", 150}, {"1234.56", "EUR", 123456}, {"-1234.56", "EUR", -123456},
		{"0.07", "EUR", 7}, {"-0.00", "EUR", 0}, {"1.2300000", "EUR", 123}, {"007.10", "EUR", 710},
		{"1234", "JPY", 1234}, {"1234.00", "JPY", 1234}, {"1.234", "KWD", 1234}, {"1.2", "KWD", 1200},
		{"92233720368547758.07", "EUR", math.MaxInt64}, {"1.25", "XXX", 125},
	} {
		got, err := ParseMoney(test.text, test.currency)
		if err != nil || got != (Money{Minor: test.minor, Currency: test.currency}) {
			t.Errorf("%s %s: %+v, %v", test.text, test.currency, got, err)
		}
	}
}

func TestParseMoneyRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "-", ".", "-.", ".5", "--1", "+1", "1-", "1 ", " 1", "1,5", "1,234.56", "1'234", "1e3", "0x1", "1_0",
		"NaN", "Inf", "١٢", "1.٢", "1.2.3", "1..2", "1.00.", "1.001", "-1.999",
		"92233720368547758.08", "99999999999999999999", "1\x00", "1\n",
	} {
		if got, err := ParseMoney(text, "EUR"); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q was read as %+v, %v", text, got, err)
		}
	}
	if _, err := ParseMoney("1.5", "JPY"); !errors.Is(err, ErrInvalid) {
		t.Errorf("half a yen: %v", err)
	}
}

func TestMoneyString(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		money Money
		want  string
	}{
		{Money{0, "EUR"}, "0.00"}, {Money{5, "EUR"}, "0.05"}, {Money{-5, "EUR"}, "-0.05"}, {Money{123456, "EUR"}, "1234.56"},
		{Money{-123456, "JPY"}, "-123456"}, {Money{0, "JPY"}, "0"}, {Money{1, "KWD"}, "0.001"},
		{Money{math.MinInt64, "EUR"}, "-92233720368547758.08"}, {Money{math.MaxInt64, "EUR"}, "92233720368547758.07"},
	} {
		if got := test.money.String(); got != test.want {
			t.Errorf("%+v: %s, want %s", test.money, got, test.want)
		}
	}
}

func TestAddAndSub(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b     int64
		sum, sub bool // whether it works
	}{
		{1, 2, true, true}, {-1, 1, true, true}, {0, 0, true, true}, {math.MaxInt64, 0, true, true},
		{math.MaxInt64, 1, false, true}, {math.MinInt64, -1, false, true}, {math.MinInt64, 1, true, false},
		{math.MaxInt64, math.MinInt64, true, false}, {math.MinInt64, math.MinInt64, false, false},
		{math.MaxInt64, math.MaxInt64, false, true},
	} {
		a, b := Money{test.a, "EUR"}, Money{test.b, "EUR"}
		if sum, err := a.Add(b); (err == nil) != test.sum || err == nil && sum.Minor != test.a+test.b {
			t.Errorf("%d + %d: %d, %v", test.a, test.b, sum.Minor, err)
		}
		if sub, err := a.Sub(b); (err == nil) != test.sub || err == nil && sub.Minor != test.a-test.b {
			t.Errorf("%d - %d: %d, %v", test.a, test.b, sub.Minor, err)
		}
	}
	if _, err := (Money{1, "EUR"}).Add(Money{1, "USD"}); !errors.Is(err, ErrInvalid) {
		t.Errorf("euros and dollars: %v", err)
	}
}

func TestCurrencies(t *testing.T) {
	t.Parallel()
	for code, digits := range map[string]int{"EUR": 2, "JPY": 0, "KWD": 3, "CLP": 0, "IQD": 3, "RSD": 2, "ZWG": 2, "XOF": 0, "TND": 3, "AED": 2, "BHD": 3, "XPF": 0} {
		c, err := ParseCurrency(code)
		if err != nil || c.MinorUnits() != digits {
			t.Errorf("%s: %d digits, %v; want %d", code, c.MinorUnits(), err, digits)
		}
	}
	for _, code := range []string{"", "eur", "EURO", "XAU", "XXX", "XTS", "DEM", "€", "EU", "AED AFN"} {
		if _, err := ParseCurrency(code); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", code, err)
		}
	}
	if len(isoCurrencies) < 150 {
		t.Errorf("only %d currencies", len(isoCurrencies))
	}
	for code := range isoCurrencies {
		for _, letter := range string(code) {
			if letter < 'A' || letter > 'Z' || len(code) != 3 {
				t.Errorf("%q is no code", code)
			}
		}
	}
}

// What is read comes back as it is written, to the last digit.
func FuzzParseMoney(f *testing.F) {
	for _, seed := range []string{"0", "-1.5", "1234.56", "92233720368547758.07", "1.000", "1..", "-", "٣", "1e9"} {
		for _, currency := range []string{"EUR", "JPY", "KWD"} {
			f.Add(seed, currency)
		}
	}
	f.Fuzz(func(t *testing.T, text, code string) {
		c, err := ParseCurrency(code)
		if err != nil {
			return
		}
		money, err := ParseMoney(text, c)
		if err != nil {
			if !errors.Is(err, ErrInvalid) || money != (Money{}) {
				t.Fatalf("%q: %+v, %v", text, money, err)
			}
			return
		}
		again, err := ParseMoney(money.String(), c)
		if err != nil || again != money {
			t.Fatalf("%q became %s, which became %+v, %v", text, money, again, err)
		}
	})
}
