package letter

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/language"
	"github.com/payseal/payseal/payroll"
	"golang.org/x/text/unicode/norm"
)

// Check looks for what would keep a slip from being drawn: text that no page
// can show (code text_unprintable) and characters that no font has (code
// glyph_missing). The messages name code points and the font package to
// install, never the text.
func (h *Letterhead) Check(s payroll.Slip) []payroll.Finding {
	if findings := checkTexts(&s); len(findings) > 0 {
		return findings
	}
	missing := h.uncovered(h.locale(s.Employee).tag, slipTexts(&s))
	if len(missing) == 0 {
		return nil
	}
	return []payroll.Finding{{Severity: payroll.SeverityError, Code: "glyph_missing", Message: missingMessage(missing)}}
}

// uncovered are the characters in the texts that cannot be drawn. A font that
// makes its shaper panic draws nothing.
func (h *Letterhead) uncovered(tag string, texts []string) (missing []rune) {
	h.set(func(t *typesetter) {
		for _, text := range texts {
			missing = append(missing, t.test(text, tag)...)
		}
	})
	return missing
}

// test composes a text in both weights and returns what has no glyph.
func (t *typesetter) test(text, tag string) (missing []rune) {
	t.missing = t.missing[:0]
	if allPlain(t.weight(false), text) && allPlain(t.weight(true), text) {
		return nil
	}
	defer func() {
		if recover() != nil {
			missing = []rune(norm.NFC.String(text))
		}
	}()
	t.compose(text, false, tag)
	t.compose(text, true, tag)
	return t.missing
}

// slipTexts are all texts of a slip that people wrote.
func slipTexts(s *payroll.Slip) []string {
	texts := []string{string(s.Employee.Number), s.Employee.Name, s.Employee.Department, s.Employee.Designation,
		s.Employee.BankAccount}
	for _, l := range s.Lines {
		texts = append(texts, l.Label, l.Quantity)
	}
	if s.Corrects != nil {
		texts = append(texts, s.Corrects.Reason)
	}
	for _, facts := range [][]payroll.Fact{s.Hours, s.Info} {
		for _, f := range facts {
			texts = append(texts, f.Label, f.Value)
		}
	}
	return texts
}

// checkTexts refuses texts that are no text. The rule is payroll's own; a slip
// that came through intake has passed it already.
func checkTexts(s *payroll.Slip) []payroll.Finding {
	for _, text := range slipTexts(s) {
		if payroll.CheckText("text", strings.TrimSpace(text)) != nil {
			return []payroll.Finding{{Severity: payroll.SeverityError, Code: "text_unprintable",
				Message: "a name or label is too long, is not valid UTF-8, or contains a control character or a text direction override; type it again by hand"}}
		}
	}
	return nil
}

// missingMessage names the characters and the mend, script by script.
func missingMessage(missing []rune) string {
	runes := slices.Clone(missing)
	slices.Sort(runes)
	runes = slices.Compact(runes)
	more := ""
	if len(runes) > 12 {
		more = fmt.Sprintf(" and %d more", len(runes)-12)
		runes = runes[:12]
	}
	var points, packages []string
	for _, r := range runes {
		points = append(points, fmt.Sprintf("U+%04X (%s)", r, scriptName(r)))
		if p := fontPackage(r); !slices.Contains(packages, p) {
			packages = append(packages, p)
		}
	}
	return fmt.Sprintf("no font has %s%s; %s", strings.Join(points, ", "), more, strings.Join(packages, " and "))
}

func scriptName(r rune) string {
	if s := language.LookupScript(r); s.Strong() {
		for name, table := range unicode.Scripts {
			if unicode.Is(table, r) {
				return name
			}
		}
	}
	return "symbol"
}

// fontPackage says what to install for a character (Debian's names).
func fontPackage(r rune) string {
	switch {
	case !unicode.IsGraphic(r):
		return "write the name without it, as it is not a character that can be read"
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo):
		return "install the font package fonts-noto-cjk"
	case unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsNumber(r):
		return "install the font package fonts-noto-core"
	}
	return "install the font package fonts-noto-core, or write it without the symbol"
}
