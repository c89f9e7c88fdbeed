package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Retention reads how long pay data are kept, by country; everybody else last.
func (s *Store) Retention(ctx context.Context) (payroll.RetentionTable, error) {
	return retentionTable(ctx, s.pool)
}

func retentionTable(ctx context.Context, q rowsQuerier) (payroll.RetentionTable, error) {
	rows, err := q.Query(ctx, `select country, months, law, by_admin as by, at from retention order by country = '', country`)
	if err != nil {
		return nil, wrap("read the retention table", err)
	}
	table, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Retention])
	return table, wrap("read the retention table", err)
}

// PutRetention adds a row of the retention table, or changes it.
func (s *Store) PutRetention(ctx context.Context, r payroll.Retention, reason string, by payroll.AdminName) error {
	if err := r.Check(); err != nil {
		return err
	}
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%w: say why", payroll.ErrInvalid)
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var before int
		err := tx.QueryRow(ctx, `with was as (select months from retention where country = $1)
			insert into retention (country, months, law, by_admin) values ($1, $2, $3, $4)
			on conflict (country) do update set months = excluded.months, law = excluded.law, by_admin = excluded.by_admin, at = clock_timestamp()
			returning coalesce((select months from was), 0)`, r.Country, r.Months, r.Law, by).Scan(&before)
		if err != nil {
			return wrap("change the retention table", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "retention.set", Subject: retentionSubject(r.Country), Detail: map[string]string{
			"months": strconv.Itoa(r.Months), "before": strconv.Itoa(before), "law": r.Law, "reason": reason}})
	})
}

func retentionSubject(country string) string { return strings.TrimSpace("retention " + country) }

// RemoveRetention takes a row out: whoever is of that country is kept like
// everybody else, or for ever.
func (s *Store) RemoveRetention(ctx context.Context, country, reason string, by payroll.AdminName) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%w: say why", payroll.ErrInvalid)
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var before int
		if err := tx.QueryRow(ctx, `delete from retention where country = $1 returning months`, country).Scan(&before); err != nil {
			return wrap("change the retention table", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "retention.remove", Subject: retentionSubject(country),
			Detail: map[string]string{"before": strconv.Itoa(before), "reason": reason}})
	})
}

// keptRun is a run as the retention looks at it.
type keptRun struct {
	ID      payroll.RunID
	State   payroll.RunState
	PayDate payroll.Date
	On      payroll.Date // announced; zero: not
}

// AnnounceShreds looks for the runs whose pay data are to be destroyed within the
// days of notice, and announces them; it takes back what the table does not want
// any more. Nobody's data are destroyed that were not announced so long before.
func (s *Store) AnnounceShreds(ctx context.Context, today payroll.Date) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		table, err := retentionTable(ctx, tx)
		if err != nil {
			return err
		}
		youngest := payroll.Date{Year: 1, Month: time.January, Day: 1} // nothing ends by an empty table
		if len(table) > 0 {
			youngest = today.AddMonths(-table.Shortest()).AddDays(payroll.ShredNotice + 1)
		}
		runs, err := keptRuns(ctx, tx, youngest)
		if err != nil {
			return err
		}
		for _, run := range runs {
			on, err := shredDay(ctx, tx, table, run, today)
			if err != nil {
				return err
			}
			if on == run.On {
				continue
			}
			if _, err := tx.Exec(ctx, `update runs set shred_on = $2 where id = $1`, run.ID, dateValue(on)); err != nil {
				return wrap("announce what is destroyed", err)
			}
		}
		return nil
	})
}

// shredDay is when a run's pay data are to be destroyed, if that is near; zero if
// it is not.
func shredDay(ctx context.Context, tx pgx.Tx, table payroll.RetentionTable, run keptRun, today payroll.Date) (payroll.Date, error) {
	if !slices.Contains(payroll.ShreddedRuns, run.State) { // it moves again
		return payroll.Date{}, nil
	}
	ends, found, err := retentionEnds(ctx, tx, table, run.ID, run.PayDate)
	soon := today.AddDays(payroll.ShredNotice)
	if err != nil || !found || soon.Before(ends) {
		return payroll.Date{}, err
	}
	switch {
	case run.On.IsZero() && ends.Before(soon): // the table was shortened, or nobody looked
		return soon, nil
	case run.On.IsZero() || run.On.Before(ends):
		return ends, nil
	}
	return run.On, nil
}

// keptRuns are those that have come to their end and were paid before the day.
// Those that were announced are among them, however it stands with them now.
func keptRuns(ctx context.Context, tx pgx.Tx, before payroll.Date) ([]keptRun, error) {
	rows, err := tx.Query(ctx, `select id, state, pay_date, shred_on from runs
		where shredded_at is null and (shred_on is not null or pay_date < $1 and state = any($2)) order by id for update`, before.String(), payroll.ShreddedRuns)
	if err != nil {
		return nil, wrap("read runs", err)
	}
	runs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (keptRun, error) {
		var run keptRun
		var payDate time.Time
		var on *time.Time
		err := row.Scan(&run.ID, &run.State, &payDate, &on)
		run.PayDate, run.On = payroll.DateOf(payDate), dateOf(on)
		return run, err
	})
	return runs, wrap("read runs", err)
}

