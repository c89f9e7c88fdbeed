package door

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

func TestRates(t *testing.T) {
	t.Parallel()
	c := NewRates(Rate{Every: time.Minute, Burst: 2})
	at := time.Unix(0, 0)
	for i, want := range []bool{true, true, false, false} {
		if got := c.Allow("busy", at); got != want {
			t.Errorf("request %d: %t", i+1, got)
		}
	}
	if !c.Allow("another", at) {
		t.Error("one client uses another's rate up")
	}
	at = at.Add(time.Minute)
	if !c.Allow("busy", at) || c.Allow("busy", at) {
		t.Error("a minute later it is not one more")
	}
}

// TestClientsAreForgotten: strangers cannot fill the memory, and the busy ones
// stay limited while others come by.
func TestClientsAreForgotten(t *testing.T) {
	t.Parallel()
	c := NewRates(Rate{time.Hour, 1})
	at := time.Unix(0, 0)
	busy := "192.0.2.1/32"
	c.Allow(busy, at)
	for i := range 5 * maxClients {
		c.Allow(fmt.Sprint(i), at)
		if i%1000 == 0 && c.Allow(busy, at) {
			t.Fatalf("the busy one was forgotten after %d others", i)
		}
	}
	if n := len(c.young) + len(c.old); n > 2*maxClients {
		t.Errorf("%d clients are remembered", n)
	}
}

func TestClientAddress(t *testing.T) {
	t.Parallel()
	d := &Door{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
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
		if got := d.Client(r).String(); got != test.want {
			t.Errorf("%s forwarded for %q: %s, want %s", test.peer, test.forwarded, got, test.want)
		}
	}
}

func FuzzClientAddress(f *testing.F) {
	f.Add("10.0.0.1:1", "198.51.100.1")
	f.Add("[::1]:1", ",,,")
	d := &Door{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0"), netip.MustParsePrefix("::/0")}}
	f.Fuzz(func(t *testing.T, peer, forwarded string) {
		got := d.Client(&http.Request{RemoteAddr: peer, Header: http.Header{"X-Forwarded-For": {forwarded}}})
		if got.IsValid() && got != got.Masked() {
			t.Error(fmt.Sprint(got))
		}
	})
}
