package payroll

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strconv"
)

// Manifest is what an approver says yes to: the run, and of every slip the
// contents' hash, the address and the certificate that it would be sealed to.
// Its hash is what the second factor is asked for, and what is stored.
type Manifest struct {
	whole    hash.Hash
	contents hash.Hash
}

// ManifestLine is one slip of a manifest. Everything that approval pins of a slip
// is here, or follows from what is.
type ManifestLine struct {
	Slip        SlipID
	Employee    EmployeeNumber
	Digest      string // of the contents
	Email       Address
	Certificate string // SHA-256 of the certificate as it is stored, from which fingerprint and subkeys follow; "" without one
	Supersedes  SlipID // "" for none
}

// NewManifest begins the manifest of a run with the letterhead's digest. Lines
// are added in the order of the employees' numbers.
func NewManifest(run RunID, letterhead string) *Manifest {
	m := &Manifest{whole: sha256.New(), contents: sha256.New()}
	id := strconv.FormatInt(int64(run), 10)
	writeTexts(m.whole, "payseal manifest 1", id, letterhead)
	writeTexts(m.contents, "payseal contents 1", id)
	return m
}

// Add adds a slip.
func (m *Manifest) Add(l ManifestLine) {
	writeTexts(m.whole, string(l.Slip), string(l.Employee), l.Digest, string(l.Email), l.Certificate, string(l.Supersedes))
	writeTexts(m.contents, string(l.Employee), l.Digest)
}

// writeTexts adds one line of texts to a hash, each with its length before it, so
// that no two lines read the same.
func writeTexts(h hash.Hash, texts ...string) {
	line := make([]byte, 0, 512)
	for _, text := range texts {
		line = binary.BigEndian.AppendUint32(line, uint32(len(text))) // no text here is so long
		line = append(line, text...)
	}
	_, _ = h.Write(line) // a hash takes everything
}

// Sum is the manifest's SHA-256 in hexadecimal.
func (m *Manifest) Sum() string { return hex.EncodeToString(m.whole.Sum(nil)) }

// Contents is the SHA-256, in hexadecimal, of what the slips say alone. Every slip
// is salted, so that nobody can know it before the file is imported, and it stays
// the same whatever becomes of addresses and certificates: it draws the sample.
func (m *Manifest) Contents() string { return hex.EncodeToString(m.contents.Sum(nil)) }

// The forced sample: how many slips of each kind an approver must open.
const (
	SampleRandom    = 3
	SampleVariances = 3
	SampleTwins     = 200 // a company with more opens these and acknowledges the rest
)

// Sample is which slips an approver must open before they approve: all twins, the
// largest variances, and some that the hash of the manifest's contents chooses, so
// that nobody can know them before the file is imported. numbers are everybody's,
// sorted; remarks in the order of Remarks.
func Sample(contents string, numbers []EmployeeNumber, twins []EmployeeNumber, remarks []Remark) []EmployeeNumber {
	chosen := make(map[EmployeeNumber]bool)
	for _, n := range twins[:min(len(twins), SampleTwins)] {
		if _, paid := slices.BinarySearch(numbers, n); paid {
			chosen[n] = true
		}
	}
	variances := 0
	for _, r := range remarks {
		if r.Kind == RemarkVariance && variances < SampleVariances {
			chosen[r.Employee], variances = true, variances+1
		}
	}
	for round := 0; round < SampleRandom && len(chosen) < len(numbers); round++ {
		i := draw(contents, round, len(numbers))
		for chosen[numbers[i]] {
			i = (i + 1) % len(numbers)
		}
		chosen[numbers[i]] = true
	}
	sample := make([]EmployeeNumber, 0, len(chosen))
	for n := range chosen {
		sample = append(sample, n)
	}
	slices.Sort(sample)
	return sample
}

// draw is a number below n that only the seed and the round decide.
func draw(seed string, round, n int) int {
	sum := sha256.Sum256([]byte(seed + "/" + strconv.Itoa(round)))
	var v uint64
	for _, b := range sum[:8] {
		v = v<<8 | uint64(b)
	}
	return int(v % uint64(n)) // below n, which is an int
}
