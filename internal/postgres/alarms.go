package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

const (
	// alarmsPerRun is how many slips of a run are named by open alarms of a kind;
	// of more, one alarm speaks for the run.
	alarmsPerRun = 100
	// alarmQuiet is how long after a mail about alarms the next one goes.
	alarmQuiet = 10 * time.Minute
)

// RaiseAlarm writes an alarm down, unless the same is open, and a notice to those
// whom the worker's configuration names. Only kind, run, slip and words are read.
func (s *Store) RaiseAlarm(ctx context.Context, a payroll.Alarm) error {
	return s.inTx(ctx, func(tx pgx.Tx) error { return raiseAlarms(ctx, tx, a) })
}

// raiseAlarms raises alarms in the transaction of what they tell of. Each is
// audited, so that its row cannot go unseen.
func raiseAlarms(ctx context.Context, tx pgx.Tx, alarms ...payroll.Alarm) error {
	if len(alarms) == 0 {
		return nil
	}
	raised, err := insertAlarms(ctx, tx, alarms)
	if err != nil || len(raised) == 0 {
		return err
	}
	for _, a := range raised {
		act := payroll.Act{Who: payroll.Machine, What: "alarm.raise", Subject: alarmSubject(a),
			Detail: map[string]string{"alarm": strconv.FormatInt(a.ID, 10), "kind": string(a.Kind), "words": a.Words}}
		if err := record(ctx, tx, act); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, `insert into notices (id, kind, address, due_at) select gen_random_uuid(), 'alarm', '',
			greatest(clock_timestamp(), (select max(sent_at) from notices where kind = 'alarm') + $1::interval)
		on conflict (kind) where kind = 'alarm' and state = 'queued' do nothing`, alarmQuiet)
	return wrap("tell of an alarm", err)
}

// insertAlarms returns those that were not open yet.
func insertAlarms(ctx context.Context, tx pgx.Tx, alarms []payroll.Alarm) ([]payroll.Alarm, error) {
	n := len(alarms)
	kinds, runs, slips, words := make([]string, n), make([]int64, n), make([]string, n), make([]string, n)
	for i, a := range alarms {
		kinds[i], runs[i], slips[i], words[i] = string(a.Kind), int64(a.Run), string(a.Slip), a.Words
	}
	rows, err := tx.Query(ctx, `insert into alarms (kind, run, slip, words)
		select w.kind, nullif(w.run, 0), case when w.slip <> '' and (select count(*) from alarms o
				where o.kind = w.kind and coalesce(o.run, 0) = w.run and o.settled_at is null) < $5 then w.slip::uuid end, w.words
		from unnest($1::text[], $2::bigint[], $3::text[], $4::text[]) as w(kind, run, slip, words)
		on conflict do nothing
		returning id, kind, coalesce(run, 0), coalesce(slip::text, ''), words`, kinds, runs, slips, words, alarmsPerRun)
	if err != nil {
		return nil, wrap("raise alarm", err)
	}
	raised, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Alarm, error) {
		var a payroll.Alarm
		err := row.Scan(&a.ID, &a.Kind, &a.Run, &a.Slip, &a.Words)
		return a, err
	})
	return raised, wrap("raise alarm", err)
}

func alarmSubject(a payroll.Alarm) string {
	switch {
	case a.Slip != "":
		return "slip " + string(a.Slip)
	case a.Run != 0:
		return fmt.Sprintf("run %d", a.Run)
	}
	return ""
}

// Alarms reads what is open, or all that ever was, the newest first.
func (s *Store) Alarms(ctx context.Context, all bool) ([]payroll.Alarm, error) {
	where := `where settled_at is null`
	if all {
		where = ``
	}
	rows, err := s.pool.Query(ctx, `select id, kind, coalesce(run, 0) as run, coalesce(slip::text, '') as slip, words, at,
			coalesce(settled_by, '') as settled_by, settled_at, note
		from alarms `+where+` order by at desc, id desc`)
	if err != nil {
		return nil, wrap("read alarms", err)
	}
	alarms, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Alarm])
	return alarms, wrap("read alarms", err)
}

// OpenAlarms counts what nobody has settled yet.
func (s *Store) OpenAlarms(ctx context.Context) (int, error) {
	var n int
	err := s.pool.QueryRow(ctx, `select count(*)::int from alarms where settled_at is null`).Scan(&n)
	return n, wrap("count alarms", err)
}

// SettleAlarm notes that a person has seen to an alarm, and what they found. It
// is payroll.ErrWrongState if somebody has before.
func (s *Store) SettleAlarm(ctx context.Context, id int64, by payroll.AdminName, note string) error {
	if strings.TrimSpace(note) == "" {
		return fmt.Errorf("%w: say what you found", payroll.ErrInvalid)
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var a payroll.Alarm
		err := tx.QueryRow(ctx, `select kind, coalesce(run, 0), coalesce(slip::text, ''), coalesce(settled_by, '') from alarms where id = $1 for update`, id).
			Scan(&a.Kind, &a.Run, &a.Slip, &a.SettledBy)
		if err != nil {
			return wrap("settle alarm", err)
		}
		if a.SettledBy != "" {
			return fmt.Errorf("%w: alarm %d is settled", payroll.ErrWrongState, id)
		}
		_, err = tx.Exec(ctx, `update alarms set settled_by = $2, settled_at = clock_timestamp(), note = $3 where id = $1`, id, by, note)
		if err != nil {
			return wrap("settle alarm", err)
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "alarm.settle", Subject: alarmSubject(a),
			Detail: map[string]string{"alarm": strconv.FormatInt(id, 10), "kind": string(a.Kind), "note": note}})
	})
}
