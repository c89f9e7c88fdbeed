package console

import (
	"html/template"
	"time"

	"github.com/payseal/payseal/payroll"
)

// The types of this file are the data of the named parts in pages/parts. A
// screen fills one and writes {{template "table" .Table}}; where it is shorter, a
// template builds the same fields with {{template "empty" (data "Title" "…")}}.
// Every text is plain: the parts escape it. Amounts, counts and moments that are
// strings here were formatted by the screen.

// Tone is what a colour means. It never stands alone: a word, and mostly an
// icon, says the same.
type Tone string

// The tones.
const (
	TonePlain Tone = ""     // nothing has happened yet, or nothing will
	ToneLive  Tone = "live" // moves by itself
	ToneGood  Tone = "good"
	ToneWarn  Tone = "warn" // waits for a person
	ToneBad   Tone = "bad"  // went wrong
)

// Link is a place to go.
type Link struct {
	Name string
	Href string
	Icon string // of icons; "" for none
}

// Chip is a state as a small label, for the part "chip".
type Chip struct {
	Word string
	Icon string // of icons
	Tone Tone
}

// Table is rows under columns, for the part "table". The first cell of a row is
// its header. On phones every row is a card in which the columns' names stand
// before the values.
type Table struct {
	Caption string // what is listed; read out before the table
	Quiet   bool   // the caption is for screen readers alone, a heading says it
	Columns []Column
	Rows    []Row
	Foot    []Cell // a row of totals; nil for none
	Empty   *Empty // shown instead where there are no rows
}

// Column is the head of a column.
type Column struct {
	Name   string
	Number bool   // its values are numbers: to the right, digits of one width
	Quiet  bool   // the name is for screen readers alone (a column of buttons)
	Wide   bool   // left out on phones: the row's own page says it, too
	Sort   string // the page sorted by this column; "" if it cannot be
	Order  string // "ascending" or "descending" if the page is sorted by it now
}

// Row is a row of a Table, with as many cells as there are columns.
type Row struct {
	ID    string // to link to it: "row-17"; "" for none
	Tone  Tone   // bad or warn marks the row at its edge; its words must say so, too
	Cells []Cell
}

// Cell is one value. What is set is shown, in the order of the fields.
type Cell struct {
	Pick    *Pick
	Text    string
	Href    string // makes Text a link
	Code    bool   // Text is a hash, a reply, a number to compare
	Chip    *Chip
	Chips   []Chip
	At      time.Time // a moment
	Day     payroll.Date
	Figure  template.HTML // a chart
	Hint    string        // smaller, below
	Links   []Link
	Act     *Act
	Missing string // said where there is nothing: "never"; shown as a dash with that word for screen readers
}

// Pick is a checkbox of a row.
type Pick struct {
	Name, Value string
	Label       string // "Choose Kiran A": for screen readers
	Checked     bool
	Form        string // the id of the form that it belongs to, where the table is not inside it
}

// Act is one button that posts a form of its own.
type Act struct {
	Action string // where it is posted
	Name   string // on the button
	About  string // goes on for screen readers: "Resend", "the slip of Kiran A"
	Hidden []Hidden
	Tone   Tone   // bad for what cannot be undone
	Icon   string // of icons
}

// Hidden is a field that a form carries unseen.
type Hidden struct{ Name, Value string }

// Filters is the bar above a table, for the part "filters": a search field that
// works as a GET form, and chips that are links.
type Filters struct {
	Action      string // the page
	Search      string // the field's label; "" for no search
	Placeholder string
	Query       string // what was searched for; the field's name is "q"
	Hidden      []Hidden
	Label       string // what the chips sort by: "Show"
	Chips       []Filter
	Clear       string // the page without any filter; "" if none is set
}

// Filter is one chip of the bar.
type Filter struct {
	Name  string
	Count string // formatted; "" for none
	Href  string
	Here  bool
	Icon  string
}

// Pager leads through a long list by its keys, for the part "pager". There is no
// page number and no jump: the list moves while one reads.
type Pager struct {
	Newer, Older         string // "" at the ends
	NewerName, OlderName string // "Newer" and "Older" if empty
	Note                 string // "100 of 98,213"
}

// Fact is a line of a definition list, for the part "facts" (a []Fact).
type Fact struct {
	Name        string
	Text        string
	Href        string
	Code        bool
	Chip        *Chip
	At          time.Time
	Day         payroll.Date
	Fingerprint payroll.Fingerprint
	Figure      template.HTML
	Hint        string
	Missing     string // said where there is nothing
}

// Stat is a number worth a tile, for the part "stats" (a []Stat).
type Stat struct {
	Name   string
	Value  string // formatted
	Unit   string // "EUR", "slips"; "" for none
	Hint   string
	Href   string // makes the tile a link
	Tone   Tone
	Icon   string
	Figure template.HTML // a bar
}

// Event is one point of a timeline, for the part "timeline" (a []Event): a
// ladder, an address history, a run's life.
type Event struct {
	Title  string
	State  string // "done", "now", "next" or "bad"
	At     time.Time
	By     string // who
	From   string // from where
	Note   string // what they wrote
	Code   string // a hash, a fingerprint, an address
	Chip   *Chip
	Href   string // makes the title a link
	Figure template.HTML
}

