package intake

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

const germanMapping = `
employee_id = "Personalnummer"
net = "Auszahlung"
gross = "Brutto"
deductions = "Abzüge"
ignore = ["Kostenstelle"]

[earning]
"Basic salary" = "Grundgehalt"

[ytd]
"Basic salary" = "Grundgehalt Jahr"

[reading]
decimal = "comma"
separator = "semicolon"
currency = "EUR"
`

func TestMapping(t *testing.T) {
	t.Parallel()
	m, err := ParseMapping([]byte(germanMapping))
	if err != nil {
		t.Fatal(err)
	}
	const file = "PERSONALNUMMER;Brutto;Abzüge;Auszahlung;Grundgehalt;Grundgehalt Jahr;Kostenstelle;Ort\n" +
		"E001;5.000,00;1.000;4.000;5.000;50.000,00;17;Wien\n"
	result := parse(NewFile("run.csv", []byte(file)), Options{Roster: testRoster(), Mapping: m})
	if result.Verdict() != payroll.VerdictAccept || result.Totals.Net != "4000.00" || result.Currency != "EUR" {
		t.Fatalf("%+v", result)
	}
	line := result.Slips[0].Lines[0]
	if line.Label != "Basic salary" || line.Amount.Minor != 500000 || line.YearToDate.Minor != 5000000 {
		t.Errorf("%+v", line)
	}
	unmapped := []string{}
	for _, f := range result.Findings {
		if f.Code == "unmapped_column" {
			unmapped = append(unmapped, f.Column)
		}
	}
	if diff := cmp.Diff([]string{"Ort"}, unmapped); diff != "" {
		t.Error(diff)
	}
}

// TestMappingAgainstFile holds a mapping and a file against each other.
func TestMappingAgainstFile(t *testing.T) {
	t.Parallel()
	m, err := ParseMapping([]byte("employee_id = \"Nr\"\nnet = \"Netto\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file string
		want []string
	}{
		{"nr,NETTO\nE001,1.00\n", nil},
		{"nr,net\nE001,1.00\n", []string{"error:mapped_header_missing@1:Netto", "error:doubled_header@1:net"}},
		{"nr,netto,net\nE001,1.00,2.00\n", []string{"error:doubled_header@1:net"}},
		{"nr,netto,netto\nE001,1.00,2.00\n", []string{"error:doubled_header@1:netto"}},
	} {
		result := parse(NewFile("run.csv", []byte(test.file)), Options{Roster: testRoster(), Mapping: m})
		if diff := cmp.Diff(append([]string{}, test.want...), codes(result.Findings)); diff != "" {
			t.Errorf("%q: %s", test.file, diff)
		}
	}
}

func TestParseMappingRefusals(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		"net", "salary = \"x\"", "net = 1", "net = \"\"", "net = \"a\\u0007\"", "net = \"x\"\ngross = \" X \"", "net = \"x\"\nnet = \"y\"",
		"[bonus]\nx = \"y\"", "[earning]\nx = 1", "[earning]\n\"\" = \"x\"", "ignore = [1]", "gross = [\"x\"]", "[reading]\ncolour = \"x\"",
		"[reading]\ndecimal = \"dot\"", "[reading]\ncurrency = \"EURO\"", "[reading]\nsheet = 1", "[[earning]]\nx = \"y\"",
		"[earning]\nBasic = \"x\"\n[earning.more]\na = \"b\"", strings.Repeat("#", maxMappingBytes+1),
	} {
		if _, err := ParseMapping([]byte(content)); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%.40q: %v", content, err)
		}
	}
	if _, err := ParseEmployeeMapping([]byte("number = \"Nr\"\nname = \"Name\"\n")); err != nil {
		t.Error(err)
	}
	if _, err := ParseEmployeeMapping([]byte("net = \"Netto\"\n")); err == nil {
		t.Error("net is no column of employees")
	}
}

func FuzzMapping(f *testing.F) {
	f.Add(germanMapping)
	f.Add("[reading]\ndecimal = \"point\"\n")
	f.Add("ignore = []\n\"earning:A\" = \"b\"\n")
	f.Fuzz(func(t *testing.T, content string) {
		m, err := ParseMapping([]byte(content))
		if err != nil {
			return
		}
		for canonical, header := range m.Columns {
			if again, known := runColumn(canonical); !known || again != canonical || strings.TrimSpace(header) == "" {
				t.Errorf("%q = %q", canonical, header)
			}
		}
	})
}
