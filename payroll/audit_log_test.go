package payroll

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestVerifyAudit(t *testing.T) {
	t.Parallel()
	log := make(auditList, 5)
	var before AuditEntry
	for i := range log {
		e := AuditEntry{Sequence: int64(i + 1), At: time.Date(2026, 11, 1+i, 0, 0, 0, 0, time.UTC), Act: Act{Who: "a", What: "x <y>"}, Previous: before.Hash}
		e.Hash = e.Seal()
		log[i], before = e, e
	}
	head := AuditHead{Sequence: 5, Hash: log[4].Hash}
	steps := 0
	verdict, err := VerifyAudit(t.Context(), log, log[2].Hash, head, func(int64) { steps++ })
	if diff := cmp.Diff(AuditVerdict{Entries: 5, Head: head.Hash}, verdict); err != nil || diff != "" || steps != 5 {
		t.Error(err, diff, steps)
	}
	sign := func(content []byte) ([]byte, error) { return []byte(Digest(content)), nil }
	content, signature, _, err := SignAudit(t.Context(), log, log[3].At, head, sign)
	if err != nil || strings.Count(string(content), "\n") != 2 || string(signature) != Digest(content) || !strings.Contains(string(content), "x <y>") {
		t.Errorf("%s, %s, %v", content, signature, err)
	}
	for what, known := range map[string]AuditHead{"cut off": {Sequence: 6, Hash: "x"}, "another": {Sequence: 2, Hash: "x"}} {
		if v, err := VerifyAudit(t.Context(), log, "", known, nil); err != nil || v.Broken == 0 || !strings.Contains(v.Reason, what) {
			t.Errorf("%s: %+v, %v", what, v, err)
		}
	}
	if v, _ := VerifyAudit(t.Context(), log, strings.Repeat("0", 64), AuditHead{}, nil); v.Broken != 6 {
		t.Errorf("an unknown head: %+v", v)
	}
	log[2].Who = "b"
	content, signature, verdict, err = SignAudit(t.Context(), log, time.Time{}, AuditHead{}, sign)
	if content != nil || signature != nil || err != nil || verdict.Broken != 3 || verdict.Entries != 2 {
		t.Errorf("a broken log was signed: %+v, %v", verdict, err)
	}
}

// auditList is a log in memory.
type auditList []AuditEntry

func (l auditList) WalkAudit(_ context.Context, from int64, visit func(AuditEntry) error) error {
	for _, e := range l {
		if e.Sequence < from {
			continue
		}
		if err := visit(e); err != nil {
			return err
		}
	}
	return nil
}

func (l auditList) AuditSince(_ context.Context, since time.Time) (int64, error) {
	for _, e := range l {
		if !e.At.Before(since) {
			return e.Sequence, nil
		}
	}
	return 0, nil
}
