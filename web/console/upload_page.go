package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/intake"
)

// uploadPage is a file and how it is read.
type uploadPage struct {
	Upload    payroll.Upload
	Corrects  payroll.RunID // whose slips its slips take the place of; 0 for none
	Why       string        // they do
	Facts     []Fact
	Mistakes  []Mistake
	Verdict   Notice
	Ready     bool   // it can be imported as it is
	Button    string // of the import
	Groups    []findingGroup
	Bad       bool // there are rows to download
	Decide    []Choices
	Source    Field
	NewSource Field
	Run       []Field // of the run: month, pay date, currency
	File      []Field // of the file: sheet, header row, encoding, separator, decimals
	Columns   []columnChoice
	Countries []Option // the fields of the countries' profiles, to choose from
	Raw       *rawTable
	BadRows   *rawTable // further down, with something to mend or to decide
	Noted     *rawTable // further down, with something to look at or to know
	Sums      Table
}

func (p uploadPage) frame(f *Frame) {
	if p.Corrects != 0 {
		f.Trail = runTrail(p.Corrects, Link{Name: "Correct", Href: runPath(p.Corrects, "correct")})
		return
	}
	f.Trail = []Link{{Name: "Runs", Href: "/runs"}, {Name: "New run", Href: "/runs/new"}}
}

// columnChoice is one column of the file and what it is to stand for.
type columnChoice struct {
	ID, Header, Sample string
	Kinds              []Option
	Label              string
	Open               bool // it is not used, or a field: its words may be a field's name
}

// rawTable is rows of the file as they stand there, and beside each other what
// they were taken for.
type rawTable struct {
	Caption string
	Headers []string // of the columns, of which "" are those without
	Letters []string // as a spreadsheet names them
	Rows    []rawRow

	Understood bool // something was taken for something
}

type rawRow struct {
	Row   int
	Part  intake.RowPart
	Word  string // the part in words; "" for a slip
	Cells []intake.Cell
}

// showUpload shows a file as it is read, or how far the reading is.
func (s *Server) showUpload(w http.ResponseWriter, r *http.Request, v *visit) error {
	u, err := s.Desk.Upload(r.Context(), r.PathValue("id"), v.admin.Name)
	if err != nil {
		return s.becameRun(w, r, v, err)
	}
	if job := s.importOf(u.ID); job != nil && !job.over(r.Context(), 0) {
		return redirect(w, r, "/uploads/"+u.ID+"/import", "")
	}
	how, err := decodeReading(u.Reading)
	if err != nil {
		return err
	}
	sources, err := s.Desk.Sources(r.Context())
	if err != nil {
		return err
	}
	o, mistakes := how.options()
	at := s.lookAt(r.Context(), u, how, o)
	if !at.over(r.Context(), patience) {
		return s.wait(w, v, u, &at.work, "The file is being read", "Reading")
	}
	if at.err != nil {
		return at.err
	}
	page := newUploadPage(u, how, at.looked, mistakes)
	page.Source = sourceField(how.Source, sources)
	page.NewSource = Field{Name: "new_source", Label: "Or a new source", Optional: true, Max: 100, Hint: "For instance the payroll program and the plant."}
	return s.render(w, v, http.StatusOK, "upload", page)
}

// putReading writes down how the file is to be read, and reads it so. Another
// source brings what is known of it.
func (s *Server) putReading(w http.ResponseWriter, r *http.Request, v *visit) error {
	id := r.PathValue("id")
	u, err := s.Desk.Upload(r.Context(), id, v.admin.Name)
	if err != nil {
		return err
	}
	before, err := decodeReading(u.Reading)
	if err != nil {
		return err
	}
	how, said := readingForm(r), ""
	if other := strings.TrimSpace(plainText(r.PostForm.Get("new_source"))); other != "" {
		how.Source = other
	}
	if how.Source != "" && how.Source != before.Source && payroll.CheckSource(how.Source) == nil {
		known, err := s.readingOf(r.Context(), how.Source)
		if err != nil {
			return err
		}
		if known.Columns != nil {
			known.Period, known.PayDate, known.Negative, known.Supplement = how.Period, how.PayDate, how.Negative, how.Supplement
			if before.Corrects != 0 {
				known.Currency = how.Currency
			}
			how, said = known, "source-known"
		}
	}
	how.Corrects, how.Correction = before.Corrects, before.Correction
	if err := s.Desk.PutReading(r.Context(), id, v.admin.Name, how.encode()); err != nil {
		return err
	}
	// A file that must be mended comes again, and is read as this one.
	if how.Source != "" && how.Corrects == 0 && len(how.Columns) > 0 && payroll.CheckSource(how.Source) == nil {
		if err := s.Desk.PutMapping(r.Context(), how.Source, how.ofSource().encode(), v.admin.Name); err != nil {
			return err
		}
	}
	return redirect(w, r, "/uploads/"+id, said)
}

