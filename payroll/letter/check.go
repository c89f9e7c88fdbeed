package letter

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// Check looks for what would keep a slip from being drawn: text that no page
// can show (code text_unprintable), text that no place on it is large enough for
// (code text_too_long), and characters that no font has (code
// glyph_missing). The messages name code points and the font package to
// install, never the text. It warns, too, if the law of the employee's country
// wants to know something of the employer that the letterhead does not say
// (code employer_lacks).
func (h *Letterhead) Check(s payroll.Slip) []payroll.Finding {
	if findings := checkTexts(&s); len(findings) > 0 {
		return findings
	}
	tag := s.Employee.Language
	if tag == "" {
		tag = h.company.Language
	}
	texts := slipTexts(nil, &s)
	missing, widest := h.uncovered(tag, texts)
	if note, _ := h.uncovered(tag, strings.Split(s.Note, "\n")); len(note) > 0 { // as wide as the page, it has room
		missing = append(missing, note...)
	}
	if len(missing) > 0 {
		return []payroll.Finding{{Severity: payroll.SeverityError, Code: "glyph_missing", Message: typeset.MissingMessage(missing)}}
	}
	if widest > wide || slices.ContainsFunc(texts, long) {
		if _, err := h.Page(s); errors.Is(err, errCramped) {
			return []payroll.Finding{{Severity: payroll.SeverityError, Code: "text_too_long", Message: errCramped.Error()}}
		}
	}
	profile := payroll.ProfileOf(s.Employee.Country)
	if lacks := profile.MissingOf(h.company.Fields); len(lacks) > 0 {
		return []payroll.Finding{{Severity: payroll.SeverityWarning, Code: "employer_lacks", Message: fmt.Sprintf(
			"the law of %s (%s) wants more of the employer on the slip; add to company.fields in the configuration: %s", profile.Country, profile.Law, joined(lacks))}}
	}
	return nil
}

func joined(ids []payroll.FieldID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	return strings.Join(names, ", ")
}

// uncovered are the characters in the texts that cannot be drawn, and how wide, in
// ems, the widest is that is never cut in two.
func (h *Letterhead) uncovered(tag string, texts []string) (missing []rune, widest float32) {
	h.with(func(d *desk) { missing, widest = uncovered(d.setter, tag, texts) })
	return missing, widest
}

func uncovered(s *typeset.Setter, tag string, texts []string) (missing []rune, widest float32) {
	for _, text := range texts {
		lost, ems := s.Lacks(text, tag)
		missing, widest = append(missing, lost...), max(widest, ems)
	}
	return missing, widest
}

// slipTexts appends all texts of a slip that people wrote, but for the note.
func slipTexts(texts []string, s *payroll.Slip) []string {
	texts = append(texts, string(s.Employee.Number), s.Employee.Name, s.Employee.Department,
		s.Employee.Designation, s.Employee.BankAccount)
	for i := range s.Lines {
		texts = append(texts, s.Lines[i].Label, s.Lines[i].Quantity, s.Lines[i].Rate)
	}
	if s.Corrects != nil {
		texts = append(texts, s.Corrects.Reason)
	}
	for _, facts := range [...][]payroll.Fact{s.Hours, s.Leave, s.Info} {
		for _, f := range facts {
			texts = append(texts, f.Label, f.Value)
		}
	}
	for _, f := range s.Fields {
		texts = append(texts, f.Text)
	}
	return texts
}

// checkTexts refuses texts that are no text. The rule is payroll's own; a slip
// that came through intake has passed it already.
func checkTexts(s *payroll.Slip) []payroll.Finding {
	wrong := func(text string) bool { return payroll.CheckText("text", strings.TrimSpace(text)) != nil }
	var room [128]string // for all that most slips have
	if slices.ContainsFunc(slipTexts(room[:0], s), wrong) || payroll.CheckNote(s.Note) != nil {
		return []payroll.Finding{{Severity: payroll.SeverityError, Code: "text_unprintable",
			Message: "a name, label or note is too long, is not valid UTF-8, or contains a control character, a text direction override or a letter with too many marks; type it again by hand"}}
	}
	return nil
}
