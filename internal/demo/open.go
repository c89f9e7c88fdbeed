package demo

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/ProtonMail/gopenpgp/v2/crypto"
)

// Opened is what an employee finds in a mail.
type Opened struct {
	Subject   string // the protected one
	PDF       []byte
	Signature error // nil: good, and made by the company's key
}

// Open reads a mail as the employee's mail program does: it takes the message
// apart, decrypts it with the member's secret key and verifies the company's
// signature with its certificate (armored). It shares no code with what sealed
// the mail but the OpenPGP library.
func (m Member) Open(eml []byte, company string, now time.Time) (Opened, error) {
	sealed, err := encryptedPart(eml)
	if err != nil {
		return Opened{}, err
	}
	secret, err := crypto.NewKeyFromEntity(m.Secret)
	if err != nil {
		return Opened{}, fmt.Errorf("read the employee's key: %w", err)
	}
	reader, err := crypto.NewKeyRing(secret)
	if err != nil {
		return Opened{}, fmt.Errorf("read the employee's key: %w", err)
	}
	signer, err := crypto.NewKeyFromArmored(company)
	if err != nil {
		return Opened{}, fmt.Errorf("read the company's certificate: %w", err)
	}
	verifier, err := crypto.NewKeyRing(signer)
	if err != nil {
		return Opened{}, fmt.Errorf("read the company's certificate: %w", err)
	}
	message, err := crypto.NewPGPMessageFromArmored(sealed)
	if err != nil {
		return Opened{}, fmt.Errorf("read the encrypted part: %w", err)
	}
	plain, err := reader.Decrypt(message, verifier, now.Unix())
	var bad crypto.SignatureVerificationError
	if err != nil && !errors.As(err, &bad) {
		return Opened{}, fmt.Errorf("decrypt: %w", err)
	}
	opened, nested, err := unpack(plain.GetBinary(), verifier, now)
	if err == nil && !nested && bad != (crypto.SignatureVerificationError{}) {
		opened.Signature = bad
	}
	return opened, err
}

// encryptedPart is the armored message inside a PGP/MIME mail (RFC 3156 §4).
func encryptedPart(eml []byte) (string, error) {
	message, err := mail.ReadMessage(bytes.NewReader(eml))
	if err != nil {
		return "", fmt.Errorf("read the mail: %w", err)
	}
	parts, err := split(textproto.MIMEHeader(message.Header), message.Body, "multipart/encrypted")
	if err != nil {
		return "", err
	}
	if len(parts) != 2 || parts[0].kind != "application/pgp-encrypted" {
		return "", errors.New("read the mail: not PGP/MIME")
	}
	return string(parts[1].body), nil
}

// part is one body part with its transfer encoding undone.
type part struct {
	kind string
	raw  []byte // as it stood, for a signature over it
	body []byte
}

// split takes a multipart of the given kind apart.
func split(header textproto.MIMEHeader, body io.Reader, kind string) ([]part, error) {
	found, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || found != kind {
		return nil, fmt.Errorf("read the mail: expected %s", kind)
	}
	reader := multipart.NewReader(body, parameters["boundary"])
	var parts []part
	for {
		p, err := reader.NextRawPart()
		if errors.Is(err, io.EOF) {
			return parts, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the mail: %w", err)
		}
		content, err := io.ReadAll(p)
		if err != nil {
			return nil, fmt.Errorf("read the mail: %w", err)
		}
		partKind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")) // "" is no kind that we look for
		decoded := content
		if strings.EqualFold(p.Header.Get("Content-Transfer-Encoding"), "base64") {
			if decoded, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(content))); err != nil {
				return nil, fmt.Errorf("read the mail: %w", err)
			}
		}
		parts = append(parts, part{kind: partKind, raw: content, body: decoded})
	}
}

// unpack finds the PDF and the protected subject in a decrypted entity. Of a
// nested one it verifies the detached signature (RFC 3156 §5).
func unpack(entity []byte, verifier *crypto.KeyRing, now time.Time) (opened Opened, nested bool, err error) {
	message, err := mail.ReadMessage(bytes.NewReader(entity))
	if err != nil {
		return Opened{}, false, fmt.Errorf("read the decrypted mail: %w", err)
	}
	if strings.HasPrefix(message.Header.Get("Content-Type"), "multipart/signed") {
		opened, err = unpackSigned(entity, message, verifier, now)
		return opened, true, err
	}
	parts, err := split(textproto.MIMEHeader(message.Header), message.Body, "multipart/mixed")
	if err != nil {
		return Opened{}, false, err
	}
	for _, p := range parts {
		if p.kind == "application/pdf" {
			opened.PDF = p.body
		}
	}
	opened.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil || len(opened.PDF) == 0 {
		return Opened{}, false, errors.New("read the decrypted mail: no salary slip in it")
	}
	return opened, false, nil
}

func unpackSigned(entity []byte, message *mail.Message, verifier *crypto.KeyRing, now time.Time) (Opened, error) {
	_, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil {
		return Opened{}, fmt.Errorf("read the signed mail: %w", err)
	}
	parts, err := split(textproto.MIMEHeader(message.Header), message.Body, "multipart/signed")
	if err != nil || len(parts) != 2 {
		return Opened{}, errors.New("read the signed mail: not two parts")
	}
	// The signature covers the first part with its header, to the byte.
	delimiter := []byte("\r\n--" + parameters["boundary"])
	_, rest, _ := bytes.Cut(entity, append(delimiter, '\r', '\n'))
	signed, _, _ := bytes.Cut(rest, delimiter)
	opened, _, err := unpack(signed, verifier, now)
	if err != nil {
		return Opened{}, err
	}
	signature, err := crypto.NewPGPSignatureFromArmored(string(parts[1].body))
	if err != nil {
		return Opened{}, fmt.Errorf("read the signature: %w", err)
	}
	opened.Signature = verifier.VerifyDetached(crypto.NewPlainMessage(signed), signature, now.Unix())
	return opened, nil
}
