package mailer

import (
	"bytes"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/payseal/payseal/payroll"
)

// Notice is a mail that is not sealed and carries no pay data: a fixed text in
// the employee's language. Its texts stand in wording_*.go; there is no way to
// put another into it.
type Notice struct {
	subject string
	body    string
}

// IsZero reports whether there is nothing to say.
func (n Notice) IsZero() bool { return n.body == "" }

// Company is all that notices say of the company: name and contact of one line
// and at most 200 characters each. Every method takes a BCP 47 tag, "" for the
// company's language; one for which there is no text gives English. Errors wrap payroll.ErrInvalid.
type Company struct {
	Name    string
	Contact string // whom employees ask; "": the company by its name
	Origin  string // of the form, such as "https://payroll.acme.example"; "": there is none

	Language string // for employees without one of their own; "" is English
}

// wording is how the company says something in a language, and the name of that
// language in the form's addresses.
func (c Company) wording(language string) (*wording, string) {
	if language == "" {
		language = c.Language
	}
	return wordingFor(language)
}

// Held tells an employee that a slip is waiting, why, and what to do about it.
// It reports false for reasons that are HR's to remove and about which the
// employee is not told.
func (c Company) Held(reason payroll.HoldReason, language string) (Notice, bool, error) {
	w, _ := c.wording(language)
	why, told := w.held.reasons[reason]
	if !told {
		return Notice{}, false, nil
	}
	text := []string{w.held.waiting, why}
	if c.Origin != "" {
		text = append(text, w.mendHere, "{page}")
	}
	n, err := c.notice(language, passage{w.held.subject, append(text, w.held.ask, w.caution)})
	return n, err == nil, err
}

// Invitation asks an employee to enrol. The token is the link's secret, until is
// when it ends, in the company's zone.
func (c Company) Invitation(language, token string, until time.Time) (Notice, error) {
	w, _ := c.wording(language)
	return c.linked(language, w.invitation, "enter", token, until)
}

// FreshLink is the link that an employee asked for.
func (c Company) FreshLink(language, token string, until time.Time) (Notice, error) {
	w, _ := c.wording(language)
	return c.linked(language, w.link, "enter", token, until)
}

// ConfirmOld asks at the address that an employee has whether it may change.
func (c Company) ConfirmOld(language, token string, until time.Time) (Notice, error) {
	w, _ := c.wording(language)
	return c.linked(language, w.confirmOld, "confirm", token, until)
}

// ConfirmNew asks at the address that an employee wants.
func (c Company) ConfirmNew(language, token string, until time.Time) (Notice, error) {
	w, _ := c.wording(language)
	return c.linked(language, w.confirmNew, "confirm", token, until)
}

// Change tells an employee of something that happened; topic is one of payroll's.
func (c Company) Change(language, topic string) (Notice, error) {
	w, _ := c.wording(language)
	p, known := w.changes[topic]
	if !known {
		return Notice{}, fmt.Errorf("write notice: %w: there is no text for the topic", payroll.ErrInvalid)
	}
	text := append(p.text[:len(p.text):len(p.text)], w.unknown)
	if c.Origin != "" {
		text = append(text, w.lookHere, "{page}")
	}
	return c.notice(language, passage{p.subject, append(text, w.caution)})
}

// Reminder tells an employee on which day their certificate ends.
func (c Company) Reminder(language string, ends payroll.Date) (Notice, error) {
	w, _ := c.wording(language)
	text := w.reminder.text[:len(w.reminder.text):len(w.reminder.text)]
	if c.Origin != "" {
		text = append(text, w.handIn, "{page}")
	} else {
		text = append(text, w.handInTo)
	}
	return c.notice(language, passage{w.reminder.subject, append(text, w.caution)}, "{end}", ends.String())
}

// Digest tells HR in numbers who is ready for a pay date.
func (c Company) Digest(language string, counts payroll.DigestCounts) (Notice, error) {
	w, _ := c.wording(language)
	return c.notice(language, passage{w.digest.subject, append(w.digest.text[:1:1], w.counts, "payseal readiness --pay-date {end}")},
		"{end}", counts.PayDate.String(), "{ready}", strconv.Itoa(counts.Ready),
		"{waiting}", strconv.Itoa(counts.Employees-counts.Ready), "{ending}", strconv.Itoa(counts.Ending))
}

// ReportAlert tells HR that an employee reported something, and not what.
func (c Company) ReportAlert(language string) (Notice, error) {
	w, _ := c.wording(language)
	return c.notice(language, w.report)
}

