package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// everybodyElse is the country of those who have no row of their own.
const everybodyElse = "others"

func newRetention(a *app) *cobra.Command {
	return group("retention", "How long pay data are kept", newRetentionList(a), newRetentionSet(a), newRetentionRemove(a))
}

// parseCountry reads AT, or others.
func parseCountry(text string) (string, error) {
	if text == everybodyElse {
		return "", nil
	}
	country := strings.ToUpper(text)
	if len(country) != 2 {
		return "", usageError{errors.New("a country is two letters, such as AT, or others for everybody else")}
	}
	return country, nil
}

func newRetentionList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Say how long pay data are kept, by country, and which runs are about to lose theirs",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				table, err := store.Retention(cmd.Context())
				if err != nil {
					return err
				}
				announced, err := store.ShredDue(cmd.Context())
				if err != nil {
					return err
				}
				return a.sayRetention(cmd, table, announced)
			})
		},
	}
}

func (a *app) sayRetention(cmd *cobra.Command, table payroll.RetentionTable, announced []payroll.RunToShred) error {
	out := cmd.OutOrStdout()
	if a.json {
		return printJSON(out, map[string]any{"table": append(payroll.RetentionTable{}, table...), "announced": append([]payroll.RunToShred{}, announced...)})
	}
	if len(table) == 0 {
		return printText(out, "nothing is ever destroyed: the table is empty\n")
	}
	rows := make([][]string, len(table))
	for i, r := range table {
		country := r.Country
		if country == "" {
			country = everybodyElse
		}
		rows[i] = []string{country, strconv.Itoa(r.Months), dash(escaped(r.Law, "")), string(r.By), moment(&r.At)}
	}
	if err := printTable(out, []string{"COUNTRY", "MONTHS", "LAW", "BY", "SINCE"}, rows); err != nil {
		return err
	}
	for _, run := range announced {
		if err := printText(out, fmt.Sprintf("on %s the pay data of run %d (%s, %d slips) are destroyed\n", run.On, run.Run, run.Period, run.Slips)); err != nil {
			return err
		}
	}
	return nil
}

func newRetentionSet(a *app) *cobra.Command {
	var as, law, reason string
	cmd := &cobra.Command{
		Use:   "set COUNTRY MONTHS --reason TEXT --as NAME",
		Short: "Keep the pay data of people of a country for so many months after the pay date",
		Long: "Keep the pay data of people of a country for so many months after the pay date.\n" +
			"COUNTRY is two letters, or others for everybody else. A run with people of several\n" +
			"countries is kept by the longest; a correction keeps the run that it corrects. What\n" +
			"is to be destroyed is announced seven days before.",
		Args: exactly(2, "COUNTRY MONTHS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			country, err := parseCountry(args[0])
			if err != nil {
				return err
			}
			months, err := strconv.Atoi(args[1])
			if err != nil {
				return usageError{errors.New("months are a whole number")}
			}
			row := payroll.Retention{Country: country, Months: months, Law: law}
			if err := row.Check(); err != nil {
				return usageError{err}
			}
			return a.changingRetention(cmd, as, reason, func(store *postgres.Store, by payroll.AdminName) error {
				return store.PutRetention(cmd.Context(), row, reason, by)
			})
		},
	}
	cmd.Flags().StringVar(&law, "law", "", "which law says so")
	cmd.Flags().StringVar(&reason, "reason", "", "why; it is kept in the audit log")
	asFlag(cmd, &as)
	return cmd
}

func (a *app) changingRetention(cmd *cobra.Command, as, reason string, change func(*postgres.Store, payroll.AdminName) error) error {
	if strings.TrimSpace(reason) == "" {
		return usageError{errNoReason}
	}
	return a.acting(cmd.Context(), as, calendarRoles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
		if err := change(store, by); err != nil {
			return err
		}
		table, err := store.Retention(cmd.Context())
		if err != nil {
			return err
		}
		return a.sayRetention(cmd, table, nil)
	})
}

func newRetentionRemove(a *app) *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use:   "remove COUNTRY --reason TEXT --as NAME",
		Short: "Take a row out of the table",
		Long: "Take a row out. Its people are kept like everybody else, or for ever where there is\n" +
			"no row for everybody else. COUNTRY is two letters, or others.",
		Args: exactly(1, "COUNTRY"),
		RunE: func(cmd *cobra.Command, args []string) error {
			country, err := parseCountry(args[0])
			if err != nil {
				return err
			}
			return a.changingRetention(cmd, as, reason, func(store *postgres.Store, by payroll.AdminName) error {
				return store.RemoveRetention(cmd.Context(), country, reason, by)
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why; it is kept in the audit log")
	asFlag(cmd, &as)
	return cmd
}

func newRunsShred(a *app) *cobra.Command {
	var as, reason string
	cmd := &cobra.Command{
		Use:   "shred RUN --reason TEXT --as NAME",
		Short: "Destroy the pay data of a run whose retention has ended",
		Long: "Destroy the pay data of one run whose retention has ended, without waiting for the\n" +
			"worker: its data key, the sealed slips, sums and figures. Who got which slip, and\n" +
			"when, stays. It cannot be undone.",
		Args: exactly(1, "RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" {
				return usageError{errNoReason}
			}
			return a.actingOnRun(cmd, args, as, []payroll.Role{payroll.RoleOperator}, func(store *postgres.Store, c config.Config, id payroll.RunID, by payroll.AdminName) error {
				zone, err := time.LoadLocation(c.Company.Zone)
				if err != nil {
					return fmt.Errorf("company.zone: %w", err)
				}
				now, err := store.Now(cmd.Context())
				if err != nil {
					return err
				}
				if err := store.ShredRun(cmd.Context(), id, payroll.DateOf(now.In(zone)), reason, by); err != nil {
					return err
				}
				if a.json {
					return printJSON(cmd.OutOrStdout(), map[string]any{"run": id, "shredded": true})
				}
				return printText(cmd.OutOrStdout(), fmt.Sprintf("the pay data of run %d are destroyed\n", id))
			})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why; it is kept in the audit log")
	asFlag(cmd, &as)
	return cmd
}
