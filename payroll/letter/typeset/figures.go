package typeset

import (
	"strings"

	"github.com/payseal/payseal/payroll/letter/pdf"
)

// figures are the characters of amounts, dates and numbers in one weight, each
// with its glyph. They are not kerned.
type figures map[rune]pdf.Glyph

// figure sets a text of figures from the table, or reports false for any other
// text. A figure has a digit; around it are capitals, separators and signs of
// money. The glyphs are good until the next call.
func (s *Setter) figure(text string, bold bool) ([]pdf.Glyph, bool) {
	if !strings.ContainsAny(text, "0123456789") {
		return nil, false
	}
	table, err := s.figuresOf(bold)
	if err != nil {
		return nil, false
	}
	s.glyphs = s.glyphs[:0]
	for _, r := range text {
		g, known := table[r]
		if !known {
			return nil, false
		}
		s.glyphs = append(s.glyphs, g)
	}
	return s.glyphs, true
}

// Figures sets a text that has nothing but figures, as [Setter.Line] does, or
// reports false for any other. The line is good until [Setter.Reset].
func (s *Setter) Figures(text []byte, bold bool) (pdf.Line, bool) {
	at := weight(bold)
	if s.amounts[at] == nil {
		table, err := s.figuresOf(bold)
		if err != nil {
			return pdf.Line{}, false
		}
		s.amounts[at] = s.stock.Figures(table)
	}
	return s.amounts[at].Line(text)
}

// weight is where tables have a weight.
func weight(bold bool) int {
	if bold {
		return 1
	}
	return 0
}

// figureSigns stand in figures besides digits and capitals: spaces, separators,
// and the signs of money that are written from left to right.
const figureSigns = " '()*+,-./:%\u00a0\u2007\u2009\u202f\u2013\u2019\u2212" +
	"$¢£¤¥₠₡₢₣₤₥₦₧₨₩₪₫€₭₮₯₰₱₲₳₴₵₶₷₸₹₺₻₼₽₾₿" +
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"

// figuresOf is the table of a weight, made when it is first wanted.
func (s *Setter) figuresOf(bold bool) (figures, error) {
	if table := s.figures[weight(bold)]; table != nil {
		return table, nil
	}
	table := figures{}
	for _, r := range figureSigns {
		if err := s.compose(string(r), Style{Bold: bold}, 0); err != nil {
			return nil, err
		}
		if len(s.glyphs) == 1 && len(s.lost) == 0 {
			table[r] = s.glyphs[0]
		}
	}
	s.figures[weight(bold)] = table
	return table, nil
}
