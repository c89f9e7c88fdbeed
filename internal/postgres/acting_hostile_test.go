package postgres

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/payroll"
)

// TestNobodyActsAfterTheyWereDisabled: of a hundred acts beside the act that
// disables who does them, none is in the audit log behind it.
func TestNobodyActsAfterTheyWereDisabled(t *testing.T) {
	t.Parallel()
	i := getInside(t)
	ctx := payroll.WithOrigin(t.Context(), payroll.Origin{Face: "console", Proof: "passkey", Who: "maker", Roles: []payroll.Role{payroll.RoleMaker}})
	var done sync.WaitGroup
	var g errgroup.Group
	done.Add(1)
	for n := range 4 {
		g.Go(func() error {
			for k := range 25 {
				if n == 0 && k == 5 {
					done.Done()
				}
				err := i.s.PutMapping(ctx, fmt.Sprint("source ", n, k), []byte(`{}`), "maker")
				if err == nil {
					err = i.s.RecordAudit(ctx, "test.act", "maker", nil)
				}
				if err != nil && !errors.Is(err, payroll.ErrNotAllowed) {
					return err
				}
			}
			return nil
		})
	}
	g.Go(func() error { done.Wait(); return i.s.DisableAdmin(t.Context(), "maker", "operator") })
	ok(t, g.Wait())
	var before, after int
	ok(t, i.s.pool.QueryRow(t.Context(), `with over as (select seq from audit where act = 'admins.disable')
		select count(*) filter (where a.seq < over.seq), count(*) filter (where a.seq > over.seq) from audit a, over where act = 'test.act'`).Scan(&before, &after))
	if before < 4 || after > 0 {
		t.Errorf("%d acts before and %d after", before, after)
	}
}

// TestActsWantTheRoleUntilTheEnd: the role, nobody else's, under its seal.
func TestActsWantTheRoleUntilTheEnd(t *testing.T) {
	t.Parallel()
	i := getInside(t)
	act := func(proof string, who payroll.AdminName, roles ...payroll.Role) error {
		ctx := payroll.WithOrigin(t.Context(), payroll.Origin{Face: "console", Proof: proof, Who: who, Roles: roles})
		return i.s.RecordAudit(ctx, "test.act", who, nil)
	}
	ok(t, act("passkey", "maker", payroll.RoleMaker, payroll.RoleAuditor))
	ok(t, act("passkey", "maker"))
	if err := act("passkey", "maker", payroll.RoleOperator); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("without the role: %v", err)
	}
	if err := act("passkey", "nobody"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	_, err := i.s.pool.Exec(t.Context(), `update admins set roles = '{maker,operator}' where name = 'maker'`)
	ok(t, err)
	if err := act("passkey", "maker", payroll.RoleOperator); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("with a role of the database's: %v", err)
	}
	i.s.ActFor("operator", []payroll.Role{payroll.RoleAuditor})
	if err := i.s.RecordAudit(t.Context(), "test.act", "operator", nil); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("by a command: %v", err)
	}
}
