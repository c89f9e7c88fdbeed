package payroll

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Access is a row that decides who may act. Each stands under a seal that only
// the vault can make, so that nobody gets in by writing to the database.
type Access interface {
	Table() string  // where it is kept; it is part of the seal
	Encode() []byte // everything that the seal covers, unambiguously
}

// AccessAdmin is an admin's own row.
type AccessAdmin struct {
	Admin
	Employee   EmployeeNumber
	EnrolledAt *time.Time
	Handle     []byte // by which passkeys know them
	Generation int64  // counts every change of the account
	Lockouts   int64  // counts how often they were locked out; older visits, tokens and links name a smaller number
}

// Table is where it is kept.
func (AccessAdmin) Table() string { return "admins" }

// Encode is what the seal covers.
func (a AccessAdmin) Encode() []byte {
	e := access{}.text(string(a.Name)).flag(a.Disabled).text(string(a.Employee)).moment(a.EnrolledAt).text(string(a.Handle))
	e = e.number(a.Generation).number(a.Lockouts)
	for _, role := range a.Roles {
		e = e.text(string(role))
	}
	return e
}

// AccessWays are all the ways into an account, together: one that is added, and
// an old one that is put back, break the seal like one that is changed.
type AccessWays struct {
	Admin      AdminName
	Generation int64  // as in the admin's row
	Password   string // the hash
	Factors    []AccessFactor
	Codes      []AccessCode
}

// AccessFactor is one factor among an account's ways.
type AccessFactor struct {
	ID       int64
	Kind     FactorKind
	Handle   []byte
	Content  []byte
	LastStep int64
}

// AccessCode is one recovery code among an account's ways.
type AccessCode struct {
	Hash []byte
	Used bool
}

// Table is the first of those where they are kept.
func (AccessWays) Table() string { return "admin_factors" }

// None reports whether there is no way in.
func (w AccessWays) None() bool { return w.Password == "" && len(w.Factors) == 0 && len(w.Codes) == 0 }

// Encode is what the seal covers.
func (w AccessWays) Encode() []byte {
	e := access{}.text(string(w.Admin)).number(w.Generation).text(w.Password).number(int64(len(w.Factors)))
	for _, f := range w.Factors {
		e = e.number(f.ID).text(string(f.Kind)).text(string(f.Handle)).text(string(f.Content)).number(f.LastStep)
	}
	for _, c := range w.Codes {
		e = e.text(string(c.Hash)).flag(c.Used)
	}
	return e
}

// AccessLink is a one-time link.
type AccessLink struct {
	Hash      []byte
	Admin     AdminName
	Purpose   string
	MadeBy    AdminName
	ExpiresAt time.Time
	Lockouts  int64 // the admin's, when it was made
}

// Table is where it is kept.
func (AccessLink) Table() string { return "admin_links" }

// Encode is what the seal covers.
func (l AccessLink) Encode() []byte {
	return access{}.text(string(l.Hash)).text(string(l.Admin)).text(l.Purpose).text(string(l.MadeBy)).moment(&l.ExpiresAt).number(l.Lockouts)
}

// AccessVisit is a visit to the console.
type AccessVisit struct {
	Hash     []byte
	ID       string
	Admin    AdminName
	Pending  AdminName
	Proof    Proof
	Began    time.Time
	Lockouts int64 // the admin's, when it began
}

// Table is where it is kept.
func (AccessVisit) Table() string { return "admin_sessions" }

// Encode is what the seal covers.
func (v AccessVisit) Encode() []byte {
	return access{}.text(string(v.Hash)).text(v.ID).text(string(v.Admin)).text(string(v.Pending)).text(string(v.Proof)).moment(&v.Began).number(v.Lockouts)
}

// AccessToken is a token of the API or of commands.
type AccessToken struct {
	Hash []byte
	Token
	Lockouts int64 // the admin's, when it was made
}

// Table is where it is kept.
func (AccessToken) Table() string { return "api_tokens" }

// Encode is what the seal covers.
func (t AccessToken) Encode() []byte {
	e := access{}.text(string(t.Hash)).text(t.ID).text(string(t.Admin)).text(t.Label).moment(&t.CreatedAt).moment(&t.ExpiresAt).number(t.Lockouts)
	for _, s := range t.Scopes {
		e = e.text(string(s))
	}
	return e
}

// AccessStepUp is a fresh second factor that waits to be used.
type AccessStepUp struct {
	Session []byte
	Purpose string
	At      time.Time
}

// Table is where it is kept.
func (AccessStepUp) Table() string { return "step_ups" }

// Encode is what the seal covers.
func (u AccessStepUp) Encode() []byte {
	return access{}.text(string(u.Session)).text(u.Purpose).moment(&u.At)
}

// AccessProposal is a proposal as it stands: neither what it says nor who made it
// can be another by the time that somebody decides it.
type AccessProposal struct {
	Proposal
	Logo       []byte
	FileDigest string
}

// Table is where it is kept.
func (AccessProposal) Table() string { return "proposals" }

// Encode is what the seal covers.
func (p AccessProposal) Encode() []byte {
	logo := sha256.Sum256(p.Logo)
	e := access{}.number(int64(p.ID)).text(string(p.Kind)).text(string(p.Subject)).text(string(p.Content)).text(string(p.ProposedBy)).moment(&p.ProposedAt)
	return e.text(string(p.State)).text(string(p.DecidedBy)).moment(p.DecidedAt).text(string(logo[:])).text(p.FileDigest)
}

// access is an encoding that grows: every part says how long it is.
type access []byte

func (e access) text(s string) access {
	return append(binary.BigEndian.AppendUint64(e, uint64(len(s))), s...)
}

func (e access) number(n int64) access { return binary.BigEndian.AppendUint64(e, uint64(n)) }

func (e access) flag(on bool) access {
	if on {
		return append(e, 1)
	}
	return append(e, 0)
}

// moment is a time as Postgres keeps it, in microseconds.
func (e access) moment(t *time.Time) access {
	if t == nil {
		return e.flag(false)
	}
	return e.flag(true).number(t.UnixMicro())
}
