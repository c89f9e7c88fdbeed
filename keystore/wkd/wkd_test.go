package wkd

import (
	"net/netip"
	"testing"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// joe is the example of the draft.
const (
	joe     = "joe.doe@example.org"
	joeHash = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
)

func TestURLs(t *testing.T) {
	t.Parallel()
	for address, want := range map[payroll.Address][2]string{
		joe: {
			"https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/" + joeHash + "?l=joe.doe",
			"https://example.org/.well-known/openpgpkey/hu/" + joeHash + "?l=joe.doe",
		},
		"Joe.Doe@Example.ORG": {
			"https://openpgpkey.example.org/.well-known/openpgpkey/example.org/hu/" + joeHash + "?l=Joe.Doe",
			"https://example.org/.well-known/openpgpkey/hu/" + joeHash + "?l=Joe.Doe",
		},
		"a/b?c&d#e+f%g@x.example": {
			"https://openpgpkey.x.example/.well-known/openpgpkey/x.example/hu/" + keystore.WKDHash("a/b?c&d#e+f%g@x.example") + "?l=a%2Fb%3Fc%26d%23e%2Bf%25g",
			"https://x.example/.well-known/openpgpkey/hu/" + keystore.WKDHash("a/b?c&d#e+f%g@x.example") + "?l=a%2Fb%3Fc%26d%23e%2Bf%25g",
		},
	} {
		advanced, direct, err := urls(address)
		if err != nil || advanced != want[0] || direct != want[1] {
			t.Errorf("%s:\n%s\n%s\n%v", address, advanced, direct, err)
		}
	}
	for _, address := range []payroll.Address{"", "joe", "joe@localhost", "joe@127.0.0.1", "joe@[::1]", "joe@x.example/path", "joe@x.example:80", "joe@@x.example", "joe@user:p@x.example"} {
		if advanced, _, err := urls(address); err == nil {
			t.Errorf("%s leads to %s", address, advanced)
		}
	}
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255",
		"198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1",
		"64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1",
		"2002:7f00:1::", "2002:a00:1::1", "3fff::1", "5f00::1", "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1",
	} {
		if public(netip.MustParseAddr(text)) {
			t.Errorf("%s counts as public", text)
		}
	}
	for _, text := range []string{"1.1.1.1", "192.0.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1", "2a00:1450::1", "64:ff9b::101:101", "::ffff:1.1.1.1"} {
		if !public(netip.MustParseAddr(text)) {
			t.Errorf("%s does not count as public", text)
		}
	}
	if public(netip.Addr{}) {
		t.Error("no address counts as public")
	}
}
