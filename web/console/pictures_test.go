package console

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

// TestPicturesOfTheGuides takes the pictures of docs/guide-hr.md and
// docs/guide-approver.md: a month of a made-up company, from the roster to the
// report. It runs only when it is told where to put them:
//
//	make pictures
func TestPicturesOfTheGuides(t *testing.T) {
	if os.Getenv("PAYSEAL_PICTURES") == "" {
		t.Skip("no folder for pictures is named")
	}
	t.Parallel()
	a := newAlbum(t)
	a.people()
	a.newRun()
	a.approval()
	a.payday()
	a.office()
	a.accounts()
}

// album is the company in the pictures, on the Tuesday before its payday.
type album struct {
	*testConsole
	tab    *browsertest.Tab
	staff  []payroll.Employee
	today  *atomic.Bool // the console's clock tells the time, for the page that compares clocks
	who    string       // whose visit the browser is in
	cookie string       // of that visit
	pay    string       // the payroll file of October
}

// The people at the console, as they are called in the pictures.
var albumNames = map[string]string{"ada": "Ada Novak", "bea": "Bea Okafor", "cem": "Cem Yıldız", "dia": "Dia Laurent", "eve": "Eve Holm"}

func newAlbum(t *testing.T) *album {
	t.Helper()
	vienna, err := time.LoadLocation("Europe/Vienna")
	must(t, err)
	begun, today := time.Now(), new(atomic.Bool)
	c := newSettled(t, func(s *Server) {
		s.Company = Company{Name: "ACME", Color: "#7a1f3d", Language: "en", Zone: vienna}
		s.Now = func() time.Time {
			if today.Load() {
				return time.Now()
			}
			return time.Date(2026, 11, 24, 8, 12, 0, 0, time.UTC).Add(time.Since(begun))
		}
		s.Policy.Late = Late{After: time.Hour}
		s.Policy.Freeze = payroll.Freeze{Days: 3, Zone: vienna}
		s.Canary = "0051"
		s.Notices = someNotices
		s.Disk = func() (Disk, error) { return Disk{Free: 41_000_000_000, All: 120_000_000_000}, nil }
		paper, err := letter.NewLetterhead(letter.Company{
			Name: "ACME", Address: []string{"12 Harbour Road", "1010 Vienna"}, Color: "#7a1f3d", Contact: "payroll@acme.example", KeyFingerprint: s.Signer.Certificate().Fingerprint(),
		}, nil)
		must(t, err)
		s.Letterhead = func() *letter.Letterhead { return paper }
	})
	a := &album{testConsole: c, tab: browsertest.Start(t), today: today}
	for name, words := range albumNames {
		a.exec(`update admins set display_name = $2, enrolled_at = '2026-01-12 08:00Z' where name = $1`, name, words)
	}
	a.hireEverybody()
	a.october()
	return a
}

// someNotices are the first two mails that employees get.
func someNotices(language string) ([]NoticeText, error) {
	company := mailer.Company{Name: "ACME", Contact: "payroll@acme.example", Origin: "https://payroll.acme.example", Language: "en"}
	var texts []NoticeText
	for _, n := range []struct {
		kind  string
		write func(language, token string, until time.Time) (mailer.Notice, error)
	}{{"Invitation", company.Invitation}, {"Fresh link", company.FreshLink}} {
		written, err := n.write(language, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", time.Date(2026, 12, 1, 8, 12, 0, 0, time.UTC))
		if err != nil {
			return nil, err
		}
		texts = append(texts, NoticeText{Kind: n.kind, Subject: written.Subject(), Text: strings.TrimSpace(written.Text())})
	}
	return texts, nil
}

// drawn reports whether the built-in face has the name's letters.
func drawn(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool {
		return r > 0x24f && (r < 0x370 || r > 0x4ff) && r != '’'
	})
}

