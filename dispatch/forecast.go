package dispatch

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Roster is what a forecast needs of the database.
type Roster interface {
	Now(ctx context.Context) (time.Time, error)
	PayDates(ctx context.Context, from payroll.Date, n int) ([]payroll.Date, error)
	RosterStandings(ctx context.Context) ([]payroll.RosterStanding, error)
}

// Forecast says who is ready for a pay date, by the judge that the conveyor asks
// just before it seals. All fields but Certifiers are required.
type Forecast struct {
	Roster     Roster
	Certifiers []keystore.Certificate // as a Conveyor's
	Required   payroll.Step
	Freeze     payroll.Freeze
	Zone       *time.Location // the company's
}

// Outlook judges everybody for a pay date; the zero date is the next one that is
// planned. payroll.ErrNotFound means that none is.
func (f *Forecast) Outlook(ctx context.Context, payDate payroll.Date) (payroll.Outlook, error) {
	now, err := f.Roster.Now(ctx)
	if err != nil {
		return payroll.Outlook{}, fmt.Errorf("forecast: %w", err)
	}
	paid, err := f.payDays(ctx, now, payDate)
	if err != nil {
		return payroll.Outlook{}, fmt.Errorf("forecast: %w", err)
	}
	standings, err := f.Roster.RosterStandings(ctx)
	if err != nil {
		return payroll.Outlook{}, fmt.Errorf("forecast: %w", err)
	}
	return f.judge(ctx, paid, standings, now)
}

// Counts is the outlook in numbers, for the digest to HR.
func (f *Forecast) Counts(ctx context.Context, payDate payroll.Date) (payroll.DigestCounts, error) {
	outlook, err := f.Outlook(ctx, payDate)
	return outlook.Counts(), err
}

// soonDates are the pay date that is asked for and the next, which a certificate
// should reach too.
const soonDates = 2

func (f *Forecast) payDays(ctx context.Context, now time.Time, asked payroll.Date) (payroll.PayDays, error) {
	paid := payroll.PayDays{Zone: f.Zone, Required: f.Required, Freeze: f.Freeze}
	from := payroll.DateOf(now.In(f.Zone))
	if !asked.IsZero() {
		paid.Dates, from = []payroll.Date{asked}, asked.AddDays(1)
	}
	planned, err := f.Roster.PayDates(ctx, from, soonDates-len(paid.Dates))
	paid.Dates = append(paid.Dates, planned...)
	if err == nil && len(paid.Dates) == 0 {
		err = fmt.Errorf("%w: no pay date is planned; name one, or import a run or add a schedule that sends", payroll.ErrNotFound)
	}
	return paid, err
}

// judge asks about everybody who gets a slip by mail.
func (f *Forecast) judge(ctx context.Context, paid payroll.PayDays, standings []payroll.RosterStanding, now time.Time) (payroll.Outlook, error) {
	outlook := payroll.Outlook{PayDate: paid.Dates[0]}
	var asked []payroll.RosterStanding
	for _, s := range standings {
		switch {
		case gone(s.Employee, paid.Dates[0]):
		case s.Employee.OnPaper:
			outlook.OnPaper++
		default:
			asked = append(asked, s)
		}
	}
	outlook.People = make([]payroll.Readiness, len(asked))
	err := onAllCores(ctx, len(asked), func(i int) {
		problem, ends := keystore.Forecast(asked[i], f.Certifiers, paid.Moment(), now)
		outlook.People[i] = paid.Readiness(asked[i], problem, ends)
	})
	return outlook, err
}

// onAllCores calls do for 0 to n-1. Most of what is done for many certificates is
// the verification of their signatures.
func onAllCores(ctx context.Context, n int, do func(i int)) error {
	const share = 512 // that one core does before it takes the next
	var cores errgroup.Group
	cores.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < n; from += share {
		cores.Go(func() error {
			for i := from; i < min(from+share, n) && ctx.Err() == nil; i++ {
				do(i)
			}
			return ctx.Err()
		})
	}
	return cores.Wait()
}

// gone reports whether an employee had left before the month of the pay date, so
// that no slip is expected for them.
func gone(e payroll.Employee, payDate payroll.Date) bool {
	month := payroll.Period{Year: payDate.Year, Month: payDate.Month}
	return !e.Left.IsZero() && e.Left.Before(month.First())
}
