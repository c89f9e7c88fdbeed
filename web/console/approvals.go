package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

func (s *Server) approvalRoutes() []route {
	return []route{
		{method: "GET", path: "/approvals", handle: s.approvals, roles: everybody},
		{method: "GET", path: "/runs/{id}/review", handle: s.review, roles: approvers},
		{method: "GET", path: "/runs/{id}/review/{list}", handle: s.reviewList, roles: approvers},
		{method: "GET", path: "/runs/{id}/review/slips/{number}", handle: s.sampleSlip, roles: approvers},
		{method: "GET", path: "/runs/{id}/review/letterhead/{which}", handle: s.letterheadPage, roles: approvers, rate: rateAsk},
		{method: "GET", path: "/runs/{id}/approve", handle: s.approveForm, roles: approvers},
		{method: "POST", path: "/runs/{id}/approve", handle: s.approve, roles: approvers, stepUp: true, takes: true, stream: true},
		{method: "GET", path: "/runs/{id}/reject", handle: s.rejectForm, roles: approvers},
		{method: "POST", path: "/runs/{id}/reject", handle: s.reject, roles: approvers},
	}
}

// ApprovalDesk is what these pages ask of the database.
type ApprovalDesk interface {
	Run(ctx context.Context, id payroll.RunID) (payroll.Run, error)
	// SubmittedRuns wait for an approver, WaitingRuns to be sent; RejectedRuns are
	// the latest of a maker.
	SubmittedRuns(ctx context.Context) ([]payroll.WaitingRun, error)
	WaitingRuns(ctx context.Context) ([]payroll.WaitingRun, error)
	RejectedRuns(ctx context.Context, by payroll.AdminName, limit int) ([]payroll.WaitingRun, error)
	FrozenSlips(ctx context.Context, limit int) ([]payroll.FrozenSlip, error)
	OpenProposals(ctx context.Context) ([]payroll.Proposal, error)
	Alarms(ctx context.Context, all bool) ([]payroll.Alarm, error)

	// Inspection is all that approving a run now would pin; it may be half a minute
	// old.
	Inspection(ctx context.Context, run payroll.RunID, letterhead string, freeze payroll.Freeze) (payroll.Inspection, error)
	Reviewed(ctx context.Context, run payroll.RunID, numbers []payroll.EmployeeNumber) ([]payroll.Reviewed, error)
	ReviewedTwins(ctx context.Context, run payroll.RunID, after payroll.Twin, limit int) ([]payroll.ReviewedTwin, error)
	Remarks(ctx context.Context, run payroll.RunID, q payroll.RemarkQuery) ([]payroll.Remark, error)
	TwinCounts(ctx context.Context, run payroll.RunID) (all, open int, err error)
	RemarkCounts(ctx context.Context, run payroll.RunID) (map[payroll.RemarkKind]payroll.RemarkCount, error)
	Totals(ctx context.Context, run payroll.RunID) (payroll.Totals, error)
	// Openings are whose slips this admin has opened; Slip opens one, which is kept.
	Openings(ctx context.Context, run payroll.RunID, by payroll.AdminName) ([]payroll.EmployeeNumber, error)
	Slip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName) (payroll.Slip, error)
	SettingsHistory(ctx context.Context, before int64, limit int) ([]payroll.ConfirmedSettings, error)

	HasStepUp(ctx context.Context, session payroll.SecretHash, purpose string, fresh time.Duration) (bool, error)
	ApproveRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, a payroll.Approval) error
	RejectRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, reason string) error
}

// runOf is the run that a path names.
func runOf(r *http.Request) (payroll.RunID, error) { return runIDOf(r) }

// runPath is a page of a run: runPath(12, "review") is "/runs/12/review".
func runPath(id payroll.RunID, below ...string) string {
	path := fmt.Sprintf("/runs/%d", id)
	for _, part := range below {
		path += "/" + url.PathEscape(part)
	}
	return path
}

// Most of a kind that stand on the page of what waits.
const mostWaiting = 50

