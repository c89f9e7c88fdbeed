package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// How often a notice may be asked for by one employee, or for one address.
const (
	askPeriod        = time.Hour
	linksPerPeriod   = 3 // fresh links, and codes to sign in
	proofsPerPeriod  = 3
	testsPerPeriod   = 5 // test slips
	changesPerPeriod = 3 // changes of the address
	addsPerPeriod    = 10
	reportsPerPeriod = 10
)

// newNotice is a notice as an act writes it down. Without an address it goes to
// the employee's own.
type newNotice struct {
	kind        payroll.NoticeKind
	employee    payroll.EmployeeNumber
	address     payroll.Address
	topic       string
	fingerprint payroll.Fingerprint
	profile     payroll.MailProfile
}

// insert queues the notice for the next worker that looks, when the act's
// transaction is committed.
func (n newNotice) insert(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `insert into notices (id, kind, employee, address, topic, fingerprint, mail_structure, mail_presentation)
		select $1, $2, number, coalesce(nullif($4, ''), email), $5, $6, $7, $8 from employees where number = $3`,
		uuid.New(), string(n.kind), n.employee, n.address, n.topic, n.fingerprint, n.profile.Structure, n.profile.Presentation)
	return wrap("write notice", err)
}

// asked counts an employee's notices of a kind in the last period.
func asked(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, kind payroll.NoticeKind, topic string) (int, error) {
	var n int
	err := tx.QueryRow(ctx, `select count(*)::int from notices where employee = $1 and kind = $2 and topic = $3
		and created_at > clock_timestamp() - $4::interval`, number, string(kind), topic, askPeriod).Scan(&n)
	return n, wrap("count notices", err)
}

// refuseMore is payroll.ErrTooMany if an employee's notices of a kind reach the
// limit. The caller holds the employee's lock.
func refuseMore(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, kind payroll.NoticeKind, limit int) error {
	n, err := asked(ctx, tx, number, kind, "")
	if err == nil && n >= limit {
		err = fmt.Errorf("%w: %d times in an hour is enough; try again later", payroll.ErrTooMany, limit)
	}
	return err
}

// killSecrets makes the secrets of an employee's notices of these kinds
// worthless, and those that wait to be sent are sent no more.
func killSecrets(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, kinds ...payroll.NoticeKind) error {
	_, err := tx.Exec(ctx, `update notices set secret_hash = null, state = case state when 'queued' then 'dropped' else state end
		where employee = $1 and kind = any($2) and (secret_hash is not null or state = 'queued')`, number, kinds)
	return wrap("end earlier secrets", err)
}

// ClaimNotices gives a worker up to n notices that are due, those first for which
// somebody waits. Until the lease ends no other worker gets them. What a stranger
// asked for is resolved here to the employee with exactly that address, or
// dropped without a trace to the outside; dropped too is what there is nobody to
// send to any more.
func (s *Store) ClaimNotices(ctx context.Context, n int, lease time.Duration) ([]payroll.Notice, error) {
	for {
		ids, err := s.claimDueNotices(ctx, n, lease)
		if err != nil || len(ids) == 0 {
			return nil, err
		}
		if err := s.resolveStrangers(ctx, ids); err != nil {
			return nil, err
		}
		notices, err := s.readNotices(ctx, ids)
		if err != nil || len(notices) > 0 {
			return notices, err
		}
	}
}

