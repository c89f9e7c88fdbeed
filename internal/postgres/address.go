package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// addressChangeValid is how long a change of the address waits for its
// confirmations.
const addressChangeValid = 72 * time.Hour

var errUnusableAddress = fmt.Errorf("%w: this address cannot be yours here; use another, or ask HR", payroll.ErrInvalid)

// RequestAddressChange asks at the old and at the new address whether the
// employee's address may change. It takes the place of an earlier request, whose
// links die. An address that the employee or anyone else has is
// payroll.ErrInvalid, without a word on whose it is.
func (s *Store) RequestAddressChange(ctx context.Context, number payroll.EmployeeNumber, to payroll.Address) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockEmployee(ctx, tx, number); err != nil {
			return err
		}
		if err := refuseMore(ctx, tx, number, payroll.NoticeConfirmOld, changesPerPeriod); err != nil {
			return err
		}
		if err := refuseTaken(ctx, tx, to); err != nil {
			return err
		}
		if err := killSecrets(ctx, tx, number, payroll.NoticeConfirmOld, payroll.NoticeConfirmNew); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `insert into address_changes (employee, address, expires_at) values ($1, $2, clock_timestamp() + $3::interval)
			on conflict (employee) do update set address = excluded.address, old_confirmed_at = null, new_confirmed_at = null,
				created_at = clock_timestamp(), expires_at = excluded.expires_at`, number, to, addressChangeValid)
		if err != nil {
			return wrap("ask for an address change", err)
		}
		for _, n := range []newNotice{
			{kind: payroll.NoticeConfirmOld, employee: number},
			{kind: payroll.NoticeConfirmNew, employee: number, address: to},
		} {
			if err := n.insert(ctx, tx); err != nil {
				return err
			}
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "form.ask_address", Subject: string(number)})
	})
}

func refuseTaken(ctx context.Context, tx pgx.Tx, to payroll.Address) error {
	var taken bool
	err := tx.QueryRow(ctx, `select exists (select from employees where lower(email) = lower($1))`, to).Scan(&taken)
	if err == nil && taken {
		return errUnusableAddress
	}
	return wrap("compare addresses", err)
}

// ConfirmAddress uses up the link of one of the two confirmations. With the
// second the employee's address changes, and done is true.
func (s *Store) ConfirmAddress(ctx context.Context, token payroll.SecretHash) (done bool, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		number, kind, err := confirming(ctx, tx, token)
		if err != nil {
			return err
		}
		change := payroll.AddressChange{}
		var old payroll.Address
		err = tx.QueryRow(ctx, `update address_changes a set
				old_confirmed_at = case when $2 = 'confirm_old' then clock_timestamp() else old_confirmed_at end,
				new_confirmed_at = case when $2 = 'confirm_new' then clock_timestamp() else new_confirmed_at end
			from employees e where a.employee = $1 and e.number = a.employee and a.expires_at > clock_timestamp()
			returning a.address, e.email, old_confirmed_at is not null, new_confirmed_at is not null`, number, string(kind)).
			Scan(&change.To, &old, &change.OldConfirmed, &change.NewConfirmed)
		if err != nil {
			return err
		}
		if done = change.OldConfirmed && change.NewConfirmed; !done {
			return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "form." + string(kind), Subject: string(number)})
		}
		return moveAddress(ctx, tx, number, old, change.To)
	})
	return done && err == nil, wrap("confirm address", err)
}

// confirming uses a confirmation's token up. The roster is locked before the
// employee and the employee before the notice, as everybody does it; a token that
// nobody has locks nothing.
func confirming(ctx context.Context, tx pgx.Tx, token payroll.SecretHash) (payroll.EmployeeNumber, payroll.NoticeKind, error) {
	var number payroll.EmployeeNumber
	var kind payroll.NoticeKind
	const live = `secret_hash = $1 and kind in ('confirm_old', 'confirm_new') and secret_used_at is null and secret_expires_at > clock_timestamp()`
	if err := tx.QueryRow(ctx, `select employee, kind from notices where `+live, token[:]).Scan(&number, &kind); err != nil {
		return number, kind, err
	}
	if err := lockRoster(ctx, tx); err != nil {
		return number, kind, err
	}
	if err := lockEmployee(ctx, tx, number); err != nil {
		return number, kind, err
	}
	err := tx.QueryRow(ctx, `update notices n set secret_used_at = clock_timestamp() where `+live+` returning n.employee, n.kind`, token[:]).
		Scan(&number, &kind)
	return number, kind, err
}

