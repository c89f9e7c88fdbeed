package console

import (
	"fmt"
	"html"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// refused fails the test unless it takes somebody else.
func refused(t testing.TB, what string, a answer) {
	t.Helper()
	if a.status != http.StatusForbidden && (a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "not allowed")) {
		t.Errorf("%s: status %d to %q\n%s", what, a.status, a.to(), mainOf(a.body))
	}
}

// held waits until the worker holds a slip, and says why.
func (c *testConsole) held(run payroll.RunID, number payroll.EmployeeNumber, want payroll.HoldReason) {
	c.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-tick.C {
		a, err := c.store.SlipAccount(c.t.Context(), run, number, c.Policy.Freeze)
		must(c.t, err)
		if a.State == payroll.SlipHeld && a.Hold == want {
			return
		}
		if time.Now().After(deadline) || a.State == payroll.SlipAccepted {
			c.t.Fatalf("the slip of %s is %s (%s), want it held (%s)", number, a.State, a.Hold, want)
		}
	}
}

// TestAloneWithAnAddress: one admin with every role brings an address and a
// certificate of their own making, after a run was approved; it is held, and they
// are not the ones who may approve it again, however they go about it.
func TestAloneWithAnAddress(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	relay := c.newRelay()
	staff := c.hire(3)
	run := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	eve := c.as("eve")
	a := eve.sendCorrection("/people/import", "", "roster.csv", fmt.Sprintf("employee_id,name,email\n0000,%s,eve@evil.example\n0001,%s,eve2@evil.example\n", staff[0].Name, staff[1].Name))
	a.leads(t, a.to())
	eve.post(a.to()).leads(t, "/people")

	// For 0001 eve goes on as if she were the employee: the form's link goes to her
	// address now, and she moves it on to another of hers, which is the employee's own
	// from then on. She still may not compare; somebody whom she deceived does.
	moved := staff[1].Employee
	moved.Email = "eve3@evil.example"
	c.moveAddress("0001", moved.Email)
	key := keyOf(t, moved)
	c.climb(moved, key, payroll.StepDecryptionProven)
	refused(t, "comparing at an address that was moved on", eve.post("/calls/0001", readOut(key.Fingerprint(), "agreed")...))
	c.as("cem").post("/calls/0001", readOut(key.Fingerprint(), "agreed")...).leads(t, "/calls")

	// For 0000 she hands the certificate in herself, and cannot compare it.
	moved = staff[0].Employee
	moved.Email = "eve@evil.example"
	first := keyOf(t, moved)
	_, err := c.store.PutCertificate(t.Context(), payroll.Submission{Employee: "0000", Fingerprint: first.Fingerprint(), Content: first.Bytes(), Expires: first.Expires()}, "eve")
	must(t, err)
	refused(t, "comparing one's own", eve.post("/calls/0000", readOut(first.Fingerprint(), "agreed")...))

	must(t, c.store.SendRun(t.Context(), run, "cem", c.Policy.GiveUp, 100))
	c.work(relay)
	for _, number := range []payroll.EmployeeNumber{"0000", "0001"} {
		c.held(run, number, payroll.HoldAddressChanged)
		path := slipAt(run, number, "reapprove")
		refused(t, "approving what one changed", eve.confirmed(path, "shown", eve.shown(path)))
		shown := eve.shown(path)
		var all sync.WaitGroup
		for range 10 {
			b := c.as("eve") // a visit of its own, with a second factor of its own
			all.Go(func() { refused(t, "approving what one changed, ten times", b.confirmed(path, "shown", shown)) })
		}
		all.Wait()
		c.held(run, number, payroll.HoldAddressChanged)
	}
	for _, m := range relay.Messages() {
		if strings.HasSuffix(m.To[0], "@evil.example") {
			t.Errorf("a mail went to %s", m.To[0])
		}
	}
	c.as("bea").get("/alarms").wants(t, http.StatusOK, fmt.Sprintf("/runs/%d", run))
	bea, path := c.as("bea"), slipAt(run, "0001", "reapprove")
	bea.confirmed(path, "shown", bea.shown(path)).leads(t, slipAt(run, "0001")) // a second person may
}

