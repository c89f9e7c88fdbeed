package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// rosterImport is the answer of employees import and employees sync, as --json
// prints it.
type rosterImport struct {
	File     string            `json:"file"`
	Verdict  payroll.Verdict   `json:"verdict"`
	DryRun   bool              `json:"dry_run"`
	Findings []payroll.Finding `json:"findings"`
	*payroll.RosterChange
}

func newEmployeesImport(a *app) *cobra.Command {
	var as, mapping string
	var reading intake.Reading
	var dry bool
	cmd := &cobra.Command{
		Use:   "import FILE [--map FILE] [--dry-run] --as NAME",
		Short: "Bring a CSV or XLSX file into the roster, all of it or nothing",
		Long: "Bring a file into the roster, by exact employee number: new numbers are added,\n" +
			"known ones updated, and who is not in the file is left as they are and counted.\n" +
			"One error anywhere and nothing is stored (exit 1).",
		Args: exactly(1, "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := reading.Check(); err != nil {
				return usageError{err}
			}
			o := intake.EmployeeOptions{Reading: reading}
			var err error
			if o.Mapping, err = readMapping(mapping, intake.ParseEmployeeMapping); err != nil {
				return err
			}
			return a.acting(cmd.Context(), as, rosterRoles, func(store *postgres.Store, _ config.Config, by payroll.AdminName) error {
				imported, err := importRoster(cmd.Context(), store, args[0], o, by, dry)
				if err != nil {
					return err
				}
				return a.sayImport(cmd.OutOrStdout(), imported)
			})
		},
	}
	cmd.Flags().StringVar(&mapping, "map", "", "mapping file (TOML): which header stands for which column")
	cmd.Flags().StringVar(&reading.Encoding, "encoding", "", "utf-8 or windows-1252, where the file is not UTF-8 or UTF-16")
	cmd.Flags().StringVar(&reading.Separator, "separator", "", "comma, semicolon or tab, where the header does not show it")
	cmd.Flags().StringVar(&reading.Sheet, "sheet", "", "name of the worksheet, where several have data")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "say what would happen and store nothing")
	asFlag(cmd, &as)
	return cmd
}

// rosterRoles are those who may change the roster.
var rosterRoles = []payroll.Role{payroll.RoleMaker, payroll.RoleOperator}

// importRoster brings one file into the roster.
func importRoster(ctx context.Context, store *postgres.Store, path string, o intake.EmployeeOptions, by payroll.AdminName, dry bool) (rosterImport, error) {
	file, closeFile, err := openIntakeFile(path)
	if err != nil {
		return rosterImport{}, err
	}
	defer closeFile()
	imported, err := putRoster(ctx, store, intake.ParseEmployees(file, o), "file", by, dry)
	imported.File = path
	return imported, err
}

// putRoster stores what was read, if nothing in it is refused.
func putRoster(ctx context.Context, store *postgres.Store, result intake.EmployeeResult, source string, by payroll.AdminName, dry bool) (rosterImport, error) {
	imported := rosterImport{Verdict: result.Verdict(), DryRun: dry, Findings: result.Findings}
	if imported.Verdict != payroll.VerdictAccept {
		return imported, nil
	}
	change, err := store.PutEmployees(ctx, result.Employees, source, by, dry, result.Lacks...)
	imported.RosterChange = &change
	return imported, err
}

// sayImport prints what was found and what was done; anything but accept makes
// the answer no.
func (a *app) sayImport(w io.Writer, i rosterImport) error {
	var err error
	if a.json {
		err = printJSON(w, i)
	} else if err = printFindings(w, i.File, i.Findings); err == nil {
		_, err = io.WriteString(w, i.text())
	}
	if err == nil && i.Verdict != payroll.VerdictAccept {
		return errNo
	}
	return err
}

func (i rosterImport) text() string {
	var b strings.Builder
	if i.RosterChange == nil {
		fmt.Fprintf(&b, "%s: %s; nothing was stored\n", i.File, i.Verdict)
		return b.String()
	}
	done := "stored"
	if i.DryRun {
		done = "dry run, nothing was stored"
	}
	fmt.Fprintf(&b, "%s: %s; %d added, %d changed (%d with a new address), %d unchanged\n",
		i.File, done, len(i.Added), len(i.Changed), len(i.AddressChanged), i.Unchanged)
	if len(i.AddressChanged) > 0 {
		fmt.Fprintf(&b, "  new address: %s\n", firstNumbers(i.AddressChanged, 20))
	}
	if len(i.AddressKept) > 0 {
		fmt.Fprintf(&b, "  %d changed their address themselves, and the file has the one before; theirs was kept: %s\n",
			len(i.AddressKept), firstNumbers(i.AddressKept, 20))
	}
	if len(i.Absent) > 0 {
		fmt.Fprintf(&b, "  %d in the roster are not in it and were left as they are: %s\n", len(i.Absent), firstNumbers(i.Absent, 20))
	}
	return b.String()
}

// firstNumbers writes up to n employee numbers and says how many more there are.
func firstNumbers(numbers []payroll.EmployeeNumber, n int) string {
	texts := make([]string, 0, n+1)
	for i, number := range numbers {
		if i == n {
			texts = append(texts, fmt.Sprintf("and %d more", len(numbers)-n))
			break
		}
		texts = append(texts, string(number))
	}
	return strings.Join(texts, ", ")
}
