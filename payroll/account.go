package payroll

import (
	"slices"
	"time"
)

// Account is how an admin proves who they are, as far as the console shows it.
type Account struct {
	Admin
	DisplayName   string         `json:"display_name,omitempty"`
	Employee      EmployeeNumber `json:"employee,omitempty"` // whose certificate their samples are sealed to
	EnrolledAt    *time.Time     `json:"enrolled_at"`        // nil: their one-time link was not used yet
	Password      bool           `json:"password"`
	Factors       []Factor       `json:"factors"`        // never nil
	RecoveryCodes int            `json:"recovery_codes"` // that are left
}

// MaySignIn reports whether the account has what a sign-in needs: a passkey or a
// provider's identity, or a password with a second factor.
func (a Account) MaySignIn() bool {
	has := func(kind FactorKind) bool {
		return slices.ContainsFunc(a.Factors, func(f Factor) bool { return f.Kind == kind })
	}
	return !a.Disabled && (has(FactorPasskey) || has(FactorSSO) || a.Password && has(FactorTOTP))
}

// FactorKind is what a factor is.
type FactorKind string

// The kinds.
const (
	FactorTOTP    FactorKind = "totp"
	FactorPasskey FactorKind = "passkey"
	FactorSSO     FactorKind = "sso"
)

// Factor is one thing by which an admin is known again.
type Factor struct {
	ID        int64      `json:"id"`
	Kind      FactorKind `json:"kind"`
	Label     string     `json:"label"`
	CreatedAt time.Time  `json:"created_at"`
	UsedAt    *time.Time `json:"used_at"`
}

// Proof is how an admin proved who they are in a visit to the console.
type Proof string

// The proofs. Each is two factors.
const (
	ProofPasswordTOTP     Proof = "password+totp"
	ProofPasswordRecovery Proof = "password+recovery"
	ProofPasskey          Proof = "passkey"
	ProofSSO              Proof = "sso"
)

// AdminSessionLimits are when a visit to the console ends by itself.
var AdminSessionLimits = SessionLimits{Idle: 30 * time.Minute, Max: 10 * time.Hour}

// StepUpFresh is how long a fresh second factor counts for the purpose that it
// was given for; it counts once.
const StepUpFresh = 5 * time.Minute

// AdminSession is one visit to the console.
type AdminSession struct {
	ID      string    `json:"id"` // by which its owner can end it; not the secret
	Admin   Admin     `json:"-"`
	Pending AdminName `json:"-"` // whose password was right, while the second factor is awaited; Admin is empty then
	Proof   Proof     `json:"proof"`
	Browser string    `json:"browser"`
	Address string    `json:"address"`
	Began   time.Time `json:"began"`
	Seen    time.Time `json:"seen"`
}

// Scope is what a token may do.
type Scope string

// The scopes. A token never may more than its admin's roles.
const (
	ScopeRead    Scope = "read"    // whatever its admin may look at, but no amounts
	ScopePeople  Scope = "people"  // the roster, invitations, certificates
	ScopeRuns    Scope = "runs"    // upload, submit, void, send, pause, resume, settle
	ScopeAmounts Scope = "amounts" // look at slips and totals
	ScopeCommand Scope = "command" // proves --as of commands
)

// Scopes lists every scope. Approving, releasing, exporting and deciding
// proposals need a person with a fresh second factor, so that no token can.
var Scopes = []Scope{ScopeRead, ScopePeople, ScopeRuns, ScopeAmounts, ScopeCommand}

// Token is a token of the API or of commands, without its secret.
type Token struct {
	ID        string     `json:"id"`
	Admin     AdminName  `json:"admin"`
	Label     string     `json:"label"`
	Scopes    []Scope    `json:"scopes"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	UsedAt    *time.Time `json:"used_at"`
}

// Has reports whether the token has the scope.
func (t Token) Has(s Scope) bool { return slices.Contains(t.Scopes, s) }