// rows are those of a file of the demo's whose names can be drawn.
func rows(t testing.TB, content []byte) [][]string {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	must(t, err)
	kept := all[:1]
	for _, row := range all[1:] {
		if drawn(row[1]) && row[0] != "Total" {
			kept = append(kept, row)
		}
	}
	return kept
}

func written(t testing.TB, rows [][]string) string {
	t.Helper()
	var b bytes.Buffer
	must(t, csv.NewWriter(&b).WriteAll(rows))
	return b.String()
}

// hireEverybody puts the company into the roster; all but three are ready.
func (a *album) hireEverybody() {
	a.t.Helper()
	t := a.t
	people, pay, err := demo.Files(25, func(string) bool { return true })
	must(t, err)
	a.pay = written(t, rows(t, pay))
	for _, row := range rows(t, people)[1:] {
		a.staff = append(a.staff, payroll.Employee{
			Number: payroll.EmployeeNumber(row[0]), Name: row[1], Email: payroll.Address(row[2]), Phone: row[3], Language: row[4],
			Department: row[5], Designation: row[6], Country: row[9],
		})
	}
	a.settle(a.staff...)
	for i, e := range a.staff {
		switch i {
		case 1, 4: // wait for a call
			a.climb(e, a.key(e), payroll.StepDecryptionProven)
		case 6: // nothing yet
		default:
			a.certify(e, a.key(e))
		}
	}
	a.exec(`update employees set created_at = '2026-01-12 09:00Z', updated_at = '2026-01-12 09:00Z'`)
	a.exec(`update notices set state = 'sent', created_at = '2026-01-20 10:00Z', sent_at = '2026-01-20 10:00:02Z'`)
	_, err = a.store.InviteEmployees(t.Context(), []payroll.EmployeeNumber{a.staff[6].Number}, "ada")
	must(t, err)
}

// key is a certificate that is as old as the company's enrolment.
func (a *album) key(e payroll.Employee) keystore.Certificate {
	a.t.Helper()
	passphrase := []byte("a passphrase of the pictures")
	armored, err := keystore.NewSigner(keystore.SignerOptions{
		UserID: fmt.Sprintf("%s <%s>", strings.ReplaceAll(e.Name, ",", ""), e.Email), At: time.Date(2026, 1, 14, 9, 0, 0, 0, time.UTC), Lifetime: 3 * 365 * 24 * time.Hour,
	}, passphrase)
	must(a.t, err)
	signer, err := keystore.OpenSigner(bytes.NewReader(armored), passphrase)
	must(a.t, err)
	return signer.Certificate()
}

// certify enrols an employee, long ago.
func (a *album) certify(e payroll.Employee, key keystore.Certificate) {
	a.t.Helper()
	a.climb(e, key, payroll.StepCertified)
	a.exec(`update certificates set current_since = '2026-01-20 10:00Z' where employee = $1`, e.Number)
	a.exec(`update certificate_steps set at = '2026-01-20 10:00Z' where certificate in (select id from certificates where employee = $1)`, e.Number)
}

// october is last month's run, which is complete. Who joins now was not in it.
func (a *album) october() {
	a.t.Helper()
	all := strings.SplitAfter(strings.TrimSuffix(a.pay, "\n"), "\n")
	ada := a.as("ada")
	check := ada.draft(a.put(strings.Join(all[:len(all)-1], ""), `{"period":"2026-10","pay_date":"2026-10-30","currency":"EUR","source":"Vienna"}`))
	ada.post(check+"/acknowledge", "kind", "twin", "all", "yes", "note", "two people, I know them both").leads(a.t, check)
	ada.post(check+"/submit").leads(a.t, check)
	must(a.t, a.store.ApproveRun(a.t.Context(), 1, "bea", payroll.Approval{Letterhead: a.Letterhead().Digest()}))
	must(a.t, a.store.SendRun(a.t.Context(), 1, "cem", a.Policy.GiveUp, 100))
	a.exec(`update slips set state = 'accepted' where run = 1`)
	a.exec(`update runs set state = 'complete' where id = 1`)
	a.exec(`insert into attempts (id, slip, worker, fingerprint, begun_at, finished_at, outcome, phase, code, reply)
		select gen_random_uuid(), id, gen_random_uuid(), pin_fingerprint, '2026-10-30 08:00Z', '2026-10-30 08:00:01Z', 'accepted', 'dot', 250, '2.0.0 queued' from slips where run = 1`)
}

