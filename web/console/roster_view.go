package console

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// rosterData is what people_preview.html shows of a file that is not kept yet.
type rosterData struct {
	File, Path, Preview string // Path is what its forms are under
	Lead                string
	Verdict             Notice
	Refused             string // why the roster does not take it, though the file is fine
	Findings            Table
	Cut                 int // findings that are not shown
	Stats               []Stat
	Changes             []personChange
	MoreChange          int // changed people who are not shown
	Lists               []numberList
	Confirm             *Confirm
	Reading             []Field
	Mistake             string
}

func (rosterData) frame(f *Frame) {
	f.Trail = []Link{{Name: "People", Href: "/people"}, {Name: "Import", Href: "/people/import"}}
}

// personChange is what the file changes of one person.
type personChange struct {
	Number, Name, Href string
	Table              Table
}

// numberList are people of whom the numbers say enough.
type numberList struct {
	Title, Text string
	People      []Link
	More        int
}

// Of long lists so many are shown.
const (
	findingsShown = 200
	changesShown  = 100
	numbersShown  = 100
)

func rosterView(f rosterFile) rosterData {
	d := rosterData{File: f.Name, Path: "/people/imports/" + f.ID, Preview: importPath(f.ID), Mistake: f.mistake, Reading: readingFields(f.reading, f.mistake)}
	if f.mistake != "" {
		d.Verdict = Notice{Kind: "danger", Title: "The mapping cannot be read", Text: f.mistake}
		return d
	}
	d.Lead = people(f.result.Count) + " in the file. Nothing is kept yet."
	switch f.result.Verdict() {
	case payroll.VerdictAccept:
		d.Verdict = Notice{Kind: "success", Title: "The file can be taken."}
	case payroll.VerdictAsk:
		d.Verdict = Notice{Kind: "warning", Title: "Something must be decided first", Text: "Say below how the file is to be read, or mend it and drop it again."}
	default:
		d.Verdict = Notice{Kind: "danger", Title: "The file cannot be taken", Text: "An import is all or nothing. Mend these rows in the file, and drop it again."}
	}
	d.Findings, d.Cut = findingsTable(f.result.Findings)
	return d
}

// findingsTable are the findings, the worst first.
func findingsTable(findings []payroll.Finding) (Table, int) {
	order := []payroll.Severity{payroll.SeverityError, payroll.SeverityAsk, payroll.SeverityWarning, payroll.SeverityNote}
	sorted := slices.Clone(findings)
	slices.SortStableFunc(sorted, func(a, b payroll.Finding) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Severity), slices.Index(order, b.Severity)), cmp.Compare(a.Row, b.Row))
	})
	t := Table{Caption: "Findings", Quiet: true, Columns: []Column{{Name: "Row"}, {Name: "Column"}, {Name: "How bad"}, {Name: "What"}}}
	for _, f := range sorted[:min(findingsShown, len(sorted))] {
		row := Cell{Text: "Row " + strconv.Itoa(f.Row)}
		if f.Row == 0 {
			row = Cell{Text: "The file"}
		}
		chip := severityChip(f.Severity)
		r := Row{Cells: []Cell{row, textOr(f.Column, "the whole row"), {Chip: &chip}, {Text: f.Message}}}
		switch f.Severity {
		case payroll.SeverityError:
			r.Tone = ToneBad
		case payroll.SeverityAsk, payroll.SeverityWarning:
			r.Tone = ToneWarn
		}
		t.Rows = append(t.Rows, r)
	}
	t.Empty = &Empty{Title: "Nothing stands out in the file"}
	return t, max(0, len(sorted)-findingsShown)
}

