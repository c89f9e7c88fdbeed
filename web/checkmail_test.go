package web_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/payseal/payseal/internal/browsertest"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/mailer"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web"
)

// checker is the page on which a mail is checked, with an employee's key.
type checker struct {
	*site
	tab    *browsertest.Tab
	gpg    func(input []byte, args ...string) string
	own    keystore.Certificate
	secret []byte
}

func newChecker(t *testing.T, w *site) *checker {
	t.Helper()
	c := &checker{site: w, gpg: newGPG(t, passphrase)}
	c.gpg(nil, "--quick-generate-key", "Kiran <kiran@acme.example>", "future-default", "default", "1y")
	c.secret = block(c.gpg(nil, "--armor", "--export-secret-keys"))
	c.own = judged(t, block(c.gpg(nil, "--armor", "--export")))
	c.tab = browsertest.Start(t)
	c.tab.Open(w.URL + "/en/really-hr")
	c.tab.Click("#secret-key summary")
	return c
}

// block is the armor in what gpg says.
func block(said string) []byte {
	_, armored, _ := strings.Cut(said, "-----BEGIN")
	return []byte("-----BEGIN" + armored)
}

func judged(t *testing.T, armored []byte) keystore.Certificate {
	t.Helper()
	c, verdict := keystore.Judge(armored, "", time.Now())
	if !verdict.Accepted() {
		t.Fatalf("the judge says %s", verdict.Reason)
	}
	return c
}

// check gives a mail to the page, with or without the employee's key, and waits
// for the outcome.
func (c *checker) check(t *testing.T, mail []byte, key []byte) (outcome, said string) {
	t.Helper()
	c.tab.Run() // nothing, but fails early if the browser is gone
	var done bool
	c.tab.Value(`(() => { document.querySelector("#check-mail").reset(); document.querySelector("#check-result").dataset.outcome = ""; return true })()`, &done)
	c.tab.Choose("#mail-file", put(t, "mail.eml", mail))
	if key != nil {
		c.tab.Choose("#secret-key-file", put(t, "backup.asc", key))
		c.tab.Type("#secret-key-passphrase", passphrase)
	}
	c.tab.Click("#check-mail button")
	c.tab.Until(`!["", "busy"].includes(document.querySelector("#check-result").dataset.outcome)`)
	c.tab.Value(`document.querySelector("#check-result").dataset.outcome`, &outcome)
	return outcome, c.tab.Text("#check-result")
}

func envelope() payroll.Envelope {
	return payroll.Envelope{
		FromName: "ACME Payroll", From: "payroll@acme.example", To: "kiran@acme.example", Subject: "Encrypted message from ACME",
		MessageID: "0b7e5e8e-3f59-4f7e-9d0c-b2e6c7a64d11@acme.example", Date: time.Now(), ReturnSender: "bounce@acme.example",
	}
}

// letter is a real letter of the company's, as the mailer writes it.
func letter(t *testing.T, e payroll.Envelope) []byte {
	t.Helper()
	l, err := mailer.Company{Name: "ACME", Contact: "hr@acme.example"}.ProofCode("en", "K7QF2-9XMPT", time.Minute)
	must(t, err)
	entity, err := l.Entity(e)
	must(t, err)
	return entity
}

// slip is a letter, sealed and composed as a slip is.
func (c *checker) slip(t *testing.T, by *keystore.Signer, s keystore.Structure, entity []byte) []byte {
	t.Helper()
	sealed, err := by.Seal(c.own, entity, keystore.SealOptions{At: time.Now(), Structure: s})
	must(t, err)
	m, err := mailer.Compose(envelope(), sealed)
	must(t, err)
	return m.Bytes()
}

// attached is a slip for people whose mail program shows attachments only.
func (c *checker) attached(t *testing.T) []byte {
	t.Helper()
	sealed, err := c.signer.Seal(c.own, []byte("%PDF-1.7 ..."), keystore.SealOptions{At: time.Now()})
	must(t, err)
	cover, err := mailer.Company{Name: "ACME"}.Cover("en", "document.pdf.pgp")
	must(t, err)
	m, err := mailer.ComposeFile(envelope(), cover, sealed)
	must(t, err)
	return m.Bytes()
}

// header is an ordinary mail's, from somebody.
func header(from string) string {
	return "From: " + from + "\r\nTo: kiran@acme.example\r\nSubject: =?utf-8?q?Caf=C3=A9?= <img src=x onerror=alert(1)>\r\nMIME-Version: 1.0\r\n"
}

const companyFrom = "ACME Payroll <payroll@acme.example>"

