package intake

import (
	"slices"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestAmountsAtTheEdge: what no int64 holds is a finding, in every place where
// amounts are added up or taken from each other; what it holds is right to the
// minor unit, whatever the currency's decimals.
func TestAmountsAtTheEdge(t *testing.T) {
	t.Parallel()
	const most = "9007199254740991" // as much as a spreadsheet keeps exactly
	for name, c := range map[string]struct {
		currency payroll.Currency
		rows     string
		codes    string // of the errors
	}{
		"the most yen":             {"JPY", "Nr,net\nE001," + most + "\n", ""},
		"one yen more":             {"JPY", "Nr,net\nE001,9007199254740993\n", "too_large"},
		"half a yen":               {"JPY", "Nr,net\nE001,1.5\n", "too_many_decimals"},
		"the most dinar":           {"KWD", "Nr,net\nE001,9007199254740.991\n", ""},
		"a dinar's fourth decimal": {"KWD", "Nr,net\nE001,1.2345\n", "too_many_decimals"},
		"the least euro":           {"EUR", "Nr,net\nE001,-90071992547409.91\n", ""},
		"less than that":           {"EUR", "Nr,net\nE001,-90071992547409.93\n", "too_large"},
		"a column's sum":           {"JPY", "Nr,net\n" + strings.Repeat("E001,"+most+"\n", 1025), "too_large"},
		"less deductions":          {"JPY", "Nr,gross,deductions,net\nE001,-" + most + "," + most + ",0\n", "net_differs"},
		"earnings":                 {"JPY", "Nr,gross,a,b,c,net\nE001,1," + most + "," + most + ",3,1\n", "earnings_differ"},
	} {
		mapping := map[string]string{"employee_id": "Nr", "earning:A": "a", "earning:B": "b", "earning:C": "c"}
		for canonical, header := range mapping {
			if head, _, _ := strings.Cut(c.rows, "\n"); !slices.Contains(strings.Split(head, ","), header) {
				delete(mapping, canonical)
			}
		}
		looked := lookAt(t, c.rows, Options{Roster: testRoster(), Currency: c.currency, AllowNegative: true, Mapping: Mapping{Columns: mapping}})
		var codes []string
		for _, f := range looked.Findings {
			if f.Severity == payroll.SeverityError && f.Code != "duplicate_employee" && !slices.Contains(codes, f.Code) {
				codes = append(codes, f.Code)
			}
		}
		if got := strings.Join(codes, " "); got != c.codes {
			t.Errorf("%s: %q, want %q", name, got, c.codes)
		}
	}
	if got := fixedDifference(9223372036854775807, -9223372036854775808, 2); got != "184467440737095516.15" {
		t.Errorf("the largest difference is %s", got)
	}
	if got := fixedDifference(-9223372036854775808, 9223372036854775807, 3); got != "-18446744073709551.615" {
		t.Errorf("the least difference is %s", got)
	}
}
