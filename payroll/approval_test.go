package payroll

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestApprovalCheck(t *testing.T) {
	t.Parallel()
	left := []EmployeeNumber{"7"}
	for _, test := range []struct {
		name     string
		approval Approval
		unopened []EmployeeNumber
		want     error
	}{
		{"a command, as ever", Approval{}, left, nil},
		{"a command with the manifest", Approval{Manifest: "m"}, left, nil},
		{"a command with another manifest", Approval{Manifest: "x"}, nil, ErrWrongState},
		{"proven without a manifest", Approval{Proven: true}, nil, ErrInvalid},
		{"proven, something changed", Approval{Proven: true, Manifest: "x"}, nil, ErrWrongState},
		{"proven, sample not opened", Approval{Proven: true, Manifest: "m"}, left, ErrWrongState},
		{"proven and opened", Approval{Proven: true, Manifest: "m"}, nil, nil},
	} {
		if err := test.approval.Check("m", test.unopened); !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestApprovalTerms(t *testing.T) {
	t.Parallel()
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		notBefore time.Time
		want      string // in the error; "" for none
	}{
		{time.Time{}, ""},
		{now.Add(time.Minute), ""},
		{now.In(vienna), "20 November 2026, 13:00 (Europe/Vienna) is over"},
		{now.Add(93 * 24 * time.Hour), "more than three months"},
	} {
		err := Approval{NotBefore: test.notBefore}.CheckTerms(now)
		if (err == nil) != (test.want == "") || err != nil && (!strings.Contains(err.Error(), test.want) || !errors.Is(err, ErrInvalid)) {
			t.Errorf("not before %s: %v, want %q", test.notBefore, err, test.want)
		}
	}
}

func TestMayDecide(t *testing.T) {
	t.Parallel()
	run := Run{ID: 1, ImportedBy: "ada", SubmittedBy: "eve"}
	for _, test := range []struct {
		name AdminName
		role []Role
		off  bool
		want error
	}{
		{"bea", []Role{RoleApprover}, false, nil},
		{"bea", []Role{RoleMaker}, false, ErrNotAllowed},
		{"bea", []Role{RoleApprover}, true, ErrNotAllowed},
		{"ada", Roles, false, ErrNotAllowed},
		{"eve", Roles, false, ErrNotAllowed},
	} {
		err := run.MayDecide(Admin{Name: test.name, Roles: test.role, Disabled: test.off})
		if !errors.Is(err, test.want) || (err == nil) != (test.want == nil) {
			t.Errorf("%s as %v: %v", test.name, test.role, err)
		}
	}
}

func TestRunWaits(t *testing.T) {
	t.Parallel()
	vienna, err := time.LoadLocation("Europe/Vienna")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 27, 8, 0, 0, 0, vienna)
	run := Run{ID: 3, State: RunApproved, NotBefore: &at}
	if err := run.Send(at.Add(-time.Second)); !errors.Is(err, ErrWrongState) || !strings.Contains(err.Error(), "27 November 2026, 08:00 (Europe/Vienna)") {
		t.Errorf("sent too early: %v", err)
	}
	if err := run.Send(at); err != nil || run.State != RunSending {
		t.Errorf("not sent when its time had come: %v", err)
	}
}

func TestUnopened(t *testing.T) {
	t.Parallel()
	sample := []EmployeeNumber{"1", "3", "5"}
	for _, test := range []struct{ opened, want []EmployeeNumber }{
		{nil, sample},
		{[]EmployeeNumber{"0", "3", "9"}, []EmployeeNumber{"1", "5"}},
		{[]EmployeeNumber{"1", "2", "3", "4", "5"}, nil},
	} {
		if got := Unopened(sample, test.opened); !slices.Equal(got, test.want) {
			t.Errorf("of %v opened, %v are left, want %v", test.opened, got, test.want)
		}
	}
}
