package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// slipPage is one slip: what was approved, what stands now, every attempt.
type slipPage struct {
	Title    string
	Number   payroll.EmployeeNumber
	Name     string
	Chip     Chip
	Hold     *Notice // why it is held, and how that is mended
	Notices  []Notice
	Pins     []pinLine
	Facts    []Fact
	Attempts Table
	Life     []Event
	Acts     []Link
	Releases []Event
	trail    []Link
}

func (p slipPage) frame(f *Frame) { f.Trail = p.trail }

// pinLine is one thing that approval fixed, and how it stands now.
type pinLine struct {
	Name, Then, Now string
	Same            bool
	Code            bool
}

func (s *Server) slip(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runOf(r)
	if err != nil {
		return err
	}
	run, a, err := s.slipAccount(r.Context(), id, numberOf(r))
	if err != nil {
		return err
	}
	life, err := s.Desk.SlipLife(r.Context(), id, a.Employee, a.ID)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "slip", s.slipView(&run, &a, life, v))
}

func (s *Server) slipAccount(ctx context.Context, id payroll.RunID, number payroll.EmployeeNumber) (payroll.Run, payroll.SlipAccount, error) {
	run, err := s.Desk.Run(ctx, id)
	if err != nil {
		return run, payroll.SlipAccount{}, err
	}
	a, err := s.Desk.SlipAccount(ctx, id, number, s.Policy.Freeze)
	if err != nil {
		return run, a, err
	}
	a.Standing.Letterhead = s.Letterhead().Digest()
	if c, err := keystore.ReadCertificate(a.Certificate); err == nil {
		a.Standing.Subkeys = c.EncryptionSubkeys(s.Now())
	}
	return run, a, nil
}

func (s *Server) slipView(run *payroll.Run, a *payroll.SlipAccount, life []payroll.AuditEntry, v *visit) slipPage {
	page := slipPage{
		Title: fmt.Sprintf("Slip of %s in run %d", a.Employee, run.ID), Number: a.Employee, Name: a.Name, Chip: slipChip(a.State),
		trail: runTrail(run.ID, Link{Name: "Slips", Href: runPath(run.ID, "slips")}),
		Hold:  s.holdNotice(run, a, v), Notices: slipNotices(run, a), Pins: pinLines(a), Facts: s.slipFacts(run, a), Attempts: attemptTable(a.Tried),
	}
	for _, e := range life {
		if words, known := slipLifeWords[e.What]; known {
			event := eventOf(e, words, "done")
			if e.What == "slip.settle" {
				event.Chip = &Chip{Word: slipChip(payroll.SlipState(e.Detail["as"])).Word}
			}
			page.Life = append(page.Life, event)
		}
	}
	for _, l := range a.Releases {
		event := Event{Title: "Released", State: "done", At: l.At, By: string(l.By), Note: l.Reason}
		if !l.Counts {
			event.Title, event.State = "Released, before the last change", "next"
		}
		page.Releases = append(page.Releases, event)
	}
	for _, act := range slipActs {
		if v.is(act.roles...) && act.fits(run, a) {
			page.Acts = append(page.Acts, Link{Name: act.button, Href: slipAt(run.ID, a.Employee, act.name), Icon: act.icon})
		}
	}
	return page
}

// slipLifeWords are what people and workers do with one slip.
var slipLifeWords = map[string]string{
	"slip.preview":        "Looked at",
	"slip.resend":         "Sent again",
	"slip.settle":         "Settled",
	"slip.withdraw":       "Withdrawn",
	"slip.release":        "No longer held",
	"slip.release_frozen": "Released from the change freeze",
	"slip.ask":            "Asked for again by the employee",
}

// holdNotice says why a slip is held and leads to what mends it.
func (s *Server) holdNotice(run *payroll.Run, a *payroll.SlipAccount, v *visit) *Notice {
	if a.Hold == "" {
		return nil
	}
	n := &Notice{Kind: "warning", Title: "Held: " + holdTitle(a.Hold), Text: sentence(commands.ReplaceAllString(a.Hold.Sentence(), ""))}
	if a.Hold == payroll.HoldTampered {
		n.Kind = "danger"
	}
	person := &Link{Name: "The employee's page", Href: personPath(a.Employee), Icon: "person"}
	switch a.Hold {
	case payroll.HoldNotVerified, payroll.HoldNotCertified:
		n.Link = &Link{Name: "Phone checks", Href: "/calls", Icon: "phone"}
	case payroll.HoldLetterheadChanged:
		n.Link = &Link{Name: "Settings", Href: "/settings", Icon: "gear"}
	case payroll.HoldTampered:
		n.Link = &Link{Name: "The audit log", Href: "/audit", Icon: "book"}
	case payroll.HoldContentChanged, payroll.HoldUnwritable:
		if v.is(makers...) {
			n.Link = &Link{Name: "Correct the slip", Href: runPath(run.ID, "correct"), Icon: "swap"}
		}
	default:
		n.Link = person
	}
	return n
}

