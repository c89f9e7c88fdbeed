package letter

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/payseal/payseal/payroll"
)

// locale is how an employee reads numbers, dates and labels.
type locale struct {
	tag      string // as given, for the choice of letter forms
	words    *words
	american bool   // month, day, year
	group    string // between groups of three digits
	decimal  string
	indian   bool   // groups 12,34,56,789
	suffix   bool   // the sign of money after the number
	glue     string // between a sign before the number and this
}

// localeOf reads a BCP 47 tag. Where the tag names no region the employee's
// country stands in, so that plain English in India groups as Indians do. What
// it gives takes some time to make, and is kept with the edition.
func localeOf(tag, country string) locale {
	read, err := language.Parse(strings.ReplaceAll(tag, "_", "-"))
	if err != nil {
		read = language.English
	}
	base, _ := read.Base()
	primary := base.String()
	if script, _ := read.Script(); script.String() == "Hant" {
		primary = "zh-Hant" // as zh-TW and zh-HK imply
	}
	if _, confidence := read.Region(); confidence != language.Exact {
		whole, _, _ := strings.Cut(country, "-")
		if region, err := language.ParseRegion(whole); err == nil {
			read, _ = language.Compose(read, region)
		}
	}
	region, _ := read.Region()
	l := locale{tag: strings.ToLower(tag), words: wordsOf(primary)}
	l.american = primary == "en" && region.String() == "US" && (country != "" || strings.Contains(l.tag, "us"))
	l.learnNumbers(read)
	glue, before := signBefore[primary]
	if !before {
		glue, before = signBefore[primary+"-"+region.String()]
	}
	l.suffix, l.glue = l.decimal == "," && !before, glue
	return l
}

// signBefore are the languages with a decimal comma that write the sign of money
// before the number, and what they put between these, after CLDR.
var signBefore = map[string]string{"nl": "\u00a0", "tr": "", "pt-BR": "\u00a0", "de-AT": "\u00a0"}

// learnNumbers takes the marks of numbers from CLDR, by way of a number that has
// them all. Digits are Western in every language: they are compared with the
// bank's.
func (l *locale) learnNumbers(tag language.Tag) {
	tag, _ = tag.SetTypeForKey("nu", "latn")
	shown := message.NewPrinter(tag).Sprint(number.Decimal(1234567.5))
	marks := strings.FieldsFunc(shown, func(r rune) bool { return r >= '0' && r <= '9' })
	l.group, l.decimal, l.indian = ",", ".", false
	if len(marks) > 1 {
		// A narrow space is in few fonts.
		l.group, l.decimal = strings.ReplaceAll(marks[0], "\u202f", "\u00a0"), marks[len(marks)-1]
		l.indian = len(marks) == 4 || strings.HasPrefix(shown, "12"+marks[0])
	}
}

// amount writes money without its currency: "1,234.56". The minus is a true
// minus sign, as wide as a figure.
func (l *locale) amount(m payroll.Money) string {
	var b [80]byte
	return string(l.appendAmount(b[:0], m))
}

// appendAmount is amount, appended to b.
func (l *locale) appendAmount(b []byte, m payroll.Money) []byte {
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
	b = l.appendGrouped(append(b, sign...), written[:len(written)-scale])
	if scale > 0 {
		b = append(append(b, l.decimal...), written[len(written)-scale:]...)
	}
	return b
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
	glue := l.glue
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

// inWords writes an amount in words; "" of one too large.
func (l locale) inWords(m payroll.Money) string {
	text, _ := l.words.spoken.Amount(string(m.Currency), m.Minor, m.Currency.MinorUnits())
	if first, size := utf8.DecodeRuneInString(text); size > 0 {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	return text
}

// date writes a day in words: "30 October 2026".
func (l locale) date(d payroll.Date) string {
	if d.IsZero() {
		return ""
	}
	form := l.words.dateForm
	if l.american {
		form = "{m} {d}, {y}"
	}
	return fill(form, "{d}", strconv.Itoa(d.Day), "{m}", l.words.months[(int(d.Month)+11)%12], "{y}", strconv.Itoa(d.Year))
}

// month writes a period: "October 2026".
func (l locale) month(p payroll.Period) string {
	return fill(l.words.monthForm, "{m}", l.words.monthsAlone[(int(p.Month)+11)%12], "{y}", strconv.Itoa(p.Year))
}
