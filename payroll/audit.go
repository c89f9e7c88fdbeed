package payroll

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Act is one thing that a person did: who, what, on which run, slip or employee
// number. Detail holds more words, never a name, an address or an amount.
type Act struct {
	Who     AdminName         `json:"who"`
	What    string            `json:"act"` // such as "run.approve"
	Subject string            `json:"subject"`
	Detail  map[string]string `json:"detail,omitempty"`
}

// Clean is the act with every text as valid UTF-8, so that its hash is the same
// before it was stored and after.
func (a Act) Clean() Act {
	clean := func(text string) string { return strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "?") }
	a.Who, a.What, a.Subject = AdminName(clean(string(a.Who))), clean(a.What), clean(a.Subject)
	detail := make(map[string]string, len(a.Detail))
	for key, value := range a.Detail {
		detail[clean(key)] = clean(value)
	}
	a.Detail = detail
	return a
}

// AuditEntry is an act in the append-only log. Each entry's hash covers its
// content and the hash of the entry before it.
type AuditEntry struct {
	Sequence int64     `json:"seq"` // from 1, without gaps
	At       time.Time `json:"at"`  // UTC, microseconds
	Act
	Previous string `json:"previous"` // "" for the first
	Hash     string `json:"hash"`
}

// Seal is the hash that the entry must carry: SHA-256 in hexadecimal over its
// JSON without the hash itself.
func (e AuditEntry) Seal() string {
	e.Hash = ""
	e.At = e.At.UTC().Truncate(time.Microsecond)
	encoded, err := json.Marshal(e)
	if err != nil { // strings and times always encode
		panic(err)
	}
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}

// Follows checks that e is what must come after the entry before it; the zero
// AuditEntry stands before the first.
func (e AuditEntry) Follows(before AuditEntry) error {
	switch {
	case e.Sequence != before.Sequence+1:
		return fmt.Errorf("%w: audit entry %d follows %d; entries are missing", ErrInvalid, e.Sequence, before.Sequence)
	case e.Previous != before.Hash:
		return fmt.Errorf("%w: audit entry %d does not continue the chain", ErrInvalid, e.Sequence)
	case e.Hash != e.Seal():
		return fmt.Errorf("%w: audit entry %d was changed", ErrInvalid, e.Sequence)
	}
	return nil
}
