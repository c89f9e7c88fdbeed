package mailer

import (
	"bytes"
	"fmt"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// ComposeFile puts a sealed file into its envelope as the attachment of an
// ordinary mail, for people whose mail program does not know PGP/MIME: they save
// it and open it with another program. The outer header is that of Compose, the
// text that of the cover. It refuses an empty file and an envelope that fails its
// check.
//
// The attachment is the binary message in base64, as application/octet-stream,
// named .pgp. Programs choose what to do with a file by that ending; the type
// application/pgp-encrypted belongs to the first part of a PGP/MIME message,
// and some take a mail that shows it for a broken one and mend it.
func ComposeFile(e payroll.Envelope, c Cover, s keystore.Sealed) (Message, error) {
	armored := s.Armored()
	body, found := armorBody(armored)
	switch {
	case s.IsZero():
		return Message{}, fmt.Errorf("compose file: %w: the file is not sealed", payroll.ErrInvalid)
	case !found || !plainLines(armored):
		return Message{}, fmt.Errorf("compose file: %w: the file is not 7-bit armor with CRLF line ends", payroll.ErrInvalid)
	case c.text == "":
		return Message{}, fmt.Errorf("compose file: %w: there is no cover", payroll.ErrInvalid)
	}
	header, err := outerHeader(e)
	if err != nil {
		return Message{}, fmt.Errorf("compose file: %w", err)
	}
	text, err := quoted(c.text)
	if err != nil {
		return Message{}, fmt.Errorf("compose file: %w", err)
	}
	boundary := boundaryOf(e, text)
	data := make([]byte, 0, len(header)+len(text)+len(body)+1024)
	data = append(data, header...)
	data = fmt.Appendf(data, "Auto-Submitted: auto-generated\r\n"+
		"MIME-Version: 1.0\r\n"+
		"Content-Type: multipart/mixed; boundary=\"%[1]s\"\r\n\r\n"+
		"--%[1]s\r\n"+textPart, boundary)
	data = append(data, text...)
	data = fmt.Appendf(data, "\r\n--%[1]s\r\n"+
		"Content-Type: application/octet-stream; name=\"%[2]s\"\r\n"+
		"Content-Transfer-Encoding: base64\r\n"+
		"Content-Disposition: attachment; filename=\"%[2]s\"\r\n\r\n", boundary, c.file)
	data = append(data, body...)
	data = fmt.Appendf(data, "\r\n--%s--\r\n", boundary)
	return newMessage(e, data), nil
}

// armorBody is what stands between the blank line of an armor and its checksum:
// the binary message in base64, in lines of 64 characters, which is a body as RFC
// 2045 §6.8 wants it. Keystore's armor has no header lines.
func armorBody(armored []byte) (body []byte, found bool) {
	body, found = bytes.CutPrefix(armored, []byte(armorHead+"\r\n"))
	if !found {
		return nil, false
	}
	end := bytes.LastIndex(body, []byte("\r\n="))
	if end < 0 || !bytes.HasSuffix(body, []byte("\r\n"+armorFoot)) || bytes.IndexByte(body[:end], '-') >= 0 {
		return nil, false
	}
	return body[:end+2], true
}
