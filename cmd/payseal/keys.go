package main

import "github.com/spf13/cobra"

func newKeys(a *app) *cobra.Command {
	keys := &cobra.Command{
		Use:   "keys",
		Short: "Judge and keep the employees' certificates",
	}
	keys.AddCommand(
		newKeysCheck(a),
		newKeysAdd(a), newKeysVerify(a), newKeysStep(a),
		newKeysList(a), newKeysShow(a), newKeysExport(a), newKeysRevokeUse(a),
	)
	return keys
}
