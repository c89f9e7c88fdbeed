package postgres

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func alarmMails(t *testing.T, s *Store) (n int) {
	t.Helper()
	ok(t, s.pool.QueryRow(t.Context(), `select count(*) from notices where kind = 'alarm'`).Scan(&n))
	return n
}

func openAlarms(t *testing.T, s *Store, all bool) []payroll.Alarm {
	t.Helper()
	alarms, err := s.Alarms(t.Context(), all)
	ok(t, err)
	return alarms
}

// TestAlarmsAreRaisedOnce, by any number of workers at once, with one mail, and
// again when the first is settled.
func TestAlarmsAreRaisedOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	late := payroll.Alarm{Kind: payroll.AlarmLatePayday, Words: "payday 2026-10: late"}
	var group errgroup.Group
	for range 20 {
		group.Go(func() error { return s.RaiseAlarm(t.Context(), late) })
	}
	ok(t, group.Wait())
	ok(t, s.RaiseAlarm(t.Context(), payroll.Alarm{Kind: payroll.AlarmLatePayday, Words: "payday 2026-11: late"}))
	alarms := openAlarms(t, s, false)
	if len(alarms) != 2 || alarms[1].Words != late.Words || time.Since(alarms[0].At) > time.Hour || alarmMails(t, s) != 1 {
		t.Fatalf("%+v, %d mails", alarms, alarmMails(t, s))
	}
	if n, err := s.OpenAlarms(t.Context()); err != nil || n != 2 {
		t.Errorf("%d open, %v", n, err)
	}
	first := alarms[1].ID
	if err := s.SettleAlarm(t.Context(), first, "operator", " "); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("settled without a note: %v", err)
	}
	ok(t, s.SettleAlarm(t.Context(), first, "operator", "sent by hand"))
	if err := s.SettleAlarm(t.Context(), first, "approver", "again"); !errors.Is(err, payroll.ErrWrongState) {
		t.Errorf("settled twice: %v", err)
	}
	if err := s.SettleAlarm(t.Context(), 99999, "approver", "what"); !errors.Is(err, payroll.ErrNotFound) {
		t.Errorf("settled one that is none: %v", err)
	}
	settled := openAlarms(t, s, true)[1]
	want := payroll.Alarm{ID: first, Kind: late.Kind, Words: late.Words, SettledBy: "operator", Note: "sent by hand"}
	if diff := cmp.Diff(want, settled, cmpopts.IgnoreFields(payroll.Alarm{}, "At", "SettledAt")); diff != "" || settled.SettledAt == nil {
		t.Error(diff)
	}
	ok(t, s.RaiseAlarm(t.Context(), late))
	if got := openAlarms(t, s, false); len(got) != 2 || alarmMails(t, s) != 1 {
		t.Errorf("%d open after it came again, %d mails", len(got), alarmMails(t, s))
	}
	var acts []string
	for _, e := range auditEntries(t, s) {
		if e.What == "alarm.raise" || e.What == "alarm.settle" {
			acts = append(acts, e.What)
		}
	}
	if diff := cmp.Diff([]string{"alarm.raise", "alarm.raise", "alarm.settle", "alarm.raise"}, acts); diff != "" {
		t.Error(diff)
	}
}

// TestALedgersHoldRaises: hold, alarm and mail are one transaction, also where
// many slips are put down at once, and one that raises none does not.
func TestALedgersHoldRaises(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ledger := newLedger(t, s)
	id := sendingRun(t, s, 4)
	worker := payroll.WorkerID(uuid.NewString())
	parcels, err := s.Claim(t.Context(), id, worker, 4, payroll.Freeze{})
	if err != nil || len(parcels) != 4 {
		t.Fatal(len(parcels), err)
	}
	reasons := []payroll.HoldReason{payroll.HoldTampered, payroll.HoldAddressChanged, payroll.HoldTwin, ""}
	var group errgroup.Group
	for i, p := range parcels {
		group.Go(func() error {
			if reasons[i] == "" {
				return ledger.ReleaseSlip(t.Context(), p.ID, worker, time.Hour)
			}
			return ledger.HoldSlip(t.Context(), p.ID, worker, reasons[i])
		})
	}
	ok(t, group.Wait())
	ok(t, ledger.HoldSlip(t.Context(), parcels[0].ID, worker, payroll.HoldTampered)) // it does not hold it any more
	got := make(map[payroll.SlipID]payroll.Alarm)
	for _, a := range openAlarms(t, s, false) {
		got[a.Slip] = payroll.Alarm{Kind: a.Kind, Run: a.Run, Words: a.Words}
	}
	want := map[payroll.SlipID]payroll.Alarm{
		parcels[0].ID: {Kind: payroll.AlarmTampered, Run: id},
		parcels[1].ID: {Kind: payroll.AlarmChanged, Run: id, Words: "address_changed"},
	}
	if diff := cmp.Diff(want, got); diff != "" || alarmMails(t, s) != 1 {
		t.Errorf("%d mails, %s", alarmMails(t, s), diff)
	}
}

