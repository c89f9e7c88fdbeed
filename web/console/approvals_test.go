package console

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// payee is somebody of the two months of these tests.
type payee struct {
	number      payroll.EmployeeNumber
	name        string
	before, now int64 // minor units; 0: not paid then
	key         bool  // has a certificate
}

// payees have everything that a review shows, and names that try to be more.
var payees = []payee{
	{"1001", "Kiran Rao", 310000, 310000, true},
	{"1002", "Kiran Rao", 320000, 320000, true},
	{"1003", "Ana Lima", 250000, 410000, true},
	{"A/4 ..", `<script>alert("x")</script>`, 200000, 90000, false},
	{"1005", `=HYPERLINK("https://x.example","y")`, 280000, 280000, false},
	{"1006", "يوسف العلي", 0, 265000, false},
	{"1007", "Zoë Ångström-Öztürk-Papadopoulou", 300000, 0, false},
	{"1008", "李小龙", 290000, 290000, false},
}

var payeeKeys = sync.OnceValues(func() ([]keystore.Certificate, error) {
	var keys []keystore.Certificate
	for _, p := range payees {
		if !p.key {
			continue
		}
		passphrase := []byte("a passphrase of the tests")
		armored, err := keystore.NewSigner(keystore.SignerOptions{UserID: fmt.Sprintf("%s <%s@acme.example>", p.name, p.number), At: time.Now().Add(-time.Hour)}, passphrase)
		if err != nil {
			return nil, err
		}
		signer, err := keystore.OpenSigner(bytes.NewReader(armored), passphrase)
		if err != nil {
			return nil, err
		}
		keys = append(keys, signer.Certificate())
	}
	return keys, nil
})

// reviewedRun is a console with last month approved and this month submitted by ada.
type reviewedRun struct {
	*testConsole
	before, run payroll.RunID
}

func newReviewed(t testing.TB, change ...func(*Server)) *reviewedRun {
	t.Helper()
	o := &reviewedRun{testConsole: newConsole(t, change...)}
	var staff []payroll.Employee
	for _, p := range payees {
		staff = append(staff, payroll.Employee{Number: p.number, Name: p.name, Email: payroll.Address("p" + url.QueryEscape(string(p.number)) + "@acme.example"), Department: "Works"})
	}
	_, err := o.store.PutEmployees(t.Context(), staff, "test", "ada", false)
	must(t, err)
	keys, err := payeeKeys()
	must(t, err)
	for _, p := range payees {
		if p.key {
			o.certify(p.number, keys[0])
			keys = keys[1:]
		}
	}
	o.before = o.imported(payroll.Period{Year: 2026, Month: time.September}, func(p payee) int64 { return p.before })
	must(t, o.store.SubmitRun(t.Context(), o.before, "ada", false))
	must(t, o.store.ApproveRun(t.Context(), o.before, "bea", payroll.Approval{Letterhead: o.Letterhead().Digest()}))
	must(t, o.store.SendRun(t.Context(), o.before, "cem", time.Hour, 100))
	o.run = o.imported(payroll.Period{Year: 2026, Month: time.October}, func(p payee) int64 { return p.now })
	must(t, o.store.AcknowledgeKind(t.Context(), o.run, payroll.RemarkVariance, "ada", `a <b>bonus</b>, "agreed" '); drop table runs; --`))
	must(t, o.store.SubmitRun(t.Context(), o.run, "ada", false))
	o.exec(`update employees set email = 'moved@acme.example', email_by = '(employee)', email_changed_at = '2026-10-02 09:30' where number = '1003'`)
	return o
}

func (o *reviewedRun) certify(number payroll.EmployeeNumber, key keystore.Certificate) {
	o.t.Helper()
	o.exec(`insert into certificates (employee, fingerprint, content, step, standing, current_since) values ($1, $2, $3, 'certified', 'current', '2026-08-01')`,
		number, key.Fingerprint(), key.Bytes())
	o.exec(`insert into certificate_steps (certificate, step, at) select id, 'submitted', '2026-08-01' from certificates where employee = $1`, number)
}

