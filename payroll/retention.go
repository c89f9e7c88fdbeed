package payroll

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Retention is how long pay data of the people of a country are kept.
type Retention struct {
	Country string    `json:"country"` // ISO 3166-1 alpha-2; "" for everybody else
	Months  int       `json:"months"`  // from the pay date on
	Law     string    `json:"law"`     // which one says so
	By      AdminName `json:"by,omitempty"`
	At      time.Time `json:"at,omitzero"`
}

// MostMonths is the longest retention.
const MostMonths = 600

var countryCode = regexp.MustCompile(`^([A-Z]{2})?$`)

// Check refuses a row that cannot be kept.
func (r Retention) Check() error {
	switch {
	case !countryCode.MatchString(r.Country):
		return fmt.Errorf("%w: a country is two capital letters, such as AT; none for everybody else", ErrInvalid)
	case r.Months < 1 || r.Months > MostMonths:
		return fmt.Errorf("%w: pay data are kept for 1 to %d months", ErrInvalid, MostMonths)
	case CheckText("law", strings.TrimSpace(r.Law)) != nil:
		return fmt.Errorf("%w: the law is one line of at most 200 characters", ErrInvalid)
	}
	return nil
}

// RetentionTable says how long pay data are kept. The empty one keeps them for
// ever.
type RetentionTable []Retention

// Months is how long a run with people of these countries is kept: the longest of
// theirs. It is false if somebody's country has no row and there is none for
// everybody else; then the run stays.
func (t RetentionTable) Months(countries []string) (int, bool) {
	longest := 0
	for _, country := range countries {
		months, found := t.of(country)
		if !found {
			return 0, false
		}
		longest = max(longest, months)
	}
	return longest, longest > 0
}

func (t RetentionTable) of(country string) (int, bool) {
	country, _, _ = strings.Cut(strings.ToUpper(country), "-") // a state keeps as its country does
	for _, wanted := range []string{country, ""} {
		if i := slices.IndexFunc(t, func(r Retention) bool { return r.Country == wanted }); i >= 0 {
			return t[i].Months, true
		}
	}
	return 0, false
}

// Shortest is the fewest months of any row; 0 of an empty table. No run is younger
// when its time comes.
func (t RetentionTable) Shortest() int {
	shortest := 0
	for _, r := range t {
		if shortest == 0 || r.Months < shortest {
			shortest = r.Months
		}
	}
	return shortest
}

// AddMonths is the same day n months later, or the last day of that month if it
// has no such day.
func (d Date) AddMonths(n int) Date {
	month := Date{Year: d.Year, Month: d.Month, Day: 1}.utc().AddDate(0, n, 0)
	p := Period{Year: month.Year(), Month: month.Month()}
	return Date{Year: p.Year, Month: p.Month, Day: min(d.Day, p.Last().Day)}
}

// ShredNotice is how many days before its pay data are destroyed a run is
// announced. A table that was shortened destroys nothing sooner.
const ShredNotice = 7

// ShredDay is the first day on which pay data of that pay date are kept no more,
// by the company's calendar.
func ShredDay(payDate Date, months int) Date { return payDate.AddMonths(months).AddDays(1) }

// ShreddedRuns may lose their pay data once their time has come: every slip of
// theirs has come to its end.
var ShreddedRuns = []RunState{RunComplete, RunVoid, RunRejected}

// RunToShred is a run whose pay data are to be destroyed.
type RunToShred struct {
	Run     RunID    `json:"run"`
	State   RunState `json:"state"`
	Period  Period   `json:"period"`
	PayDate Date     `json:"pay_date"`
	Slips   int      `json:"slips"`
	On      Date     `json:"on"` // the first day on which they are
}

// Shredded is the error of whoever asks for pay data that were destroyed.
func Shredded(run RunID, at time.Time) error {
	return fmt.Errorf("%w: the pay data of run %d were shredded on %s, when their retention had ended; who got which slip, and when, stays", ErrWrongState, run, at.Format("2 January 2006"))
}

// MayShred says with an error why the run's pay data cannot be destroyed whatever
// the day: slips of it may still move.
func (r *Run) MayShred() error {
	if !slices.Contains(ShreddedRuns, r.State) {
		return fmt.Errorf("%w: run %d is %s; only the pay data of a run that is %v are destroyed", ErrWrongState, r.ID, r.State, ShreddedRuns)
	}
	return nil
}
