package console

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/payroll"
)

// TestOfficeByAPI: schedules, holidays, retention, alarms, health, admins and
// proposals, each held against the document.
func TestOfficeByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t).unlimited()
	cem, bea := c.program("cem"), c.program("bea")
	rule := object{"name": "payday", "action": "send", "day": "last-working-day", "shift": "before", "at": "09:00", "zone": "Europe/Vienna"}
	cem.post("/schedules", rule).is(http.StatusNoContent)
	var rules apiScheduleList
	cem.get("/schedules").is(http.StatusOK).into(&rules)
	if len(rules.Rules) != 1 || len(rules.Rules[0].Next) != comingDates || rules.Rules[0].Zone != "Europe/Vienna" {
		t.Errorf("rules %+v", rules)
	}
	cem.gone("/schedules/payday").is(http.StatusNoContent)
	cem.gone("/schedules/payday").is(http.StatusNotFound)

	cem.post("/holidays", object{"days": []object{{"day": "2026-12-25", "name": "Christmas Day"}}}).is(http.StatusNoContent)
	var days apiList[payroll.Holiday]
	cem.get("/holidays?year=2026").is(http.StatusOK).into(&days)
	if len(days.Items) != 1 || days.Items[0].By != "cem" {
		t.Errorf("holidays %+v", days)
	}
	cem.gone("/holidays/2026-12-25").is(http.StatusNoContent)

	bea.put("/retention", object{"country": "at", "months": 84, "law": "BAO §132", "reason": "the law"}).is(http.StatusNoContent)
	var retention apiRetention
	bea.get("/retention").is(http.StatusOK).into(&retention)
	if len(retention.Table) != 1 || retention.Table[0].Country != "AT" {
		t.Errorf("retention %+v", retention)
	}
	bea.post("/retention/remove", object{"country": "AT", "reason": "a mistake"}).is(http.StatusNoContent)

	must(t, c.store.RaiseAlarm(t.Context(), payroll.Alarm{Kind: payroll.AlarmCanary, Words: payroll.CanarySilent}))
	var alarms apiList[payroll.Alarm]
	cem.get("/alarms").is(http.StatusOK).into(&alarms)
	cem.post("/alarms/"+numberText(alarms.Items[0].ID)+"/settle", object{"note": "the relay was down"}).is(http.StatusNoContent)
	cem.get("/alarms").is(http.StatusOK).into(&alarms)
	if len(alarms.Items) != 0 {
		t.Errorf("alarms %+v", alarms)
	}
	cem.get("/alarms?all=true").is(http.StatusOK)
	var health apiHealth
	cem.get("/health").is(http.StatusOK).into(&health)
	if health.Database.Version == "" || health.Alarms != 0 {
		t.Errorf("health %+v", health)
	}
	bea.get("/health").is(http.StatusForbidden)
	cem.get("/admins").is(http.StatusOK)
	cem.get("/settings").is(http.StatusOK)
	cem.get("/reports").is(http.StatusOK)
	bea.get("/calls").is(http.StatusOK)
}

// TestProposalsByAPI: a token proposes, and nothing counts before a second person
// has confirmed it; no token can.
func TestProposalsByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	cem, eve := c.program("cem"), c.program("eve")
	var p apiProposal
	cem.post("/proposals", object{"kind": "admin_add", "subject": "kiran", "roles": []string{"approver"}}).is(http.StatusOK).into(&p)
	if p.Half == "" || p.State != payroll.ProposalOpen || p.ProposedBy != "cem" {
		t.Errorf("%+v", p)
	}
	half := p.Half
	path := "/proposals/" + numberText(int64(p.ID))
	if a := eve.get(path).is(http.StatusOK); strings.Contains(a.body, half) {
		t.Error("the half is shown again")
	}
	eve.post(path+"/confirm", nil).is(http.StatusNotFound)
	if a := cem.get("/admins").is(http.StatusOK); strings.Contains(a.body, "kiran") {
		t.Error("one person alone has added an admin")
	}
	eve.post(path+"/withdraw", nil).is(http.StatusForbidden)
	cem.post(path+"/withdraw", nil).is(http.StatusOK).into(&p)
	if p.State != payroll.ProposalWithdrawn {
		t.Errorf("%+v", p)
	}
	cem.get("/proposals").is(http.StatusOK)
	cem.get("/decided-proposals").is(http.StatusOK)
	cem.post("/proposals", object{"kind": "admin_add", "subject": "Kiran", "roles": []string{"approver"}}).is(http.StatusUnprocessableEntity)
	cem.post("/proposals", object{"kind": "settings", "subject": "kiran"}).is(http.StatusUnprocessableEntity)
	c.program("ada").post("/proposals", object{"kind": "admin_enable", "subject": "dia"}).is(http.StatusForbidden)
}

