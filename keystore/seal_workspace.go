package keystore

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// The packet types of RFC 9580 §5 that are written here, with the two bits that
// start every header.
const (
	headOnePass   = 0xc0 | 4
	headLiteral   = 0xc0 | 11
	headEncrypted = 0xc0 | 18
	headMDC       = 0xc0 | 19
)

const (
	blockSize  = aes.BlockSize
	prefixSize = blockSize + 2 // random block and its last two bytes again (RFC 9580 §5.13.1)
	plainStart = blockSize + prefixSize
)

// workspace holds the buffers of one seal, to be used again by the next. plain
// starts with one block of zeros and room for the prefix of SEIPDv1; why the
// zeros are there stands at keystream.
type workspace struct {
	plain   []byte // the packets to encrypt
	key     []byte // the keystream that encrypts them
	message []byte // the encrypted message
}

// forget wipes what was secret.
func (w *workspace) forget() {
	clear(w.plain)
	clear(w.key)
}

// writeCombined fills plain with a one-pass signature, the literal data and the
// signature (RFC 9580 §10.3).
func (w *workspace) writeCombined(p *plan, entity []byte) error {
	signature, err := p.sign(entity)
	if err != nil {
		return err
	}
	w.begin(len(entity))
	w.plain = appendHeader(w.plain, headOnePass, 13)
	w.plain = append(w.plain, 3, uint8(packet.SigTypeBinary), hashIDs[p.hash], uint8(p.signer.PublicKey.PubKeyAlgo))
	w.plain = binary.BigEndian.AppendUint64(w.plain, p.signer.PublicKey.KeyId)
	w.plain = append(w.plain, 1) // the last signature
	w.literal(entity)
	w.plain = append(w.plain, signature...)
	return nil
}

// writeNested fills plain with a multipart/signed entity as literal data.
func (w *workspace) writeNested(p *plan, entity []byte) error {
	whole, err := nest(p, entity)
	if err != nil {
		return err
	}
	w.begin(len(whole))
	w.literal(whole)
	clear(whole)
	return nil
}

func (w *workspace) begin(size int) {
	w.plain = slices.Grow(w.plain[:0], plainStart+size+1024)[:plainStart]
	clear(w.plain)
}

// literal appends a binary literal data packet without file name or date: they
// would not be signed (RFC 9580 §5.9).
func (w *workspace) literal(data []byte) {
	w.plain = appendHeader(w.plain, headLiteral, 6+len(data))
	w.plain = append(w.plain, 'b', 0, 0, 0, 0, 0)
	w.plain = append(w.plain, data...)
}

// appendHeader writes a packet header with the shortest length (RFC 9580 §4.2.1).
func appendHeader(b []byte, tag byte, length int) []byte {
	switch {
	case length < 192:
		return append(b, tag, byte(length))
	case length < 8384:
		return append(b, tag, byte((length-192)>>8)+192, byte(length-192))
	}
	return binary.BigEndian.AppendUint32(append(b, tag, 0xff), uint32(length))
}

// encrypt turns plain into message: a session key packet for each recipient,
// then the encrypted data.
func (w *workspace) encrypt(p *plan) error {
	if len(w.plain) > 1<<31 {
		return fmt.Errorf("the content is larger than 2 GB")
	}
	sessionKey := make([]byte, p.cipher.KeySize())
	rand.Read(sessionKey)
	defer clear(sessionKey)
	message := bytes.NewBuffer(slices.Grow(w.message[:0], len(w.plain)+len(p.keys)*600+64))
	for _, key := range p.keys {
		err := packet.SerializeEncryptedKeyAEAD(message, key, p.cipher, p.suite != nil, sessionKey, &packet.Config{})
		if err != nil {
			return fmt.Errorf("encrypt session key: %w", err)
		}
	}
	if p.suite != nil {
		return w.encryptAEAD(p, message, sessionKey)
	}
	return w.encryptMDC(message.Bytes(), sessionKey)
}

// encryptAEAD writes SEIPD version 2 (RFC 9580 §5.13.2) by the library. No
// certificate in wide use asks for it yet, so its speed does not matter.
func (w *workspace) encryptAEAD(p *plan, message *bytes.Buffer, sessionKey []byte) error {
	body, err := packet.SerializeSymmetricallyEncrypted(message, p.cipher, true, *p.suite, sessionKey, &packet.Config{})
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	if _, err := body.Write(w.plain[plainStart:]); err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	if err := body.Close(); err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	w.message = message.Bytes()
	return nil
}

// encryptMDC writes SEIPD version 1 (RFC 9580 §5.13.1): the prefix, the packets
// and a SHA-1 over both, in CFB mode with an IV of zeros.
func (w *workspace) encryptMDC(message, sessionKey []byte) error {
	prefix := w.plain[blockSize:plainStart]
	rand.Read(prefix[:blockSize])
	copy(prefix[blockSize:], prefix[blockSize-2:blockSize])
	w.plain = append(w.plain, headMDC, sha1.Size)
	sum := sha1.Sum(w.plain[blockSize:])
	w.plain = append(w.plain, sum[:]...)

	length := len(w.plain) - blockSize
	if err := w.keystream(sessionKey, length); err != nil {
		return err
	}
	message = append(appendHeader(message, headEncrypted, 1+length), 1)
	start := len(message)
	message = slices.Grow(message, length)[:start+length]
	subtle.XORBytes(message[start:], w.plain[blockSize:], w.key)
	w.message = message
	return nil
}

// keystream computes what CFB mode adds to the plaintext. CFB's keystream block
// i is E(C[i-1]), and C[i-1] = P[i-1] ^ keystream[i-1]; so the keystream is the
// plaintext, moved on by one block of zeros, encrypted in CBC mode with an IV of
// zeros. The standard library's CBC is faster than its CFB, which it deprecates.
func (w *workspace) keystream(sessionKey []byte, length int) error {
	block, err := aes.NewCipher(sessionKey)
	if err != nil {
		return fmt.Errorf("encrypt: %w", err)
	}
	whole := (length + blockSize - 1) / blockSize * blockSize
	w.key = slices.Grow(w.key[:0], whole)[:whole]
	cipher.NewCBCEncrypter(block, make([]byte, blockSize)).CryptBlocks(w.key, w.plain[:whole])
	return nil
}
