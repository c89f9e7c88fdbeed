package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"

	"github.com/payseal/payseal/payroll"
)

// slipAct is what can be done with one slip. Each has a page that asks, and a form
// that does it; the rules are payroll's.
type slipAct struct {
	name, button, icon string
	roles              []payroll.Role
	stepUp             bool
	fits               func(run *payroll.Run, a *payroll.SlipAccount) bool
	confirm            Confirm
	choices            []Choices
	do                 func(ctx context.Context, s *Server, o slipOrder) (said string, err error)
}

// slipOrder is a form that was sent about one slip.
type slipOrder struct {
	run    payroll.RunID
	number payroll.EmployeeNumber
	by     payroll.AdminName
	reason string
	as     string // of a settlement
}

func inState(states ...payroll.SlipState) func(*payroll.Run, *payroll.SlipAccount) bool {
	return func(run *payroll.Run, a *payroll.SlipAccount) bool {
		return run.Started() && slices.Contains(states, a.State)
	}
}

var slipActs = []slipAct{
	{
		name: "resend", button: "Send again", icon: "retry", roles: operators,
		fits: func(run *payroll.Run, a *payroll.SlipAccount) bool {
			return a.Successor == 0 && !a.Shredded && inState(payroll.SlipAccepted, payroll.SlipRefused, payroll.SlipBounced)(run, a)
		},
		confirm: Confirm{Title: "Send this slip again?", Button: "Send it again", Reason: true, Points: []string{
			"It goes to the address and the certificate that were approved, under the same Message-ID.",
			"If it had arrived after all, the employee has it twice; most mail programs show it once.",
		}},
		do: func(ctx context.Context, s *Server, o slipOrder) (string, error) {
			return "slip-resent", s.Desk.ResendSlip(ctx, o.run, o.number, o.by, o.reason)
		},
	},
	{
		name: "settle", button: "Settle", icon: "question", roles: operators, fits: inState(payroll.SlipUnsure),
		confirm: Confirm{Title: "What became of it?", Button: "Settle it", Text: "Look for the Message-ID in the relay's log, or ask the employee."},
		choices: []Choices{{Name: "as", Legend: "The slip", Options: []Option{
			{Value: "accepted", Name: "has arrived", Hint: "It counts as accepted, and is not sent again."},
			{Value: "lost", Name: "is lost", Hint: "It is sent again, under the same Message-ID."},
		}}},
		do: func(ctx context.Context, s *Server, o slipOrder) (string, error) {
			if o.as != "accepted" && o.as != "lost" {
				return "", fmt.Errorf("%w: choose whether it has arrived or is lost", payroll.ErrInvalid)
			}
			return "slip-settled", s.Desk.SettleSlip(ctx, o.run, o.number, o.by, o.as == "accepted")
		},
	},
	{
		name: "reapprove", button: "Approve again", icon: "stamp", roles: approvers, stepUp: true, fits: inState(payroll.SlipHeld),
		confirm: Confirm{Title: "Approve this slip as it stands now?", Button: "Approve this slip", Points: []string{
			"What stands now is pinned: this address, this certificate, this letterhead. Compare them above.",
			"The slip is judged again before it leaves; a reason that is still there holds it again.",
		}},
		do: func(ctx context.Context, s *Server, o slipOrder) (string, error) {
			return "slip-reapproved", s.Desk.ReapproveSlips(ctx, o.run, []payroll.EmployeeNumber{o.number}, o.by, s.Letterhead().Digest())
		},
	},
	{
		name: "release", button: "Release", icon: "lock", roles: senders, stepUp: true,
		fits: func(_ *payroll.Run, a *payroll.SlipAccount) bool { return a.Hold == payroll.HoldChangeFreeze },
		confirm: Confirm{Title: "Release this slip from the change freeze?", Button: "Release it", Reason: true, TwoPeople: true, Points: []string{
			"The address or the certificate changed shortly before the pay date, as it does when somebody wants another's pay slip.",
			"Make sure that the employee did it: call them at a number that you knew before.",
			"It goes once two people have released it since the change.",
		}},
		do: func(ctx context.Context, s *Server, o slipOrder) (string, error) {
			releases, err := s.Desk.ReleaseFrozen(ctx, o.run, o.number, o.reason, o.by)
			if releases < 2 {
				return "slip-released-once", err
			}
			return "slip-released", err
		},
	},
	{
		name: "withdraw", button: "Withdraw", icon: "minus", roles: voiders,
		fits: func(run *payroll.Run, a *payroll.SlipAccount) bool {
			c := payroll.Correctable{Slip: a.ID, Employee: a.Employee, State: a.State, Successor: a.Successor}
			return run.MayWithdraw(c, payroll.MayHaveLeft(a.Tried)) == nil
		},
		confirm: Confirm{Title: "Withdraw this slip?", Button: "Withdraw it", Reason: true, Tone: ToneBad, Points: []string{
			"It has not left, and never will. It cannot be undone.",
			"If the employee is to have another slip for this month, import it as a supplement.",
			"Where it is a correction, the slip that it corrects counts again.",
		}},
		do: func(ctx context.Context, s *Server, o slipOrder) (string, error) {
			return "slip-withdrawn", s.Desk.WithdrawSlip(ctx, o.run, o.number, o.by, o.reason)
		},
	},
	{
		name: "twins", button: "Acknowledge twins", icon: "people", roles: twinLooker,
		fits: func(_ *payroll.Run, a *payroll.SlipAccount) bool { return len(a.Twins) > 0 },
		confirm: Confirm{Title: "Does each slip go to the right one?", Button: "I looked, and it does", Reason: true, ReasonName: "Note",
			ReasonHint: "How you made sure. It is kept in the audit log.", Points: []string{
				"These employees are easily taken for each other.", "Compare name, number, address and certificate of each before you say so.",
			}},
		do: func(ctx context.Context, s *Server, o slipOrder) (string, error) {
			return "twins-seen", s.Desk.AcknowledgeTwins(ctx, o.run, []payroll.EmployeeNumber{o.number}, o.by, o.reason)
		},
	},
}