func (o *reviewedRun) imported(period payroll.Period, net func(payee) int64) payroll.RunID {
	o.t.Helper()
	run := payroll.Run{Period: period, PayDate: period.Last(), Currency: "EUR", FileSHA256: payroll.Digest([]byte(period.String())), ImportedBy: "ada", Variance: 20}
	id, err := o.store.CreateRun(o.t.Context(), run, func(yield func(payroll.Slip, error) bool) {
		for _, p := range payees {
			gross := payroll.Money{Minor: net(p) * 3 / 2, Currency: "EUR"}
			slip := payroll.Slip{
				Employee: payroll.Employee{Number: p.number, Name: "A name that has letters", Email: "x@acme.example"}, Period: period, PayDate: run.PayDate,
				Currency: "EUR", Gross: &gross, Net: payroll.Money{Minor: net(p), Currency: "EUR"},
			}
			if net(p) != 0 && !yield(slip, nil) {
				return
			}
		}
	})
	must(o.t, err)
	return id
}

func (o *reviewedRun) inspection() payroll.Inspection {
	o.t.Helper()
	found, err := o.store.FreshInspection(o.t.Context(), o.run, o.Letterhead().Digest(), o.Policy.Freeze)
	must(o.t, err)
	return found
}

// openAll opens every slip of the sample.
func (o *reviewedRun) openAll(b *client) payroll.Inspection {
	o.t.Helper()
	found := o.inspection()
	for _, n := range found.Sample {
		b.get(samplePath(o.run, n)).wants(o.t, http.StatusOK, "/page.pdf")
		b.get(slipPath(o.run, n)).wants(o.t, http.StatusOK, "%PDF")
	}
	return found
}

func (o *reviewedRun) state() payroll.RunState {
	o.t.Helper()
	run, err := o.store.Run(o.t.Context(), o.run)
	must(o.t, err)
	return run.State
}

var (
	markup     = regexp.MustCompile(`(?s)<(script|style|svg).*?</(script|style|svg)>|<[^>]*>`)
	breaks     = regexp.MustCompile(`\s*\n\s*`)
	hashText   = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	keyText    = regexp.MustCompile(`\b([0-9A-F]{4} ?){10,16}\b`)
	momentText = regexp.MustCompile(`\b\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d [A-Z]{3,4}\b`)
)

// wordsOf is a page's text, without what is another every time.
func wordsOf(page string) string {
	text := html.UnescapeString(markup.ReplaceAllString(mainOf(page), "\n"))
	text = hashText.ReplaceAllString(text, "(hash)")
	text = keyText.ReplaceAllString(text, "(fingerprint)")
	text = momentText.ReplaceAllString(text, "(moment)")
	return strings.TrimSpace(breaks.ReplaceAllString(text, "\n")) + "\n"
}

func sameWords(t *testing.T, name, page string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	got := wordsOf(page)
	if *update {
		must(t, os.MkdirAll("testdata", 0o750))
		must(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-update rewrites it):\n%s", name, diff)
	}
}

