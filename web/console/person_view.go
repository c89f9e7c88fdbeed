package console

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/payseal/payseal/payroll"
)

// personData is what person.html shows.
type personData struct {
	above
	Name         string
	Lead         string
	Chips        []Chip
	Alarms       []Notice // what must be known before anything else
	Acts         []Act    // the buttons beside the heading
	Facts        []Fact
	Readiness    []Fact
	Advice       string
	Addresses    []Event
	FileAddress  string // where the file's address is made to count; "" where it does
	Certificates []certificateView
	Slips        Table
	SlipsPager   Pager
	Profile      []Fact
	EditProfile  string
	Notices      Table
	Reports      Table
	Log          Table
}

// certificateView is one certificate with its ladder.
type certificateView struct {
	Fingerprint payroll.Fingerprint
	Chips       []Chip
	Facts       []Fact
	Ladder      []Event
	Call, End   string // where it is compared, and where its use is ended; "" if the visitor may not
}

func (s *Server) personView(f file, paged bool, v *visit) personData {
	d := personData{
		above: above{[]Link{{Name: "People", Href: "/people"}}}, Name: f.Name, Lead: leadOf(f),
		Facts: s.factsOf(f), Addresses: addressEvents(f),
		Slips: slipsTable(f.Number, f.Slips, f.MoreSlips || paged), SlipsPager: slipsPager(f, paged),
		Profile: profileFacts(f.Person), Notices: noticesTable(f.Notices), Log: actsTable(f.Acts),
		Reports: reportsTable(f, v),
	}
	if f.Readiness != nil {
		chip := lackChip(*f.Readiness, f.Days.Zone, s.Now())
		d.Chips = []Chip{chip}
		d.Readiness, d.Advice = readinessFacts(f, chip), adviceOf(f.Readiness.Lack)
	}
	if f.PhoneChangedLately(s.Now()) {
		d.Alarms = append(d.Alarms, phoneNotice(*f.PhoneChangedAt, f.PhoneBy, s.Company.Zone))
	}
	from := origins(f.Steps, f.Acts)
	for _, c := range f.Certificates {
		d.Certificates = append(d.Certificates, certificateOf(f, c, from, v))
	}
	if v.is(rosterRoles...) {
		d.Acts, d.EditProfile = personActs(f, s.Now()), personPath(f.Number)+"/profile"
		if f.EmailInFile != "" {
			d.FileAddress = personPath(f.Number) + "/file-address"
		}
	}
	return d
}

func leadOf(f file) string {
	parts := []string{"Employee number " + string(f.Number)}
	for _, text := range []string{f.Designation, f.Department} {
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, " · ")
}

// phoneNotice warns of a telephone number that somebody brought lately.
func phoneNotice(at time.Time, by payroll.AdminName, zone *time.Location) Notice {
	who := "somebody"
	if by != "" {
		who = string(by)
	}
	return Notice{
		Kind: "warning", Title: "The telephone number is a new one",
		Text: fmt.Sprintf("It was changed on %s by %s. Call another number that you know to be theirs, or meet them: whoever changed it may answer it.",
			at.In(zone).Format("2 January 2006"), who),
	}
}

func (s *Server) factsOf(f file) []Fact {
	phone := Fact{Name: "Telephone", Text: f.Phone, Href: telephone(f.Phone), Missing: "none in HR's file"}
	if phone.Text != "" {
		phone.Missing = ""
	}
	facts := []Fact{phone}
	for _, line := range [][2]string{{"Country", f.Country}, {"Language", f.Language}} {
		if line[1] != "" {
			facts = append(facts, Fact{Name: line[0], Text: line[1]})
		}
	}
	if !f.Joined.IsZero() {
		facts = append(facts, Fact{Name: "Joined", Day: f.Joined})
	}
	if !f.Left.IsZero() {
		facts = append(facts, Fact{Name: "Leaves, or left", Day: f.Left})
	}
	if f.OnPaper {
		facts = append(facts, Fact{Name: "Slips", Text: "on paper", Hint: f.PaperReason})
	}
	return append(facts, Fact{Name: "In the roster since", At: f.CreatedAt})
}

