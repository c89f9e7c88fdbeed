package postgres

import (
	"context"
	"testing"

	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

func migrate(ctx context.Context, url string) error {
	s, err := Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Migrate(ctx)
}

// newStore opens a fresh database of the newest schema, with a vault of its own
// and one person of each role, called as the role is.
func newStore(t testing.TB) *Store {
	t.Helper()
	queue, err := jobs.NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), pgtest.New(t, migrate), queue)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	vault, err := keystore.OpenMasterKey(keystore.NewMasterKeyFile())
	if err != nil {
		t.Fatal(err)
	}
	s.Unlock(vault)
	by := payroll.AdminName("")
	for _, role := range []payroll.Role{payroll.RoleOperator, payroll.RoleMaker, payroll.RoleApprover, payroll.RoleAuditor} {
		a := payroll.Admin{Name: payroll.AdminName(role), Roles: []payroll.Role{role}}
		if err := s.CreateAdmin(t.Context(), a, by); err != nil {
			t.Fatal(err)
		}
		by = "operator"
	}
	return s
}
