package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Bury takes back what dead workers held: workers that did not beat for the
// given time. A slip of which an attempt is open has become unsure, and its
// fate is given, unless its give-up time comes first; any other goes back into
// the queue at once. It returns how many slips came back.
func (s *Store) Bury(ctx context.Context, silent time.Duration, unsure payroll.Fate) (int, error) {
	var returned int
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select id::text from workers where seen_at < clock_timestamp() - $1::interval
			for update skip locked`, silent)
		if err != nil {
			return err
		}
		dead, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(dead) == 0 {
			return err
		}
		returned, err = takeBack(ctx, tx, unsure, `worker = any(@dead::uuid[])`, pgx.NamedArgs{"dead": dead})
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `delete from workers where id = any($1::uuid[])`, dead)
		return err
	})
	return returned, wrap("bury dead workers", err)
}

// strayAfter is how long a slip may be claimed by a worker that does not know
// of it: the answer to the claim may still be on its way.
const strayAfter = 10 * time.Second

// ReturnStray takes back what a living worker holds without knowing: the answer
// to its claim, or its release, was lost with a connection.
func (s *Store) ReturnStray(ctx context.Context, worker payroll.WorkerID, inHand []payroll.SlipID, unsure payroll.Fate) (int, error) {
	var returned int
	err := s.inTx(ctx, func(tx pgx.Tx) (err error) {
		returned, err = takeBack(ctx, tx, unsure,
			`worker = @worker and id <> all(@hand::uuid[]) and changed_at < clock_timestamp() - @after::interval`,
			pgx.NamedArgs{"worker": worker, "hand": inHand, "after": strayAfter})
		return err
	})
	return returned, wrap("return stray slips", err)
}

// takeBack ends the claims on the slips that the condition names.
func takeBack(ctx context.Context, tx pgx.Tx, unsure payroll.Fate, condition string, args pgx.NamedArgs) (int, error) {
	rows, err := tx.Query(ctx, `select id::text from slips where `+condition+` for update`, args)
	if err != nil {
		return 0, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	var due *time.Time
	if !unsure.Due.IsZero() {
		due = &unsure.Due
	}
	_, err = tx.Exec(ctx, `with open as (
			update attempts set finished_at = clock_timestamp(), outcome = 'unsure', phase = 'worker'
			where slip = any($1::uuid[]) and finished_at is null returning slip
		)
		update slips s set state = case when $3 > s.give_up_at then 'unsure' else $2 end, worker = null, tries = s.tries + 1,
			due_at = coalesce($3, s.due_at), changed_at = clock_timestamp()
		from open where s.id = open.slip`, ids, unsure.State, due)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `update slips set state = 'queued', worker = null, due_at = clock_timestamp(),
		changed_at = clock_timestamp() where id = any($1::uuid[]) and worker is not null`, ids)
	return len(ids), err
}

// replenishMost is how many bundles one sweep enqueues for a run; the next sweep
// sees to the rest.
const replenishMost = 100

// Replenish enqueues bundles for every sending run that has slips due and no
// job waiting: after a deferral's delay, a dead worker, a release or a resume.
func (s *Store) Replenish(ctx context.Context, bundle int) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var alone bool
		err := tx.QueryRow(ctx, `select pg_try_advisory_xact_lock(hashtext('payseal replenish'))`).Scan(&alone)
		if err != nil || !alone {
			return err
		}
		rows, err := tx.Query(ctx, `with idle as materialized (
				select r.id from runs r where r.state = 'sending'
					and not exists (select from river_job j where j.kind = 'deliver' and j.state in ('available', 'pending', 'scheduled')
						and (j.args->>'run')::bigint = r.id)
			)
			select i.id, d.slips from idle i cross join lateral (
				select count(*) as slips from (select from slips s where s.run = i.id
					and s.state in ('queued', 'deferred') and s.due_at <= clock_timestamp() limit $1) few
			) d where d.slips > 0`, replenishMost*bundle)
		if err != nil {
			return err
		}
		due := make(map[payroll.RunID]int64)
		var run payroll.RunID
		var n int64
		if _, err := pgx.ForEachRow(rows, []any{&run, &n}, func() error { due[run] = n; return nil }); err != nil {
			return err
		}
		for run, n := range due {
			if err := s.jobs.Enqueue(ctx, tx, run, bundles(n, bundle)); err != nil {
				return err
			}
		}
		return nil
	})
	return wrap("replenish the queue", err)
}

// HeldParcels reads the held slips of runs that have started, with what stands
// now, for a look at whether the reason is gone.
func (s *Store) HeldParcels(ctx context.Context, freeze payroll.Freeze) ([]payroll.Parcel, error) {
	runs, since, err := s.freezesOfHeld(ctx, freeze)
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	rows, err := s.pool.Query(ctx, `select `+parcelColumns+`
		from unnest(@runs::bigint[], @since::timestamptz[]) as f(run, since) join slips s on s.run = f.run `+parcelJoins+`
		where s.state = 'held' order by s.run, s.employee`, pgx.NamedArgs{"runs": runs, "since": since})
	if err != nil {
		return nil, wrap("read held slips", err)
	}
	parcels, err := s.collectParcels(ctx, rows)
	return parcels, wrap("read held slips", err)
}

// freezesOfHeld are the runs with slips that a heal may move, and when the change
// freeze began for each.
func (s *Store) freezesOfHeld(ctx context.Context, freeze payroll.Freeze) (runs []payroll.RunID, since []time.Time, err error) {
	rows, err := s.pool.Query(ctx, `select id, pay_date from runs r where state in ('sending', 'incomplete')
		and exists (select from slips s where s.run = r.id and s.state = 'held')`)
	if err != nil {
		return nil, nil, wrap("read runs with held slips", err)
	}
	var run payroll.RunID
	var payDate time.Time
	_, err = pgx.ForEachRow(rows, []any{&run, &payDate}, func() error {
		runs, since = append(runs, run), append(since, freeze.Since(payroll.DateOf(payDate)))
		return nil
	})
	return runs, since, wrap("read runs with held slips", err)
}

// HealSlip moves a held slip on: back into the queue when reason is empty, else
// to the reason that holds it now, which may raise an alarm. A slip whose employee
// had no certificate when it was approved is pinned to the one that releases it.
// The run of a released slip is sending again, and the release is audited. What
// was pinned anew since the parcel was read stays as it is.
func (s *Store) HealSlip(ctx context.Context, p payroll.Parcel, subkeys []payroll.Fingerprint, reason payroll.HoldReason) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if reason != "" {
			return changeHold(ctx, tx, p, reason)
		}
		tag, err := tx.Exec(ctx, `update slips set state = 'queued', hold = '', due_at = clock_timestamp(), changed_at = clock_timestamp()
			where id = $1 and state = 'held' and pin_seal = $2`, p.ID, p.Seal)
		if err != nil || tag.RowsAffected() == 0 {
			return wrap("release slip", err)
		}
		pinned := payroll.Pinned{Slip: p.ID, Run: p.Run, Employee: p.Standing.Employee.Number, Pin: p.Pin}
		pinned.Fingerprint, pinned.Subkeys = p.Standing.Fingerprint, subkeys
		if err := s.storePins(ctx, tx, []payroll.Pinned{pinned}); err != nil {
			return err
		}
		if err := reopen(ctx, tx, p.Run); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Machine, What: "slip.release", Subject: "slip " + string(p.ID),
			Detail: map[string]string{"fingerprint": string(p.Standing.Fingerprint)}})
	})
}

func changeHold(ctx context.Context, tx pgx.Tx, p payroll.Parcel, reason payroll.HoldReason) error {
	tag, err := tx.Exec(ctx, `update slips set hold = $2, changed_at = clock_timestamp()
		where id = $1 and state = 'held' and hold <> $2`, p.ID, reason)
	if err != nil || tag.RowsAffected() == 0 {
		return wrap("change hold", err)
	}
	if alarm, raised := reason.Alarm(p.Run, p.ID); raised {
		return raiseAlarms(ctx, tx, alarm)
	}
	return nil
}

// SettleRun ends a sending run in which nothing moves any more. A slip that goes
// on paper by choice leaves nothing to be done.
func (s *Store) SettleRun(ctx context.Context, id payroll.RunID) (payroll.RunState, error) {
	state := payroll.RunSending
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var moving bool
		err := tx.QueryRow(ctx, `select exists (select from slips where run = $1 and state in ('queued', 'deferred'))
			or exists (select from slips where run = $1 and worker is not null)`, id).Scan(&moving)
		if err != nil || moving {
			return err
		}
		run, err := readRun(ctx, tx, id, "for update")
		if err != nil || run.State != payroll.RunSending {
			state = run.State
			return err
		}
		counts, err := countSlips(ctx, tx, id, `case when hold = 'on_paper' then 'withdrawn' else state end`)
		if err != nil {
			return err
		}
		if state = payroll.Settled(counts); state == payroll.RunSending {
			return nil
		}
		_, err = tx.Exec(ctx, `update runs set state = $2, finished_at = clock_timestamp() where id = $1`, id, state)
		if err != nil {
			return err
		}
		for _, at := range []payroll.RunID{id, run.Corrects} { // those that it corrects have moved with its slips
			if err := keepCounts(ctx, tx, at); err != nil {
				return err
			}
		}
		return record(ctx, tx, runAct(payroll.Machine, "run."+string(state), id, nil))
	})
	return state, wrap("settle run", err)
}

// ApprovedRuns are the runs that wait to be sent, may be by now, and are paid on
// that day or earlier.
func (s *Store) ApprovedRuns(ctx context.Context, through payroll.Date) ([]payroll.RunID, error) {
	rows, err := s.pool.Query(ctx, `select id from runs where state = 'approved' and pay_date <= $1
		and coalesce(not_before <= clock_timestamp(), true) order by id`, through.String())
	if err != nil {
		return nil, wrap("read approved runs", err)
	}
	runs, err := pgx.CollectRows(rows, pgx.RowTo[payroll.RunID])
	return runs, wrap("read approved runs", err)
}

// SendingRuns are the runs that are under way.
func (s *Store) SendingRuns(ctx context.Context) ([]payroll.RunID, error) {
	rows, err := s.pool.Query(ctx, `select id from runs where state = 'sending' order by id`)
	if err != nil {
		return nil, wrap("read sending runs", err)
	}
	runs, err := pgx.CollectRows(rows, pgx.RowTo[payroll.RunID])
	return runs, wrap("read sending runs", err)
}