// changesInto says what the file would do to the roster.
func (s *Server) changesInto(ctx context.Context, d *rosterData, incoming intake.EmployeeResult, change payroll.RosterChange) error {
	d.Stats = []Stat{
		{Name: "New", Value: count(len(change.Added)), Icon: "plus"},
		{Name: "Changed", Value: count(len(change.Changed)), Icon: "pencil"},
		{Name: "New mail address", Value: count(len(change.AddressChanged)), Icon: "swap", Tone: warnIf(len(change.AddressChanged) > 0),
			Hint: "Slips approved for the old one are held; both addresses are told."},
		{Name: "As they are", Value: count(change.Unchanged), Icon: "check"},
		{Name: "Not in the file", Value: count(len(change.Absent)), Icon: "question", Hint: "They are left as they are."},
	}
	shown := change.Changed[:min(changesShown, len(change.Changed))]
	before, err := s.Desk.EmployeesNumbered(ctx, shown)
	if err != nil {
		return err
	}
	now := make(map[payroll.EmployeeNumber]payroll.Employee, len(incoming.Employees))
	for _, e := range incoming.Employees {
		now[e.Number] = e
	}
	for _, number := range shown {
		d.Changes = append(d.Changes, changeOf(before[number], now[number].Keeping(before[number], incoming.Lacks), slices.Contains(change.AddressKept, number)))
	}
	d.MoreChange = len(change.Changed) - len(shown)
	for _, l := range []struct {
		title, text string
		numbers     []payroll.EmployeeNumber
	}{
		{"New people", "", change.Added},
		{"New mail address", "Whoever has the old mailbox is told, too.", change.AddressChanged},
		{"Address kept", "They changed it themselves in the form, and the file has the one before: theirs stays.", change.AddressKept},
		{"Not in the file", "They are left as they are. Whoever has left needs a leave date in the file.", change.Absent},
	} {
		if len(l.numbers) > 0 {
			d.Lists = append(d.Lists, listOf(l.title, l.text, l.numbers, now))
		}
	}
	d.Confirm = &Confirm{
		ID: "import", Action: d.Preview, Title: "Bring it into the roster?",
		Text:   fmt.Sprintf("%s added, %s changed. Nobody is deleted.", people(len(change.Added)), people(len(change.Changed))),
		Button: "Import", Cancel: "/people",
	}
	return nil
}

func warnIf(yes bool) Tone {
	if yes {
		return ToneWarn
	}
	return TonePlain
}

func listOf(title, text string, numbers []payroll.EmployeeNumber, names map[payroll.EmployeeNumber]payroll.Employee) numberList {
	l := numberList{Title: title + " (" + count(len(numbers)) + ")", Text: text, More: max(0, len(numbers)-numbersShown)}
	for _, number := range numbers[:min(numbersShown, len(numbers))] {
		link := Link{Name: string(number), Href: personPath(number)}
		if e, found := names[number]; found {
			link.Name += " " + e.Name
		}
		if title == "New people" {
			link.Href = "" // they have no page yet
		}
		l.People = append(l.People, link)
	}
	return l
}

// changeOf compares what is stored of a person with what the file says.
func changeOf(before, now payroll.Employee, addressKept bool) personChange {
	c := personChange{Number: string(now.Number), Name: before.Name, Href: personPath(now.Number), Table: Table{
		Caption: "What changes of " + before.Name, Quiet: true, Columns: []Column{{Name: "What"}, {Name: "In the roster"}, {Name: "In the file"}},
	}}
	if addressKept {
		now.Email = before.Email
	}
	for _, line := range [][3]string{
		{"Name", before.Name, now.Name}, {"Mail address", string(before.Email), string(now.Email)}, {"Telephone", before.Phone, now.Phone},
		{"Language", before.Language, now.Language}, {"Department", before.Department, now.Department},
		{"Designation", before.Designation, now.Designation}, {"Joined", dayWords(before.Joined), dayWords(now.Joined)},
		{"Left", dayWords(before.Left), dayWords(now.Left)}, {"Country", before.Country, now.Country},
		{"Bank account", before.BankAccount, now.BankAccount}, {"On paper", yesNo(before.OnPaper), yesNo(now.OnPaper)},
		{"Why on paper", before.PaperReason, now.PaperReason},
	} {
		if line[1] == line[2] {
			continue
		}
		row := Row{Cells: []Cell{{Text: line[0]}, textOr(line[1], "nothing"), textOr(line[2], "nothing")}}
		if line[0] == "Mail address" || line[0] == "Telephone" {
			row.Tone = ToneWarn
		}
		c.Table.Rows = append(c.Table.Rows, row)
	}
	return c
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func readingFields(r rosterReading, mistake string) []Field {
	choose := func(name, label, hint, chosen string, options ...Option) Field {
		for i := range options {
			options[i].Chosen = options[i].Value == chosen
		}
		return Field{Name: name, Label: label, Hint: hint, Options: options, Short: true}
	}
	return []Field{
		choose("encoding", "Encoding", "", r.Encoding, Option{Value: "", Name: "As the file shows"},
			Option{Value: "utf-8", Name: "UTF-8"}, Option{Value: "windows-1252", Name: "Windows-1252"}),
		choose("separator", "Separator", "", r.Separator, Option{Value: "", Name: "As the header shows"},
			Option{Value: "comma", Name: "Comma"}, Option{Value: "semicolon", Name: "Semicolon"}, Option{Value: "tab", Name: "Tab"}),
		{Name: "sheet", Label: "Worksheet", Optional: true, Value: r.Sheet, Max: 100, Short: true, Hint: "Where a workbook has several."},
		{Name: "mapping", Label: "Mapping", Optional: true, Kind: "textarea", Value: r.Mapping, Max: 20_000, Error: mistake,
			Hint: `Which header of the file stands for which column, one a line: employee_id = "Personnel no". Headers that are not needed: ignore = ["Cost centre"]`},
	}
}
