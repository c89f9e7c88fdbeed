package mailer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// wantMail is a whole message; %s stands for the armor.
const wantMail = `From: "ACME Payroll" <payroll@acme.example>
To: kiran.a@acme.example
Subject: Encrypted message from ACME Payroll
Message-ID: <5d0c7d8e-0000-4000-8000-000000000001@acme.example>
Date: Fri, 30 Oct 2026 09:00:00 +0100
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";
 boundary="=_8e024c280dccd7891b3f16a23509d656"

--=_8e024c280dccd7891b3f16a23509d656
Content-Type: application/pgp-encrypted
Content-Description: PGP/MIME version identification

Version: 1

--=_8e024c280dccd7891b3f16a23509d656
Content-Type: application/octet-stream; name="encrypted.asc"
Content-Description: OpenPGP encrypted message
Content-Disposition: inline; filename="encrypted.asc"

%s
--=_8e024c280dccd7891b3f16a23509d656--
`

func TestComposeEveryByte(t *testing.T) {
	t.Parallel()
	sealed := thePost(t).seal(t, 5000, keystore.Combined)
	m, err := Compose(envelope(1), sealed)
	if err != nil {
		t.Fatal(err)
	}
	armor := strings.ReplaceAll(string(sealed.Armored()), "\r\n", "\n")
	want := strings.ReplaceAll(fmt.Sprintf(wantMail, armor), "\n", "\r\n")
	if diff := cmp.Diff(want, string(m.Bytes())); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	again, err := Compose(envelope(1), sealed)
	if err != nil || !bytes.Equal(again.Bytes(), m.Bytes()) {
		t.Errorf("a second time it is another message: %v", err)
	}
	if m.Size() != len(m.Bytes()) || m.To() != "kiran.a@acme.example" || m.From() != envelope(1).ReturnSender || m.ID() != envelope(1).MessageID {
		t.Errorf("size %d, from %s, to %s, id %s", m.Size(), m.From(), m.To(), m.ID())
	}
	for _, verb := range []string{"%v", "%+v", "%s"} {
		if s := fmt.Sprintf(verb, m); strings.Contains(s, "kiran") || strings.Contains(s, "BEGIN") {
			t.Errorf("%s prints %q", verb, s)
		}
	}
}

// A name in any script comes out in ASCII, in lines that every relay takes, and
// means the same.
func TestComposeFoldsLongNames(t *testing.T) {
	t.Parallel()
	sealed := thePost(t).seal(t, 100, keystore.Combined)
	for _, name := range []string{"ACME", "Gehaltsb\u00fcro M\u00fcnchen", strings.Repeat("\u5de5\u8cc7", 60), strings.Repeat("Salaries and Wages ", 10) + "Office", strings.Repeat("x", 190), "a  b  " + strings.Repeat("c  ", 50) + "d"} {
		e := envelope(1)
		e.FromName, e.Subject = name, "From "+name
		m, err := Compose(e, sealed)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(string(m.Bytes()), "\r\n") {
			if len(line) > 450 || strings.Trim(line, " ") == "" && line != "" {
				t.Errorf("line %q", line)
			}
		}
		message, err := mail.ReadMessage(bytes.NewReader(m.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		from, err := message.Header.AddressList("From")
		if err != nil || len(from) != 1 || from[0].Name != name || from[0].Address != "payroll@acme.example" {
			t.Errorf("From %v, %v; want %q", from, err, name)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
		if err != nil || subject != "From "+name {
			t.Errorf("Subject %q, %v", subject, err)
		}
	}
}

func TestComposeRefuses(t *testing.T) {
	t.Parallel()
	sealed := thePost(t).seal(t, 100, keystore.Combined)
	if _, err := Compose(envelope(1), keystore.Sealed{}); !errors.Is(err, payroll.ErrInvalid) {
		t.Errorf("an unsealed letter: %v", err)
	}
	for name, spoil := range map[string]func(*payroll.Envelope){
		"no recipient":        func(e *payroll.Envelope) { e.To = "" },
		"two recipients":      func(e *payroll.Envelope) { e.To = "kiran@acme.example,kiran@other.example" },
		"quoted local part":   func(e *payroll.Envelope) { e.To = `"kiran@a"@acme.example` },
		"header in subject":   func(e *payroll.Envelope) { e.Subject = "x\r\nBcc: kiran@other.example" },
		"header in name":      func(e *payroll.Envelope) { e.FromName = "x\nBcc: kiran@other.example" },
		"no Message-ID":       func(e *payroll.Envelope) { e.MessageID = "" },
		"space in Message-ID": func(e *payroll.Envelope) { e.MessageID = "kiran a@acme.example" },
		"bracket in it":       func(e *payroll.Envelope) { e.MessageID = "kiran>@acme.example" },
		"no date":             func(e *payroll.Envelope) { e.Date = time.Time{} },
		"no reverse-path":     func(e *payroll.Envelope) { e.ReturnSender = "" },
		"command injection":   func(e *payroll.Envelope) { e.ReturnSender = "b@acme.example> SIZE=1\r\nRCPT TO:<kiran@x.example" },
	} {
		e := envelope(1)
		spoil(&e)
		m, err := Compose(e, sealed)
		if !errors.Is(err, payroll.ErrInvalid) || !m.IsZero() {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), "kiran") {
			t.Errorf("%s: the error tells too much: %v", name, err)
		}
	}
}

func TestMessageOpensInMimeReader(t *testing.T) {
	t.Parallel()
	sealed := thePost(t).seal(t, 5000, keystore.Nested)
	m, err := Compose(envelope(1), sealed)
	if err != nil {
		t.Fatal(err)
	}
	if got := armorOf(t, m); !bytes.Equal(bytes.TrimSpace(got), bytes.TrimSpace(sealed.Armored())) {
		t.Error("the second part is not the armor")
	}
}

// TestOneLetterInTwoMails: the first is composed where the letter stands, and stays
// what it was.
func TestOneLetterInTwoMails(t *testing.T) {
	t.Parallel()
	sealed := thePost(t).seal(t, 5000, keystore.Combined)
	armored := string(sealed.Armored())
	var wire []string
	var first Message
	for _, n := range []int{1, 2, 1} {
		m, err := Compose(envelope(n), sealed)
		if err != nil || !strings.Contains(string(m.wire), armored) || !strings.HasSuffix(string(m.wire), "--\r\n.\r\n") {
			t.Fatalf("%v: %s", err, m.wire)
		}
		if wire = append(wire, string(m.wire)); first.IsZero() {
			first = m
		}
	}
	if wire[0] != string(first.wire) || wire[0] != wire[2] || wire[0] == wire[1] || string(sealed.Armored()) != armored {
		t.Error("the mails of one letter are not what they are alone")
	}
}

// armorOf takes the second part out of a message with the standard library.
func armorOf(t *testing.T, m Message) []byte {
	t.Helper()
	message, err := mail.ReadMessage(bytes.NewReader(m.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	kind, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/encrypted" || parameters["protocol"] != "application/pgp-encrypted" {
		t.Fatalf("type %s %v, %v", kind, parameters, err)
	}
	parts := multipart.NewReader(message.Body, parameters["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if part.FileName() == "encrypted.asc" {
			armor, err := io.ReadAll(part)
			if err != nil {
				t.Fatal(err)
			}
			return armor
		}
	}
}

// stranger is a GnuPG home in which the employee lives and knows the company.
type stranger struct {
	home     string
	employee keystore.Certificate
}

func newStranger(t *testing.T) stranger {
	t.Helper()
	home, err := os.MkdirTemp("", "pm") // short: the agent's socket allows 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	s := stranger{home: home}
	t.Cleanup(func() {
		if out, err := s.command("gpgconf", "--kill", "all").CombinedOutput(); err != nil {
			t.Logf("stop gpg-agent: %v: %s", err, out)
		}
		os.RemoveAll(home)
	})
	s.run(t, []byte("%no-protection\nKey-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: cert,sign\nSubkey-Type: ECDH\nSubkey-Curve: cv25519\n"+
		"Subkey-Usage: encrypt\nName-Real: Kiran A\nName-Email: kiran.a@acme.example\nExpire-Date: 1y\n%commit\n"), "gpg", "--batch", "--gen-key")
	public := s.run(t, nil, "gpg", "--batch", "--export", "kiran.a@acme.example")
	if s.employee, err = keystore.ReadCertificate(public); err != nil {
		t.Fatal(err)
	}
	company := thePost(t).company.Certificate()
	s.run(t, company.Bytes(), "gpg", "--batch", "--import")
	s.run(t, []byte(string(company.Fingerprint())+":6:\n"), "gpg", "--batch", "--import-ownertrust")
	return s
}

func (s stranger) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "GNUPGHOME="+s.home, "HOME="+s.home, "LC_ALL=C.UTF-8", "TERM=xterm")
	return cmd
}

func (s stranger) run(t *testing.T, stdin []byte, name string, args ...string) []byte {
	t.Helper()
	cmd := s.command(name, args...)
	cmd.Stdin = bytes.NewReader(stdin)
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s", name, err, log.String())
	}
	return out
}