// Alarm tells those who look after payseal that there is an alarm, and not which.
func (c Company) Alarm(language string) (Notice, error) {
	w, _ := c.wording(language)
	return c.notice(language, w.alarm)
}

// token is what a link's secret looks like.
var token = regexp.MustCompile(`^[A-Za-z0-9_-]{20,100}$`)

// linked writes a notice whose link opens a page of the form.
func (c Company) linked(language string, p passage, page, secret string, until time.Time) (Notice, error) {
	switch {
	case c.Origin == "":
		return Notice{}, fmt.Errorf("write notice: %w: there is no form to lead to (web.origin)", payroll.ErrInvalid)
	case !token.MatchString(secret):
		return Notice{}, fmt.Errorf("write notice: %w: the link has no secret", payroll.ErrInvalid)
	case until.IsZero():
		return Notice{}, fmt.Errorf("write notice: %w: the link does not say when it ends", payroll.ErrInvalid)
	}
	w, spoken := c.wording(language)
	text := append(p.text[:len(p.text):len(p.text)], w.genuine, w.caution)
	return c.notice(language, passage{p.subject, text},
		"{link}", c.Origin+"/"+spoken+"/"+page+"/"+secret, "{until}", until.Format("2006-01-02 15:04 MST"))
}

// notice fills a passage.
func (c Company) notice(language string, p passage, values ...string) (Notice, error) {
	w, spoken := c.wording(language)
	fixed, err := c.values(spoken)
	if err != nil {
		return Notice{}, fmt.Errorf("write notice: %w", err)
	}
	values = append(fixed, values...)
	return Notice{subject: strings.NewReplacer(values...).Replace(p.subject), body: w.fill(p.text, values...)}, nil
}

// values are what stands for the company in every text.
func (c Company) values(spoken string) ([]string, error) {
	if c.Contact == "" {
		c.Contact = c.Name
	}
	for what, text := range map[string]string{"company's name": c.Name, "contact": c.Contact} {
		if err := payroll.CheckText(what, text); err != nil {
			return nil, err
		}
		if text == "" || strings.ContainsAny(text, "{}") {
			return nil, fmt.Errorf("%w: the %s is empty or has a brace in it", payroll.ErrInvalid, what)
		}
	}
	if err := checkOrigin(c.Origin); err != nil {
		return nil, err
	}
	return []string{"{company}", c.Name, "{contact}", c.Contact, "{origin}", c.Origin + "/", "{page}", c.Origin + "/" + spoken + "/"}, nil
}

// checkOrigin refuses what is not scheme and host: https, or http on this
// machine, for trying it out.
func checkOrigin(origin string) error {
	if origin == "" {
		return nil
	}
	u, err := url.Parse(origin)
	if err != nil || origin != u.Scheme+"://"+u.Host || u.Hostname() == "" || strings.ContainsFunc(origin, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return fmt.Errorf("%w: the form's address is written https://payroll.acme.example, with nothing behind the name", payroll.ErrInvalid)
	}
	ip := net.ParseIP(u.Hostname())
	if u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()) {
		return nil
	}
	return fmt.Errorf("%w: the form's address begins with https://", payroll.ErrInvalid)
}

// ComposeNotice puts a notice into an envelope; the envelope's subject gives way
// to the notice's.
func ComposeNotice(e payroll.Envelope, n Notice) (Message, error) {
	if n.IsZero() {
		return Message{}, fmt.Errorf("compose notice: %w: the notice is empty", payroll.ErrInvalid)
	}
	e.Subject = n.subject
	if _, err := outerHeader(e); err != nil {
		return Message{}, fmt.Errorf("compose notice: %w", err)
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent(), mail.WithEncoding(mail.EncodingQP))
	if err := m.FromFormat(e.FromName, string(e.From)); err != nil {
		return Message{}, fmt.Errorf("compose notice: %w: From", payroll.ErrInvalid)
	}
	if err := m.To(string(e.To)); err != nil {
		return Message{}, fmt.Errorf("compose notice: %w: To", payroll.ErrInvalid)
	}
	m.Subject(e.Subject)
	m.SetMessageIDWithValue(e.MessageID)
	m.SetDateWithValue(e.Date)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(mail.TypeTextPlain, n.body)
	var data bytes.Buffer
	if _, err := m.WriteTo(&data); err != nil {
		return Message{}, fmt.Errorf("compose notice: %w", err)
	}
	if !plainLines(data.Bytes()) {
		return Message{}, fmt.Errorf("compose notice: %w: the text did not come out as 7-bit lines", payroll.ErrInvalid)
	}
	return newMessage(e, data.Bytes()), nil
}
