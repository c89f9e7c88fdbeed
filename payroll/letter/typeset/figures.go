package typeset

import "github.com/payseal/payseal/payroll/letter/pdf"

// figures are the characters of amounts, dates and numbers in one weight, each
// with its glyph. They are not kerned.
type figures struct {
	ascii  [128]pdf.Glyph
	others map[rune]pdf.Glyph
	known  bool
}

// figure sets a text of figures from the table, or reports false for any other
// text. A figure has a digit; around it are capitals, separators and signs of
// money. The glyphs are good until the next call.
func (s *Setter) figure(text string, bold bool) ([]pdf.Glyph, bool) {
	s.written = append(s.written[:0], text...)
	return s.figureOf(s.written, bold)
}

// Figures sets a text that has nothing but figures, as [Setter.Line] does, or
// reports false for any other. The line is for one document: it is not
// remembered.
func (s *Setter) Figures(text []byte, bold bool) (pdf.Line, bool) {
	glyphs, ok := s.figureOf(text, bold)
	if !ok {
		return pdf.Line{}, false
	}
	return s.stock.LineIn(&s.room, glyphs), true
}

func (s *Setter) figureOf(text []byte, bold bool) ([]pdf.Glyph, bool) {
	table := &s.figures[0]
	if bold {
		table = &s.figures[1]
	}
	if !table.known && s.fillFigures(table, bold) != nil {
		return nil, false
	}
	s.glyphs = s.glyphs[:0]
	digit := false
	for _, r := range string(text) {
		var g pdf.Glyph
		if r < 128 {
			g = table.ascii[r]
		} else {
			g = table.others[r]
		}
		if g.Outline == nil {
			return nil, false
		}
		digit = digit || '0' <= r && r <= '9'
		s.glyphs = append(s.glyphs, g)
	}
	return s.glyphs, digit
}

// figureSigns stand in figures besides digits and capitals: spaces, separators,
// and the signs of money that are written from left to right.
const figureSigns = " '()*+,-./:%\u00a0\u2007\u2009\u202f\u2013\u2019\u2212" +
	"$¢£¤¥₠₡₢₣₤₥₦₧₨₩₪₫€₭₮₯₰₱₲₳₴₵₶₷₸₹₺₻₼₽₾₿"

func (s *Setter) fillFigures(table *figures, bold bool) error {
	table.others = make(map[rune]pdf.Glyph)
	signs := figureSigns
	for r := range rune(42) {
		signs += string(rune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"[r]))
	}
	for _, r := range signs {
		if err := s.compose(string(r), Style{Bold: bold}, 0); err != nil {
			return err
		}
		switch {
		case len(s.glyphs) != 1 || len(s.lost) > 0:
		case r < 128:
			table.ascii[r] = s.glyphs[0]
		default:
			table.others[r] = s.glyphs[0]
		}
	}
	table.known = true
	return nil
}
