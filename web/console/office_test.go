package console

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// quietOffice is a console whose clock is a day in November 2026, with a schedule,
// holidays, runs and what goes wrong with them.
func quietOffice(t testing.TB) *testConsole {
	t.Helper()
	vienna, err := time.LoadLocation("Europe/Vienna")
	must(t, err)
	c := newConsole(t, func(s *Server) {
		s.Company.Zone = vienna
		s.Now = func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }
		s.Policy.Late = Late{After: time.Hour}
		s.Canary = "0000"
		s.Disk = func() (Disk, error) { return Disk{Free: 41_000_000_000, All: 120_000_000_000}, nil }
	})
	return c
}

// furnished is an office in which much is going on.
func furnished(t testing.TB) (*testConsole, payroll.RunID) {
	t.Helper()
	c := quietOffice(t)
	ctx := t.Context()
	staff := c.hire(6)
	for _, e := range []payroll.Employee{{Number: "7001", Name: "Ana Ilić", Email: "ana@acme.example"}, {Number: "7002", Name: "Bo <b>Berg</b>", Email: "bo@acme.example", OnPaper: true, PaperReason: "wants it"}} {
		_, err := c.store.PutEmployees(ctx, []payroll.Employee{e}, "test", "ada", false)
		must(t, err)
	}
	monthly, err := payroll.ParseMonthlyRule("25", "before", "09:00", "Europe/Vienna")
	must(t, err)
	must(t, c.store.CreateRule(ctx, payroll.ScheduleRule{Name: "payday", Action: payroll.ActionSend, Monthly: monthly}, "bea"))
	days, err := payroll.ParseHolidays("2026-12-25 Christmas Day\n2026-12-26 Boxing Day\n2026-12-24 The day <i>before</i>\n2027-01-01 New Year\n")
	must(t, err)
	_, err = c.store.PutHolidays(ctx, days, "cem")
	must(t, err)
	sending := c.approved(payroll.Run{}, slipsOfStaff(staff)...)
	must(t, c.store.SendRun(ctx, sending, "cem", c.Policy.GiveUp, 100))
	for i, state := range []payroll.SlipState{payroll.SlipAccepted, payroll.SlipAccepted, payroll.SlipUnsure, payroll.SlipRefused} {
		c.setSlip(sending, staff[i].Number, state, "")
	}
	c.exec(`insert into attempts (id, slip, worker, fingerprint, begun_at, finished_at, outcome) select gen_random_uuid(), id, gen_random_uuid(), '', now(), now(), 'accepted' from slips where state = 'accepted'`)
	must(t, c.store.SubmitRun(ctx, c.draft(payroll.Run{Supplement: true}, slipOf(staff[1].Employee, 500)), "ada", false))
	c.draft(payroll.Run{Supplement: true}, slipOf(staff[2].Employee, 900))
	must(t, c.store.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmLatePayday, Words: "payday 2026-10: no approved run"}))
	must(t, c.store.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmCanary, Words: payroll.CanaryRefused}))
	must(t, c.store.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmChanged, Run: sending, Words: "address_changed"}))
	must(t, c.store.PutRetention(ctx, payroll.Retention{Country: "AT", Months: 84, Law: "BAO § 132"}, "as the law says", "cem"))
	must(t, c.store.PutRetention(ctx, payroll.Retention{Months: 120}, "to be sure", "bea"))
	old := c.draft(payroll.Run{Supplement: true}, slipOf(staff[0].Employee, 1))
	must(t, c.store.VoidRun(ctx, old, "ada", "another file"))
	c.exec(`update runs set pay_date = '2016-11-24', shred_on = '2026-11-25' where id = $1`, old)
	must(t, c.store.CreateCanary(ctx, "0000"))
	must(t, c.store.Beat(ctx, "11111111-1111-4111-8111-111111111111", "worker-a.acme.example"))
	must(t, c.store.Beat(ctx, "22222222-2222-4222-8222-222222222222", "worker-b.acme.example"))
	c.exec(`update workers set seen_at = seen_at - interval '3 minutes' where host like 'worker-b%'`)
	c.exec(`update workers set seen_at = seen_at + interval '1 hour' where host like 'worker-a%'`) // however slow the test is
	c.exec(`insert into schedule_due (rule, period, due_at, state, note, done_at) select id, '2026-10', '2026-10-23 07:00Z', 'done', 'no approved run', '2026-10-23 07:00:03Z' from schedule_rules`)
	return c, sending
}

