package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/payseal/payseal/payroll"
)

// runPage is one run on its way.
type runPage struct {
	Run      payroll.Run
	Title    string
	Live     liveView
	Events   string // where its progress is streamed from; "" of a run that has come to its end
	Facts    []Fact
	Totals   []Stat // nil for who may not see amounts
	Life     []Event
	Links    []Link // that lead on
	Acts     []Link // what the visitor can do now
	Warnings []Notice
}

func (runPage) frame(f *Frame) { f.Trail = []Link{{Name: "Runs", Href: "/runs"}} }

func (s *Server) run(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runOf(r)
	if err != nil {
		return err
	}
	page, err := s.runPage(r.Context(), id, v)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "run", page)
}

func (s *Server) runPage(ctx context.Context, id payroll.RunID, v *visit) (page runPage, err error) {
	if page.Run, err = s.Desk.Run(ctx, id); err != nil {
		return page, err
	}
	now, err := s.Desk.RunProgress(ctx, id)
	if err != nil {
		return page, err
	}
	page.Title = fmt.Sprintf("Run %d, %s", id, periodWords(page.Run.Period))
	page.Live = s.liveView(now, s.live.see(now))
	if streams(now.State) {
		page.Events = runPath(id, "events")
	}
	corrections, err := s.Desk.CorrectionsOf(ctx, id)
	if err != nil {
		return page, err
	}
	if page.Life, err = s.runLife(ctx, id); err != nil {
		return page, err
	}
	if v.is(amounts...) {
		if page.Totals, err = s.runTotals(ctx, &page.Run); err != nil {
			return page, err
		}
	}
	page.Facts = s.runFacts(&page.Run, now)
	page.Links = runLinks(&page.Run, corrections, now.Counts, v)
	page.Acts = runActLinks(&page.Run, v, s.Now())
	page.Warnings = s.runWarnings(&page.Run)
	return page, nil
}

// runFacts are what is fixed about a run.
func (s *Server) runFacts(run *payroll.Run, now payroll.Progress) []Fact {
	facts := []Fact{
		{Name: "Period", Text: periodWords(run.Period)},
		{Name: "Pay date", Day: run.PayDate},
		{Name: "Slips", Text: count(now.All())},
		{Name: "Currency", Text: string(run.Currency)},
	}
	if run.Corrects != 0 {
		facts = append(facts, Fact{Name: "Corrects", Text: fmt.Sprintf("Run %d", run.Corrects), Href: runPath(run.Corrects), Hint: run.Correction})
	}
	if run.Supplement {
		facts = append(facts, Fact{Name: "Kind", Text: "A further payment of the same month"})
	}
	if run.Source != "" {
		facts = append(facts, Fact{Name: "Source", Text: run.Source})
	}
	if run.NotBefore != nil {
		facts = append(facts, Fact{Name: "Not sent before", Text: payroll.ZoneMoment(*run.NotBefore)})
	}
	facts = append(facts, Fact{Name: "File", Text: run.FileSHA256, Code: true, Hint: "SHA-256"})
	if run.Manifest != "" {
		facts = append(facts, Fact{Name: "Manifest", Text: run.Manifest, Code: true, Hint: "SHA-256 of what was approved"})
	}
	return facts
}

