package keystore

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// maxVouch is the largest signed statement that is read, in bytes. One by RSA
// 16384 has 4 kB.
const maxVouch = 64 << 10

// VouchStatement is what an employee signs with the certificate that is current
// to say that another one takes its place. It is one line, and names the company,
// so that it says nothing anywhere else.
func VouchStatement(old, successor payroll.Fingerprint, number payroll.EmployeeNumber, company payroll.Fingerprint) string {
	return fmt.Sprintf("payseal: replace %s by %s for employee %s at %s", old, successor, number, company)
}

// VerifyVouch holds that signed is exactly the statement, signed with the old
// certificate, which must be good at that moment: clear-signed, signed inline, or
// a detached signature over it, armored or not, with any line end behind it. It
// returns when the signature says that it was made. The error is a
// payroll.ErrInvalid that says which of these it is not.
func VerifyVouch(statement string, signed []byte, old Certificate, at time.Time) (made time.Time, err error) {
	defer func() {
		if recover() != nil {
			made, err = time.Time{}, fmt.Errorf("verify statement: %w: it is damaged", payroll.ErrInvalid)
		}
	}()
	if old.IsZero() || len(signed) > maxVouch {
		return made, fmt.Errorf("verify statement: %w: too large, or no certificate to verify it with", payroll.ErrInvalid)
	}
	if plain, wide := fromUTF16(signed); wide { // as Windows PowerShell writes it
		signed = bytes.TrimLeft(plain, "\xff\xfe")
	}
	if bytes.Contains(signed, []byte(blockBegin)) {
		signed = bytes.TrimSpace(signed)
	}
	if made, err = verifyVouch(statement, signed, old, at); err != nil {
		return made, fmt.Errorf("verify statement: %w", err)
	}
	return made, nil
}

func verifyVouch(statement string, signed []byte, old Certificate, at time.Time) (made time.Time, err error) {
	switch {
	case bytes.Contains(signed, []byte(clearHead)):
		block, rest := clearsign.Decode(signed)
		if block == nil || !bytes.HasPrefix(signed, []byte(clearHead)) || len(bytes.TrimSpace(rest)) > 0 {
			return made, fmt.Errorf("%w: not exactly one clear-signed text, with nothing around it", payroll.ErrInvalid)
		}
		if err := exactly(statement, block.Bytes); err != nil {
			return made, err
		}
		signature, err := io.ReadAll(block.ArmoredSignature.Body)
		if err != nil {
			return made, fmt.Errorf("%w: its signature is damaged", payroll.ErrInvalid)
		}
		return verifyStatement(block.Bytes, signature, old, at)
	case bytes.Contains(signed, []byte("-----BEGIN PGP MESSAGE")):
		return verifyInlineVouch(statement, signed, old, at)
	}
	signature, err := binaryOf(signed, openpgp.SignatureType)
	if err != nil {
		return made, err
	}
	if frames, err := splitFrames(signature); err != nil || len(frames) == 0 || frames[0].tag != tagSignature {
		return verifyInlineVouch(statement, signed, old, at)
	}
	for _, end := range []string{"", "\n", "\r\n"} {
		if made, err = verifyStatement([]byte(statement+end), signature, old, at); err == nil {
			return made, nil
		}
	}
	return made, err
}

// exactly compares what was signed with the statement; blanks and line ends
// behind it do not count.
func exactly(statement string, content []byte) error {
	if strings.TrimRight(string(content), " \t\r\n") != statement {
		return fmt.Errorf("%w: it says something else than the statement", payroll.ErrInvalid)
	}
	return nil
}

func binaryOf(text []byte, kind string) ([]byte, error) {
	body, err := dearmor(text, kind)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(body)
	if err != nil {
		return nil, fmt.Errorf("%w: its armor is damaged", payroll.ErrInvalid)
	}
	return raw, nil
}

func verifyInlineVouch(statement string, signed []byte, old Certificate, at time.Time) (made time.Time, err error) {
	body, err := dearmor(signed, openpgp.MessageType)
	if err != nil {
		return made, err
	}
	config := readConfig()
	config.Time = func() time.Time { return at.Add(clockSkew) }
	details, err := openpgp.ReadMessage(body, entitiesOf([]Certificate{old}), nil, config)
	if err != nil || details.IsEncrypted {
		return made, fmt.Errorf("%w: not a signed statement", payroll.ErrInvalid)
	}
	content, err := io.ReadAll(io.LimitReader(details.UnverifiedBody, maxVouch))
	if err != nil {
		return made, fmt.Errorf("%w: it is damaged", payroll.ErrInvalid)
	}
	if err := exactly(statement, content); err != nil {
		return made, err
	}
	return goodAt(details, old, at)
}

// verifyStatement verifies a detached signature in binary.
func verifyStatement(content, signature []byte, old Certificate, at time.Time) (made time.Time, err error) {
	config := &packet.Config{Time: func() time.Time { return at.Add(clockSkew) }}
	details, err := openpgp.VerifyDetachedSignatureReader(entitiesOf([]Certificate{old}), bytes.NewReader(content), bytes.NewReader(signature), config)
	if err != nil {
		return made, errNotByOld
	}
	if _, err := io.Copy(io.Discard, details.UnverifiedBody); err != nil {
		return made, errNotByOld
	}
	return goodAt(details, old, at)
}

var errNotByOld = fmt.Errorf("%w: it has no good signature by the certificate that it speaks of", payroll.ErrInvalid)

// goodAt asks whether the library found the signature good, and then whether its
// key is good at the moment that counts, which its date cannot move.
func goodAt(details *openpgp.MessageDetails, old Certificate, at time.Time) (made time.Time, err error) {
	if !details.IsSigned || details.SignatureError != nil || details.SignedBy == nil || details.Signature == nil {
		return made, errNotByOld
	}
	if details.Signature.CreationTime.After(at.Add(clockSkew)) || !old.mayStillSign(fingerprintOf(details.SignedBy.PublicKey), at) {
		return made, errNotByOld
	}
	return details.Signature.CreationTime, nil
}
