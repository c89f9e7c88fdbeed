package door

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate lets Burst requests through at once, and one more after each Every.
type Rate struct {
	Every time.Duration // 0: no limit
	Burst int
}

// maxClients is how many clients each Rates remembers, twice.
const maxClients = 10_000

// Rates counts each client by itself. When as many are remembered as may be,
// those not seen since the last time that happened are forgotten. It is safe for
// concurrent use.
type Rates struct {
	rate       Rate
	mu         sync.Mutex
	young, old map[string]*rate.Limiter
}

// NewRates counts with the same rate for every client.
func NewRates(r Rate) *Rates {
	return &Rates{rate: r, young: make(map[string]*rate.Limiter)}
}

// Allow takes one request from what the client has left, and reports whether
// there was one. A client is any text that tells one from another.
func (c *Rates) Allow(client string, at time.Time) bool {
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

// Client is whom a limit counts: an IPv4 address, or the /64 of an IPv6 one,
// which is what one subscriber has. The zero prefix is everybody of whom no
// address is known, together.
func (d *Door) Client(r *http.Request) netip.Prefix {
	at := d.ClientAddress(r)
	bits := 32
	if at.Is6() {
		bits = 64
	}
	prefix, err := at.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return prefix
}

// ClientAddress is where a request comes from; the zero address if it came from
// none. What X-Forwarded-For says is believed from its end on, as far as trusted
// proxies wrote it.
func (d *Door) ClientAddress(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	at := peer.Addr().Unmap().WithZone("")
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !d.trusts(at) {
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

func (d *Door) trusts(at netip.Addr) bool {
	return slices.ContainsFunc(d.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(at) })
}
