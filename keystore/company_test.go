package keystore

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// TestReadCompany reads the same certifiers from the locked key's file and from
// the public file that a host without the key has.
func TestReadCompany(t *testing.T) {
	t.Parallel()
	first := company(t)
	file := successor(t, first, SignerOptions{})
	want := fingerprints(openKey(t, file).Certifiers())
	locked, err := ReadCompany(file)
	if err != nil {
		t.Fatal(err)
	}
	public, err := WriteCompany(locked)
	if err != nil {
		t.Fatal(err)
	}
	certificate := first.Certificate()
	armored, err := certificate.Armored()
	if err != nil {
		t.Fatal(err)
	}
	alone := fingerprints([]Certificate{certificate})
	for name, test := range map[string]struct {
		file []byte
		want []payroll.Fingerprint
	}{
		"locked key":      {file, want},
		"public file":     {[]byte(public), want},
		"one certificate": {[]byte(armored), alone},
		"binary":          {certificate.Bytes(), alone},
	} {
		got, err := ReadCompany(test.file)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(test.want, fingerprints(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for name, file := range map[string]string{
		"nothing":          "",
		"text":             "-----BEGIN PGP SIGNED MESSAGE-----\n",
		"cut short":        armored[:len(armored)/2],
		"a key behind":     armored + string(file),
		"damage behind it": armored + armored[:len(armored)/2],
	} {
		if got, err := ReadCompany([]byte(file)); err == nil || !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: read %v, %v", name, fingerprints(got), err)
		}
	}
}
