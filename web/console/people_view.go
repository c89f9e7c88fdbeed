package console

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/payseal/payseal/payroll"
)

// census is how many people are under each filter. It is counted at most once a
// minute: it takes a look at everybody.
type census struct {
	mu          sync.Mutex
	at          time.Time
	terms       payroll.PeopleTerms
	Counts      map[payroll.PeopleFilter]int
	Departments []string
}

const (
	censusLasts     = time.Minute
	mostDepartments = 200 // to choose from
)

// counted is a census as a page shows it.
type counted struct {
	Counts      map[payroll.PeopleFilter]int
	Departments []string
}

func (c *census) of(ctx context.Context, desk PeopleDesk, terms payroll.PeopleTerms, now time.Time) (counted, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Counts == nil || terms != c.terms || now.Sub(c.at) >= censusLasts {
		counts, err := desk.CountPeople(ctx, terms)
		if err != nil {
			return counted{}, err
		}
		if c.Departments, err = desk.Departments(ctx, mostDepartments); err != nil {
			return counted{}, err
		}
		c.Counts, c.terms, c.at = counts, terms, now
	}
	return counted{c.Counts, c.Departments}, nil
}

// forget lets the next page count again, after an act that moved many.
func (c *census) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Counts = nil
}

// filterChips are the filters in words.
var filterChips = map[payroll.PeopleFilter]Filter{
	payroll.PeopleAll:      {Name: "Everyone"},
	payroll.PeopleReady:    {Name: "Ready", Icon: "check"},
	payroll.PeopleCall:     {Name: "Waiting for a call", Icon: "phone"},
	payroll.PeopleProof:    {Name: "Waiting for the code", Icon: "mail"},
	payroll.PeopleCertify:  {Name: "To be certified", Icon: "shield"},
	payroll.PeopleNoKey:    {Name: "No certificate", Icon: "key"},
	payroll.PeopleExpiring: {Name: "Expiring", Icon: "clock"},
	payroll.PeopleMoved:    {Name: "New address", Icon: "swap"},
	payroll.PeoplePaper:    {Name: "On paper", Icon: "paper"},
	payroll.PeopleLeft:     {Name: "Left", Icon: "exit"},
}

// peopleData is what people.html shows.
type peopleData struct {
	Lead         string
	Query        string // what was searched for
	Filters      Filters
	Department   *Field // nil where there is none to choose
	Kept         []Hidden
	People       Table
	Pager        Pager
	Cut          bool // more were found than are shown
	MayChange    bool
	Judged, Hint string
}

func (d peopleData) seenBy(v *visit) peopleData {
	d.MayChange = v.is(rosterRoles...)
	return d
}

func peopleView(q payroll.PeopleQuery, days payroll.PayDays, planned bool, c counted, lines []payroll.PersonLine, more bool, now time.Time) peopleData {
	d := peopleData{
		Lead:    fmt.Sprintf("%s in the roster.", people(c.Counts[payroll.PeopleAll])),
		Query:   q.Words + q.Number,
		Filters: Filters{Label: "Show", Chips: filtersOf(q, c)},
		People:  peopleTable(q, days, lines, now),
		Pager:   peoplePager(q, lines, more),
		Cut:     q.Words != "" && more,
		Judged:  "for the pay date " + dayWords(days.Dates[0]),
	}
	if !planned {
		d.Judged = "for " + dayWords(days.Dates[0]) + ", since no pay date is planned yet"
	}
	if q.Filter != payroll.PeopleAll || q.Department != "" || q.Number != "" || q.Words != "" {
		d.Filters.Clear = "/people"
	}
	if len(c.Departments) > 1 {
		d.Department = departmentField(q, c.Departments)
		if q.Filter != "" {
			d.Kept = []Hidden{{"show", string(q.Filter)}}
		}
	}
	return d
}

// people is a number of them, in words.
func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return count(n) + " people"
}

func departmentField(q payroll.PeopleQuery, names []string) *Field {
	f := &Field{Name: "department", Label: "Department", Short: true, Options: []Option{{Value: "", Name: "All departments"}}}
	for _, name := range names {
		f.Options = append(f.Options, Option{Value: name, Name: name, Chosen: name == q.Department})
	}
	return f
}

func filtersOf(q payroll.PeopleQuery, c counted) []Filter {
	var chips []Filter
	for _, f := range payroll.PeopleFilters {
		n, here := c.Counts[f], f == q.Filter
		if f == payroll.PeopleCertify && n == 0 && !here {
			continue // rare: the call and the certification are mostly one act
		}
		chip := filterChips[f]
		chip.Href, chip.Here = peoplePath(payroll.PeopleQuery{Filter: f, Department: q.Department}), here && q.Words == "" && q.Number == ""
		if chip.Count = count(n); q.Department != "" {
			chip.Count = "" // counted for the whole roster alone
		}
		chips = append(chips, chip)
	}
	return chips
}

