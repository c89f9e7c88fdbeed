package keystore

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

// accepted judges a forged certificate that has no fault.
func accepted(t testing.TB, f *forge) Certificate {
	t.Helper()
	c, v := Judge(f.bytes(), alice, now)
	if !v.Accepted() {
		t.Fatalf("refused: %s", v.Code)
	}
	return c
}

func TestProblemFollowsTheMoment(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		make func(*forge) *forge
		at   time.Duration // after now
		want payroll.HoldReason
	}{
		{"good", func(f *forge) *forge { return f.key().user(aliceID).subkey() }, 0, ""},
		{"good in ten years", func(f *forge) *forge { return f.key().user(aliceID).subkey() }, 3650 * day, ""},
		{"before the key", func(f *forge) *forge { return f.key().user(aliceID).subkey() }, born.Add(-day).Sub(now), payroll.HoldUnusable},
		{"expired by then", func(f *forge) *forge { return f.key().user(aliceID, keyEnds(900*day)).subkey() }, 400 * day, payroll.HoldExpired},
		{"extended on another user ID", func(f *forge) *forge {
			return f.key().user(aliceID, keyEnds(30*day)).user("a@home.example", made(born.Add(day)), keyEnds(900*day)).subkey()
		}, 100 * day, ""},
		{"and over after that", func(f *forge) *forge {
			return f.key().user(aliceID, keyEnds(30*day)).user("a@home.example", made(born.Add(day)), keyEnds(900*day)).subkey()
		}, 400 * day, payroll.HoldExpired},
		{"subkey expired by then", func(f *forge) *forge { return f.key().user(aliceID).subkey(keyEnds(900 * day)) }, 400 * day, payroll.HoldExpired},
		{"older subkey lasts longer", func(f *forge) *forge {
			return f.key().user(aliceID).subkey().another(born.Add(day)).subkey(keyEnds(900 * day))
		}, 400 * day, ""},
		{"superseded by then", func(f *forge) *forge {
			return f.key().revokeKey(reason(packet.KeySuperseded), made(now.Add(day))).user(aliceID).subkey()
		}, 2 * day, payroll.HoldRevoked},
		{"subkey retired by then", func(f *forge) *forge {
			return f.key().user(aliceID).subkey().revokeSubkey(reason(packet.KeyRetired), made(now.Add(day)))
		}, 2 * day, payroll.HoldRevoked},
		{"self-signature lapsed by then", func(f *forge) *forge { return f.key().user(aliceID, sigEnds(900*day)).subkey() }, 400 * day, payroll.HoldUnusable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := accepted(t, test.make(newForge(t, born)))
			at := now.Add(test.at)
			if got := c.Problem(at); got != test.want {
				t.Errorf("problem %q, want %q", got, test.want)
			}
			if usable := len(c.EncryptionSubkeys(at)) > 0; usable != (test.want == "") {
				t.Errorf("encryption subkeys: %v", c.EncryptionSubkeys(at))
			}
		})
	}
	if problem := (Certificate{}).Problem(now); problem != payroll.HoldNoCertificate {
		t.Errorf("the zero certificate has the problem %q", problem)
	}
}

