package keystore

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/payseal/payseal/payroll"
)

// micalgs are the names of the hashes in a multipart/signed header (RFC 3156 §5).
var micalgs = map[crypto.Hash]string{
	crypto.SHA256: "pgp-sha256", crypto.SHA384: "pgp-sha384", crypto.SHA512: "pgp-sha512",
}

// nest signs the entity and wraps both as multipart/signed (RFC 3156 §5, RFC
// 1847 §2.1). What is signed is exactly what stands between the boundaries.
func nest(p *plan, entity []byte) ([]byte, error) {
	if err := checkCanonical(entity); err != nil {
		return nil, err
	}
	signature, err := p.sign(entity)
	if err != nil {
		return nil, err
	}
	armored, err := armorSignature(signature)
	if err != nil {
		return nil, err
	}
	boundary := "signed-" + rand.Text()
	whole := make([]byte, 0, len(entity)+len(armored)+1024)
	whole = fmt.Appendf(whole, "Content-Type: multipart/signed; micalg=%s;\r\n"+
		" protocol=\"application/pgp-signature\"; boundary=%q\r\n"+
		"MIME-Version: 1.0\r\n\r\n--%s\r\n", micalgs[p.hash], boundary, boundary)
	whole = append(whole, entity...)
	whole = fmt.Appendf(whole, "\r\n--%s\r\n"+
		"Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n"+
		"Content-Description: OpenPGP digital signature\r\n"+
		"Content-Disposition: attachment; filename=\"signature.asc\"\r\n\r\n", boundary)
	whole = append(whole, armored...)
	return fmt.Appendf(whole, "\r\n--%s--\r\n", boundary), nil
}

// checkCanonical refuses what a mail program on the way could change, which
// would break the signature (RFC 3156 §3 and §5).
func checkCanonical(entity []byte) error {
	if len(entity) == 0 {
		return fmt.Errorf("%w: an empty entity", payroll.ErrInvalid)
	}
	if !sevenBit(entity) {
		return fmt.Errorf("%w: the entity is not 7-bit text", payroll.ErrInvalid)
	}
	for rest := entity; len(rest) > 0; {
		end := bytes.IndexByte(rest, '\n')
		line, after := rest, []byte(nil)
		if end >= 0 {
			line, after = rest[:end], rest[end+1:]
			if end == 0 || line[end-1] != '\r' {
				return fmt.Errorf("%w: a line of the entity does not end in CRLF", payroll.ErrInvalid)
			}
			line = line[:end-1]
		}
		if fault := lineFault(line); fault != "" {
			return fmt.Errorf("%w: a line of the entity %s", payroll.ErrInvalid, fault)
		}
		rest = after
	}
	return nil
}

// lineFault says what is wrong with a line without its end.
func lineFault(line []byte) string {
	switch {
	case bytes.IndexByte(line, '\r') >= 0:
		return "does not end in CRLF"
	case len(line) > 0 && (line[len(line)-1] == ' ' || line[len(line)-1] == '\t'):
		return "ends in a blank"
	case bytes.HasPrefix(line, []byte("From ")):
		return "starts with \"From \""
	case len(line) > 998:
		return "is longer than 998 characters"
	}
	return ""
}

// sevenBit looks at eight bytes at a time: the letter is checked before every
// seal.
func sevenBit(text []byte) bool {
	if bytes.IndexByte(text, 0) >= 0 {
		return false
	}
	var all uint64
	for ; len(text) >= 8; text = text[8:] {
		all |= binary.LittleEndian.Uint64(text)
	}
	for _, b := range text {
		all |= uint64(b)
	}
	return all&0x8080808080808080 == 0
}

// armorSignature is the ASCII armor of a signature with CRLF line ends.
func armorSignature(signature []byte) ([]byte, error) {
	var text bytes.Buffer
	w, err := armor.EncodeWithChecksumOption(&text, openpgp.SignatureType, nil, true)
	if err != nil {
		return nil, fmt.Errorf("armor signature: %w", err)
	}
	if _, err := w.Write(signature); err != nil {
		return nil, fmt.Errorf("armor signature: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("armor signature: %w", err)
	}
	return bytes.ReplaceAll(append(text.Bytes(), '\n'), []byte("\n"), []byte("\r\n")), nil
}
