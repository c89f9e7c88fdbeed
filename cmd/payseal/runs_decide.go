package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// decision is a command by which one person moves one run.
type decision struct {
	use, short string
	roles      []payroll.Role
	reason     bool // needs --reason
	decide     func(ctx context.Context, store *postgres.Store, c config.Config, run payroll.RunID, by payroll.AdminName, reason string) error
}

// runDecisions are the decisions about a run, in the order of its life.
var runDecisions = []decision{
	{
		use: "submit RUN", short: "Hand a draft to the approver", roles: []payroll.Role{payroll.RoleMaker},
		decide: func(ctx context.Context, store *postgres.Store, c config.Config, run payroll.RunID, by payroll.AdminName, _ string) error {
			return store.SubmitRun(ctx, run, by, c.Proven())
		},
	},
	{
		use: "reject RUN", short: "Refuse a submitted run, as a second person", roles: []payroll.Role{payroll.RoleApprover}, reason: true,
		decide: func(ctx context.Context, store *postgres.Store, _ config.Config, run payroll.RunID, by payroll.AdminName, reason string) error {
			return store.RejectRun(ctx, run, by, reason)
		},
	},
	{
		use: "void RUN", short: "End a run of which nothing was sent", roles: []payroll.Role{payroll.RoleMaker, payroll.RoleApprover}, reason: true,
		decide: func(ctx context.Context, store *postgres.Store, _ config.Config, run payroll.RunID, by payroll.AdminName, reason string) error {
			return store.VoidRun(ctx, run, by, reason)
		},
	},
	{
		use: "pause RUN", short: "Stop a run after the mails on the wire", roles: []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}, reason: true,
		decide: func(ctx context.Context, store *postgres.Store, _ config.Config, run payroll.RunID, by payroll.AdminName, reason string) error {
			return store.PauseRun(ctx, run, by, reason)
		},
	},
	{
		use: "resume RUN", short: "Go on with a paused run", roles: []payroll.Role{payroll.RoleOperator, payroll.RoleApprover},
		decide: func(ctx context.Context, store *postgres.Store, _ config.Config, run payroll.RunID, by payroll.AdminName, _ string) error {
			return store.ResumeRun(ctx, run, by)
		},
	},
}

func newRunDecision(a *app, d decision) *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use:   d.use + " --as NAME",
		Short: d.short,
		Args:  exactly(1, "RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if d.reason && reason == "" {
				return usageError{errNoReason}
			}
			return a.actingOnRun(cmd, args, as, d.roles, func(store *postgres.Store, c config.Config, id payroll.RunID, by payroll.AdminName) error {
				if err := d.decide(cmd.Context(), store, c, id, by, reason); err != nil {
					return err
				}
				return a.sayRun(cmd, store, id)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who acts (an admin's name)")
	if d.reason {
		cmd.Flags().StringVar(&reason, "reason", "", "why, for the audit log; no names, no amounts")
	}
	return cmd
}

// newRunsAcknowledge records that a person looked at twins and remarks.
func newRunsAcknowledge(a *app) *cobra.Command {
	var as, note string
	cmd := &cobra.Command{
		Use:   "acknowledge RUN NUMBER... --note TEXT --as NAME",
		Short: "Record that twins and remarks were looked at, and each slip is right and goes to the right one",
		Args:  atLeastOne("RUN NUMBER..."),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) < 2:
				return usageError{fmt.Errorf("name the employees whose twins and remarks were looked at")}
			case note == "":
				return usageError{fmt.Errorf("say what was compared with --note TEXT")}
			}
			roles := []payroll.Role{payroll.RoleMaker, payroll.RoleApprover}
			return a.actingOnRun(cmd, args, as, roles, func(store *postgres.Store, _ config.Config, id payroll.RunID, by payroll.AdminName) error {
				if err := store.Acknowledge(cmd.Context(), id, parseNumbers(args[1:]), by, note); err != nil {
					return err
				}
				return a.sayRun(cmd, store, id)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who looked (an admin's name)")
	cmd.Flags().StringVar(&note, "note", "", "what was compared, for the audit log; no names, no amounts")
	return cmd
}

// sayRun prints in one line where the run stands after a decision.
func (a *app) sayRun(cmd *cobra.Command, store *postgres.Store, id payroll.RunID) error {
	run, err := store.Run(cmd.Context(), id)
	if err != nil {
		return err
	}
	if a.json {
		return printJSON(cmd.OutOrStdout(), run)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "Run %d (%s, paid %s) is %s.\n", run.ID, run.Period, run.PayDate, run.State)
	return err
}

// errNoReason ends a command that wants a reason and was given none.
var errNoReason = errors.New("say why with --reason TEXT")

// onRun opens the database for a command about the run that its first argument
// names.
func (a *app) onRun(cmd *cobra.Command, args []string, f func(store *postgres.Store, c config.Config, id payroll.RunID) error) error {
	id, err := parseRunID(args[0])
	if err != nil {
		return err
	}
	return a.withStore(cmd.Context(), func(store *postgres.Store, c config.Config) error { return f(store, c, id) })
}

// actingOnRun is onRun for the person named by --as, if they have one of the
// roles.
func (a *app) actingOnRun(cmd *cobra.Command, args []string, as string, roles []payroll.Role,
	f func(store *postgres.Store, c config.Config, id payroll.RunID, by payroll.AdminName) error,
) error {
	id, err := parseRunID(args[0])
	if err != nil {
		return err
	}
	return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
		return f(store, c, id, by)
	})
}

func parseRunID(text string) (payroll.RunID, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, usageError{fmt.Errorf("a run is named by its number (see payseal runs list)")}
	}
	return payroll.RunID(id), nil
}

func parseNumbers(args []string) []payroll.EmployeeNumber {
	numbers := make([]payroll.EmployeeNumber, len(args))
	for i, arg := range args {
		numbers[i] = payroll.EmployeeNumber(arg)
	}
	return numbers
}
