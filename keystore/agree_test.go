package keystore

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/payseal/payseal/payroll"
)

// keyrings are Debian's, with some 1,180 certificates of people who use them
// daily (package debian-keyring).
var keyrings = []string{"debian-keyring.gpg", "debian-maintainers.gpg", "debian-nonupload.gpg", "debian-role-keys.gpg"}

// realCertificates are those of the keyrings: a sample of 240, always the same,
// or all of them when PAYSEAL_ALL_CERTIFICATES is set. Where the package is
// missing the test fails in CI and is skipped elsewhere.
func realCertificates(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for _, name := range keyrings {
		raw, err := os.ReadFile(filepath.Join("/usr/share/keyrings", name))
		if err != nil {
			missing(t, "Debian's keyrings (package debian-keyring)")
		}
		all = append(all, splitRing(t, raw)...)
	}
	if os.Getenv("PAYSEAL_ALL_CERTIFICATES") != "" {
		return all
	}
	// By their hash, so that the sample is as mixed as the whole.
	slices.SortFunc(all, func(a, b []byte) int {
		x, y := sha256.Sum256(a), sha256.Sum256(b)
		return bytes.Compare(x[:], y[:])
	})
	return all[:240]
}

func missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("this test needs %s", what)
	}
	t.Skipf("this test needs %s", what)
}

func needProgram(t testing.TB, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		missing(t, name)
	}
}

// splitRing cuts a keyring into its certificates.
func splitRing(t testing.TB, raw []byte) [][]byte {
	t.Helper()
	frames, err := splitFrames(raw)
	if err != nil {
		t.Fatal(err)
	}
	var certificates []*bytes.Buffer
	for _, f := range frames {
		if f.tag == tagPublicKey {
			certificates = append(certificates, new(bytes.Buffer))
		}
		f.write(certificates[len(certificates)-1])
	}
	var split [][]byte
	for _, c := range certificates {
		split = append(split, c.Bytes())
	}
	return split
}

// stricter are the codes with which payseal may refuse what gpg would encrypt
// to, each with the reason. Any other disagreement fails the test. gpg never may
// refuse what payseal accepts.
var stricterThanGpg = map[Code]string{
	CodeSHA1:        "gpg 2.2 still takes self-signatures over SHA-1, sq does not since 2023-02-01",
	CodeSubkeySHA1:  "the same for the binding of the subkey",
	CodeWeakPrimary: "DSA is not taken, whatever its size",
	CodeWeakSubkey:  "ElGamal is not taken, whatever its size",
	CodeExpired:     "only where the signature that extends the key is over SHA-1",
	CodeSubkeyExpired: "gpg goes back to a primary key that may encrypt when the encryption subkey has expired; " +
		"payseal takes the subkey's end for the end",
	CodeSubkeyRevoked:   "only where a newer subkey is bound over SHA-1",
	CodeNoSelfSignature: "one self-signature over RIPEMD-160, which sq refuses too",
}

// stricterThanSq are the codes with which payseal may refuse what sq would
// encrypt to.
var stricterThanSq = map[Code]string{
	CodeWeakPrimary:   "DSA is not taken, whatever its size",
	CodeWeakSubkey:    "ElGamal is not taken, whatever its size",
	CodeSubkeySHA1:    "sq goes back to a primary key that may encrypt when the binding of the subkey does not count",
	CodeSubkeyExpired: "sq goes back to a primary key that may encrypt when the encryption subkey has expired",
	CodeSubkeyRevoked: "a revocation is final here and in gpg; sq takes back a soft one when the subkey is bound again",
}

func TestAgreesWithGpg(t *testing.T) {
	t.Parallel()
	certificates := realCertificates(t)
	for _, at := range []time.Time{
		time.Date(2022, time.December, 25, 0, 0, 0, 0, time.UTC),
		time.Date(2026, time.November, 21, 0, 0, 0, 0, time.UTC),
	} {
		t.Run(at.Format(time.DateOnly), func(t *testing.T) {
			t.Parallel()
			theirs := gpgAnswers(t, certificates, at)
			agreed := 0
			var kept []Certificate
			for _, raw := range certificates {
				c, v := Judge(raw, "", at)
				if v.Accepted() {
					kept = append(kept, c)
				}
				answer, found := theirs[v.Fingerprint]
				switch {
				case !found:
					t.Errorf("gpg does not list %s", v.Fingerprint)
				case v.Accepted() && !answer.encrypts:
					t.Errorf("%s: accepted, but gpg would not encrypt to it", v.Fingerprint)
				case !v.Accepted() && answer.encrypts && stricterThanGpg[v.Code] == "":
					t.Errorf("%s: refused with %s, but gpg would encrypt to it", v.Fingerprint, v.Code)
				case v.Accepted() && answer.subkey != v.EncryptionSubkeys[0] && !answer.elgamal:
					t.Errorf("%s: encrypts to %s, gpg to %s", v.Fingerprint, v.EncryptionSubkeys[0], answer.subkey)
				case v.Accepted() == answer.encrypts:
					agreed++
				}
			}
			t.Logf("gpg agrees on %d of %d", agreed, len(certificates))
			storedAgreesWithGpg(t, kept, at)
		})
	}
}

