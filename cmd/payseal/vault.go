package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/keystore"
)

func newVault(a *app) *cobra.Command {
	return group("vault", "The master key under which amounts are stored", newVaultInit(a))
}

func newVaultInit(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "init [--out FILE]",
		Short: "Make the master key file (0600); nothing is overwritten",
		Long: "Make the master key file that vault.master_key_file of the configuration names.\n" +
			"Without it no stored slip can be read again: keep a copy apart from the\n" +
			"database's backups, and never in them.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				c, err := a.config()
				if err != nil {
					return err
				}
				out = c.Vault.MasterKeyFile
			}
			if err := os.MkdirAll(filepath.Dir(out), 0o700); err != nil {
				return fmt.Errorf("make the master key's folder: %w", err)
			}
			if err := writeNew(out, keystore.NewMasterKeyFile(), 0o600); err != nil {
				return err
			}
			if a.json {
				return printJSON(cmd.OutOrStdout(), map[string]string{"file": out})
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "made %s; keep a copy apart from the database's backups\n", out)
			return err
		},
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "where to write it instead of the configured place")
	return cmd
}
