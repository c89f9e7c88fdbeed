package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/payseal/payseal/payroll"
)

// Who may act on a run on its way, as the commands have it.
var (
	senders    = []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}
	voiders    = []payroll.Role{payroll.RoleMaker, payroll.RoleApprover}
	twinLooker = []payroll.Role{payroll.RoleMaker, payroll.RoleApprover}
)

func (s *Server) runRoutes() []route {
	routes := []route{
		{method: "GET", path: "/runs", handle: s.runs, roles: everybody},
		{method: "GET", path: "/runs/{id}", handle: s.run, roles: everybody},
		{method: "GET", path: "/runs/{id}/events", handle: s.runEvents, roles: everybody, stream: true, rate: rateAsk},
		{method: "GET", path: "/runs/{id}/slips", handle: s.slips, roles: everybody},
		{method: "GET", path: "/runs/{id}/slips/{number}", handle: s.slip, roles: everybody},
		{method: "GET", path: "/runs/{id}/correct", handle: s.correctForm, roles: makers},
		{method: "POST", path: "/runs/{id}/correct", handle: s.correct, roles: makers, upload: true, body: correctBody, rate: rateLoad},
		{method: "GET", path: "/runs/{id}/report", handle: s.reportForm, roles: everybody},
		{method: "POST", path: "/runs/{id}/report", handle: s.report, roles: everybody, stepUp: true, stream: true, rate: rateAsk},
	}
	for _, act := range runActs {
		routes = append(routes,
			route{method: "GET", path: "/runs/{id}/" + act.name, handle: s.askRun(act), roles: act.roles},
			route{method: "POST", path: "/runs/{id}/" + act.name, handle: s.actOnRun(act), roles: act.roles})
	}
	for _, act := range slipActs {
		routes = append(routes,
			route{method: "GET", path: "/runs/{id}/slips/{number}/" + act.name, handle: s.askSlip(act), roles: act.roles},
			route{method: "POST", path: "/runs/{id}/slips/{number}/" + act.name, handle: s.actOnSlip(act), roles: act.roles, stepUp: act.stepUp})
	}
	return routes
}

// RunDesk is what these pages ask of the database.
type RunDesk interface {
	Run(ctx context.Context, id payroll.RunID) (payroll.Run, error)
	RunLines(ctx context.Context, q payroll.RunQuery) ([]payroll.RunLine, error)
	RunYears(ctx context.Context) ([]int, error)
	CorrectionsOf(ctx context.Context, run payroll.RunID) ([]payroll.Run, error)
	RunProgress(ctx context.Context, run payroll.RunID) (payroll.Progress, error)
	// RunLife and SlipLife are what the audit log says of a run as a whole, and of
	// one slip; the oldest first.
	RunLife(ctx context.Context, run payroll.RunID) ([]payroll.AuditEntry, error)
	SlipLife(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, id payroll.SlipID) ([]payroll.AuditEntry, error)
	Totals(ctx context.Context, run payroll.RunID) (payroll.Totals, error)
	Counts(ctx context.Context, run payroll.RunID) (map[payroll.SlipState]int, error)
	SlipLines(ctx context.Context, run payroll.RunID, q payroll.SlipQuery) ([]payroll.SlipLine, error)
	SlipAccount(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, freeze payroll.Freeze) (payroll.SlipAccount, error)
	WalkSlips(ctx context.Context, run payroll.RunID, visit func(payroll.SlipLine) error) error
	NoteReport(ctx context.Context, run payroll.RunID, by payroll.AdminName, form string, at time.Time) error
	// VisitStands reports whether a visit goes on, without keeping it awake.
	VisitStands(ctx context.Context, secret payroll.SecretHash, limits payroll.SessionLimits) (bool, error)
	HasStepUp(ctx context.Context, secret payroll.SecretHash, purpose string, fresh time.Duration) (bool, error)

	SendRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, giveUp time.Duration, bundle int) error
	PauseRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, reason string) error
	ResumeRun(ctx context.Context, id payroll.RunID, by payroll.AdminName) error
	VoidRun(ctx context.Context, id payroll.RunID, by payroll.AdminName, reason string) error
	ResendSlip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName, reason string) error
	WithdrawSlip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName, reason string) error
	SettleSlip(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, by payroll.AdminName, accepted bool) error
	ReapproveSlips(ctx context.Context, run payroll.RunID, numbers []payroll.EmployeeNumber, by payroll.AdminName, letterhead string) error
	// ReleaseFrozen says how many people have released the slip by now.
	ReleaseFrozen(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, reason string, by payroll.AdminName) (int, error)
	AcknowledgeTwins(ctx context.Context, run payroll.RunID, numbers []payroll.EmployeeNumber, by payroll.AdminName, note string) error
}

// runsPerPage is how many runs a page lists.
const runsPerPage = 12

// runsPage is every run, the newest first.
type runsPage struct {
	Filters Filters
	Years   Filters
	Table   Table
	Pager   Pager
	New     bool // the visitor may upload
}

// runStates are the filters of the list, in the order of a run's life.
var runStates = []payroll.RunState{
	payroll.RunDraft, payroll.RunSubmitted, payroll.RunApproved, payroll.RunSending, payroll.RunPaused,
	payroll.RunComplete, payroll.RunIncomplete, payroll.RunRejected, payroll.RunVoid,
}

