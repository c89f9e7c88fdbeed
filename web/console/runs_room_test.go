package console

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
)

var (
	november   = payroll.Period{Year: 2026, Month: time.November}
	november27 = payroll.Date{Year: 2026, Month: time.November, Day: 27}
)

// unlikeNames are names in which the detector of twins sees nobody else's.
func unlikeName() string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r - '0' + 'g'
		}
		return r
	}, uuid.NewString())
}

// paid is an employee of the tests with their key.
type paid struct {
	payroll.Employee
	key demo.Member
}

func numberedAs(i int) payroll.EmployeeNumber { return payroll.EmployeeNumber(fmt.Sprintf("%04d", i)) }

// hire puts n employees into the roster, each with a certificate of their own that
// somebody has compared.
func (c *testConsole) hire(n int) []paid {
	c.t.Helper()
	staff := make([]paid, n)
	roster := make([]payroll.Employee, n)
	for i := range staff {
		e := payroll.Employee{Number: numberedAs(i), Name: unlikeName(), Email: payroll.Address(fmt.Sprintf("e%d@acme.example", i))}
		staff[i].Employee, roster[i] = e, e
	}
	_, err := c.store.PutEmployees(c.t.Context(), roster, "test", "ada", false)
	must(c.t, err)
	for i := range staff {
		staff[i].key = c.enrol(staff[i].Employee)
	}
	return staff
}

// enrol gives an employee a key, and has its fingerprint compared.
func (c *testConsole) enrol(e payroll.Employee) demo.Member {
	c.t.Helper()
	const quick = 99 // an Ed25519 key of a member who plays no part
	member, err := demo.NewMember(payroll.Employee{Name: "Somebody", Email: e.Email}, quick, time.Now())
	must(c.t, err)
	armored, err := member.Certificate()
	must(c.t, err)
	certificate, verdict := keystore.Judge(armored, e.Email, time.Now())
	if !verdict.Accepted() {
		c.t.Fatal(verdict.Code)
	}
	_, err = c.store.PutCertificate(c.t.Context(), payroll.Submission{Employee: e.Number, Fingerprint: certificate.Fingerprint(), Content: certificate.Bytes()}, "ada")
	must(c.t, err)
	_, err = c.store.ClimbCertificate(c.t.Context(), payroll.Climb{
		Employee: e.Number, Fingerprint: certificate.Fingerprint(), To: payroll.StepPhoneChecked, Method: "phone", Required: payroll.StepPhoneChecked,
	}, "cem")
	must(c.t, err)
	return member
}

func slipOf(e payroll.Employee, minor int64) payroll.Slip {
	return payroll.Slip{Employee: e, Period: november, PayDate: november27, Currency: "EUR", Net: payroll.Money{Minor: minor, Currency: "EUR"}}
}

// draft is a run that ada has imported.
func (c *testConsole) draft(run payroll.Run, slips ...payroll.Slip) payroll.RunID {
	c.t.Helper()
	run.Period, run.PayDate, run.Currency, run.ImportedBy = november, november27, "EUR", "ada"
	run.FileSHA256 = payroll.Digest([]byte(uuid.NewString()))
	id, err := c.store.CreateRun(c.t.Context(), run, func(yield func(payroll.Slip, error) bool) {
		for _, s := range slips {
			if !yield(s, nil) {
				return
			}
		}
	})
	must(c.t, err)
	return id
}

// approved is a run that ada has submitted and bea approved.
func (c *testConsole) approved(run payroll.Run, slips ...payroll.Slip) payroll.RunID {
	c.t.Helper()
	id := c.draft(run, slips...)
	must(c.t, c.store.SubmitRun(c.t.Context(), id, "ada", false))
	must(c.t, c.store.ApproveRun(c.t.Context(), id, "bea", payroll.Approval{Letterhead: c.Letterhead().Digest()}))
	return id
}

