package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/payseal/payseal/migrations"
)

// Migration is one numbered step of the schema.
type Migration struct {
	Name      string    `json:"name"`
	Applied   bool      `json:"applied"`
	AppliedAt time.Time `json:"applied_at,omitzero"`
}

// Migrate brings the schema up to date, ours first, then River's. Two processes
// that migrate at once wait for each other on an advisory lock.
func (s *Store) Migrate(ctx context.Context) error {
	provider, done, err := s.migrator()
	if err != nil {
		return err
	}
	defer done()
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate the schema: %w", err)
	}
	return s.migrateRiver(ctx)
}

// Migrations lists every step of our schema, and the queue's as a whole, with
// what has been applied.
func (s *Store) Migrations(ctx context.Context) ([]Migration, error) {
	provider, done, err := s.migrator()
	if err != nil {
		return nil, err
	}
	defer done()
	statuses, err := provider.Status(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the schema's version: %w", err)
	}
	list := make([]Migration, len(statuses))
	for i, st := range statuses {
		list[i] = Migration{Name: st.Source.Path, Applied: st.State == goose.StateApplied, AppliedAt: st.AppliedAt}
	}
	queue, err := s.riverMigration(ctx)
	return append(list, queue), err
}

// riverMigration says whether the queue's own schema is the one that we need.
func (s *Store) riverMigration(ctx context.Context) (Migration, error) {
	migrator, err := rivermigrate.New(riverpgxv5.New(s.pool), nil)
	if err != nil {
		return Migration{}, fmt.Errorf("read the queue's schema: %w", err)
	}
	valid, err := migrator.Validate(ctx, nil)
	if err != nil {
		return Migration{}, fmt.Errorf("read the queue's schema: %w", err)
	}
	return Migration{Name: "queue (River)", Applied: valid.OK}, nil
}

func (s *Store) migrator() (*goose.Provider, func(), error) {
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return nil, nil, fmt.Errorf("prepare the migration lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(s.pool)
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.Files, goose.WithSessionLocker(locker))
	if err != nil {
		_ = db.Close()
		return nil, nil, fmt.Errorf("read the migrations: %w", err)
	}
	return provider, func() { _ = db.Close() }, nil
}

// migrateRiver runs under the same kind of lock, which River does not take. One
// transaction for all its steps is not possible: a later one uses a value that
// an earlier one adds to an enum.
func (s *Store) migrateRiver(ctx context.Context) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(s.pool), nil)
	if err != nil {
		return fmt.Errorf("prepare the queue's schema: %w", err)
	}
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return wrap("lock the queue's schema", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `select pg_advisory_lock(hashtext('payseal river migration'))`); err != nil {
		return wrap("lock the queue's schema", err)
	}
	// Also when ctx has ended; a connection that is lost loses the lock with it.
	defer func() {
		_, _ = conn.Exec(context.WithoutCancel(ctx), `select pg_advisory_unlock(hashtext('payseal river migration'))`)
	}()
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the queue's schema: %w", err)
	}
	return nil
}
