package dispatch_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/payroll"
)

// watch is the watch of a new worker, and its metrics.
func (h *household) watch() (*dispatch.Watch, *prometheus.Registry) {
	registry := prometheus.NewRegistry()
	return &dispatch.Watch{Archive: h, Metrics: dispatch.NewMetrics(registry), Log: slog.New(slog.NewTextHandler(h.t.Output(), nil))}, registry
}

// rewrite changes the act of an entry and makes every hash after it fit, as one
// can who writes to the database and knows how the log is made.
func (h *household) rewrite(seq int64) {
	h.t.Helper()
	h.exec(`alter table audit disable trigger audit_is_append_only`)
	var entries []payroll.AuditEntry
	h.must(h.WalkAudit(h.t.Context(), 1, func(e payroll.AuditEntry) error {
		entries = append(entries, e)
		return nil
	}))
	before := payroll.AuditEntry{}
	for _, e := range entries {
		if e.Sequence == seq {
			e.Who = "nobody"
		}
		e.Previous = before.Hash
		e.Hash = e.Seal()
		h.exec(`update audit set who = $2, previous = $3, hash = $4 where seq = $1`, e.Sequence, e.Who, e.Previous, e.Hash)
		before = e
	}
}

// TestTheLogIsWatched changes the audit log in each way that one can who writes to
// the database; a walk finds it, and says so once.
func TestTheLogIsWatched(t *testing.T) {
	t.Parallel()
	unhook := `alter table audit disable trigger audit_is_append_only; `
	for name, c := range map[string]struct {
		change func(*household)
		want   string // what the alarm says; "": none
		daily  bool   // only the walk over the whole log sees it
		same   bool   // the same worker sees it, and one that comes later does not
	}{
		"nothing":       {change: func(*household) {}},
		"acts since":    {change: func(h *household) { h.hire(payroll.Employee{Number: "9", Email: "n@acme.example"}) }},
		"written anew":  {func(h *household) { h.rewrite(2) }, "another one than was there", false, false},
		"last one anew": {func(h *household) { h.rewrite(4) }, "another one than was there", false, false},
		"changed":       {func(h *household) { h.exec(unhook + `update audit set who = 'x' where seq = 2`) }, "entry 2 was changed", true, false},
		"removed":       {func(h *household) { h.exec(unhook + `delete from audit where seq = 2`) }, "entries are missing", true, false},
		"cut off":       {func(h *household) { h.exec(unhook + `delete from audit where seq >= 3`) }, "cut off", false, false},
		"emptied":       {func(h *household) { h.exec(unhook + `delete from audit`) }, "cut off", false, false},
		"changed since": {func(h *household) {
			h.hire(payroll.Employee{Number: "9", Email: "n@acme.example"})
			h.exec(unhook + `update audit set act = 'x' where seq = 5`)
		}, "entry 5 was changed", false, false},
		"head removed":         {func(h *household) { h.exec(`delete from audit_heads`) }, "removed", false, false},
		"head changed":         {func(h *household) { h.exec(`update audit_heads set seq = 1`) }, "was changed", false, false},
		"anew, head forgotten": {func(h *household) { h.rewrite(2); h.exec(`delete from audit_heads`) }, "removed", false, false},
		"all of it forgotten": {func(h *household) {
			h.exec(`delete from audit_heads`)
			h.exec(unhook + `delete from audit`)
		}, "put back to an earlier entry", false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHousehold(t)
			h.hire(payroll.Employee{Number: "1", Email: "a@acme.example"})
			h.now = time.Date(2026, 11, 20, 0, 30, 0, 0, time.UTC)
			watch, registry := h.watch()
			h.must(watch.Keep(t.Context()))
			if got := h.column(`select seq::text from audit_heads`); len(got) != 1 || got[0] < "4" {
				t.Fatalf("remembered %v", got)
			}
			c.change(h)
			h.now = h.now.Add(time.Minute)
			h.must(watch.Keep(t.Context())) // not yet
			h.alarms()
			h.now = h.now.Add(time.Hour)
			if !c.same {
				watch, registry = h.watch() // another worker
			}
			h.must(watch.Keep(t.Context()))
			if c.daily {
				h.alarms()
				h.now = h.now.Add(24 * time.Hour)
				h.must(watch.Keep(t.Context()))
			}
			var want []string
			if c.want != "" {
				want = []string{c.want}
			}
			h.alarms(want...)
			h.now = h.now.Add(time.Hour)
			h.must(watch.Keep(t.Context()))
			h.alarms(want...)
			families, err := registry.Gather()
			h.must(err)
			for _, f := range families {
				if f.GetName() == "payseal_alarms_open" && f.GetMetric()[0].GetGauge().GetValue() != float64(len(want)) {
					t.Errorf("the metric says %v", f)
				}
			}
		})
	}
}

// alarms checks which alarms are open, by a part of their words.
func (h *household) alarms(parts ...string) {
	h.t.Helper()
	words := h.column(`select kind || ': ' || words from alarms where settled_at is null order by id`)
	matched := len(words) == len(parts)
	for i := range min(len(words), len(parts)) {
		matched = matched && strings.HasPrefix(words[i], "audit_broken: ") && strings.Contains(words[i], parts[i])
	}
	if !matched {
		h.t.Errorf("alarms %s", cmp.Diff(parts, words))
	}
}
