package main

import "github.com/spf13/cobra"

func newKeys(a *app) *cobra.Command {
	return group("keys", "Judge and keep the employees' certificates",
		newKeysCheck(a),
		newKeysAdd(a), newKeysCalls(a), newKeysVerify(a), newKeysStep(a),
		newKeysList(a), newKeysShow(a), newKeysExport(a), newKeysRevokeUse(a), newKeysRevokeCertification(a),
	)
}
