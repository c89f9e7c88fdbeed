package payroll

import (
	"fmt"
	"strings"
)

// Address is a mail address: an RFC 5321 dot-atom local part and an ASCII
// domain. Quoted local parts, address literals and comments are refused: one of
// them was a route injection in a mail library, and no payroll needs them.
type Address string

// maxAddress is what RFC 5321 §4.5.3.1.3 leaves of a path of 256 octets.
const maxAddress = 254

// ParseAddress checks a mail address and lower-cases its domain. The error
// never quotes the address.
func ParseAddress(text string) (Address, error) {
	local, domain, found := cutLast(text, "@")
	switch {
	case !found:
		return "", fmt.Errorf("%w: a mail address has an @", ErrInvalid)
	case strings.ContainsFunc(domain, func(r rune) bool { return r >= 0x80 }):
		return "", fmt.Errorf("%w: write an internationalised domain in its A-label form, such as xn--mnchen-3ya.example", ErrInvalid)
	case len(local) > 64 || !dotAtom(local):
		return "", fmt.Errorf("%w: the part before the @ must be plain letters, digits and !#$%%&'*+/=?^_`{|}~-., without quotes or spaces", ErrInvalid)
	case len(text) > maxAddress || !validDomain(domain):
		return "", fmt.Errorf("%w: the part after the @ must be a domain name with a dot, such as acme.example, and the whole no longer than %d characters", ErrInvalid, maxAddress)
	}
	return Address(local + "@" + strings.ToLower(domain)), nil
}

// dotAtom holds for RFC 5322 §3.2.3: atoms with dots between them.
func dotAtom(local string) bool {
	strange := func(r rune) bool { return !alphanumeric(r) && !strings.ContainsRune("!#$%&'*+/=?^_`{|}~-", r) }
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" || strings.ContainsFunc(atom, strange) {
			return false
		}
	}
	return true
}

// validDomain holds for labels of RFC 1035 §2.3.1, two or more. A last one of
// digits alone makes an IP address, not a domain.
func validDomain(domain string) bool {
	strange := func(r rune) bool { return !alphanumeric(r) && r != '-' }
	labels, last := 0, ""
	for last = range strings.SplitSeq(domain, ".") {
		labels++
		if last == "" || len(last) > 63 || last[0] == '-' || last[len(last)-1] == '-' || strings.ContainsFunc(last, strange) {
			return false
		}
	}
	return labels > 1 && strings.Trim(last, "0123456789") != ""
}

func alphanumeric(r rune) bool {
	return '0' <= r && r <= '9' || 'A' <= r && r <= 'Z' || 'a' <= r && r <= 'z'
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// Domain is the part after the @, in lower case.
func (a Address) Domain() string {
	_, domain, _ := cutLast(string(a), "@")
	return strings.ToLower(domain)
}

// Same reports whether two addresses are the same mailbox to any mail server in
// use: equal without regard to case.
func (a Address) Same(b Address) bool { return strings.EqualFold(string(a), string(b)) }
