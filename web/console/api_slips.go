package console

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/payseal/payseal/payroll"
)

func slipOperations() []operation {
	list := []operation{
		tells(operation{as: "GET /runs/{id}/slips", method: "GET", path: "/runs/{id}/slips", scope: payroll.ScopeRead, id: "slips", tag: "slips", summary: "The slips of a run, by number: never what they say"}, (*caller).slipList),
		tells(operation{as: "GET /runs/{id}/slips/{number}", method: "GET", path: "/runs/{id}/slips/{number}", scope: payroll.ScopeRead, id: "slip", tag: "slips", summary: "One slip: what was approved, every attempt, and what was done with it"}, (*caller).oneSlip),
		tells(operation{as: "GET /runs/{id}/slips/{number}/page.pdf", method: "GET", path: "/runs/{id}/slips/{number}/content", scope: payroll.ScopeAmounts, id: "slip-content", tag: "slips", summary: "What a slip says",
			about: "Looking at it is kept in the audit log."}, (*caller).content),
		sends(operation{as: "GET /runs/{id}/slips/{number}/page.pdf", method: "GET", path: "/runs/{id}/slips/{number}/page.pdf", scope: payroll.ScopeAmounts, gives: "application/pdf", id: "slip-page", tag: "slips", summary: "A slip as its page, as it would be sent now",
			about: "Looking at it is kept in the audit log."}, (*caller).page),
	}
	for _, act := range slipActs {
		if !act.stepUp {
			list = append(list, slipOperation(act))
		}
	}
	return list
}

type apiSlipAct struct {
	OfSlip
	Body *apiSlipOrder
}

// apiSlipOrder is what an act on a slip needs to know.
type apiSlipOrder struct {
	GivenReason
	As string `json:"as,omitempty" enum:"accepted,lost" doc:"Of a settlement: what became of the slip."`
}

// slipOperation is an act on one slip, as its page does it.
func slipOperation(act slipAct) operation {
	o := operation{
		as: "POST /runs/{id}/slips/{number}/" + act.name, method: "POST", path: "/runs/{id}/slips/{number}/" + act.name,
		scope: payroll.ScopeRuns, id: act.name + "-slip", tag: "slips", summary: act.button + ": one slip",
	}
	if act.confirm.Reason {
		o.about = "It needs a reason."
	}
	return tells(o, func(c *caller, ctx context.Context, in *apiSlipAct) (apiSlip, error) {
		given := in.Body
		if given == nil {
			given = &apiSlipOrder{}
		}
		reason, err := givenReason(&given.GivenReason, act.confirm.Reason)
		if err != nil {
			return apiSlip{}, err
		}
		if _, err := act.do(ctx, c.Server, slipOrder{run: in.ID, number: in.Number, by: c.by(), reason: reason, as: given.As}); err != nil {
			return apiSlip{}, err
		}
		return c.oneSlip(ctx, &in.OfSlip)
	})
}

type apiSlips struct {
	OfRun
	State payroll.SlipState      `query:"state" enum:"ready,queued,sending,deferred,unsure,held,accepted,refused,bounced,superseded,withdrawn"`
	Begin payroll.EmployeeNumber `query:"number" maxLength:"64" doc:"What the number begins with."`
	After payroll.EmployeeNumber `query:"after" maxLength:"64"`
}

func (c *caller) slipList(ctx context.Context, in *apiSlips) (list apiList[payroll.SlipLine], err error) {
	const most = 200
	for _, number := range []payroll.EmployeeNumber{in.Begin, in.After} {
		if err := payroll.CheckText("number", string(number)); err != nil {
			return list, err
		}
	}
	if _, err := c.Desk.Run(ctx, in.ID); err != nil {
		return list, err
	}
	lines, err := c.Desk.SlipLines(ctx, in.ID, payroll.SlipQuery{State: in.State, Prefix: in.Begin, After: in.After, Limit: most + 1})
	next := ""
	if len(lines) > most {
		lines = lines[:most]
		next = string(lines[most-1].Employee)
	}
	return partOf(lines, next), err
}

// apiSlip is what is known of one slip, but not what it says.
type apiSlip struct {
	payroll.SlipLine
	MessageID string                   `json:"message_id"`
	Why       string                   `json:"why,omitempty" doc:"Of a held slip: why, and how that is mended."`
	Pin       payroll.Pin              `json:"pin" doc:"What the approval fixed; empty before."`
	Tried     []payroll.Tried          `json:"attempts_made" nullable:"false"`
	Releases  []payroll.Release        `json:"releases" nullable:"false"`
	Twins     []payroll.EmployeeNumber `json:"twins" nullable:"false" doc:"Taken for whom, and nobody has acknowledged it."`
	Original  payroll.RunID            `json:"original,omitempty" doc:"The run whose slip this one takes the place of."`
	Successor payroll.RunID            `json:"successor,omitempty" doc:"The run that corrects this slip."`
	GiveUpAt  *time.Time               `json:"give_up_at"`
	NoticedAt *time.Time               `json:"noticed_at" doc:"When the employee was told that it is held."`
	Life      []payroll.AuditEntry     `json:"life" nullable:"false"`
}

func (c *caller) oneSlip(ctx context.Context, in *OfSlip) (a apiSlip, err error) {
	_, account, err := c.slipAccount(ctx, in.ID, in.Number)
	if err != nil {
		return a, err
	}
	life, err := c.Desk.SlipLife(ctx, in.ID, account.Employee, account.ID)
	a = apiSlip{
		SlipLine: account.SlipLine, MessageID: c.messageID(account.ID), Pin: account.Pin, Tried: partOf(account.Tried, "").Items,
		Releases: partOf(account.Releases, "").Items, Twins: partOf(account.Twins, "").Items, Original: account.Original, Successor: account.Successor,
		GiveUpAt: account.GiveUpAt, NoticedAt: account.NoticedAt, Life: partOf(life, "").Items,
	}
	if account.Hold != "" {
		a.Why = sentence(commands.ReplaceAllString(account.Hold.Sentence(), ""))
	}
	return a, err
}

// content is what a slip says. The salt of its digest is nobody's business.
func (c *caller) content(ctx context.Context, in *OfSlip) (payroll.Slip, error) {
	slip, err := c.Desk.Slip(ctx, in.ID, in.Number, c.by())
	slip.Salt = ""
	return slip, err
}

func (c *caller) page(ctx context.Context, in *OfSlip, out io.Writer) error {
	slip, err := c.Desk.Slip(ctx, in.ID, in.Number, c.by())
	if err != nil {
		return err
	}
	pdf, err := c.Letterhead().Page(slip)
	if err != nil {
		return err
	}
	if _, err := out.Write(pdf); err != nil {
		return fmt.Errorf("write a slip's page: %w", err)
	}
	return nil
}