// approvalsPage is what waits for the visitor.
type approvalsPage struct {
	Alarms    Table
	Runs      Table
	Proposals Table
	Frozen    Table
	Waiting   Table
	Rejected  Table
	Nothing   *Empty // instead of all of them
}

// approvals shows what waits for the visitor, and what they are told of.
func (s *Server) approvals(w http.ResponseWriter, r *http.Request, v *visit) error {
	var page approvalsPage
	for _, part := range []func(context.Context, *visit, *approvalsPage) error{
		s.waitingAlarms, s.waitingRuns, s.waitingProposals, s.waitingReleases, s.rejectedRuns,
	} {
		if err := part(r.Context(), v, &page); err != nil {
			return err
		}
	}
	rows := len(page.Alarms.Rows) + len(page.Runs.Rows) + len(page.Proposals.Rows) + len(page.Frozen.Rows) + len(page.Waiting.Rows) + len(page.Rejected.Rows)
	if rows == 0 {
		page.Nothing = &Empty{Drawing: "calm", Title: "Nothing waits for you", Text: "Runs that were submitted, changes that take two people and slips that the change freeze holds appear here."}
	}
	return s.render(w, v, http.StatusOK, "approvals", page)
}

func (s *Server) waitingAlarms(ctx context.Context, _ *visit, page *approvalsPage) error {
	alarms, err := s.Desk.Alarms(ctx, false)
	page.Alarms = Table{Caption: "Alarms", Quiet: true, Columns: []Column{{Name: "Alarm"}, {Name: "About"}, {Name: "Since"}}}
	for _, a := range alarms[:min(len(alarms), mostWaiting)] {
		about := Cell{Missing: "no run"}
		if a.Run != 0 {
			about = Cell{Text: fmt.Sprintf("Run %d", a.Run), Href: runPath(a.Run)}
		}
		page.Alarms.Rows = append(page.Alarms.Rows, Row{Tone: ToneBad, Cells: []Cell{
			{Text: sentence(a.Kind.Sentence()), Hint: alarmWords(a)}, about, {At: a.At},
		}})
	}
	return err
}

// waitingRuns are the runs that somebody must decide, for approvers with why this
// visitor may not, and those that wait to be sent.
func (s *Server) waitingRuns(ctx context.Context, v *visit, page *approvalsPage) error {
	submitted, err := s.Desk.SubmittedRuns(ctx)
	if err != nil {
		return err
	}
	page.Runs = Table{Caption: "Runs to decide", Quiet: true, Columns: []Column{
		{Name: "Run"}, {Name: "Paid"}, {Name: "Slips", Number: true}, {Name: "Submitted"}, {Name: "You"},
	}}
	for _, run := range submitted {
		page.Runs.Rows = append(page.Runs.Rows, waitingRow(run, v))
	}
	waiting, err := s.Desk.WaitingRuns(ctx)
	page.Waiting = Table{Caption: "Approved, not sent yet", Quiet: true, Columns: []Column{
		{Name: "Run"}, {Name: "Paid"}, {Name: "Slips", Number: true}, {Name: "Approved by"}, {Name: "Not before"},
	}}
	for _, run := range waiting {
		notBefore := Cell{Text: "at once, or by its schedule"}
		if run.NotBefore != nil {
			notBefore = Cell{Text: payroll.ZoneMoment(*run.NotBefore)}
		}
		page.Waiting.Rows = append(page.Waiting.Rows, Row{Cells: []Cell{
			{Text: runName(run.Run), Href: runPath(run.ID)}, {Day: run.PayDate}, {Text: count(run.Slips)}, {Text: string(run.ApprovedBy)}, notBefore,
		}})
	}
	return err
}

func runName(run payroll.Run) string {
	return fmt.Sprintf("Run %d, %s", run.ID, periodWords(run.Period))
}

