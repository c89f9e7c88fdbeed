package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestMonth is a month of a small company, from its first admin to the slips in
// the employees' hands, in real browsers on the whole program.
func TestMonth(t *testing.T) {
	t.Parallel()
	o := newBureau(t, "certified", 1000)
	olga := o.clerk("olga")
	olga.begin(regexp.MustCompile(`http://\S+/enter/\S+`).FindString(o.payseal(t, "admins", "add", "olga", "--role", "operator")), "")
	anton, maria := o.clerk("anton"), o.clerk("maria")
	link, half := olga.adds("anton", "approver")
	if half != "" || link == "" {
		t.Fatal("the founder, who is alone, adds the second one alone")
	}
	anton.begin(link, "")
	link, half = olga.adds("maria", "maker")
	if link != "" || half == "" {
		t.Fatal("a third one was added by one alone")
	}
	anton.open("/proposals/1/confirm")
	anton.stepUp()
	anton.tab.Click("main form button")
	anton.tab.See("h1", "The one-time link")
	maria.begin(anton.tab.Text(".told-once"), half)
	anton.signsInAgain()

	maria.makesToken()
	people := []*enrolee{
		{number: "0042", name: "Kiran Rao", email: "kiran@acme.example"},
		{number: "0043", name: "Kiran Rau", email: "rau@acme.example"},
		{number: "0044", name: "Zoë Ångström", email: "zoe@acme.example"},
	}
	o.staff(people, maria)
	for _, p := range people {
		maria.handsIn(p)
		olga.calls(p)
	}

	maria.uploads("october.csv", "ACME;;;\nPersonal-Nr;Brutto;Abzüge;Auszahlung\n0042;3.141,59;0,00;3.141,59\n0043;2.718,28;0,00;2.718,28\n0999;1.414,21;0,00;1.414,21\n", "Plant")
	maria.maps()
	maria.tab.See(".findings", "Row 5")
	maria.uploads("mended.csv", "ACME;;;\nPersonal-Nr;Brutto;Abzüge;Auszahlung\n0042;3.141,59;0,00;3.141,59\n0043;2.718,28;0,00;2.718,28\n0044;1.414,21;0,00;1.414,21\n", "Plant")
	maria.says() // how files of this source are read is remembered
	maria.tab.Click(".import button")
	maria.tab.See("h1", "Check run 1")
	maria.tab.See("main", "Not ready to submit")
	maria.open("/runs/1/check?kind=twin")
	maria.tab.Type("#note", "two people, both known to me")
	maria.tab.Click("button[name=all]")
	maria.tab.See("main", "Acknowledged.")
	maria.submits(1)

	maria.open("/runs/1/approve") // their own, and they are no approver
	maria.tab.See("h1", "Not allowed")
	anton.approves(1)
	maria.watches(1)
	olga.sends(1)
	maria.sees("Complete")
	maria.stayed()
	for p, amount := range map[*enrolee]string{people[0]: "3,141.59", people[1]: "2,718.28", people[2]: "1,414.21"} {
		if page := p.slip(o, 1); !strings.Contains(page, amount) || !strings.Contains(page, p.name) {
			t.Errorf("the slip of %s says\n%s", p.number, page)
		}
	}
	o.secrets = append(o.secrets, "3141.59", "3,141.59", "3.141,59", "2,718.28", "2.718,28", "1,414.21", "1.414,21", half)
}

