package dispatch_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/jobs"
	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// office is a whole payseal on real parts: a database, a relay, a signing key,
// a run that is under way.
type office struct {
	t          testing.TB
	store      *postgres.Store
	vault      *keystore.MasterKey
	relay      *smtptest.Relay
	letterhead *letter.Letterhead
	run        payroll.RunID
	log        *bytes.Buffer
	logMutex   sync.Mutex
	retry      payroll.Retry
	slip       func(*payroll.Slip)    // changes what the run's slips say
	registries []*prometheus.Registry // of its workers
}

var (
	october = payroll.Period{Year: 2026, Month: time.October}
	payDate = payroll.Date{Year: 2026, Month: time.October, Day: 30}
)

// company is one signing key for every test: making it takes a third of a second.
var company = sync.OnceValues(func() (*keystore.Signer, error) {
	passphrase := []byte("correct horse")
	armored, err := keystore.NewSigner(keystore.SignerOptions{
		UserID: "ACME Payroll <payroll@acme.example>", At: time.Now().Add(-time.Hour), Lifetime: 365 * 24 * time.Hour,
	}, passphrase)
	if err != nil {
		return nil, err
	}
	return keystore.OpenSigner(bytes.NewReader(armored), passphrase)
})

func signer(t testing.TB) *keystore.Signer {
	t.Helper()
	s, err := company()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func migrate(ctx context.Context, url string) error {
	s, err := postgres.Open(ctx, url, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Migrate(ctx)
}

// newOffice opens an office with a run of n slips that is being sent, and a
// relay with the given faults.
func newOffice(t testing.TB, n int, faults ...smtptest.Fault) *office {
	t.Helper()
	return openOffice(t, n, func(*payroll.Slip) {}, faults)
}

func openOffice(t testing.TB, n int, slip func(*payroll.Slip), faults []smtptest.Fault) *office {
	t.Helper()
	options := smtptest.Options{Faults: faults, Transcript: true, Username: "payseal", Password: "secret"}
	if n > 100 { // a benchmark: nobody reads the mails
		options.Transcript, options.Sink, options.Took = false, true, func(smtptest.Message) {}
	}
	relay, err := smtptest.Serve(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = relay.Close() })
	store, vault := openVault(t)
	o := &office{t: t, store: store, vault: vault, relay: relay, log: &bytes.Buffer{}, slip: slip}
	o.letterhead, err = letter.NewLetterhead(letter.Company{Name: "ACME", KeyFingerprint: signer(t).Certificate().Fingerprint()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(o.log.String())
		}
	})
	o.retry = payroll.Retry{ResendUnsure: true}
	o.run = o.startRun(n)
	o.exec(`delete from notices`) // what the start of the office made worth telling
	return o
}

func openStore(t testing.TB) *postgres.Store {
	t.Helper()
	store, _ := openVault(t)
	return store
}

// openVault is a store with its vault.
func openVault(t testing.TB) (*postgres.Store, *keystore.MasterKey) {
	t.Helper()
	queue, err := jobs.NewQueue()
	if err != nil {
		t.Fatal(err)
	}
	store, err := postgres.Open(t.Context(), pgtest.New(t, migrate), queue)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	vault, err := keystore.OpenMasterKey(keystore.NewMasterKeyFile())
	if err != nil {
		t.Fatal(err)
	}
	store.Unlock(vault)
	return store, vault
}

func number(i int) payroll.EmployeeNumber { return payroll.EmployeeNumber(fmt.Sprintf("%04d", i)) }

func address(i int) payroll.Address { return payroll.Address(fmt.Sprintf("e%d@acme.example", i)) }

// unlikeName is a name in which the twin detector sees nobody else's.
func unlikeName() string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + 'g'
		}
		return r
	}, uuid.NewString())
}

func (o *office) startRun(n int) payroll.RunID {
	o.t.Helper()
	ctx := o.t.Context()
	must := func(err error) {
		o.t.Helper()
		if err != nil {
			o.t.Fatal(err)
		}
	}
	must(o.store.CreateAdmin(ctx, payroll.Admin{Name: "olga", Roles: []payroll.Role{payroll.RoleOperator}}, ""))
	must(o.store.CreateAdmin(ctx, payroll.Admin{Name: "maria", Roles: []payroll.Role{payroll.RoleMaker}}, "olga"))
	must(o.store.CreateAdmin(ctx, payroll.Admin{Name: "anton", Roles: []payroll.Role{payroll.RoleApprover}}, "olga"))
	var staff []payroll.Employee
	var slips []payroll.Slip
	for i := range n {
		e := payroll.Employee{Number: number(i), Name: unlikeName(), Email: address(i)}
		staff = append(staff, e)
		slip := payroll.Slip{
			Employee: e, Period: october, PayDate: payDate, Currency: "EUR", Net: payroll.Money{Minor: 123456, Currency: "EUR"},
		}
		o.slip(&slip)
		slips = append(slips, slip)
	}
	_, err := o.store.PutEmployees(ctx, staff, "test", "maria", false)
	must(err)
	for i := range n {
		o.verify(number(i), address(i))
	}
	run, err := o.store.CreateRun(ctx, payroll.Run{
		Period: october, PayDate: payDate, Currency: "EUR", ImportedBy: "maria", FileSHA256: payroll.Digest([]byte(uuid.NewString())),
	}, func(yield func(payroll.Slip, error) bool) {
		for _, s := range slips {
			if !yield(s, nil) {
				return
			}
		}
	})
	must(err)
	must(o.store.SubmitRun(ctx, run, "maria", false))
	o.store.Trust([]keystore.Certificate{signer(o.t).Certificate()})
	must(o.store.ApproveRun(ctx, run, "anton", payroll.Approval{Letterhead: o.letterhead.Digest()}))
	must(o.store.SendRun(ctx, run, "olga", time.Hour, 10))
	return run
}