// moveAddress changes an employee's address as the form does, by its two links.
func (c *testConsole) moveAddress(number payroll.EmployeeNumber, to payroll.Address) {
	c.t.Helper()
	must(c.t, c.store.RequestAddressChange(c.t.Context(), number, to))
	notices, err := c.store.ClaimNotices(c.t.Context(), 100, time.Minute)
	must(c.t, err)
	done := false
	for _, n := range notices {
		if n.Kind == payroll.NoticeConfirmOld || n.Kind == payroll.NoticeConfirmNew {
			_, secret := payroll.NewToken()
			must(c.t, c.store.ArmNotice(c.t.Context(), n.ID, secret, time.Hour))
			done, err = c.store.ConfirmAddress(c.t.Context(), secret)
			must(c.t, err)
		}
	}
	if !done {
		c.t.Fatal("the address has not changed")
	}
}

// TestAloneWithARun: whoever imported or submitted a run cannot approve it, by the
// page, by a form of their own, in two tabs, or fifty times at once.
func TestAloneWithARun(t *testing.T) {
	t.Parallel()
	o := newReviewed(t)
	for _, how := range []string{`update runs set imported_by = 'eve', submitted_by = 'ada' where id = $1`, `update runs set imported_by = 'ada', submitted_by = 'eve' where id = $1`} {
		o.exec(how, o.run)
		tabs := []*client{o.as("eve"), o.as("eve")}
		found := o.openAll(tabs[0])
		confirm := runPath(o.run, "approve")
		refused(t, "the page", tabs[0].get(confirm+"?manifest="+found.Manifest))
		for _, tab := range tabs {
			tab.stepUp(confirm + "#" + found.Manifest)
		}
		var all sync.WaitGroup
		for i := range 50 {
			b := tabs[i%2].also()
			all.Go(func() {
				for range 2 {
					refused(t, "one of fifty", b.post(confirm, "manifest", found.Manifest))
				}
			})
		}
		all.Wait()
		if o.state() != payroll.RunSubmitted {
			t.Fatalf("the run is %s", o.state())
		}
		refused(t, "rejecting one's own", tabs[0].post(runPath(o.run, "reject"), "reason", "mine"))
		tabs[0].post(runPath(o.run, "send")).wants(t, http.StatusConflict)
	}
}

// TestAloneWithAnAdmin: one admin alone makes no second one who would approve for
// them, brings nobody back, and resets nobody; not even after disabling everybody
// else.
func TestAloneWithAnAdmin(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"eve", "cem"} { // every role, and the operator's alone
		t.Run(name, func(t *testing.T) { t.Parallel(); aloneWithAnAdmin(t, name) })
	}
}

func aloneWithAnAdmin(t *testing.T, name string) {
	c := newConsole(t)
	c.exec(`insert into admins (name, roles, enrolled_at, disabled_at) values ('gus', '{approver}', now(), now())`)
	one := c.as(name)
	before := c.one(`select count(*)::text from admins`)
	tries := [][]string{{"/admins/new", "name", "mallory", "role", "approver"}, {"/admins/gus/enable"}, {"/admins/bea/reset"}, {"/admins/" + name + "/roles", "role", "maker"}}
	for round := range 2 {
		for i, try := range tries {
			a := one.confirmed(try[0], try[1:]...)
			id := c.one(`select max(id)::text from proposals where state = 'open'`)
			if strings.Contains(a.body, "/enter/") || !strings.Contains(a.body+a.to(), "/proposals/"+id) && a.status != http.StatusForbidden && a.status != http.StatusUnprocessableEntity {
				t.Errorf("%s is no proposal: status %d to %q\n%s", try[0], a.status, a.to(), mainOf(a.body))
			}
			c.aloneWith(name, try[0], "/proposals/"+id+"/confirm")
			if i == len(tries)-1 && round == 0 { // and now nobody else is left
				for _, other := range []string{"ada", "bea", "cem", "dia", "eve"} {
					if other != name {
						one.confirmed("/admins/"+other+"/disable").leads(t, "/admins/"+other)
					}
				}
				c.exec(`update proposals set state = 'withdrawn', decided_at = now(), decided_by = $1 where state = 'open'`, name)
			}
		}
	}
	if now := c.one(`select count(*)::text from admins`); now != before {
		t.Errorf("there are %s admins, %s before", now, before)
	}
	if links := c.one(`select count(*)::text from admin_links`); links != "0" {
		t.Errorf("%s one-time links were made", links)
	}
	if enabled := c.one(`select string_agg(name, ' ') from admins where disabled_at is null`); enabled != name {
		t.Errorf("%s are enabled", enabled)
	}
}

