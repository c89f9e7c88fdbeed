package payroll_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

var update = flag.Bool("update", false, "write docs/payslip-fields.md anew")

// TestProfilesAreWrittenDown holds docs/payslip-fields.md to the table.
func TestProfilesAreWrittenDown(t *testing.T) {
	t.Parallel()
	const path = "../docs/payslip-fields.md"
	got := profilesText()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/payslip-fields.md (-want +got); if it is meant, run go test ./payroll -update:\n%s", diff)
	}
}

func profilesText() string {
	var b strings.Builder
	b.WriteString(`# Fields of a payslip, by country

What the law of a country, or custom there, wants on a slip beyond the figures. The country is the employee's in the roster
(` + "`country`: `GB`, or with a part of it `US-CA`" + `); the value comes with the payroll file, in a column named
` + "`field:`" + ` and the field's name. What is the employer's stands in the configuration, below ` + "`[company.fields]`" + `. A slip
that lacks something required is a finding (` + "`missing_required`, `employer_lacks`" + `), to be looked at before the run is submitted;
whether a law applies to somebody is for a person to say. Every field may be given for everybody.
`)
	for i := range payroll.Profiles {
		p := &payroll.Profiles[i]
		name := p.Country
		if name == "" {
			name = "Everywhere"
		}
		fmt.Fprintf(&b, "\n## %s\n\n%s.", name, strings.ToUpper(p.Law[:1])+p.Law[1:])
		if len(p.Needs) > 0 {
			b.WriteString(" Required besides:")
			for j, need := range p.Needs {
				if j > 0 {
					b.WriteString(",")
				}
				b.WriteString(" " + strings.ReplaceAll(string(need), "_", " "))
			}
			b.WriteString(".")
		}
		if len(p.Forbidden) > 0 {
			b.WriteString(" No component may be named after: " + strings.Join(p.Forbidden, ", ") + ".")
		}
		b.WriteString("\n\n| field | label | value | stands in | |\n|---|---|---|---|---|\n")
		for _, f := range p.Fields {
			required := ""
			if f.Required {
				required = "required"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", f.ID, f.Label("en"), f.Kind, f.Section, required)
		}
	}
	return b.String()
}
