package console

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// late is the database, in which an admin is disabled at the moment between the
// look at their visit, or at their token, and what they do.
type late struct {
	*postgres.Store
	t   testing.TB
	off bool
}

func (l *late) AdminSession(ctx context.Context, secret payroll.SecretHash, limits payroll.SessionLimits) (payroll.AdminSession, error) {
	session, err := l.Store.AdminSession(ctx, secret, limits)
	l.disable(session.Admin.Name)
	return session, err
}

func (l *late) TokenAdmin(ctx context.Context, secret payroll.SecretHash) (payroll.Token, payroll.Admin, error) {
	token, admin, err := l.Store.TokenAdmin(ctx, secret)
	l.disable(admin.Name)
	return token, admin, err
}

func (l *late) disable(name payroll.AdminName) {
	if strings.HasPrefix(string(name), "late") && !l.off {
		if err := l.DisableAdmin(l.t.Context(), name, "cem"); err != nil {
			l.t.Errorf("disable %s: %v", name, err)
		}
	}
}

// TestWhoIsDisabledMeanwhileDoesNothing: every act, by somebody who has every role
// and a fresh second factor for it, and is disabled when their page has been let in.
// Nothing is done, and nothing is written down as theirs.
func TestWhoIsDisabledMeanwhileDoesNothing(t *testing.T) {
	t.Parallel()
	p := newPlanted(t)
	l := &late{Store: p.store, t: t}
	p.Desk = l
	p.unlimited()
	var acts []route
	var all []*client
	for _, r := range p.table {
		if r.method != http.MethodPost || r.open {
			continue
		}
		b, name := p.as(""), fmt.Sprintf("late%d", len(acts))
		token, hash := payroll.NewToken()
		b.cookies[cookieName] = token
		p.meddle(`insert into admins (name, roles, enrolled_at) values ($1, $2, now())`, name, payroll.Roles)
		p.meddle(`insert into admin_sessions (id_hash, admin, proof, browser, address) values ($1, $2, 'passkey', 'Firefox on Linux', '127.0.0.1')`, hash[:], name)
		p.meddle(`insert into step_ups (session, purpose) values ($1, $2)`, hash[:], p.path(r))
		acts, all = append(acts, r), append(all, b)
	}
	must(t, p.store.SealAccess(t.Context()))
	account := []string{"admins", "admin_passwords", "admin_factors", "admin_links", "api_tokens", "recovery_codes", "step_ups", "audit", "audit_heads", "uploads"}
	before := p.state(account...)
	for i, r := range acts {
		name := fmt.Sprintf("late%d", i)
		p.meddle(`update uploads set by_admin = $1`, name)
		a := all[i].do(p.request(r, http.MethodPost))
		if a.status >= http.StatusInternalServerError || a.status == http.StatusTooManyRequests {
			t.Errorf("%s: status %d\n%s", r.name(), a.status, mainOf(a.body))
		}
		if did := p.one(`select coalesce(string_agg(act, ' '), '') from audit where who = $1 and act not in ('slip.preview', 'access.refused')`, name); did != "" {
			t.Errorf("%s did %s (status %d to %q)", r.name(), did, a.status, a.to())
		}
		if p.one(`select (disabled_at is not null)::text from admins where name = $1`, name) != "true" {
			t.Errorf("%s: nobody was disabled", r.name())
		}
		before = p.same(r.name(), before, account...)
	}
	p.programsMeanwhile(t, l)
}

// programsMeanwhile is the same by the API; whoever is not disabled does each act.
func (p *planted) programsMeanwhile(t *testing.T, l *late) {
	t.Helper()
	sending := fmt.Sprintf("/runs/%d", p.runs[payroll.RunSending])
	var programs []*program
	acts := []struct {
		method, path string
		body         any
	}{
		{"POST", sending + "/pause", object{"reason": "because"}},
		{"POST", fmt.Sprintf("/runs/%d/send", p.runs[payroll.RunApproved]), object{}},
		{"POST", "/uploads", payrollFile(1, flat)},
		{"POST", "/employees/1/remind", object{}},
	}
	for i := range acts {
		name := payroll.AdminName(fmt.Sprintf("lately%d", i))
		p.meddle(`insert into admins (name, roles, enrolled_at) values ($1, $2, now())`, name, payroll.Roles)
		must(t, p.store.SealAccess(t.Context()))
		programs = append(programs, p.program(name, payroll.ScopesOf(payroll.Roles)...))
	}
	for _, off := range []bool{false, true} {
		l.off = off
		for i, act := range acts {
			if off {
				programs[i] = p.program("eve")
			}
			a := programs[i].ask(act.method, act.path, act.body)
			if done := a.status < http.StatusBadRequest; done != off || a.status >= http.StatusInternalServerError {
				t.Errorf("%s by somebody disabled meanwhile %t: %d %s", act.path, !off, a.status, a.body)
			}
		}
	}
}
