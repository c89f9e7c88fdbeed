package dispatch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/payseal/payseal/payroll"
)

// shredReason stands in the audit log where nobody gave one.
const shredReason = "its retention has ended"

// shred destroys the pay data of runs whose retention has ended and that were
// announced long enough ago, and announces those that come next. A correction goes
// before the run that it corrects. What stands in the way of one run stops no
// other.
func (h *Housekeeping) shred(ctx context.Context, now time.Time) error {
	today := payroll.DateOf(now.In(h.Zone))
	if err := h.House.AnnounceShreds(ctx, today); err != nil {
		return fmt.Errorf("shred pay data: %w", err)
	}
	due, err := h.House.ShredDue(ctx)
	if err != nil {
		return fmt.Errorf("shred pay data: %w", err)
	}
	due = slices.DeleteFunc(due, func(r payroll.RunToShred) bool { return today.Before(r.On) })
	slices.SortFunc(due, func(a, b payroll.RunToShred) int { return cmp.Compare(b.Run, a.Run) })
	for _, run := range due {
		err := h.House.ShredRun(ctx, run.Run, today, shredReason, payroll.Machine)
		switch {
		case errors.Is(err, payroll.ErrWrongState):
			h.Log.Warn("pay data are kept although their retention has ended", "run", run.Run, "why", err)
		case err != nil:
			return fmt.Errorf("shred pay data: %w", err)
		default:
			h.Log.Info("pay data were shredded", "run", run.Run, "pay_date", run.PayDate.String())
		}
	}
	return nil
}
