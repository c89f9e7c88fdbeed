package payroll

import (
	"cmp"
	"fmt"
	"slices"
)

// AuditHead names one entry of the audit log, and with it all before it: who
// remembers it can tell whether the log is still the same. The zero AuditHead
// stands before the first entry.
type AuditHead struct {
	Sequence int64
	Hash     string
}

// AuditWalk verifies the audit log entry by entry, from one that is known or from
// the first. Make it with NewAuditWalk.
type AuditWalk struct {
	from   int64 // the first entry that is to come
	before AuditEntry
	known  []AuditHead
}

// NewAuditWalk begins a walk that must find every known head in the log; zero
// heads are none. A walk of the whole log begins with its first entry, any other
// with the earliest head.
func NewAuditWalk(whole bool, known ...AuditHead) *AuditWalk {
	known = slices.DeleteFunc(slices.Clone(known), func(h AuditHead) bool { return h.Sequence < 1 })
	w := &AuditWalk{from: 1, known: known}
	if !whole && len(known) > 0 {
		w.from = slices.MinFunc(known, func(a, b AuditHead) int { return cmp.Compare(a.Sequence, b.Sequence) }).Sequence
	}
	return w
}

// From is the sequence number of the entry that Visit expects first.
func (w *AuditWalk) From() int64 { return w.from }

// Visit takes the next entry of the log. Its error wraps ErrInvalid and names the
// entry that breaks the chain.
func (w *AuditWalk) Visit(e AuditEntry) error {
	before := w.before
	if before.Sequence == 0 && w.from > 1 { // what stands before it is not looked at
		before = AuditEntry{Sequence: w.from - 1, Hash: e.Previous}
	}
	if err := e.Follows(before); err != nil {
		return err
	}
	for _, head := range w.known {
		if head.Sequence == e.Sequence && head.Hash != e.Hash {
			return fmt.Errorf("%w: audit entry %d is another one than was there before", ErrInvalid, e.Sequence)
		}
	}
	w.before = e
	return nil
}

// End is the head of a log that was walked to its end. Its error wraps ErrInvalid:
// a known head was not reached.
func (w *AuditWalk) End() (AuditHead, error) {
	head := AuditHead{Sequence: w.before.Sequence, Hash: w.before.Hash}
	for _, known := range w.known {
		if known.Sequence > head.Sequence {
			return head, fmt.Errorf("%w: audit entry %d, which was there, was cut off", ErrInvalid, known.Sequence)
		}
	}
	return head, nil
}
