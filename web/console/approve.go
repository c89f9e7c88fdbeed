package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// approvePage asks once more, with everything that is said yes to.
type approvePage struct {
	Run      payroll.Run
	Facts    []Fact
	Reasons  []Fact // what would not be sent, and why
	Held     int
	Moved    bool // something changed since the visitor looked; nothing can be approved here
	Ready    bool // the fresh second factor is there
	Manifest string
	Left     int // of the sample, that the visitor has not opened
	Mistakes []Mistake
	Day      Field
	Clock    Field
	Review   string
	stepUp   string // the purpose
}

func (p approvePage) frame(f *Frame) {
	f.Trail = []Link{
		{Name: "Approvals", Href: "/approvals"}, {Name: fmt.Sprintf("Run %d", p.Run.ID), Href: runPath(p.Run.ID)},
		{Name: "Review", Href: p.Review},
	}
	if !p.Ready && !p.Moved && p.Left == 0 {
		f.StepUp = &StepUp{Act: fmt.Sprintf("approve run %d", p.Run.ID), Hash: p.Manifest, Href: stepUpPath(p.stepUp)}
	}
}

// Action is where the form goes.
func (p approvePage) Action() string { return runPath(p.Run.ID, "approve") }

// approveForm shows what would be approved, as the review does: it may be half a
// minute old where nothing has been done since. What is approved is looked at
// again under the run's lock, and refused if it is another. Whoever comes must
// have been shown the same by the review, or come back with a fresh second factor
// for it.
func (s *Server) approveForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := s.decidable(r, v)
	if err != nil {
		return err
	}
	page, err := s.approvePage(r, v, run)
	if err != nil {
		return err
	}
	shown := r.URL.Query().Get("manifest")
	if shown == "" && !page.Ready {
		return redirect(w, r, page.Review, "")
	}
	page.Moved = shown != "" && shown != page.Manifest
	return s.render(w, v, http.StatusOK, "approve", page)
}

// decidable is the run of the path, if this visitor can approve or reject it now.
func (s *Server) decidable(r *http.Request, v *visit) (payroll.Run, error) {
	id, err := runIDOf(r)
	if err != nil {
		return payroll.Run{}, err
	}
	run, err := s.Desk.Run(r.Context(), id)
	if err != nil {
		return run, err
	}
	if err := run.MayDecide(v.admin); err != nil {
		return run, err
	}
	if run.State != payroll.RunSubmitted {
		return run, fmt.Errorf("%w: run %d is %s", payroll.ErrWrongState, id, run.State)
	}
	return run, nil
}

func (s *Server) approvePage(r *http.Request, v *visit, run payroll.Run) (approvePage, error) {
	ctx := r.Context()
	page := approvePage{Run: run, Review: runPath(run.ID, "review")}
	found, err := s.Desk.Inspection(ctx, run.ID, s.Letterhead().Digest(), s.Policy.Freeze)
	if err != nil {
		return page, err
	}
	opened, err := s.Desk.Openings(ctx, run.ID, v.admin.Name)
	if err != nil {
		return page, err
	}
	page.Manifest, page.Held, page.Left = found.Manifest, len(found.Held), len(payroll.Unopened(found.Sample, opened))
	page.stepUp = runPath(run.ID, "approve") + "#" + found.Manifest
	if page.Ready, err = s.Desk.HasStepUp(ctx, v.secret, page.stepUp, payroll.StepUpFresh); err != nil {
		return page, err
	}
	for _, reason := range holdOrder {
		if n := found.HeldBy()[reason]; n > 0 {
			page.Reasons = append(page.Reasons, Fact{Name: holdWords(reason), Text: count(n)})
		}
	}
	zone := s.Company.Zone.String()
	page.Day = Field{Name: "day", Label: "Not before, day", Kind: "date", Optional: true, Short: true, Hint: "Empty: as soon as somebody or a schedule sends it."}
	page.Clock = Field{Name: "clock", Label: "Not before, time", Kind: "time", Optional: true, Short: true, Hint: "In the zone " + zone + "."}
	page.Facts, err = s.approvalFacts(ctx, run, found)
	return page, err
}

// approvalFacts say whose run it is and what it adds up to.
func (s *Server) approvalFacts(ctx context.Context, run payroll.Run, found payroll.Inspection) ([]Fact, error) {
	by := "imported and submitted by " + string(run.SubmittedBy)
	if run.ImportedBy != run.SubmittedBy {
		by = "imported by " + string(run.ImportedBy) + ", submitted by " + string(run.SubmittedBy)
	}
	facts := []Fact{
		{Name: "Month", Text: periodWords(run.Period), Hint: by},
		{Name: "Paid", Day: run.PayDate},
		{Name: "Slips", Text: count(found.Slips)},
	}
	if run.Corrects != 0 {
		facts = append(facts, Fact{Name: "Corrects", Text: fmt.Sprintf("Run %d", run.Corrects), Href: runPath(run.Corrects), Hint: run.Correction})
	}
	totals, err := s.Desk.Totals(ctx, run.ID)
	if errors.Is(err, payroll.ErrNotFound) {
		return facts, nil
	}
	return append(facts, Fact{Name: "Net pay", Text: money(totals.Net, run.Currency) + " " + string(run.Currency)}), err
}

// pinningPatience is how long pinning a run of any size may take.
const pinningPatience = 80 * time.Second