// What Compose makes opens in GnuPG, and mutt, which hands PGP/MIME to gpgme,
// shows it as encrypted with a good signature of the company.
func TestStrangersOpenAMessage(t *testing.T) {
	t.Parallel()
	s := newStranger(t)
	for _, structure := range []keystore.Structure{keystore.Combined, keystore.Nested} {
		t.Run(string(structure), func(t *testing.T) {
			text := entity(3000)
			sealed, err := thePost(t).company.Seal(s.employee, text, keystore.SealOptions{At: time.Now(), Structure: structure})
			if err != nil {
				t.Fatal(err)
			}
			e := envelope(1)
			e.Date = time.Now()
			m, err := Compose(e, sealed)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.run(t, armorOf(t, m), "gpg", "--batch", "--decrypt"); !bytes.Contains(got, text) {
				t.Error("gpg opens something else")
			}
			s.showsInMutt(t, m)
		})
	}
}

func (s stranger) showsInMutt(t *testing.T, m Message) {
	t.Helper()
	box, shown := filepath.Join(t.TempDir(), "box"), filepath.Join(t.TempDir(), "shown")
	mbox := append([]byte("From payroll@acme.example Fri Oct 30 09:00:00 2026\n"), bytes.ReplaceAll(m.Bytes(), []byte("\r\n"), []byte("\n"))...)
	if err := os.WriteFile(box, mbox, 0o600); err != nil {
		t.Fatal(err)
	}
	// mutt wants a terminal: script gives it one. A copy stands in for the pager.
	keys := "set folder=" + s.home + " crypt_use_gpgme=yes wait_key=no prompt_after=no pager='cp %s " + shown + "'; push '<display-message><exit>'"
	out, err := s.command("timeout", "60", "script", "-qec", `mutt -n -F /dev/null -R -f "`+box+`" -e "`+keys+`"`, "/dev/null").CombinedOutput()
	if err != nil {
		t.Fatalf("mutt: %v: %q", err, out)
	}
	text, err := os.ReadFile(shown)
	if err != nil {
		t.Fatalf("mutt showed nothing: %v: %q", err, out)
	}
	for _, want := range []string{"Good signature from: ACME Payroll <payroll@acme.example>", "The following data is PGP/MIME", "line 000000 of a letter"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("mutt does not show %q in\n%.2000s", want, text)
		}
	}
}
