package console

import (
	"context"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// versionsPerPage is how many versions of the settings stand on a page.
const versionsPerPage = 20

// versionView is one version with what it changed.
type versionView struct {
	ID      string
	Title   string
	Facts   []Fact
	Changes Table
	First   bool
}

// historyView is what settings-history.html shows.
type historyView struct {
	settled
	Versions []versionView
	Pager    Pager
}

func (s *Server) settingsHistory(w http.ResponseWriter, r *http.Request, v *visit) error {
	base, err := s.settled(r.Context(), v)
	if err != nil {
		return err
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64) // 0, from the newest on, for anything else
	all, err := s.Desk.SettingsHistory(r.Context(), max(before, 0), versionsPerPage+1)
	if err != nil {
		return err
	}
	view := historyView{settled: base}
	for i, c := range all[:min(len(all), versionsPerPage)] {
		var earlier *payroll.ConfirmedSettings
		if i+1 < len(all) {
			earlier = &all[i+1]
		}
		view.Versions = append(view.Versions, versionOf(c, earlier))
	}
	if len(all) > versionsPerPage {
		view.Pager.Older = "/settings/history?before=" + strconv.FormatInt(all[versionsPerPage-1].Version, 10)
	}
	return s.render(w, v, http.StatusOK, "settings-history", view)
}

func versionOf(c payroll.ConfirmedSettings, earlier *payroll.ConfirmedSettings) versionView {
	number := strconv.FormatInt(c.Version, 10)
	view := versionView{ID: "version-" + number, Title: "Version " + number, First: earlier == nil, Facts: []Fact{
		{Name: "Since", At: c.At}, {Name: "Proposed by", Text: proposerWords(c.ProposedBy)}, {Name: "Confirmed by", Text: proposerWords(c.ConfirmedBy)},
	}}
	if c.ConfirmedBy == payroll.Machine {
		view.Facts = []Fact{{Name: "Since", At: c.At}, {Name: "From", Text: "the configuration file, at the first start"}}
	}
	if c.Tampered {
		view.Facts = append(view.Facts, Fact{Name: "Seal", Chip: &Chip{Word: "changed in the database", Icon: "stop", Tone: ToneBad}})
	}
	var before payroll.Settings
	if earlier != nil {
		before = earlier.Settings
	}
	view.Changes = changeTable("What "+view.Title+" changed", c.Settings.Changes(before))
	return view
}

func proposerWords(name payroll.AdminName) string {
	if name == payroll.Machine {
		return "the configuration file"
	}
	return string(name)
}

// changeTable is what differs between two settings.
func changeTable(caption string, changes []payroll.SettingsChange) Table {
	table := Table{Caption: caption, Quiet: true, Columns: []Column{{Name: "What"}, {Name: "Before"}, {Name: "Now"}}, Empty: &Empty{Title: "Nothing differs"}}
	for _, c := range changes {
		code := strings.HasPrefix(c.Name, "Logo")
		cell := func(text string) Cell {
			if text == "" {
				return Cell{Missing: "nothing"}
			}
			return Cell{Text: text, Code: code}
		}
		table.Rows = append(table.Rows, Row{Cells: []Cell{{Text: c.Name}, cell(c.Before), cell(c.Now)}})
	}
	return table
}

// proposedSettings is what a proposal about settings would change.
type proposedSettings struct {
	Changes Table
	Page    string    // the letterhead, if it would change
	Runs    []Link    // that would be held
	Old     *oneOfTwo // signing keys, to be compared
	New     *oneOfTwo
}

type oneOfTwo struct {
	Fingerprint payroll.Fingerprint
	Words       string
}

// proposedSettings compares a proposal with what counted when it was made.
func (s *Server) proposedSettings(ctx context.Context, p payroll.Proposal) (*proposedSettings, error) {
	settings, err := p.Settings()
	if err != nil {
		return nil, err
	}
	history, err := s.Desk.SettingsHistory(ctx, 0, 100)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(history, func(c payroll.ConfirmedSettings) bool { return c.At.Before(p.ProposedAt) })
	var before payroll.Settings
	if i >= 0 {
		before = history[i].Settings
	}
	changes := settings.Changes(before)
	view := &proposedSettings{Changes: changeTable("What would change", changes)}
	if drawn := settings.Company.Changed(before.Company) || settings.Sender.Fingerprint != before.Sender.Fingerprint; drawn {
		view.Page = "/settings" + proposalPath(p.ID) + "/letterhead.pdf#navpanes=0"
		if view.Runs, err = s.heldBy(ctx); err != nil {
			return nil, err
		}
	}
	if settings.Sender.Fingerprint != before.Sender.Fingerprint {
		view.Old = &oneOfTwo{before.Sender.Fingerprint, "Counts now"}
		view.New = &oneOfTwo{settings.Sender.Fingerprint, "Would count"}
	}
	return view, nil
}

// heldBy are the runs whose slips another letterhead would hold.
func (s *Server) heldBy(ctx context.Context) ([]Link, error) {
	runs, err := s.Desk.LetterheadRuns(ctx)
	var links []Link
	for _, id := range runs {
		links = append(links, Link{Name: "Run " + strconv.FormatInt(int64(id), 10), Href: runPath(id)})
	}
	return links, err
}

func addressLine(lines []string) string { return strings.Join(lines, ", ") }

// colorMark shows a colour.
func colorMark(color string) template.HTML {
	if !colorText.MatchString(color) {
		return ""
	}
	return template.HTML(`<svg class="color-mark" viewBox="0 0 32 16" width="32" height="16" aria-hidden="true" focusable="false"><rect x="0.5" y="0.5" width="31" height="15" rx="4" fill="` + color + `" stroke="currentColor" stroke-opacity="0.35"/></svg>`) //nolint:gosec // six hexadecimal digits
}