// TestCertificateByAPI: what is handed in is judged as by the command, climbs by a
// call whose whole fingerprint was read out, and ends.
func TestCertificateByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(2)
	ada, cem := c.program("ada"), c.program("cem")
	var a apiReception
	ada.post("/employees/E001/certificates", "no certificate at all").is(http.StatusOK).into(&a)
	if a.Accepted() || a.Reason == "" {
		t.Errorf("%+v", a)
	}
	ada.post("/employees/E999/certificates", "x").is(http.StatusNotFound)
	member, err := demo.NewMember(payroll.Employee{Name: "Ana", Email: "e001@acme.example"}, 100, time.Now())
	must(t, err)
	armored, err := member.Certificate()
	must(t, err)
	ada.post("/employees/E001/certificates", string(armored)).is(http.StatusOK).into(&a)
	if !a.Accepted() || a.Step != payroll.StepSubmitted {
		t.Errorf("%+v", a)
	}
	var list apiList[apiCertificate]
	cem.get("/employees/E001/certificates").is(http.StatusOK).into(&list)
	if len(list.Items) != 1 || list.Items[0].Fingerprint != a.Fingerprint || len(list.Items[0].Steps) != 1 {
		t.Fatalf("%+v", list)
	}
	end := "/certificates/" + numberText(list.Items[0].ID) + "/end"
	cem.post(end, object{"reason": " "}).is(http.StatusUnprocessableEntity)
	cem.post(end, object{"reason": "the phone was stolen"}).is(http.StatusNoContent)
	cem.post(end, object{"reason": "the phone was stolen"}).is(http.StatusConflict)
}

// TestCallByAPI: the whole fingerprint that the employee read out certifies, and
// no other.
func TestCallByAPI(t *testing.T) {
	t.Parallel()
	c := town(t)
	cem := c.program("cem")
	f := c.waiting("2").Fingerprint
	cem.get("/calls").is(http.StatusOK)
	cem.get("/calls/2").is(http.StatusOK)
	cem.get("/calls/1").is(http.StatusNotFound)
	call := object{"result": "agreed", "fingerprint": strings.Repeat("0", 40), "method": "phone", "note": "called at noon"}
	cem.post("/calls/2", call).is(http.StatusConflict)
	call["fingerprint"] = strings.ToLower(f.Grouped())
	delete(call, "method")
	cem.post("/calls/2", call).is(http.StatusUnprocessableEntity)
	call["method"] = "phone"
	var a apiCertificate
	cem.post("/calls/2", call).is(http.StatusOK).into(&a)
	if a.Step != payroll.StepCertified {
		t.Errorf("%+v", a)
	}
	cem.post("/calls/2", call).is(http.StatusNotFound)
}

