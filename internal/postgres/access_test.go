package postgres

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// inside is an account with everything that lets somebody act.
type inside struct {
	s                    *Store
	e                    payroll.Evidence
	visit, pending       payroll.SecretHash
	token, link, another payroll.SecretHash
	proposal             payroll.ProposalID
}

func getInside(t *testing.T) *inside {
	t.Helper()
	i := &inside{s: newStore(t)}
	ctx := t.Context()
	i.visit, i.e = signedIn(t, i.s, "maker")
	signedIn(t, i.s, "approver")
	ok(t, i.s.AddFactor(ctx, "maker", payroll.NewFactor{Kind: payroll.FactorPasskey, Handle: []byte("key"), Content: []byte("{}")}, ""))
	ok(t, i.s.AddFactor(ctx, "maker", payroll.NewFactor{Kind: payroll.FactorSSO, Handle: []byte("sso")}, ""))
	ok(t, i.s.PutRecoveryCodes(ctx, "maker", []payroll.SecretHash{payroll.HashCode("a code")}))
	_, i.pending = payroll.NewToken()
	ok(t, i.s.PendAdmin(ctx, payroll.SecretHash{}, i.pending, "maker", payroll.Place{}))
	ok(t, i.s.PutStepUp(ctx, i.visit, "/runs/1/approve", i.e, payroll.Try{}))
	_, i.token = payroll.NewToken()
	ok(t, i.s.CreateToken(ctx, payroll.Token{Admin: "maker", Label: "script", Scopes: []payroll.Scope{payroll.ScopeRead}}, i.token, time.Hour))
	p, err := i.s.Propose(ctx, payroll.NewAdminProposal(payroll.ProposeAdmin, "fay", []payroll.Role{payroll.RoleMaker}, payroll.HashCode("half"), "operator"))
	ok(t, err)
	i.proposal = p.ID
	other, err := i.s.Propose(ctx, payroll.NewAdminProposal(payroll.ProposeAdmin, "gus", []payroll.Role{payroll.RoleMaker}, payroll.HashCode("half"), "operator"))
	ok(t, err)
	_, err = i.s.ConfirmProposal(ctx, other.ID, "approver", i.another)
	ok(t, err)
	i.link = payroll.JoinHalves(i.another, payroll.HashCode("half"))
	for name, enter := range i.doors(ctx) {
		if err := enter(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return i
}

// doors are what lets somebody act, by where it is kept.
func (i *inside) doors(ctx context.Context) map[string]func() error {
	return map[string]func() error{
		"visit":    func() error { return first(i.s.AdminSession(ctx, i.visit, payroll.AdminSessionLimits)) },
		"pending":  func() error { return first(i.s.AdminSession(ctx, i.pending, payroll.AdminSessionLimits)) },
		"password": func() error { return first(i.s.AdminPassword(ctx, "maker")) },
		"passkeys": func() error { return first(i.s.Keyring(ctx, "maker")) },
		"step-up": func() error {
			has, err := i.s.HasStepUp(ctx, i.visit, "/runs/1/approve", time.Minute)
			if err == nil && !has {
				err = payroll.ErrNotFound
			}
			return err
		},
		"token": func() error { _, _, err := i.s.TokenAdmin(ctx, i.token); return err },
		"link":  func() error { _, _, err := i.s.AdminLink(ctx, i.link); return err },
		"sso":   func() error { _, _, err := i.s.SSOFactor(ctx, []byte("sso")); return err },
		"actor": func() error { return first(i.s.Admin(ctx, "maker")) },
	}
}

func first[T any](_ T, err error) error { return err }

// TestWritingToTheDatabaseLetsNobodyIn changes each kind of row behind the
// program's back: what it lets in is not there, and one alarm says where it was.
func TestWritingToTheDatabaseLetsNobodyIn(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ sql, door, table string }{
		"roles":                    {`update admins set roles = '{maker,approver}' where name = 'maker'`, "visit", "admins"},
		"roles, for a token":       {`update admins set roles = '{approver}' where name = 'maker'`, "token", "admins"},
		"roles, for a command":     {`update admins set roles = '{approver}' where name = 'maker'`, "actor", "admins"},
		"ways in, for a command":   {`delete from admin_passwords where admin = 'maker'`, "actor", "admin_factors"},
		"an employee":              {`update admins set employee = '7' where name = 'maker'`, "visit", "admins"},
		"a seal taken off":         {`update admins set seal = null where name = 'maker'`, "visit", "admins"},
		"when they began":          {`update admins set enrolled_at = now() where name = 'maker'`, "passkeys", "admins"},
		"a handle":                 {`update admins set handle = 'x' where name = 'maker'`, "passkeys", "admins"},
		"a password":               {`update admin_passwords set hash = 'other'`, "password", "admin_factors"},
		"a passkey":                {`update admin_factors set content = 'mine' where kind = 'passkey'`, "passkeys", "admin_factors"},
		"another passkey":          {`insert into admin_factors (admin, kind, handle, content) values ('maker', 'passkey', 'x', '{}')`, "passkeys", "admin_factors"},
		"a factor less":            {`delete from admin_factors where kind = 'sso'`, "password", "admin_factors"},
		"another identity":         {`update admin_factors set handle = 'sso', admin = 'maker' where kind = 'sso'; insert into admin_factors (admin, kind, handle, content) values ('maker', 'sso', 'x', '')`, "sso", "admin_factors"},
		"a time step again":        {`update admin_factors set last_step = 0 where kind = 'totp'`, "password", "admin_factors"},
		"a recovery code":          {`insert into recovery_codes (hash, admin) values (sha256('x'), 'maker')`, "password", "admin_factors"},
		"a visit of somebody else": {`update admin_sessions set admin = 'operator' where admin = 'maker'`, "visit", "admin_sessions"},
		"a visit that is younger":  {`update admin_sessions set created_at = now()`, "visit", "admin_sessions"},
		"half a visit made whole":  {`update admin_sessions set admin = pending, pending = null, proof = 'passkey' where pending = 'maker'`, "pending", "admin_sessions"},
		"a second factor":          {`update step_ups set at = clock_timestamp()`, "step-up", "step_ups"},
		"what a token may":         {`update api_tokens set scopes = '{command}'`, "token", "api_tokens"},
		"whose a token is":         {`update api_tokens set admin = 'operator'`, "token", "api_tokens"},
		"whose a link is":          {`update admin_links set admin = 'operator'`, "link", "admin_links"},
		"what a link is for":       {`update admin_links set purpose = 'reset'`, "link", "admin_links"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			i := getInside(t)
			execute(`insert into employees (number, name, email) values ('7', 'Ada Lane', 'ada@acme.example')`)(t, i.s)
			execute(c.sql)(t, i.s)
			for range 2 {
				if err := i.doors(t.Context())[c.door](); !errors.Is(err, payroll.ErrNotFound) {
					t.Errorf("let in: %v", err)
				}
			}
			i.oneAlarm(t, c.table)
		})
	}
}

