package intake

import (
	"math/big"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestParseNumber(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text    string
		shape   shape
		point   string
		comma   string
		trouble string
	}{
		{"1234", shapeNeutral, "1234", "1234", ""},
		{"0", shapeNeutral, "0", "0", ""},
		{"1234.56", shapePoint, "1234.56", "", ""},
		{"1234,56", shapeComma, "", "1234.56", ""},
		{"1,234.56", shapePoint, "1234.56", "", ""},
		{"1.234,56", shapeComma, "", "1234.56", ""},
		{"1,23,456.00", shapePoint, "123456.00", "", ""},
		{"12,34,56,789.00", shapePoint, "123456789.00", "", ""},
		{"1,23,456", shapePoint, "123456", "", ""},
		{"1,234,567", shapePoint, "1234567", "", ""},
		{"1.234.567", shapeComma, "", "1234567", ""},
		{"1'234.56", shapePoint, "1234.56", "", ""},
		{"1’234.56", shapePoint, "1234.56", "", ""},
		{"1'234,56", shapeComma, "", "1234.56", ""},
		{"1'234", shapeNeutral, "1234", "1234", ""},
		{"1 234,56", shapeComma, "", "1234.56", ""},
		{"1\u00a0234,56", shapeComma, "", "1234.56", ""},
		{"1\u202f234\u202f567,8", shapeComma, "", "1234567.8", ""},
		{"1\u2009234", shapeNeutral, "1234", "1234", ""},
		{"5,000", shapeAmbiguous, "5000", "5.000", ""},
		{"1.200", shapeAmbiguous, "1.200", "1200", ""},
		{"0.500", shapePoint, "0.500", "", ""},
		{"0,500", shapeComma, "", "0.500", ""},
		{"1234.567", shapePoint, "1234.567", "", ""},
		{".50", shapePoint, "0.50", "", ""},
		{"-12.50", shapePoint, "12.50", "", ""},
		{"12.50-", shapePoint, "12.50", "", ""},
		{"−12.50", shapePoint, "12.50", "", ""},
		{"(12.50)", shapePoint, "12.50", "", ""},
		{"( 1,200.00 )", shapePoint, "1200.00", "", ""},
		{"EUR 12.50", shapePoint, "12.50", "", ""},
		{"12,50 €", shapeComma, "", "12.50", ""},
		{"-€12.50", shapePoint, "12.50", "", ""},
		{"€-12.50", shapePoint, "12.50", "", ""},
		{"  12.50 ", shapePoint, "12.50", "", ""},
		{"+12.50", shapePoint, "12.50", "", ""},
		{"12.", shapeBad, "", "", "bad_number"},
		{"1,2345.00", shapeBad, "", "", "bad_number"},
		{"1,,234.00", shapeBad, "", "", "bad_number"},
		{",234.00", shapeBad, "", "", "bad_number"},
		{"12,34.5", shapeBad, "", "", "bad_number"},
		{"1'23", shapeBad, "", "", "bad_number"},
		{"1 2 3", shapeBad, "", "", "bad_number"},
		{"1.2.3", shapeBad, "", "", "bad_number"},
		{"1,234.567.890", shapeBad, "", "", "bad_number"},
		{"--12", shapeBad, "", "", "bad_number"},
		{"-(12)", shapeBad, "", "", "bad_number"},
		{"(-12)", shapeBad, "", "", "bad_number"},
		{"-12-", shapeBad, "", "", "bad_number"},
		{"–12", shapeBad, "", "", "bad_number"},
		{"EUR", shapeBad, "", "", "bad_number"},
		{"EUR 12 EUR", shapeBad, "", "", "bad_number"},
		{"12 $", shapeBad, "", "", "bad_number"},
		{"-", shapeBad, "", "", "bad_number"},
		{"", shapeBad, "", "", "bad_number"},
		{"twelve", shapeBad, "", "", "bad_number"},
		{"0x10", shapeBad, "", "", "bad_number"},
		{"1_000", shapeBad, "", "", "bad_number"},
		{"1e3", shapeBad, "", "", "exponent"},
		{"1.2E+3", shapeBad, "", "", "exponent"},
		{"-1,2e-3", shapeBad, "", "", "exponent"},
		{"NaN", shapeBad, "", "", "not_a_number"},
		{"-Inf", shapeBad, "", "", "not_a_number"},
		{"Infinity", shapeBad, "", "", "not_a_number"},
		{"TRUE", shapeBad, "", "", "boolean_amount"},
		{"#REF!", shapeBad, "", "", "error_cell"},
		{"#N/A", shapeBad, "", "", "error_cell"},
		{"١٢٣", shapeBad, "", "", "non_ascii_digits"},
		{"１２３", shapeBad, "", "", "non_ascii_digits"},
		{"१२३.00", shapeBad, "", "", "non_ascii_digits"},
		{"12½", shapeBad, "", "", "non_ascii_digits"},
	} {
		n, trouble := parseNumber(test.text)
		if n.shape() != test.shape && trouble == "" || trouble != test.trouble ||
			trouble == "" && (n.point != test.point || n.comma != test.comma) {
			t.Errorf("%q: shape %d, point %q, comma %q, trouble %q", test.text, n.shape(), n.point, n.comma, trouble)
		}
	}
}

