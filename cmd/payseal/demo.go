package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/demo"
	"github.com/payseal/payseal/internal/pglocal"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/internal/smtptest"
	"github.com/payseal/payseal/payroll"
)

// newDemo does the main job on real parts with a company that it makes up.
func newDemo() *cobra.Command {
	var dir string
	var employees int
	cmd := &cobra.Command{
		Use:   "demo [--employees N] [--dir DIR]",
		Short: "Do the main job with a made-up company, on a private Postgres and an in-process relay",
		Long: "demo makes up a company with its key pairs, imports and approves a payroll run,\n" +
			"sends it, and then opens every delivered mail as its employee. Everything is real\n" +
			"but the company: Postgres, OpenPGP, SMTP. What it did stays in a folder to look at.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if employees < 4 {
				return usageError{fmt.Errorf("the demo needs at least 4 employees")}
			}
			d := &demonstration{dir: dir, employees: employees, out: cmd.OutOrStdout(), progress: cmd.ErrOrStderr(), now: time.Now()}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "demo-out", "folder for what the demo makes; a former demo there is removed")
	cmd.Flags().IntVar(&employees, "employees", 25, "size of the company")
	return cmd
}

// demonstration is one demo on its way.
type demonstration struct {
	dir           string
	employees     int
	out, progress io.Writer
	now           time.Time
	relay         *smtptest.Relay
	mails         *mailbox
	members       []demo.Member
}

// demoRun is the run that the demo sends: the first of its database.
const demoRun payroll.RunID = 1

