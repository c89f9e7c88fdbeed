package wkd

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// wellKnown begins every path of a directory (RFC 8615).
const wellKnown = "/.well-known/openpgpkey/"

// Hash is the name under which the certificate of an address with this local part
// is kept: 32 characters.
func Hash(local string) string { return keystore.WKDHash(payroll.Address(local + "@")) }

// URLs are where the certificate of an address is published: by the advanced
// method, which is tried first, and by the direct one, for domains that have no
// host named openpgpkey.
func URLs(a payroll.Address) (advanced, direct string, err error) {
	a, err = payroll.ParseAddress(string(a))
	if err != nil {
		return "", "", fmt.Errorf("look up certificate: %w", err)
	}
	local := strings.TrimSuffix(string(a), "@"+a.Domain())
	name := "hu/" + Hash(local) + "?l=" + url.QueryEscape(local)
	advanced = "https://" + advancedHost(a) + wellKnown + a.Domain() + "/" + name
	direct = "https://" + a.Domain() + wellKnown + name
	return advanced, direct, nil
}

func advancedHost(a payroll.Address) string { return "openpgpkey." + a.Domain() }

var hashName = regexp.MustCompile(`^[ybndrfg8ejkmcpqxot1uwisza345h769]{32}$`)

// isDomain reports whether text is a domain that a mail address can have, in lower
// case; an IP address in any notation is none.
func isDomain(text string) bool {
	a, err := payroll.ParseAddress("x@" + text)
	return err == nil && string(a) == "x@"+text
}

// ParsePath reads the path of a request for a certificate. The domain is "" for
// the direct method: then it is the host that was asked.
func ParsePath(path string) (domain, hash string, ok bool) {
	domain, rest, ok := cutDomain(path)
	hash, isKey := strings.CutPrefix(rest, "hu/")
	if !ok || !isKey || !hashName.MatchString(hash) {
		return "", "", false
	}
	return domain, hash, true
}

// ParsePolicyPath reads the path of a request for the policy file, which tells
// clients that there is a directory. The domain is as ParsePath has it.
func ParsePolicyPath(path string) (domain string, ok bool) {
	domain, rest, ok := cutDomain(path)
	if !ok || rest != "policy" {
		return "", false
	}
	return domain, true
}

// cutDomain takes the advanced method's domain off a path.
func cutDomain(path string) (domain, rest string, ok bool) {
	rest, ok = strings.CutPrefix(path, wellKnown)
	if !ok {
		return "", "", false
	}
	first, behind, found := strings.Cut(rest, "/")
	if !found || first == "hu" {
		return "", rest, true
	}
	if !isDomain(first) {
		return "", "", false
	}
	return first, behind, true
}
