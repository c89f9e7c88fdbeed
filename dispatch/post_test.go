package dispatch_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

const testOrigin = "https://payroll.acme.example"

// post is the post of a new worker.
func (o *office) post(change ...func(*dispatch.Post)) *dispatch.Post {
	o.t.Helper()
	c := o.conveyor()
	p := &dispatch.Post{
		Outbox: o.store, Signer: c.Signer, Letterhead: c.Letterhead, Relay: c.Relay, Pace: c.Pace, Sender: c.Sender,
		Counts: func(_ context.Context, day payroll.Date) (payroll.DigestCounts, error) {
			return payroll.DigestCounts{PayDate: day, Employees: 7, Ready: 5, Ending: 1}, nil
		},
		LinkValid: 24 * time.Hour, Retry: payroll.Retry{ResendUnsure: true}, GiveUp: time.Hour, Grace: c.Grace,
		Now: time.Now, Metrics: c.Metrics, Log: c.Log,
	}
	p.Sender.Company, p.Sender.Contact, p.Sender.Origin = "ACME", "payroll@acme.example", testOrigin
	for _, f := range change {
		f(p)
	}
	return p
}

func (o *office) deliver(p *dispatch.Post) {
	o.t.Helper()
	if err := p.Deliver(o.t.Context()); err != nil {
		o.t.Error(err)
	}
}

// notify queues a notice to the office's first employee.
func (o *office) notify(kind payroll.NoticeKind, topic string, f payroll.Fingerprint) payroll.NoticeID {
	o.t.Helper()
	id := uuid.NewString()
	o.exec(`insert into notices (id, kind, employee, address, topic, fingerprint, session) values ($1, $2, $3, $4, $5, $6, $7)`,
		id, string(kind), number(0), address(0), topic, f, []byte("12345678901234567890123456789012"))
	return payroll.NoticeID(id)
}

func (o *office) exec(sql string, args ...any) {
	o.t.Helper()
	if _, err := o.store.Pool().Exec(o.t.Context(), sql, args...); err != nil {
		o.t.Fatal(err)
	}
}

// noticeRow is what is kept of a notice.
type noticeRow struct {
	state payroll.NoticeState
	tries int
	hash  []byte
	phase string
	code  int
}

func (o *office) notice(id payroll.NoticeID) noticeRow {
	o.t.Helper()
	var r noticeRow
	err := o.store.Pool().QueryRow(o.t.Context(), `select state, tries, secret_hash, phase, code from notices where id = $1`, id).
		Scan(&r.state, &r.tries, &r.hash, &r.phase, &r.code)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// candidate gives the office's first employee a candidate whose secret key gpg
// holds, and returns gpg.
func (o *office) candidate() (gpg, payroll.Fingerprint) {
	o.t.Helper()
	g := newGpg(o.t)
	g.run(nil, "--quick-generate-key", "Somebody <"+string(address(0))+">", "ed25519", "cert,sign", "1y")
	f := g.fingerprint(string(address(0)))
	g.run(nil, "--quick-add-key", string(f), "cv25519", "encr", "1y")
	certificate, verdict := keystore.Judge([]byte(g.run(nil, "--armor", "--export", string(f))), address(0), time.Now())
	if !verdict.Accepted() {
		o.t.Fatal(verdict.Code)
	}
	_, err := o.store.PutCertificate(o.t.Context(), payroll.Submission{Employee: number(0), Fingerprint: f, Content: certificate.Bytes()}, payroll.Themself)
	if err != nil {
		o.t.Fatal(err)
	}
	o.exec(`delete from notices`) // that there is a candidate
	return g, f
}

// lastMail takes the last mail that the relay took apart.
func (o *office) lastMail() (header mail.Header, text string, parts map[string][]byte) {
	o.t.Helper()
	all := o.relay.Messages()
	if len(all) == 0 {
		o.t.Fatal("no mail came")
	}
	return takeApart(o.t, all[len(all)-1].Data)
}

// takeApart reads a mail or a decrypted entity: its text, and its parts by kind.
func takeApart(t testing.TB, raw []byte) (header mail.Header, text string, parts map[string][]byte) {
	t.Helper()
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	parts = make(map[string][]byte)
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(kind, "multipart/") {
		plain, err := io.ReadAll(quotedprintable.NewReader(message.Body))
		if err != nil {
			t.Fatal(err)
		}
		return message.Header, string(plain), parts
	}
	for reader := multipart.NewReader(message.Body, parameters["boundary"]); ; {
		p, err := reader.NextPart() // undoes quoted-printable
		if err != nil {
			return message.Header, text, parts
		}
		content := io.Reader(p)
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			content = base64.NewDecoder(base64.StdEncoding, p)
		}
		body, err := io.ReadAll(content)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if kind == "text/plain" {
			text = string(body)
		}
		parts[kind] = body
	}
}

