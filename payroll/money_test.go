package payroll

import (
	"errors"
	"math"
	"testing"
)

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
