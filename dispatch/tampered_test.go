package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// seal puts good seals over the pins as they stand, as nobody can who only writes
// to the database.
func (o *office) seal() {
	o.t.Helper()
	rows, err := o.store.Pool().Query(o.t.Context(), `select id::text, run, employee, digest, pin_email, pin_letterhead, pin_fingerprint, pin_subkeys from slips`)
	if err != nil {
		o.t.Fatal(err)
	}
	pins, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Pinned, error) {
		var p payroll.Pinned
		err := row.Scan(&p.Slip, &p.Run, &p.Employee, &p.Digest, &p.Email, &p.Letterhead, &p.Fingerprint, &p.Subkeys)
		return p, err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	for _, p := range pins {
		o.exec(`update slips set pin_seal = $2 where id = $1`, p.Slip, o.vault.SealPin(p))
	}
}

// open are the open alarms, as "kind words".
func (o *office) open() []string {
	o.t.Helper()
	alarms, err := o.store.Alarms(o.t.Context(), false)
	if err != nil {
		o.t.Fatal(err)
	}
	list := []string{}
	for _, a := range alarms {
		list = append(list, strings.TrimSpace(string(a.Kind)+" "+a.Words))
	}
	return list
}

// alarmMails are the mails about alarms that wait.
func (o *office) alarmMails() int {
	o.t.Helper()
	var n int
	if err := o.store.Pool().QueryRow(o.t.Context(), `select count(*) from notices where kind = 'alarm'`).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// heldFor checks that the office's only slip is held for a reason, that nothing
// left, and which alarms are open with how many mails about them.
func (o *office) heldFor(reason payroll.HoldReason, alarms ...string) {
	o.t.Helper()
	status := o.statuses()[0]
	if status.State != payroll.SlipHeld || status.Hold != reason || status.Attempts != 0 {
		o.t.Errorf("%+v, want held for %s", status, reason)
	}
	if n := len(o.relay.Messages()); n != 0 {
		o.t.Errorf("%d mails left", n)
	}
	if got := o.state(); got != payroll.RunIncomplete {
		o.t.Errorf("the run is %s", got)
	}
	if diff := cmp.Diff(append([]string{}, alarms...), o.open()); diff != "" {
		o.t.Errorf("open alarms: %s", diff)
	}
	if got := o.alarmMails(); got != min(1, len(alarms)) {
		o.t.Errorf("%d mails about %d alarms", got, len(alarms))
	}
}

const (
	tampered        = string(payroll.AlarmTampered)
	addressAlarm    = "changed_after_approval address_changed"
	keyAlarm        = "changed_after_approval certificate_changed"
	letterheadAlarm = "changed_after_approval letterhead_changed"
)

// TestTheLock changes what was approved, row by row and behind the program's back:
// no mail may leave for it, and an alarm says so, once.
func TestTheLock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, change string
		want         payroll.HoldReason
		alarms       []string
	}{
		{"roster's address", `update employees set email = 'kiran.b@acme.example'`, payroll.HoldAddressChanged, []string{addressAlarm}},
		{"pinned address", `update slips set pin_email = 'kiran.b@acme.example'`, payroll.HoldTampered, []string{tampered}},
		{"both addresses", `update employees set email = 'kiran.b@acme.example'; update slips set pin_email = 'kiran.b@acme.example'`, payroll.HoldTampered, []string{tampered}},
		{"pinned fingerprint", `update slips set pin_fingerprint = repeat('A', 40)`, payroll.HoldTampered, []string{tampered}},
		{"pin taken off the fingerprint", `update slips set pin_fingerprint = '', pin_subkeys = '{}'`, payroll.HoldTampered, []string{tampered}},
		{"pinned subkeys", `update slips set pin_subkeys = '{}'`, payroll.HoldTampered, []string{tampered}},
		{"digest", `update slips set digest = repeat('0', 64)`, payroll.HoldTampered, []string{tampered}},
		{"contents", `update slips set content = '\x00'`, payroll.HoldTampered, []string{tampered}},
		{"contents of nothing", `update slips set content = null`, payroll.HoldTampered, []string{tampered}},
		{"a bit of an amount", `update slips set content = set_byte(content, 40, get_byte(content, 40) # 1)`, payroll.HoldTampered, []string{tampered}},
		{"the run's data key", `update runs set data_key = '\x00'`, payroll.HoldTampered, []string{tampered}},
		{"pinned letterhead", `update slips set pin_letterhead = 'another'`, payroll.HoldTampered, []string{tampered}},
		{"pinned leave date", `update slips set pin_left = '2026-09-30'; update employees set left_on = '2026-09-30'`, payroll.HoldTampered, []string{tampered}},
		{"supersedes", `update slips set supersedes = id`, payroll.HoldTampered, []string{tampered}},
		{"no seal", `update slips set pin_seal = null`, payroll.HoldTampered, []string{tampered}},
		{"another seal", `update slips set pin_seal = sha256('x')`, payroll.HoldTampered, []string{tampered}},
		{"another slip's number", `update slips set id = gen_random_uuid()`, payroll.HoldTampered, []string{tampered}},
		{"stored certificate under another fingerprint", `update certificates set fingerprint = repeat('A', 40)`, payroll.HoldTampered, []string{tampered}},
		{"stored certificate unreadable", `update certificates set content = '\x99'`, payroll.HoldTampered, []string{tampered}},
		{"use revoked", `update certificates set standing = 'revoked'`, payroll.HoldRevoked, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1)
			o.exec(c.change)
			worker := o.conveyor()
			o.carry(worker)
			o.heldFor(c.want, c.alarms...)
			if err := worker.Heal(t.Context(), o.store); err != nil { // it is not raised twice
				t.Fatal(err)
			}
			o.heldFor(c.want, c.alarms...)
		})
	}
}

