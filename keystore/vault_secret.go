package keystore

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/payseal/payseal/payroll"
)

// SealSecret encrypts a small secret that must come back in the clear, such as the
// seed of somebody's one-time codes, under a key of that purpose alone. owner is
// whose it is, by a number or a name that is never given to another. The result is
// 28 bytes longer.
func (m *MasterKey) SealSecret(plaintext []byte, purpose, owner string) ([]byte, error) {
	aead, err := newAEAD(m.derive(purpose))
	if err != nil {
		return nil, fmt.Errorf("seal secret: %w", err)
	}
	return aead.Seal(nil, nil, plaintext, secretBinding(purpose, owner)), nil
}

// OpenSecret decrypts what SealSecret made for the same purpose and owner; of
// another's, of another master key's and of a damaged one it says payroll.ErrInvalid.
func (m *MasterKey) OpenSecret(sealed []byte, purpose, owner string) ([]byte, error) {
	aead, err := newAEAD(m.derive(purpose))
	if err != nil {
		return nil, fmt.Errorf("open secret: %w", err)
	}
	plaintext, err := aead.Open(nil, nil, sealed, secretBinding(purpose, owner))
	if err != nil {
		return nil, fmt.Errorf("open secret: %w: it is for another purpose or somebody else, or is damaged", payroll.ErrInvalid)
	}
	return plaintext, nil
}

// derive makes the key of one purpose: HKDF-SHA-256 (RFC 5869) without salt, since
// the master key is random as a whole.
func (m *MasterKey) derive(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, m.key, nil, "payseal purpose 1\x00"+purpose, vaultKeySize)
	if err != nil {
		panic(err) // only for keys that are longer than SHA-256 allows
	}
	return key
}

// secretBinding is the associated data: a version, the purpose with its length
// before it, then the owner, so that no two pairs read the same.
func secretBinding(purpose, owner string) []byte {
	data := binary.BigEndian.AppendUint32([]byte("payseal secret 1\x00"), uint32(len(purpose)))
	return append(append(data, purpose...), owner...)
}