// TestMinimised names the packets that are kept.
func TestMinimised(t *testing.T) {
	t.Parallel()
	stranger := newForge(t, born)
	f := newForge(t, born).key().direct(keyEnds(900*day)).
		user(aliceID).certify(aliceID, made(born.Add(day)))
	third := stranger.signature(packet.SigTypeGenericCert, nil)
	f.emit(third, third.SignUserId(aliceID, &f.primary.PublicKey, stranger.primary, plainConfig))
	f.raw(tagTrust, []byte{1}).user("Alice <alice@home.example>").raw(tagUserAttribute, []byte("\x05\x01abcd")).certify("x").
		subkey().bind(made(born.Add(day))).revokeSubkey(reason(packet.KeyRetired), made(now.Add(day))).
		another(born.Add(2 * day)).subkey(signOnly)
	c := accepted(t, f)
	frames, err := splitFrames(c.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var tags []uint8
	for _, f := range frames {
		tags = append(tags, f.tag)
	}
	want := []uint8{tagPublicKey, tagUserID, tagSignature, tagPublicSubkey, tagSignature, tagSignature}
	if diff := cmp.Diff(want, tags[:len(want)]); len(tags) != len(want) && len(tags) != len(want)+1 {
		t.Errorf("packets %v:\n%s", tags, diff)
	}
	if !bytes.Contains(f.bytes(), frames[len(frames)-1].body) {
		t.Error("a packet was made anew")
	}
	if diff := cmp.Diff([]string{aliceID}, c.UserIDs()); diff != "" {
		t.Error(diff)
	}
}

func TestWithRevocations(t *testing.T) {
	t.Parallel()
	f := good(t)
	c := accepted(t, f)
	revocation := func(write func(*forge) *forge) []byte {
		g := &forge{t: t, primary: f.primary, sub: f.sub}
		return write(g).bytes()
	}
	tests := []struct {
		name string
		raw  []byte
		want bool
	}{
		{"revocation certificate", revocation(func(f *forge) *forge { return f.revokeKey() }), true},
		{"armored", []byte(armored(publicLabel, revocation(func(f *forge) *forge { return f.revokeKey() }))), true},
		{"revoked export", revocation(func(f *forge) *forge { return f.key().revokeKey().user(aliceID).subkey() }), true},
		{"revoked user ID", revocation(func(f *forge) *forge { return f.key().user(aliceID).revokeUser(aliceID, made(born.Add(day))) }), true},
		{"revoked subkey", revocation(func(f *forge) *forge { return f.key().user(aliceID).subkey().revokeSubkey() }), true},
		{"by a stranger", newForge(t, born).revokeKey().bytes(), false},
		{"nothing of the kind", f.bytes(), false},
		{"no packets", []byte("hello"), false},
		{"nothing", nil, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			revoked, found := c.WithRevocations(test.raw)
			if found != test.want || revoked.Revoked(now) != test.want {
				t.Errorf("found %v, revoked %v, want %v", found, revoked.Revoked(now), test.want)
			}
			if revoked.Fingerprint() != c.Fingerprint() {
				t.Error("another certificate came back")
			}
			if _, again := revoked.WithRevocations(test.raw); again {
				t.Error("the same revocation is found a second time")
			}
		})
	}
}

// TestRevokedUserIDIsNotReplaced holds that the user ID that was kept for its
// expiry does not stand in for the checked one when that is revoked.
func TestRevokedUserIDIsNotReplaced(t *testing.T) {
	t.Parallel()
	f := newForge(t, born).key().user(aliceID, keyEnds(30*day)).
		user("Alice <alice@home.example>", made(born.Add(day)), keyEnds(2000*day)).subkey()
	c := accepted(t, f)
	g := &forge{t: t, primary: f.primary, sub: f.sub}
	revoked, found := c.WithRevocations(g.key().user(aliceID).revokeUser(aliceID, made(born.Add(day))).bytes())
	if !found || !revoked.Revoked(now) {
		t.Errorf("found %v, problem %q", found, revoked.Problem(now))
	}
}

