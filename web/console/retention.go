package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

func (s *Server) retentionRoutes() []route {
	return []route{
		{method: "GET", path: "/settings/retention", handle: s.retention, roles: everybody},
		{method: "GET", path: "/settings/retention/set", handle: s.setRetentionForm, roles: calendarRoles},
		{method: "POST", path: "/settings/retention/set", handle: s.setRetention, roles: calendarRoles},
		{method: "GET", path: "/settings/retention/remove", handle: s.removeRetentionForm, roles: calendarRoles},
		{method: "POST", path: "/settings/retention/remove", handle: s.removeRetention, roles: calendarRoles},
	}
}

var retentionTrail = []Link{{Name: "Settings", Href: "/settings"}, {Name: "Retention", Href: "/settings/retention"}}

// retentionData is what retention.html shows.
type retentionData struct {
	Table, Due Table
	Others     bool // there is a row for everybody else
	May        bool
}

func (retentionData) frame(f *Frame) { f.Trail = retentionTrail[:1] }

func countryName(code string) string {
	if code == "" {
		return "Everybody else"
	}
	return code
}

func retentionPath(act, country string) string {
	return "/settings/retention/" + act + "?country=" + url.QueryEscape(country)
}

func (s *Server) retention(w http.ResponseWriter, r *http.Request, v *visit) error {
	table, err := s.Desk.Retention(r.Context())
	if err != nil {
		return err
	}
	due, err := s.Desk.ShredDue(r.Context())
	if err != nil {
		return err
	}
	d := retentionData{May: v.is(calendarRoles...), Due: shredTable(due)}
	d.Table = Table{Caption: "How long pay data are kept", Quiet: true, Columns: []Column{{Name: "Country"}, {Name: "Months", Number: true}, {Name: "Law"}, {Name: "Since"}},
		Empty: &Empty{Title: "Nothing is ever destroyed", Text: "Without a row pay data stay for ever. Most laws want them gone some day."}}
	if d.May {
		d.Table.Columns = append(d.Table.Columns, Column{Name: "Change", Quiet: true})
	}
	for _, row := range table {
		d.Others = d.Others || row.Country == ""
		cells := []Cell{{Text: countryName(row.Country)}, {Text: count(row.Months), Hint: yearWords(row.Months)}, textOr(row.Law, "not said"), {At: row.At, Hint: "by " + string(row.By)}}
		if d.May {
			cells = append(cells, Cell{Links: []Link{{Name: "Change", Href: retentionPath("set", row.Country), Icon: "pencil"}, {Name: "Remove", Href: retentionPath("remove", row.Country), Icon: "cross"}}})
		}
		d.Table.Rows = append(d.Table.Rows, Row{Cells: cells})
	}
	return s.render(w, v, http.StatusOK, "retention", d)
}

func yearWords(months int) string {
	if months%12 != 0 {
		return ""
	}
	return plural(months/12, "year")
}

func shredTable(due []payroll.RunToShred) Table {
	t := Table{Caption: "Runs whose pay data are destroyed next", Quiet: true, Columns: []Column{{Name: "Run"}, {Name: "Paid"}, {Name: "Slips", Number: true}, {Name: "Destroyed on"}},
		Empty: &Empty{Title: "Nothing within a week"}}
	for _, r := range due {
		t.Rows = append(t.Rows, Row{Tone: ToneWarn, Cells: []Cell{{Text: fmt.Sprintf("Run %d, %s", r.Run, periodWords(r.Period)), Href: runPath(r.Run)}, {Day: r.PayDate}, {Text: count(r.Slips)}, {Day: r.On}}})
	}
	return t
}

