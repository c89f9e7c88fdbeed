package payroll

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Figure is what one slip is compared by with the one before it.
type Figure struct {
	Employee EmployeeNumber `json:"e"`
	Gross    *int64         `json:"g,omitempty"` // minor units; nil: not given
	Net      int64          `json:"n"`           // minor units
}

// Totals are the sums of a run, in minor units of its currency.
type Totals struct {
	Headcount  int    `json:"headcount"`
	Gross      *int64 `json:"gross"`      // nil: not given in every slip
	Deductions *int64 `json:"deductions"` // nil: not given in every slip
	Net        int64  `json:"net"`
}

// Tally adds up the slips of a run as they pass.
type Tally struct {
	totals                  Totals
	noGross, noDeductions   bool
	figures                 []Figure
	gross, deductions, nets int64
}

// Add counts a slip. The error wraps ErrInvalid if a sum grows too large.
func (t *Tally) Add(s *Slip) error {
	t.totals.Headcount++
	f := Figure{Employee: s.Employee.Number, Net: s.Net.Minor}
	if s.Gross != nil {
		gross := s.Gross.Minor
		f.Gross = &gross
	}
	t.figures = append(t.figures, f)
	return errors.Join(addUp(&t.nets, &s.Net), addGiven(&t.gross, s.Gross, &t.noGross), addGiven(&t.deductions, s.Deductions, &t.noDeductions))
}

func addGiven(sum *int64, m *Money, lacking *bool) error {
	if m == nil {
		*lacking = true
		return nil
	}
	return addUp(sum, m)
}

func addUp(sum *int64, m *Money) error {
	added, err := Money{Minor: *sum, Currency: m.Currency}.Add(*m)
	*sum = added.Minor
	return err
}

// Totals are the sums so far.
func (t *Tally) Totals() Totals {
	sums := Totals{Headcount: t.totals.Headcount, Net: t.nets}
	if !t.noGross && sums.Headcount > 0 {
		sums.Gross = &t.gross
	}
	if !t.noDeductions && sums.Headcount > 0 {
		sums.Deductions = &t.deductions
	}
	return sums
}

// Figures are those of the slips so far, sorted by employee number.
func (t *Tally) Figures() []Figure {
	slices.SortFunc(t.figures, func(a, b Figure) int { return strings.Compare(string(a.Employee), string(b.Employee)) })
	return t.figures
}

// figuresVersion begins what EncodeFigures writes.
const figuresVersion = 1

// EncodeFigures writes figures closely: about fifteen bytes each.
func EncodeFigures(figures []Figure) []byte {
	b := binary.AppendUvarint([]byte{figuresVersion}, uint64(len(figures)))
	for _, f := range figures {
		b = binary.AppendUvarint(b, uint64(len(f.Employee)))
		b = append(b, f.Employee...)
		b = binary.AppendVarint(b, f.Net)
		if f.Gross == nil {
			b = append(b, 0)
			continue
		}
		b = binary.AppendVarint(append(b, 1), *f.Gross)
	}
	return b
}

// DecodeFigures reads what EncodeFigures wrote. Its error, which wraps
// ErrInvalid, never quotes the content.
func DecodeFigures(encoded []byte) ([]Figure, error) {
	d := figureDecoder{rest: encoded}
	if d.byte() != figuresVersion {
		return nil, errFigures
	}
	n := d.uvarint()
	if n > uint64(len(d.rest))/3 { // of each its number's length, its net pay and whether there is gross
		return nil, errFigures
	}
	figures, gross := make([]Figure, n), make([]int64, n)
	for i := range figures {
		figures[i].Employee = EmployeeNumber(d.text(d.uvarint()))
		figures[i].Net = d.varint()
		switch d.byte() {
		case 0:
		case 1:
			gross[i] = d.varint()
			figures[i].Gross = &gross[i]
		default:
			d.broken = true
		}
	}
	if d.broken || len(d.rest) > 0 {
		return nil, errFigures
	}
	return figures, nil
}

var errFigures = fmt.Errorf("%w: stored figures are not readable", ErrInvalid)

// figureDecoder takes values off the front of bytes; once they are not there it
// is broken, and gives nothing more.
type figureDecoder struct {
	rest   []byte
	broken bool
}

func (d *figureDecoder) take(n int) []byte {
	if d.broken || n <= 0 || n > len(d.rest) {
		d.broken, d.rest = true, nil
		return nil
	}
	taken := d.rest[:n]
	d.rest = d.rest[n:]
	return taken
}

func (d *figureDecoder) byte() byte {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0xff
}

func (d *figureDecoder) text(length uint64) string {
	if length > 1024 {
		length = 0 // no number is so long
	}
	return string(d.take(int(length))) // at most 1024
}

func (d *figureDecoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	d.take(n)
	return v
}

func (d *figureDecoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	d.take(n)
	return v
}
