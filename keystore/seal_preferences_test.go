package keystore

import (
	"bytes"
	"testing"
	"time"

	openpgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// recipientWith makes a recipient whose self-signature announces what the
// configuration says, and then what change makes of it.
func recipientWith(t *testing.T, config packet.Config, change func(*packet.Signature)) (Certificate, *SecretKey) {
	t.Helper()
	config.Time = func() time.Time { return time.Now().Add(-time.Minute) }
	entity, err := openpgp.NewEntity("Kiran", "", "kiran@acme.example", &config)
	if err != nil {
		t.Fatal(err)
	}
	for _, identity := range entity.Identities {
		if change != nil {
			change(identity.SelfCertifications[0].Packet)
			if err := identity.ReSign(&config); err != nil {
				t.Fatal(err)
			}
		}
	}
	certificate, err := publicHalf(entity)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, &SecretKey{entity}
}

// sealedAs says how the data of a message is encrypted: its SEIPD version and
// its cipher.
func sealedAs(t *testing.T, key *SecretKey, sealed Sealed) (version int, cipher packet.CipherFunction) {
	t.Helper()
	binary, err := sealed.Binary()
	if err != nil {
		t.Fatal(err)
	}
	details, err := openpgp.ReadMessage(bytes.NewReader(binary), openpgp.EntityList{key.entity}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	packets := packet.NewReader(bytes.NewReader(binary))
	for {
		p, err := packets.Next()
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := p.(*packet.SymmetricallyEncrypted); ok {
			return data.Version, details.DecryptedWithAlgorithm
		}
	}
}

func TestSealHonoursPreferences(t *testing.T) {
	t.Parallel()
	signer := company(t)
	for name, try := range map[string]struct {
		config  packet.Config
		change  func(*packet.Signature)
		version int
		cipher  packet.CipherFunction
	}{
		"as usual":      {packet.Config{DefaultCipher: packet.CipherAES256}, nil, 1, packet.CipherAES256},
		"AES-128 first": {packet.Config{}, func(s *packet.Signature) { s.PreferredSymmetric = []uint8{7, 9} }, 1, packet.CipherAES256},
		"AES-192 only":  {packet.Config{}, func(s *packet.Signature) { s.PreferredSymmetric = []uint8{8} }, 1, packet.CipherAES192},
		"no AES-256":    {packet.Config{}, func(s *packet.Signature) { s.PreferredSymmetric = []uint8{2, 7} }, 1, packet.CipherAES128},
		"3DES only":     {packet.Config{}, func(s *packet.Signature) { s.PreferredSymmetric = []uint8{2} }, 1, packet.CipherAES128},
		"nothing":       {packet.Config{}, func(s *packet.Signature) { s.PreferredSymmetric = nil }, 1, packet.CipherAES256},
		"SEIPDv2": {packet.Config{DefaultCipher: packet.CipherAES256, AEADConfig: &packet.AEADConfig{}}, nil,
			2, packet.CipherAES256},
		"SEIPDv2, AES-128 only": {packet.Config{AEADConfig: &packet.AEADConfig{}}, nil, 2, packet.CipherAES128},
		"SEIPDv2, no suites": {packet.Config{AEADConfig: &packet.AEADConfig{}},
			func(s *packet.Signature) { s.PreferredCipherSuites = nil }, 2, packet.CipherAES128},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			certificate, key := recipientWith(t, try.config, try.change)
			for _, structure := range []Structure{Combined, Nested} {
				sealed, err := signer.Seal(certificate, testEntity(70_000), SealOptions{At: time.Now(), Structure: structure})
				if err != nil {
					t.Fatal(err)
				}
				if version, cipher := sealedAs(t, key, sealed); version != try.version || cipher != try.cipher {
					t.Errorf("%s: SEIPDv%d with cipher %d, want SEIPDv%d with %d", structure, version, cipher, try.version, try.cipher)
				}
			}
			sealed, err := signer.Seal(certificate, testEntity(70_000), SealOptions{At: time.Now()})
			if err != nil {
				t.Fatal(err)
			}
			opened, err := key.Open(sealed.Armored(), []Certificate{signer.Certificate()})
			if err != nil || !opened.Bound || !bytes.Equal(opened.Content, testEntity(70_000)) {
				t.Errorf("does not open as it was sealed: %v", err)
			}
			// The company's own key announces SEIPDv1, so that an archive copy
			// brings both down to it.
			archived, err := signer.Seal(certificate, testEntity(100), SealOptions{At: time.Now(), Archive: true})
			if err != nil {
				t.Fatal(err)
			}
			if version, _ := sealedAs(t, key, archived); version != 1 || len(archived.Recipients()) != 2 {
				t.Errorf("with an archive copy: SEIPDv%d, %d recipients", version, len(archived.Recipients()))
			}
		})
	}
}
