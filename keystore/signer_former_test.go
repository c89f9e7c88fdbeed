package keystore

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func successor(t testing.TB, of *Signer, o SignerOptions) []byte {
	t.Helper()
	o.At = time.Now()
	file, err := of.Successor(o, []byte(testPassphrase))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// vouches is what a worker with that key asks.
func vouches(signer *Signer, c Certificate) bool {
	return slices.ContainsFunc(signer.Certifiers(), func(company Certificate) bool { return c.CertifiedBy(company, time.Now()) })
}

func fingerprints(certificates []Certificate) []payroll.Fingerprint {
	list := []payroll.Fingerprint{}
	for _, c := range certificates {
		list = append(list, c.Fingerprint())
	}
	return list
}

// TestRotationKeepsWhatWasCertified rotates twice, and takes the key over anew.
func TestRotationKeepsWhatWasCertified(t *testing.T) {
	t.Parallel()
	first := company(t)
	certified, err := first.Certify(accepted(t, good(t)), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	second := openKey(t, successor(t, first, SignerOptions{}))
	file := successor(t, second, SignerOptions{})
	relocked, err := Relock(file, []byte(testPassphrase), S2KIterated)
	if err != nil {
		t.Fatal(err)
	}
	want := []payroll.Fingerprint{second.Certificate().Fingerprint(), first.Certificate().Fingerprint()}
	for name, file := range map[string][]byte{"rotated": file, "relocked": relocked} {
		third := openKey(t, file)
		if diff := cmp.Diff(want, fingerprints(third.Certifiers()[1:])); diff != "" {
			t.Errorf("%s: former keys (-want +got):\n%s", name, diff)
		}
		if !vouches(third, certified) || certified.CertifiedBy(third.Certificate(), time.Now()) {
			t.Errorf("%s: what the first key certified does not count, or counts as the third's", name)
		}
		if vouches(third, accepted(t, good(t))) {
			t.Errorf("%s: what nobody certified counts", name)
		}
		info, err := DescribeSigner(file, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, info.Former); diff != "" {
			t.Errorf("%s: described (-want +got):\n%s", name, diff)
		}
	}
}

func TestCompromisedKeyIsLeftBehind(t *testing.T) {
	t.Parallel()
	old := company(t)
	certified, err := old.Certify(accepted(t, good(t)), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	next := openKey(t, successor(t, old, SignerOptions{Compromised: true}))
	if len(next.Certifiers()) != 1 || vouches(next, certified) || next.Certificate().CertifiedBy(old.Certificate(), time.Now()) {
		t.Error("the new key still relies on the old one")
	}
}

// TestFormersByHand appends what `payseal signer export` prints.
func TestFormersByHand(t *testing.T) {
	t.Parallel()
	old := company(t)
	certified, err := old.Certify(accepted(t, good(t)), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	exported, err := old.Certificate().Armored()
	if err != nil {
		t.Fatal(err)
	}
	key := newKey(t, SignerOptions{UserID: acmeID})
	if vouches(openKey(t, key), certified) {
		t.Error("another company's key counts")
	}
	if !vouches(openKey(t, append(bytes.Clone(key), exported...)), certified) {
		t.Error("the appended certificate does not count")
	}
	for name, tail := range map[string]string{
		"damaged":     strings.Replace(exported, "\n\n", "\n\nAAAA", 1),
		"cut short":   exported[:len(exported)/2],
		"a key":       string(key),
		"a message":   strings.ReplaceAll(exported, "PUBLIC KEY BLOCK", "MESSAGE"),
		"one too few": strings.ReplaceAll(armored(publicLabel, good(t).bytes()[:100]), "\r", ""),
	} {
		_, err := OpenSigner(strings.NewReader(string(key)+tail), []byte(testPassphrase))
		if !errors.Is(err, payroll.ErrInvalid) || errors.Is(err, ErrPassphrase) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestGpgReadsARotatedFile imports the key and what stands behind it.
func TestGpgReadsARotatedFile(t *testing.T) {
	t.Parallel()
	g, old := newGnupg(t), company(t)
	file := successor(t, old, SignerOptions{})
	g.must(file, "--passphrase", testPassphrase, "--import")
	listing, _ := g.must(nil, "--with-colons", "--list-secret-keys")
	if !strings.Contains(listing, string(openKey(t, file).Certificate().Fingerprint())) || strings.Contains(listing, string(old.Certificate().Fingerprint())) {
		t.Errorf("gpg has other secret keys than the new one:\n%s", listing)
	}
	g.must(nil, "--list-keys", string(old.Certificate().Fingerprint()))
}
