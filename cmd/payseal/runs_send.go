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
			id, err := parseRunID(args[0])
			if err != nil {
				return err
			}
			return a.withStore(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				by, err := actor(cmd.Context(), store, as, payroll.RoleOperator, payroll.RoleApprover)
				if err != nil {
					return err
				}
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
			id, err := parseRunID(args[0])
			if err != nil {
				return err
			}
			if reason == "" {
				return usageError{fmt.Errorf("say why with --reason TEXT")}
			}
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				by, err := actor(cmd.Context(), store, as, payroll.RoleOperator)
				if err != nil {
					return err
				}
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

// newRunsSettle records what a person found out about an unsure slip. Here --as
// says as what the slip is settled; the person is named by --by.
func newRunsSettle(a *app) *cobra.Command {
	var as, by string
	cmd := &cobra.Command{
		Use:   "settle RUN NUMBER --as accepted|lost --by NAME",
		Short: "Settle an unsure slip: it arrived, or it is lost and sent again",
		Args:  exactly(2, "RUN NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := parseRunID(args[0])
			if err != nil {
				return err
			}
			if as != "accepted" && as != "lost" {
				return usageError{fmt.Errorf("say --as accepted or --as lost")}
			}
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				by, err := actor(cmd.Context(), store, by, payroll.RoleOperator)
				if err != nil {
					return err
				}
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
