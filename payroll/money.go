package payroll

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an exact amount: a whole number of the currency's minor units
// (cents for EUR). It never passes through floating point.
type Money struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// ParseMoney reads a plain decimal number (ASCII digits, an optional leading
// minus, at most one point) as an amount of the currency. Digits beyond the
// minor unit are an error unless they are zero.
func ParseMoney(text string, c Currency) (Money, error) {
	digits := strings.TrimPrefix(text, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	scale := c.MinorUnits()
	if len(fraction) > scale {
		if strings.Trim(fraction[scale:], "0") != "" {
			return Money{}, fmt.Errorf("%w: more than %d decimals for %s", ErrInvalid, scale, c)
		}
		fraction = fraction[:scale]
	}
	minor, ok := parseDigits(whole + fraction + strings.Repeat("0", scale-len(fraction)))
	if whole == "" || !ok {
		return Money{}, fmt.Errorf("%w: not a decimal number such as 1234.56, or too large", ErrInvalid)
	}
	if len(digits) < len(text) {
		minor = -minor
	}
	return Money{Minor: minor, Currency: c}, nil
}

// parseDigits reads ASCII digits only (strconv would also take a sign).
func parseDigits(s string) (int64, bool) {
	if strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil
}

// String is the plain decimal form that ParseMoney reads, without a currency:
// "-1234.56". It is for files and tests, not for the page.
func (m Money) String() string { return string(m.AppendDecimal(nil)) }

// AppendDecimal appends what String gives.
func (m Money) AppendDecimal(b []byte) []byte {
	magnitude := uint64(m.Minor)
	if m.Minor < 0 {
		b, magnitude = append(b, '-'), -magnitude
	}
	scale, unit := m.Currency.MinorUnits(), uint64(1)
	for range scale {
		unit *= 10
	}
	b = strconv.AppendUint(b, magnitude/unit, 10)
	if scale == 0 {
		return b
	}
	begin := len(b)
	b = strconv.AppendUint(b, unit+magnitude%unit, 10) // the leading 1 gives its place to the point
	b[begin] = '.'
	return b
}

// Add returns m + n. It fails if the currencies differ or the sum overflows.
func (m Money) Add(n Money) (Money, error) {
	if m.Currency != n.Currency {
		return Money{}, fmt.Errorf("%w: amounts in two currencies", ErrInvalid)
	}
	sum := m.Minor + n.Minor
	if (sum > m.Minor) != (n.Minor > 0) && n.Minor != 0 {
		return Money{}, fmt.Errorf("%w: sum is too large", ErrInvalid)
	}
	return Money{Minor: sum, Currency: m.Currency}, nil
}

// Sub returns m - n. It fails if the currencies differ or the result overflows.
func (m Money) Sub(n Money) (Money, error) {
	if n.Minor == math.MinInt64 {
		return Money{}, fmt.Errorf("%w: amount is too large", ErrInvalid)
	}
	return m.Add(Money{Minor: -n.Minor, Currency: n.Currency})
}

// IsZero reports whether the amount is nothing at all.
func (m Money) IsZero() bool { return m.Minor == 0 }
