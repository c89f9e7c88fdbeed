package console

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

func runOperations() []operation {
	list := []operation{
		tells(operation{as: "GET /runs", method: "GET", path: "/runs", scope: payroll.ScopeRead, id: "runs", tag: "runs", summary: "Runs, the newest first"}, (*caller).runList),
		tells(operation{as: "GET /runs/{id}", method: "GET", path: "/runs/{id}", scope: payroll.ScopeRead, id: "run", tag: "runs", summary: "One run, what corrects it, and what was done with it"}, (*caller).oneRun),
		tells(operation{as: "GET /runs/{id}/events", method: "GET", path: "/runs/{id}/progress", scope: payroll.ScopeRead, id: "progress", tag: "runs", summary: "How many slips are in which state now"},
			func(c *caller, ctx context.Context, in *OfRun) (payroll.Progress, error) {
				return c.Desk.RunProgress(ctx, in.ID)
			}),
		tells(operation{as: "GET /runs/{id}/slips/{number}/page.pdf", method: "GET", path: "/runs/{id}/totals", scope: payroll.ScopeAmounts, id: "totals", tag: "runs", summary: "The sums of a run"}, (*caller).totals),
		tells(operation{as: "GET /runs/{id}/check", method: "GET", path: "/runs/{id}/remarks", scope: payroll.ScopeRead, id: "remarks", tag: "runs", summary: "What must be looked at before a run is submitted, one kind at a time",
			about: "Amounts are there for tokens that may see them."}, (*caller).remarks),
		tells(operation{as: "GET /runs/{id}/check", method: "GET", path: "/runs/{id}/twins", scope: payroll.ScopeRead, id: "twins", tag: "runs", summary: "Who is easily taken for whom"},
			func(c *caller, ctx context.Context, in *OfRun) (apiList[payroll.TwinFinding], error) {
				if _, err := c.Desk.Run(ctx, in.ID); err != nil {
					return apiList[payroll.TwinFinding]{}, err
				}
				twins, err := c.Desk.Twins(ctx, in.ID)
				return partOf(twins, ""), err
			}),
		does(operation{as: "POST /runs/{id}/check/acknowledge", method: "POST", path: "/runs/{id}/acknowledge", scope: payroll.ScopeRuns, id: "acknowledge", tag: "runs", summary: "Say that a person has looked at remarks or twins"}, (*caller).acknowledgeRemarks),
		tells(operation{as: "POST /runs/{id}/check/submit", method: "POST", path: "/runs/{id}/submit", scope: payroll.ScopeRuns, id: "submit", tag: "runs", summary: "Hand a draft to the approvers"},
			func(c *caller, ctx context.Context, in *OfRun) (payroll.Run, error) {
				if err := c.Desk.SubmitRun(ctx, in.ID, c.by(), true); err != nil {
					return payroll.Run{}, err
				}
				return c.Desk.Run(ctx, in.ID)
			}),
		does(operation{as: "POST /runs/{id}/check/sample", method: "POST", path: "/runs/{id}/sample", scope: payroll.ScopeRuns, id: "send-sample", tag: "runs", summary: "Have a specimen sealed to one's own certificate"},
			func(c *caller, ctx context.Context, in *OfRun) error {
				if _, err := c.Desk.Run(ctx, in.ID); err != nil {
					return err
				}
				return c.Desk.SendSample(ctx, c.by())
			}),
		tells(operation{as: "POST /runs/{id}/correct", method: "POST", path: "/runs/{id}/corrections", scope: payroll.ScopeRuns, id: "correct", tag: "runs", summary: "Let an upload take the place of slips of a run",
			about: "Upload the corrected rows first. The upload is then read and imported like any other, and its run approved by a second person."}, (*caller).correctRun),
		sends(operation{as: "POST /runs/{id}/report", method: "GET", path: "/runs/{id}/report.csv", scope: payroll.ScopeRead, gives: "text/csv; charset=utf-8", slow: true, id: "report", tag: "runs", summary: "Every slip of a run with its state: no amounts, no formulas",
			about: "It is kept who took it. The signed report is on the page."}, (*caller).reportCSV),
	}
	for _, act := range runActs {
		list = append(list, runOperation(act))
	}
	return list
}

