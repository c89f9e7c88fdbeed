package keystore

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func TestDescribeSigner(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC)
	armored := newKey(t, SignerOptions{UserID: "ACME Payroll <payroll@acme.example>", At: at, Lifetime: 48 * time.Hour})
	signer := openKey(t, armored)
	key, err := signer.signingKey(at)
	if err != nil {
		t.Fatal(err)
	}
	want := SignerInfo{
		UserID: "ACME Payroll <payroll@acme.example>", Address: "payroll@acme.example",
		Fingerprint: signer.Certificate().Fingerprint(), Algorithm: "Ed25519", SigningKey: fingerprintOf(key.PublicKey),
		EncryptionSubkeys: signer.Certificate().EncryptionSubkeys(at), Created: at, Expires: at.Add(48 * time.Hour), Locked: true,
	}
	got, err := DescribeSigner(armored, at)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("while it is valid (-want +got):\n%s", diff)
	}
	want.SigningKey, want.EncryptionSubkeys = "", []payroll.Fingerprint{}
	if got, err = DescribeSigner(armored, at.Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("when it has expired (-want +got):\n%s", diff)
	}
	certificate, err := SignerCertificate(armored)
	if err != nil || !bytes.Equal(certificate.Bytes(), signer.Certificate().Bytes()) {
		t.Errorf("the locked file shows another certificate: %v", err)
	}
}

func FuzzDescribeSigner(f *testing.F) {
	armored := newKey(f, SignerOptions{UserID: "ACME <payroll@acme.example>"})
	f.Add(armored)
	f.Add(newKey(f, SignerOptions{UserID: "ACME <payroll@acme.example>", S2K: S2KArgon2}))
	f.Add([]byte("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlFgE\n-----END PGP PRIVATE KEY BLOCK-----\n"))
	var bare bytes.Buffer
	if err := openKey(f, armored).entity.SerializePrivateWithoutSigning(&bare, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(bare.Bytes())
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := DescribeSigner(file, time.Now()); err != nil && !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%v", err)
		}
		if _, err := NeedsPassphrase(file); err != nil && !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%v", err)
		}
	})
}
