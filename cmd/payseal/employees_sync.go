package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

func newEmployeesSync(a *app) *cobra.Command {
	var as string
	var hr config.HR
	var dry bool
	cmd := &cobra.Command{
		Use:   "sync [--dsn-file F --query-file Q] [--dry-run] --as NAME",
		Short: "Bring the rows of the HR database's view into the roster, all or nothing",
		Long: "Run one query on the customer's own HR Postgres, in a transaction that cannot\n" +
			"write, and bring its rows into the roster as employees import does. The query\n" +
			"names its columns as the headers of an employees file: select staff_no as\n" +
			"employee_id, full_name as name, mail as email from ... Without flags the files of\n" +
			"the configuration's [hr] are used.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.acting(cmd.Context(), as, rosterRoles, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				if hr.DSNFile == "" {
					hr.DSNFile = c.HR.DSNFile
				}
				if hr.QueryFile == "" {
					hr.QueryFile = c.HR.QueryFile
				}
				imported, err := syncRoster(cmd.Context(), store, hr, by, dry)
				if err != nil {
					return err
				}
				return a.sayImport(cmd.OutOrStdout(), imported)
			})
		},
	}
	cmd.Flags().StringVar(&hr.DSNFile, "dsn-file", "", "file with the HR database's URL (or PAYSEAL_HR_DSN, or a credential hr_dsn)")
	cmd.Flags().StringVar(&hr.QueryFile, "query-file", "", "file with the one query")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would happen and store nothing")
	asFlag(cmd, &as)
	return cmd
}

// syncRoster reads the HR database and stores its rows. The worker's schedule
// calls it too.
func syncRoster(ctx context.Context, store *postgres.Store, hr config.HR, by payroll.AdminName, dry bool) (rosterImport, error) {
	dsn, err := config.ReadSecret("hr_dsn", hr.DSNFile)
	if err != nil {
		return rosterImport{}, err
	}
	if hr.QueryFile == "" {
		return rosterImport{}, usageError{fmt.Errorf("say which query with --query-file or hr.query_file")}
	}
	query, err := os.ReadFile(hr.QueryFile)
	if err != nil {
		return rosterImport{}, fmt.Errorf("read the HR query: %w", err)
	}
	columns, rows, err := postgres.ReadHR(ctx, string(dsn), string(query))
	if err != nil {
		return rosterImport{}, err
	}
	imported, err := putRoster(ctx, store, intake.EmployeesFromRows(columns, rows), "sync", by, dry)
	imported.File = "HR database"
	return imported, err
}
