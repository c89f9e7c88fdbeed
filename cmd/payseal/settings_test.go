package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// house is a company where names are proven, with a database and keys of its own.
type house struct {
	t      *testing.T
	config config.Config
	store  *postgres.Store
	relays []*smtptest.Relay
	log    *lines
}

// newHouse has as many relays as said; the first is the configured one.
func newHouse(t *testing.T, relays int) *house {
	t.Helper()
	dir := t.TempDir()
	h := &house{t: t, config: config.Default(), log: &lines{arrived: make(chan string, 100_000)}}
	var authorities []byte
	for range relays {
		relay, err := smtptest.Serve(smtptest.Options{RoundTrip: 5 * time.Millisecond})
		check(t, err)
		t.Cleanup(func() { _ = relay.Close() })
		h.relays, authorities = append(h.relays, relay), append(authorities, relay.CAPEM()...)
	}
	c := &h.config
	c.Company.Name, c.Console.Origin, c.Worker.Listen = "ACME", "https://hr.acme.example", ""
	c.Signer.File, c.Signer.PassphraseFile = filepath.Join(dir, "signer.asc"), filepath.Join(dir, "passphrase")
	c.Vault.MasterKeyFile, c.Relay.CAFile = filepath.Join(dir, "master.key"), filepath.Join(dir, "relays.pem")
	c.Relay.Host, c.Relay.Port, c.Relay.RatePerSecond = "localhost", h.relays[0].Port(), 1000
	c.Policy.RequiredStep, c.Policy.FreezeDays, c.WKD.Lookup = string(payroll.StepPhoneChecked), 0, false
	check(t, os.WriteFile(c.Relay.CAFile, authorities, 0o600))
	check(t, os.WriteFile(c.Signer.PassphraseFile, []byte("correct horse battery\n"), 0o600))
	exitsWith(t, exitYes, "vault", "init", "--out", c.Vault.MasterKeyFile)
	h.newKey()
	queue, err := jobs.NewQueue()
	check(t, err)
	h.store, err = postgres.Open(t.Context(), pgtest.New(t, migrated), queue)
	check(t, err)
	t.Cleanup(h.store.Close)
	vault, err := openVault(c.Vault)
	check(t, err)
	h.store.Unlock(vault)
	check(t, h.store.KnowVault(t.Context()))
	for name, role := range map[payroll.AdminName]payroll.Role{"maria": payroll.RoleMaker, "anton": payroll.RoleApprover, "olga": payroll.RoleOperator} {
		_, err := h.store.Pool().Exec(t.Context(), `insert into admins (name, roles, enrolled_at) values ($1, $2, now())`, name, []payroll.Role{role})
		check(t, err)
	}
	check(t, h.store.SealAccess(t.Context()))
	check(t, compareFile(t.Context(), h.config, h.store, h.logger()))
	return h
}

func (h *house) logger() *slog.Logger { return slog.New(slog.NewTextHandler(h.log, nil)) }

// newKey puts a fresh signing key where the configured one is.
func (h *house) newKey() {
	h.t.Helper()
	_ = os.Remove(h.config.Signer.File)
	exitsWith(h.t, exitYes, "signer", "init", "--user-id", "ACME Payroll <payroll@acme.example>",
		"--passphrase-file", h.config.Signer.PassphraseFile, "--out", h.config.Signer.File)
}

// send starts a run of n slips, approved on the letterhead that counts.
func (h *house) send(n int) payroll.RunID {
	h.t.Helper()
	ctx := h.t.Context()
	run := h.draft(n)
	letterhead, err := letterheadInForce(ctx, h.config, h.store)
	check(h.t, err)
	_, err = h.store.Pool().Exec(ctx, `update twins set acknowledged_by = 'maria', acknowledged_at = now()`)
	check(h.t, err)
	check(h.t, h.store.SubmitRun(ctx, run, "maria", false))
	check(h.t, h.store.ApproveRun(ctx, run, "anton", payroll.Approval{Letterhead: letterhead.Digest()}))
	check(h.t, h.store.SendRun(ctx, run, "olga", time.Hour, 8))
	return run
}

