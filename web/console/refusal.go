package console

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web/door"
)

// refusalWithin is how long writing a refusal down may take.
const refusalWithin = 5 * time.Second

// noteRefusal writes into the audit log that the rules refused something to
// somebody who is signed in, and what: of each person so many at once and then one a
// minute (rateRefused), since a loop of theirs must not fill it. All have their line
// in the log of requests.
func (s *Server) noteRefusal(r *http.Request, by payroll.AdminName, origin payroll.Origin, err error) error {
	if by == "" || !errors.Is(err, payroll.ErrNotAllowed) || !s.rates[rateRefused].Allow(string(by), s.Now()) {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), refusalWithin)
	defer cancel()
	line := door.LineOf(r)
	return s.Desk.NoteRefusal(payroll.WithOrigin(ctx, origin), by, line.Method+" "+line.Route)
}
