package postgres

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/payseal/payseal/payroll"
)

func TestInviteEmployees(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	gone, paper := kiran("4", "g@acme.example"), kiran("5", "o@acme.example")
	gone.Left = payroll.Date{Year: 2020, Month: time.January, Day: 31}
	paper.OnPaper, paper.PaperReason = true, "by choice"
	putEmployees(t, s, kiran("1", "a@acme.example"), kiran("2", "b@acme.example"), kiran("3", "c@acme.example"), gone, paper)
	enrolled(t, s, "2", "B")
	submit(t, s, "3", "C")
	type numbers = []payroll.EmployeeNumber
	for _, test := range []struct {
		ask, want numbers
		err       error
	}{
		{nil, numbers{"1", "3"}, nil},
		{nil, numbers{}, nil}, // they wait to be sent
		{numbers{"1", "2", "5"}, numbers{"2", "5"}, nil},
		{numbers{"1", "nobody"}, nil, payroll.ErrNotFound},
		{numbers{"4"}, nil, payroll.ErrWrongState},
		{numbers{}, numbers{}, nil},
	} {
		invited, err := s.InviteEmployees(t.Context(), test.ask, "operator")
		if diff := cmp.Diff(test.want, invited); diff != "" || !errors.Is(err, test.err) {
			t.Errorf("%v: %v\n%s", test.ask, err, diff)
		}
	}
}
