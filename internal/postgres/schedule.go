package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// claimPeriod is how long a worker may take over something due before another
// worker takes it up again.
const claimPeriod = 10 * time.Minute

// ScheduleRules reads every rule that was not removed, by name, each with the
// holidays over which it moves.
func (s *Store) ScheduleRules(ctx context.Context) ([]payroll.ScheduleRule, error) {
	return scheduleRules(ctx, s.pool)
}

func scheduleRules(ctx context.Context, q rowsQuerier) ([]payroll.ScheduleRule, error) {
	rows, err := q.Query(ctx, `select id, name, action, day, shift, clock, zone, since
		from schedule_rules where removed_at is null order by name`)
	if err != nil {
		return nil, wrap("read schedule", err)
	}
	rules, err := pgx.CollectRows(rows, scanRule)
	if err != nil || len(rules) == 0 {
		return rules, wrap("read schedule", err)
	}
	holidays, err := allHolidays(ctx, q)
	for i := range rules {
		rules[i].Monthly.Holidays = holidays
	}
	return rules, err
}

// FellDue are the months from one on in which a rule has fallen due, and when; it
// does not again, wherever its date is moved since.
func (s *Store) FellDue(ctx context.Context, rule int64, from payroll.Period) ([]payroll.Occurrence, error) {
	return fellDue(ctx, s.pool, rule, from)
}

func fellDue(ctx context.Context, q rowsQuerier, rule int64, from payroll.Period) ([]payroll.Occurrence, error) {
	rows, err := q.Query(ctx, `select period, due_at from schedule_due where rule = $1 and period >= $2 order by period`, rule, from.String())
	if err != nil {
		return nil, wrap("read what was due", err)
	}
	fell, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o payroll.Occurrence, err error) {
		var text string
		if err := row.Scan(&text, &o.At); err != nil {
			return o, err
		}
		o.Period, err = payroll.ParsePeriod(text)
		return o, err
	})
	return fell, wrap("read what was due", err)
}

func scanRule(row pgx.CollectableRow) (payroll.ScheduleRule, error) {
	var r payroll.ScheduleRule
	var day int
	var shift, clock, zone string
	if err := row.Scan(&r.ID, &r.Name, &r.Action, &day, &shift, &clock, &zone, &r.Since); err != nil {
		return r, err
	}
	text := payroll.MonthlyRule{Day: day}.DayText()
	monthly, err := payroll.ParseMonthlyRule(text, shift, clock, zone)
	r.Monthly = monthly
	return r, err
}

// CreateRule stores a rule; from now on its moments fall due.
func (s *Store) CreateRule(ctx context.Context, r payroll.ScheduleRule, by payroll.AdminName) error {
	if err := r.Check(); err != nil {
		return err
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		m := r.Monthly
		_, err := tx.Exec(ctx, `insert into schedule_rules (name, action, day, shift, clock, zone)
			values ($1, $2, $3, $4, $5, $6)`, r.Name, r.Action, m.Day, m.Shift, m.Clock(), m.Zone.String())
		if violates(err, "schedule_rules_name") {
			return fmt.Errorf("%w: there is a schedule of this name; remove it first", payroll.ErrWrongState)
		}
		if err != nil {
			return wrap("create schedule", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "schedule.add", Subject: r.Name, Detail: map[string]string{
			"action": string(r.Action), "day": m.DayText(), "weekend": string(m.Shift), "at": m.Clock(), "zone": m.Zone.String(),
		}})
	})
}

// RemoveRule ends a rule. What it made due and nobody has begun goes with it.
func (s *Store) RemoveRule(ctx context.Context, name string, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var id int64
		err := tx.QueryRow(ctx, `update schedule_rules set removed_at = clock_timestamp()
			where name = $1 and removed_at is null returning id`, name).Scan(&id)
		if err != nil {
			return wrap("remove schedule", err)
		}
		_, err = tx.Exec(ctx, `delete from schedule_due where rule = $1 and state = 'pending' and claimed_at is null`, id)
		if err != nil {
			return wrap("remove schedule", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "schedule.remove", Subject: name})
	})
}