// Empty is what stands where there is nothing yet, for the part "empty".
type Empty struct {
	Drawing string // "people", "runs", "calls", "calm", "search", "calendar"; "" is "calm"
	Title   string
	Text    string
	Action  *Link
}

// Progress is a bar that fills, for the part "progress". A script that knows the
// id changes value, max and text; what is read out changes only by whole tenths.
type Progress struct {
	ID        string // of the element; the text has ID-text, what is read out ID-said
	Label     string
	Done, All int
	Text      string // "48,210 of 100,000, about 12 minutes left"
	Said      string // what screen readers hear: "48 percent"
	Live      bool   // it moves
}

// FingerprintCheck is a fingerprint to be read out over the phone, for the part
// "fingerprint-check": a checkbox for each group of four, the fields Name+"-1",
// "-2" and so on with the value "1".
type FingerprintCheck struct {
	Fingerprint payroll.Fingerprint
	Name        string // "group"
	Legend      string // what to do
	Ticked      []bool // what was ticked in a form that came back; nil for none
	Error       string
}

// Change is one thing last month and this, for the part "changes" (a Changes).
type Change struct {
	Name   string
	Href   string
	Before string // formatted; "" if it was not there
	Now    string // formatted; "" if it is not there
	Change string // "+1,204.00", "−3"; with its sign
	Ratio  string // "+2.4%"; "" for none
	Way    string // "up", "down" or "same"
	Tone   Tone   // warn where it is beyond a threshold
	Note   string // why it stands out
}

// Changes is a table of what has changed.
type Changes struct {
	Caption     string
	Quiet       bool   // the caption is for screen readers alone
	Before, Now string // the columns: "October 2026", "November 2026"
	Rows        []Change
}

// Confirm asks before an act, for the part "confirm".
type Confirm struct {
	ID         string // of the form; its fields begin with it
	Action     string // where it is posted
	Title      string
	Text       string
	Points     []string // what will happen
	Hidden     []Hidden
	Reason     bool   // a reason must be given; the field's name is "reason"
	ReasonName string // its label; "Reason" if empty
	ReasonHint string
	Given      string // what was written in a form that came back
	Error      string // what is wrong with the reason
	StepUp     bool   // a fresh second factor will be asked for
	TwoPeople  bool   // a second person must confirm
	Button     string
	Tone       Tone // bad for what cannot be undone
	Cancel     string
}

// Drop is a place for files, for the part "drop". It is a plain file field; a
// script may light it up (data-over) while a file is held over it.
type Drop struct {
	Name     string // of the field, and its id
	Label    string
	Hint     string // "CSV or XLSX, up to 50 MB"
	Accept   string // ".csv,.xlsx"
	Multiple bool
	Required bool
	Error    string
}

// Tab is a tab, which is a link, for the part "tabs" (a Tabs).
type Tab struct {
	Name  string
	Href  string
	Count string // formatted; "" for none
	Here  bool
}

// Tabs are pages that belong together.
type Tabs struct {
	Label string // for screen readers: "Run 12"
	Tabs  []Tab
}

// Alarm is something that must be looked at now, for the part "alarm".
type Alarm struct {
	Title  string
	Text   string
	Points []string
	Action *Link
	At     time.Time
}

// Notice is a message in the page, for the part "notice"; flashes are notices,
// too.
type Notice struct {
	Kind  string // "info", "success", "warning" or "danger"
	Title string
	Text  string
	Link  *Link
}

// StepUp is the banner over a page that asks for a fresh second factor, for the
// part "step-up".
type StepUp struct {
	Act  string // what it is for: "approve run 12"
	Hash string // what is approved; "" where nothing is
	Href string // where the factor is asked for; "" on that very page
}

// TwoPeople is the banner of an act that waits for a second person, for the part
// "two-people".
type TwoPeople struct {
	What    string // "add the admin kiran as approver"
	By      string // who proposed it
	At      time.Time
	Expires time.Time
	Mine    bool   // the visitor proposed it, or it is about them, and cannot confirm it
	Href    string // the proposal
}

// Field is a field of a form, for the part "field".
type Field struct {
	Name      string // of the field, and its id
	Label     string
	Hint      string
	Error     string
	Value     string
	Kind      string // type of the input: "text" if empty; "textarea" for lines
	Auto      string // autocomplete: "off" if empty
	Mode      string // inputmode: "numeric"
	Max       int    // most characters; 0 for no limit
	Required  bool
	Optional  bool     // says "(optional)"
	Short     bool     // as wide as a few words
	Code      bool     // to be compared by eye: fixed width
	Options   []Option // makes it a select
	Unit      string   // after the field: "days"
	Disabled  bool
	Autofocus bool
}

// Option is one choice of a select, or of the part "choices".
type Option struct {
	Value, Name, Hint string
	Chosen            bool
}

// Choices are radio buttons, or checkboxes, for the part "choices".
type Choices struct {
	Name    string
	Legend  string
	Hint    string
	Error   string
	Many    bool // checkboxes
	Options []Option
}

// Mistake is a line of the summary above a form that came back, for the part
// "mistakes" (a []Mistake).
type Mistake struct {
	Field string // its id
	Text  string
}
