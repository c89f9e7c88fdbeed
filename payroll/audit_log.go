package payroll

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// AuditLog hands out the entries of the audit log, in order and one by one; an
// error of visit ends it and is returned.
type AuditLog interface {
	WalkAudit(ctx context.Context, from int64, visit func(AuditEntry) error) error
	// AuditSince is the sequence number of the first entry at or after a moment; 0
	// if there is none.
	AuditSince(ctx context.Context, since time.Time) (int64, error)
}

// AuditVerdict is what became of a walk over the whole log. Head is the hash of
// the last entry: kept elsewhere, it later proves that nothing was cut off the end.
type AuditVerdict struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"`
	Broken  int64  `json:"broken,omitempty"` // sequence number of the first bad entry
	Reason  string `json:"reason,omitempty"`
}

// errBroken ends a walk; the verdict says why.
var errBroken = errors.New("the audit log is broken")

// VerifyAudit verifies every entry against the one before it. With known, a hash
// that somebody kept, the log must contain it; with a remembered head it must have
// that one at its place. step is called after every entry; nil for nobody.
func VerifyAudit(ctx context.Context, log AuditLog, known string, remembered AuditHead, step func(entry int64)) (AuditVerdict, error) {
	walk := NewAuditWalk(true, remembered)
	var verdict AuditVerdict
	seen := known == ""
	err := log.WalkAudit(ctx, math.MinInt64, func(e AuditEntry) error {
		if err := walk.Visit(e); err != nil {
			verdict.Broken, verdict.Reason = e.Sequence, err.Error()
			return errBroken
		}
		verdict.Entries, verdict.Head, seen = e.Sequence, e.Hash, seen || e.Hash == known
		if step != nil {
			step(e.Sequence)
		}
		return nil
	})
	if verdict.Broken != 0 {
		return verdict, nil
	}
	if err != nil {
		return AuditVerdict{}, err
	}
	if _, err := walk.End(); err != nil {
		verdict.Broken, verdict.Reason = verdict.Entries+1, err.Error()
	} else if !seen {
		verdict.Broken, verdict.Reason = verdict.Entries+1, "the known head is not in the log; entries were cut off its end, or the whole log was replaced"
	}
	return verdict, nil
}

// WriteAudit writes every entry from the moment on, one JSON object a line.
func WriteAudit(ctx context.Context, log AuditLog, since time.Time, w io.Writer) error {
	first, err := log.AuditSince(ctx, since)
	if err != nil || first == 0 {
		return err
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return log.WalkAudit(ctx, first, func(e AuditEntry) error {
		if err := encoder.Encode(e); err != nil {
			return fmt.Errorf("write the audit log: %w", err)
		}
		return nil
	})
}

// SignAudit is the log from the moment on with a signature over it; sign makes a
// detached one. The company signs no log whose chain is broken: then there is
// neither, and the verdict says what is wrong.
func SignAudit(ctx context.Context, log AuditLog, since time.Time, remembered AuditHead,
	sign func(content []byte) ([]byte, error),
) (content, signature []byte, verdict AuditVerdict, err error) {
	verdict, err = VerifyAudit(ctx, log, "", remembered, nil)
	if err != nil || verdict.Broken != 0 {
		return nil, nil, verdict, err
	}
	var lines bytes.Buffer
	if err := WriteAudit(ctx, log, since, &lines); err != nil {
		return nil, nil, verdict, err
	}
	signature, err = sign(lines.Bytes())
	if err != nil {
		return nil, nil, verdict, fmt.Errorf("sign the export: %w", err)
	}
	return lines.Bytes(), signature, verdict, nil
}

// AuditQuery asks for a page of the log, the newest first.
type AuditQuery struct {
	Who         AdminName // "" for anybody
	Act         string    // such as "run.approve"; "" for any
	Subject     string    // exactly, or what it begins with; "" for any
	Prefix      bool      // Subject is what it begins with
	From, Until time.Time // the moments between which it was done, the second one not included; zero for no limit
	Before      int64     // the last sequence number of the page before; 0 from the newest on
	After       int64     // the first one of the page after; 0 if Before counts
	Limit       int
}
