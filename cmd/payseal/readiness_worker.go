package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/payseal/payseal/dispatch"
	"github.com/payseal/payseal/internal/config"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/keystore/wkd"
	"github.com/payseal/payseal/payroll"
)

// newHousekeeping is what a worker does once a day.
func newHousekeeping(c config.Config, store *postgres.Store, signer *keystore.Signer, log *slog.Logger) (*dispatch.Housekeeping, error) {
	zone, err := time.LoadLocation(c.Company.Zone)
	if err != nil {
		return nil, fmt.Errorf("company.zone: %w", err)
	}
	at, err := time.Parse("15:04", c.Readiness.At)
	if err != nil {
		return nil, fmt.Errorf("readiness.at: %w", err)
	}
	return &dispatch.Housekeeping{
		House: store, Signer: signer, Hour: at.Hour(), Minute: at.Minute(), Zone: zone,
		Reminders: c.Readiness.Reminders, DigestTo: payroll.Address(c.Readiness.DigestTo), DigestDays: c.Readiness.DigestDays,
		LeaverDays: c.Policy.LeaverDays, Log: log,
	}, nil
}

// newCanary is the test slip of every day; nil if the configuration wants none.
func newCanary(c config.Config, store *postgres.Store, log *slog.Logger) (*dispatch.Canary, error) {
	if c.Canary.Employee == "" {
		return nil, nil //nolint:nilnil // none is wanted
	}
	zone, err := time.LoadLocation(c.Company.Zone)
	if err != nil {
		return nil, fmt.Errorf("company.zone: %w", err)
	}
	at, err := time.Parse("15:04", c.Canary.At)
	if err != nil {
		return nil, fmt.Errorf("canary.at: %w", err)
	}
	return &dispatch.Canary{
		Cage: store, Employee: payroll.EmployeeNumber(c.Canary.Employee), Hour: at.Hour(), Minute: at.Minute(), Zone: zone, Log: log,
	}, nil
}

// lookupsPerSecond is how fast a worker asks foreign directories at most.
const lookupsPerSecond = 2

// newRefresh asks foreign directories for news of certificates; nil if the
// configuration wants none.
func newRefresh(c config.Config, store *postgres.Store, certifiers []keystore.Certificate, log *slog.Logger) *dispatch.Refresh {
	if c.WKD.Refresh == 0 {
		return nil
	}
	return &dispatch.Refresh{
		Copies: copies{store}, Directory: &wkd.Client{}, Certifiers: certifiers,
		Every: time.Duration(c.WKD.Refresh), PerSecond: lookupsPerSecond, Log: log,
	}
}

// copies gives the refresh what the database keeps, without the rows that
// commands show.
type copies struct{ *postgres.Store }

func (c copies) KnownCertificates(ctx context.Context, number payroll.EmployeeNumber) ([]keystore.Known, error) {
	stored, err := c.CertificatesOf(ctx, number)
	return knownOf(stored), err
}

func (c copies) PutRefreshed(ctx context.Context, s payroll.Submission, by payroll.AdminName) error {
	_, err := c.PutCertificate(ctx, s, by)
	return err
}

func (c copies) EndUse(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, reason string, by payroll.AdminName) error {
	_, err := c.RevokeCertificate(ctx, number, f, reason, by)
	return err
}
