package main

import "github.com/spf13/cobra"

// newRuns gathers the commands about payroll runs.
func newRuns(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "Check, import, approve and send payroll runs",
	}
	cmd.AddCommand(
		newRunsCheck(a),
	)
	return cmd
}
