package postgres

import (
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// fillAccess makes hundreds of admins, who have come and gone for years.
const fillAccess = `
	insert into admins (name, roles, enrolled_at) select 'admin' || i, '{auditor}', now() from generate_series(1, 300) i;
	insert into admin_sessions (id_hash, admin, proof) select sha256(convert_to('' || i, 'UTF8')), 'admin' || 1 + i % 300, 'passkey' from generate_series(1, 4000) i;
	insert into admin_sessions (id_hash, pending) select sha256(convert_to('p' || i, 'UTF8')), 'admin' || 1 + i % 300 from generate_series(1, 4000) i;
	insert into step_ups (session, purpose) select id_hash, '/people/export' from admin_sessions;
	insert into admin_factors (admin, kind, handle, content) select 'admin' || 1 + i % 300, 'passkey', convert_to('h' || i, 'UTF8'), '' from generate_series(1, 3000) i;
	insert into admin_passwords (admin, hash) select 'admin' || i, 'x' from generate_series(1, 300) i;
	insert into recovery_codes (hash, admin) select sha256(convert_to('' || i, 'UTF8')), 'admin' || 1 + i % 300 from generate_series(1, 3000) i;
	insert into admin_links (hash, admin, purpose, made_by, expires_at) select sha256(convert_to('' || i, 'UTF8')), 'admin' || 1 + i % 300, 'reset', 'operator', now() from generate_series(1, 3000) i;
	insert into api_tokens (hash, admin, label, scopes, expires_at) select sha256(convert_to('' || i, 'UTF8')), 'admin' || 1 + i % 300, 'x', '{read}', now() from generate_series(1, 3000) i;
	insert into sign_in_failures (who, client, known) select sha256(convert_to('' || i % 500, 'UTF8')), '10.0.0.' || i % 500, false from generate_series(1, 4000) i;
	insert into proposals (kind, subject, content, proposed_by, state, decided_at)
		select 'admin_roles', 'admin' || 1 + i % 300, '{}', 'operator', 'declined', now() from generate_series(1, 4000) i;
	insert into audit (seq, at, who, act, subject, detail, previous, hash)
		select 100000 + i, now(), 'maker', 'x', 'admin' || i % 300, '{}', '', 'x' || i from generate_series(1, 4000) i;
	insert into alarms (kind, words, settled_by, settled_at) select 'tampered', '' || i, 'operator', now() from generate_series(1, 4000) i;
	analyze`

// TestAccessGoesByIndex: who signs in, acts or decides is found by looking up a few
// rows, however many have been there before.
func TestAccessGoesByIndex(t *testing.T) {
	t.Parallel()
	i := getInside(t)
	execute(fillAccess)(t, i.s)
	pool := listen(t, &i.s.pool)
	for name, enter := range i.doors(t.Context()) {
		if err := enter(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	i.signAndEnd(t)
	i.changeFactors(t)
	i.proposeAndDecide(t)
	i.lookAround(t)
	if seen := pool.taken(); len(seen) < 60 {
		t.Errorf("only %d statements were heard", len(seen))
	} else {
		goesByIndex(t, i.s.pool, seen)
	}
}

// signAndEnd goes through the visits of an account.
func (i *inside) signAndEnd(t *testing.T) {
	t.Helper()
	ctx, s := t.Context(), i.s
	try := payroll.Try{Name: "maker", Client: "10.0.0.1"}
	at, err := s.BeginTry(ctx, try, func(payroll.SignInFailures, time.Time) time.Duration { return 0 })
	ok(t, err)
	ok(t, s.ForgiveTry(ctx, try, at))
	ok(t, s.FailSignIn(ctx, "maker", "code", false))
	i.e.Step++
	_, visit := payroll.NewToken()
	ok(t, s.SignInAdmin(ctx, i.e, try, i.pending, visit, payroll.Place{}))
	i.e.Step++
	ok(t, s.PutStepUp(ctx, visit, "/people/export", i.e, try))
	ok(t, s.TakeStepUp(ctx, visit, "/people/export", time.Minute))
	_, err = s.VisitStands(ctx, visit, payroll.AdminSessionLimits)
	ok(t, err)
	ok(t, s.PutCeremony(ctx, visit, []byte("x"), payroll.Place{}))
	_, err = s.Ceremony(ctx, visit, time.Minute)
	ok(t, err)
	_, err = s.TakeCeremony(ctx, visit, time.Minute)
	ok(t, err)
	visits, err := s.AdminSessions(ctx, "maker", payroll.AdminSessionLimits)
	ok(t, err)
	ok(t, s.EndAdminSession(ctx, "maker", visits[len(visits)-1].ID, "maker"))
	ok(t, s.SignOutAdmin(ctx, visit))
}

// changeFactors goes through what an account is known by.
func (i *inside) changeFactors(t *testing.T) {
	t.Helper()
	ctx, s := t.Context(), i.s
	account, err := s.Account(ctx, "maker")
	ok(t, err)
	_, err = s.Seeds(ctx, "maker")
	ok(t, err)
	keys, err := s.Keyring(ctx, "maker")
	ok(t, err)
	_, err = s.KeyringOf(ctx, keys.Handle)
	ok(t, err)
	ok(t, s.RenameFactor(ctx, "maker", account.Factors[0].ID, "old phone"))
	ok(t, s.RehashPassword(ctx, "maker", "hash", "other"))
	ok(t, s.PutPassword(ctx, "maker", "new", i.visit))
	ok(t, s.PutRecoveryCodes(ctx, "maker", []payroll.SecretHash{payroll.HashCode("b code")}))
	ok(t, s.RemoveFactor(ctx, "maker", account.Factors[0].ID))
	tokens, err := s.Tokens(ctx, "maker")
	ok(t, err)
	ok(t, s.EndToken(ctx, "maker", tokens[0].ID))
}

// proposeAndDecide goes through what takes two people.
func (i *inside) proposeAndDecide(t *testing.T) {
	t.Helper()
	ctx, s := t.Context(), i.s
	_, err := s.OpenProposals(ctx)
	ok(t, err)
	for _, before := range []payroll.ProposalID{0, 2000} {
		_, err = s.DecidedProposals(ctx, before, 20)
		ok(t, err)
	}
	_, err = s.Proposal(ctx, i.proposal)
	ok(t, err)
	_, err = s.WithdrawProposal(ctx, i.proposal, "operator")
	ok(t, err)
	p, err := s.Propose(ctx, payroll.NewAdminProposal(payroll.ProposeRoles, "maker", []payroll.Role{payroll.RoleMaker, payroll.RoleAuditor}, payroll.SecretHash{}, "operator"))
	ok(t, err)
	_, err = s.ConfirmProposal(ctx, p.ID, "approver", payroll.SecretHash{})
	ok(t, err)
	ok(t, s.DisableAdmin(ctx, "maker", "operator"))
}

// lookAround asks what every page asks, and what tells an admin of their account.
func (i *inside) lookAround(t *testing.T) {
	t.Helper()
	s := i.s
	_, err := s.Waiting(t.Context())
	ok(t, err)
	_, err = s.SecurityEvents(t.Context(), "maker", 5)
	ok(t, err)
	_, err = s.Alarms(t.Context(), false)
	ok(t, err)
}
