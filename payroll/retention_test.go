package payroll

import (
	"strings"
	"testing"
)

func TestRetentionTableMonths(t *testing.T) {
	t.Parallel()
	table := RetentionTable{{Country: "AT", Months: 84}, {Country: "DE", Months: 72}}
	open := append(RetentionTable{{Months: 120}}, table...)
	for _, c := range []struct {
		table     RetentionTable
		countries string
		want      int
	}{
		{nil, "AT", 0}, {table, "AT", 84}, {table, "at", 84}, {table, "AT DE", 84}, {table, "AT FR", 0}, {table, "", 0}, {open, "AT FR", 120}, {open, "DE", 72},
	} {
		countries := strings.Fields(c.countries)
		if c.countries == "" {
			countries = []string{""}
		}
		if months, found := c.table.Months(countries); months != c.want || found != (c.want > 0) {
			t.Errorf("%v of %q: %d, %v", c.table, c.countries, months, found)
		}
	}
	if months, found := open.Months(nil); found {
		t.Errorf("nobody is kept for %d months", months)
	}
	if table.Shortest() != 72 || (RetentionTable{}).Shortest() != 0 {
		t.Error("the shortest is wrong")
	}
}

func TestAddMonths(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{"2024-01-31 1": "2024-02-29", "2023-01-31 1": "2023-02-28", "2024-02-29 12": "2025-02-28", "2026-11-30 -9": "2026-02-28", "2026-12-31 2": "2027-02-28", "2026-05-15 120": "2036-05-15"} {
		text, number, _ := strings.Cut(from, " ")
		n := map[string]int{"1": 1, "12": 12, "-9": -9, "2": 2, "120": 120}[number]
		if got := day(t, text).AddMonths(n); got.String() != want {
			t.Errorf("%s months: %s, want %s", from, got, want)
		}
	}
}
