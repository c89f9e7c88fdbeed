package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func newEmployeesFileAddress(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "file-address NUMBER --as NAME",
		Short: "Let the next import set the address again that an employee changed in the form",
		Long: "An address that an employee confirmed in the form outlives imports whose file still\n" +
			"has the one before. If it was not the employee who changed it, say this, and import\n" +
			"the file again: its address counts, and both addresses are told.",
		Args: exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			roles := []payroll.Role{payroll.RoleMaker, payroll.RoleOperator}
			return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				number := payroll.EmployeeNumber(args[0])
				if err := store.ForgetOwnAddress(cmd.Context(), number, by); err != nil {
					return err
				}
				if a.json {
					return printJSON(cmd.OutOrStdout(), map[string]payroll.EmployeeNumber{"employee": number})
				}
				fmt.Fprintf(cmd.OutOrStdout(), "employee %s: the next import sets the address of its file\n", escaped(string(number), ""))
				return nil
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}