// verify gives an employee a certificate of their own for an address.
func (o *office) verify(employee payroll.EmployeeNumber, email payroll.Address) {
	o.t.Helper()
	now := time.Now()
	c := o.certificate(email, now)
	_, err := o.store.PutCertificate(o.t.Context(), payroll.Submission{Employee: employee, Fingerprint: c.Fingerprint(), Content: c.Bytes()}, "maria")
	if err == nil {
		_, err = o.store.ClimbCertificate(o.t.Context(), payroll.Climb{
			Employee: employee, Fingerprint: c.Fingerprint(), To: payroll.StepPhoneChecked, Method: "phone", Required: payroll.StepPhoneChecked,
		}, "olga")
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// certificate is somebody's, certified by the company.
func (o *office) certificate(email payroll.Address, now time.Time) keystore.Certificate {
	o.t.Helper()
	certified, err := signer(o.t).Certify(o.uncertified(email, now), now)
	if err != nil {
		o.t.Fatal(err)
	}
	return certified
}

func (o *office) uncertified(email payroll.Address, now time.Time) keystore.Certificate {
	o.t.Helper()
	const plain = 100 // a member who plays no part
	member, err := demo.NewMember(payroll.Employee{Name: "Somebody", Email: email}, plain, now)
	if err != nil {
		o.t.Fatal(err)
	}
	armored, err := member.Certificate()
	if err != nil {
		o.t.Fatal(err)
	}
	certificate, verdict := keystore.Judge(armored, email, now)
	if !verdict.Accepted() {
		o.t.Fatal(verdict.Code)
	}
	return certificate
}

// Write collects what all the office's workers log.
func (o *office) Write(p []byte) (int, error) {
	o.logMutex.Lock()
	defer o.logMutex.Unlock()
	return o.log.Write(p)
}

// conveyor is the conveyor of a new worker.
func (o *office) conveyor(change ...func(*dispatch.Conveyor)) *dispatch.Conveyor {
	o.t.Helper()
	pool, err := mailer.NewPool(mailer.Relay{
		Host: o.relay.Host(), Port: o.relay.Port(), RootCAs: o.relay.CAs(), Username: "payseal", Password: "secret",
		Connections: 2, FirstDelay: time.Millisecond, MaxDelay: time.Millisecond,
	})
	if err != nil {
		o.t.Fatal(err)
	}
	o.t.Cleanup(pool.Close)
	pace, err := mailer.NewPace(o.store, o.relay.Host(), 100000, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	ledger := o.store.OpenLedger(o.t.Context())
	o.t.Cleanup(func() { ledger.Close(context.Background()) })
	registry := prometheus.NewRegistry()
	o.registries = append(o.registries, registry)
	c := &dispatch.Conveyor{
		Worker: payroll.WorkerID(uuid.NewString()), Book: o.store, Ledger: ledger, Letterhead: o.letterhead, Signer: signer(o.t),
		Vault: o.vault, Certifiers: []keystore.Certificate{signer(o.t).Certificate()},
		Relay: pool, Pace: pace, Sender: dispatch.Sender{
			Subject: "Encrypted message from ACME", BounceAddress: "bounce@acme.example", MessageIDDomain: "acme.example",
			Zone: time.UTC, Structure: keystore.Combined,
		},
		Retry: o.retry, Bundle: 10, Lanes: 4, Grace: 10 * time.Second, Now: time.Now,
		Metrics: dispatch.NewMetrics(registry), Log: slog.New(slog.NewTextHandler(io.Writer(o), nil)),
	}
	for _, f := range change {
		f(c)
	}
	if err := o.store.Beat(o.t.Context(), c.Worker, "test"); err != nil {
		o.t.Fatal(err)
	}
	return c
}

// carry lets a conveyor carry one bundle of the office's run.
func (o *office) carry(c *dispatch.Conveyor) {
	o.t.Helper()
	if err := c.Carry(o.t.Context(), o.run); err != nil {
		o.t.Error(err)
	}
}

// burial declares every worker dead at once.
func (o *office) burial() {
	o.t.Helper()
	unsure := o.retry.Fate(payroll.Outcome{Kind: payroll.Unsure}, 1, time.Now(), time.Now().Add(time.Hour))
	if _, err := o.store.Bury(o.t.Context(), 0, unsure); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) counts() map[payroll.SlipState]int {
	o.t.Helper()
	counts, err := o.store.Counts(o.t.Context(), o.run)
	if err != nil {
		o.t.Fatal(err)
	}
	return counts
}

func (o *office) statuses() []postgres.SlipStatus {
	o.t.Helper()
	statuses, err := o.store.SlipStatuses(o.t.Context(), o.run)
	if err != nil {
		o.t.Fatal(err)
	}
	return statuses
}

func (o *office) state() payroll.RunState {
	o.t.Helper()
	run, err := o.store.Run(o.t.Context(), o.run)
	if err != nil {
		o.t.Fatal(err)
	}
	return run.State
}

// messageIDs are the Message-IDs that the relay took for each recipient.
func (o *office) messageIDs() map[string][]string {
	o.t.Helper()
	ids := make(map[string][]string)
	for _, m := range o.relay.Messages() {
		parsed, err := mail.ReadMessage(bytes.NewReader(m.Data))
		if err != nil {
			o.t.Fatal(err)
		}
		ids[m.To[0]] = append(ids[m.To[0]], parsed.Header.Get("Message-ID"))
	}
	return ids
}