// readAgain forgets how the file was read, for instance after the roster changed.
func (s *Server) readAgain(w http.ResponseWriter, r *http.Request, v *visit) error {
	u, err := s.Desk.Upload(r.Context(), r.PathValue("id"), v.admin.Name)
	if err != nil {
		return s.becameRun(w, r, v, err)
	}
	s.uploads.forget(u.ID)
	return redirect(w, r, "/uploads/"+u.ID, "")
}

// badRows gives the bad rows of a file as one.
func (s *Server) badRows(w http.ResponseWriter, r *http.Request, v *visit) error {
	out := &lateHeader{w: w, kind: "text/csv; charset=utf-8", name: "bad-rows.csv"}
	err := s.writeBadRows(r.Context(), r.PathValue("id"), v.admin.Name, out)
	if err != nil && out.begun && r.Context().Err() == nil {
		s.Log.Error("bad rows", "error", err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
	if out.begun {
		return nil
	}
	return err
}

func newUploadPage(u payroll.Upload, how reading, looked intake.Looked, mistakes []Mistake) uploadPage {
	findings := slices.Clone(looked.Findings)
	if how.PayDate == "" {
		findings = append(findings, payroll.Finding{Severity: payroll.SeverityAsk, Code: "no_pay_date", Message: "Say on which day the money moves."})
	}
	p := uploadPage{
		Upload: u, Corrects: how.Corrects, Why: how.Correction, Mistakes: mistakes, Sums: sumsTable(looked.Checksums),
		Raw: newRawTable("The first rows", looked, looked.First), BadRows: newRawTable("Rows to mend", looked, looked.Bad), Noted: newRawTable("Rows to look at", looked, looked.Noted),
		Columns: columnChoices(looked, how), Countries: countryFields(), Bad: slices.ContainsFunc(findings, func(f payroll.Finding) bool { return f.Row > looked.Reading.HeaderRow && isBad(f) }),
	}
	anchors := map[int]bool{}
	for _, row := range slices.Concat(looked.First, looked.Bad, looked.Noted) {
		anchors[row.Row] = true
	}
	p.Groups = findingGroups(findings, anchors)
	asks := asksOf(findings)
	p.Decide = decisions(how, asks)
	p.Run, p.File = runFields(how, looked, asks), fileFields(how, looked, asks)
	p.Facts = []Fact{{Name: "File", Text: u.Name}, {Name: "Size", Text: bytesWords(u.Size)}, {Name: "SHA-256", Text: u.SHA256, Code: true}, {Name: "Uploaded", At: u.At}}
	p.judge(looked, payroll.VerdictOf(findings))
	return p
}

func isBad(f payroll.Finding) bool {
	return f.Severity == payroll.SeverityError || f.Severity == payroll.SeverityAsk
}

// judge says what can be done with the file.
func (p *uploadPage) judge(looked intake.Looked, verdict payroll.Verdict) {
	slips := plural(looked.Count, "slip")
	switch {
	case len(p.Mistakes) > 0:
		p.Verdict = Notice{Kind: "danger", Title: "What you wrote cannot be used", Text: "Mend it below and read the file again."}
	case verdict == payroll.VerdictRefuse:
		p.Verdict = Notice{Kind: "danger", Title: "Not yet: there are errors", Text: "Nothing is taken in until the whole file is right. Mend the file and upload it again, or mend below how it is read."}
	case verdict == payroll.VerdictAsk:
		p.Verdict = Notice{Kind: "warning", Title: "Not yet: something is for you to decide", Text: "It is marked below."}
	default:
		p.Ready, p.Button = true, "Make a draft of "+slips
		net := ""
		if looked.Totals.Net != "" {
			net = ", net pay " + groupedDecimal(looked.Totals.Net) + " " + string(looked.Currency)
		}
		p.Verdict = Notice{Kind: "success", Title: slips + " for " + periodWords(looked.Period) + net, Text: "Nothing is sent: it becomes a draft, which you check next."}
	}
}

// groupedDecimal puts commas between the thousands of a plain decimal.
func groupedDecimal(text string) string {
	whole, fraction, found := strings.Cut(text, ".")
	if found {
		return grouped(whole) + "." + fraction
	}
	return grouped(whole)
}

func sumsTable(sums []intake.Checksum) Table {
	t := Table{Caption: "The file's row of totals beside the sums of its rows", Quiet: true,
		Columns: []Column{{Name: "Column"}, {Name: "In the file", Number: true}, {Name: "Computed", Number: true}, {Name: "Difference", Number: true}, {Name: "Result"}}}
	for _, sum := range sums {
		chip, tone := Chip{"Agrees", "check", ToneGood}, TonePlain
		if !sum.Agrees {
			chip, tone = Chip{"Differs", "stop", ToneBad}, ToneBad
		}
		t.Rows = append(t.Rows, Row{Tone: tone, Cells: []Cell{
			{Text: sum.Header}, {Text: groupedDecimal(sum.Stated)}, {Text: groupedDecimal(sum.Sum)}, {Text: groupedDecimal(sum.Difference)}, {Chip: &chip},
		}})
	}
	return t
}

var partWords = map[intake.RowPart]string{
	intake.RowAbove: "above the header", intake.RowHeader: "header", intake.RowTotals: "totals", intake.RowUnread: "not read",
}

// newRawTable lays rows out; nil if there are none.
func newRawTable(caption string, looked intake.Looked, rows []intake.Row) *rawTable {
	if len(rows) == 0 {
		return nil
	}
	t := &rawTable{Caption: caption}
	width := len(looked.Headers)
	for _, row := range rows {
		width = max(width, len(row.Cells))
	}
	width = min(width, maxShownColumns)
	for i := range width {
		header := ""
		if i < len(looked.Headers) {
			header = looked.Headers[i].Text
		}
		t.Headers, t.Letters = append(t.Headers, header), append(t.Letters, columnLetters(i))
	}
	for _, row := range rows {
		cells := make([]intake.Cell, width)
		copy(cells, row.Cells)
		t.Understood = t.Understood || row.Part == intake.RowSlip
		t.Rows = append(t.Rows, rawRow{Row: row.Row, Part: row.Part, Word: partWords[row.Part], Cells: cells})
	}
	return t
}

// maxShownColumns bounds a table that people look at.
const maxShownColumns = 60

// columnLetters names a column as a spreadsheet does: 0 is A, 26 is AA.
func columnLetters(i int) string {
	letters := ""
	for i++; i > 0; i = (i - 1) / 26 {
		letters = string(rune('A'+(i-1)%26)) + letters
	}
	return letters
}

// columnChoices offers for each header of the file what it can stand for. What
// the maker said counts; else what the header says by itself.
func columnChoices(looked intake.Looked, how reading) []columnChoice {
	sample := func(column int) string {
		for _, row := range looked.First {
			if (row.Part == intake.RowSlip || row.Part == intake.RowUnread) && column < len(row.Cells) {
				return row.Cells[column].Raw
			}
		}
		return ""
	}
	var choices []columnChoice
	for i, header := range looked.Headers {
		if header.Text == "" {
			continue
		}
		as, said := how.Columns[header.Text]
		if !said {
			as = header.Canonical
		}
		kind, label, _ := strings.Cut(as, ":")
		c := columnChoice{ID: strconv.Itoa(i), Header: header.Text, Sample: sample(i), Label: label, Open: kind == "" || kind == "field"}
		for _, option := range columnKinds {
			option.Chosen = option.Value == kind
			c.Kinds = append(c.Kinds, option)
		}
		choices = append(choices, c)
	}
	return choices
}

// countryFields are the fields of the countries' profiles that a column can be.
func countryFields() []Option {
	var fields []Option
	for i := range payroll.Profiles {
		p := &payroll.Profiles[i]
		for _, f := range p.Fields {
			known := slices.ContainsFunc(fields, func(o Option) bool { return o.Value == string(f.ID) })
			if f.Section != payroll.SectionEmployer && !known {
				fields = append(fields, Option{Value: string(f.ID), Name: strings.TrimSuffix(f.Label("en")+", "+p.Country, ", ")})
			}
		}
	}
	return fields
}

func sourceField(source string, known []string) Field {
	f := Field{Name: "source", Label: "Source", Hint: "How this file is read is remembered for the next one of its source.", Options: []Option{{Name: "None", Chosen: source == ""}}}
	if source != "" && !slices.Contains(known, source) {
		known = append([]string{source}, known...)
	}
	for _, name := range known {
		f.Options = append(f.Options, Option{Value: name, Name: name, Chosen: name == source})
	}
	return f
}

// choose marks the option that is chosen.
func choose(value string, options ...Option) []Option {
	for i := range options {
		options[i].Chosen = options[i].Value == value
	}
	return options
}

func runFields(how reading, looked intake.Looked, asks map[string]string) []Field {
	period := how.Period
	if period == "" && !looked.Period.IsZero() {
		period = looked.Period.String()
	}
	return []Field{
		{Name: "period", Label: "Month paid for", Kind: "month", Value: period, Error: asks["no_period"], Hint: "Such as 2026-11.", Short: true},
		{Name: "pay_date", Label: "Pay date", Kind: "date", Value: how.PayDate, Error: asks["no_pay_date"], Hint: "The day on which the money moves.", Short: true},
		{Name: "currency", Label: "Currency", Value: how.Currency, Error: asks["no_currency"], Hint: currencyHint(looked), Max: 3, Short: true},
	}
}

func currencyHint(looked intake.Looked) string {
	if looked.Currency != "" {
		return "Three letters. The file is read as " + string(looked.Currency) + "."
	}
	return "Three letters, such as EUR; empty if the file says it."
}

// fileFields are how the file is read; what it shows by itself is named.
func fileFields(how reading, looked intake.Looked, asks map[string]string) []Field {
	was := func(word, value string) string {
		if value == "" {
			return "As the file shows"
		}
		return fmt.Sprintf("As the file shows: %s", word+value)
	}
	sheets := []Option{{Name: was("", looked.Reading.Sheet)}}
	for _, name := range looked.Sheets {
		sheets = append(sheets, Option{Value: name, Name: name})
	}
	fields := []Field{
		{Name: "header_row", Label: "Header row", Value: how.HeaderRow, Mode: "numeric", Max: 3, Short: true, Hint: headerHint(looked)},
		{Name: "decimal", Label: "Decimals", Error: asks["decimal_unknown"], Options: choose(how.Decimal,
			Option{Name: was("", string(looked.Reading.Decimal))}, Option{Value: "point", Name: "Point: 1,234.56"}, Option{Value: "comma", Name: "Comma: 1.234,56"})},
	}
	if looked.Sheets != nil {
		return append([]Field{{Name: "sheet", Label: "Sheet", Error: asks["several_sheets"], Options: choose(how.Sheet, sheets...)}}, fields...)
	}
	return append(fields,
		Field{Name: "encoding", Label: "Encoding", Error: asks["encoding_unknown"], Options: choose(how.Encoding,
			Option{Name: was("", looked.Reading.Encoding)}, Option{Value: "utf-8", Name: "UTF-8"}, Option{Value: "windows-1252", Name: "Windows-1252"})},
		Field{Name: "separator", Label: "Separator", Error: asks["separator_unclear"], Options: choose(how.Separator,
			Option{Name: was("", looked.Reading.Separator)}, Option{Value: "comma", Name: "Comma ,"}, Option{Value: "semicolon", Name: "Semicolon ;"}, Option{Value: "tab", Name: "Tab"})})
}

func headerHint(looked intake.Looked) string {
	if looked.Reading.HeaderRow > 0 {
		return fmt.Sprintf("Empty for the first row with anything in it. Read from row %d.", looked.Reading.HeaderRow)
	}
	return "Empty for the first row with anything in it."
}

// decisions are the checkboxes of what a person must say is right.
func decisions(how reading, asks map[string]string) []Choices {
	var all []Choices
	if asks["negative_pay"] != "" || how.Negative {
		all = append(all, Choices{Name: "negative", Many: true, Legend: "Pay below zero", Error: asks["negative_pay"],
			Options: []Option{{Value: "yes", Name: "I have looked: negative pay is right here", Hint: "For instance an advance that is taken back.", Chosen: how.Negative}}})
	}
	if asks["paid_twice"] != "" || how.Supplement {
		all = append(all, Choices{Name: "supplement", Many: true, Legend: "Paid already this month", Error: asks["paid_twice"],
			Options: []Option{{Value: "yes", Name: "This is a supplement: a further payment in the same month", Hint: "If the file replaces the earlier run, void that run instead.", Chosen: how.Supplement}}})
	}
	return all
}
