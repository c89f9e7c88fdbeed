package console

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/payseal/payseal/payroll"
)

// alarmTitles name the kinds.
var alarmTitles = map[payroll.AlarmKind]string{
	payroll.AlarmTampered:   "Something was changed behind the program's back",
	payroll.AlarmChanged:    "Something was changed after the approval",
	payroll.AlarmLatePayday: "Slips did not leave when they were due",
	payroll.AlarmAudit:      "The audit log is not what it was",
	payroll.AlarmCanary:     "The daily test slip did not get through",
	payroll.AlarmSettings:   "Settings are not what two people confirmed",
}

func alarmTitle(kind payroll.AlarmKind) string {
	if title, known := alarmTitles[kind]; known {
		return title
	}
	return string(kind)
}

// alarmWords are an alarm's own words; the reason of a held slip is said as its page says it.
func alarmWords(a payroll.Alarm) string {
	if title, known := holdTitles[payroll.HoldReason(a.Words)]; known {
		return title
	}
	return a.Words
}

func alarmPath(id int64) string { return fmt.Sprintf("/alarms/%d/settle", id) }

func alarmPoints(a payroll.Alarm) (points []string) {
	if a.Run != 0 {
		points = append(points, fmt.Sprintf("Run %d", a.Run))
	}
	if a.Words != "" {
		points = append(points, alarmWords(a))
	}
	return points
}

// alarmTable lists alarms; who may settles them from it.
func alarmTable(alarms []payroll.Alarm, v *visit) Table {
	t := Table{Caption: "Alarms", Quiet: true, Columns: []Column{{Name: "Alarm"}, {Name: "About"}, {Name: "Since"}, {Name: "Settled"}},
		Empty: &Empty{Drawing: "calm", Title: "No alarm", Text: "Nothing was changed behind the program's back, and nothing failed to happen."}}
	for _, a := range alarms {
		about, settled := Cell{Missing: "no run"}, Cell{Missing: "not yet"}
		if a.Run != 0 {
			about = Cell{Text: fmt.Sprintf("Run %d", a.Run), Href: runPath(a.Run)}
			if a.Slip != "" {
				about.Href = runPath(a.Run, "slips") + "?state=held"
			}
		}
		row := Row{Cells: []Cell{{Text: alarmTitle(a.Kind), Hint: alarmWords(a)}, about, {At: a.At}, settled}}
		switch {
		case a.SettledAt != nil:
			row.Cells[3] = Cell{Text: string(a.SettledBy), At: *a.SettledAt, Hint: a.Note}
		case v.is(alarmRoles...):
			row.Tone, row.Cells[3] = ToneBad, Cell{Links: []Link{{Name: "Settle", Href: alarmPath(a.ID), Icon: "check"}}}
		default:
			row.Tone = ToneBad
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// alarmsData is what alarms.html shows.
type alarmsData struct{ Open, Past Table }

func (alarmsData) frame(f *Frame) { f.Trail = []Link{{Name: "Home", Href: "/"}} }

// mostAlarms is how many settled alarms are shown.
const mostAlarms = 100

func (s *Server) alarms(w http.ResponseWriter, r *http.Request, v *visit) error {
	all, err := s.Desk.Alarms(r.Context(), true)
	if err != nil {
		return err
	}
	var open, past []payroll.Alarm
	for _, a := range all {
		if a.SettledAt == nil {
			open = append(open, a)
		} else if len(past) < mostAlarms {
			past = append(past, a)
		}
	}
	d := alarmsData{Open: alarmTable(open, v), Past: alarmTable(past, v)}
	d.Past.Caption, d.Past.Empty = "Alarms that were settled", &Empty{Title: "None yet"}
	return s.render(w, v, http.StatusOK, "alarms", d)
}

// openAlarm is the one that the path names, while nobody has settled it.
func (s *Server) openAlarm(r *http.Request) (payroll.Alarm, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return payroll.Alarm{}, errNoPage
	}
	open, err := s.Desk.Alarms(r.Context(), false)
	for _, a := range open {
		if a.ID == id {
			return a, err
		}
	}
	if err != nil {
		return payroll.Alarm{}, err
	}
	return payroll.Alarm{}, fmt.Errorf("%w: the alarm is settled, or never was", payroll.ErrNotFound)
}

func settleAsk(a payroll.Alarm, note string) ask {
	facts := []Fact{{Name: "What it means", Text: sentence(a.Kind.Sentence())}, {Name: "Since", At: a.At}}
	if a.Run != 0 {
		facts = append(facts, Fact{Name: "Run", Text: fmt.Sprintf("Run %d", a.Run), Href: runPath(a.Run)})
	}
	if a.Words != "" {
		facts = append(facts, Fact{Name: "More", Text: alarmWords(a)})
	}
	return ask{
		Head: "Settle an alarm", Lead: alarmTitle(a.Kind) + ".", Trail: []Link{{Name: "Home", Href: "/"}, {Name: "Alarms", Href: "/alarms"}}, Action: alarmPath(a.ID), Facts: facts,
		Fields: []Field{{Name: "note", Label: "What you found", Kind: "textarea", Max: 500, Required: true, Value: note,
			Hint: "It is kept in the audit log. No names, no amounts. Settling mends nothing: a slip that is held stays held."}},
		Button: "Settle it", Cancel: "/",
	}
}

func (s *Server) settleForm(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.openAlarm(r)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "ask", settleAsk(a, ""))
}

func (s *Server) settle(w http.ResponseWriter, r *http.Request, v *visit) error {
	a, err := s.openAlarm(r)
	if err != nil {
		return err
	}
	note := oneLine(r.PostForm.Get("note"))
	if err := s.Desk.SettleAlarm(r.Context(), a.ID, v.admin.Name, note); err != nil {
		return s.askAgain(w, v, settleAsk(a, note), err, nil)
	}
	s.waiting.forget()
	return redirect(w, r, "/", "alarm-settled")
}
