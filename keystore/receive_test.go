package keystore

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

// received is what a test looks at of a Reception.
type received struct {
	Code               Code
	Certified, Restart bool
	Refresh, Changed   bool
	Revoked            int
}

func summary(r Reception) received {
	return received{r.Verdict.Code, r.Submission.Certified, r.Submission.Restart, r.Refresh, r.Changed, len(r.Revoked)}
}

// checkReception holds what Receive says of what is to be stored against the
// certificate itself.
func checkReception(t *testing.T, r Reception, certifiers []Certificate, at time.Time) Certificate {
	t.Helper()
	if !r.Verdict.Accepted() {
		if r.Submission.Content != nil || r.Submission.Fingerprint != "" {
			t.Error("a refused file is to be stored")
		}
		return Certificate{}
	}
	c, err := ReadCertificate(r.Submission.Content)
	if err != nil {
		t.Fatal(err)
	}
	if problem := c.Problem(at); problem != "" {
		t.Errorf("the stored certificate has the problem %s", problem)
	}
	certified := false
	for _, company := range certifiers {
		certified = certified || c.CertifiedBy(company, at)
	}
	if certified != r.Submission.Certified {
		t.Errorf("certified %v, the submission says %v", certified, r.Submission.Certified)
	}
	if c.Fingerprint() != r.Submission.Fingerprint || !c.Expires().Equal(r.Submission.Expires) || WKDHash(c.Address()) != r.Submission.WKD {
		t.Error("the submission says something else than the certificate")
	}
	return c
}

// aCompany is a forged company with its certificate.
func aCompany(t testing.TB) (*forge, []Certificate) {
	acme := newForge(t, born)
	certificate := &forge{t: t, primary: acme.primary}
	return acme, []Certificate{stored(t, certificate.key().user(acmeID))}
}

// enrolled is a certificate of alice's, as stored once the company certified it.
func enrolled(t testing.TB, f, acme *forge) Known {
	t.Helper()
	c := accepted(t, f)
	g := &forge{t: t, primary: f.primary}
	sigs := packetsIn(g.stands(acme, packet.SigTypePositiveCert, c.UserIDs()[0]).bytes())
	return Known{Content: c.m.withOthers(sigs), Step: payroll.StepCertified, Standing: payroll.CertificateCurrent}
}

// again writes the same key anew.
func again(f *forge) *forge { return &forge{t: f.t, primary: f.primary, sub: f.sub} }