var (
	aMoment = regexp.MustCompile(`\d{1,2} [A-Z][a-z]+ 20\d\d, \d\d:\d\d (UTC|CET|CEST)`)
	aPrint  = regexp.MustCompile(`([0-9A-F]{4} ?){10}`)
	aSize   = regexp.MustCompile(`[\d,]+ (kB|MB)`)
)

// TestOfficeGoldens holds what these pages say.
func TestOfficeGoldens(t *testing.T) {
	t.Parallel()
	c, _ := furnished(t)
	for name, path := range map[string]string{
		"home-ada": "/", "home-bea": "/", "home-cem": "/", "home-dia": "/", "schedules-bea": "/schedules", "schedules-dia": "/schedules",
		"holidays-cem": "/schedules/holidays?year=2026", "holidays-ada": "/schedules/holidays?year=2027", "alarms-bea": "/alarms",
		"retention-bea": "/settings/retention", "retention-dia": "/settings/retention",
	} {
		_, who, _ := strings.Cut(name, "-")
		a := c.as(who).get(path)
		a.wants(t, http.StatusOK)
		golden(t, filepath.Join("testdata", "office", name+".txt"), aMoment.ReplaceAllString(shownText(t, a.body), "MOMENT"))
	}
}

// TestOfficeInTheBrowser: every page fits phones and desktops, by day and night,
// and axe finds nothing.
func TestOfficeInTheBrowser(t *testing.T) {
	t.Parallel()
	c, _ := furnished(t)
	tab := c.tab("eve")
	for name, path := range map[string]string{
		"home": "/", "alarms": "/alarms", "alarm": "/alarms/1/settle", "schedules": "/schedules", "schedule-new": "/schedules/new",
		"holidays": "/schedules/holidays?year=2026", "audit": "/audit", "audit-entry": "/audit/12", "audit-verify": "/audit/verify", "audit-export": "/audit/export",
		"health": "/health", "retention": "/settings/retention", "retention-set": "/settings/retention/set?country=AT",
	} {
		tab.Open(c.address(path))
		for _, v := range []browsertest.Viewport{browsertest.Phone, browsertest.Desktop} {
			tab.Size(v)
			tab.Overflow()
			tab.Picture("office-" + name + "-" + v.Name)
		}
		tab.Axe()
		tab.Scheme("dark")
		tab.Axe()
		tab.Picture("office-" + name + "-dark")
		tab.Scheme("light")
	}
	tab.Open(c.address("/audit/verify"))
	tab.Click("main form button")
	tab.See("main", "the chain is whole")
	tab.Axe()
	tab.Picture("office-audit-walked")
}

func TestANewConsoleShowsTheFirstSteps(t *testing.T) {
	t.Parallel()
	c := quietOffice(t)
	a := c.as("ada").get("/")
	a.wants(t, http.StatusOK, "What comes first", `href="/people/import"`, "Nobody is in the roster yet", "No pay date is planned", "This console is new")
	if a := c.as("dia").get("/"); strings.Contains(a.body, `href="/people/import"`) {
		t.Error("an auditor is led to an import")
	}
	c.draft(payroll.Run{}, slipOf(c.hire(1)[0].Employee, 1))
	if a := c.as("ada").get("/"); strings.Contains(a.body, "What comes first") {
		t.Error("there is a run, and the first steps are still shown")
	}
}

func TestNavigationCounts(t *testing.T) {
	t.Parallel()
	c, _ := furnished(t)
	counted := regexp.MustCompile(`(?s)Approvals <span class="count">1<span`)
	if a := c.as("bea").get("/"); !counted.MatchString(a.body) {
		t.Error("an approver does not see that a run waits")
	}
	if a := c.as("ada").get("/"); counted.MatchString(a.body) {
		t.Error("a maker's own run waits for the maker")
	}
	if a := c.as("cem").get("/"); !regexp.MustCompile(`(?s)Home <span class="count">3<span`).MatchString(a.body) {
		t.Errorf("an operator does not see three alarms")
	}
}