func TestParseNumberSign(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"-12.50": "-12.50", "12.50-": "-12.50", "−12.50": "-12.50", "(12.50)": "-12.50", "12.50−": "-12.50",
		"- 12.50": "-12.50", "EUR -12.50": "-12.50", "-EUR 12.50": "-12.50", "(EUR 12.50)": "-12.50", "+12.50": "12.50",
	} {
		if n, _ := parseNumber(text); n.plain(DecimalPoint) != want {
			t.Errorf("%q is %q", text, n.plain(DecimalPoint))
		}
	}
}

func TestStoredNumber(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		stored  string
		scale   int
		plain   string
		trouble string
	}{
		{"3799.5", 2, "3799.5", ""},
		{"-3799.5", 2, "-3799.5", ""},
		{"3799.4999999999995", 2, "3799.50", ""},
		{"0.30000000000000004", 2, "0.30", ""},
		{"0.3000000000001819", 2, "0.30", ""},
		{"-0.10000000000000001", 2, "-0.10", ""},
		{"1.2E3", 2, "1200.00", ""},
		{"1E-2", 2, "0.01", ""},
		{"5.0000000000000001E-2", 2, "0.05", ""},
		{"12345678901.230001", 2, "12345678901.23", ""},
		{"3799.4999999999995", 0, "", "too_many_decimals"},
		{"350000.00000000006", 0, "350000", ""},
		{"1.2345", 3, "", "too_many_decimals"},
		{"1.2340000000000002", 3, "1.234", ""},
		{"12.345", 2, "", "too_many_decimals"},
		{"12.340001", 2, "", "too_many_decimals"},
		{"33.333333333333336", 2, "", "too_many_decimals"},
		{"1E300", 2, "", "too_large"},
		{"1E400", 2, "", "not_a_number"},
		{"90071992547409.93", 2, "90071992547409.93", ""},
		{"9.0071992547409925E13", 2, "", "too_large"},
		{"NaN", 2, "", "not_a_number"},
		{"0x1p4", 2, "", "not_a_number"},
		{"1_000.5", 2, "", "not_a_number"},
		{"", 2, "", "not_a_number"},
	} {
		plain, trouble := storedNumber(test.stored, test.scale)
		if plain != test.plain || trouble != test.trouble {
			t.Errorf("%s at %d: %q, %q", test.stored, test.scale, plain, trouble)
		}
	}
}

