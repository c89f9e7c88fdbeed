package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// The classes of the advisory locks that let the tries at one account, and from
// one address, be counted one after the other. The client's comes first.
const (
	lockClient = 7101
	lockWho    = 7102
)

// BeginTry counts a try as failed before it is looked at, so that many at once
// are no way around the count; whoever finds it right takes it back. wait is the
// rule: how long somebody with these failures has to wait. Who must wait gets
// payroll.ErrTooMany, and nothing is counted.
func (s *Store) BeginTry(ctx context.Context, t payroll.Try, wait func(f payroll.SignInFailures, at time.Time) time.Duration) (at time.Time, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		who := t.Who()
		if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1, hashtext($2)), pg_advisory_xact_lock($3, hashtext($4))`,
			lockClient, t.Client, lockWho, hex.EncodeToString(who[:])); err != nil {
			return wrap("lock tries", err)
		}
		f, now, err := failures(ctx, tx, t)
		if err != nil {
			return err
		}
		if left := wait(f, now); left > 0 {
			return fmt.Errorf("%w: wait %s before the next try", payroll.ErrTooMany, (left + time.Second).Truncate(time.Second))
		}
		err = tx.QueryRow(ctx, `insert into sign_in_failures (who, client, known, at) values ($1, $2, $3, clock_timestamp()) returning at`,
			who[:], sourceOf(t), t.Browser != "").Scan(&at)
		return wrap("count a try", err)
	})
	return at, err
}

// failures are the failed tries of the last day that bear on this one.
func failures(ctx context.Context, tx pgx.Tx, t payroll.Try) (f payroll.SignInFailures, now time.Time, err error) {
	who := t.Who()
	times := func(condition string, args ...any) []time.Time {
		if err != nil {
			return nil
		}
		var rows pgx.Rows
		if rows, err = tx.Query(ctx, `select at from sign_in_failures where at > clock_timestamp() - interval '1 day' and `+condition+
			` order by at desc limit 100`, args...); err != nil {
			return nil
		}
		var all []time.Time
		all, err = pgx.CollectRows(rows, pgx.RowTo[time.Time])
		return all
	}
	f.Account = times(`who = $1 and not known`, who[:])
	f.Browser = times(`who = $1 and known and client = $2`, who[:], t.Browser)
	f.Client = times(`client = $1 and not known`, t.Client)
	if err == nil {
		err = tx.QueryRow(ctx, `select clock_timestamp()`).Scan(&now)
	}
	return f, now, wrap("count tries", err)
}

// ForgiveTry takes back a try that was right, where more than it is needed.
func (s *Store) ForgiveTry(ctx context.Context, t payroll.Try, at time.Time) error {
	who := t.Who()
	_, err := s.pool.Exec(ctx, `delete from sign_in_failures where who = $1 and at = $2`, who[:], at)
	return wrap("take back a try", err)
}

// clearTries forgets the failed tries at an account that somebody has entered.
func clearTries(ctx context.Context, tx pgx.Tx, t payroll.Try) error {
	who := t.Who()
	_, err := tx.Exec(ctx, `delete from sign_in_failures where who = $1 and (not known or client = $2)`, who[:], t.Browser)
	return wrap("forget tries", err)
}

// FailSignIn writes a failed try into the audit log: under the admin's name if
// there is one of the name that was typed, else under nobody's, and never what
// was typed. what is what was wrong, in fixed words.
func (s *Store) FailSignIn(ctx context.Context, name, what string, throttled bool) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var who payroll.AdminName
		if err := tx.QueryRow(ctx, `select name from admins where name = $1`, name).Scan(&who); noneIsFine(err) != nil {
			return wrap("read admin", err)
		}
		detail := map[string]string{"wrong": what}
		if throttled {
			detail["throttled"] = "yes"
		}
		return record(ctx, tx, payroll.Act{Who: who, What: "account.sign_in_failed", Subject: string(who), Detail: detail})
	})
}

// sourceOf is from where a try came: a browser that the account knows, or else
// the network address.
func sourceOf(t payroll.Try) string {
	if t.Browser != "" {
		return t.Browser
	}
	return t.Client
}