// GivenReason says why something is done. It may be left out where an act needs none.
type GivenReason struct {
	Reason string `json:"reason,omitempty" maxLength:"500" doc:"Why; it is kept in the audit log. No names, no amounts."`
}

type apiRunAct struct {
	OfRun
	Body *GivenReason
}

// runOperation is an act on a run, as its page does it.
func runOperation(act runAct) operation {
	o := operation{as: "POST /runs/{id}/" + act.name, method: "POST", path: "/runs/{id}/" + act.name, scope: payroll.ScopeRuns, id: act.name, tag: "runs", summary: act.button + " a run"}
	reasoned := act.confirm(&payroll.Run{}).Reason
	if reasoned {
		o.about = "It needs a reason."
	}
	return tells(o, func(c *caller, ctx context.Context, in *apiRunAct) (payroll.Run, error) {
		reason, err := givenReason(in.Body, reasoned)
		if err != nil {
			return payroll.Run{}, err
		}
		if err := act.do(ctx, c.Server, in.ID, c.by(), reason); err != nil {
			return payroll.Run{}, err
		}
		return c.Desk.Run(ctx, in.ID)
	})
}

func givenReason(body *GivenReason, needed bool) (string, error) {
	if !needed {
		return "", nil
	}
	given := ""
	if body != nil {
		given = body.Reason
	}
	reason, mistake := reasonOf(given)
	if mistake != "" {
		return "", fmt.Errorf("%w: %s", payroll.ErrInvalid, strings.TrimSuffix(mistake, "."))
	}
	return reason, nil
}

type apiRuns struct {
	State payroll.RunState `query:"state" enum:"draft,submitted,approved,sending,paused,complete,incomplete,rejected,void"`
	Year  int              `query:"year" minimum:"1" maximum:"9999"`
	After payroll.RunID    `query:"after" minimum:"1" doc:"The run after which the list goes on: next of the part before."`
}

func (c *caller) runList(ctx context.Context, in *apiRuns) (apiList[payroll.RunLine], error) {
	const most = 50
	lines, err := c.Desk.RunLines(ctx, payroll.RunQuery{State: in.State, Year: in.Year, Before: in.After, Limit: most + 1})
	next := ""
	if len(lines) > most {
		lines = lines[:most]
		next = numberText(int64(lines[most-1].ID))
	}
	return partOf(lines, next), err
}

// apiRun is a run with what was done with it.
type apiRun struct {
	payroll.Run
	Corrections []payroll.RunID      `json:"corrections" nullable:"false" doc:"Runs whose slips take the place of slips of this one."`
	Life        []payroll.AuditEntry `json:"life" nullable:"false"`
}

func (c *caller) oneRun(ctx context.Context, in *OfRun) (a apiRun, err error) {
	if a.Run, err = c.Desk.Run(ctx, in.ID); err != nil {
		return a, err
	}
	corrections, err := c.Desk.CorrectionsOf(ctx, in.ID)
	if err != nil {
		return a, err
	}
	a.Corrections = []payroll.RunID{}
	for _, run := range corrections {
		a.Corrections = append(a.Corrections, run.ID)
	}
	life, err := c.Desk.RunLife(ctx, in.ID)
	a.Life = partOf(life, "").Items
	return a, err
}

// apiTotals are sums in minor units.
type apiTotals struct {
	payroll.Totals
	Currency payroll.Currency `json:"currency"`
}

func (c *caller) totals(ctx context.Context, in *OfRun) (a apiTotals, err error) {
	run, err := c.Desk.Run(ctx, in.ID)
	if err != nil {
		return a, err
	}
	a.Currency = run.Currency
	a.Totals, err = c.Desk.Totals(ctx, in.ID)
	return a, err
}

type apiRemarks struct {
	OfRun
	Kind  payroll.RemarkKind     `query:"kind" required:"true" enum:"variance,joiner,missing,leaver"`
	After payroll.EmployeeNumber `query:"after" maxLength:"64"`
}

// apiRemarkList is one kind's, and how many there are of every kind.
type apiRemarkList struct {
	Items  []payroll.Remark               `json:"items" nullable:"false"`
	Next   string                         `json:"next"`
	Counts map[string]payroll.RemarkCount `json:"counts"`
}

