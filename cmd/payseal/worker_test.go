package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
)

func TestPagesForMachines(t *testing.T) {
	t.Parallel()
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrated), nil)
	if err != nil {
		t.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	dispatch.NewMetrics(registry)
	pages := healthHandler(store, registry)
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
