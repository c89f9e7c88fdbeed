package payroll

import (
	"testing"
	"time"
)

// TestAccessCoversEverything has one row for each part that a seal covers: no two
// of them, nor of two with text moved from one part to the next, look the same.
func TestAccessCoversEverything(t *testing.T) {
	t.Parallel()
	at, later := time.UnixMicro(1), time.UnixMicro(2)
	for table, rows := range map[string][]Access{
		"admins": {
			AccessAdmin{}, AccessAdmin{Admin: Admin{Name: "a"}}, AccessAdmin{Employee: "a"}, AccessAdmin{Admin: Admin{Disabled: true}},
			AccessAdmin{EnrolledAt: &at}, AccessAdmin{EnrolledAt: &later}, AccessAdmin{Handle: []byte("a")}, AccessAdmin{Generation: 1}, AccessAdmin{Lockouts: 1},
			AccessAdmin{Admin: Admin{Roles: []Role{RoleMaker}}}, AccessAdmin{Admin: Admin{Roles: []Role{RoleMaker, RoleAuditor}}},
		},
		"admin_factors": {
			AccessWays{}, AccessWays{Admin: "a"}, AccessWays{Password: "a"}, AccessWays{Generation: 1}, AccessWays{Factors: []AccessFactor{{}}},
			AccessWays{Factors: []AccessFactor{{ID: 1}}}, AccessWays{Factors: []AccessFactor{{Kind: "a"}}}, AccessWays{Factors: []AccessFactor{{Handle: []byte("a")}}},
			AccessWays{Factors: []AccessFactor{{Content: []byte("a")}}}, AccessWays{Factors: []AccessFactor{{LastStep: 1}}}, AccessWays{Factors: []AccessFactor{{}, {}}},
			AccessWays{Codes: []AccessCode{{}}}, AccessWays{Codes: []AccessCode{{Hash: []byte("a")}}}, AccessWays{Codes: []AccessCode{{Used: true}}},
		},
		"admin_links": {
			AccessLink{ExpiresAt: at}, AccessLink{ExpiresAt: later}, AccessLink{ExpiresAt: at, Hash: []byte("a")}, AccessLink{ExpiresAt: at, Admin: "a"},
			AccessLink{ExpiresAt: at, Purpose: "a"}, AccessLink{ExpiresAt: at, MadeBy: "a"}, AccessLink{ExpiresAt: at, Lockouts: 1},
		},
		"admin_sessions": {
			AccessVisit{Began: at}, AccessVisit{Began: later}, AccessVisit{Began: at, Hash: []byte("a")}, AccessVisit{Began: at, ID: "a"},
			AccessVisit{Began: at, Admin: "a"}, AccessVisit{Began: at, Pending: "a"}, AccessVisit{Began: at, Proof: "a"}, AccessVisit{Began: at, Lockouts: 1},
		},
		"api_tokens": {
			AccessToken{}, AccessToken{Hash: []byte("a")}, AccessToken{Lockouts: 1}, AccessToken{Token: Token{ID: "a"}}, AccessToken{Token: Token{Admin: "a"}},
			AccessToken{Token: Token{Label: "a"}}, AccessToken{Token: Token{CreatedAt: at}}, AccessToken{Token: Token{ExpiresAt: at}},
			AccessToken{Token: Token{Scopes: []Scope{"a"}}}, AccessToken{Token: Token{Scopes: []Scope{"a", ""}}},
		},
		"step_ups": {AccessStepUp{At: at}, AccessStepUp{At: later}, AccessStepUp{At: at, Session: []byte("a")}, AccessStepUp{At: at, Purpose: "a"}},
		"proposals": {
			AccessProposal{}, AccessProposal{Logo: []byte("a")}, AccessProposal{FileDigest: "a"}, AccessProposal{Proposal: Proposal{ID: 1}},
			AccessProposal{Proposal: Proposal{Kind: "a"}}, AccessProposal{Proposal: Proposal{Subject: "a"}}, AccessProposal{Proposal: Proposal{Content: []byte("a")}},
			AccessProposal{Proposal: Proposal{ProposedBy: "a"}}, AccessProposal{Proposal: Proposal{ProposedAt: at}}, AccessProposal{Proposal: Proposal{State: "a"}},
			AccessProposal{Proposal: Proposal{DecidedBy: "a"}}, AccessProposal{Proposal: Proposal{DecidedAt: &at}},
		},
	} {
		seen := map[string]int{}
		for i, row := range rows {
			if row.Table() != table {
				t.Errorf("%s says that it is of %s", table, row.Table())
			}
			if other, double := seen[string(row.Encode())]; double {
				t.Errorf("%s: row %d looks like row %d", table, i, other)
			}
			seen[string(row.Encode())] = i
		}
	}
}
