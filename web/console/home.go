package console

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/payseal/payseal/payroll"
)

// alarmRoles may settle an alarm, as the command has it.
var alarmRoles = []payroll.Role{payroll.RoleApprover, payroll.RoleOperator}

func (s *Server) homeRoutes() []route {
	return []route{
		{method: "GET", path: "/{$}", handle: s.home, roles: everybody},
		{method: "GET", path: "/alarms", handle: s.alarms, roles: everybody},
		{method: "GET", path: "/alarms/{id}/settle", handle: s.settleForm, roles: alarmRoles},
		{method: "POST", path: "/alarms/{id}/settle", handle: s.settle, roles: alarmRoles},
	}
}

// OfficeDesk is what the first page, and those of schedules, audit, health and
// retention ask of the database.
type OfficeDesk interface {
	Waiting(ctx context.Context) (payroll.Waiting, error)
	OpenRuns(ctx context.Context, limit int) ([]payroll.RunLine, error)
	Started(ctx context.Context) (payroll.Started, error)
	SecurityEvents(ctx context.Context, name payroll.AdminName, limit int) ([]payroll.AuditEntry, error)
	Alarms(ctx context.Context, all bool) ([]payroll.Alarm, error)
	SettleAlarm(ctx context.Context, id int64, by payroll.AdminName, note string) error
	RaiseAlarm(ctx context.Context, a payroll.Alarm) error

	ScheduleRules(ctx context.Context) ([]payroll.ScheduleRule, error)
	// FellDue are the months from one on in which a rule has fallen due already.
	FellDue(ctx context.Context, rule int64, from payroll.Period) ([]payroll.Occurrence, error)
	DueRecords(ctx context.Context, n int) ([]payroll.DueRecord, error)
	CreateRule(ctx context.Context, r payroll.ScheduleRule, by payroll.AdminName) error
	RemoveRule(ctx context.Context, name string, by payroll.AdminName) error
	// Paid reports whether a run that is paid on these days is approved or further.
	Paid(ctx context.Context, first, last payroll.Date) (bool, error)
	HolidaysOf(ctx context.Context, year int) ([]payroll.Holiday, error)
	HolidayYears(ctx context.Context) ([]int, error)
	PutHolidays(ctx context.Context, days []payroll.Holiday, by payroll.AdminName) (added int, err error)
	RemoveHoliday(ctx context.Context, day payroll.Date, by payroll.AdminName) error

	SearchAudit(ctx context.Context, q payroll.AuditQuery) ([]payroll.AuditEntry, error)
	AuditActs(ctx context.Context) ([]string, error)
	AuditPeople(ctx context.Context) ([]string, error)
	WalkAudit(ctx context.Context, from int64, visit func(payroll.AuditEntry) error) error
	AuditSince(ctx context.Context, since time.Time) (int64, error)
	AuditHead(ctx context.Context) (payroll.AuditHead, error)
	LastAuditEntry(ctx context.Context) (payroll.AuditHead, error)
	RecordAudit(ctx context.Context, what string, by payroll.AdminName, detail map[string]string) error

	Health(ctx context.Context) (payroll.Health, error)
	Canary(ctx context.Context) (payroll.CanaryPulse, error)

	Retention(ctx context.Context) (payroll.RetentionTable, error)
	PutRetention(ctx context.Context, r payroll.Retention, reason string, by payroll.AdminName) error
	RemoveRetention(ctx context.Context, country, reason string, by payroll.AdminName) error
	ShredDue(ctx context.Context) ([]payroll.RunToShred, error)
}

// How much of each stands on the first page.
const (
	homeRuns   = 6
	homeAlarms = 2
	homeEvents = 5
)

// homeData is what home.html shows.
type homeData struct {
	Lead      string
	Alarms    []Alarm
	More      string // how many further alarms there are, in words; "" for none
	Shreds    *Notice
	Steps     []step
	PayDates  []Fact
	Readiness template.HTML
	Ready     string // the heading over it
	Runs      Table
	Todo      []todo
	Events    Table
	Upload    bool
}

// step is one of the first things to do in a new installation.
type step struct {
	Link
	Hint string
	Done bool
}

// todo is something that waits for the visitor.
type todo struct {
	Link
	Hint string
}

func (s *Server) home(w http.ResponseWriter, r *http.Request, v *visit) error {
	started, err := s.Desk.Started(r.Context())
	if err != nil {
		return err
	}
	d := homeData{Upload: v.is(makers...), Steps: firstSteps(started, v)}
	for _, part := range []func(context.Context, *visit, *homeData) error{
		s.homeAlarms, s.homeShreds, s.homeDates, s.homeRuns, s.homeTodo, s.homeEvents,
	} {
		if err := part(r.Context(), v, &d); err != nil {
			return err
		}
	}
	if d.Steps != nil {
		d.Lead = "This console is new. What comes first stands below."
	}
	return s.render(w, v, http.StatusOK, "home", d)
}

