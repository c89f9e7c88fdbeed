package console

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// slipsPerPage is how many slips a page lists.
const slipsPerPage = 50

// slipsPage is the slips of a run.
type slipsPage struct {
	Title   string
	Run     payroll.Run
	Filters Filters
	Table   Table
	Pager   Pager
}

func (p slipsPage) frame(f *Frame) { f.Trail = runTrail(p.Run.ID) }

func (s *Server) slips(w http.ResponseWriter, r *http.Request, v *visit) error {
	id, err := runOf(r)
	if err != nil {
		return err
	}
	q, err := slipQuery(r.URL.Query())
	if err != nil {
		return err
	}
	page, err := s.slipsPage(r.Context(), id, q)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "slips", page)
}

func (s *Server) slipsPage(ctx context.Context, id payroll.RunID, q payroll.SlipQuery) (page slipsPage, err error) {
	if page.Run, err = s.Desk.Run(ctx, id); err != nil {
		return page, err
	}
	counts, err := s.Desk.Counts(ctx, id)
	if err != nil {
		return page, err
	}
	lines, err := s.Desk.SlipLines(ctx, id, q)
	if err != nil {
		return page, err
	}
	page.Title = fmt.Sprintf("Slips of run %d, %s", id, periodWords(page.Run.Period))
	page.Filters = slipFilters(id, q, counts)
	on, lines := pageOf(q.After != "", q.Before != "", slipsPerPage, lines)
	page.Table = s.slipTable(id, lines, q)
	page.Pager = Pager{NewerName: "Lower numbers", OlderName: "Higher numbers"}
	if on.newer {
		page.Pager.Newer = slipsPath(id, q, "before", lines[0].Employee)
	}
	if on.older {
		page.Pager.Older = slipsPath(id, q, "after", lines[len(lines)-1].Employee)
	}
	return page, nil
}

// slipQuery reads the list's address; it asks for one more than a page shows.
func slipQuery(values url.Values) (payroll.SlipQuery, error) {
	q := payroll.SlipQuery{
		State: payroll.SlipState(values.Get("state")), Prefix: payroll.EmployeeNumber(strings.TrimSpace(values.Get("q"))),
		After: payroll.EmployeeNumber(values.Get("after")), Before: payroll.EmployeeNumber(values.Get("before")), Limit: slipsPerPage + 1,
	}
	if q.State != "" && !slices.Contains(payroll.SlipStates, q.State) {
		return q, errNoPage
	}
	for _, number := range []payroll.EmployeeNumber{q.Prefix, q.After, q.Before} {
		if payroll.CheckText("number", string(number)) != nil {
			return q, errNoPage
		}
	}
	return q, nil
}

func slipsPath(id payroll.RunID, q payroll.SlipQuery, key string, number payroll.EmployeeNumber) string {
	values := url.Values{}
	if q.State != "" {
		values.Set("state", string(q.State))
	}
	if q.Prefix != "" {
		values.Set("q", string(q.Prefix))
	}
	if number != "" {
		values.Set(key, string(number))
	}
	if len(values) == 0 {
		return runPath(id, "slips")
	}
	return runPath(id, "slips") + "?" + values.Encode()
}

func slipFilters(id payroll.RunID, q payroll.SlipQuery, counts map[payroll.SlipState]int) Filters {
	in := func(state payroll.SlipState) string {
		return slipsPath(id, payroll.SlipQuery{State: state, Prefix: q.Prefix}, "", "")
	}
	all := 0
	f := Filters{Action: runPath(id, "slips"), Search: "Employee number", Placeholder: "Employee number begins with", Query: string(q.Prefix), Label: "Show slips by state"}
	if q.State != "" {
		f.Hidden = []Hidden{{Name: "state", Value: string(q.State)}}
	}
	for _, state := range payroll.SlipStates {
		all += counts[state]
		if counts[state] > 0 || q.State == state {
			chip := slipChip(state)
			f.Chips = append(f.Chips, Filter{Name: chip.Word, Icon: chip.Icon, Count: count(counts[state]), Href: in(state), Here: q.State == state})
		}
	}
	f.Chips = slices.Insert(f.Chips, 0, Filter{Name: "All", Count: count(all), Href: in(""), Here: q.State == ""})
	if q.State != "" || q.Prefix != "" {
		f.Clear = runPath(id, "slips")
	}
	return f
}

func slipAt(id payroll.RunID, number payroll.EmployeeNumber, below ...string) string {
	return runPath(id, append([]string{"slips", string(number)}, below...)...)
}

func (s *Server) slipTable(id payroll.RunID, lines []payroll.SlipLine, q payroll.SlipQuery) Table {
	t := Table{Caption: "Slips", Quiet: true, Columns: []Column{
		{Name: "Employee"}, {Name: "State"}, {Name: "Relay's reply", Wide: true}, {Name: "Attempts", Number: true, Wide: true},
		{Name: "Sealed to", Wide: true}, {Name: "Message-ID", Wide: true}, {Name: "When"},
	}}
	for _, l := range lines {
		t.Rows = append(t.Rows, s.slipRow(id, l))
	}
	t.Empty = &Empty{Drawing: "search", Title: "No slip is like that", Action: &Link{Name: "All slips of the run", Href: runPath(id, "slips")}}
	if q == (payroll.SlipQuery{Limit: q.Limit}) {
		t.Empty = &Empty{Title: "This run has no slips"}
	}
	return t
}