var (
	linkLine = regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(testOrigin) + `/([a-z]{2})/(enter|confirm)/([a-z2-7]{32})\r?$`)
	codeLine = regexp.MustCompile(`(?m)^([2-9A-Z]{5}-[2-9A-Z]{5})\r?$`)
)

// Every kind that leaves in the clear arrives, in the employee's language, with
// a secret whose hash is what the database kept.
func TestPostSendsNotices(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	o.exec(`update employees set language = 'de'`)
	p := o.post()
	for _, c := range []struct {
		kind  payroll.NoticeKind
		topic string
		page  string
		want  string
	}{
		{payroll.NoticeInvitation, "", "enter", "zehn Minuten"},
		{payroll.NoticeLink, "", "enter", "angefordert"},
		{payroll.NoticeConfirmOld, "", "confirm", "bisherige"},
		{payroll.NoticeConfirmNew, "", "confirm", "neue Adresse"},
		{payroll.NoticeChange, payroll.TopicAddressChanged, "", "wurde geändert"},
		{payroll.NoticeReminder, "2026-12-18/7", "", "2026-12-18"},
		{payroll.NoticeDigest, "2026-12-18/1", "", "Nicht bereit: 2"},
		{payroll.NoticeReportAlert, "", "", "payseal reports"},
	} {
		id := o.notify(c.kind, c.topic, "")
		o.deliver(p)
		row := o.notice(id)
		header, text, _ := o.lastMail()
		if row.state != payroll.NoticeSent || row.tries != 1 || !strings.Contains(text, c.want) || !strings.Contains(header.Get("To"), string(address(0))) {
			t.Fatalf("%s: %+v\n%s", c.kind, row, text)
		}
		link := linkLine.FindStringSubmatch(text)
		if c.page == "" {
			if link != nil || row.hash != nil || header.Get("Message-Id") != "<notice-"+string(id)+"@acme.example>" {
				t.Errorf("%s: %v, %x, %v", c.kind, link, row.hash, header)
			}
			continue
		}
		if link == nil || link[1] != "de" || link[2] != c.page {
			t.Fatalf("%s: no link in\n%s", c.kind, text)
		}
		if hash := payroll.HashToken(link[3]); !bytes.Equal(hash[:], row.hash) || !strings.HasPrefix(header.Get("Message-Id"), "<notice-"+string(id)+"-") {
			t.Errorf("%s: the row keeps another secret, or the Message-ID is %s", c.kind, header.Get("Message-Id"))
		}
	}
	for _, m := range o.relay.Messages() {
		if !strings.HasPrefix(m.From, "bounce+notice-") {
			t.Errorf("from %s", m.From)
		}
	}
}

// A code is sealed and signed, in each form of mail; gpg and sq open it, and its
// hash is what the database kept.
func TestPostSealsCodes(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	g, f := o.candidate()
	for _, profile := range []payroll.MailProfile{{}, {Structure: payroll.StructureNested}, {Presentation: payroll.PresentationAttachment}} {
		o.exec(`update employees set mail_structure = $1, mail_presentation = $2`, profile.Structure, profile.Presentation)
		id := o.notify(payroll.NoticeProofCode, "", f)
		o.deliver(o.post())
		header, text, parts := o.lastMail()
		if header.Get("Subject") != "Encrypted message from ACME" || codeLine.MatchString(text) {
			t.Errorf("outside: %v\n%s", header, text)
		}
		// The signature of a nested letter is inside; see keystore's tests.
		opened := g.open(parts["application/octet-stream"], profile.Structure != payroll.StructureNested)
		code := codeLine.FindStringSubmatch(opened)
		if code == nil {
			t.Fatalf("%+v: no code in\n%s", profile, opened)
		}
		row := o.notice(id)
		if hash := payroll.HashCode(code[1]); !bytes.Equal(hash[:], row.hash) || row.state != payroll.NoticeSent {
			t.Errorf("%+v: the row keeps another code: %+v", profile, row)
		}
	}
}

