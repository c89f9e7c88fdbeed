package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func newAudit(a *app) *cobra.Command {
	return group("audit", "The hash-chained log of who did what", newAuditVerify(a), newAuditExport(a))
}

func newAuditVerify(a *app) *cobra.Command {
	var known string
	cmd := &cobra.Command{
		Use:   "verify [--known HASH]",
		Short: "Walk the whole chain and name the first entry that breaks it",
		Long: "Walk the whole chain and name the first entry that breaks it (exit 1).\n" +
			"Keep the head that it prints in another place: with --known the chain must\n" +
			"contain it, which also shows whether entries were cut off the end.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				verdict, err := payroll.VerifyAudit(cmd.Context(), store, known, payroll.AuditHead{}, nil)
				if err != nil {
					return err
				}
				return a.sayAuditVerdict(cmd.OutOrStdout(), verdict)
			})
		},
	}
	cmd.Flags().StringVar(&known, "known", "", "a head that an earlier verify or export printed")
	return cmd
}

func (a *app) sayAuditVerdict(w io.Writer, v payroll.AuditVerdict) error {
	switch {
	case a.json:
		if err := printJSON(w, v); err != nil {
			return err
		}
	case v.Broken != 0:
		fmt.Fprintf(w, "broken at entry %d: %s\n", v.Broken, v.Reason)
	default:
		fmt.Fprintf(w, "%d entries, chain whole, head %s\n", v.Entries, dash(v.Head))
	}
	if v.Broken != 0 {
		return errNo
	}
	return nil
}

func newAuditExport(a *app) *cobra.Command {
	var since, out, as string
	cmd := &cobra.Command{
		Use:   "export [--since DATE] [--out FILE] [--as NAME]",
		Short: "Write the log as JSON lines; to a file, with the company's signature beside it",
		Long: "Write the log as JSON lines. With --out the company's key signs the file:\n" +
			"FILE.asc is a detached signature that gpg --verify checks. Where names are proven\n" +
			"(console.origin) it takes --as and a fresh one-time code in PAYSEAL_CODE.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := parseSince(since)
			if err != nil {
				return usageError{err}
			}
			return a.withActors(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				if _, err := takesOut(cmd.Context(), store, c, as, "/audit/export", mayExport); err != nil {
					return err
				}
				if out == "" {
					return payroll.WriteAudit(cmd.Context(), store, from, cmd.OutOrStdout())
				}
				return a.exportSigned(cmd, store, c, from, out)
			})
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "first day, such as 2026-10-01 (UTC), or a time such as 2026-10-01T12:00:00Z")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write; FILE.asc becomes its signature")
	asFlag(cmd, &as)
	return cmd
}

// mayExport are those who may take the log out of payseal, as on its page.
var mayExport = []payroll.Role{payroll.RoleAuditor, payroll.RoleOperator, payroll.RoleApprover}

func parseSince(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	day, err := payroll.ParseDate(text)
	return day.At(0, 0, time.UTC), err
}

// exportSigned writes the export and its signature as new files. The company
// signs no log whose chain is broken.
func (a *app) exportSigned(cmd *cobra.Command, store *postgres.Store, c config.Config, since time.Time, out string) error {
	signer, err := openSigner(c.Signer)
	if err != nil {
		return fmt.Errorf("sign the export: %w", err)
	}
	content, signature, verdict, err := payroll.SignAudit(cmd.Context(), store, since, payroll.AuditHead{}, signer.SignDetached)
	if err != nil {
		return err
	}
	if verdict.Broken != 0 {
		return a.sayAuditVerdict(cmd.OutOrStdout(), verdict)
	}
	if err := writeNew(out, content, 0o600); err != nil {
		return err
	}
	if err := writeNew(out+".asc", signature, 0o600); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s and its signature %s.asc\n", filepath.Base(out), filepath.Base(out))
	return nil
}

// writeNew writes a file that must not exist yet.
func writeNew(path string, content []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: %s exists; nothing is overwritten", payroll.ErrWrongState, path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