// TestReviewSaysAll is the month from the inbox to the approval, as its pages say
// it.
func TestReviewSaysAll(t *testing.T) {
	t.Parallel()
	o := newReviewed(t)
	b := o.as("bea")
	a := b.get("/approvals")
	a.wants(t, http.StatusOK, runPath(o.run, "review"))
	sameWords(t, "approvals", a.body)
	a = b.get(runPath(o.run, "review"))
	a.wants(t, http.StatusOK, o.inspection().Manifest, `href="/approvals" aria-current="page"`)
	if strings.Contains(a.body, "<script>alert") || strings.Contains(a.body, "<b>bonus") {
		t.Error("a name or a note has become markup")
	}
	if !strings.Contains(a.body, `href="/runs/2/review/slips/A%2F4%20.."`) {
		t.Error("a number with a slash leads elsewhere")
	}
	// Whom chance draws is another every time; the rest of the sample is not.
	before, after, _ := strings.Cut(a.body, `<h2 id="sample">`)
	_, after, _ = strings.Cut(after, "</section>")
	sameWords(t, "review", before+after)
	for _, list := range reviewLists {
		b.get(runPath(o.run, "review", list.name)).wants(t, http.StatusOK, html.EscapeString(list.title))
	}
	b.get(runPath(o.run, "review", "nothing")).wants(t, http.StatusNotFound)
	b.get(samplePath(o.run, "A/4 ..")).wants(t, http.StatusOK, "&lt;script&gt;", "no certificate")
	b.get(samplePath(o.run, "1007")).wants(t, http.StatusNotFound) // is not in this run
	found := o.openAll(b)
	a = b.get(runPath(o.run, "review"))
	a.wants(t, http.StatusOK, "/approve?manifest="+found.Manifest)
	confirm := runPath(o.run, "approve")
	a = b.get(confirm + "?manifest=" + found.Manifest)
	a.wants(t, http.StatusOK, "Your second factor is asked for again", html.EscapeString(stepUpPath(confirm+"#"+found.Manifest)))
	if strings.Contains(a.body, `method="post" action="`+confirm) {
		t.Error("the form is there before the second factor")
	}
	b.get(confirm).leads(t, runPath(o.run, "review"))
	b.stepUp(confirm + "#" + found.Manifest)
	a = b.get(confirm)
	a.wants(t, http.StatusOK, `name="manifest" value="`+found.Manifest+`"`)
	sameWords(t, "approve", a.body)
	b.post(confirm, "manifest", found.Manifest).leads(t, runPath(o.run))
	b.get(confirm).wants(t, http.StatusConflict, "Not possible now")
	b.get(runPath(o.run, "review")).wants(t, http.StatusOK, "This run is approved")
	o.exec(`update employees set email = 'elsewhere@acme.example' where number = '1001'`)
	o.exec(`insert into audit (seq, at, who, act, subject, detail, previous, hash) select max(seq) + 1, now(), 'x', 'x', 'x', '{}', 'x', 'x' from audit`)
	b.get(runPath(o.run, "review")).wants(t, http.StatusOK, "Something changed since this run was approved")
}

// TestApproveWantsAll: the manifest that was shown, the sample opened, a second
// factor for that very manifest.
func TestApproveWantsAll(t *testing.T) {
	t.Parallel()
	o := newReviewed(t)
	b := o.as("bea")
	confirm := runPath(o.run, "approve")
	manifest := o.inspection().Manifest
	b.confirmed(confirm, "manifest", manifest).wants(t, http.StatusConflict, "open the slips of the sample first")
	b.get(confirm+"?manifest="+manifest).wants(t, http.StatusOK, "The sample is not opened")
	o.openAll(b)
	b.also().post(confirm, "manifest", strings.Repeat("0", 64)).leads(t, "/step-up")
	b.confirmed(confirm, "manifest", strings.Repeat("0", 64)).wants(t, http.StatusConflict, "something changed since you looked")
	b.confirmed(confirm).wants(t, http.StatusUnprocessableEntity, "name the hash")
	o.exec(`update employees set email = 'late@acme.example' where number = '1001'`)
	b.confirmed(confirm, "manifest", manifest).wants(t, http.StatusConflict, "something changed since you looked")
	must(t, o.store.RecordAudit(t.Context(), "audit.verify", "dia", nil)) // somebody did something
	b.get(confirm+"?manifest="+manifest).wants(t, http.StatusOK, "Something changed since you looked")
	if o.state() != payroll.RunSubmitted {
		t.Fatalf("the run is %s", o.state())
	}
	b.confirmed(confirm, "manifest", o.inspection().Manifest).leads(t, runPath(o.run))
}

func TestApproveNotBefore(t *testing.T) {
	t.Parallel()
	vienna, err := time.LoadLocation("Europe/Vienna")
	must(t, err)
	o := newReviewed(t, func(s *Server) { s.Company.Zone = vienna })
	b := o.as("bea")
	found := o.openAll(b)
	confirm := runPath(o.run, "approve")
	b.stepUp(confirm + "#" + found.Manifest)
	for _, wrong := range [][2]string{{"", "08:00"}, {"2026-02-31", "08:00"}, {"2020-01-01", "08:00"}, {"2999-01-01", "08:00"}, {"2026-12-01", "late"}, {"<b>", "\x00"}} {
		a := b.post(confirm, "manifest", found.Manifest, "day", wrong[0], "clock", wrong[1])
		a.wants(t, http.StatusUnprocessableEntity, "mistake")
	}
	day := time.Now().In(vienna).AddDate(0, 0, 3)
	b.post(confirm, "manifest", found.Manifest, "day", day.Format(time.DateOnly), "clock", "08:00").leads(t, runPath(o.run))
	words := day.Format("2 January 2006") + ", 08:00 (Europe/Vienna)"
	b.get("/approvals").wants(t, http.StatusOK, words)
	if err := o.store.SendRun(t.Context(), o.run, "cem", time.Hour, 10); err == nil || !strings.Contains(err.Error(), words) {
		t.Errorf("sent too early: %v", err)
	}
}

