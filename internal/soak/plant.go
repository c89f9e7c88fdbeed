// Package soak runs the whole service, as separate processes on one real
// Postgres and one real relay, through bad days: workers killed at random, a
// relay that fails, a database that restarts. It holds only what its tests and
// benchmarks share, and product code must never import it. Read [Plant] first.
package soak

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/pglocal"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// Connections is how many connections to the relay each worker has.
const Connections = 16

// Plant is a payseal installation with a company of its own: a built program, a
// private Postgres, a relay, and a run that is approved.
type Plant struct {
	Relay   *smtptest.Relay
	Members []demo.Member
	Company string // the signer's certificate, armored

	t        testing.TB
	dir      string
	database string                         // data directory
	server   atomic.Pointer[pglocal.Server] // another one after a restart, while workers are started
}

// NewPlant builds the program and prepares a run of n slips up to its approval.
// Every employee has a certificate of their own.
func NewPlant(t testing.TB, n int, relay smtptest.Options) *Plant {
	t.Helper()
	p := &Plant{t: t, dir: t.TempDir()}
	if out, err := exec.Command("go", "build", "-o", p.path("payseal"), "github.com/payseal/payseal/cmd/payseal").CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	short, err := os.MkdirTemp("", "payseal-soak-") // a socket's path has at most 103 bytes
	if err == nil {
		err = os.Chmod(short, 0o755) // the server may run as another user
	}
	p.must(err)
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	p.database = filepath.Join(short, "pg")
	p.StartDatabase()
	t.Cleanup(p.StopDatabase)
	p.Relay, err = smtptest.Serve(relay)
	p.must(err)
	t.Cleanup(func() { _ = p.Relay.Close() })
	p.configure()
	p.staff(n)
	p.approveRun()
	return p
}

func (p *Plant) path(name string) string { return filepath.Join(p.dir, name) }

func (p *Plant) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// StartDatabase starts the private Postgres, on the same data each time.
func (p *Plant) StartDatabase() {
	p.t.Helper()
	server, err := pglocal.Start(context.Background(), pglocal.Options{Directory: p.database})
	p.must(err)
	p.server.Store(server)
}

// StopDatabase ends it; every connection is cut.
func (p *Plant) StopDatabase() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := p.server.Load().Stop(ctx); err != nil {
		p.t.Error(err)
	}
}

const passphrase = "correct horse battery"

const settings = `
[company]
name = "ACME Widgets Ltd"
contact = "payroll@acme.example"
[vault]
master_key_file = "master.key"
[signer]
file = "signer.asc"
passphrase_file = "signer.passphrase"
[relay]
host = "localhost"
port = %d
ca_file = "relay-ca.pem"
connections = %d
rate_per_second = 100000
[delivery]
first_delay = "500ms"
max_delay = "2s"
give_up = "2h"
unsure_delay = "500ms"
shutdown_grace = "5s"
[worker]
listen = ""
log_level = "error"
`

func (p *Plant) configure() {
	p.t.Helper()
	for name, content := range map[string][]byte{
		"payseal.toml":      fmt.Appendf(nil, settings, p.Relay.Port(), Connections),
		"relay-ca.pem":      p.Relay.CAPEM(),
		"signer.passphrase": []byte(passphrase + "\n"),
	} {
		p.must(os.WriteFile(p.path(name), content, 0o600))
	}
	p.Payseal("migrate", "up")
	p.Payseal("vault", "init")
	p.Payseal("signer", "init", "--user-id", "ACME Payroll <payroll@acme.example>",
		"--passphrase-file", p.path("signer.passphrase"), "--out", p.path("signer.asc"))
	p.Company = p.Payseal("signer", "export", "--signer", p.path("signer.asc"))
	p.Payseal("admins", "add", "olga", "--role", "operator")
	p.Payseal("admins", "add", "maria", "--role", "maker", "--as", "olga")
	p.Payseal("admins", "add", "anton", "--role", "approver", "--as", "olga")
}

