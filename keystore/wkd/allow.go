package wkd

import "net/netip"

// Every block of addresses that is not the public Internet though it may look
// like it (the IANA special-purpose registries, RFC 6890).
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // behind a provider's NAT
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("2001::/23"), // Teredo and others that wrap an address
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4, which wraps one too
	netip.MustParsePrefix("3fff::/20"),
}

var (
	unicast6 = netip.MustParsePrefix("2000::/3") // all of IPv6 that is given out
	nat64    = netip.MustParsePrefix("64:ff9b::/96")
)

// public reports whether an address is one of the public Internet. An IPv4
// address is judged by itself however it is wrapped.
func public(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	if nat64.Contains(a) {
		wrapped := a.As16()
		a = netip.AddrFrom4([4]byte(wrapped[12:]))
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.Is6() && !unicast6.Contains(a) {
		return false
	}
	for _, block := range notPublic {
		if block.Contains(a) {
			return false
		}
	}
	return true
}