// telephone is a link that dials a number as HR wrote it; "" if it has too few
// digits to be one.
func telephone(phone string) string {
	plain := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
	if len(plain) < 3 {
		return ""
	}
	return "tel:" + plain
}

// readinessFacts say for which day and why; chip is how the person stands.
func readinessFacts(f file, chip Chip) []Fact {
	r := f.Readiness
	day := Fact{Name: "Pay date", Day: f.Days.Dates[0]}
	if !f.Planned {
		day.Hint = "None is planned; this is a day in a month's time."
	}
	facts := []Fact{day, {Name: "Ready", Chip: &chip}}
	if len(r.Missing) > 0 {
		var steps []string
		for _, step := range r.Missing {
			steps = append(steps, strings.ToLower(stepWords[step]))
		}
		facts = append(facts, Fact{Name: "Still to come", Text: strings.Join(steps, ", then ")})
	}
	if r.Ends != nil {
		facts = append(facts, Fact{Name: "Certificate ends", Day: payroll.DateOf(r.Ends.In(f.Days.Zone))})
	}
	for _, date := range r.EndsBefore {
		facts = append(facts, Fact{Name: "Does not reach", Day: date})
	}
	return facts
}

// stepWords are the steps of the ladder as what happened.
var stepWords = map[payroll.Step]string{
	payroll.StepSubmitted:        "Handed in",
	payroll.StepAddressProven:    "Address proven",
	payroll.StepDecryptionProven: "Decryption proven",
	payroll.StepPhoneChecked:     "Fingerprint compared",
	payroll.StepCertified:        "Certified by the company",
}

// commands are the hints at commands in advice that was written for the terminal.
var commands = regexp.MustCompile(` \([^)]*(payseal|keys)[^)]*\)`)

// adviceOf is what removes a lack, as a sentence; "" if nothing is lacking.
func adviceOf(lack payroll.Lack) string {
	advice := commands.ReplaceAllString(lack.Advice(), "")
	if advice == "" {
		return ""
	}
	return strings.ToUpper(advice[:1]) + advice[1:] + "."
}

// addressEvents are the addresses of a person, the newest first. Those before are
// known from the mails that told of a change, which went to both.
func addressEvents(f file) []Event {
	now := Event{Title: "Address of today", State: "now", Code: string(f.Email), By: byWords(f.EmailBy)}
	if now.At = f.CreatedAt; f.EmailChangedAt != nil {
		now.At = *f.EmailChangedAt
	}
	if f.EmailInFile != "" {
		now.Note = "Confirmed by the employee in the form. HR's file still has the one before."
	}
	events := []Event{now}
	seen := map[string]bool{strings.ToLower(string(f.Email)): true}
	for _, n := range f.Notices {
		address := strings.ToLower(string(n.To))
		if n.Kind == payroll.NoticeChange && n.Topic == payroll.TopicAddressChanged && !seen[address] {
			seen[address] = true
			events = append(events, Event{Title: "Address until then", State: "done", At: n.Created, Code: string(n.To)})
		}
	}
	return events
}

// byWords is who acts, in words.
func byWords(by payroll.AdminName) string {
	switch by {
	case payroll.Themself:
		return "the employee"
	case payroll.Machine:
		return "payseal"
	}
	return string(by)
}

func certificateOf(f file, c payroll.StoredCertificate, from []string, v *visit) certificateView {
	view := certificateView{Fingerprint: c.Fingerprint, Chips: []Chip{standingChip(c.Standing)}, Ladder: ladderOf(f, c, from)}
	ends := Fact{Name: "Ends", Missing: "never"}
	if c.ExpiresAt != nil {
		ends = Fact{Name: "Ends", At: *c.ExpiresAt}
	}
	view.Facts = []Fact{ends}
	if c.CurrentSince != nil {
		view.Facts = append(view.Facts, Fact{Name: "In use since", At: *c.CurrentSince})
	}
	if c.Standing == payroll.CertificateCandidate && v.is(callRoles...) {
		view.Call = "/calls/" + url.PathEscape(string(c.Employee))
	}
	if c.Standing != payroll.CertificateRevoked && v.is(keyRoles...) {
		view.End = "/people/certificates/" + strconv.FormatInt(c.ID, 10) + "/end"
	}
	return view
}

