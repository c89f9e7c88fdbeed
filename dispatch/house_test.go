package dispatch_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// household is a roster on a real database whose clock a test sets, since what
// it is about takes weeks.
type household struct {
	*postgres.Store
	t    testing.TB
	now  time.Time
	zone *time.Location
}

// Now is the clock of the test.
func (h *household) Now(context.Context) (time.Time, error) { return h.now, nil }

func newHousehold(t testing.TB) *household {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	h := &household{Store: openStore(t), t: t, now: time.Now(), zone: zone}
	h.must(h.CreateAdmin(t.Context(), payroll.Admin{Name: "olga", Roles: []payroll.Role{payroll.RoleOperator}}, ""))
	h.must(h.CreateAdmin(t.Context(), payroll.Admin{Name: "maria", Roles: []payroll.Role{payroll.RoleMaker}}, "olga"))
	return h
}

func (h *household) exec(sql string, args ...any) {
	h.t.Helper()
	_, err := h.Pool().Exec(h.t.Context(), sql, args...)
	h.must(err)
}

func (h *household) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *household) hire(people ...payroll.Employee) {
	h.t.Helper()
	for i := range people {
		people[i].Name = unlikeName()
	}
	_, err := h.PutEmployees(h.t.Context(), people, "test", "maria", false)
	h.must(err)
}

// keyEnding is a key pair that ends at a moment.
func (h *household) keyEnding(email payroll.Address, ends time.Time) demo.Member {
	h.t.Helper()
	const plain, madeBefore = 100, 700 * 24 * time.Hour // as demo.NewMember has it
	member, err := demo.NewMember(payroll.Employee{Name: "Somebody", Email: email}, plain, ends.Add(-madeBefore))
	h.must(err)
	return member
}

// certificateOf is what is stored of a key pair.
func (h *household) certificateOf(m demo.Member) keystore.Certificate {
	h.t.Helper()
	armored, err := m.Certificate()
	h.must(err)
	certificate, verdict := keystore.Judge(armored, m.Email, time.Now())
	if !verdict.Accepted() {
		h.t.Fatal(verdict.Code)
	}
	return certificate
}

// enrol brings a certificate as far up the ladder as to, and certifies it if the
// company's own hand is asked for.
func (h *household) enrol(number payroll.EmployeeNumber, c keystore.Certificate, to payroll.Step) {
	h.t.Helper()
	ctx := h.t.Context()
	_, err := h.PutCertificate(ctx, payroll.Submission{Employee: number, Fingerprint: c.Fingerprint(), Content: c.Bytes(), Expires: c.Expires()}, "maria")
	h.must(err)
	for _, step := range payroll.Steps[1:] {
		if !to.Reached(step) {
			return
		}
		climb := payroll.Climb{Employee: number, Fingerprint: c.Fingerprint(), To: step, Method: "phone", Required: payroll.StepCertified}
		if step == payroll.StepCertified {
			certified, err := signer(h.t).Certify(c, time.Now())
			h.must(err)
			climb.Content = certified.Bytes()
		}
		_, err := h.ClimbCertificate(ctx, climb, "olga")
		h.must(err)
	}
}

// column reads one column of a query.
func (h *household) column(sql string, args ...any) []string {
	h.t.Helper()
	rows, err := h.Pool().Query(h.t.Context(), sql, args...)
	h.must(err)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	h.must(err)
	return texts
}

func (h *household) forecast() *dispatch.Forecast {
	return &dispatch.Forecast{
		Roster: h, Certifiers: signer(h.t).Certifiers(), Required: payroll.StepCertified,
		Freeze: payroll.Freeze{Days: 3, Zone: h.zone}, Zone: h.zone,
	}
}

func (h *household) keeping() *dispatch.Housekeeping {
	return &dispatch.Housekeeping{
		House: h, Signer: signer(h.t), Hour: 7, Zone: h.zone, Reminders: true, DigestTo: "hr@acme.example",
		DigestDays: []int{7, 1}, LeaverDays: 30, Log: slog.New(slog.NewTextHandler(h.t.Output(), nil)),
	}
}

// at sets the clock to a time of day some days from today.
func (h *household) at(days, hour, minute int) {
	h.now = payroll.DateOf(time.Now().In(h.zone)).AddDays(days).At(hour, minute, h.zone)
}

// keep lets a new worker do the day's chores.
func (h *household) keep() {
	h.t.Helper()
	h.must(h.keeping().Keep(h.t.Context()))
}

func (h *household) today() payroll.Date { return payroll.DateOf(time.Now().In(h.zone)) }

