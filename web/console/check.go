package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// checkDesk is what the check of a draft asks of the database.
type checkDesk interface {
	Run(ctx context.Context, id payroll.RunID) (payroll.Run, error)
	// Totals is ErrNotFound of a run from before they were kept.
	Totals(ctx context.Context, run payroll.RunID) (payroll.Totals, error)
	Remarks(ctx context.Context, run payroll.RunID, q payroll.RemarkQuery) ([]payroll.Remark, error)
	RemarkCounts(ctx context.Context, run payroll.RunID) (map[payroll.RemarkKind]payroll.RemarkCount, error)
	Twins(ctx context.Context, run payroll.RunID) ([]payroll.TwinFinding, error)
	TwinCount(ctx context.Context, run payroll.RunID) (payroll.RemarkCount, error)
	NamesOf(ctx context.Context, numbers []payroll.EmployeeNumber) (map[payroll.EmployeeNumber]string, error)
	AcknowledgeKind(ctx context.Context, run payroll.RunID, kind payroll.RemarkKind, by payroll.AdminName, note string) error
	AcknowledgeRemarks(ctx context.Context, run payroll.RunID, kind payroll.RemarkKind, numbers []payroll.EmployeeNumber, by payroll.AdminName, note string) error
	AcknowledgePair(ctx context.Context, run payroll.RunID, t payroll.Twin, by payroll.AdminName, note string) error
	SubmitRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, proven bool) error
	VoidRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, reason string) error
	// Slip opens a slip; who looked is audited.
	Slip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName) (payroll.Slip, error)
	// SendSample is ErrNotFound if the admin is no employee with a certificate.
	SendSample(ctx context.Context, by payroll.AdminName) error
}

// kindTwin is the remarks' tab of the twins, which are remarks of another table.
const kindTwin payroll.RemarkKind = "twin"

// checkKinds are the tabs in their order.
var checkKinds = []struct {
	kind          payroll.RemarkKind
	name, explain string
	none          string
}{
	{payroll.RemarkVariance, "Changes", "Net pay differs by more than the threshold from the run before. The largest change stands first.", "Nobody's net pay differs by more than the threshold."},
	{payroll.RemarkJoiner, "New", "Nobody of that number was in the run before.", "Everybody was in the run before, too."},
	{payroll.RemarkMissing, "Missing", "They were in the run before, have not left, and are not in this one.", "Nobody who was in the run before is missing."},
	{payroll.RemarkLeaver, "Left", "They are paid for a month that began after they left.", "Nobody is paid after leaving."},
	{kindTwin, "Twins", "Two people who are easily taken for each other. Make sure that each slip goes to the right one.", "Nobody is easily taken for somebody else."},
}

func runIDOf(r *http.Request) (payroll.RunID, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, fmt.Errorf("%w: a run has a number", payroll.ErrNotFound)
	}
	return payroll.RunID(id), nil
}

// check shows a draft: its sums beside the run before, and what must be looked at.
func (s *Server) check(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runIDOf(r)
	if err != nil {
		return err
	}
	run, err := s.Desk.Run(r.Context(), id)
	if err != nil {
		return err
	}
	page, err := s.checkPage(r, run)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "run-check", page)
}

// acknowledge records that somebody looked at what they ticked, or at all of a
// kind.
func (s *Server) acknowledge(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := runIDOf(r)
	if err != nil {
		return err
	}
	kind := payroll.RemarkKind(r.PostForm.Get("kind"))
	back := checkPath(run) + "?kind=" + url.QueryEscape(string(kind))
	note, chosen, all := strings.TrimSpace(r.PostForm.Get("note")), r.PostForm["about"], r.PostForm.Get("all") != ""
	switch {
	case !knownKind(kind):
		return fmt.Errorf("%w: there are no remarks of that kind", payroll.ErrInvalid)
	case note == "":
		return redirectAnd(w, r, back, "note-missing")
	case !all && len(chosen) == 0:
		return redirectAnd(w, r, back, "none-chosen")
	}
	if err := s.acknowledgeChosen(r.Context(), run, kind, chosen, all, v.admin.Name, note); err != nil {
		return err
	}
	return redirectAnd(w, r, back, "acknowledged")
}

