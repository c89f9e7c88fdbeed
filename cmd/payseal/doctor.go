package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
)

// The grades of a checkup.
const (
	gradeOK   = "ok"
	gradeWarn = "warn"
	gradeFail = "fail"
)

// checkup is the doctor's answer about one part, as --json prints it.
type checkup struct {
	Part    string        `json:"part"`
	Grade   string        `json:"grade"` // ok, warn or fail
	Found   string        `json:"found"`
	Mend    string        `json:"mend,omitempty"`
	Scripts []drawnScript `json:"scripts,omitempty"` // of the fonts
}

func ok(part, format string, values ...any) checkup {
	return checkup{Part: part, Grade: gradeOK, Found: fmt.Sprintf(format, values...)}
}

func warn(part, mend, format string, values ...any) checkup {
	return checkup{Part: part, Grade: gradeWarn, Found: fmt.Sprintf(format, values...), Mend: mend}
}

func fail(part, mend, format string, values ...any) checkup {
	return checkup{Part: part, Grade: gradeFail, Found: fmt.Sprintf(format, values...), Mend: mend}
}

func newDoctor(a *app) *cobra.Command {
	var form bool
	cmd := &cobra.Command{
		Use:   "doctor [--web]",
		Short: "Look at everything that a payday needs, and say how to mend what is wrong",
		Long: "Look at the configuration, database, schema, clock, notices, relay, signing key,\n" +
			"vault, secret files, disk, fonts, time zone, the settings that count, the console,\n" +
			"the form, its scripts and the Web Key Directory; with --web only at what a host of the form needs. One line each, and below\n" +
			"the fonts which scripts they draw; exit 1 if one fails. No mail is sent.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			failed := false
			for _, c := range a.examine(cmd.Context(), form) {
				failed = failed || c.Grade == gradeFail
				if err := a.sayCheckup(cmd.OutOrStdout(), c); err != nil {
					return err
				}
			}
			if failed {
				return errNo
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&form, "web", false, "only what a host of the form needs, which has no key of the company")
	return cmd
}

func (a *app) sayCheckup(w io.Writer, c checkup) error {
	if a.json {
		return printJSON(w, c)
	}
	line := fmt.Sprintf("%-4s  %-13s  %s", c.Grade, c.Part, c.Found)
	if c.Mend != "" {
		line += "; " + c.Mend
	}
	if _, err := fmt.Fprintln(w, line); err != nil || c.Scripts == nil {
		return err
	}
	return printRows(w, scriptRows(c.Scripts))
}

// examine looks at every part in the order in which they are needed.
func (a *app) examine(ctx context.Context, form bool) []checkup {
	c, err := a.config()
	if err != nil {
		return []checkup{fail("configuration", "name another with --config, or mend the file; deploy/payseal.example.toml explains every key", "%v", err)}
	}
	found := []checkup{a.examineConfig()}
	inside, counts := a.examineDatabase(ctx, c, form)
	found = append(found, inside...)
	if !form {
		found = append(found, examineRelay(ctx, counts.Relay), examineSigner(c.Signer), examineVault(c.Vault), examineDisk(c), examineFonts(c.Company),
			examineLetterhead(counts), examineConsole(c.Console))
		found = append(found, examineSignIn(ctx, c.Console)...)
	}
	return append(found, examineSecrets(c), examineZone(c.Company), examineForm(c), examineScripts(c.Web), examineDirectory(c))
}

func (a *app) examineConfig() checkup {
	path, _ := a.configFile()
	if !config.Exists(path) {
		return warn("configuration", "copy deploy/payseal.example.toml there, or name another with --config",
			"there is no %s; the defaults stand", path)
	}
	return ok("configuration", "%s", path)
}

// examineDatabase looks at what can only be seen from inside the database, and
// gives the settings that count. A host of the form only shows some of them.
func (a *app) examineDatabase(ctx context.Context, c config.Config, form bool) ([]checkup, inForce) {
	var found []checkup
	counts := inForce{Config: c}
	err := a.withStore(ctx, func(store *postgres.Store, c config.Config) error {
		kind := "the configured database answers"
		if c.Database.URLFile == "" {
			kind = "the database answers"
		}
		found = append(found, ok("database", "%s", kind), examineSchema(ctx, store), examineClock(ctx, store), examineNotices(ctx, store))
		var settings checkup
		if form {
			settings = examineShown(ctx, store, c)
		} else {
			counts, settings = examineSettings(ctx, store, c)
		}
		found = append(found, settings)
		return nil
	})
	if err != nil {
		found = append(found, fail("database", "check database.url_file, or leave it empty and install Postgres's server for a private one", "%v", err))
	}
	return found, counts
}

func examineSchema(ctx context.Context, store *postgres.Store) checkup {
	steps, err := store.Migrations(ctx)
	if err != nil {
		return fail("schema", "check the database user's rights", "%v", err)
	}
	missing := 0
	for _, step := range steps {
		if !step.Applied {
			missing++
		}
	}
	if missing > 0 {
		return fail("schema", "run payseal migrate up", "%d of %d steps are missing", missing, len(steps))
	}
	return ok("schema", "all %d steps are applied", len(steps))
}

// Signatures carry this machine's time and the schedule follows the database's.
const (
	skewWarn = 2 * time.Second
	skewFail = time.Minute
)

func examineClock(ctx context.Context, store *postgres.Store) checkup {
	before := time.Now()
	database, err := store.Now(ctx)
	if err != nil {
		return fail("clock", "check the database", "%v", err)
	}
	after := time.Now()
	skew := max(before.Sub(database), database.Sub(after), 0).Round(time.Millisecond)
	const mend = "let both machines keep their time by NTP"
	switch {
	case skew >= skewFail:
		return fail("clock", mend, "%s apart from the database's", skew)
	case skew >= skewWarn:
		return warn("clock", mend, "%s apart from the database's", skew)
	}
	return ok("clock", "agrees with the database's")
}

// signerWarn is how long before the signing key's end it is time to rotate it.
const signerWarn = 60 * 24 * time.Hour

func examineSigner(c config.Signer) checkup {
	signer, err := openSigner(c)
	if err != nil {
		return fail("signing key", "make one with payseal signer init, mode 0600, and give its passphrase", "%v", err)
	}
	expires := signer.Expires()
	left := time.Until(expires)
	fingerprint := signer.Certificate().Fingerprint().Grouped()
	const mend = "rotate it with payseal signer rotate"
	switch {
	case expires.IsZero():
		return ok("signing key", "%s, never expires", fingerprint)
	case left <= 0:
		return fail("signing key", mend, "%s expired on %s", fingerprint, expires.Format(time.DateOnly))
	case left < signerWarn:
		return warn("signing key", mend, "%s expires on %s", fingerprint, expires.Format(time.DateOnly))
	}
	return ok("signing key", "%s, until %s", fingerprint, expires.Format(time.DateOnly))
}

func examineVault(c config.Vault) checkup {
	if _, err := openVault(c); err != nil {
		return fail("vault", "make the master key with payseal vault init, or bring back the one that the runs were stored under", "%v", err)
	}
	return ok("vault", "the master key opens")
}

// examineSecrets looks at who may read the files that hold a secret. The ones
// that are not there are somebody else's finding.
func examineSecrets(c config.Config) checkup {
	var open []string
	for _, path := range []string{
		c.Vault.MasterKeyFile, c.Signer.File, c.Signer.PassphraseFile, c.Database.URLFile, c.Relay.PasswordFile, c.HR.DSNFile,
		c.Web.TLSKeyFile, c.Console.TLSKeyFile, c.Console.SingleSignOn.ClientSecretFile,
	} {
		if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 {
			open = append(open, fmt.Sprintf("%s (%04o)", path, info.Mode().Perm()))
		}
	}
	if len(open) > 0 {
		return fail("secret files", "chmod 600 them", "others may read %s", strings.Join(open, ", "))
	}
	return ok("secret files", "only their owner may read them")
}

func examineZone(c config.Company) checkup {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fail("time zone", "set company.zone to an IANA name", "%v", err)
	}
	return ok("time zone", "%s, now %s", zone, time.Now().In(zone).Format("Mon 2006-01-02 15:04 -07:00"))
}
