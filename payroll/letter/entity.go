package letter

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime/quotedprintable"
	"strings"
	"unicode/utf8"

	"github.com/payseal/payseal/payroll"
)

// Enclose writes the letter around a slip's page, a PDF, behind b, which may be nil:
// the MIME entity that is sealed. It is 7-bit clean, has CRLF line ends and no blank at the end of a
// line, so that both ways of signing it hold (RFC 3156 §3).
//
// The header repeats the outer one as it ought to be (RFC 9788): the real
// subject stands only here, and HP-Outer lines say what stands outside. The
// envelope must be addressed to the slip's employee; the error wraps
// payroll.ErrInvalid if it is not.
func (h *Letterhead) Enclose(b []byte, s payroll.Slip, e payroll.Envelope, page []byte) ([]byte, error) {
	if err := checkEnvelope(e); err != nil {
		return nil, err
	}
	if !e.To.Same(s.Employee.Email) {
		return nil, fmt.Errorf("%w: render letter: the envelope is not addressed to the slip's employee", payroll.ErrInvalid)
	}
	text, err := h.message(&s)
	if err != nil {
		return nil, err
	}
	return entity(b, e, h.Subject(s), text, "Payslip-"+s.Period.String()+".pdf", page), nil
}

// checkEnvelope refuses what could break out of its header field.
func checkEnvelope(e payroll.Envelope) error {
	if err := e.Check(); err != nil {
		return fmt.Errorf("render letter: %w", err)
	}
	if strings.ContainsAny(e.MessageID, "<> ") {
		return fmt.Errorf("%w: render letter: a Message-ID with a bracket or a blank", payroll.ErrInvalid)
	}
	for _, f := range e.Fields() {
		if strings.ContainsFunc(f.Value, func(r rune) bool { return r < ' ' || r > '~' }) || len(f.Value) > 900 {
			return fmt.Errorf("%w: render letter: %s is not a line of ASCII", payroll.ErrInvalid, f.Name)
		}
	}
	return nil
}

// entity puts the parts together, behind what is there: the real subject, the text, and the page as a
// file of that name.
func entity(into []byte, e payroll.Envelope, subject string, text []byte, name string, page []byte) []byte {
	boundary := boundaryFor(e.MessageID, text)
	b := bytes.NewBuffer(into)
	b.Grow(len(page)*3/2 + 4096)
	writeField(b, "MIME-Version", "1.0")
	writeField(b, "Content-Type", `multipart/mixed; boundary="`+boundary+`"; protected-headers="v1"; hp="cipher"`)
	for _, f := range e.Fields() {
		if f.Name == "Subject" {
			f.Value = encodeText(subject)
		}
		writeField(b, f.Name, f.Value)
	}
	for _, f := range e.Fields() {
		writeField(b, "HP-Outer", f.Name+": "+f.Value)
	}
	b.WriteString("\r\n--" + boundary + "\r\n")
	writeField(b, "Content-Type", "text/plain; charset=utf-8")
	writeField(b, "Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	b.Write(text)
	b.WriteString("\r\n--" + boundary + "\r\n")
	writeField(b, "Content-Type", `application/pdf; name="`+name+`"`)
	writeField(b, "Content-Transfer-Encoding", "base64")
	writeField(b, "Content-Disposition", `attachment; filename="`+name+`"`)
	b.WriteString("\r\n")
	writeBase64(b, page)
	b.WriteString("--" + boundary + "--\r\n")
	return b.Bytes()
}

// Subject is the real subject of a letter, in the employee's language: "Salary
// slip, October 2026, ACME". It is for the sealed header only.
func (h *Letterhead) Subject(s payroll.Slip) string {
	l := h.reader(s.Employee)
	return l.title(&s) + ", " + h.company.Name
}

// message is the text part, quoted-printable: what this is and whom to ask. It
// gives no amount.
func (h *Letterhead) message(s *payroll.Slip) ([]byte, error) {
	l := h.reader(s.Employee)
	values := []string{"{month}", l.month(s.Period), "{company}", h.company.Name, "{contact}", h.company.Contact,
		"{fingerprint}", h.company.KeyFingerprint.Grouped()}
	sentences := []string{l.words.attached}
	if s.Corrects != nil {
		sentences = append(sentences, l.correction(s.Corrects))
	}
	if h.company.Contact != "" {
		sentences = append(sentences, l.words.ask)
	}
	sentences = append(sentences, l.words.genuine)
	if h.company.KeyFingerprint != "" {
		sentences = append(sentences, l.words.signature)
	}
	return quoted(fill(strings.Join(sentences, "\n\n"), values...) + "\n\n-- \n" + h.company.Name + "\n")
}

// reader is how an employee reads.
func (h *Letterhead) reader(e payroll.Employee) *locale { return h.localeOf(e.Language, e.Country) }

// quoted encodes a text as quoted-printable.
func quoted(text string) ([]byte, error) {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		return nil, fmt.Errorf("encode letter: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode letter: %w", err)
	}
	// A line that begins with "From " is changed by some mailbox formats.
	return bytes.ReplaceAll(b.Bytes(), []byte("\nFrom "), []byte("\n=46rom ")), nil
}

// boundaryFor derives a boundary from the contents, so that the same letter is
// the same bytes. It begins with what base64 has no characters for, and occurs not in
// the text.
func boundaryFor(messageID string, text []byte) string {
	sum := sha256.New()
	sum.Write([]byte(messageID))
	sum.Write(text)
	for {
		boundary := "=_payseal_" + hex.EncodeToString(sum.Sum(nil)[:16])
		if !bytes.Contains(text, []byte(boundary)) {
			return boundary
		}
		sum.Write([]byte(boundary))
	}
}

// lineLimit is where a header line is folded (RFC 2047 §2: 76 characters).
const lineLimit = 76

// writeField writes a header field, folded before words that would make a line
// too long. Unfolding gives back the value exactly.
func writeField(b *bytes.Buffer, name, value string) {
	b.WriteString(name + ":")
	column, previous := len(name)+1, ":"
	for word := range strings.SplitSeq(value, " ") {
		if column+1+len(word) > lineLimit && word != "" && previous != "" {
			b.WriteString("\r\n")
			column = 0
		}
		b.WriteString(" " + word)
		column += 1 + len(word)
		previous = word
	}
	b.WriteString("\r\n")
}

// encodeText writes a text for an unstructured header field: as it is if it is
// plain ASCII, otherwise in encoded words (RFC 2047 §2) that are short enough
// for one to stand after the field's name.
func encodeText(text string) string {
	const chunk = 36 // bytes; 60 characters when encoded
	plain := !strings.Contains(text, "=?")
	for _, r := range text {
		plain = plain && r >= ' ' && r < 0x7f
	}
	if plain {
		return text
	}
	var words []string
	for len(text) > 0 {
		n := min(chunk, len(text))
		for n < len(text) && !utf8.RuneStart(text[n]) {
			n--
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:n]))+"?=")
		text = text[n:]
	}
	return strings.Join(words, " ")
}

// writeBase64 writes lines of 76 characters (RFC 2045 §6.8).
func writeBase64(b *bytes.Buffer, content []byte) {
	const chunk = 57
	var encoded [76]byte
	for len(content) > 0 {
		n := min(chunk, len(content))
		base64.StdEncoding.Encode(encoded[:], content[:n])
		b.Write(encoded[:base64.StdEncoding.EncodedLen(n)])
		b.WriteString("\r\n")
		content = content[n:]
	}
}
