package payroll

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var vienna = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		panic(err)
	}
	return zone
}()

func days(t *testing.T, texts ...string) []Date {
	t.Helper()
	dates := []Date{}
	for _, text := range texts {
		date, err := ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		dates = append(dates, date)
	}
	return dates
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	dates := days(t, "2026-11-30", "2026-12-18", "2027-01-29")
	paid := PayDays{Dates: dates[:2], Zone: vienna, Required: StepCertified, Freeze: Freeze{Days: 3, Zone: vienna}}
	at := func(d Date, hour int) time.Time { return d.At(hour, 0, vienna) }
	current := RosterStanding{
		Employee: Employee{Number: "7", Name: "Ada"}, Fingerprint: "AB", Step: StepCertified, Standing: CertificateCurrent,
	}
	climbing := func(step Step) RosterStanding {
		s := current
		s.Step, s.Standing = step, CertificateCandidate
		return s
	}
	frozen, thawed := current, current
	frozen.Changed = at(dates[0].AddDays(-2), 9)
	thawed.Changed = at(dates[0].AddDays(-4), 9)
	for name, c := range map[string]struct {
		standing RosterStanding
		problem  HoldReason
		ends     time.Time
		lack     Lack
		missing  []Step
		before   []Date
	}{
		"certified, never ends": {standing: current, missing: []Step{}, before: []Date{}},
		"ends after two":        {standing: current, ends: at(dates[2], 0), missing: []Step{}, before: []Date{}},
		"ends between":          {standing: current, ends: at(dates[1], 12), missing: []Step{}, before: dates[1:2]},
		"ends on the pay date itself": {
			standing: current, problem: HoldExpired, ends: at(dates[0], 23), lack: "expired", missing: []Step{}, before: dates[:2],
		},
		"none": {
			standing: RosterStanding{Employee: current.Employee}, problem: HoldNoCertificate, lack: LackCertificate, missing: Steps, before: []Date{},
		},
		"handed in": {
			standing: climbing(StepSubmitted), problem: HoldNotCertified, lack: LackProof, missing: Steps[1:], before: []Date{},
		},
		"address proven": {
			standing: climbing(StepAddressProven), lack: LackProof, missing: Steps[2:], before: []Date{},
		},
		"proven": {
			standing: climbing(StepDecryptionProven), problem: HoldNotCertified, lack: LackCheck, missing: Steps[3:], before: []Date{},
		},
		"compared": {
			standing: climbing(StepPhoneChecked), problem: HoldNotCertified, lack: LackCertification, missing: Steps[4:], before: []Date{},
		},
		"climbing and expired": {
			standing: climbing(StepSubmitted), problem: HoldExpired, lack: "expired", missing: Steps[1:], before: []Date{},
		},
		"a certification that nobody made": {
			standing: current, problem: HoldNotCertified, lack: "not_certified", missing: []Step{}, before: []Date{},
		},
		"changed too late": {standing: frozen, lack: LackRelease, missing: []Step{}, before: []Date{}},
		"changed in time":  {standing: thawed, missing: []Step{}, before: []Date{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := paid.Readiness(c.standing, c.problem, c.ends)
			want := Readiness{
				Number: "7", Name: "Ada", Ready: c.lack == "", Lack: c.lack, Missing: c.missing,
				Fingerprint: c.standing.Fingerprint, EndsBefore: c.before,
			}
			if !c.ends.IsZero() {
				want.Ends = &c.ends
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if !got.Ready && got.Lack.Advice() == "" {
				t.Errorf("nobody says what to do about %s", got.Lack)
			}
		})
	}
}

// TestReadinessPolicy: what counts as ready is the step that policy asks for.
func TestReadinessPolicy(t *testing.T) {
	t.Parallel()
	paid := PayDays{Dates: days(t, "2026-11-30"), Zone: time.UTC, Required: StepPhoneChecked, Freeze: Freeze{Zone: time.UTC}}
	s := RosterStanding{Fingerprint: "AB", Step: StepPhoneChecked, Standing: CertificateCurrent, Changed: time.Now()}
	if got := paid.Readiness(s, "", time.Time{}); !got.Ready {
		t.Error("compared by phone is enough, and without days there is no freeze, yet:", got.Lack)
	}
	s.Standing = CertificateCandidate
	if got := paid.Readiness(s, "", time.Time{}); got.Lack != LackCheck {
		t.Error("a candidate counted as ready:", got.Lack)
	}
}

func TestOutlookCounts(t *testing.T) {
	t.Parallel()
	date := days(t, "2026-11-30")[0]
	got := Outlook{PayDate: date, OnPaper: 2, People: []Readiness{
		{Ready: true}, {Ready: true, EndsBefore: []Date{date}},
		{Lack: LackCheck}, {Lack: "expired", EndsBefore: []Date{date}}, {Lack: LackCertificate}, {Lack: LackCheck},
	}}.Counts()
	want := DigestCounts{PayDate: date, Employees: 6, Ready: 2, OnPaper: 2, Ending: 2, Lacks: []LackCount{
		{LackCheck, 2}, {"expired", 1}, {LackCertificate, 1},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestDueReminder walks through the last days of a certificate that ends on
// 18 December at noon in Vienna.
func TestDueReminder(t *testing.T) {
	t.Parallel()
	ends := time.Date(2026, 12, 18, 12, 0, 0, 0, vienna)
	for day, want := range map[string]string{
		"2026-11-17": "", "2026-11-18": "2026-12-18/30", "2026-12-10": "2026-12-18/30", "2026-12-11": "2026-12-18/7",
		"2026-12-16": "2026-12-18/7", "2026-12-17": "2026-12-18/1", "2026-12-18": "2026-12-18/1", "2026-12-19": "",
	} {
		topic, due := DueReminder(ends, days(t, day)[0].At(7, 0, vienna), vienna)
		if due != (want != "") || due && topic != want {
			t.Errorf("on %s: %q %t, want %q", day, topic, due, want)
		}
	}
	if topic, due := DueReminder(ends, ends, vienna); due {
		t.Error("reminded of a certificate that has ended:", topic)
	}
	if topic, due := DueReminder(time.Time{}, ends, vienna); due {
		t.Error("reminded of a certificate that never ends:", topic)
	}
}

func TestDueDigest(t *testing.T) {
	t.Parallel()
	payDate := days(t, "2026-12-18")[0]
	for day, want := range map[string]string{
		"2026-12-10": "", "2026-12-11": "2026-12-18/7", "2026-12-14": "2026-12-18/7", "2026-12-17": "2026-12-18/1",
		"2026-12-18": "2026-12-18/1", "2026-12-19": "",
	} {
		topic, due := DueDigest(payDate, days(t, day)[0], []int{1, 7})
		if due != (want != "") || due && topic != want {
			t.Errorf("on %s: %q %t, want %q", day, topic, due, want)
		}
	}
	if topic, due := DueDigest(payDate, payDate, nil); due {
		t.Error("a digest that nobody asked for:", topic)
	}
}

func TestParseDayTopic(t *testing.T) {
	t.Parallel()
	date, before, err := ParseDayTopic("2026-12-18/7")
	if err != nil || before != 7 || date != days(t, "2026-12-18")[0] {
		t.Error(date, before, err)
	}
	for _, wrong := range []string{"", "7", "2026-12-18", "2026-12-18/", "2026-12-18/-1", "2026-13-18/7", "2026-12-18/x"} {
		if _, _, err := ParseDayTopic(wrong); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}
