package console

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// planted is a company in which there is something behind every path of the table:
// a run in each state, slips in each, people, certificates, uploads, proposals,
// visits, tokens.
type planted struct {
	*testConsole
	runs          map[payroll.RunState]payroll.RunID
	spare, thrown payroll.RunID // other drafts
	ids           map[string]string
	asked         int     // requests so far, each from a client of its own
	looker        *client // eve, in a visit that is planted already
}

func newPlanted(t testing.TB) *planted {
	t.Helper()
	p := &planted{runs: map[payroll.RunState]payroll.RunID{}, ids: map[string]string{}}
	_, provider := withSSO(t)
	p.testConsole = newSettled(t, provider, func(s *Server) {
		s.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
		s.Policy.Freeze = payroll.Freeze{Days: 3, Zone: time.UTC}
	})
	p.plantPeople()
	p.plantRuns()
	p.plantOffice()
	p.plantAccounts()
	p.looker = p.as("eve")
	return p
}

// one asks the database for one text.
func (c *testConsole) one(sql string, args ...any) (text string) {
	c.t.Helper()
	must(c.t, c.store.Pool().QueryRow(c.t.Context(), sql, args...).Scan(&text))
	return text
}

func (p *planted) plantPeople() {
	people := []payroll.Employee{townsman("1", "Ada Brontë"), townsman("2", "Björn Çelik"), townsman("A/4", "Dilara Ünal"), townsman("7", "王小明"), townsman("8", "王小明")}
	p.settle(people...)
	p.climb(people[0], keyOf(p.t, people[0]), payroll.StepCertified)
	p.climb(people[1], keyOf(p.t, people[1]), payroll.StepDecryptionProven)
	p.exec(`update employees set email_in_file = 'old@acme.example' where number = '1'`)
	must(p.t, p.store.CreateReport(p.t.Context(), "1", payroll.ReportSuspicious, "A mail asked for my passphrase."))
	p.ids["report"] = p.one(`select id::text from reports`)
	p.ids["certificate"] = p.one(`select id::text from certificates where employee = '1'`)
	p.ids["fingerprint"] = p.one(`select fingerprint from certificates where employee = '2'`)
}

func (p *planted) plantRuns() {
	ctx, staff := p.t.Context(), p.hire(5)
	pay := func(people ...payroll.Employee) payroll.RunID {
		slips := make([]payroll.Slip, len(people))
		for i, e := range people {
			slips[i] = slipOf(e, 100)
		}
		return p.draft(payroll.Run{Supplement: true}, slips...)
	}
	twins := []payroll.Employee{{Number: "7", Name: "王小明"}, {Number: "8", Name: "王小明"}}
	p.runs[payroll.RunDraft], p.spare, p.thrown = pay(append(twins, staff[0].Employee)...), pay(staff[0].Employee), pay(staff[0].Employee)
	for _, state := range []payroll.RunState{payroll.RunSubmitted, payroll.RunApproved, payroll.RunSending, payroll.RunPaused, payroll.RunComplete} {
		people := []payroll.Employee{staff[0].Employee}
		if state == payroll.RunSending {
			people = append(twins, staff[0].Employee, staff[1].Employee, staff[2].Employee, staff[3].Employee)
		}
		run := pay(people...)
		p.runs[state] = run
		must(p.t, p.store.SubmitRun(ctx, run, "ada", false))
		if state == payroll.RunSubmitted {
			continue
		}
		must(p.t, p.store.ApproveRun(ctx, run, "bea", payroll.Approval{Letterhead: p.Letterhead().Digest()}))
		if state != payroll.RunApproved {
			must(p.t, p.store.SendRun(ctx, run, "cem", p.Policy.GiveUp, 100))
		}
	}
	sending := p.runs[payroll.RunSending]
	p.setSlip(sending, "0000", payroll.SlipAccepted, "")
	p.setSlip(sending, "0001", payroll.SlipUnsure, "")
	p.setSlip(sending, "0002", payroll.SlipHeld, payroll.HoldAddressChanged)
	p.setSlip(sending, "0003", payroll.SlipHeld, payroll.HoldChangeFreeze)
	p.exec(`update employees set email_changed_at = now() where number = '0003'`)
	must(p.t, p.store.PauseRun(ctx, p.runs[payroll.RunPaused], "bea", "the bank is late"))
	p.setSlip(p.runs[payroll.RunComplete], "0000", payroll.SlipAccepted, "")
	p.exec(`update runs set state = 'complete' where id = $1`, p.runs[payroll.RunComplete])
	ada := p.as("ada")
	p.ids["upload"] = strings.TrimPrefix(ada.sent("a.csv", payrollFile(1, flat)), "/uploads/")
	for _, name := range []string{"roster", "roster to discard"} {
		a := ada.sendCorrection("/people/import", "", "roster.csv", "employee_id,name,email\n77,Ida Iks,ida@acme.example\n")
		id := strings.TrimSuffix(strings.TrimPrefix(a.to(), "/people/imports/"), "/preview")
		if p.ids[name] = id; a.status != http.StatusSeeOther || strings.Contains(id, "/") {
			p.t.Fatalf("the roster's upload: %d to %q\n%s", a.status, a.to(), mainOf(a.body))
		}
	}
}

