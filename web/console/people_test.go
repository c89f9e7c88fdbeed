package console

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// settle puts people into the roster, as ada from a file.
func (c *testConsole) settle(people ...payroll.Employee) {
	c.t.Helper()
	_, err := c.store.PutEmployees(c.t.Context(), people, "file", "ada", false)
	must(c.t, err)
}

// keyOf is a certificate of an employee that the judge accepts.
func keyOf(t testing.TB, e payroll.Employee) keystore.Certificate {
	t.Helper()
	member, err := demo.NewMember(payroll.Employee{Name: "Somebody", Email: e.Email}, 100, time.Now())
	must(t, err)
	armored, err := member.Certificate()
	must(t, err)
	return judged(t, armored, e.Email)
}

func judged(t testing.TB, raw []byte, email payroll.Address) keystore.Certificate {
	t.Helper()
	certificate, verdict := keystore.Judge(raw, email, time.Now())
	if !verdict.Accepted() {
		t.Fatal(verdict.Code)
	}
	return certificate
}

// climb hands a certificate in, as its owner, and brings it up to a step.
func (c *testConsole) climb(e payroll.Employee, key keystore.Certificate, to payroll.Step) {
	c.t.Helper()
	ctx := c.t.Context()
	_, err := c.store.PutCertificate(ctx, payroll.Submission{Employee: e.Number, Fingerprint: key.Fingerprint(), Content: key.Bytes(), Expires: key.Expires()}, payroll.Themself)
	must(c.t, err)
	for _, step := range payroll.Steps[1:] {
		if !to.Reached(step) {
			return
		}
		climb := payroll.Climb{Employee: e.Number, Fingerprint: key.Fingerprint(), To: step, Method: "phone", Note: "called at noon", Required: payroll.StepCertified}
		by := payroll.AdminName("cem")
		switch step {
		case payroll.StepAddressProven, payroll.StepDecryptionProven:
			climb.Method, climb.Note, by = "code", "", payroll.Themself
		case payroll.StepCertified:
			certified, err := companySigner(c.t).Certify(key, time.Now())
			must(c.t, err)
			climb.Content = certified.Bytes()
		}
		_, err := c.store.ClimbCertificate(ctx, climb, by)
		must(c.t, err)
	}
}

func townsman(number, name string) payroll.Employee {
	local := strings.NewReplacer("/", "-", " ", "-").Replace(strings.ToLower(number))
	return payroll.Employee{Number: payroll.EmployeeNumber(number), Name: name, Email: payroll.Address(local + "@acme.example"),
		Phone: "+43 1 5550117", Department: "Sales", Designation: "Clerk", Country: "AT", Language: "de"}
}

// town is a company in which everybody has got to another place.
func town(t testing.TB) *testConsole {
	t.Helper()
	c := newConsole(t)
	c.Policy.Freeze = payroll.Freeze{Days: 3, Zone: time.UTC}
	people := []payroll.Employee{
		townsman("1", "Ada Brontë"), townsman("2", "Björn Çelik"), townsman("3", "Chidi Đặng"), townsman("A/4", "Dilara Ünal"), townsman("5", "किरण शर्मा"),
		townsman("6", "محمد علی"), townsman("7", "王小明"),
	}
	c.settle(people...)
	c.climb(people[0], keyOf(t, people[0]), payroll.StepCertified)
	c.climb(people[1], keyOf(t, people[1]), payroll.StepDecryptionProven)
	c.climb(people[2], keyOf(t, people[2]), payroll.StepSubmitted)
	c.climb(people[3], keyOf(t, people[3]), payroll.StepDecryptionProven)
	moved := people[3]
	moved.Phone = "+43 1 5550999"
	_, err := c.store.PutEmployees(t.Context(), []payroll.Employee{moved}, "file", "eve", false)
	must(t, err)
	c.exec(`update employees set on_paper = true, paper_reason = 'by choice' where number = '5'`)
	c.exec(`update employees set left_on = current_date - 60 where number = '6'`)
	c.exec(`insert into schedule_rules (name, action, day, shift, clock, zone) values ('monthly', 'send', 25, 'before', '09:00', 'UTC')`)
	_, err = c.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{"7"}, "ada")
	must(t, err)
	must(t, c.store.CreateReport(t.Context(), "1", payroll.ReportSuspicious, "A mail asked for my passphrase."))
	return c
}

