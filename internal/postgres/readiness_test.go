package postgres

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func dates(t testing.TB, s *Store, from string, n int) []string {
	t.Helper()
	day, err := payroll.ParseDate(from)
	ok(t, err)
	list, err := s.PayDates(t.Context(), day, n)
	ok(t, err)
	var texts []string
	for _, d := range list {
		texts = append(texts, d.String())
	}
	return texts
}

func TestPayDates(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if got := dates(t, s, "2026-10-01", 5); got != nil {
		t.Errorf("nobody is paid, but on %v", got)
	}
	for _, r := range []struct{ state, day string }{
		{"draft", "2026-10-30"}, {"sending", "2026-10-30"}, {"incomplete", "2026-10-15"}, {"approved", "2026-12-24"},
		{"complete", "2026-10-16"}, {"void", "2026-10-17"}, {"rejected", "2026-10-18"}, {"paused", "2026-09-30"},
	} {
		_, err := s.pool.Exec(t.Context(), `insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
			values ($1, '2026-10', $2, 'EUR', $3, 'maker')`, r.state, r.day, payroll.Digest([]byte(r.state)))
		ok(t, err)
	}
	if diff := cmp.Diff([]string{"2026-10-15", "2026-10-30", "2026-12-24"}, dates(t, s, "2026-10-01", 5)); diff != "" {
		t.Error(diff)
	}
	addRule(t, s, "payday", time.Now()) // on the 28th
	sync, err := payroll.ParseMonthlyRule("1", "none", "09:00", "Europe/Vienna")
	ok(t, err)
	ok(t, s.CreateRule(t.Context(), payroll.ScheduleRule{Name: "sync", Action: payroll.ActionSync, Monthly: sync}, "operator"))
	if diff := cmp.Diff([]string{"2026-10-28", "2026-10-30", "2026-11-28"}, dates(t, s, "2026-10-28", 3)); diff != "" {
		t.Error(diff)
	}
}

func TestRosterStandings(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	gone, paper := kiran("4", "g@acme.example"), kiran("5", "o@acme.example")
	gone.Left = payroll.Date{Year: 2020, Month: time.January, Day: 31}
	paper.OnPaper, paper.PaperReason = true, "by choice"
	putEmployees(t, s, kiran("1", "a@acme.example"), kiran("2", "b@acme.example"), kiran("3", "c@acme.example"), gone, paper)
	submit(t, s, "1", "A")
	enrolled(t, s, "2", "B")
	enrolled(t, s, "3", "C")
	enrolled(t, s, "3", "D")
	submit(t, s, "3", "E")
	standings, err := s.RosterStandings(t.Context())
	ok(t, err)
	type line struct {
		Number      payroll.EmployeeNumber
		Fingerprint string
		Step        payroll.Step
		Standing    payroll.CertificateStanding
		Changed     bool
		OnPaper     bool
	}
	read := func(standings []payroll.RosterStanding) (lines []line) {
		for _, r := range standings {
			first := ""
			if r.Fingerprint != "" {
				first = string(r.Fingerprint[:1])
			}
			lines = append(lines, line{r.Employee.Number, first, r.Step, r.Standing, !r.Changed.IsZero(), r.Employee.OnPaper})
		}
		return lines
	}
	want := []line{
		{"1", "A", payroll.StepSubmitted, payroll.CertificateCandidate, false, false},
		{"2", "B", payroll.StepCertified, payroll.CertificateCurrent, false, false},
		{"3", "D", payroll.StepCertified, payroll.CertificateCurrent, true, false},
		{"5", "", "", "", false, true},
	}
	if diff := cmp.Diff(want, read(standings)); diff != "" {
		t.Error(diff)
	}
	if string(standings[1].Certificate) != "certified B" {
		t.Errorf("%q", standings[1].Certificate)
	}
	_, err = s.ClimbCertificate(t.Context(), payroll.Climb{Employee: "3", Fingerprint: fingerprint("D"), To: payroll.StepPhoneChecked, Method: "phone"}, "approver")
	ok(t, err)
	standings, err = s.RosterStandings(t.Context())
	ok(t, err)
	want[2].Changed = false // two compared it
	if diff := cmp.Diff(want, read(standings)); diff != "" {
		t.Error(diff)
	}
}

func TestRemindedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	type call func() (bool, error)
	reminder := func(digit, topic string) call {
		return func() (bool, error) { return s.CreateReminder(t.Context(), "7", fingerprint(digit), topic) }
	}
	digest := func(to payroll.Address, topic string) call {
		return func() (bool, error) { return s.CreateDigest(t.Context(), to, topic) }
	}
	for i, test := range []struct {
		call
		want bool
	}{
		{reminder("A", "2026-10-30/7"), true}, {reminder("A", "2026-10-30/7"), false}, {reminder("A", "2026-10-30/1"), true},
		{reminder("B", "2026-10-30/7"), true}, {digest("hr@acme.example", "2026-10-30/7"), true},
		{digest("hr@acme.example", "2026-10-30/7"), false}, {digest("boss@acme.example", "2026-10-30/7"), true},
	} {
		if created, err := test.call(); err != nil || created != test.want {
			t.Errorf("%d: created %v, %v", i, created, err)
		}
	}
	if n := len(post(t, s)); n != 5 {
		t.Errorf("%d notices", n)
	}
	if created, err := s.CreateReminder(t.Context(), "nobody", fingerprint("A"), "x"); err != nil || created {
		t.Errorf("nobody was reminded: %v, %v", created, err)
	}
}

func TestVouchedCertificates(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
	enrolled(t, s, "7", "A")
	for _, number := range []payroll.EmployeeNumber{"7", "8"} { // the other Kiran has nothing to vouch with
		_, err := s.SubmitCertificate(t.Context(), payroll.Submission{Employee: number, Fingerprint: fingerprint("B"), Content: []byte("B"), Vouch: []byte("signed")})
		ok(t, err)
	}
	if vouched, err := s.VouchedCertificates(t.Context()); err != nil || len(vouched) > 0 {
		t.Errorf("before they were shown to open: %d, %v", len(vouched), err)
	}
	for _, number := range []payroll.EmployeeNumber{"7", "8"} {
		c, err := s.Prove(t.Context(), number, proof(t, s, number, "B"), payroll.StepCertified)
		if err != nil || !c.Vouched {
			t.Errorf("%+v, %v", c, err)
		}
	}
	vouched, err := s.VouchedCertificates(t.Context())
	ok(t, err)
	if len(vouched) != 1 {
		t.Fatalf("%d are vouched for", len(vouched))
	}
	v := vouched[0]
	if since := time.Since(v.CurrentSince); since < 0 || since > time.Hour {
		t.Errorf("the other has been current for %v", since)
	}
	if v.Employee.Number != "7" || v.Employee.Email != "k@acme.example" || string(v.Candidate) != "B" || string(v.Current) != "certified A" || string(v.Vouch) != "signed" {
		t.Errorf("%+v", v)
	}
}

// What was signed for a certificate that had its time does not speak for it again.
func TestOldVouchIsForgotten(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	enrolled(t, s, "7", "A")
	submit := func(f string, vouch []byte) payroll.EnrolledCertificate {
		c, err := s.SubmitCertificate(t.Context(), payroll.Submission{Employee: "7", Fingerprint: fingerprint(f), Content: []byte(f), Vouch: vouch})
		ok(t, err)
		return c
	}
	submit("B", []byte("signed"))
	if c := submit("B", nil); !c.Vouched {
		t.Error("a fresh copy of a candidate takes its vouch away")
	}
	submit("C", nil) // takes the place of B
	if c := submit("B", nil); c.Vouched {
		t.Error("a certificate that had been replaced is still vouched for")
	}
}

func TestLeavers(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	leave := func(e payroll.Employee, day int) payroll.Employee {
		e.Left = payroll.Date{Year: 2026, Month: time.August, Day: day}
		return e
	}
	seven, eight, nine := kiran("7", "k@acme.example"), kiran("8", "p@acme.example"), kiran("9", "n@acme.example")
	putEmployees(t, s, seven, eight, nine)
	enrolled(t, s, "7", "A")
	enrolled(t, s, "8", "B")
	enrolled(t, s, "9", "C")
	putEmployees(t, s, leave(seven, 30), leave(eight, 31), nine)
	before := payroll.Date{Year: 2026, Month: time.August, Day: 31}
	leavers, err := s.Leavers(t.Context(), before)
	ok(t, err)
	if diff := cmp.Diff([]payroll.Leaver{{Employee: "7", Fingerprint: fingerprint("A"), Content: []byte("certified A")}}, leavers); diff != "" {
		t.Error(diff)
	}
	ok(t, s.PutRevokedCertification(t.Context(), "7", fingerprint("A"), []byte("taken back"), payroll.Machine))
	if leavers, err := s.Leavers(t.Context(), before); err != nil || len(leavers) > 0 {
		t.Errorf("%+v, %v", leavers, err)
	}
	if c := current(t, s, "7"); c.Fingerprint != "" {
		t.Errorf("it still counts: %+v", c)
	}
	putEmployees(t, s, seven) // back again
	if c := submit(t, s, "7", "A"); c.Step != payroll.StepSubmitted || c.Standing != payroll.CertificateCandidate {
		t.Errorf("%+v", c)
	}
}
