package main

import (
	"context"
	"time"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
)

// openPost sends notices through the conveyor's rooms.
func openPost(c config.Config, store *postgres.Store, conveyor *dispatch.Conveyor) (*dispatch.Post, error) {
	forecast, err := newForecast(c, store, conveyor.Certifiers)
	if err != nil {
		return nil, err
	}
	return &dispatch.Post{
		Outbox: outbox{store, payroll.Address(c.Readiness.DigestTo)}, Signer: conveyor.Signer, Letterhead: conveyor.Letterhead, Relay: conveyor.Relay, Pace: conveyor.Pace,
		Sender: conveyor.Sender, Counts: forecast.Counts, LinkValid: time.Duration(c.Web.LinkValid),
		Retry:  payroll.Retry{First: 10 * time.Second, Max: 10 * time.Minute, ResendUnsure: true, UnsureDelay: 30 * time.Second},
		GiveUp: time.Duration(c.Delivery.GiveUp), Grace: conveyor.Grace, Now: conveyor.Now, Metrics: conveyor.Metrics, Log: conveyor.Log,
	}, nil
}

// openUsher certifies what employees vouched for themselves.
func openUsher(c config.Config, store *postgres.Store, conveyor *dispatch.Conveyor) *dispatch.Usher {
	return &dispatch.Usher{
		Ladder: vouchedLadder{store, payroll.Step(c.Policy.RequiredStep)}, Signer: conveyor.Signer,
		Certifiers: conveyor.Signer.Certifiers(), Now: conveyor.Now, Log: conveyor.Log,
	}
}

// vouchedLadder climbs as policy wants.
type vouchedLadder struct {
	*postgres.Store
	required payroll.Step
}

func (l vouchedLadder) ClimbVouched(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, certified []byte) error {
	climb := payroll.Climb{Employee: number, Fingerprint: f, Content: certified, Required: l.required}
	_, err := l.CertifyVouched(ctx, climb, payroll.Machine)
	return err
}
