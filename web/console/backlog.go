package console

import (
	"context"
	"sync"
	"time"

	"github.com/payseal/payseal/payroll"
)

// backlog is what waits for people, asked of the database at most every few
// seconds for everybody.
type backlog struct {
	mu   sync.Mutex
	at   time.Time
	last payroll.Waiting
}

// backlogLasts is how old a count in the navigation may be.
const backlogLasts = 5 * time.Second

func (w *backlog) of(ctx context.Context, desk OfficeDesk, now time.Time) (payroll.Waiting, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if age := now.Sub(w.at); w.at.IsZero() || age < 0 || age >= backlogLasts {
		last, err := desk.Waiting(ctx)
		if err != nil {
			return payroll.Waiting{}, err
		}
		w.last, w.at = last, now
	}
	return w.last, nil
}

// forget lets the next page ask again, after an act.
func (w *backlog) forget() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = time.Time{}
}