func slipsOfStaff(staff []paid) []payroll.Slip {
	slips := make([]payroll.Slip, len(staff))
	for i, p := range staff {
		slips[i] = slipOf(p.Employee, 123456+int64(i))
	}
	return slips
}

// setSlip writes a slip's state, as if it had come there.
func (c *testConsole) setSlip(run payroll.RunID, number payroll.EmployeeNumber, state payroll.SlipState, hold payroll.HoldReason) {
	c.t.Helper()
	c.exec(`update slips set state = $3, hold = $4, give_up_at = now() + interval '1 day' where run = $1 and employee = $2`, run, number, state, hold)
}

// tried writes an attempt that has ended.
func (c *testConsole) tried(run payroll.RunID, number payroll.EmployeeNumber, outcome payroll.Kind, code int, reply string) {
	c.t.Helper()
	c.exec(`insert into attempts (id, slip, worker, fingerprint, begun_at, finished_at, outcome, phase, code, reply)
		select gen_random_uuid(), id, gen_random_uuid(), pin_fingerprint, '2026-11-27 06:00Z', '2026-11-27 06:00:01Z', $3, 'dot', $4, $5 from slips where run = $1 and employee = $2`,
		run, number, outcome, code, reply)
}

// newRelay is a mail server that takes every mail.
func (c *testConsole) newRelay() *smtptest.Relay {
	c.t.Helper()
	relay, err := smtptest.Serve(smtptest.Options{RoundTrip: 2 * time.Millisecond})
	must(c.t, err)
	c.t.Cleanup(func() { _ = relay.Close() })
	return relay
}

// work starts a worker that carries bundles of whatever run is being sent, and
// looks after held slips, until the test ends.
func (c *testConsole) work(relay *smtptest.Relay) {
	c.t.Helper()
	v := c.conveyor(relay)
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			runs, _ := c.store.SendingRuns(ctx)
			for _, run := range runs {
				_ = v.Carry(ctx, run)
			}
			_ = v.Heal(ctx, c.store)
			_ = v.Sweep(ctx, c.store)
			_ = c.store.Beat(ctx, v.Worker, "test")
			timer := time.NewTimer(50 * time.Millisecond)
			select {
			case <-ctx.Done():
			case <-timer.C:
			}
		}
	}()
	c.t.Cleanup(func() {
		cancel()
		<-done
	})
}

func (c *testConsole) conveyor(relay *smtptest.Relay) *dispatch.Conveyor {
	c.t.Helper()
	pool, err := mailer.NewPool(mailer.Relay{Host: relay.Host(), Port: relay.Port(), RootCAs: relay.CAs(), Connections: 1})
	must(c.t, err)
	c.t.Cleanup(pool.Close)
	pace, err := mailer.NewPace(c.store, relay.Host(), 60, nil)
	must(c.t, err)
	ledger := c.store.OpenLedger(c.t.Context())
	c.t.Cleanup(func() { ledger.Close(context.Background()) })
	v := &dispatch.Conveyor{
		Worker: payroll.WorkerID(uuid.NewString()), Book: c.store, Ledger: ledger, Letterhead: c.Letterhead(), Signer: c.Signer, Vault: openVault(c.t), Relay: pool, Pace: pace,
		Sender: dispatch.Sender{
			Subject: "Encrypted message from ACME", BounceAddress: "bounce@acme.example", MessageIDDomain: "acme.example", Zone: time.UTC,
			Structure: keystore.Combined, SilentHolds: true,
		},
		Retry: payroll.Retry{First: time.Minute, Max: time.Hour}, Bundle: 10, Lanes: 2, Grace: 10 * time.Second, Now: time.Now,
		Metrics: dispatch.NewMetrics(prometheus.NewRegistry()), Log: slog.New(slog.DiscardHandler),
	}
	must(c.t, c.store.Beat(c.t.Context(), v.Worker, "test"))
	return v
}
