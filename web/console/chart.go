package console

import (
	"fmt"
	"html/template"
	"math/bits"
	"strings"
)

// The charts are drawings of numbers, made without a clock, a file or a float:
// values go in, template.HTML comes out, which a page writes as {{.Readiness}}.
// Widths are in percent, so that a drawing fits any window while its words keep
// their size; colours are classes of style/4-charts.css, so that they follow the
// light and the dark. The Content Security Policy forbids style attributes. Each
// drawing says in a title and a description what is to be seen in it, and every
// number also stands beside it as text.

// whole is the length of a bar in the smallest steps that are drawn: hundredths
// of a percent.
const whole = 10000

// least is what the smallest part of a bar gets that is not nothing: one refused
// slip among a hundred thousand is to be seen.
const least = 100

// drawing collects markup. Texts go through esc.
type drawing struct{ strings.Builder }

func (d *drawing) add(format string, values ...any) { fmt.Fprintf(d, format, values...) }

func (d *drawing) html() template.HTML {
	return template.HTML(d.String()) //nolint:gosec // every text in it went through esc
}

// open begins an svg with its title and description.
func (d *drawing) open(class, attributes, title, description string) {
	d.add(`<svg class="%s" %s role="img" focusable="false"><title>%s</title><desc>%s</desc>`, class, attributes, esc(title), esc(description))
}

func esc(text string) string { return template.HTMLEscapeString(text) }

// percent writes a length of a bar as SVG has it: 1234 is "12.34%".
func percent(length int) string { return fmt.Sprintf("%d.%02d%%", length/100, length%100) }

// scaled is value*to/of without overflow, and at most to; 0 where of is 0.
func scaled(value, of uint64, to int) int {
	if of == 0 {
		return 0
	}
	if value >= of {
		return to
	}
	high, low := bits.Mul64(value, uint64(to))
	quotient, _ := bits.Div64(high, low, of) // high < of, for value < of
	return int(quotient)
}

// magnitude is the value without its sign.
func magnitude(value int64) uint64 {
	if value < 0 {
		return -uint64(value)
	}
	return uint64(value)
}

// lengths divides a whole bar among the counts. They add up to whole, unless all
// are nothing; what is not nothing gets at least least. Negative counts are
// nothing.
func lengths(counts []int) []int {
	const most = 1 << 55 // a thousand of these can be added
	var all uint64
	parts := make([]uint64, len(counts))
	for i, n := range counts {
		parts[i] = min(uint64(max(n, 0)), most)
		all += parts[i]
	}
	divided, left, longest := make([]int, len(counts)), whole, 0
	if all == 0 {
		return divided
	}
	for i, n := range parts {
		if divided[i] = scaled(n, all, whole); n > 0 {
			divided[i] = max(divided[i], least)
		}
		left -= divided[i]
		if divided[i] > divided[longest] {
			longest = i
		}
	}
	divided[longest] += left
	return divided
}
