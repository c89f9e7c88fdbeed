package letter

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/payseal/payseal/payroll"
)

// errCramped says that a text is larger than its place.
var errCramped = errors.New("a text is too long for its place on the page; shorten it")

// A text might not fit if it is long, or if a character of it is wide: whether it
// does, a trial says. The narrowest place of a page is six ems wide; a character may
// be wider by itself than beside others.
const (
	longest = 120 // bytes
	wide    = 4   // ems
)

func long(text string) bool { return len(text) > longest }

// checkRoom refuses a letterhead whose own words leave no room on the page: a
// slip of usual size is drawn on it in every language that it has words for.
func (h *Letterhead) checkRoom() error {
	if len(h.company.Labels) == 0 && !slices.ContainsFunc(h.company.texts(), long) {
		return nil
	}
	languages := append(slices.Sorted(maps.Keys(h.company.Labels)), h.company.Language)
	for _, language := range languages {
		if _, err := h.Page(trialSlip(language)); errors.Is(err, errCramped) {
			return fmt.Errorf("%w: letterhead: %w", payroll.ErrInvalid, errCramped)
		}
	}
	return nil
}

// trialSlip has all words of the page on it, and goes on over a second page.
func trialSlip(language string) payroll.Slip {
	sum := payroll.Money{Minor: 1234567, Currency: "EUR"}
	s := payroll.Slip{
		ID: "00000000-0000-4000-8000-000000000000", Currency: sum.Currency,
		Employee: payroll.Employee{Number: "E000001", Name: "Trial", Language: language, Country: "DE", Department: "Operations",
			Designation: "Engineer", Joined: payroll.Date{Year: 2026, Month: time.September, Day: 30}, BankAccount: "•••• 0000"},
		Period: payroll.Period{Year: 2026, Month: time.September}, PayDate: payroll.Date{Year: 2026, Month: time.September, Day: 30},
		Gross: &sum, Deductions: &sum, Net: sum, GrossYearToDate: &sum, DeductionsYearToDate: &sum, NetYearToDate: &sum,
		Hours: []payroll.Fact{{Label: "Working days", Value: "22"}}, Info: []payroll.Fact{{Label: "Tax code", Value: "1257L"}}, Note: "Trial",
		Fields: []payroll.FieldValue{{ID: "leave_balance", Text: "22.5"}, {ID: "tax_class", Text: "1"}},
	}
	s.Corrects = &payroll.Correction{Slip: s.ID, PayDate: s.PayDate, Reason: "Trial"}
	for range 24 {
		for _, kind := range []payroll.LineKind{payroll.LineEarning, payroll.LineDeduction, payroll.LineEmployer, payroll.LineTax} {
			s.Lines = append(s.Lines, payroll.Line{Kind: kind, Label: "Contribution", Amount: sum, YearToDate: &sum, Quantity: "1.5"})
		}
	}
	return s
}
