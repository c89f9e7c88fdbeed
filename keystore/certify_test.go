package keystore

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

const acmeID = "ACME Payroll <payroll@acme.example>"

// stored reads forged bytes as the database would give them, judged or not.
func stored(t testing.TB, f *forge) Certificate {
	t.Helper()
	c, err := ReadCertificate(f.bytes())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCertifiedBy(t *testing.T) {
	t.Parallel()
	const certifies, revokes = packet.SigTypePositiveCert, packet.SigTypeCertificationRevocation
	tests := []struct {
		name  string
		write func(f, acme, stranger *forge) *forge // what stands behind the first user ID
		want  bool
	}{
		{"certified", func(f, acme, _ *forge) *forge { return f.stands(acme, certifies, aliceID) }, true},
		{"generically", func(f, acme, _ *forge) *forge { return f.stands(acme, packet.SigTypeGenericCert, aliceID) }, true},
		{"without a check", func(f, acme, _ *forge) *forge { return f.stands(acme, packet.SigTypePersonaCert, aliceID) }, false},
		{"not at all", func(f, _, _ *forge) *forge { return f }, false},
		{"by itself only", func(f, _, _ *forge) *forge { return f.certify(aliceID) }, false},
		{"by a stranger", func(f, _, stranger *forge) *forge { return f.stands(stranger, certifies, aliceID) }, false},
		{"by a stranger in our name", func(f, acme, stranger *forge) *forge {
			return f.stands(stranger, certifies, aliceID, func(s *packet.Signature) { s.IssuerKeyId = &acme.primary.KeyId })
		}, false},
		{"for another user ID", func(f, acme, _ *forge) *forge { return f.stands(acme, certifies, "Mallory <m@acme.example>") }, false},
		{"for another certificate", func(f, acme, _ *forge) *forge {
			other := newForge(t, born).stands(acme, certifies, aliceID)
			return f.raw(tagSignature, packetsIn(other.bytes())[0].body)
		}, false},
		{"on the second user ID", func(f, acme, _ *forge) *forge {
			return f.user("Second <second@acme.example>").stands(acme, certifies, "Second <second@acme.example>")
		}, false},
		{"with a bit flipped", func(f, acme, _ *forge) *forge {
			other := &forge{t: t, primary: f.primary}
			body := packetsIn(other.stands(acme, certifies, aliceID).bytes())[0].body
			body[len(body)-1] ^= 1
			return f.raw(tagSignature, body)
		}, false},
		{"over SHA-1", func(f, acme, _ *forge) *forge { return f.stands(acme, certifies, aliceID, sha1Stamp) }, false},
		{"lapsed", func(f, acme, _ *forge) *forge { return f.stands(acme, certifies, aliceID, sigEnds(30*day)) }, false},
		{"not lapsed yet", func(f, acme, _ *forge) *forge { return f.stands(acme, certifies, aliceID, sigEnds(3000*day)) }, true},
		{"from tomorrow", func(f, acme, _ *forge) *forge { return f.stands(acme, certifies, aliceID, made(now.Add(day))) }, false},
		{"before our key", func(f, acme, _ *forge) *forge { return f.stands(acme, certifies, aliceID, made(born.Add(-day))) }, false},
		{"taken back", func(f, acme, _ *forge) *forge {
			return f.stands(acme, certifies, aliceID).stands(acme, revokes, aliceID, made(born.Add(2*day)))
		}, false},
		{"taken back at once", func(f, acme, _ *forge) *forge {
			return f.stands(acme, certifies, aliceID).stands(acme, revokes, aliceID)
		}, false},
		{"given again", func(f, acme, _ *forge) *forge {
			return f.stands(acme, revokes, aliceID).stands(acme, certifies, aliceID, made(born.Add(2*day)))
		}, true},
		{"taken back tomorrow", func(f, acme, _ *forge) *forge {
			return f.stands(acme, certifies, aliceID).stands(acme, revokes, aliceID, made(now.Add(day)))
		}, true},
		{"taken back by a stranger", func(f, acme, stranger *forge) *forge {
			return f.stands(acme, certifies, aliceID).stands(stranger, revokes, aliceID, made(born.Add(2*day)))
		}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			acme, stranger := newForge(t, born), newForge(t, born)
			f := test.write(newForge(t, born).key().user(aliceID), acme, stranger)
			if got := stored(t, f.subkey()).CertifiedBy(stored(t, acme.key().user(acmeID)), now); got != test.want {
				t.Errorf("certified %v, want %v", got, test.want)
			}
		})
	}
	if c := stored(t, good(t)); c.CertifiedBy(Certificate{}, now) || (Certificate{}).CertifiedBy(c, now) || c.CertifiedBy(c, now) {
		t.Error("certified by nobody, nothing, or itself")
	}
}

