package letter_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/payroll/letter"
)

func envelope() payroll.Envelope {
	return payroll.Envelope{
		FromName: "ACME Payroll", From: "payroll@acme.example", To: "marton@zentralwerk.example",
		Subject: "Encrypted message from ACME Payroll", MessageID: "0b9c1a54-7d1e-4a3c-9d0e-2f6a5b4c3d21@acme.example",
		Date:         time.Date(2026, time.October, 30, 9, 30, 0, 0, time.FixedZone("", 3600)),
		ReturnSender: "bounce+token@acme.example",
	}
}

// letterParts is an entity taken apart by the standard library.
type letterParts struct {
	header mail.Header
	text   string
	pdf    []byte
	name   string // of the PDF file
}

func parse(t testing.TB, entity []byte) letterParts {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	message, err := mail.ReadMessage(bytes.NewReader(entity))
	must(err)
	media, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	must(err)
	if media != "multipart/mixed" || parameters["protected-headers"] != "v1" || parameters["hp"] != "cipher" {
		t.Fatalf("the root is %s %v", media, parameters)
	}
	parts := letterParts{header: message.Header}
	reader := multipart.NewReader(message.Body, parameters["boundary"])
	first, err := reader.NextRawPart()
	must(err)
	text, err := io.ReadAll(quotedprintable.NewReader(first))
	must(err)
	parts.text = first.Header.Get("Content-Type") + "\n" + string(text)
	second, err := reader.NextRawPart()
	must(err)
	parts.name = second.FileName()
	parts.pdf, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, second))
	must(err)
	if second.Header.Get("Content-Type") != `application/pdf; name="`+parts.name+`"` {
		t.Errorf("the file is %q", second.Header.Get("Content-Type"))
	}
	if _, err := reader.NextPart(); !errors.Is(err, io.EOF) {
		t.Errorf("there is a third part: %v", err)
	}
	return parts
}

// sound holds what every entity must keep so that both ways of signing and
// every relay leave it alone.
func sound(t testing.TB, entity []byte) {
	t.Helper()
	if bytes.Count(entity, []byte("\n")) != bytes.Count(entity, []byte("\r\n")) ||
		bytes.Count(entity, []byte("\r")) != bytes.Count(entity, []byte("\r\n")) {
		t.Error("a line does not end in CRLF")
	}
	for l := range strings.SplitSeq(string(entity), "\r\n") {
		switch {
		case len(l) > 78 && strings.Contains(strings.TrimSpace(l), " "):
			t.Errorf("a line of %d characters: %q", len(l), l)
		case strings.TrimRight(l, " \t") != l:
			t.Errorf("a blank at the end of a line: %q", l)
		case strings.HasPrefix(l, "From "):
			t.Errorf("a line begins with From: %q", l)
		case strings.ContainsFunc(l, func(r rune) bool { return r > '~' || r < ' ' }):
			t.Errorf("a line is not plain ASCII: %q", l)
		}
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	for _, language := range []string{"en", "de", "fr", "es"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			h := newLetterhead(t, nil)
			s := fullSlip(t)
			s.Employee.Language = language
			entity, err := render(h, s, envelope())
			if err != nil {
				t.Fatal(err)
			}
			sound(t, entity)
			parts := parse(t, entity)
			if parts.name != "Payslip-2026-10.pdf" || !bytes.Equal(parts.pdf, page(t, h, s)) {
				t.Errorf("the file %s is not the page", parts.name)
			}
			if strings.Contains(parts.text, "581") {
				t.Errorf("the text gives an amount: %s", parts.text)
			}
			golden(t, "entity."+language+".eml", withoutFile(entity))
		})
	}
}

// withoutFile replaces what depends on the PDF's bytes, which TestPageText and
// TestRender compare on their own.
func withoutFile(entity []byte) string {
	text := regexp.MustCompile(`JVBERi0[A-Za-z0-9+/=\r\n]+\r\n`).ReplaceAllString(string(entity), "(the page)\r\n")
	text = regexp.MustCompile(`=_payseal_[0-9a-f]{32}`).ReplaceAllString(text, "=_payseal_(digest)")
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// TestProtectedHeader: the real subject and the fields stand inside; HP-Outer
// says exactly what stands outside (RFC 9788).
func TestProtectedHeader(t *testing.T) {
	t.Parallel()
	e := envelope()
	e.FromName = "Lohnbüro  der “Zentralwerk Österreich & Söhne” Gesellschaft mit beschränkter Haftung, Wien"
	e.Subject = "Verschlüsselte Nachricht vom Lohnbüro der Zentralwerk Österreich & Söhne GmbH in Wien"
	entity, err := render(newLetterhead(t, nil), fullSlip(t), e)
	if err != nil {
		t.Fatal(err)
	}
	sound(t, entity)
	parts := parse(t, entity)
	var outer []payroll.Field
	for _, value := range parts.header["Hp-Outer"] {
		name, rest, _ := strings.Cut(value, ": ")
		outer = append(outer, payroll.Field{Name: name, Value: rest})
	}
	if diff := cmp.Diff(e.Fields(), outer); diff != "" {
		t.Errorf("HP-Outer (-envelope +letter):\n%s", diff)
	}
	for _, f := range e.Fields() {
		if f.Name == "Subject" {
			f.Value = "Salary slip, October 2026, Zentralwerk Österreich & Söhne GmbH"
		}
		got, err := new(mime.WordDecoder).DecodeHeader(parts.header.Get(f.Name))
		if want, _ := new(mime.WordDecoder).DecodeHeader(f.Value); err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", f.Name, got, want, err)
		}
	}
}

