package console

import (
	"fmt"
	"html"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

var (
	tags    = regexp.MustCompile(`(?s)<(script|style|svg)[^>]*>.*?</(script|style|svg)>|<[^>]*>`)
	blanks  = regexp.MustCompile(`[ \t]*\n\s*`)
	moments = regexp.MustCompile(`\d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d UTC`)
	uuids   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	hashes  = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	prints  = regexp.MustCompile(`…[0-9A-F]{16}|([0-9A-F]{4} ){9}[0-9A-F]{4}`)
)

// textOf is what a page says, without what differs from one run of the test to
// the next.
func textOf(page string) string {
	text := html.UnescapeString(tags.ReplaceAllString("<main"+mainOf(page), "\n"))
	for _, r := range []struct {
		pattern *regexp.Regexp
		word    string
	}{{moments, "MOMENT"}, {uuids, "UUID"}, {hashes, "HASH"}, {prints, "FINGERPRINT"}} {
		text = r.pattern.ReplaceAllString(text, r.word)
	}
	return strings.TrimSpace(blanks.ReplaceAllString(text, "\n")) + "\n"
}

// goldenPage compares what a page says with testdata/area/name.txt.
func goldenPage(t *testing.T, area, name, page string) {
	t.Helper()
	golden(t, filepath.Join("testdata", area, name+".txt"), textOf(page))
}

// TestRunsPages holds what the pages of a run say.
func TestRunsPages(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := c.hire(6)
	run := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	must(t, c.store.SendRun(t.Context(), run, "cem", c.Policy.GiveUp, 100))
	c.exec(`update employees set name = 'Kiran ' || number`)
	states := []payroll.SlipState{payroll.SlipAccepted, payroll.SlipHeld, payroll.SlipUnsure, payroll.SlipRefused, payroll.SlipQueued, payroll.SlipHeld}
	holds := map[int]payroll.HoldReason{1: payroll.HoldNoCertificate, 5: payroll.HoldChangeFreeze}
	for i, state := range states {
		c.setSlip(run, numberedAs(i), state, holds[i])
	}
	c.tried(run, numberedAs(0), payroll.Accepted, 250, "2.0.0 queued as 4711")
	c.tried(run, numberedAs(2), payroll.Unsure, 0, "")
	c.tried(run, numberedAs(3), payroll.Refused, 550, "5.1.1 no such user")
	must(t, c.store.PauseRun(t.Context(), run, "bea", "the bank is late"))
	ada, bea, cem, dia := c.as("ada"), c.as("bea"), c.as("cem"), c.as("dia")
	for name, page := range map[string]answer{
		"run-maker": ada.get("/runs/1"), "run-approver": bea.get("/runs/1"), "run-operator": cem.get("/runs/1"), "run-auditor": dia.get("/runs/1"),
		"runs": dia.get("/runs"), "slips": dia.get("/runs/1/slips"), "slips-held": dia.get("/runs/1/slips?state=held"),
		"slip-accepted": cem.get("/runs/1/slips/0000"), "slip-held": bea.get("/runs/1/slips/0005"), "slip-unsure": cem.get("/runs/1/slips/0002"),
		"ask-resume": cem.get("/runs/1/resume"), "ask-settle": cem.get("/runs/1/slips/0002/settle"), "ask-resend": cem.get("/runs/1/slips/0003/resend"),
		"ask-reapprove": bea.get("/runs/1/slips/0005/reapprove"), "ask-release": cem.get("/runs/1/slips/0005/release"),
		"correct": ada.get("/runs/1/correct"), "report": dia.get("/runs/1/report"),
	} {
		page.wants(t, http.StatusOK)
		goldenPage(t, "runs", name, page.body)
	}
}

// TestAmountsAreForFew: operators and auditors see counts and states alone.
func TestAmountsAreForFew(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.draft(payroll.Run{}, slipsOfStaff(c.hire(2))...)
	const net = "2,469.13"
	for name, sees := range map[string]bool{"ada": true, "bea": true, "cem": false, "dia": false} {
		page := c.as(name).get("/runs/1")
		page.wants(t, http.StatusOK, "Run 1, November 2026")
		if strings.Contains(page.body, net) != sees {
			t.Errorf("%s sees the sum: %v, want %v", name, !sees, sees)
		}
		for _, path := range []string{"/runs", "/runs/1/slips", "/runs/1/slips/0000"} {
			if body := c.as(name).get(path).body; strings.Contains(body, net) || strings.Contains(body, "1,234.56") {
				t.Errorf("%s shows an amount to %s", path, name)
			}
		}
	}
}

// TestRunsAreListed by state, year and page.
func TestRunsAreListed(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := c.hire(1)
	for i := range runsPerPage + 3 {
		id := c.draft(payroll.Run{Supplement: true}, slipsOfStaff(staff)...)
		if i%2 == 0 {
			must(t, c.store.VoidRun(t.Context(), id, "ada", "again"))
		}
	}
	c.exec(`update runs set period = '2025-12' where id = 1`)
	b := c.as("dia")
	first := b.get("/runs")
	first.wants(t, http.StatusOK, "Run 15", "Run 4", `href="/runs?before=4"`)
	if strings.Contains(first.body, `rel="prev"`) || strings.Contains(first.body, "Run 3 ") {
		t.Error("the first page has newer runs, or too many")
	}
	b.get("/runs?before=4").wants(t, http.StatusOK, "Run 3", "December 2025", `href="/runs?after=3"`)
	b.get("/runs?after=3").wants(t, http.StatusOK, "Run 15", "Run 4", `href="/runs?before=4"`)
	void := b.get("/runs?state=void&year=2025")
	void.wants(t, http.StatusOK, "Run 1 ·", `href="/runs"`)
	if strings.Contains(void.body, "Run 3 ·") {
		t.Error("a run of another year is listed")
	}
	b.get("/runs?state=paused").wants(t, http.StatusOK, "No run is like that")
	for _, path := range []string{"/runs?state=x", "/runs?before=x", "/runs?year=-1", "/runs?after=0"} {
		b.get(path).wants(t, http.StatusNotFound)
	}
	for _, path := range []string{"/runs/99", "/runs/99/slips", "/runs/1/slips/nobody", "/runs/99/report", "/runs/99/events", "/runs/x", "/runs/1/slips?state=x"} {
		b.get(path).wants(t, http.StatusNotFound)
	}
}

// TestWhoActsOnARun: send, pause, resume and void, by the roles that the commands
// have, each with its page and its reason.
func TestWhoActsOnARun(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := c.hire(2)
	run := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	for _, name := range []string{"ada", "dia"} {
		for _, act := range []string{"send", "pause", "resume"} {
			c.as(name).get("/runs/1/"+act).wants(t, http.StatusForbidden)
			c.as(name).post("/runs/1/"+act, "reason", "x").wants(t, http.StatusForbidden)
		}
	}
	c.as("cem").post("/runs/1/void", "reason", "x").wants(t, http.StatusForbidden)
	c.as("cem").get("/runs/1/pause").wants(t, http.StatusConflict)
	c.as("cem").get("/runs/1/send").wants(t, http.StatusOK, "cannot be taken back")
	c.as("cem").post("/runs/1/send").leads(t, "/runs/1")
	c.as("cem").post("/runs/1/send").wants(t, http.StatusConflict)
	c.as("bea").post("/runs/1/pause", "reason", " \n ").wants(t, http.StatusUnprocessableEntity, "Say why.")
	c.as("bea").post("/runs/1/pause", "reason", "a\u202eb").wants(t, http.StatusUnprocessableEntity, "type it again by hand")
	c.as("bea").post("/runs/1/pause", "reason", "the bank\r\nis late <b>").leads(t, "/runs/1")
	c.as("dia").get("/runs/1").wants(t, http.StatusOK, "This run is paused.", "the bank is late &lt;b&gt;", "console 127.0.0.1")
	c.as("cem").get("/runs/1/resume").wants(t, http.StatusOK, "It was paused: the bank is late")
	c.as("cem").post("/runs/1/resume").leads(t, "/runs/1")
	c.as("ada").post("/runs/1/void", "reason", "too late").wants(t, http.StatusConflict)
	second := c.draft(payroll.Run{Supplement: true}, slipsOfStaff(staff)...)
	c.as("ada").post(fmt.Sprintf("/runs/%d/void", second)).wants(t, http.StatusUnprocessableEntity, "Say why.")
	c.as("ada").post(fmt.Sprintf("/runs/%d/void", second), "reason", "wrong month").leads(t, "/runs/2")
	if r, err := c.store.Run(t.Context(), run); err != nil || r.State != payroll.RunSending {
		t.Errorf("%s, %v", r.State, err)
	}
}

// TestNothingIsSentBeforeItsTime: an approver may have said from when on.
func TestNothingIsSentBeforeItsTime(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.approved(payroll.Run{}, slipsOfStaff(c.hire(1))...)
	c.exec(`update runs set not_before = now() + interval '1 hour', not_before_zone = 'UTC'`)
	page := c.as("cem").get("/runs/1")
	page.wants(t, http.StatusOK, "It can be sent from", "Not sent before")
	if strings.Contains(page.body, `href="/runs/1/send"`) {
		t.Error("the page offers to send")
	}
	c.as("cem").get("/runs/1/send").wants(t, http.StatusConflict, "not to be sent before")
	c.as("cem").post("/runs/1/send").wants(t, http.StatusConflict, "not to be sent before")
}

// TestSlipsAreFound by state, number and page; a number may hold whatever HR
// writes into it.
func TestSlipsAreFound(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	hostile := []string{"A/1", "A/../2", "A?x=1&y", `A"<b>`, "A%2F", "=A+1"}
	slips := slipsOfStaff(c.hire(slipsPerPage + 3))
	for i, number := range hostile {
		e := payroll.Employee{Number: payroll.EmployeeNumber(number), Name: `<script>alert(1)</script> =cmd ` + unlikeName(), Email: payroll.Address(fmt.Sprintf("h%d@acme.example", i))}
		_, err := c.store.PutEmployees(t.Context(), []payroll.Employee{e}, "hostile", "ada", false)
		must(t, err)
		slips = append(slips, slipOf(e, 5))
	}
	c.draft(payroll.Run{}, slips...)
	b := c.as("dia")
	b.get("/runs/1/slips").wants(t, http.StatusOK, "0049", `after=0049"`)
	b.get("/runs/1/slips?after=0049").wants(t, http.StatusOK, "0052", `href="/runs/1/slips?before=0050"`)
	b.get("/runs/1/slips?q=005").wants(t, http.StatusOK, "0050", "0051", "0052", `value="005"`)
	b.get("/runs/1/slips?state=held").wants(t, http.StatusOK, "No slip is like that")
	found := b.get("/runs/1/slips?q=A")
	found.wants(t, http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt;")
	for _, number := range hostile {
		path := slipAt(1, payroll.EmployeeNumber(number))
		if strings.HasPrefix(number, "A") && !strings.Contains(html.UnescapeString(found.body), `href="`+path+`"`) {
			t.Errorf("no link to %s", path)
		}
		if page := b.get(path); page.status != http.StatusOK || !strings.Contains(html.UnescapeString(page.body), "Slip of "+number) {
			t.Errorf("%s: %d", path, page.status)
		}
	}
}

// TestActsOnASlip: what can be done with one slip, by whom, and with which proof.
func TestActsOnASlip(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	run := c.approved(payroll.Run{}, slipsOfStaff(c.hire(5))...)
	must(t, c.store.SendRun(t.Context(), run, "cem", c.Policy.GiveUp, 100))
	c.setSlip(run, "0000", payroll.SlipAccepted, "")
	c.tried(run, "0000", payroll.Accepted, 250, "2.0.0 taken")
	c.setSlip(run, "0001", payroll.SlipUnsure, "")
	c.setSlip(run, "0002", payroll.SlipUnsure, "")
	c.setSlip(run, "0003", payroll.SlipHeld, payroll.HoldAddressChanged)
	c.setSlip(run, "0004", payroll.SlipHeld, payroll.HoldChangeFreeze)
	c.exec(`update employees set email_changed_at = now() where number = '0004'`)
	state := func(number payroll.EmployeeNumber, want payroll.SlipState) {
		t.Helper()
		if a, err := c.store.SlipAccount(t.Context(), run, number, c.Policy.Freeze); err != nil || a.State != want {
			t.Errorf("slip %s is %s, want %s (%v)", number, a.State, want, err)
		}
	}
	ada, bea, cem, eve := c.as("ada"), c.as("bea"), c.as("cem"), c.as("eve")
	for _, path := range []string{"/0000/resend", "/0001/settle", "/0003/reapprove", "/0004/release"} {
		ada.get("/runs/1/slips"+path).wants(t, http.StatusForbidden)
		ada.post("/runs/1/slips"+path, "reason", "x", "as", "lost").wants(t, http.StatusForbidden)
	}
	cem.get("/runs/1/slips/0001/resend").wants(t, http.StatusConflict)
	cem.post("/runs/1/slips/0000/resend").wants(t, http.StatusUnprocessableEntity, "Say why.")
	cem.post("/runs/1/slips/0000/resend", "reason", "the mailbox was full").leads(t, "/runs/1/slips/0000")
	state("0000", payroll.SlipQueued)
	cem.post("/runs/1/slips/0001/settle", "as", "maybe").wants(t, http.StatusUnprocessableEntity)
	cem.post("/runs/1/slips/0001/settle", "as", "accepted").leads(t, "/runs/1/slips/0001")
	cem.post("/runs/1/slips/0002/settle", "as", "lost").leads(t, "/runs/1/slips/0002")
	state("0001", payroll.SlipAccepted)
	state("0002", payroll.SlipQueued)

	ada.get("/runs/1/slips/0000/withdraw").wants(t, http.StatusConflict)
	ada.get("/runs/1/slips/0003").wants(t, http.StatusOK, `href="/runs/1/slips/0003/withdraw"`)
	ada.get("/runs/1/slips/0003/withdraw").wants(t, http.StatusOK, "Withdraw this slip?")
	ada.post("/runs/1/slips/0003/withdraw").wants(t, http.StatusUnprocessableEntity, "Say why.")
	cem.post("/runs/1/slips/0003/withdraw", "reason", "x").wants(t, http.StatusForbidden)

	bea.get("/runs/1/slips/0003/reapprove").wants(t, http.StatusOK, "Your second factor is asked for next", "As it stands now")
	bea.post("/runs/1/slips/0003/reapprove").leads(t, "/step-up")
	state("0003", payroll.SlipHeld)
	shown := bea.shown("/runs/1/slips/0003/reapprove")
	c.exec(`update employees set email = 'thief@acme.example' where number = '0003'`)
	bea.confirmed("/runs/1/slips/0003/reapprove", "shown", shown).wants(t, http.StatusConflict, "as it was shown to you")
	bea.confirmed("/runs/1/slips/0003/reapprove").wants(t, http.StatusConflict)
	state("0003", payroll.SlipHeld)
	bea.confirmed("/runs/1/slips/0003/reapprove", "shown", bea.shown("/runs/1/slips/0003/reapprove")).leads(t, "/runs/1/slips/0003")
	state("0003", payroll.SlipQueued)
	bea.post("/runs/1/slips/0003/reapprove").leads(t, "/step-up")

	shown = cem.shown("/runs/1/slips/0004/release")
	cem.confirmed("/runs/1/slips/0004/release", "reason", "I called her", "shown", shown).leads(t, "/runs/1/slips/0004")
	cem.confirmed("/runs/1/slips/0004/release", "reason", "again", "shown", shown).wants(t, http.StatusForbidden, "second person")
	if a := eve.confirmed("/runs/1/slips/0004/release", "reason", "so did I", "shown", shown); !strings.Contains(a.to(), "said=slip-released") || strings.Contains(a.to(), "once") {
		t.Errorf("%d to %s", a.status, a.to())
	}
	cem.get("/runs/1/slips/0004").wants(t, http.StatusOK, "Releases from the change freeze", "I called her", "so did I")
}

// shown is what the page of an act on a slip says that it showed.
func (b *client) shown(path string) string {
	b.t.Helper()
	_, after, found := strings.Cut(b.get(path).body, `name="shown" value="`)
	if !found {
		b.t.Fatalf("%s does not say what it shows", path)
	}
	value, _, _ := strings.Cut(after, `"`)
	return value
}

// TestNobodyReapprovesTheirOwn: whatever their roles.
func TestNobodyReapprovesTheirOwn(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := c.hire(1)
	id, err := c.store.CreateRun(t.Context(), payroll.Run{
		Period: november, PayDate: november27, Currency: "EUR", ImportedBy: "eve", FileSHA256: payroll.Digest([]byte("eve's")),
	}, func(yield func(payroll.Slip, error) bool) { yield(slipOf(staff[0].Employee, 1), nil) })
	must(t, err)
	must(t, c.store.SubmitRun(t.Context(), id, "ada", false))
	must(t, c.store.ApproveRun(t.Context(), id, "bea", payroll.Approval{Letterhead: c.Letterhead().Digest()}))
	must(t, c.store.SendRun(t.Context(), id, "cem", c.Policy.GiveUp, 100))
	c.setSlip(id, "0000", payroll.SlipHeld, payroll.HoldAddressChanged)
	eve := c.as("eve")
	eve.confirmed("/runs/1/slips/0000/reapprove", "shown", eve.shown("/runs/1/slips/0000/reapprove")).wants(t, http.StatusForbidden, "second person")
}

// TestTwinsAreAcknowledged on the slip's own page.
func TestTwinsAreAcknowledged(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	staff := []payroll.Employee{{Number: "7", Name: "Kiran A", Email: "k1@acme.example"}, {Number: "8", Name: "Kiran A", Email: "k2@acme.example"}}
	_, err := c.store.PutEmployees(t.Context(), staff, "test", "ada", false)
	must(t, err)
	run := c.approved(payroll.Run{}, slipOf(staff[0], 1), slipOf(staff[1], 2))
	c.as("bea").get("/runs/1/slips/7").wants(t, http.StatusOK, "Easily taken for 8.", `href="/runs/1/slips/7/twins"`)
	c.as("cem").post("/runs/1/slips/7/twins", "reason", "x").wants(t, http.StatusForbidden)
	c.as("bea").post("/runs/1/slips/7/twins").wants(t, http.StatusUnprocessableEntity, "Say why.")
	c.as("bea").post("/runs/1/slips/7/twins", "reason", "two people, I know both").leads(t, "/runs/1/slips/7")
	if a, err := c.store.SlipAccount(t.Context(), run, "7", c.Policy.Freeze); err != nil || len(a.Twins) != 0 {
		t.Errorf("%v, %v", a.Twins, err)
	}
	c.as("bea").get("/runs/1/slips/7/twins").wants(t, http.StatusConflict)
}

// TestAShreddedRun: when its pay data are gone, its pages still say what became of
// every slip.
func TestAShreddedRun(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	run := c.approved(payroll.Run{}, slipsOfStaff(c.hire(1))...)
	c.exec(`update runs set data_key = null, totals = null, figures = null, state = 'complete', shredded_at = now() where id = $1`, run)
	c.exec(`update slips set content = null, state = 'accepted' where run = $1`, run)
	for _, path := range []string{"/runs", "/runs/1", "/runs/1/slips", "/runs/1/slips/0000", "/runs/1/report"} {
		c.as("ada").get(path).wants(t, http.StatusOK)
	}
	c.as("ada").confirmed("/runs/1/report", "form", "csv").wants(t, http.StatusOK, "accepted")
}