// TestManyAlarmsOfARun: of a hundred thousand rows that were changed at once the
// first hundred have alarms of their own.
func TestManyAlarmsOfARun(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 1)
	const more = 130
	_, err := s.pool.Exec(t.Context(), `insert into employees (number, name, email) select 'F' || i, 'x', 'x@acme.example' from generate_series(1, $1) i`, more)
	ok(t, err)
	_, err = s.pool.Exec(t.Context(), `insert into slips (id, run, employee, digest, state, pin_email)
		select gen_random_uuid(), $1, 'F' || i, repeat('a', 64), 'queued', 'x@acme.example' from generate_series(1, $2) i`, id, more)
	ok(t, err)
	worker := payroll.WorkerID(uuid.NewString())
	parcels, err := s.Claim(t.Context(), id, worker, 1000, payroll.Freeze{})
	ok(t, err)
	ledger, tampered := newLedger(t, s), 0
	for _, p := range parcels {
		if p.Standing.Tampered {
			ok(t, ledger.HoldSlip(t.Context(), p.ID, worker, holdOf(t, p)))
			tampered++
		}
	}
	alarms := openAlarms(t, s, false)
	ofRun := 0
	for _, a := range alarms {
		if a.Slip == "" {
			ofRun++
		}
	}
	if tampered != more || len(alarms) != alarmsPerRun+1 || ofRun != 1 {
		t.Errorf("%d alarms, %d for the run, of %d slips", len(alarms), ofRun, tampered)
	}
}

// TestApprovalSeals: every slip of an approved run carries a seal that fits, and
// no slip before; withdrawn ones lose it.
func TestApprovalSeals(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	hire(t, s, 3)
	id, err := s.CreateRun(t.Context(), testRun(), each(testSlips(3)))
	ok(t, err)
	sealed := func() (n int) {
		t.Helper()
		ok(t, s.pool.QueryRow(t.Context(), `select count(*) from slips where octet_length(pin_seal) = 32 and pin_fingerprint <> ''
			and cardinality(pin_subkeys) = 1 and pin_left is null and pin_letterhead = 'l'`).Scan(&n))
		return n
	}
	_, err = s.pool.Exec(t.Context(), `update runs set state = 'submitted'`)
	ok(t, err)
	if n := sealed(); n != 0 {
		t.Fatalf("%d slips are sealed before they are approved", n)
	}
	vault := s.vault
	s.Unlock(nil)
	if err := s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l"}); !errors.Is(err, errLocked) {
		t.Errorf("approved without the vault: %v", err)
	}
	s.Unlock(vault)
	ok(t, s.ApproveRun(t.Context(), id, "approver", payroll.Approval{Letterhead: "l"}))
	if n := sealed(); n != 3 {
		t.Errorf("%d slips are sealed", n)
	}
	ok(t, s.VoidRun(t.Context(), id, "maker", "twice"))
	if n := sealed(); n != 0 {
		t.Errorf("%d withdrawn slips are sealed", n)
	}
}

// TestHealKeepsWhatWasPinnedSince: a look at a held slip that is overtaken by a
// second approval changes nothing.
func TestHealKeepsWhatWasPinnedSince(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 1)
	hold := func() {
		t.Helper()
		_, err := s.pool.Exec(t.Context(), `update slips set state = 'held', hold = 'address_changed'`)
		ok(t, err)
	}
	hold()
	held, err := s.HeldParcels(t.Context(), payroll.Freeze{})
	if err != nil || len(held) != 1 {
		t.Fatal(len(held), err)
	}
	ok(t, s.ReapproveSlips(t.Context(), id, []payroll.EmployeeNumber{"0000"}, "approver", "newer"))
	hold()
	ok(t, s.HealSlip(t.Context(), held[0], held[0].Pin.Subkeys, ""))
	again, err := s.HeldParcels(t.Context(), payroll.Freeze{})
	if err != nil || len(again) != 1 || again[0].Standing.Tampered || again[0].Pin.Letterhead != "newer" {
		t.Errorf("%+v, %v", again, err)
	}
}