func (h *house) draft(n int) payroll.RunID {
	h.t.Helper()
	ctx, now := h.t.Context(), time.Now()
	var staff []payroll.Employee
	var members [][]byte
	for i := range n {
		e := payroll.Employee{Number: payroll.EmployeeNumber(fmt.Sprintf("%04d", i)), Name: "Person " + strings.Repeat("x", 1+i%7) + fmt.Sprint(i*7919), Email: payroll.Address(fmt.Sprintf("e%d@acme.example", i))}
		member, err := demo.NewMember(e, 100, now)
		check(h.t, err)
		armored, err := member.Certificate()
		check(h.t, err)
		staff, members = append(staff, e), append(members, armored)
	}
	_, err := h.store.PutEmployees(ctx, staff, "test", "maria", false)
	check(h.t, err)
	for i, e := range staff {
		c, verdict := keystore.Judge(members[i], e.Email, now)
		if !verdict.Accepted() {
			h.t.Fatal(verdict.Code)
		}
		_, err := h.store.PutCertificate(ctx, payroll.Submission{Employee: e.Number, Fingerprint: c.Fingerprint(), Content: c.Bytes()}, "maria")
		check(h.t, err)
		_, err = h.store.ClimbCertificate(ctx, payroll.Climb{Employee: e.Number, Fingerprint: c.Fingerprint(), To: payroll.StepPhoneChecked, Method: "phone", Required: payroll.StepPhoneChecked}, "olga")
		check(h.t, err)
	}
	_, err = h.store.Pool().Exec(ctx, `delete from notices`)
	check(h.t, err)
	period := payroll.Period{Year: 2026, Month: time.October}
	run, err := h.store.CreateRun(ctx, payroll.Run{Period: period, PayDate: period.Last(), Currency: "EUR", ImportedBy: "maria", FileSHA256: payroll.Digest([]byte("file"))},
		func(yield func(payroll.Slip, error) bool) {
			for _, e := range staff {
				if !yield(payroll.Slip{Employee: e, Period: period, PayDate: period.Last(), Currency: "EUR", Net: payroll.Money{Minor: 123456, Currency: "EUR"}}, nil) {
					return
				}
			}
		})
	check(h.t, err)
	return run
}

// work runs a worker until the test ends.
func (h *house) work() {
	h.t.Helper()
	ctx, stop := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- work(ctx, h.config, h.store, h.logger()) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			h.t.Errorf("the worker ended with %v", err)
		}
	})
}

// until waits for a condition.
func (h *house) until(what string, reached func() bool) {
	h.t.Helper()
	deadline := time.After(90 * time.Second)
	for !reached() {
		select {
		case <-deadline:
			h.t.Fatalf("not reached: %s\n%s", what, h.log.text())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (h *house) counts(run payroll.RunID) map[payroll.SlipState]int {
	h.t.Helper()
	counts, err := h.store.Counts(h.t.Context(), run)
	check(h.t, err)
	return counts
}

// confirm brings what is proposed about by two people.
func (h *house) confirm(by ...payroll.AdminName) {
	h.t.Helper()
	open, err := h.store.OpenProposals(h.t.Context())
	check(h.t, err)
	if len(open) != 1 {
		h.t.Fatalf("%d proposals are open", len(open))
	}
	for _, name := range by {
		_, err := h.store.ConfirmProposal(h.t.Context(), open[0].ID, name, payroll.SecretHash{})
		check(h.t, err)
	}
}

// TestWorkerTakesAConfirmedRelayUp: while a run is on its way two people confirm
// another relay. Every slip arrives once, the first ones here and the last ones
// there.
func TestWorkerTakesAConfirmedRelayUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	h.config.Relay.RatePerSecond = 12
	const n = 90
	run := h.send(n)
	h.work()
	h.until("the first slips leave", func() bool { return h.counts(run)[payroll.SlipAccepted] > 5 })
	now, err := h.store.Settings(t.Context())
	check(t, err)
	other := now.Settings
	other.Relay.Port = h.relays[1].Port()
	_, err = h.store.ProposeSettings(t.Context(), other, nil, now.Version, "olga")
	check(t, err)
	if len(h.relays[1].Messages()) > 0 {
		t.Fatal("one person's word moved the mail")
	}
	h.confirm("anton")
	h.until("all slips left", func() bool { return h.counts(run)[payroll.SlipAccepted] == n })
	first, second := mailedTo(h.relays[0]), mailedTo(h.relays[1])
	if len(first) == 0 || len(second) == 0 {
		t.Errorf("%d mails went the old way and %d the new one", len(first), len(second))
	}
	all := slices.Sorted(slices.Values(append(first, second...)))
	if len(all) != n || len(slices.Compact(slices.Clone(all))) != n {
		t.Errorf("%d mails to %d people, want one for each of %d", len(all), len(slices.Compact(all)), n)
	}
}

func mailedTo(r *smtptest.Relay) (all []string) {
	for _, m := range r.Messages() {
		all = append(all, m.To...)
	}
	return all
}

// TestFileAloneMovesNothing: who edits the configuration file changes neither
// relay nor letterhead; a worker that starts with it goes the confirmed way.
func TestFileAloneMovesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	run := h.send(5)
	h.config.Relay.Port, h.config.Company.Name = h.relays[1].Port(), "ACME Elsewhere"
	h.work()
	h.until("all slips left", func() bool { return h.counts(run)[payroll.SlipAccepted] == 5 })
	if len(h.relays[1].Messages()) > 0 {
		t.Error("the file alone moved the mail")
	}
	alarms, err := h.store.Alarms(t.Context(), false)
	check(t, err)
	if len(alarms) != 1 || alarms[0].Kind != payroll.AlarmSettings {
		t.Errorf("alarms: %+v", alarms)
	}
	before, err := letterheadInForce(t.Context(), h.config, h.store)
	check(t, err)
	h.confirm("olga")
	if one, err := letterheadInForce(t.Context(), h.config, h.store); err != nil || one.Digest() != before.Digest() {
		t.Errorf("after one yes: %v", err)
	}
	h.confirm("anton")
	if two, err := letterheadInForce(t.Context(), h.config, h.store); err != nil || two.Digest() == before.Digest() {
		t.Errorf("after two: %v", err)
	}
}

// TestSwappedKeySendsNothing: with another key on the disk nothing leaves and
// nothing is held, until the confirmed one is back, or two people confirm it.
func TestSwappedKeySendsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 1)
	run := h.send(4)
	good, err := os.ReadFile(h.config.Signer.File)
	check(t, err)
	h.newKey()
	if _, err := signerInForce(t.Context(), h.config, h.store); !errors.Is(err, errOtherKey) {
		t.Errorf("a command certifies with it: %v", err)
	}
	h.work()
	h.until("the worker refuses", func() bool { return strings.Contains(h.log.text(), "nothing is sent") })
	h.until("an alarm for the proposal and one for the worker", func() bool {
		alarms, err := h.store.Alarms(t.Context(), false)
		return err == nil && len(alarms) == 2
	})
	if counts := h.counts(run); counts[payroll.SlipQueued] != 4 {
		t.Errorf("the slips are %v, want four that wait", counts)
	}
	if len(h.relays[0].Messages()) > 0 {
		t.Error("something was sent")
	}
	_, err = h.store.Pool().Exec(t.Context(), `delete from notices`) // of the alarms
	check(t, err)
	check(t, keystore.ReplaceSecretFile(h.config.Signer.File, h.config.Signer.File+".swapped", good))
	h.until("all slips left", func() bool { return h.counts(run)[payroll.SlipAccepted] == 4 })
	if signer, err := signerInForce(t.Context(), h.config, h.store); err != nil || signer == nil {
		t.Errorf("the confirmed key is back: %v", err)
	}
}

