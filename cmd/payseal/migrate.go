package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
)

func newMigrate(a *app) *cobra.Command {
	return group("migrate", "Bring the database's schema up to date, or look at it",
		newMigrateUp(a), newMigrateStatus(a))
}

func newMigrateUp(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "up",
		Short: "Apply every step that is missing; safe to run twice, and from two places at once",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				if err := store.Migrate(cmd.Context()); err != nil {
					return err
				}
				return a.sayMigrations(cmd, store)
			})
		},
	}
}

func newMigrateStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "List the steps of the schema; exit 1 if one is missing",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				return a.sayMigrations(cmd, store)
			})
		},
	}
}

// sayMigrations prints every step; a missing one makes the answer no.
func (a *app) sayMigrations(cmd *cobra.Command, store *postgres.Store) error {
	steps, err := store.Migrations(cmd.Context())
	if err != nil {
		return err
	}
	missing := 0
	rows := make([][]string, len(steps))
	for i, step := range steps {
		state := "applied"
		if !step.Applied {
			state = "missing"
			missing++
		}
		rows[i] = []string{step.Name, state, moment(&step.AppliedAt)}
	}
	if a.json {
		err = printLines(cmd.OutOrStdout(), steps)
	} else {
		err = printTable(cmd.OutOrStdout(), []string{"STEP", "STATE", "WHEN"}, rows)
	}
	if err != nil || missing == 0 {
		return err
	}
	if !a.json {
		fmt.Fprintln(cmd.OutOrStdout(), "The schema is not up to date: run payseal migrate up.")
	}
	return errNo
}

// refuseOldSchema is an error if a step of the schema is missing: a worker would
// stumble over it every second, and send nothing.
func refuseOldSchema(ctx context.Context, store *postgres.Store) error {
	steps, err := store.Migrations(ctx)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if !step.Applied {
			return fmt.Errorf("start worker: the schema lacks %s: run payseal migrate up first", step.Name)
		}
	}
	return nil
}
