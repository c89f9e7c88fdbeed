package postgres

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

const (
	// comparisons are the people who compared the fingerprint of certificate c,
	// one row each, since it was handed in.
	comparisons = `select k.by_admin, min(k.at) as at from certificate_steps k where k.certificate = c.id and k.step = 'phone_checked'
		and k.method in ('phone', 'in-person') and k.at > coalesce(` + handedIn + `, '-infinity') group by k.by_admin`
	handedIn = `(select max(h.at) from certificate_steps h where h.certificate = c.id and h.step = 'submitted' and h.method = '')`

	// emailFrozen and keyFrozen say of employee e and certificate c whether one
	// took the place of another since the freeze began at f.since.
	emailFrozen = `coalesce(e.email_changed_at >= f.since, false)`
	keyFrozen   = `coalesce(c.replaces is not null and c.current_since >= f.since, false)`
	// lastChange is the moment after which two people must have released.
	lastChange = `greatest(e.email_changed_at, case when c.replaces is not null then c.current_since end)`

	// frozen says whether the change freeze holds slip s: nothing more is looked
	// at where nothing has changed.
	frozen = `case when ` + emailFrozen + ` or ` + keyFrozen + ` then
			(select count(*) from slip_releases l where l.slip = s.id and l.at > ` + lastChange + `) < 2
			and (` + emailFrozen + ` or (select count(*) from (` + comparisons + `) k) < 2)
		else false end`
)

// CallsWaiting are the employees whose certificate waits for a person to compare
// its fingerprint, those first who wait longest: candidates that their owner has
// shown to open, and those that HR handed in.
func (s *Store) CallsWaiting(ctx context.Context, freeze payroll.Freeze) ([]payroll.Call, error) {
	calls, _, err := s.callsWaiting(ctx, freeze, "", math.MaxInt32)
	return calls, err
}

// callsWaiting is the first most of CallsWaiting, and how many there are, of one
// employee or, with "", of everybody. What is looked up of each is so only of
// those that are given.
func (s *Store) callsWaiting(ctx context.Context, freeze payroll.Freeze, number payroll.EmployeeNumber, most int) (calls []payroll.Call, waiting int, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `with w as materialized (select c.id, c.employee, t.since, t.handed_in_by, count(*) over ()::int as n
			from certificates c join employees e on e.number = c.employee
				join lateral (select max(k.at) as since, (array_agg(case when k.by_worker then 'payseal' else k.by_admin end order by k.at desc)
						filter (where k.step = 'submitted' and k.method = ''))[1] as handed_in_by
					from certificate_steps k where k.certificate = c.id) t on true
			where c.standing = 'candidate' and c.step in ('submitted', 'address_proven', 'decryption_proven')
				and (c.step = 'decryption_proven' or t.handed_in_by is not null) and not coalesce(e.left_on < current_date, false)
				and ($1 = '' or c.employee = $1)
			order by t.since, c.employee limit $2)
			select e.number, e.name, e.phone, c.fingerprint, w.since, `+isRekey+`, coalesce(w.handed_in_by, '(employee)'),
				coalesce((select k.by_admin from (`+comparisons+`) k order by k.at limit 1), ''), 1, w.n
			from w join certificates c using (id) join employees e on e.number = w.employee order by w.since, e.number`, number, most)
		if err != nil {
			return wrap("read who waits for a call", err)
		}
		var c payroll.Call
		_, err = pgx.ForEachRow(rows, []any{&c.Employee, &c.Name, &c.Phone, &c.Fingerprint, &c.Since, &c.Rekey, &c.HandedInBy, &c.CheckedBy, &c.Needed, &waiting},
			func() error {
				calls = append(calls, c)
				return nil
			})
		if err != nil {
			return wrap("read who waits for a call", err)
		}
		rekeys, err := checksNeeded(ctx, tx, freeze, true)
		for i := range calls {
			if calls[i].Rekey {
				calls[i].Needed = rekeys
			}
		}
		return err
	})
	return calls, waiting, err
}

// ReleaseFrozen notes that a person releases a slip that the change freeze holds,
// and says how many have by now, since the change. It takes two; then the slip
// goes by itself. Nobody counts twice.
func (s *Store) ReleaseFrozen(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, reason string, by payroll.AdminName) (int, error) {
	if strings.TrimSpace(reason) == "" {
		return 0, fmt.Errorf("%w: say why the slip may go", payroll.ErrInvalid)
	}
	var releases int
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var id string
		var hold payroll.HoldReason
		var changed *time.Time // null where nothing ever did
		err := tx.QueryRow(ctx, `select s.id::text, s.hold, `+lastChange+` from slips s join employees e on e.number = s.employee
				left join certificates c on c.employee = e.number and c.standing = 'current'
			where s.run = $1 and s.employee = $2 for update of s`, run, number).Scan(&id, &hold, &changed)
		if err != nil {
			return wrap("read slip", err)
		}
		if hold != payroll.HoldChangeFreeze || changed == nil {
			return fmt.Errorf("%w: the change freeze does not hold this slip", payroll.ErrWrongState)
		}
		tag, err := tx.Exec(ctx, `insert into slip_releases as l (slip, by_admin, reason) values ($1, $2, $3)
			on conflict (slip, by_admin) do update set at = clock_timestamp(), reason = excluded.reason where l.at <= $4`, id, by, reason, changed)
		if err != nil {
			return wrap("release slip", err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("%w: %s has released this slip; a second person must too", payroll.ErrNotAllowed, by)
		}
		err = tx.QueryRow(ctx, `select count(*)::int from slip_releases where slip = $1 and at > $2`, id, changed).Scan(&releases)
		if err != nil {
			return wrap("count releases", err)
		}
		return record(ctx, tx, slipAct(by, "slip.release_frozen", run, number, map[string]string{"reason": reason}))
	})
	return releases, err
}
