package wkd

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// joe is the example of the draft.
const (
	joe     = "joe.doe@example.org"
	joeHash = "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
)

func TestHash(t *testing.T) {
	t.Parallel()
	for local, want := range map[string]string{"joe.doe": joeHash, "Joe.Doe": joeHash, "": ""} {
		if got := Hash(local); got != want {
			t.Errorf("%q: %s", local, got)
		}
	}
}

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
			"https://openpgpkey.x.example/.well-known/openpgpkey/x.example/hu/" + Hash("a/b?c&d#e+f%g") + "?l=a%2Fb%3Fc%26d%23e%2Bf%25g",
			"https://x.example/.well-known/openpgpkey/hu/" + Hash("a/b?c&d#e+f%g") + "?l=a%2Fb%3Fc%26d%23e%2Bf%25g",
		},
	} {
		advanced, direct, err := URLs(address)
		if err != nil || advanced != want[0] || direct != want[1] {
			t.Errorf("%s:\n%s\n%s\n%v", address, advanced, direct, err)
		}
	}
	for _, address := range []payroll.Address{"", "joe", "joe@localhost", "joe@127.0.0.1", "joe@[::1]", "joe@x.example/path", "joe@x.example:80", "joe@@x.example", "joe@user:p@x.example"} {
		if advanced, _, err := URLs(address); err == nil {
			t.Errorf("%s leads to %s", address, advanced)
		}
	}
}

func TestParsePath(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		path, domain, hash string
		ok                 bool
	}{
		{"/.well-known/openpgpkey/hu/" + joeHash, "", joeHash, true},
		{"/.well-known/openpgpkey/example.org/hu/" + joeHash, "example.org", joeHash, true},
		{"/.well-known/openpgpkey/hu/" + strings.ToUpper(joeHash), "", "", false},
		{"/.well-known/openpgpkey/hu/" + joeHash[1:], "", "", false},
		{"/.well-known/openpgpkey/hu/" + joeHash + "/", "", "", false},
		{"/.well-known/openpgpkey/hu/", "", "", false},
		{"/.well-known/openpgpkey/hu", "", "", false},
		{"/.well-known/openpgpkey/policy", "", "", false},
		{"/.well-known/openpgpkey/EXAMPLE.org/hu/" + joeHash, "", "", false},
		{"/.well-known/openpgpkey/../hu/" + joeHash, "", "", false},
		{"/.well-known/openpgpkey/localhost/hu/" + joeHash, "", "", false},
		{"/.well-known/openpgpkey/127.0.0.1/hu/" + joeHash, "", "", false},
		{"/.well-known/openpgpkey//hu/" + joeHash, "", "", false},
		{"/.well-known/openpgpkey/a.b/c.d/hu/" + joeHash, "", "", false},
		{"/well-known/openpgpkey/hu/" + joeHash, "", "", false},
		{"", "", "", false},
	} {
		if domain, hash, ok := ParsePath(test.path); domain != test.domain || hash != test.hash || ok != test.ok {
			t.Errorf("%s: %q, %q, %v", test.path, domain, hash, ok)
		}
	}
	for path, want := range map[string]string{
		"/.well-known/openpgpkey/policy":             "",
		"/.well-known/openpgpkey/example.org/policy": "example.org",
	} {
		if domain, ok := ParsePolicyPath(path); !ok || domain != want {
			t.Errorf("%s: %q, %v", path, domain, ok)
		}
	}
	for _, path := range []string{"/.well-known/openpgpkey/policy/", "/.well-known/openpgpkey/x/policy", "/policy", "/.well-known/openpgpkey/hu/policy"} {
		if _, ok := ParsePolicyPath(path); ok {
			t.Errorf("%s is taken for a policy", path)
		}
	}
}

// FuzzParsePath holds that whatever is taken writes back as it came, and leads
// nowhere else.
func FuzzParsePath(f *testing.F) {
	f.Add("/.well-known/openpgpkey/example.org/hu/" + joeHash)
	f.Add("/.well-known/openpgpkey/hu/" + joeHash)
	f.Add("/.well-known/openpgpkey/policy")
	f.Add("/.well-known/openpgpkey/../hu/..")
	f.Fuzz(func(t *testing.T, path string) {
		domain, hash, ok := ParsePath(path)
		if !ok {
			return
		}
		middle := ""
		if domain != "" {
			middle = domain + "/"
			if _, err := payroll.ParseAddress("joe@" + domain); err != nil {
				t.Errorf("%q is no domain", domain)
			}
		}
		if wellKnown+middle+"hu/"+hash != path || len(hash) != 32 {
			t.Errorf("%q, %q", domain, hash)
		}
		if u, err := url.Parse(path); err != nil || u.Path != path || u.RawQuery != "" {
			t.Errorf("%q is more than a path", path)
		}
	})
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
