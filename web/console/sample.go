package console

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// samplePageData is one slip as an approver sees it: to whom it would go, and the
// page itself.
type samplePageData struct {
	Run    payroll.Run
	Person payroll.Reviewed
	Facts  []Fact
	PDF    string
	Next   string // the next of the sample that is not opened; "" if none is
	Left   int    // how many of the sample are not opened
	InIt   bool   // this one is of the sample
}

func (p samplePageData) frame(f *Frame) {
	f.Trail = []Link{
		{Name: "Approvals", Href: "/approvals"}, {Name: fmt.Sprintf("Run %d", p.Run.ID), Href: runPath(p.Run.ID)},
		{Name: "Review", Href: runPath(p.Run.ID, "review")},
	}
}

// Name is the employee's, or their number where the roster has none.
func (p samplePageData) Name() string { return cmp.Or(p.Person.Name, string(p.Person.Employee)) }

// Review is the page from which the visitor came.
func (p samplePageData) Review() string { return runPath(p.Run.ID, "review") }

// sampleSlip shows one slip. It is opened when the page in it is loaded.
func (s *Server) sampleSlip(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runIDOf(r)
	if err != nil {
		return err
	}
	number := payroll.EmployeeNumber(r.PathValue("number"))
	run, err := s.Desk.Run(r.Context(), id)
	if err != nil {
		return err
	}
	people, err := s.Desk.Reviewed(r.Context(), id, []payroll.EmployeeNumber{number})
	if err != nil {
		return err
	}
	if len(people) == 0 || !people[0].InRun {
		return payroll.ErrNotFound
	}
	found, err := s.Desk.Inspection(r.Context(), id, s.Letterhead().Digest(), s.Policy.Freeze)
	if err != nil {
		return err
	}
	opened, err := s.Desk.Openings(r.Context(), id, v.admin.Name)
	if err != nil {
		return err
	}
	left := payroll.Unopened(found.Sample, opened)
	left = slices.DeleteFunc(left, func(n payroll.EmployeeNumber) bool { return n == number }) // it is about to be
	page := samplePageData{
		Run: run, Person: people[0], Facts: recipientFacts(people[0]), PDF: slipPath(id, number),
		Left: len(left), InIt: slices.Contains(found.Sample, number),
	}
	if len(left) > 0 {
		i, _ := slices.BinarySearch(left, number)
		page.Next = samplePath(id, left[i%len(left)])
	}
	return s.render(w, v, http.StatusOK, "sample", page)
}

// recipientFacts say to whom a slip would go.
func recipientFacts(p payroll.Reviewed) []Fact {
	facts := []Fact{{Name: "Employee", Text: p.Name, Hint: string(p.Employee)}}
	if p.Department != "" {
		facts = append(facts, Fact{Name: "Department", Text: p.Department})
	}
	email := Fact{Name: "Goes to", Text: string(p.Email)}
	if p.EmailBefore != "" && !p.EmailBefore.Same(p.Email) {
		email.Hint = "was " + string(p.EmailBefore) + " in the run before"
	}
	key := Fact{Name: "Sealed to", Fingerprint: p.Fingerprint}
	switch {
	case p.Fingerprint == "":
		key.Missing = "no certificate; it would be held"
	case p.Standing == payroll.CertificateCandidate:
		key.Hint = "not verified yet; it would be held"
	case p.FingerprintBefore != "" && p.FingerprintBefore != p.Fingerprint:
		key.Hint = "another than in the run before; " + checkedWords(p)
	}
	return append(facts, email, key)
}

// letterheadPage is a page without pay data, on the letterhead of now or on that
// of the run before.
func (s *Server) letterheadPage(w http.ResponseWriter, r *http.Request, _ *visit) error {
	id, err := runIDOf(r)
	if err != nil {
		return err
	}
	run, err := s.Desk.Run(r.Context(), id)
	if err != nil {
		return err
	}
	paper := s.Letterhead()
	switch r.PathValue("which") {
	case "now.pdf":
	case "before.pdf":
		digest, err := s.letterheadBefore(r.Context(), run)
		if err != nil {
			return err
		}
		past, err := s.Desk.SettingsHistory(r.Context(), 0, lookBack)
		if err != nil {
			return err
		}
		paper = nil
		for i := 0; i < len(past) && paper == nil; i++ {
			paper = s.redrawn(past[i], digest)
		}
	default:
		return errNoPage
	}
	if paper == nil {
		return payroll.ErrNotFound
	}
	pdf, err := paper.SpecimenPage("", s.Now())
	if err != nil {
		return fmt.Errorf("draw letterhead: %w", err)
	}
	writePDF(w, pdf)
	return nil
}

// redrawn is a letterhead of before, if it is the one of that digest; nil if not.
func (s *Server) redrawn(p payroll.ConfirmedSettings, digest string) *letter.Letterhead {
	paper, err := s.Letterhead().Redrawn(letter.CompanyOf(p.Settings.Company, p.Logo, p.Settings.Sender.Fingerprint))
	if err != nil || paper.Digest() != digest {
		return nil
	}
	return paper
}

// writePDF answers with a page that a frame of our own may show.
func writePDF(w http.ResponseWriter, pdf []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	h.Set("Content-Disposition", "inline")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Security-Policy", "frame-ancestors 'self'")
	_, _ = w.Write(pdf) //nolint:gosec // a PDF, named as one; nobody is left to tell
}
