package console

import (
	"io"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// unlimited takes the limits off, for tests that ask a lot.
func (c *testConsole) unlimited() *testConsole {
	for name := range c.rates {
		if name == rateRefused {
			continue // that is no limit of what is asked
		}
		c.rates[name] = door.NewRates(door.Rate{})
	}
	c.api.failed = door.NewRates(door.Rate{})
	return c
}

// filled is a path with something in it that does not exist.
func filled(path string) string {
	return strings.NewReplacer("{id}", "999999", "{number}", "nobody", "{upload}", "00000000-0000-4000-8000-000000000000", "{name}", "nothing", "{day}", "2026-01-01").Replace(path)
}

// bodyFor is a body of the kind that the operation takes, with nothing in it.
func bodyFor(o operation) any {
	switch {
	case o.file:
		return "x"
	case o.method == http.MethodGet || o.method == http.MethodDelete:
		return nil
	}
	return object{}
}

// TestTokenMatrix asks every operation with every scope of every admin, and without
// a token. What it expects is made of the table: roles first, then the scope.
func TestTokenMatrix(t *testing.T) {
	t.Parallel()
	c := newConsole(t).unlimited()
	stranger := &program{c: c, t: t}
	tokens := make(map[payroll.AdminName][]*program)
	for _, a := range admins {
		for _, scope := range payroll.ScopesOf(a.Roles) {
			tokens[a.Name] = append(tokens[a.Name], c.program(a.Name, scope))
		}
	}
	reached := 0
	for _, o := range c.api.table {
		path := filled(o.path)
		if a := stranger.ask(o.method, path, bodyFor(o)); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") != `Bearer realm="payseal"` {
			t.Errorf("%s without a token: %d, %q", o.id, a.status, a.header.Get("WWW-Authenticate"))
		}
		for _, admin := range admins {
			for i, scope := range payroll.ScopesOf(admin.Roles) {
				a := tokens[admin.Name][i].ask(o.method, path, bodyFor(o))
				challenge := a.header.Get("WWW-Authenticate")
				switch {
				case o.roles != nil && admin.May(o.roles...) != nil:
					if a.status != http.StatusForbidden || challenge != "" || !strings.Contains(a.body, "does not have the role") {
						t.Errorf("%s by %s with %s: %d %s", o.id, admin.Name, scope, a.status, a.body)
					}
				case o.scope != "" && o.scope != scope:
					if a.status != http.StatusForbidden || !strings.Contains(challenge, `error="insufficient_scope", scope="`+string(o.scope)+`"`) {
						t.Errorf("%s by %s with %s: %d, challenge %q", o.id, admin.Name, scope, a.status, challenge)
					}
				default:
					reached++
					if a.status == http.StatusUnauthorized || a.status == http.StatusForbidden || a.status >= http.StatusInternalServerError {
						t.Errorf("%s by %s with %s: %d %s", o.id, admin.Name, scope, a.status, a.body)
					}
				}
			}
		}
	}
	if reached < 2*len(c.api.table) {
		t.Errorf("only %d were let in to %d operations", reached, len(c.api.table))
	}
}

// TestScopesSuffice: whoever may do something can give a token the scope for it,
// and no scope is offered to somebody who could do nothing with it.
func TestScopesSuffice(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	used := make(map[payroll.Role][]payroll.Scope)
	for _, o := range c.api.table {
		for _, role := range rolesOrAll(o.roles) {
			used[role] = append(used[role], o.scope)
			if o.scope != "" && !slices.Contains(payroll.ScopesOf([]payroll.Role{role}), o.scope) {
				t.Errorf("a token of the role %s cannot do %s: it never has the scope %s", role, o.id, o.scope)
			}
		}
	}
	for _, role := range payroll.Roles {
		for _, scope := range payroll.ScopesOf([]payroll.Role{role}) {
			if scope != payroll.ScopeCommand && !slices.Contains(used[role], scope) {
				t.Errorf("the scope %s is for nothing with the role %s", scope, role)
			}
		}
	}
}

