package payroll

import (
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"
)

func envelope() Envelope {
	return Envelope{
		FromName: "ACME Lohnbüro, Wien", From: "payroll@acme.example", To: "kiran@acme.example", Subject: "Verschlüsselt",
		MessageID: "0d9e@acme.example", Date: time.Date(2026, 10, 30, 9, 0, 0, 0, time.FixedZone("", 3600)),
		ReturnSender: "bounce+0d9e@acme.example",
	}
}

func TestEnvelopeFields(t *testing.T) {
	t.Parallel()
	e := envelope()
	if err := e.Check(); err != nil {
		t.Fatal(err)
	}
	var head strings.Builder
	for _, f := range e.Fields() {
		head.WriteString(f.Name + ": " + f.Value + "\r\n")
	}
	for _, r := range head.String() {
		if r >= 0x80 {
			t.Fatalf("a field is not ASCII: %q", head.String())
		}
	}
	message, err := mail.ReadMessage(strings.NewReader(head.String() + "\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	from, err := message.Header.AddressList("From")
	if err != nil || len(from) != 1 || from[0].Name != e.FromName || from[0].Address != string(e.From) {
		t.Errorf("from %v, %v", from, err)
	}
	date, err := message.Header.Date()
	if err != nil || !date.Equal(e.Date) {
		t.Errorf("date %s, %v", date, err)
	}
	if got := message.Header.Get("Message-ID"); got != "<0d9e@acme.example>" {
		t.Errorf("Message-ID %s", got)
	}
}

func TestEnvelopeCheckRefuses(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Envelope){
		"nobody":                 func(e *Envelope) { e.To = "" },
		"two people":             func(e *Envelope) { e.To = "a@acme.example,b@acme.example" },
		"no sender":              func(e *Envelope) { e.From = "" },
		"no reverse-path":        func(e *Envelope) { e.ReturnSender = "" },
		"a command in the path":  func(e *Envelope) { e.ReturnSender = "a@acme.example>\r\nRCPT TO:<b@acme.example" },
		"no subject":             func(e *Envelope) { e.Subject = "" },
		"no Message-ID":          func(e *Envelope) { e.MessageID = "" },
		"no date":                func(e *Envelope) { e.Date = time.Time{} },
		"line break in the name": func(e *Envelope) { e.FromName = "ACME\r\nBcc: eve@evil.example" },
		"line break in subject":  func(e *Envelope) { e.Subject = "x\nBcc: eve@evil.example" },
		"NUL in the Message-ID":  func(e *Envelope) { e.MessageID = "a\x00@acme.example" },
	} {
		e := envelope()
		change(&e)
		if err := e.Check(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
