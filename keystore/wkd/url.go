package wkd

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// wellKnown begins every path of a directory (RFC 8615).
const wellKnown = "/.well-known/openpgpkey/"

// urls are where the certificate of an address is published: by the advanced
// method, which is tried first, and by the direct one, for domains that have no
// host named openpgpkey.
func urls(a payroll.Address) (advanced, direct string, err error) {
	a, err = payroll.ParseAddress(string(a))
	if err != nil {
		return "", "", fmt.Errorf("look up certificate: %w", err)
	}
	local := strings.TrimSuffix(string(a), "@"+a.Domain())
	name := "hu/" + keystore.WKDHash(a) + "?l=" + url.QueryEscape(local)
	advanced = "https://" + advancedHost(a) + wellKnown + a.Domain() + "/" + name
	direct = "https://" + a.Domain() + wellKnown + name
	return advanced, direct, nil
}

func advancedHost(a payroll.Address) string { return "openpgpkey." + a.Domain() }

// isDomain reports whether text is a domain that a mail address can have, in lower
// case; an IP address in any notation is none.
func isDomain(text string) bool {
	a, err := payroll.ParseAddress("x@" + text)
	return err == nil && string(a) == "x@"+text
}
