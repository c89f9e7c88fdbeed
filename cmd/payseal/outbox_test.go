package main

import (
	"testing"
	"time"

	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// TestReportsGoToHR reports something, once with an address of HR's in the
// configuration and once without.
func TestReportsGoToHR(t *testing.T) {
	t.Parallel()
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrated), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	staff := []payroll.Employee{{Number: "7", Name: "Ada Lane", Email: "ada@acme.example"}}
	if err := store.CreateAdmin(t.Context(), payroll.Admin{Name: "olga", Roles: []payroll.Role{payroll.RoleOperator}}, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := store.PutEmployees(t.Context(), staff, "file", "olga", false); err != nil {
		t.Fatal(err)
	}
	claim := func(hr payroll.Address) []payroll.Notice {
		t.Helper()
		if err := store.CreateReport(t.Context(), "7", payroll.ReportSuspicious, "It asked for my bank account."); err != nil {
			t.Fatal(err)
		}
		claimed, err := outbox{store, hr}.ClaimNotices(t.Context(), 10, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return claimed
	}
	if told := claim(""); len(told) != 0 {
		t.Errorf("without HR's address the post carries %+v", told)
	}
	told := claim("hr@acme.example")
	if len(told) != 1 || told[0].To != "hr@acme.example" || told[0].Kind != payroll.NoticeReportAlert {
		t.Errorf("told %+v", told)
	}
	if box, err := store.Outbox(t.Context(), time.Hour, time.Hour); err != nil || box.Queued != 1 {
		t.Errorf("what has nobody to go to still waits: %+v, %v", box, err)
	}
}

// TestAlarmsGoToHR, whose address the database does not know.
func TestAlarmsGoToHR(t *testing.T) {
	t.Parallel()
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrated), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	if err := store.RaiseAlarm(t.Context(), payroll.Alarm{Kind: payroll.AlarmCanary}); err != nil {
		t.Fatal(err)
	}
	told, err := outbox{store, "hr@acme.example"}.ClaimNotices(t.Context(), 10, time.Minute)
	if err != nil || len(told) != 1 || told[0].To != "hr@acme.example" || told[0].Kind != payroll.NoticeAlarm {
		t.Errorf("told %+v, %v", told, err)
	}
}