// TestOnlyASecondPerson: neither who uploaded nor who has no such role can decide,
// whatever page or form they send.
func TestOnlyASecondPerson(t *testing.T) {
	t.Parallel()
	o := newReviewed(t)
	o.exec(`update runs set imported_by = 'eve' where id = $1`, o.run) // who has every role
	manifest := o.inspection().Manifest
	eve := o.as("eve")
	o.openAll(eve)
	approve, reject := runPath(o.run, "approve"), runPath(o.run, "reject")
	for _, name := range []string{"eve", "ada", "cem", "dia"} {
		if name == "ada" { // who submitted it, and becomes an approver
			o.exec(`update admins set roles = array['maker', 'approver'] where name = 'ada'`)
		}
		for range 2 { // and by a second session
			b := o.as(name)
			b.get(approve+"?manifest="+manifest).wants(t, http.StatusForbidden, "Not allowed")
			b.confirmed(approve, "manifest", manifest).wants(t, http.StatusForbidden, "Not allowed")
			b.get(reject).wants(t, http.StatusForbidden, "Not allowed")
			b.post(reject, "reason", "mine").wants(t, http.StatusForbidden, "Not allowed")
		}
	}
	o.as("").get(runPath(o.run, "review")).leads(t, "/sign-in")
	eve.get("/approvals").wants(t, http.StatusOK, "Not you: you imported or submitted it")
	eve.get(runPath(o.run, "review")).wants(t, http.StatusOK, "a second person must decide it")
	if o.state() != payroll.RunSubmitted {
		t.Errorf("the run is %s", o.state())
	}
}

// TestTwoTabsAndFiftyPosts: one approves; the others are too late and keep their
// second factor.
func TestTwoTabsAndFiftyPosts(t *testing.T) {
	t.Parallel()
	o := newReviewed(t)
	tabs := []*client{o.as("bea"), o.as("bea")}
	found := o.openAll(tabs[0])
	confirm := runPath(o.run, "approve")
	for _, tab := range tabs {
		tab.stepUp(confirm + "#" + found.Manifest)
	}
	answers := make([]answer, 50)
	var all sync.WaitGroup
	for i := range answers {
		b := tabs[i%2].also()
		all.Go(func() { answers[i] = b.post(confirm, "manifest", found.Manifest) })
	}
	all.Wait()
	done := 0
	for _, a := range answers {
		switch {
		case a.status == http.StatusSeeOther && strings.HasPrefix(a.to(), runPath(o.run)+"?"):
			done++
		case a.status != http.StatusConflict || !strings.Contains(a.body, "Not possible now"):
			t.Errorf("one of fifty got %d to %q", a.status, a.to())
		}
	}
	var left int
	must(t, o.store.Pool().QueryRow(t.Context(), `select count(*) from step_ups`).Scan(&left))
	if done != 1 || left != 1 || o.state() != payroll.RunApproved {
		t.Errorf("%d of fifty approved, %d second factors are left, the run is %s", done, left, o.state())
	}
}

