package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// newRunsReport prints what happened to each slip: the ledger for people,
// spreadsheets and programs.
func newRunsReport(a *app) *cobra.Command {
	var format, as string
	cmd := &cobra.Command{
		Use:   "report RUN [--format table|csv|json] [--as NAME]",
		Short: "Say what happened to every slip of a run",
		Long: "Say what happened to every slip of a run. Where names are proven (console.origin) it\n" +
			"takes --as and a fresh one-time code in PAYSEAL_CODE, and is kept in the audit log.",
		Args: exactly(1, "RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if a.json {
				format = "json"
			}
			write, known := reportFormats[format]
			if !known {
				return usageError{fmt.Errorf("the format is table, csv or json")}
			}
			id, err := parseRunID(args[0])
			if err != nil {
				return err
			}
			return a.withActors(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				slips, err := takeReport(cmd.Context(), store, c, id, as, format)
				if err != nil {
					return err
				}
				return write(cmd.OutOrStdout(), slips)
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "table", "table, csv or json")
	asFlag(cmd, &as)
	return cmd
}

// takeReport is a run's slips for whoever may have them. It is kept who took them.
func takeReport(ctx context.Context, store *postgres.Store, c config.Config, id payroll.RunID, as, form string) ([]postgres.SlipStatus, error) {
	by, err := takesOut(ctx, store, c, as, fmt.Sprintf("/runs/%d/report", id), payroll.Roles)
	if err != nil {
		return nil, err
	}
	if _, err := store.Run(ctx, id); err != nil {
		return nil, err
	}
	if by != "" {
		at, err := store.Now(ctx)
		if err != nil {
			return nil, err
		}
		if err := store.NoteReport(ctx, id, by, form, at); err != nil {
			return nil, err
		}
	}
	return store.SlipStatuses(ctx, id)
}

var reportFormats = map[string]func(io.Writer, []postgres.SlipStatus) error{
	"table": func(w io.Writer, slips []postgres.SlipStatus) error {
		return printTable(w, reportHeader, reportRows(slips))
	},
	"csv": func(w io.Writer, slips []postgres.SlipStatus) error {
		rows := reportRows(slips)
		for _, row := range rows {
			row[0] = payroll.Unformulated(row[0]) // the others are ours
		}
		out := csv.NewWriter(w)
		if err := out.WriteAll(append([][]string{reportHeader}, rows...)); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
		return nil
	},
	"json": func(w io.Writer, slips []postgres.SlipStatus) error {
		for _, s := range slips {
			if err := printJSON(w, s); err != nil {
				return err
			}
		}
		return nil
	},
}

var reportHeader = []string{"EMPLOYEE", "STATE", "REASON", "ATTEMPTS", "CODE", "FINISHED", "FINGERPRINT", "SLIP"}

func reportRows(slips []postgres.SlipStatus) [][]string {
	rows := make([][]string, len(slips))
	for i, s := range slips {
		code, finished := "", ""
		if s.Code != 0 {
			code = strconv.Itoa(s.Code)
		}
		if s.FinishedAt != nil {
			finished = s.FinishedAt.UTC().Format(time.RFC3339)
		}
		rows[i] = []string{
			string(s.Employee), string(s.State), string(s.Hold), strconv.Itoa(s.Attempts), code, finished,
			string(s.Fingerprint), string(s.ID),
		}
	}
	return rows
}

// unnamed stands in the audit log for whoever has the master key and does not
// say who they are.
const unnamed payroll.AdminName = "unnamed"

// newRunsPreview renders one slip of a run as the employee will see it.
func newRunsPreview(a *app) *cobra.Command {
	var out, as string
	cmd := &cobra.Command{
		Use:   "preview RUN NUMBER -o slip.pdf [--as NAME]",
		Short: "Render one slip to a PDF file, to look at before approval; who looked is audited",
		Args:  exactly(2, "RUN NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseRunID(args[0])
			if err != nil {
				return err
			}
			if out == "" {
				return usageError{fmt.Errorf("say where the page goes with -o FILE")}
			}
			return a.withVault(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				by := unnamed
				if as != "" {
					if by, err = actor(cmd.Context(), store, c, as, payroll.Roles...); err != nil {
						return err
					}
				}
				slip, err := store.Slip(cmd.Context(), id, payroll.EmployeeNumber(args[1]), by)
				if err != nil {
					return err
				}
				letterhead, err := letterheadInForce(cmd.Context(), c, store)
				if err != nil {
					return err
				}
				page, err := letterhead.Page(slip)
				if err != nil {
					return fmt.Errorf("render slip: %w", err)
				}
				if err := os.WriteFile(out, page, 0o600); err != nil {
					return fmt.Errorf("write the page: %w", err)
				}
				return nil
			})
		},
	}
	asFlag(cmd, &as)
	cmd.Flags().StringVarP(&out, "out", "o", "", "the PDF file to write (mode 0600); it is not encrypted")
	return cmd
}
