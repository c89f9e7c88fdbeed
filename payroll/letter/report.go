package letter

import (
	"fmt"
	"strings"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter/pdf"
	"github.com/payseal/payseal/payroll/letter/typeset"
)

// Report draws a run's report as a PDF, in English: what was paid and approved,
// where every slip stands, who did what, and which slips were not accepted. It
// holds no amount. The same report and letterhead give the same bytes. A character
// that no font has is drawn as a question mark.
func (h *Letterhead) Report(r payroll.RunReport) ([]byte, error) {
	const what = "draw report"
	if r.Made.Year() < 1900 || r.Made.Year() > 9999 {
		return nil, fmt.Errorf("%w: %s: a date out of range", payroll.ErrInvalid, what)
	}
	return h.compose(nil, what, "en", "", func(d *desk) pdf.Info {
		p := report{desk: d, made: r}
		p.begin("en")
		p.again = p.furtherHead
		words := h.footWords(d.locale.words.page, "{contact}", d.locale.words.fingerprint)
		foot := p.footOf(&words)
		p.reserve(&foot)
		p.out.Page(p.width, p.height)
		p.draw()
		p.feet(&foot)
		return pdf.Info{Title: p.title(), Author: h.company.Name, Created: r.Made.UTC()}
	})
}

// report is one on its way to paper.
type report struct {
	*desk
	made payroll.RunReport
}

func (p *report) title() string {
	return fmt.Sprintf("Run report, run %d, %s", p.made.Run.ID, p.locale.month(p.made.Run.Period))
}

func (p *report) furtherHead() {
	p.y += 8
	p.start(pdf.Artifact, 0, p.y, 9, grey, p.line(p.title()+" · continued", false))
	p.box(0, p.y+8, p.full, 1.2, p.brand)
	p.y += 28
}

// reportMoment is a moment as it stands in a report.
const reportMoment = "2006-01-02 15:04:05 MST"

func (p *report) draw() {
	head{letterhead: p.letterhead, employer: p.employer, kind: "Run report", title: p.locale.month(p.made.Run.Period)}.draw(p.canvas)
	p.pairs(p.facts())
	p.heading("Where the slips stand")
	p.pairs(p.counts())
	p.heading("Who did what")
	for _, e := range p.made.Life {
		p.entry(e)
	}
	p.heading(fmt.Sprintf("Slips that the relay has not accepted: %d", len(p.made.Unaccepted)+p.made.More))
	for _, l := range p.made.Unaccepted {
		p.unaccepted(l)
	}
	if p.made.More > 0 {
		p.note(fmt.Sprintf("and %d more, which the list as CSV has.", p.made.More))
	}
}

func (p *report) facts() [][2]string {
	r := p.made.Run
	facts := [][2]string{
		{"Run", fmt.Sprintf("%d, %s", r.ID, r.State)}, {"Period", r.Period.String()}, {"Pay date", r.PayDate.String()},
		{"File (SHA-256)", r.FileSHA256}, {"Manifest (SHA-256)", r.Manifest}, {"Letterhead (SHA-256)", r.Letterhead},
		{"List as CSV (SHA-256)", p.made.CSV}, {"Imported by", string(r.ImportedBy)}, {"Submitted by", string(r.SubmittedBy)},
		{"Approved by", string(r.ApprovedBy)}, {"Report made", p.made.Made.Format(reportMoment) + ", by " + string(p.made.By)},
	}
	if r.Corrects != 0 {
		facts = append(facts, [2]string{"Corrects", fmt.Sprintf("run %d: %s", r.Corrects, r.Correction)})
	}
	return facts
}

func (p *report) counts() [][2]string {
	var all int
	var lines [][2]string
	for _, state := range payroll.SlipStates {
		if n := p.made.Counts[state]; n > 0 {
			lines, all = append(lines, [2]string{string(state), fmt.Sprint(n)}), all+n
		}
	}
	return append(lines, [2]string{"all", fmt.Sprint(all)})
}

// heading begins a part of the report.
func (p *report) heading(text string) {
	p.need(44)
	p.y += 14
	p.start(p.out.Add(p.out.Root(), pdf.H2), 0, p.y, 12, p.brand, p.line(text, true))
	p.y += 18
}

// pairs draws names and what they stand for, one under the other. What is empty is
// left out.
func (p *report) pairs(pairs [][2]string) {
	const names = 130.0
	table := p.out.Add(p.out.Root(), pdf.Table)
	for _, pair := range pairs {
		if pair[1] == "" {
			continue
		}
		lines := p.lines(p.shown(pair[1]), false, 8.5, p.full-names)
		p.need(12 * float64(len(lines)))
		tr := p.out.Add(table, pdf.TR)
		p.start(p.out.AddCell(tr, pdf.TH, pdf.Row, 1), 0, p.y, 8.5, grey, p.line(pair[0], false))
		p.stack(p.out.AddCell(tr, pdf.TD, pdf.None, 1), names, p.y, 8.5, 12, ink, lines)
		p.y += 12 * float64(len(lines))
	}
}

// entry is one line of the audit log.
func (p *report) entry(e payroll.AuditEntry) {
	text := fmt.Sprintf("%s  %s  by %s", e.At.In(p.made.Made.Location()).Format(reportMoment), e.What, e.Who)
	for _, key := range []string{"from", "reason", "note"} {
		if e.Detail[key] != "" {
			text += ", " + key + ": " + e.Detail[key]
		}
	}
	p.note(text)
}

func (p *report) unaccepted(l payroll.SlipLine) {
	text := fmt.Sprintf("%s  %s  %s", l.Employee, l.Name, l.State)
	if l.Hold != "" {
		text += " (" + strings.ReplaceAll(string(l.Hold), "_", " ") + ")"
	}
	if l.Code != 0 {
		text += fmt.Sprintf(", relay's reply %d", l.Code)
	}
	p.note(fmt.Sprintf("%s, attempts: %d, slip %s", text, l.Attempts, l.ID))
}

// note is a sentence across the page.
func (p *report) note(text string) {
	e := p.out.Add(p.out.Root(), pdf.P)
	for _, l := range p.lines(p.shown(text), false, 8.5, p.full) {
		p.need(12)
		p.start(e, 0, p.y, 8.5, ink, l)
		p.y += 12
	}
}

// shown is a text without what must not or cannot stand on a page: control
// characters, those that turn the text around them, and those that no font has.
func (p *report) shown(text string) string {
	text = strings.Map(func(r rune) rune {
		if payroll.CheckText("text", "x"+string(r)+"x") != nil {
			return '?'
		}
		return r
	}, text)
	p.setter.Reset()
	p.setter.Glyphs(text, typeset.Style{Language: p.language})
	missing := string(p.setter.Missing())
	p.setter.Reset()
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(missing, r) {
			return '?'
		}
		return r
	}, text)
}