// TestAnotherVaultIsRefused, so that it does not take every slip for changed.
func TestAnotherVaultIsRefused(t *testing.T) {
	t.Parallel()
	for _, used := range []bool{false, true} {
		s := newStore(t)
		sendingRun(t, s, 1)
		other, err := keystore.OpenMasterKey(keystore.NewMasterKeyFile())
		ok(t, err)
		if used {
			ok(t, s.KnowVault(t.Context()))
			_, err := s.pool.Exec(t.Context(), `update runs set data_key = null`)
			ok(t, err)
		}
		own := s.vault
		s.Unlock(other)
		if err := s.KnowVault(t.Context()); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("used %t: another master key: %v", used, err)
		}
		s.Unlock(own)
		ok(t, s.KnowVault(t.Context()))
		ok(t, s.KnowVault(t.Context()))
	}
}

func TestPaid(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	paid := func() bool {
		t.Helper()
		paid, err := s.Paid(t.Context(), october.First(), october.Last())
		ok(t, err)
		return paid
	}
	if paid() {
		t.Error("paid without a run")
	}
	id := sendingRun(t, s, 1)
	if !paid() {
		t.Error("a run under way counts for nothing")
	}
	_, err := s.pool.Exec(t.Context(), `update runs set pay_date = '2026-11-01'`)
	ok(t, err)
	if paid() {
		t.Errorf("run %s is paid in another month", strconv.FormatInt(int64(id), 10))
	}
}

// BenchmarkApprove approves a run: N slips, pinned and sealed.
func BenchmarkApprove(b *testing.B) {
	const n = 100_000
	s := newStore(b)
	c := testCertificate(b)
	_, err := s.pool.Exec(b.Context(), `insert into employees (number, name, email) select lpad(i::text, 6, '0'), 'x', 'x' || i || '@acme.example' from generate_series(1, $1::int) i`, n)
	if err == nil {
		_, err = s.pool.Exec(b.Context(), `insert into certificates (employee, fingerprint, content, step, standing)
			select number, $1, $2, 'certified', 'current' from employees`, c.Fingerprint(), c.Bytes())
	}
	if err == nil {
		_, err = s.pool.Exec(b.Context(), `with r as (insert into runs (state, period, pay_date, currency, file_sha256, imported_by)
				values ('submitted', '2026-10', '2026-10-30', 'EUR', repeat('a', 64), 'maker') returning id)
			insert into slips (id, run, employee, content, digest, state) select gen_random_uuid(), r.id, number, '\x00', repeat('a', 64), 'ready' from r, employees`)
	}
	if err == nil {
		_, err = s.pool.Exec(b.Context(), `analyze`)
	}
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := s.ApproveRun(b.Context(), 1, "approver", payroll.Approval{Letterhead: "l"}); err != nil {
			b.Fatal(err)
		}
		if _, err := s.pool.Exec(b.Context(), `update runs set state = 'submitted'`); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n/(b.Elapsed().Seconds()/float64(b.N)), "slips/s")
}

// TestAlarmsGoByIndex: neither raising nor settling reads what was settled before.
func TestAlarmsGoByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 1)
	execute(fill)(t, s)
	_, err := s.pool.Exec(t.Context(), `insert into alarms (kind, run, words, settled_by, settled_at) select 'tampered', $1, '' || i, 'operator', now() from generate_series(1, 5000) i`, id)
	ok(t, err)
	execute(`analyze alarms`)(t, s)
	pool := listen(t, &s.pool)
	ok(t, s.RaiseAlarm(t.Context(), payroll.Alarm{Kind: payroll.AlarmTampered, Run: id}))
	ok(t, s.SettleAlarm(t.Context(), openAlarms(t, s, false)[0].ID, "operator", "looked"))
	seen := pool.taken()
	for sql := range seen {
		if strings.Contains(sql, "order by at desc") || strings.Contains(sql, "from audit") { // what is open; a log that is short here
			delete(seen, sql)
		}
	}
	goesByIndex(t, s.pool, seen)
}