func TestPeoplePage(t *testing.T) {
	t.Parallel()
	c := town(t)
	ada, dia := c.as("ada"), c.as("dia")
	ada.get("/people").wants(t, http.StatusOK, "7 people in the roster", "Ada Brontë", "किरण शर्मा", "/people/A%2F4", "/people/import")
	if a := dia.get("/people"); strings.Contains(a.body, "/people/import") {
		t.Error("an auditor is shown what they may not do")
	}
	for filter, want := range map[string]string{"ready": "Ada Brontë", "call": "Björn Çelik", "proof": "Chidi Đặng", "no-key": "王小明", "paper": "किरण शर्मा", "left": "محمد علی"} {
		a := ada.get("/people?show=" + filter)
		a.wants(t, http.StatusOK, want)
		if strings.Contains(a.body, "Ada Brontë") != (filter == "ready") {
			t.Errorf("%s shows others:\n%s", filter, mainOf(a.body))
		}
	}
	ada.get("/people?show=nothing").wants(t, http.StatusNotFound)
	ada.get("/people?number=%00").wants(t, http.StatusUnprocessableEntity)
	ada.get("/people?number=a/").wants(t, http.StatusOK, "Dilara Ünal")
	dia.post("/people/search", "q", "celik bj").wants(t, http.StatusOK, "Björn Çelik")
	dia.post("/people/search", "q", "a/4").leads(t, "/people")
	if to := dia.post("/people/search", "q", "a/4").to(); to != "/people?number=a%2F4" {
		t.Errorf("a number leads to %q", to)
	}
	dia.post("/people/search", "q", "99").wants(t, http.StatusOK, "Nobody is found") // no number, so not in a URL
	dia.post("/people/search", "q", "").leads(t, "/people")
	dia.post("/people/search", "q", strings.Repeat("x", 201)).wants(t, http.StatusUnprocessableEntity)
	for _, word := range []string{"celik", "Björn", "Dilara"} {
		if strings.Contains(c.log.String(), word) {
			t.Errorf("%q is in the log", word)
		}
	}
}

func TestPersonPage(t *testing.T) {
	t.Parallel()
	c := town(t)
	ada := c.as("ada")
	ada.get("/people/1").wants(t, http.StatusOK, "Ada Brontë", "Certified by the company", "called at noon", "A mail asked for my passphrase.", "Judged by the certificate itself")
	ada.get("/people/2").wants(t, http.StatusOK, "Call them and compare the fingerprint.", "Fingerprint compared")
	ada.get("/people/A%2F4").wants(t, http.StatusOK, "The telephone number is a new one", "by eve")
	ada.get("/people/5").wants(t, http.StatusOK, "No slip is expected")
	ada.get("/people/6").wants(t, http.StatusOK, "No slip is expected")
	ada.get("/people/7").wants(t, http.StatusOK, "Invitation to the form", "Remind: invite again")
	ada.get("/people/0").wants(t, http.StatusNotFound)
	ada.get("/people/1?before=x").wants(t, http.StatusNotFound)
	// The exact verdict sees what the list cannot.
	c.exec(`update certificates set content = '\x00' where employee = '1'`)
	ada.get("/people?show=ready").wants(t, http.StatusOK, "Ada Brontë")
	ada.get("/people/1").wants(t, http.StatusOK, "Not ready", "They hand in another one in the form.")
}

