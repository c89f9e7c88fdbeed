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

// HolidaysOf reads the holidays of a year in their order.
func (s *Store) HolidaysOf(ctx context.Context, year int) ([]payroll.Holiday, error) {
	rows, err := s.pool.Query(ctx, `select day, name, by_admin from holidays where day between make_date($1, 1, 1) and make_date($1, 12, 31) order by day`, year)
	if err != nil {
		return nil, wrap("read holidays", err)
	}
	days, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Holiday, error) {
		var h payroll.Holiday
		var day time.Time
		err := row.Scan(&day, &h.Name, &h.By)
		h.Day = payroll.DateOf(day)
		return h, err
	})
	return days, wrap("read holidays", err)
}

// HolidayYears are the years of which there are holidays, the earliest first.
func (s *Store) HolidayYears(ctx context.Context) ([]int, error) {
	rows, err := s.pool.Query(ctx, `select distinct extract(year from day)::int as year from holidays order by year`)
	if err != nil {
		return nil, wrap("read the years of the holidays", err)
	}
	years, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return years, wrap("read the years of the holidays", err)
}

// allHolidays is the whole list: some dozens of a year.
func allHolidays(ctx context.Context, q rowsQuerier) (payroll.Holidays, error) {
	rows, err := q.Query(ctx, `select day, name from holidays`)
	if err != nil {
		return nil, wrap("read holidays", err)
	}
	days := make(payroll.Holidays)
	var day time.Time
	var name string
	_, err = pgx.ForEachRow(rows, []any{&day, &name}, func() error {
		days[payroll.DateOf(day)] = name
		return nil
	})
	return days, wrap("read holidays", err)
}

// PutHolidays writes days down, or what they are called anew, all or none. It says
// how many were not there before.
func (s *Store) PutHolidays(ctx context.Context, days []payroll.Holiday, by payroll.AdminName) (added int, err error) {
	if len(days) == 0 {
		return 0, fmt.Errorf("%w: there is no holiday in it", payroll.ErrInvalid)
	}
	if len(days) > payroll.MostHolidays {
		return 0, fmt.Errorf("%w: more than %d holidays at once", payroll.ErrInvalid, payroll.MostHolidays)
	}
	dates, names := make([]string, len(days)), make([]string, len(days))
	for i, h := range days {
		if err := h.Check(); err != nil {
			return 0, err
		}
		dates[i], names[i] = h.Day.String(), h.Name
		if slices.Contains(dates[:i], dates[i]) {
			return 0, fmt.Errorf("%w: %s stands in it twice", payroll.ErrInvalid, h.Day)
		}
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `with put as (
				insert into holidays (day, name, by_admin) select d.day::date, d.name, $3 from unnest($1::text[], $2::text[]) as d(day, name)
				on conflict (day) do update set name = excluded.name, by_admin = excluded.by_admin
				returning (xmax = 0) as fresh)
			select count(*) filter (where fresh)::int from put`, dates, names, by).Scan(&added)
		if err != nil {
			return wrap("write holidays", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "holidays.add", Subject: "holidays",
			Detail: map[string]string{"days": strings.Join(dates, " "), "added": strconv.Itoa(added)}})
	})
	return added, err
}

// RemoveHoliday makes a day a working day again.
func (s *Store) RemoveHoliday(ctx context.Context, day payroll.Date, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `delete from holidays where day = $1`, day.String())
		if err == nil && tag.RowsAffected() == 0 {
			err = pgx.ErrNoRows
		}
		if err != nil {
			return wrap("remove holiday", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "holidays.remove", Subject: "holidays", Detail: map[string]string{"days": day.String()}})
	})
}
