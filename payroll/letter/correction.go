package letter

import "github.com/payseal/payseal/payroll"

// title is what the document is called: "Salary slip, October 2026", and of one
// that takes another's place that it is a correction.
func (l *locale) title(s *payroll.Slip) string {
	title := l.words.title + ", " + l.month(s.Period)
	if s.Corrects != nil {
		return l.words.correction + ": " + title
	}
	return title
}

// correction says in a sentence which slip is replaced.
func (l *locale) correction(c *payroll.Correction) string {
	return l.words.correction + ": " + fill(l.words.replaces, "{date}", l.date(c.PayDate), "{id}", string(c.Slip))
}
