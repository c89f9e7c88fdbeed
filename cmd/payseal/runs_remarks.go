package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// remarkedRun is the answer of runs remarks, as --json prints it.
type remarkedRun struct {
	Run      payroll.RunID    `json:"run"`
	Compared payroll.RunID    `json:"compared"` // 0: with none
	Figures  bool             `json:"figures"`  // false: one of the two was imported before figures were kept
	Currency payroll.Currency `json:"currency"`
	Totals   *payroll.Totals  `json:"totals"` // null without figures
	Before   *payroll.Totals  `json:"before"`
	Remarks  []payroll.Remark `json:"remarks"`
}

// newRunsRemarks lists what is remarkable about a run beside the one before.
func newRunsRemarks(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "remarks RUN --as NAME",
		Short: "List what is remarkable about a run beside the one before: changes of pay, who is new, missing or has left",
		Args:  exactly(1, "RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseRunID(args[0])
			if err != nil {
				return err
			}
			return a.withVault(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				if _, err := actor(cmd.Context(), store, c, as, payroll.RoleMaker, payroll.RoleApprover); err != nil {
					return err
				}
				answer, err := remarksOf(cmd, store, id)
				if err != nil {
					return err
				}
				return a.sayRemarks(cmd, answer)
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func remarksOf(cmd *cobra.Command, store *postgres.Store, id payroll.RunID) (remarkedRun, error) {
	run, err := store.Run(cmd.Context(), id)
	if err != nil {
		return remarkedRun{}, err
	}
	answer := remarkedRun{Run: id, Compared: run.Compared, Currency: run.Currency}
	if answer.Totals, err = totalsOf(cmd, store, id); err != nil {
		return answer, err
	}
	if answer.Before, err = totalsOf(cmd, store, run.Compared); err != nil {
		return answer, err
	}
	answer.Figures = answer.Totals != nil && (answer.Before != nil || run.Compared == 0)
	answer.Remarks, err = store.AllRemarks(cmd.Context(), id)
	return answer, err
}

// totalsOf are a run's sums; nil if it has none.
func totalsOf(cmd *cobra.Command, store *postgres.Store, id payroll.RunID) (*payroll.Totals, error) {
	totals, err := store.Totals(cmd.Context(), id)
	if errors.Is(err, payroll.ErrNotFound) {
		return nil, nil //nolint:nilnil // there are none, which is no error
	}
	return &totals, err
}

func (a *app) sayRemarks(cmd *cobra.Command, answer remarkedRun) error {
	if a.json {
		return printJSON(cmd.OutOrStdout(), answer)
	}
	line := fmt.Sprintf("Run %d is compared with run %d.", answer.Run, answer.Compared)
	switch {
	case answer.Compared == 0:
		line = fmt.Sprintf("There is no run with which run %d is compared.", answer.Run)
	case !answer.Figures:
		line = fmt.Sprintf("Run %d cannot be compared with run %d: one of them was imported before figures were kept.", answer.Run, answer.Compared)
	}
	if _, err := fmt.Fprintln(cmd.OutOrStdout(), line); err != nil {
		return fmt.Errorf("print remarks: %w", err)
	}
	header := []string{"KIND", "EMPLOYEE", "BEFORE", "NOW", "ACKNOWLEDGED BY", "NOTE"}
	return sayList(a, cmd.OutOrStdout(), answer.Remarks, header, func(r payroll.Remark) []string {
		amount := func(minor *int64) string {
			if minor == nil {
				return "-"
			}
			return payroll.Money{Minor: *minor, Currency: answer.Currency}.String()
		}
		return []string{string(r.Kind), string(r.Employee), amount(r.Before), amount(r.Now), cmp.Or(string(r.AcknowledgedBy), "-"), r.Note}
	})
}