func (s *Server) acknowledgeChosen(ctx context.Context, run payroll.RunID, kind payroll.RemarkKind, chosen []string, all bool, by payroll.AdminName, note string) error {
	switch {
	case kind == kindTwin && all:
		return s.Desk.AcknowledgePair(ctx, run, payroll.Twin{}, by, note)
	case kind == kindTwin:
		for _, text := range chosen {
			pair, err := url.ParseQuery(text)
			if err != nil {
				return fmt.Errorf("%w: no such pair", payroll.ErrInvalid)
			}
			t := payroll.Twin{Kind: payroll.TwinKind(pair.Get("kind")), First: payroll.EmployeeNumber(pair.Get("first")), Second: payroll.EmployeeNumber(pair.Get("second"))}
			if t.First == "" {
				return fmt.Errorf("%w: no such pair", payroll.ErrInvalid)
			}
			if err := s.Desk.AcknowledgePair(ctx, run, t, by, note); err != nil {
				return err
			}
		}
		return nil
	case all:
		return s.Desk.AcknowledgeKind(ctx, run, kind, by, note)
	}
	numbers := make([]payroll.EmployeeNumber, len(chosen))
	for i, text := range chosen {
		numbers[i] = payroll.EmployeeNumber(text)
	}
	return s.Desk.AcknowledgeRemarks(ctx, run, kind, numbers, by, note)
}

func knownKind(kind payroll.RemarkKind) bool {
	for _, k := range checkKinds {
		if k.kind == kind {
			return true
		}
	}
	return false
}

// redirectAnd is redirect to a path that has a query already.
func redirectAnd(w http.ResponseWriter, r *http.Request, path, said string) error {
	http.Redirect(w, r, path+"&said="+said, http.StatusSeeOther) //nolint:gosec // a path of our own
	return nil
}

// submitRun hands a draft to the approvers. Names are proven here, so every
// remark and twin must have been acknowledged.
func (s *Server) submitRun(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := runIDOf(r)
	if err != nil {
		return err
	}
	if err := s.Desk.SubmitRun(r.Context(), run, v.admin.Name, true); err != nil {
		return err
	}
	return redirect(w, r, checkPath(run), "run-submitted")
}

// voidDraft ends a draft, so that another file can take its place.
func (s *Server) voidDraft(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runIDOf(r)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(r.PostForm.Get("reason"))
	if reason == "" {
		return redirect(w, r, checkPath(id), "reason-missing")
	}
	run, err := s.Desk.Run(r.Context(), id)
	if err != nil {
		return err
	}
	if run.State != payroll.RunDraft {
		return fmt.Errorf("%w: run %d is %s; this page ends drafts", payroll.ErrWrongState, id, run.State)
	}
	if err := s.Desk.VoidRun(r.Context(), id, v.admin.Name, reason); err != nil {
		return err
	}
	return redirect(w, r, "/runs/new", "draft-void")
}

// sendSample has a specimen sealed to the visitor's own certificate.
func (s *Server) sendSample(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := runIDOf(r)
	if err != nil {
		return err
	}
	switch err := s.Desk.SendSample(r.Context(), v.admin.Name); {
	case errors.Is(err, payroll.ErrNotFound):
		return redirect(w, r, checkPath(run), "sample-nobody")
	case err != nil:
		return err
	}
	return redirect(w, r, checkPath(run), "sample-asked")
}

// slipPage is the page of one slip as it would be sent, drawn now and kept
// nowhere. It is shown inside a page of ours.
func (s *Server) slipPage(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := runIDOf(r)
	if err != nil {
		return err
	}
	slip, err := s.Desk.Slip(r.Context(), run, payroll.EmployeeNumber(r.PathValue("number")), v.admin.Name)
	if err != nil {
		return err
	}
	pdf, err := s.Letterhead().Page(slip)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `inline; filename="slip.pdf"`)
	h.Set("Content-Length", strconv.Itoa(len(pdf)))
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("Content-Security-Policy", "frame-ancestors 'self'") // nothing else: browsers show it with a page of their own
	_, _ = w.Write(pdf)                                        //nolint:gosec // a PDF, named as one; nobody is left to tell
	return nil
}

// slipPath is where a slip's page is.
func slipPath(run payroll.RunID, number payroll.EmployeeNumber) string {
	return fmt.Sprintf("/runs/%d/slips/%s/page.pdf", run, url.PathEscape(string(number)))
}