func TestReceive(t *testing.T) {
	t.Parallel()
	later, evenLater := made(born.Add(100*day)), made(born.Add(200*day))
	const home = "Alice <alice@home.example>"
	first := func(f *forge) *forge { return f.key().user(aliceID, keyEnds(900*day)).subkey() }
	tests := []struct {
		name  string
		first func(*forge) *forge // what is stored and certified; nil for first
		fresh func(*forge) *forge
		known func(*Known)
		want  received
		check func(t *testing.T, before, after Certificate)
	}{
		{name: "the same once more", fresh: first, want: received{CodeGood, true, false, true, false, 0}},
		{
			name:  "a new expiry",
			fresh: func(f *forge) *forge { return f.key().user(aliceID, keyEnds(1800*day), later).subkey() },
			want:  received{CodeGood, true, false, true, true, 0},
			check: func(t *testing.T, before, after Certificate) {
				if want := born.Add(1800 * day); !after.Expires().Equal(want) || before.Expires().Equal(want) {
					t.Errorf("expires %v", after.Expires())
				}
			},
		},
		{
			name:  "an old copy after a newer one",
			first: func(f *forge) *forge { return f.key().user(aliceID, keyEnds(1800*day), later).subkey() },
			fresh: first,
			want:  received{CodeGood, true, false, true, false, 0},
		},
		{
			name:  "a shorter expiry that is newer",
			fresh: func(f *forge) *forge { return f.key().user(aliceID, keyEnds(700*day), later).subkey() },
			want:  received{CodeGood, true, false, true, true, 0},
			check: func(t *testing.T, _, after Certificate) {
				if want := born.Add(700 * day); !after.Expires().Equal(want) {
					t.Errorf("expires %v", after.Expires())
				}
			},
		},
		{
			name: "an expired old copy", // the judge refuses it by itself
			first: func(f *forge) *forge {
				return f.key().user(aliceID, keyEnds(1800*day), later).subkey()
			},
			fresh: func(f *forge) *forge { return f.key().user(aliceID, keyEnds(30*day)).subkey() },
			want:  received{Code: CodeExpired},
		},
		{
			name:  "a new subkey",
			fresh: func(f *forge) *forge { return first(f).another(born.Add(day)).subkey() },
			want:  received{CodeGood, true, false, true, true, 0},
			check: func(t *testing.T, before, after Certificate) {
				if before.EncryptionSubkeys(now)[0] == after.EncryptionSubkeys(now)[0] {
					t.Error("the new subkey is not used")
				}
			},
		},
		{
			name: "a new subkey for one that is revoked",
			fresh: func(f *forge) *forge {
				return first(f).revokeSubkey().another(born.Add(day)).subkey()
			},
			want: received{CodeGood, true, false, true, true, 0},
			check: func(t *testing.T, before, after Certificate) {
				if before.EncryptionSubkeys(now)[0] == after.EncryptionSubkeys(now)[0] || after.Revoked(now) {
					t.Error("the new subkey is not used")
				}
			},
		},
		{
			name:  "the only subkey is revoked",
			fresh: func(f *forge) *forge { return first(f).revokeSubkey() },
			want:  received{Code: CodeSubkeyRevoked, Revoked: 1},
		},
		{
			name:  "another user ID",
			fresh: func(f *forge) *forge { return first(f).user(home, evenLater, keyEnds(950*day)) },
			want:  received{CodeGood, true, false, true, true, 0}, // that sets the expiry
		},
		{
			name: "a new name for the same address, and marked as primary",
			fresh: func(f *forge) *forge {
				return first(f).user("Alice Smith <alice@acme.example>", evenLater, primaryID, keyEnds(900*day))
			},
			want: received{CodeGood, true, false, true, false, 0},
			check: func(t *testing.T, _, after Certificate) {
				if after.UserIDs()[0] != aliceID {
					t.Errorf("user IDs %v", after.UserIDs())
				}
			},
		},
		{
			name: "a new name, the old one revoked",
			fresh: func(f *forge) *forge {
				return f.key().user(aliceID, keyEnds(900*day)).revokeUser(aliceID, later).user("Alice Smith <alice@acme.example>", later, keyEnds(900*day)).subkey()
			},
			want: received{CodeGood, false, true, false, true, 0},
		},
		{
			name:  "revoked",
			fresh: func(f *forge) *forge { return f.key().revokeKey().user(aliceID).subkey() },
			want:  received{Code: CodeRevoked, Revoked: 1},
		},
		{
			name:  "a revocation certificate alone",
			fresh: func(f *forge) *forge { return f.revokeKey() },
			want:  received{Code: CodeRevocationFile, Revoked: 1},
		},
		{
			name:  "of which the use was revoked",
			fresh: first,
			known: func(k *Known) { k.Standing = payroll.CertificateRevoked },
			want:  received{Code: CodeUseEnded},
		},
		{
			name:  "that was replaced",
			fresh: first,
			known: func(k *Known) { k.Standing = payroll.CertificateReplaced },
			want:  received{CodeGood, false, false, false, true, 0},
		},
		{
			name:  "that only somebody compared",
			fresh: first,
			known: func(k *Known) { k.Step, k.Standing = payroll.StepPhoneChecked, payroll.CertificateCandidate },
			want:  received{CodeGood, false, false, true, true, 0},
		},
		{
			name: "certified, says the database alone",
			known: func(k *Known) {
				c, _ := ReadCertificate(k.Content)
				k.Content = c.m.withOthers(nil)
			},
			fresh: first,
			want:  received{CodeGood, false, true, false, false, 0},
		},
		{
			name:  "over a stored copy that cannot be read",
			known: func(k *Known) { k.Content = []byte("x") },
			fresh: first,
			want:  received{CodeGood, false, false, false, true, 0},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newForge(t, born)
			acme, company := aCompany(t)
			if test.first == nil {
				test.first = first
			}
			known := enrolled(t, test.first(again(f)), acme)
			before, err := ReadCertificate(known.Content)
			if err != nil {
				t.Fatal(err)
			}
			if test.known != nil {
				test.known(&known)
			}
			r := Receive(test.fresh(again(f)).bytes(), alice, []Known{known}, company, now)
			if diff := cmp.Diff(test.want, summary(r)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			after := checkReception(t, r, company, now)
			if test.check != nil {
				test.check(t, before, after)
			}
		})
	}
}

