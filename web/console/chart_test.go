package console

import (
	"fmt"
	"html/template"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func TestLengths(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ counts, want []int }{
		"nothing at all":    {nil, []int{}},
		"all nothing":       {[]int{0, 0}, []int{0, 0}},
		"one":               {[]int{7}, []int{whole}},
		"halves":            {[]int{5, 5}, []int{5000, 5000}},
		"thirds":            {[]int{1, 1, 1}, []int{3334, 3333, 3333}},
		"one of very many":  {[]int{99999, 0, 1}, []int{whole - least, 0, least}},
		"negative":          {[]int{-5, 5}, []int{0, whole}},
		"huge":              {[]int{math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt}, []int{2500, 2500, 2500, 2500}},
		"huge and very few": {[]int{1, math.MaxInt, math.MinInt}, []int{least, whole - least, 0}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, lengths(test.counts)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzLengths: whatever is counted, the parts fill the bar, none is negative, and
// none that is something is nothing.
func FuzzLengths(f *testing.F) {
	f.Add(0, 1, 2, 3)
	f.Add(math.MaxInt, 1, 1, math.MinInt)
	f.Add(98213, 12, 840, 1)
	f.Fuzz(func(t *testing.T, a, b, c, d int) {
		counts := []int{a, b, c, d}
		sum, something := 0, false
		for i, length := range lengths(counts) {
			if length < 0 || (counts[i] > 0) != (length > 0) {
				t.Errorf("%v: part %d is %d long", counts, i, length)
			}
			sum += length
			something = something || counts[i] > 0
		}
		if something && sum != whole || !something && sum != 0 {
			t.Errorf("%v: the parts add up to %d", counts, sum)
		}
	})
}

func TestScaled(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		value, of uint64
		want      int
	}{
		{0, 0, 0}, {5, 0, 0}, {0, 5, 0}, {5, 5, whole}, {1, 3, 3333}, {9, 5, whole},
		{math.MaxUint64, math.MaxUint64, whole}, {math.MaxUint64 / 2, math.MaxUint64, 4999},
		{magnitude(math.MinInt64), magnitude(math.MinInt64), whole},
	} {
		if got := scaled(test.value, test.of, whole); got != test.want {
			t.Errorf("scaled(%d, %d) is %d, want %d", test.value, test.of, got, test.want)
		}
	}
}

func TestStripPlace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ perMille, want int }{
		{0, 0}, {1, 1}, {-1, -1}, {10, 2}, {250, 10}, {-250, -10}, {1000, 20}, {-1000, -20}, {math.MaxInt, 20}, {math.MinInt, -20},
	} {
		if got := stripPlace(test.perMille, stripSide); got != test.want {
			t.Errorf("a change of %d stands at %d, want %d", test.perMille, got, test.want)
		}
	}
	for n := range 2000 {
		if r := root(n); r*r > n || (r+1)*(r+1) <= n {
			t.Fatalf("root(%d) is %d", n, r)
		}
	}
}

// charts are drawings of nothing, of one, of something and of huge numbers, with
// the texts that w gives.
func charts(w words) map[string]template.HTML {
	name := w("name")
	october := payroll.Period{Year: 2026, Month: time.October}
	return map[string]template.HTML{
		"readiness":       readinessBar(Forecast{PayDate: name, Ready: 90, Calls: 4, Expiring: 3, Missing: 2, OnPaper: 1, PeopleLinks: true}),
		"readiness-none":  readinessBar(Forecast{PayDate: name}),
		"readiness-huge":  readinessBar(Forecast{PayDate: name, Ready: math.MaxInt, Calls: math.MaxInt, Missing: 1}),
		"stack-thin":      stackBar(Stack{Title: name, Unit: name, Shares: []Share{{name, 1, name, name}}, Thin: true}),
		"stack":           stackBar(Stack{Title: name, Unit: name, Shares: []Share{{name, 1, name, name}, {name, 2, "f-good", ""}}}),
		"run":             runBar(name, map[payroll.SlipState]int{payroll.SlipAccepted: 3, payroll.SlipHeld: 1, payroll.SlipQueued: 0}, false),
		"run-none":        runBar(name, nil, true),
		"pairs":           pairedBars(name, name, []Pair{{name, name, name, 50, 100, name, true}, {name, name, name, -50, 25, "", false}, {name, name, name, -2, -1, "", false}}),
		"pairs-huge":      pairedBars(name, name, []Pair{{name, name, name, math.MinInt64, math.MaxInt64, name, false}, {name, name, name, 0, 0, "", false}}),
		"pairs-none":      pairedBars(name, name, nil),
		"strip":           varianceStrip(Strip{Title: name, Dots: []Dot{{0}, {10}, {-10}, {150}, {151}, {5000}}, Threshold: 150}),
		"strip-none":      varianceStrip(Strip{Title: name}),
		"strip-many":      varianceStrip(Strip{Title: name, Dots: make([]Dot, 100_000), Threshold: 2000}),
		"spark":           sparkline(Spark{name, []int64{0, 5, 10, -3, 10}, name}),
		"spark-one":       sparkline(Spark{name, []int64{7}, name}),
		"spark-none":      sparkline(Spark{Title: name}),
		"spark-huge":      sparkline(Spark{name, []int64{math.MaxInt64, math.MinInt64, math.MaxInt64 / 2}, name}),
		"calendar":        calendarStrip(name, []PayDay{{october, payroll.Date{Year: 2026, Month: 10, Day: 30}, "sent", name, name}, {october.Next(), payroll.Date{Year: 2026, Month: 12, Day: 1}, name, "", ""}}),
		"calendar-no-day": calendarStrip(name, nil),
	}
}

