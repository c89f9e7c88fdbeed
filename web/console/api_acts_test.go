package console

import (
	"net/http"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestSlipActsByAPI: a slip is sent again, and unsure ones are settled either way.
func TestSlipActsByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	run := c.sending(3)
	c.setSlip(run, "0000", payroll.SlipRefused, "")
	c.setSlip(run, "0001", payroll.SlipUnsure, "")
	c.setSlip(run, "0002", payroll.SlipUnsure, "")
	cem := c.program("cem")
	for _, act := range []struct {
		path  string
		order object
		state payroll.SlipState
		entry string
	}{
		{"/runs/1/slips/0000/resend", object{"reason": "the mailbox was full"}, payroll.SlipQueued, "slip.resend"},
		{"/runs/1/slips/0001/settle", object{"as": "accepted"}, payroll.SlipAccepted, "slip.settle"},
		{"/runs/1/slips/0002/settle", object{"as": "lost"}, payroll.SlipQueued, "slip.settle"},
	} {
		var slip apiSlip
		cem.post(act.path, act.order).is(http.StatusOK).into(&slip)
		if last := slip.Life[len(slip.Life)-1]; slip.State != act.state || last.What != act.entry || last.Who != "cem" || last.Detail["proof"] == "" {
			t.Errorf("%s: %s, last %+v", act.path, slip.State, last)
		}
		cem.post(act.path, act.order).is(http.StatusConflict)
	}
	cem.post("/runs/1/slips/0001/settle", object{"as": "eaten"}).is(http.StatusUnprocessableEntity)
}

// TestChecksByAPI: an approver's token acknowledges one slip's twins, a maker's the
// other pair; then the run may be submitted.
func TestChecksByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	var staff []payroll.Employee
	for _, e := range [][2]string{{"7", "Kiran Adler"}, {"8", "Kiran Adler"}, {"9", "Mirela Costa"}, {"10", "Mirela Costa"}} {
		staff = append(staff, payroll.Employee{Number: payroll.EmployeeNumber(e[0]), Name: e[1], Email: payroll.Address("e" + e[0] + "@acme.example")})
	}
	_, err := c.store.PutEmployees(t.Context(), staff, "test", "ada", false)
	must(t, err)
	c.draft(payroll.Run{}, slipOf(staff[0], 100), slipOf(staff[1], 200), slipOf(staff[2], 300), slipOf(staff[3], 400))
	ada, bea := c.program("ada"), c.program("bea")
	var twins apiList[payroll.TwinFinding]
	ada.get("/runs/1/twins").is(http.StatusOK).into(&twins)
	if len(twins.Items) != 3 { // 7 and 8 are one digit apart, too
		t.Fatalf("twins %+v", twins.Items)
	}
	bea.post("/runs/1/slips/7/twins", object{"reason": "I know them"}).is(http.StatusOK)
	ada.get("/runs/1/twins").is(http.StatusOK).into(&twins)
	open := 0
	for _, twin := range twins.Items {
		if twin.AcknowledgedBy == "" {
			open++
		} else if twin.AcknowledgedBy != "bea" {
			t.Errorf("acknowledged by %s", twin.AcknowledgedBy)
		}
	}
	if open != 1 {
		t.Errorf("%d pairs are open", open)
	}
	ada.post("/runs/1/submit", nil).is(http.StatusConflict)
	ada.post("/runs/1/acknowledge", object{"kind": "twin", "note": "two people"}).is(http.StatusUnprocessableEntity)
	for _, twin := range twins.Items {
		ada.post("/runs/1/acknowledge", object{"kind": "twin", "pairs": []payroll.Twin{twin.Twin}, "note": "two people"}).is(http.StatusNoContent)
	}
	ada.post("/runs/1/submit", nil).is(http.StatusOK)
}

// TestRemarksByAPI: one whose pay has changed is acknowledged by number, whoever is
// missing all at once, and the note is kept.
func TestRemarksByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t).unlimited()
	c.payees(3)
	c.monthBefore(3)
	ada := c.program("ada")
	run := ada.imported("employee_id,gross,deductions,net\nE001,2500.00,0.00,2500.00\nE002,9000.00,0.00,9000.00\n",
		object{"source": "Plant Vienna", "period": "2026-11", "pay_date": "2026-11-27", "currency": "EUR"})
	ada.post(run+"/submit", nil).is(http.StatusConflict)
	ada.post(run+"/acknowledge", object{"kind": "variance", "employees": []string{"E002"}, "note": "a bonus"}).is(http.StatusNoContent)
	ada.post(run+"/acknowledge", object{"kind": "missing", "all": true, "note": "on leave"}).is(http.StatusNoContent)
	for kind, note := range map[string]string{"variance": "a bonus", "missing": "on leave"} {
		var list apiRemarkList
		ada.get(run + "/remarks?kind=" + kind).is(http.StatusOK).into(&list)
		if len(list.Items) != 1 || list.Items[0].AcknowledgedBy != "ada" || list.Items[0].Note != note || list.Counts[kind].Open != 0 {
			t.Errorf("%s: %+v", kind, list)
		}
	}
	ada.post(run+"/submit", nil).is(http.StatusOK)
}

// TestSettingsByAPI: a token proposes another relay, which counts once somebody else
// has confirmed it in the console.
func TestSettingsByAPI(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	cem := c.program("cem")
	var now apiSettings
	cem.get("/settings").is(http.StatusOK).into(&now)
	order := object{"base": now.Version, "relay": object{"host": "mail.acme.example", "port": 465, "tls": "implicit", "username": "payroll"}}
	var p apiProposal
	cem.post("/settings", order).is(http.StatusOK).into(&p)
	if p.Kind != payroll.ProposeSettings || p.Settings == nil || p.Settings.Relay.Host != "mail.acme.example" || p.Settings.Company.Name != now.Settings.Company.Name {
		t.Errorf("%+v", p)
	}
	cem.get("/settings").is(http.StatusOK).into(&now)
	if now.Settings.Relay.Host != "smtp.acme.example" {
		t.Errorf("it counts already: %+v", now.Settings.Relay)
	}
	cem.post("/settings", order).is(http.StatusConflict)
	c.as("bea").confirmed("/proposals/" + numberText(int64(p.ID)) + "/confirm")
	cem.get("/settings").is(http.StatusOK).into(&now)
	if now.Settings.Relay.Host != "mail.acme.example" || now.ConfirmedBy != "bea" {
		t.Errorf("confirmed: %+v", now)
	}
	cem.post("/settings", order).is(http.StatusConflict) // another version counts by now
	c.program("ada").post("/settings", order).is(http.StatusForbidden)
}