// peoplePath is the page of a query, which has no words in it.
func peoplePath(q payroll.PeopleQuery) string {
	values := url.Values{}
	for name, value := range map[string]string{
		"show": string(q.Filter), "department": q.Department, "number": q.Number, "after": string(q.After), "before": string(q.Before),
	} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if len(values) == 0 {
		return "/people"
	}
	return "/people?" + values.Encode()
}

// peoplePager leads on by numbers. A search for words has one page, since its
// words must not stand in a URL.
func peoplePager(q payroll.PeopleQuery, lines []payroll.PersonLine, more bool) Pager {
	p := Pager{NewerName: "Previous", OlderName: "Next"}
	if q.Words != "" || len(lines) == 0 {
		return p
	}
	first, last := lines[0].Employee.Number, lines[len(lines)-1].Employee.Number
	back, on := q, q
	back.Before, back.After = first, ""
	on.After, on.Before = last, ""
	if q.Before != "" && more || q.After != "" {
		p.Newer = peoplePath(back)
	}
	if q.Before != "" || more {
		p.Older = peoplePath(on)
	}
	return p
}

func peopleTable(q payroll.PeopleQuery, days payroll.PayDays, lines []payroll.PersonLine, now time.Time) Table {
	t := Table{Caption: "People", Quiet: true, Columns: []Column{
		{Name: "Name"}, {Name: "Number"}, {Name: "Department", Wide: true}, {Name: "State"}, {Name: "Certificate ends", Wide: true},
	}}
	for _, l := range lines {
		ends := Cell{Missing: "never"}
		if l.Fingerprint == "" {
			ends.Missing = "no certificate"
		} else if l.ExpiresAt != nil {
			ends = Cell{Day: payroll.DateOf(l.ExpiresAt.In(days.Zone))}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: l.Employee.Name, Href: personPath(l.Employee.Number)},
			{Text: string(l.Employee.Number)},
			textOr(l.Employee.Department, "none"),
			{Chips: personChips(l, days, now)},
			ends,
		}})
	}
	t.Empty = emptyPeople(q)
	return t
}

// textOr is a text, or what is missing.
func textOr(text, missing string) Cell {
	if text == "" {
		return Cell{Missing: missing}
	}
	return Cell{Text: text}
}

func emptyPeople(q payroll.PeopleQuery) *Empty {
	switch {
	case q.Words != "" || q.Number != "":
		return &Empty{Drawing: "search", Title: "Nobody is found", Text: "Search for the beginning of an employee number, or of any words of a name."}
	case q.Filter != "" || q.Department != "":
		return &Empty{Drawing: "calm", Title: "Nobody is here", Text: "That may be good news.", Action: &Link{Name: "Show everyone", Href: "/people"}}
	}
	return &Empty{Drawing: "people", Title: "The roster is empty", Text: "Bring the file of HR in; it is shown to you before anything is kept."}
}

// personChips are how a person stands, as far as a list knows.
func personChips(l payroll.PersonLine, days payroll.PayDays, now time.Time) []Chip {
	var chips []Chip
	today := payroll.DateOf(now.In(days.Zone))
	switch left := l.Employee.Left; {
	case !left.IsZero() && left.Before(today):
		return []Chip{{"Left", "exit", TonePlain}}
	case l.Employee.OnPaper:
		chips = []Chip{{"On paper", "paper", TonePlain}}
	default:
		chips = readyChips(l, days, now)
	}
	if l.Moved != nil && now.Sub(*l.Moved) < payroll.MovedLately {
		chips = append(chips, Chip{"New address", "swap", ToneWarn})
	}
	return chips
}

func readyChips(l payroll.PersonLine, days payroll.PayDays, now time.Time) []Chip {
	r := l.Readiness(days)
	call := Chip{"Waits for a call", "phone", ToneWarn}
	switch {
	case l.Call && !r.Ready && l.Standing == payroll.CertificateCandidate:
		return []Chip{call}
	case l.Call:
		call.Word = "New key waits for a call"
		return []Chip{lackChip(r, days.Zone, now), call}
	}
	return []Chip{lackChip(r, days.Zone, now)}
}

// lackChip is readyChip with a word of its own for what it calls not ready.
func lackChip(r payroll.Readiness, zone *time.Location, now time.Time) Chip {
	switch r.Lack {
	case payroll.LackRelease:
		return Chip{"Change freeze", "hand", ToneWarn}
	case payroll.Lack(payroll.HoldExpired):
		if r.Ends != nil && !r.Ends.After(now) {
			return Chip{"Ended " + dayWords(payroll.DateOf(r.Ends.In(zone))), "clock", ToneBad}
		}
		return Chip{"Ends before payday", "clock", ToneBad}
	case payroll.LackCertification:
		return Chip{"To be certified", "shield", ToneWarn}
	}
	return readyChip(r)
}
