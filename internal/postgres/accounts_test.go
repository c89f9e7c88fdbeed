package postgres

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// signedIn begins a visit of the admin by a passkey that is planted.
func signedIn(t testing.TB, s *Store, name payroll.AdminName) (session payroll.SecretHash, e payroll.Evidence) {
	t.Helper()
	if _, err := s.pool.Exec(t.Context(), `update admins set enrolled_at = clock_timestamp() where name = $1`, name); err != nil {
		t.Fatal(err)
	}
	if err := s.SealAccess(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.AddFactor(t.Context(), name, payroll.NewFactor{Kind: payroll.FactorTOTP, Label: "phone", Content: []byte("SEED"), Step: 5}, "hash"); err != nil {
		t.Fatal(err)
	}
	seeds, err := s.Seeds(t.Context(), name)
	if err != nil || len(seeds) != 1 || seeds[0].Secret != "SEED" || seeds[0].Last != 5 {
		t.Fatalf("seeds %+v: %v", seeds, err)
	}
	e = payroll.Evidence{Admin: name, Proof: payroll.ProofPasswordTOTP, Factor: seeds[0].Factor, Step: 6}
	_, session = payroll.NewToken()
	if err := s.SignInAdmin(t.Context(), e, payroll.Try{Name: string(name)}, payroll.SecretHash{}, session, payroll.Place{}); err != nil {
		t.Fatal(err)
	}
	e.Step++
	return session, e
}

// many runs f fifty times at once, and says how often it went well.
func many(f func() error) int64 {
	var well atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if f() == nil {
				well.Add(1)
			}
		})
	}
	wg.Wait()
	return well.Load()
}

func TestAStepUpIsTakenOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	session, e := signedIn(t, s, "approver")
	if err := s.PutStepUp(t.Context(), session, "/runs/5/approve#ab", e, payroll.Try{}); err != nil {
		t.Fatal(err)
	}
	if err := s.PutStepUp(t.Context(), session, "/other", e, payroll.Try{}); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("the same code counts for two purposes: %v", err)
	}
	for _, wrong := range []string{"/runs/5/approve", "/runs/6/approve#ab", ""} {
		if err := s.TakeStepUp(t.Context(), session, wrong, time.Minute); !errors.Is(err, payroll.ErrNotFound) {
			t.Errorf("taken for %q: %v", wrong, err)
		}
	}
	_, other := payroll.NewToken()
	if err := s.TakeStepUp(t.Context(), other, "/runs/5/approve#ab", time.Minute); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("taken in another visit: %v", err)
	}
	if n := many(func() error { return s.TakeStepUp(t.Context(), session, "/runs/5/approve#ab", time.Minute) }); n != 1 {
		t.Errorf("taken %d times", n)
	}
	e.Step++
	if err := s.PutStepUp(t.Context(), session, "/late", e, payroll.Try{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.pool.Exec(t.Context(), `update step_ups set at = at - interval '6 minutes'`); err != nil {
		t.Fatal(err)
	}
	if err := s.TakeStepUp(t.Context(), session, "/late", payroll.StepUpFresh); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("an old one is taken: %v", err)
	}
	e.Step, e.Admin = e.Step+1, "maker"
	if err := s.PutStepUp(t.Context(), session, "/x", e, payroll.Try{}); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("somebody else's evidence counts: %v", err)
	}
}

func TestEvidenceCountsOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, e := signedIn(t, s, "maker")
	code := payroll.HashCode("recovery")
	if err := s.PutRecoveryCodes(t.Context(), "maker", []payroll.SecretHash{code}); err != nil {
		t.Fatal(err)
	}
	for name, evidence := range map[string]payroll.Evidence{
		"a time step": e, "a recovery code": {Admin: "maker", Proof: payroll.ProofPasswordRecovery, Recovery: code},
	} {
		n := many(func() error {
			_, session := payroll.NewToken()
			return s.SignInAdmin(context.WithoutCancel(t.Context()), evidence, payroll.Try{Name: "maker"}, payroll.SecretHash{}, session, payroll.Place{})
		})
		if n != 1 {
			t.Errorf("%s let %d in", name, n)
		}
	}
}

func TestALinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, link := payroll.NewToken()
	if err := s.FoundLink(t.Context(), "operator", link); err != nil {
		t.Fatal(err)
	}
	var handle atomic.Int64
	n := many(func() error {
		_, session := payroll.NewToken()
		return s.BeginAccount(context.WithoutCancel(t.Context()), payroll.Beginning{
			Link: link, Admin: "operator", Proof: payroll.ProofPasskey,
			Factor: payroll.NewFactor{Kind: payroll.FactorPasskey, Handle: []byte{byte(handle.Add(1))}, Content: []byte("{}")},
		}, payroll.SecretHash{}, session, payroll.Place{})
	})
	if n != 1 {
		t.Errorf("the link made %d beginnings", n)
	}
	account, err := s.Account(t.Context(), "operator")
	if err != nil || len(account.Factors) != 1 || account.EnrolledAt == nil {
		t.Errorf("account %+v: %v", account, err)
	}
	if err := s.FoundLink(t.Context(), "operator", link); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("a second first link: %v", err)
	}
	_, late := payroll.NewToken()
	if _, err := s.pool.Exec(t.Context(), `insert into admin_links (hash, admin, purpose, made_by, expires_at) values ($1, 'maker', 'enrol', 'x', clock_timestamp())`, late[:]); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.AdminLink(t.Context(), late); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("an old link: %v", err)
	}
}