func (s *Store) claimDueNotices(ctx context.Context, n int, lease time.Duration) ([]string, error) {
	rows, err := s.hot.Query(ctx, `with due as (
			select d.id from generate_series(0, 2) r cross join lateral (
				select id from notices where state = 'queued' and rank = r and due_at <= (select clock_timestamp())
				order by due_at limit $1 for update skip locked
			) d limit $1
		)
		update notices n set due_at = clock_timestamp() + $2::interval from due where n.id = due.id returning n.id::text`, n, lease)
	if err != nil {
		return nil, wrap("claim notices", err)
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return ids, wrap("claim notices", err)
}

// resolveStrangers finds the employee for what strangers asked for, or drops it:
// there is none, or more was sent to them within the hour than is good.
func (s *Store) resolveStrangers(ctx context.Context, ids []string) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select n.id::text, n.kind, e.number
			from notices n join employees e on lower(e.email) = lower(n.address)
			where n.id = any($1::uuid[]) and n.employee is null and n.kind in ('link', 'sign_in_code')
			order by e.number, n.created_at for no key update of e`, ids)
		if err != nil {
			return err
		}
		type request struct {
			ID, Kind string
			Employee payroll.EmployeeNumber
		}
		requests, err := pgx.CollectRows(rows, pgx.RowToStructByPos[request])
		if err != nil {
			return err
		}
		for _, r := range requests {
			// Nobody else counts at the same time: the employee is locked.
			_, err := tx.Exec(ctx, `update notices set employee = $2 where id = $1 and employee is null and (select count(*) from notices
				where employee = $2 and kind = $3 and state <> 'dropped' and created_at > clock_timestamp() - $4::interval) < $5`,
				r.ID, r.Employee, r.Kind, askPeriod, linksPerPeriod)
			if err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `update notices set state = 'dropped' where id = any($1::uuid[]) and employee is null
			and kind in ('link', 'sign_in_code')`, ids)
		return err
	})
	return wrap("find whom a notice is for", err)
}

// readNotices reads claimed notices with all that is needed to compose them, and
// drops those that have lost their purpose. What a stranger asked for goes to the
// address as HR has it: to some mail servers case makes another mailbox.
func (s *Store) readNotices(ctx context.Context, ids []string) ([]payroll.Notice, error) {
	rows, err := s.hot.Query(ctx, `with now as (
			select n.*, e.name, e.email, e.language as mother_tongue, e.left_on,
				case when n.kind = 'specimen' then n.mail_structure else coalesce(e.mail_structure, '') end as structure,
				case when n.kind = 'specimen' then n.mail_presentation else coalesce(e.mail_presentation, '') end as presentation, c.fingerprint as sealed_to, c.content
			from notices n left join employees e on e.number = n.employee
				left join certificates c on c.employee = n.employee and case n.kind
					when 'sign_in_code' then c.standing = 'current'
					when 'proof_code' then c.fingerprint = n.fingerprint and c.standing = 'candidate'
					when 'specimen' then c.fingerprint = n.fingerprint and c.standing in ('candidate', 'current')
					else false end
			where n.id = any(@ids::uuid[]) and n.state = 'queued'
		), moot as (
			update notices set state = 'dropped', secret_hash = null where id in (select id from now where
				(kind in ('sign_in_code', 'proof_code', 'specimen') and content is null)
				or (kind in ('link', 'sign_in_code', 'proof_code', 'specimen') and lower(address) <> lower(email))
				or (kind in ('invitation', 'link', 'reminder') and `+gone+`))
			returning id
		), followed as (
			update notices n set address = now.email from now
			where n.id = now.id and now.kind = 'invitation' and now.address <> now.email and n.id not in (select id from moot)
		)
		select id::text, kind, coalesce(employee, ''), coalesce(name, ''), coalesce(email, ''), coalesce(mother_tongue, ''),
			case when kind in ('invitation', 'reminder', 'link', 'sign_in_code') then email else address end,
			coalesce(nullif(language, ''), mother_tongue, ''), topic, coalesce(sealed_to, fingerprint), content,
			structure, presentation, tries, created_at
		from now where id not in (select id from moot) order by rank, created_at`,
		pgx.NamedArgs{"ids": ids})
	if err != nil {
		return nil, wrap("read notices", err)
	}
	notices, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Notice, error) {
		var n payroll.Notice
		e := &n.Employee
		err := row.Scan(&n.ID, &n.Kind, &e.Number, &e.Name, &e.Email, &e.Language, &n.To, &n.Language, &n.Topic, &n.Fingerprint,
			&n.Certificate, &n.Profile.Structure, &n.Profile.Presentation, &n.Tries, &n.Created)
		return n, err
	})
	return notices, wrap("read notices", err)
}

// ArmNotice gives a claimed notice the secret that is about to leave with it, of
// which only the hash is kept. A new link to enter makes the employee's earlier
// ones worthless, a new code the earlier codes for the same. It is
// payroll.ErrNotFound if the notice is not to be sent any more, and
// payroll.ErrWrongState if it is an invitation whose employee's address is another
// one since it was claimed.
func (s *Store) ArmNotice(ctx context.Context, id payroll.NoticeID, secret payroll.SecretHash, valid time.Duration) error {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		var number payroll.EmployeeNumber
		if err := tx.QueryRow(ctx, `select coalesce(employee, '') from notices where id = $1`, id).Scan(&number); err != nil {
			return err
		}
		if number != "" {
			if err := lockEmployee(ctx, tx, number); err != nil {
				return err
			}
		}
		var kind payroll.NoticeKind
		var session []byte
		var moved bool
		err := tx.QueryRow(ctx, `with due as (
				select id, kind = 'invitation' and address <> (select email from employees where number = employee) as moved
				from notices where id = $1 and state = 'queued' and secret_used_at is null for update
			), armed as (
				update notices n set secret_hash = $2, secret_expires_at = clock_timestamp() + $3::interval
				from due where n.id = due.id and not moved
			)
			select moved, kind, session from due join notices using (id)`, id, secret[:], valid).Scan(&moved, &kind, &session)
		if err == nil && moved {
			err = fmt.Errorf("%w: the address is another one since", payroll.ErrWrongState)
		}
		if err != nil {
			return err
		}
		if kind == payroll.NoticeSignInCode {
			_, err = tx.Exec(ctx, `update notices set secret_hash = null where session = $1 and id <> $2 and secret_hash is not null`, session, id)
			return err
		}
		_, err = tx.Exec(ctx, `update notices set secret_hash = null
			where employee = $1 and kind = any($2) and id <> $3 and secret_hash is not null`, number, rivals(kind), id)
		return err
	})
	return wrap("arm notice", err)
}

// rivals are the kinds of notices of which only the newest secret of an employee
// is worth anything.
func rivals(kind payroll.NoticeKind) []payroll.NoticeKind {
	if kind == payroll.NoticeInvitation || kind == payroll.NoticeLink {
		return []payroll.NoticeKind{payroll.NoticeInvitation, payroll.NoticeLink}
	}
	return []payroll.NoticeKind{kind}
}

// FinishNotice writes down what came of sending a notice. With a retry time the
// notice is due again then; without, the outcome is final.
func (s *Store) FinishNotice(ctx context.Context, id payroll.NoticeID, o payroll.Outcome, retry time.Time) error {
	state := payroll.NoticeRefused
	switch {
	case o.Kind == payroll.Accepted:
		state = payroll.NoticeSent
	case !retry.IsZero():
		state = payroll.NoticeQueued
	}
	_, err := s.pool.Exec(ctx, `update notices set state = $2, tries = tries + 1, phase = case when $2 = 'sent' then '' else $3 end,
			code = case when $2 = 'sent' then 0 else $4 end, due_at = coalesce($5, due_at),
			sent_at = case when $2 = 'sent' then clock_timestamp() end
		where id = $1 and state = 'queued'`, id, string(state), o.Phase, o.Code, timeValue(retry))
	return wrap("finish notice", err)
}

// DropNotice ends a notice that cannot or need not be sent.
func (s *Store) DropNotice(ctx context.Context, id payroll.NoticeID) error {
	_, err := s.pool.Exec(ctx, `update notices set state = 'dropped', secret_hash = null where id = $1 and state = 'queued'`, id)
	return wrap("drop notice", err)
}