func waitingRow(run payroll.WaitingRun, v *visit) Row {
	name, you, tone := Cell{Text: runName(run.Run)}, Cell{}, TonePlain
	switch err := run.MayDecide(v.admin); {
	case err == nil:
		name.Href, tone = runPath(run.ID, "review"), ToneWarn
		you.Chip = &Chip{"Waits for you", "inbox", ToneWarn}
	case v.is(payroll.RoleApprover):
		name.Href = runPath(run.ID, "review")
		you = Cell{Text: "Not you: you imported or submitted it", Hint: "A second person decides it."}
	default:
		you = Cell{Text: "Waits for an approver"}
	}
	by := Cell{Hint: "by " + string(run.SubmittedBy)}
	if run.SubmittedAt != nil {
		by.At = *run.SubmittedAt
	}
	if run.ImportedBy != run.SubmittedBy {
		by.Hint += ", imported by " + string(run.ImportedBy)
	}
	return Row{Tone: tone, Cells: []Cell{name, {Day: run.PayDate}, {Text: count(run.Slips)}, by, you}}
}

// waitingProposals are changes that take two people and that the visitor may
// decide.
func (s *Server) waitingProposals(ctx context.Context, v *visit, page *approvalsPage) error {
	proposals, err := s.Desk.OpenProposals(ctx)
	page.Proposals = Table{Caption: "Changes that take two people", Quiet: true, Columns: []Column{{Name: "Change"}, {Name: "Proposed by"}, {Name: "Since"}}}
	for _, p := range proposals {
		if p.Confirm(v.admin) != nil { // a copy
			continue
		}
		page.Proposals.Rows = append(page.Proposals.Rows, Row{Cells: []Cell{
			{Text: sentence(proposalWords(p)), Href: proposalPath(p.ID)}, {Text: string(p.ProposedBy)}, {At: p.ProposedAt},
		}})
	}
	return err
}

// waitingReleases are slips that the change freeze holds, for those who may
// release them.
func (s *Server) waitingReleases(ctx context.Context, v *visit, page *approvalsPage) error {
	page.Frozen = Table{Caption: "Slips that the change freeze holds", Quiet: true, Columns: []Column{{Name: "Person"}, {Name: "Run"}, {Name: "Paid"}, {Name: "Released by"}}}
	if !v.is(payroll.RoleApprover, payroll.RoleOperator) {
		return nil
	}
	frozen, err := s.Desk.FrozenSlips(ctx, mostWaiting)
	for _, f := range frozen {
		released := Cell{Missing: "nobody"}
		if len(f.ReleasedBy) > 0 {
			released = Cell{Text: joinNames(f.ReleasedBy), Hint: "A second person must too."}
			if slices.Contains(f.ReleasedBy, v.admin.Name) {
				released.Hint = "You have; a second person must too."
			}
		}
		page.Frozen.Rows = append(page.Frozen.Rows, Row{Cells: []Cell{
			{Text: f.Name, Href: runPath(f.Run, "slips", string(f.Employee)), Hint: string(f.Employee)}, {Text: fmt.Sprintf("Run %d", f.Run), Href: runPath(f.Run)}, {Day: f.PayDate}, released,
		}})
	}
	return err
}

func joinNames(names []payroll.AdminName) string {
	words := make([]string, len(names))
	for i, n := range names {
		words[i] = string(n)
	}
	return strings.Join(words, ", ")
}

// rejectedRuns are the visitor's own that an approver refused, and why.
func (s *Server) rejectedRuns(ctx context.Context, v *visit, page *approvalsPage) error {
	page.Rejected = Table{Caption: "Your runs that were rejected", Quiet: true, Columns: []Column{{Name: "Run"}, {Name: "Reason"}, {Name: "What to do", Quiet: true}}}
	if !v.is(payroll.RoleMaker) {
		return nil
	}
	runs, err := s.Desk.RejectedRuns(ctx, v.admin.Name, 5)
	for _, run := range runs {
		page.Rejected.Rows = append(page.Rejected.Rows, Row{Cells: []Cell{
			{Text: runName(run.Run), Href: runPath(run.ID)}, {Text: run.Reason}, {Links: []Link{{Name: "Upload again", Href: "/runs/new", Icon: "upload"}}},
		}})
	}
	return err
}