func TestChartsGolden(t *testing.T) {
	t.Parallel()
	for name, chart := range charts(func(s string) string { return s }) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join("testdata", "charts", name+".html")
			lines := strings.ReplaceAll(string(chart), "><", ">\n<") + "\n"
			if *update {
				if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), lines); diff != "" {
				t.Error(diff)
			}
		})
	}
}

var (
	svgElement = regexp.MustCompile(`(?s)<svg class="([a-z-]+)"([^>]*)>(.*?)</svg>`)
	barLength  = regexp.MustCompile(` width="([0-9]+)\.([0-9]{2})%"`)
	barPlace   = regexp.MustCompile(` c?x1?="([0-9.]+)%"`)
)

// TestChartsSayWhatTheyShow: no text becomes markup, nothing needs an inline
// style, every drawing that is not for the eye alone has a title and a
// description, and nothing is drawn outside.
func TestChartsSayWhatTheyShow(t *testing.T) {
	t.Parallel()
	for name, chart := range charts(func(string) string { return hostile }) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			html := string(chart)
			for _, bad := range []string{"<script", "<img", "style=", "%!", "NaN"} {
				if strings.Contains(html, bad) {
					t.Errorf("it has %s", bad)
				}
			}
			for _, svg := range svgElement.FindAllStringSubmatch(html, -1) {
				hidden := strings.Contains(svg[2], `aria-hidden="true"`) || svg[1] == "mark"
				if !hidden && (!strings.Contains(svg[2], `role="img"`) || !strings.HasPrefix(svg[3], "<title>") || !strings.Contains(svg[3], "</title><desc>")) {
					t.Errorf("the drawing %s does not say what it shows", svg[1])
				}
			}
			for _, match := range append(barLength.FindAllStringSubmatch(html, -1), barPlace.FindAllStringSubmatch(html, -1)...) {
				if percent, err := strconv.ParseFloat(strings.Join(match[1:], "."), 64); err != nil || percent < 0 || percent > 100 {
					t.Errorf("something is drawn at %s", match[0])
				}
			}
		})
	}
}

// TestStackFillsTheBar: the drawn parts follow each other without a gap and end
// at the end.
func TestStackFillsTheBar(t *testing.T) {
	t.Parallel()
	drawn := regexp.MustCompile(`x="([0-9]+)\.([0-9]{2})%" y="0" width="([0-9]+)\.([0-9]{2})%"`)
	html := string(readinessBar(Forecast{Ready: 95640, Calls: 12, Expiring: 840, Missing: 1201, Other: 310, OnPaper: 210}))
	at := 0
	for _, match := range drawn.FindAllStringSubmatch(html, -1) {
		var x, width int
		if _, err := fmt.Sscan(match[1]+match[2]+" "+match[3]+match[4], &x, &width); err != nil || x != at {
			t.Errorf("a part begins at %d, want %d: %v", x, at, err)
		}
		at += width
	}
	if at != whole {
		t.Errorf("the bar ends at %d", at)
	}
}

// TestStripCountsEverybody: whatever the scale, nobody is left out of the words,
// and one at the threshold is not beyond it.
func TestStripCountsEverybody(t *testing.T) {
	t.Parallel()
	s := Strip{Dots: []Dot{{150}, {-150}, {151}, {-151}, {0}}, Threshold: 150}
	columns, beyond := s.columns()
	all := 0
	for _, c := range columns {
		all += c.within + c.beyond
	}
	if all != 5 || beyond != 2 {
		t.Errorf("%d are drawn, %d beyond", all, beyond)
	}
	if got, want := s.words(beyond), "5 people compared with last month; 2 moved by more than 15.0%."; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
}
