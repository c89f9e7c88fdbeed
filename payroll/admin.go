package payroll

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// AdminName is the name by which a person who runs payseal is known.
type AdminName string

// Machine acts in the audit log where a worker does something that no person told
// it to. No admin can have the name.
const Machine AdminName = "payseal"

// Role is what such a person may do.
type Role string

// The roles. A person may have several, but no one may approve what they
// imported or submitted, whatever their roles.
const (
	RoleMaker    Role = "maker"
	RoleApprover Role = "approver"
	RoleOperator Role = "operator"
	RoleAuditor  Role = "auditor"
)

// Roles lists every role.
var Roles = []Role{RoleMaker, RoleApprover, RoleOperator, RoleAuditor}

// Admin is a person who runs payseal.
type Admin struct {
	Name     AdminName `json:"name"`
	Roles    []Role    `json:"roles"`
	Disabled bool      `json:"disabled"`
}

var adminName = regexp.MustCompile(`^[a-z][a-z0-9._-]{0,62}$`)

// ParseAdminName checks a name: lower-case ASCII letters, digits, dot, hyphen and
// underscore, starting with a letter.
func ParseAdminName(text string) (AdminName, error) {
	if !adminName.MatchString(text) {
		return "", fmt.Errorf("%w: an admin name is lower-case letters, digits, '.', '-' or '_', starting with a letter", ErrInvalid)
	}
	if AdminName(text) == Machine {
		return "", fmt.Errorf("%w: %s is the name under which the program itself acts", ErrInvalid, Machine)
	}
	return AdminName(text), nil
}

// ParseRole checks that text names a role.
func ParseRole(text string) (Role, error) {
	if !slices.Contains(Roles, Role(text)) {
		return "", fmt.Errorf("%w: roles are maker, approver, operator and auditor", ErrInvalid)
	}
	return Role(text), nil
}

// May says with an error, if the person is disabled or has none of the roles,
// why they may not act.
func (a Admin) May(roles ...Role) error {
	if a.Disabled {
		return fmt.Errorf("%w: %s is disabled", ErrNotAllowed, a.Name)
	}
	if slices.ContainsFunc(a.Roles, func(r Role) bool { return slices.Contains(roles, r) }) {
		return nil
	}
	needed := make([]string, len(roles))
	for i, r := range roles {
		needed[i] = string(r)
	}
	return fmt.Errorf("%w: %s does not have the role %s", ErrNotAllowed, a.Name, strings.Join(needed, " or "))
}

// Found says with an error why the person cannot be added by nobody: only the
// first one can, and must be an operator, who can add the others.
func (a Admin) Found(others bool) error {
	switch {
	case others:
		return fmt.Errorf("%w: only the first admin is added without --as; an operator adds the others", ErrNotAllowed)
	case !slices.Contains(a.Roles, RoleOperator):
		return fmt.Errorf("%w: the first admin must have the role operator, to add the others", ErrInvalid)
	}
	return nil
}