func TestPersonActs(t *testing.T) {
	t.Parallel()
	c := town(t)
	ada, bea, dia := c.as("ada"), c.as("bea"), c.as("dia")
	ada.post("/people/A%2F4/invite").leads(t, "/people/A%2F4")
	ada.post("/people/7/invite").leads(t, "/people/7") // one waits
	ada.post("/people/6/invite").wants(t, http.StatusConflict)
	ada.post("/people/1/remind").leads(t, "/people/1")
	ada.post("/people/1/remind").wants(t, http.StatusConflict)
	ada.get("/people/1/profile").wants(t, http.StatusOK, "PGP/MIME")
	ada.post("/people/1/profile", "structure", "nested", "presentation", "attachment").leads(t, "/people/1")
	ada.post("/people/1/profile", "structure", "upside-down", "presentation", "").wants(t, http.StatusUnprocessableEntity)
	p, err := c.store.Person(t.Context(), "1")
	must(t, err)
	if p.Profile != (payroll.MailProfile{Structure: "nested", Presentation: "attachment"}) {
		t.Errorf("profile %+v", p.Profile)
	}
	ada.post("/people/1/file-address").wants(t, http.StatusConflict)
	c.exec(`update employees set email_in_file = 'old@acme.example' where number = '1'`)
	ada.get("/people/1").wants(t, http.StatusOK, "It was not the employee")
	ada.get("/people/1/file-address").wants(t, http.StatusOK, "Let the file count")
	ada.post("/people/1/file-address").leads(t, "/people/1")
	reports, err := c.store.ReportsBy(t.Context(), "1", 1)
	must(t, err)
	bea.post("/people/1/settle", "report", fmt.Sprint(reports[0].ID)).leads(t, "/people/1")
	bea.post("/people/1/settle", "report", fmt.Sprint(reports[0].ID)).wants(t, http.StatusNotFound)
	for _, path := range []string{"/people/1/invite", "/people/1/remind", "/people/1/profile", "/people/1/file-address", "/people/invite", "/people/import", "/people/1/settle", "/calls/2"} {
		if a := dia.post(path); a.status != http.StatusForbidden {
			t.Errorf("an auditor posts %s: %d", path, a.status)
		}
	}
	ada.get("/people/invite").wants(t, http.StatusOK, "Invite 2 people?") // Björn and Chidi: A/4 and 7 wait
	ada.post("/people/invite").leads(t, "/people")
	ada.get("/people/invite").wants(t, http.StatusOK, "There is nobody to invite")
}

func TestEndACertificatesUse(t *testing.T) {
	t.Parallel()
	c := town(t)
	bea := c.as("bea")
	list, err := c.store.CertificatesOf(t.Context(), "1")
	must(t, err)
	path := fmt.Sprintf("/people/certificates/%d/end", list[0].ID)
	bea.get(path).wants(t, http.StatusOK, "at once and for good", "Your second factor is asked for")
	bea.post(path, "reason", "lost").leads(t, "/step-up")
	bea.confirmed(path, "reason", " ").wants(t, http.StatusUnprocessableEntity)
	bea.confirmed(path, "reason", "The laptop is lost").leads(t, "/people/1")
	after, err := c.store.Certificate(t.Context(), list[0].ID)
	must(t, err)
	if after.Standing != payroll.CertificateRevoked || after.Step != payroll.StepSubmitted {
		t.Errorf("%s, %s: its certification should be gone", after.Standing, after.Step)
	}
	bea.get("/people/1").wants(t, http.StatusOK, "The laptop is lost", "console 127.0.0.1")
	bea.confirmed(path, "reason", "again").wants(t, http.StatusConflict)
	bea.get("/people/certificates/999/end").wants(t, http.StatusNotFound)
}

