package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func newReadiness(a *app) *cobra.Command {
	var payDate string
	var strict bool
	cmd := &cobra.Command{
		Use:   "readiness [--pay-date DATE] [--strict]",
		Short: "Say who could get a slip on a pay date, who could not and why",
		Long: "readiness judges every employee's certificate as it will stand on the next pay date,\n" +
			"or on the given one: whether it has climbed as far as policy asks, whether it is fit\n" +
			"then, and whether it reaches the pay date after that. Nothing is sent.",
		Args: exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			var asked payroll.Date
			if payDate != "" {
				var err error
				if asked, err = payroll.ParseDate(payDate); err != nil {
					return usageError{err}
				}
			}
			return a.withStore(cmd.Context(), func(store *postgres.Store, c config.Config) error {
				outlook, err := outlookOf(cmd, store, c, asked)
				if err != nil {
					return err
				}
				if err := a.sayOutlook(cmd.OutOrStdout(), outlook); err != nil {
					return err
				}
				if counts := outlook.Counts(); strict && counts.Ready < counts.Employees {
					return errNo
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&payDate, "pay-date", "", "the pay date to judge for, such as 2026-12-18 (default: the next one of a run or a schedule)")
	cmd.Flags().BoolVar(&strict, "strict", false, "exit 1 if somebody is not ready")
	return cmd
}

func outlookOf(cmd *cobra.Command, store *postgres.Store, c config.Config, asked payroll.Date) (payroll.Outlook, error) {
	var certifiers []keystore.Certificate
	if payroll.Step(c.Policy.RequiredStep) == payroll.StepCertified {
		var err error
		if certifiers, err = companyOf(c); err != nil {
			return payroll.Outlook{}, err
		}
	}
	forecast, err := newForecast(c, store, certifiers)
	if err != nil {
		return payroll.Outlook{}, err
	}
	return forecast.Outlook(cmd.Context(), asked)
}

// newForecast judges as a worker with this configuration will.
func newForecast(c config.Config, store *postgres.Store, certifiers []keystore.Certificate) (*dispatch.Forecast, error) {
	freeze, err := freezeOf(c)
	if err != nil {
		return nil, err
	}
	return &dispatch.Forecast{
		Roster: store, Certifiers: certifiers, Required: payroll.Step(c.Policy.RequiredStep), Freeze: freeze, Zone: freeze.Zone,
	}, nil
}

// outlookText is a forecast as --json prints it.
type outlookText struct {
	payroll.DigestCounts
	People []payroll.Readiness `json:"people"` // who is not ready, and whose certificate ends before the next two pay dates
}

func (a *app) sayOutlook(w io.Writer, o payroll.Outlook) error {
	text := outlookText{DigestCounts: o.Counts(), People: []payroll.Readiness{}}
	for _, r := range o.People {
		if !r.Ready || len(r.EndsBefore) > 0 {
			text.People = append(text.People, r)
		}
	}
	if a.json {
		return printJSON(w, text)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Pay date %s: %d of %d employees are ready.", text.PayDate, text.Ready, text.Employees)
	if text.OnPaper > 0 {
		fmt.Fprintf(&b, " On paper: %d.", text.OnPaper)
	}
	b.WriteByte('\n')
	if isTerminal(w) {
		fmt.Fprintln(&b, readyBar(text.Ready, text.Employees))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return sayPeople(w, text)
}

// readyBar shows a part of a whole, full only if it is the whole.
func readyBar(ready, all int) string {
	const width = 40
	filled := width * ready / max(all, 1)
	return strings.Repeat("█", filled) + strings.Repeat("░", width-filled) + fmt.Sprintf(" %d%%", 100*ready/max(all, 1))
}

// sayPeople prints what is lacking, the most frequent first, then who lacks it,
// then who is ready for now but not for long.
func sayPeople(w io.Writer, text outlookText) error {
	if len(text.Lacks) > 0 {
		fmt.Fprintln(w)
		rows := make([][]string, len(text.Lacks))
		for i, l := range text.Lacks {
			rows[i] = []string{fmt.Sprint(l.People), string(l.Lack), l.Lack.Advice()}
		}
		if err := printTable(w, []string{"PEOPLE", "LACKING", "WHAT TO DO"}, rows); err != nil {
			return err
		}
	}
	var lacking, ending [][]string
	for _, r := range text.People {
		if !r.Ready {
			lacking = append(lacking, []string{string(r.Number), escaped(r.Name, ""), string(r.Lack), moment(r.Ends)})
		} else {
			ending = append(ending, []string{string(r.Number), escaped(r.Name, ""), moment(r.Ends), joinDates(r.EndsBefore)})
		}
	}
	if len(lacking) > 0 {
		fmt.Fprintln(w, "\nNot ready:")
		if err := printTable(w, []string{"EMPLOYEE", "NAME", "LACKING", "ENDS"}, lacking); err != nil {
			return err
		}
	}
	if len(ending) == 0 {
		return nil
	}
	fmt.Fprintln(w, "\nReady, but their certificate ends too soon:")
	return printTable(w, []string{"EMPLOYEE", "NAME", "ENDS", "BEFORE THE PAY DATE"}, ending)
}

func joinDates(dates []payroll.Date) string {
	texts := make([]string, len(dates))
	for i, d := range dates {
		texts[i] = d.String()
	}
	return strings.Join(texts, ", ")
}
