package main

import (
	"context"
	"os"

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
	return actingIn(ctx, a.withActors, as, roles, f)
}

// withActors is withStore, with the vault unlocked where it is wanted to tell who
// acts: where names are proven, and where somebody shows a token.
func (a *app) withActors(ctx context.Context, f func(store *postgres.Store, c config.Config) error) error {
	c, err := a.config()
	if err != nil {
		return err
	}
	if _, given := os.LookupEnv(tokenVariable); given || c.Proven() {
		return a.withVault(ctx, f)
	}
	return a.withStore(ctx, f)
}

// actingWithVault is acting with the vault unlocked.
func (a *app) actingWithVault(ctx context.Context, as string, roles []payroll.Role,
	f func(store *postgres.Store, c config.Config, by payroll.AdminName) error,
) error {
	return actingIn(ctx, a.withVault, as, roles, f)
}

func actingIn(ctx context.Context, open func(context.Context, func(*postgres.Store, config.Config) error) error, as string, roles []payroll.Role,
	f func(store *postgres.Store, c config.Config, by payroll.AdminName) error,
) error {
	if as == "" {
		return usageError{errNoActor}
	}
	return open(ctx, func(store *postgres.Store, c config.Config) error {
		by, err := actor(ctx, store, c, as, roles...)
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
