package intake

import (
	"math"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// troubles are the sentences for what can be wrong with a cell that should hold a
// number or a text. The codes are stable.
var troubles = map[string]string{
	"bad_number":            "this is not a number that payseal can read; write it as 1234.56",
	"not_a_number":          "this is not a number; mend the program or the formula that wrote it, or clear the cell",
	"exponent":              "the number is written with an exponent, so digits may be lost; format the column as a number with decimals and export again",
	"non_ascii_digits":      "the number has digits other than 0 to 9; write it with these",
	"too_large":             "the number is too large to be a salary; mend it",
	"too_many_decimals":     "the amount has more decimals than its currency; round it where it is calculated",
	"hours_decimals":        "the quantity has more than four decimals; round it where it is calculated",
	"mixed_decimals":        "the decimal character here is not the one of the other numbers, or not the one that --decimal names; use one in the whole file",
	"other_currency":        "the currency written beside the number is not the run's currency; a run has one currency",
	"error_cell":            "the cell shows an error of its formula; mend the formula",
	"boolean_amount":        "the cell holds true or false where a number is needed; mend it",
	"date_as_amount":        "the cell is formatted as a date where a number is needed; format the column as a number and check its values",
	"percent_as_amount":     "the cell is a percentage where an amount is needed; write the amount",
	"formula_without_value": "the cell holds a formula that was never calculated; open the file in a spreadsheet program, save it and check it again",
	"control_character":     "the text has a control character or a text direction override in it, or is too long; type it again by hand",
	"boolean_text":          "the cell holds true or false where a text is needed; mend it",
}

// maxExact is where a spreadsheet's binary numbers stop being whole cents; no
// amount may be above it, so that the differences of amounts and the sums of a
// row cannot overflow.
const maxExact = 1 << 53

// storedNumber turns the decimal that a workbook stores for a number into a plain
// one with at most scale decimals. Binary arithmetic leaves noise such as
// 3799.4999999999995 for 3799.50: what is within a millionth of the minor unit,
// or within four steps of the binary number, is that noise and is rounded away;
// anything else that does not fit is too many decimals.
func storedNumber(stored string, scale int) (plain, trouble string) {
	unsigned := strings.TrimPrefix(stored, "-")
	if _, fraction, _ := strings.Cut(unsigned, "."); plainDecimal(unsigned) && len(fraction) <= scale {
		return stored, ""
	}
	value, err := strconv.ParseFloat(stored, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) || strings.ContainsAny(stored, "xX_pP") {
		return "", "not_a_number"
	}
	power := math.Pow10(scale)
	minor := math.Round(value * power)
	if math.Abs(minor) >= maxExact {
		return "", "too_large"
	}
	step := math.Nextafter(math.Abs(value), math.Inf(1)) - math.Abs(value)
	if noise := max(1e-6, 4*step*power); math.Abs(value*power-minor) > min(noise, 0.01) {
		return "", "too_many_decimals"
	}
	return fixedPoint(int64(minor), scale), ""
}

// fixedPoint writes n units of 10^-scale as a plain decimal.
func fixedPoint(n int64, scale int) string { return fixedDifference(n, 0, scale) }

// fixedDifference writes a less b, which may be more than an int64 holds.
func fixedDifference(a, b int64, scale int) string {
	sign, magnitude := "", uint64(a)-uint64(b)
	if a < b {
		sign, magnitude = "-", -magnitude
	}
	digits := strconv.FormatUint(magnitude, 10)
	if scale == 0 {
		return sign + digits
	}
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}

// parseFixed reads a plain decimal (ASCII digits, perhaps a leading minus and one
// point) as units of 10^-scale, without rounding: digits beyond the scale are
// zeros, or trouble. It allocates nothing.
func parseFixed(plain string, scale int) (n int64, trouble string) {
	unsigned := strings.TrimPrefix(plain, "-")
	decimals := -1 // digits after the point so far, -1 before it
	for i := range len(unsigned) {
		digit := int64(unsigned[i] - '0')
		switch {
		case unsigned[i] == '.' && decimals < 0 && i > 0:
			decimals = 0
			continue
		case unsigned[i] < '0' || unsigned[i] > '9':
			return 0, "bad_number"
		case decimals >= scale && digit != 0:
			return 0, "too_many_decimals"
		case decimals >= scale:
			continue
		case n > maxExact:
			return 0, "too_large"
		}
		n = n*10 + digit
		if decimals >= 0 {
			decimals++
		}
	}
	for range scale - max(decimals, 0) {
		if n > maxExact {
			return 0, "too_large"
		}
		n *= 10
	}
	switch {
	case unsigned == "":
		return 0, "bad_number"
	case n > maxExact:
		return 0, "too_large"
	case len(unsigned) < len(plain):
		return -n, ""
	}
	return n, ""
}

// shown is a number as its format shows it, for columns that hold text: a whole
// number without a fraction, with the zeros that a format such as 0000 adds.
func shown(c cell) string {
	text := c.text
	if !plainDecimal(text) {
		if value, err := strconv.ParseFloat(text, 64); err == nil && math.Abs(value) < 1e15 {
			rounded, _ := strconv.ParseFloat(strconv.FormatFloat(value, 'g', 15, 64), 64)
			text = strconv.FormatFloat(rounded, 'f', -1, 64)
		}
	}
	if allDigits(text) && len(text) < c.width {
		text = strings.Repeat("0", c.width-len(text)) + text
	}
	return text
}

// textOf reads a cell of a text column. The text is a piece of its row's: who keeps
// it clones it, so that not the whole row stays in memory (with its account). ok is false if it holds no text, which is
// then a finding.
func textOf(found *findings, l line, c *column) (text string, ok bool) {
	held := l.at(c.index)
	trouble := ""
	switch held.kind {
	case cellText, cellDate:
		return held.text, true
	case cellNumber:
		return shown(held), true
	case cellBoolean:
		trouble = "boolean_text"
	case cellError:
		trouble = "error_cell"
	case cellNoValue:
		trouble = "formula_without_value"
	case cellPercent:
		trouble = "percent_as_amount"
	}
	found.error(trouble, l.row, c.header, troubles[trouble])
	return "", false
}

// sentence is an error of the payroll package as the message of a finding.
func sentence(err error) string {
	return strings.TrimPrefix(err.Error(), payroll.ErrInvalid.Error()+": ")
}

func itoa(n int) string { return strconv.Itoa(n) }