func TestSettleAnAlarm(t *testing.T) {
	t.Parallel()
	c, _ := furnished(t)
	b := c.as("bea")
	b.get("/alarms/1/settle").wants(t, http.StatusOK, "Settle an alarm")
	b.post("/alarms/1/settle", "note", "  ").wants(t, http.StatusUnprocessableEntity, "Say what you found")
	b.post("/alarms/1/settle", "note", "the bank was closed\r\nand <i>so</i>").leads(t, "/")
	b.post("/alarms/1/settle", "note", "again").wants(t, http.StatusNotFound)
	b.get("/alarms").wants(t, http.StatusOK, "the bank was closed and &lt;i&gt;so&lt;/i&gt;")
	c.as("ada").post("/alarms/2/settle", "note", "x").wants(t, http.StatusForbidden)
	c.as("dia").get("/alarms/2/settle").wants(t, http.StatusForbidden)
}

func TestSchedulesAndHolidays(t *testing.T) {
	t.Parallel()
	c := quietOffice(t)
	b := c.as("cem")
	b.get("/schedules").wants(t, http.StatusOK, "No schedule yet", "never sent", "within 60 minutes")
	b.get("/schedules/new").wants(t, http.StatusOK, "Europe/Vienna")
	rule := []string{"name", "payday", "action", "send", "day", "last-working-day", "shift", "before", "at", "09:00", "zone", "Europe/Vienna"}
	wrong := append([]string{}, rule...)
	wrong[11] = "local"
	b.post("/schedules/new", wrong...).wants(t, http.StatusUnprocessableEntity, "Name the time zone")
	b.post("/schedules/new", rule...).leads(t, "/schedules")
	b.post("/schedules/new", rule...).wants(t, http.StatusUnprocessableEntity, "There is a schedule of this name")
	b.get("/schedules").wants(t, http.StatusOK, "The last working day", "Europe/Vienna")

	b.post("/schedules/holidays", "days", "2026-12-31 Silvester\n2026-12-31 twice").wants(t, http.StatusUnprocessableEntity, "stands in line 1 already", "Silvester")
	b.post("/schedules/holidays", "days", "christmas").wants(t, http.StatusUnprocessableEntity, "A line is a date and a name")
	b.post("/schedules/holidays", "days", "2027-12-31 Silvester\r\n\r\n# 2027\r\n2027-12-30 <b>Eve</b>").leads(t, "/schedules/holidays")
	b.get("/schedules/holidays?year=2027").wants(t, http.StatusOK, "Silvester", "&lt;b&gt;Eve&lt;/b&gt;")
	must(t, c.store.RemoveRule(t.Context(), "payday", "cem"))
	b.post("/schedules/new", rule...).leads(t, "/schedules")
	b.post("/schedules/holidays/remove", "day", "2027-12-30").leads(t, "/schedules/holidays")
	b.post("/schedules/holidays/remove", "day", "2027-12-30").wants(t, http.StatusNotFound)
	b.get("/schedules/payday/remove").wants(t, http.StatusOK, "Remove payday")
	b.post("/schedules/payday/remove").leads(t, "/schedules")
	b.post("/schedules/payday/remove").wants(t, http.StatusNotFound)
	for _, who := range []string{"ada", "dia"} {
		c.as(who).post("/schedules/holidays", "days", "2027-05-01 x").wants(t, http.StatusForbidden)
		c.as(who).get("/schedules/new").wants(t, http.StatusForbidden)
		c.as(who).get("/schedules").wants(t, http.StatusOK)
	}
}

