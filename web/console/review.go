package console

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// fewOf is how many of a list stand on the review itself; the rest has pages.
const fewOf = 6

// reviewPage is what an approver is answerable for.
type reviewPage struct {
	Run         payroll.Run
	Refusal     string // why the visitor may not decide; "" if they may
	Stats       []Stat
	Bars        template.HTML // last month against this; "" without totals
	NoBars      string        // why there are none, though there is a run to compare with
	Before      string        // the run that it is compared with, in words; "" for none
	Parts       []reviewPart
	Letterhead  letterheadCheck
	Reasons     []Fact // who would be held, by reason
	Sample      Table
	Opened, All int
	Next        string // the next slip of the sample to open; "" if all are
	Manifest    string
	Approve     string // "" as long as it cannot be
	Reject      string
	Quiet       string // the lists that have nobody on them
	Other       string // why nobody is looked for who is missing; "" if they are
	Changed     bool   // it was approved, and something is other than it was then
}

// Month is the month that is paid.
func (p reviewPage) Month() string { return periodWords(p.Run.Period) }

// reviewPart is one of the lists.
type reviewPart struct {
	ID, Title, Text string
	Table           Table
	More            *Link // the whole list
}

func (p reviewPage) frame(f *Frame) {
	f.Trail = []Link{{Name: "Approvals", Href: "/approvals"}, {Name: fmt.Sprintf("Run %d", p.Run.ID), Href: runPath(p.Run.ID)}}
}

// review shows a run to whoever is to decide it.
func (s *Server) review(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runIDOf(r)
	if err != nil {
		return err
	}
	ctx := r.Context()
	run, err := s.Desk.Run(ctx, id)
	if err != nil {
		return err
	}
	digest := s.Letterhead().Digest()
	found, err := s.Desk.Inspection(ctx, id, digest, s.Policy.Freeze)
	if err != nil {
		return err
	}
	page := reviewPage{Run: run, Manifest: found.Manifest, Changed: run.State == payroll.RunApproved && run.Manifest != found.Manifest}
	for _, fill := range []func(context.Context, *visit, payroll.Inspection, *reviewPage) error{
		s.reviewTotals, s.reviewParts, s.reviewLetterhead, s.reviewSample,
	} {
		if err := fill(ctx, v, found, &page); err != nil {
			return err
		}
	}
	page.decide(v)
	return s.render(w, v, http.StatusOK, "review", page)
}

// decide says what the visitor can do with the run.
func (p *reviewPage) decide(v *visit) {
	err := p.Run.MayDecide(v.admin)
	switch {
	case p.Run.State != payroll.RunSubmitted:
		p.Refusal = fmt.Sprintf("This run is %s; there is nothing to decide.", p.Run.State)
	case err != nil:
		p.Refusal = "You imported or submitted this run, so a second person must decide it. To take it back, void it."
	default:
		p.Reject = runPath(p.Run.ID, "reject")
		if p.Opened == p.All {
			p.Approve = runPath(p.Run.ID, "approve") + "?manifest=" + p.Manifest
		}
	}
}

// reviewTotals sets the run's sums beside those of the run before.
func (s *Server) reviewTotals(ctx context.Context, _ *visit, found payroll.Inspection, page *reviewPage) error {
	run := page.Run
	totals, err := s.Desk.Totals(ctx, run.ID)
	switch {
	case errors.Is(err, payroll.ErrNotFound):
		page.Stats = append(page.Stats, Stat{Name: "Slips", Value: count(found.Slips), Icon: "people"})
		return nil
	case err != nil:
		return err
	}
	page.Stats = s.stats(run, totals)
	if run.Compared == 0 {
		return nil
	}
	other, err := s.Desk.Run(ctx, run.Compared)
	if err != nil {
		return err
	}
	page.Before, page.Other = runName(other), elsewhereWords(run, other)
	if page.NoBars = notWhole(run); page.NoBars != "" {
		return nil
	}
	before, err := s.Desk.Totals(ctx, run.Compared)
	if errors.Is(err, payroll.ErrNotFound) {
		page.NoBars = s.whyNoBars(other)
		return nil
	}
	page.Bars = pairedBars(periodWords(other.Period), periodWords(run.Period), totalPairs(before, totals, run.Currency))
	return err
}