// FuzzNumber holds the readings of a number against exact arithmetic, and the
// quick ways against the thorough ones.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"1234.56", "1,234.56", "1,23,456.00", "1.234,56", "1'234.56", "1’234", "(5)", "5-", "−5", "EUR 5",
		"5,000", "1e5", "NaN", "١٢", "3799.4999999999995", "99999999999999999999", "0.001", ".5", "-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, trouble := parseNumber(text)
		if (trouble == "") != (n.shape() != shapeBad) {
			t.Fatalf("trouble %q with shape %d", trouble, n.shape())
		}
		for _, plain := range []string{n.plain(DecimalPoint), n.plain(DecimalComma)} {
			if plain != "" {
				checkPlain(t, plain)
			}
		}
		if plain, trouble := storedNumber(text, 2); trouble == "" {
			checkPlain(t, plain)
		}
	})
}

// checkPlain wants a plain decimal that is read exactly, and comes back as it is
// written.
func checkPlain(t *testing.T, plain string) {
	t.Helper()
	if !plainDecimal(strings.TrimPrefix(plain, "-")) {
		t.Fatalf("%q is no plain decimal", plain)
	}
	exact, ok := new(big.Rat).SetString(plain)
	if !ok {
		t.Fatalf("%q is no number", plain)
	}
	units, trouble := parseFixed(plain, 2)
	cents := new(big.Rat).Mul(exact, big.NewRat(100, 1))
	fits := cents.IsInt() && cents.Num().CmpAbs(big.NewInt(maxExact)) <= 0
	if fits != (trouble == "") {
		t.Fatalf("%q: %d units, %q", plain, units, trouble)
	}
	if !fits {
		return
	}
	written := payroll.Money{Minor: units, Currency: "EUR"}.String()
	if again, trouble := parseFixed(written, 2); exact.Cmp(big.NewRat(units, 100)) != 0 || again != units || trouble != "" {
		t.Fatalf("%q: %d units, which became %s, which became %d, %q", plain, units, written, again, trouble)
	}
}

func TestParseFixed(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		scale int
		units int64
	}{
		{"0", 2, 0}, {"1", 2, 100}, {"1.5", 2, 150}, {"1234.56", 2, 123456}, {"-1234.56", 2, -123456}, {"0.07", 2, 7}, {"-0.00", 2, 0},
		{"1.2300000", 2, 123}, {"007.10", 2, 710}, {"1234", 0, 1234}, {"1234.00", 0, 1234}, {"1.234", 3, 1234}, {"1.2", 3, 1200},
		{"90071992547409.92", 2, maxExact}, {"-90071992547409.92", 2, -maxExact},
	} {
		if units, trouble := parseFixed(test.text, test.scale); units != test.units || trouble != "" {
			t.Errorf("%s: %d, %q", test.text, units, trouble)
		}
	}
}

func TestParseFixedRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "bad_number", "-": "bad_number", ".": "bad_number", "-.": "bad_number", ".5": "bad_number", "--1": "bad_number", "+1": "bad_number",
		"1-": "bad_number", "1 ": "bad_number", " 1": "bad_number", "1,5": "bad_number", "1'234": "bad_number", "1e3": "bad_number", "0x1": "bad_number",
		"NaN": "bad_number", "Inf": "bad_number", "١٢": "bad_number", "1.٢": "bad_number", "1.2.3": "bad_number", "1..2": "bad_number", "1.00.": "bad_number",
		"1\x00": "bad_number", "1\n": "bad_number", "1.001": "too_many_decimals", "-1.999": "too_many_decimals",
		"90071992547409.93": "too_large", "99999999999999999999": "too_large", "92233720368547758.08": "too_large",
	} {
		if units, trouble := parseFixed(text, 2); units != 0 || trouble != want {
			t.Errorf("%q: %d, %q, want %q", text, units, trouble, want)
		}
	}
	if units, trouble := parseFixed("1.5", 0); trouble != "too_many_decimals" {
		t.Errorf("half a yen: %d, %q", units, trouble)
	}
}