// setAsk is the form of a row. A new one has its country to choose.
func setAsk(row payroll.Retention, months, reason string, fresh bool) ask {
	a := ask{
		Head: "Keep pay data of " + countryName(row.Country), Lead: "Counted from the pay date, by the company's calendar.", Trail: retentionTrail, Action: "/settings/retention/set",
		Points: []string{"A run with people of several countries is kept by the longest.", "What is then over is announced for a week, and destroyed after.", "What stays is the ledger: who got which slip, when, to which fingerprint."},
		Fields: []Field{
			{Name: "months", Label: "Months", Value: months, Mode: "numeric", Max: 3, Required: true, Short: true},
			{Name: "law", Label: "Which law says so", Value: row.Law, Max: 200, Optional: true},
			{Name: "reason", Label: "Reason", Value: reason, Kind: "textarea", Max: 500, Required: true, Hint: "It is kept in the audit log."},
		},
		Button: "Keep them so long", Cancel: "/settings/retention",
	}
	if fresh {
		a.Head = "Keep pay data of a country"
		a.Fields = append([]Field{{Name: "country", Label: "Country", Value: row.Country, Max: 2, Short: true, Hint: "Two letters, such as AT, as in the roster. Nothing for everybody else."}}, a.Fields...)
		return a
	}
	a.Hidden = []Hidden{{"country", row.Country}, {"known", "1"}}
	return a
}

// retentionRow is the one of the country that is asked for.
func (s *Server) retentionRow(r *http.Request, country string) (payroll.Retention, error) {
	table, err := s.Desk.Retention(r.Context())
	for _, row := range table {
		if row.Country == country {
			return row, err
		}
	}
	if err != nil {
		return payroll.Retention{}, err
	}
	return payroll.Retention{}, payroll.ErrNotFound
}

func (s *Server) setRetentionForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	if !r.URL.Query().Has("country") {
		return s.render(w, v, http.StatusOK, "ask", setAsk(payroll.Retention{}, "", "", true))
	}
	row, err := s.retentionRow(r, r.URL.Query().Get("country"))
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "ask", setAsk(row, strconv.Itoa(row.Months), "", false))
}

func (s *Server) setRetention(w http.ResponseWriter, r *http.Request, v *visit) error {
	get := func(name string) string { return oneLine(r.PostForm.Get(name)) }
	row := payroll.Retention{Country: strings.ToUpper(get("country")), Law: get("law")}
	months, reason := get("months"), get("reason")
	var err error
	if row.Months, err = strconv.Atoi(months); err != nil {
		err = fmt.Errorf("%w: months are a whole number", payroll.ErrInvalid)
	} else {
		err = s.Desk.PutRetention(r.Context(), row, reason, v.admin.Name)
	}
	if err != nil {
		return s.askAgain(w, v, setAsk(row, months, reason, get("known") == ""), err, nil)
	}
	return redirect(w, r, "/settings/retention", "retention-kept")
}

func removeRetentionAsk(row payroll.Retention, reason string) ask {
	return ask{
		Head: "Remove " + countryName(row.Country), Trail: retentionTrail, Action: "/settings/retention/remove", Hidden: []Hidden{{"country", row.Country}},
		Facts:  []Fact{{Name: "Months", Text: count(row.Months), Hint: yearWords(row.Months)}, {Name: "Law", Text: row.Law, Missing: missing(row.Law, "not said")}},
		Points: []string{"Its people are kept like everybody else then; where there is no row for everybody else, for ever."},
		Fields: []Field{{Name: "reason", Label: "Reason", Value: reason, Kind: "textarea", Max: 500, Required: true, Hint: "It is kept in the audit log."}},
		Button: "Remove it", Tone: ToneBad, Cancel: "/settings/retention",
	}
}

func (s *Server) removeRetentionForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	row, err := s.retentionRow(r, r.URL.Query().Get("country"))
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "ask", removeRetentionAsk(row, ""))
}

func (s *Server) removeRetention(w http.ResponseWriter, r *http.Request, v *visit) error {
	row, err := s.retentionRow(r, r.PostForm.Get("country"))
	if err != nil {
		return err
	}
	reason := oneLine(r.PostForm.Get("reason"))
	if err := s.Desk.RemoveRetention(r.Context(), row.Country, reason, v.admin.Name); err != nil {
		return s.askAgain(w, v, removeRetentionAsk(row, reason), err, nil)
	}
	return redirect(w, r, "/settings/retention", "retention-removed")
}