// whyNoBars says why a run's sums are not there to be compared with.
func (s *Server) whyNoBars(other payroll.Run) string {
	if other.ShreddedAt != nil {
		return "The pay data of that run were shredded on " + other.ShreddedAt.In(s.Company.Zone).Format("2 January 2006") + ", since their retention had ended: its sums are gone."
	}
	return "Its sums were not kept: it was imported before there were any."
}

// reviewParts are the beginnings of the lists, and how long they are.
func (s *Server) reviewParts(ctx context.Context, _ *visit, found payroll.Inspection, page *reviewPage) error {
	sizes, err := s.listSizes(ctx, page.Run.ID, found)
	if err != nil {
		return err
	}
	var quiet []string
	for _, list := range reviewLists {
		size := sizes[list.name]
		rows, _, err := list.rows(ctx, s, page.Run, found, cursor{}, fewOf)
		if err != nil {
			return err
		}
		part := reviewPart{ID: list.name, Title: fmt.Sprintf("%s (%s)", list.title, count(size.All)), Text: list.text, Table: list.table(rows)}
		if size.All > len(rows) {
			part.More = &Link{Name: "All " + count(size.All), Href: runPath(page.Run.ID, "review", list.name)}
		}
		page.Parts = append(page.Parts, part)
		if size.All == 0 && (list.name != "missing" || page.Other == "") {
			quiet = append(quiet, strings.ToLower(list.title))
		}
		page.Stats = append(page.Stats, list.stat(size))
	}
	if len(quiet) > 0 {
		page.Quiet = "Nobody: " + strings.Join(quiet, ", ") + "."
	}
	for _, reason := range holdOrder {
		if n := found.HeldBy()[reason]; n > 0 {
			page.Reasons = append(page.Reasons, Fact{Name: holdWords(reason), Text: count(n)})
		}
	}
	return nil
}

// listSizes counts every list, and what nobody has acknowledged of it.
func (s *Server) listSizes(ctx context.Context, run payroll.RunID, found payroll.Inspection) (map[string]payroll.RemarkCount, error) {
	counts, err := s.Desk.RemarkCounts(ctx, run)
	if err != nil {
		return nil, err
	}
	sizes := map[string]payroll.RemarkCount{"changed": {All: len(found.Changed)}, "held": {All: len(found.Held)}}
	for kind, n := range counts {
		sizes[string(kind)] = n
	}
	all, open, err := s.Desk.TwinCounts(ctx, run)
	sizes["twins"] = payroll.RemarkCount{All: all, Open: open}
	return sizes, err
}

// reviewSample is what must be opened, with what this approver has.
func (s *Server) reviewSample(ctx context.Context, v *visit, found payroll.Inspection, page *reviewPage) error {
	opened, err := s.Desk.Openings(ctx, page.Run.ID, v.admin.Name)
	if err != nil {
		return err
	}
	people, err := s.Desk.Reviewed(ctx, page.Run.ID, found.Sample)
	if err != nil {
		return err
	}
	unopened := make(map[payroll.EmployeeNumber]bool)
	for _, n := range payroll.Unopened(found.Sample, opened) {
		unopened[n] = true
	}
	page.All, page.Opened = len(found.Sample), len(found.Sample)-len(unopened)
	page.Sample = Table{Caption: "The sample", Quiet: true, Columns: []Column{{Name: "Person"}, {Name: "Opened"}}}
	for _, p := range people {
		path := samplePath(page.Run.ID, p.Employee)
		chip := Chip{"Opened", "check", ToneGood}
		if unopened[p.Employee] {
			chip = Chip{"Not opened", "eye", ToneWarn}
			if page.Next == "" {
				page.Next = path
			}
		}
		page.Sample.Rows = append(page.Sample.Rows, Row{Cells: []Cell{{Text: p.Name, Href: path, Hint: string(p.Employee)}, {Chip: &chip}}})
	}
	return nil
}

func samplePath(run payroll.RunID, number payroll.EmployeeNumber) string {
	return runPath(run, "review", "slips", string(number))
}
