package postgres

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/payroll"
)

func TestFirstAdminAddsThemself(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), pgtest.New(t, migrate), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	maker := payroll.Admin{Name: "mia", Roles: []payroll.Role{payroll.RoleMaker}}
	if err := s.CreateAdmin(t.Context(), maker, ""); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("a first admin who could not add others: %v", err)
	}
	first := payroll.Admin{Name: "olga", Roles: []payroll.Role{payroll.RoleOperator, payroll.RoleMaker}}
	if err := s.CreateAdmin(t.Context(), first, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateAdmin(t.Context(), maker, ""); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("a second admin added by nobody: %v", err)
	}
	if err := s.CreateAdmin(t.Context(), maker, "olga"); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateAdmin(t.Context(), maker, "olga"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("the same name twice: %v", err)
	}
	admins, err := s.Admins(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]payroll.Admin{maker, first}, admins); diff != "" {
		t.Error(diff)
	}
}

func TestLastOperatorStays(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	if err := s.DisableAdmin(t.Context(), "operator", "operator"); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("the last operator was disabled: %v", err)
	}
	if err := s.DisableAdmin(t.Context(), "maker", "operator"); err != nil {
		t.Fatal(err)
	}
	if err := s.DisableAdmin(t.Context(), "maker", "operator"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("disabled twice: %v", err)
	}
	if err := s.DisableAdmin(t.Context(), "nobody", "operator"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("disabled nobody: %v", err)
	}
	a, err := s.Admin(t.Context(), "maker")
	if err != nil {
		t.Fatal(err)
	}
	if err := a.May(payroll.RoleMaker); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("a disabled person may act: %v", err)
	}
}

func TestAdminsAreChecked(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, a := range []payroll.Admin{
		{Name: "Upper", Roles: []payroll.Role{payroll.RoleMaker}},
		{Name: "noroles", Roles: []payroll.Role{}},
		{Name: "king", Roles: []payroll.Role{"king"}},
	} {
		if err := s.CreateAdmin(t.Context(), a, "operator"); err == nil {
			t.Errorf("%q with %v was stored", a.Name, a.Roles)
		}
	}
}
