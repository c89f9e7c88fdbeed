package payroll

import (
	"fmt"
	"slices"
	"testing"
)

func TestManifestCoversEveryPin(t *testing.T) {
	t.Parallel()
	pin := Pin{Digest: "d", Email: "a@b.example", Fingerprint: "F", Subkeys: []Fingerprint{"S"}, Left: Date{2026, 1, 2}}
	sum := func(run RunID, letterhead string, slip SlipID, number EmployeeNumber, p Pin) string {
		m := NewManifest(run, letterhead)
		m.Add(slip, number, p)
		return m.Sum()
	}
	base := sum(1, "l", "s", "7", pin)
	others := map[string]string{"run": sum(2, "l", "s", "7", pin), "letterhead": sum(1, "m", "s", "7", pin), "slip": sum(1, "l", "t", "7", pin), "number": sum(1, "l", "s", "8", pin)}
	for what, change := range map[string]func(*Pin){
		"digest": func(p *Pin) { p.Digest = "e" }, "address": func(p *Pin) { p.Email = "x@b.example" },
		"fingerprint": func(p *Pin) { p.Fingerprint = "G" }, "subkeys": func(p *Pin) { p.Subkeys = []Fingerprint{"S", "T"} },
		"leave date": func(p *Pin) { p.Left = Date{} },
	} {
		changed := pin
		change(&changed)
		others[what] = sum(1, "l", "s", "7", changed)
	}
	for what, got := range others {
		if got == base {
			t.Errorf("another %s gives the same manifest", what)
		}
	}
	if got := sum(1, "l", "s", "7", pin); got != base {
		t.Errorf("the same run has two manifests: %s, %s", base, got)
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
		t.Error("the same manifest draws another sample")
	}
	if other := Sample("abd", numbers, []EmployeeNumber{"0020", "0021", "9999"}, remarks); slices.Equal(sample, other) {
		t.Error("another manifest draws the same sample")
	}
	if few := Sample("abc", numbers[:2], nil, nil); len(few) != 2 {
		t.Errorf("of two people, %d are in the sample", len(few))
	}
}
