package typeset

import (
	"slices"

	"github.com/go-text/typesetting/bidi"
	xbidi "golang.org/x/text/unicode/bidi"
)

// run is a part of a text with one direction. Odd levels are right to left.
type run struct {
	start, end int
	level      int
}

func (r run) rightToLeft() bool { return r.level%2 == 1 }

// runs orders the parts of a text from left to right by the Unicode
// bidirectional algorithm (UAX #9). The text holds no formatting characters of
// that algorithm, which payroll refuses in names.
func (s *Setter) runs(runes []rune, base bidi.Direction) []run {
	if base == bidi.LeftToRight && !slices.ContainsFunc(runes, rightToLeft) {
		return append(s.ordered[:0], run{0, len(runes), 0})
	}
	segmented := s.paragraph.Segment(runes, base)
	s.ordered = s.ordered[:0]
	for i := range segmented.NumRuns() {
		next := segmented.Run(i)
		r := run{next.Start, next.End, int(next.Level)}
		if base == bidi.LeftToRight && !r.rightToLeft() {
			s.ordered = splitNumbers(s.ordered, runes, r)
			continue
		}
		s.ordered = append(s.ordered, r)
	}
	reorder(s.ordered)
	return s.ordered
}

// direction is that of the first character with one (UAX #9, P2 and P3).
func direction(runes []rune) bidi.Direction {
	for _, r := range runes {
		switch classOf(r) {
		case xbidi.L:
			return bidi.LeftToRight
		case xbidi.R, xbidi.AL:
			return bidi.RightToLeft
		}
	}
	return bidi.LeftToRight
}

func rightToLeft(r rune) bool {
	if r < 0x0590 {
		return false
	}
	switch classOf(r) {
	case xbidi.R, xbidi.AL, xbidi.AN:
		return true
	}
	return false
}

func classOf(r rune) xbidi.Class {
	properties, _ := xbidi.LookupRune(r)
	return properties.Class()
}

// splitNumbers appends a left-to-right run of a left-to-right text. A number at
// an end of it beside right-to-left text belongs to that text (level 2), but
// the segmenter gives it in one run with what is of level 0.
func splitNumbers(runs []run, runes []rune, r run) []run {
	first, last := r.start, r.end
	if r.start > 0 {
		first += leadingNumber(runes[r.start:r.end], lastLetter(runes[:r.start]) == xbidi.AL)
	}
	if r.end < len(runes) {
		last = max(first, last-trailingNumber(runes[:r.end]))
	}
	for _, part := range []run{{r.start, first, 2}, {first, last, 0}, {last, r.end, 2}} {
		if part.start < part.end {
			runs = append(runs, part)
		}
	}
	return runs
}

// leadingNumber is the length of the number that a text begins with, with the
// separators inside it and the signs that touch it; after Arabic letters no sign
// does (UAX #9, W2 and W4 to W6).
func leadingNumber(runes []rune, afterArabic bool) int {
	end, european := 0, false
	for i, r := range runes {
		switch classOf(r) {
		case xbidi.EN:
			end, european = i+1, !afterArabic
		case xbidi.AN:
			end, european = i+1, false
		case xbidi.ET:
			if european && end == i {
				end = i + 1
			}
		case xbidi.CS, xbidi.ES, xbidi.NSM:
		default:
			return end
		}
	}
	return end
}

// trailingNumber is the length of the number that a text ends with. European
// digits after a left-to-right letter count as letters (UAX #9, W7).
func trailingNumber(runes []rune) int {
	inNumber := func(r rune) bool {
		switch classOf(r) {
		case xbidi.AN, xbidi.CS:
			return true
		case xbidi.EN, xbidi.ET, xbidi.ES:
			return lastLetter(runes) == xbidi.R || lastLetter(runes) == xbidi.AL
		}
		return false
	}
	start := len(runes)
	for start > 0 && inNumber(runes[start-1]) {
		start--
	}
	for start < len(runes) && (classOf(runes[start]) == xbidi.CS || classOf(runes[start]) == xbidi.ES) {
		start++
	}
	return len(runes) - start
}

// lastLetter is the class of the last letter of a text: L, R, AL, or ON if there
// is none.
func lastLetter(runes []rune) xbidi.Class {
	for _, r := range slices.Backward(runes) {
		switch class := classOf(r); class {
		case xbidi.L, xbidi.R, xbidi.AL:
			return class
		}
	}
	return xbidi.ON
}

// reorder is rule L2 of UAX #9 on whole runs: from the highest level down,
// every stretch at that level or above is reversed.
func reorder(runs []run) {
	highest := 0
	for _, r := range runs {
		highest = max(highest, r.level)
	}
	for level := highest; level > 0; level-- {
		for i := 0; i < len(runs); i++ {
			j := i
			for j < len(runs) && runs[j].level >= level {
				j++
			}
			slices.Reverse(runs[i:j])
			i = max(i, j)
		}
	}
}
