package payroll

import (
	"fmt"
	"mime"
	"net/mail"
	"strings"
	"time"
)

// Envelope is the outside of a letter: what anyone on the way may read. Nothing
// in it speaks of the employee's pay, number or period. The letter repeats it
// under encryption (HP-Outer, RFC 9788), the mailer writes it outside; both
// use Fields, so that the two always agree.
type Envelope struct {
	FromName     string    // display name, such as "ACME Payroll"
	From         Address   // an address of the signing key's user ID
	To           Address   // exactly one recipient
	Subject      string    // generic; the same for every slip of every employee
	MessageID    string    // without angle brackets; fixed per slip on every attempt
	Date         time.Time // the sealing time of this attempt, in the company's zone
	ReturnSender Address   // RFC 5321 reverse-path; one per slip (VERP)
}

// MessageID is the Message-ID of a slip's letter, without angle brackets, the same
// on every attempt. domain is the sender's.
func MessageID(slip SlipID, domain string) string { return string(slip) + "@" + domain }

// Field is one header field, with its value already encoded in ASCII.
type Field struct{ Name, Value string }

// Fields are the outer header fields in the order in which they are written.
func (e Envelope) Fields() []Field {
	from := mail.Address{Name: e.FromName, Address: string(e.From)}
	return []Field{
		{"From", from.String()},
		{"To", string(e.To)},
		{"Subject", mime.QEncoding.Encode("utf-8", e.Subject)},
		{"Message-ID", "<" + e.MessageID + ">"},
		{"Date", e.Date.Format(time.RFC1123Z)},
	}
}

// Check refuses an envelope that must not be used: a missing part, an address
// that is not plain, or a line break anywhere.
func (e Envelope) Check() error {
	for _, a := range []Address{e.From, e.To, e.ReturnSender} {
		if _, err := ParseAddress(string(a)); err != nil {
			return fmt.Errorf("check envelope: %w", err)
		}
	}
	if e.MessageID == "" || e.Subject == "" || e.Date.IsZero() {
		return fmt.Errorf("%w: envelope without Message-ID, Subject or Date", ErrInvalid)
	}
	if strings.ContainsAny(e.FromName+e.Subject+e.MessageID, "\r\n\x00") {
		return fmt.Errorf("%w: line break in an envelope", ErrInvalid)
	}
	return nil
}