func TestKeyIsUsedOnceTwoPeopleConfirmed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 1)
	h.newKey()
	h.work()
	h.until("the worker refuses", func() bool { return strings.Contains(h.log.text(), "nothing is sent") })
	h.confirm("olga", "anton")
	h.until("the worker starts", func() bool { return strings.Contains(h.log.text(), "worker started") })
	run := h.send(3)
	h.until("all slips left", func() bool { return h.counts(run)[payroll.SlipAccepted] == 3 })
}

// TestTamperedSettingsSendNothing: a relay that somebody writes into the database
// gets no mail.
func TestTamperedSettingsSendNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 2)
	run := h.send(3)
	_, err := h.store.Pool().Exec(t.Context(), `update settings set content = jsonb_set(content, '{relay,port}', to_jsonb($1::int))`, h.relays[1].Port())
	check(t, err)
	h.work()
	h.until("the worker refuses", func() bool {
		return strings.Contains(h.log.text(), "were changed in the database") || strings.Contains(h.log.text(), "not those that two people")
	})
	if counts := h.counts(run); counts[payroll.SlipQueued] != 3 || len(h.relays[1].Messages()) > 0 {
		t.Errorf("the slips are %v", counts)
	}
	if _, err := letterheadInForce(t.Context(), h.config, h.store); !errors.Is(err, errTampered) {
		t.Errorf("a command goes on with them: %v", err)
	}
	if _, err := signerInForce(t.Context(), h.config, h.store); !errors.Is(err, errTampered) {
		t.Errorf("a command certifies under them: %v", err)
	}
}

// TestWithoutAConsoleTheFileCounts as before, whatever the table says.
func TestWithoutAConsoleTheFileCounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, 1)
	h.config.Console.Origin = ""
	h.config.Company.Name = "ACME by the file"
	counts, err := settle(t.Context(), h.config, h.store)
	if err != nil || counts.Company.Name != "ACME by the file" || counts.version != 0 || counts.sender != (payroll.SenderID{}) {
		t.Errorf("%+v, %v", counts.Company, err)
	}
}