// sentence begins with a capital letter and ends with a stop.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func slipNotices(run *payroll.Run, a *payroll.SlipAccount) []Notice {
	var notices []Notice
	if a.Shredded {
		notices = append(notices, Notice{Kind: "info", Title: "Its pay data were shredded.", Text: "Their retention had ended. What became of the slip stays."})
	}
	if a.Original != 0 {
		notices = append(notices, Notice{Kind: "info", Title: fmt.Sprintf("This slip takes the place of the one in run %d.", a.Original), Text: run.Correction,
			Link: &Link{Name: "That slip", Href: slipAt(a.Original, a.Employee)}})
	}
	if a.Successor != 0 {
		text := "It counts until the correction is accepted."
		if a.State == payroll.SlipSuperseded {
			text = "This one is superseded and is never sent again."
		}
		notices = append(notices, Notice{Kind: "warning", Title: fmt.Sprintf("Run %d corrects this slip.", a.Successor), Text: text,
			Link: &Link{Name: "The correction", Href: slipAt(a.Successor, a.Employee)}})
	}
	if a.State == payroll.SlipUnsure {
		notices = append(notices, Notice{Kind: "warning", Title: "Nobody knows whether the relay took this slip.",
			Text: "The connection ended after the last byte and before the answer. Look for the Message-ID in the relay's log, or ask the employee; then settle it."})
	}
	if len(a.Twins) > 0 {
		words := make([]string, len(a.Twins))
		for i, n := range a.Twins {
			words[i] = string(n)
		}
		notices = append(notices, Notice{Kind: "warning", Title: "Easily taken for " + strings.Join(words, ", ") + ".", Text: "Somebody must look and acknowledge that each slip goes to the right one."})
	}
	return notices
}

func (s *Server) slipFacts(run *payroll.Run, a *payroll.SlipAccount) []Fact {
	chip := slipChip(a.State)
	facts := []Fact{
		{Name: "Employee", Text: string(a.Employee), Href: personPath(a.Employee), Hint: a.Name},
		{Name: "State", Chip: &chip},
		{Name: "Run", Text: fmt.Sprintf("Run %d, %s", run.ID, periodWords(run.Period)), Href: runPath(run.ID)},
		{Name: "Message-ID", Text: s.messageID(a.ID), Code: true},
		{Name: "Attempts", Text: count(len(a.Tried))},
		{Name: "Since", At: a.ChangedAt},
	}
	if a.DueAt != nil {
		facts = append(facts, Fact{Name: "Next try", At: *a.DueAt})
	}
	if a.GiveUpAt != nil && a.State.Moving() {
		facts = append(facts, Fact{Name: "Tried until", At: *a.GiveUpAt})
	}
	if a.NoticedAt != nil {
		facts = append(facts, Fact{Name: "Employee told", At: *a.NoticedAt, Hint: "that it is held"})
	}
	return facts
}

// pinLines compare what was approved with what stands now; before the approval
// nothing is pinned.
func pinLines(a *payroll.SlipAccount) []pinLine {
	if a.Pin.Email == "" {
		return nil
	}
	p, n := a.Pin, a.Standing
	sealed := !n.Tampered || a.State == payroll.SlipSuperseded // whose seal a correction ended
	lines := []pinLine{
		{Name: "Content", Then: p.Digest, Now: n.Digest, Same: p.Digest == n.Digest && sealed, Code: true},
		{Name: "Address", Then: string(p.Email), Now: string(n.Employee.Email), Same: p.Email.Same(n.Employee.Email)},
		{Name: "Certificate", Then: p.Fingerprint.Grouped(), Now: n.Fingerprint.Grouped(), Same: p.Fingerprint == "" || p.Fingerprint == n.Fingerprint, Code: true},
		{Name: "Its subkeys", Then: subkeyWords(p.Subkeys), Now: subkeyWords(n.Subkeys), Same: len(p.Subkeys) == 0 || subkeyWords(p.Subkeys) == subkeyWords(n.Subkeys), Code: true},
		{Name: "Letterhead", Then: p.Letterhead, Now: n.Letterhead, Same: p.Letterhead == n.Letterhead, Code: true},
	}
	if !p.Left.IsZero() || !n.Employee.Left.IsZero() {
		lines = append(lines, pinLine{Name: "Left on", Then: dayWords(p.Left), Now: dayWords(n.Employee.Left), Same: p.Left == n.Employee.Left})
	}
	return lines
}

func subkeyWords(keys []payroll.Fingerprint) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = k.Grouped()
	}
	return strings.Join(words, "; ")
}

func attemptTable(tried []payroll.Tried) Table {
	t := Table{Caption: "Attempts", Quiet: true, Columns: []Column{
		{Name: "Begun"}, {Name: "Ended"}, {Name: "Outcome"}, {Name: "Relay's reply"}, {Name: "In its words"}, {Name: "Sealed to"},
	}}
	for _, a := range tried {
		ended := Cell{Missing: "still open"}
		if a.FinishedAt != nil {
			ended = Cell{At: *a.FinishedAt, Hint: a.FinishedAt.Sub(a.BegunAt).Round(10 * time.Millisecond).String()}
		}
		chip := Chip{Word: "On the wire", Icon: "send", Tone: ToneLive}
		if a.Outcome != "" {
			chip = slipChip(payroll.SlipState(a.Outcome))
		}
		reply := Cell{Missing: "none"}
		if a.Reply != "" {
			reply = Cell{Text: a.Reply}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{At: a.BegunAt}, ended, {Chip: &chip}, replyCell(a.Phase, a.Code, a.Outcome), reply, shortKey(a.Fingerprint)}})
	}
	t.Empty = &Empty{Drawing: "runs", Title: "No attempt yet", Text: "One is written down before the first byte goes out."}
	return t
}