// runTotals are the sums; a run from before they were kept has none.
func (s *Server) runTotals(ctx context.Context, run *payroll.Run) ([]Stat, error) {
	totals, err := s.Desk.Totals(ctx, run.ID)
	if errors.Is(err, payroll.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	stats := []Stat{{Name: "Net pay", Value: money(totals.Net, run.Currency), Unit: string(run.Currency)}}
	for _, more := range []struct {
		name  string
		minor *int64
	}{{"Gross pay", totals.Gross}, {"Deductions", totals.Deductions}} {
		if more.minor != nil {
			stats = append(stats, Stat{Name: more.name, Value: money(*more.minor, run.Currency), Unit: string(run.Currency)})
		}
	}
	return stats, nil
}

// lifeWords are what is done with a run, and what then stands in its timeline.
var lifeWords = map[string]struct{ title, state string }{
	"run.import":      {"Imported", "done"},
	"run.acknowledge": {"Remarks acknowledged", "done"},
	"run.submit":      {"Submitted", "done"},
	"run.reject":      {"Rejected", "bad"},
	"run.approve":     {"Approved", "done"},
	"run.send":        {"Sent to the workers", "done"},
	"run.pause":       {"Paused", "bad"},
	"run.resume":      {"Resumed", "done"},
	"run.complete":    {"Complete", "done"},
	"run.incomplete":  {"Incomplete: what is left waits for a person", "bad"},
	"run.void":        {"Voided", "bad"},
	"run.report":      {"Report taken", "done"},
	"run.shred":       {"Pay data shredded", "done"},
	"slip.reapprove":  {"Slips approved again", "done"},
}

// runLife is what was done with the run, from the audit log.
func (s *Server) runLife(ctx context.Context, id payroll.RunID) ([]Event, error) {
	entries, err := s.Desk.RunLife(ctx, id)
	if err != nil {
		return nil, err
	}
	life := make([]Event, 0, len(entries))
	for _, e := range entries {
		words, known := lifeWords[e.What]
		if !known {
			continue // looks at slips and the like: the audit log has them
		}
		life = append(life, eventOf(e, words.title, words.state))
	}
	if len(life) > 0 {
		life[len(life)-1].State = strings.Replace(life[len(life)-1].State, "done", "now", 1)
	}
	return life, nil
}

// eventOf is an entry of the audit log in a timeline.
func eventOf(e payroll.AuditEntry, title, state string) Event {
	event := Event{Title: title, State: state, At: e.At, By: string(e.Who), From: e.Detail["from"], Note: e.Detail["reason"]}
	if event.Note == "" {
		event.Note = e.Detail["note"]
	}
	return event
}

// runLinks lead on from the run's page.
func runLinks(run *payroll.Run, corrections []payroll.Run, counts map[payroll.SlipState]int, v *visit) []Link {
	links := []Link{{Name: "All slips", Href: runPath(run.ID, "slips"), Icon: "mail"}}
	for _, state := range []payroll.SlipState{payroll.SlipHeld, payroll.SlipUnsure, payroll.SlipRefused, payroll.SlipBounced} {
		if n := counts[state]; n > 0 {
			links = append(links, Link{Name: fmt.Sprintf("%s: %s", slipChip(state).Word, count(n)), Href: runPath(run.ID, "slips") + "?state=" + string(state), Icon: slipChip(state).Icon})
		}
	}
	links = append(links, Link{Name: "Report", Href: runPath(run.ID, "report"), Icon: "download"})
	for _, c := range corrections {
		links = append(links, Link{Name: fmt.Sprintf("Correction: run %d, %s", c.ID, strings.ToLower(runChip(c.State).Word)), Href: runPath(c.ID), Icon: "swap"})
	}
	if v.is(makers...) && run.State == payroll.RunDraft {
		links = append(links, Link{Name: "Check and submit", Href: checkPath(run.ID), Icon: "check"})
	}
	if v.is(approvers...) && run.State == payroll.RunSubmitted {
		links = append(links, Link{Name: "Review and decide", Href: runPath(run.ID, "review"), Icon: "stamp"})
	}
	return links
}

// runWarnings are what somebody who opens the page should know first.
func (s *Server) runWarnings(run *payroll.Run) []Notice {
	var notices []Notice
	if run.ShreddedAt != nil {
		notices = append(notices, Notice{Kind: "info", Title: "The pay data of this run were shredded on " + run.ShreddedAt.In(s.Company.Zone).Format("2 January 2006") + ".",
			Text: "Their retention had ended. Who got which slip, when and to which fingerprint, stays."})
	}
	switch run.State {
	case payroll.RunPaused:
		notices = append(notices, Notice{Kind: "warning", Title: "This run is paused.", Text: run.Reason})
	case payroll.RunRejected:
		notices = append(notices, Notice{Kind: "danger", Title: "This run was rejected.", Text: run.Reason})
	case payroll.RunVoid:
		notices = append(notices, Notice{Kind: "info", Title: "This run is void. Nothing of it was sent.", Text: run.Reason})
	case payroll.RunApproved:
		text := "Nothing leaves before somebody or a schedule sends it."
		if run.Wait(s.Now()) != nil {
			text = "It can be sent from " + payroll.ZoneMoment(*run.NotBefore) + " on."
		}
		notices = append(notices, Notice{Kind: "info", Title: "Approved, and not sent yet.", Text: text})
	case payroll.RunDraft, payroll.RunSubmitted, payroll.RunSending, payroll.RunComplete, payroll.RunIncomplete:
	}
	return notices
}

// runAct is what can be done with a run as a whole. Each has a page that asks,
// and a form that does it; the rules are payroll's.
type runAct struct {
	name, button, icon string
	from               []payroll.RunState
	roles              []payroll.Role
	confirm            func(run *payroll.Run) Confirm
	do                 func(ctx context.Context, s *Server, id payroll.RunID, by payroll.AdminName, reason string) error
	said               string
}

var runActs = []runAct{
	{
		name: "send", button: "Send", icon: "send", from: []payroll.RunState{payroll.RunApproved}, roles: senders, said: "run-sent",
		confirm: func(run *payroll.Run) Confirm {
			return Confirm{Title: fmt.Sprintf("Send run %d?", run.ID), Button: "Send the slips", Points: []string{
				"The workers seal every slip that is ready to its employee's certificate and hand it to the relay.",
				"A slip whose address, certificate or content is not what was approved is held, not sent.",
				"What the relay has accepted cannot be taken back.",
			}}
		},
		do: func(ctx context.Context, s *Server, id payroll.RunID, by payroll.AdminName, _ string) error {
			return s.Desk.SendRun(ctx, id, by, s.Policy.GiveUp, s.Policy.Bundle)
		},
	},
	{
		name: "pause", button: "Pause", icon: "pause", from: []payroll.RunState{payroll.RunSending}, roles: senders, said: "run-paused",
		confirm: func(run *payroll.Run) Confirm {
			return Confirm{Title: fmt.Sprintf("Pause run %d?", run.ID), Button: "Pause the run", Reason: true, Points: []string{
				"Mails that are on the wire are finished; no further one leaves.", "It goes on when somebody resumes it.",
			}}
		},
		do: func(ctx context.Context, s *Server, id payroll.RunID, by payroll.AdminName, reason string) error {
			return s.Desk.PauseRun(ctx, id, by, reason)
		},
	},
	{
		name: "resume", button: "Resume", icon: "play", from: []payroll.RunState{payroll.RunPaused}, roles: senders, said: "run-resumed",
		confirm: func(run *payroll.Run) Confirm {
			return Confirm{Title: fmt.Sprintf("Resume run %d?", run.ID), Button: "Resume the run", Text: "It was paused: " + run.Reason, Points: []string{
				"The slips that have not left go on where they stood.",
			}}
		},
		do: func(ctx context.Context, s *Server, id payroll.RunID, by payroll.AdminName, _ string) error {
			return s.Desk.ResumeRun(ctx, id, by)
		},
	},
	{
		name: "void", button: "Void", icon: "minus", from: []payroll.RunState{payroll.RunDraft, payroll.RunSubmitted, payroll.RunApproved}, roles: voiders, said: "run-voided",
		confirm: func(run *payroll.Run) Confirm {
			c := Confirm{Title: fmt.Sprintf("Void run %d?", run.ID), Button: "Void the run", Reason: true, Tone: ToneBad, Points: []string{
				"Its slips are withdrawn; nothing of it was sent, and nothing will be.", "It cannot be undone; the file can be imported again.",
			}}
			if run.Corrects != 0 {
				c.Points = append(c.Points, fmt.Sprintf("The slips of run %d whose place it would have taken are as they were.", run.Corrects))
			}
			return c
		},
		do: func(ctx context.Context, s *Server, id payroll.RunID, by payroll.AdminName, reason string) error {
			return s.Desk.VoidRun(ctx, id, by, reason)
		},
	},
}

// runActLinks are what the visitor can do with the run now.
func runActLinks(run *payroll.Run, v *visit, now time.Time) []Link {
	var links []Link
	for _, act := range runActs {
		if v.is(act.roles...) && act.fits(run, now) {
			links = append(links, Link{Name: act.button, Href: runPath(run.ID, act.name), Icon: act.icon})
		}
	}
	if v.is(makers...) && (run.Started() || run.State == payroll.RunApproved) {
		links = append(links, Link{Name: "Correct slips", Href: runPath(run.ID, "correct"), Icon: "swap"})
	}
	return links
}

func (a runAct) fits(run *payroll.Run, now time.Time) bool {
	for _, state := range a.from {
		if run.State == state {
			return a.name != "send" || run.Wait(now) == nil
		}
	}
	return false
}

// askPage is a page that asks before an act.
type askPage struct {
	Title   string
	Confirm Confirm
	Choices []Choices // beside the reason, in a form of its own kind
	Facts   []Fact    // what it is about
	trail   []Link
	stepUp  *StepUp
}

func (p askPage) frame(f *Frame) { f.Trail, f.StepUp = p.trail, p.stepUp }

func runTrail(id payroll.RunID, more ...Link) []Link {
	return append([]Link{{Name: "Runs", Href: "/runs"}, {Name: fmt.Sprintf("Run %d", id), Href: runPath(id)}}, more...)
}

func (s *Server) askRun(act runAct) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id, err := runOf(r)
		if err != nil {
			return err
		}
		run, err := s.Desk.Run(r.Context(), id)
		if err != nil {
			return err
		}
		if !act.fits(&run, s.Now()) {
			if act.name == "send" && run.State == payroll.RunApproved {
				return run.Wait(s.Now())
			}
			return fmt.Errorf("%w: run %d is %s", payroll.ErrWrongState, id, run.State)
		}
		return s.renderAskRun(w, v, http.StatusOK, &run, act, "", "")
	}
}

