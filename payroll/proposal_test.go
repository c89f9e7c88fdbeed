package payroll

import (
	"errors"
	"testing"
)

func TestProposalTakesTwo(t *testing.T) {
	t.Parallel()
	operator := func(name AdminName) Admin { return Admin{Name: name, Roles: []Role{RoleOperator}} }
	for _, c := range []struct {
		name string
		by   Admin
		p    Proposal
		want error
	}{
		{"a second operator", operator("bea"), Proposal{Kind: ProposeAdmin, Subject: "cem", ProposedBy: "ada", State: ProposalOpen}, nil},
		{"oneself", operator("ada"), Proposal{Kind: ProposeAdmin, Subject: "cem", ProposedBy: "ada", State: ProposalOpen}, ErrNotAllowed},
		{"whom it is about", operator("cem"), Proposal{Kind: ProposeRoles, Subject: "cem", ProposedBy: "ada", State: ProposalOpen}, ErrNotAllowed},
		{"a maker", Admin{Name: "bea", Roles: []Role{RoleMaker}}, Proposal{Kind: ProposeAdmin, Subject: "cem", ProposedBy: "ada", State: ProposalOpen}, ErrNotAllowed},
		{"somebody disabled", Admin{Name: "bea", Roles: []Role{RoleOperator}, Disabled: true}, Proposal{Kind: ProposeAdmin, ProposedBy: "ada", State: ProposalOpen}, ErrNotAllowed},
		{"too late", operator("bea"), Proposal{Kind: ProposeAdmin, ProposedBy: "ada", State: ProposalDeclined}, ErrWrongState},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.p.Confirm(c.by); !errors.Is(err, c.want) {
				t.Errorf("Confirm: %v, want %v", err, c.want)
			}
		})
	}
}

func TestFilesProposalTakesTwoPeople(t *testing.T) {
	t.Parallel()
	p := Proposal{Kind: ProposeSettings, ProposedBy: Machine, State: ProposalOpen}
	ada, bea := Admin{Name: "ada", Roles: []Role{RoleOperator}}, Admin{Name: "bea", Roles: []Role{RoleApprover}}
	if err := p.Confirm(ada); err != nil || p.State != ProposalOpen {
		t.Fatalf("after the first yes: %v, %s", err, p.State)
	}
	if err := p.Confirm(ada); !errors.Is(err, ErrNotAllowed) {
		t.Fatalf("the same person twice: %v", err)
	}
	if err := p.Confirm(bea); err != nil || p.State != ProposalConfirmed {
		t.Fatalf("after the second yes: %v, %s", err, p.State)
	}
}
