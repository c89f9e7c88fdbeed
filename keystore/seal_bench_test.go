package keystore

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/ProtonMail/gopenpgp/v2/crypto"
)

const benchSize = 60_000

// sealBench is the same letter for every contender: 60 kB that do not compress,
// from the company's Ed25519 key to a Curve25519 certificate.
type sealBench struct {
	signer *Signer
	to     Certificate
	entity []byte
}

func newSealBench(b *testing.B) sealBench {
	b.Helper()
	armored, err := NewSigner(SignerOptions{UserID: "Kiran <kiran@acme.example>", At: time.Now().Add(-time.Minute)}, []byte(testPassphrase))
	if err != nil {
		b.Fatal(err)
	}
	recipient, err := OpenSigner(bytes.NewReader(armored), []byte(testPassphrase))
	if err != nil {
		b.Fatal(err)
	}
	to, err := ReadCertificate(recipient.Certificate().Bytes())
	if err != nil {
		b.Fatal(err)
	}
	entity := make([]byte, benchSize)
	rand.Read(entity)
	return sealBench{company(b), to, entity}
}

// payseal seals once.
func (s sealBench) payseal(b *testing.B) {
	if _, err := s.signer.Seal(s.to, s.entity, SealOptions{At: time.Now()}); err != nil {
		b.Fatal(err)
	}
}

// measure is the time that one call takes, over at least as long as asked.
func measure(least time.Duration, call func()) time.Duration {
	call()
	start, n := time.Now(), 0
	for time.Since(start) < least {
		call()
		n++
	}
	return time.Since(start) / time.Duration(n)
}

// BenchmarkSeal is one letter on one core. cpu-µs is what the process itself
// used for one, which a busy machine disturbs less than the clock.
func BenchmarkSeal(b *testing.B) {
	s := newSealBench(b)
	b.SetBytes(benchSize)
	b.ReportAllocs()
	before := cpuTime(b)
	for b.Loop() {
		s.payseal(b)
	}
	b.ReportMetric(float64((cpuTime(b)-before).Microseconds())/float64(b.N), "cpu-µs")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkSealNested is the other structure, on text as MIME has it.
func BenchmarkSealNested(b *testing.B) {
	s := newSealBench(b)
	entity := testEntity(benchSize)
	b.SetBytes(benchSize)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.signer.Seal(s.to, entity, SealOptions{At: time.Now(), Structure: Nested}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

// BenchmarkSealParallel is one letter after another on every core.
func BenchmarkSealParallel(b *testing.B) {
	s := newSealBench(b)
	b.SetBytes(benchSize)
	b.ResetTimer() // unlike Loop, RunParallel counts what came before
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			s.payseal(b)
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "letters/s")
}

// BenchmarkSealBesideGopenpgp also seals with gopenpgp's own Encrypt, whose key
// ring is unlocked and kept, and its own armor; x-faster is the ratio.
func BenchmarkSealBesideGopenpgp(b *testing.B) {
	s := newSealBench(b)
	peer := s.gopenpgp(b)
	for b.Loop() {
		s.payseal(b)
	}
	ours := b.Elapsed() / time.Duration(b.N)
	b.StopTimer()
	theirs := measure(2*time.Second, peer)
	b.ReportMetric(float64(theirs.Microseconds()), "peer-µs")
	b.ReportMetric(float64(theirs)/float64(ours), "x-faster")
}

func (s sealBench) gopenpgp(b *testing.B) func() {
	b.Helper()
	armored, err := companyKey()
	if err != nil {
		b.Fatal(err)
	}
	key, err := crypto.NewKeyFromArmored(string(armored))
	if err != nil {
		b.Fatal(err)
	}
	unlocked, err := key.Unlock([]byte(testPassphrase))
	if err != nil {
		b.Fatal(err)
	}
	from, err := crypto.NewKeyRing(unlocked)
	if err != nil {
		b.Fatal(err)
	}
	public, err := crypto.NewKey(s.to.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	to, err := crypto.NewKeyRing(public)
	if err != nil {
		b.Fatal(err)
	}
	return func() {
		message, err := to.Encrypt(crypto.NewPlainMessage(s.entity), from)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := message.GetArmored(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSealBesideGpg also runs one gpg process a letter, as scripts do.
func BenchmarkSealBesideGpg(b *testing.B) {
	s, g := newSealBench(b), newGnupg(b)
	letter := s.handOver(b, g)
	for b.Loop() {
		s.payseal(b)
	}
	ours := b.Elapsed() / time.Duration(b.N)
	b.StopTimer()
	theirs := measure(3*time.Second, func() {
		g.must(nil, "--local-user", "payroll@acme.example", "--recipient", "kiran@acme.example",
			"--compress-algo", "none", "--armor", "--sign", "--encrypt", "--output", letter+".asc", letter)
	})
	b.ReportMetric(float64(theirs.Microseconds()), "peer-µs")
	b.ReportMetric(float64(theirs)/float64(ours), "x-faster")
}

// handOver gives the company's key and the certificate to gpg, the key without
// a passphrase so that gpg's agent need not ask, and the letter as a file.
func (s sealBench) handOver(b *testing.B, g gnupg) (letter string) {
	b.Helper()
	var secret bytes.Buffer
	if err := s.signer.entity.SerializePrivateWithoutSigning(&secret, nil); err != nil {
		b.Fatal(err)
	}
	g.must(secret.Bytes(), "--import")
	g.must(s.to.Bytes(), "--import")
	letter = filepath.Join(g.home, "letter")
	if err := os.WriteFile(letter, s.entity, 0o600); err != nil {
		b.Fatal(err)
	}
	return letter
}

// gpgmeScript seals letters with one gpgme context, kept, and prints the mean
// time of one in microseconds.
const gpgmeScript = `
import gpg, sys, time
data = open(sys.argv[1], "rb").read()
with gpg.Context(armor=True) as c:
    to = [c.get_key("kiran@acme.example")]
    c.signers = [c.get_key("payroll@acme.example", secret=True)]
    seal = lambda: c.encrypt(data, recipients=to, sign=True, always_trust=True, compress=False)
    seal()
    start, n = time.time(), 0
    while time.time() - start < 3:
        seal()
        n += 1
    print(int((time.time() - start) / n * 1e6))
`

// BenchmarkSealBesideGpgme also seals with Python's gpgme, its context kept.
func BenchmarkSealBesideGpgme(b *testing.B) {
	python := "/usr/bin/python3" // Debian's, for which python3-gpg is packaged
	if err := exec.Command(python, "-c", "import gpg; gpg.Context").Run(); err != nil {
		missing(b, "gpgme for Python (package python3-gpg)")
	}
	s, g := newSealBench(b), newGnupg(b)
	letter := s.handOver(b, g)
	for b.Loop() {
		s.payseal(b)
	}
	ours := b.Elapsed() / time.Duration(b.N)
	b.StopTimer()
	cmd := exec.Command(python, "-c", gpgmeScript, letter)
	cmd.Env = append(os.Environ(), "GNUPGHOME="+g.home)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		b.Fatal(err)
	}
	theirs, err := time.ParseDuration(string(bytes.TrimSpace(out)) + "us")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(theirs.Microseconds()), "peer-µs")
	b.ReportMetric(float64(theirs)/float64(ours), "x-faster")
}