// Command is the program with this plant's configuration and database.
func (p *Plant) Command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.path("payseal"), append([]string{"--config", p.path("payseal.toml")}, args...)...)
	cmd.Env = append(os.Environ(), "PAYSEAL_DATABASE_URL="+p.server.Load().URL())
	cmd.Stderr = os.Stderr
	return cmd
}

// Payseal runs a command that must succeed and returns what it prints.
func (p *Plant) Payseal(args ...string) string {
	p.t.Helper()
	cmd := p.Command(args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("payseal %s %s: %v\n%s", args[0], args[1], err, out.String())
	}
	return out.String()
}

// firstPlainMember skips the three of the demo's company who cannot be sealed to.
const firstPlainMember = 100

// staff hires n employees. Their certificates go into the database in one
// piece: enrolment is not what is tried here.
func (p *Plant) staff(n int) {
	p.t.Helper()
	staff, pay, err := demo.Files(n, func(string) bool { return true })
	p.must(err)
	p.must(os.WriteFile(p.path("company.csv"), staff, 0o600))
	p.must(os.WriteFile(p.path("run.csv"), pay, 0o600))
	p.Payseal("employees", "import", p.path("company.csv"), "--as", "maria")
	roster := intake.ParseEmployees(intake.NewFile("company.csv", staff), intake.EmployeeOptions{})
	p.Members = make([]demo.Member, len(roster.Employees))
	rows := make([][]any, len(roster.Employees))
	key, err := os.ReadFile(p.path("signer.asc"))
	p.must(err)
	signer, err := keystore.OpenSigner(bytes.NewReader(key), []byte(passphrase))
	p.must(err)
	var hands errgroup.Group
	hands.SetLimit(runtime.GOMAXPROCS(0))
	for i, e := range roster.Employees {
		hands.Go(func() error {
			var err error
			p.Members[i], rows[i], err = enrol(signer, e, i)
			return err
		})
	}
	p.must(hands.Wait())
	conn, err := pgx.Connect(p.t.Context(), p.server.Load().URL())
	p.must(err)
	defer func() { _ = conn.Close(context.Background()) }()
	_, err = conn.CopyFrom(p.t.Context(), pgx.Identifier{"certificates"},
		[]string{"employee", "fingerprint", "content", "step", "standing"}, pgx.CopyFromRows(rows))
	p.must(err)
}

// count asks the database for one number.
func (p *Plant) count(sql string) (n int) {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.server.Load().URL())
	p.must(err)
	defer func() { _ = conn.Close(context.Background()) }()
	p.must(conn.QueryRow(p.t.Context(), sql).Scan(&n))
	return n
}

func enrol(signer *keystore.Signer, e payroll.Employee, i int) (demo.Member, []any, error) {
	now := time.Now()
	m, err := demo.NewMember(e, firstPlainMember+i, now)
	if err != nil {
		return m, nil, err
	}
	armored, err := m.Certificate()
	if err != nil {
		return m, nil, err
	}
	certificate, verdict := keystore.Judge(armored, e.Email, now)
	if !verdict.Accepted() {
		return m, nil, fmt.Errorf("judge a certificate: %s", verdict.Code)
	}
	certified, err := signer.Certify(certificate, now)
	if err != nil {
		return m, nil, err
	}
	return m, []any{e.Number, certified.Fingerprint(), certified.Bytes(), "certified", "current"}, nil
}

func (p *Plant) approveRun() {
	p.t.Helper()
	p.Payseal("runs", "import", p.path("run.csv"), "--period", "2026-10", "--pay-date", "2026-10-30", "--as", "maria")
	p.Payseal("runs", "submit", "1", "--as", "maria")
	p.Payseal("runs", "acknowledge", "1", "0007", "--note", "looked at", "--as", "anton")
	p.Payseal("runs", "approve", "1", "--as", "anton")
}
