package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// reviewList is one of the lists of a review: its beginning stands there, the
// whole of it on pages of its own.
type reviewList struct {
	name, title, text string
	short, icon       string // on its tile
	columns           []Column
	rows              func(ctx context.Context, s *Server, run payroll.Run, found payroll.Inspection, after cursor, limit int) ([]Row, *cursor, error)
}

// reviewLists are the lists in their order.
var reviewLists = []reviewList{
	{"variance", "Variances", "Net pay that differs from last month's beyond the threshold, the largest first.", "Variances", "swap",
		[]Column{{Name: "Person"}, {Name: "Before", Number: true}, {Name: "Now", Number: true}, {Name: "Change", Number: true}, {Name: "Acknowledged"}}, remarkRows(payroll.RemarkVariance)},
	{"twins", "Twins", "Two people who are easily taken for each other. Each slip must go to the right one.", "Twins", "people",
		[]Column{{Name: "One"}, {Name: "The other"}, {Name: "Why"}, {Name: "Acknowledged"}}, twinRows},
	{"changed", "Addresses and certificates changed", "What is other than it was when the slip before was approved: who changed it, and who compared the fingerprint.", "Changed", "mail",
		[]Column{{Name: "Person"}, {Name: "What"}, {Name: "Before"}, {Name: "Now"}, {Name: "By"}}, changedRows},
	{"held", "Would be held", "Slips that would not leave if the run were sent now. They go by themselves once the reason is gone.", "Would be held", "hand",
		[]Column{{Name: "Person"}, {Name: "Why"}}, heldRows},
	{"joiner", "Joiners", "Nobody of that number was in the run before.", "Joiners", "plus",
		[]Column{{Name: "Person"}, {Name: "Now", Number: true}, {Name: "Acknowledged"}}, remarkRows(payroll.RemarkJoiner)},
	{"missing", "Missing", "Was in the run before, has not left, and is not in this one.", "Missing", "question",
		[]Column{{Name: "Person"}, {Name: "Before", Number: true}, {Name: "Acknowledged"}}, remarkRows(payroll.RemarkMissing)},
	{"leaver", "Paid after leaving", "Left before the month that is paid.", "Left, but paid", "exit",
		[]Column{{Name: "Person"}, {Name: "Now", Number: true}, {Name: "Acknowledged"}}, remarkRows(payroll.RemarkLeaver)},
}

func (l reviewList) table(rows []Row) Table {
	return Table{Caption: l.title, Quiet: true, Columns: l.columns, Rows: rows}
}

func (l reviewList) stat(n payroll.RemarkCount) Stat {
	stat := Stat{Name: l.short, Value: count(n.All), Icon: l.icon}
	if n.All > 0 {
		stat.Href = "#" + l.name
	}
	if n.Open > 0 {
		stat.Hint, stat.Tone = count(n.Open)+" not acknowledged", ToneWarn
	}
	return stat
}

// cursor is the row that was read last.
type cursor struct{ kind, first, second string }

func cursorOf(q url.Values) cursor { return cursor{q.Get("kind"), q.Get("after"), q.Get("second")} }

func (c cursor) query() string {
	q := url.Values{"after": {c.first}}
	if c.kind != "" {
		q.Set("kind", c.kind)
		q.Set("second", c.second)
	}
	return q.Encode()
}

// Rows on one page of a list.
const reviewRows = 50

// reviewListPage is a list in whole.
type reviewListPage struct {
	Run   payroll.Run
	Title string
	Text  string
	Table Table
	Pager Pager
}

func (p reviewListPage) frame(f *Frame) {
	f.Trail = []Link{
		{Name: "Approvals", Href: "/approvals"}, {Name: fmt.Sprintf("Run %d", p.Run.ID), Href: runPath(p.Run.ID)},
		{Name: "Review", Href: runPath(p.Run.ID, "review")},
	}
}

// reviewList shows one list of a review, a page of it at a time.
func (s *Server) reviewList(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runIDOf(r)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(reviewLists, func(l reviewList) bool { return l.name == r.PathValue("list") })
	if i < 0 {
		return errNoPage
	}
	list := reviewLists[i]
	run, err := s.Desk.Run(r.Context(), id)
	if err != nil {
		return err
	}
	found, err := s.Desk.Inspection(r.Context(), id, s.Letterhead().Digest(), s.Policy.Freeze)
	if err != nil {
		return err
	}
	after := cursorOf(r.URL.Query())
	rows, next, err := list.rows(r.Context(), s, run, found, after, reviewRows)
	if err != nil {
		return err
	}
	page := reviewListPage{Run: run, Title: list.title, Text: list.text, Table: list.table(rows)}
	page.Table.Empty = &Empty{Drawing: "calm", Title: "Nobody is on this list"}
	path := runPath(id, "review", list.name)
	if after != (cursor{}) {
		page.Pager.Newer, page.Pager.NewerName = path, "The first"
	}
	if next != nil {
		page.Pager.Older, page.Pager.OlderName = path+"?"+next.query(), "More"
	}
	return s.render(w, v, http.StatusOK, "review_list", page)
}

// namedIn finds the people of a page of a list.
func (s *Server) namedIn(ctx context.Context, run payroll.RunID, numbers []payroll.EmployeeNumber) (map[payroll.EmployeeNumber]payroll.Reviewed, error) {
	people, err := s.Desk.Reviewed(ctx, run, numbers)
	named := make(map[payroll.EmployeeNumber]payroll.Reviewed, len(people))
	for _, p := range people {
		named[p.Employee] = p
	}
	return named, err
}

