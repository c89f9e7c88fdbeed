package console

import (
	"html/template"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// Share is one part of a Stack.
type Share struct {
	Name  string
	Count int
	Fill  string // a class of style/4-charts.css: f-good, f-warn, f-soon, f-bad, f-live, f-plain, f-mute
	Href  string // makes the line of the legend a link; "" for none
}

// Stack is one bar of several parts.
type Stack struct {
	Title  string // "Ready for 27 November 2026"
	Unit   string // what is counted: "people", "slips"
	Shares []Share
	Thin   bool // without a legend, for a row of a table
}

// stackBar draws the bar, and below it every part with its count.
func stackBar(s Stack) template.HTML {
	var d drawing
	counts := make([]int, len(s.Shares))
	for i, share := range s.Shares {
		counts[i] = share.Count
	}
	widths := lengths(counts)
	if !s.Thin {
		d.add(`<figure class="chart">`)
	}
	d.open("stack", `width="100%" height="100%"`, s.Title, s.words())
	at := 0
	for i, width := range widths {
		if width > 0 {
			d.add(`<rect class="%s" x="%s" y="0" width="%s" height="100%%"/>`, esc(s.Shares[i].Fill), percent(at), percent(width))
		}
		at += width
	}
	if at == 0 {
		d.add(`<rect class="f-none" x="0" y="0" width="100%%" height="100%%"/>`)
	}
	d.add(`</svg>`)
	if !s.Thin {
		s.legend(&d)
		d.add(`</figure>`)
	}
	return d.html()
}

// words says the whole bar in a sentence.
func (s Stack) words() string {
	var parts []string
	for _, share := range s.Shares {
		if share.Count > 0 {
			parts = append(parts, count(share.Count)+" "+share.Name)
		}
	}
	if len(parts) == 0 {
		return "No " + s.Unit + " yet."
	}
	return strings.Join(parts, ", ") + " (" + s.Unit + ")."
}

func (s Stack) legend(d *drawing) {
	d.add(`<ul class="legend">`)
	for _, share := range s.Shares {
		name := esc(share.Name)
		if share.Href != "" {
			name = `<a href="` + esc(share.Href) + `">` + name + `</a>`
		}
		d.add(`<li>%s<strong>%s</strong> <span>%s</span></li>`, swatch(share.Fill), count(share.Count), name)
	}
	d.add(`</ul>`)
}

// slipFills are the colours of a run's bar; those of one kind stand together.
var slipFills = []struct {
	state payroll.SlipState
	fill  string
}{
	{payroll.SlipAccepted, "f-good"},
	{payroll.SlipSending, "f-live"},
	{payroll.SlipQueued, "f-next"},
	{payroll.SlipReady, "f-next"},
	{payroll.SlipDeferred, "f-soon"},
	{payroll.SlipHeld, "f-warn"},
	{payroll.SlipUnsure, "f-plain"},
	{payroll.SlipRefused, "f-bad"},
	{payroll.SlipBounced, "f-bad"},
	{payroll.SlipSuperseded, "f-mute"},
	{payroll.SlipWithdrawn, "f-mute"},
}

// runBar draws where the slips of a run stand; states without a slip have no
// line in the legend.
func runBar(title string, slips map[payroll.SlipState]int, thin bool) template.HTML {
	s := Stack{Title: title, Unit: "slips", Thin: thin}
	for _, f := range slipFills {
		if n := slips[f.state]; n > 0 {
			s.Shares = append(s.Shares, Share{Name: strings.ToLower(slipChip(f.state).Word), Count: n, Fill: f.fill})
		}
	}
	return stackBar(s)
}

// Pair is one thing last month and this. The numbers give the lengths alone, in
// any unit that is the same for both (minor units of money, heads); the labels
// say them.
type Pair struct {
	Name                  string
	BeforeLabel, NowLabel string
	BeforeValue, NowValue int64
	Change                string // "+2.4%"; "" for none
	Warn                  bool   // beyond a threshold; Change should say so in words nearby
}

// pairedBars draws last month against this one, each pair to its own scale:
// heads and money have none in common.
func pairedBars(before, now string, pairs []Pair) template.HTML {
	var d drawing
	d.add(`<figure class="chart pairs"><ul class="legend"><li>%s<span>%s</span></li><li>%s<span>%s</span></li></ul><dl>`,
		swatch("f-before"), esc(before), swatch("f-live"), esc(now))
	for _, p := range pairs {
		class := ""
		if p.Warn {
			class = ` class="warn"`
		}
		d.add(`<div%s><dt>%s`, class, esc(p.Name))
		if p.Change != "" {
			d.add(` <span class="change">%s</span>`, esc(p.Change))
		}
		d.add(`</dt><dd>`)
		p.draw(&d, before, now)
		d.add(`<span class="pair-labels"><span>%s</span><strong>%s</strong></span></dd></div>`, esc(p.BeforeLabel), esc(p.NowLabel))
	}
	d.add(`</dl></figure>`)
	return d.html()
}

func (p Pair) draw(d *drawing, before, now string) {
	longest := max(magnitude(p.BeforeValue), magnitude(p.NowValue))
	d.open("pair", `width="100%" height="100%"`, p.Name, before+": "+p.BeforeLabel+"; "+now+": "+p.NowLabel+".")
	for i, value := range []int64{p.BeforeValue, p.NowValue} {
		fill, y := "f-before", "0"
		if i == 1 {
			fill, y = "f-live", "55%"
		}
		if value < 0 && (p.BeforeValue >= 0 || p.NowValue >= 0) { // what turned is not to look like what grew
			fill += " below"
		}
		d.add(`<rect class="track" x="0" y="%s" width="100%%" height="45%%" rx="3"/>`, y)
		d.add(`<rect class="%s" x="0" y="%s" width="%s" height="45%%" rx="3"/>`, fill, y, percent(scaled(magnitude(value), longest, whole)))
	}
	d.add(`</svg>`)
}

func swatch(fill string) string {
	return `<svg class="swatch" viewBox="0 0 12 12" aria-hidden="true" focusable="false"><rect class="` + esc(fill) + `" width="12" height="12" rx="3"/></svg>`
}