// TestReceiveOthers hands in what belongs to somebody else, or is new.
func TestReceiveOthers(t *testing.T) {
	t.Parallel()
	acme, company := aCompany(t)
	known := enrolled(t, good(t), acme)
	for name, test := range map[string]struct {
		file []byte
		want received
	}{
		"a new certificate":               {good(t).bytes(), received{CodeGood, false, false, false, true, 0}},
		"another person's":                {newForge(t, born).key().user("Bob <bob@acme.example>").subkey().bytes(), received{Code: CodeWrongAddress}},
		"the revocation of another's":     {newForge(t, born).revokeKey().bytes(), received{Code: CodeRevocationFile}},
		"a new one with ours behind it":   {append(good(t).bytes(), known.Content...), received{Code: CodeSeveralKeys}},
		"nothing":                         {nil, received{Code: CodeEmpty}},
		"a new one that somebody signed":  {enrolled(t, good(t), newForge(t, born)).Content, received{CodeGood, false, false, false, true, 0}},
		"a new one that we signed before": {enrolled(t, good(t), acme).Content, received{CodeGood, false, false, false, true, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Receive(test.file, alice, []Known{known}, company, now)
			if diff := cmp.Diff(test.want, summary(r)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			checkReception(t, r, company, now)
		})
	}
}

// TestReceiveWithoutCertifiers is a company whose key was replaced, or revoked as
// compromised: what it certified counts no longer.
func TestReceiveWithoutCertifiers(t *testing.T) {
	t.Parallel()
	acme, _ := aCompany(t)
	f := good(t)
	known := enrolled(t, f, acme)
	compromised := stored(t, again(acme).key().revokeKey(reason(packet.KeyCompromised)).user(acmeID))
	_, stranger := aCompany(t)
	for name, certifiers := range map[string][]Certificate{"none": nil, "a stranger": stranger, "compromised": {compromised}} {
		r := Receive(f.bytes(), alice, []Known{known}, certifiers, now)
		if r.Submission.Certified || !r.Submission.Restart || r.Refresh {
			t.Errorf("%s: %+v", name, summary(r))
		}
	}
}

// TestStoredRevocationsStay hands in copies from before a revocation.
func TestStoredRevocationsStay(t *testing.T) {
	t.Parallel()
	acme, company := aCompany(t)
	f := newForge(t, born)
	old := again(f).key().user(aliceID).subkey().bytes()
	first := fingerprintOf(&f.sub.PublicKey)
	rotated := again(f).key().user(aliceID).subkey().revokeSubkey().another(born.Add(day)).subkey(keyEnds(900 * day))
	known := enrolled(t, rotated, acme)
	r := Receive(old, alice, []Known{known}, company, now)
	c := checkReception(t, r, company, now)
	if diff := cmp.Diff(received{CodeGood, true, false, true, false, 0}, summary(r)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if c.EncryptionSubkeys(now)[0] == first {
		t.Error("the revoked subkey is used again")
	}
	if after := now.Add(800 * day); c.Problem(after) != payroll.HoldExpired && c.Problem(after) != payroll.HoldRevoked {
		t.Errorf("when the new subkey has ended, the problem is %q", c.Problem(after))
	}

	// A revocation for a day to come, handed in before.
	g := newForge(t, born)
	plain := again(g).key().user(aliceID).subkey().bytes()
	retired := again(g).key().revokeKey(reason(packet.KeyRetired), made(now.Add(30*day))).user(aliceID).subkey()
	r = Receive(plain, alice, []Known{enrolled(t, retired, acme)}, company, now)
	if c := checkReception(t, r, company, now); c.Problem(now.Add(31*day)) != payroll.HoldRevoked {
		t.Error("the revocation for a day to come is lost")
	}
}

// TestReceiveFromGpg does what an employee does with gpg, and what sq and gpg say
// of the result.
func TestReceiveFromGpg(t *testing.T) {
	t.Parallel()
	g := newGnupg(t)
	signer := company(t)
	g.must(nil, "--passphrase", "", "--quick-generate-key", aliceID, "future-default", "default", "1y")
	fingerprint, _ := g.fingerprints()
	export := func() []byte {
		file := filepath.Join(g.home, "export.asc")
		g.must(nil, "--armor", "--output", file, "--export")
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	oldest := export()
	at := time.Now()
	r := Receive(oldest, alice, nil, nil, at)
	c := checkReception(t, r, signer.Certifiers(), at)
	c, err := signer.Certify(c, at)
	if err != nil {
		t.Fatal(err)
	}
	known := Known{c.Bytes(), payroll.StepCertified, payroll.CertificateCurrent}
	for _, args := range [][]string{
		{"--quick-set-expire", fingerprint, "2y"},
		{"--quick-add-key", fingerprint, "cv25519", "encr", "3y"},
		{"--quick-add-uid", fingerprint, "Alice <alice@home.example>"},
		{"--quick-revoke-uid", fingerprint, "Alice <alice@home.example>"},
	} {
		g.must(nil, append([]string{"--passphrase", ""}, args...)...)
		r = Receive(export(), alice, []Known{known}, signer.Certifiers(), time.Now())
		checkReception(t, r, signer.Certifiers(), time.Now())
		if !r.Submission.Certified || !r.Refresh {
			t.Errorf("after %s: %+v", args[0], summary(r))
		}
		known.Content = r.Submission.Content
	}
	r = Receive(oldest, alice, []Known{known}, signer.Certifiers(), time.Now())
	if r.Changed || !r.Submission.Certified {
		t.Errorf("the oldest copy changes what is stored: %+v", summary(r))
	}
	other := newGnupg(t)
	other.must(signer.Certificate().Bytes(), "--import")
	other.must(known.Content, "--import")
	listing, _ := other.must(nil, "--with-colons", "--check-signatures", fingerprint)
	if !strings.Contains(listing, "sig:!:") || !strings.Contains(listing, string(signer.Certificate().Fingerprint()[24:])) {
		t.Errorf("gpg does not see the certification:\n%s", listing)
	}
	revocation, err := os.ReadFile(filepath.Join(g.home, "openpgp-revocs.d", fingerprint+".rev"))
	if err != nil {
		t.Fatal(err)
	}
	revocation = bytes.Replace(revocation, []byte(":-----"), []byte("-----"), 1)
	r = Receive(revocation, alice, []Known{known}, signer.Certifiers(), time.Now())
	if diff := cmp.Diff(received{Code: CodeRevocationFile, Revoked: 1}, summary(r)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestReceiveFromSq takes a key of sq's, which has direct-key signatures.
func TestReceiveFromSq(t *testing.T) {
	t.Parallel()
	needProgram(t, "sq")
	dir, signer := t.TempDir(), company(t)
	path := func(name string) string { return filepath.Join(dir, name) }
	sq := func(args ...string) []byte {
		t.Helper()
		out, err := exec.Command("sq", args...).Output()
		if err != nil {
			t.Fatalf("sq %v: %v", args, err)
		}
		return out
	}
	sq("key", "generate", "--userid", aliceID, "--expires-in", "1y", "--export", path("key"))
	first := sq("key", "extract-cert", path("key"))
	at := time.Now()
	r := Receive(first, alice, nil, nil, at)
	c, err := signer.Certify(checkReception(t, r, nil, at), at)
	if err != nil {
		t.Fatal(err)
	}
	known := Known{c.Bytes(), payroll.StepCertified, payroll.CertificateCurrent}
	sq("key", "userid", "add", "--userid", "Alice <alice@home.example>", "--output", path("key2"), path("key"))
	r = Receive(sq("key", "extract-cert", path("key2")), alice, []Known{known}, signer.Certifiers(), time.Now())
	checkReception(t, r, signer.Certifiers(), time.Now())
	if !r.Submission.Certified || !r.Refresh {
		t.Errorf("after a new user ID: %+v", summary(r))
	}
	for range 2 { // what the direct-key signature repeats is left out or not, by the copy
		known.Content = r.Submission.Content
		r = Receive(first, alice, []Known{known}, signer.Certifiers(), time.Now())
	}
	if r.Changed || !r.Refresh || !r.Submission.Certified {
		t.Errorf("the first copy once more: %+v", summary(r))
	}
}

func TestWKDHash(t *testing.T) {
	t.Parallel()
	for address, want := range map[payroll.Address]string{
		"joe.doe@example.org": "iy9q119eutrkn8s1mk4r39qejnbu3n5q", // of the draft
		"Joe.Doe@Example.ORG": "iy9q119eutrkn8s1mk4r39qejnbu3n5q",
		"@example.org":        "",
		"":                    "",
	} {
		if got := WKDHash(address); got != want {
			t.Errorf("%q: %s", address, got)
		}
	}
}

// FuzzReceive hands in copies of a certificate that is known, damaged in every
// way, and looks for one that costs it what was proven, or gains something.
func FuzzReceive(f *testing.F) {
	acme, company := aCompany(f)
	key := newForge(f, born)
	known := enrolled(f, again(key).key().user(aliceID, keyEnds(900*day)).subkey(), acme)
	before, err := ReadCertificate(known.Content)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(known.Content)
	f.Add(again(key).key().user(aliceID, keyEnds(1800*day), made(born.Add(day))).subkey().bytes())
	f.Add(again(key).key().revokeKey().user(aliceID).subkey().bytes())
	f.Add(again(key).revokeKey().bytes())
	f.Add(again(key).key().direct(keyEnds(900 * day)).user("Alice Smith <alice@acme.example>").subkey().revokeSubkey().another(born.Add(day)).subkey().bytes())
	f.Fuzz(func(t *testing.T, raw []byte) {
		r := Receive(raw, alice, []Known{known}, company, now)
		c := checkReception(t, r, company, now)
		if r.Verdict.Accepted() && c.Fingerprint() == before.Fingerprint() && len(r.Revoked) > 0 {
			t.Error("stored and revoked at once")
		}
		if r.Submission.Certified && (c.Fingerprint() != before.Fingerprint() || c.UserIDs()[0] != aliceID) {
			t.Error("the certification stands on something else")
		}
		if hasSecret(packetsIn(r.Submission.Content)) {
			t.Error("secret material is stored")
		}
	})
}

// BenchmarkReceive is what a handed-in file costs: one that is new, and a copy of
// one that the company has certified.
func BenchmarkReceive(b *testing.B) {
	acme, certifiers := aCompany(b)
	f := good(b)
	raw, certified := f.bytes(), enrolled(b, f, acme)
	for name, known := range map[string][]Known{"new": nil, "copy": {certified}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if r := Receive(raw, alice, known, certifiers, now); !r.Verdict.Accepted() || r.Submission.Restart {
					b.Fatal(r.Verdict.Code)
				}
			}
		})
	}
}
