package keystore

import (
	"bytes"
	"errors"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func TestSecretOpensOnlyForItsPurposeAndOwner(t *testing.T) {
	t.Parallel()
	file := NewMasterKeyFile()
	master, err := OpenMasterKey(file)
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte("JBSWY3DPEHPK3PXP")
	sealed, err := master.SealSecret(secret, "totp", "maria")
	if err != nil {
		t.Fatal(err)
	}
	twice, err := master.SealSecret(secret, "totp", "maria")
	if err != nil || bytes.Equal(sealed, twice) || bytes.Contains(sealed, secret) {
		t.Fatalf("a sealed secret shows its content, or is the same twice (%v)", err)
	}
	again, err := OpenMasterKey(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.OpenSecret(sealed, "totp", "maria"); err != nil || !bytes.Equal(got, secret) {
		t.Fatalf("OpenSecret = %q, %v", got, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"somebody else":      func() ([]byte, error) { return master.OpenSecret(sealed, "totp", "mario") },
		"another purpose":    func() ([]byte, error) { return master.OpenSecret(sealed, "oidc", "maria") },
		"moved between both": func() ([]byte, error) { return master.OpenSecret(sealed, "totpm", "aria") },
		"another master key": func() ([]byte, error) { return newMasterKey(t).OpenSecret(sealed, "totp", "maria") },
		"cut off":            func() ([]byte, error) { return master.OpenSecret(sealed[:len(sealed)-1], "totp", "maria") },
		"empty":              func() ([]byte, error) { return master.OpenSecret(nil, "totp", "maria") },
		"a run's data key": func() ([]byte, error) {
			_, wrapped, err := master.NewDataKey(1)
			if err != nil {
				t.Error(err)
			}
			return master.OpenSecret(wrapped, "totp", "maria")
		},
	} {
		if got, err := open(); !errors.Is(err, payroll.ErrInvalid) || got != nil {
			t.Errorf("%s: OpenSecret = %q, %v", name, got, err)
		}
	}
}
