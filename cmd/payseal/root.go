package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
)

// app carries the flags that every command shares.
type app struct {
	configPath string
	json       bool
}

func newRoot() *cobra.Command {
	a := &app{}
	root := &cobra.Command{
		Use:   "payseal",
		Short: "Send every salary slip so that only its employee can read it",
		Long: "payseal checks a payroll file, has a second person approve it, and mails every\n" +
			"employee a salary slip that is signed by the company and encrypted to that\n" +
			"employee alone.\n\n" +
			"Exit codes: 0 yes, 1 no by the rules, 2 wrong usage, 3 something broke.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	path := os.Getenv("PAYSEAL_CONFIG")
	if path == "" {
		path = "payseal.toml"
	}
	root.PersistentFlags().StringVar(&a.configPath, "config", path, "configuration file (or PAYSEAL_CONFIG)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON for programs instead of text for people")
	root.AddCommand(
		newKeys(a),
		newRuns(a), newWorker(a), newDemo(),
		newEmployees(a), newAdmins(a), newSchedule(a), newAudit(a),
		newMigrate(a), newVault(a), newDoctor(a),
		newSigner(a), newFile(a),
		newVersion(a),
	)
	return root
}

// config loads the configuration file; without one the defaults stand.
func (a *app) config() (config.Config, error) {
	if !config.Exists(a.configPath) {
		return config.Default(), nil
	}
	return config.Load(a.configPath)
}
