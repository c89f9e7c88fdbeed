package dispatch_test

import (
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestTheVaultsWord: an approval leaves the vault's word beside each certificate.
// It is good for the bytes that were looked at, and a word that somebody wrote there
// who is not the vault is good for nothing.
func TestTheVaultsWord(t *testing.T) {
	t.Parallel()
	const breakBinding = `update certificates set content = set_byte(content, length(content) - 1, get_byte(content, length(content) - 1) # 1)`
	for name, c := range map[string]struct {
		change string
		want   payroll.HoldReason
	}{
		"stands":                   {`select 1 / (select count(proof) from certificates)`, ""},
		"is gone":                  {`update certificates set proof = null`, ""},
		"is another's":             {`update certificates set proof = sha256('x')`, ""},
		"on a broken one":          {breakBinding, payroll.HoldUnusable},
		"made up for a broken one": {breakBinding + `; update certificates set proof = sha256(content)`, payroll.HoldUnusable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, 1)
			o.exec(c.change)
			o.carry(o.conveyor())
			if status := o.statuses()[0]; status.Hold != c.want || (status.State == payroll.SlipAccepted) != (c.want == "") {
				t.Errorf("%+v, want %q", status, c.want)
			}
		})
	}
}
