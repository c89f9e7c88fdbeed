package intake

import (
	"strings"

	"github.com/payseal/payseal/payroll"
)

// addField takes a profile's field that is a text or a date.
func (r *runReader) addField(l line, c *column, s *payroll.Slip) bool {
	read := r.info
	if c.role == roleFieldDate {
		read = r.fieldDate
	}
	text, ok := read(l, c)
	if ok && text != "" {
		s.Fields = append(s.Fields, payroll.FieldValue{ID: payroll.FieldID(c.label), Text: strings.Clone(text)})
	}
	return ok
}

func (r *runReader) fieldDate(l line, c *column) (string, bool) {
	text, ok := r.info(l, c)
	if !ok || text == "" {
		return "", ok
	}
	if date, err := payroll.ParseDate(text); err != nil || date.Year < 1900 || date.Year > 2200 {
		r.found.error("bad_date", l.row, c.header, "this is no date; write it as 2026-10-30")
		return "", false
	}
	return text, true
}

// checkProfile holds a slip against the law of its employee's country. What
// lacks is worth a look and not an error: whether a law applies to somebody is
// for a person to say.
func (r *runReader) checkProfile(l line, s *payroll.Slip) {
	profile := payroll.ProfileOf(s.Employee.Country)
	if missing := profile.Missing(s); len(missing) > 0 {
		r.found.warn("missing_required", l.row, "", "the law of "+profile.Country+" ("+profile.Law+") wants more on the slip; add "+strings.Join(missing, ", "))
	}
	if profile.Forbids(s.Note) {
		r.found.warn("forbidden_note", l.row, "", "the law of "+profile.Country+" ("+profile.Law+") wants what the note says kept off the slip; write it otherwise")
	}
	for i := range s.Lines {
		if profile.Forbids(s.Lines[i].Label) {
			r.found.warn("forbidden_label", l.row, "", "the law of "+profile.Country+" ("+profile.Law+") wants what this component's name says kept off the slip; name it otherwise")
		}
	}
}
