package mailer

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/payseal/payseal/payroll"
)

// Notice is a mail that is not sealed and carries no pay data: a fixed text in
// the employee's language. Its texts stand in notice_text.go; there is no way
// to put another into it.
type Notice struct {
	subject string
	body    string
}

// IsZero reports whether there is nothing to say.
func (n Notice) IsZero() bool { return n.body == "" }

// HeldNotice tells an employee that a slip is waiting, why, and whom to ask.
// language is a BCP 47 tag; one for which there is no text gives English.
// company and contact are the configured name of the company and whom employees
// ask, of one line and at most 200 characters each. It reports false for reasons
// that are HR's to remove and about which the employee is not told.
func HeldNotice(reason payroll.HoldReason, language, company, contact string) (Notice, bool, error) {
	texts, known := heldTexts[primaryLanguage(language)]
	if !known {
		texts = heldTexts["en"]
	}
	why, told := texts.reasons[reason]
	if !told {
		return Notice{}, false, nil
	}
	for what, text := range map[string]string{"company's name": company, "contact": contact} {
		if err := payroll.CheckText(what, text); err != nil {
			return Notice{}, false, fmt.Errorf("write notice: %w", err)
		}
		if text == "" {
			return Notice{}, false, fmt.Errorf("write notice: %w: the %s is empty", payroll.ErrInvalid, what)
		}
	}
	fill := strings.NewReplacer("{company}", company, "{contact}", contact)
	return Notice{
		subject: fill.Replace(texts.subject),
		body:    fill.Replace(strings.Join([]string{texts.waiting, why, texts.ask, texts.caution}, "\r\n\r\n")) + "\r\n",
	}, true, nil
}

func primaryLanguage(tag string) string {
	primary, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	return strings.ToLower(primary)
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
