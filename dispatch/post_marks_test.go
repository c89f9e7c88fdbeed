package dispatch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
)

// failing is an outbox of which one step fails.
type failing struct {
	dispatch.Outbox
	step string
}

var errBroken = errors.New("the database is away")

func (f failing) ClaimNotices(ctx context.Context, n int, lease time.Duration) ([]payroll.Notice, error) {
	if f.step == "claim" {
		return nil, errBroken
	}
	return f.Outbox.ClaimNotices(ctx, n, lease)
}

func (f failing) ArmNotice(ctx context.Context, id payroll.NoticeID, secret payroll.SecretHash, valid time.Duration) error {
	switch f.step {
	case "arm":
		return errBroken
	case "called back":
		return payroll.ErrNotFound
	}
	return f.Outbox.ArmNotice(ctx, id, secret, valid)
}

func (f failing) FinishNotice(ctx context.Context, id payroll.NoticeID, o payroll.Outcome, retry time.Time) error {
	if f.step == "finish" {
		return errBroken
	}
	return f.Outbox.FinishNotice(ctx, id, o, retry)
}

func (f failing) DropNotice(ctx context.Context, id payroll.NoticeID) error {
	if f.step == "drop" {
		return errBroken
	}
	return f.Outbox.DropNotice(ctx, id)
}

// TestNoNoticeLeaks sends notices of every kind to a marked person through every
// step that can fail, and looks for the name everywhere, for the address in logs
// and metrics, and for the links' secrets in logs, metrics and rows.
func TestNoNoticeLeaks(t *testing.T) {
	t.Parallel()
	later := smtptest.Fault{At: smtptest.Dot, Do: smtptest.Answer, Reply: "451 4.3.0 later " + markName, Times: 3}
	for name, c := range map[string]struct {
		faults []smtptest.Fault
		change string
		post   func(*dispatch.Post)
	}{
		"nothing fails":       {},
		"connection refused":  {faults: []smtptest.Fault{{At: smtptest.Connect, Do: smtptest.Drop, Times: 1}}},
		"login refused":       {faults: []smtptest.Fault{{At: smtptest.Auth, Do: smtptest.Answer, Reply: "535 5.7.8 no " + markName}}},
		"sender refused":      {faults: []smtptest.Fault{{At: smtptest.Mail, Do: smtptest.Answer, Reply: "550 5.7.1 no", Times: 1}}},
		"recipient refused":   {faults: []smtptest.Fault{{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "550 5.1.1 <e0@acme.example>: " + markName + " left"}}},
		"garbage":             {faults: []smtptest.Fault{{At: smtptest.Data, Do: smtptest.Garbage, Times: 2}}},
		"content later":       {faults: []smtptest.Fault{later}},
		"reply lost":          {faults: []smtptest.Fault{{At: smtptest.Dot, Do: smtptest.Drop, Taken: true, Times: 2}}},
		"certificate damaged": {change: `update certificates set content = '\x99'`},
		"unknown topics":      {change: `update notices set topic = 'e0@acme.example'`},
		"a panic":             {post: func(p *dispatch.Post) { p.Letterhead, p.Counts = nil, nil }},
		"no form":             {post: func(p *dispatch.Post) { p.Sender.Origin = "" }},
		"too late":            {change: `update notices set created_at = now() - interval '3 days'`},
		"claim fails":         {post: func(p *dispatch.Post) { p.Outbox = failing{p.Outbox, "claim"} }},
		"arm fails":           {post: func(p *dispatch.Post) { p.Outbox = failing{p.Outbox, "arm"} }},
		"called back":         {post: func(p *dispatch.Post) { p.Outbox = failing{p.Outbox, "called back"} }},
		"finish fails":        {post: func(p *dispatch.Post) { p.Outbox = failing{p.Outbox, "finish"} }},
		"drop fails":          {change: `update certificates set content = '\x99'`, post: func(p *dispatch.Post) { p.Outbox = failing{p.Outbox, "drop"} }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1, c.faults...)
			_, f := o.candidate()
			o.exec(`update employees set name = $1`, markName)
			for _, kind := range []payroll.NoticeKind{payroll.NoticeInvitation, payroll.NoticeConfirmOld, payroll.NoticeProofCode, payroll.NoticeSpecimen} {
				o.notify(kind, "", f)
			}
			o.notify(payroll.NoticeChange, payroll.TopicAddressChanged, "")
			o.notify(payroll.NoticeReminder, "2026-12-18/7", "")
			o.notify(payroll.NoticeDigest, "2026-12-18/7", "")
			if c.change != "" {
				o.exec(c.change)
			}
			p := o.post()
			if c.post != nil {
				c.post(p)
			}
			for range 2 {
				if err := p.Deliver(t.Context()); err != nil {
					searchMarks(t, "error", []byte(err.Error()))
				}
				o.exec(`update notices set due_at = now() where state = 'queued'`)
			}
			o.exec(`update employees set name = 'Somebody'`) // the roster holds names by design
			o.searchEverywhere()
			o.searchSecrets()
		})
	}
}

// searchSecrets looks for the secrets of all links that left, and for the
// person's address.
func (o *office) searchSecrets() {
	o.t.Helper()
	var metrics strings.Builder
	for _, registry := range o.registries {
		families, err := registry.Gather()
		if err != nil {
			o.t.Fatal(err)
		}
		for _, family := range families {
			metrics.WriteString(family.String())
		}
	}
	seen := o.log.String() + metrics.String()
	if strings.Contains(seen, string(address(0))) {
		o.t.Errorf("the address is in the log or the metrics:\n%s", seen)
	}
	commands := strings.Join(o.relay.Commands(), "\n")
	for _, m := range o.relay.Messages() {
		_, text, _ := takeApart(o.t, m.Data)
		link := linkLine.FindStringSubmatch(text)
		if link == nil {
			continue
		}
		if secret := link[3]; strings.Contains(seen, secret) || strings.Contains(commands, secret) || o.rowsWith(secret) > 0 {
			o.t.Error("a link's secret is in the log, the metrics, the commands or the database")
		}
	}
}

// rowsWith counts the notices and acts in which a text stands.
func (o *office) rowsWith(text string) int {
	o.t.Helper()
	var n int
	err := o.store.Pool().QueryRow(o.t.Context(), `select (select count(*) from notices t where t::text like '%' || $1 || '%')
		+ (select count(*) from audit t where t::text like '%' || $1 || '%')`, text).Scan(&n)
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}
