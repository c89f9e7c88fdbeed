package payroll

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRemarks(t *testing.T) {
	t.Parallel()
	before := []Figure{{Employee: "1", Net: 100_00}, {Employee: "2", Net: 200_00}, {Employee: "3", Net: 300_00}, {Employee: "4", Net: 400_00}, {Employee: "5", Net: 500_00}}
	now := []Figure{{Employee: "1", Net: 119_99}, {Employee: "2", Net: 240_01}, {Employee: "4", Net: -400_00}, {Employee: "5", Net: 500_00}, {Employee: "6", Net: 1}}
	var got []string
	for _, r := range Remarks(before, now, 20, map[EmployeeNumber]bool{"5": true}) {
		got = append(got, string(r.Kind)+" "+string(r.Employee))
	}
	want := []string{"variance 4", "variance 2", "joiner 6", "missing 3", "leaver 5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("remarks (-want +got):\n%s", diff)
	}
	if first := Remarks(nil, now, 20, nil); len(first) != 0 {
		t.Errorf("a first run has nothing to be compared with, and %d remarks", len(first))
	}
	if left := Remarks(before, nil, 20, map[EmployeeNumber]bool{"3": true}); len(left) != 4 {
		t.Errorf("of five who are not paid any more one has left, and %d are missing", len(left))
	}
}

func TestChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ before, now, want int64 }{
		{100, 100, 0}, {100, 120, 200}, {100, 80, 200}, {-100, -150, 500}, {0, 1, maxWeight}, {1, -1, maxWeight},
		{1, math.MaxInt64, maxWeight}, {math.MaxInt64, 1, 1000}, {math.MinInt64, -1, 1000}, {-1, math.MinInt64, maxWeight},
		{math.MaxInt64, math.MaxInt64 - 1, 1}, {0, 0, 0},
	} {
		if got := change(c.before, c.now); got != c.want {
			t.Errorf("change(%d, %d) = %d, want %d", c.before, c.now, got, c.want)
		}
	}
}
