package keystore

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/clearsign"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/ProtonMail/gopenpgp/v2/crypto"

	"github.com/payseal/payseal/payroll"
)

const clearHead = "-----BEGIN PGP SIGNED MESSAGE-----"

// maxSignatures is how many signatures of one file are tried.
const maxSignatures = 64

var errNoGoodSignature = fmt.Errorf("%w: it has no good signature by the given certificates", payroll.ErrInvalid)

// SignDetached signs data and returns the signature armored.
func (s *Signer) SignDetached(data []byte) (armored []byte, err error) {
	ring, err := s.ring()
	if err != nil {
		return nil, err
	}
	signature, err := ring.SignDetached(crypto.NewPlainMessage(data))
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	text, err := armorSignature(signature.GetBinary())
	return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), err
}

// Clearsign signs a text and returns both as one text (RFC 9580 §7). Blanks at
// line ends are dropped: they cannot be signed. gopenpgp makes the signature, but
// not the text around it: its own leaves lines that start with a dash as they
// are, which gpg calls a bad signature.
func (s *Signer) Clearsign(text []byte) ([]byte, error) {
	ring, err := s.ring()
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " \t\r")
	}
	signature, err := ring.SignDetached(crypto.NewPlainMessageFromString(strings.Join(lines, "\n")))
	if err != nil {
		return nil, fmt.Errorf("clear-sign: %w", err)
	}
	armored, err := armorSignature(signature.GetBinary())
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString(clearHead + "\nHash: SHA512\n\n") // the hash that gopenpgp signs with
	for _, line := range lines {
		if strings.HasPrefix(line, "-") || strings.HasPrefix(line, "From ") {
			b.WriteString("- ") // RFC 9580 §7.2
		}
		b.WriteString(line + "\n")
	}
	b.WriteString(strings.ReplaceAll(string(armored), "\r\n", "\n"))
	return []byte(b.String()), nil
}

// ring is the company's key for gopenpgp, which wants an entity of its own kind,
// signs at its own clock's time and refuses when the key has expired.
func (s *Signer) ring() (*crypto.KeyRing, error) {
	var secret bytes.Buffer
	if err := s.entity.SerializePrivateWithoutSigning(&secret, nil); err != nil {
		return nil, fmt.Errorf("copy signing key: %w", err)
	}
	defer clear(secret.Bytes())
	key, err := crypto.NewKey(secret.Bytes())
	if err != nil {
		return nil, fmt.Errorf("copy signing key: %w", err)
	}
	ring, err := crypto.NewKeyRing(key)
	if err != nil {
		return nil, fmt.Errorf("copy signing key: %w", err)
	}
	return ring, nil
}

// VerifyDetached says who made a signature, armored or not, over the data, if it
// holds and was made by one of the certificates.
func VerifyDetached(data, signature []byte, from []Certificate) (Signature, error) {
	body, err := dearmor(signature, openpgp.SignatureType)
	if err != nil {
		return Signature{}, fmt.Errorf("verify: %w", err)
	}
	by, err := verifyEach(data, body, from)
	if err != nil {
		return Signature{}, fmt.Errorf("verify: %w", err)
	}
	return by, nil
}

// verifyEach tries every signature with every certificate, by gopenpgp, and
// names the first that holds. One at a time, so that the one that is named is
// the one that was verified.
func verifyEach(data []byte, signatures io.Reader, from []Certificate) (Signature, error) {
	message := crypto.NewPlainMessage(data)
	packets := packet.NewReader(signatures)
	keyrings := make([]openpgp.EntityList, len(from))
	for i := range from {
		keyrings[i] = entitiesOf(from[i : i+1])
	}
	for range maxSignatures {
		p, err := packets.Next()
		if err != nil {
			break
		}
		sig, ok := p.(*packet.Signature)
		if !ok || sig.IssuerKeyId == nil {
			continue
		}
		var binary bytes.Buffer
		if err := sig.Serialize(&binary); err != nil {
			continue
		}
		for i, c := range from {
			keys := keyrings[i].KeysById(*sig.IssuerKeyId)
			if len(keys) == 0 {
				continue
			}
			ring, err := crypto.NewKeyRingFromBinary(c.stored)
			if err != nil {
				continue
			}
			if ring.VerifyDetached(message, crypto.NewPGPSignature(binary.Bytes()), crypto.GetUnixTime()) == nil {
				return signedBy(&keys[0], sig, from)
			}
		}
	}
	return Signature{}, errNoGoodSignature
}

// Verify says who signed a message that carries its text: clear-signed, or
// signed inline and not encrypted. content is what was signed, and nothing else
// should be read: text around a clear-signed message refuses it.
func Verify(message []byte, from []Certificate) (content []byte, by Signature, err error) {
	if bytes.Contains(message, []byte(clearHead)) {
		content, by, err = verifyClear(message, from)
	} else {
		content, by, err = verifyInline(message, from)
	}
	if err != nil {
		return nil, Signature{}, fmt.Errorf("verify: %w", err)
	}
	return content, by, nil
}

func verifyInline(message []byte, from []Certificate) ([]byte, Signature, error) {
	body, err := dearmor(message, openpgp.MessageType)
	if err != nil {
		return nil, Signature{}, err
	}
	details, err := openpgp.ReadMessage(body, entitiesOf(from), nil, readConfig())
	if err != nil || details.IsEncrypted {
		return nil, Signature{}, fmt.Errorf("%w: not a signed message", payroll.ErrInvalid)
	}
	return verified(details, mostOpened(len(message)), from)
}

// verifyClear takes the message apart and gives back only what was signed.
func verifyClear(message []byte, from []Certificate) ([]byte, Signature, error) {
	begin := bytes.Index(message, []byte(clearHead))
	block, rest := clearsign.Decode(message)
	if block == nil || len(bytes.TrimSpace(message[:begin])) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return nil, Signature{}, fmt.Errorf("%w: not exactly one clear-signed text, with nothing around it", payroll.ErrInvalid)
	}
	by, err := verifyEach(block.Bytes, block.ArmoredSignature.Body, from)
	if err != nil {
		return nil, Signature{}, err
	}
	return append(bytes.ReplaceAll(block.Bytes, []byte("\r\n"), []byte("\n")), '\n'), by, nil
}

// entitiesOf are the certificates as the library wants them. They are made for
// one use: the library writes to them when it is asked something.
func entitiesOf(certificates []Certificate) openpgp.EntityList {
	var all openpgp.EntityList
	for _, c := range certificates {
		if entities, err := openpgp.ReadKeyRing(bytes.NewReader(c.stored)); err == nil {
			all = append(all, entities...)
		}
	}
	return all
}

// ReadSenders reads the certificates, armored or not, whose signatures one wants
// to verify. It judges nothing but that they are certificates: whether a
// signature holds is decided when it is verified.
func ReadSenders(raw []byte) ([]Certificate, error) {
	body, err := dearmor(raw, openpgp.PublicKeyType)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	entities, err := openpgp.ReadKeyRing(body)
	if err != nil || len(entities) == 0 {
		return nil, fmt.Errorf("read certificate: %w: the file holds no OpenPGP certificate", payroll.ErrInvalid)
	}
	var senders []Certificate
	for _, entity := range entities {
		if entity.PrivateKey != nil {
			return nil, fmt.Errorf("read certificate: %w: the file holds a secret key; export the public one", payroll.ErrInvalid)
		}
		sender, err := publicHalf(entity)
		if err != nil {
			return nil, err
		}
		senders = append(senders, sender)
	}
	return senders, nil
}
