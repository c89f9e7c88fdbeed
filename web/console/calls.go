package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/payseal/payseal/payroll"
)

// Who may compare a fingerprint, as the command has it.
var callRoles = []payroll.Role{payroll.RoleApprover, payroll.RoleOperator}

func (s *Server) callRoutes() []route {
	return []route{
		{method: "GET", path: "/calls", handle: s.calls, roles: callRoles},
		{method: "GET", path: "/calls/{number}", handle: s.call, roles: callRoles},
		{method: "POST", path: "/calls/{number}", handle: s.called, roles: callRoles},
	}
}

func callPath(number payroll.EmployeeNumber) string {
	return "/calls/" + url.PathEscape(string(number))
}

// callsData is what calls.html shows.
type callsData struct {
	Lead  string
	Calls Table
}

func (s *Server) calls(w http.ResponseWriter, r *http.Request, v *visit) error {
	calls, waiting, err := s.Desk.PhoneCalls(r.Context(), s.Policy.Freeze, callsShown)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "calls", s.callsView(calls, waiting, v))
}

// callsShown are the most that the queue shows: nobody makes more calls a day.
const callsShown = 200

func (s *Server) callsView(calls []payroll.PhoneCall, waiting int, v *visit) callsData {
	d := callsData{Lead: "Nobody waits.", Calls: Table{Caption: "Who waits for a call", Quiet: true, Columns: []Column{
		{Name: "Name"}, {Name: "Telephone"}, {Name: "Waits since"}, {Name: "What to know"}, {Name: "Call", Quiet: true},
	}}}
	if waiting == 1 {
		d.Lead = "One person waits for somebody to compare the fingerprint with them."
	} else if waiting > 0 {
		d.Lead = people(waiting) + " wait for somebody to compare the fingerprint with them, the longest first."
	}
	for _, c := range calls {
		phone := Cell{Text: c.Phone, Href: telephone(c.Phone)}
		if c.Phone == "" {
			phone = Cell{Missing: "no number in HR's file"}
		}
		d.Calls.Rows = append(d.Calls.Rows, Row{Cells: []Cell{
			{Text: c.Name, Href: personPath(c.Employee), Hint: string(c.Employee)},
			phone, {At: c.Since}, {Chips: s.callChips(c, v), Hint: unanswered(c)},
			{Links: []Link{{Name: "Call", Href: callPath(c.Employee), Icon: "phone"}}},
		}})
	}
	d.Calls.Empty = &Empty{Drawing: "calls", Title: "Nobody waits for a call", Text: "Whoever has shown that they can open mails sealed to their key stands here, until somebody has compared its fingerprint."}
	return d
}

// callChips are what makes a call different from others.
func (s *Server) callChips(c payroll.PhoneCall, v *visit) []Chip {
	var chips []Chip
	if c.May(v.admin.Name) != nil {
		chips = append(chips, Chip{"Not by you", "hand", TonePlain})
	}
	if c.Needed > 1 {
		chips = append(chips, Chip{"Takes two people", "people", ToneWarn})
	}
	if c.Rekey {
		chips = append(chips, Chip{"Takes the place of another key", "swap", ToneWarn})
	}
	if c.PhoneChangedLately(s.Now()) {
		chips = append(chips, Chip{"New telephone number", "warning", ToneBad})
	}
	return chips
}

// unanswered says how often nobody answered.
func unanswered(c payroll.PhoneCall) string {
	switch c.Unanswered {
	case 0:
		return ""
	case 1:
		return "One call was not answered"
	}
	return count(c.Unanswered) + " calls were not answered"
}

// callData is what call.html shows.
type callData struct {
	Name        string
	Number      string
	Fingerprint payroll.Fingerprint
	Path        string
	Person      string // their page
	Facts       []Fact
	Warnings    []Notice
	Locked      string // why nobody's comparison counts at this moment; "" if it does
	Barred      string // why the visitor may not be the one; "" if they may
	Check       FingerprintCheck
	Methods     Choices
	Note        Field
	Mistakes    []Mistake
}

func (callData) frame(f *Frame) { f.Trail = []Link{{Name: "Calls", Href: "/calls"}} }

