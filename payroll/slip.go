package payroll

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// SlipID is a random UUID in its usual text form. It is the only thing by which
// logs, errors and mail headers name a slip.
type SlipID string

// LineKind says in which ledger of the page a line stands.
type LineKind string

// The kinds of line. Employer contributions and the steps by which tax was worked
// out are information and take no part in gross, deductions or net.
const (
	LineEarning   LineKind = "earning"
	LineDeduction LineKind = "deduction"
	LineEmployer  LineKind = "employer"
	LineTax       LineKind = "tax"
)

// Line is one component of a slip.
type Line struct {
	Kind       LineKind `json:"kind"`
	Label      string   `json:"label"`
	Amount     Money    `json:"amount"`
	Quantity   string   `json:"quantity,omitempty"`     // plain decimal, such as "4.50": the hours behind the amount
	Rate       string   `json:"rate,omitempty"`         // plain decimal: money for one of the quantity, or percent of the base
	Base       *Money   `json:"base,omitempty"`         // of which the rate is a percentage; nil: not given
	YearToDate *Money   `json:"year_to_date,omitempty"` // nil: not given
}

// Fact is a labelled text or quantity that is not money: hours, days of leave, a
// cost centre.
type Fact struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Slip is what one employee earned in one period. The employee is a copy made
// when the run was imported, so that a later change of the roster does not
// change what was approved.
type Slip struct {
	ID         SlipID   `json:"-"`    // the store's; "" of a slip that is not stored. The pin binds it to the contents
	Salt       string   `json:"salt"` // random, so that the digest gives no amount away to whoever guesses
	Employee   Employee `json:"employee"`
	Period     Period   `json:"period"`
	PayDate    Date     `json:"pay_date"`
	Currency   Currency `json:"currency"`
	Gross      *Money   `json:"gross,omitempty"`      // nil: not given
	Deductions *Money   `json:"deductions,omitempty"` // nil: not given
	Net        Money    `json:"net"`
	Lines      []Line   `json:"lines,omitempty"`
	Hours      []Fact   `json:"hours,omitempty"` // plain decimals
	Leave      []Fact   `json:"leave,omitempty"` // plain decimals: what was taken, what is left
	Info       []Fact   `json:"info,omitempty"`
	Note       string   `json:"note,omitempty"` // as ParseNote gives it

	Fields []FieldValue `json:"fields,omitempty"` // of the country's profile, in the order of the file

	GrossYearToDate      *Money `json:"gross_year_to_date,omitempty"`
	DeductionsYearToDate *Money `json:"deductions_year_to_date,omitempty"`
	NetYearToDate        *Money `json:"net_year_to_date,omitempty"`

	Corrects *Correction `json:"corrects,omitempty"` // nil: it takes no other slip's place
}

// LinesOf returns the lines of one kind in the order of the file.
func (s *Slip) LinesOf(kind LineKind) []Line {
	var lines []Line
	for _, l := range s.Lines {
		if l.Kind == kind {
			lines = append(lines, l)
		}
	}
	return lines
}

// slipBlock is what an encoded slip's length is a multiple of. Sealed, which adds
// 28 bytes, one block is just too large to stay within its row in the database: it is
// stored beside it, once, and not written anew with every step of the slip. And the
// length of what is sealed says little about it.
const slipBlock = 1968

// Encode is the canonical form of a slip: the JSON that is sealed in the vault
// and whose SHA-256 approval pins, with blanks behind it up to a whole block.
// DecodeSlip reads it.
func (s *Slip) Encode() ([]byte, error) {
	encoded, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode slip: %w", err)
	}
	for len(encoded)%slipBlock != 0 {
		encoded = append(encoded, ' ')
	}
	return encoded, nil
}

// DecodeSlip reads what Encode wrote. Its error never quotes the content.
func DecodeSlip(encoded []byte) (Slip, error) {
	var s Slip
	if json.Unmarshal(encoded, &s) != nil {
		return Slip{}, fmt.Errorf("%w: stored slip is not readable", ErrInvalid)
	}
	return s, nil
}

// Digest is the SHA-256 of an encoded slip in hexadecimal.
func Digest(encoded []byte) string {
	sum := sha256.Sum256(encoded)
	return hex.EncodeToString(sum[:])
}

// SlipState is where a slip stands.
type SlipState string

// The states of a slip. Accepted, refused, bounced, superseded and withdrawn
// are final; held ones come back by themselves when the reason is gone.
const (
	SlipReady      SlipState = "ready"
	SlipQueued     SlipState = "queued"
	SlipSending    SlipState = "sending"
	SlipAccepted   SlipState = "accepted"
	SlipDeferred   SlipState = "deferred"
	SlipRefused    SlipState = "refused"
	SlipUnsure     SlipState = "unsure"
	SlipHeld       SlipState = "held"
	SlipBounced    SlipState = "bounced"
	SlipSuperseded SlipState = "superseded"
	SlipWithdrawn  SlipState = "withdrawn"
)

// SlipStates lists every state in the order of a slip's life.
var SlipStates = []SlipState{SlipReady, SlipQueued, SlipSending, SlipDeferred, SlipUnsure, SlipHeld,
	SlipAccepted, SlipRefused, SlipBounced, SlipSuperseded, SlipWithdrawn}

// Final reports whether a slip in this state never moves again by itself.
func (s SlipState) Final() bool {
	switch s {
	case SlipAccepted, SlipRefused, SlipBounced, SlipSuperseded, SlipWithdrawn:
		return true
	}
	return false
}

// Moving reports whether a worker has something to do for a slip in this state,
// now or after a delay.
func (s SlipState) Moving() bool {
	return s == SlipQueued || s == SlipSending || s == SlipDeferred
}
