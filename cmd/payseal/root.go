package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
)

// app carries the flags that every command shares.
type app struct {
	configPath string // as named by --config; "" if it was not
	json       bool
}

func newRoot() *cobra.Command {
	a := &app{}
	root := group("payseal", "Send every salary slip so that only its employee can read it",
		newKeys(a),
		newRuns(a), newWorker(a), newWeb(a), newConsole(a), newServe(a), newDemo(),
		newReadiness(a), newEmployees(a), newAdmins(a), newSchedule(a), newHolidays(a), newRetention(a), newAudit(a), newAlarms(a),
		newSettings(a), newMigrate(a), newVault(a), newDoctor(a),
		newSigner(a), newFile(a),
		newVersion(a), newCompletion(),
	)
	root.Long = "payseal checks a payroll file, has a second person approve it, and mails every\n" +
		"employee a salary slip that is signed by the company and encrypted to that\n" +
		"employee alone.\n\n" +
		"Exit codes: 0 yes, 1 no by the rules, 2 wrong usage, 3 something broke."
	root.SilenceUsage, root.SilenceErrors = true, true
	root.SetHelpCommand(newHelp())
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().StringVar(&a.configPath, "config", "", "configuration file (default: PAYSEAL_CONFIG, or payseal.toml in this folder)")
	root.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON for programs instead of text for people")
	return root
}

// configFile is the path of the configuration file, and whether somebody named
// it.
func (a *app) configFile() (path string, named bool) {
	if a.configPath != "" {
		return a.configPath, true
	}
	if path := os.Getenv("PAYSEAL_CONFIG"); path != "" {
		return path, true
	}
	return "payseal.toml", false
}

// config loads the configuration file. A file that was named must be there: a
// worker with a mistyped path must not run on the defaults. Only the one that
// nobody named may be missing; then the defaults stand.
func (a *app) config() (config.Config, error) {
	path, named := a.configFile()
	if !named && !config.Exists(path) {
		return config.Default(), nil
	}
	return config.Load(path)
}