func (s *Server) call(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.Desk.PhoneCall(r.Context(), s.Policy.Freeze, numberOf(r))
	if err != nil {
		return err
	}
	page := s.callView(c, answers{}, v)
	if err := s.mayCertify(r.Context()); errors.Is(err, payroll.ErrNotAllowed) {
		page.Locked = toldBy(err)
	} else if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "call", page)
}

// answers are what the caller filled in.
type answers struct {
	Result string // "agreed", "no-answer" or "denied"
	Ticked []bool
	Method string
	Note   string
}

// answersOf reads the form of a call about a fingerprint.
func answersOf(r *http.Request, f payroll.Fingerprint) answers {
	a := answers{Result: r.PostForm.Get("result"), Method: r.PostForm.Get("method"), Note: strings.TrimSpace(r.PostForm.Get("note"))}
	for i := range strings.Fields(f.Grouped()) {
		a.Ticked = append(a.Ticked, r.PostForm.Get("group-"+strconv.Itoa(i+1)) == "1")
	}
	return a
}

// mistakes are what keeps the result from being recorded.
func (a answers) mistakes() []Mistake {
	var list []Mistake
	if a.Result == "agreed" && slices.Contains(a.Ticked, false) {
		list = append(list, Mistake{"", "Tick each group that the employee read out. If one of them differs, it is not their key."})
	}
	if a.Result == "agreed" && !slices.Contains(payroll.CheckMethods, a.Method) {
		list = append(list, Mistake{"method-0", "Say how you compared it."})
	}
	if a.Result != "no-answer" && a.Note == "" {
		list = append(list, Mistake{"note", "Write down who spoke with whom, or where you met."})
	}
	if err := payroll.CheckWords("note", a.Note); err != nil {
		list = append(list, Mistake{"note", "The note is longer than 500 characters, or has one that cannot be seen."})
	}
	return list
}

func (s *Server) callView(c payroll.PhoneCall, a answers, v *visit) callData {
	d := callData{
		Name: c.Name, Number: string(c.Employee), Fingerprint: c.Fingerprint, Path: callPath(c.Employee), Person: personPath(c.Employee),
		Facts: s.callFacts(c), Warnings: s.callWarnings(c), Mistakes: a.mistakesOnceSent(),
		Check:   FingerprintCheck{Fingerprint: c.Fingerprint, Name: "group", Legend: "Tick each group as the employee reads it out to you", Ticked: a.Ticked},
		Methods: choicesOf("method", "How did you compare it?", methodOptions, a.Method),
		Note: Field{Name: "note", Label: "Note", Kind: "textarea", Value: a.Note, Max: 500,
			Hint: "Who spoke with whom, by which number, or where you met. It is kept with the certificate."},
	}
	if err := c.May(v.admin.Name); err != nil {
		d.Barred = toldBy(err)
	}
	for _, m := range d.Mistakes {
		switch m.Field {
		case "":
			d.Check.Error = m.Text
		case "note":
			d.Note.Error = m.Text
		default:
			d.Methods.Error = m.Text
		}
	}
	return d
}

func (a answers) mistakesOnceSent() []Mistake {
	if a.Result == "" {
		return nil
	}
	return a.mistakes()
}

