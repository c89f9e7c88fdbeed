package dispatch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Chores are what workers do at set times, once whatever their number.
type Chores interface {
	BeginChore(ctx context.Context, name string, due time.Time, lease time.Duration) (bool, error)
	FinishChore(ctx context.Context, name string, due time.Time) error
}

// House is what the daily chores need of the database.
type House interface {
	Roster
	Chores
	CreateReminder(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, topic string) (bool, error)
	CreateDigest(ctx context.Context, to payroll.Address, topic string) (bool, error)
	Leavers(ctx context.Context, before payroll.Date) ([]payroll.Leaver, error)
	PutRevokedCertification(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, content []byte, by payroll.AdminName) error
	Tidy(ctx context.Context) error
	AnnounceShreds(ctx context.Context, today payroll.Date) error
	ShredDue(ctx context.Context) ([]payroll.RunToShred, error)
	ShredRun(ctx context.Context, id payroll.RunID, today payroll.Date, reason string, by payroll.AdminName) error
}

// Housekeeping is what happens once a day: employees are reminded of
// certificates that end, HR is told in numbers who is not ready, the company
// takes back its word on the certificates of people who left, pay data whose
// retention has ended are destroyed, and what nobody needs any more goes. All fields but DigestTo are required.
type Housekeeping struct {
	House        House
	Signer       *keystore.Signer
	Hour, Minute int // when, by the clock of Zone
	Zone         *time.Location
	Reminders    bool
	DigestTo     payroll.Address // "": no digest
	DigestDays   []int           // before a pay date
	LeaverDays   int             // after leaving
	Log          *slog.Logger
}

const (
	dailyChore = "daily"
	choreLease = 30 * time.Minute // a worker that died gives a chore back by then
)

// Keep does the day's chores if their time has come and no worker has done them.
// What fails is tried again when the lease is over; what was done by then is not
// done twice, because each reminder, digest and revocation is written down once.
// A damaged certificate is an error too, but once a day: trying again mends none.
func (h *Housekeeping) Keep(ctx context.Context) error {
	now, err := h.House.Now(ctx)
	if err != nil {
		return fmt.Errorf("keep house: %w", err)
	}
	due := payroll.DateOf(now.In(h.Zone)).At(h.Hour, h.Minute, h.Zone)
	if now.Before(due) {
		return nil
	}
	begun, err := h.House.BeginChore(ctx, dailyChore, due, choreLease)
	if err != nil || !begun {
		return err
	}
	damage, err := h.partFromLeavers(ctx, now)
	err = errors.Join(h.remind(ctx, now), h.digest(ctx, now), err, h.shred(ctx, now), h.House.Tidy(ctx))
	if err == nil {
		err = h.House.FinishChore(ctx, dailyChore, due)
	}
	if err = errors.Join(err, damage); err != nil {
		return fmt.Errorf("keep house: %w", err)
	}
	return nil
}

// remind writes the reminders that are due today for certificates that slips are
// sealed to.
func (h *Housekeeping) remind(ctx context.Context, now time.Time) error {
	if !h.Reminders {
		return nil
	}
	standings, err := h.House.RosterStandings(ctx)
	if err != nil {
		return fmt.Errorf("remind: %w", err)
	}
	today := payroll.DateOf(now.In(h.Zone))
	standings = slices.DeleteFunc(standings, func(s payroll.RosterStanding) bool {
		return s.Standing != payroll.CertificateCurrent || s.Employee.OnPaper || gone(s.Employee, today)
	})
	ends := make([]time.Time, len(standings))
	err = onAllCores(ctx, len(standings), func(i int) {
		if certificate, readable := keystore.ReadStored(standings[i].Certificate, standings[i].Fingerprint); readable && certificate.Problem(now) == "" {
			ends[i] = certificate.EncryptionEnds(now)
		}
	})
	if err != nil {
		return fmt.Errorf("remind: %w", err)
	}
	written := 0
	for i, s := range standings {
		topic, due := payroll.DueReminder(ends[i], now, h.Zone)
		if !due {
			continue
		}
		created, err := h.House.CreateReminder(ctx, s.Employee.Number, s.Fingerprint, topic)
		if err != nil {
			return fmt.Errorf("remind: %w", err)
		}
		if created {
			written++
		}
	}
	h.Log.Info("employees reminded that their certificate ends", "reminders", written)
	return nil
}

// farthestDates are more pay dates than lie within the longest notice of a
// digest (60 days), weekly wages included.
const farthestDates = 10

// digest tells HR of every pay date that is near enough. What is in it is
// counted when it is sent.
func (h *Housekeeping) digest(ctx context.Context, now time.Time) error {
	if h.DigestTo == "" {
		return nil
	}
	today := payroll.DateOf(now.In(h.Zone))
	dates, err := h.House.PayDates(ctx, today, farthestDates)
	if err != nil {
		return fmt.Errorf("write digest: %w", err)
	}
	for _, date := range dates {
		topic, due := payroll.DueDigest(date, today, h.DigestDays)
		if !due {
			continue
		}
		if _, err := h.House.CreateDigest(ctx, h.DigestTo, topic); err != nil {
			return fmt.Errorf("write digest: %w", err)
		}
	}
	return nil
}

// partFromLeavers revokes the company's certification on the certificates of
// people who left long enough ago. damage is what is wrong with certificates; one
// that cannot be revoked stops no other.
func (h *Housekeeping) partFromLeavers(ctx context.Context, now time.Time) (damage, err error) {
	before := payroll.DateOf(now.In(h.Zone)).AddDays(-h.LeaverDays)
	leavers, err := h.House.Leavers(ctx, before)
	if err != nil {
		return nil, fmt.Errorf("part from leavers: %w", err)
	}
	revoked := 0
	for _, l := range leavers {
		content, wrong := h.revoked(l.Content, now)
		if wrong != nil {
			damage = errors.Join(damage, fmt.Errorf("part from leaver's certificate %s: %w", l.Fingerprint, wrong))
			continue
		}
		if err := h.House.PutRevokedCertification(ctx, l.Employee, l.Fingerprint, content, payroll.Machine); err != nil {
			return damage, fmt.Errorf("part from leaver's certificate %s: %w", l.Fingerprint, err)
		}
		revoked++
	}
	if len(leavers) > 0 {
		h.Log.Info("certifications of leavers revoked", "leavers", len(leavers), "revoked", revoked)
	}
	return damage, nil
}

// revoked is a stored certificate with the company's certification taken back.
func (h *Housekeeping) revoked(content []byte, now time.Time) ([]byte, error) {
	certificate, err := keystore.ReadCertificate(content)
	if err != nil {
		return nil, err
	}
	certificate, err = h.Signer.RevokeCertification(certificate, now)
	return certificate.Bytes(), err
}
