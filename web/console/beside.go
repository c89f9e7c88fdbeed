package console

import (
	"math/big"

	"github.com/payseal/payseal/payroll"
)

// What stands on more than one page about a run beside the run before.

// totalPairs are the sums of two runs beside each other.
func totalPairs(before, now payroll.Totals, c payroll.Currency) []Pair {
	pairs := []Pair{{
		Name: "People", BeforeLabel: count(before.Headcount), NowLabel: count(now.Headcount),
		BeforeValue: int64(before.Headcount), NowValue: int64(now.Headcount), Change: ratio(int64(before.Headcount), int64(now.Headcount)),
	}}
	for _, sum := range []struct {
		name        string
		before, now *int64
	}{{"Gross", before.Gross, now.Gross}, {"Deductions", before.Deductions, now.Deductions}, {"Net pay", &before.Net, &now.Net}} {
		if sum.before == nil || sum.now == nil {
			continue
		}
		pairs = append(pairs, Pair{
			Name: sum.name, BeforeLabel: money(*sum.before, c) + " " + string(c), NowLabel: money(*sum.now, c) + " " + string(c),
			BeforeValue: *sum.before, NowValue: *sum.now, Change: ratio(*sum.before, *sum.now),
		})
	}
	return pairs
}

// ratio is a change in percent with one decimal, to the nearest: "+2.4%"; "" where
// there is none, or nothing to compare with.
func ratio(before, now int64) string {
	if before == now || before == 0 || (before < 0) != (now < 0) {
		return ""
	}
	base := new(big.Int).Abs(big.NewInt(before))
	change := new(big.Int).Sub(big.NewInt(now), big.NewInt(before))
	change.Abs(change).Mul(change, big.NewInt(2000)).Quo(change, base)
	change.Add(change, big.NewInt(1)).Rsh(change, 1)
	if change.Sign() == 0 {
		return ""
	}
	sign := "+"
	if now < before {
		sign = "−"
	}
	whole, tenth := new(big.Int).QuoRem(change, big.NewInt(10), new(big.Int))
	return sign + grouped(whole.String()) + "." + tenth.String() + "%"
}

// seenCell says who acknowledged something, and what they wrote.
func seenCell(by payroll.AdminName, note string) Cell {
	if by == "" {
		return Cell{Chip: &Chip{"Not yet", "dots", ToneWarn}}
	}
	return Cell{Chip: &Chip{"By " + string(by), "check", ToneGood}, Hint: note}
}

// twinWords say how two people can be taken for each other.
var twinWords = map[payroll.TwinKind]string{
	payroll.TwinSameName:       "the same name",
	payroll.TwinNearName:       "nearly the same name",
	payroll.TwinSameAddress:    "the same mail address",
	payroll.TwinSameKey:        "the same certificate",
	payroll.TwinForeignUserID:  "a certificate that names the other's address",
	payroll.TwinNeighborNumber: "numbers one digit apart, and like names",
}