// toldBy is a refusal in the words of payroll, without what kind of error it is.
func toldBy(err error) string {
	text := strings.TrimPrefix(err.Error(), payroll.ErrNotAllowed.Error()+": ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

var methodOptions = []Option{
	{Value: "phone", Name: "By telephone", Hint: "I called the number in HR's file; I was not called."},
	{Value: "in-person", Name: "In person", Hint: "We met, and I know who they are."},
}

func (s *Server) callFacts(c payroll.PhoneCall) []Fact {
	phone := Fact{Name: "Call this number", Text: c.Phone, Href: telephone(c.Phone), Hint: "From HR's file. Never one from a mail or from the form."}
	if c.Phone == "" {
		phone = Fact{Name: "Call this number", Missing: "HR's file has none: meet them, or ask HR for it"}
	}
	facts := []Fact{phone, {Name: "Waits since", At: c.Since}}
	if c.HandedInBy != "" {
		facts = append(facts, Fact{Name: "Handed in by", Text: byWords(c.HandedInBy)})
	}
	if c.LastCall != nil {
		facts = append(facts, Fact{Name: "Tried before", Text: unanswered(c) + ", the last", At: *c.LastCall})
	}
	return facts
}

// callWarnings are what the caller must know before dialling.
func (s *Server) callWarnings(c payroll.PhoneCall) []Notice {
	var list []Notice
	if c.PhoneChangedLately(s.Now()) {
		list = append(list, phoneNotice(*c.PhoneChangedAt, c.PhoneBy, s.Company.Zone))
	}
	if c.Rekey {
		list = append(list, Notice{Kind: "warning", Title: "A new key in the place of another", Text: "Ask them why, before anything else."})
	}
	switch {
	case c.Needed > 1 && c.CheckedBy != "":
		list = append(list, Notice{Kind: "info", Title: "The second of two comparisons",
			Text: string(c.CheckedBy) + " has compared it. So close to a pay date a new key is compared by two people, so that nobody can change alone to whom the slips go."})
	case c.Needed > 1:
		list = append(list, Notice{Kind: "info", Title: "It takes two people",
			Text: "So close to a pay date a new key is compared by two people, so that nobody can change alone to whom the slips go. You may be the first; nothing is sealed to it before the second."})
	}
	return list
}

// called records what came of a call. The form says which fingerprint was shown:
// if another one waits by now, nothing is.
func (s *Server) called(w http.ResponseWriter, r *http.Request, v *visit) error {
	c, err := s.Desk.PhoneCall(r.Context(), s.Policy.Freeze, numberOf(r))
	if err != nil {
		return err
	}
	if payroll.Fingerprint(r.PostForm.Get("fingerprint")) != c.Fingerprint {
		return fmt.Errorf("%w: another certificate waits by now; begin the call again", payroll.ErrWrongState)
	}
	a := answersOf(r, c.Fingerprint)
	if len(a.mistakes()) > 0 {
		return s.render(w, v, http.StatusUnprocessableEntity, "call", s.callView(c, a, v))
	}
	switch a.Result {
	case "agreed":
		return s.agreed(w, r, v, c, a)
	case "no-answer":
		if err := s.Desk.RecordNoAnswer(r.Context(), c.Employee, c.Fingerprint, v.admin.Name); err != nil {
			return err
		}
		return redirect(w, r, "/calls", "no-answer")
	case "denied":
		return s.denied(w, r, v, c, a)
	}
	return fmt.Errorf("%w: say what came of the call", payroll.ErrInvalid)
}

// agreed records the comparison by the rule that the command has, and certifies.
func (s *Server) agreed(w http.ResponseWriter, r *http.Request, v *visit, c payroll.PhoneCall, a answers) error {
	stored, err := s.compared(r.Context(), c, a, v.admin.Name)
	if err != nil {
		return err
	}
	if stored.Awaits > 0 {
		return redirect(w, r, "/calls", "compared-once")
	}
	return redirect(w, r, "/calls", "compared")
}

// denied keeps that it is not the employee's key, and asks whether its use ends.
func (s *Server) denied(w http.ResponseWriter, r *http.Request, v *visit, c payroll.PhoneCall, a answers) error {
	stored, err := s.stored(r.Context(), c)
	if err != nil {
		return err
	}
	if err := s.Desk.DenyFingerprint(r.Context(), c.Employee, c.Fingerprint, a.Note, v.admin.Name); err != nil {
		return err
	}
	return redirect(w, r, "/people/certificates/"+strconv.FormatInt(stored.ID, 10)+"/end", "denied")
}

// stored is the certificate that a call is about.
func (s *Server) stored(ctx context.Context, c payroll.PhoneCall) (payroll.StoredCertificate, error) {
	list, err := s.Desk.CertificatesOf(ctx, c.Employee)
	if err != nil {
		return payroll.StoredCertificate{}, err
	}
	for _, stored := range list {
		if stored.Fingerprint == c.Fingerprint {
			return stored, nil
		}
	}
	return payroll.StoredCertificate{}, payroll.ErrWrongState
}