func (s *Server) runs(w http.ResponseWriter, r *http.Request, v *visit) error {
	q, err := runQuery(r.URL.Query())
	if err != nil {
		return err
	}
	lines, err := s.Desk.RunLines(r.Context(), q)
	if err != nil {
		return err
	}
	years, err := s.Desk.RunYears(r.Context())
	if err != nil {
		return err
	}
	pager, lines := pageOf(q.Before != 0, q.After != 0, runsPerPage, lines)
	page := runsPage{Filters: runFilters(q), Years: yearFilters(q, years), Table: runTable(lines, q), New: v.is(makers...)}
	if pager.newer {
		page.Pager.Newer = runsPath(q.State, q.Year, "after", lines[0].ID)
	}
	if pager.older {
		page.Pager.Older = runsPath(q.State, q.Year, "before", lines[len(lines)-1].ID)
	}
	return s.render(w, v, http.StatusOK, "runs", page)
}

// runQuery reads the list's address. It asks for one more than a page shows, to
// know whether there is another.
func runQuery(values url.Values) (payroll.RunQuery, error) {
	q := payroll.RunQuery{State: payroll.RunState(values.Get("state")), Limit: runsPerPage + 1}
	if q.State != "" && !slices.Contains(runStates, q.State) {
		return q, errNoPage
	}
	for name, into := range map[string]func(int64){
		"year":   func(n int64) { q.Year = int(n) },
		"before": func(n int64) { q.Before = payroll.RunID(n) },
		"after":  func(n int64) { q.After = payroll.RunID(n) },
	} {
		if text := values.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 1 || name == "year" && n > 9999 {
				return q, errNoPage
			}
			into(n)
		}
	}
	return q, nil
}

// paged says in which directions a list goes on.
type paged struct{ newer, older bool }

// pageOf cuts what was read, one more than a page, to the page. older and newer
// say in which direction was asked.
func pageOf[T any](older, newer bool, size int, lines []T) (paged, []T) {
	more := len(lines) > size
	switch {
	case newer && more:
		return paged{true, true}, lines[1:]
	case newer:
		return paged{false, len(lines) > 0}, lines
	case more:
		return paged{older, true}, lines[:size]
	}
	return paged{older && len(lines) > 0, false}, lines
}

func runsPath(state payroll.RunState, year int, key string, id payroll.RunID) string {
	values := url.Values{}
	if state != "" {
		values.Set("state", string(state))
	}
	if year != 0 {
		values.Set("year", strconv.Itoa(year))
	}
	if id != 0 {
		values.Set(key, strconv.FormatInt(int64(id), 10))
	}
	if len(values) == 0 {
		return "/runs"
	}
	return "/runs?" + values.Encode()
}

func runFilters(q payroll.RunQuery) Filters {
	f := Filters{Action: "/runs", Label: "Show runs by state", Chips: []Filter{{Name: "All", Href: runsPath("", q.Year, "", 0), Here: q.State == ""}}}
	for _, state := range runStates {
		chip := runChip(state)
		f.Chips = append(f.Chips, Filter{Name: chip.Word, Icon: chip.Icon, Href: runsPath(state, q.Year, "", 0), Here: q.State == state})
	}
	if q.State != "" || q.Year != 0 {
		f.Clear = "/runs"
	}
	return f
}

func yearFilters(q payroll.RunQuery, years []int) Filters {
	f := Filters{Action: "/runs", Label: "Show runs by year"}
	if len(years) < 2 && q.Year == 0 {
		return f
	}
	f.Chips = []Filter{{Name: "Every year", Href: runsPath(q.State, 0, "", 0), Here: q.Year == 0}}
	for _, year := range years {
		f.Chips = append(f.Chips, Filter{Name: strconv.Itoa(year), Href: runsPath(q.State, year, "", 0), Here: q.Year == year})
	}
	return f
}

func runTable(lines []payroll.RunLine, q payroll.RunQuery) Table {
	t := Table{Caption: "Runs", Quiet: true, Columns: []Column{
		{Name: "Run"}, {Name: "Pay date"}, {Name: "State"}, {Name: "Slips", Number: true}, {Name: "Progress"}, {Name: "Who"},
	}}
	for _, l := range lines {
		t.Rows = append(t.Rows, runRow(l))
	}
	t.Empty = &Empty{Drawing: "runs", Title: "No runs yet", Text: "A run begins with a payroll file."}
	if q.State != "" || q.Year != 0 {
		t.Empty = &Empty{Drawing: "search", Title: "No run is like that", Action: &Link{Name: "All runs", Href: "/runs"}}
	}
	return t
}

func runRow(l payroll.RunLine) Row {
	chip := runChip(l.State)
	name := Cell{Text: periodWords(l.Period), Href: runPath(l.ID), Hint: "Run " + strconv.FormatInt(int64(l.ID), 10) + kindWords(&l.Run)}
	progress := Cell{Missing: "not begun"}
	if l.Started() {
		progress = Cell{Figure: runBar("Run "+strconv.FormatInt(int64(l.ID), 10), l.Counts, true), Hint: countWords(l.Counts)}
	}
	row := Row{Cells: []Cell{name, {Day: l.PayDate}, {Chip: &chip}, {Text: count(l.Slips)}, progress, {Text: string(l.ImportedBy), Hint: whoWords(&l.Run)}}}
	if l.State == payroll.RunPaused || l.State == payroll.RunIncomplete {
		row.Tone = ToneWarn
	}
	return row
}

// kindWords says what else a run is: " · supplement".
func kindWords(run *payroll.Run) string {
	switch {
	case run.Corrects != 0:
		return " · corrects run " + strconv.FormatInt(int64(run.Corrects), 10)
	case run.Supplement:
		return " · supplement"
	}
	return ""
}

// whoWords says who has had the run in hand besides whoever imported it.
func whoWords(run *payroll.Run) string {
	words := "imported"
	if run.SubmittedBy != "" {
		words = "imported; submitted by " + string(run.SubmittedBy)
	}
	if run.ApprovedBy != "" {
		words += "; approved by " + string(run.ApprovedBy)
	}
	return words
}
