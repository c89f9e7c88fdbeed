package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func newKeysCalls(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "calls",
		Short: "List who waits to be called, to compare the fingerprint",
		Long: "List the employees whose certificate waits for a person to compare its fingerprint,\n" +
			"those who have waited longest first, with the number in the HR file. Call that one\n" +
			"and no other, let the employee read the fingerprint, and type what they read into\n" +
			"payseal keys verify.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				freeze, err := freezeOf(c)
				if err != nil {
					return err
				}
				calls, err := store.CallsWaiting(cmd.Context(), freeze)
				if err != nil {
					return err
				}
				if a.json {
					return printLines(cmd.OutOrStdout(), calls)
				}
				return sayCalls(cmd.OutOrStdout(), calls)
			})
		},
	}
}

func sayCalls(w io.Writer, calls []payroll.Call) error {
	var b strings.Builder
	if len(calls) == 0 {
		b.WriteString("nobody waits for a call\n")
	}
	for _, c := range calls {
		phone := "no telephone number in the HR file"
		if c.Phone != "" {
			phone = escaped(c.Phone, "")
		}
		fmt.Fprintf(&b, "%s  %s  %s  since %s\n", c.Employee, escaped(c.Name, ""), phone, moment(&c.Since))
		fmt.Fprintf(&b, "  %s\n", c.Fingerprint.Grouped())
		if c.Rekey {
			b.WriteString("  a new key in the place of another; ask why\n")
		}
		if c.HandedInBy != payroll.Themself && c.HandedInBy != "" {
			fmt.Fprintf(&b, "  handed in by %s, who may not be the one to compare it\n", c.HandedInBy)
		}
		switch {
		case c.CheckedBy != "":
			fmt.Fprintf(&b, "  compared by %s; somebody else must compare it too\n", c.CheckedBy)
		case c.Needed > 1:
			fmt.Fprintf(&b, "  so close to a pay date %d people must compare it\n", c.Needed)
		}
	}
	return printText(w, b.String())
}
