package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// calendarRoles keep the schedules and their holidays.
var calendarRoles = []payroll.Role{payroll.RoleOperator, payroll.RoleApprover}

func newHolidays(a *app) *cobra.Command {
	return group("holidays", "Days on which no bank works, over which schedules move",
		newHolidaysAdd(a), newHolidaysImport(a), newHolidaysList(a), newHolidaysRemove(a))
}

func newHolidaysAdd(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "add DATE NAME --as NAME",
		Short: "Write down one day on which no bank works",
		Args:  exactly(2, "DATE NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := payroll.ParseDate(args[0])
			if err != nil {
				return usageError{err}
			}
			return a.putHolidays(cmd, as, []payroll.Holiday{{Day: day, Name: strings.TrimSpace(args[1])}})
		},
	}
	asFlag(cmd, &as)
	return cmd
}

func newHolidaysImport(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "import FILE --as NAME",
		Short: "Write down many days, all or none",
		Long: "Write down many days, all or none: a file (- for standard input) of lines such as\n" +
			"2026-12-25 Christmas Day. Empty lines, and those that begin with #, count for nothing.",
		Args: exactly(1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			content, err := readLines(cmd.InOrStdin(), args[0])
			if err != nil {
				return err
			}
			days, err := payroll.ParseHolidays(string(content))
			if err != nil {
				return err
			}
			return a.putHolidays(cmd, as, days)
		},
	}
	asFlag(cmd, &as)
	return cmd
}

// longestList is far more than any list of holidays.
const longestList = 1 << 20

// readLines reads a file, or standard input for "-".
func readLines(stdin io.Reader, path string) ([]byte, error) {
	in := stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("read holidays: %w", err)
		}
		defer f.Close()
		in = f
	}
	content, err := io.ReadAll(io.LimitReader(in, longestList))
	if err != nil {
		return nil, fmt.Errorf("read holidays: %w", err)
	}
	return content, nil
}

func (a *app) putHolidays(cmd *cobra.Command, as string, days []payroll.Holiday) error {
	return a.acting(cmd.Context(), as, calendarRoles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
		added, err := store.PutHolidays(cmd.Context(), days, by)
		if err != nil {
			return err
		}
		if a.json {
			return printJSON(cmd.OutOrStdout(), map[string]int{"days": len(days), "added": added})
		}
		return printText(cmd.OutOrStdout(), fmt.Sprintf("%d holidays, %d of them new\n", len(days), added))
	})
}

func newHolidaysList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list [YEAR]",
		Short: "List the holidays of a year; this one if none is named",
		Args:  atMost(1, "[YEAR]"),
		RunE: func(cmd *cobra.Command, args []string) error {
			year := time.Now().Year()
			if len(args) == 1 {
				var err error
				if year, err = strconv.Atoi(args[0]); err != nil || year < 1 || year > 9999 {
					return usageError{fmt.Errorf("a year is written 2026")}
				}
			}
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				days, err := store.HolidaysOf(cmd.Context(), year)
				if err != nil {
					return err
				}
				return sayList(a, cmd.OutOrStdout(), days, []string{"DAY", "WEEKDAY", "NAME", "BY"}, func(h payroll.Holiday) []string {
					return []string{h.Day.String(), h.Day.Weekday().String(), escaped(h.Name, ""), string(h.By)}
				})
			})
		},
	}
}

func newHolidaysRemove(a *app) *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "remove DATE --as NAME",
		Short: "Make a day a working day again",
		Args:  exactly(1, "DATE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			day, err := payroll.ParseDate(args[0])
			if err != nil {
				return usageError{err}
			}
			return a.acting(cmd.Context(), as, calendarRoles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				if err := store.RemoveHoliday(cmd.Context(), day, by); err != nil {
					return err
				}
				if a.json {
					return printJSON(cmd.OutOrStdout(), map[string]string{"removed": day.String()})
				}
				return printText(cmd.OutOrStdout(), fmt.Sprintf("%s is a working day again\n", day))
			})
		},
	}
	asFlag(cmd, &as)
	return cmd
}