// TestForecast judges a roster in which everyone has another trouble.
func TestForecast(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.hire(
		payroll.Employee{Number: "1", Email: "ready@acme.example"}, payroll.Employee{Number: "2", Email: "none@acme.example"},
		payroll.Employee{Number: "3", Email: "proof@acme.example"}, payroll.Employee{Number: "4", Email: "call@acme.example"},
		payroll.Employee{Number: "5", Email: "ends@acme.example"}, payroll.Employee{Number: "6", Email: "soon@acme.example"},
		payroll.Employee{Number: "7", Email: "moved@acme.example"}, payroll.Employee{Number: "8", Email: "forged@acme.example"},
		payroll.Employee{Number: "9", Email: "paper@acme.example", OnPaper: true},
		payroll.Employee{Number: "10", Email: "leaves@acme.example", Left: h.today().AddDays(1)},
	)
	far := time.Now().AddDate(1, 0, 0)
	next, after := h.today().AddDays(40), h.today().AddDays(70)
	ending, soon := next.At(12, 0, h.zone), after.At(12, 0, h.zone)
	h.enrol("1", h.certificateOf(h.keyEnding("ready@acme.example", far)), payroll.StepCertified)
	h.enrol("3", h.certificateOf(h.keyEnding("proof@acme.example", far)), payroll.StepAddressProven)
	h.enrol("4", h.certificateOf(h.keyEnding("call@acme.example", far)), payroll.StepDecryptionProven)
	h.enrol("5", h.certificateOf(h.keyEnding("ends@acme.example", ending)), payroll.StepCertified)
	h.enrol("6", h.certificateOf(h.keyEnding("soon@acme.example", soon)), payroll.StepCertified)
	h.enrol("7", h.certificateOf(h.keyEnding("before@acme.example", far)), payroll.StepCertified)
	forged := h.certificateOf(h.keyEnding("forged@acme.example", far))
	h.enrol("8", forged, payroll.StepCertified)
	h.exec(`update certificates set content = $1 where employee = '8'`, forged.Bytes())
	h.must(h.CreateRule(t.Context(), payroll.ScheduleRule{Name: "payday", Action: payroll.ActionSend,
		Monthly: payroll.MonthlyRule{Day: after.Day, Shift: payroll.ShiftNone, Zone: h.zone}}, "olga"))

	got, err := h.forecast().Outlook(t.Context(), next)
	h.must(err)
	lacks := make(map[payroll.EmployeeNumber]payroll.Lack)
	ends := make(map[payroll.EmployeeNumber]int)
	for _, r := range got.People {
		lacks[r.Number] = r.Lack
		if len(r.EndsBefore) > 0 {
			ends[r.Number] = len(r.EndsBefore)
		}
	}
	want := map[payroll.EmployeeNumber]payroll.Lack{
		"1": "", "2": payroll.LackCertificate, "3": payroll.LackProof, "4": payroll.LackCheck, "5": "expired", "6": "",
		"7": "address_not_in_certificate", "8": "not_certified",
	}
	if next.Month == h.today().AddDays(1).Month { // they leave in the month of the pay date
		want["10"] = payroll.LackCertificate
	}
	if diff := cmp.Diff(want, lacks); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[payroll.EmployeeNumber]int{"5": 2, "6": 1}, ends); diff != "" {
		t.Error(diff)
	}
	if counts := got.Counts(); counts.OnPaper != 1 || counts.Ready != 2 || counts.Ending != 2 || counts.PayDate != next {
		t.Errorf("%+v", counts)
	}
	counts, err := h.forecast().Counts(t.Context(), payroll.Date{})
	h.must(err)
	if counts.PayDate.Before(h.today()) || counts.PayDate.Day != after.Day && counts.PayDate.AddDays(1).Day != 1 {
		t.Errorf("the next pay date of the schedule came out as %s", counts.PayDate)
	}
}

// TestForecastOfARekey: a certificate that replaced another one within the freeze
// is not ready for that pay date, and is for a later one.
func TestForecastOfARekey(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.hire(payroll.Employee{Number: "1", Email: "a@acme.example"})
	far := time.Now().AddDate(1, 0, 0)
	for range 2 {
		h.enrol("1", h.certificateOf(h.keyEnding("a@acme.example", far)), payroll.StepCertified)
	}
	for days, want := range map[int]payroll.Lack{1: payroll.LackRelease, 30: ""} {
		got, err := h.forecast().Outlook(t.Context(), h.today().AddDays(days))
		h.must(err)
		if len(got.People) != 1 || got.People[0].Lack != want {
			t.Errorf("%d days before the pay date: %+v", days, got.People)
		}
	}
}

