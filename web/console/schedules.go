package console

import (
	"context"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"github.com/payseal/payseal/payroll"
)

// calendarRoles keep schedules and holidays, as the commands have it.
var calendarRoles = []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}

func (s *Server) scheduleRoutes() []route {
	return []route{
		{method: "GET", path: "/schedules", handle: s.schedules, roles: everybody},
		{method: "GET", path: "/schedules/new", handle: s.newRuleForm, roles: calendarRoles},
		{method: "POST", path: "/schedules/new", handle: s.newRule, roles: calendarRoles},
		{method: "GET", path: "/schedules/{name}/remove", handle: s.removeRuleForm, roles: calendarRoles},
		{method: "POST", path: "/schedules/{name}/remove", handle: s.removeRule, roles: calendarRoles},
		{method: "GET", path: "/schedules/holidays", handle: s.holidays, roles: everybody},
		{method: "POST", path: "/schedules/holidays", handle: s.addHolidays, roles: calendarRoles},
		{method: "POST", path: "/schedules/holidays/remove", handle: s.removeHoliday, roles: calendarRoles},
	}
}

// Late is what happens to a schedule that no worker was up for in time.
type Late struct {
	After   time.Duration // later than that counts as missed
	CatchUp bool          // it is done all the same; otherwise it is an alarm
}

// schedulesData is what schedules.html shows.
type schedulesData struct {
	Rules   []ruleView
	Empty   *Empty
	History Table
	Late    string
	May     bool
}

// ruleView is one rule.
type ruleView struct {
	ID, Name, Does string
	Facts          []Fact
	Calendar       template.HTML
	Remove         string // the page that asks whether it is to be removed
}

const (
	comingDates = 12 // of each rule
	dueShown    = 12 // of what was due
	// nearDays is how long before a date that nothing is approved is worth a look.
	nearDays = 5
)

func (s *Server) schedules(w http.ResponseWriter, r *http.Request, v *visit) error {
	rules, err := s.Desk.ScheduleRules(r.Context())
	if err != nil {
		return err
	}
	d := schedulesData{May: v.is(calendarRoles...), Late: lateWords(s.Policy.Late),
		Empty: &Empty{Drawing: "calendar", Title: "No schedule yet", Text: "Without one, runs are sent by hand, and nobody is told that a pay date comes near."}}
	for _, rule := range rules {
		view, err := s.ruleView(r.Context(), rule, d.May)
		if err != nil {
			return err
		}
		d.Rules = append(d.Rules, view)
	}
	records, err := s.Desk.DueRecords(r.Context(), dueShown)
	if err != nil {
		return err
	}
	d.History = dueTable(records, s.Company.Zone)
	return s.render(w, v, http.StatusOK, "schedules", d)
}

func lateWords(late Late) string {
	if late.CatchUp {
		return "If no worker is up when a schedule falls due, the first one that comes up does it then."
	}
	after := "at once"
	if late.After > 0 {
		after = "within " + spanWords(late.After)
	}
	return "If no worker is up " + after + " of the time when a schedule falls due, it is not done at all, and an alarm says so."
}

var actionWords = map[payroll.ScheduleAction]string{
	payroll.ActionSend: "Sends the approved runs of the month",
	payroll.ActionSync: "Reads the roster from the HR database",
}

func (s *Server) ruleView(ctx context.Context, rule payroll.ScheduleRule, may bool) (ruleView, error) {
	m := rule.Monthly
	view := ruleView{ID: "rule-" + rule.Name, Name: rule.Name, Does: actionWords[rule.Action], Facts: []Fact{
		{Name: "Day", Text: ruleDay(m)},
		{Name: "Time", Text: m.Clock() + ", " + m.Zone.String(), Hint: "by the clock there, summer and winter"},
		{Name: "Since", At: rule.Since},
	}}
	if may {
		view.Remove = "/schedules/" + url.PathEscape(rule.Name) + "/remove"
	}
	now, err := s.Desk.Now(ctx)
	if err != nil {
		return view, err
	}
	days, err := s.comingDays(ctx, rule, now)
	view.Calendar = calendarStrip("The next dates of "+rule.Name, days)
	return view, err
}