// methodWords are how a step was taken.
var methodWords = map[string]string{
	"":                     "",
	"code":                 "with the code that was sealed to it",
	"phone":                "by telephone",
	"in-person":            "in person",
	"by-hand":              "by hand",
	"revoke":               "its use was ended",
	"revoke-certification": "the company's certification was revoked",
	payroll.MethodVouched:  "signed for with the certificate before it",
}

// ladderOf is what was done, and what of a certificate that climbs is still to
// come.
func ladderOf(f file, c payroll.StoredCertificate, from []string) []Event {
	var events []Event
	for i, step := range f.Steps {
		if step.Fingerprint != c.Fingerprint {
			continue
		}
		e := Event{Title: stepWords[step.Step], State: "done", At: step.At, By: byWords(step.By), From: from[i], Note: noteOf(step)}
		if strings.HasPrefix(step.Method, "revoke") {
			e.Title, e.State = "Ended", "bad"
		}
		events = append(events, e)
	}
	if c.Standing != payroll.CertificateCandidate {
		return events
	}
	state := "now"
	for _, step := range payroll.Steps {
		if !c.Step.Reached(step) && f.Days.Required.Reached(step) {
			events = append(events, Event{Title: stepWords[step], State: state})
			state = "next"
		}
	}
	return events
}

// noteOf is how a step was taken, and what the person wrote to it. A certification
// follows from the comparison, which says it.
func noteOf(step payroll.CertificateStep) string {
	if step.Step == payroll.StepCertified && !strings.HasPrefix(step.Method, "revoke") {
		return ""
	}
	how, known := methodWords[step.Method]
	if !known {
		how = step.Method
	}
	switch {
	case how == "":
		return step.Note
	case step.Note == "":
		return strings.ToUpper(how[:1]) + how[1:]
	}
	return strings.ToUpper(how[:1]) + how[1:] + ": " + step.Note
}

func profileFacts(p payroll.Person) []Fact {
	facts := []Fact{
		{Name: "Letter and signature", Text: wordOf(structureOptions, p.Profile.Structure)},
		{Name: "Presentation", Text: wordOf(presentationOptions, p.Profile.Presentation)},
	}
	if p.Seen == "" {
		return append(facts, Fact{Name: "Test slip", Missing: "nothing said of one yet"})
	}
	seen := Fact{Name: "Test slip", Text: seenWords[p.Seen]}
	if p.SeenAt != nil {
		seen.At = *p.SeenAt
	}
	return append(facts, seen)
}

var seenWords = map[payroll.Seen]string{
	payroll.SeenGood:        "opened, and the signature was good",
	payroll.SeenOpened:      "opened, but the signature was not shown as good",
	payroll.SeenAttachments: "only attachments were shown",
	payroll.SeenNothing:     "nothing arrived, or an empty mail",
}

// personActs are what can be done at once. Somebody whose certificate ends is
// reminded, somebody without one, or whose has ended, is invited.
func personActs(f file, now time.Time) []Act {
	if f.OnPaper || !f.Left.IsZero() && f.Left.Before(payroll.DateOf(now.In(f.Days.Zone))) {
		return nil
	}
	const soon = 90 * 24 * time.Hour
	var acts []Act
	current := false
	for _, c := range f.Certificates {
		if c.Standing != payroll.CertificateCurrent {
			continue
		}
		if c.ExpiresAt != nil && !c.ExpiresAt.After(now) {
			continue // ended: they are invited anew
		}
		current = true
		if c.ExpiresAt != nil && c.ExpiresAt.Sub(now) < soon {
			acts = append(acts, Act{Action: personPath(f.Number) + "/remind", Name: "Remind that it ends", Icon: "mail"})
		}
	}
	if current {
		return acts
	}
	name := "Invite"
	for _, n := range f.Notices {
		if n.Kind == payroll.NoticeInvitation {
			name = "Remind: invite again"
		}
	}
	return append(acts, Act{Action: personPath(f.Number) + "/invite", Name: name, Icon: "mail"})
}