// retentionEnds is the first day on which the pay data of a run are kept no more:
// by the longest retention of its people, and not before those of the runs that
// correct it. It is false if they are kept for ever.
func retentionEnds(ctx context.Context, tx pgx.Tx, table payroll.RetentionTable, run payroll.RunID, payDate payroll.Date) (payroll.Date, bool, error) {
	rows, err := tx.Query(ctx, `with recursive c(id, pay_date) as (
			select $1::bigint, $2::date
			union
			select r.id, r.pay_date from runs r join c on r.corrects = c.id where r.shredded_at is null)
		select c.pay_date, array(select distinct e.country from slips s join employees e on e.number = s.employee where s.run = c.id) from c`, run, payDate.String())
	if err != nil {
		return payroll.Date{}, false, wrap("read of which countries a run's people are", err)
	}
	var latest payroll.Date
	found := true
	var paid time.Time
	var countries []string
	_, err = pgx.ForEachRow(rows, []any{&paid, &countries}, func() error {
		months, known := table.Months(countries)
		if found = found && known; found {
			if day := payroll.ShredDay(payroll.DateOf(paid), months); latest.Before(day) {
				latest = day
			}
		}
		return nil
	})
	return latest, found, wrap("read of which countries a run's people are", err)
}

// ShredDue are the runs whose pay data are announced to be destroyed, the next one
// first.
func (s *Store) ShredDue(ctx context.Context) ([]payroll.RunToShred, error) {
	rows, err := s.pool.Query(ctx, `select id, state, period, pay_date, slips, shred_on from runs
		where shred_on is not null and shredded_at is null order by shred_on, id desc`)
	if err != nil {
		return nil, wrap("read what is to be destroyed", err)
	}
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.RunToShred, error) {
		var r payroll.RunToShred
		var period string
		var payDate, on time.Time
		if err := row.Scan(&r.Run, &r.State, &period, &payDate, &r.Slips, &on); err != nil {
			return r, err
		}
		r.PayDate, r.On = payroll.DateOf(payDate), payroll.DateOf(on)
		return r, r.Period.UnmarshalText([]byte(period))
	})
	return due, wrap("read what is to be destroyed", err)
}

// ShredRun destroys the pay data of a run: its data key, the sealed slips, sums
// and figures. What stays is the ledger. It is payroll.ErrWrongState before the
// retention has ended, or while the run, or one that corrects it, has not come to
// its end; today is by the company's calendar.
func (s *Store) ShredRun(ctx context.Context, id payroll.RunID, today payroll.Date, reason string, by payroll.AdminName) error {
	if strings.TrimSpace(reason) == "" {
		return fmt.Errorf("%w: say why", payroll.ErrInvalid)
	}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		run, err := readRun(ctx, tx, id, "for update")
		if err != nil {
			return err
		}
		if err := mayShred(ctx, tx, &run, today); err != nil {
			return err
		}
		for _, sql := range []string{
			`update runs set data_key = null, totals = null, figures = null, shredded_at = clock_timestamp() where id = $1`,
			`update slips set content = null where run = $1`,
			`update remarks set figures = null where run = $1 and figures is not null`,
		} {
			if _, err := tx.Exec(ctx, sql, id); err != nil {
				return wrap("destroy pay data", err)
			}
		}
		return record(ctx, tx, runAct(by, "run.shred", id, map[string]string{"pay_date": run.PayDate.String(), "reason": reason}))
	})
	if err == nil {
		s.keys.Delete(id)
	}
	return err
}

func mayShred(ctx context.Context, tx pgx.Tx, run *payroll.Run, today payroll.Date) error {
	if run.ShreddedAt != nil {
		return payroll.Shredded(run.ID, *run.ShreddedAt)
	}
	if err := run.MayShred(); err != nil {
		return err
	}
	var correction payroll.RunID
	err := tx.QueryRow(ctx, `select coalesce(min(id), 0) from runs where corrects = $1 and shredded_at is null and state <> all($2)`, run.ID, payroll.ShreddedRuns).Scan(&correction)
	if err != nil {
		return wrap("look for corrections", err)
	}
	if correction != 0 {
		return fmt.Errorf("%w: run %d corrects run %d and has not come to its end", payroll.ErrWrongState, correction, run.ID)
	}
	table, err := retentionTable(ctx, tx)
	if err != nil {
		return err
	}
	ends, found, err := retentionEnds(ctx, tx, table, run.ID, run.PayDate)
	switch {
	case err != nil:
		return err
	case !found:
		return fmt.Errorf("%w: the retention table says nothing of the countries of all people of run %d, so that it is kept", payroll.ErrWrongState, run.ID)
	case today.Before(ends):
		return fmt.Errorf("%w: the pay data of run %d are kept until %s", payroll.ErrWrongState, run.ID, ends.AddDays(-1))
	}
	return nil
}