func TestRenderRefuses(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	change := map[string]func(*payroll.Slip, *payroll.Envelope){
		"another addressee":      func(_ *payroll.Slip, e *payroll.Envelope) { e.To = "other@zentralwerk.example" },
		"line break in From":     func(_ *payroll.Slip, e *payroll.Envelope) { e.FromName = "A\r\nBcc: b@c.example" },
		"line break in Subject":  func(_ *payroll.Slip, e *payroll.Envelope) { e.Subject = "A\nBcc: b@c.example" },
		"bracket in Message-ID":  func(_ *payroll.Slip, e *payroll.Envelope) { e.MessageID = "a>@b" },
		"letters in Message-ID":  func(_ *payroll.Slip, e *payroll.Envelope) { e.MessageID = "ä@b" },
		"endless name":           func(_ *payroll.Slip, e *payroll.Envelope) { e.FromName = strings.Repeat("x", 2000) },
		"no date":                func(_ *payroll.Slip, e *payroll.Envelope) { e.Date = time.Time{} },
		"name that has no glyph": func(s *payroll.Slip, _ *payroll.Envelope) { s.Employee.Name = "王" },
		"no period":              func(s *payroll.Slip, _ *payroll.Envelope) { s.Period = payroll.Period{} },
	}
	for name, f := range change {
		s, e := fullSlip(t), envelope()
		f(&s, &e)
		if entity, err := render(h, s, e); !errors.Is(err, payroll.ErrInvalid) || entity != nil {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// TestRenderSameBytes: an attempt made again is the same letter, but for its date.
func TestRenderSameBytes(t *testing.T) {
	t.Parallel()
	first, err := render(newLetterhead(t, nil), fullSlip(t), envelope())
	second, err2 := render(newLetterhead(t, nil), fullSlip(t), envelope())
	if errors.Join(err, err2) != nil || sha256.Sum256(first) != sha256.Sum256(second) {
		t.Errorf("two letters for one slip: %v", errors.Join(err, err2))
	}
}

// FuzzRender: whatever stands in a name, a label or the envelope, the letter is
// sound or it is refused.
func FuzzRender(f *testing.F) {
	f.Add("Márton", "Basic salary", "22.5 days", "ACME Payroll", "Encrypted", "id@x", "en", int64(1))
	f.Add("محمد (Mo) 12", "क्षत्रिय\u200d", "\u0301", "A\r\nBcc: x", "=?utf-8?q?a?=", "a@b>", "zh-Hant", int64(-9223372036854775808))
	f.Add("\xff", "\\()", "U\u0300\u0301\u0302 \U0001f600", "“ö”", "Subject  two", "x y", "de-CH", int64(9223372036854775807))
	f.Add("Nguyễn", "ﷺ", "\ufe0f", "", "\u00a0", "", "x", int64(0))
	fonts := &letter.Fonts{}
	if loaded, err := letter.LoadFonts(osFonts()...); err == nil {
		fonts = loaded
	}
	h := newLetterhead(f, fonts)
	f.Fuzz(func(t *testing.T, name, label, value, from, subject, id, language string, minor int64) {
		s, e := fullSlip(t), envelope()
		s.Employee.Name, s.Employee.Language, s.Lines[0].Label, s.Lines[0].Quantity = name, language, label, value
		s.Info[0] = payroll.Fact{Label: label, Value: value}
		s.Hours[0] = s.Info[0]
		s.Net.Minor, s.Lines[1].Amount.Minor = minor, minor
		e.FromName, e.Subject, e.MessageID = from, subject, id
		findings := h.Check(s)
		entity, err := render(h, s, e)
		if err != nil {
			if !errors.Is(err, payroll.ErrInvalid) {
				t.Errorf("error %v", err)
			}
			return
		}
		if len(findings) > 0 {
			t.Errorf("drawn in spite of %v", findings)
		}
		sound(t, entity)
		parts := parse(t, entity)
		if !bytes.HasPrefix(parts.pdf, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(parts.pdf), []byte("%%EOF")) {
			t.Errorf("the file is no PDF: %s", hex.EncodeToString(parts.pdf[:min(16, len(parts.pdf))]))
		}
	})
}
