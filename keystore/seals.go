package keystore

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"github.com/payseal/payseal/payroll"
)

// The purposes of the keys with which the vault's machines leave marks in the
// database that nobody can make who can only write there.
const (
	purposePins     = "payseal pins 1"
	purposeHeads    = "payseal audit heads 1"
	purposeSettings = "payseal settings 1"
	purposeMark     = "payseal vault mark 1"
	purposeAccess   = "payseal access 1 " // and the table

	purposeCertificates = "payseal certificates 1"
)

// SealPin is the seal over what was approved of one slip: 32 bytes, the same
// every time. It takes 2,500 ns (BenchmarkSealPin), a quarter of a second of an
// approval of 100,000 slips.
func (m *MasterKey) SealPin(p payroll.Pinned) []byte { return m.sealFor(purposePins, p.Encode()) }

// PinSealed reports whether seal is what SealPin makes of this pin.
func (m *MasterKey) PinSealed(p payroll.Pinned, seal []byte) bool {
	return hmac.Equal(m.SealPin(p), seal)
}

// SealHead is the seal over the head of the audit log as it was last verified.
func (m *MasterKey) SealHead(h payroll.AuditHead) []byte {
	return m.sealFor(purposeHeads, append(binary.BigEndian.AppendUint64(nil, uint64(h.Sequence)), h.Hash...))
}

// HeadSealed reports whether seal is what SealHead makes of this head.
func (m *MasterKey) HeadSealed(h payroll.AuditHead, seal []byte) bool {
	return hmac.Equal(m.SealHead(h), seal)
}

// SealSettings is the seal over one version of the settings that take two people.
// Their logo is in it by its hash.
func (m *MasterKey) SealSettings(version int64, s payroll.Settings) []byte {
	message := binary.BigEndian.AppendUint64(nil, uint64(version))
	return m.sealFor(purposeSettings, append(message, s.Digest()...))
}

// SettingsSealed reports whether seal is what SealSettings makes of this version.
func (m *MasterKey) SettingsSealed(version int64, s payroll.Settings, seal []byte) bool {
	return hmac.Equal(m.SealSettings(version, s), seal)
}

// SealAccess is the seal over a row that decides who may act.
func (m *MasterKey) SealAccess(row payroll.Access) []byte {
	return m.sealFor(purposeAccess+row.Table(), row.Encode())
}

// AccessSealed reports whether seal is what SealAccess makes of this row. Both seals
// of an account take 7,000 ns (BenchmarkAccessSealed), where asking the database for
// it takes some hundred thousand.
func (m *MasterKey) AccessSealed(row payroll.Access, seal []byte) bool {
	return hmac.Equal(m.SealAccess(row), seal)
}

// Mark is by what a database tells one master key from another: 32 bytes from
// which nothing about the key follows.
func (m *MasterKey) Mark() []byte { return m.sealFor(purposeMark, nil) }

// sealFor is a message's authentication code (HMAC-SHA256) under the key that the
// master key gives for a purpose (HKDF, RFC 5869).
func (m *MasterKey) sealFor(purpose string, message []byte) []byte {
	key, err := hkdf.Key(sha256.New, m.key, nil, purpose, sha256.Size)
	if err != nil { // the length is one that there is
		panic(err)
	}
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write(message) // a hash takes everything
	return mac.Sum(nil)
}
