// Package postgres is the only room that speaks SQL: one file per noun. It keeps
// data true (transactions, constraints, locks) and must never hold a rule of the
// business beyond that. Read [Store] first, then runs.go.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/payseal/payseal/keystore"
	"github.com/payseal/payseal/payroll"
)

// Store is payseal's database. Its methods are safe for concurrent use.
type Store struct {
	pool  *pgxpool.Pool
	hot   *pgxpool.Pool // for statements about a few slips at a time: see newHotPool
	jobs  Enqueuer
	vault *keystore.MasterKey // nil while locked
	keys  sync.Map            // payroll.RunID -> *keystore.DataKey, unwrapped

	actor payroll.Origin // whose acts they are, where a context does not say

	payDates    sync.Map // payroll.RunID -> payroll.Date
	inspections sync.Map // payroll.RunID -> inspected
	generations sync.Map // payroll.AdminName -> int64, the newest that was seen of an account

	certifiers atomic.Pointer[[]keystore.Certificate] // whose certifications are proven: see Trust
}

// Enqueuer puts jobs into the queue inside the caller's transaction.
type Enqueuer interface {
	Enqueue(ctx context.Context, tx pgx.Tx, run payroll.RunID, jobs int) error
}

// Open connects to the database at url.
func Open(ctx context.Context, url string, jobs Enqueuer) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		// The library's text may quote the URL, which holds a password.
		return nil, errors.New("read database URL: it is not a postgres:// URL or a key=value string")
	}
	config.MaxConns = max(config.MaxConns, 8)
	config.ConnConfig.RuntimeParams["application_name"] = "payseal"
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["jit"] = "off" // compiling took longer than the longest query here
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	hot, err := newHotPool(ctx, config)
	if err != nil {
		pool.Close()
		return nil, err
	}
	return &Store{pool: pool, hot: hot, jobs: jobs}, nil
}

// newHotPool is for what a worker does all the time with a few slips out of a
// table that grows as it goes. Postgres keeps a plan that it made while the table
// was small, with a scan of all of it in the middle; here it may only look things
// up by index.
func newHotPool(ctx context.Context, config *pgxpool.Config) (*pgxpool.Pool, error) {
	config = config.Copy()
	config.MaxConns, config.MinConns, config.MinIdleConns = 4, 0, 0
	for _, method := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin"} {
		config.ConnConfig.RuntimeParams[method] = "off"
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return pool, nil
}

// Unlock gives the store the master key, without which it can neither store nor
// open a slip. It is called before the store is shared.
func (s *Store) Unlock(vault *keystore.MasterKey) { s.vault = vault }

// ActFor says whose acts the store's are, where their context does not say: a
// command has one person. It is called before the store is shared.
func (s *Store) ActFor(who payroll.AdminName, roles []payroll.Role) {
	s.actor = payroll.Origin{Who: who, Roles: roles}
}

// Close ends every connection.
func (s *Store) Close() {
	s.hot.Close()
	s.pool.Close()
}

// Pool is the pool itself, for the rooms that bring their own engine (River).
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Now is the database's clock, the only one that several workers share.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	err := s.pool.QueryRow(ctx, `select clock_timestamp()`).Scan(&now)
	return now, wrap("read the database's clock", err)
}

// inTx runs f in one transaction, and ends it only if whoever acts still may. What
// f finds tampered with raises an alarm beside it.
func (s *Store) inTx(ctx context.Context, f func(tx pgx.Tx) error) error {
	return s.begin(ctx, func(tx pgx.Tx) error {
		if err := f(tx); err != nil {
			return err
		}
		return s.stillMay(ctx, tx)
	})
}

// begin is inTx for what looks by itself at whoever acts.
func (s *Store) begin(ctx context.Context, f func(tx pgx.Tx) error) error {
	return s.tell(ctx, unavailable(pgx.BeginFunc(ctx, s.pool, f)))
}

// wrap says what was being done. ErrNoRows becomes payroll.ErrNotFound here and
// nowhere else.
func wrap(doing string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("%s: %w", doing, payroll.ErrNotFound)
	}
	return fmt.Errorf("%s: %w", doing, unavailable(err))
}

// unavailable makes payroll.ErrUnavailable of errors that say that there is no
// database to be had just now.
func unavailable(err error) error {
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case err == nil || errors.Is(err, payroll.ErrUnavailable):
		return err
	case errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %w", payroll.ErrUnavailable, scrub(err))
	}
	return scrub(err)
}

// notInRepertoire is the SQLSTATE of a text with a NUL or one that is not UTF-8.
// No statement of ours has one: somebody sent it.
const notInRepertoire = "22021"

// scrub keeps of a database error what is safe to show: the SQLSTATE, the
// message and the constraint, but not the detail, which quotes the row.
func scrub(err error) error {
	var broken *pgconn.PgError
	if !errors.As(err, &broken) {
		if strings.Contains(err.Error(), "failed to encode args") { // pgx quotes the value
			return errors.New("a value does not fit its column")
		}
		return err
	}
	if broken.Code == notInRepertoire {
		return fmt.Errorf("%w: a text has a character that is none", payroll.ErrInvalid)
	}
	return &databaseError{code: broken.Code, constraint: broken.ConstraintName}
}

// databaseError is a Postgres error without the values that it was about.
type databaseError struct{ code, constraint string }

// Is knows payroll.ErrUnavailable: a connection that broke, a server that has no
// room for another, or one that is being stopped.
func (e *databaseError) Is(target error) bool {
	return target == payroll.ErrUnavailable &&
		(strings.HasPrefix(e.code, "08") || strings.HasPrefix(e.code, "53") || strings.HasPrefix(e.code, "57P"))
}

// Error names the SQLSTATE and the constraint.
func (e *databaseError) Error() string {
	if e.code == "42P01" || e.code == "42703" { // undefined_table, undefined_column
		return "the schema is missing or not up to date; run payseal migrate up (database error " + e.code + ")"
	}
	if e.constraint != "" {
		return fmt.Sprintf("database error %s on %s", e.code, e.constraint)
	}
	return "database error " + e.code
}

// violates reports whether err is the violation of the named constraint.
func violates(err error, constraint string) bool {
	var broken *pgconn.PgError
	if errors.As(err, &broken) {
		return broken.ConstraintName == constraint
	}
	var scrubbed *databaseError
	return errors.As(err, &scrubbed) && scrubbed.constraint == constraint
}
