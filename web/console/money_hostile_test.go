package console

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestRunsOfMoneyAtTheEdge: the largest sums and changes, in currencies with none,
// two and three decimals, on every page and in every report that has amounts.
func TestRunsOfMoneyAtTheEdge(t *testing.T) {
	t.Parallel()
	c := newConsole(t).unlimited()
	staff := c.hire(3)
	eve, script := c.as("eve"), c.program("eve")
	for currency, most := range map[payroll.Currency]string{"JPY": "9,223,372,036,854,775,806", "EUR": "92,233,720,368,547,758.06", "KWD": "9,223,372,036,854,775.806"} {
		pay := func(nets ...int64) payroll.RunID {
			slips := make([]payroll.Slip, len(nets))
			for i, net := range nets {
				m := payroll.Money{Minor: net, Currency: currency}
				slips[i] = slipOf(staff[i].Employee, 0)
				slips[i].Currency, slips[i].Net, slips[i].Gross, slips[i].Deductions = currency, m, &m, &payroll.Money{Currency: currency}
				slips[i].Lines = []payroll.Line{{Kind: payroll.LineEarning, Label: "Pay", Amount: m}}
			}
			return c.paid(currency, slips...)
		}
		before := pay(math.MaxInt64, math.MinInt64, 1)
		now := pay(math.MinInt64, math.MaxInt64, math.MaxInt64)
		c.exec(`update runs set compared = $1 where id = $2`, before, now)
		for _, path := range []string{"", "/check", "/check?kind=variance", "/check?slip=0000", "/review", "/slips", "/slips/0000/page.pdf", "/slips/0001"} {
			if a := eve.get(fmt.Sprintf("/runs/%d%s", now, path)); a.status >= http.StatusInternalServerError {
				t.Errorf("%s of %s: status %d", path, currency, a.status)
			} else if path == "" && !strings.Contains(a.body, most) {
				t.Errorf("the page of a run does not say %s\n%s", most, mainOf(a.body))
			}
		}
		for _, path := range []string{"/totals", "/remarks", "/slips", "/review"} {
			if a := script.get(fmt.Sprintf("/runs/%d%s", now, path)); a.status >= http.StatusInternalServerError {
				t.Errorf("%s of %s by the API: status %d", path, currency, a.status)
			}
		}
		for _, form := range []string{"csv", "pdf"} {
			if a := eve.confirmed(fmt.Sprintf("/runs/%d/report", now), "form", form); a.status >= http.StatusInternalServerError {
				t.Errorf("the report of %s as %s: status %d", currency, form, a.status)
			}
		}
	}
	slip := slipOf(staff[0].Employee, math.MaxInt64)
	_, err := c.store.CreateRun(t.Context(), payroll.Run{Period: november, PayDate: november27, Currency: "EUR", ImportedBy: "ada", Supplement: true, FileSHA256: payroll.Digest(nil)},
		func(yield func(payroll.Slip, error) bool) {
			_ = yield(slip, nil) && yield(slipOf(staff[1].Employee, 1), nil)
		})
	if err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("a sum beyond every number: %v", err)
	}
}

// paid is a run in that currency that ada has submitted.
func (c *testConsole) paid(currency payroll.Currency, slips ...payroll.Slip) payroll.RunID {
	c.t.Helper()
	run := payroll.Run{Period: november, PayDate: november27, Currency: currency, ImportedBy: "ada", Supplement: true, FileSHA256: payroll.Digest([]byte(fmt.Sprint(currency, slips)))}
	id, err := c.store.CreateRun(c.t.Context(), run, func(yield func(payroll.Slip, error) bool) {
		for _, s := range slips {
			if !yield(s, nil) {
				return
			}
		}
	})
	must(c.t, err)
	must(c.t, c.store.SubmitRun(c.t.Context(), id, "ada", false))
	return id
}
