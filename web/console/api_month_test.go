package console

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// until asks again while the answer's state is one of a file that is worked on.
func (p *program) until(state, method, path string) map[string]any {
	p.t.Helper()
	for {
		var a map[string]any
		p.ask(method, path, nil).is(http.StatusOK).into(&a)
		if a["state"] == state {
			return a
		}
		if p.t.Context().Err() != nil {
			p.t.Fatalf("it never becomes %s: %v", state, a)
		}
	}
}

// imported brings a file in as a draft, and gives the path of its run.
func (p *program) imported(content string, how object) string {
	p.t.Helper()
	var u apiUpload
	p.ask("POST", "/uploads", content, "Content-Disposition", `attachment; filename="november.csv"`).is(http.StatusOK).into(&u)
	if u.Name != "november.csv" {
		p.t.Errorf("called %q", u.Name)
	}
	path := "/uploads/" + u.ID
	p.put(path+"/reading", how).is(http.StatusOK)
	if a := p.until("read", "GET", path); a["ready"] != true || a["verdict"] != "accept" {
		p.t.Fatalf("not ready: %v", a)
	}
	p.post(path+"/import", nil).is(http.StatusOK)
	done := p.until("imported", "GET", path+"/import")
	again := p.until("imported", "POST", path+"/import")
	if done["run"] != again["run"] {
		p.t.Errorf("two runs of one upload: %v and %v", done, again)
	}
	return fmt.Sprintf("/runs/%v", done["run"])
}

// TestMonthByAPI: from the roster to a submitted run by one program, approved by a
// person on the page, and sent by another program.
func TestMonthByAPI(t *testing.T) {
	t.Parallel()
	c := newConsole(t).unlimited()
	ada, cem := c.program("ada"), c.program("cem")

	var file payroll.Upload
	ada.post("/employee-files", "number,name,email\nE001,Ana Novak,e001@acme.example\nE002,Bruno Silva,e002@acme.example\nE003,Carla Weber,e003@acme.example\n").is(http.StatusOK).into(&file)
	var roster apiRoster
	ada.get("/employee-files/" + file.ID).is(http.StatusOK).into(&roster)
	if roster.Change == nil || len(roster.Change.Added) != 3 {
		t.Fatalf("preview %+v", roster)
	}
	var people apiList[apiPerson]
	if ada.get("/employees").is(http.StatusOK).into(&people); len(people.Items) != 0 {
		t.Fatal("a preview changed the roster")
	}
	ada.post("/employee-files/"+file.ID+"/import", nil).is(http.StatusOK)
	ada.post("/employees/search", object{"words": "bru"}).is(http.StatusOK).into(&people)
	if len(people.Items) != 1 || people.Items[0].Number != "E002" || people.Items[0].Ready {
		t.Fatalf("found %+v", people)
	}
	ada.get("/employees/E002").is(http.StatusOK)
	ada.get("/readiness").is(http.StatusOK)

	run := ada.imported(payrollFile(3, flat), object{"source": "Plant Vienna", "period": "2026-11", "pay_date": "2026-11-27", "currency": "EUR"})
	var totals apiTotals
	ada.get(run + "/totals").is(http.StatusOK).into(&totals)
	if totals.Net != 750000 || totals.Headcount != 3 || totals.Currency != "EUR" {
		t.Errorf("totals %+v", totals)
	}
	cem.get(run + "/totals").is(http.StatusForbidden)
	var slip payroll.Slip
	ada.get(run + "/slips/E001/content").is(http.StatusOK).into(&slip)
	if slip.Net.Minor != 250000 || slip.Salt != "" {
		t.Errorf("slip %+v", slip)
	}
	if pdf := ada.get(run + "/slips/E001/page.pdf").is(http.StatusOK); !strings.HasPrefix(pdf.body, "%PDF-") {
		t.Errorf("%.20q", pdf.body)
	}
	for _, kind := range []string{"variance", "joiner", "missing", "leaver"} {
		ada.get(run + "/remarks?kind=" + kind).is(http.StatusOK)
	}
	ada.get(run + "/twins").is(http.StatusOK)
	var submitted payroll.Run
	ada.post(run+"/submit", nil).is(http.StatusOK).into(&submitted)
	if submitted.State != payroll.RunSubmitted || submitted.SubmittedBy != "ada" {
		t.Errorf("%+v", submitted)
	}
	cem.post(run+"/send", nil).is(http.StatusConflict)
	c.approveOnPage("bea", run)

	cem.post(run+"/send", nil).is(http.StatusOK).into(&submitted)
	if submitted.State != payroll.RunSending {
		t.Errorf("state %s", submitted.State)
	}
	cem.post(run+"/pause", nil).is(http.StatusUnprocessableEntity)
	cem.post(run+"/pause", object{"reason": "the relay is moved"}).is(http.StatusOK)
	cem.post(run+"/resume", nil).is(http.StatusOK)
	var progress payroll.Progress
	cem.get(run + "/progress").is(http.StatusOK).into(&progress)
	if progress.All() != 3 {
		t.Errorf("progress %+v", progress)
	}
	cem.get(run + "/slips/E001").is(http.StatusOK)
	if list := cem.get(run + "/report.csv").is(http.StatusOK); strings.Count(list.body, "\r\n") != 4 {
		t.Errorf("list %s", list.body)
	}
	cem.get(run).is(http.StatusOK)
	cem.get("/runs").is(http.StatusOK)

	var verdict payroll.AuditVerdict
	cem.post("/audit/verify", nil).is(http.StatusOK).into(&verdict)
	if verdict.Broken != 0 || verdict.Entries == 0 {
		t.Errorf("verdict %+v", verdict)
	}
}

// approveOnPage opens the sample and says yes, in a browser.
func (c *testConsole) approveOnPage(name, run string) {
	c.t.Helper()
	b := c.as(name)
	for _, number := range []string{"E001", "E002", "E003"} {
		b.get(run+"/review/slips/"+number).wants(c.t, http.StatusOK)
		b.get(run+"/slips/"+number+"/page.pdf").wants(c.t, http.StatusOK, "%PDF")
	}
	page := b.get(run + "/review")
	page.wants(c.t, http.StatusOK, "/approve?manifest=")
	_, after, _ := strings.Cut(page.body, "/approve?manifest=")
	manifest := after[:64]
	b.confirmed(run+"/approve", "manifest", manifest).leads(c.t, run)
}