// signedMail is a multipart/signed that is not encrypted.
func signedMail(t *testing.T, by *keystore.Signer, from string, entity []byte) []byte {
	t.Helper()
	signature, err := by.SignDetached(entity)
	must(t, err)
	return fmt.Appendf(nil, "%sContent-Type: multipart/signed; micalg=pgp-sha512;\r\n protocol=\"application/pgp-signature\"; boundary=\"b\"\r\n\r\n"+
		"preamble\r\n--b\r\n%s\r\n--b\r\nContent-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n%s\r\n--b--\r\n", header(from), entity, signature)
}

func clearMail(t *testing.T, by *keystore.Signer) []byte {
	t.Helper()
	text, err := by.Clearsign([]byte("Office closed on Friday.\n- HR\n"))
	must(t, err)
	return []byte(header(companyFrom) + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + string(text))
}

// passedOn is what an attacker makes of a slip that was made for them: the
// company's signature inside, encrypted to somebody else.
func (c *checker) passedOn(t *testing.T) []byte {
	t.Helper()
	other := newGPG(t, "")
	other(nil, "--quick-generate-key", "Eve <eve@acme.example>", "future-default", "default", "1y")
	sealed, err := c.signer.Seal(judged(t, block(other(nil, "--armor", "--export"))), letter(t, envelope()), keystore.SealOptions{At: time.Now()})
	must(t, err)
	opened := put(t, "opened", nil)
	other(sealed.Armored(), "--unwrap", "--output", opened, "--decrypt")
	signed := program(t, nil, "cat", opened)

	raw, err := c.own.Armored()
	must(t, err)
	ring, err := openpgp.ReadArmoredKeyRing(strings.NewReader(raw))
	must(t, err)
	key, found := ring[0].EncryptionKey(time.Now(), nil)
	if !found {
		t.Fatal("no key to encrypt to")
	}
	session := bytes.Repeat([]byte{7}, 32)
	var message bytes.Buffer
	must(t, packet.SerializeEncryptedKey(&message, key.PublicKey, packet.CipherAES256, session, nil))
	w, err := packet.SerializeSymmetricallyEncrypted(&message, packet.CipherAES256, false, packet.CipherSuite{}, session, nil)
	must(t, err)
	_, err = w.Write(signed)
	must(t, err)
	must(t, w.Close())
	armored := program(t, message.Bytes(), "gpg", "--enarmor")
	mail := c.slip(t, c.signer, keystore.Combined, letter(t, envelope()))
	start, end := bytes.Index(mail, []byte("-----BEGIN PGP")), bytes.Index(mail, []byte("-----END PGP MESSAGE-----"))
	text := strings.ReplaceAll(string(armored), "PGP ARMORED FILE", "PGP MESSAGE")
	return append(append(mail[:start:start], text...), mail[end+len("-----END PGP MESSAGE-----"):]...)
}

