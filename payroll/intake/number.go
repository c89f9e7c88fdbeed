package intake

import (
	"strings"
	"unicode"

	"github.com/payseal/payseal/payroll"
)

// Decimal says which character parts the whole from the fraction in a file's
// numbers. It holds for all numbers of one file.
type Decimal string

// The decimal characters. DecimalUnknown lets the file show which it uses.
const (
	DecimalUnknown Decimal = ""
	DecimalPoint   Decimal = "point"
	DecimalComma   Decimal = "comma"
)

// shape is what the writing of one number says about the decimal character of
// its file.
type shape int

const (
	shapeBad       shape = iota // no number in either style
	shapeNeutral                // the same number in both styles: 1234, 1'234
	shapePoint                  // a number only with a decimal point: 1,234.5
	shapeComma                  // a number only with a decimal comma: 1.234,5
	shapeAmbiguous              // two different numbers: 1.234
)

// number is a number's text taken apart.
type number struct {
	negative bool
	code     payroll.Currency // written beside the digits; "" for none
	point    string           // plain decimal if the point parts the fraction; "" if it cannot be
	comma    string           // plain decimal if the comma does; "" if it cannot be
}

func (n number) shape() shape {
	switch {
	case n.point == "" && n.comma == "":
		return shapeBad
	case n.point == n.comma:
		return shapeNeutral
	case n.comma == "":
		return shapePoint
	case n.point == "":
		return shapeComma
	}
	return shapeAmbiguous
}

// plain is the number as parseFixed reads it, in the style d; "" if the
// text is no number in that style.
func (n number) plain(d Decimal) string {
	digits := n.point
	if d == DecimalComma {
		digits = n.comma
	}
	if n.negative && digits != "" {
		return "-" + digits
	}
	return digits
}

// currencySigns are the signs that mean one currency only. The dollar, the yen
// sign and "kr" belong to several.
var currencySigns = map[string]payroll.Currency{
	"€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₪": "ILS", "₫": "VND", "₩": "KRW", "₴": "UAH", "฿": "THB",
}

// parseNumber takes apart the text of one number. trouble is the code of what
// is wrong with it, "" if nothing is.
func parseNumber(text string) (n number, trouble string) {
	if plainDecimal(text) {
		return number{point: text, comma: commaReading(text)}, ""
	}
	if bareNumber(text) {
		if n.point, n.comma = readAs(text, '.'), readAs(text, ','); n.shape() == shapeBad {
			trouble = "bad_number"
		}
		return n, trouble
	}
	body := strings.TrimFunc(text, isSpace)
	if trouble := notNumber(body); trouble != "" {
		return number{}, trouble
	}
	if inner, found := strings.CutPrefix(body, "("); found && strings.HasSuffix(inner, ")") {
		n.negative = true
		body = strings.TrimFunc(strings.TrimSuffix(inner, ")"), isSpace)
	}
	body, ok := n.stripAffixes(body)
	if !ok {
		return number{}, "bad_number"
	}
	n.point, n.comma = readAs(body, '.'), readAs(body, ',')
	if n.shape() != shapeBad {
		return n, ""
	}
	if exponent(body) {
		return number{}, "exponent"
	}
	return number{}, "bad_number"
}

// plainDecimal is the quick way for the most usual writing: digits with at most
// one point, which is neither first nor last.
func plainDecimal(text string) bool {
	point := strings.IndexByte(text, '.')
	if point == 0 || text == "" || point == len(text)-1 {
		return false
	}
	for i := range len(text) {
		if (text[i] < '0' || text[i] > '9') && i != point {
			return false
		}
	}
	return true
}

// bareNumber is the next quick way: nothing but digits, points and commas.
func bareNumber(text string) bool {
	for i := range len(text) {
		if (text[i] < '0' || text[i] > '9') && text[i] != '.' && text[i] != ',' {
			return false
		}
	}
	return text != ""
}

// commaReading is what a plain decimal is in a file with decimal commas: its
// point can then only part one group of thousands from the rest.
func commaReading(text string) string {
	point := strings.IndexByte(text, '.')
	if point < 0 {
		return text
	}
	if len(text)-point != 4 || point > 3 || text[0] == '0' {
		return ""
	}
	return text[:point] + text[point+1:]
}

// notNumber names the things that are no number at all but look like a value.
func notNumber(body string) string {
	switch strings.ToLower(strings.TrimLeft(body, "+-−")) {
	case "nan", "inf", "infinity", "null", "none":
		return "not_a_number"
	case "true", "false":
		return "boolean_amount"
	}
	if strings.HasPrefix(body, "#") {
		return "error_cell"
	}
	for _, r := range body {
		if r >= 0x80 && unicode.IsNumber(r) {
			return "non_ascii_digits"
		}
	}
	return ""
}