func (i *inside) oneAlarm(t *testing.T, table string) {
	t.Helper()
	alarms, err := i.s.Alarms(t.Context(), false)
	ok(t, err)
	if c := len(alarms); c != 1 || alarms[0].Kind != payroll.AlarmTampered || alarms[0].Words != "a row of "+table {
		t.Errorf("alarms %+v", alarms)
	}
	var audited int
	ok(t, i.s.pool.QueryRow(t.Context(), `select count(*) from audit where act = 'alarm.raise'`).Scan(&audited))
	if audited != 1 {
		t.Errorf("%d entries in the audit log", audited)
	}
}

func TestAPlantedRowLetsNobodyIn(t *testing.T) {
	t.Parallel()
	i := getInside(t)
	_, mine := payroll.NewToken()
	for table, c := range map[string]struct {
		sql   string
		enter func() error
	}{
		"admin_sessions": {`insert into admin_sessions (id_hash, admin, proof) values ($1, 'approver', 'passkey')`,
			func() error { return first(i.s.AdminSession(t.Context(), mine, payroll.AdminSessionLimits)) }},
		"api_tokens": {`insert into api_tokens (hash, admin, label, scopes, expires_at) values ($1, 'approver', 'x', '{command}', now() + interval '1 day')`,
			func() error { _, _, err := i.s.TokenAdmin(t.Context(), mine); return err }},
		"admin_links": {`insert into admin_links (hash, admin, purpose, made_by, expires_at) values ($1, 'approver', 'reset', 'operator', now() + interval '1 day')`,
			func() error { _, _, err := i.s.AdminLink(t.Context(), mine); return err }},
	} {
		_, err := i.s.pool.Exec(t.Context(), c.sql, mine[:])
		ok(t, err)
		if err := c.enter(); !errors.Is(err, payroll.ErrNotFound) {
			t.Errorf("%s: let in: %v", table, err)
		}
	}
	execute(`insert into admins (name, roles, enrolled_at, handle) values ('mallory', '{maker,approver,operator}', now(), 'mallory');
		insert into admin_factors (admin, kind, handle, content) values ('mallory', 'passkey', 'm', '{}')`)(t, i.s)
	if _, err := i.s.KeyringOf(t.Context(), []byte("mallory")); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a planted admin: %v", err)
	}
	if _, err := i.s.Founders(t.Context()); err == nil {
		t.Error("nobody noticed, when it mattered who has an account")
	}
}

