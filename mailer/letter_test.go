package mailer

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

func everyCode(t *testing.T, language string) []CodeLetter {
	t.Helper()
	var all []CodeLetter
	for _, write := range []func(string, string, time.Duration) (CodeLetter, error){acme.ProofCode, acme.SignInCode} {
		l, err := write(language, someCode, 15*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, l)
	}
	return all
}

// A letter with a code says the code once, on a line of its own, how long it is
// good, and the real subject in its header only.
func TestCodeLetters(t *testing.T) {
	t.Parallel()
	for language := range wordings {
		for _, l := range everyCode(t, language) {
			e := envelope(1)
			entity, err := l.Entity(e)
			if err != nil {
				t.Fatal(err)
			}
			header, parts := readParts(t, entity)
			subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
			if err != nil || subject != l.subject || header.Get("To") != string(e.To) || len(header["Hp-Outer"]) != len(e.Fields()) {
				t.Errorf("%s: header %v, %v", language, header, err)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", l, l, l), "K7QF2") {
				t.Errorf("%s: the letter prints its code", language)
			}
			if len(parts) != 1 || parts[0].text != string(l.Text()) || strings.Count(parts[0].text, "\r\n"+someCode+"\r\n") != 1 || strings.Count(parts[0].text, someCode) != 1 ||
				!strings.Contains(parts[0].text, "15") || strings.ContainsAny(parts[0].text+subject, "{}") {
				t.Errorf("%s: %q", language, parts)
			}
			if _, err := thePost(t).company.Seal(thePost(t).employee, entity, keystore.SealOptions{At: time.Now(), Structure: keystore.Nested}); err != nil {
				t.Errorf("%s: %v", language, err)
			}
		}
	}
}

// part is a body part that was read.
type part struct {
	kind, name, encoding string
	text                 string // decoded
}

// readParts takes a multipart/mixed apart with the standard library.
func readParts(t *testing.T, entity []byte) (mail.Header, []part) {
	t.Helper()
	message, err := mail.ReadMessage(bytes.NewReader(entity))
	if err != nil {
		t.Fatal(err)
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" {
		t.Fatalf("%s, %v", kind, err)
	}
	var parts []part
	for reader := multipart.NewReader(message.Body, parameters["boundary"]); ; {
		p, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return message.Header, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if err != nil {
			t.Fatal(err)
		}
		encoding := p.Header.Get("Content-Transfer-Encoding")
		decoder := io.Reader(quotedprintable.NewReader(p))
		if encoding == "base64" {
			decoder = base64.NewDecoder(base64.StdEncoding, p)
		}
		text, err := io.ReadAll(decoder)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part{kind, p.FileName(), encoding, string(text)})
	}
}

func TestCodeLettersRefuse(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"", "K7", "k7qf2-9xmpt", "K7QF2 9XMPT", "K7QF2-9XMPT\r\n"} {
		if l, err := acme.ProofCode("en", secret, time.Hour); !errors.Is(err, payroll.ErrInvalid) || !l.IsZero() {
			t.Errorf("%q: %v", secret, err)
		}
	}
	if _, err := acme.SignInCode("en", someCode, 0); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("a code without a life: %v", err)
	}
	if _, err := (CodeLetter{}).Entity(envelope(1)); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("an empty letter: %v", err)
	}
	e := envelope(1)
	e.MessageID = "x y"
	if _, err := everyCode(t, "en")[0].Entity(e); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("a bad envelope: %v", err)
	}
}

// somePDF stands for a page: bytes of every kind.
func somePDF() []byte {
	page := []byte("%PDF-1.7\n")
	for i := range 5000 {
		page = append(page, byte(i*7), byte(i>>3))
	}
	return append(page, "%%EOF\n"...)
}

// gpg and sq open the attachment to the very file, and say that the company's
// signature is good.
func TestStrangersOpenAFile(t *testing.T) {
	t.Parallel()
	s := newStranger(t)
	page := somePDF()
	sealed, err := thePost(t).company.Seal(s.employee, page, keystore.SealOptions{At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	cover, err := acme.Cover("de", "document.pdf.pgp")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ComposeFile(envelope(1), cover, sealed)
	if err != nil {
		t.Fatal(err)
	}
	header, parts := readParts(t, m.Bytes())
	if len(parts) != 2 || parts[0].text != cover.text || parts[1].name != "document.pdf.pgp" || parts[1].kind != "application/octet-stream" || parts[1].encoding != "base64" {
		t.Fatalf("parts %.300q", parts)
	}
	if header.Get("Subject") != envelope(1).Subject || header.Get("Auto-Submitted") != "auto-generated" || !plainLines(m.Bytes()) {
		t.Errorf("header %v", header)
	}
	attachment := []byte(parts[1].text)
	binary, err := sealed.Binary()
	if err != nil || !bytes.Equal(binary, attachment) {
		t.Errorf("the attachment is not the sealed file: %v", err)
	}
	status := filepath.Join(s.home, "status")
	if got := s.run(t, attachment, "gpg", "--batch", "--status-file", status, "--decrypt"); !bytes.Equal(got, page) {
		t.Error("gpg opens something else")
	}
	lines, err := os.ReadFile(status)
	if err != nil || !bytes.Contains(lines, []byte("GOODSIG")) || !bytes.Contains(lines, []byte(thePost(t).company.Certificate().Fingerprint())) {
		t.Errorf("gpg says: %s, %v", lines, err)
	}
	secret := filepath.Join(s.home, "secret")
	company := filepath.Join(s.home, "company")
	for path, content := range map[string][]byte{
		secret: s.run(t, nil, "gpg", "--batch", "--armor", "--export-secret-keys", "kiran.a@acme.example"), company: thePost(t).company.Certificate().Bytes(),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.run(t, attachment, "sq", "decrypt", "--recipient-key", secret, "--signer-cert", company, "--signatures", "1"); !bytes.Equal(got, page) {
		t.Error("sq opens something else")
	}
}

func TestComposeFileRefuses(t *testing.T) {
	t.Parallel()
	sealed := thePost(t).seal(t, 100, keystore.Combined)
	cover, err := acme.Cover("en", "document.pdf.pgp")
	if err != nil {
		t.Fatal(err)
	}
	if m, err := ComposeFile(envelope(1), cover, keystore.Sealed{}); !errors.Is(err, payroll.ErrInvalid) || !m.IsZero() {
		t.Errorf("an unsealed file: %v", err)
	}
	if _, err := ComposeFile(envelope(1), Cover{}, sealed); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("no cover: %v", err)
	}
	e := envelope(1)
	e.Subject = "x\r\nBcc: kiran@other.example"
	if _, err := ComposeFile(e, cover, sealed); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("a bad envelope: %v", err)
	}
	for _, name := range []string{"", "document.pdf", "../document.pdf.pgp", "a\"b.pdf.pgp", "Salary-October.pdf.pgp"} {
		if _, err := acme.Cover("en", name); !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
