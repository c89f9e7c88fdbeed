package letter_test

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

var specimenDay = time.Date(2026, 11, 21, 9, 30, 0, 0, time.FixedZone("", 3600))

func specimenEnvelope() payroll.Envelope {
	return payroll.Envelope{
		FromName: "Zentralwerk Payroll", From: "payroll@zentralwerk.example", To: "marton@zentralwerk.example",
		Subject: "Encrypted message from Zentralwerk", MessageID: "notice-5d0c7d8e-0000-4000-8000-000000000001@zentralwerk.example",
		Date: specimenDay, ReturnSender: "bounce@zentralwerk.example",
	}
}

// In every language a test slip is one page that says in large letters what it
// is, and nothing that a salary slip has: no month, no net pay, no employee.
func TestSpecimenIsNoPayslip(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, installedFonts(t))
	for language, want := range map[string][]string{
		"":      {"Test slip", "This is a test slip.", "Nobody's pay is in it."},
		"de-AT": {"Probeabrechnung", "Niemandes Gehalt steht darin."},
		"fr":    {"Bulletin d’essai", "paie de personne"},
		"es":    {"Recibo de prueba", "salario de nadie"},
		"hi":    {"परीक्षण पर्ची", "किसी का वेतन नहीं"},
		"ar":    {},
		"tlh":   {"Test slip"},
	} {
		page, err := h.SpecimenPage(language, specimenDay)
		if err != nil {
			t.Fatal(err)
		}
		text := pdfText(t, page)
		for _, part := range append(want, "Zentralwerk Österreich & Söhne GmbH", "9C1A 0BD2 E4F6") {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q:\n%s", language, part, text)
			}
		}
		for _, part := range []string{"Net pay", "Auszahlung", "Gross", "October", "€", "EUR", "Employee no."} {
			if strings.Contains(text, part) {
				t.Errorf("%s has %q:\n%s", language, part, text)
			}
		}
		if info := poppler(t, "pdfinfo", page, "-"); !strings.Contains(info, "Pages:           1\n") {
			t.Errorf("%s: %s", language, info)
		}
		again, err := h.SpecimenPage(language, specimenDay)
		if err != nil || !bytes.Equal(page, again) {
			t.Errorf("%s: a second time it is another page: %v", language, err)
		}
	}
}

// Without a font for the language the page is in English; the text beside it is
// in the language all the same.
func TestSpecimenWithoutAFont(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, nil)
	for _, language := range []string{"hi", "ar"} {
		page, err := h.SpecimenPage(language, specimenDay)
		if err != nil {
			t.Fatal(err)
		}
		if text := pdfText(t, page); !strings.Contains(text, "This is a test slip.") {
			t.Errorf("%s: %s", language, text)
		}
	}
	if _, err := h.SpecimenPage("en", time.Time{}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("no date: %v", err)
	}
}

// The letter of a test slip is built like a slip's: 7-bit lines without blanks at
// their ends, the real subject inside, the outer fields repeated.
func TestSpecimenLetter(t *testing.T) {
	t.Parallel()
	h := newLetterhead(t, installedFonts(t))
	for _, language := range []string{"en", "de", "fr", "es", "hi", "ar"} {
		entity, err := h.Specimen(language, specimenEnvelope())
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(entity), "\r\n") {
			if len(line) > 76 || strings.HasSuffix(line, " ") || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%s: line %q", language, line)
			}
		}
		message, err := mail.ReadMessage(bytes.NewReader(entity))
		if err != nil {
			t.Fatal(err)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
		if err != nil || !strings.HasSuffix(subject, ", "+company().Name) || len(message.Header["Hp-Outer"]) != 5 {
			t.Errorf("%s: subject %q, %v", language, subject, err)
		}
		_, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		parts := multipart.NewReader(message.Body, parameters["boundary"])
		part, err := parts.NextPart() // undoes quoted-printable
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(part)
		if err != nil || strings.ContainsAny(string(text), "{}") || !strings.Contains(string(text), "9C1A 0BD2") || !strings.Contains(string(text), company().Name) {
			t.Errorf("%s: %s, %v", language, text, err)
		}
		if part, err = parts.NextPart(); err != nil || part.FileName() != "Test-slip.pdf" {
			t.Errorf("%s: %v", language, err)
		}
	}
	e := specimenEnvelope()
	e.To = "x"
	if _, err := h.Specimen("en", e); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("a bad envelope: %v", err)
	}
}
