package letter

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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

// headings are the words that stand on every page in bold.
func (w *words) headings() []string {
	return []string{w.netPay, w.earnings, w.deductions, w.employer, w.leave, w.tax, w.information, w.totalEarnings, w.totalDeductions}
}

// seldom are labels that few pages have.
var seldom = []string{"continued", "correction", "replaces", "reason", "tax_working", "notes"}

// usual are the words that stand on nearly every page. A page has one or two of the
// twelve months.
func (w *words) usual() []string {
	texts := make([]string, 0, len(labelled))
	for _, name := range LabelNames() {
		if !slices.Contains(seldom, name) {
			texts = append(texts, *labelled[name](w))
		}
	}
	return texts
}

// texts are all words that stand on a page, as far as they are known before.
func (w *words) texts() []string {
	texts := append(w.usual(), w.months[:]...)
	texts = append(texts, w.monthsAlone[:]...)
	for _, name := range seldom {
		texts = append(texts, *labelled[name](w))
	}
	return texts
}