func TestAuditIsSearched(t *testing.T) {
	t.Parallel()
	c, run := furnished(t)
	b := c.as("dia")
	all := b.get("/audit")
	all.wants(t, http.StatusOK, "run.approve", "Europe/Vienna")
	lines := func(path string) int {
		a := b.get(path)
		a.wants(t, http.StatusOK)
		return strings.Count(a.body, `href="/audit/`) - strings.Count(a.body, `href="/audit/verify"`) - strings.Count(a.body, `href="/audit/export"`)
	}
	if n := lines("/audit?act=run.approve"); n != 1 {
		t.Errorf("%d approvals, want 1", n)
	}
	if n := lines("/audit?act=run.approve&who=ada"); n != 0 {
		t.Errorf("ada approved %d times", n)
	}
	exact, prefix := lines(fmt.Sprintf("/audit?subject=run+%d", run)), lines("/audit?match=begins&subject=run+")
	if exact == 0 || prefix <= exact {
		t.Errorf("%d entries about the run, %d about all runs", exact, prefix)
	}
	if n := lines("/audit?from=2001-01-01&until=2001-12-31"); n != 0 {
		t.Errorf("%d entries of 2001", n)
	}
	today := time.Now().Format(time.DateOnly)
	if n := lines("/audit?act=run.approve&from=" + time.Now().AddDate(0, 0, -1).Format(time.DateOnly) + "&until=" + time.Now().AddDate(0, 0, 1).Format(time.DateOnly)); n != 1 {
		t.Errorf("%d approvals about %s", n, today)
	}
	for range 60 {
		must(t, c.store.RecordAudit(t.Context(), "audit.verify", "dia", nil))
	}
	first := b.get("/audit?act=audit.verify")
	next := regexp.MustCompile(`href="(/audit\?act=audit.verify&amp;before=\d+)"`).FindStringSubmatch(first.body)
	if next == nil {
		t.Fatal("no older page")
	}
	if n := lines(strings.ReplaceAll(next[1], "&amp;", "&")); n != 10 {
		t.Errorf("%d on the second page, want 10", n)
	}
	b.get("/audit?before=x").wants(t, http.StatusNotFound)
	b.get("/audit?from=x").wants(t, http.StatusUnprocessableEntity)
	b.get("/audit/1").wants(t, http.StatusOK, "Fits what stands here", "admins.add")
	b.get("/audit/99999").wants(t, http.StatusNotFound)
	c.as("ada").get("/audit").wants(t, http.StatusForbidden)
}

func TestAuditIsVerified(t *testing.T) {
	t.Parallel()
	c, _ := furnished(t)
	b := c.as("dia")
	head, err := c.store.LastAuditEntry(t.Context())
	must(t, err)
	b.post("/audit/verify", "known", head.Hash).wants(t, http.StatusOK, "the chain is whole", "Back to the log")
	b.post("/audit/verify", "known", strings.Repeat("0", 64)).wants(t, http.StatusOK, "is broken", "not in the log")
	b.post("/audit/verify", "known", "zz").wants(t, http.StatusUnprocessableEntity, "64 hexadecimal digits")
	must(t, c.store.PutAuditHead(t.Context(), head))
	b.post("/audit/verify").wants(t, http.StatusOK, "the chain is whole")
	c.exec(`alter table audit disable trigger audit_is_append_only`)
	c.exec(`update audit set who = 'nobody' where seq = 7`)
	b.post("/audit/verify").wants(t, http.StatusOK, "is broken at entry 7", "An alarm is raised")
	b.get("/audit/7").wants(t, http.StatusOK, "Does not fit")
	c.as("bea").get("/").wants(t, http.StatusOK, "The audit log is not what it was", "audit entry 7 was changed")
	b.confirmed("/audit/export").wants(t, http.StatusConflict, "signs no broken log")
}

// TestALongWalkSaysHowFarItIs looks at what is painted of thirty thousand entries.
func TestALongWalkSaysHowFarItIs(t *testing.T) {
	t.Parallel()
	var w recorded
	p := &painter{w: &w, rest: []byte("rest")}
	far := p.far(30_000)
	for seq := range int64(30_000) {
		far(seq + 1)
	}
	must(t, p.end("verdict", nil))
	if n := strings.Count(w.String(), "<progress"); n != 6 || !strings.HasSuffix(w.String(), "verdictrest") {
		t.Errorf("painted %d times:\n%s", n, w.String())
	}
}

// recorded is an answer that can neither be flushed nor be late.
type recorded struct{ bytes.Buffer }

func (*recorded) Header() http.Header { return http.Header{} }
func (*recorded) WriteHeader(int)     {}

