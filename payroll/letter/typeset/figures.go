package typeset

import "github.com/payseal/payseal/payroll/letter/pdf"

// Figures sets a text of figures, as amounts, dates and numbers are, or reports
// false for any other. A figure has a digit; around it are capitals, separators
// and signs of money. Figures are not kerned, so that they stand under one
// another. The line is good until [Setter.Reset].
func (s *Setter) Figures(text []byte, bold bool) (pdf.Line, bool) {
	at := weight(bold)
	if s.figures[at] == nil {
		s.figures[at] = s.stock.Figures(s.figureGlyphs(bold))
	}
	return s.figures[at].Line(text)
}

// figuresIn is Figures for a text.
func (s *Setter) figuresIn(text string, bold bool) (pdf.Line, bool) {
	s.written = append(s.written[:0], text...)
	return s.Figures(s.written, bold)
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

// figureGlyphs are the characters of figures with their glyphs: nothing if a face
// is damaged.
func (s *Setter) figureGlyphs(bold bool) map[rune]pdf.Glyph {
	glyphs := make(map[rune]pdf.Glyph)
	for _, r := range figureSigns {
		if s.compose(string(r), Style{Bold: bold}, 0) == nil && len(s.glyphs) == 1 && len(s.lost) == 0 {
			glyphs[r] = s.glyphs[0]
		}
	}
	return glyphs
}
