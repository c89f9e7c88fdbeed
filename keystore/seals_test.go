package keystore

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

func openedMasterKey(t *testing.T) *MasterKey {
	t.Helper()
	key, err := OpenMasterKey(NewMasterKeyFile())
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func somePinned() payroll.Pinned {
	return payroll.Pinned{Slip: "5b1f0000-0000-4000-8000-000000000001", Run: 7, Employee: "0042", Pin: payroll.Pin{
		Digest: "d", Email: "kiran@acme.example", Fingerprint: "F", Subkeys: []payroll.Fingerprint{"S1", "S2"}, Letterhead: "l",
		Left: payroll.Date{Year: 2026, Month: 9, Day: 30}, Supersedes: "5b1f0000-0000-4000-8000-000000000000",
	}}
}

// TestPinSealCoversEverything changes each part of what is pinned, and moves
// text from one part into the next.
func TestPinSealCoversEverything(t *testing.T) {
	t.Parallel()
	key := openedMasterKey(t)
	seal := key.SealPin(somePinned())
	if !key.PinSealed(somePinned(), seal) || len(seal) != 32 {
		t.Fatal("its own seal is not good")
	}
	for name, change := range map[string]func(*payroll.Pinned){
		"slip":                  func(p *payroll.Pinned) { p.Slip = p.Supersedes },
		"run":                   func(p *payroll.Pinned) { p.Run++ },
		"employee":              func(p *payroll.Pinned) { p.Employee = "0043" },
		"digest":                func(p *payroll.Pinned) { p.Digest = "e" },
		"email":                 func(p *payroll.Pinned) { p.Email = "kiran.b@acme.example" },
		"case of the email":     func(p *payroll.Pinned) { p.Email = "Kiran@acme.example" },
		"letterhead":            func(p *payroll.Pinned) { p.Letterhead = "m" },
		"fingerprint":           func(p *payroll.Pinned) { p.Fingerprint = "G" },
		"no fingerprint":        func(p *payroll.Pinned) { p.Fingerprint = "" },
		"a subkey":              func(p *payroll.Pinned) { p.Subkeys[1] = "S3" },
		"a subkey more":         func(p *payroll.Pinned) { p.Subkeys = append(p.Subkeys, "") },
		"a subkey less":         func(p *payroll.Pinned) { p.Subkeys = p.Subkeys[:1] },
		"subkeys run together":  func(p *payroll.Pinned) { p.Subkeys = []payroll.Fingerprint{"S1S2"} },
		"left":                  func(p *payroll.Pinned) { p.Left.Day = 29 },
		"not left":              func(p *payroll.Pinned) { p.Left = payroll.Date{} },
		"supersedes":            func(p *payroll.Pinned) { p.Supersedes = "" },
		"from digest to email":  func(p *payroll.Pinned) { p.Digest, p.Email = "", "d"+p.Email },
		"from number to digest": func(p *payroll.Pinned) { p.Employee, p.Digest = "004", "2d" },
	} {
		changed := somePinned()
		change(&changed)
		if key.PinSealed(changed, seal) {
			t.Errorf("%s: the seal is still good", name)
		}
	}
	for name, bad := range map[string][]byte{"none": nil, "empty": {}, "shorter": seal[:31], "longer": append(bytes.Clone(seal), 0), "zeroes": make([]byte, 32)} {
		if key.PinSealed(somePinned(), bad) {
			t.Errorf("%s: a seal that is none is good", name)
		}
	}
	if openedMasterKey(t).PinSealed(somePinned(), seal) {
		t.Error("another vault's seal is good")
	}
}

func TestHeadsAndMarks(t *testing.T) {
	t.Parallel()
	key, other := openedMasterKey(t), openedMasterKey(t)
	head := payroll.AuditHead{Sequence: 9, Hash: "h"}
	seal := key.SealHead(head)
	if !key.HeadSealed(head, seal) || other.HeadSealed(head, seal) || key.HeadSealed(payroll.AuditHead{Sequence: 8, Hash: "h"}, seal) ||
		key.HeadSealed(payroll.AuditHead{Sequence: 9, Hash: "i"}, seal) || key.HeadSealed(head, nil) {
		t.Error("a head's seal holds for something else, or not for itself")
	}
	if !bytes.Equal(key.Mark(), key.Mark()) || bytes.Equal(key.Mark(), other.Mark()) || len(key.Mark()) != 32 {
		t.Error("a mark does not tell one key from another")
	}
}

func BenchmarkSealPin(b *testing.B) {
	key, err := OpenMasterKey(NewMasterKeyFile())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		key.SealPin(somePinned())
	}
}

// BenchmarkAccessSealed looks at both seals of an account.
func BenchmarkAccessSealed(b *testing.B) {
	key, err := OpenMasterKey(NewMasterKeyFile())
	if err != nil {
		b.Fatal(err)
	}
	admin := payroll.AccessAdmin{Admin: payroll.Admin{Name: "ada", Roles: payroll.Roles}, Handle: make([]byte, 64)}
	ways := payroll.AccessWays{
		Admin: "ada", Password: strings.Repeat("x", 96), Codes: slices.Repeat([]payroll.AccessCode{{Hash: make([]byte, 32)}}, 10),
		Factors: []payroll.AccessFactor{{ID: 1, Kind: payroll.FactorTOTP, Content: make([]byte, 60)}, {ID: 2, Kind: payroll.FactorPasskey, Handle: make([]byte, 32), Content: make([]byte, 500)}},
	}
	one, two := key.SealAccess(admin), key.SealAccess(ways)
	for b.Loop() {
		if !key.AccessSealed(admin, one) || !key.AccessSealed(ways, two) {
			b.Fatal("not sealed")
		}
	}
}