// A test slip goes out as the profile says; as an attachment it is the page
// itself.
func TestPostSealsTestSlips(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	g, f := o.candidate()
	o.exec(`update certificates set step = 'decryption_proven' where standing = 'candidate'`)
	for _, profile := range []payroll.MailProfile{{Presentation: payroll.PresentationInline}, {Presentation: payroll.PresentationAttachment}} {
		if err := o.store.RequestSpecimen(t.Context(), number(0), f, profile); err != nil {
			t.Fatal(err)
		}
		o.deliver(o.post())
		_, _, parts := o.lastMail()
		opened := g.open(parts["application/octet-stream"], true)
		if profile.Presentation == payroll.PresentationInline {
			_, text, inner := takeApart(t, []byte(opened))
			if !strings.Contains(text, "This is a test slip") {
				t.Errorf("text %s", text)
			}
			opened = string(inner["application/pdf"])
		}
		want, err := o.letterhead.SpecimenPage("", time.Now())
		if err != nil || !strings.HasPrefix(opened, "%PDF-") || len(opened) != len(want) {
			t.Errorf("%+v: %d bytes, want %d, %v", profile, len(opened), len(want), err)
		}
	}
}

// Whatever the relay does at whatever command: the notice is sent once it can
// be, its last mail carries the secret that counts, and what is refused ends.
func TestPostFaultsAtEveryCommand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault smtptest.Fault
		want  payroll.NoticeState
		mails int
	}{
		"connection refused": {smtptest.Fault{At: smtptest.Connect, Do: smtptest.Drop, Times: 1}, payroll.NoticeSent, 1},
		"login refused":      {smtptest.Fault{At: smtptest.Auth, Do: smtptest.Answer, Reply: "535 5.7.8 no"}, payroll.NoticeQueued, 0},
		"sender later":       {smtptest.Fault{At: smtptest.Mail, Do: smtptest.Answer, Reply: "451 4.3.0 later", Times: 1}, payroll.NoticeSent, 1},
		"recipient refused":  {smtptest.Fault{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "550 5.1.1 no such user"}, payroll.NoticeRefused, 0},
		"recipient later":    {smtptest.Fault{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "451 4.2.0 later", Times: 1}, payroll.NoticeSent, 1},
		"garbage":            {smtptest.Fault{At: smtptest.Data, Do: smtptest.Garbage, Times: 1}, payroll.NoticeSent, 1},
		"content refused":    {smtptest.Fault{At: smtptest.Dot, Do: smtptest.Answer, Reply: "554 5.6.0 no"}, payroll.NoticeRefused, 0},
		"content later":      {smtptest.Fault{At: smtptest.Dot, Do: smtptest.Answer, Reply: "451 4.3.0 later", Times: 1}, payroll.NoticeSent, 1},
		"reply lost":         {smtptest.Fault{At: smtptest.Dot, Do: smtptest.Drop, Taken: true, Times: 1}, payroll.NoticeSent, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1, c.fault)
			id := o.notify(payroll.NoticeInvitation, "", "")
			p := o.post()
			for range 3 {
				o.deliver(p)
			}
			row := o.notice(id)
			if row.state != c.want || len(o.relay.Messages()) != c.mails {
				t.Fatalf("%+v, %d mails", row, len(o.relay.Messages()))
			}
			if c.mails == 0 {
				return
			}
			_, text, _ := o.lastMail()
			if hash := payroll.HashToken(linkLine.FindStringSubmatch(text)[3]); !bytes.Equal(hash[:], row.hash) {
				t.Error("the last mail has a link that is dead")
			}
			ids := make(map[string]bool)
			for _, id := range o.messageIDs()[string(address(0))] {
				ids[id] = true
			}
			if len(ids) != c.mails {
				t.Errorf("two mails with different links have one Message-ID: %v", ids)
			}
		})
	}
}

// dyingOutbox stops before a step, as a worker that is killed.
type dyingOutbox struct {
	dispatch.Outbox
	armed func()
}

func (d dyingOutbox) ArmNotice(ctx context.Context, id payroll.NoticeID, secret payroll.SecretHash, valid time.Duration) error {
	err := d.Outbox.ArmNotice(ctx, id, secret, valid)
	d.armed()
	return err
}

