package payroll

import (
	"fmt"
	"math"
	"strconv"
)

// Money is an exact amount: a whole number of the currency's minor units
// (cents for EUR). It never passes through floating point.
type Money struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// String is the plain decimal form, without a currency: "-1234.56". It is for files
// and tests, not for the page.
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