func TestForecastWithoutAPayDate(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	if _, err := h.forecast().Outlook(t.Context(), payroll.Date{}); err == nil {
		t.Error("it judged for a pay date that nobody planned")
	}
}

// TestReminders walks through the last weeks of two certificates, with workers
// that come and go: each reminder is written once, and a missed one not at all
// when the next is due.
func TestReminders(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.hire(
		payroll.Employee{Number: "1", Email: "a@acme.example"}, payroll.Employee{Number: "2", Email: "b@acme.example"},
		payroll.Employee{Number: "3", Email: "c@acme.example"}, payroll.Employee{Number: "4", Email: "d@acme.example"},
	)
	day := h.today().AddDays(40)
	ends := day.At(12, 0, h.zone)
	first := h.keyEnding("a@acme.example", ends)
	h.enrol("1", h.certificateOf(first), payroll.StepCertified)
	h.enrol("2", h.certificateOf(h.keyEnding("b@acme.example", ends.AddDate(0, 0, 365))), payroll.StepCertified)
	h.enrol("3", h.certificateOf(h.keyEnding("c@acme.example", ends)), payroll.StepDecryptionProven) // not used yet
	h.enrol("4", h.certificateOf(h.keyEnding("d@acme.example", ends)), payroll.StepCertified)
	h.hire(payroll.Employee{Number: "4", Email: "d@acme.example", OnPaper: true})
	topic := func(days string) string { return "1 " + day.String() + "/" + days }
	for _, step := range []struct {
		days, hour, minute int
		want               []string
	}{
		{9, 7, 30, nil},
		{10, 6, 59, nil},
		{10, 7, 0, []string{topic("30")}},
		{10, 7, 1, []string{topic("30")}},              // another worker
		{11, 9, 0, []string{topic("30")}},              // the next day
		{39, 7, 30, []string{topic("1"), topic("30")}}, // no worker was up for weeks: the nearest only
		{40, 7, 30, []string{topic("1"), topic("30")}}, // the last morning
		{41, 7, 30, []string{topic("1"), topic("30")}}, // too late
		{400, 7, 30, []string{topic("1"), topic("30"), "2 " + day.AddDays(365).String() + "/7"}},
	} {
		h.at(step.days, step.hour, step.minute)
		h.keep()
		got := h.column(`select employee || ' ' || topic from notices where kind = 'reminder' order by 1`)
		if diff := cmp.Diff(step.want, got); len(step.want)+len(got) > 0 && diff != "" {
			t.Errorf("day %d, %02d:%02d: %s", step.days, step.hour, step.minute, diff)
		}
	}
}

// TestRemindersAfterAnExtension: the same certificate with a new end is reminded
// of again.
func TestRemindersAfterAnExtension(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.hire(payroll.Employee{Number: "1", Email: "a@acme.example"})
	key := h.keyEnding("a@acme.example", h.now.Add(5*24*time.Hour))
	h.enrol("1", h.certificateOf(key), payroll.StepCertified)
	h.at(1, 8, 0)
	h.keep()
	extend(t, key, 60*24*time.Hour)
	extended, err := signer(t).Certify(h.certificateOf(key), time.Now())
	h.must(err)
	_, err = h.PutCertificate(t.Context(), payroll.Submission{Employee: "1", Fingerprint: extended.Fingerprint(), Content: extended.Bytes(), Certified: true}, "maria")
	h.must(err)
	for days := 2; days < 70; days++ {
		h.at(days, 8, 0)
		h.keep()
	}
	got := h.column(`select split_part(topic, '/', 2) from notices where kind = 'reminder' order by created_at`)
	if diff := cmp.Diff([]string{"7", "30", "7", "1"}, got); diff != "" {
		t.Error(diff)
	}
}

