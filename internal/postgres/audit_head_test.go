package postgres

import (
	"errors"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestTheHeadIsRemembered(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if h, err := s.AuditHead(t.Context()); err != nil || h != (payroll.AuditHead{}) {
		t.Fatalf("%+v, %v", h, err)
	}
	last, err := s.LastAuditEntry(t.Context())
	if err != nil || last.Sequence < 1 {
		t.Fatalf("%+v, %v", last, err)
	}
	for range 2 { // the first time it is an act
		ok(t, s.PutAuditHead(t.Context(), last))
		if h, err := s.AuditHead(t.Context()); err != nil || h != last {
			t.Errorf("%+v, %v", h, err)
		}
	}
	if now, err := s.LastAuditEntry(t.Context()); err != nil || now.Sequence != last.Sequence+1 || brokenAt(t, s) != 0 {
		t.Errorf("%+v, %v", now, err)
	}
	for name, change := range map[string]string{
		"sequence": `update audit_heads set seq = 1`, "hash": `update audit_heads set hash = repeat('0', 64)`,
		"seal": `update audit_heads set seal = sha256('x')`, "gone": `delete from audit_heads`,
	} {
		_, err := s.pool.Exec(t.Context(), change)
		ok(t, err)
		if _, err := s.AuditHead(t.Context()); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		ok(t, s.PutAuditHead(t.Context(), last))
	}
}