func TestChoosesOneSubkey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		stamps [2][]stamp // of an older and a newer subkey
		newer  bool
	}{
		{"the newest", [2][]stamp{}, true},
		{"for messages before storage", [2][]stamp{{messagesOnly}, {storageOnly}}, false},
		{"the one that still holds", [2][]stamp{{}, {keyEnds(30 * day)}}, false},
		{"not the one that signs", [2][]stamp{{}, {signOnly}}, false},
		{"not the one over SHA-1", [2][]stamp{{}, {sha1Stamp}}, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newForge(t, born).key().user(aliceID).subkey(test.stamps[0]...)
			want := fingerprintOf(&f.sub.PublicKey)
			f.another(born.Add(day)).subkey(test.stamps[1]...)
			if test.newer {
				want = fingerprintOf(&f.sub.PublicKey)
			}
			if diff := cmp.Diff([]payroll.Fingerprint{want}, accepted(t, f).EncryptionSubkeys(now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestOnlyTheCheckedUserIDIsCertified holds that a second user ID, kept for its
// expiry, is not vouched for, and that the owner's signatures stay as they came.
func TestOnlyTheCheckedUserIDIsCertified(t *testing.T) {
	t.Parallel()
	f := newForge(t, born).key().user(aliceID, keyEnds(30*day)).
		user("Alice <alice@home.example>", made(born.Add(day)), keyEnds(2000*day)).subkey()
	c := accepted(t, f)
	if len(c.UserIDs()) != 2 {
		t.Fatalf("user IDs %v", c.UserIDs())
	}
	signer := company(t)
	certified, err := signer.Certify(c, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	before, _ := splitFrames(c.Bytes())
	for _, f := range before {
		if !bytes.Contains(certified.Bytes(), f.bytes()) {
			t.Error("a packet of the owner's was changed")
		}
	}
	g := newGnupg(t)
	g.must(signer.Certificate().Bytes(), "--import")
	g.must(certified.Bytes(), "--import")
	listing, _ := g.must(nil, "--with-colons", "--check-signatures", string(c.Fingerprint()))
	keyID, uid := string(signer.Certificate().Fingerprint()[24:]), ""
	var vouched []string
	for line := range strings.Lines(listing) {
		fields := strings.Split(line, ":")
		if fields[0] == "uid" {
			uid = fields[9]
		}
		if fields[0] == "sig" && fields[4] == keyID && fields[1] == "!" {
			vouched = append(vouched, uid)
		}
	}
	if diff := cmp.Diff([]string{aliceID}, vouched); diff != "" {
		t.Errorf("vouched for (-want +gpg):\n%s", diff)
	}
}

func TestReadCertificateRefuses(t *testing.T) {
	t.Parallel()
	for name, stored := range map[string][]byte{
		"nothing":      nil,
		"text":         []byte("hello"),
		"armor":        []byte(armored(publicLabel, good(t).bytes())),
		"secret key":   newForge(t, born).secret().user(aliceID).bytes(),
		"two":          append(good(t).bytes(), good(t).bytes()...),
		"cut short":    good(t).bytes()[:200],
		"no user ID":   newForge(t, born).key().bytes(),
		"a message":    []byte("\xc1\x04\x03\x01\x02\x03"),
		"above a mega": bytes.Repeat([]byte{0xca, 0}, MaxFile),
	} {
		if c, err := ReadCertificate(stored); err == nil || !c.IsZero() {
			t.Errorf("%s: read as a certificate", name)
		} else if !errors.Is(err, payroll.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCertificateIsSafeToShare is for the race detector.
func TestCertificateIsSafeToShare(t *testing.T) {
	t.Parallel()
	c := accepted(t, newForge(t, born).key().user(aliceID).certify(aliceID, made(born.Add(day))).subkey())
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for i := range 50 {
				at := now.Add(time.Duration(i) * day)
				if c.Problem(at) != "" || len(c.EncryptionSubkeys(at)) != 1 || !c.Expires().IsZero() {
					t.Error("a shared certificate changed its answer")
				}
			}
		})
	}
	group.Wait()
}

// TestFloodsAreBounded gives the judge as much work as 1 MB can hold: signatures
// that all have to be verified, by the slowest algorithms. What is asserted is
// that it gives up; how soon is in the benchmark.
func TestFloodsAreBounded(t *testing.T) {
	t.Parallel()
	for name, raw := range floods(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if len(raw) > MaxFile {
				t.Fatalf("%d bytes", len(raw))
			}
			if _, v := Judge(raw, alice, now); v.Code != CodeFlood && v.Code != CodeNoSelfSignature {
				t.Errorf("verdict %s", v.Code)
			}
		})
	}
}

// floods are certificates with thousands of self-signatures none of which is
// valid.
func floods(t testing.TB) map[string][]byte {
	t.Helper()
	fill := func(f *forge, breakAt func([]byte)) []byte {
		g := &forge{t: t, primary: f.primary, sub: f.sub}
		frames, err := splitFrames(g.certify(aliceID).bytes())
		if err != nil {
			t.Fatal(err)
		}
		breakAt(frames[0].body)
		f.key().userOnly(aliceID)
		for n := 0; f.out.Len() < MaxFile-len(frames[0].body)-100 && n < maxPackets-10; n++ {
			f.raw(tagSignature, frames[0].body)
		}
		return f.bytes()
	}
	last := func(body []byte) { body[len(body)-1] ^= 1 }
	return map[string][]byte{
		"Ed25519":   fill(newForge(t, born), last),
		"RSA 4096":  fill(newRSAForge(t, forgeRSA(t, 4096, 0), nil), last),
		"Brainpool": fill(newForgeWith(t, &packet.Config{Algorithm: packet.PubKeyAlgoECDSA, Curve: packet.CurveBrainpoolP512}, born), last),
		"Ed448":     fill(newForgeWith(t, &packet.Config{Algorithm: packet.PubKeyAlgoEd448}, born), last),
	}
}

// FuzzJudge looks for bytes that make the judge panic behind its recover, or
// accept what it cannot read back.
func FuzzJudge(f *testing.F) {
	f.Add(good(f).bytes())
	f.Add([]byte(armored(publicLabel, good(f).bytes())))
	f.Add(newForgeV6(f).key().direct(keyEnds(900*day)).user(aliceID, noFlags).subkey().bytes())
	f.Add(newForge(f, born).key().revokeKey().user(aliceID).revokeUser(aliceID).subkey().revokeSubkey().bytes())
	for _, trap := range fileTraps {
		if raw := trap.file(f); len(raw) < 10_000 {
			f.Add(raw)
		}
	}
	fixtures, err := filepath.Glob(filepath.Join("testdata", "certificates", "*.asc"))
	if err != nil || len(fixtures) == 0 {
		f.Fatal("no fixtures")
	}
	for _, name := range fixtures {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, v := Judge(raw, "", now)
		if v.Accepted() == c.IsZero() || v.Reason == "" || v.Code == "" {
			t.Fatalf("verdict %s %s with certificate %v", v.Verdict, v.Code, !c.IsZero())
		}
		if !v.Accepted() {
			return
		}
		again, err := ReadCertificate(c.Bytes())
		if err != nil || again.Problem(now) != "" {
			t.Fatalf("stored certificate: %v, %s", err, again.Problem(now))
		}
		if hasSecret(packetsIn(c.Bytes())) {
			t.Fatal("secret material is stored")
		}
	})
}

// FuzzReadCertificate reads what a damaged database could hold.
func FuzzReadCertificate(f *testing.F) {
	f.Add(good(f).bytes())
	f.Add(newForge(f, born).key().direct().user(aliceID).subkey().revokeSubkey().bytes())
	f.Add([]byte("\xc6\x05\x04abcd"))
	acme := newForge(f, born)
	f.Add(newForge(f, born).key().user(aliceID).stands(acme, packet.SigTypePositiveCert, aliceID).subkey().bytes())
	company := stored(f, acme.key().user(acmeID))
	f.Fuzz(func(t *testing.T, stored []byte) {
		c, err := ReadCertificate(stored)
		if err != nil {
			return
		}
		c.Address()
		c.CertifiedBy(company, now)
		c.Problem(now)
		c.Expires()
		c.UserIDs()
		if _, err := c.Armored(); err != nil {
			t.Error(err)
		}
		c.WithRevocations(stored)
	})
}

func BenchmarkJudge(b *testing.B) {
	for name, raw := range map[string][]byte{
		"Curve25519": good(b).bytes(),
		"RSA-4096":   newRSAForge(b, forgeRSA(b, 4096, 0), forgeRSA(b, 4096, 1)).key().user(aliceID).subkey().bytes(),
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Judge(raw, alice, now)
			}
		})
	}
	for name, raw := range floods(b) {
		b.Run("flood/"+name, func(b *testing.B) {
			for b.Loop() {
				Judge(raw, alice, now)
			}
		})
	}
}

// BenchmarkJudgeReal takes the largest of Debian's certificates.
func BenchmarkJudgeReal(b *testing.B) {
	var largest []byte
	for _, raw := range realCertificates(b) {
		if len(raw) > len(largest) {
			largest = raw
		}
	}
	b.SetBytes(int64(len(largest)))
	for b.Loop() {
		Judge(largest, "", now)
	}
}

func BenchmarkReadCertificate(b *testing.B) {
	stored := accepted(b, good(b)).Bytes()
	b.ReportAllocs()
	before := cpuTime(b)
	for b.Loop() {
		if _, err := ReadCertificate(stored); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs")
}

func BenchmarkProblem(b *testing.B) {
	c := accepted(b, good(b))
	b.ReportAllocs()
	for b.Loop() {
		if c.Problem(now) != "" {
			b.Fatal("refused")
		}
	}
}
