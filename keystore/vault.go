package keystore

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"github.com/payseal/payseal/payroll"
)

// MasterKey wraps the data keys of all runs. It comes from a file that only the
// program may read and is never stored beside what it protects.
type MasterKey struct {
	aead cipher.AEAD
	key  []byte // for the keys of single purposes, derived from it
}

// DataKey seals the rows of one run. Whoever destroys its wrapped form destroys
// what it sealed. It is safe for concurrent use.
type DataKey struct{ aead cipher.AEAD }

// Binding says where a sealed row belongs. A row that is moved to another run
// or to another employee does not open.
type Binding struct {
	Run      payroll.RunID
	Employee payroll.EmployeeNumber
}

// masterKeyPrefix starts the one line of a master key file; the rest of it is
// 32 random bytes in base64 (RFC 4648 §4).
const masterKeyPrefix = "payseal-master-key-1:"

const vaultKeySize = 32 // AES-256

// NewMasterKeyFile makes a new master key: one line of text, to be stored with
// mode 0600.
func NewMasterKeyFile() []byte {
	key := make([]byte, vaultKeySize)
	rand.Read(key) // never fails: crypto/rand stops the program instead
	return fmt.Appendf(nil, "%s%s\n", masterKeyPrefix, base64.StdEncoding.EncodeToString(key))
}

// OpenMasterKey reads what NewMasterKeyFile made.
func OpenMasterKey(file []byte) (*MasterKey, error) {
	text, found := bytes.CutPrefix(bytes.TrimSpace(file), []byte(masterKeyPrefix))
	if !found {
		return nil, fmt.Errorf("open master key: %w: the file does not start with %q", payroll.ErrInvalid, masterKeyPrefix)
	}
	key, err := base64.StdEncoding.Strict().DecodeString(string(text))
	if err != nil || len(key) != vaultKeySize {
		return nil, fmt.Errorf("open master key: %w: the file does not hold %d bytes in base64", payroll.ErrInvalid, vaultKeySize)
	}
	aead, err := newAEAD(key)
	if err != nil {
		return nil, fmt.Errorf("open master key: %w", err)
	}
	return &MasterKey{aead, key}, nil
}

// NewDataKey makes the data key of a run. wrapped is what is stored beside the
// run; only this master key and only for this run unwraps it.
func (m *MasterKey) NewDataKey(run payroll.RunID) (key *DataKey, wrapped []byte, err error) {
	secret := make([]byte, vaultKeySize)
	rand.Read(secret)
	aead, err := newAEAD(secret)
	if err != nil {
		return nil, nil, fmt.Errorf("make data key: %w", err)
	}
	return &DataKey{aead}, m.aead.Seal(nil, nil, secret, wrapBinding(run)), nil
}

// Unwrap opens the data key of a run.
func (m *MasterKey) Unwrap(wrapped []byte, run payroll.RunID) (*DataKey, error) {
	secret, err := m.aead.Open(nil, nil, wrapped, wrapBinding(run))
	if err != nil || len(secret) != vaultKeySize {
		return nil, fmt.Errorf("unwrap data key of run %d: %w: another master key, another run, or damaged", run, payroll.ErrInvalid)
	}
	aead, err := newAEAD(secret)
	if err != nil {
		return nil, fmt.Errorf("unwrap data key of run %d: %w", run, err)
	}
	return &DataKey{aead}, nil
}

// Seal encrypts one row for the place where it belongs. The result is 28 bytes
// longer than the plaintext.
func (d *DataKey) Seal(plaintext []byte, b Binding) []byte {
	return d.aead.Seal(nil, nil, plaintext, b.bytes())
}

// Open decrypts a row that was sealed for the same place.
func (d *DataKey) Open(sealed []byte, b Binding) ([]byte, error) {
	plaintext, err := d.aead.Open(nil, nil, sealed, b.bytes())
	if err != nil {
		return nil, fmt.Errorf("open a row of run %d: %w: it belongs to another run or employee, or is damaged", b.Run, payroll.ErrInvalid)
	}
	return plaintext, nil
}

// newAEAD is AES-256-GCM with a random 96-bit nonce before each ciphertext
// (NIST SP 800-38D §8.2.2). A key may seal 2^32 rows; a run has far fewer.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("set up AES: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("set up GCM: %w", err)
	}
	return aead, nil
}

// bytes is the associated data: a version, the run in eight bytes, then the
// employee number, so that no two bindings read the same.
func (b Binding) bytes() []byte {
	data := binary.BigEndian.AppendUint64([]byte("payseal row 1\x00"), uint64(b.Run))
	return append(data, b.Employee...)
}

func wrapBinding(run payroll.RunID) []byte {
	return binary.BigEndian.AppendUint64([]byte("payseal data key 1\x00"), uint64(run))
}

// String hides the key.
func (*MasterKey) String() string { return hidden }

// GoString hides the key.
func (*MasterKey) GoString() string { return hidden }

// String hides the key.
func (*DataKey) String() string { return hidden }

// GoString hides the key.
func (*DataKey) GoString() string { return hidden }

const hidden = "••••••"