// aloneWith has one admin confirm what they proposed, by the page and ten times at
// once.
func (c *testConsole) aloneWith(name, what, confirm string) {
	c.t.Helper()
	refused(c.t, what+" page", c.as(name).get(confirm))
	var all sync.WaitGroup
	for range 10 {
		b := c.as(name) // a visit of its own, with a second factor of its own
		all.Go(func() { refused(c.t, what, b.confirmed(confirm)) })
	}
	all.Wait()
}

// TestAloneWithSettings: the letterhead and the relay stay what two people
// confirmed.
func TestAloneWithSettings(t *testing.T) {
	t.Parallel()
	c := newSettled(t)
	first := c.version()
	for _, name := range []string{"eve", "cem"} {
		b := c.as(name)
		for what, propose := range map[string]func() answer{
			"letterhead": func() answer {
				return b.multipart("/settings/letterhead", letterheadForm(first, "Evil"), nil)
			},
			"relay": func() answer {
				return b.post("/settings/relay", "base", first, "host", "relay.evil.example", "port", "25", "tls", "starttls")
			},
		} {
			c.aloneWithSettings(name, what, first, propose())
		}
	}
	if c.as("bea").get("/settings").wants(t, http.StatusOK, "ACME"); strings.Contains(c.as("bea").get("/settings").body, "evil") {
		t.Error("the settings' page shows what one proposed")
	}
	// Written into the database instead, it is no longer what two people confirmed.
	c.exec(`update settings set content = jsonb_set(content, '{relay,host}', '"relay.evil.example"')`)
	if s, err := c.store.Settings(t.Context()); err == nil && !s.Tampered {
		t.Error("settings changed in SQL count")
	}
}

// aloneWithSettings has one admin confirm the change of settings that they proposed,
// and takes it back.
func (c *testConsole) aloneWithSettings(name, what, first string, a answer) {
	c.t.Helper()
	id := proposed(c.t, a)
	c.aloneWith(name, what+" by "+name, fmt.Sprintf("/proposals/%d/confirm", id))
	if now := c.version(); now != first {
		c.t.Errorf("version %s of the settings counts after a change of the %s by %s", now, what, name)
	}
	c.as(name).post(fmt.Sprintf("/proposals/%d/withdraw", id)).leads(c.t, fmt.Sprintf("/proposals/%d", id))
}

// TestAloneWithTheSigner: one admin puts a key of their own, with an address of their
// own as its From, on the machine; the confirmed one stays what counts, and nothing is
// certified with the other.
func TestAloneWithTheSigner(t *testing.T) {
	t.Parallel()
	c := town(t)
	here := c.senderHere()
	confirmed := payroll.FileSettings{Settings: firstSettings(c.Server)}
	confirmed.Settings.Sender = payroll.SenderID{Address: "salaries@acme.example", Name: "ACME", Fingerprint: payroll.Fingerprint(strings.Repeat("A", 40))}
	_, err := c.store.CompareFile(t.Context(), confirmed)
	must(t, err)
	first := c.version()
	for _, name := range []string{"eve", "cem"} {
		c.aloneWithSettings(name, "signing key", first, c.as(name).post("/settings/signer", "fingerprint", string(here.Fingerprint)))
		refused(t, "certifying with it", c.as(name).post("/calls/2", readOut(c.waiting("2").Fingerprint, "agreed")...))
	}
	if s, err := c.store.Settings(t.Context()); err != nil || s.Settings.Sender != confirmed.Settings.Sender {
		t.Errorf("%+v counts as the sender, %v", s.Settings.Sender, err)
	}
}

// TestAloneAsOperator: who runs the installation brings an address and a certificate,
// and has neither used: they do not compare it, release it alone, or approve anything.
func TestAloneAsOperator(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := c.hire(2)
	run := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	must(t, c.store.SendRun(t.Context(), run, "cem", c.Policy.GiveUp, 100))
	cem := c.as("cem")
	a := cem.sendCorrection("/people/import", "", "roster.csv", fmt.Sprintf("employee_id,name,email\n0000,%s,cem@evil.example\n", staff[0].Name))
	cem.post(a.to()).leads(t, "/people")
	moved := staff[0].Employee
	moved.Email = "cem2@evil.example"
	c.moveAddress("0000", moved.Email)
	key := keyOf(t, moved)
	c.climb(moved, key, payroll.StepDecryptionProven)
	cem.get("/calls/0000").wants(t, http.StatusOK, "Somebody else must make this call")
	refused(t, "comparing it", cem.post("/calls/0000", readOut(key.Fingerprint(), "agreed")...))

	c.setSlip(run, "0000", payroll.SlipHeld, payroll.HoldChangeFreeze)
	release := slipAt(run, "0000", "release")
	cem.confirmed(release, "reason", "I know them", "shown", cem.shown(release)).leads(t, slipAt(run, "0000"))
	if a := cem.confirmed(release, "reason", "I know them", "shown", cem.shown(release)); a.status < http.StatusBadRequest {
		t.Errorf("releasing it twice: status %d to %q", a.status, a.to())
	}
	refused(t, "approving it again", cem.confirmed(slipAt(run, "0000", "reapprove")))
	if state := c.one(`select state || ' ' || hold from slips where employee = '0000'`); state != "held change_freeze" {
		t.Errorf("the slip is %s", state)
	}
}

