package mailer

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestHeldNoticeInEveryLanguage(t *testing.T) {
	t.Parallel()
	for language := range heldTexts {
		for reason := range heldTexts["en"].reasons {
			n, told, err := HeldNotice(reason, language+"-XX", "ACME", "hr@acme.example")
			if err != nil || !told {
				t.Fatalf("%s in %s: %v, %v", reason, language, told, err)
			}
			e := envelope(1)
			e.FromName = "Gehaltsb\u00fcro"
			m, err := ComposeNotice(e, n)
			if err != nil {
				t.Fatal(err)
			}
			header, body := readNotice(t, m)
			if header.Get("Auto-Submitted") != "auto-generated" || header.Get("Message-ID") != "<"+m.ID()+">" || header.Get("User-Agent") != "" {
				t.Errorf("header %v", header)
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
			if err != nil || subject != n.subject || !strings.Contains(subject, "ACME") {
				t.Errorf("subject %q, %v", subject, err)
			}
			if body != n.body || !strings.Contains(body, "hr@acme.example") || strings.ContainsAny(body, "{}") {
				t.Errorf("%s in %s: body %q", reason, language, body)
			}
		}
	}
}

// readNotice takes a notice apart with the standard library.
func readNotice(t *testing.T, m Message) (mail.Header, string) {
	t.Helper()
	message, err := mail.ReadMessage(bytes.NewReader(m.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if got := message.Header.Get("Content-Transfer-Encoding"); got != "quoted-printable" {
		t.Errorf("encoding %s", got)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(message.Body))
	if err != nil {
		t.Fatal(err)
	}
	return message.Header, string(body)
}

// All languages tell the same reasons, and none of those that are HR's alone.
func TestNoticeTextsAgree(t *testing.T) {
	t.Parallel()
	for language, text := range heldTexts {
		if len(text.reasons) != len(heldTexts["en"].reasons) || text.subject == "" || text.waiting == "" || text.ask == "" || text.caution == "" {
			t.Errorf("%s is not complete", language)
		}
		for reason := range heldTexts["en"].reasons {
			if text.reasons[reason] == "" {
				t.Errorf("%s lacks %s", language, reason)
			}
		}
	}
	for _, reason := range []payroll.HoldReason{payroll.HoldTwin, payroll.HoldContentChanged, payroll.HoldLetterheadChanged, payroll.HoldLeft, payroll.HoldOnPaper, payroll.HoldAddressChanged, ""} {
		if n, told, err := HeldNotice(reason, "en", "ACME", "hr@acme.example"); told || err != nil || !n.IsZero() {
			t.Errorf("%q is told: %v", reason, err)
		}
	}
}

func TestNoticeRefuses(t *testing.T) {
	t.Parallel()
	if n, _, err := HeldNotice(payroll.HoldExpired, "tlh", "ACME", "HR"); err != nil || !strings.HasPrefix(n.subject, "Your salary slip") {
		t.Errorf("an unknown language: %q, %v", n.subject, err)
	}
	for _, c := range [][2]string{{"ACME\r\nBcc: x@y.example", "HR"}, {"ACME", "HR\nx"}, {"", "HR"}, {"ACME", ""}, {"ACME", strings.Repeat("x", 201)}} {
		if _, told, err := HeldNotice(payroll.HoldExpired, "en", c[0], c[1]); told || !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%q: %v, %v", c, told, err)
		}
	}
	if _, err := ComposeNotice(envelope(1), Notice{}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("an empty notice: %v", err)
	}
	n, _, err := HeldNotice(payroll.HoldExpired, "en", "ACME", "HR")
	if err != nil {
		t.Fatal(err)
	}
	e := envelope(1)
	e.To = "kiran@acme"
	if _, err := ComposeNotice(e, n); !errors.Is(err, payroll.ErrInvalid) || strings.Contains(err.Error(), "kiran") {
		t.Errorf("a bad envelope: %v", err)
	}
}
