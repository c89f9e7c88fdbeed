package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Lease reserves n sends at one per period under a key that all workers share,
// and returns how long to wait until the first of them may go. It is GCRA on
// one row: the row holds the time at which the next send may start. Only the
// database's clock counts, and losing the row in a crash does no harm.
func (s *Store) Lease(ctx context.Context, key string, n int, period time.Duration) (time.Duration, error) {
	var micros int64
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `set local synchronous_commit = off`); err != nil {
			return err
		}
		span := time.Duration(n) * period
		return tx.QueryRow(ctx, `insert into rate_limits as r (key, tat) values ($1, clock_timestamp() + $2::interval)
			on conflict (key) do update set tat = greatest(r.tat, clock_timestamp()) + $2::interval
			returning greatest(0, extract(epoch from tat - $2::interval - clock_timestamp()) * 1000000)::bigint`,
			key, span).Scan(&micros)
	})
	return time.Duration(micros) * time.Microsecond, wrap("lease sends", err)
}
