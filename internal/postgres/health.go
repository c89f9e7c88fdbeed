package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// outboxLately is how far back a refused notice counts.
const outboxLately = 7 * 24 * time.Hour

// Health looks at everything that the database knows of how things stand.
func (s *Store) Health(ctx context.Context) (payroll.Health, error) {
	h := payroll.Health{Relay: payroll.RelayPulse{Outcomes: map[payroll.Kind]int{}}}
	for _, look := range []func(context.Context, *payroll.Health) error{
		s.lookAtQueue, s.lookAtUnsure, s.lookAtWorkers, s.lookAtRelay, s.lookAtOutbox, s.lookAtDatabase, s.lookAtWatch,
	} {
		if err := look(ctx, &h); err != nil {
			return h, wrap("look at the health", err)
		}
	}
	canary, err := s.Canary(ctx)
	h.Canary = canary
	return h, err
}

func (s *Store) lookAtQueue(ctx context.Context, h *payroll.Health) error {
	return s.pool.QueryRow(ctx, `select clock_timestamp(), coalesce(sum(d.n), 0)::int, min(d.oldest) from runs r cross join lateral (
			select count(*) as n, min(due_at) as oldest from slips s
			where s.run = r.id and s.state in ('queued', 'deferred') and s.due_at <= now()) d
		where r.state = 'sending'`).Scan(&h.Now, &h.Due, &h.Oldest)
}

func (s *Store) lookAtUnsure(ctx context.Context, h *payroll.Health) error {
	rows, err := s.pool.Query(ctx, unsureSlips)
	if err != nil {
		return err
	}
	h.Unsure, err = pgx.CollectRows(rows, pgx.RowToStructByPos[payroll.UnsureRun])
	return err
}

// unsureSlips looks where slips can be unsure: in runs that have not come to rest.
const unsureSlips = `select r.id, u.n::int from runs r cross join lateral (
		select count(*) as n from slips s where s.run = r.id and s.state = 'unsure') u
	where r.state in ('sending', 'paused', 'incomplete') and u.n > 0 order by r.id`

func (s *Store) lookAtWorkers(ctx context.Context, h *payroll.Health) error {
	rows, err := s.pool.Query(ctx, `select id::text, host, started_at, seen_at from workers order by host, started_at limit 500`)
	if err != nil {
		return err
	}
	h.Workers, err = pgx.CollectRows(rows, pgx.RowToStructByPos[payroll.WorkerPulse])
	return err
}

func (s *Store) lookAtRelay(ctx context.Context, h *payroll.Health) error {
	rows, err := s.pool.Query(ctx, `select outcome, count(*)::int from attempts
		where outcome in ('accepted', 'deferred', 'refused', 'unsure') and finished_at is not null and finished_at > now() - interval '1 hour' group by outcome`)
	if err != nil {
		return err
	}
	var outcome payroll.Kind
	var n int
	if _, err = pgx.ForEachRow(rows, []any{&outcome, &n}, func() error { h.Relay.Outcomes[outcome] = n; return nil }); err != nil {
		return err
	}
	return s.pool.QueryRow(ctx, `select max(finished_at) from attempts where outcome = 'accepted' and finished_at is not null`).Scan(&h.Relay.LastGood)
}

func (s *Store) lookAtOutbox(ctx context.Context, h *payroll.Health) error {
	return s.pool.QueryRow(ctx, `select (select count(*)::int from notices where state = 'queued' and rank between 0 and 2),
			(select min(created_at) from notices where state = 'queued' and rank between 0 and 2),
			(select count(*)::int from notices where state = 'refused' and created_at > now() - $1::interval)`, outboxLately).
		Scan(&h.Outbox.Queued, &h.Outbox.Oldest, &h.Outbox.Refused)
}

func (s *Store) lookAtDatabase(ctx context.Context, h *payroll.Health) error {
	d := &h.Database
	err := s.pool.QueryRow(ctx, `select current_setting('server_version'), pg_database_size(current_database()),
			(select count(*)::int from pg_stat_activity where datname = current_database()), current_setting('max_connections')::int`).
		Scan(&d.Version, &d.Bytes, &d.Connections, &d.MaxConnections)
	if err != nil {
		return err
	}
	steps, err := s.Migrations(ctx)
	for _, step := range steps {
		if !step.Applied {
			d.MissingSteps++
		}
	}
	return err
}

// lookAtWatch says when a worker last found the audit log whole, or at least
// remembered where it ended.
func (s *Store) lookAtWatch(ctx context.Context, h *payroll.Health) error {
	err := s.pool.QueryRow(ctx, `select at from audit_heads`).Scan(&h.AuditSeen)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	return err
}

// Canary is what became of the specimens to the canary.
func (s *Store) Canary(ctx context.Context) (payroll.CanaryPulse, error) {
	const canaries = `from notices where kind = 'specimen' and topic = 'canary' and created_at > now() - interval '90 days'`
	var c payroll.CanaryPulse
	err := s.pool.QueryRow(ctx, `select coalesce(n.employee, ''), n.created_at, n.state, n.code,
			(select max(sent_at) `+canaries+` and state = 'sent'), (select min(created_at) `+canaries+`)
		from (select * `+canaries+`) n order by n.created_at desc limit 1`).
		Scan(&c.Employee, &c.Written, &c.State, &c.Code, &c.LastGood, &c.First)
	if errors.Is(err, pgx.ErrNoRows) {
		return payroll.CanaryPulse{}, nil
	}
	return c, wrap("look at the canary", err)
}

// CreateCanary writes the specimen to the employee's certificate that is to show
// whether slips still leave. One that waits is enough. It is payroll.ErrNotFound
// if the employee has no certificate that counts.
func (s *Store) CreateCanary(ctx context.Context, number payroll.EmployeeNumber) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockEmployee(ctx, tx, number); err != nil {
			return err
		}
		var waits bool
		err := tx.QueryRow(ctx, `select exists (select from notices where kind = 'specimen' and topic = 'canary' and state = 'queued' and employee = $1)`, number).Scan(&waits)
		if err != nil || waits {
			return wrap("look for the canary", err)
		}
		n := newNotice{kind: payroll.NoticeSpecimen, employee: number, topic: payroll.TopicCanary}
		err = tx.QueryRow(ctx, `select c.fingerprint, coalesce(e.mail_structure, ''), coalesce(e.mail_presentation, '')
			from employees e join certificates c on c.employee = e.number and c.standing = 'current' where e.number = $1`, number).
			Scan(&n.fingerprint, &n.profile.Structure, &n.profile.Presentation)
		if err != nil {
			return wrap("look for the canary's certificate", err)
		}
		return n.insert(ctx, tx)
	})
}