func ruleDay(m payroll.MonthlyRule) string {
	day := "Day " + m.DayText()
	switch m.Day {
	case payroll.LastWorkingDay:
		return "The last working day"
	case 31:
		day = "The last day"
	}
	switch m.Shift {
	case payroll.ShiftBefore:
		return day + "; on a weekend or a holiday, the working day before"
	case payroll.ShiftAfter:
		return day + "; on a weekend or a holiday, the working day after"
	}
	return day + ", also on weekends and holidays"
}

// comingDays are the months that are to come, but for those in which the rule has
// fallen due already.
func (s *Server) comingDays(ctx context.Context, rule payroll.ScheduleRule, now time.Time) ([]PayDay, error) {
	here := now.In(rule.Monthly.Zone)
	fell, err := s.Desk.FellDue(ctx, rule.ID, payroll.Period{Year: here.Year() - 1, Month: here.Month()})
	if err != nil {
		return nil, err
	}
	done := make(map[payroll.Period]bool, len(fell))
	for _, o := range fell {
		done[o.Period] = true
	}
	var days []PayDay
	for _, o := range rule.Monthly.Coming(now, comingDates+len(fell)) {
		if done[o.Period] || len(days) == comingDates {
			continue
		}
		days = append(days, PayDay{Period: o.Period, Date: payroll.DateOf(o.At.In(rule.Monthly.Zone)), State: "planned", Note: movedWords(rule.Monthly, o.Period)})
	}
	if len(days) == 0 {
		return nil, nil
	}
	days[0].State = "next"
	return days, s.warnOfNext(ctx, rule, payroll.DateOf(here), &days[0])
}

// warnOfNext says that a date is near for which no run is approved.
func (s *Server) warnOfNext(ctx context.Context, rule payroll.ScheduleRule, today payroll.Date, next *PayDay) error {
	if rule.Action != payroll.ActionSend || today.AddDays(nearDays).Before(next.Date) {
		return nil
	}
	paid, err := s.Desk.Paid(ctx, next.Period.First(), next.Period.Last())
	if err == nil && !paid {
		next.State, next.Note = "alert", "no approved run yet"
	}
	return err
}

func movedWords(m payroll.MonthlyRule, p payroll.Period) string {
	from, holiday, moved := m.Moved(p)
	switch {
	case !moved:
		return ""
	case holiday != "":
		return fmt.Sprintf("moved from %d %s: %s", from.Day, from.Month, holiday)
	}
	return fmt.Sprintf("moved from %s, %d %s", from.Weekday(), from.Day, from.Month)
}

var dueChips = map[payroll.DueState]Chip{
	payroll.DuePending: {"Under way", "clock", ToneLive},
	payroll.DueDone:    {"Done", "check", ToneGood},
	payroll.DueLate:    {"Missed", "flag", ToneBad},
	payroll.DueFailed:  {"Failed", "cross", ToneBad},
}

func dueTable(records []payroll.DueRecord, zone *time.Location) Table {
	t := Table{Caption: "What fell due", Quiet: true, Columns: []Column{{Name: "Schedule"}, {Name: "Month"}, {Name: "Due"}, {Name: "State"}, {Name: "What came of it"}},
		Empty: &Empty{Drawing: "calendar", Title: "Nothing has fallen due yet"}}
	for _, d := range records {
		chip := chipOf(dueChips, d.State)
		note := textOr(d.Note, "nothing to say")
		if d.DoneAt != nil {
			note.Hint = moment(d.DoneAt.In(zone))
		}
		month := d.Period
		if p, err := payroll.ParsePeriod(d.Period); err == nil {
			month = periodWords(p)
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{{Text: d.Name}, {Text: month}, {At: d.At}, {Chip: &chip}, note}})
	}
	return t
}

// ruleForm are the fields of a new rule.
type ruleForm struct{ name, action, day, shift, clock, zone string }

func ruleFormOf(r *http.Request) ruleForm {
	get := func(name string) string { return oneLine(r.PostForm.Get(name)) }
	return ruleForm{get("name"), get("action"), get("day"), get("shift"), get("at"), get("zone")}
}

var schedulesTrail = []Link{{Name: "Schedules", Href: "/schedules"}}