// moveAddress gives the employee the new address and tells both.
func moveAddress(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, old, to payroll.Address) error {
	if err := refuseTaken(ctx, tx, to); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `update employees set email = $2, email_changed_at = clock_timestamp(), email_by = '(employee)', updated_at = clock_timestamp(),
		email_in_file = case email_in_file when '' then email else email_in_file end where number = $1`, number, to)
	if err != nil {
		return wrap("change address", err)
	}
	if err := forgetAddress(ctx, tx, []payroll.EmployeeNumber{number}); err != nil {
		return err
	}
	for _, address := range []payroll.Address{old, to} {
		if err := tellChange(ctx, tx, number, address, payroll.TopicAddressChanged, ""); err != nil {
			return err
		}
	}
	return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "employees.address", Subject: string(number)})
}

// forgetAddress ends what stood on the addresses that these employees had until
// now: visits to the form, a change that waited, its links, and the place in the
// Web Key Directory.
func forgetAddress(ctx context.Context, tx pgx.Tx, numbers []payroll.EmployeeNumber) error {
	for _, sql := range []string{
		`delete from sessions where employee = any($1)`,
		`delete from address_changes where employee = any($1)`,
		`update notices set secret_hash = null, state = case state when 'queued' then 'dropped' else state end
			where employee = any($1) and kind in ('confirm_old', 'confirm_new') and (secret_hash is not null or state = 'queued')`,
		`update certificates set wkd_hash = '' where employee = any($1) and wkd_hash <> ''`,
	} {
		if _, err := tx.Exec(ctx, sql, numbers); err != nil {
			return wrap("forget the old address", err)
		}
	}
	return nil
}

// CancelAddressChange ends a change that waits; none is as well.
func (s *Store) CancelAddressChange(ctx context.Context, number payroll.EmployeeNumber) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `delete from address_changes where employee = $1 returning employee`, number).Scan(&number)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return wrap("cancel address change", err)
		}
		if err := killSecrets(ctx, tx, number, payroll.NoticeConfirmOld, payroll.NoticeConfirmNew); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Themself, What: "form.cancel_address", Subject: string(number)})
	})
}

// tellChange writes a notice of a change to an address of the employee's ("": the
// one that they have now), unless the same is waiting or was sent within the hour.
func tellChange(ctx context.Context, tx pgx.Tx, number payroll.EmployeeNumber, address payroll.Address, topic string, f payroll.Fingerprint) error {
	_, err := tx.Exec(ctx, `insert into notices (id, kind, employee, address, topic, fingerprint)
		select gen_random_uuid(), 'change', e.number, coalesce(nullif($2, ''), e.email), $3, $4 from employees e
		where e.number = $1 and not exists (select from notices n where n.employee = e.number and n.kind = 'change'
			and n.topic = $3 and n.fingerprint = $4 and lower(n.address) = lower(coalesce(nullif($2, ''), e.email))
			and (n.state = 'queued' or n.sent_at > clock_timestamp() - $5::interval))`, number, address, topic, f, askPeriod)
	return wrap("tell of a change", err)
}

// ForgetOwnAddress lets the next import set the address of its file again, in the
// place of one that was confirmed in the form.
func (s *Store) ForgetOwnAddress(ctx context.Context, number payroll.EmployeeNumber, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockEmployee(ctx, tx, number); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `update employees set email_in_file = '' where number = $1 and email_in_file <> ''`, number)
		if err != nil {
			return wrap("forget an own address", err)
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("%w: the address of employee %q was not changed in the form; imports set it as it is", payroll.ErrWrongState, string(number))
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "employees.file_address", Subject: string(number)})
	})
}
