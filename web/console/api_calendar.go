package console

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

func calendarOperations() []operation {
	return []operation{
		tells(operation{as: "GET /schedules", method: "GET", path: "/schedules", scope: payroll.ScopeRead, id: "schedules", tag: "calendar", summary: "Monthly rules, their next dates, and what fell due lately"}, (*caller).scheduleList),
		does(operation{as: "POST /schedules/new", method: "POST", path: "/schedules", scope: payroll.ScopeCommand, id: "add-schedule", tag: "calendar", summary: "Add a monthly rule"}, (*caller).addSchedule),
		does(operation{as: "POST /schedules/{name}/remove", method: "DELETE", path: "/schedules/{name}", scope: payroll.ScopeCommand, id: "remove-schedule", tag: "calendar", summary: "Remove a rule"},
			func(c *caller, ctx context.Context, in *apiName) error {
				return c.Desk.RemoveRule(ctx, in.Name, c.by())
			}),
		tells(operation{as: "GET /schedules/holidays", method: "GET", path: "/holidays", scope: payroll.ScopeRead, id: "holidays", tag: "calendar", summary: "The holidays of a year"}, (*caller).holidayList),
		does(operation{as: "POST /schedules/holidays", method: "POST", path: "/holidays", scope: payroll.ScopeCommand, id: "add-holidays", tag: "calendar", summary: "Add holidays; a day that is there gets the new name"}, (*caller).putHolidays),
		does(operation{as: "POST /schedules/holidays/remove", method: "DELETE", path: "/holidays/{day}", scope: payroll.ScopeCommand, id: "remove-holiday", tag: "calendar", summary: "Remove a holiday"},
			func(c *caller, ctx context.Context, in *apiDay) error {
				day, err := payroll.ParseDate(in.Day)
				if err != nil {
					return err
				}
				return c.Desk.RemoveHoliday(ctx, day, c.by())
			}),
		tells(operation{as: "GET /settings/retention", method: "GET", path: "/retention", scope: payroll.ScopeRead, id: "retention", tag: "calendar", summary: "How long pay data are kept, by country, and which are destroyed next"}, (*caller).retentionTable),
		does(operation{as: "POST /settings/retention/set", method: "PUT", path: "/retention", scope: payroll.ScopeCommand, id: "put-retention", tag: "calendar", summary: "Say how long pay data of a country are kept"},
			func(c *caller, ctx context.Context, in *apiPutRetention) error {
				row := payroll.Retention{Country: strings.ToUpper(in.Body.Country), Months: in.Body.Months, Law: oneLine(in.Body.Law)}
				return c.Desk.PutRetention(ctx, row, oneLine(in.Body.Reason), c.by())
			}),
		does(operation{as: "POST /settings/retention/remove", method: "POST", path: "/retention/remove", scope: payroll.ScopeCommand, id: "remove-retention", tag: "calendar", summary: "Keep the pay data of a country like everybody else's"},
			func(c *caller, ctx context.Context, in *apiRemoveRetention) error {
				return c.Desk.RemoveRetention(ctx, strings.ToUpper(in.Body.Country), oneLine(in.Body.Reason), c.by())
			}),
		tells(operation{as: "GET /alarms", method: "GET", path: "/alarms", scope: payroll.ScopeRead, id: "alarms", tag: "health", summary: "Alarms that nobody has settled, or all"}, (*caller).alarmList),
		does(operation{as: "POST /alarms/{id}/settle", method: "POST", path: "/alarms/{id}/settle", scope: payroll.ScopeCommand, id: "settle-alarm", tag: "health", summary: "Settle an alarm"},
			func(c *caller, ctx context.Context, in *apiSettleAlarm) error {
				err := c.Desk.SettleAlarm(ctx, in.ID, c.by(), oneLine(in.Body.Note))
				c.waiting.forget()
				return err
			}),
		tells(operation{as: "GET /health", method: "GET", path: "/health", scope: payroll.ScopeRead, id: "health", tag: "health", summary: "Queue, workers, relay, database, canary"}, (*caller).healthNow),
	}
}

