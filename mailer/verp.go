package mailer

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/payseal/payseal/payroll"
)

var verpToken = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$`)

// VERP is the reverse-path of one slip: bounce+token@domain for the address
// bounce@domain, so that a bounce leads back to the slip without any content.
// The token is lower-case letters, digits and inner hyphens, as a UUID is; some
// mail servers change the case of what they return.
func VERP(bounce payroll.Address, token string) (payroll.Address, error) {
	if !verpToken.MatchString(token) {
		return "", fmt.Errorf("make bounce address: %w: a token is 1 to 48 lower-case letters, digits and hyphens", payroll.ErrInvalid)
	}
	at := strings.LastIndexByte(string(bounce), '@')
	if at < 0 {
		return "", fmt.Errorf("make bounce address: %w: the configured address has no @", payroll.ErrInvalid)
	}
	address, err := payroll.ParseAddress(string(bounce[:at]) + "+" + token + string(bounce[at:]))
	if err != nil {
		return "", fmt.Errorf("make bounce address: %w", err)
	}
	return address, nil
}

// VERPToken is the inverse: the token in an address to which a bounce came, and
// whether there is one.
func VERPToken(bounce payroll.Address, came payroll.Address) (token string, ok bool) {
	at := strings.LastIndexByte(string(bounce), '@')
	if at < 0 || len(came) < len(bounce)+2 {
		return "", false
	}
	head, tail := string(bounce[:at])+"+", string(bounce[at:])
	end := len(came) - len(tail)
	if end < len(head) || !strings.EqualFold(string(came[:len(head)]), head) || !strings.EqualFold(string(came[end:]), tail) {
		return "", false
	}
	token = strings.ToLower(string(came[len(head):end]))
	return token, verpToken.MatchString(token)
}
