package postgres

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// begun is an attempt that waits to be written, finished one whose outcome
// waits, and putDown a claimed slip of which nothing was sent; the ledger writes
// many of them in one transaction.
type (
	begun    = payroll.Attempt
	finished struct {
		attempt payroll.Attempt
		outcome payroll.Outcome
		fate    payroll.Fate
	}
	putDown struct {
		slip   payroll.SlipID
		worker payroll.WorkerID
		hold   payroll.HoldReason // "": back into the queue
		delay  time.Duration      // until it is due again
	}
)

// beginAttempts writes attempts before their first byte goes out, and puts those
// into allowed that may go ahead: the worker still holds the slip, the run was not paused,
// and address and certificate are what the mail was sealed for. Written twice,
// as after a lost commit, they are the same rows. "+ 0" keeps the slips found by
// their ids: by run and state each batch would read whatever was sent since the
// last vacuum.
func beginAttempts(b *pgx.Batch, list []begun, allowed map[payroll.AttemptID]bool) {
	if len(list) == 0 {
		return
	}
	ids, slips, workers := make([]string, len(list)), make([]string, len(list)), make([]string, len(list))
	emails, fingerprints, pages := make([]string, len(list)), make([]string, len(list)), make([][]byte, len(list))
	for i, a := range list {
		ids[i], slips[i], workers[i] = string(a.ID), string(a.Slip), string(a.Worker)
		emails[i], fingerprints[i] = string(a.Email), string(a.Fingerprint)
		if !a.Page.IsZero() {
			pages[i] = list[i].Page[:]
		}
	}
	b.Queue(`with wanted as (
			select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bytea[])
				as t(id, slip, worker, email, fingerprint, page)
		), allowed as (
			select w.* from wanted w
				join slips s on s.id = w.slip and s.state = 'sending' and s.worker = w.worker
				join runs r on r.id = s.run + 0 and r.state = 'sending'
				join employees e on e.number = s.employee and lower(e.email) = lower(w.email)
				join certificates c on c.employee = s.employee and c.standing = 'current' and c.fingerprint = w.fingerprint
			for update of s
		), written as (
			insert into attempts (id, slip, worker, fingerprint, page) select id, slip, worker, fingerprint, page from allowed
			on conflict (id) do nothing
		)
		select id::text from allowed`,
		ids, slips, workers, emails, fingerprints, pages).Query(func(rows pgx.Rows) error {
		var id payroll.AttemptID
		_, err := pgx.ForEachRow(rows, []any{&id}, func() error {
			allowed[id] = true
			return nil
		})
		return err
	})
}

// finishAttempts writes outcomes and moves the slips. The truth may come late,
// from a worker that was taken for dead: then it stands in the ledger, and it
// settles the slip unless another attempt has begun since. The acceptance of a
// correction supersedes the slip whose place it takes.
func finishAttempts(b *pgx.Batch, list []finished) {
	n := len(list)
	if n == 0 {
		return
	}
	ids, outcomes, phases, replies := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	codes, states, dues := make([]int, n), make([]string, n), make([]*time.Time, n)
	for i, f := range list {
		ids[i], outcomes[i], states[i] = string(f.attempt.ID), string(f.outcome.Kind), string(f.fate.State)
		phases[i], codes[i], replies[i] = f.outcome.Phase, f.outcome.Code, f.outcome.Reply
		if due := f.fate.Due; !due.IsZero() {
			dues[i] = &due
		}
	}
	b.Queue(`with done as (
			select * from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::timestamptz[])
				as t(id, outcome, phase, code, reply, state, due)
		), attempt as (
			update attempts a set finished_at = clock_timestamp(), outcome = d.outcome, phase = d.phase, code = d.code, reply = d.reply
			from done d where a.id = d.id and (a.outcome is null or (a.outcome = 'unsure' and a.phase = 'worker'))
			returning a.id, a.slip, a.worker, a.begun_at
		)
		update slips s set state = d.state, hold = '', worker = null, tries = s.tries + 1, due_at = coalesce(d.due, s.due_at), changed_at = clock_timestamp()
		from done d join attempt a on a.id = d.id
		where s.id = a.slip
			and ((s.state = 'sending' and s.worker = a.worker)
				or (s.state in ('queued', 'sending', 'deferred', 'unsure', 'held') and d.outcome in ('accepted', 'refused')))
			and not exists (select from attempts later where later.slip = s.id and later.begun_at > a.begun_at)`,
		ids, outcomes, phases, codes, replies, states, dues)
	if ids := corrected(list); len(ids) > 0 {
		b.Queue(supersedeAccepted, ids)
	}
}

// putDownSlips ends claims of which nothing was sent: held for a reason, or back
// in the queue. An attempt that was written for nothing is closed with it. The
// alarms that the holds raise are added to alarms.
func putDownSlips(b *pgx.Batch, list []putDown, alarms *[]payroll.Alarm) {
	n := len(list)
	if n == 0 {
		return
	}
	slips, workers, holds, delays := make([]string, n), make([]string, n), make([]string, n), make([]time.Duration, n)
	for i, p := range list {
		slips[i], workers[i], holds[i], delays[i] = string(p.slip), string(p.worker), string(p.hold), p.delay
	}
	b.Queue(`with p as (
			select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::interval[]) as p(slip, worker, hold, delay)
		), unused as (
			update attempts a set finished_at = clock_timestamp(), outcome = 'deferred', phase = 'unused'
			from p where a.slip = p.slip and a.worker = p.worker and a.finished_at is null
		)
		update slips s set state = case p.hold when '' then 'queued' else 'held' end, hold = p.hold,
			worker = null, due_at = clock_timestamp() + p.delay, changed_at = clock_timestamp()
		from p where s.id = p.slip and s.worker = p.worker returning s.hold, s.run, s.id::text`, slips, workers, holds, delays).Query(func(rows pgx.Rows) error {
		var hold payroll.HoldReason
		var run payroll.RunID
		var id payroll.SlipID
		_, err := pgx.ForEachRow(rows, []any{&hold, &run, &id}, func() error {
			if alarm, raised := hold.Alarm(run, id); raised {
				*alarms = append(*alarms, alarm)
			}
			return nil
		})
		return err
	})
}
