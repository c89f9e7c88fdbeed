package dispatch

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/time/rate"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Directory asks the Web Key Directory of an address' domain for its
// certificate. An error is any answer that is none; most domains have none.
type Directory interface {
	Lookup(ctx context.Context, address payroll.Address) ([]byte, error)
}

// Copies is what the refresh needs of the database.
type Copies interface {
	Roster
	Chores
	KnownCertificates(ctx context.Context, number payroll.EmployeeNumber) ([]keystore.Known, error)
	PutRefreshed(ctx context.Context, s payroll.Submission, by payroll.AdminName) error
	EndUse(ctx context.Context, number payroll.EmployeeNumber, f payroll.Fingerprint, reason string, by payroll.AdminName) error
}

// Refresh asks the employees' own domains for news of the certificates that
// slips are sealed to: a new expiry, a new subkey, a revocation. It takes nothing
// but news of the very same certificate; another one is for the employee to hand
// in. All fields are required.
type Refresh struct {
	Copies     Copies
	Directory  Directory
	Certifiers []keystore.Certificate // as a Conveyor's
	Every      time.Duration          // each certificate is asked for once in this time
	PerSecond  float64                // lookups at most
	Log        *slog.Logger
}

const (
	refreshChore = "wkd"
	refreshSlot  = time.Hour
)

// found counts what the directories answered.
type found struct{ asked, same, refreshed, revoked, another, none int }

// Refresh looks up the certificates whose turn it is in this hour. Every one has
// its hour by its fingerprint, so that the lookups spread evenly over the time
// and no worker needs to remember where it was. What an hour does not get done
// waits for the next round.
func (r *Refresh) Refresh(ctx context.Context) error {
	now, err := r.Copies.Now(ctx)
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	slot := now.Truncate(refreshSlot)
	begun, err := r.Copies.BeginChore(ctx, refreshChore, slot, refreshSlot)
	if err != nil || !begun {
		return err
	}
	standings, err := r.Copies.RosterStandings(ctx)
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, slot.Add(refreshSlot).Sub(now))
	defer cancel()
	f, err := r.lookUp(ctx, r.turn(standings, slot), now)
	r.Log.Info("certificates looked up again", "asked", f.asked, "same", f.same, "refreshed", f.refreshed,
		"revoked", f.revoked, "another", f.another, "none", f.none)
	if err != nil {
		return fmt.Errorf("refresh: %w", err)
	}
	return r.Copies.FinishChore(ctx, refreshChore, slot)
}

// turn picks the current certificates that belong to an hour, in an order that
// is another one each time, so that no end of the list always comes too late.
func (r *Refresh) turn(standings []payroll.RosterStanding, slot time.Time) []payroll.RosterStanding {
	slots := max(1, uint64(r.Every/refreshSlot))
	this := uint64(slot.Unix()/int64(refreshSlot/time.Second)) % slots
	var turn []payroll.RosterStanding
	for _, s := range standings {
		hash := fnv.New64a()
		_, _ = hash.Write([]byte(s.Fingerprint)) // never fails (hash.Hash)
		if s.Standing == payroll.CertificateCurrent && !s.Employee.OnPaper && hash.Sum64()%slots == this {
			turn = append(turn, s)
		}
	}
	rand.Shuffle(len(turn), func(i, j int) { turn[i], turn[j] = turn[j], turn[i] }) //nolint:gosec // an order, no secret
	return turn
}

// lookUp asks for one after the other. What cannot be stored stops no other.
func (r *Refresh) lookUp(ctx context.Context, turn []payroll.RosterStanding, now time.Time) (f found, err error) {
	pace := rate.NewLimiter(rate.Limit(r.PerSecond), 1)
	var troubles []error
	for _, s := range turn {
		if err := pace.Wait(ctx); err != nil {
			return f, errors.Join(append(troubles, err)...)
		}
		f.asked++
		raw, err := r.Directory.Lookup(ctx, s.Employee.Email)
		if err != nil {
			f.none++
			continue
		}
		if err := r.receive(ctx, s, raw, now, &f); err != nil {
			troubles = append(troubles, err)
		}
	}
	return f, errors.Join(troubles...)
}

// receive takes what a directory answered as `keys add` and the form take a
// file, and stores it only if it is news of the certificate that is current.
func (r *Refresh) receive(ctx context.Context, s payroll.RosterStanding, raw []byte, now time.Time, f *found) error {
	known, err := r.Copies.KnownCertificates(ctx, s.Employee.Number)
	if err != nil {
		return err
	}
	reception := keystore.Receive(raw, s.Employee.Email, known, r.Certifiers, now)
	for _, revoked := range reception.Revoked {
		if err := r.Copies.EndUse(ctx, s.Employee.Number, revoked, "revoked by its owner in the Web Key Directory", payroll.Machine); err != nil {
			return err
		}
		f.revoked++
	}
	fresh := reception.Submission
	switch {
	case len(reception.Revoked) > 0:
	case !reception.Verdict.Accepted(), fresh.Fingerprint != s.Fingerprint, !reception.Refresh:
		f.another++
	case !reception.Changed:
		f.same++
	default:
		fresh.Employee = s.Employee.Number
		if err := r.Copies.PutRefreshed(ctx, fresh, payroll.Machine); err != nil {
			return err
		}
		f.refreshed++
	}
	return nil
}
