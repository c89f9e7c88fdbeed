package console

import (
	"net/http"
	"testing"
)

// TestRefusalsAreWrittenDown: who was refused what, from where and by which proof,
// by the page and the API; but nobody fills the log by it, and
// strangers are nobody.
func TestRefusalsAreWrittenDown(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.as("ada").post("/runs/1/approve").wants(t, http.StatusForbidden)
	c.program("dia").post("/runs/1/pause", object{"reason": "x"}).is(http.StatusForbidden)
	c.program("bea", "read").post("/runs/1/pause", object{"reason": "x"}).is(http.StatusForbidden)
	c.as("").get("/audit").leads(t, "/sign-in")
	c.program("cem").get("/runs/1/nothing").is(http.StatusNotFound)
	for range 30 {
		c.as("cem").get("/runs/new").wants(t, http.StatusForbidden)
	}
	for _, want := range []struct {
		who, what, from, proof string
		entries                int
	}{
		{"ada", "POST /runs/{id}/approve", "console %", "passkey", 1},
		{"dia", "POST /api/v1/runs/{id}/pause", "api %", "token the dia of tests", 1},
		{"bea", "POST /api/v1/runs/{id}/pause", "api %", "token the bea of tests", 1},
		{"cem", "GET /runs/new", "console %", "passkey", 20},
		{"%", "%", "%", "%", 23},
	} {
		var n int
		must(t, c.store.Pool().QueryRow(t.Context(), `select count(*) from audit where act = 'access.refused' and who like $1 and subject like $2
			and detail::jsonb->>'from' like $3 and detail::jsonb->>'proof' like $4`, want.who, want.what, want.from, want.proof).Scan(&n))
		if n != want.entries {
			t.Errorf("%s, %s: %d entries, want %d", want.who, want.what, n, want.entries)
		}
	}
}
