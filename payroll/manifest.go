package payroll

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"slices"
	"strconv"
	"strings"
)

// Manifest is what an approver says yes to: the run, and of every slip the
// contents' hash, the address and the certificate that it would be sealed to.
// Its hash is what the second factor is asked for, and what is stored.
type Manifest struct{ hash hash.Hash }

// NewManifest begins the manifest of a run with the letterhead's digest. Lines
// are added in the order of the employees' numbers.
func NewManifest(run RunID, letterhead string) *Manifest {
	m := &Manifest{hash: sha256.New()}
	m.write("payseal manifest 1", strconv.FormatInt(int64(run), 10), letterhead)
	return m
}

// Add adds a slip.
func (m *Manifest) Add(slip SlipID, employee EmployeeNumber, p Pin) {
	words := make([]string, len(p.Subkeys))
	for i, f := range p.Subkeys {
		words[i] = string(f)
	}
	m.write(string(slip), string(employee), p.Digest, string(p.Email), string(p.Fingerprint), strings.Join(words, " "), p.Left.String())
}

// write adds one line of texts, each of which stands for itself alone.
func (m *Manifest) write(texts ...string) {
	line, err := json.Marshal(texts)
	if err != nil { // texts always encode
		panic(err)
	}
	_, _ = m.hash.Write(append(line, '\n')) // a hash takes everything
}

// Sum is the manifest's SHA-256 in hexadecimal.
func (m *Manifest) Sum() string { return hex.EncodeToString(m.hash.Sum(nil)) }

// The forced sample: how many slips of each kind an approver must open.
const (
	SampleRandom    = 3
	SampleVariances = 3
	SampleTwins     = 200 // a company with more opens these and acknowledges the rest
)

// Sample is which slips an approver must open before they approve: all twins, the
// largest variances, and some that the manifest's hash chooses, so that nobody
// can know them before the run is submitted. numbers are everybody's, sorted;
// remarks in the order of Remarks.
func Sample(manifest string, numbers []EmployeeNumber, twins []EmployeeNumber, remarks []Remark) []EmployeeNumber {
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
		i := draw(manifest, round, len(numbers))
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
	return int(v % uint64(n)) //nolint:gosec // below n, which is an int
}
