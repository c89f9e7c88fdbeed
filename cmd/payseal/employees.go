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

func newEmployees(a *app) *cobra.Command {
	return group("employees", "The roster: who gets slips, and where",
		newEmployeesImport(a), newEmployeesSync(a), newEmployeesList(a), newEmployeesShow(a), newEmployeesTwins(a),
		newEmployeesInvite(a), newEmployeesProfile(a), newEmployeesFileAddress(a), newEmployeesReports(a), newEmployeesSettleReport(a))
}

// employeeLine is one employee with the certificate that counts, as --json
// prints it.
type employeeLine struct {
	payroll.Employee
	Fingerprint payroll.Fingerprint         `json:"fingerprint,omitempty"`
	Step        payroll.Step                `json:"step,omitempty"`
	Standing    payroll.CertificateStanding `json:"standing,omitempty"`
}

func newEmployeesList(a *app) *cobra.Command {
	var without bool
	cmd := &cobra.Command{
		Use:   "list [--without-certificate]",
		Short: "List the roster with each employee's certificate",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				lines, err := employeeLines(cmd, store)
				if err != nil {
					return err
				}
				if without {
					lines = withoutCurrent(lines)
				}
				return a.sayEmployees(cmd.OutOrStdout(), lines)
			})
		},
	}
	cmd.Flags().BoolVar(&without, "without-certificate", false, "only those who have no current certificate")
	return cmd
}

func employeeLines(cmd *cobra.Command, store *postgres.Store) ([]employeeLine, error) {
	employees, err := store.Employees(cmd.Context())
	if err != nil {
		return nil, err
	}
	certificates, err := store.Certificates(cmd.Context())
	if err != nil {
		return nil, err
	}
	counts := make(map[payroll.EmployeeNumber]payroll.StoredCertificate)
	for _, c := range certificates {
		_, known := counts[c.Employee]
		if c.Standing == payroll.CertificateCurrent || c.Standing == payroll.CertificateCandidate && !known {
			counts[c.Employee] = c
		}
	}
	lines := make([]employeeLine, len(employees))
	for i, e := range employees {
		c := counts[e.Number]
		lines[i] = employeeLine{Employee: e, Fingerprint: c.Fingerprint, Step: c.Step, Standing: c.Standing}
	}
	return lines, nil
}

func withoutCurrent(lines []employeeLine) []employeeLine {
	kept := []employeeLine{}
	for _, l := range lines {
		if l.Standing != payroll.CertificateCurrent {
			kept = append(kept, l)
		}
	}
	return kept
}

func (a *app) sayEmployees(w io.Writer, lines []employeeLine) error {
	return sayList(a, w, lines, []string{"NUMBER", "NAME", "EMAIL", "CERTIFICATE", "FINGERPRINT"}, func(l employeeLine) []string {
		return []string{string(l.Number), l.Name, string(l.Email), dash(string(l.Step)), dash(shortOf(l.Fingerprint))}
	})
}

// shortOf is the end of a fingerprint: enough to recognise one in a list, not to
// verify one.
func shortOf(f payroll.Fingerprint) string {
	if len(f) < 16 {
		return string(f)
	}
	return "…" + string(f[len(f)-16:])
}

func newEmployeesShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show NUMBER",
		Short: "Show one employee",
		Args:  exactly(1, "NUMBER"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				return a.showEmployee(cmd, store, payroll.EmployeeNumber(args[0]))
			})
		},
	}
}

// employeeDetails are one employee with their mail profile, as --json prints
// them.
type employeeDetails struct {
	employeeLine
	Profile payroll.MailProfile `json:"profile"`
	Seen    payroll.Seen        `json:"seen"` // what they said of the last test slip; "" if nothing
}

func (a *app) showEmployee(cmd *cobra.Command, store *postgres.Store, number payroll.EmployeeNumber) error {
	e, err := store.Employee(cmd.Context(), number)
	if err != nil {
		return err
	}
	certificates, err := store.CurrentCertificates(cmd.Context(), []payroll.EmployeeNumber{number})
	if err != nil {
		return err
	}
	enrolee, err := store.Enrolee(cmd.Context(), number)
	if err != nil {
		return err
	}
	c := certificates[number]
	details := employeeDetails{
		employeeLine: employeeLine{Employee: e, Fingerprint: c.Fingerprint, Step: c.Step, Standing: c.Standing},
		Profile:      enrolee.Profile, Seen: enrolee.Seen,
	}
	if a.json {
		return printJSON(cmd.OutOrStdout(), details)
	}
	return sayEmployee(cmd.OutOrStdout(), details)
}

func sayEmployee(w io.Writer, l employeeDetails) error {
	paper := "no"
	if l.OnPaper {
		paper = "yes, " + dash(l.PaperReason)
	}
	var b strings.Builder
	for _, field := range [][2]string{
		{"number", string(l.Number)}, {"name", l.Name}, {"email", string(l.Email)}, {"phone", l.Phone},
		{"language", l.Language}, {"department", l.Department}, {"designation", l.Designation},
		{"joined", l.Joined.String()}, {"left", l.Left.String()}, {"country", l.Country},
		{"bank account", l.BankAccount}, {"on paper", paper},
		{"certificate", l.Fingerprint.Grouped()}, {"standing", string(l.Standing)}, {"step", string(l.Step)},
		{"structure", l.Profile.Structure}, {"presentation", l.Profile.Presentation}, {"test slip", string(l.Seen)},
	} {
		fmt.Fprintf(&b, "%-13s %s\n", field[0], dash(field[1]))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func newEmployeesTwins(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "twins",
		Short: "List pairs of employees who are easily taken for each other",
		Args:  exactly(0, "no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(cmd.Context(), func(store *postgres.Store, _ config.Config) error {
				twins, err := store.RosterTwins(cmd.Context())
				if err != nil {
					return err
				}
				return sayList(a, cmd.OutOrStdout(), twins, []string{"FIRST", "SECOND", "WHY"}, func(t payroll.Twin) []string {
					return []string{string(t.First), string(t.Second), string(t.Kind)}
				})
			})
		},
	}
}