// TestCorrectionByAPI: an upload takes the place of slips of a run that was sent.
func TestCorrectionByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	run := c.sending(3)
	c.setSlip(run, "0000", payroll.SlipAccepted, "")
	ada := c.program("ada")
	var u payroll.Upload
	ada.post("/uploads", "employee_id,net,period,currency\n0000,1500.00,2026-11,EUR\n").is(http.StatusOK).into(&u)
	ada.post("/runs/1/corrections", object{"upload": u.ID, "reason": " "}).is(http.StatusUnprocessableEntity)
	ada.post("/runs/1/corrections", object{"upload": u.ID, "reason": "the overtime was missing"}).is(http.StatusOK)
	ada.until("read", "GET", "/uploads/"+u.ID)
	done := ada.until("imported", "POST", "/uploads/"+u.ID+"/import")
	var corrected apiRun
	ada.get("/runs/1").is(http.StatusOK).into(&corrected)
	if len(corrected.Corrections) != 1 || float64(corrected.Corrections[0]) != done["run"] {
		t.Errorf("%+v, %v", corrected.Corrections, done)
	}
	cem := c.program("cem")
	cem.post("/runs/1/slips/0000/resend", nil).is(http.StatusUnprocessableEntity)
	cem.post("/runs/1/slips/0000/settle", object{"as": "lost"}).is(http.StatusConflict)
	cem.get("/runs/1/slips/0001").is(http.StatusOK)
	ada.post("/runs/1/slips/0001/withdraw", nil).is(http.StatusUnprocessableEntity)
	cem.post("/runs/1/slips/0001/withdraw", object{"reason": "left before"}).is(http.StatusForbidden)
	var taken apiSlip
	ada.post("/runs/1/slips/0001/withdraw", object{"reason": "left before"}).is(http.StatusOK).into(&taken)
	if taken.State != payroll.SlipWithdrawn || taken.Life[len(taken.Life)-1].Detail["reason"] != "left before" {
		t.Errorf("%s, %+v", taken.State, taken.Life)
	}
	ada.post("/runs/1/slips/0001/withdraw", object{"reason": "left before"}).is(http.StatusConflict)
}

// TestBadRowsByAPI: only a token that may see amounts gets rows of a file.
func TestBadRowsByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.payees(2)
	ada, blind := c.program("ada"), c.program("ada", payroll.ScopeRead, payroll.ScopeRuns)
	var u payroll.Upload
	ada.post("/uploads", "employee_id,net,period,currency\nE001,1500.00,2026-11,EUR\nE999,1700.00,2026-11,EUR\n").is(http.StatusOK).into(&u)
	if a := ada.until("read", "GET", "/uploads/"+u.ID); a["verdict"] != "refuse" || a["rows"] == nil {
		t.Errorf("%v", a)
	}
	if a := blind.until("read", "GET", "/uploads/"+u.ID); a["rows"] != nil || strings.Contains(fmt.Sprint(a), "1500") {
		t.Errorf("it sees %v", a)
	}
	ada.get("/uploads/" + u.ID + "/bad.csv").is(http.StatusOK)
	blind.get("/uploads/" + u.ID + "/bad.csv").is(http.StatusForbidden)
	ada.post("/uploads/"+u.ID+"/import", nil).is(http.StatusUnprocessableEntity)
	c.program("eve").get("/uploads/" + u.ID).is(http.StatusNotFound)
	ada.gone("/uploads/" + u.ID).is(http.StatusNoContent)
	ada.get("/uploads/" + u.ID).is(http.StatusNotFound)
}

// TestPageOfTheAPI lists every operation of the document.
func TestPageOfTheAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	a := c.as("dia").get("/api")
	a.wants(t, http.StatusOK, "Not with your roles")
	for _, o := range c.api.table {
		if !strings.Contains(a.body, o.method+" "+o.path+"<") || !strings.Contains(a.body, html.EscapeString(o.summary)) {
			t.Errorf("%s is not on the page", o.id)
		}
	}
	c.as("").get("/api").leads(t, "/sign-in")
}

// FuzzCheckJSON: what is let through reads the same to whoever reads it.
func FuzzCheckJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[{"b":1},2,null,"x"],"c":{}}`, `{"a":1,"a":2}`, `[[[]]]`, `"a"`, `{`, `]`, `{"a":1}}`, `1 2`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if err := unmarshalStrictly(data, &v); err == nil && !json.Valid(data) {
			t.Errorf("taken: %q", data)
		}
	})
}
