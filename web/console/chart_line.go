package console

import (
	"fmt"
	"html/template"
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

// The strip's shape: so many columns either side of the middle, and so many dots
// on top of each other; where there are more, one dot stands for several.
const (
	stripSide   = 20
	stripHeight = 7
)

// varianceStrip draws the dots in columns, the changes beyond the threshold in
// another colour and as squares. The scale is that of the square root, for most
// changes are small ones.
func varianceStrip(s Strip) template.HTML {
	var d drawing
	columns, beyond := s.columns()
	each := 1
	for _, c := range columns {
		each = max(each, (c.within+c.beyond+stripHeight-1)/stripHeight)
	}
	d.add(`<figure class="chart">`)
	d.open("strip", `width="100%" height="100%"`, s.Title, s.words(beyond))
	d.add(`<line class="axis" x1="0" x2="100%%" y1="99" y2="99"/>`)
	s.guides(&d)
	for i, c := range columns {
		c.draw(&d, percent((2*i+1)*whole/(2*len(columns))), each)
	}
	d.add(`</svg><div class="scale" aria-hidden="true"><span>−100%%</span><span>−25%%</span><span>0</span><span>+25%%</span><span>+100%%</span></div>`)
	d.add(`<figcaption>%s`, esc(s.words(beyond)))
	if each > 1 {
		d.add(` A dot is up to %s people.`, count(each))
	}
	d.add(`</figcaption></figure>`)
	return d.html()
}

// guides are the lines at no change and at the thresholds.
func (s Strip) guides(d *drawing) {
	d.add(`<line class="zero" x1="50%%" x2="50%%" y1="0" y2="99"/>`)
	if s.Threshold <= 0 || s.Threshold >= 1000 {
		return
	}
	for _, at := range []int{-s.Threshold, s.Threshold} {
		x := percent(whole/2 + stripPlace(at, whole/2))
		d.add(`<line class="threshold" x1="%s" x2="%[1]s" y1="0" y2="99"/>`, x)
	}
}

// stripColumn is how many changes fall into a column.
type stripColumn struct{ within, beyond int }

// draw puts one mark for every so many changes on top of each other, at least
// one where there is any.
func (c stripColumn) draw(d *drawing, at string, each int) {
	y := 91
	for range (c.within + each - 1) / each {
		d.add(`<circle class="f-live" cx="%s" cy="%d" r="5"/>`, at, y)
		y -= 12
	}
	for range (c.beyond + each - 1) / each {
		d.add(`<svg class="mark" x="%s" y="%d" width="1" height="1"><rect class="f-warn" x="-5" y="-5" width="10" height="10" rx="2"/></svg>`, at, y)
		y -= 12
	}
}

// columns counts the dots of each column, and all those beyond the threshold.
func (s Strip) columns() (columns [2*stripSide + 1]stripColumn, beyond int) {
	for _, dot := range s.Dots {
		c := &columns[stripSide+stripPlace(dot.PerMille, stripSide)]
		if s.Threshold > 0 && (dot.PerMille > s.Threshold || dot.PerMille < -s.Threshold) {
			c.beyond++
			beyond++
			continue
		}
		c.within++
	}
	return columns, beyond
}

// stripPlace is where a change stands, from -side to side.
func stripPlace(perMille, side int) int {
	change := min(max(perMille, -1000), 1000)
	place := (root(4*max(change, -change)*side*side/1000) + 1) / 2
	if change < 0 {
		return -place
	}
	return place
}

// root is the whole part of the square root of a number that is not negative.
func root(n int) int {
	r := 0
	for step := 1 << 16; step > 0; step >>= 1 {
		if (r+step)*(r+step) <= n {
			r += step
		}
	}
	return r
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
