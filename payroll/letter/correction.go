package letter

import "github.com/payseal/payseal/payroll"

// title is what the document is called: "Salary slip, October 2026", and of one
// that takes another's place that it is a correction.
func (l locale) title(s *payroll.Slip) string {
	title := l.words.title + ", " + l.month(s.Period)
	if s.Corrects != nil {
		return l.words.correction + ": " + title
	}
	return title
}

// correction says in a sentence which slip is replaced.
func (l locale) correction(c *payroll.Correction) string {
	return l.words.correction + ": " + fill(l.words.replaces, "{date}", l.date(c.PayDate), "{id}", string(c.Slip))
}

// correction draws, above the amount, that this slip takes another's place, which
// one, and why.
func (d *layout) correction() {
	c := d.slip.Corrects
	if c == nil {
		return
	}
	const inset = 20.0
	which := d.lines(d.locale.correction(c), true, 9.5, full-2*inset)
	why := d.lines(fill(d.locale.words.reason, "{reason}", c.Reason), false, 9, full-2*inset)
	height := 16 + 13*float64(len(which)) + 12*float64(len(why))
	d.need(height + 14)
	d.frame(height)
	y := d.y + 18
	for _, l := range which {
		d.line(left+inset, y, 9.5, ink, l)
		y += 13
	}
	for _, l := range why {
		d.line(left+inset, y, 9, ink, l)
		y += 12
	}
	d.y += height + 14
}

// frame draws a box with an edge of the letterhead's colour, as high as what comes
// into it.
func (d *layout) frame(height float64) {
	c := d.letterhead.color
	d.box(left, d.y, 4, height, c)
	d.box(left, d.y, full, 0.8, c)
	d.box(left, d.y+height-0.8, full, 0.8, c)
	d.box(right-0.8, d.y, 0.8, height, c)
}
