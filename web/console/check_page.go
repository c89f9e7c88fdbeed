package console

import (
	"cmp"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// checkPage is a draft and what must be looked at.
type checkPage struct {
	Run     payroll.Run
	Period  string
	Path    string
	Chip    Chip
	Draft   bool
	Stats   []Stat
	Chart   template.HTML
	Before  string  // the run before, in words
	Lacking *Notice // why there is no comparison
	Other   string  // what cannot be said of the missing, since the run before is of another source; "" if it can
	Tabs    Tabs
	Kind    payroll.RemarkKind
	Explain string
	List    Table
	Pager   Pager
	Open    int   // of this kind, that nobody has acknowledged
	AllOpen int   // of all kinds
	Next    *Link // the first kind with something open, where this one has nothing
	Note    Field
	Number  Field  // whose slip to look at
	Slip    string // where its page is; "" for none
	Whose   string
	Submit  Confirm
	Void    Confirm
}

func (p checkPage) frame(f *Frame) { f.Trail = []Link{{Name: "Runs", Href: "/runs"}} }

// remarksShown is how many remarks stand on a page.
const remarksShown = 100

func (s *Server) checkPage(r *http.Request, run payroll.Run) (checkPage, error) {
	p := checkPage{Run: run, Period: periodWords(run.Period), Path: checkPath(run.ID), Chip: runChip(run.State), Draft: run.State == payroll.RunDraft}
	if err := s.compare(r, &p); err != nil {
		return p, err
	}
	if err := s.remarkTabs(r, &p); err != nil {
		return p, err
	}
	list := s.remarkList
	if p.Kind == kindTwin {
		list = s.twinList
	}
	if err := list(r, &p); err != nil {
		return p, err
	}
	p.Note = Field{Name: "note", Label: "What you looked at", Required: true, Max: 500, Hint: "It is kept in the audit log. No names, no amounts."}
	number := payroll.EmployeeNumber(r.URL.Query().Get("slip"))
	p.Number = Field{Name: "slip", Label: "Employee number", Value: string(number), Max: 64, Required: true, Short: true}
	if number != "" {
		p.Slip, p.Whose = slipPath(run.ID, number), string(number)
	}
	p.Submit = Confirm{ID: "submit", Action: p.Path + "/submit", Title: "Hand it to the approvers", Button: "Submit for approval",
		Text: "A second person looks at it next. You cannot approve it, whatever your roles."}
	p.Void = Confirm{ID: "void", Action: p.Path + "/void", Title: "Start again with another file", Button: "Void this draft", Tone: ToneBad,
		Text: "The draft ends, and the file of the mended run can be uploaded. Nothing of this one was sent.", Reason: true}
	return p, nil
}

// compare fills in the sums, beside those of the run before.
func (s *Server) compare(r *http.Request, p *checkPage) error {
	now, err := s.Desk.Totals(r.Context(), p.Run.ID)
	if errors.Is(err, payroll.ErrNotFound) {
		p.Lacking = &Notice{Kind: "info", Text: "This run was imported before payseal kept sums, so there is nothing to compare."}
		return nil
	}
	if err != nil {
		return err
	}
	p.Stats = s.stats(p.Run, now)
	if p.Run.Compared == 0 {
		p.Lacking = &Notice{Kind: "info", Title: "There is no run before this one", Text: "So there is nothing to compare it with. Look at some slips instead."}
		return nil
	}
	other, err := s.Desk.Run(r.Context(), p.Run.Compared)
	if err != nil {
		return err
	}
	p.Before, p.Other = fmt.Sprintf("run %d, %s", other.ID, periodWords(other.Period)), elsewhereWords(p.Run, other)
	if part := notWhole(p.Run); part != "" {
		p.Lacking = &Notice{Kind: "info", Text: part}
		return nil
	}
	before, err := s.Desk.Totals(r.Context(), other.ID)
	if errors.Is(err, payroll.ErrNotFound) {
		p.Lacking = &Notice{Kind: "warning", Title: "It is not compared with " + p.Before, Text: "That run has no figures: it was imported before payseal kept them, or its pay data are gone."}
		return nil
	}
	if err != nil {
		return err
	}
	p.Chart = pairedBars(periodWords(other.Period), periodWords(p.Run.Period), totalPairs(before, now, p.Run.Currency))
	return nil
}

// notWhole says why the sums of a run that pays only some are not set beside a
// whole month's; "" for a run that is a month itself.
func notWhole(run payroll.Run) string {
	switch {
	case run.Corrects != 0:
		return fmt.Sprintf("A correction has only the slips that it corrects, so its sums are not compared with those of run %d. Each change is listed.", run.Corrects)
	case run.Supplement:
		return "A supplement pays something further, so its sums are not compared with those of the month."
	}
	return ""
}

// elsewhereWords say why nobody of the run before is missing; "" if somebody could be.
func elsewhereWords(run, before payroll.Run) string {
	if !run.Elsewhere(before) {
		return ""
	}
	return fmt.Sprintf("Run %d came from another source, so its people need not be in this one: nobody is looked for who is missing.", before.ID)
}

func (s *Server) stats(run payroll.Run, t payroll.Totals) []Stat {
	stats := []Stat{{Name: "People", Value: count(t.Headcount), Icon: "people"}}
	for _, sum := range []struct {
		name  string
		minor *int64
	}{{"Gross", t.Gross}, {"Deductions", t.Deductions}, {"Net pay", &t.Net}} {
		if sum.minor != nil {
			stats = append(stats, Stat{Name: sum.name, Value: money(*sum.minor, run.Currency), Unit: string(run.Currency)})
		}
	}
	return stats
}

// remarkTabs counts the remarks, and chooses the kind that is shown: the one that
// was asked for, or the first of which something is open.
func (s *Server) remarkTabs(r *http.Request, p *checkPage) error {
	counts, err := s.Desk.RemarkCounts(r.Context(), p.Run.ID)
	if err != nil {
		return err
	}
	if counts[kindTwin], err = s.Desk.TwinCount(r.Context(), p.Run.ID); err != nil {
		return err
	}
	p.Kind = payroll.RemarkKind(r.URL.Query().Get("kind"))
	if !knownKind(p.Kind) {
		p.Kind = payroll.RemarkVariance
		for i := len(checkKinds) - 1; i >= 0; i-- {
			if counts[checkKinds[i].kind].Open > 0 {
				p.Kind = checkKinds[i].kind
			}
		}
	}
	p.Tabs.Label = "What to look at"
	for _, k := range checkKinds {
		c := counts[k.kind]
		p.AllOpen += c.Open
		p.Tabs.Tabs = append(p.Tabs.Tabs, Tab{Name: k.name, Href: p.Path + "?kind=" + string(k.kind), Count: tabCount(c), Here: k.kind == p.Kind})
		if c.Open > 0 && p.Next == nil && counts[p.Kind].Open == 0 {
			p.Next = &Link{Name: k.name + ": " + count(c.Open), Href: p.Path + "?kind=" + string(k.kind)}
		}
		if k.kind == p.Kind {
			p.Explain, p.Open = k.explain, c.Open
			p.List.Caption, p.List.Quiet, p.List.Empty = k.name, true, &Empty{Title: "Nothing to look at", Text: k.none}
			if k.kind == payroll.RemarkMissing && p.Other != "" {
				p.List.Empty = &Empty{Title: "Not looked for", Text: p.Other}
			}
		}
	}
	return nil
}

func tabCount(c payroll.RemarkCount) string {
	if c.Open > 0 && c.Open < c.All {
		return count(c.Open) + " of " + count(c.All)
	}
	return count(c.All)
}

// remarkList fills in the remarks of the page's kind.
func (s *Server) remarkList(r *http.Request, p *checkPage) error {
	after := payroll.EmployeeNumber(r.URL.Query().Get("after"))
	remarks, err := s.Desk.Remarks(r.Context(), p.Run.ID, payroll.RemarkQuery{Kind: p.Kind, After: after, Limit: remarksShown + 1})
	if err != nil {
		return err
	}
	if len(remarks) > remarksShown {
		remarks = remarks[:remarksShown]
		p.Pager.Older = p.link("after", string(remarks[remarksShown-1].Employee))
		p.Pager.OlderName = "Next"
	}
	if after != "" {
		p.Pager.Newer, p.Pager.NewerName = p.Path+"?kind="+string(p.Kind), "From the start"
	}
	numbers := make([]payroll.EmployeeNumber, len(remarks))
	for i := range remarks {
		numbers[i] = remarks[i].Employee
	}
	names, err := s.Desk.NamesOf(r.Context(), numbers)
	if err != nil {
		return err
	}
	p.List.Columns = []Column{{Name: "Employee"}, {Name: "Before", Number: true}, {Name: "Now", Number: true}, {Name: "Change", Number: true}, {Name: "Looked at"}}
	for _, remark := range remarks {
		p.List.Rows = append(p.List.Rows, p.remarkRow(remark, names[remark.Employee]))
	}
	return nil
}

// link is this page with one more thing asked for.
func (p *checkPage) link(name, value string) string {
	return p.Path + "?" + url.Values{"kind": {string(p.Kind)}, name: {value}}.Encode()
}

func (p *checkPage) remarkRow(r payroll.Remark, name string) Row {
	who := Cell{Text: cmp.Or(name, string(r.Employee)), Hint: string(r.Employee)}
	if r.Now != nil {
		who.Href = p.link("slip", string(r.Employee)) + "#slip-page"
	}
	if p.Draft && r.AcknowledgedBy == "" {
		who.Pick = &Pick{Name: "about", Value: string(r.Employee), Label: "Choose " + cmp.Or(name, string(r.Employee)), Form: "acknowledge"}
	}
	amount := func(minor *int64, missing string) Cell {
		if minor == nil {
			return Cell{Missing: missing}
		}
		return Cell{Text: money(*minor, p.Run.Currency)}
	}
	changed := Cell{Missing: "no change"}
	if r.Before != nil && r.Now != nil {
		c := p.Run.Currency
		difference, err := payroll.Money{Minor: *r.Now, Currency: c}.Sub(payroll.Money{Minor: *r.Before, Currency: c})
		if err == nil {
			changed = Cell{Text: signed(difference), Hint: ratio(*r.Before, *r.Now)}
		}
	}
	return Row{Cells: []Cell{who, amount(r.Before, "not paid"), amount(r.Now, "not paid"), changed, lookedCell(r.AcknowledgedBy, r.Note)}}
}

func signed(m payroll.Money) string {
	text := money(m.Minor, m.Currency)
	if m.Minor > 0 {
		return "+" + text
	}
	return text
}

func lookedCell(by payroll.AdminName, note string) Cell {
	if by == "" {
		return Cell{Chip: &Chip{"Not yet", "dots", ToneWarn}}
	}
	return Cell{Chip: &Chip{"By " + string(by), "check", ToneGood}, Hint: note}
}

// twinsShown bounds the twins of a page; whoever has more acknowledges all.
const twinsShown = 500

// twinList fills in the twins.
func (s *Server) twinList(r *http.Request, p *checkPage) error {
	twins, err := s.Desk.Twins(r.Context(), p.Run.ID)
	if err != nil {
		return err
	}
	if len(twins) > twinsShown {
		p.Pager.Note = fmt.Sprintf("%d of %s; the rest follows when these are acknowledged", twinsShown, count(len(twins)))
		twins = openFirst(twins)[:twinsShown]
	}
	var numbers []payroll.EmployeeNumber
	for _, t := range twins {
		numbers = append(numbers, t.First, t.Second)
	}
	names, err := s.Desk.NamesOf(r.Context(), numbers)
	if err != nil {
		return err
	}
	p.List.Columns = []Column{{Name: "One"}, {Name: "The other"}, {Name: "They have"}, {Name: "Looked at"}}
	for _, t := range twins {
		p.List.Rows = append(p.List.Rows, p.twinRow(t, names))
	}
	return nil
}

// openFirst puts those that nobody has acknowledged before the others.
func openFirst(twins []payroll.TwinFinding) []payroll.TwinFinding {
	var open, seen []payroll.TwinFinding
	for _, t := range twins {
		if t.AcknowledgedBy == "" {
			open = append(open, t)
		} else {
			seen = append(seen, t)
		}
	}
	return append(open, seen...)
}

func (p *checkPage) twinRow(t payroll.TwinFinding, names map[payroll.EmployeeNumber]string) Row {
	one := Cell{Text: cmp.Or(names[t.First], string(t.First)), Hint: string(t.First), Href: p.link("slip", string(t.First)) + "#slip-page"}
	other := Cell{Text: cmp.Or(names[t.Second], string(t.Second)), Hint: string(t.Second), Href: p.link("slip", string(t.Second)) + "#slip-page"}
	if p.Draft && t.AcknowledgedBy == "" {
		pair := url.Values{"kind": {string(t.Kind)}, "first": {string(t.First)}, "second": {string(t.Second)}}
		one.Pick = &Pick{Name: "about", Value: pair.Encode(), Label: "Choose " + strings.Join([]string{one.Text, other.Text}, " and "), Form: "acknowledge"}
	}
	return Row{Cells: []Cell{one, other, {Text: cmp.Or(twinWords[t.Kind], string(t.Kind))}, lookedCell(t.AcknowledgedBy, t.Note)}}
}