// BeginDue makes a row of every moment that has passed since its rule was
// added, once, and claims what is pending for the caller: no other worker gets
// it for ten minutes. A worker that dies gives it back by that. now is the
// database's clock (see Now).
func (s *Store) BeginDue(ctx context.Context, now time.Time) ([]payroll.Due, error) {
	var due []payroll.Due
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rules, err := scheduleRules(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range rules {
			if err := insertDue(ctx, tx, r, now); err != nil {
				return err
			}
		}
		due, err = claimDue(ctx, tx, now)
		return err
	})
	return due, err
}

func insertDue(ctx context.Context, tx pgx.Tx, r payroll.ScheduleRule, now time.Time) error {
	for _, o := range r.Monthly.Between(r.Since, now) {
		_, err := tx.Exec(ctx, `insert into schedule_due (rule, period, due_at, state) values ($1, $2, $3, 'pending')
			on conflict (rule, period) do nothing`, r.ID, o.Period.String(), o.At)
		if err != nil {
			return wrap("note what is due", err)
		}
	}
	return nil
}

func claimDue(ctx context.Context, tx pgx.Tx, now time.Time) ([]payroll.Due, error) {
	rows, err := tx.Query(ctx, `with claimed as (
			update schedule_due set claimed_at = $1 where (rule, period) in (
				select rule, period from schedule_due
				where state = 'pending' and (claimed_at is null or claimed_at < $2)
				for update skip locked)
			returning rule, period, due_at)
		select c.rule, r.name, r.action, c.period, c.due_at
		from claimed c join schedule_rules r on r.id = c.rule order by c.due_at, r.name`, now, now.Add(-claimPeriod))
	if err != nil {
		return nil, wrap("claim what is due", err)
	}
	due, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Due, error) {
		var d payroll.Due
		var period string
		if err := row.Scan(&d.Rule, &d.Name, &d.Action, &period, &d.At); err != nil {
			return d, err
		}
		return d, d.Period.UnmarshalText([]byte(period))
	})
	return due, wrap("claim what is due", err)
}

// Paid reports whether any run that is paid on these days is approved or further.
func (s *Store) Paid(ctx context.Context, first, last payroll.Date) (bool, error) {
	var paid bool
	err := s.pool.QueryRow(ctx, `select exists (select from runs where pay_date between $1 and $2
		and state in ('approved', 'sending', 'paused', 'complete', 'incomplete'))`, first.String(), last.String()).Scan(&paid)
	return paid, wrap("look whether anything was paid", err)
}

// FinishDue records what became of something due; payroll.DuePending gives it
// back for another try. The note is ours, never an error's text.
func (s *Store) FinishDue(ctx context.Context, d payroll.Due, state payroll.DueState, note string) error {
	tag, err := s.pool.Exec(ctx, `update schedule_due set state = $3, note = $4, claimed_at = null,
		done_at = case when $3 = 'pending' then null else clock_timestamp() end
		where rule = $1 and period = $2 and state = 'pending'`, d.Rule, d.Period.String(), string(state), note)
	if err == nil && tag.RowsAffected() == 0 {
		err = pgx.ErrNoRows
	}
	return wrap("finish what is due", err)
}

// DueRecord is one row of what was due and what became of it.
type DueRecord = payroll.DueRecord

// DueRecords reads the latest n rows of what was due, the newest first.
func (s *Store) DueRecords(ctx context.Context, n int) ([]DueRecord, error) {
	rows, err := s.pool.Query(ctx, `select r.name, d.period, d.due_at as at, d.state, d.note, d.done_at
		from schedule_due d join schedule_rules r on r.id = d.rule order by d.due_at desc, r.name limit $1`, n)
	if err != nil {
		return nil, wrap("read what was due", err)
	}
	records, err := pgx.CollectRows(rows, pgx.RowToStructByName[DueRecord])
	return records, wrap("read what was due", err)
}