func (s *Server) askSlip(act slipAct) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id, err := runOf(r)
		if err != nil {
			return err
		}
		run, a, err := s.slipAccount(r.Context(), id, numberOf(r))
		if err != nil {
			return err
		}
		if !act.fits(&run, &a) {
			return fmt.Errorf("%w: the slip is %s", payroll.ErrWrongState, a.State)
		}
		return s.renderAskSlip(w, r, v, http.StatusOK, act, &run, &a, "", "")
	}
}

// askSlipPage is a page that asks before an act on one slip.
type askSlipPage struct {
	askPage
	Pins []pinLine
}

func (s *Server) renderAskSlip(w http.ResponseWriter, r *http.Request, v *visit, status int, act slipAct, run *payroll.Run, a *payroll.SlipAccount, given, mistake string) error {
	path := slipAt(run.ID, a.Employee, act.name)
	page := askSlipPage{askPage: askPage{
		Title: fmt.Sprintf("%s: slip of %s in run %d", act.button, a.Employee, run.ID), Confirm: act.confirm, Choices: act.choices,
		trail: runTrail(run.ID, Link{Name: "Slips", Href: runPath(run.ID, "slips")}, Link{Name: string(a.Employee), Href: slipAt(run.ID, a.Employee)}),
	}}
	page.Confirm.ID, page.Confirm.Action, page.Confirm.Cancel = act.name, path, slipAt(run.ID, a.Employee)
	page.Confirm.Given, page.Confirm.Error = given, mistake
	page.Facts = []Fact{{Name: "Employee", Text: string(a.Employee), Href: personPath(a.Employee), Hint: a.Name}, {Name: "Message-ID", Text: s.messageID(a.ID), Code: true}}
	if a.Hold != "" {
		page.Facts = append(page.Facts, Fact{Name: "Held", Text: holdTitle(a.Hold), Hint: sentence(commands.ReplaceAllString(a.Hold.Sentence(), ""))})
	}
	if act.stepUp {
		page.Pins = pinLines(a)
		page.Confirm.Hidden = []Hidden{{Name: "shown", Value: shownPins(page.Pins)}}
		banner, err := s.stepUpBanner(r.Context(), v, path)
		if err != nil {
			return err
		}
		page.stepUp, page.Confirm.StepUp = banner, banner != nil
	}
	return s.render(w, v, status, "slip-act", page)
}

// stepUpBanner asks for a fresh second factor for the form of that path; nil if
// one waits to be used.
func (s *Server) stepUpBanner(ctx context.Context, v *visit, path string) (*StepUp, error) {
	has, err := s.Desk.HasStepUp(ctx, v.secret, path, payroll.StepUpFresh)
	if has || err != nil {
		return nil, err
	}
	what, err := s.purpose(path)
	if err != nil {
		return nil, err
	}
	return &StepUp{Act: what.Act, Href: stepUpPath(path)}, nil
}

func (s *Server) actOnSlip(act slipAct) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id, err := runOf(r)
		if err != nil {
			return err
		}
		given := r.PostForm.Get("reason")
		o := slipOrder{run: id, number: numberOf(r), by: v.admin.Name, as: r.PostForm.Get("as")}
		var mistake string
		if o.reason, mistake = reasonOf(given); mistake != "" && act.confirm.Reason {
			run, a, err := s.slipAccount(r.Context(), id, o.number)
			if err != nil {
				return err
			}
			return s.renderAskSlip(w, r, v, http.StatusUnprocessableEntity, act, &run, &a, given, mistake)
		}
		if act.stepUp {
			if err := s.stillShown(r, o); err != nil {
				return err
			}
		}
		said, err := act.do(r.Context(), s, o)
		if err != nil {
			return err
		}
		return redirect(w, r, slipAt(id, o.number), said)
	}
}

// shownPins is the hash of what a page showed of a slip.
func shownPins(pins []pinLine) string {
	sum := sha256.New()
	for _, p := range pins {
		_, _ = fmt.Fprintf(sum, "%q %q %q\n", p.Name, p.Then, p.Now) // a hash takes everything
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// stillShown wants the slip to stand as it was shown to whoever says yes to it,
// so that nobody changes an address between their look and their yes.
func (s *Server) stillShown(r *http.Request, o slipOrder) error {
	_, a, err := s.slipAccount(r.Context(), o.run, o.number)
	if err != nil {
		return err
	}
	if r.PostForm.Get("shown") != shownPins(pinLines(&a)) {
		return fmt.Errorf("%w: the slip does not stand as it was shown to you; look again", payroll.ErrWrongState)
	}
	return nil
}
