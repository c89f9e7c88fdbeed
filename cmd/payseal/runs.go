package main

import "github.com/spf13/cobra"

// newRuns gathers the commands about payroll runs.
func newRuns(a *app) *cobra.Command {
	runs := group("runs", "Check, import, approve and send payroll runs",
		newRunsCheck(a), newRunsImport(a), newRunsPreview(a),
		newRunsTwins(a), newRunsRemarks(a), newRunsAcknowledge(a), newRunsReview(a), newRunsApprove(a), newRunsRelease(a), newRunsSend(a),
		newRunsList(a), newRunsStatus(a), newRunsReport(a), newRunsResend(a), newRunsSettle(a), newRunsWithdraw(a), newRunsShred(a),
	)
	for _, d := range runDecisions {
		runs.AddCommand(newRunDecision(a, d))
	}
	return runs
}