// firstSteps are what a new installation lacks, while there is no run; nil after.
func firstSteps(g payroll.Started, v *visit) []step {
	if g.Runs {
		return nil
	}
	steps := []step{
		{Link{Name: "Bring in the people", Href: "/people/import", Icon: "people"}, "A file of HR, shown before anything is kept.", g.Employees},
		{Link{Name: "Invite them to enrol", Href: "/people/invite", Icon: "mail"}, "Everybody hands in a certificate, once, through the form.", g.Certificates},
		{Link{Name: "Say when slips are sent", Href: "/schedules", Icon: "calendar"}, "A rule for every month, moved over weekends and holidays.", g.Rules},
		{Link{Name: "Upload the first payroll file", Href: "/runs/new", Icon: "upload"}, "A second person approves it before anything leaves.", g.Runs},
	}
	for i := range steps {
		if i != 2 && !v.is(payroll.RoleMaker) && (i == 3 || !v.is(payroll.RoleOperator)) {
			steps[i].Href = ""
		}
	}
	return steps
}

func (s *Server) homeAlarms(ctx context.Context, v *visit, d *homeData) error {
	open, err := s.Desk.Alarms(ctx, false)
	for _, a := range open[:min(len(open), homeAlarms)] {
		alarm := Alarm{Title: alarmTitle(a.Kind), Text: sentence(a.Kind.Sentence()), At: a.At, Points: alarmPoints(a)}
		if v.is(alarmRoles...) {
			alarm.Action = &Link{Name: "Settle", Href: alarmPath(a.ID)}
		}
		d.Alarms = append(d.Alarms, alarm)
	}
	if n := len(open) - homeAlarms; n > 0 {
		d.More = plural(n, "more alarm")
	}
	return err
}

func (s *Server) homeShreds(ctx context.Context, _ *visit, d *homeData) error {
	due, err := s.Desk.ShredDue(ctx)
	if err != nil || len(due) == 0 {
		return err
	}
	d.Shreds = &Notice{Kind: "warning", Title: "Pay data will be destroyed",
		Text: shredWords(due), Link: &Link{Name: "The retention table", Href: "/settings/retention"}}
	return nil
}

// shredWords names the runs, the next ones first.
func shredWords(due []payroll.RunToShred) string {
	const most = 3
	words := ""
	for i, r := range due[:min(len(due), most)] {
		if i > 0 {
			words += "; "
		}
		words += fmt.Sprintf("on %s those of run %d, %s", dayWords(r.On), r.Run, periodWords(r.Period))
	}
	if n := len(due) - most; n > 0 {
		words += fmt.Sprintf("; and those of %s", plural(n, "more run"))
	}
	return sentence(words) + " Their retention ends. Who got which slip, and when, stays."
}

// homeDates are the next pay dates, and who could be paid on the first.
func (s *Server) homeDates(ctx context.Context, _ *visit, d *homeData) error {
	days, planned, err := s.payDays(ctx)
	if err != nil {
		return err
	}
	if !planned {
		d.Lead = "No pay date is planned yet."
	} else {
		today := payroll.DateOf(s.Now().In(s.Company.Zone))
		d.Lead = fmt.Sprintf("Next pay date: %s, %s.", dayWords(days.Dates[0]), inDays(today, days.Dates[0]))
		for i, date := range days.Dates {
			d.PayDates = append(d.PayDates, Fact{Name: []string{"Next", "Then"}[min(i, 1)], Day: date, Hint: date.Weekday().String() + ", " + inDays(today, date)})
		}
	}
	c, err := s.census.of(ctx, s.Desk, termsOf(days), s.Now())
	if err != nil || c.Counts[payroll.PeopleAll] == 0 {
		return err
	}
	d.Ready = "Ready for " + dayWords(days.Dates[0])
	d.Readiness = readyBar(d.Ready, c.Counts)
	return nil
}

// inDays says how far a day is off.
func inDays(today, day payroll.Date) string {
	switch n := int(day.At(0, 0, time.UTC).Sub(today.At(0, 0, time.UTC)) / (24 * time.Hour)); n {
	case 0:
		return "today"
	case 1:
		return "tomorrow"
	default:
		return "in " + plural(n, "day")
	}
}

// readyBar draws the census of the roster, each person once; every part leads to
// the people who are in it.
func readyBar(title string, counts map[payroll.PeopleFilter]int) template.HTML {
	left := counts[payroll.PeopleAll] - counts[payroll.PeopleLeft]
	shares := make([]Share, 0, len(readyShares)+1)
	for _, share := range readyShares {
		n := min(counts[share.filter], left)
		left -= n
		shares = append(shares, Share{Name: share.name, Count: n, Fill: share.fill, Href: "/people?show=" + string(share.filter)})
	}
	if left > 0 {
		shares = append(shares, Share{Name: "not ready for another reason", Count: left, Fill: "f-plain"})
	}
	return stackBar(Stack{Title: title, Unit: "people", Shares: shares})
}