// TestHostileNames: whatever people are called, nothing of it runs, and no page
// breaks.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	names := []string{
		`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `=HYPERLINK("http://evil.example","x")`, `{{.Secret}} ${x} %s`, `'; drop table employees; --`,
		strings.Repeat("W", 200), strings.Repeat("ﷺ", 200), "שלום עולם", "नमस्ते", "🙂 Smile", "Zalgo z̷̢̛̤̰̳̠͈̥̀̋", "\u200bx"[3:],
	}
	var people []payroll.Employee
	for i, name := range names {
		e := townsman(fmt.Sprintf("%d/<b>&?#%%", i), name)
		e.Email = payroll.Address(fmt.Sprintf("e%d@acme.example", i))
		e.Department, e.Designation, e.PaperReason = name, name, name
		people = append(people, e)
	}
	c.settle(people...)
	for _, e := range people[:3] {
		c.climb(e, keyOf(t, e), payroll.StepDecryptionProven)
	}
	eve := c.as("eve")
	for _, path := range []string{"/people", "/calls"} {
		a := eve.get(path)
		a.wants(t, http.StatusOK)
		clean(t, path, a.body)
	}
	for i, e := range people {
		path := personPath(e.Number)
		a := eve.get(path)
		a.wants(t, http.StatusOK, html.EscapeString("/<b>"))
		clean(t, path, a.body)
		if i < 3 {
			clean(t, "call", eve.get(callPath(e.Number)).body)
		}
		if a := eve.post("/people/search", "q", names[i]); a.status != http.StatusOK && a.status != http.StatusSeeOther {
			t.Errorf("search for name %d: %d", i, a.status)
		}
	}
	tab := c.tab("eve")
	for _, path := range []string{"/people", personPath(people[5].Number), personPath(people[0].Number), "/calls", callPath(people[1].Number)} {
		tab.Size(browsertest.Phone)
		tab.Open(c.address(path))
		tab.Overflow()
	}
	if dialogs := tab.Dialogs(); len(dialogs) > 0 {
		t.Errorf("something ran: %v", dialogs)
	}
}

// clean fails the test if a page has elements that no page of ours has.
func clean(t *testing.T, what, body string) {
	t.Helper()
	for _, foreign := range []string{"<script>alert", "<img", "onerror=alert(1)>"} {
		if strings.Contains(body, foreign) {
			t.Errorf("%s has %s", what, foreign)
		}
	}
}

const rosterCSV = "employee_id,name,email,phone,department\n" +
	"1,Ada Brontë-Byron,1@acme.example,+43 1 5550000,Sales\n2,Björn Çelik,bjorn.celik@acme.example,+43 1 5550117,Sales\n9,=Nine,9@acme.example,,IT\n"

// upload sends a file as the import's form does.
func (b *client) roster(name, content string) answer {
	b.t.Helper()
	var body strings.Builder
	const edge = "edge-of-a-part"
	fmt.Fprintf(&body, "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=%q\r\nContent-Type: text/csv\r\n\r\n%s\r\n--%s--\r\n", edge, name, content, edge)
	r := b.request(http.MethodPost, "/people/import", strings.NewReader(body.String()))
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+edge)
	return b.do(r)
}

func TestImportWithPreview(t *testing.T) {
	t.Parallel()
	c := town(t)
	ada := c.as("ada")
	ada.get("/people/import").wants(t, http.StatusOK, "employee_id")
	sent := ada.roster("staff.csv", rosterCSV)
	preview := sent.to()
	if sent.status != http.StatusSeeOther || !strings.HasPrefix(preview, "/people/imports/") {
		t.Fatalf("%d to %q", sent.status, preview)
	}
	ada.get(preview).wants(t, http.StatusOK, "3 people in the file", "Ada Brontë-Byron", "bjorn.celik@acme.example", "=Nine", "1 person added, 2 people changed", "43 1 5550000")
	if _, err := c.store.Employee(t.Context(), "9"); err == nil {
		t.Error("the preview kept something")
	}
	c.as("cem").get(preview).wants(t, http.StatusNotFound) // another's file
	c.as("cem").post(preview).wants(t, http.StatusNotFound)
	c.as("bea").get(preview).wants(t, http.StatusForbidden)
	ada.post(preview).leads(t, "/people")
	if e, err := c.store.Employee(t.Context(), "9"); err != nil || e.Name != "=Nine" {
		t.Errorf("%+v, %v", e, err)
	}
	ada.get(preview).wants(t, http.StatusNotFound) // it is in the roster, and gone
	ada.post(preview).wants(t, http.StatusNotFound)
	ada.get("/people/2").wants(t, http.StatusOK, "Address until then", "2@acme.example")
}