// withoutOperation are acts of the pages that programs cannot do, and why. What
// ends with / stands for everything below.
var withoutOperation = map[string]string{
	"POST /sign-in":                "a program has a token",
	"POST /sign-in/":               "a program has a token",
	"POST /sign-out":               "a program has a token",
	"POST /step-up":                "a fresh second factor is a person's",
	"POST /step-up/":               "a fresh second factor is a person's",
	"POST /enter/":                 "a one-time link is a person's",
	"POST /begin/":                 "factors are a person's",
	"POST /account/":               "factors, sessions and tokens are a person's, and want a fresh second factor",
	"POST /admins/":                "disabling an admin and linking an employee want a fresh second factor",
	"POST /proposals/{id}/confirm": "deciding wants a fresh second factor",
	"POST /proposals/{id}/decline": "deciding is for whoever could confirm",

	"POST /runs/{id}/approve":                  "it wants a fresh second factor, and an opened sample",
	"POST /runs/{id}/reject":                   "deciding is for whoever could approve",
	"POST /runs/{id}/slips/{number}/reapprove": "it wants a fresh second factor",
	"POST /runs/{id}/slips/{number}/release":   "it wants a fresh second factor",
	"POST /audit/export":                       "it wants a fresh second factor",
	"POST /runs/{id}/check/void":               "it is POST /runs/{id}/void",
	"POST /settings/letterhead/preview":        "it is for people's eyes",
	"POST /settings/relay/test":                "it is payseal doctor",
}

// confirmedOnPages are the acts that want a fresh second factor on their page, and
// that a token does nevertheless; why is in docs/decisions/0093.
var confirmedOnPages = []string{
	"POST /people/certificates/{id}/end", "POST /runs/{id}/report",
	"POST /admins/new", "POST /admins/{name}/roles", "POST /admins/{name}/enable", "POST /admins/{name}/reset",
}

// TestEveryActHasItsOperation: what a page does a program can do, or it is written
// down why not.
func TestEveryActHasItsOperation(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	has := make(map[string]bool)
	for _, o := range c.api.table {
		for _, as := range append([]string{o.as}, o.also...) {
			has[as] = true
		}
	}
	excused := make(map[string]bool)
	for _, r := range c.table {
		if r.method != http.MethodPost {
			continue
		}
		act, excuse := r.method+" "+r.path, ""
		for e := range maps.Keys(withoutOperation) {
			if (act == e || strings.HasSuffix(e, "/") && strings.HasPrefix(act, e)) && !has[act] && len(e) > len(excuse) {
				excuse = e
			}
		}
		excused[excuse] = true
		switch {
		case !has[act] && excuse == "":
			t.Errorf("%s has no operation, and no reason why", act)
		case has[act] && r.stepUp && !slices.Contains(confirmedOnPages, act):
			t.Errorf("%s wants a fresh second factor, which no token has", act)
		}
	}
	for e := range withoutOperation {
		if !excused[e] {
			t.Errorf("%s has an operation, or is no act: its reason is for nothing", e)
		}
	}
}