// TestAProposalIsDecidedAsItWasMade swaps what it says, and who made it, between
// the two people.
func TestAProposalIsDecidedAsItWasMade(t *testing.T) {
	t.Parallel()
	for what, sql := range map[string]string{
		"its content":  `update proposals set content = jsonb_set(content, '{roles}', '["approver"]') where state = 'open'`,
		"its subject":  `update proposals set subject = 'mallory' where state = 'open'`,
		"who made it":  `update proposals set proposed_by = 'auditor' where state = 'open'`,
		"what it does": `update proposals set kind = 'admin_enable' where state = 'open'`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			i := getInside(t)
			execute(sql)(t, i.s)
			if _, err := i.s.ConfirmProposal(t.Context(), i.proposal, "approver", payroll.SecretHash{}); !errors.Is(err, payroll.ErrNotFound) {
				t.Errorf("confirmed: %v", err)
			}
			i.oneAlarm(t, "proposals")
		})
	}
}

// TestAnOldAccountPutBack puts rows back with the seals that they had.
func TestAnOldAccountPutBack(t *testing.T) {
	t.Parallel()
	i := getInside(t)
	ctx := t.Context()
	execute(`create table old as select * from admins where name = 'maker'; create table old_tokens as select * from api_tokens`)(t, i.s)
	ok(t, i.s.DisableAdmin(ctx, "maker", "operator"))
	if _, err := i.s.AdminPassword(ctx, "approver"); err != nil {
		t.Error(err)
	}
	execute(`update api_tokens t set ended_at = null, seal = o.seal from old_tokens o where o.hash = t.hash`)(t, i.s)
	if _, _, err := i.s.TokenAdmin(ctx, i.token); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("the token of somebody disabled: %v", err)
	}
	_, err := i.s.ConfirmProposal(ctx, i.enable(t), "approver", payroll.SecretHash{})
	ok(t, err)
	if _, _, err := i.s.TokenAdmin(ctx, i.token); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("a token from before they were disabled: %v", err)
	}
	if _, err := i.s.Keyring(ctx, "maker"); err != nil { // this process has seen the newest
		t.Fatal(err)
	}
	execute(`update admins a set disabled_at = null, lockouts = o.lockouts, generation = o.generation, seal = o.seal, ways_seal = o.ways_seal from old o where o.name = a.name`)(t, i.s)
	if _, err := i.s.Keyring(ctx, "maker"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("an account as it once was: %v", err)
	}
}

func (i *inside) enable(t *testing.T) payroll.ProposalID {
	t.Helper()
	p, err := i.s.Propose(t.Context(), payroll.NewAdminProposal(payroll.ProposeEnable, "maker", nil, payroll.SecretHash{}, "operator"))
	ok(t, err)
	return p.ID
}

// TestATamperedAccountIsPutRight disables it, which empties it, and lets two
// people bring it back.
func TestATamperedAccountIsPutRight(t *testing.T) {
	t.Parallel()
	i := getInside(t)
	execute(`update admins set roles = '{maker,auditor}' where name = 'maker'`)(t, i.s)
	ok(t, i.s.DisableAdmin(t.Context(), "maker", "operator"))
	_, err := i.s.ConfirmProposal(t.Context(), i.enable(t), "approver", payroll.SecretHash{})
	ok(t, err)
	if k, err := i.s.Keyring(t.Context(), "maker"); err != nil || len(k.Passkeys) != 0 {
		t.Errorf("%d passkeys: %v", len(k.Passkeys), err)
	}
}

// TestActorsAreSealed lets somebody act whose row was changed after they came in:
// not where names are proven.
func TestActorsAreSealed(t *testing.T) {
	t.Parallel()
	i := getInside(t)
	execute(`update admins set roles = '{operator,maker}' where name = 'maker'`)(t, i.s)
	p := payroll.NewAdminProposal(payroll.ProposeAdmin, "hal", []payroll.Role{payroll.RoleMaker}, payroll.SecretHash{}, "maker")
	proven := payroll.WithOrigin(t.Context(), payroll.Origin{Face: "console", Proof: "passkey"})
	if _, err := i.s.Propose(proven, p); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("proposed: %v", err)
	}
	i.oneAlarm(t, "admins")
}

// TestManyLookWhileOneChanges is no alarm: neither a reading that is older than
// another's, nor an account that changes while it is read.
func TestManyLookWhileOneChanges(t *testing.T) {
	t.Parallel()
	i := getInside(t)
	ctx := t.Context()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 25 {
				for _, door := range []string{"visit", "passkeys", "token"} {
					if err := i.doors(ctx)[door](); err != nil {
						t.Errorf("%s: %v", door, err)
					}
				}
			}
		})
	}
	for n := range 25 {
		ok(t, i.s.PutRecoveryCodes(ctx, "maker", []payroll.SecretHash{payroll.HashCode(string(rune('a' + n)))}))
	}
	wg.Wait()
	if alarms, err := i.s.Alarms(ctx, false); err != nil || len(alarms) != 0 {
		t.Errorf("alarms %+v: %v", alarms, err)
	}
}
