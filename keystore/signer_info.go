package keystore

import (
	"fmt"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// SignerInfo is what one can say of a signing key without its passphrase.
type SignerInfo struct {
	UserID            string                `json:"user_id"`
	Address           payroll.Address       `json:"address"`
	Fingerprint       payroll.Fingerprint   `json:"fingerprint"`
	Algorithm         string                `json:"algorithm"`          // of the key that signs
	SigningKey        payroll.Fingerprint   `json:"signing_key"`        // "" if none is valid at that moment
	EncryptionSubkeys []payroll.Fingerprint `json:"encryption_subkeys"` // for the archive copy
	Created           time.Time             `json:"created"`
	Expires           time.Time             `json:"expires,omitzero"` // zero: never
	Locked            bool                  `json:"locked"`           // by a passphrase
	Former            []payroll.Fingerprint `json:"former,omitempty"` // earlier keys whose certifications count
}

// DescribeSigner reads a signing key's file without unlocking it and says what
// it is at that moment.
func DescribeSigner(secret []byte, at time.Time) (SignerInfo, error) {
	entity, err := parseSecret(secret)
	if err != nil {
		return SignerInfo{}, fmt.Errorf("read signing key: %w", err)
	}
	userID, address, err := senderOf(entity)
	if err != nil {
		return SignerInfo{}, fmt.Errorf("read signing key: %w", err)
	}
	certificate, err := publicHalf(entity)
	if err != nil {
		return SignerInfo{}, fmt.Errorf("read signing key: %w", err)
	}
	info := SignerInfo{
		UserID: userID, Address: address, Fingerprint: certificate.Fingerprint(),
		EncryptionSubkeys: append([]payroll.Fingerprint{}, certificate.EncryptionSubkeys(at)...),
		Created:           entity.PrimaryKey.CreationTime.UTC(), Locked: locked(entity),
	}
	formers, err := readFormers(secret)
	if err != nil {
		return SignerInfo{}, fmt.Errorf("read signing key: %w", err)
	}
	for _, former := range formers {
		info.Former = append(info.Former, former.Fingerprint())
	}
	if key, ok := entity.SigningKey(time.Time{}, &packet.Config{}); ok {
		info.Expires, info.Algorithm = expiresOf(key), algorithmOf(key.PublicKey)
	}
	if key, ok := entity.SigningKey(at, &packet.Config{}); ok && validThen(key, at) {
		info.SigningKey = fingerprintOf(key.PublicKey)
	}
	return info, nil
}

// SignerCertificate is the public half of a signing key's file, read without
// unlocking it.
func SignerCertificate(secret []byte) (Certificate, error) {
	entity, err := parseSecret(secret)
	if err != nil {
		return Certificate{}, fmt.Errorf("read signing key: %w", err)
	}
	return publicHalf(entity)
}

// NeedsPassphrase reports whether a secret key's file is locked.
func NeedsPassphrase(secret []byte) (bool, error) {
	entity, err := parseSecret(secret)
	if err != nil {
		return false, fmt.Errorf("read secret key: %w", err)
	}
	return locked(entity), nil
}
