package web

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payseal/payseal/web/door"
)

// TestLimits sends more of each limited request than one client may.
func TestLimits(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	f := newForm(t, func(s *Server) {
		rate := door.Rate{Every: time.Minute, Burst: 3}
		s.Limits = Limits{Ask: rate, Try: rate, Submit: rate, Lookup: rate}
		s.Now = func() time.Time { return time.Unix(now.Load(), 0) }
		s.Desk = nobody{}
	})
	v := f.visitor(t)
	paths := map[rateName]string{rateAsk: "/de/sign-in", rateTry: "/de/sign-in/code", rateSubmit: "/de/proof/code", rateLookup: "/de/certificate/lookup"}
	for name, path := range paths {
		for i := range 5 {
			a := v.post(t, path)
			if limited := a.status == http.StatusTooManyRequests; limited != (i >= 3) {
				t.Errorf("%s: request %d is answered %d", name, i+1, a.status)
			} else if limited && (a.header.Get("Retry-After") == "" || !strings.Contains(a.body, "<h1>")) {
				t.Errorf("%s: %v\n%s", name, a.header, a.body)
			}
		}
		if a := v.get(t, "/de/sign-in"); a.status != http.StatusOK {
			t.Errorf("%s: pages are refused, too: %d", name, a.status)
		}
	}
	now.Add(60)
	for name, path := range paths {
		if a := v.post(t, path); a.status == http.StatusTooManyRequests {
			t.Errorf("%s: a minute later it is still refused", name)
		}
	}
}

// TestJudgingIsLimited: an employee cannot keep the server's cores busy.
func TestJudgingIsLimited(t *testing.T) {
	t.Parallel()
	f := newOffice(t, func(s *Server) { s.Limits.Judge = door.Rate{Every: time.Hour, Burst: 2} })
	v, other := f.entered(t, kiran), f.entered(t, kiren)
	for i, want := range []int{422, 422, 429, 429} {
		if a := v.upload(t, "/en/certificate", []byte("hello"), ""); a.status != want {
			t.Errorf("certificate %d: %d, want %d", i+1, a.status, want)
		}
	}
	if a := other.upload(t, "/en/certificate", []byte("hello"), ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("another employee: %d", a.status)
	}
}

// TestEveryLimitIsKnown: a route with a misspelt limit would panic.
func TestEveryLimitIsKnown(t *testing.T) {
	t.Parallel()
	f := newForm(t, nil)
	for _, route := range f.table {
		if route.rate != "" && f.rates[route.rate] == nil {
			t.Errorf("%s is under an unknown limit %q", route.path, route.rate)
		}
	}
}
