package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Beat says that a worker lives. The first beat registers it.
func (s *Store) Beat(ctx context.Context, id payroll.WorkerID, host string) error {
	_, err := s.pool.Exec(ctx, `insert into workers (id, host) values ($1, $2)
		on conflict (id) do update set seen_at = clock_timestamp()`, id, host)
	return wrap("beat", err)
}

// Leave takes a worker's name off the list after its last slip.
func (s *Store) Leave(ctx context.Context, id payroll.WorkerID) error {
	_, err := s.pool.Exec(ctx, `delete from workers where id = $1
		and not exists (select from slips where worker = $1)`, id)
	return wrap("leave", err)
}

// Claim gives a worker up to n slips of a run that are due. Slips that another
// worker is claiming at the moment are passed over.
func (s *Store) Claim(ctx context.Context, run payroll.RunID, worker payroll.WorkerID, n int, freeze payroll.Freeze) ([]payroll.Parcel, error) {
	payDate, err := s.payDate(ctx, run)
	if err != nil {
		return nil, err
	}
	rows, err := s.hot.Query(ctx, `with due as (
			select id from slips where run = @run and state in ('queued', 'deferred') and due_at <= (select clock_timestamp())
				and exists (select from runs where id = @run and state = 'sending')
			order by due_at, id limit @n for update skip locked
		), claimed as (
			update slips s set state = 'sending', worker = @worker, changed_at = clock_timestamp()
			from due where s.id = due.id returning s.*
		)
		select `+parcelColumns+` from claimed s cross join (select @since::timestamptz as since) f `+parcelJoins+` order by s.due_at, s.id`,
		pgx.NamedArgs{"run": run, "worker": worker, "n": n, "since": freeze.Since(payDate)})
	if err != nil {
		return nil, wrap("claim slips", err)
	}
	parcels, err := s.collectParcels(ctx, rows)
	return parcels, wrap("claim slips", err)
}

// payDate reads once when a run is paid, which never changes.
func (s *Store) payDate(ctx context.Context, run payroll.RunID) (payroll.Date, error) {
	if date, found := s.payDates.Load(run); found {
		return date.(payroll.Date), nil
	}
	var date time.Time
	if err := s.pool.QueryRow(ctx, `select pay_date from runs where id = $1`, run).Scan(&date); err != nil {
		return payroll.Date{}, wrap("read the run's pay date", err)
	}
	s.payDates.Store(run, payroll.DateOf(date))
	return payroll.DateOf(date), nil
}

// parcelColumns and parcelJoins read slips s with what stands now: the roster's
// word on the employee, the certificate (the current one, else the candidate,
// else one whose use was revoked), open twins, whether the change freeze, which
// began for the run at f.since, holds the slip, and whether it is corrected. That
// is no "exists", for which Postgres may read all slips of the run first.
const (
	parcelColumns = `s.id::text, s.run, s.content, s.digest, s.pin_email, s.pin_letterhead, s.pin_fingerprint, s.pin_subkeys, s.pin_left,
		coalesce(s.supersedes::text, ''), s.pin_seal, s.hold, s.tries, coalesce(s.give_up_at, 'infinity'::timestamptz) = 'infinity', coalesce(s.give_up_at, now()),
		e.number, e.name, e.email, e.on_paper, e.left_on, e.mail_structure, e.mail_presentation,
		coalesce(c.fingerprint, ''), c.content, c.proof, coalesce(c.standing, ''), ` + frozen + `,
		exists (select from twins t where t.run = s.run and t.acknowledged_at is null and s.employee in (t.first, t.second)),
		coalesce((select true from slips n join runs r on r.id = n.run + 0 where n.supersedes = s.id
			and r.state in ('approved', 'sending', 'paused', 'complete', 'incomplete') limit 1), false)`
	parcelJoins = `join employees e on e.number = s.employee
		left join lateral (select * from certificates c where c.employee = e.number
				and c.standing in ('current', 'candidate', 'revoked')
			order by array_position(array['current', 'candidate', 'revoked'], c.standing), c.id desc limit 1) c on true`
)

// collectParcels opens the slips, and says of each whether somebody has tampered
// with it: its pin carries no seal that is good, its contents do not open or have
// another hash, or a correction has taken its place and it moves all the same. That
// is no error, which would only come back.
func (s *Store) collectParcels(ctx context.Context, rows pgx.Rows) ([]payroll.Parcel, error) {
	type sealed struct {
		payroll.Parcel
		content   []byte
		corrected bool // an approved correction has taken its place
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (sealed, error) {
		var p sealed
		var left, pinned *time.Time
		var never bool
		var standing payroll.CertificateStanding
		now := &p.Standing
		err := row.Scan(&p.ID, &p.Run, &p.content, &p.Pin.Digest, &p.Pin.Email, &p.Pin.Letterhead, &p.Pin.Fingerprint, &p.Pin.Subkeys, &pinned,
			&p.Pin.Supersedes, &p.Seal, &p.Hold, &p.Tries, &never, &p.GiveUpAt, &now.Employee.Number, &now.Employee.Name, &now.Employee.Email, &now.Employee.OnPaper,
			&left, &p.Profile.Structure, &p.Profile.Presentation, &now.Fingerprint, &p.Certificate, &p.Proof, &standing, &now.Frozen, &now.TwinOpen,
			&p.corrected)
		now.Verified = standing == payroll.CertificateCurrent
		if standing == payroll.CertificateRevoked {
			now.Problem = payroll.HoldRevoked
		}
		now.Employee.Left, p.Pin.Left = dateOf(left), dateOf(pinned)
		return p, err
	})
	if err != nil {
		return nil, err
	}
	parcels := make([]payroll.Parcel, len(list))
	for i, p := range list {
		p.Slip, p.Standing.Digest, err = s.openSlip(ctx, p.Run, p.Standing.Employee.Number, p.content)
		if err != nil && !errors.Is(err, payroll.ErrInvalid) {
			return nil, err
		}
		p.Slip.ID = p.ID
		pinned := payroll.Pinned{Slip: p.ID, Run: p.Run, Employee: p.Standing.Employee.Number, Pin: p.Pin}
		p.Standing.Tampered = err != nil || p.corrected || p.Standing.Digest != p.Pin.Digest || !s.vault.PinSealed(pinned, p.Seal)
		parcels[i] = p.Parcel
	}
	return parcels, nil
}
