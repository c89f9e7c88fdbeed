package web

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestLimits sends more of each limited request than one client may.
func TestLimits(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	f := newForm(t, func(s *Server) {
		rate := Rate{Every: time.Minute, Burst: 3}
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
	f := newOffice(t, func(s *Server) { s.Limits.Judge = Rate{time.Hour, 2} })
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

// TestClientsAreForgotten: strangers cannot fill the memory, and the busy ones
// stay limited while others come by.
func TestClientsAreForgotten(t *testing.T) {
	t.Parallel()
	c := Limits{Try: Rate{time.Hour, 1}}.clients()[rateTry]
	at := time.Unix(0, 0)
	busy := "192.0.2.1/32"
	c.allow(busy, at)
	for i := range 5 * maxClients {
		c.allow(fmt.Sprint(i), at)
		if i%1000 == 0 && c.allow(busy, at) {
			t.Fatalf("the busy one was forgotten after %d others", i)
		}
	}
	if n := len(c.young) + len(c.old); n > 2*maxClients {
		t.Errorf("%d clients are remembered", n)
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	s := &Server{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	for _, test := range []struct{ peer, forwarded, want string }{
		{"192.0.2.7:1234", "", "192.0.2.7/32"},
		{"192.0.2.7:1234", "198.51.100.1", "192.0.2.7/32"}, // a stranger's word
		{"10.0.0.1:1234", "198.51.100.1", "198.51.100.1/32"},
		{"10.0.0.1:1234", "203.0.113.9, 198.51.100.1", "198.51.100.1/32"}, // what the client wrote itself
		{"10.0.0.1:1234", "203.0.113.9, 198.51.100.1, 10.0.0.2", "198.51.100.1/32"},
		{"10.0.0.1:1234", "10.0.0.3", "10.0.0.3/32"},
		{"10.0.0.1:1234", "", "10.0.0.1/32"},
		{"10.0.0.1:1234", "unknown", "10.0.0.1/32"},
		{"10.0.0.1:1234", "198.51.100.1:443", "10.0.0.1/32"},
		{"[::ffff:10.0.0.1]:1234", "198.51.100.1", "198.51.100.1/32"},
		{"[2001:db8:1:2:3::4]:1234", "", "2001:db8:1:2::/64"},
		{"[2001:db8:1:2:ffff::9]:1234", "", "2001:db8:1:2::/64"},
		{"[fd00::1]:1234", "2001:db8:1:2::5%eth0", "2001:db8:1:2::/64"},
		{"@", "198.51.100.1", netip.Prefix{}.String()},
	} {
		r := &http.Request{RemoteAddr: test.peer, Header: http.Header{}}
		if test.forwarded != "" {
			for _, line := range strings.SplitAfterN(test.forwarded, ", ", 2) { // a list may stand in several lines
				r.Header.Add("X-Forwarded-For", strings.TrimSuffix(line, ", "))
			}
		}
		if got := s.client(r).String(); got != test.want {
			t.Errorf("%s forwarded for %q: %s, want %s", test.peer, test.forwarded, got, test.want)
		}
	}
}

func FuzzClientAddress(f *testing.F) {
	f.Add("10.0.0.1:1", "198.51.100.1")
	f.Add("[::1]:1", ",,,")
	s := &Server{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		got := s.client(&http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}}})
		if got.IsValid() && got != got.Masked() {
			t.Error(fmt.Sprint(got))
		}
	})
}
