package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
)

// BeginChore gives the caller a chore that is due at a moment, and to nobody else
// unless it is not finished when the lease is over. False means that another
// worker has it, or that it is done.
func (s *Store) BeginChore(ctx context.Context, name string, due time.Time, lease time.Duration) (bool, error) {
	var begun bool
	err := s.pool.QueryRow(ctx, `insert into chores (name, due_at) values ($1, $2)
		on conflict (name, due_at) do update set begun_at = clock_timestamp()
			where chores.done_at is null and chores.begun_at < clock_timestamp() - $3 * interval '1 second'
		returning true`, name, due, lease.Seconds()).Scan(&begun)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	return begun, wrap("begin chore", err)
}

// FinishChore says that a chore is done, and forgets what was due 90 days before.
func (s *Store) FinishChore(ctx context.Context, name string, due time.Time) error {
	_, err := s.pool.Exec(ctx, `with old as (delete from chores where due_at < clock_timestamp() - interval '90 days')
		update chores set done_at = clock_timestamp() where name = $1 and due_at = $2`, name, due)
	return wrap("finish chore", err)
}