func TestAuditExport(t *testing.T) {
	t.Parallel()
	c, _ := furnished(t)
	b := c.as("dia")
	if a := b.post("/audit/export"); !strings.HasPrefix(a.to(), "/step-up") {
		t.Fatalf("status %d to %q without a fresh factor", a.status, a.to())
	}
	a := b.confirmed("/audit/export")
	a.wants(t, http.StatusOK)
	archive, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	must(t, err)
	content := map[string][]byte{}
	for _, f := range archive.File {
		r, err := f.Open()
		must(t, err)
		content[f.Name], err = io.ReadAll(r)
		must(t, err)
	}
	lines := bytes.Split(bytes.TrimSpace(content["audit.jsonl"]), []byte("\n"))
	if last := string(lines[len(lines)-1]); !strings.Contains(last, "audit.export") || !strings.Contains(last, `"from":"console 127.0.0.1"`) {
		t.Errorf("the export does not say that it was taken: %s", last)
	}
	must(t, signedBy(content["audit.jsonl"], content["audit.jsonl.asc"], c.Signer.Certificate()))
	if a := b.confirmed("/audit/export", "from", "2100-01-01"); a.status != http.StatusOK {
		t.Errorf("status %d for nothing at all", a.status)
	}
}

func signedBy(content, signature []byte, by keystore.Certificate) error {
	_, err := keystore.VerifyDetached(content, signature, []keystore.Certificate{by})
	return err
}

func TestHealth(t *testing.T) {
	t.Parallel()
	c, run := furnished(t)
	a := c.as("cem").get("/health")
	a.wants(t, http.StatusOK, "worker-a.acme.example", "Silent", "Waits to be sent", "Up to date", "41 GB free", fmt.Sprintf("/runs/%d/slips?state=unsure", run))
	text := aSize.ReplaceAllString(aMoment.ReplaceAllString(aPrint.ReplaceAllString(shownText(t, a.body), "PRINT"), "MOMENT"), "SIZE")
	for _, volatile := range []string{`Postgres\s+[\d.]+( \(.*\))?`, `\d+ of \d+`, `\d+ hours?( ago)?`, `[\dhms.]+ apart`} {
		text = regexp.MustCompile(volatile).ReplaceAllString(text, "SOME")
	}
	golden(t, filepath.Join("testdata", "office", "health-cem.txt"), text)
	c.as("bea").get("/health").wants(t, http.StatusForbidden)
	c.as("ada").get("/health").wants(t, http.StatusForbidden)
}

func TestRetentionTable(t *testing.T) {
	t.Parallel()
	c := quietOffice(t)
	b := c.as("bea")
	b.get("/settings/retention").wants(t, http.StatusOK, "Nothing is ever destroyed")
	b.post("/settings/retention/set", "country", "aut", "months", "84", "reason", "law").wants(t, http.StatusUnprocessableEntity, "two capital letters")
	b.post("/settings/retention/set", "country", "at", "months", "0", "reason", "law").wants(t, http.StatusUnprocessableEntity, "1 to 600")
	b.post("/settings/retention/set", "country", "at", "months", "84", "reason", " ").wants(t, http.StatusUnprocessableEntity, "Say why")
	b.post("/settings/retention/set", "country", "at", "months", "84", "law", "BAO <132>", "reason", "law").leads(t, "/settings/retention")
	b.get("/settings/retention").wants(t, http.StatusOK, "BAO &lt;132&gt;", "7 years", "no row for everybody else")
	b.get("/settings/retention/set?country=AT").wants(t, http.StatusOK, `value="84"`)
	b.post("/settings/retention/remove", "country", "AT", "reason", "").wants(t, http.StatusUnprocessableEntity, "Say why")
	b.post("/settings/retention/remove", "country", "AT", "reason", "moved").leads(t, "/settings/retention")
	b.post("/settings/retention/remove", "country", "AT", "reason", "moved").wants(t, http.StatusNotFound)
	c.as("ada").post("/settings/retention/set", "country", "DE", "months", "1", "reason", "x").wants(t, http.StatusForbidden)
	c.as("dia").get("/audit?act=retention.set").wants(t, http.StatusOK, "reason: law")
}