// TestCheckMail gives real mails of the company and of others to the page.
func TestCheckMail(t *testing.T) {
	t.Parallel()
	c := newChecker(t, newSite(t))
	stranger := newSigner(t, companyUserID) // it only says that it is the company
	foreign := envelope()
	foreign.From, foreign.FromName = "boss@evil.example", "payroll@acme.example"
	entity := letter(t, envelope())
	slip := c.slip(t, c.signer, keystore.Combined, entity)
	signed := signedMail(t, c.signer, companyFrom, entity)
	plain := []byte("Content-Type: text/plain\r\n\r\nHello\r\n")
	replace := func(mail []byte, from, to string) []byte {
		t.Helper()
		changed := bytes.Replace(mail, []byte(from), []byte(to), 1)
		if bytes.Equal(changed, mail) {
			t.Fatalf("there is no %q", from)
		}
		return changed
	}
	const unread = "Encrypted message from ACME"
	tests := []struct {
		name    string
		mail    []byte
		key     bool
		outcome string
		says    []string
	}{
		{"a slip without the key", slip, false, "encrypted", []string{"The mail is encrypted", unread}},
		{"a slip", slip, true, "good", []string{"The signature is good", companyUserID, "Sender in the mail", "Signed on", "kiran@acme.example"}},
		{"a nested slip", c.slip(t, c.signer, keystore.Nested, entity), true, "good", []string{companyUserID}},
		{"a slip with bare line feeds", bytes.ReplaceAll(slip, []byte("\r\n"), []byte("\n")), true, "good", nil},
		{"a slip from a mailbox file", append([]byte("From - Sat Nov 21\r\n"), slip...), true, "good", nil},
		{"a slip that was passed on", c.passedOn(t), true, "not_for_you", []string{"signed for somebody else"}},
		{"a slip by a stranger", c.slip(t, stranger, keystore.Combined, entity), true, "stranger", []string{"somebody else"}},
		{"a nested slip by a stranger", c.slip(t, stranger, keystore.Nested, entity), true, "stranger", nil},
		{"a slip with another sender inside", c.slip(t, c.signer, keystore.Combined, letter(t, foreign)), true, "other_from", nil},
		{"a damaged slip", damaged(slip), true, "locked", []string{"could not be opened"}},
		{"an attached file without the key", c.attached(t), false, "encrypted", nil},
		{"an attached file", c.attached(t), true, "good_part", []string{"A part of this mail"}},
		{"an attached file from another sender", replace(c.attached(t), "<payroll@acme.example>", "<boss@evil.example>"), true, "other_from", nil},
		{"a signed mail", signed, false, "good", []string{companyUserID}},
		{"a signed mail with bare line feeds", bytes.ReplaceAll(signed, []byte("\r\n"), []byte("\n")), false, "good", nil},
		{"a changed signed mail", replace(signed, "9XMPT", "8XMPT"), false, "bad", []string{"The signature is wrong"}},
		{"a signed mail without a signed header", signedMail(t, c.signer, companyFrom, plain), false, "good_part", nil},
		{"a signed mail in another's name", signedMail(t, c.signer, "payroll@acme.example <boss@evil.example>", plain), false, "other_from", nil},
		{"a mail signed by a stranger", signedMail(t, stranger, companyFrom, entity), false, "stranger", nil},
		{"a mail without its signature", replace(signed, "BEGIN PGP SIGNATURE", "BEGIN PGP NOTHING"), false, "bad", nil},
		{"a clear-signed mail", clearMail(t, c.signer), false, "good_part", nil},
		{"a changed clear-signed mail", replace(clearMail(t, c.signer), "Friday", "Monday"), false, "bad", nil},
		{"a clear-signed mail by a stranger", clearMail(t, stranger), false, "stranger", nil},
		{"a mail in the company's name", []byte(header(companyFrom) + "Content-Type: text/html\r\n\r\n<h1>Hello</h1><script>alert(1)</script>"), false,
			"unsigned", []string{"There is no signature", "Café <img src=x onerror=alert(1)>"}},
		{"a file of another kind", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00"), false, "unreadable", []string{"cannot be read"}},
		{"a mail of nothing but beginnings", []byte(header(companyFrom) + "\r\n" + strings.Repeat("-----BEGIN PGP SIGNED MESSAGE-----\r\n", 50_000)), false, "unsigned", nil},
		{"a mail with a header without an end", []byte("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=\"" + strings.Repeat(`\"`, 1<<20)), false, "unsigned", nil},
		{"a mail of parts in parts", nested(2000), false, "unsigned", nil},
		{"an empty file", nil, false, "unreadable", nil},
	}
	for _, test := range tests {
		var key []byte
		if test.key {
			key = c.secret
		}
		outcome, said := c.check(t, test.mail, key)
		if outcome != test.outcome {
			t.Errorf("%s: %s, want %s: %s", test.name, outcome, test.outcome, said)
		}
		for _, words := range test.says {
			if !strings.Contains(said, words) {
				t.Errorf("%s: %q is not in %q", test.name, words, said)
			}
		}
		if test.key && test.outcome == "good" && strings.Contains(said, unread) {
			t.Errorf("%s: the subject outside is shown: %s", test.name, said)
		}
	}
	c.nothingLeft(t)
}

// nested is a mail whose parts hold parts, and so on.
func nested(depth int) []byte {
	var mail strings.Builder
	mail.WriteString(header(companyFrom))
	for i := range depth {
		fmt.Fprintf(&mail, "Content-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n--b%[1]d\r\n", i)
	}
	return []byte(mail.String())
}

// damaged is a slip with a bit of its ciphertext changed, under a checksum that
// nobody looks at.
func damaged(slip []byte) []byte {
	changed := bytes.Clone(slip)
	at := bytes.Index(changed, []byte("-----END PGP MESSAGE")) - 200
	for changed[at] == '\r' || changed[at] == '\n' {
		at--
	}
	changed[at] ^= 1
	return changed
}

// nothingLeft looks at all that left the browser while mails were checked.
func (c *checker) nothingLeft(t *testing.T) {
	t.Helper()
	var markup int
	c.tab.Value(`document.querySelectorAll("#check-result :is(img, script, iframe, h1)").length`, &markup)
	if markup != 0 {
		t.Error("a part of a mail became a part of the page")
	}
	for _, r := range c.tab.Requests() {
		if r.Method != http.MethodGet || len(r.Body) > 0 || strings.Contains(r.URL, "?") && !strings.Contains(r.URL, "/static/") {
			t.Errorf("%s %s while a mail was checked", r.Method, r.URL)
		}
	}
	raw, err := c.own.Armored()
	must(t, err)
	left := c.left(c.tab)
	noSecretIn(t, "a request", left, c.secret, []byte(raw))
	noTextIn(t, "a request", left, passphrase)
	for _, words := range []string{"Caf", "0b7e5e8e", "9XMPT", "BEGIN PGP"} {
		if strings.Contains(left, words) {
			t.Errorf("%q of a mail left the browser", words)
		}
	}
}

// TestCheckMailOfAFormerKey checks a mail that was signed with the company's key
// before the current one.
func TestCheckMailOfAFormerKey(t *testing.T) {
	t.Parallel()
	former := newSigner(t, companyUserID)
	c := newChecker(t, newSite(t, func(s *web.Server) { s.Certifiers = append(s.Certifiers, former.Certificate()) }))
	outcome, said := c.check(t, c.slip(t, former, keystore.Combined, letter(t, envelope())), c.secret)
	if outcome != "good" || !strings.Contains(said, former.Certificate().Fingerprint().Grouped()[:9]) {
		t.Errorf("%s: %s", outcome, said)
	}
}

// TestCheckMailLooks looks at the page, empty and with an answer.
func TestCheckMailLooks(t *testing.T) {
	t.Parallel()
	c := newChecker(t, newSite(t))
	look := func(name string) {
		t.Helper()
		c.tab.Axe()
		for _, v := range []browsertest.Viewport{browsertest.Phone, browsertest.Desktop} {
			c.tab.Size(v)
			c.tab.Overflow()
		}
		c.tab.Pictures("check-mail-" + name)
	}
	look("empty")
	var dropped string
	c.tab.Value(`(() => {
		const carried = new DataTransfer()
		carried.items.add(new File(["From: a@b.example"], "dropped.eml"))
		document.querySelector("#mail-drop").dispatchEvent(new DragEvent("drop", {dataTransfer: carried, bubbles: true, cancelable: true}))
		return document.querySelector("#mail-file").files[0]?.name ?? ""
	})()`, &dropped)
	if dropped != "dropped.eml" {
		t.Errorf("the dropped file is %q", dropped)
	}
	c.check(t, c.slip(t, c.signer, keystore.Combined, letter(t, envelope())), c.secret)
	look("good")
	c.check(t, signedMail(t, newSigner(t, companyUserID), companyFrom, []byte("Content-Type: text/plain\r\n\r\nHello\r\n")), nil)
	look("stranger")
}

// changedKey is the company's certificate after something was done to its key.
func changedKey(t *testing.T, armored []byte, change func(*openpgp.Entity)) keystore.Certificate {
	t.Helper()
	ring, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(armored))
	must(t, err)
	must(t, ring[0].DecryptPrivateKeys([]byte(signerPassphrase)))
	change(ring[0])
	var binary bytes.Buffer
	must(t, ring[0].Serialize(&binary))
	c, err := keystore.ReadCertificate(binary.Bytes())
	must(t, err)
	return c
}