// TestAloneAfterApproval: what was approved is not edited any more.
func TestAloneAfterApproval(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := c.hire(2)
	run := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	what := `select md5(string_agg(s::text, '' order by s.id)) from slips s`
	before := c.one(what)
	for _, name := range []string{"ada", "eve"} {
		b := c.as(name)
		check := runPath(run, "check")
		for _, path := range []string{"/acknowledge", "/submit", "/void"} {
			if a := b.post(check+path, "kind", "twin", "all", "yes", "note", "late", "reason", "late"); a.status != http.StatusConflict && a.status != http.StatusNotFound {
				t.Errorf("%s by %s: status %d to %q", path, name, a.status, a.to())
			}
		}
	}
	if now := c.one(what); now != before {
		t.Error("a slip of an approved run was changed")
	}
}

// TestRewritingTheAuditLogIsSeen: whoever can write into the database leaves a
// chain that is broken, or that lacks the head which was remembered.
func TestRewritingTheAuditLogIsSeen(t *testing.T) {
	t.Parallel()
	for name, rewrite := range map[string]string{
		"changed": `update audit set who = 'dia' where seq = 3`,
		"removed": `delete from audit where seq = 3`,
		"cut off": `delete from audit where seq > 3`,
		"emptied": `delete from audit`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newConsole(t)
			last, err := c.store.LastAuditEntry(t.Context())
			must(t, err)
			must(t, c.store.PutAuditHead(t.Context(), last))
			c.as("dia").post("/audit/verify").wants(t, http.StatusOK, "whole")
			if _, err := c.store.Pool().Exec(t.Context(), rewrite); err == nil {
				t.Error("the log lets itself be rewritten")
			}
			c.exec(`alter table audit disable trigger user`)
			c.exec(rewrite)
			a := c.as("dia").post("/audit/verify")
			a.wants(t, http.StatusOK, "broken")
			a = c.as("dia").confirmed("/audit/export")
			a.wants(t, http.StatusConflict)
		})
	}
}

// TestRowsChangedInSQL: an address, a fingerprint or an amount that was changed
// behind the program's back, with its pin so that they fit, holds the slip, and the
// console shows it.
func TestRowsChangedInSQL(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	relay := c.newRelay()
	staff := c.hire(4)
	run := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	must(t, c.store.SendRun(t.Context(), run, "cem", c.Policy.GiveUp, 100))
	c.exec(`update employees set email = 'eve@evil.example' where number = '0000'`)
	c.exec(`update slips set pin_email = 'eve@evil.example' where employee = '0000'`)
	c.exec(`update slips set pin_fingerprint = (select fingerprint from certificates where employee = '0003') where employee = '0001'`)
	c.exec(`update slips set content = (select content from slips where employee = '0003'), digest = (select digest from slips where employee = '0003') where employee = '0002'`)
	c.work(relay)
	for _, number := range []payroll.EmployeeNumber{"0000", "0001", "0002"} {
		c.held(run, number, payroll.HoldTampered)
		c.as("bea").get(slipAt(run, number)).wants(t, http.StatusOK, "changed")
	}
	c.as("bea").get("/alarms").wants(t, http.StatusOK, html.EscapeString(alarmTitle(payroll.AlarmTampered)), fmt.Sprintf(`href="/runs/%d/slips?state=held"`, run))
	c.as("dia").get("/").wants(t, http.StatusOK, html.EscapeString(alarmTitle(payroll.AlarmTampered)))
	for _, m := range relay.Messages() {
		if m.To[0] != string(staff[3].Email) {
			t.Errorf("a mail went to %s", m.To[0])
		}
	}
}
