package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// listsItself marks a command that lists when it is called without one of its
// commands.
const listsItself = "lists itself"

func newAlarms(a *app) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "alarms [--all]",
		Short: "List what somebody must look at: what was changed behind the program's back, and what did not happen",
		Long: "List the alarms that nobody has settled, the newest first. An alarm is raised with\n" +
			"the hold that it tells of, or by a worker that found something wrong, and mailed,\n" +
			"without a word of what it is about, to readiness.digest_to.",
		Annotations: map[string]string{listsItself: "yes"},
		Args: func(cmd *cobra.Command, given []string) error {
			if len(given) > 0 {
				return unknownCommand(cmd, given[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				alarms, err := store.Alarms(cmd.Context(), all)
				if err != nil {
					return err
				}
				header := []string{"ID", "KIND", "SINCE", "RUN", "SLIP", "MORE", "SETTLED BY", "NOTE"}
				return sayList(a, cmd.OutOrStdout(), alarms, header, alarmRow)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "those that are settled, too")
	cmd.AddCommand(newAlarmsSettle(a))
	return cmd
}

func alarmRow(alarm payroll.Alarm) []string {
	run := "-"
	if alarm.Run != 0 {
		run = strconv.FormatInt(int64(alarm.Run), 10)
	}
	return []string{strconv.FormatInt(alarm.ID, 10), string(alarm.Kind), moment(&alarm.At), run, dash(string(alarm.Slip)),
		dash(escaped(alarm.Words, "")), dash(string(alarm.SettledBy)), dash(escaped(alarm.Note, ""))}
}

func newAlarmsSettle(a *app) *cobra.Command {
	var as, note string
	cmd := &cobra.Command{
		Use:   "settle ID --note TEXT --as NAME",
		Short: "Note that you have seen to an alarm, and what you found",
		Args:  exactly(1, "ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 1 {
				return usageError{errors.New("an alarm is named by its number (see payseal alarms)")}
			}
			if strings.TrimSpace(note) == "" {
				return usageError{errors.New("say what you found with --note TEXT")}
			}
			roles := []payroll.Role{payroll.RoleApprover, payroll.RoleOperator}
			return a.acting(cmd.Context(), as, roles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				if err := store.SettleAlarm(cmd.Context(), id, by, note); err != nil {
					return err
				}
				if a.json {
					return printJSON(cmd.OutOrStdout(), map[string]any{"id": id, "settled_by": by})
				}
				return printText(cmd.OutOrStdout(), fmt.Sprintf("alarm %d is settled\n", id))
			})
		},
	}
	cmd.Flags().StringVar(&note, "note", "", "what you found, for the audit log; no names, no amounts")
	asFlag(cmd, &as)
	return cmd
}
