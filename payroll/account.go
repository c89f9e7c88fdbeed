package payroll

import (
	"crypto/sha256"
	"fmt"
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

// Place is where an admin sits, as far as a request tells.
type Place struct {
	Browser string // "Firefox on Windows", as it said itself
	Address string
}

// Evidence is what somebody showed and web/identity found right. The store checks
// that it still counts, and uses it up.
type Evidence struct {
	Admin    AdminName
	Proof    Proof
	Factor   int64      // the one-time codes, the passkey or the provider's identity; 0 of a recovery code
	Step     int64      // of a one-time code: the time step that it belongs to
	Content  []byte     // of a passkey: as it is to be kept from now on
	Recovery SecretHash // of a recovery code
}

// NewFactor is a factor that is to be kept.
type NewFactor struct {
	Kind    FactorKind
	Label   string
	Handle  []byte // a passkey's credential ID; of single sign-on the SHA-256 of issuer and subject
	Content []byte // the seed of one-time codes, in the clear; a passkey as JSON
	Step    int64  // of one-time codes: the step of the one that was shown
}

// Beginning is how a person makes a new account their own, or their old one again.
type Beginning struct {
	Link     SecretHash // the one-time link, which is used up
	Admin    AdminName
	Proof    Proof
	Password string // an Argon2id hash; only with one-time codes
	Factor   NewFactor
	Recovery []SecretHash
}

// Seed is a seed of one-time codes.
type Seed struct {
	Factor int64
	Secret string // base32
	Last   int64  // the time step that counted last
}

// KeptPasskey is a passkey as it is kept.
type KeptPasskey struct {
	Factor  int64
	Content []byte // JSON of web/identity
}

// Keyring is an admin as passkeys know them.
type Keyring struct {
	Admin    AdminName
	Handle   []byte
	Passkeys []KeptPasskey
}

// Try is one try at a password or a code.
type Try struct {
	Name    string // as it was typed; only its hash is kept
	Client  string // the network address
	Browser string // what a browser that the account knows is called; "" for a stranger's
}

// Who is what is kept of the name.
func (t Try) Who() SecretHash { return sha256.Sum256([]byte("payseal try " + t.Name)) }

// SignInFailures are the times of failed tries that count; see identity.Failures,
// which they are.
type SignInFailures struct{ Account, Browser, Client []time.Time }

// LinkLifetime is how long a one-time link can be used.
const LinkLifetime = 24 * time.Hour

// MaxTokenLifetime is how long a token of the API or of commands lives at most.
const MaxTokenLifetime = 365 * 24 * time.Hour

// JoinHalves is the hash of a one-time link of which two people hold one half
// each: the link's token, and the code that belongs to it.
func JoinHalves(token, code SecretHash) SecretHash {
	return sha256.Sum256(slices.Concat([]byte("payseal halves "), token[:], code[:]))
}

// ScopesOf are the scopes that an admin of these roles may give to a token.
func ScopesOf(roles []Role) []Scope {
	var scopes []Scope
	for _, s := range Scopes {
		if slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(s.roles(), r) }) {
			scopes = append(scopes, s)
		}
	}
	return scopes
}

// roles are those with which one may do something that the scope is for.
func (s Scope) roles() []Role {
	switch s {
	case ScopePeople, ScopeRuns:
		return []Role{RoleMaker, RoleApprover, RoleOperator}
	case ScopeAmounts:
		return []Role{RoleMaker, RoleApprover}
	}
	return Roles
}

// CheckToken says with ErrInvalid what is wrong with a token that an admin wants.
func CheckToken(t Token, roles []Role, lifetime time.Duration) error {
	switch {
	case t.Label == "" || len(t.Label) > 100:
		return fmt.Errorf("%w: give the token a label of up to 100 bytes, so that you know it again", ErrInvalid)
	case len(t.Scopes) == 0:
		return fmt.Errorf("%w: choose what the token may do", ErrInvalid)
	case lifetime <= 0 || lifetime > MaxTokenLifetime:
		return fmt.Errorf("%w: a token lives between 1 and 365 days", ErrInvalid)
	}
	allowed := ScopesOf(roles)
	for _, s := range t.Scopes {
		if !slices.Contains(allowed, s) {
			return fmt.Errorf("%w: your roles do not let you give a token the scope %q", ErrInvalid, string(s))
		}
	}
	return nil
}

// Scope is what a token may do.
type Scope string

// The scopes. A token never may more than its admin's roles.
const (
	ScopeRead    Scope = "read"    // whatever its admin may look at, but no amounts
	ScopePeople  Scope = "people"  // the roster, invitations, certificates, phone checks
	ScopeRuns    Scope = "runs"    // upload, acknowledge, submit, void, send, pause, resume, resend, settle, withdraw
	ScopeAmounts Scope = "amounts" // look at slips and totals
	ScopeCommand Scope = "command" // proves --as of commands; schedules, holidays, retention, alarms, and proposals
)

// Scopes lists every scope. None lets anybody approve, release, export or decide
// proposals: these take a fresh second factor, which a token is not.
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

// Within are those of the token's scopes that these roles allow.
func (t Token) Within(roles []Role) []Scope {
	allowed := ScopesOf(roles)
	return slices.DeleteFunc(slices.Clone(t.Scopes), func(s Scope) bool { return !slices.Contains(allowed, s) })
}

// Has reports whether the token has the scope.
func (t Token) Has(s Scope) bool { return slices.Contains(t.Scopes, s) }