// TestTokensThatDoNotCount: ended, expired, of a disabled admin, or shown anywhere
// but in the one header.
func TestTokensThatDoNotCount(t *testing.T) {
	t.Parallel()
	c := newConsole(t).unlimited()
	p := c.program("eve")
	p.get("/me").is(http.StatusOK)
	ask := func(token, path string, headers ...string) told {
		t.Helper()
		return (&program{c, t, token}).ask(http.MethodGet, path, nil, headers...)
	}
	const invalid = `Bearer realm="payseal", error="invalid_token"`
	if a := ask("", "/me", "Authorization", "bearer "+p.token); a.status != http.StatusOK { // RFC 9110 §11.1: the scheme in any case
		t.Errorf("lower-case scheme: %d", a.status)
	}
	for _, header := range []string{"Basic " + p.token, p.token, "Bearer", "Bearer ", "Bearer  " + p.token, "Bearer " + p.token + ", Bearer x", "Bearer " + strings.ToUpper(p.token), "Bearer payseal_", "Bearer " + strings.Repeat("payseal_", 1000)} {
		if a := ask("", "/me", "Authorization", header); a.status != http.StatusUnauthorized || a.header.Get("WWW-Authenticate") != invalid {
			t.Errorf("%.40q: %d, %q", header, a.status, a.header.Get("WWW-Authenticate"))
		}
	}
	two, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.address(apiPrefix+"/me"), nil)
	must(t, err)
	two.Header["Authorization"] = []string{"Bearer " + p.token, "Bearer " + p.token}
	p.send(two).is(http.StatusUnauthorized)
	ask("", "/me?access_token="+p.token).is(http.StatusUnauthorized)
	ask("", "/me", "X-Api-Key", p.token).is(http.StatusUnauthorized)
	ask("", "/me", "Cookie", cookieName+"="+c.plant("eve")).is(http.StatusUnauthorized)
	ask("", "/me", "Cookie", cookieName+"="+p.token).is(http.StatusUnauthorized)

	for name, end := range map[string]string{
		"ended":    `update api_tokens set ended_at = clock_timestamp() where admin = 'dia'`,
		"expired":  `update api_tokens set created_at = created_at - interval '2 days', expires_at = clock_timestamp() - interval '1 second' where admin = 'ada'`,
		"disabled": `update admins set disabled_at = clock_timestamp() where name = 'cem'`,
	} {
		whose := map[string]payroll.AdminName{"ended": "dia", "expired": "ada", "disabled": "cem"}[name]
		q := c.program(whose)
		q.get("/me").is(http.StatusOK)
		c.exec(end)
		if a := q.get("/me").is(http.StatusUnauthorized); a.header.Get("WWW-Authenticate") != invalid {
			t.Errorf("%s: %q", name, a.header.Get("WWW-Authenticate"))
		}
	}
	c.exec(`update admins set roles = '{auditor}' where name = 'bea'`)
	if strings.Contains(c.log.String(), "payseal_") {
		t.Error("a token stands in the log")
	}
}

// TestRolesThatWentTakeScopesWithThem: a token never may more than its admin.
func TestRolesThatWentTakeScopesWithThem(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.program("bea", payroll.ScopeRead, payroll.ScopeAmounts)
	c.exec(`update admins set roles = '{auditor}' where name = 'bea'`)
	var me apiMe
	p.get("/me").is(http.StatusOK).into(&me)
	if !slices.Equal(me.Scopes, []payroll.Scope{payroll.ScopeRead}) {
		t.Errorf("scopes %v", me.Scopes)
	}
	p.get("/runs/1/totals").is(http.StatusForbidden)
}

// TestFailedTokensAreCounted: guessing is slowed down, and a token that counts goes
// on counting.
func TestFailedTokensAreCounted(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.api.failed = door.NewRates(door.Rate{Every: time.Hour, Burst: 3})
	p := c.program("ada")
	wrong := &program{c, t, tokenPrefix + "wrong"}
	for range 3 {
		wrong.get("/me").is(http.StatusUnauthorized)
	}
	if a := wrong.get("/me").is(http.StatusTooManyRequests); a.header.Get("Retry-After") == "" {
		t.Error("it does not say when to come again")
	}
	p.get("/me").is(http.StatusOK)
}

// TestOriginInTheLog: the audit log says which token acted, and from where.
func TestOriginInTheLog(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.program("cem")
	p.post("/holidays", object{"days": []object{{"day": "2026-12-25", "name": "Christmas Day"}}}).is(http.StatusNoContent)
	var log apiList[payroll.AuditEntry]
	p.get("/audit?who=cem").is(http.StatusOK).into(&log)
	if e := log.Items[0]; e.Detail["proof"] != "token the cem of tests" || !strings.HasPrefix(e.Detail["from"], "api ") {
		t.Errorf("entry %+v", e)
	} else if _, err := netip.ParseAddr(strings.TrimPrefix(e.Detail["from"], "api ")); err != nil {
		t.Error(err)
	}
}

// TestNoOtherSite: nothing of the API is answered to pages of other origins, and
// what the door refuses is a problem in JSON too.
func TestNoOtherSite(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	p := c.program("cem")
	a := p.ask(http.MethodPost, "/employees/invite", nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site").is(http.StatusForbidden)
	if a.header.Get("Content-Type") != "application/problem+json" || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", a.header)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, c.address(apiPrefix+"/employees"), nil)
	must(t, err)
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Access-Control-Request-Method", "GET")
	if a := p.send(r).is(http.StatusMethodNotAllowed); a.header.Get("Allow") != "GET" || a.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%v", a.header)
	}
	p.get("/nothing").is(http.StatusNotFound)
	r, err = http.NewRequestWithContext(t.Context(), http.MethodGet, c.address(apiPrefix+"/me"), nil)
	must(t, err)
	r.Host = "evil.example"
	if a := p.send(r).is(http.StatusMisdirectedRequest); a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%v", a.header)
	}
}