func (p *planted) plantOffice() {
	ctx := p.t.Context()
	monthly, err := payroll.ParseMonthlyRule("25", "before", "09:00", "UTC")
	must(p.t, err)
	must(p.t, p.store.CreateRule(ctx, payroll.ScheduleRule{Name: "payday", Action: payroll.ActionSend, Monthly: monthly}, "bea"))
	days, err := payroll.ParseHolidays("2026-12-25 Christmas Day\n")
	must(p.t, err)
	_, err = p.store.PutHolidays(ctx, days, "cem")
	must(p.t, err)
	must(p.t, p.store.PutRetention(ctx, payroll.Retention{Country: "AT", Months: 84}, "as the law says", "cem"))
	must(p.t, p.store.RaiseAlarm(ctx, payroll.Alarm{Kind: payroll.AlarmLatePayday, Words: "payday 2026-10: no approved run"}))
	p.ids["alarm"] = p.one(`select id::text from alarms order by id limit 1`)
	settings := proposed(p.t, p.as("cem").multipart("/settings/letterhead", letterheadForm(p.version(), "ACME United"), nil))
	p.ids["letterhead"], p.ids["version"] = fmt.Sprint(settings), p.version()
}

func (p *planted) plantAccounts() {
	p.exec(`insert into admins (name, roles, enrolled_at) values ('fay', $1, now()), ('gus', '{maker}', now()), ('hal', '{auditor}', now()), ('ida', '{auditor}', now())`, payroll.Roles)
	p.exec(`update admins set disabled_at = now() where name in ('fay', 'gus')`)
	p.exec(`insert into admin_factors (admin, kind, label, content) values ('eve', 'totp', 'a phone', ''), ('eve', 'totp', 'another', '')`)
	p.ids["factor"] = p.one(`select max(id)::text from admin_factors`)
	_, hash := payroll.NewToken()
	p.exec(`insert into api_tokens (hash, admin, label, scopes, expires_at) values ($1, 'eve', 'a script', '{read}', now() + interval '1 day')`, hash[:])
	p.ids["token"] = p.one(`select id::text from api_tokens`)
	p.plant("ida")
	p.ids["ida's session"] = p.one(`select id::text from admin_sessions where admin = 'ida'`)
	p.plant("eve")
	p.ids["session"] = p.one(`select id::text from admin_sessions where admin = 'eve' limit 1`)
	p.exec(`insert into proposals (kind, subject, content, proposed_by) values ('admin_roles', 'hal', '{"roles": ["auditor", "operator"]}', 'cem')`)
	p.ids["proposal"] = p.one(`select max(id)::text from proposals`)
	p.exec(`insert into proposals (kind, subject, content, proposed_by) values ('admin_roles', 'gus', '{"roles": ["auditor"]}', 'eve')`)
	p.ids["own proposal"] = p.one(`select max(id)::text from proposals`)
	p.ids["link"] = p.link("gus", "enrol")
	page := p.as("").get("/sign-in").body
	_, page, _ = strings.Cut(page, "/static/")
	p.ids["file"], _, _ = strings.Cut(page, `"`)
}

// path fills a route's wildcards with what is planted and fits it, so that the act
// of that path could be done.
func (p *planted) path(r route) string {
	p.t.Helper()
	if query, asks := map[string]string{"GET /step-up": "?for=/account/name", "GET /settings/retention/remove": "?country=AT"}[r.name()]; asks {
		return r.path + query
	}
	for _, s := range p.places() {
		if rest, found := strings.CutPrefix(r.path, s.pattern); found {
			path := s.path + rest
			path = strings.NewReplacer("{list}", "variance", "{which}", "now.pdf").Replace(path)
			if strings.Contains(path, "{") {
				p.t.Fatalf("nothing is planted for %s %s: %s", r.method, r.path, path)
			}
			return path
		}
	}
	if strings.Contains(strings.TrimSuffix(r.path, "{$}"), "{") {
		p.t.Fatalf("nothing is planted for %s %s", r.method, r.path)
	}
	return strings.TrimSuffix(r.path, "{$}")
}

type spot struct{ pattern, path string }

