package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// The flags of authenticator data (WebAuthn level 3 §6.1).
const (
	userPresent    = 1 << 0
	userVerified   = 1 << 2
	backupEligible = 1 << 3
	backedUp       = 1 << 4
	attested       = 1 << 6
)

// device is an authenticator and its browser, in software: it makes one passkey and
// signs whatever it is asked to, also what an honest one would not.
type device struct {
	rpID, origin string
	flags        byte
	count        uint32
	kind         string // overrides the type of the client data

	id, handle []byte
	key        crypto.Signer
	cose       map[int]any
}

// newDevice makes a passkey of the algorithm (COSE number) for the console at origin.
func newDevice(t *testing.T, rpID, origin string, algorithm int) *device {
	t.Helper()
	d := &device{rpID: rpID, origin: origin, flags: userPresent | userVerified, id: newHandle()}
	var err error
	switch algorithm {
	case -7, -35:
		curve, number := elliptic.P256(), 1
		if algorithm == -35 {
			curve, number = elliptic.P384(), 2
		}
		key, keyErr := ecdsa.GenerateKey(curve, rand.Reader)
		err = keyErr
		size := (curve.Params().BitSize + 7) / 8
		point, pointErr := key.PublicKey.Bytes()
		if pointErr != nil {
			t.Fatal(pointErr)
		}
		d.key, d.cose = key, map[int]any{1: 2, 3: algorithm, -1: number, -2: point[1 : 1+size], -3: point[1+size:]}
	case -8:
		public, key, keyErr := ed25519.GenerateKey(rand.Reader)
		err = keyErr
		d.key, d.cose = key, map[int]any{1: 1, 3: algorithm, -1: 6, -2: []byte(public)}
	case -257:
		key, keyErr := rsa.GenerateKey(rand.Reader, 2048)
		err = keyErr
		d.key, d.cose = key, map[int]any{1: 3, 3: algorithm, -1: key.N.Bytes(), -2: []byte{1, 0, 1}}
	}
	if err != nil || d.key == nil {
		t.Fatalf("no key for %d: %v", algorithm, err)
	}
	return d
}

// asked is what a device reads of the options.
type asked struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
		Allowed []struct {
			ID string `json:"id"`
		} `json:"allowCredentials"`
		Excluded []struct {
			ID string `json:"id"`
		} `json:"excludeCredentials"`
		Verification string `json:"userVerification"`
		Attestation  string `json:"attestation"`
		Parameters   []struct {
			Algorithm int `json:"alg"`
		} `json:"pubKeyCredParams"`
		RPID string `json:"rpId"`
	} `json:"publicKey"`
}

func read(t *testing.T, options []byte) asked {
	t.Helper()
	var a asked
	if err := json.Unmarshal(options, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// register answers the options of a registration.
func (d *device) register(t *testing.T, options []byte) []byte {
	t.Helper()
	a := read(t, options)
	handle, err := base64.RawURLEncoding.DecodeString(a.PublicKey.User.ID)
	if err != nil {
		t.Fatal(err)
	}
	d.handle = handle
	key, err := cbor.Marshal(d.cose)
	if err != nil {
		t.Fatal(err)
	}
	data := d.data(d.flags | attested)
	data = append(data, make([]byte, 16)...) // no AAGUID
	data = binary.BigEndian.AppendUint16(data, uint16(len(d.id)))
	data = append(append(data, d.id...), key...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})
	if err != nil {
		t.Fatal(err)
	}
	return d.answer(t, map[string]any{
		"clientDataJSON": b64(d.clientData(t, "webauthn.create", a.PublicKey.Challenge)), "attestationObject": b64(object),
		"transports": []string{"internal"},
	})
}

// sign answers the options of a sign-in or a step-up.
func (d *device) sign(t *testing.T, options []byte) []byte {
	t.Helper()
	d.count++
	return d.signAt(t, read(t, options).PublicKey.Challenge)
}

func (d *device) signAt(t *testing.T, challenge string) []byte {
	t.Helper()
	client := d.clientData(t, "webauthn.get", challenge)
	sum := sha256.Sum256(client)
	data := d.data(d.flags)
	message := append(append([]byte(nil), data...), sum[:]...)
	var signer crypto.SignerOpts = crypto.Hash(0)
	if _, edwards := d.key.(ed25519.PrivateKey); !edwards {
		digest := sha256.Sum256(message)
		message, signer = digest[:], crypto.SHA256
	}
	signature, err := d.key.Sign(rand.Reader, message, signer)
	if err != nil {
		t.Fatal(err)
	}
	return d.answer(t, map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(d.handle),
	})
}

func (d *device) data(flags byte) []byte {
	sum := sha256.Sum256([]byte(d.rpID))
	return binary.BigEndian.AppendUint32(append(sum[:], flags), d.count)
}

func (d *device) clientData(t *testing.T, kind, challenge string) []byte {
	t.Helper()
	if d.kind != "" {
		kind = d.kind
	}
	text, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (d *device) answer(t *testing.T, response map[string]any) []byte {
	t.Helper()
	text, err := json.Marshal(map[string]any{
		"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response,
		"clientExtensionResults": map[string]any{}, "authenticatorAttachment": "platform",
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func b64(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
