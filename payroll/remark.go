package payroll

import (
	"cmp"
	"math/bits"
	"slices"
	"time"
)

// RemarkKind is what is remarkable about a slip beside the one before it.
type RemarkKind string

// The kinds.
const (
	RemarkVariance RemarkKind = "variance" // net pay differs beyond the threshold
	RemarkJoiner   RemarkKind = "joiner"   // nobody of that number was in the run before
	RemarkMissing  RemarkKind = "missing"  // was in the run before, has not left, and is not in this one
	RemarkLeaver   RemarkKind = "leaver"   // is paid after leaving
)

// RemarkKinds lists every kind.
var RemarkKinds = []RemarkKind{RemarkVariance, RemarkJoiner, RemarkMissing, RemarkLeaver}

// Remark is one thing that a maker must have looked at before a run is submitted.
type Remark struct {
	Kind     RemarkKind     `json:"kind"`
	Employee EmployeeNumber `json:"employee"`
	Before   *int64         `json:"before,omitempty"` // net pay in minor units; nil: none
	Now      *int64         `json:"now,omitempty"`
	Weight   int64          `json:"-"` // thousandths of change; the largest first

	AcknowledgedBy AdminName  `json:"acknowledged_by,omitempty"`
	AcknowledgedAt *time.Time `json:"acknowledged_at,omitempty"`
	Note           string     `json:"note,omitempty"`
}

// TwinFinding is a twin of a run and who acknowledged it, if anyone did.
type TwinFinding struct {
	Twin
	AcknowledgedBy AdminName `json:"acknowledged_by,omitempty"`
	Note           string    `json:"note,omitempty"`
}

// RemarkQuery chooses remarks of one kind, the weightiest first.
type RemarkQuery struct {
	Kind  RemarkKind
	After EmployeeNumber // whose remark was read last; "" for the first page
	Limit int            // 0 for all
}

// RemarkCount is how many remarks of a kind a run has.
type RemarkCount struct {
	All  int `json:"all"`
	Open int `json:"open"` // that nobody has acknowledged
}

// Comparing says how a run is compared with another.
type Comparing struct {
	Percent    int64 // of net pay, beyond which a change is a variance
	Correction bool  // of the very run that it corrects: every change is one
	Supplement bool  // to a run of the same month: it pays other things, to whomever it pays
	Elsewhere  bool  // with a run of another source, which pays people who are not in this one
}

// Compare is Remarks, as it suits what the two runs are to each other. Whoever is
// in neither a correction nor a supplement is not missing; a supplement's amounts
// have nothing to be compared with.
func (c Comparing) Compare(before, now []Figure, gone map[EmployeeNumber]bool) []Remark {
	percent := c.Percent
	if c.Correction {
		percent = 0
	}
	return slices.DeleteFunc(Remarks(before, now, percent, gone), func(r Remark) bool {
		switch r.Kind {
		case RemarkVariance:
			return c.Supplement
		case RemarkMissing:
			return c.Correction || c.Supplement || c.Elsewhere
		case RemarkJoiner, RemarkLeaver:
		}
		return false
	})
}

// Elsewhere reports whether the run before is of another source than r: one that
// pays people who need not be in r. A run that names none may be of any.
func (r Run) Elsewhere(before Run) bool { return before.Source != "" && before.Source != r.Source }

// maxWeight stands for a change from nothing, or one beyond measure.
const maxWeight = 1_000_000_000

// Remarks compares a run's figures with those of the run before, both sorted by
// number. Net pay that differs by more than percent of what it was is a variance;
// a change of sign is one always. gone are those who have left.
func Remarks(before, now []Figure, percent int64, gone map[EmployeeNumber]bool) []Remark {
	var remarks []Remark
	for i, j := 0, 0; i < len(before) || j < len(now); {
		switch {
		case j == len(now) || i < len(before) && before[i].Employee < now[j].Employee:
			if !gone[before[i].Employee] {
				remarks = append(remarks, Remark{Kind: RemarkMissing, Employee: before[i].Employee, Before: &before[i].Net})
			}
			i++
		case i == len(before) || now[j].Employee < before[i].Employee:
			if len(before) > 0 {
				remarks = append(remarks, Remark{Kind: RemarkJoiner, Employee: now[j].Employee, Now: &now[j].Net})
			}
			j++
		default:
			if weight := change(before[i].Net, now[j].Net); weight > percent*10 {
				remarks = append(remarks, Remark{Kind: RemarkVariance, Employee: now[j].Employee, Before: &before[i].Net, Now: &now[j].Net, Weight: weight})
			}
			i, j = i+1, j+1
		}
	}
	for _, f := range now {
		if gone[f.Employee] {
			remarks = append(remarks, Remark{Kind: RemarkLeaver, Employee: f.Employee, Now: &f.Net})
		}
	}
	slices.SortStableFunc(remarks, func(a, b Remark) int {
		return cmp.Or(cmp.Compare(slices.Index(RemarkKinds, a.Kind), slices.Index(RemarkKinds, b.Kind)),
			cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Employee, b.Employee))
	})
	return remarks
}

// change is by how many thousandths, rounded up, an amount differs from what it
// was.
func change(before, now int64) int64 {
	switch {
	case before == now:
		return 0
	case before == 0 || (before < 0) != (now < 0):
		return maxWeight
	}
	high, low := bits.Mul64(distance(before, now), 1000)
	base := distance(before, 0)
	if high >= base {
		return maxWeight
	}
	thousandths, rest := bits.Div64(high, low, base)
	if rest > 0 {
		thousandths++ // beyond a threshold is beyond it, by however little
	}
	return int64(min(thousandths, maxWeight)) // at most maxWeight
}

// distance is how far two amounts lie apart.
func distance(a, b int64) uint64 {
	if a < b {
		a, b = b, a
	}
	return uint64(a) - uint64(b) // two's complement: right for every pair
}