// extend gives a key another while to live, as its owner does; its subkey has no
// end of its own.
func extend(t testing.TB, m demo.Member, by time.Duration) {
	t.Helper()
	for _, id := range m.Secret.Identities {
		longer := *id.SelfSignature.KeyLifetimeSecs + uint32(by.Seconds())
		id.SelfSignature.KeyLifetimeSecs = &longer
		id.SelfSignature.CreationTime = time.Now().Add(-time.Second)
		if err := id.SelfSignature.SignUserId(id.UserId.Id, m.Secret.PrimaryKey, m.Secret.PrivateKey, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDigests: HR hears of each pay date on the days that it asked for, once,
// whatever number of workers there is.
func TestDigests(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	near, later := h.today().AddDays(10), h.today().AddDays(17)
	for _, date := range []payroll.Date{near, later} {
		h.must(h.CreateRule(t.Context(), payroll.ScheduleRule{Name: "paid-" + date.String(), Action: payroll.ActionSend,
			Monthly: payroll.MonthlyRule{Day: date.Day, Shift: payroll.ShiftNone, Zone: h.zone}}, "olga"))
	}
	digests := func() []string {
		return h.column(`select topic from notices where kind = 'digest' order by created_at`)
	}
	for days := range 11 {
		h.at(days, 7, 0)
		h.keep()
		h.keep()
	}
	want := []string{near.String() + "/7", near.String() + "/1", later.String() + "/7"}
	if diff := cmp.Diff(want, digests()); diff != "" {
		t.Error(diff)
	}
	silent := h.keeping()
	silent.DigestTo = ""
	h.at(16, 7, 0)
	h.must(silent.Keep(t.Context()))
	if got := digests(); len(got) != 3 {
		t.Errorf("a digest went to nobody: %v", got)
	}
	if got := h.column(`select address from notices where kind = 'digest' and address <> 'hr@acme.example'`); len(got) > 0 {
		t.Error("a digest goes to somebody else")
	}
}

// TestLeavers: some time after somebody left, the company takes its word on their
// certificate back, once, and says so in the audit log.
func TestLeavers(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.hire(payroll.Employee{Number: "1", Email: "a@acme.example"}, payroll.Employee{Number: "2", Email: "b@acme.example"})
	for i, number := range []payroll.EmployeeNumber{"1", "2"} {
		email := payroll.Address([]string{"a@acme.example", "b@acme.example"}[i])
		h.enrol(number, h.certificateOf(h.keyEnding(email, h.now.AddDate(1, 0, 0))), payroll.StepCertified)
	}
	h.hire(payroll.Employee{Number: "1", Email: "a@acme.example", Left: h.today().AddDays(-10)})
	certified := func(number payroll.EmployeeNumber) bool {
		t.Helper()
		stored, err := h.CertificatesOf(t.Context(), number)
		h.must(err)
		certificate, err := keystore.ReadCertificate(stored[0].Content)
		h.must(err)
		return certificate.CertifiedBy(signer(t).Certificate(), h.now.Add(time.Hour))
	}
	h.at(15, 8, 0) // 25 days after
	h.keep()
	if !certified("1") {
		t.Error("the certification was taken back too early")
	}
	for days := 21; days < 24; days++ {
		h.at(days, 8, 0)
		h.keep()
	}
	if certified("1") || !certified("2") {
		t.Errorf("certified: the leaver %t, the other %t", certified("1"), certified("2"))
	}
	got := h.column(`select who || ' ' || subject from audit where act = 'keys.revoke_certification'`)
	if diff := cmp.Diff([]string{"payseal 1"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestHousekeepingGoesOn: one failure does not keep the other chores from being
// done. A damaged certificate is told once a day; a chore that may go well the next
// time is not taken for done.
func TestHousekeepingGoesOn(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	h.hire(payroll.Employee{Number: "1", Email: "a@acme.example"})
	h.enrol("1", h.certificateOf(h.keyEnding("a@acme.example", h.now.AddDate(1, 0, 0))), payroll.StepCertified)
	h.hire(payroll.Employee{Number: "1", Email: "a@acme.example", Left: h.today().AddDays(-40)})
	h.exec(`update certificates set content = '\x00'`)
	h.exec(`insert into sessions (id_hash, seen_at) values (sha256('x'), now() - interval '3 days')`)
	h.at(0, 23, 59)
	if err := h.keeping().Keep(t.Context()); err == nil || bytes.Contains([]byte(err.Error()), []byte("acme.example")) {
		t.Errorf("a certificate that cannot be read: %v", err)
	}
	if left := h.column(`select id_hash::text from sessions`); len(left) > 0 {
		t.Error("the chore behind the one that failed was not done")
	}
	done := `select due_at::text from chores where done_at is not null`
	if got := h.column(done); len(got) != 1 {
		t.Errorf("with a damaged certificate %d days are done, want 1", len(got))
	}
	h.exec(`alter table address_changes rename to elsewhere`)
	h.at(1, 23, 59)
	if err := h.keeping().Keep(t.Context()); err == nil {
		t.Error("a chore that the database refuses went well")
	}
	if got := h.column(done); len(got) != 1 {
		t.Errorf("%d days are done, want 1", len(got))
	}
}