// places are from the most to the least particular.
func (p *planted) places() []spot {
	run := func(state payroll.RunState) string { return fmt.Sprintf("/runs/%d", p.runs[state]) }
	sending := run(payroll.RunSending) + "/slips/"
	return []spot{
		{"/runs/{id}/review/slips/{number}", run(payroll.RunSubmitted) + "/review/slips/0000"},
		{"/runs/{id}/review", run(payroll.RunSubmitted) + "/review"}, {"/runs/{id}/approve", run(payroll.RunSubmitted) + "/approve"},
		{"/runs/{id}/reject", run(payroll.RunSubmitted) + "/reject"}, {"/runs/{id}/check/void", fmt.Sprintf("/runs/%d/check/void", p.thrown)}, {"/runs/{id}/check", run(payroll.RunDraft) + "/check"},
		{"/runs/{id}/send", run(payroll.RunApproved) + "/send"}, {"/runs/{id}/pause", run(payroll.RunSending) + "/pause"},
		{"/runs/{id}/resume", run(payroll.RunPaused) + "/resume"}, {"/runs/{id}/void", fmt.Sprintf("/runs/%d/void", p.spare)},
		{"/runs/{id}/correct", run(payroll.RunComplete) + "/correct"},
		{"/runs/{id}/slips/{number}/resend", sending + "0000/resend"}, {"/runs/{id}/slips/{number}/settle", sending + "0001/settle"},
		{"/runs/{id}/slips/{number}/reapprove", sending + "0002/reapprove"}, {"/runs/{id}/slips/{number}/release", sending + "0003/release"},
		{"/runs/{id}/slips/{number}/withdraw", run(payroll.RunPaused) + "/slips/0000/withdraw"},
		{"/runs/{id}/slips/{number}/twins", sending + "7/twins"}, {"/runs/{id}/slips/{number}", sending + "0000"}, {"/runs/{id}", run(payroll.RunSending)},
		{"/uploads/{id}", "/uploads/" + p.ids["upload"]}, {"/people/imports/{upload}/discard", "/people/imports/" + p.ids["roster to discard"] + "/discard"}, {"/people/imports/{upload}/reading", "/people/imports/" + p.ids["roster to discard"] + "/reading"}, {"/people/imports/{upload}", "/people/imports/" + p.ids["roster"]},
		{"/people/certificates/{id}", "/people/certificates/" + p.ids["certificate"]}, {"/people/{number}/file-address", "/people/1/file-address"},
		{"/people/{number}/remind", "/people/1/remind"}, {"/people/{number}/settle", "/people/1/settle"}, {"/people/{number}", "/people/" + url.PathEscape("A/4")}, {"/calls/{number}", "/calls/2"},
		{"/admins/{name}/enable", "/admins/gus/enable"}, {"/admins/{name}/roles", "/admins/ida/roles"}, {"/admins/{name}/sessions/{id}", "/admins/ida/sessions/" + p.ids["ida's session"]}, {"/admins/{name}", "/admins/hal"},
		{"/settings/proposals/{id}", "/settings/proposals/" + p.ids["letterhead"]}, {"/proposals/{id}/withdraw", "/proposals/" + p.ids["own proposal"] + "/withdraw"},
		{"/proposals/{id}/decline", "/proposals/" + p.ids["letterhead"] + "/decline"}, {"/proposals/{id}", "/proposals/" + p.ids["proposal"]},
		{"/account/factors/{id}", "/account/factors/" + p.ids["factor"]}, {"/account/sessions/{id}", "/account/sessions/" + p.ids["session"]},
		{"/account/tokens/{id}", "/account/tokens/" + p.ids["token"]}, {"/audit/{seq}", "/audit/1"}, {"/alarms/{id}", "/alarms/" + p.ids["alarm"]},
		{"/schedules/{name}", "/schedules/payday"}, {"/static/{name}", "/static/" + p.ids["file"]}, {"/enter/{token}", "/enter/" + p.ids["link"]},
	}
}