type apiName struct {
	Name string `path:"name" maxLength:"63"`
}

type apiDay struct {
	Day string `path:"day" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
}

// RuleText is a monthly rule.
type RuleText struct {
	Name   string                 `json:"name" maxLength:"63"`
	Action payroll.ScheduleAction `json:"action" enum:"send,sync"`
	Day    string                 `json:"day" maxLength:"20" doc:"1 to 31, last or last-working-day."`
	Shift  string                 `json:"shift" enum:"none,before,after" doc:"Where the day is a weekend or a holiday."`
	At     string                 `json:"at" maxLength:"5" doc:"The clock in that zone: 09:00."`
	Zone   string                 `json:"zone" maxLength:"60" doc:"Europe/Vienna."`
}

// apiRuleView is a rule with its next dates.
type apiRuleView struct {
	RuleText
	Since time.Time   `json:"since"`
	Next  []time.Time `json:"next" nullable:"false"`
}

// apiScheduleList are the rules, and what fell due.
type apiScheduleList struct {
	Rules []apiRuleView       `json:"rules" nullable:"false"`
	Due   []payroll.DueRecord `json:"due" nullable:"false"`
}

func (c *caller) scheduleList(ctx context.Context, _ *apiNothing) (list apiScheduleList, err error) {
	rules, err := c.Desk.ScheduleRules(ctx)
	if err != nil {
		return list, err
	}
	now, err := c.Desk.Now(ctx)
	if err != nil {
		return list, err
	}
	list.Rules = []apiRuleView{}
	for _, r := range rules {
		m := r.Monthly
		view := apiRuleView{RuleText{r.Name, r.Action, m.DayText(), string(m.Shift), m.Clock(), m.Zone.String()}, r.Since, m.Upcoming(now, comingDates)}
		if m.Shift == "" {
			view.Shift = "none"
		}
		list.Rules = append(list.Rules, view)
	}
	due, err := c.Desk.DueRecords(ctx, dueShown)
	list.Due = partOf(due, "").Items
	return list, err
}

func (c *caller) addSchedule(ctx context.Context, in *struct{ Body RuleText }) error {
	monthly, err := payroll.ParseMonthlyRule(in.Body.Day, in.Body.Shift, in.Body.At, in.Body.Zone)
	if err != nil {
		return err
	}
	return c.Desk.CreateRule(ctx, payroll.ScheduleRule{Name: in.Body.Name, Action: in.Body.Action, Monthly: monthly}, c.by())
}

type apiYear struct {
	Year int `query:"year" minimum:"2000" maximum:"2199" doc:"This year, if it is left out."`
}

func (c *caller) holidayList(ctx context.Context, in *apiYear) (apiList[payroll.Holiday], error) {
	year := in.Year
	if year == 0 {
		year = c.Now().In(c.Company.Zone).Year()
	}
	days, err := c.Desk.HolidaysOf(ctx, year)
	return partOf(days, ""), err
}

type apiHolidays struct {
	Body struct {
		Days []apiHoliday `json:"days" minItems:"1" maxItems:"1000" nullable:"false"`
	}
}

type apiHoliday struct {
	Day  string `json:"day" pattern:"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"`
	Name string `json:"name" maxLength:"100"`
}

// putHolidays reads what was sent as a list that somebody pastes.
func (c *caller) putHolidays(ctx context.Context, in *apiHolidays) error {
	var lines strings.Builder
	for _, d := range in.Body.Days {
		fmt.Fprintf(&lines, "%s %s\n", d.Day, oneLine(d.Name))
	}
	days, err := payroll.ParseHolidays(lines.String())
	if err != nil {
		return err
	}
	_, err = c.Desk.PutHolidays(ctx, days, c.by())
	return err
}

// apiRetention is the table.
type apiRetention struct {
	Table payroll.RetentionTable `json:"table" nullable:"false" doc:"An empty country is everybody else."`
	Due   []payroll.RunToShred   `json:"due" nullable:"false" doc:"Runs whose pay data are destroyed within a week."`
}

func (c *caller) retentionTable(ctx context.Context, _ *apiNothing) (a apiRetention, err error) {
	table, err := c.Desk.Retention(ctx)
	if err != nil {
		return a, err
	}
	due, err := c.Desk.ShredDue(ctx)
	return apiRetention{partOf(table, "").Items, partOf(due, "").Items}, err
}

type apiPutRetention struct {
	Body struct {
		Country string `json:"country" maxLength:"2" doc:"AT; empty for everybody else."`
		Months  int    `json:"months" minimum:"1" maximum:"600"`
		Law     string `json:"law,omitempty" maxLength:"200"`
		Reason  string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

type apiRemoveRetention struct {
	Body struct {
		Country string `json:"country" maxLength:"2"`
		Reason  string `json:"reason" minLength:"1" maxLength:"500"`
	}
}

type apiAlarms struct {
	All bool `query:"all" doc:"Also those that were settled."`
}

func (c *caller) alarmList(ctx context.Context, in *apiAlarms) (apiList[payroll.Alarm], error) {
	alarms, err := c.Desk.Alarms(ctx, in.All)
	return partOf(alarms, ""), err
}

type apiSettleAlarm struct {
	OfNumber
	Body struct {
		Note string `json:"note" minLength:"1" maxLength:"500" doc:"What was found. No names, no amounts."`
	}
}

// apiHealth is how the machinery stands.
type apiHealth struct {
	At       time.Time      `json:"at" doc:"By the database's clock."`
	Due      int            `json:"due" doc:"Slips whose time has come."`
	Oldest   *time.Time     `json:"oldest_due"`
	Unsure   int            `json:"unsure" doc:"Slips of which nobody knows whether the relay took them."`
	Alarms   int            `json:"alarms"`
	Workers  []apiWorker    `json:"workers" nullable:"false"`
	Outcomes map[string]int `json:"outcomes" doc:"What the relay said in the last hour."`
	LastGood *time.Time     `json:"relay_last_good"`
	Outbox   int            `json:"outbox" doc:"Other mails that wait."`
	Refused  int            `json:"outbox_refused" doc:"In the last week."`
	Database apiDatabase    `json:"database"`
	Canary   *time.Time     `json:"canary_last_good" doc:"When the relay last took the daily test slip; null: never, or none is configured."`
	AuditOK  *time.Time     `json:"audit_seen" doc:"When a worker last found the audit log whole."`
}

type (
	apiWorker struct {
		Host  string    `json:"host"`
		Since time.Time `json:"since"`
		Seen  time.Time `json:"seen"`
		Alive bool      `json:"alive"`
	}
	apiDatabase struct {
		Version      string `json:"version"`
		Bytes        int64  `json:"bytes"`
		Connections  int    `json:"connections"`
		Most         int    `json:"max_connections"`
		MissingSteps int    `json:"missing_steps" doc:"Of the schema."`
	}
)

func (c *caller) healthNow(ctx context.Context, _ *apiNothing) (a apiHealth, err error) {
	h, err := c.Desk.Health(ctx)
	if err != nil {
		return a, err
	}
	alarms, err := c.Desk.Alarms(ctx, false)
	a = apiHealth{
		At: h.Now, Due: h.Due, Oldest: h.Oldest, Alarms: len(alarms), Workers: []apiWorker{}, Outcomes: make(map[string]int), LastGood: h.Relay.LastGood,
		Outbox: h.Outbox.Queued, Refused: h.Outbox.Refused, Canary: h.Canary.LastGood, AuditOK: h.AuditSeen,
		Database: apiDatabase{h.Database.Version, h.Database.Bytes, h.Database.Connections, h.Database.MaxConnections, h.Database.MissingSteps},
	}
	for _, u := range h.Unsure {
		a.Unsure += u.Slips
	}
	for _, w := range h.Workers {
		a.Workers = append(a.Workers, apiWorker{w.Host, w.Since, w.Seen, !w.Dead(h.Now)})
	}
	for kind, n := range h.Relay.Outcomes {
		a.Outcomes[string(kind)] = n
	}
	return a, err
}