func (s *Server) slipRow(id payroll.RunID, l payroll.SlipLine) Row {
	chip := slipChip(l.State)
	state := Cell{Chip: &chip}
	if l.Hold != "" {
		state.Hint = holdTitle(l.Hold)
	}
	row := Row{Cells: []Cell{
		{Text: string(l.Employee), Href: slipAt(id, l.Employee), Hint: l.Name}, state, replyCell(l.Phase, l.Code, l.Outcome),
		{Text: strconv.Itoa(l.Attempts)}, shortKey(l.Fingerprint), {Text: s.messageID(l.ID), Code: true}, whenCell(l),
	}}
	switch chip.Tone {
	case ToneBad, ToneWarn:
		row.Tone = chip.Tone
	case TonePlain, ToneLive, ToneGood:
	}
	return row
}

// messageID is by which the slip's letter is found in the relay's log.
func (s *Server) messageID(id payroll.SlipID) string { return payroll.MessageID(id, s.messageDomain()) }

// messageDomain is what stands after the @ of every Message-ID.
func (s *Server) messageDomain() string {
	if s.MessageDomain != "" {
		return s.MessageDomain
	}
	return s.Signer.Address().Domain()
}

// replyCell is what the relay said last, in a word.
func replyCell(phase string, code int, outcome payroll.Kind) Cell {
	switch {
	case outcome == "":
		return Cell{Missing: "no reply yet"}
	case code == 0:
		return Cell{Text: "none", Hint: phaseWords(phase)}
	}
	return Cell{Text: strconv.Itoa(code), Code: true, Hint: phaseWords(phase)}
}

// phases are how far an attempt came.
var phases = map[string]string{
	"connect": "on connecting", "hello": "after our greeting", "tls": "on starting TLS", "auth": "after our login", "mail": "after the sender's address",
	"rcpt": "after the employee's address", "data": "before the mail", "dot": "after the whole mail", "worker": "the worker died", "unused": "nothing was sent",
}

func phaseWords(phase string) string {
	if words, known := phases[phase]; known {
		return words
	}
	return phase
}

func shortKey(f payroll.Fingerprint) Cell {
	if len(f) < 16 {
		return Cell{Missing: "to none yet"}
	}
	return Cell{Text: "…" + string(f[len(f)-16:]), Code: true}
}

func whenCell(l payroll.SlipLine) Cell {
	if l.DueAt != nil {
		return Cell{At: *l.DueAt, Hint: "next try"}
	}
	if l.FinishedAt != nil {
		return Cell{At: *l.FinishedAt}
	}
	return Cell{At: l.ChangedAt, Hint: "since then so"}
}

// holdTitles are the reasons to hold a slip in a few words; the slip's own page
// has the sentence that says how to mend it.
var holdTitles = map[payroll.HoldReason]string{
	payroll.HoldNoCertificate:      "no certificate",
	payroll.HoldNotVerified:        "fingerprint not compared",
	payroll.HoldNotCertified:       "not certified by the company",
	payroll.HoldExpired:            "certificate expired",
	payroll.HoldRevoked:            "certificate revoked",
	payroll.HoldTooWeak:            "certificate too weak",
	payroll.HoldUnusable:           "certificate cannot be used",
	payroll.HoldCertificateChanged: "another certificate than approved",
	payroll.HoldAddressChanged:     "another address than approved",
	payroll.HoldAddressUnnamed:     "certificate does not name the address",
	payroll.HoldContentChanged:     "not the slip that was approved",
	payroll.HoldLetterheadChanged:  "another letterhead than approved",
	payroll.HoldUnwritable:         "the letter cannot be made",
	payroll.HoldTwin:               "easily taken for somebody else",
	payroll.HoldChangeFreeze:       "changed close to the pay date",
	payroll.HoldLeft:               "had left before the period",
	payroll.HoldOnPaper:            "on paper by choice",
	payroll.HoldTampered:           "changed behind payseal's back",
}

func holdTitle(h payroll.HoldReason) string {
	if title, known := holdTitles[h]; known {
		return title
	}
	return string(h)
}

// countWords says how a run's slips stand: "98,213 accepted by the relay, 3 held".
func countWords(counts map[payroll.SlipState]int) string {
	var parts []string
	for _, f := range slipFills { // as the bar has them
		if n := counts[f.state]; n > 0 {
			word := strings.ToLower(slipChip(f.state).Word)
			if f.state == payroll.SlipAccepted {
				word = "accepted"
			}
			parts = append(parts, count(n)+" "+word)
		}
	}
	return strings.Join(parts, ", ")
}
