package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func newEmployeesReports(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "reports [--all]",
		Short: "List what employees told you through the form",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				reports, err := store.Reports(cmd.Context(), all)
				if err != nil {
					return err
				}
				header := []string{"ID", "EMPLOYEE", "WHAT", "SINCE", "SETTLED BY", "THEIR WORDS"}
				return sayList(a, cmd.OutOrStdout(), reports, header, func(r payroll.Report) []string {
					return []string{strconv.FormatInt(r.ID, 10), string(r.Employee), string(r.Kind), moment(&r.At),
						dash(string(r.SettledBy)), dash(escaped(r.Text, ""))}
				})
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "those that are settled, too")
	return cmd
}

func newEmployeesSettleReport(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "settle-report ID --as NAME",
		Short: "Note that you have seen to what an employee reported",
		Args:  exactly(1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 1 {
				return usageError{errors.New("a report is named by its number (see payseal employees reports)")}
			}
			roles := []payroll.Role{payroll.RoleMaker, payroll.RoleApprover, payroll.RoleOperator}
			return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				if err := store.SettleReport(cmd.Context(), id, by); err != nil {
					return err
				}
				if a.json {
					return printJSON(cmd.OutOrStdout(), map[string]any{"id": id, "settled_by": by})
				}
				return printText(cmd.OutOrStdout(), fmt.Sprintf("report %d is settled\n", id))
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}
