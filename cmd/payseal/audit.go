package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
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

// auditVerdict is the answer of audit verify, as --json prints it. Head is the
// hash of the last entry: kept elsewhere, it later proves that nothing was cut
// off the end.
type auditVerdict struct {
	Entries int64  `json:"entries"`
	Head    string `json:"head"`
	Broken  int64  `json:"broken,omitempty"` // sequence number of the first bad entry
	Reason  string `json:"reason,omitempty"`
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
				verdict, err := walkChain(cmd, store, known)
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

// walkChain verifies every entry against the one before it.
func walkChain(cmd *cobra.Command, store *postgres.Store, known string) (auditVerdict, error) {
	var before payroll.AuditEntry
	var broken auditVerdict
	seen := known == ""
	err := store.WalkAudit(cmd.Context(), math.MinInt64, func(e payroll.AuditEntry) error {
		if err := e.Follows(before); err != nil {
			broken = auditVerdict{Entries: before.Sequence, Head: before.Hash, Broken: e.Sequence, Reason: err.Error()}
			return errNo
		}
		before, seen = e, seen || e.Hash == known
		return nil
	})
	switch {
	case broken.Broken != 0:
		return broken, nil
	case err != nil:
		return auditVerdict{}, err
	}
	verdict := auditVerdict{Entries: before.Sequence, Head: before.Hash}
	if !seen {
		verdict.Broken, verdict.Reason = before.Sequence+1, "the known head is not in the log; entries were cut off its end, or the whole log was replaced"
	}
	return verdict, nil
}

func (a *app) sayAuditVerdict(w io.Writer, v auditVerdict) error {
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
	var since, out string
	cmd := &cobra.Command{
		Use:   "export [--since DATE] [--out FILE]",
		Short: "Write the log as JSON lines; to a file, with the company's signature beside it",
		Long: "Write the log as JSON lines. With --out the company's key signs the file:\n" +
			"FILE.asc is a detached signature that gpg --verify checks.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, err := parseSince(since)
			if err != nil {
				return usageError{err}
			}
			return a.withStore(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				if out == "" {
					return exportAudit(cmd, store, from, cmd.OutOrStdout())
				}
				return a.exportSigned(cmd, store, c, from, out)
			})
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "first day, such as 2026-10-01 (UTC), or a time such as 2026-10-01T12:00:00Z")
	cmd.Flags().StringVarP(&out, "out", "o", "", "file to write; FILE.asc becomes its signature")
	return cmd
}

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

// exportAudit writes every entry from the moment on, one JSON object a line.
func exportAudit(cmd *cobra.Command, store *postgres.Store, since time.Time, w io.Writer) error {
	first, err := store.AuditSince(cmd.Context(), since)
	if err != nil || first == 0 {
		return err
	}
	return store.WalkAudit(cmd.Context(), first, func(e payroll.AuditEntry) error { return printJSON(w, e) })
}

// exportSigned writes the export and its signature as new files. The company
// signs no log whose chain is broken.
func (a *app) exportSigned(cmd *cobra.Command, store *postgres.Store, c config.Config, since time.Time, out string) error {
	signer, err := openSigner(c.Signer)
	if err != nil {
		return fmt.Errorf("sign the export: %w", err)
	}
	verdict, err := walkChain(cmd, store, "")
	if err != nil {
		return err
	}
	if verdict.Broken != 0 {
		return a.sayAuditVerdict(cmd.OutOrStdout(), verdict)
	}
	var content bytes.Buffer
	if err := exportAudit(cmd, store, since, &content); err != nil {
		return err
	}
	signature, err := signer.SignDetached(content.Bytes())
	if err != nil {
		return fmt.Errorf("sign the export: %w", err)
	}
	if err := writeNew(out, content.Bytes(), 0o600); err != nil {
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