// TestAnotherCertificateRaisesAnAlarm: a second certificate of the employee's own,
// certified and current, is not what was approved.
func TestAnotherCertificateRaisesAnAlarm(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	other := o.certificate(address(0), time.Now())
	o.exec(`update certificates set content = $1, fingerprint = $2`, other.Bytes(), other.Fingerprint())
	o.carry(o.conveyor())
	o.heldFor(payroll.HoldCertificateChanged, keyAlarm)
}

// TestAnotherOnesCertificate puts another employee's certificate, certified for
// that address, and the address, wherever they stand.
func TestAnotherOnesCertificate(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 2)
	o.exec(`delete from slips where employee = $1`, number(1))
	o.exec(`update certificates c set content = o.content from certificates o where c.employee = $1 and o.employee = $2`, number(0), number(1))
	o.exec(`update certificates c set fingerprint = o.fingerprint from certificates o where c.employee = $1 and o.employee = $2`, number(0), number(1))
	o.exec(`update slips s set pin_fingerprint = c.fingerprint, pin_email = $2 from certificates c where c.employee = $1`, number(1), address(1))
	o.exec(`update employees set email = $2 where number = $1`, number(0), address(1))
	o.carry(o.conveyor())
	o.heldFor(payroll.HoldTampered, tampered)
}

// TestALetterheadIsOneAlarm: it changes for every slip at once, and honestly.
func TestALetterheadIsOneAlarm(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 5)
	o.exec(`update slips set pin_letterhead = 'another'`)
	o.seal()
	o.carry(o.conveyor())
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipHeld: 5}, o.counts()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{letterheadAlarm}, o.open()); diff != "" || o.alarmMails() != 1 {
		t.Errorf("%d mails, alarms %s", o.alarmMails(), diff)
	}
}

// TestStatesPutBack: slips that were withdrawn with their run do not leave because
// somebody writes that they may.
func TestStatesPutBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, before, back string }{
		{"void", `update runs set state = 'approved'; update slips set state = 'ready'`,
			`update runs set state = 'sending'; update slips set state = 'queued'`},
		{"void, through ready", `update runs set state = 'approved'; update slips set state = 'ready'`,
			`update runs set state = 'sending'; update slips set state = 'ready'; update slips set state = 'queued'`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1)
			o.exec(c.before)
			if err := o.store.VoidRun(t.Context(), o.run, "maria", "twice"); err != nil {
				t.Fatal(err)
			}
			o.exec(c.back)
			o.carry(o.conveyor())
			o.heldFor(payroll.HoldTampered, tampered)
		})
	}
}

// TestACorrectedSlipPutBack: one whose place an approved correction has taken does
// not leave, and one whose correction was given up does.
func TestACorrectedSlipPutBack(t *testing.T) {
	t.Parallel()
	for state, want := range map[payroll.RunState]payroll.SlipState{
		payroll.RunApproved: payroll.SlipHeld, payroll.RunComplete: payroll.SlipHeld, payroll.RunVoid: payroll.SlipAccepted, payroll.RunDraft: payroll.SlipAccepted,
	} {
		o := newOffice(t, 1)
		o.exec(`with r as (insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
				values ($1, '2026-10', '2026-10-30', 'EUR', repeat('a', 64), 'maria') returning id)
			insert into slips (id, run, employee, digest, state, supersedes) select gen_random_uuid(), r.id, s.employee, s.digest, 'withdrawn', s.id from r, slips s`, string(state))
		o.carry(o.conveyor())
		if s := o.statuses()[0]; s.State != want || want == payroll.SlipHeld && s.Hold != payroll.HoldTampered {
			t.Errorf("correction %s: %+v", state, s)
		}
	}
}

// TestNeverApproved: a run that nobody approved is written to be approved and
// sent, with pins that fit.
func TestNeverApproved(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	o.exec(`update slips set pin_seal = null, state = 'ready'`)
	o.exec(`update runs set state = 'approved', approved_by = 'anton'`)
	if err := o.store.SendRun(t.Context(), o.run, "olga", time.Hour, 10); err != nil {
		t.Fatal(err)
	}
	o.carry(o.conveyor())
	o.heldFor(payroll.HoldTampered, tampered)
}