// personCell names a person and leads to their slip, or to themselves if they
// have none.
func personCell(run payroll.RunID, p payroll.Reviewed, number payroll.EmployeeNumber) Cell {
	cell := Cell{Text: p.Name, Hint: string(number), Href: samplePath(run, number)}
	if !p.InRun {
		cell.Href = "/people/" + url.PathEscape(string(number))
	}
	if p.Name == "" { // not in the roster
		cell = Cell{Text: string(number)}
	}
	return cell
}

// remarkRows are the rows of a kind of remarks, with the columns of its list.
func remarkRows(kind payroll.RemarkKind) func(context.Context, *Server, payroll.Run, payroll.Inspection, cursor, int) ([]Row, *cursor, error) {
	return func(ctx context.Context, s *Server, run payroll.Run, _ payroll.Inspection, after cursor, limit int) ([]Row, *cursor, error) {
		remarks, err := s.Desk.Remarks(ctx, run.ID, payroll.RemarkQuery{Kind: kind, After: payroll.EmployeeNumber(after.first), Limit: limit + 1})
		if err != nil {
			return nil, nil, err
		}
		remarks, next := cut(remarks, limit, func(r payroll.Remark) cursor { return cursor{first: string(r.Employee)} })
		numbers := make([]payroll.EmployeeNumber, len(remarks))
		for i, r := range remarks {
			numbers[i] = r.Employee
		}
		named, err := s.namedIn(ctx, run.ID, numbers)
		rows := make([]Row, len(remarks))
		for i, r := range remarks {
			rows[i].Cells = append([]Cell{personCell(run.ID, named[r.Employee], r.Employee)}, amountCells(r, run.Currency)...)
			rows[i].Cells = append(rows[i].Cells, seenCell(r.AcknowledgedBy, r.Note))
		}
		return rows, next, err
	}
}

// amountCells are what the remark's kind has: before, now and the change.
func amountCells(r payroll.Remark, c payroll.Currency) []Cell {
	cell := func(amount *int64) Cell {
		if amount == nil {
			return Cell{Missing: "not there"}
		}
		return Cell{Text: money(*amount, c)}
	}
	switch r.Kind {
	case payroll.RemarkMissing:
		return []Cell{cell(r.Before)}
	case payroll.RemarkVariance:
		change := Cell{Missing: "not there"}
		if r.Before != nil && r.Now != nil {
			change = Cell{Text: ratio(*r.Before, *r.Now)}
			if change.Text == "" {
				change.Text = "from nothing"
			}
		}
		return []Cell{cell(r.Before), cell(r.Now), change}
	case payroll.RemarkJoiner, payroll.RemarkLeaver:
	}
	return []Cell{cell(r.Now)}
}

// cut takes the row off that only says that there are more.
func cut[T any](rows []T, limit int, key func(T) cursor) ([]T, *cursor) {
	if len(rows) <= limit {
		return rows, nil
	}
	next := key(rows[limit-1])
	return rows[:limit], &next
}

func twinRows(ctx context.Context, s *Server, run payroll.Run, _ payroll.Inspection, after cursor, limit int) ([]Row, *cursor, error) {
	last := payroll.Twin{Kind: payroll.TwinKind(after.kind), First: payroll.EmployeeNumber(after.first), Second: payroll.EmployeeNumber(after.second)}
	twins, err := s.Desk.ReviewedTwins(ctx, run.ID, last, limit+1)
	if err != nil {
		return nil, nil, err
	}
	twins, next := cut(twins, limit, func(t payroll.ReviewedTwin) cursor {
		return cursor{string(t.Kind), string(t.First), string(t.Second)}
	})
	numbers := make([]payroll.EmployeeNumber, 0, 2*len(twins))
	for _, t := range twins {
		numbers = append(numbers, t.First, t.Second)
	}
	named, err := s.namedIn(ctx, run.ID, numbers)
	rows := make([]Row, len(twins))
	for i, t := range twins {
		rows[i].Cells = []Cell{
			personCell(run.ID, named[t.First], t.First), personCell(run.ID, named[t.Second], t.Second),
			{Text: twinWords[t.Kind]}, seenCell(t.AcknowledgedBy, t.Note),
		}
	}
	return rows, next, err
}

// goOn finds where a list that is in memory goes on.
func goOn[T any](list []T, number func(T) payroll.EmployeeNumber, after cursor) []T {
	if after.first == "" {
		return list
	}
	i, found := slices.BinarySearchFunc(list, payroll.EmployeeNumber(after.first), func(t T, n payroll.EmployeeNumber) int {
		return strings.Compare(string(number(t)), string(n))
	})
	if found {
		i++
	}
	return list[i:]
}

func heldRows(ctx context.Context, s *Server, run payroll.Run, found payroll.Inspection, after cursor, limit int) ([]Row, *cursor, error) {
	number := func(h payroll.Foreseen) payroll.EmployeeNumber { return h.Employee }
	held, next := cut(goOn(found.Held, number, after), limit, func(h payroll.Foreseen) cursor { return cursor{first: string(h.Employee)} })
	numbers := make([]payroll.EmployeeNumber, len(held))
	for i, h := range held {
		numbers[i] = h.Employee
	}
	named, err := s.namedIn(ctx, run.ID, numbers)
	rows := make([]Row, len(held))
	for i, h := range held {
		rows[i].Cells = []Cell{personCell(run.ID, named[h.Employee], h.Employee), {Text: holdWords(h.Reason)}}
	}
	return rows, next, err
}
