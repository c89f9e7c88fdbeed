package postgres

import (
	"errors"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestReports(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	putEmployees(t, s, kiran("7", "k@acme.example"), kiran("8", "p@acme.example"))
	ok(t, s.CreateReport(t.Context(), "7", payroll.ReportSuspicious, "somebody asked for my code"))
	ok(t, s.CreateReport(t.Context(), "8", payroll.ReportSuspicious, "me too"))
	ok(t, s.CreateReport(t.Context(), "8", payroll.ReportLostKey, "my laptop is gone"))
	alerts := ofKind(post(t, s), payroll.NoticeReportAlert)
	if len(alerts) != 2 {
		t.Fatalf("%d alerts, want one for each kind", len(alerts))
	}
	for _, n := range alerts {
		if n.To != "" || n.Employee.Number != "" || (n.Topic != string(payroll.ReportSuspicious) && n.Topic != string(payroll.ReportLostKey)) {
			t.Errorf("%+v", n)
		}
	}
	open, err := s.Reports(t.Context(), false)
	ok(t, err)
	if len(open) != 3 || open[2].Employee != "7" || open[2].Text != "somebody asked for my code" || open[2].SettledAt != nil {
		t.Errorf("%+v", open)
	}
	ok(t, s.SettleReport(t.Context(), open[2].ID, "operator"))
	if err := s.SettleReport(t.Context(), open[2].ID, "operator"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("settled twice: %v", err)
	}
	for all, want := range map[bool]int{false: 2, true: 3} {
		if list, err := s.Reports(t.Context(), all); err != nil || len(list) != want {
			t.Errorf("%d reports, want %d: %v", len(list), want, err)
		}
	}
	for _, e := range auditEntries(t, s) {
		for _, value := range e.Detail {
			if value == "my laptop is gone" {
				t.Error("the audit log has somebody's words")
			}
		}
	}
}
