// Package demo makes up a company to try payseal with: employees with names in
// many scripts, their OpenPGP key pairs of every usual kind, and a payroll file.
// It also plays the employee who opens a mail. It must never be used for a real
// company: it holds the employees' secret keys. Read [Member] and [Open] first.
package demo

import (
	"bytes"
	"crypto"
	_ "embed"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"github.com/payseal/payseal/payroll"
)

//go:embed company.csv
var roster []byte

//go:embed run-2026-10.csv
var payrun []byte

// Role is the part that a member of the demo company plays.
type Role string

// The parts. Three members cannot get a slip, each for a reason of their own.
const (
	Enrolled Role = "enrolled"
	Without  Role = "without" // never handed in a certificate
	Expired  Role = "expired" // enrolled last year with a key for a few months
	Revoked  Role = "revoked" // lost the key and revoked it
)

// Member is one employee of the demo company.
type Member struct {
	payroll.Employee
	Role   Role
	Kind   KeyKind
	Secret *openpgp.Entity // nil without a certificate
}

// KeyKind is one of the kinds of keys that real employees have.
type KeyKind struct {
	Name   string
	config packet.Config
}

// keyKinds go round among the members: the quick ones more often.
var keyKinds = []KeyKind{
	{"Ed25519", packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Curve: packet.Curve25519}},
	{"RSA 3072", packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: 3072}},
	{"NIST P-256", packet.Config{Algorithm: packet.PubKeyAlgoECDSA, Curve: packet.CurveNistP256}},
	{"Ed25519", packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Curve: packet.Curve25519}},
	{"RSA 2048", packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: 2048}},
	{"Ed25519", packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Curve: packet.Curve25519}},
	{"NIST P-256", packet.Config{Algorithm: packet.PubKeyAlgoECDSA, Curve: packet.CurveNistP256}},
	{"Ed25519", packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Curve: packet.Curve25519}},
	{"RSA 2048", packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: 2048}},
	{"Ed25519", packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Curve: packet.Curve25519}},
	{"RSA 4096", packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: 4096}},
	{"Ed25519", packet.Config{Algorithm: packet.PubKeyAlgoEdDSA, Curve: packet.Curve25519}},
}

// company is how many members the committed files name.
const company = 25

// Files are the demo's roster and payroll file for n employees, as CSV. Up to
// 25 they are the committed ones, cut short; beyond, further rows follow that
// differ in number, name and address. Whose name this machine has no font for
// gets another one; drawable says which it has.
func Files(n int, drawable func(name string) bool) (staff, pay []byte, err error) {
	if n < 4 {
		return nil, nil, fmt.Errorf("%w: the demo needs at least 4 employees", payroll.ErrInvalid)
	}
	staffRows, err := csv.NewReader(bytes.NewReader(roster)).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("read the demo's roster: %w", err)
	}
	payRows, err := csv.NewReader(bytes.NewReader(payrun)).ReadAll()
	if err != nil {
		return nil, nil, fmt.Errorf("read the demo's payroll file: %w", err)
	}
	if n != company { // the totals row holds for the whole company only
		payRows = payRows[:company+1]
	}
	staffRows, payRows = sized(staffRows, n), sized(payRows, n)
	rename(staffRows, drawable)
	rename(payRows, drawable)
	if staff, err = encode(staffRows); err != nil {
		return nil, nil, err
	}
	pay, err = encode(payRows)
	return staff, pay, err
}

// sized cuts or extends rows to n employees below their header.
func sized(rows [][]string, n int) [][]string {
	if n == company {
		return rows
	}
	header, people := rows[0], rows[1:company+1]
	out := [][]string{header}
	for i := range n {
		if i < company {
			out = append(out, people[i])
			continue
		}
		out = append(out, clone(header, people[i%company], i))
	}
	return out
}

