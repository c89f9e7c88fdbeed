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

// charts are drawings of nothing, of one, of something and of huge numbers, with
// the texts that w gives.
func charts(w words) map[string]template.HTML {
	name := w("name")
	october := payroll.Period{Year: 2026, Month: time.October}
	return map[string]template.HTML{
		"stack-thin":      stackBar(Stack{Title: name, Unit: name, Shares: []Share{{name, 1, name, name}}, Thin: true}),
		"stack":           stackBar(Stack{Title: name, Unit: name, Shares: []Share{{name, 1, name, name}, {name, 2, "f-good", ""}}}),
		"run":             runBar(name, map[payroll.SlipState]int{payroll.SlipAccepted: 3, payroll.SlipHeld: 1, payroll.SlipQueued: 0}, false),
		"run-none":        runBar(name, nil, true),
		"pairs":           pairedBars(name, name, []Pair{{name, name, name, 50, 100, name, true}, {name, name, name, -50, 25, "", false}, {name, name, name, -2, -1, "", false}}),
		"pairs-huge":      pairedBars(name, name, []Pair{{name, name, name, math.MinInt64, math.MaxInt64, name, false}, {name, name, name, 0, 0, "", false}}),
		"pairs-none":      pairedBars(name, name, nil),
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
				hidden := strings.Contains(svg[2], `aria-hidden="true"`)
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
	html := string(stackBar(Stack{Unit: "people", Shares: []Share{{"ready", 95640, "f-good", ""}, {"waiting", 12, "f-warn", ""}, {"expiring", 840, "f-soon", ""}, {"none", 1201, "f-bad", ""}, {"other", 310, "f-plain", ""}, {"on paper", 210, "f-mute", ""}}}))
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