func (s *Server) renderAskRun(w http.ResponseWriter, v *visit, status int, run *payroll.Run, act runAct, given, mistake string) error {
	c := act.confirm(run)
	c.ID, c.Action, c.Cancel, c.Given, c.Error = act.name, runPath(run.ID, act.name), runPath(run.ID), given, mistake
	return s.render(w, v, status, "run-act", askPage{Title: fmt.Sprintf("%s run %d", act.button, run.ID), Confirm: c, trail: runTrail(run.ID)})
}

func (s *Server) actOnRun(act runAct) handler {
	return func(w http.ResponseWriter, r *http.Request, v *visit) error {
		id, err := runOf(r)
		if err != nil {
			return err
		}
		run, err := s.Desk.Run(r.Context(), id)
		if err != nil {
			return err
		}
		given := r.PostForm.Get("reason")
		reason, mistake := reasonOf(given)
		if mistake != "" && act.confirm(&run).Reason {
			return s.renderAskRun(w, v, http.StatusUnprocessableEntity, &run, act, given, mistake)
		}
		if err := act.do(r.Context(), s, id, v.admin.Name, reason); err != nil {
			return err
		}
		return redirect(w, r, runPath(id), act.said)
	}
}

// reasonOf is a reason as it is kept, on one line, and what is wrong with it.
func reasonOf(given string) (reason, mistake string) {
	reason = strings.Join(strings.Fields(given), " ")
	return reason, mistakeOf(reason)
}

// mistakeOf is what is wrong with somebody's words; "" for nothing.
func mistakeOf(words string) string {
	switch {
	case words == "":
		return "Say why."
	case utf8.RuneCountInString(words) > payroll.MostWords:
		return fmt.Sprintf("That is longer than %d characters.", payroll.MostWords)
	case payroll.CheckWords("reason", words) != nil:
		return "It contains a character that cannot be shown; type it again by hand."
	}
	return ""
}