func TestImportRefusesAndIsReadOtherwise(t *testing.T) {
	t.Parallel()
	c := town(t)
	ada := c.as("ada")
	ada.roster("", "").wants(t, http.StatusUnprocessableEntity, "Choose a file first")
	bad := ada.roster("staff.csv", "employee_id,name,email\n8,,nobody\n9,Nine,9@acme.example\n").to()
	ada.get(bad).wants(t, http.StatusOK, "The file cannot be taken", "Row 2", "Delete this file")
	ada.post(bad).leads(t, bad)
	if _, err := c.store.Employee(t.Context(), "9"); err == nil {
		t.Error("half a file was kept")
	}
	ada.post(strings.TrimSuffix(bad, "/preview")+"/discard").leads(t, "/people")
	ada.get(bad).wants(t, http.StatusNotFound)
	shared := ada.roster("staff.csv", "employee_id,name,email\n9,Nine,1@acme.example\n").to()
	ada.get(shared).wants(t, http.StatusOK, "share mail addresses")
	ada.post(shared).wants(t, http.StatusUnprocessableEntity)
	other := ada.roster("staff.csv", "Nr;Wer;Post\n9;Nine;9@acme.example\n").to()
	ada.get(other).wants(t, http.StatusOK, "The file cannot be taken")
	ada.post(strings.TrimSuffix(other, "/preview")+"/reading", "mapping", "employee_id = [").leads(t, other)
	ada.get(other).wants(t, http.StatusOK, "The mapping cannot be read")
	ada.post(strings.TrimSuffix(other, "/preview")+"/reading", "mapping", "employee_id = \"Nr\"\nname = \"Wer\"\nemail = \"Post\"\n", "separator", "semicolon").leads(t, other)
	ada.get(other).wants(t, http.StatusOK, "The file can be taken", "1 person added")
}

// peoplePages are the screens of people and phone checks, by the name of their
// golden file and who looks.
var peoplePages = []struct{ name, path, by string }{
	{"people", "/people", "eve"},
	{"people-none", "/people?show=expiring", "dia"},
	{"people-invite", "/people/invite", "ada"},
	{"people-import", "/people/import", "ada"},
	{"person", "/people/1", "eve"},
	{"person-call", "/people/A%2F4", "eve"},
	{"person-nothing", "/people/7", "ada"},
	{"person-profile", "/people/1/profile", "ada"},
	{"person-end", "/people/certificates/1/end", "eve"},
	{"calls", "/calls", "cem"},
	{"call", "/calls/2", "eve"},
	{"call-new-number", "/calls/A%2F4", "eve"},
}

// changing are what differs from one run to the next.
var changing = []struct {
	pattern *regexp.Regexp
	word    string
}{
	{regexp.MustCompile(`\b[0-9A-F]{4}( [0-9A-F]{4}){9}\b`), "FINGERPRINT"},
	{regexp.MustCompile(`\d{1,2} [A-Z][a-z]+ 20\d\d(, \d\d:\d\d UTC)?`), "DAY"},
	{regexp.MustCompile(`(Group \d+: )[0-9A-F]{4}`), "${1}XXXX"},
}

func TestPeopleGoldens(t *testing.T) {
	t.Parallel()
	c := town(t)
	for _, p := range peoplePages {
		a := c.as(p.by).get(p.path)
		a.wants(t, http.StatusOK)
		text := shownText(t, a.body)
		for _, change := range changing {
			text = change.pattern.ReplaceAllString(text, change.word)
		}
		golden(t, filepath.Join("testdata", "people", p.name+".txt"), text)
	}
}

// shownText is what of a page's own part people read, a line for each block.
func shownText(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader("<main" + mainOf(page)))
	must(t, err)
	var lines []string
	blocks := regexp.MustCompile(`^(p|li|h1|h2|h3|tr|dt|dd|label|button|legend|summary|a|caption|option)$`)
	var b strings.Builder
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && (n.Data == "svg" || n.Data == "script") {
			return
		}
		block := n.Type == html.ElementNode && blocks.MatchString(n.Data)
		if block {
			b.WriteByte('\n')
		}
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		} else if n.Type == html.ElementNode && (n.Data == "td" || n.Data == "th" || n.Data == "span" || n.Data == "time") {
			b.WriteByte(' ')
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			walk(child)
		}
		if block {
			b.WriteByte('\n')
		}
	}
	walk(root)
	for _, line := range strings.Split(b.String(), "\n") {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (rewrite with -update):\n%s", path, diff)
	}
}

