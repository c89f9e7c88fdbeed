package dispatch_test

import (
	"strings"
	"testing"

	"github.com/payseal/payseal/payroll"
)

// TestASlipThatCannotBeDrawnIsHeld: it waits with its reason, the others of its
// bundle go, and the log says nothing of the name.
func TestASlipThatCannotBeDrawnIsHeld(t *testing.T) {
	t.Parallel()
	const name = "กิตติศักดิ์" // in no font of the office
	o := openOffice(t, 3, func(s *payroll.Slip) {
		if s.Employee.Number == number(1) {
			s.Employee.Name = name
		}
	}, nil)
	o.carry(o.conveyor())
	for _, s := range o.statuses() {
		state, hold := payroll.SlipAccepted, payroll.HoldReason("")
		if s.Employee == number(1) {
			state, hold = payroll.SlipHeld, payroll.HoldUnwritable
		}
		if s.State != state || s.Hold != hold {
			t.Errorf("%s is %s %s, want %s %s", s.Employee, s.State, s.Hold, state, hold)
		}
	}
	if log := o.log.String(); !strings.Contains(log, "slip cannot be written") || strings.Contains(log, name) {
		t.Error(log)
	}
}
