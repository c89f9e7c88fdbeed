package keystore

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/payseal/payseal/payroll"
)

// FileKey seals one file that waits to be read, part by part. It is safe for
// concurrent use.
type FileKey struct {
	aead cipher.AEAD
	id   string
}

const purposeFile = "file"

// NewFileKey makes the key of a file that has that identity, which is never given
// to another. wrapped is what is stored beside it.
func (m *MasterKey) NewFileKey(id string) (key *FileKey, wrapped []byte, err error) {
	secret := make([]byte, vaultKeySize)
	rand.Read(secret)
	if wrapped, err = m.SealSecret(secret, purposeFile, id); err != nil {
		return nil, nil, fmt.Errorf("make file key: %w", err)
	}
	key, err = newFileKey(secret, id)
	return key, wrapped, err
}

// UnwrapFile opens the key of a file.
func (m *MasterKey) UnwrapFile(wrapped []byte, id string) (*FileKey, error) {
	secret, err := m.OpenSecret(wrapped, purposeFile, id)
	if err != nil {
		return nil, fmt.Errorf("unwrap file key: %w", err)
	}
	return newFileKey(secret, id)
}

func newFileKey(secret []byte, id string) (*FileKey, error) {
	aead, err := newAEAD(secret)
	if err != nil {
		return nil, fmt.Errorf("make file key: %w", err)
	}
	return &FileKey{aead, id}, nil
}

// Seal encrypts the part of the file that has that number. The result is 28 bytes
// longer.
func (f *FileKey) Seal(part int, plaintext []byte) []byte {
	return f.aead.Seal(nil, nil, plaintext, f.binding(part))
}

// Open decrypts a part and appends it to the file's beginning. A part of another
// file, or that stood elsewhere in this one, is payroll.ErrInvalid.
func (f *FileKey) Open(file []byte, part int, sealed []byte) ([]byte, error) {
	file, err := f.aead.Open(file, nil, sealed, f.binding(part))
	if err != nil {
		return nil, fmt.Errorf("open a part of a file: %w: it belongs elsewhere, or is damaged", payroll.ErrInvalid)
	}
	return file, nil
}

func (f *FileKey) binding(part int) []byte {
	return append(binary.BigEndian.AppendUint64([]byte("payseal file 1\x00"), uint64(part)), f.id...) // parts are counted from 0
}

// String hides the key.
func (*FileKey) String() string { return hidden }

// GoString hides the key.
func (*FileKey) GoString() string { return hidden }
