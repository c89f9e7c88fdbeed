package console

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// auditRoles may look at the log, verify it and take it out.
var auditRoles = []payroll.Role{payroll.RoleAuditor, payroll.RoleOperator, payroll.RoleApprover}

func (s *Server) auditRoutes() []route {
	return []route{
		{method: "GET", path: "/audit", handle: s.audit, roles: auditRoles},
		{method: "GET", path: "/audit/{seq}", handle: s.auditEntry, roles: auditRoles},
		{method: "GET", path: "/audit/verify", handle: s.verifyForm, roles: auditRoles},
		{method: "POST", path: "/audit/verify", handle: s.verify, roles: auditRoles, stream: true, rate: rateAsk},
		{method: "GET", path: "/audit/export", handle: s.exportForm, roles: auditRoles},
		{method: "POST", path: "/audit/export", handle: s.export, roles: auditRoles, stepUp: true, stream: true, rate: rateAsk},
	}
}

// auditPage is how many entries are on a page.
const auditPage = 50

// auditData is what audit.html shows.
type auditData struct {
	Fields  []Field
	Clear   bool
	Entries Table
	Pager   Pager
	Head    []Fact
}

// auditForm is what the page's address asks for. It holds acts, names of admins,
// numbers and days, and nothing else.
type auditForm struct {
	who, act, subject, match, from, until string
	before, after                         int64
}

func auditFormOf(values url.Values) (auditForm, error) {
	get := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	f := auditForm{who: get("who"), act: get("act"), subject: get("subject"), match: get("match"), from: get("from"), until: get("until")}
	for _, text := range []string{f.who, f.act, f.subject} {
		if err := payroll.CheckText("filter", text); err != nil {
			return f, err
		}
	}
	for name, into := range map[string]*int64{"before": &f.before, "after": &f.after} {
		if text := get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 64)
			if err != nil || n < 1 {
				return f, errNoPage
			}
			*into = n
		}
	}
	return f, nil
}

// query is the form as the database is asked: one entry more than a page, to know
// whether there is another. Days are those of the zone.
func (f auditForm) query(zone *time.Location) (payroll.AuditQuery, error) {
	q := payroll.AuditQuery{Who: payroll.AdminName(f.who), Act: f.act, Subject: f.subject, Prefix: f.match == "begins",
		Before: f.before, After: f.after, Limit: auditPage + 1}
	if f.from != "" {
		day, err := payroll.ParseDate(f.from)
		if err != nil {
			return q, err
		}
		q.From = day.At(0, 0, zone)
	}
	if f.until != "" {
		day, err := payroll.ParseDate(f.until)
		if err != nil {
			return q, err
		}
		q.Until = day.AddDays(1).At(0, 0, zone)
	}
	return q, nil
}

// path is the page of the form, from one entry on.
func (f auditForm) path(key string, seq int64) string {
	values := url.Values{}
	for name, value := range map[string]string{"who": f.who, "act": f.act, "subject": f.subject, "match": f.match, "from": f.from, "until": f.until} {
		if value != "" {
			values.Set(name, value)
		}
	}
	if seq != 0 {
		values.Set(key, strconv.FormatInt(seq, 10))
	}
	if len(values) == 0 {
		return "/audit"
	}
	return "/audit?" + values.Encode()
}

func (s *Server) audit(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := auditFormOf(r.URL.Query())
	if err != nil {
		return err
	}
	q, err := f.query(s.Company.Zone)
	if err != nil {
		return err
	}
	entries, err := s.Desk.SearchAudit(r.Context(), q)
	if err != nil {
		return err
	}
	pages, entries := pageOf(f.before != 0, f.after != 0, auditPage, entries)
	d := auditData{Entries: auditTable(entries, f), Clear: f.path("", 0) != "/audit"}
	if pages.newer {
		d.Pager.Newer = f.path("after", entries[0].Sequence)
	}
	if pages.older {
		d.Pager.Older = f.path("before", entries[len(entries)-1].Sequence)
	}
	if d.Fields, err = s.auditFields(r, f); err != nil {
		return err
	}
	d.Head, err = s.auditHead(r)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "audit", d)
}

func (s *Server) auditFields(r *http.Request, f auditForm) ([]Field, error) {
	people, err := s.Desk.AuditPeople(r.Context())
	if err != nil {
		return nil, err
	}
	acts, err := s.Desk.AuditActs(r.Context())
	if err != nil {
		return nil, err
	}
	zone := s.Company.Zone.String()
	return []Field{
		{Name: "who", Label: "Who", Short: true, Options: optionsOf("Anybody", people, f.who)},
		{Name: "act", Label: "Act", Short: true, Options: optionsOf("Anything", acts, f.act)},
		{Name: "subject", Label: "About", Value: f.subject, Short: true, Max: 200},
		{Name: "match", Label: "Which is", Short: true, Options: chosen([]Option{{Value: "", Name: "exactly this"}, {Value: "begins", Name: "what begins so"}}, f.match)},
		{Name: "from", Label: "From (" + zone + ")", Kind: "date", Value: f.from, Short: true},
		{Name: "until", Label: "Until (" + zone + ")", Kind: "date", Value: f.until, Short: true},
	}, nil
}