// rename gives a made-up name to whoever's own cannot be drawn.
func rename(rows [][]string, drawable func(string) bool) {
	column := slices.Index(rows[0], "name")
	for i, row := range rows[1:] {
		if i < company && !drawable(row[column]) {
			row[column] = cloneName(i)
		}
	}
}

// clone is a further employee after the model of one of the company's.
func clone(header, model []string, i int) []string {
	row := append([]string(nil), model...)
	for c, title := range header {
		switch title {
		case "employee_id":
			row[c] = fmt.Sprintf("1%06d", i)
		case "name":
			row[c] = cloneName(i)
		case "email":
			row[c] = "e" + strconv.Itoa(i) + "@acme.example"
		}
	}
	return row
}

// cloneName makes up a name for a further employee. Any two differ in both
// words, so that the twin detector has nothing to say about them.
func cloneName(i int) string {
	const consonants, vowels = "bdfghjklmnprstvz", "aeiou"
	var syllables []string
	for n := i; len(syllables) < 4; n /= len(consonants) * len(vowels) {
		rest := n % (len(consonants) * len(vowels))
		syllables = append(syllables, string(consonants[rest%len(consonants)])+string(vowels[rest/len(consonants)]))
	}
	word := strings.Join(syllables, "")
	return "A" + word + " " + strings.ToUpper(word[:1]) + word[1:]
}

func encode(rows [][]string) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll(rows); err != nil {
		return nil, fmt.Errorf("write the demo's files: %w", err)
	}
	return b.Bytes(), nil
}

// NewMember makes the i-th employee's key pair. The key of one who has expired
// was made a year before now, for half a year.
func NewMember(e payroll.Employee, i int, now time.Time) (Member, error) {
	m := Member{Employee: e, Role: roleOf(i), Kind: kindOf(i)}
	if m.Role == Without {
		m.Kind.Name = "none"
		return m, nil
	}
	made, lifetime := now.Add(-30*24*time.Hour), 2*365*24*time.Hour
	if m.Role == Expired {
		made, lifetime = m.EnrolledAt(now).Add(-24*time.Hour), 180*24*time.Hour
	}
	config := m.Kind.config
	config.DefaultHash = crypto.SHA256
	config.Time = func() time.Time { return made }
	config.KeyLifetimeSecs = uint32(lifetime.Seconds())
	var err error
	m.Secret, err = openpgp.NewEntity(e.Name, "", string(e.Email), &config)
	if err != nil {
		return m, fmt.Errorf("make a key pair: %w", err)
	}
	return m, nil
}

// roleOf gives three of the company the parts of those who cannot be sealed to.
func roleOf(i int) Role {
	switch i {
	case 1:
		return Without
	case 2:
		return Expired
	case 3:
		return Revoked
	}
	return Enrolled
}

// kindOf keeps large companies quick: everyone beyond the demo's own 25 has the
// kind of key that is made in a moment.
func kindOf(i int) KeyKind {
	if i >= company {
		return keyKinds[0]
	}
	return keyKinds[i%len(keyKinds)]
}

// EnrolledAt is when the member handed in their certificate.
func (m Member) EnrolledAt(now time.Time) time.Time {
	if m.Role == Expired {
		return now.Add(-365 * 24 * time.Hour)
	}
	return now
}

// Certificate is the member's certificate, armored, as they hand it in.
func (m Member) Certificate() ([]byte, error) {
	return armored(openpgp.PublicKeyType, m.Secret.Serialize)
}

// SecretKey is the member's secret key, armored and without a passphrase.
func (m Member) SecretKey() ([]byte, error) {
	return armored(openpgp.PrivateKeyType, func(w io.Writer) error { return m.Secret.SerializePrivate(w, nil) })
}

func armored(blockType string, serialize func(io.Writer) error) ([]byte, error) {
	var b bytes.Buffer
	w, err := armor.Encode(&b, blockType, nil)
	if err == nil {
		err = serialize(w)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("write a key: %w", err)
	}
	return append(b.Bytes(), '\n'), nil
}