// form is what a page would send to the route, and what would do the act.
func (p *planted) form(r route) url.Values {
	form := url.Values{"reason": {"because"}, "note": {"a note"}, "label": {"a label"}}
	more := map[string][]string{
		"/account/name": {"name", "Somebody"}, "/account/tokens/new": {"days", "30", "scope", "read"},
		"/step-up/sso": {"for", "/account/name"},
		"/admins/new":  {"name", "newcomer", "role", "maker"}, "/admins/{name}/roles": {"role", "maker"}, "/admins/{name}/employee": {"employee", "1"},
		"/runs/{id}/report": {"form", "csv"}, "/runs/{id}/slips/{number}/settle": {"as", "lost"}, "/people/search": {"q", "celik"},
		"/people/{number}/settle": {"report", p.ids["report"]}, "/people/{number}/profile": {"structure", "nested", "presentation", "attachment"},
		"/settings/retention/set": {"country", "DE", "months", "120"}, "/settings/retention/remove": {"country", "AT"},
		"/schedules/new":      {"name", "another", "action", "send", "day", "20", "shift", "before", "at", "09:00", "zone", "UTC"},
		"/schedules/holidays": {"days", "2026-12-26 Boxing Day"}, "/schedules/holidays/remove": {"day", "2026-12-25"},
		"/uploads/{id}":                {"period", "2026-11", "pay_date", "2026-11-27", "currency", "EUR"},
		"/runs/{id}/check/acknowledge": {"kind", "twin", "all", "yes"}, "/audit/export": {"from", "2026-11-01"},
		"/settings/relay":      {"base", p.ids["version"], "host", "relay.acme.example", "port", "587", "tls", "starttls"},
		"/settings/relay/test": {"host", "relay.acme.example", "port", "587", "tls", "starttls"},
		"/calls/{number}":      {"fingerprint", p.ids["fingerprint"], "result", "no-answer"},
	}[r.path]
	if r.path == "/runs/{id}/slips/{number}/reapprove" || r.path == "/runs/{id}/slips/{number}/release" {
		_, after, _ := strings.Cut(p.looker.also().get(p.path(r)).body, `name="shown" value="`)
		shown, _, _ := strings.Cut(after, `"`)
		more = []string{"shown", shown}
	}
	if strings.HasPrefix(r.path, "/settings/letterhead") {
		more = []string{"base", p.ids["version"], "name", "ACME", "address", "1 Road", "color", "#0000aa", "contact", "x@acme.example", "language", "en"}
	}
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// request is what the page of a route sends, from a client that nobody has been yet.
func (p *planted) request(r route, method string) *http.Request {
	p.t.Helper()
	var body io.Reader
	kind := "application/x-www-form-urlencoded"
	switch {
	case method != http.MethodPost:
	case r.upload:
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for name, values := range p.form(r) {
			must(p.t, w.WriteField(name, values[0]))
		}
		part, err := w.CreateFormFile("file", "a.csv")
		must(p.t, err)
		_, err = io.WriteString(part, payrollFile(1, flat))
		must(p.t, err)
		must(p.t, w.Close())
		body, kind = &b, w.FormDataContentType()
	default:
		body = strings.NewReader(p.form(r).Encode())
	}
	q, err := http.NewRequestWithContext(p.t.Context(), method, p.address(p.path(r)), body)
	must(p.t, err)
	if method == http.MethodPost {
		q.Header.Set("Content-Type", kind)
		q.Header.Set("Sec-Fetch-Site", "same-origin")
		q.Header.Set("Origin", p.Origin.String())
	}
	p.asked++
	q.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.%d", p.asked>>16, p.asked>>8&255, p.asked&255))
	return q
}

// begin reads the head of an answer, and no more of one that goes on.
func (p *planted) begin(b *client, q *http.Request, goesOn bool) answer {
	p.t.Helper()
	if !goesOn {
		return b.do(q)
	}
	for name, value := range b.cookies {
		q.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	response, err := b.http.Do(q)
	must(p.t, err)
	defer response.Body.Close()
	if response.StatusCode == http.StatusOK {
		return answer{status: response.StatusCode, header: response.Header}
	}
	body, err := io.ReadAll(response.Body)
	must(p.t, err)
	return answer{response.StatusCode, response.Header, string(body)}
}

// state is a digest of every table but those that a look alone may change; others
// are left out, too.
func (p *planted) state(others ...string) map[string]string {
	p.t.Helper()
	rows, err := p.store.Pool().Query(p.t.Context(), `select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'
		and table_name <> all($1)`, append(others, "admin_sessions", "sign_in_failures"))
	must(p.t, err)
	var parts []string
	for rows.Next() {
		var name string
		must(p.t, rows.Scan(&name))
		where := ""
		if name == "audit" {
			where = ` where act <> 'access.refused'`
		}
		parts = append(parts, fmt.Sprintf(`select %s, md5(coalesce(string_agg(md5(t::text), '' order by md5(t::text)), '')) from %q t%s`, "'"+name+"'", name, where))
	}
	must(p.t, rows.Err())
	state := map[string]string{}
	rows, err = p.store.Pool().Query(p.t.Context(), strings.Join(parts, " union all "))
	must(p.t, err)
	for rows.Next() {
		var name, digest string
		must(p.t, rows.Scan(&name, &digest))
		state[name] = digest
	}
	must(p.t, rows.Err())
	return state
}

// same fails the test if a table is not what it was, and gives what is now.
func (p *planted) same(what string, before map[string]string, others ...string) map[string]string {
	p.t.Helper()
	now := p.state(others...)
	for name, digest := range now {
		if before[name] != digest {
			p.t.Errorf("%s changed the table %s", what, name)
		}
	}
	return now
}