// readyShares stand in the order in which somebody who is in several is counted.
var readyShares = []struct {
	filter     payroll.PeopleFilter
	name, fill string
}{
	{payroll.PeopleReady, "ready", "f-good"},
	{payroll.PeopleExpiring, "expiring before", "f-soon"},
	{payroll.PeoplePaper, "on paper", "f-mute"},
	{payroll.PeopleNoKey, "no certificate", "f-bad"},
	{payroll.PeopleProof, "waiting for the code", "f-next"},
	{payroll.PeopleCertify, "to be certified", "f-live"},
	{payroll.PeopleCall, "waiting for a call", "f-warn"},
}

func (s *Server) homeRuns(ctx context.Context, _ *visit, d *homeData) error {
	lines, err := s.Desk.OpenRuns(ctx, homeRuns)
	d.Runs = runTable(lines, payroll.RunQuery{})
	d.Runs.Empty = &Empty{Drawing: "runs", Title: "No run is on its way", Text: "A run begins with a payroll file."}
	return err
}

// homeTodo is what waits for the visitor, by their roles.
func (s *Server) homeTodo(ctx context.Context, v *visit, d *homeData) error {
	w, err := s.waiting.of(ctx, s.Desk, s.Now())
	if err != nil {
		return err
	}
	for _, run := range w.Drafts {
		if run.ImportedBy == v.admin.Name && v.is(makers...) {
			d.Todo = append(d.Todo, todo{Link{fmt.Sprintf("Submit run %d", run.ID), checkPath(run.ID), "pencil"}, "Your draft."})
		}
	}
	for _, run := range w.Submitted {
		if run.MayDecide(v.admin) == nil {
			d.Todo = append(d.Todo, todo{Link{fmt.Sprintf("Decide run %d", run.ID), runPath(run.ID, "review"), "stamp"}, "Submitted by " + string(run.SubmittedBy) + "."})
		}
	}
	for _, p := range w.Proposals {
		if p.Confirm(v.admin) == nil { // a copy
			d.Todo = append(d.Todo, todo{Link{"Confirm or decline: " + proposalWords(p), proposalPath(p.ID), "people"}, "Proposed by " + string(p.ProposedBy) + "."})
		}
	}
	d.Todo = append(d.Todo, countedTodo(w, v)...)
	return nil
}

// countedTodo is what waits in numbers.
func countedTodo(w payroll.Waiting, v *visit) (list []todo) {
	for _, c := range []struct {
		n     int
		roles []payroll.Role
		what  string
		to    Link
	}{
		{w.Calls, rosterRoles, "phone check", Link{"", "/calls", "phone"}},
		{w.Unsent, senders, "approved run to send, or to leave to the schedule", Link{"", "/runs?state=approved", "send"}},
		{w.Frozen, alarmRoles, "slip in the change freeze to release", Link{"", "/approvals", "hand"}},
		{w.Unsure, operators, "unsure slip to settle", Link{"", "/runs", "question"}},
		{w.Reports, keyRoles, "report of an employee to look at", Link{"", "/people", "flag"}},
	} {
		if c.n > 0 && v.is(c.roles...) {
			c.to.Name = pluralOf(c.n, c.what)
			list = append(list, todo{Link: c.to})
		}
	}
	return list
}

// pluralOf counts what is said in several words, of which the noun may not be the
// last: "2 slips in the change freeze".
func pluralOf(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	for i, noun := range []string{"phone check", "approved run", "unsure slip", "slip", "report"} {
		if len(what) >= len(noun) && what[:len(noun)] == noun && i >= 0 {
			return strconv.Itoa(n) + " " + noun + "s" + what[len(noun):]
		}
	}
	return strconv.Itoa(n) + " " + what
}

func (s *Server) homeEvents(ctx context.Context, v *visit, d *homeData) error {
	events, err := s.Desk.SecurityEvents(ctx, v.admin.Name, homeEvents)
	d.Events = eventTable(events)
	d.Events.Empty = &Empty{Title: "Nothing yet", Text: "Who signs in as you, and from where, stands here."}
	return err
}

// navCounts are how many wait where, for the navigation.
func navCounts(w payroll.Waiting, v *visit) map[string]string {
	counts := map[string]int{"/calls": w.Calls}
	for _, run := range w.Submitted {
		if run.MayDecide(v.admin) == nil {
			counts["/approvals"]++
		}
	}
	for _, p := range w.Proposals {
		if p.Confirm(v.admin) == nil {
			counts["/approvals"]++
		}
	}
	if v.is(alarmRoles...) {
		counts["/approvals"] += w.Frozen
		counts["/"] = w.Alarms
	}
	counts["/runs"] = len(slices.DeleteFunc(slices.Clone(w.Drafts), func(r payroll.Run) bool { return r.ImportedBy != v.admin.Name }))
	if v.is(operators...) {
		counts["/health"] = w.Unsure
	}
	words := make(map[string]string)
	for path, n := range counts {
		if n > 0 {
			words[path] = count(n)
		}
	}
	return words
}