// TestCertifiedByAKeyThatEnded is about the company's key: what it certified on
// the second day.
func TestCertifiedByAKeyThatEnded(t *testing.T) {
	t.Parallel()
	revoked := func(r packet.ReasonForRevocation, after time.Duration) func(*forge) *forge {
		return func(f *forge) *forge { return f.key().revokeKey(reason(r), made(born.Add(after))).user(acmeID) }
	}
	for _, test := range []struct {
		name string
		acme func(*forge) *forge
		want bool
	}{
		{"expired since", func(f *forge) *forge { return f.key().user(acmeID, keyEnds(30*day)) }, true},
		{"expired before", func(f *forge) *forge { return f.key().user(acmeID, keyEnds(day/2)) }, false},
		{"extended since", func(f *forge) *forge { return f.key().user(acmeID, keyEnds(900*day), made(born.Add(100*day))) }, true},
		{"superseded since", revoked(packet.KeySuperseded, 30*day), true},
		{"superseded before", revoked(packet.KeySuperseded, day/2), false},
		{"compromised since", revoked(packet.KeyCompromised, 30*day), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			acme := newForge(t, born)
			c := stored(t, newForge(t, born).key().user(aliceID).stands(acme, packet.SigTypePositiveCert, aliceID).subkey())
			if got := c.CertifiedBy(stored(t, test.acme(acme)), now); got != test.want {
				t.Errorf("certified %v, want %v", got, test.want)
			}
		})
	}
}

// TestCertifyAndAsk is the whole way, on a certificate of each version, by many
// at once for the race detector.
func TestCertifyAndAsk(t *testing.T) {
	t.Parallel()
	signer, other := company(t), openKey(t, newKey(t, SignerOptions{UserID: acmeID, Algorithm: RSA3072}))
	for name, c := range map[string]Certificate{
		"version 4": accepted(t, good(t)),
		"version 6": stored(t, newForgeV6(t).key().direct().user(aliceID, noFlags).subkey()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.CertifiedBy(signer.Certificate(), now) {
				t.Error("certified before anyone did")
			}
			for range 2 {
				certified, err := signer.Certify(c, time.Now())
				if err != nil {
					t.Fatal(err)
				}
				c = certified
			}
			c, err := other.Certify(c, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() {
					if !c.CertifiedBy(signer.Certificate(), time.Now()) {
						t.Error("not certified")
					}
					if !c.CertifiedBy(other.Certificate(), time.Now()) {
						t.Error("not certified by the RSA key")
					}
				})
			}
			group.Wait()
		})
	}
}

// TestWriteAccessIsNotEnough changes every byte of a stored certificate, and puts
// another person's packets into it: what still counts as certified has the same
// key, checked user ID and encryption subkey, or none at all.
func TestWriteAccessIsNotEnough(t *testing.T) {
	t.Parallel()
	acme, mallory := newForge(t, born), newForge(t, born)
	c := stored(t, newForge(t, born).key().user(aliceID).stands(acme, packet.SigTypePositiveCert, aliceID).subkey())
	company := stored(t, acme.key().user(acmeID))
	subkey := c.EncryptionSubkeys(now)[0]
	written := map[string][]byte{"as it was": c.Bytes()}
	for i := range c.Bytes() {
		for _, mask := range []byte{0x01, 0x20, 0x80} {
			changed := c.Bytes()
			changed[i] ^= mask
			written[fmt.Sprintf("byte %d by %#x", i, mask)] = changed
		}
	}
	frames := packetsIn(c.Bytes())
	theirs := packetsIn(mallory.key().user("Alice Example <m@evil.example>").subkey().bytes())
	for at := 1; at <= len(frames); at++ {
		for name, more := range map[string][]frame{"user ID": theirs[1:3], "subkey": theirs[3:], "both": theirs[1:]} {
			var w bytes.Buffer
			writeFrames(&w, slices.Concat(frames[:at], more, frames[at:]))
			written[fmt.Sprintf("another's %s at %d", name, at)] = w.Bytes()
		}
	}
	counted := 0
	for name, raw := range written {
		changed, err := ReadCertificate(raw)
		if err != nil || !changed.CertifiedBy(company, now) {
			continue
		}
		counted++
		if changed.Fingerprint() != c.Fingerprint() || changed.UserIDs()[0] != aliceID || changed.Address() != alice {
			t.Errorf("%s: another key or user ID counts as certified", name)
		}
		if subkeys := changed.EncryptionSubkeys(now); len(subkeys) > 0 && subkeys[0] != subkey {
			t.Errorf("%s: another subkey would be encrypted to", name)
		}
	}
	if counted == 0 || counted == len(written) {
		t.Errorf("%d of %d count as certified", counted, len(written))
	}
}

func TestAddressIsTheCheckedOne(t *testing.T) {
	t.Parallel()
	for want, c := range map[payroll.Address]Certificate{
		alice: accepted(t, newForge(t, born).key().user(aliceID, keyEnds(30*day)).
			user("Bob <bob@acme.example>", made(born.Add(day)), keyEnds(2000*day)).subkey()),
		"": stored(t, newForge(t, born).key().user("no address").user(aliceID).subkey()),
	} {
		if got := c.Address(); got != want || len(c.UserIDs()) != 2 {
			t.Errorf("address %q, want %q", got, want)
		}
	}
	if got := (Certificate{}).Address(); got != "" {
		t.Errorf("the zero certificate has the address %q", got)
	}
}

func BenchmarkCertifiedBy(b *testing.B) {
	acme := newForge(b, born)
	c := stored(b, newForge(b, born).key().user(aliceID).stands(acme, packet.SigTypePositiveCert, aliceID).subkey())
	company := stored(b, acme.key().user(acmeID))
	before := cpuTime(b)
	for b.Loop() {
		if !c.CertifiedBy(company, now) {
			b.Fatal("not certified")
		}
	}
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs")
}