// TestTheLastTwoWaysIn removes both at once; one of them stays.
func TestTheLastTwoWaysIn(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	signedIn(t, s, "maker")
	if err := s.AddFactor(t.Context(), "maker", payroll.NewFactor{Kind: payroll.FactorPasskey, Handle: []byte("x"), Content: []byte("{}")}, ""); err != nil {
		t.Fatal(err)
	}
	account, err := s.Account(t.Context(), "maker")
	if err != nil {
		t.Fatal(err)
	}
	var next atomic.Int64
	n := many(func() error {
		return s.RemoveFactor(context.WithoutCancel(t.Context()), "maker", account.Factors[next.Add(1)%2].ID)
	})
	if account, err = s.Account(t.Context(), "maker"); err != nil || n != 1 || len(account.Factors) != 1 {
		t.Errorf("%d removed, left %+v: %v", n, account, err)
	}
	if account.Password != (account.Factors[0].Kind == payroll.FactorTOTP) {
		t.Errorf("a password without one-time codes, or the other way round: %+v", account)
	}
}

func TestOneIdentityIsOneAccounts(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	f := payroll.NewFactor{Kind: payroll.FactorSSO, Handle: []byte("issuer and subject")}
	if err := s.AddFactor(t.Context(), "maker", f, ""); err != nil {
		t.Fatal(err)
	}
	if err := s.AddFactor(t.Context(), "approver", f, ""); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("one identity on two accounts: %v", err)
	}
}

func TestACeremonyIsTakenOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, session := payroll.NewToken()
	if err := s.PutCeremony(t.Context(), session, []byte("a secret seed"), payroll.Place{}); err != nil {
		t.Fatal(err)
	}
	var stored []byte
	if err := s.pool.QueryRow(t.Context(), `select ceremony from admin_sessions`).Scan(&stored); err != nil || len(stored) < 20 || string(stored) == "a secret seed" {
		t.Errorf("stored as %q: %v", stored, err)
	}
	if _, err := s.pool.Exec(t.Context(), `insert into admin_sessions (id_hash, ceremony, ceremony_at) select sha256('x'), ceremony, ceremony_at from admin_sessions`); err != nil {
		t.Fatal(err)
	}
	other := payroll.SecretHash{0x2d, 0x71}
	if _, err := s.pool.Exec(t.Context(), `update admin_sessions set id_hash = $1 where id_hash = sha256('x')`, other[:]); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ceremony(t.Context(), other, time.Hour); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("what was begun in one visit is taken up in another: %v", err)
	}
	if n := many(func() error {
		_, err := s.TakeCeremony(context.WithoutCancel(t.Context()), session, time.Hour)
		return err
	}); n != 1 {
		t.Errorf("taken %d times", n)
	}
	_ = s.PutCeremony(t.Context(), session, []byte("x"), payroll.Place{})
	if _, err := s.pool.Exec(t.Context(), `update admin_sessions set ceremony_at = ceremony_at - interval '2 hours'`); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Ceremony(t.Context(), session, time.Hour); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("an old one: %v", err)
	}
}

// TestSettingsOfTheFileTakeTwo walks a proposal of the configuration file through
// its two people.
func TestSettingsOfTheFileTakeTwo(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	p, err := s.Propose(t.Context(), payroll.Proposal{Kind: payroll.ProposeSettings, Content: []byte(`{"company":{"name":"ACME"},"relay":{"host":"smtp.acme.example","port":587,"tls":"starttls"}}`), ProposedBy: payroll.Machine})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.ConfirmProposal(t.Context(), p.ID, "maker", payroll.SecretHash{}); !errors.Is(err, payroll.ErrNotAllowed) {
		t.Errorf("a maker confirms settings: %v", err)
	}
	for _, step := range []struct {
		by    payroll.AdminName
		state payroll.ProposalState
		err   error
	}{{"operator", payroll.ProposalOpen, nil}, {"operator", payroll.ProposalOpen, payroll.ErrNotAllowed}, {"approver", payroll.ProposalConfirmed, nil}, {"approver", payroll.ProposalConfirmed, payroll.ErrWrongState}} {
		if got, err := s.ConfirmProposal(t.Context(), p.ID, step.by, payroll.SecretHash{}); !errors.Is(err, step.err) || err == nil && got.State != step.state {
			t.Errorf("%s: %s, %v", step.by, got.State, err)
		}
	}
}

// TestTidyForgetsVisits looks at what is left of visits, tries and links.
func TestTidyForgetsVisits(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	session, e := signedIn(t, s, "maker")
	if err := s.PutStepUp(t.Context(), session, "/x", e, payroll.Try{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginTry(t.Context(), payroll.Try{Name: "maker", Client: "192.0.2.1"}, func(payroll.SignInFailures, time.Time) time.Duration { return 0 }); err != nil {
		t.Fatal(err)
	}
	count := func() (n int) {
		err := s.pool.QueryRow(t.Context(), `select (select count(*) from admin_sessions) + (select count(*) from step_ups) + (select count(*) from sign_in_failures)`).Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := s.Tidy(t.Context()); err != nil || count() != 3 {
		t.Fatalf("%d rows: %v", count(), err)
	}
	for _, sql := range []string{`update admin_sessions set seen_at = seen_at - interval '2 days'`, `update sign_in_failures set at = at - interval '2 days'`} {
		if _, err := s.pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Tidy(t.Context()); err != nil || count() != 0 {
		t.Errorf("%d rows: %v", count(), err)
	}
}