func (d *demonstration) run(ctx context.Context) error {
	if err := d.prepareFolder(); err != nil {
		return err
	}
	server, err := pglocal.Start(ctx, pglocal.Options{Directory: filepath.Join(d.dir, "postgres")})
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop(context.WithoutCancel(ctx)) }() // it ends with this process at the latest
	if err := d.openRelay(); err != nil {
		return err
	}
	defer func() { _ = d.relay.Close() }() // it ends with this process at the latest
	for _, chapter := range []func(context.Context) error{
		d.setUp, d.enrol, d.prepareRun, d.send, d.openMails, d.sayWhatNext,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

// demoMark is the file by which a folder is known to be a former demo's.
const demoMark = ".payseal-demo"

// prepareFolder makes a fresh folder. It removes a former demo, and nothing else.
func (d *demonstration) prepareFolder() error {
	entries, err := os.ReadDir(d.dir)
	if err == nil && len(entries) > 0 {
		if _, err := os.Stat(filepath.Join(d.dir, demoMark)); err != nil {
			return usageError{fmt.Errorf("%s holds something that is not a demo; name another folder with --dir", d.dir)}
		}
		if err := os.RemoveAll(d.dir); err != nil {
			return fmt.Errorf("remove the former demo: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(d.dir, "mails"), 0o755); err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	letterhead, err := openBlankLetterhead(config.Default().Company)
	if err != nil {
		return err
	}
	staff, pay, err := demo.Files(d.employees, func(name string) bool {
		return len(letterhead.Check(payroll.Slip{Employee: payroll.Employee{Name: name}})) == 0
	})
	if err != nil {
		return err
	}
	passphrase := make([]byte, 16)
	if _, err := rand.Read(passphrase); err != nil {
		return fmt.Errorf("draw a passphrase: %w", err)
	}
	for _, file := range []struct {
		name    string
		content []byte
		mode    os.FileMode
	}{
		{demoMark, nil, 0o644},
		{"company.csv", staff, 0o644},
		{"run-2026-10.csv", pay, 0o644},
		{"signer.passphrase", []byte(hex.EncodeToString(passphrase) + "\n"), 0o600},
	} {
		if err := os.WriteFile(d.path(file.name), file.content, file.mode); err != nil {
			return fmt.Errorf("write the demo's files: %w", err)
		}
	}
	return nil
}

func (d *demonstration) path(name string) string { return filepath.Join(d.dir, name) }

// openRelay starts the relay that takes the mails, and writes the configurations
// that point to it and to the private Postgres.
func (d *demonstration) openRelay() error {
	d.mails = newMailbox(d.path("mails"))
	relay, err := smtptest.Serve(smtptest.Options{Took: d.mails.took})
	if err != nil {
		return fmt.Errorf("start the relay: %w", err)
	}
	d.relay = relay
	if err := os.WriteFile(d.path("relay-ca.pem"), relay.CAPEM(), 0o644); err != nil {
		return fmt.Errorf("write the relay's authority: %w", err)
	}
	settings := fmt.Sprintf(demoSettings, relay.Port())
	for name, content := range map[string]string{"payseal.toml": settings, "console.toml": settings + demoConsole} {
		if err := os.WriteFile(d.path(name), []byte(content), 0o644); err != nil {
			return fmt.Errorf("write the demo's configuration: %w", err)
		}
	}
	return nil
}

const demoSettings = `# The demo company's configuration; deploy/payseal.example.toml explains every key.
[company]
name = "ACME Widgets Ltd"
address = ["1 Harbour Street", "Dublin D01 X2Y3", "Ireland"]
zone = "Europe/Dublin"
contact = "payroll@acme.example, +353 1 555 0100"
fields = { siret = "362 521 879 00034", ape = "6201Z", collective_agreement = "Syntec" }

[database]
directory = "postgres"

[vault]
master_key_file = "master.key"

[signer]
file = "signer.asc"
passphrase_file = "signer.passphrase"

[relay]
host = "localhost"
port = %d
ca_file = "relay-ca.pem"
connections = 8
rate_per_second = 5000

[web]
origin = "http://localhost:8080"

[worker]
listen = ""
`

// demoConsole makes of it the configuration of the console, with which names are
// proven: it is for afterwards.
const demoConsole = `
[console]
origin = "http://localhost:8081"
`

// say prints a line of the story.
func (d *demonstration) say(format string, values ...any) {
	fmt.Fprintf(d.out, format+"\n", values...)
}

// typeCommand types a command as a person would: it shows the line, runs it in this
// process and stops the demo where it fails.
func (d *demonstration) typeCommand(ctx context.Context, args ...string) error {
	shown := make([]string, len(args))
	for i, arg := range args {
		shown[i] = arg
		if strings.ContainsAny(arg, " <>") {
			shown[i] = strconv.Quote(arg)
		}
	}
	d.say("\n$ payseal %s", strings.Join(shown, " "))
	args = append([]string{"--config", d.path("payseal.toml")}, args...)
	if code := run(ctx, args, d.out, d.progress); code != exitYes {
		return fmt.Errorf("the demo's command ended with exit code %d", code)
	}
	return nil
}

func (d *demonstration) typeCommands(ctx context.Context, lines ...[]string) error {
	for _, line := range lines {
		if err := d.typeCommand(ctx, line...); err != nil {
			return err
		}
	}
	return nil
}

// setUp is what an operator does once.
func (d *demonstration) setUp(ctx context.Context) error {
	d.say("An operator sets payseal up: the schema, the vault, the company's key, the people.")
	return d.typeCommands(ctx,
		[]string{"migrate", "up"},
		[]string{"vault", "init"},
		[]string{"signer", "init", "--user-id", "ACME Payroll <payroll@acme.example>",
			"--passphrase-file", d.path("signer.passphrase"), "--out", d.path("signer.asc")},
		[]string{"admins", "add", "olga", "--role", "operator"},
		[]string{"admins", "add", "maria", "--role", "maker", "--as", "olga"},
		[]string{"admins", "add", "anton", "--role", "approver", "--as", "olga"},
		[]string{"employees", "import", d.path("company.csv"), "--as", "maria"},
	)
}

// prepareRun is what HR does every month.
func (d *demonstration) prepareRun(ctx context.Context) error {
	d.say("\nMaria checks and imports the payroll file; Anton, a second person, approves it.")
	return d.typeCommands(ctx,
		[]string{"runs", "check", "--roster", d.path("company.csv"), d.path("run-2026-10.csv")},
		[]string{"runs", "import", d.path("run-2026-10.csv"), "--period", "2026-10", "--pay-date", "2026-10-30", "--as", "maria"},
		[]string{"runs", "submit", "1", "--as", "maria"},
		[]string{"runs", "twins", "1"},
		[]string{"runs", "acknowledge", "1", "0007", "--note", "two people; numbers and addresses compared with the HR file", "--as", "anton"},
		[]string{"runs", "approve", "1", "--as", "anton"},
		[]string{"runs", "send", "1", "--as", "olga"},
	)
}

// send runs a worker in this process until nothing of the run moves any more.
func (d *demonstration) send(ctx context.Context) error {
	d.say("\nA worker renders, seals and mails every slip.")
	a := &app{configPath: d.path("payseal.toml")}
	return a.withVault(ctx, func(store *postgres.Store, c config.Config) error {
		working, stop := context.WithCancel(ctx)
		defer stop()
		done := make(chan error, 1)
		go func() { done <- work(working, c, store, slog.New(slog.DiscardHandler)) }()
		err := d.watch(ctx, store, done)
		stop()
		return errors.Join(err, <-done)
	})
}

// watch shows the progress until the run has ended or the worker has.
func (d *demonstration) watch(ctx context.Context, store *postgres.Store, done chan error) error {
	show := newProgress(d.progress, d.employees, "slips")
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for {
		run, err := store.Run(ctx, demoRun)
		if err != nil {
			return err
		}
		counts, err := store.Counts(ctx, demoRun)
		if err != nil {
			return err
		}
		status := runStatus{Run: run, Counts: counts}
		show(status.settled(), status.line())
		if run.State != payroll.RunSending {
			fmt.Fprintln(d.progress)
			return nil
		}
		select {
		case err := <-done:
			done <- nil
			return err
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}
