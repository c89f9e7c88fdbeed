package letter

import (
	"strconv"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// locale is how an employee reads numbers, dates and labels.
type locale struct {
	tag     string // as given, for the choice of letter forms
	words   *words
	group   string // between groups of three digits
	decimal string
	indian  bool // groups 12,34,56,789
	suffix  bool // the sign of money after the number
}

// The marks of numbers by language, after CLDR. Languages that are not listed
// write 1,234.56.
const (
	dotComma   = " de es it nl id tr da el hr sl ro sr vi ca gl eu is mk bs pt-br az sq fo "
	spaceComma = " fr ru uk pl cs sk hu sv nb no nn fi bg lt lv et pt kk hy ka be uz ky "
	apostrophe = " de-ch de-li it-ch rm "
	lakhs      = " hi bn ta te mr gu kn ml pa or as ne ur en-in "
	signBefore = " nl pt-br tr "
)

// localeOf reads a BCP 47 tag. Where the tag names no region the employee's
// country stands in, so that plain English in India groups as Indians do.
func localeOf(tag, country string) locale {
	tag = strings.ToLower(strings.ReplaceAll(tag, "_", "-"))
	primary, rest, _ := strings.Cut(tag, "-")
	regional := primary + "-" + strings.ToLower(country)
	for part := range strings.SplitSeq(rest, "-") {
		if len(part) == 2 {
			regional = primary + "-" + part
		}
	}
	in := func(list string) bool {
		return strings.Contains(list, " "+regional+" ") || strings.Contains(list, " "+primary+" ")
	}
	l := locale{tag: tag, words: wordsOf(primary, regional), group: ",", decimal: "."}
	switch {
	case in(apostrophe):
		l.group = "’"
	case regional == "es-mx" || regional == "es-us":
	case in(dotComma):
		l.group, l.decimal = ".", ","
	case in(spaceComma):
		l.group, l.decimal = "\u00a0", ","
	}
	l.indian = in(lakhs)
	l.suffix = l.decimal == "," && !in(signBefore)
	return l
}

// amount writes money without its currency: "1,234.56". The minus is a true
// minus sign, as wide as a figure.
func (l locale) amount(m payroll.Money) string {
	sign, magnitude := "", uint64(m.Minor)
	if m.Minor < 0 {
		sign, magnitude = "−", -magnitude
	}
	var digits [24]byte
	written := strconv.AppendUint(digits[:0], magnitude, 10)
	scale := m.Currency.MinorUnits()
	for len(written) <= scale {
		written = append(written[:1], written...)
		written[0] = '0'
	}
	var b [80]byte
	text := l.appendGrouped(append(b[:0], sign...), written[:len(written)-scale])
	if scale > 0 {
		text = append(append(text, l.decimal...), written[len(written)-scale:]...)
	}
	return string(text)
}

// number writes a plain decimal; text that is none stays as it is.
func (l locale) number(plain string) string {
	digits, negative := strings.CutPrefix(plain, "-")
	whole, fraction, hasFraction := strings.Cut(digits, ".")
	if strings.Trim(whole, "0123456789") != "" || strings.Trim(fraction, "0123456789") != "" || whole == "" {
		return plain
	}
	var b [80]byte
	text := b[:0]
	if negative {
		text = append(text, "−"...)
	}
	text = l.appendGrouped(text, []byte(whole))
	if hasFraction {
		text = append(append(text, l.decimal...), fraction...)
	}
	return string(text)
}

// appendGrouped writes digits in the groups of the language.
func (l locale) appendGrouped(b, digits []byte) []byte {
	for i, digit := range digits {
		left := len(digits) - i
		if i > 0 && (left == 3 || left > 3 && !l.indian && left%3 == 0 || left > 3 && l.indian && left%2 == 1) {
			b = append(b, l.group...)
		}
		b = append(b, digit)
	}
	return b
}

// signs are the signs of money that mean one currency only; all others are
// written by their ISO code, so that nobody takes one dollar for another.
var signs = map[payroll.Currency]string{
	"EUR": "€", "GBP": "£", "INR": "₹", "KRW": "₩", "ILS": "₪", "VND": "₫", "NGN": "₦",
	"TRY": "₺", "UAH": "₴", "KZT": "₸", "PHP": "₱", "GEL": "₾", "AZN": "₼", "GHS": "₵",
}

// money writes an amount with its currency. drawable says whether a sign can be
// drawn in the base face.
func (l locale) money(m payroll.Money, drawable func(string) bool) string {
	sign, ok := signs[m.Currency]
	glue := ""
	if !ok || !drawable(sign) {
		sign, glue = string(m.Currency), "\u00a0"
	}
	if l.suffix {
		return l.amount(m) + "\u00a0" + sign
	}
	amount := l.amount(m)
	if unsigned, negative := strings.CutPrefix(amount, "−"); negative {
		return "−" + sign + glue + unsigned
	}
	return sign + glue + amount
}

// inWords writes an amount in words; "" where the language has none.
func (l locale) inWords(payroll.Money) string { return "" }

// date writes a day in words: "30 October 2026".
func (l locale) date(d payroll.Date) string {
	if d.IsZero() {
		return ""
	}
	return fill(l.words.dateForm, "{d}", strconv.Itoa(d.Day), "{m}", l.monthName(d.Month), "{y}", strconv.Itoa(d.Year))
}

func (l locale) monthName(m time.Month) string { return l.words.months[(int(m)+11)%12] }

// month writes a period: "October 2026".
func (l locale) month(p payroll.Period) string {
	return fill(l.words.monthForm, "{m}", l.monthName(p.Month), "{y}", strconv.Itoa(p.Year))
}
