package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

func newSchedule(a *app) *cobra.Command {
	return group("schedule", "What happens by itself each month, and when",
		newScheduleAdd(a), newScheduleList(a), newScheduleNext(a), newScheduleRemove(a))
}

func newScheduleAdd(a *app) *cobra.Command {
	var as, action, day, weekend, at, zone string
	cmd := &cobra.Command{
		Use:   "add NAME --action send|sync --day DAY --at TIME --as NAME",
		Short: "Add a monthly rule and print its coming twelve dates",
		Long: "Add a monthly rule. Actions: send starts the approved runs of the period; sync\n" +
			"reads the roster from the customer's HR database. The time is wall-clock time\n" +
			"in the zone, the same in summer and in winter.",
		Args: exactly(1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}, func(store *postgres.Store, c config.Config, by payroll.AdminName) error {
				if zone == "" {
					zone = c.Company.Zone
				}
				monthly, err := payroll.ParseMonthlyRule(day, weekend, at, zone)
				if err != nil {
					return usageError{err}
				}
				rule := payroll.ScheduleRule{Name: args[0], Action: payroll.ScheduleAction(action), Monthly: monthly}
				if err := rule.Check(); err != nil {
					return usageError{err}
				}
				if err := store.CreateRule(cmd.Context(), rule, by); err != nil {
					return err
				}
				rules, err := store.ScheduleRules(cmd.Context())
				if err != nil {
					return err
				}
				return a.sayNext(cmd, store, rulesNamed(rules, rule.Name))
			})
		},
	}
	cmd.Flags().StringVar(&action, "action", "", "send or sync")
	cmd.Flags().StringVar(&day, "day", "", "1 to 31, last or last-working-day; a day that a month lacks is its last")
	cmd.Flags().StringVar(&weekend, "weekend", "none", "where a day on a weekend or a holiday goes: none, before or after")
	cmd.Flags().StringVar(&at, "at", "", "time of day, such as 09:00")
	cmd.Flags().StringVar(&zone, "zone", "", "IANA time zone, such as Europe/Vienna (default: the company's)")
	asFlag(cmd, &as)
	return cmd
}

// ruleText is a rule as --json prints it.
type ruleText struct {
	Name    string                 `json:"name"`
	Action  payroll.ScheduleAction `json:"action"`
	Day     string                 `json:"day"`
	Weekend payroll.Shift          `json:"weekend"`
	At      string                 `json:"at"`
	Zone    string                 `json:"zone"`
	Since   time.Time              `json:"since"`
}

func newScheduleList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the rules and what became of what was due",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				rules, err := store.ScheduleRules(cmd.Context())
				if err != nil {
					return err
				}
				records, err := store.DueRecords(cmd.Context(), 12)
				if err != nil {
					return err
				}
				return a.sayRules(cmd.OutOrStdout(), rules, records)
			})
		},
	}
}

func (a *app) sayRules(w io.Writer, rules []payroll.ScheduleRule, records []postgres.DueRecord) error {
	texts := make([]ruleText, len(rules))
	rows := make([][]string, len(rules))
	for i, r := range rules {
		m := r.Monthly
		texts[i] = ruleText{r.Name, r.Action, m.DayText(), m.Shift, m.Clock(), m.Zone.String(), r.Since}
		rows[i] = []string{r.Name, string(r.Action), m.DayText(), string(m.Shift), m.Clock(), m.Zone.String()}
	}
	if a.json {
		return printJSON(w, map[string]any{"rules": texts, "due": records})
	}
	if err := printTable(w, []string{"NAME", "ACTION", "DAY", "WEEKEND", "AT", "ZONE"}, rows); err != nil || len(records) == 0 {
		return err
	}
	fmt.Fprintln(w)
	rows = make([][]string, len(records))
	for i, r := range records {
		rows[i] = []string{r.Name, r.Period, moment(&r.At), string(r.State), moment(r.DoneAt), dash(r.Note)}
	}
	return printTable(w, []string{"NAME", "PERIOD", "DUE", "STATE", "DONE", "NOTE"}, rows)
}

func newScheduleNext(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "next [NAME]",
		Short: "Print the coming twelve dates of every rule, or of one",
		Args:  atMost(1, "[NAME]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				rules, err := store.ScheduleRules(cmd.Context())
				if err != nil {
					return err
				}
				if len(args) == 1 {
					rules = rulesNamed(rules, args[0])
					if len(rules) == 0 {
						return fmt.Errorf("schedule %q: %w", args[0], payroll.ErrNotFound)
					}
				}
				return a.sayNext(cmd, store, rules)
			})
		},
	}
}

func rulesNamed(rules []payroll.ScheduleRule, name string) []payroll.ScheduleRule {
	var named []payroll.ScheduleRule
	for _, r := range rules {
		if r.Name == name {
			named = append(named, r)
		}
	}
	return named
}

// sayNext prints the coming twelve dates of the rules, with the weekday and the
// offset from UTC, so that a person sees weekends and summer time at work.
func (a *app) sayNext(cmd *cobra.Command, store *postgres.Store, rules []payroll.ScheduleRule) error {
	now, err := store.Now(cmd.Context())
	if err != nil {
		return err
	}
	var rows [][]string
	for _, r := range rules {
		for _, at := range r.Monthly.Upcoming(now, 12) {
			if a.json {
				line := map[string]string{"name": r.Name, "action": string(r.Action), "at": at.Format(time.RFC3339), "weekday": at.Weekday().String()}
				if err := printJSON(cmd.OutOrStdout(), line); err != nil {
					return err
				}
				continue
			}
			rows = append(rows, []string{r.Name, string(r.Action), at.Format("2006-01-02"), at.Format("Mon"), at.Format("15:04"), "UTC" + at.Format("-07:00")})
		}
	}
	if a.json {
		return nil
	}
	return printTable(cmd.OutOrStdout(), []string{"NAME", "ACTION", "DATE", "DAY", "AT", "OFFSET"}, rows)
}

func newScheduleRemove(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "remove NAME --as NAME",
		Short: "End a rule; what it did stays in the records",
		Args:  exactly(1, "NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.acting(cmd.Context(), as, []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				if err := store.RemoveRule(cmd.Context(), args[0], by); err != nil {
					return err
				}
				if a.json {
					return printJSON(cmd.OutOrStdout(), map[string]string{"removed": args[0]})
				}
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "removed", args[0])
				return err
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}