func (d dyingOutbox) FinishNotice(context.Context, payroll.NoticeID, payroll.Outcome, time.Time) error {
	return context.Canceled
}

// A worker that dies between arming a notice and sending it leaves a notice that
// the next worker sends, with a secret of its own, once the lease is over.
func TestPostDiesBetweenArmAndSend(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	id := o.notify(payroll.NoticeLink, "", "")
	ctx, kill := context.WithCancel(t.Context())
	if err := o.post(func(p *dispatch.Post) { p.Outbox = dyingOutbox{o.store, kill} }).Deliver(ctx); err != nil {
		t.Error(err)
	}
	armed := o.notice(id)
	if n := len(o.relay.Messages()); n != 0 || armed.state != payroll.NoticeQueued || armed.hash == nil {
		t.Fatalf("%+v, %d mails after the signal", armed, n)
	}
	o.deliver(o.post())
	if n := len(o.relay.Messages()); n != 0 {
		t.Errorf("%d mails while the lease is on", n)
	}
	o.exec(`update notices set due_at = now()`)
	o.deliver(o.post())
	row := o.notice(id)
	_, text, _ := o.lastMail()
	hash := payroll.HashToken(linkLine.FindStringSubmatch(text)[3])
	if row.state != payroll.NoticeSent || !bytes.Equal(hash[:], row.hash) || bytes.Equal(armed.hash, row.hash) {
		t.Errorf("%+v", row)
	}
}

// After the signal nothing further leaves; what waits is given back at once.
func TestPostStopsAtTheSignal(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, smtptest.Fault{At: smtptest.Dot, Do: smtptest.Stall, Taken: true, Nth: 3})
	for range 12 {
		o.notify(payroll.NoticeChange, payroll.TopicAddressChanged, "")
	}
	ctx, signal := context.WithCancel(t.Context())
	go func() {
		<-o.relay.Stalled()
		signal()
		o.relay.Release()
	}()
	if err := o.post().Deliver(ctx); err != nil {
		t.Error(err)
	}
	sent := len(o.relay.Messages())
	if sent == 0 || sent >= 12 {
		t.Fatalf("%d mails prove nothing", sent)
	}
	var rows, due int
	err := o.store.Pool().QueryRow(t.Context(), `select count(*) filter (where state = 'sent'), count(*) filter (where state = 'queued' and due_at <= clock_timestamp()) from notices`).Scan(&rows, &due)
	if err != nil || rows != sent || due != 12-sent {
		t.Errorf("%d sent of %d mails, %d due, %v", rows, sent, due, err)
	}
	o.deliver(o.post())
	if n := len(o.relay.Messages()); n != 12 {
		t.Errorf("%d mails in the end", n)
	}
}

// What cannot be sent is dropped, never sent in the clear, and holds up nobody.
func TestPostDropsWhatCannotBeSent(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   payroll.NoticeKind
		topic  string
		change string
		post   func(*dispatch.Post)
	}{
		"certificate damaged":   {kind: payroll.NoticeProofCode, change: `update certificates set content = '\x99' where standing = 'candidate'`},
		"somebody else's":       {kind: payroll.NoticeProofCode, change: `update certificates set content = (select content from certificates where standing = 'current') where standing = 'candidate'`},
		"certificate expired":   {kind: payroll.NoticeProofCode, post: func(p *dispatch.Post) { p.Now = func() time.Time { return time.Now().AddDate(2, 0, 0) } }},
		"nobody waits any more": {kind: payroll.NoticeProofCode, change: `update notices set created_at = now() - interval '16 minutes'`},
		"link out of date":      {kind: payroll.NoticeInvitation, change: `update notices set created_at = now() - interval '25 hours'`},
		"no form":               {kind: payroll.NoticeInvitation, post: func(p *dispatch.Post) { p.Sender.Origin = "" }},
		"unknown topic":         {kind: payroll.NoticeChange, topic: "salary"},
		"no date":               {kind: payroll.NoticeReminder, topic: "soon"},
		"a panic":               {kind: payroll.NoticeSpecimen, post: func(p *dispatch.Post) { p.Letterhead = nil }},
		"a panic in a digest":   {kind: payroll.NoticeDigest, topic: "2026-12-18/7", post: func(p *dispatch.Post) { p.Counts = nil }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1)
			_, f := o.candidate()
			id := o.notify(c.kind, c.topic, f)
			if c.change != "" {
				o.exec(c.change)
			}
			p := o.post()
			if c.post != nil {
				c.post(p)
			}
			healthy := o.notify(payroll.NoticeReportAlert, "", "")
			o.deliver(p)
			row := o.notice(id)
			if row.state != payroll.NoticeDropped || row.hash != nil {
				t.Errorf("%+v", row)
			}
			if o.notice(healthy).state != payroll.NoticeSent || len(o.relay.Messages()) != 1 {
				t.Errorf("%d mails; the other: %+v", len(o.relay.Messages()), o.notice(healthy))
			}
			if !strings.Contains(o.log.String(), string(id)) || strings.Contains(o.log.String(), string(address(0))) {
				t.Errorf("log: %s", o.log.String())
			}
		})
	}
}

