package mailer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Message is a complete mail, ready for the wire: 7-bit, CRLF, one recipient.
// Only Compose and ComposeNotice make one that is not empty.
type Message struct {
	from payroll.Address // reverse-path
	to   payroll.Address
	id   string // Message-ID without angle brackets
	data []byte
	wire []byte // data with dots stuffed (RFC 5321 §4.5.2) and the final dot
}

// From is the reverse-path, to which bounces go.
func (m Message) From() payroll.Address { return m.from }

// To is the one recipient.
func (m Message) To() payroll.Address { return m.to }

// ID is the Message-ID without its angle brackets.
func (m Message) ID() string { return m.id }

// Bytes are the whole message, header and body. The caller must not change them.
func (m Message) Bytes() []byte { return m.data }

// Size is the number of bytes as RFC 1870 counts them: without stuffed dots and
// without the final one.
func (m Message) Size() int { return len(m.data) }

// IsZero reports whether there is nothing to send.
func (m Message) IsZero() bool { return len(m.wire) == 0 }

// String says nothing of the content or the recipient.
func (m Message) String() string { return fmt.Sprintf("a mail of %d bytes", len(m.data)) }

const (
	armorHead = "-----BEGIN PGP MESSAGE-----\r\n"
	armorFoot = "-----END PGP MESSAGE-----\r\n"
	finalDot  = ".\r\n"
)

// Compose puts a sealed letter into its outer envelope: the PGP/MIME message of
// RFC 3156 §4. The same envelope and letter always give the same bytes. It
// refuses an empty letter and an envelope that fails its check.
func Compose(e payroll.Envelope, s keystore.Sealed) (Message, error) {
	armored := s.Armored()
	switch {
	case s.IsZero():
		return Message{}, fmt.Errorf("compose message: %w: the letter is not sealed", payroll.ErrInvalid)
	case !bytes.HasPrefix(armored, []byte(armorHead)) || !bytes.HasSuffix(armored, []byte(armorFoot)) || !plainLines(armored):
		return Message{}, fmt.Errorf("compose message: %w: the letter is not 7-bit armor with CRLF line ends", payroll.ErrInvalid)
	}
	header, err := outerHeader(e)
	if err != nil {
		return Message{}, fmt.Errorf("compose message: %w", err)
	}
	// The armor has no underscore in its alphabet, so the boundary cannot occur in it.
	sum := sha256.Sum256([]byte(e.MessageID))
	boundary := "=_" + hex.EncodeToString(sum[:16])
	before := fmt.Appendf(header, "Auto-Submitted: auto-generated\r\n"+
		"MIME-Version: 1.0\r\n"+
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n boundary=\"%[1]s\"\r\n\r\n"+
		"--%[1]s\r\n"+
		"Content-Type: application/pgp-encrypted\r\n"+
		"Content-Description: PGP/MIME version identification\r\n\r\n"+
		"Version: 1\r\n\r\n"+
		"--%[1]s\r\n"+
		// Mailvelope and others find the armor by exactly this name.
		"Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"+
		"Content-Description: OpenPGP encrypted message\r\n"+
		"Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n", boundary)
	return newMessage(e, s.Between(before, []byte("\r\n--"+boundary+"--\r\n"))), nil
}

// messageID is what an identifier of ours looks like (RFC 5322 §3.6.4 without
// its obsolete and quoted forms).
var messageID = regexp.MustCompile(`^[A-Za-z0-9._+=-]{1,120}@[A-Za-z0-9.-]{1,120}$`)

// outerHeader writes the envelope's fields, folded.
func outerHeader(e payroll.Envelope) ([]byte, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	if !messageID.MatchString(e.MessageID) {
		return nil, fmt.Errorf("%w: the Message-ID is not of the form id@domain", payroll.ErrInvalid)
	}
	var header []byte
	for _, f := range e.Fields() {
		header = append(header, fold(f.Name+": "+f.Value)...)
		header = append(header, "\r\n"...)
	}
	if !sevenBit(header) {
		return nil, fmt.Errorf("%w: a header field is not ASCII", payroll.ErrInvalid)
	}
	return header, nil
}

// fold breaks a header field before spaces so that its lines stay within 76
// characters where they can (RFC 5322 §2.2.3, RFC 2047 §2).
func fold(field string) string {
	if len(field) <= 76 {
		return field
	}
	words := strings.SplitAfter(field, " ")
	var folded strings.Builder
	line := 0
	for i, word := range words {
		// The first word is the field's name. Where several blanks stand together no
		// line ends: readers trim the ends of lines, and a line of nothing but blanks
		// would look like the end of the header.
		if i > 1 && line+len(strings.TrimRight(word, " ")) > 76 && word != " " && words[i-1] != " " {
			breakLine(&folded)
			line = 1
		}
		folded.WriteString(word)
		line += len(word)
	}
	return folded.String()
}

// breakLine turns the space at the end of what is written into a fold.
func breakLine(b *strings.Builder) {
	written := strings.TrimSuffix(b.String(), " ")
	b.Reset()
	b.WriteString(written + "\r\n ")
}

// newMessage makes the wire form. Armor and our headers never start a line with
// a dot, so that data and wire share their bytes in all but odd cases.
func newMessage(e payroll.Envelope, data []byte) Message {
	m := Message{from: e.ReturnSender, to: e.To, id: e.MessageID}
	if dotStartsLine(data) {
		m.data = data
		m.wire = append(stuffed(data), finalDot...)
		return m
	}
	m.wire = append(data, finalDot...)
	m.data = m.wire[:len(data):len(data)]
	return m
}

// dotStartsLine looks at the dots, of which there are few, not at the lines.
func dotStartsLine(data []byte) bool {
	for at := 0; ; at++ {
		i := bytes.IndexByte(data[at:], '.')
		if i < 0 {
			return false
		}
		if at += i; at == 0 || data[at-1] == '\n' {
			return true
		}
	}
}

// stuffed doubles the dot that starts a line.
func stuffed(data []byte) []byte {
	wire := bytes.ReplaceAll(data, []byte("\r\n."), []byte("\r\n.."))
	if bytes.HasPrefix(wire, []byte(".")) {
		wire = append([]byte("."), wire...)
	}
	return wire
}

// plainLines reports 7-bit text in which CR and LF come in equal number.
func plainLines(text []byte) bool {
	return bytes.Count(text, []byte("\n")) == bytes.Count(text, []byte("\r")) && sevenBit(text)
}

func sevenBit(text []byte) bool {
	for len(text) >= 8 {
		if binary.LittleEndian.Uint64(text)&0x8080808080808080 != 0 {
			return false
		}
		text = text[8:]
	}
	for _, b := range text {
		if b >= 0x80 {
			return false
		}
	}
	return true
}