// storedAgreesWithGpg lets gpg judge what payseal stores: it must be able to
// encrypt to the same subkey of it.
func storedAgreesWithGpg(t *testing.T, kept []Certificate, at time.Time) {
	t.Helper()
	if len(kept) < 50 {
		t.Fatalf("only %d certificates are accepted", len(kept))
	}
	var stored [][]byte
	size := 0
	for _, c := range kept {
		stored = append(stored, c.Bytes())
		size += len(c.Bytes())
	}
	t.Logf("%d certificates are stored in %d bytes on average", len(kept), size/len(kept))
	theirs := gpgAnswers(t, stored, at)
	for _, c := range kept {
		answer := theirs[c.Fingerprint()]
		if !answer.encrypts || answer.subkey != c.EncryptionSubkeys(at)[0] {
			t.Errorf("%s: gpg would encrypt to %q of what is stored", c.Fingerprint(), answer.subkey)
		}
	}
}

// gpgAnswer is what gpg says of one certificate.
type gpgAnswer struct {
	encrypts bool
	subkey   payroll.Fingerprint // the newest usable encryption subkey, or else the primary
	elgamal  bool                // that subkey is ElGamal, which payseal passes over
}

// gpgAnswers asks gpg about a ring of certificates as at that moment: its pub
// line has a capital E if the whole certificate can be encrypted to.
func gpgAnswers(t *testing.T, certificates [][]byte, at time.Time) map[payroll.Fingerprint]gpgAnswer {
	t.Helper()
	g := newGnupg(t)
	ring := filepath.Join(g.home, "ring.gpg")
	if err := os.WriteFile(ring, bytes.Join(certificates, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	listing, _ := g.must(nil, "--no-default-keyring", "--keyring", ring, "--no-auto-check-trustdb",
		"--faked-system-time", at.Format("20060102T150405")+"!", "--with-colons", "--list-keys")
	answers := make(map[payroll.Fingerprint]gpgAnswer)
	var primary payroll.Fingerprint
	var line, newest []string
	for _, text := range strings.Split(listing, "\n") {
		fields := strings.Split(text, ":")
		switch fields[0] {
		case "pub", "sub":
			line = fields
		case "fpr":
			fingerprint := payroll.Fingerprint(fields[9])
			if line[0] == "pub" {
				primary, newest = fingerprint, nil
				answers[primary] = gpgAnswer{encrypts: strings.Contains(line[11], "E"), subkey: primary}
			} else if usableInGpg(line) && (newest == nil || line[5] > newest[5]) {
				newest = line
				answers[primary] = gpgAnswer{encrypts: answers[primary].encrypts, subkey: fingerprint, elgamal: line[3] == "16"}
			}
		}
	}
	return answers
}

func usableInGpg(sub []string) bool {
	return strings.Contains(sub[11], "e") && !strings.ContainsAny(sub[1], "eridn")
}

// TestAgreesWithSq asks at this moment: sq 0.27 has no other.
func TestAgreesWithSq(t *testing.T) {
	t.Parallel()
	needProgram(t, "sq")
	dir, at, agreed := t.TempDir(), time.Now(), 0
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	certificates := realCertificates(t)
	for _, raw := range certificates {
		file := filepath.Join(dir, "certificate")
		if err := os.WriteFile(file, raw, 0o600); err != nil {
			t.Fatal(err)
		}
		_, v := Judge(raw, "", at)
		sealed, err := exec.Command("sq", "encrypt", "--binary", "--recipient-cert", file, plain).Output()
		encrypts := err == nil
		switch {
		case v.Accepted() && !encrypts:
			t.Errorf("%s: accepted, but sq would not encrypt to it", v.Fingerprint)
		case !v.Accepted() && encrypts && stricterThanSq[v.Code] == "":
			t.Errorf("%s: refused with %s, but sq would encrypt to it", v.Fingerprint, v.Code)
		case v.Accepted() && !slices.Contains(keyIDs(t, sealed), lastDigits(v.EncryptionSubkeys[0])) && !alsoSigns(t, raw, at):
			t.Errorf("%s: sq does not encrypt to %s", v.Fingerprint, v.EncryptionSubkeys[0])
		case v.Accepted() == encrypts:
			agreed++
		}
	}
	t.Logf("sq agrees on %d of %d", agreed, len(certificates))
}

// alsoSigns reports whether the subkey that would be used may sign too. sq passes
// over such a subkey when its signature over the primary key is over SHA-1; that
// signature says nothing about encryption, so payseal and gpg do not ask for it.
func alsoSigns(t *testing.T, raw []byte, at time.Time) bool {
	t.Helper()
	frames, code := readFile(raw)
	if code != "" {
		t.Fatal(code)
	}
	m, code := readMaterial(frames)
	if code != "" {
		t.Fatal(code)
	}
	return m.assess("", at).keys[0].binding.packet.FlagSign
}

func lastDigits(f payroll.Fingerprint) uint64 {
	raw := []byte(f)
	var id uint64
	for _, c := range raw[len(raw)-16:] {
		id = id<<4 | uint64(strings.IndexByte("0123456789ABCDEF", c))
	}
	return id
}

// keyIDs are the recipients at the head of a message.
func keyIDs(t *testing.T, message []byte) []uint64 {
	t.Helper()
	var ids []uint64
	for len(message) > 0 {
		head, length, tag, err := readHeader(message)
		if err != nil || tag != tagSessionKey {
			break
		}
		ids = append(ids, binary.BigEndian.Uint64(message[head+1:]))
		message = message[head+length:]
	}
	return ids
}