func (c *caller) remarks(ctx context.Context, in *apiRemarks) (list apiRemarkList, err error) {
	const most = 100
	if _, err := c.Desk.Run(ctx, in.ID); err != nil {
		return list, err
	}
	counts, err := c.Desk.RemarkCounts(ctx, in.ID)
	if err != nil {
		return list, err
	}
	remarks, err := c.Desk.Remarks(ctx, in.ID, payroll.RemarkQuery{Kind: in.Kind, After: in.After, Limit: most + 1})
	if err != nil {
		return list, err
	}
	next := ""
	if len(remarks) > most {
		remarks = remarks[:most]
		next = string(remarks[most-1].Employee)
	}
	for i := range remarks {
		if !c.sees() {
			remarks[i].Before, remarks[i].Now = nil, nil
		}
	}
	list = apiRemarkList{partOf(remarks, next).Items, next, make(map[string]payroll.RemarkCount)}
	for kind, n := range counts {
		list.Counts[string(kind)] = n
	}
	return list, nil
}

type apiAcknowledge struct {
	OfRun
	Body struct {
		Kind      string                   `json:"kind" enum:"variance,joiner,missing,leaver,twin"`
		All       bool                     `json:"all,omitempty" doc:"All of the kind that nobody has acknowledged."`
		Employees []payroll.EmployeeNumber `json:"employees,omitempty" maxItems:"1000" nullable:"false"`
		Pairs     []payroll.Twin           `json:"pairs,omitempty" maxItems:"1000" nullable:"false" doc:"Of kind twin, instead of employees."`
		Note      string                   `json:"note" minLength:"1" maxLength:"500" doc:"How it was made sure."`
	}
}

func (c *caller) acknowledgeRemarks(ctx context.Context, in *apiAcknowledge) error {
	kind, note := payroll.RemarkKind(in.Body.Kind), strings.TrimSpace(in.Body.Note)
	chosen := len(in.Body.Employees)
	if kind == kindTwin {
		chosen = len(in.Body.Pairs)
	}
	switch err := payroll.CheckWords("note", note); {
	case note == "":
		return fmt.Errorf("%w: write how you made sure", payroll.ErrInvalid)
	case err != nil:
		return err
	case !in.Body.All && chosen == 0:
		return fmt.Errorf("%w: choose what you looked at", payroll.ErrInvalid)
	case kind == kindTwin && !in.Body.All:
		for _, pair := range in.Body.Pairs {
			if err := c.Desk.AcknowledgePair(ctx, in.ID, pair, c.by(), note); err != nil {
				return err
			}
		}
		return nil
	}
	numbers := make([]string, len(in.Body.Employees))
	for i, n := range in.Body.Employees {
		numbers[i] = string(n)
	}
	return c.acknowledgeChosen(ctx, in.ID, kind, numbers, in.Body.All, c.by(), note)
}

type apiCorrect struct {
	OfRun
	Body struct {
		Upload string `json:"upload" maxLength:"36"`
		Reason string `json:"reason" maxLength:"200" doc:"It stands on each corrected slip, as the employee reads it. No name and no amount."`
	}
}

func (c *caller) correctRun(ctx context.Context, in *apiCorrect) (a apiUpload, err error) {
	run, err := c.Desk.Run(ctx, in.ID)
	if err != nil {
		return a, err
	}
	reason := strings.Join(strings.Fields(plainText(in.Body.Reason)), " ")
	trial := payroll.Run{Period: run.Period, Currency: run.Currency, Correction: reason}
	if err := trial.MayCorrect(&run); err != nil {
		return a, err
	}
	u, err := c.Desk.Upload(ctx, in.Body.Upload, c.by())
	if err != nil {
		return a, err
	}
	how, err := c.readingOf(ctx, run.Source)
	if err != nil {
		return a, err
	}
	how.correcting(&run, reason)
	if err := c.Desk.PutReading(ctx, u.ID, c.by(), how.encode()); err != nil {
		return a, err
	}
	return c.upload(ctx, &OfUpload{u.ID})
}

func (c *caller) reportCSV(ctx context.Context, in *OfRun, out io.Writer) error {
	run, err := c.Desk.Run(ctx, in.ID)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, reportWithin)
	defer cancel()
	if err := c.Desk.NoteReport(ctx, in.ID, c.by(), "csv", c.Now().Truncate(time.Microsecond)); err != nil {
		return err
	}
	return c.writeList(ctx, out, &run, c.by())
}