func TestRejectWithAReason(t *testing.T) {
	t.Parallel()
	o := newReviewed(t)
	b := o.as("bea")
	reject := runPath(o.run, "reject")
	b.get(reject).wants(t, http.StatusOK, "Reject this run")
	b.post(reject, "reason", " \n ").wants(t, http.StatusUnprocessableEntity, "Say why")
	b.post(reject, "reason", strings.Repeat("x", payroll.MostWords+1)).wants(t, http.StatusUnprocessableEntity, "longer than 500")
	b.post(reject, "reason", "because \u202e gnorw").wants(t, http.StatusUnprocessableEntity, "cannot be shown")
	const hostile = "=1+1 <img src=x onerror=alert(1)> gnorw"
	b.post(reject, "reason", hostile).leads(t, "/approvals")
	b.post(reject, "reason", "twice").wants(t, http.StatusConflict, "Not possible now")
	a := o.as("ada").get("/approvals")
	a.wants(t, http.StatusOK, "Your runs that were rejected", "1 &lt;img", "/runs/new")
	if strings.Contains(a.body, "<img") {
		t.Error("a reason has become markup")
	}
	o.imported(payroll.Period{Year: 2026, Month: time.October}, func(p payee) int64 { return p.now }) // again
}

// TestLetterheadBeside: another letterhead than last month's is said, and shown
// beside it where it is kept.
func TestLetterheadBeside(t *testing.T) {
	t.Parallel()
	o := newReviewed(t)
	b := o.as("bea")
	before := runPath(o.run, "review", "letterhead", "before.pdf")
	b.get(runPath(o.run, "review")).wants(t, http.StatusOK, "As in the run before")
	b.get(runPath(o.run, "review", "letterhead", "now.pdf")).wants(t, http.StatusOK, "%PDF")
	b.get(before).wants(t, http.StatusNotFound)
	b.get(runPath(o.run, "review", "letterhead", "x.pdf")).wants(t, http.StatusNotFound)
	old, err := o.Letterhead().Redrawn(letter.Company{Name: "ACME before", Address: []string{"Old Street 1"}})
	must(t, err)
	o.exec(`update runs set letterhead = $2 where id = $1`, o.before, old.Digest())
	b.get(runPath(o.run, "review")).wants(t, http.StatusOK, "Other than in the run before", "What it was is not kept")
	o.exec(`insert into settings (content, file_digest, proposed_by, confirmed_by) values ('{"company": {"name": "ACME before", "address": ["Old Street 1"]}, "sender": {}, "relay": {}}', '', 'cem', 'bea')`)
	b.get(runPath(o.run, "review")).wants(t, http.StatusOK, before)
	b.get(before).wants(t, http.StatusOK, "%PDF")
}

// TestApprovalsLook: what people see, in a real browser.
func TestApprovalsLook(t *testing.T) {
	t.Parallel()
	o := newReviewed(t)
	o.exec(`insert into alarms (kind, run, words) values ('changed_after_approval', $1, 'letterhead_changed')`, o.before)
	o.exec(`update slips set state = 'held', hold = 'change_freeze' where run = $1 and employee = '1003'`, o.before)
	o.exec(`insert into proposals (kind, subject, content, proposed_by) values ('admin_roles', 'dia', '{"roles": ["auditor", "operator"]}', 'cem')`)
	found := o.inspection()
	token := o.plant("bea")
	tab := browsertest.Start(t)
	tab.Cookie(o.Origin.String(), cookieName, token)
	look := func(name, path string) {
		t.Helper()
		tab.Open(o.address(path))
		tab.Axe()
		for _, v := range []browsertest.Viewport{browsertest.Phone, browsertest.Desktop} {
			tab.Size(v)
			tab.Overflow()
		}
		tab.Pictures(name)
		tab.Scheme("dark")
		tab.Picture(name + "-dark")
		tab.Axe()
		tab.Scheme("light")
	}
	look("approvals", "/approvals")
	look("review", runPath(o.run, "review"))
	look("review-list", runPath(o.run, "review", "variance"))
	look("sample", samplePath(o.run, "1003"))
	b := o.as("bea")
	o.openAll(b)
	look("review-opened", runPath(o.run, "review"))
	look("approve", runPath(o.run, "approve")+"?manifest="+found.Manifest)
	secret := payroll.HashToken(token)
	o.exec(`insert into step_ups (session, purpose) values ($1, $2)`, secret[:], runPath(o.run, "approve")+"#"+found.Manifest)
	look("approve-ready", runPath(o.run, "approve"))
	look("reject", runPath(o.run, "reject"))
}