// TestMonthStops: a run is rejected and comes again, is paused on its way and goes
// on, and whoever is disabled is thrown out of the page that they watch.
func TestMonthStops(t *testing.T) {
	t.Parallel()
	const staffed = 24
	o := newBureau(t, "phone_checked", 4)
	maria, anton, olga := o.plants("maria", payroll.RoleMaker), o.plants("anton", payroll.RoleApprover), o.plants("olga", payroll.RoleOperator)
	o.hired(staffed)
	table := func(net string) string {
		var b strings.Builder
		b.WriteString("employee_id,net\n")
		for i := range staffed {
			fmt.Fprintf(&b, "%04d,%s\n", i, net)
		}
		return b.String()
	}
	maria.drafts(1, "wrong.csv", table("25000.00"))
	maria.submits(1)
	anton.open("/runs/1/reject")
	anton.tab.Type("textarea[name=reason]", "ten times what they earn")
	anton.tab.Click("form[action='/runs/1/reject'] button")
	anton.tab.Until(`location.pathname === "/approvals"`)
	maria.open("/approvals")
	maria.tab.See("main", "ten times what they earn")
	maria.drafts(2, "right.csv", table("2500.00"))
	maria.submits(2)
	anton.approves(2)
	anton.watches(2)
	olga.sends(2)
	anton.tab.Until(`document.getElementById("run-progress")?.value > 0`)
	olga.open("/runs/2/pause")
	olga.tab.Type("textarea[name=reason]", "the bank is late")
	olga.tab.Click("form[action='/runs/2/pause'] button")
	anton.sees("Paused")
	anton.tab.See("#main", "the bank is late")
	olga.open("/runs/2/resume")
	maria.watches(2)
	olga.tab.Click("form[action='/runs/2/resume'] button")
	maria.sees("Complete")
	anton.sees("Complete")
	anton.stayed()

	maria.drafts(3, "more.csv", table("1.00"))
	maria.submits(3)
	anton.approves(3)
	anton.watches(3)
	olga.sends(3)
	olga.open("/runs/3/pause")
	olga.tab.Type("textarea[name=reason]", "what is this?")
	olga.tab.Click("form[action='/runs/3/pause'] button")
	anton.sees("Paused")
	olga.open("/admins/anton/disable")
	olga.stepUp()
	olga.tab.Click("main form button")
	olga.tab.See("main", "disabled")
	anton.tab.See("#run-note", "You are signed out")
	anton.open("/runs/3")
	anton.tab.See("h1", "Sign in")
	o.secrets = append(o.secrets, "25000.00", "25,000.00", "2500.00", "2,500.00")
}

// TestMonthHeals: somebody without a certificate is held, hands one in, is called,
// and has their slip while everybody watches; then a slip is corrected.
func TestMonthHeals(t *testing.T) {
	t.Parallel()
	o := newBureau(t, "certified", 1000)
	maria, anton, olga := o.plants("maria", payroll.RoleMaker), o.plants("anton", payroll.RoleApprover), o.plants("olga", payroll.RoleOperator)
	late, known := &enrolee{number: "A/7", name: "Dilara Ünal", email: "dilara@acme.example"}, &enrolee{number: "0044", name: "Zoë Ångström", email: "zoe@acme.example"}
	o.staff([]*enrolee{late, known}, maria)
	maria.handsIn(known)
	olga.calls(known)
	maria.drafts(1, "october.csv", "employee_id,net\nA/7,1618.03\n0044,1732.05\n")
	maria.submits(1)
	anton.approves(1)
	anton.watches(1)
	olga.sends(1)
	anton.sees("Incomplete")
	anton.tab.See("#main", "Held: 1")
	maria.handsIn(late)
	olga.calls(late)
	anton.sees("Complete")
	anton.stayed()
	for p, amount := range map[*enrolee]string{late: "1,618.03", known: "1,732.05"} {
		if page := p.slip(o, 1); !strings.Contains(page, amount) {
			t.Errorf("the slip of %s says\n%s", p.number, page)
		}
	}

	maria.open("/runs/1/correct")
	maria.tab.Type("main [name=reason]", "the overtime was missing")
	maria.tab.Choose("#file", o.file("corrected.csv", "employee_id,net\n0044,2236.06\n"))
	maria.tab.Click("main form button")
	maria.tab.See("h1", "How the file is read")
	maria.says()
	maria.takes(2)
	maria.submits(2)
	anton.approves(2)
	anton.watches(2)
	olga.sends(2)
	anton.sees("Complete")
	maria.open("/runs/1/slips/0044")
	maria.tab.See("#main", "This one is superseded and is never sent again.")
	page := known.slip(o, 2)
	for _, want := range []string{"2,236.06", "Correction", "the overtime was missing"} {
		if !strings.Contains(page, want) {
			t.Errorf("the correction lacks %q\n%s", want, page)
		}
	}
	o.checks("genuine")
	o.spoils("slip.pdf")
	o.checks("altered")
	known.slip(o, 1)
	o.checks("superseded")
	o.secrets = append(o.secrets, "1618.03", "1,618.03", "1732.05", "1,732.05", "2236.06", "2,236.06")
}
