package payroll

import (
	"encoding/binary"
	"slices"
)

// Fingerprint is the fingerprint of an OpenPGP primary key or subkey in upper
// case hexadecimal without spaces: 40 digits for version 4, 64 for version 6.
type Fingerprint string

// Grouped is the fingerprint in groups of four, as people read it aloud.
func (f Fingerprint) Grouped() string {
	var grouped []byte
	for i := range len(f) {
		if i > 0 && i%4 == 0 {
			grouped = append(grouped, ' ')
		}
		grouped = append(grouped, f[i])
	}
	return string(grouped)
}

// Pin is what approval fixed for one slip: the lock on the wrong Kiran. The
// worker compares it with what it finds just before it seals. An employee
// without a certificate at approval has that absence pinned: Fingerprint is "".
type Pin struct {
	Digest      string        `json:"digest"` // of the encoded slip
	Email       Address       `json:"email"`
	Fingerprint Fingerprint   `json:"fingerprint"`
	Subkeys     []Fingerprint `json:"subkeys"` // the encryption subkeys
	Letterhead  string        `json:"letterhead"`
	Left        Date          `json:"left"` // the leave date that someone approved this very slip in spite of
	Supersedes  SlipID        `json:"supersedes,omitempty"`
}

// Pinned is a pin and the slip to which it belongs: what approval puts under a
// seal that the database cannot make.
type Pinned struct {
	Slip     SlipID
	Run      RunID
	Employee EmployeeNumber
	Pin
}

// Encode is the one byte string of a pinned slip. Every text has its length
// before it, so that no two of them read the same.
func (p Pinned) Encode() []byte {
	encoded := binary.BigEndian.AppendUint64(nil, uint64(p.Run))
	texts := []string{
		string(p.Slip), string(p.Employee), p.Digest, string(p.Email), p.Letterhead,
		string(p.Fingerprint), p.Left.String(), string(p.Supersedes),
	}
	for _, f := range p.Subkeys {
		texts = append(texts, string(f))
	}
	for _, text := range texts {
		encoded = binary.BigEndian.AppendUint64(encoded, uint64(len(text)))
		encoded = append(encoded, text...)
	}
	return encoded
}

// Standing is how an employee and their certificate stand at this moment.
type Standing struct {
	Employee    Employee
	Digest      string // of the slip as it is stored now
	Letterhead  string
	Fingerprint Fingerprint // "" if there is no certificate
	Subkeys     []Fingerprint
	Verified    bool       // the certificate has climbed the ladder as far as policy asks
	Problem     HoldReason // what the judge of certificates says at this moment; "" if it is good
	Frozen      bool       // the certificate or the address changed within the change freeze
	TwinOpen    bool       // a twin finding of this employee is not acknowledged
	Tampered    bool       // the pin lacks its seal, or the stored contents are not those that it names
}

// Hold compares what was approved with what stands now and says why the slip
// must not leave, or "" if it may. Differences in what was approved come before
// troubles that heal by themselves.
func (p Pin) Hold(now Standing, period Period) HoldReason {
	switch {
	case now.Tampered:
		return HoldTampered
	case p.Digest != now.Digest:
		return HoldContentChanged
	case p.Letterhead != now.Letterhead:
		return HoldLetterheadChanged
	case !p.Email.Same(now.Employee.Email):
		return HoldAddressChanged
	case now.Employee.OnPaper:
		return HoldOnPaper
	case !now.Employee.Left.IsZero() && now.Employee.Left.Before(period.First()) && now.Employee.Left != p.Left:
		return HoldLeft
	case now.TwinOpen:
		return HoldTwin
	}
	return p.holdCertificate(now)
}

func (p Pin) holdCertificate(now Standing) HoldReason {
	switch {
	case now.Fingerprint == "":
		return HoldNoCertificate
	case p.Fingerprint != "" && p.Fingerprint != now.Fingerprint:
		return HoldCertificateChanged
	case now.Problem != "":
		return now.Problem
	case !now.Verified:
		return HoldNotVerified
	case p.Fingerprint != "" && len(p.Subkeys) > 0 && !slices.Equal(p.Subkeys, now.Subkeys):
		return HoldCertificateChanged
	case now.Frozen:
		return HoldChangeFreeze
	}
	return ""
}