// TestPeopleSuitEverybody looks at each screen in a browser: nothing that somebody
// with a screen reader would trip over, nothing wider than the window.
func TestPeopleSuitEverybody(t *testing.T) {
	t.Parallel()
	c := town(t)
	preview := c.as("eve").roster("staff.csv", rosterCSV).to()
	refused := c.as("eve").roster("staff.csv", "employee_id,name,email\n8,,nobody\n").to()
	pages := append(peoplePages[:len(peoplePages):len(peoplePages)], []struct{ name, path, by string }{
		{"people-preview", preview, "eve"}, {"people-refused", refused, "eve"},
	}...)
	tab := c.tab("eve")
	for _, p := range pages {
		tab.Open(c.address(p.path))
		for scheme, window := range map[string]browsertest.Viewport{"light": browsertest.Phone, "dark": browsertest.Desktop} {
			tab.Size(window)
			tab.Scheme(scheme)
			tab.Overflow()
			tab.Axe()
			tab.Pictures(p.name + "-" + scheme)
		}
	}
}

// TestSlipsOfAPerson: every run, the newest first, a page at a time.
func TestSlipsOfAPerson(t *testing.T) {
	t.Parallel()
	c := town(t)
	c.exec(`insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
		select 'complete', to_char(make_date(2023, 1, 25) + make_interval(months => m), 'YYYY-MM'), make_date(2023, 1, 25) + make_interval(months => m), 'EUR',
			encode(sha256(convert_to('' || m, 'UTF8')), 'hex'), 'ada' from generate_series(1, 30) m`)
	c.exec(`insert into slips (id, run, employee, digest, state, hold, pin_email)
		select gen_random_uuid(), id, '1', file_sha256, case id when 30 then 'held' else 'accepted' end, case id when 30 then 'expired' else '' end, 'x' from runs`)
	c.exec(`insert into attempts (id, slip, worker, fingerprint, finished_at, outcome)
		select gen_random_uuid(), id, gen_random_uuid(), repeat('A', 40), now(), 'accepted' from slips where state = 'accepted'`)
	dia := c.as("dia")
	dia.get("/people/1").wants(t, http.StatusOK, `href="/runs/30/slips/1"`, "has expired", `href="/runs/7/slips/1"`, "…AAAAAAAAAAAAAAAA", "/people/1?before=7#slips")
	older := dia.get("/people/1?before=7")
	older.wants(t, http.StatusOK, `href="/runs/6/slips/1"`, `href="/runs/1/slips/1"`, "Newest slips")
	if strings.Contains(older.body, `href="/runs/7/slips/1"`) || strings.Contains(older.body, "Older slips") {
		t.Errorf("the second page is not the last:\n%s", mainOf(older.body))
	}
}

// TestCertificateThatEnds: one that has ended says when, one that will says that
// it does not last until the pay date.
func TestCertificateThatEnds(t *testing.T) {
	t.Parallel()
	vienna, err := time.LoadLocation("Europe/Vienna")
	must(t, err)
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, vienna)
	days := payroll.PayDays{Dates: []payroll.Date{{Year: 2026, Month: 11, Day: 27}}, Zone: vienna, Required: payroll.StepCertified}
	for ends, want := range map[time.Time]string{
		time.Date(2026, 10, 2, 22, 30, 0, 0, time.UTC): "Ended 3 October 2026",
		now:                  "Ended 20 November 2026",
		now.Add(time.Second): "Ends before payday",
		now.AddDate(0, 0, 8): "Ready",
	} {
		l := payroll.PersonLine{RosterStanding: payroll.RosterStanding{Fingerprint: "AA", Step: payroll.StepCertified, Standing: payroll.CertificateCurrent}, ExpiresAt: &ends}
		if chips := personChips(l, days, now); len(chips) != 1 || chips[0].Word != want {
			t.Errorf("ends %s: %v, want %s", ends, chips, want)
		}
	}
}
