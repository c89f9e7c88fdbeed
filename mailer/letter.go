package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"regexp"
	"strconv"
	"time"

	"github.com/payseal/payseal/payroll"
)

// CodeLetter is a letter that carries a code. It is no Notice: there is nothing
// that puts it into a mail but what sealing makes of Entity or Text.
type CodeLetter struct {
	subject string
	body    string
}

// IsZero reports whether there is nothing to say.
func (l CodeLetter) IsZero() bool { return l.body == "" }

// String says nothing of the code.
func (l CodeLetter) String() string { return "a letter with a code" }

// GoString is String.
func (l CodeLetter) GoString() string { return l.String() }

// code is what a code looks like.
var code = regexp.MustCompile(`^[0-9A-Z-]{6,24}$`)

// ProofCode gives an employee the code that proves that they can decrypt, and
// says how long it is good.
func (c Company) ProofCode(language, secret string, valid time.Duration) (CodeLetter, error) {
	w, _ := c.wording(language)
	return c.codeLetter(language, w.proofCode, secret, valid)
}

// SignInCode gives an employee the code with which to sign in.
func (c Company) SignInCode(language, secret string, valid time.Duration) (CodeLetter, error) {
	w, _ := c.wording(language)
	return c.codeLetter(language, w.signInCode, secret, valid)
}

func (c Company) codeLetter(language string, p passage, secret string, valid time.Duration) (CodeLetter, error) {
	if !code.MatchString(secret) || valid < time.Minute {
		return CodeLetter{}, fmt.Errorf("write letter: %w: no code, or one that is over at once", payroll.ErrInvalid)
	}
	w, _ := c.wording(language)
	n, err := c.notice(language, passage{p.subject, append(p.text[:len(p.text):len(p.text)], w.neverTell)},
		"{code}", secret, "{minutes}", strconv.Itoa(int(valid.Minutes())))
	return CodeLetter(n), err
}

// Text is the letter as a file of plain text, for people whose mail program shows
// attachments only.
func (l CodeLetter) Text() []byte { return []byte(l.body) }

// Entity is the letter as the MIME entity that is sealed. As in a slip's letter,
// the header repeats the outer one with the real subject, HP-Outer lines say what
// stands outside (RFC 9788), and the text is a part of a multipart: two programs
// lose the subject of a root that is a text.
func (l CodeLetter) Entity(e payroll.Envelope) ([]byte, error) {
	if l.IsZero() {
		return nil, fmt.Errorf("write letter: %w: the letter is empty", payroll.ErrInvalid)
	}
	if _, err := outerHeader(e); err != nil {
		return nil, fmt.Errorf("write letter: %w", err)
	}
	text, err := quoted(l.body)
	if err != nil {
		return nil, err
	}
	boundary := boundaryOf(e, text)
	var b bytes.Buffer
	field := func(name, value string) { b.WriteString(fold(name+": "+value) + "\r\n") }
	field("MIME-Version", "1.0")
	b.WriteString("Content-Type: multipart/mixed; protected-headers=\"v1\"; hp=\"cipher\";\r\n boundary=\"" + boundary + "\"\r\n")
	for _, f := range e.Fields() {
		if f.Name == "Subject" {
			f.Value = mime.QEncoding.Encode("utf-8", l.subject)
		}
		field(f.Name, f.Value)
	}
	for _, f := range e.Fields() {
		field("HP-Outer", f.Name+": "+f.Value)
	}
	b.WriteString("\r\n--" + boundary + "\r\n" + textPart)
	b.Write(text)
	b.WriteString("\r\n--" + boundary + "--\r\n")
	return b.Bytes(), nil
}

// textPart is the header of a part that quoted wrote.
const textPart = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"

// quoted encodes a text as quoted-printable. A line that begins with "From " is
// changed by some mailbox formats, so that none does.
func quoted(text string) ([]byte, error) {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		return nil, fmt.Errorf("encode text: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("encode text: %w", err)
	}
	return bytes.ReplaceAll(b.Bytes(), []byte("\nFrom "), []byte("\n=46rom ")), nil
}

// boundaryOf derives a boundary from what it divides. Its first two characters
// stand together neither in quoted-printable nor in base64 or armor.
func boundaryOf(e payroll.Envelope, parts ...[]byte) string {
	sum := sha256.New()
	sum.Write([]byte(e.MessageID))
	for _, part := range parts {
		sum.Write(part)
	}
	return "=_" + hex.EncodeToString(sum.Sum(nil)[:16])
}

// fileName is what an attachment may be called: short ASCII.
var fileName = regexp.MustCompile(`^[a-z0-9-]{1,20}\.[a-z0-9]{1,5}\.pgp$`)

// Cover is what a mail says of the encrypted file that is attached to it: a fixed
// text in the employee's language.
type Cover struct {
	file string
	text string
}

// Cover writes the text beside a file, whose name is like "document.pdf.pgp".
func (c Company) Cover(language, file string) (Cover, error) {
	if !fileName.MatchString(file) {
		return Cover{}, fmt.Errorf("write cover: %w: a file's name is like document.pdf.pgp", payroll.ErrInvalid)
	}
	w, _ := c.wording(language)
	n, err := c.notice(language, passage{"", append(w.file.text[:len(w.file.text):len(w.file.text)], w.caution)},
		"{file}", file, "{from}", c.Name)
	return Cover{file, n.body}, err
}
