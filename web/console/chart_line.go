package console

import (
	"fmt"
	"html/template"

	"github.com/payseal/payseal/payroll"
)

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
