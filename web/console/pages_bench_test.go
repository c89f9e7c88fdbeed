package console

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// BenchmarkPages asks for every page of the console, as a browser does, in a
// company of 100,000 people with 24 runs. first-ms is the first look after
// something has been done, for which nothing that is kept in memory stands;
// median-ms is the middle of all, least-ms what it takes when nothing else runs.
func BenchmarkPages(b *testing.B) {
	p := newCrowd(b)
	who := map[string]*client{}
	for _, name := range pageVisitors {
		who[name] = p.as(name)
	}
	for _, r := range p.table {
		if r.method != http.MethodGet || r.stream || slices.Contains(unseen, r.path) && r.path != "/runs/{id}/approve" {
			continue
		}
		for _, path := range p.looks(r) {
			b.Run(path, func(b *testing.B) { p.measure(b, who, path) })
		}
	}
}

// pageVisitors are asked in turn who sees a page: eve may see all, some pages are
// whose upload it is, one is for strangers.
var pageVisitors = []string{"eve", "ada", "bea", ""}

// measure asks for a page in the visit of whoever may see it.
func (p *planted) measure(b *testing.B, who map[string]*client, path string) {
	b.Helper()
	must(b, p.store.RaiseAlarm(b.Context(), payroll.Alarm{Kind: payroll.AlarmLatePayday, Words: path}))
	p.census.forget()
	var visitor *client
	var times []time.Duration
	for _, name := range pageVisitors {
		begun := time.Now()
		if a := who[name].get(path); a.status == http.StatusOK {
			visitor, times = who[name], []time.Duration{time.Since(begun)}
			break
		} else if name == "" {
			b.Fatalf("status %d to %q", a.status, a.to())
		}
	}
	first := times[0]
	for b.Loop() {
		begun := time.Now()
		if a := visitor.get(path); a.status != http.StatusOK {
			b.Fatalf("status %d", a.status)
		}
		times = append(times, time.Since(begun))
	}
	slices.SortFunc(times, cmp.Compare)
	b.ReportMetric(float64(first.Microseconds())/1000, "first-ms")
	b.ReportMetric(float64(times[0].Microseconds())/1000, "least-ms")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "median-ms")
}

// looks are the addresses of a route's page: its own, and what is asked of it by
// filters.
func (p *planted) looks(r route) []string {
	path := p.path(r)
	looks := []string{path}
	for _, query := range map[string][]string{
		"/people": {
			"?show=ready&after=E090000", "?show=no-key", "?show=expiring", "?show=call", "?show=moved", "?show=left&before=E050000", "?department=Department+7",
			"?department=Department+7&show=no-key", "?number=e0912", "?number=X1", "?after=E099000",
		},
		"/audit":              {"?who=ada", "?act=slip.resend", "?subject=employee+E012345", "?who=nobody", "?from=2026-01-01&until=2026-01-02", "?before=100000"},
		"/runs":               {"?before=9", "?state=complete"},
		"/runs/{id}/slips":    {"?after=E050000", "?state=held", "?state=queued", "?number=E0999"},
		"/runs/{id}/check":    {"?kind=joiner", "?kind=missing", "?kind=twin"},
		"/alarms":             {"?all=yes"},
		"/schedules/holidays": {"?year=2026"},
	}[r.path] {
		looks = append(looks, path+query)
	}
	switch r.path {
	case "/people/{number}":
		looks = append(looks, "/people/E012345")
	case "/runs/{id}":
		for _, state := range []payroll.RunState{payroll.RunSubmitted, payroll.RunApproved, payroll.RunPaused, payroll.RunComplete} {
			looks = append(looks, fmt.Sprintf("/runs/%d", p.runs[state]))
		}
	case "/runs/{id}/approve":
		looks[0] += "?manifest=" + p.manifest()
	case "/runs/{id}/review/{list}":
		for _, list := range reviewLists {
			if list.name != "variance" {
				looks = append(looks, fmt.Sprintf("/runs/%d/review/%s", p.runs[payroll.RunSubmitted], list.name))
			}
		}
	}
	return looks
}

// manifest is the hash that the review of the submitted run shows.
func (p *planted) manifest() string {
	p.t.Helper()
	found, err := p.store.FreshInspection(p.t.Context(), p.runs[payroll.RunSubmitted], p.Letterhead().Digest(), p.Policy.Freeze)
	must(p.t, err)
	return found.Manifest
}