func optionsOf(all string, words []string, value string) []Option {
	options := []Option{{Name: all}}
	for _, word := range words {
		options = append(options, Option{Value: word, Name: word})
	}
	if value != "" && !slices.Contains(words, value) {
		options = append(options, Option{Value: value, Name: value})
	}
	return chosen(options, value)
}

// auditHead is what is remembered of the log, and how long it is.
func (s *Server) auditHead(r *http.Request) ([]Fact, error) {
	last, err := s.Desk.LastAuditEntry(r.Context())
	if err != nil {
		return nil, err
	}
	facts := []Fact{{Name: "Entries", Text: count(last.Sequence)}, {Name: "Head", Text: last.Hash, Code: last.Hash != "", Hint: "Keep it elsewhere: it later proves that nothing was cut off."}}
	head, broken, err := s.rememberedHead(r)
	switch {
	case err != nil:
		return nil, err
	case broken != "":
		return append(facts, Fact{Name: "Remembered", Text: sentence(broken), Chip: &Chip{"Changed", "stop", ToneBad}}), nil
	case head.Sequence == 0:
		return append(facts, Fact{Name: "Remembered", Missing: "nothing yet; a worker remembers it every hour"}), nil
	}
	return append(facts, Fact{Name: "Remembered", Text: "as far as entry " + count(head.Sequence), Hint: "A worker walks on from there every hour, and from the beginning every day."}), nil
}

func auditTable(entries []payroll.AuditEntry, f auditForm) Table {
	t := Table{Caption: "The audit log, the newest first", Quiet: true, Columns: []Column{
		{Name: "Entry"}, {Name: "When"}, {Name: "Who"}, {Name: "Act"}, {Name: "About"},
	}, Empty: &Empty{Drawing: "search", Title: "Nothing is like that", Action: &Link{Name: "The whole log", Href: "/audit"}}}
	for _, e := range entries {
		about := Cell{Missing: "nothing in particular"}
		if e.Subject != "" {
			about = Cell{Text: e.Subject, Href: auditForm{subject: e.Subject}.path("", 0)}
			if f.subject == e.Subject {
				about.Href = ""
			}
		}
		t.Rows = append(t.Rows, Row{Cells: []Cell{
			{Text: count(e.Sequence), Href: auditEntryPath(e.Sequence)}, {At: e.At}, textOr(string(e.Who), "nobody"), {Text: e.What, Hint: detailWords(e)}, about,
		}})
	}
	return t
}

func auditEntryPath(seq int64) string { return "/audit/" + strconv.FormatInt(seq, 10) }

// longestDetail is how much of an entry's detail a list shows.
const longestDetail = 160

func detailWords(e payroll.AuditEntry) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(e.Detail)) {
		value := e.Detail[key]
		if manifestText.MatchString(value) { // a hash: its own page has the whole
			value = value[:12] + "…"
		}
		if value != "" {
			parts = append(parts, key+": "+value)
		}
	}
	words := []rune(strings.Join(parts, "; "))
	if len(words) > longestDetail {
		return string(words[:longestDetail]) + "…"
	}
	return string(words)
}

// auditEntryData is what audit_entry.html shows.
type auditEntryData struct {
	Title         string
	Facts, Detail []Fact
	Older, Newer  string
}

func (auditEntryData) frame(f *Frame) { f.Trail = []Link{{Name: "Audit", Href: "/audit"}} }

func (s *Server) auditEntry(w http.ResponseWriter, r *http.Request, v *visit) error {
	seq, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil || seq < 1 {
		return errNoPage
	}
	found, err := s.Desk.SearchAudit(r.Context(), payroll.AuditQuery{Before: seq + 1, Limit: 1})
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].Sequence != seq {
		return payroll.ErrNotFound
	}
	e := found[0]
	seal := Chip{"Fits what stands here", "check", ToneGood}
	if e.Seal() != e.Hash {
		seal = Chip{"Does not fit: the entry was changed", "stop", ToneBad}
	}
	d := auditEntryData{Title: fmt.Sprintf("Entry %d", e.Sequence), Newer: auditEntryPath(seq + 1), Facts: []Fact{
		{Name: "When", At: e.At, Hint: e.At.Format("15:04:05.000000 UTC")},
		{Name: "Who", Text: string(e.Who), Missing: missing(string(e.Who), "nobody")},
		{Name: "Act", Text: e.What},
		{Name: "About", Text: e.Subject, Href: auditForm{subject: e.Subject}.path("", 0), Missing: missing(e.Subject, "nothing in particular")},
		{Name: "Hash", Text: e.Hash, Code: true, Chip: &seal},
		{Name: "Hash of the entry before", Text: e.Previous, Code: e.Previous != "", Missing: missing(e.Previous, "it is the first")},
	}}
	if seq > 1 {
		d.Older = auditEntryPath(seq - 1)
	}
	for _, key := range slices.Sorted(maps.Keys(e.Detail)) {
		d.Detail = append(d.Detail, Fact{Name: key, Text: e.Detail[key], Missing: missing(e.Detail[key], "nothing")})
	}
	return s.render(w, v, http.StatusOK, "audit_entry", d)
}
