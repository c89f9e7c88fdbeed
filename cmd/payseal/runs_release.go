package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// released is the answer of runs release, as --json prints it.
type released struct {
	Run      payroll.RunID          `json:"run"`
	Employee payroll.EmployeeNumber `json:"employee"`
	Releases int                    `json:"releases"`
	Awaits   int                    `json:"awaits"` // how many more people must release it
}

func newRunsRelease(a *app) *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use:   "release RUN NUMBER --reason TEXT --as NAME",
		Short: "Release a slip from the change freeze, as one of two people",
		Long: "Say of a slip that is held because the employee's certificate or address changed\n" +
			"too close to the pay date (change_freeze) that the change is right: ask the employee\n" +
			"in person, or call the number in the HR file. Two different people must say so; then\n" +
			"the slip goes by itself.",
		Args: exactly(2, "RUN NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usageError{errNoReason}
			}
			roles := []payroll.Role{payroll.RoleApprover, payroll.RoleOperator}
			return a.actingOnRun(cmd, args, as, roles, func(store *postgres.Store, c config.Config, id payroll.RunID, by payroll.AdminName) error {
				number := payroll.EmployeeNumber(args[1])
				if err := stepUp(cmd.Context(), store, c, by, fmt.Sprintf("/runs/%d/slips", id)); err != nil {
					return err
				}
				n, err := store.ReleaseFrozen(cmd.Context(), id, number, reason, by)
				if err != nil {
					return err
				}
				answer := released{id, number, n, max(0, payroll.ReleasesNeeded-n)}
				if a.json {
					return printJSON(cmd.OutOrStdout(), answer)
				}
				return printText(cmd.OutOrStdout(), answer.text())
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "how you know that the change is right; no names, no amounts")
	asFlag(cmd, &as)
	return cmd
}

func (r released) text() string {
	if r.Awaits > 0 {
		return fmt.Sprintf("employee %s, run %d: released by %d; another person must release it too\n", r.Employee, r.Run, r.Releases)
	}
	return fmt.Sprintf("employee %s, run %d: released by %d; the slip goes by itself\n", r.Employee, r.Run, r.Releases)
}
