package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// acting opens the database and runs f for the person named by --as, if they
// have one of the roles.
func (a *app) acting(ctx context.Context, as string, roles []payroll.Role,
	f func(store *postgres.Store, c config.Config, by payroll.AdminName) error,
) error {
	if as == "" {
		return usageError{errNoActor}
	}
	return a.withStore(ctx, func(store *postgres.Store, c config.Config) error {
		by, err := actor(ctx, store, as, roles...)
		if err != nil {
			return err
		}
		return f(store, c, by)
	})
}

// asFlag adds --as to a command that acts.
func asFlag(cmd *cobra.Command, as *string) {
	cmd.Flags().StringVar(as, "as", "", "who acts (an admin's name)")
}

// errNoCommand ends a group of commands that was called without one of them.
var errNoCommand = errors.New("say which of its commands")

// group is a command that only holds others; alone it is wrong usage.
func group(use, short string, commands ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  exactly(0, "one of its commands"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			_ = cmd.Help()
			return usageError{errNoCommand}
		},
	}
	cmd.AddCommand(commands...)
	return cmd
}

// atMost allows up to n arguments.
func atMost(n int, names string) cobra.PositionalArgs {
	return func(_ *cobra.Command, given []string) error {
		if len(given) > n {
			return usageError{fmt.Errorf("expected %s", names)}
		}
		return nil
	}
}
