package web

import (
	"cmp"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// rateName is which of the Limits a route is under.
type rateName string

const (
	rateAsk    rateName = "ask"
	rateTry    rateName = "try"
	rateSubmit rateName = "submit"
	rateLookup rateName = "lookup"
	rateJudge  rateName = "judge" // of one employee, not of one client
)

// maxClients is how many clients each limit remembers, twice.
const maxClients = 10_000

// clients are the limiters of one rate, by client or employee. When as many are remembered
// as may be, those not seen since the last time that happened are forgotten.
type clients struct {
	rate       Rate
	mu         sync.Mutex
	young, old map[string]*rate.Limiter
}

// clients makes the limiters with the defaults where nothing is set.
func (l Limits) clients() map[rateName]*clients {
	made := make(map[rateName]*clients)
	for name, r := range map[rateName]struct{ set, standard Rate }{
		rateAsk:    {l.Ask, Rate{2 * time.Second, 60}},
		rateTry:    {l.Try, Rate{time.Second, 120}},
		rateSubmit: {l.Submit, Rate{time.Second, 120}},
		rateLookup: {l.Lookup, Rate{5 * time.Second, 30}},
		rateJudge:  {l.Judge, Rate{10 * time.Second, 30}},
	} {
		every, burst := cmp.Or(r.set.Every, r.standard.Every), cmp.Or(r.set.Burst, r.standard.Burst)
		made[name] = &clients{rate: Rate{every, burst}, young: make(map[string]*rate.Limiter)}
	}
	return made
}

func (c *clients) allow(client string, at time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	limiter, found := c.young[client]
	if !found {
		if limiter, found = c.old[client]; !found {
			limiter = rate.NewLimiter(rate.Every(c.rate.Every), c.rate.Burst)
		}
		if len(c.young) >= maxClients {
			c.young, c.old = make(map[string]*rate.Limiter), c.young
		}
		c.young[client] = limiter
	}
	return limiter.AllowN(at, 1)
}

// allow takes one request of the client from the rate of that name.
func (s *Server) allow(name rateName, r *http.Request) bool {
	if name == "" {
		return true
	}
	return s.rates[name].allow(s.client(r).String(), s.Now())
}

// client is whom a limit counts: an IPv4 address, or the /64 of an IPv6 one,
// which is what one subscriber has.
func (s *Server) client(r *http.Request) netip.Prefix {
	at := s.clientAddress(r)
	bits := 32
	if at.Is6() {
		bits = 64
	}
	prefix, err := at.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // nobody we know: all of them together
	}
	return prefix
}

// clientAddress is where a request comes from. What X-Forwarded-For says is
// believed from its end on, as far as trusted proxies wrote it.
func (s *Server) clientAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !s.trusts(at) {
			break
		}
		before, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		at = before.Unmap().WithZone("")
	}
	return at
}

func (s *Server) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(s.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(at) })
}