// What fails for a moment is tried again, later each time, until it is given up.
func TestPostBacksOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, smtptest.Fault{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "451 4.2.0 later"})
	id := o.notify(payroll.NoticeInvitation, "", "")
	now := time.Now()
	p := o.post(func(p *dispatch.Post) {
		p.Retry = payroll.Retry{First: time.Hour, Max: 4 * time.Hour}
		p.Now = func() time.Time { return now }
	})
	var delays []time.Duration
	for range 10 {
		o.exec(`update notices set due_at = now()`)
		o.deliver(p)
		var due time.Time
		var state string
		if err := o.store.Pool().QueryRow(t.Context(), `select due_at, state from notices where id = $1`, id).Scan(&due, &state); err != nil {
			t.Fatal(err)
		}
		if state != "queued" {
			break
		}
		delays = append(delays, due.Sub(now).Round(time.Minute))
		now = due
	}
	row := o.notice(id)
	if fmt.Sprint(delays) != "[1h0m0s 2h0m0s 4h0m0s 4h0m0s 4h0m0s 4h0m0s 4h0m0s]" || row.state != payroll.NoticeRefused || row.code != 451 || row.phase != "rcpt" {
		t.Errorf("delays %v, %+v", delays, row)
	}
}

// Each try is counted by kind and outcome.
func TestPostCounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1, smtptest.Fault{At: smtptest.Rcpt, Do: smtptest.Answer, Reply: "451 4.2.0 later", Times: 1})
	registry := prometheus.NewRegistry()
	p := o.post(func(p *dispatch.Post) { p.Metrics = dispatch.NewMetrics(registry) })
	o.notify(payroll.NoticeInvitation, "", "")
	o.notify(payroll.NoticeChange, "salary", "")
	for range 2 {
		o.deliver(p)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]float64)
	for _, family := range families {
		if family.GetName() == "payseal_notices_total" {
			for _, m := range family.GetMetric() {
				got[m.GetLabel()[0].GetValue()+" "+m.GetLabel()[1].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	if len(got) != 3 || got["invitation deferred"] != 1 || got["invitation accepted"] != 1 || got["change dropped"] != 1 {
		t.Errorf("%v", got)
	}
}

// HR's digest, which takes long to count, keeps nobody waiting who waits for a
// code, and leaves with its numbers once they are there.
func TestPostCountsBesideTheRounds(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	release, asked := make(chan struct{}), 0
	p := o.post(func(p *dispatch.Post) {
		p.Counts = func(_ context.Context, day payroll.Date) (payroll.DigestCounts, error) {
			asked++
			<-release
			return payroll.DigestCounts{PayDate: day, Employees: 9, Ready: 4}, nil
		}
	})
	digest := o.notify(payroll.NoticeDigest, "2026-12-18/7", "")
	link := o.notify(payroll.NoticeLink, "", "")
	o.deliver(p)
	if o.notice(link).state != payroll.NoticeSent || o.notice(digest).state != payroll.NoticeQueued {
		t.Fatalf("%+v, %+v", o.notice(link), o.notice(digest))
	}
	close(release)
	o.deliver(p)
	_, text, _ := o.lastMail()
	if row := o.notice(digest); row.state != payroll.NoticeSent || !strings.Contains(text, "Ready: 4") || asked != 1 {
		t.Errorf("%+v, counted %d times\n%s", row, asked, text)
	}
}