// stripAffixes takes one sign and one currency off the two ends of the body, in
// any order, and reports whether what is left can be a number.
func (n *number) stripAffixes(body string) (string, bool) {
	signs := 0
	if n.negative {
		signs++
	}
	for {
		rest, sign, found := cutSign(body)
		if found {
			signs++
			n.negative = n.negative || sign
		} else if rest, n.code, found = cutCurrency(body, n.code); !found {
			return body, signs <= 1 && body != ""
		}
		body = strings.TrimFunc(rest, isSpace)
	}
}

func cutSign(body string) (rest string, negative, found bool) {
	for _, minus := range []string{"-", "−"} {
		if rest, found = strings.CutPrefix(body, minus); found {
			return rest, true, true
		}
		if rest, found = strings.CutSuffix(body, minus); found {
			return rest, true, true
		}
	}
	rest, found = strings.CutPrefix(body, "+")
	return rest, false, found
}

// cutCurrency takes a sign of money or an ISO code off one end. Only one may be
// there.
func cutCurrency(body string, have payroll.Currency) (rest string, code payroll.Currency, found bool) {
	if have != "" {
		return body, have, false
	}
	for sign, code := range currencySigns {
		if rest, found := strings.CutPrefix(body, sign); found {
			return rest, code, true
		}
		if rest, found := strings.CutSuffix(body, sign); found {
			return rest, code, true
		}
	}
	if len(body) > 3 {
		if code, err := payroll.ParseCurrency(body[:3]); err == nil {
			return body[3:], code, true
		}
		if code, err := payroll.ParseCurrency(body[len(body)-3:]); err == nil {
			return body[:len(body)-3], code, true
		}
	}
	return body, "", false
}

// readAs reads digits with an optional fraction after the decimal character and
// optional groups of thousands, or of lakhs, in the whole part. It gives a plain
// decimal, or "" if the body is not written so.
func readAs(body string, decimal byte) string {
	whole, fraction, found := strings.Cut(body, string(decimal))
	if found && (fraction == "" || !allDigits(fraction)) {
		return ""
	}
	if whole == "" && found {
		whole = "0"
	}
	if !allDigits(whole) {
		if whole = ungroup(whole); whole == "" {
			return ""
		}
	}
	if whole == "" || !found {
		return whole
	}
	return whole + "." + fraction
}

// ungroup takes the separators out of a grouped whole number: one kind of
// separator, groups of three, or groups of two before a last one of three. "" if
// it is not grouped so; a grouped number does not begin with a zero.
func ungroup(whole string) string {
	if whole == "" || whole[0] < '1' || whole[0] > '9' {
		return ""
	}
	var separator rune
	var room [16]int
	groups, digits := room[:0], 0
	joined := make([]byte, 0, len(whole))
	for _, r := range whole {
		if r >= '0' && r <= '9' {
			joined = append(joined, byte(r))
			digits++
			continue
		}
		folded := foldSeparator(r)
		if folded == 0 || separator != 0 && folded != separator {
			return ""
		}
		separator = folded
		groups = append(groups, digits)
		digits = 0
	}
	if groups = append(groups, digits); len(groups) < 2 || !grouped(groups) {
		return ""
	}
	return string(joined)
}

// grouped reports whether digits stand in groups as the West or India does it.
func grouped(groups []int) bool {
	last := len(groups) - 1
	width := 3
	if last > 1 {
		width = groups[1]
	}
	if groups[last] != 3 || groups[0] > 3 || width != 3 && (width != 2 || groups[0] > 2) {
		return false
	}
	for _, group := range groups[1:last] {
		if group != width {
			return false
		}
	}
	return true
}

// foldSeparator gives one rune for all spaces and one for both apostrophes; 0
// for what separates no groups.
func foldSeparator(r rune) rune {
	switch {
	case isSpace(r):
		return ' '
	case r == '\'' || r == '’':
		return '\''
	case r == '.' || r == ',':
		return r
	}
	return 0
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// exponent reports whether the text is a number with a power of ten, such as 1.2E3.
func exponent(body string) bool {
	at := strings.IndexAny(body, "eE")
	if at <= 0 || at == len(body)-1 {
		return false
	}
	power := strings.TrimLeft(body[at+1:], "+-")
	return power != "" && allDigits(power) && strings.Trim(body[:at], "0123456789.,") == ""
}

func isSpace(r rune) bool { return unicode.IsSpace(r) || r == '\u202f' || r == '\u2009' }