// TestCheckMailOfAnEndedKey checks a mail whose signature fits, by a key of the
// company's that was revoked, or had ended before.
func TestCheckMailOfAnEndedKey(t *testing.T) {
	t.Parallel()
	began := time.Now().Add(-48 * time.Hour)
	armored, err := keystore.NewSigner(keystore.SignerOptions{UserID: companyUserID, At: began}, []byte(signerPassphrase))
	must(t, err)
	signer := openSigner(t, armored)
	mail := signedMail(t, signer, companyFrom, letter(t, envelope()))
	revoked := changedKey(t, armored, func(e *openpgp.Entity) {
		must(t, e.Revoke(packet.KeyCompromised, "", nil))
	})
	home := newGPG(t, signerPassphrase)
	home(nil, "--import", put(t, "signer.asc", armored))
	then := began.Add(time.Hour).UTC().Format("20060102T150405")
	home(nil, "--faked-system-time", then, "--quick-set-expire", string(signer.Certificate().Fingerprint()), "1d")
	out := program(t, block(home(nil, "--armor", "--export")), "gpg", "--dearmor")
	ended, err := keystore.ReadCertificate(out)
	must(t, err)
	for want, certificate := range map[string]keystore.Certificate{"revoked": revoked, "expired": ended} {
		c := newChecker(t, newSite(t, func(s *web.Server) { s.Certificate = certificate }))
		if outcome, said := c.check(t, mail, nil); outcome != want {
			t.Errorf("%s: %s: %s", want, outcome, said)
		}
	}
}
