package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func TestPagesForMachines(t *testing.T) {
	t.Parallel()
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrated), nil)
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	dispatch.NewMetrics(registry)
	pages := healthHandler(store, registry, newRefusal(registry))
	visit := func(path string) (int, string) {
		answer := httptest.NewRecorder()
		pages.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		return answer.Code, answer.Body.String()
	}
	for path, want := range map[string]string{"/healthz": "alive", "/readyz": "ready", "/metrics": `payseal_attempts_total{outcome="accepted"} 0`} {
		if code, body := visit(path); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	store.Close()
	if code, _ := visit("/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("/readyz without a database: %d", code)
	}
	if code, _ := visit("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz without a database: %d", code)
	}
}

func TestWorkerRefusesAnOldSchema(t *testing.T) {
	t.Parallel()
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrated), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := refuseOldSchema(t.Context(), store); err != nil {
		t.Error(err)
	}
	if _, err := store.Pool().Exec(t.Context(), `delete from goose_db_version where version_id = (select max(version_id) from goose_db_version)`); err != nil {
		t.Fatal(err)
	}
	if err := refuseOldSchema(t.Context(), store); err == nil || !strings.Contains(err.Error(), "run payseal migrate up") {
		t.Error(err)
	}
}

// TestAPaydayWithoutAnApprovedRun: nothing is sent that nobody approved, and
// somebody hears of it; not so where a run of the month is under way.
func TestAPaydayWithoutAnApprovedRun(t *testing.T) {
	t.Parallel()
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrated), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	due := payroll.Due{Name: "payday", Action: payroll.ActionSend, Period: payroll.Period{Year: 2026, Month: time.October}}
	for _, c := range []struct{ before, note string }{
		{`select 1`, "no approved run"},
		{`insert into admins (name, roles) values ('olga', '{maker}');
			insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
			values ('complete', '2026-10', '2026-10-30', 'EUR', repeat('a', 64), 'olga')`, "0 runs started"},
	} {
		if _, err := store.Pool().Exec(t.Context(), c.before); err != nil {
			t.Fatal(err)
		}
		if note, err := sendApproved(t.Context(), config.Default(), store, due); err != nil || note != c.note {
			t.Errorf("%q, %v; want %q", note, err, c.note)
		}
		alarms, err := store.Alarms(t.Context(), false)
		if err != nil || len(alarms) != 1 || alarms[0].Kind != payroll.AlarmLatePayday || alarms[0].Words != "payday 2026-10: no approved run" {
			t.Errorf("%+v, %v", alarms, err)
		}
	}
}
