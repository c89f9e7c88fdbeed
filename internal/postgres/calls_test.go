package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

func TestAChangedPhoneNumberIsTold(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	e := kiran("7", "k@acme.example")
	e.Phone = "+43 1 5550117"
	putEmployees(t, s, e)
	person := func() payroll.Person {
		p, err := s.Person(t.Context(), "7")
		ok(t, err)
		return p
	}
	if p := person(); p.PhoneChangedAt != nil || p.PhoneBy != "maker" || p.PhoneChangedLately(time.Now()) {
		t.Errorf("the first number: %v by %q", p.PhoneChangedAt, p.PhoneBy)
	}
	e.Phone = "+43-1-555 01 17"
	_, err := s.PutEmployees(t.Context(), []payroll.Employee{e}, "file", "operator", false)
	ok(t, err)
	if p := person(); p.PhoneChangedAt != nil || p.Phone != e.Phone {
		t.Errorf("the same number otherwise written: %v, %q", p.PhoneChangedAt, p.Phone)
	}
	e.Phone = "+43 1 5550999"
	_, err = s.PutEmployees(t.Context(), []payroll.Employee{e}, "file", "operator", false)
	ok(t, err)
	if p := person(); p.PhoneChangedAt == nil || p.PhoneBy != "operator" || !p.PhoneChangedLately(time.Now()) || p.PhoneChangedLately(time.Now().AddDate(0, 6, 0)) {
		t.Errorf("another number: %v by %q", p.PhoneChangedAt, p.PhoneBy)
	}
	submit(t, s, "7", "A")
	call, err := s.PhoneCall(t.Context(), payroll.Freeze{}, "7")
	ok(t, err)
	if !call.PhoneChangedLately(time.Now()) || call.PhoneBy != "operator" || call.Phone != e.Phone {
		t.Errorf("%+v", call)
	}
}

func TestPhoneCalls(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "l@acme.example"))
	submit(t, s, "7", "A")
	submit(t, s, "8", "B")
	ok(t, s.RecordNoAnswer(t.Context(), "7", fingerprint("A"), "operator"))
	ok(t, s.RecordNoAnswer(t.Context(), "7", fingerprint("A"), "approver"))
	calls, waiting, err := s.PhoneCalls(t.Context(), payroll.Freeze{}, 1)
	ok(t, err)
	if waiting != 2 || len(calls) != 1 || calls[0].Employee != "7" || calls[0].Unanswered != 2 || calls[0].LastCall == nil {
		t.Fatalf("%d, %+v", waiting, calls)
	}
	if err := calls[0].May("maker"); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("who handed it in: %v", err)
	}
	ok(t, calls[0].May("operator"))
	ok(t, s.DenyFingerprint(t.Context(), "7", fingerprint("A"), "it begins with 00", "operator"))
	reports, err := s.ReportsBy(t.Context(), "7", 10)
	ok(t, err)
	if len(reports) != 1 || reports[0].Kind != payroll.ReportStranger || !strings.Contains(reports[0].Text, "it begins with 00") {
		t.Errorf("%+v", reports)
	}
	acts, err := s.ActsOn(t.Context(), "7", 10)
	ok(t, err)
	if acts[0].What != actDenied || acts[0].Who != "operator" || acts[0].Detail["fingerprint"] != string(fingerprint("A")) {
		t.Errorf("%+v", acts[0])
	}
	if strings.Contains(acts[0].Detail["note"], "begins") {
		t.Error("a person's words are in the audit log")
	}
	climb(t, s, "8", "B", payroll.StepPhoneChecked, payroll.StepCertified)
	for name, act := range map[string]func() error{
		"a call": func() error { return s.RecordNoAnswer(t.Context(), "8", fingerprint("B"), "operator") },
		"a no":   func() error { return s.DenyFingerprint(t.Context(), "8", fingerprint("B"), "x", "operator") },
	} {
		if err := act(); !errors.Is(err, payroll.ErrWrongState) {
			t.Errorf("%s about a certificate in use: %v", name, err)
		}
	}
	if _, err := s.PhoneCall(t.Context(), payroll.Freeze{}, "8"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("nobody waits: %v", err)
	}
}

func TestRemindEmployee(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	today := payroll.DateOf(time.Now().UTC())
	remind := func() error { return s.RemindEmployee(t.Context(), "7", today, "maker") }
	if err := remind(); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("without a certificate: %v", err)
	}
	submit(t, s, "7", "A")
	climb(t, s, "7", "A", payroll.StepPhoneChecked, payroll.StepCertified)
	execute(`update certificates set expires_at = now() + interval '20 days'`)(t, s)
	ok(t, remind())
	if err := remind(); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("twice a day: %v", err)
	}
	n := postOnly(t, s, payroll.NoticeReminder)
	if _, days, err := payroll.ParseDayTopic(n.Topic); err != nil || days != 20 && days != 19 && days != 21 {
		t.Errorf("%q: %v", n.Topic, err)
	}
	execute(`update certificates set expires_at = null`)(t, s)
	if err := remind(); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("one that never ends: %v", err)
	}
}

func TestCountUninvited(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "l@acme.example"), kiran("9", "m@acme.example"))
	execute(`update employees set on_paper = true where number = '9'`)(t, s)
	n, err := s.CountUninvited(t.Context())
	ok(t, err)
	invited, err := s.InviteEmployees(t.Context(), nil, "maker")
	ok(t, err)
	after, err := s.CountUninvited(t.Context())
	ok(t, err)
	if n != 2 || len(invited) != 2 || after != 0 {
		t.Errorf("counted %d, invited %v, then %d", n, invited, after)
	}
}
