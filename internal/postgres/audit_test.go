package postgres

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/payroll"
)

func auditEntries(t *testing.T, s *Store) []payroll.AuditEntry {
	t.Helper()
	var entries []payroll.AuditEntry
	err := s.WalkAudit(t.Context(), 1, func(e payroll.AuditEntry) error {
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// brokenAt walks the chain and says which entry breaks it; 0 for none.
func brokenAt(t *testing.T, s *Store) int64 {
	t.Helper()
	var before payroll.AuditEntry
	for _, e := range auditEntries(t, s) {
		if e.Follows(before) != nil {
			return e.Sequence
		}
		before = e
	}
	return 0
}

func act(s *Store, t *testing.T, a payroll.Act) {
	t.Helper()
	if err := s.inTx(t.Context(), func(tx pgx.Tx) error { return record(t.Context(), tx, a) }); err != nil {
		t.Fatal(err)
	}
}

func TestAuditChainHolds(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, a := range []payroll.Act{
		{Who: "maker", What: "plain", Subject: "1"},
		{Who: "maker", What: "detail", Subject: "1", Detail: map[string]string{"b": "<&>", "a": "ä\u2028\n", "": ""}},
		{Who: "maker", What: "not UTF-8", Subject: "\xff", Detail: map[string]string{"foreign": "\xfe\x00", "\xfd": "x"}},
		{Who: "maker", What: "empty detail", Subject: "", Detail: map[string]string{}},
	} {
		act(s, t, a)
	}
	if n := brokenAt(t, s); n != 0 {
		t.Errorf("entry %d breaks the chain", n)
	}
}

func TestAuditChainUnderConcurrency(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	before := len(auditEntries(t, s))
	var group errgroup.Group
	for range 40 {
		group.Go(func() error {
			return s.inTx(t.Context(), func(tx pgx.Tx) error {
				return record(t.Context(), tx, payroll.Act{Who: "maker", What: "race", Subject: "x"})
			})
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if after := len(auditEntries(t, s)); after != before+40 {
		t.Errorf("%d entries, want %d", after, before+40)
	}
	if n := brokenAt(t, s); n != 0 {
		t.Errorf("entry %d breaks the chain", n)
	}
}

func TestAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, sql := range []string{
		`update audit set who = 'mallory'`,
		`delete from audit where seq = 1`,
		`truncate audit`,
	} {
		_, err := s.pool.Exec(t.Context(), sql)
		var broken *databaseError
		if !errors.As(wrap("tamper", err), &broken) || broken.code != "23001" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

func TestAuditShowsTampering(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sql  string
		want int64
	}{
		"changed":           {`update audit set who = 'mallory' where seq = 2`, 2},
		"changed detail":    {`update audit set detail = '{"roles":"auditor"}' where seq = 3`, 3},
		"unreadable detail": {`update audit set detail = '{' where seq = 3`, 3},
		"removed":           {`delete from audit where seq = 2`, 3},
		"moved in time":     {`update audit set at = at - interval '1 microsecond' where seq = 1`, 1},
		"renumbered":        {`update audit set seq = 99 where seq = 4`, 99},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			_, err := s.pool.Exec(t.Context(), `alter table audit disable trigger audit_is_append_only; `+test.sql)
			if err != nil {
				t.Fatal(err)
			}
			if got := brokenAt(t, s); got != test.want {
				t.Errorf("the chain breaks at %d, want %d", got, test.want)
			}
		})
	}
}

func TestActWithoutDeedLeavesNoTrace(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	before := len(auditEntries(t, s))
	undone := errors.New("undone")
	err := s.inTx(t.Context(), func(tx pgx.Tx) error {
		if err := record(t.Context(), tx, payroll.Act{Who: "maker", What: "undone"}); err != nil {
			return err
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if after := len(auditEntries(t, s)); after != before {
		t.Errorf("%d entries, want %d", after, before)
	}
}
