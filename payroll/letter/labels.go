package letter

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/payseal/payseal/payroll"
)

// labelled are the words of the page that a letterhead may have its own way, by
// the names that catalogs and configuration give them.
var labelled = map[string]func(w *words) *string{
	"title":            func(w *words) *string { return &w.title },
	"slip_number":      func(w *words) *string { return &w.slipNumber },
	"pay_date":         func(w *words) *string { return &w.payDate },
	"number":           func(w *words) *string { return &w.number },
	"designation":      func(w *words) *string { return &w.designation },
	"department":       func(w *words) *string { return &w.department },
	"joined":           func(w *words) *string { return &w.joined },
	"account":          func(w *words) *string { return &w.account },
	"net_pay":          func(w *words) *string { return &w.netPay },
	"gross":            func(w *words) *string { return &w.gross },
	"deducted":         func(w *words) *string { return &w.deduct },
	"year_to_date":     func(w *words) *string { return &w.yearToDate },
	"earnings":         func(w *words) *string { return &w.earnings },
	"deductions":       func(w *words) *string { return &w.deductions },
	"employer":         func(w *words) *string { return &w.employer },
	"employer_note":    func(w *words) *string { return &w.employerNote },
	"amount":           func(w *words) *string { return &w.amount },
	"total_earnings":   func(w *words) *string { return &w.totalEarnings },
	"total_deductions": func(w *words) *string { return &w.totalDeductions },
	"leave":            func(w *words) *string { return &w.leave },
	"tax":              func(w *words) *string { return &w.tax },
	"tax_working":      func(w *words) *string { return &w.taxWorking },
	"notes":            func(w *words) *string { return &w.notes },
	"information":      func(w *words) *string { return &w.information },
	"continued":        func(w *words) *string { return &w.continued },
	"questions":        func(w *words) *string { return &w.questions },
	"fingerprint":      func(w *words) *string { return &w.fingerprint },
	"page":             func(w *words) *string { return &w.page },
	"correction":       func(w *words) *string { return &w.correction },
	"replaces":         func(w *words) *string { return &w.replaces },
	"reason":           func(w *words) *string { return &w.reason },
}

// LabelNames are the words of the page that Company.Labels may give otherwise.
func LabelNames() []string { return slices.Sorted(maps.Keys(labelled)) }

// checkLabels refuses words that no page has, and those that lack a value which
// the word they stand for has in it.
func checkLabels(labels map[string]map[string]string) error {
	for language, own := range labels {
		for name, text := range own {
			at, known := labelled[name]
			if !known {
				return fmt.Errorf("%w: no label is named %q; there are %s", payroll.ErrInvalid, name, strings.Join(LabelNames(), ", "))
			}
			if err := payroll.CheckText("label", text); err != nil || text == "" {
				return fmt.Errorf("%w: the label %s in %q is empty or no plain text", payroll.ErrInvalid, name, language)
			}
			for _, value := range []string{"{id}", "{date}", "{contact}", "{reason}", "{n}", "{of}"} {
				if strings.Contains(*at(wordsOf("en")), value) && !strings.Contains(text, value) {
					return fmt.Errorf("%w: the label %s in %q lacks %s", payroll.ErrInvalid, name, language, value)
				}
			}
		}
	}
	return nil
}

// ownWords are the words of a language as this letterhead has them.
func (h *Letterhead) ownWords(w *words) *words {
	own := h.company.Labels[w.language]
	if len(own) == 0 {
		return w
	}
	changed := *w
	for name, text := range own {
		*labelled[name](&changed) = text
	}
	return &changed
}

// Labels that stand on the page in bold, and never otherwise; those that few pages
// have; and those that some payrolls have no use for.
var (
	bold = []string{"net_pay", "earnings", "deductions", "total_earnings", "total_deductions",
		"employer", "leave", "tax", "tax_working", "information", "notes"}
	seldom = []string{"continued", "correction", "replaces", "reason", "tax_working", "notes"}
	spare  = []string{"employer", "employer_note", "leave", "tax", "information"}
)

// usual are the words that stand on nearly every page, in one of the two weights.
// A page has one or two of the twelve months. An ideograph is a hundred bytes or
// more that share nothing with others, so there only what every payroll has is
// usual; syllables and letters are made of parts that deflate well together.
func (w *words) usual(heavy bool) []string {
	var texts []string
	ideographs := w.in(unicode.Han, unicode.Hangul)
	for _, name := range LabelNames() {
		unusual := slices.Contains(seldom, name) || ideographs && slices.Contains(spare, name)
		if slices.Contains(bold, name) == heavy && !unusual {
			texts = append(texts, *labelled[name](w))
		}
	}
	return texts
}

// texts are all words that stand on a page, as far as they are known before.
func (w *words) texts() []string {
	texts := slices.Concat(w.months[:], w.monthsAlone[:])
	for _, name := range LabelNames() {
		texts = append(texts, *labelled[name](w))
	}
	return texts
}
