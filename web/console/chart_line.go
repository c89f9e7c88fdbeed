package console

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// Dot is one person of a Strip.
type Dot struct {
	PerMille int // the change of their net against last month, in thousandths: 25 is 2.5%
}

// Strip is how far everybody's amount moved against last month.
type Strip struct {
	Title     string
	Dots      []Dot
	Threshold int // beyond it, in thousandths, either way, a change must be acknowledged; 0 for none
}

// The strip's shape: a column for each twentieth of -100% to +100%, and so many
// dots on top of each other; where there are more, one dot stands for several.
const (
	stripColumns = 41
	stripHeight  = 7
)

// varianceStrip draws the dots in columns, the changes beyond the threshold in
// another colour and as squares.
func varianceStrip(s Strip) template.HTML {
	var d drawing
	columns, beyond := s.columns()
	each := max(1, (slices.Max(columns)+stripHeight-1)/stripHeight)
	d.add(`<figure class="chart">`)
	d.open("strip", `width="100%" height="100%"`, s.Title, s.words(beyond))
	d.add(`<line class="axis" x1="0" x2="100%%" y1="98" y2="98"/><line class="zero" x1="50%%" x2="50%%" y1="0" y2="98"/>`)
	for i, n := range columns {
		at := percent((2*i + 1) * whole / (2 * stripColumns))
		for k := range (n + each - 1) / each {
			y := 90 - 13*k
			if s.beyond(columnChange(i)) {
				d.add(`<svg class="mark" x="%s" y="%d" width="1" height="1"><rect class="f-warn" x="-5" y="-5" width="10" height="10" rx="2"/></svg>`, at, y)
				continue
			}
			d.add(`<circle class="f-live" cx="%s" cy="%d" r="5"/>`, at, y)
		}
	}
	d.add(`</svg><div class="scale" aria-hidden="true"><span>−100%%</span><span>no change</span><span>+100%% and more</span></div>`)
	d.add(`<figcaption>%s`, esc(s.words(beyond)))
	if each > 1 {
		d.add(` A dot is up to %s people.`, count(each))
	}
	d.add(`</figcaption></figure>`)
	return d.html()
}

// columns counts the dots of each column, and those beyond the threshold. One
// just beyond it never stands in a column that is not.
func (s Strip) columns() (columns []int, beyond int) {
	columns = make([]int, stripColumns)
	for _, dot := range s.Dots {
		change := min(max(dot.PerMille, -1000), 1000)
		column := (change + 1000 + 25) / 50
		if s.beyond(dot.PerMille) {
			beyond++
			for !s.beyond(columnChange(column)) && column > 0 && column < stripColumns-1 {
				column += sign(change)
			}
		} else if s.beyond(columnChange(column)) {
			column -= sign(change)
		}
		columns[column]++
	}
	return columns, beyond
}

func (s Strip) beyond(perMille int) bool {
	return s.Threshold > 0 && (perMille > s.Threshold || perMille < -s.Threshold)
}

// columnChange is the change in the middle of a column.
func columnChange(column int) int { return column*50 - 1000 }

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

func (s Strip) words(beyond int) string {
	if len(s.Dots) == 0 {
		return "Nobody was paid in both months."
	}
	words := count(len(s.Dots)) + " people compared with last month"
	if s.Threshold > 0 {
		words += fmt.Sprintf("; %s moved by more than %d.%d%%", count(beyond), s.Threshold/10, s.Threshold%10)
	}
	return words + "."
}

// Spark is a small line of a number over time, the oldest first.
type Spark struct {
	Title  string  // "Mails a minute"
	Values []int64 // nothing below 0
	Last   string  // the last one in words: "1,240 a minute"
}

// sparkline draws the line from nothing to the highest value, with its last
// point marked.
func sparkline(s Spark) template.HTML {
	const width, height = 1000, 100
	var d drawing
	highest := uint64(1)
	for _, v := range s.Values {
		highest = max(highest, uint64(max(v, 0)))
	}
	points := make([]string, 0, len(s.Values))
	var lastY int
	for i, v := range s.Values {
		x := width
		if len(s.Values) > 1 {
			x = i * width / (len(s.Values) - 1)
		}
		lastY = height - scaled(uint64(max(v, 0)), highest, height)
		points = append(points, fmt.Sprintf("%d,%d", x, lastY))
	}
	description := "No values yet."
	if len(points) > 0 {
		description = fmt.Sprintf("%d values, the last is %s.", len(points), s.Last)
	}
	d.open("spark", `viewBox="0 0 1000 100" preserveAspectRatio="none" width="100%" height="100%"`, s.Title, description)
	if len(points) > 1 {
		d.add(`<polygon class="area" points="0,100 %s 1000,100"/><polyline class="line" points="%[1]s"/>`, strings.Join(points, " "))
	}
	if len(points) > 0 { // a line of no length with a round end is a dot that is not stretched
		d.add(`<path class="tip" d="M1000 %dh.01"/>`, lastY)
	}
	d.add(`</svg>`)
	return d.html()
}

// PayDay is one month of the calendar strip.
type PayDay struct {
	Period payroll.Period
	Date   payroll.Date
	State  string // "sent", "next", "planned" or "alert"
	Note   string // "moved from 31: a holiday", "no approved run"; "" for none
	Href   string // its run, or its rule; "" for none
}

// payDayWords say the states.
var payDayWords = map[string]string{"sent": "sent", "next": "next", "planned": "planned", "alert": "needs a look"}

// calendarStrip draws the pay dates month by month: each month is a row of its
// days in which one is marked.
func calendarStrip(title string, days []PayDay) template.HTML {
	var d drawing
	d.add(`<ol class="pay-days" aria-label="%s">`, esc(title))
	for _, p := range days {
		state, known := p.State, payDayWords[p.State]
		if known == "" {
			state, known = "planned", payDayWords["planned"]
		}
		name := fmt.Sprintf("%s %d", p.Period.Month, p.Period.Year)
		day := fmt.Sprintf("%d %s", p.Date.Day, p.Date.Month)
		d.add(`<li class="%s"><span class="month">%s</span>`, state, esc(name))
		p.month(&d, state, "Pay date of "+name, day+", "+known)
		if p.Href != "" {
			day = `<a href="` + esc(p.Href) + `">` + day + `</a>`
		}
		d.add(`<strong>%s</strong><span class="hint">%s, %s</span>`, day, p.Date.Weekday(), known)
		if p.Note != "" {
			d.add(`<span class="hint note">%s</span>`, esc(p.Note))
		}
		d.add(`</li>`)
	}
	d.add(`</ol>`)
	return d.html()
}

// month draws the month's days as a grid of weeks, Monday first.
func (p PayDay) month(d *drawing, state, title, description string) {
	shown := payroll.Period{Year: p.Date.Year, Month: p.Date.Month} // a moved date may fall into the next one
	offset := (int(shown.First().Weekday()) + 6) % 7
	d.open("month-grid", `viewBox="0 0 70 60"`, title, description)
	for day := 1; day <= shown.Last().Day; day++ {
		cell := offset + day - 1
		class, size := "f-day", 6
		if cell%7 > 4 {
			class = "f-weekend"
		}
		if day == p.Date.Day {
			class, size = "f-pay "+state, 9
		}
		d.add(`<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="2"/>`, class, cell%7*10+5-size/2, cell/7*10+5-size/2, size, size)
	}
	d.add(`</svg>`)
}