// endless gives letters for ever.
type endless struct{ read int64 }

func (e *endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	e.read += int64(len(b))
	return len(b), nil
}

// TestHostileBodies: too large, too deep, of the wrong shape, or ambiguous.
func TestHostileBodies(t *testing.T) {
	t.Parallel()
	c := newConsole(t).unlimited()
	p := c.program("cem")
	send := func(path, kind string, body io.Reader, length int64) told {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.address(apiPrefix+path), body)
		must(t, err)
		r.ContentLength = length
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer "+p.token)
		return p.send(r)
	}
	for body, want := range map[string]int{
		`{"days":[{"day":"2026-12-25","name":"a","name":"b"}]}`:          http.StatusBadRequest,
		`{"days":[],"days":[{"day":"2026-12-25","name":"Mine"}]}`:        http.StatusBadRequest,
		strings.Repeat(`[`, 10_000):                                      http.StatusBadRequest,
		strings.Repeat(`{"days":`, 100) + "1" + strings.Repeat("}", 100): http.StatusBadRequest,
		`{"days":[{"day":"2026-12-25","name":"a"}]} {}`:                  http.StatusBadRequest,
		`{"days":`:                            http.StatusBadRequest,
		"\x00":                                http.StatusBadRequest,
		`"days"`:                              http.StatusUnprocessableEntity,
		`null`:                                http.StatusUnprocessableEntity,
		`{"days":"2026-12-25"}`:               http.StatusUnprocessableEntity,
		`{"days":[{"day":1e400,"name":"a"}]}`: http.StatusBadRequest,
		`{"days":[{"day":"2026-12-25","name":"secret","more":1}]}`: http.StatusUnprocessableEntity,
		`{"days":[{"day":"25 December","name":"secret"}]}`:         http.StatusUnprocessableEntity,
		`{"days":[{"day":"2026-02-30","name":"secret"}]}`:          http.StatusUnprocessableEntity,
		`{"days":[{"day":"2026-12-25","name":""}]}`:                http.StatusUnprocessableEntity,
		`{"days":[]}`: http.StatusUnprocessableEntity,
		``:            http.StatusBadRequest,
	} {
		a := send("/holidays", "application/json", strings.NewReader(body), int64(len(body)))
		if a.status != want || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.60s: %d, want %d\n%s", body, a.status, want, a.body)
		}
		if strings.Contains(a.body, "secret") || strings.Contains(a.body, "json:") || strings.Contains(a.body, "payroll.") {
			t.Errorf("%.60s: it says %s", body, a.body)
		}
	}
	if a := send("/holidays", "text/plain", strings.NewReader(`{}`), 2); a.status != http.StatusUnsupportedMediaType {
		t.Errorf("text/plain: %d %s", a.status, a.body)
	}
	send("/holidays", "application/json", &endless{}, 1<<30).is(http.StatusRequestEntityTooLarge)
	body := &endless{}
	send("/holidays", "application/json", io.LimitReader(body, 1<<20), -1).is(http.StatusRequestEntityTooLarge)
	send("/employee-files", "application/octet-stream", &endless{}, 1<<30).is(http.StatusRequestEntityTooLarge)
	if days, err := c.store.HolidaysOf(t.Context(), 2026); err != nil || len(days) > 0 {
		t.Errorf("%v, %v", days, err)
	}
	p.get("/runs?state=nonsense").is(http.StatusUnprocessableEntity)
	p.get("/runs?unknown=1").is(http.StatusUnprocessableEntity)
	p.get("/runs/abc").is(http.StatusUnprocessableEntity)
	p.get("/runs/-1").is(http.StatusUnprocessableEntity)
	p.get("/runs/99999999999999999999").is(http.StatusUnprocessableEntity)
	p.get("/employees/" + strings.Repeat("9", 65)).is(http.StatusUnprocessableEntity)
	p.get("/employees/A%2F..%2FB").is(http.StatusNotFound)
}
