package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// newRunsSend queues an approved run for the workers.
func newRunsSend(a *app) *cobra.Command {
	var as string
	var watch bool
	cmd := &cobra.Command{
		Use:   "send RUN --as NAME [--watch]",
		Short: "Queue an approved run; the workers send it",
		Args:  exactly(1, "RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			roles := []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}
			return a.actingOnRun(cmd, args, as, roles, func(store *postgres.Store, c config.Config, id payroll.RunID, by payroll.AdminName) error {
				if err := store.SendRun(cmd.Context(), id, by, time.Duration(c.Delivery.GiveUp), c.Delivery.Bundle); err != nil {
					return err
				}
				if watch {
					return a.watchRun(cmd, store, id, watchEnds["settled"])
				}
				return a.sayRun(cmd, store, id)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who sends (an admin's name)")
	cmd.Flags().BoolVar(&watch, "watch", false, "show the progress until nothing moves any more")
	return cmd
}

// newRunsResend sends one employee's slip again.
func newRunsResend(a *app) *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use:   "resend RUN NUMBER --reason TEXT --as NAME",
		Short: "Send one slip again that was accepted, refused or has bounced",
		Args:  exactly(2, "RUN NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usageError{errNoReason}
			}
			roles := []payroll.Role{payroll.RoleOperator}
			return a.actingOnRun(cmd, args, as, roles, func(store *postgres.Store, _ config.Config, id payroll.RunID, by payroll.AdminName) error {
				if err := store.ResendSlip(cmd.Context(), id, payroll.EmployeeNumber(args[1]), by, reason); err != nil {
					return err
				}
				return a.sayRun(cmd, store, id)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who sends (an admin's name)")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the audit log; no names, no amounts")
	return cmd
}

// newRunsWithdraw takes one employee's slip back.
func newRunsWithdraw(a *app) *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use:   "withdraw RUN NUMBER --reason TEXT --as NAME",
		Short: "Take back one slip of an approved run before it has left",
		Args:  exactly(2, "RUN NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if reason == "" {
				return usageError{errNoReason}
			}
			roles := []payroll.Role{payroll.RoleMaker, payroll.RoleApprover}
			return a.actingOnRun(cmd, args, as, roles, func(store *postgres.Store, _ config.Config, id payroll.RunID, by payroll.AdminName) error {
				if err := store.WithdrawSlip(cmd.Context(), id, payroll.EmployeeNumber(args[1]), by, reason); err != nil {
					return err
				}
				return a.sayRun(cmd, store, id)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "who takes it back (an admin's name)")
	cmd.Flags().StringVar(&reason, "reason", "", "why, for the audit log; no names, no amounts")
	return cmd
}

// newRunsSettle records what a person found out about an unsure slip. Here --as
// says as what the slip is settled; the person is named by --by.
func newRunsSettle(a *app) *cobra.Command {
	var as, by string
	cmd := &cobra.Command{
		Use:   "settle RUN NUMBER --as accepted|lost --by NAME",
		Short: "Settle an unsure slip: it arrived, or it is lost and sent again",
		Args:  exactly(2, "RUN NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if as != "accepted" && as != "lost" {
				return usageError{fmt.Errorf("say --as accepted or --as lost")}
			}
			roles := []payroll.Role{payroll.RoleOperator}
			return a.actingOnRun(cmd, args, by, roles, func(store *postgres.Store, _ config.Config, id payroll.RunID, by payroll.AdminName) error {
				number := payroll.EmployeeNumber(args[1])
				if err := store.SettleSlip(cmd.Context(), id, number, by, as == "accepted"); err != nil {
					return err
				}
				return a.sayRun(cmd, store, id)
			})
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "accepted (it arrived) or lost (send it again)")
	cmd.Flags().StringVar(&by, "by", "", "who settles (an admin's name)")
	return cmd
}
