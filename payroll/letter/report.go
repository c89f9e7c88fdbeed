package letter

import (
	"fmt"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// Report draws a run's report as a PDF, in English: what was paid and approved,
// where every slip stands, who did what, and which slips were not accepted. It
// holds no amount. The same report and letterhead give the same bytes. A character
// that no font has is drawn as a question mark.
func (h *Letterhead) Report(r payroll.RunReport) (pdf []byte, err error) {
	defer func() {
		if recover() != nil {
			pdf, err = nil, fmt.Errorf("draw report: a font cannot be used")
		}
	}()
	if r.Made.Year() < 1900 || r.Made.Year() > 9999 {
		return nil, fmt.Errorf("%w: draw report: a date out of range", payroll.ErrInvalid)
	}
	h.set(func(t *typesetter) {
		d := report{layout: newReport(h, t), made: r}
		d.draw()
		pdf, err = h.write(d.layout, d.title(), r.Made.UTC())
	})
	return pdf, err
}

// report is one on its way to the page.
type report struct {
	*layout
	made payroll.RunReport
}

func newReport(h *Letterhead, t *typesetter) *layout {
	labels := english
	labels.title, labels.questions = "Run report", "{contact}"
	nobody := &payroll.Slip{Employee: payroll.Employee{Language: "en"}}
	d := &layout{sheets: newSheets(t), letterhead: h, slip: nobody, locale: locale{tag: "en", words: &labels}}
	d.measureFoot()
	return d
}

func (d report) title() string {
	return fmt.Sprintf("Run report, run %d, %s", d.made.Run.ID, d.locale.month(d.made.Run.Period))
}

// reportMoment is a moment as it stands in a report.
const reportMoment = "2006-01-02 15:04:05 MST"

func (d report) draw() {
	d.add()
	d.lineRight(right, topMargin+9, 10, grey, d.text("Run report", false))
	month := d.text(d.locale.month(d.made.Run.Period), true)
	d.lineRight(right, topMargin+33, 20, d.letterhead.color, month)
	d.y = d.companyHead(full-max(month.width*20, 140)-24, topMargin+62)
	d.pairs(d.facts())
	d.heading("Where the slips stand")
	d.pairs(d.counts())
	d.heading("Who did what")
	for _, e := range d.made.Life {
		d.entry(e)
	}
	d.heading(fmt.Sprintf("Slips that the relay has not accepted: %d", len(d.made.Unaccepted)+d.made.More))
	for _, l := range d.made.Unaccepted {
		d.unaccepted(l)
	}
	if d.made.More > 0 {
		d.note(fmt.Sprintf("and %d more, which the list as CSV has.", d.made.More))
	}
	d.footers()
}

func (d report) facts() [][2]string {
	r := d.made.Run
	facts := [][2]string{
		{"Run", fmt.Sprintf("%d, %s", r.ID, r.State)}, {"Period", r.Period.String()}, {"Pay date", r.PayDate.String()},
		{"File (SHA-256)", r.FileSHA256}, {"Manifest (SHA-256)", r.Manifest}, {"Letterhead (SHA-256)", r.Letterhead},
		{"List as CSV (SHA-256)", d.made.CSV}, {"Imported by", string(r.ImportedBy)}, {"Submitted by", string(r.SubmittedBy)},
		{"Approved by", string(r.ApprovedBy)}, {"Report made", d.made.Made.Format(reportMoment) + ", by " + string(d.made.By)},
	}
	if r.Corrects != 0 {
		facts = append(facts, [2]string{"Corrects", fmt.Sprintf("run %d: %s", r.Corrects, r.Correction)})
	}
	return facts
}

func (d report) counts() [][2]string {
	var all int
	var lines [][2]string
	for _, state := range payroll.SlipStates {
		if n := d.made.Counts[state]; n > 0 {
			lines, all = append(lines, [2]string{string(state), fmt.Sprint(n)}), all+n
		}
	}
	return append(lines, [2]string{"all", fmt.Sprint(all)})
}

// need begins a new page if the next block of this height does not fit.
func (d report) need(height float64) {
	if d.y+height <= d.bottom {
		return
	}
	d.add()
	d.line(left, topMargin+8, 9, grey, d.text(d.title()+" · continued", false))
	d.box(left, topMargin+16, full, 1.2, d.letterhead.color)
	d.y = topMargin + 36
}

// heading begins a part of the report.
func (d report) heading(text string) {
	d.need(44)
	d.y += 14
	d.line(left, d.y, 12, d.letterhead.color, d.text(text, true))
	d.y += 18
}

// pairs draws names and what they stand for, one under the other. What is empty is
// left out.
func (d report) pairs(pairs [][2]string) {
	const key = 130.0
	for _, p := range pairs {
		if p[1] == "" {
			continue
		}
		values := d.lines(shown(p[1]), false, 8.5, full-key)
		d.need(12 * float64(len(values)))
		d.line(left, d.y, 8.5, grey, d.text(p[0], false))
		for _, l := range values {
			d.line(left+key, d.y, 8.5, ink, l)
			d.y += 12
		}
	}
}

// entry is one line of the audit log.
func (d report) entry(e payroll.AuditEntry) {
	text := fmt.Sprintf("%s  %s  by %s", e.At.In(d.made.Made.Location()).Format(reportMoment), e.What, e.Who)
	for _, key := range []string{"from", "reason", "note"} {
		if e.Detail[key] != "" {
			text += ", " + key + ": " + e.Detail[key]
		}
	}
	d.note(text)
}

func (d report) unaccepted(l payroll.SlipLine) {
	text := fmt.Sprintf("%s  %s  %s", l.Employee, l.Name, l.State)
	if l.Hold != "" {
		text += " (" + strings.ReplaceAll(string(l.Hold), "_", " ") + ")"
	}
	if l.Code != 0 {
		text += fmt.Sprintf(", relay's reply %d", l.Code)
	}
	d.note(fmt.Sprintf("%s, attempts: %d, slip %s", text, l.Attempts, l.ID))
}

// note is a sentence across the page.
func (d report) note(text string) {
	lines := d.lines(shown(text), false, 8.5, full)
	d.need(12 * float64(len(lines)))
	for _, l := range lines {
		d.line(left, d.y, 8.5, ink, l)
		d.y += 12
	}
}

// shown is a text without what must not stand on a page: control characters and
// those that turn the text around them.
func shown(text string) string {
	return strings.Map(func(r rune) rune {
		if payroll.CheckText("text", "x"+string(r)+"x") != nil {
			return '?'
		}
		return r
	}, text)
}
