package keystore

import (
	"bytes"
	"crypto"
	"fmt"
	"io"
	"slices"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// maxSecretKey caps what is read as a secret key: the largest real one seen, with
// all its certifications, was half of it.
const maxSecretKey = 1 << 20

// hashIDs are the numbers of RFC 9580 §9.5 for the hashes that payseal signs with.
var hashIDs = map[crypto.Hash]uint8{crypto.SHA256: 8, crypto.SHA384: 9, crypto.SHA512: 10}

// readCapped reads to the end, and refuses more than limit bytes.
func readCapped(r io.Reader, limit int) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	if len(content) > limit {
		return nil, fmt.Errorf("%w: the file is larger than %d bytes", payroll.ErrInvalid, limit)
	}
	return content, nil
}

// parseSecret reads exactly one secret key, armored or not.
func parseSecret(raw []byte) (*openpgp.Entity, error) {
	read := openpgp.ReadKeyRing
	if bytes.Contains(raw, []byte("-----BEGIN PGP")) {
		read = openpgp.ReadArmoredKeyRing
	}
	entities, err := read(bytes.NewReader(raw))
	if err != nil || len(entities) != 1 || entities[0].PrivateKey == nil {
		return nil, fmt.Errorf("%w: the file does not hold exactly one OpenPGP secret key", payroll.ErrInvalid)
	}
	return entities[0], nil
}

// unlock decrypts every secret in the key; a key without a passphrase stays as
// it is.
func unlock(entity *openpgp.Entity, passphrase []byte) error {
	if err := entity.DecryptPrivateKeys(passphrase); err != nil {
		return ErrPassphrase
	}
	return nil
}

// locked reports whether every secret in the key is locked by a passphrase.
func locked(entity *openpgp.Entity) bool {
	for _, key := range secretsOf(entity) {
		if !key.Encrypted && !key.Dummy() {
			return false
		}
	}
	return true
}

func secretsOf(entity *openpgp.Entity) []*packet.PrivateKey {
	secrets := []*packet.PrivateKey{entity.PrivateKey}
	for _, subkey := range entity.Subkeys {
		if subkey.PrivateKey != nil {
			secrets = append(secrets, subkey.PrivateKey)
		}
	}
	return secrets
}

// warm verifies every self-signature of the company's key now. The library does it
// on first use and keeps the answer in the entity, which would be a race between
// goroutines.
func warm(e *openpgp.Entity) {
	config := &packet.Config{}
	mark := func(sig *packet.VerifiableSignature, err error) {
		if sig.Valid == nil {
			valid := err == nil && !unknownCritical(sig.Packet, config)
			sig.Valid = &valid
		}
	}
	for _, sig := range e.Revocations {
		mark(sig, e.PrimaryKey.VerifyRevocationSignature(sig.Packet))
	}
	for _, sig := range e.DirectSignatures {
		mark(sig, e.PrimaryKey.VerifyDirectKeySignature(sig.Packet))
	}
	for _, identity := range e.Identities {
		for _, sig := range slices.Concat(identity.SelfCertifications, identity.Revocations) {
			mark(sig, e.PrimaryKey.VerifyUserIdSignature(identity.Name, e.PrimaryKey, sig.Packet))
		}
	}
	for _, subkey := range e.Subkeys {
		for _, sig := range subkey.Bindings {
			mark(sig, e.PrimaryKey.VerifyKeySignature(subkey.PublicKey, sig.Packet))
		}
		for _, sig := range subkey.Revocations {
			mark(sig, e.PrimaryKey.VerifySubkeyRevocationSignature(sig.Packet, subkey.PublicKey))
		}
	}
}

func unknownCritical(sig *packet.Signature, config *packet.Config) bool {
	return slices.ContainsFunc(sig.Notations, func(n *packet.Notation) bool {
		return n.IsCritical && !config.KnownNotation(n.Name)
	})
}

// publicHalf is the certificate of a key.
func publicHalf(entity *openpgp.Entity) (Certificate, error) {
	var binary bytes.Buffer
	if err := entity.Serialize(&binary); err != nil {
		return Certificate{}, fmt.Errorf("write certificate: %w", err)
	}
	return ReadCertificate(binary.Bytes())
}

// hashFor is the hash that a signing key signs letters with: the shortest that
// is as strong as the key (RFC 9580 §5.2.4).
func hashFor(key *packet.PublicKey) (crypto.Hash, error) {
	switch key.PubKeyAlgo {
	case packet.PubKeyAlgoRSA, packet.PubKeyAlgoRSASignOnly, packet.PubKeyAlgoEd25519:
		return crypto.SHA256, nil
	case packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoECDSA:
		curve, err := key.Curve()
		if err != nil {
			return 0, fmt.Errorf("read curve of the signing key: %w", err)
		}
		switch curve {
		case packet.CurveNistP384, packet.CurveBrainpoolP384:
			return crypto.SHA384, nil
		case packet.CurveNistP521, packet.CurveBrainpoolP512, packet.Curve448:
			return crypto.SHA512, nil
		}
		return crypto.SHA256, nil
	}
	return 0, fmt.Errorf("%w: the algorithm of the signing key; use Ed25519, ECDSA or RSA", payroll.ErrInvalid)
}
