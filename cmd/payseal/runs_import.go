package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// importedRun is the answer of runs import, as --json prints it: what runs
// check says, and the run that came of it.
type importedRun struct {
	checkedRun
	Run *payroll.Run `json:"run"` // null where nothing was stored
}

// newRunsImport checks a payroll file against the stored roster and stores it
// as a draft, all of it or nothing.
func newRunsImport(a *app) *cobra.Command {
	var flags intakeFlags
	var as, payDate string
	var run payroll.Run
	cmd := &cobra.Command{
		Use:   "import FILE --period 2026-10 --pay-date 2026-10-30 --as NAME",
		Short: "Check a payroll file against the roster and store it as a draft, all of it or nothing",
		Args:  exactly(1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := flags.options()
			if err != nil {
				return err
			}
			if flags.period == "" || payDate == "" {
				return usageError{fmt.Errorf("say --period 2026-10 and --pay-date 2026-10-30")}
			}
			if o.PayDate, err = payroll.ParseDate(payDate); err != nil {
				return usageError{fmt.Errorf("--pay-date: %w", err)}
			}
			if err := payroll.CheckSource(run.Source); err != nil {
				return usageError{fmt.Errorf("--source: %w", err)}
			}
			if err := checkCorrects(run); err != nil {
				return err
			}
			return a.withVault(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				var err error
				if run.ImportedBy, err = actor(cmd.Context(), store, c, as, payroll.RoleMaker); err != nil {
					return err
				}
				imported, err := importRun(cmd.Context(), store, c, args[0], o, run)
				if err != nil {
					return err
				}
				return a.sayImported(cmd, imported)
			})
		},
	}
	flags.add(cmd)
	cmd.Flags().StringVar(&payDate, "pay-date", "", "day on which the money moves, such as 2026-10-30")
	cmd.Flags().BoolVar(&run.Supplement, "supplement", false, "pay employees again whom another run of the month pays already")
	cmd.Flags().Int64Var((*int64)(&run.Corrects), "corrects", 0, "the run whose slips the file's slips take the place of; only the corrected rows belong into the file")
	cmd.Flags().StringVar(&run.Correction, "reason", "", "why they are corrected; it stands on each corrected slip")
	cmd.Flags().StringVar(&run.Source, "source", "", "where the file comes from, if there are several: it is compared with the last run of the same source")
	asFlag(cmd, &as)
	return cmd
}

// checkCorrects wants a reason for a correction, and only for one.
func checkCorrects(run payroll.Run) error {
	if run.Corrects < 0 || run.Corrects == 0 && run.Correction != "" {
		return usageError{fmt.Errorf("--reason says why slips are corrected; say --corrects RUN with it")}
	}
	if run.Corrects == 0 {
		return nil
	}
	if run.Supplement {
		return usageError{fmt.Errorf("a correction is no supplement: its slips take the place of others")}
	}
	if err := payroll.CheckReason(run.Correction); err != nil {
		return usageError{fmt.Errorf("--reason: %w", err)}
	}
	return nil
}

// importRun stores the file as a draft. run says by whom, and what else is known
// of it before the file is read.
func importRun(ctx context.Context, store *postgres.Store, c config.Config, path string, o intake.Options, run payroll.Run) (importedRun, error) {
	employees, err := store.Employees(ctx)
	if err != nil {
		return importedRun{}, err
	}
	letterhead, err := letterheadInForce(ctx, c, store)
	if err != nil {
		return importedRun{}, err
	}
	o.Roster, o.CheckSlip, o.ForImport = intake.NewRoster(employees), letterhead.Check, true
	file, digest, err := readImport(path)
	if err != nil {
		return importedRun{}, err
	}
	if run.Corrects != 0 {
		o.CheckSlip = func(s payroll.Slip) []payroll.Finding {
			s.Corrects = &payroll.Correction{Reason: run.Correction}
			return letterhead.Check(s)
		}
	}
	imported, err := checkImport(ctx, store, path, file, o, run.Supplement || run.Corrects != 0)
	if err != nil || imported.Verdict != payroll.VerdictAccept {
		return imported, err
	}
	run.Period, run.PayDate, run.Currency, run.FileSHA256 = o.Period, o.PayDate, imported.Totals.Currency, digest
	run.Variance = int64(c.Policy.Variance)
	id, err := store.CreateRun(ctx, run, slipsOf(file, o))
	if err != nil {
		return imported, err
	}
	stored, err := store.Run(ctx, id)
	imported.Run = &stored
	return imported, err
}

