package payroll

import (
	"fmt"
	"slices"
	"testing"
)

func TestManifestCoversEveryPin(t *testing.T) {
	t.Parallel()
	line := ManifestLine{Slip: "s", Employee: "7", Digest: "d", Email: "a@b.example", Certificate: "c", Supersedes: "o"}
	sums := func(run RunID, letterhead string, l ManifestLine) (string, string) {
		m := NewManifest(run, letterhead)
		m.Add(l)
		return m.Sum(), m.Contents()
	}
	whole, contents := sums(1, "l", line)
	for what, test := range map[string]struct {
		run        RunID
		letterhead string
		change     func(*ManifestLine)
		redraws    bool
	}{
		"run":         {2, "l", func(*ManifestLine) {}, true},
		"letterhead":  {1, "m", func(*ManifestLine) {}, false},
		"slip":        {1, "l", func(l *ManifestLine) { l.Slip = "t" }, false},
		"number":      {1, "l", func(l *ManifestLine) { l.Employee = "8" }, true},
		"digest":      {1, "l", func(l *ManifestLine) { l.Digest = "e" }, true},
		"address":     {1, "l", func(l *ManifestLine) { l.Email = "x@b.example" }, false},
		"certificate": {1, "l", func(l *ManifestLine) { l.Certificate = "" }, false},
		"correction":  {1, "l", func(l *ManifestLine) { l.Supersedes = "" }, false},
		"border":      {1, "l", func(l *ManifestLine) { l.Digest, l.Email = "da", "@b.example" }, true},
	} {
		changed := line
		test.change(&changed)
		sum, drawn := sums(test.run, test.letterhead, changed)
		if sum == whole {
			t.Errorf("another %s gives the same manifest", what)
		}
		if (drawn != contents) != test.redraws {
			t.Errorf("another %s: whether it draws another sample is %v", what, drawn != contents)
		}
	}
	if again, _ := sums(1, "l", line); again != whole {
		t.Errorf("the same run has two manifests: %s, %s", whole, again)
	}
}

func TestSample(t *testing.T) {
	t.Parallel()
	var numbers []EmployeeNumber
	for i := range 1000 {
		numbers = append(numbers, EmployeeNumber(fmt.Sprintf("%04d", i)))
	}
	remarks := []Remark{{Kind: RemarkVariance, Employee: "0010"}, {Kind: RemarkVariance, Employee: "0011"}, {Kind: RemarkVariance, Employee: "0012"}, {Kind: RemarkVariance, Employee: "0013"}, {Kind: RemarkJoiner, Employee: "0500"}}
	sample := Sample("abc", numbers, []EmployeeNumber{"0020", "0021", "9999"}, remarks)
	for _, want := range []EmployeeNumber{"0010", "0011", "0012", "0020", "0021"} {
		if !slices.Contains(sample, want) {
			t.Errorf("%s is not in the sample", want)
		}
	}
	if len(sample) != 8 || slices.Contains(sample, "9999") || !slices.IsSorted(sample) {
		t.Errorf("the sample is %v", sample)
	}
	if again := Sample("abc", numbers, []EmployeeNumber{"0020", "0021", "9999"}, remarks); !slices.Equal(sample, again) {
		t.Error("the same contents draw another sample")
	}
	if other := Sample("abd", numbers, []EmployeeNumber{"0020", "0021", "9999"}, remarks); slices.Equal(sample, other) {
		t.Error("other contents draw the same sample")
	}
	if few := Sample("abc", numbers[:2], nil, nil); len(few) != 2 {
		t.Errorf("of two people, %d are in the sample", len(few))
	}
}
