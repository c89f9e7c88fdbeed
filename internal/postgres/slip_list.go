package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

const (
	slipLineColumns = `s.id::text as id, s.employee, e.name, s.state, s.hold, coalesce(a.fingerprint, s.pin_fingerprint) as fingerprint,
		(select count(*)::int from attempts n where n.slip = s.id) as attempts,
		coalesce(a.outcome, '') as outcome, coalesce(a.phase, '') as phase, coalesce(a.code, 0) as code, coalesce(a.reply, '') as reply, a.finished_at,
		case when s.state in ('queued', 'deferred') then s.due_at end as due_at, s.changed_at, coalesce(s.supersedes::text, '') as supersedes`
	slipLineJoins = `join employees e on e.number = s.employee
		left join lateral (select * from attempts a where a.slip = s.id order by begun_at desc limit 1) a on true`
)

// SlipLines reads a page of a run's slips in the order of the employees' numbers.
func (s *Store) SlipLines(ctx context.Context, run payroll.RunID, q payroll.SlipQuery) ([]payroll.SlipLine, error) {
	where, order := "s.run = @run", ""
	if q.State != "" {
		where += " and s.state = @state"
	}
	if q.Prefix != "" { // of the collation "C": by the bytes
		where += " and s.employee >= @prefix and s.employee < @prefix || chr(1114111)"
	}
	switch {
	case q.Before != "":
		where, order = where+" and s.employee < @before", " desc"
	case q.After != "":
		where += " and s.employee > @after"
	}
	rows, err := s.pool.Query(ctx, `select `+slipLineColumns+` from (select * from slips s where `+where+` order by s.employee`+order+` limit @limit) s `+slipLineJoins+`
		order by s.employee`, pgx.NamedArgs{
		"run": run, "state": q.State, "prefix": q.Prefix, "before": q.Before, "after": q.After, "limit": limited(q.Limit),
	})
	if err != nil {
		return nil, wrap("read slips", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.SlipLine])
	return lines, wrap("read slips", err)
}

// WalkSlips hands every slip of a run to visit, in the order of the employees'
// numbers, without holding more than one. It stops at visit's first error.
func (s *Store) WalkSlips(ctx context.Context, run payroll.RunID, visit func(payroll.SlipLine) error) error {
	rows, err := s.pool.Query(ctx, `select `+slipLineColumns+` from slips s `+slipLineJoins+` where s.run = $1 order by s.employee`, run)
	if err != nil {
		return wrap("read slips", err)
	}
	defer rows.Close()
	for rows.Next() {
		line, err := pgx.RowToStructByName[payroll.SlipLine](rows)
		if err != nil {
			return wrap("read slips", err)
		}
		if err := visit(line); err != nil {
			return err
		}
	}
	return wrap("read slips", rows.Err())
}

// SlipAccount is all that is known of one slip, but not what it says. freeze says
// whether the change freeze holds it now.
func (s *Store) SlipAccount(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, freeze payroll.Freeze) (payroll.SlipAccount, error) {
	doing := fmt.Sprintf("read a slip of run %d", run)
	var a payroll.SlipAccount
	line, err := s.slipLine(ctx, run, number)
	if err != nil {
		return a, wrap(doing, err)
	}
	a.SlipLine = line
	if a.Shredded, err = s.shredded(ctx, line.ID); err != nil || a.Shredded {
		return a, errors.Join(wrap(doing, err), wrap(doing, s.fillAccount(ctx, &a)))
	}
	payDate, err := s.payDate(ctx, run)
	if err != nil {
		return a, err
	}
	rows, err := s.pool.Query(ctx, `select `+parcelColumns+` from slips s cross join (select @since::timestamptz as since) f `+parcelJoins+`
		where s.id = @id`, pgx.NamedArgs{"since": freeze.Since(payDate), "id": line.ID})
	if err != nil {
		return a, wrap(doing, err)
	}
	parcels, err := s.collectParcels(ctx, rows)
	if err != nil {
		return a, wrap(doing, err)
	}
	if len(parcels) == 0 {
		return a, wrap(doing, pgx.ErrNoRows)
	}
	a.Pin, a.Standing, a.Certificate = parcels[0].Pin, parcels[0].Standing, parcels[0].Certificate
	return a, wrap(doing, s.fillAccount(ctx, &a))
}

// shredded reports whether a slip's pay data are gone.
func (s *Store) shredded(ctx context.Context, id payroll.SlipID) (gone bool, err error) {
	err = s.pool.QueryRow(ctx, `select r.shredded_at is not null from slips s join runs r on r.id = s.run where s.id = $1`, id).Scan(&gone)
	return gone, err
}

func (s *Store) slipLine(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber) (payroll.SlipLine, error) {
	rows, err := s.pool.Query(ctx, `select `+slipLineColumns+` from slips s `+slipLineJoins+` where s.run = $1 and s.employee = $2`, run, number)
	if err != nil {
		return payroll.SlipLine{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[payroll.SlipLine])
}

// fillAccount reads what other tables say of the slip.
func (s *Store) fillAccount(ctx context.Context, a *payroll.SlipAccount) error {
	err := s.pool.QueryRow(ctx, `select s.give_up_at, s.noticed_at, coalesce((select o.run from slips o where o.id = s.supersedes), 0),
			coalesce((select max(c.run) from slips c join runs r on r.id = c.run where c.supersedes = s.id and r.state not in ('void', 'rejected')), 0)
		from slips s where s.id = $1`, a.ID).Scan(&a.GiveUpAt, &a.NoticedAt, &a.Original, &a.Successor)
	if err != nil {
		return err
	}
	rows, err := s.pool.Query(ctx, `select id::text as id, fingerprint, begun_at, finished_at, coalesce(outcome, '') as outcome, phase, code, reply
		from attempts where slip = $1 order by begun_at, id`, a.ID)
	if err != nil {
		return err
	}
	if a.Tried, err = pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Tried]); err != nil {
		return err
	}
	rows, err = s.pool.Query(ctx, `select l.by_admin as by, l.at, l.reason, l.at > coalesce(`+lastChange+`, '-infinity') as counts
		from slip_releases l join slips s on s.id = l.slip join employees e on e.number = s.employee
			left join certificates c on c.employee = e.number and c.standing = 'current'
		where l.slip = $1 order by l.at`, a.ID)
	if err != nil {
		return err
	}
	if a.Releases, err = pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Release]); err != nil {
		return err
	}
	rows, err = s.pool.Query(ctx, `select case first when $2 then second else first end from twins t
		where t.run = (select run from slips where id = $1) and t.acknowledged_at is null and $2 in (first, second) order by 1`, a.ID, a.Employee)
	if err != nil {
		return err
	}
	twins, err := pgx.CollectRows(rows, pgx.RowTo[payroll.EmployeeNumber])
	a.Twins = slices.Compact(twins)
	return err
}