// checkImport reads the file once without storing anything. again says that who is
// paid already is meant to be in it.
func checkImport(ctx context.Context, store *postgres.Store, path string, file intake.File, o intake.Options, again bool) (importedRun, error) {
	var numbers []payroll.EmployeeNumber
	result, err := intake.Scan(file, o, func(s payroll.Slip) error {
		numbers = append(numbers, s.Employee.Number)
		return nil
	})
	if err != nil {
		return importedRun{}, fmt.Errorf("check %s: %w", path, err)
	}
	if !again {
		twice, err := paidTwice(ctx, store, o.Period, numbers)
		if err != nil {
			return importedRun{}, err
		}
		result.Findings = append(result.Findings, twice...)
	}
	return importedRun{checkedRun: checkedRun{
		File: path, Verdict: result.Verdict(), Slips: result.Count, Totals: result.Totals, Findings: result.Findings,
	}}, nil
}

// errStopped ends the reading when nobody takes slips any more.
var errStopped = errors.New("the store has given up")

// slipsOf reads the checked bytes a second time and gives their slips one by
// one, so that a run's slips are never in memory together.
func slipsOf(file intake.File, o intake.Options) iter.Seq2[payroll.Slip, error] {
	o.CheckSlip = nil // done
	return func(yield func(payroll.Slip, error) bool) {
		_, err := intake.Scan(file, o, func(s payroll.Slip) error {
			if !yield(s, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(payroll.Slip{}, err)
		}
	}
}

// paidTwice asks about employees whom another run of the month pays already: a
// corrected file, most likely, whose first version was not voided.
func paidTwice(ctx context.Context, store *postgres.Store, period payroll.Period, numbers []payroll.EmployeeNumber) ([]payroll.Finding, error) {
	other, shared, err := store.OverlappingRun(ctx, period, numbers)
	if err != nil || shared == 0 {
		return nil, err
	}
	return []payroll.Finding{{Severity: payroll.SeverityAsk, Code: "paid_twice", Message: fmt.Sprintf(
		"run %d of %s pays %d of these employees already; void it if this file replaces it, or say --supplement if this is a further payment", other, period, shared)}}, nil
}

// readImport reads a file into memory, once: what is checked, what is stored and
// what the digest says are the same bytes, whatever is written to the file
// meanwhile. It never makes a temporary file.
func readImport(path string) (file intake.File, digest string, err error) {
	opened, closeFile, err := openIntakeFile(path)
	if err != nil {
		return file, "", err
	}
	defer closeFile()
	content := make([]byte, min(opened.Size, intake.MaxFileBytes+1))
	n, err := opened.Content.ReadAt(content, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return file, "", fmt.Errorf("read file: %w", err)
	}
	sum := sha256.Sum256(content[:n])
	return intake.NewFile(path, content[:n]), hex.EncodeToString(sum[:]), nil
}

func (a *app) sayImported(cmd *cobra.Command, imported importedRun) error {
	if a.json {
		if err := printJSON(cmd.OutOrStdout(), imported); err != nil {
			return err
		}
	} else if err := a.sayChecked(cmd.OutOrStdout(), imported.checkedRun); err != nil {
		return err
	}
	if imported.Run == nil {
		return errNo
	}
	if a.json {
		return nil
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "Run %d is a draft. Look at a slip (payseal runs preview %[1]d NUMBER -o slip.pdf), then submit it.\n", imported.Run.ID)
	return err
}