// approve says yes. The fresh second factor is used up in the transaction of the
// approval: who comes second finds the run approved, and keeps theirs.
func (s *Server) approve(w http.ResponseWriter, r *http.Request, v *visit) error {
	ctx, cancel := context.WithTimeout(r.Context(), pinningPatience)
	defer cancel()
	run, err := s.decidable(r, v)
	if err != nil {
		return err
	}
	done, err := s.decideAlone(run.ID)
	if err != nil {
		return err
	}
	defer done()
	notBefore, mistakes := s.notBefore(r)
	if len(mistakes) > 0 {
		return s.approveAgain(w, r, v, run, mistakes)
	}
	err = s.Desk.ApproveRun(ctx, run.ID, v.admin.Name, payroll.Approval{
		Letterhead: s.Letterhead().Digest(), Manifest: r.PostForm.Get("manifest"), Proven: true, NotBefore: notBefore,
		StepUp: &payroll.StepUpUse{Session: v.secret, Purpose: purposeOf(r), Fresh: payroll.StepUpFresh},
	})
	if err != nil {
		return s.stepUpError(err) // the run is there: what was not found is the factor
	}
	return redirect(w, r, runPath(run.ID), "run-approved")
}

// decideAlone lets one request at a time decide a run. Others would only wait for
// the database's lock, with a connection each, to be told the same.
func (s *Server) decideAlone(run payroll.RunID) (done func(), err error) {
	if _, busy := s.deciding.LoadOrStore(run, true); busy {
		return nil, fmt.Errorf("%w: run %d is being decided at this moment", payroll.ErrWrongState, run)
	}
	return func() { s.deciding.Delete(run) }, nil
}

// approveAgain shows the form again with what is wrong in it. The second factor
// was not used.
func (s *Server) approveAgain(w http.ResponseWriter, r *http.Request, v *visit, run payroll.Run, mistakes []Mistake) error {
	page, err := s.approvePage(r, v, run)
	if err != nil {
		return err
	}
	page.Moved, page.Mistakes = r.PostForm.Get("manifest") != page.Manifest, mistakes
	page.Day.Value, page.Clock.Value = r.PostForm.Get("day"), r.PostForm.Get("clock")
	for _, m := range mistakes {
		if m.Field == "clock" {
			page.Clock.Error = m.Text
		} else {
			page.Day.Error = m.Text
		}
	}
	return s.render(w, v, http.StatusUnprocessableEntity, "approve", page)
}

// notBefore reads the time before which nothing is to leave, in the company's
// zone; zero if none was given.
func (s *Server) notBefore(r *http.Request) (time.Time, []Mistake) {
	day, clock := strings.TrimSpace(r.PostForm.Get("day")), strings.TrimSpace(r.PostForm.Get("clock"))
	if day == "" && clock == "" {
		return time.Time{}, nil
	}
	date, err := payroll.ParseDate(day)
	if err != nil {
		return time.Time{}, []Mistake{{"day", "Write the day, too: " + sentenceOf(err)}}
	}
	at, err := time.Parse("15:04", clock)
	if err != nil {
		return time.Time{}, []Mistake{{"clock", "Write the time, too, such as 08:00."}}
	}
	moment := date.At(at.Hour(), at.Minute(), s.Company.Zone)
	if err := (payroll.Approval{NotBefore: moment}).CheckTerms(s.Now()); err != nil {
		return time.Time{}, []Mistake{{"day", sentenceOf(err)}}
	}
	return moment, nil
}

// rejectPage asks for the reason.
type rejectPage struct {
	Run     payroll.Run
	Confirm Confirm
}

func (p rejectPage) frame(f *Frame) {
	f.Trail = []Link{
		{Name: "Approvals", Href: "/approvals"}, {Name: fmt.Sprintf("Run %d", p.Run.ID), Href: runPath(p.Run.ID)},
		{Name: "Review", Href: runPath(p.Run.ID, "review")},
	}
	f.Narrow = true
}

func newRejectPage(run payroll.Run, given, mistake string) rejectPage {
	return rejectPage{Run: run, Confirm: Confirm{
		ID: "reject", Action: runPath(run.ID, "reject"), Title: "Reject this run", Tone: ToneBad,
		Text:   "Nothing of it will be sent. " + string(run.ImportedBy) + " sees the reason and can upload the file again, mended.",
		Reason: true, ReasonName: "Why", ReasonHint: "What is to be mended. No names, no amounts: it is kept in the audit log.",
		Given: given, Error: mistake, Button: "Reject the run", Cancel: runPath(run.ID, "review"),
	}}
}

func (s *Server) rejectForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := s.decidable(r, v)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "reject", newRejectPage(run, "", ""))
}

// reject says no. The maker is shown the reason.
func (s *Server) reject(w http.ResponseWriter, r *http.Request, v *visit) error {
	run, err := s.decidable(r, v)
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(strings.ToValidUTF8(r.PostForm.Get("reason"), "�"))
	if mistake := mistakeOf(reason); mistake != "" {
		return s.render(w, v, http.StatusUnprocessableEntity, "reject", newRejectPage(run, reason, mistake))
	}
	done, err := s.decideAlone(run.ID)
	if err != nil {
		return err
	}
	defer done()
	if err := s.Desk.RejectRun(r.Context(), run.ID, v.admin.Name, reason); err != nil {
		return err
	}
	return redirect(w, r, "/approvals", "run-rejected")
}