// november is this month's file: somebody has a bonus, somebody is missing,
// somebody is new.
func (a *album) november() string {
	var kept []string
	for _, line := range strings.Split(strings.ReplaceAll(a.pay, "2026-10", "2026-11"), "\n") {
		switch number, _, _ := strings.Cut(line, ","); number {
		case "0054": // on leave
		case "0052":
			line = strings.Replace(line, ",7600.00,2698.76,4901.24,7600.00,,,", ",10000.00,2698.76,7301.24,7600.00,,2400.00,", 1)
			fallthrough
		default:
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// visit makes the browser somebody's.
func (a *album) visit(name string) {
	if a.who == name {
		return
	}
	a.who = name
	a.cookie = a.plant(name)
	a.tab.Cookie(a.Origin.String(), cookieName, a.cookie)
}

// take opens a page as somebody and takes its two pictures.
func (a *album) take(name, who, path string) {
	a.t.Helper()
	a.visit(who)
	a.tab.Open(a.address(path))
	var status int
	a.tab.Value(`performance.getEntriesByType("navigation")[0].responseStatus`, &status)
	if status != http.StatusOK {
		a.t.Errorf("the picture %s is of an answer %d", name, status)
	}
	a.shoot(name)
}

// shoot takes the page as it is. What the database has stamped with the moment of
// the picture is shown as that Tuesday morning, so that pictures change when pages
// do.
func (a *album) shoot(name string) {
	a.t.Helper()
	a.tab.Until(`!document.querySelector("[data-poll]")`)
	for _, v := range []browsertest.Viewport{browsertest.Phone, browsertest.Desktop} {
		a.tab.Size(v)
		if a.has("iframe.slip") { // a viewer paints only what is in the window, and a frame grows with it
			a.tab.Value(`(() => { for (const f of document.querySelectorAll("iframe.slip")) f.style.height = f.clientHeight + "px"
				return document.documentElement.scrollHeight })()`, &v.Height)
			a.tab.Size(v)
		}
		a.tab.Value(thatMorning, new(bool))
		a.tab.Picture("console-" + name + "-" + v.Name)
		for tries := 0; tries < 60 && !a.painted("console-"+name+"-"+v.Name); tries++ {
			a.tab.Picture("console-" + name + "-" + v.Name)
		}
	}
}

func (a *album) has(selector string) (there bool) {
	a.t.Helper()
	a.tab.Value(`document.querySelector("`+selector+`") !== null`, &there)
	return there
}

// painted reports whether the slip that the picture shows, if any, is there: a
// browser's viewer paints it when it likes, on a dark ground.
func (a *album) painted(name string) bool {
	a.t.Helper()
	var at []int
	a.tab.Value(`[...document.querySelectorAll("iframe.slip")].flatMap(f => { const r = f.getBoundingClientRect(); return [r.x + r.width / 2, r.y + scrollY + r.height * 0.9].map(Math.round) })`, &at)
	if len(at) == 0 {
		return true
	}
	file, err := os.Open(filepath.Join(os.Getenv("PAYSEAL_PICTURES"), name+".png"))
	must(a.t, err)
	defer file.Close()
	picture, err := png.Decode(file)
	must(a.t, err)
	_, green, _, _ := picture.At(at[0], at[1]).RGBA()
	return green > 0x8000
}

const thatMorning = `(() => {
	document.documentElement.style.setProperty("--shade", "none") // few colours draw no shadow well
	const words = at => at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/Vienna" })
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
	for (let node; node = walk.nextNode();)
		for (const days of [-1, 0, 1])
			node.data = node.data.replaceAll(new RegExp(words(new Date(Date.now() + days * 86400e3)) + "(, \\d\\d:\\d\\d)?", "g"), (_, clock) => clock ? "24 November 2026, 09:12" : "24 November 2026")
	return true
})()`

func (a *album) people() {
	a.exec(`insert into schedule_rules (name, action, day, shift, clock, zone) values ('payday', 'send', 27, 'before', '09:00', 'Europe/Vienna')`)
	a.take("people", "ada", "/people")
	a.take("person", "ada", "/people/"+string(a.staff[0].Number))
	a.take("invite", "ada", "/people/invite")
	roster := "employee_id,name,email,phone,language,department,designation,country\n" +
		"0061,Lena Fischer,lena.fischer@acme.example,+43 1 555 0161,de,Sales,Account manager,AT\n" +
		"0007,Kiran Rao,kiran.rao@acme.example,+353 1 555 0199,en,Engineering,Lead engineer,IE\n"
	answer := a.as("ada").sendCorrection("/people/import", "", "roster.csv", roster)
	a.take("import", "ada", answer.to())
	a.take("calls", "cem", "/calls")
	a.take("call", "cem", "/calls/"+string(a.staff[1].Number))
}

func (a *album) newRun() {
	a.take("new-run", "ada", "/runs/new")
	broken := strings.Replace(a.november(), "\n0011,", "\n1100,", 1)
	a.take("findings", "ada", a.upload(broken))
	upload := a.upload(a.november())
	a.take("upload", "ada", upload)
	check := a.as("ada").draft(upload)
	a.take("check", "ada", check)
	a.take("preview", "ada", check+"?slip="+string(a.staff[0].Number))
	for _, kind := range []string{"variance", "joiner", "missing"} {
		a.as("ada").post(check+"/acknowledge", "kind", kind, "all", "yes", "note", "compared with the contract").leads(a.t, check)
	}
	a.as("ada").post(check+"/submit").leads(a.t, check)
}

// upload is where the page of this month's file is.
func (a *album) upload(content string) (path string) {
	a.t.Helper()
	path = a.put(content, `{"period":"2026-11","pay_date":"2026-11-27","currency":"EUR","source":"Vienna"}`)
	a.exec(`update uploads set name = 'november-2026.csv'`)
	return path
}

func (a *album) approval() {
	bea := a.as("bea")
	a.take("approvals", "bea", "/approvals")
	a.take("review", "bea", "/runs/2/review")
	a.take("review-list", "bea", "/runs/2/review/variance")
	found, err := a.store.FreshInspection(a.t.Context(), 2, a.Letterhead().Digest(), a.Policy.Freeze)
	must(a.t, err)
	a.take("sample", "bea", samplePath(2, found.Sample[0]))
	for _, number := range found.Sample {
		bea.get(samplePath(2, number)).wants(a.t, http.StatusOK)
		bea.get(slipPath(2, number)).wants(a.t, http.StatusOK)
	}
	a.exec(`insert into admin_factors (admin, kind, label, content) values ('bea', 'totp', 'the phone', '')`)
	visit := payroll.HashToken(a.cookie)
	a.exec(`insert into step_ups (session, purpose) values ($1, $2)`, visit[:], "/runs/2/approve#"+found.Manifest)
	a.take("approve", "bea", "/runs/2/approve?manifest="+found.Manifest)
	a.take("reject", "bea", "/runs/2/reject")
	a.take("step-up", "bea", "/step-up?for="+url.QueryEscape("/runs/2/approve"))
	must(a.t, a.store.ApproveRun(a.t.Context(), 2, "bea", payroll.Approval{Letterhead: a.Letterhead().Digest()}))
}

func (a *album) payday() {
	must(a.t, a.store.SendRun(a.t.Context(), 2, "cem", a.Policy.GiveUp, 100))
	a.setStates()
	a.take("runs", "cem", "/runs")
	a.take("run", "cem", "/runs/2")
	a.take("slips", "cem", "/runs/2/slips")
	a.take("slip", "cem", "/runs/2/slips/"+string(a.staff[2].Number))
	a.take("slip-held", "cem", "/runs/2/slips/"+string(a.staff[6].Number))
	a.take("correct", "ada", "/runs/1/correct")
	a.take("report", "cem", "/runs/2/report")
}

// setStates has the run half on its way.
func (a *album) setStates() {
	ready := []int{0, 2, 3, 5}
	for _, i := range ready {
		a.setSlip(2, a.staff[i].Number, payroll.SlipAccepted, "")
		a.tried(2, a.staff[i].Number, payroll.Accepted, 250, "2.0.0 Ok: queued as 4FzK2Q1pB7z")
	}
	a.exec(`update attempts a set begun_at = clock_timestamp() - o.n * interval '12 seconds', finished_at = clock_timestamp() - o.n * interval '12 seconds'
		from (select a.id, row_number() over (order by s.employee) as n from attempts a join slips s on s.id = a.slip where s.run = 2) o where o.id = a.id`)
	for _, i := range []int{1, 4, 6} {
		a.setSlip(2, a.staff[i].Number, payroll.SlipHeld, payroll.HoldNotVerified)
	}
	a.setSlip(2, a.staff[6].Number, payroll.SlipHeld, payroll.HoldNoCertificate)
	a.setSlip(2, a.staff[7].Number, payroll.SlipUnsure, "")
	a.tried(2, a.staff[7].Number, payroll.Unsure, 0, "")
}

func (a *album) office() {
	ctx := a.t.Context()
	days, err := payroll.ParseHolidays("2026-12-08 Immaculate Conception\n2026-12-24 Christmas Eve\n2026-12-25 Christmas Day\n2026-12-26 St Stephen's Day\n2027-01-01 New Year\n")
	must(a.t, err)
	_, err = a.store.PutHolidays(ctx, days, "cem")
	must(a.t, err)
	must(a.t, a.store.PutRetention(ctx, payroll.Retention{Country: "AT", Months: 84, Law: "BAO § 132"}, "as the law says", "cem"))
	must(a.t, a.store.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmLatePayday, Words: "payday 2026-10: no approved run"}))
	must(a.t, a.store.CreateCanary(ctx, "0051"))
	must(a.t, a.store.Beat(ctx, "11111111-1111-4111-8111-111111111111", "worker-a.acme.example"))
	for name, path := range map[string]string{
		"home": "/", "schedules": "/schedules", "holidays": "/schedules/holidays?year=2026", "alarms": "/alarms", "settings": "/settings",
		"letterhead": "/settings/letterhead", "relay": "/settings/relay", "signer": "/settings/signer", "retention": "/settings/retention",
		"notices": "/settings/notices",
	} {
		a.take(name, "cem", path)
	}
	a.today.Store(true)
	must(a.t, a.store.Beat(ctx, "11111111-1111-4111-8111-111111111111", "worker-a.acme.example"))
	a.take("health", "cem", "/health")
	a.today.Store(false)
	a.take("home-approver", "bea", "/")
	a.take("audit", "dia", "/audit?subject=run+2")
	a.take("audit-verify", "dia", "/audit/verify")
}

func (a *album) accounts() {
	a.exec(`insert into proposals (kind, subject, content, proposed_by) values ('admin_roles', 'dia', '{"roles": ["auditor", "operator"]}', 'cem')`)
	a.take("admins", "cem", "/admins")
	a.take("proposals", "bea", "/proposals")
	a.take("account", "bea", "/account")
	a.tab.Cookie(a.Origin.String(), cookieName, "nobody")
	a.tab.Open(a.address("/sign-in"))
	a.shoot("sign-in")
}