// TestTamperedDoesNotHeal puts back what was changed: a person has to look at it
// before it goes, and a second one, not who brought the run, approves it.
func TestTamperedDoesNotHeal(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	o.exec(`update slips set digest = repeat('0', 64)`)
	worker := o.conveyor()
	o.carry(worker)
	o.exec(`update slips set pin_email = 'x@acme.example'`)
	o.exec(`update slips set pin_email = $1`, address(0))
	if err := worker.Heal(t.Context(), o.store); err != nil {
		t.Fatal(err)
	}
	o.heldFor(payroll.HoldTampered, tampered)
	numbers := []payroll.EmployeeNumber{number(0)}
	if err := o.store.ReapproveSlips(t.Context(), o.run, numbers, "maria", o.letterhead.Digest()); err == nil {
		t.Error("who brought the run approved its slip again")
	}
	if err := o.store.ReapproveSlips(t.Context(), o.run, numbers, "anton", o.letterhead.Digest()); err != nil {
		t.Fatal(err)
	}
	o.carry(worker)
	if diff := cmp.Diff(map[payroll.SlipState]int{payroll.SlipAccepted: 1}, o.counts()); diff != "" || len(o.relay.Messages()) != 1 {
		t.Errorf("%d mails, %s", len(o.relay.Messages()), diff)
	}
	if diff := cmp.Diff([]string{tampered}, o.open()); diff != "" {
		t.Errorf("an alarm stays until it is settled: %s", diff)
	}
}

// TestContentsThatDoNotOpenAreNotApproved: a second approval cannot make them good.
func TestContentsThatDoNotOpenAreNotApproved(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	o.exec(`update slips set content = content || '\x00'`)
	worker := o.conveyor()
	o.carry(worker)
	if err := o.store.ReapproveSlips(t.Context(), o.run, []payroll.EmployeeNumber{number(0)}, "anton", o.letterhead.Digest()); err == nil {
		t.Error("contents that do not open were approved")
	}
	o.carry(worker)
	o.heldFor(payroll.HoldTampered, tampered)
}

// TestAHeldSlipIsTamperedWith: what happens to a slip while it is held is seen too.
func TestAHeldSlipIsTamperedWith(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	o.exec(`update employees set on_paper = true`)
	worker := o.conveyor()
	o.carry(worker)
	if s := o.statuses()[0]; s.Hold != payroll.HoldOnPaper || len(o.open()) != 0 {
		t.Fatalf("%+v, alarms %v", s, o.open())
	}
	o.exec(`update employees set on_paper = false, email = 'x@acme.example'`)
	o.exec(`update slips set pin_email = 'x@acme.example'`)
	o.exec(`update runs set state = 'incomplete'`)
	if err := worker.Heal(t.Context(), o.store); err != nil {
		t.Fatal(err)
	}
	o.heldFor(payroll.HoldTampered, tampered)
}

// TestAHealedSlipIsSealed: a certificate that came after the approval is pinned
// under a seal of its own, and a change of that is seen.
func TestAHealedSlipIsSealed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change string
		want   payroll.SlipState
	}{
		{`select 1`, payroll.SlipAccepted},
		{`update slips set pin_fingerprint = '', pin_subkeys = '{}'`, payroll.SlipHeld},
	} {
		o := newOffice(t, 1)
		o.exec(`update slips set pin_fingerprint = '', pin_subkeys = '{}'`)
		o.seal()
		o.exec(`update certificates set standing = 'candidate'`)
		worker := o.conveyor()
		o.carry(worker)
		o.exec(`update certificates set standing = 'current'`)
		if err := worker.Heal(t.Context(), o.store); err != nil {
			t.Fatal(err)
		}
		o.exec(c.change)
		o.carry(worker)
		if s := o.statuses()[0]; s.State != c.want || c.want == payroll.SlipHeld && s.Hold != payroll.HoldTampered {
			t.Errorf("%s: %+v", c.change, s)
		}
	}
}

// TestAnAlarmIsMailed: one mail, without a word of what it is about, and no second
// one while the first is fresh.
func TestAnAlarmIsMailed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 3)
	o.exec(`update slips set pin_seal = null`)
	o.carry(o.conveyor())
	if got := o.open(); len(got) != 3 || o.alarmMails() != 1 {
		t.Fatalf("%d alarms, %d mails", len(got), o.alarmMails())
	}
	o.exec(`update notices set address = 'hr@acme.example'`) // which the worker's configuration does
	p := o.post()
	o.deliver(p)
	_, text, _ := o.lastMail()
	if !strings.Contains(text, "payseal alarms") || strings.Contains(text, string(number(0))) || strings.Contains(text, tampered) {
		t.Errorf("the mail says %q", text)
	}
	if err := o.store.RaiseAlarm(t.Context(), payroll.Alarm{Kind: payroll.AlarmCanary}); err != nil {
		t.Fatal(err)
	}
	o.exec(`update notices set address = 'hr@acme.example' where state = 'queued'`)
	o.deliver(p)
	if n := len(o.relay.Messages()); n != 1 || o.alarmMails() != 2 {
		t.Errorf("%d mails left of %d", n, o.alarmMails())
	}
	o.exec(`update notices set due_at = due_at - interval '10 minutes' where state = 'queued'`)
	o.deliver(p)
	if n := len(o.relay.Messages()); n != 2 {
		t.Errorf("%d mails left after a while", n)
	}
}
