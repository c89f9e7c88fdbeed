package keystore

import (
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/packet"
	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func newVault(t testing.TB) *MasterKey {
	t.Helper()
	key, err := OpenMasterKey(NewMasterKeyFile())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// answers are all that the judge asks of a certificate, at moments years apart.
func answers(c Certificate, certifiers []Certificate) (all []string) {
	for _, at := range []time.Time{born.Add(-day), born.Add(day), now, now.Add(400 * day), now.Add(3650 * day)} {
		all = append(all, string(c.ProblemFor(alice, certifiers, at)))
		for _, key := range c.EncryptionSubkeys(at) {
			all = append(all, string(key))
		}
	}
	return append(all, c.Expires().String(), c.EncryptionEnds(now).String(), string(c.Fingerprint()))
}

// TestAProofChangesNoAnswer: what was verified before is judged as it is without
// the vault's word.
func TestAProofChangesNoAnswer(t *testing.T) {
	t.Parallel()
	const certifies, revokes = packet.SigTypePositiveCert, packet.SigTypeCertificationRevocation
	acme, former := newForge(t, born), newForge(t, born)
	certifiers := []Certificate{stored(t, acme.key().user(acmeID)), stored(t, former.key().user(acmeID))}
	vault := newVault(t)
	for name, f := range map[string]*forge{
		"certified":       newForge(t, born).key().user(aliceID).stands(acme, certifies, aliceID).subkey(),
		"by the one then": newForge(t, born).key().user(aliceID).stands(former, certifies, aliceID).subkey(),
		"taken back":      newForge(t, born).key().user(aliceID).stands(acme, certifies, aliceID).stands(acme, revokes, aliceID, made(born.Add(2*day))).subkey(),
		"by nobody":       newForge(t, born).key().user(aliceID).subkey(),
		"expires":         newForge(t, born).key().user(aliceID, keyEnds(900*day)).stands(acme, certifies, aliceID).subkey(),
		"lapses":          newForge(t, born).key().user(aliceID).stands(acme, certifies, aliceID, sigEnds(900*day)).subkey(),
		"superseded":      newForge(t, born).key().revokeKey(reason(packet.KeySuperseded), made(now.Add(day))).user(aliceID).stands(acme, certifies, aliceID).subkey(),
		"over SHA-1":      newForge(t, born).key().user(aliceID).stands(acme, certifies, aliceID, sha1Stamp).subkey(),
		"version 6":       newForgeV6(t).key().direct().user(aliceID, noFlags).subkey(),
	} {
		c := stored(t, f)
		proof := vault.Prove(c, certifiers)
		if len(proof) != 32 {
			t.Errorf("%s: no proof", name)
		}
		proven, err := vault.ReadProven(c.Bytes(), certifiers, proof)
		if diff := cmp.Diff(answers(c, certifiers), answers(proven, certifiers)); err != nil || diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestWhatAProofIsWorth: with the vault's word even a bad signature counts, so it
// counts for these very bytes only, under this vault, and for no other certifier;
// and there is none for a certificate with a bad signature.
func TestWhatAProofIsWorth(t *testing.T) {
	t.Parallel()
	acme := newForge(t, born)
	company, other := []Certificate{stored(t, acme.key().user(acmeID))}, []Certificate{stored(t, newForge(t, born).key().user(acmeID))}
	flipped := func(f, other *forge, at int) *forge { // another's signature, with a bit changed
		body := packetsIn(other.bytes())[at].body
		body[len(body)-1] ^= 1
		return f.raw(tagSignature, body)
	}
	theirs := newForge(t, born).key().user(aliceID)
	statement := &forge{t: t, primary: theirs.primary}
	c := stored(t, flipped(theirs, statement.stands(acme, packet.SigTypePositiveCert, aliceID), 0).subkey())
	vault := newVault(t)
	if vault.Prove(c, company) != nil {
		t.Error("a proof of a signature that is not the company's")
	}
	broken := newForge(t, born).key().user(aliceID).subkey()
	if vault.Prove(stored(t, flipped(broken, broken, 4)), nil) != nil {
		t.Error("a proof of a signature that is not the owner's")
	}
	given := vault.sealFor(purposeCertificates, provenBytes(c.Bytes(), company)) // had it been given all the same
	problem := func(v *MasterKey, content []byte, certifiers []Certificate, proof []byte) payroll.HoldReason {
		read, _ := v.ReadProven(content, certifiers, proof)
		return read.ProblemFor(alice, certifiers, now)
	}
	if got := problem(vault, c.Bytes(), company, given); got != "" {
		t.Errorf("signatures are verified in spite of a proof: %s", got)
	}
	for name, got := range map[string]payroll.HoldReason{
		"without":               problem(vault, c.Bytes(), company, nil),
		"under another vault":   problem(newVault(t), c.Bytes(), company, given),
		"for another certifier": problem(vault, c.Bytes(), other, given),
		"with a further one":    problem(vault, c.Bytes(), append(other, company...), given),
	} {
		if got != payroll.HoldNotCertified {
			t.Errorf("%s: %q", name, got)
		}
	}
	for i := range c.Bytes() {
		changed := c.Bytes()
		changed[i] ^= 2
		if got := problem(vault, changed, company, given); got == "" {
			t.Errorf("byte %d was changed, and the proof counts", i)
		}
	}
}

func BenchmarkReadProven(b *testing.B) {
	acme := newForge(b, born)
	certifiers := []Certificate{stored(b, acme.key().user(acmeID))}
	c := stored(b, newForge(b, born).key().user(aliceID).stands(acme, packet.SigTypePositiveCert, aliceID).subkey())
	vault := newVault(b)
	for name, proof := range map[string][]byte{"proven": vault.Prove(c, certifiers), "anew": nil} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				read, _ := vault.ReadProven(c.stored, certifiers, proof)
				if problem := read.ProblemFor(alice, certifiers, now); problem != "" {
					b.Fatal(problem)
				}
			}
		})
	}
}