func (f ruleForm) ask() ask {
	days := []Option{{Value: "last-working-day", Name: "The last working day"}, {Value: "last", Name: "The last day"}}
	for n := 1; n <= 30; n++ {
		days = append(days, Option{Value: fmt.Sprint(n), Name: fmt.Sprint(n)})
	}
	for i := range days {
		days[i].Chosen = days[i].Value == f.day
	}
	return ask{
		Head: "A new schedule", Lead: "A rule that falls due once a month.", Trail: schedulesTrail, Action: "/schedules/new",
		Choices: []Choices{
			{Name: "action", Legend: "What it does", Options: chosen([]Option{
				{Value: "send", Name: "Send the approved runs of the month", Hint: "Where none is approved, an alarm is raised and nothing is sent."},
				{Value: "sync", Name: "Read the roster from the HR database", Hint: "It must be configured ([hr])."},
			}, f.action)},
			{Name: "shift", Legend: "If the day is a weekend or a holiday", Options: chosen([]Option{
				{Value: "before", Name: "The working day before"}, {Value: "after", Name: "The working day after"}, {Value: "none", Name: "The day itself"},
			}, f.shift)},
		},
		Fields: []Field{
			{Name: "name", Label: "Name", Hint: "Lower-case letters, digits and hyphens, such as payday.", Value: f.name, Max: 63, Required: true, Short: true},
			{Name: "day", Label: "Day of the month", Hint: "A day that a month lacks is its last.", Options: days, Short: true},
			{Name: "at", Label: "Time", Hint: "Such as 09:00.", Value: f.clock, Max: 5, Required: true, Short: true},
			{Name: "zone", Label: "Time zone", Hint: "Its name, such as Europe/Vienna. The clock there counts, summer and winter.", Value: f.zone, Max: 60, Required: true, Short: true},
		},
		Button: "Add it", Cancel: "/schedules",
	}
}

func chosen(options []Option, value string) []Option {
	for i := range options {
		options[i].Chosen = options[i].Value == value
	}
	return options
}

func (s *Server) newRuleForm(w http.ResponseWriter, _ *http.Request, v *visit) error {
	f := ruleForm{name: "payday", action: "send", day: "last-working-day", shift: "before", clock: "09:00", zone: s.Company.Zone.String()}
	return s.render(w, v, http.StatusOK, "ask", f.ask())
}

func (s *Server) newRule(w http.ResponseWriter, r *http.Request, v *visit) error {
	f := ruleFormOf(r)
	monthly, err := payroll.ParseMonthlyRule(f.day, f.shift, f.clock, f.zone)
	if err == nil {
		err = s.Desk.CreateRule(r.Context(), payroll.ScheduleRule{Name: f.name, Action: payroll.ScheduleAction(f.action), Monthly: monthly}, v.admin.Name)
	}
	if err != nil {
		return s.askAgain(w, v, f.ask(), err, nil)
	}
	return redirect(w, r, "/schedules", "rule-added")
}

// ruleNamed is the one that the path names.
func (s *Server) ruleNamed(r *http.Request) (payroll.ScheduleRule, error) {
	rules, err := s.Desk.ScheduleRules(r.Context())
	for _, rule := range rules {
		if rule.Name == r.PathValue("name") {
			return rule, err
		}
	}
	if err != nil {
		return payroll.ScheduleRule{}, err
	}
	return payroll.ScheduleRule{}, payroll.ErrNotFound
}

func (s *Server) removeRuleForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	rule, err := s.ruleNamed(r)
	if err != nil {
		return err
	}
	path := "/schedules/" + url.PathEscape(rule.Name) + "/remove"
	return s.render(w, v, http.StatusOK, "ask", ask{
		Head: "Remove " + rule.Name, Lead: actionWords[rule.Action] + ".", Trail: schedulesTrail, Action: path,
		Points: []string{"Nothing falls due by it any more.", "What it did stays in the records."},
		Button: "Remove it", Tone: ToneBad, Cancel: "/schedules",
	})
}

func (s *Server) removeRule(w http.ResponseWriter, r *http.Request, v *visit) error {
	rule, err := s.ruleNamed(r)
	if err == nil {
		err = s.Desk.RemoveRule(r.Context(), rule.Name, v.admin.Name)
	}
	if err != nil {
		return err
	}
	return redirect(w, r, "/schedules", "rule-removed")
}
