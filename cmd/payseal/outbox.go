package main

import (
	"context"
	"time"

	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// outbox addresses what goes to HR: the database does not know where they read
// their mail, the worker's configuration does.
type outbox struct {
	*postgres.Store
	hr payroll.Address // readiness.digest_to; "": nobody is told
}

// ClaimNotices is the store's, with HR's address. A notice to HR for which there
// is none is dropped: the report itself is kept (payseal employees reports), and so
// is the alarm (payseal alarms).
func (o outbox) ClaimNotices(ctx context.Context, n int, lease time.Duration) ([]payroll.Notice, error) {
	claimed, err := o.Store.ClaimNotices(ctx, n, lease)
	var addressed []payroll.Notice
	for _, notice := range claimed {
		if notice.To == "" && (notice.Kind == payroll.NoticeReportAlert || notice.Kind == payroll.NoticeAlarm) {
			notice.To = o.hr
		}
		if notice.To != "" {
			addressed = append(addressed, notice)
			continue
		}
		if err := o.DropNotice(ctx, notice.ID); err != nil {
			return addressed, err
		}
	}
	return addressed, err
}
