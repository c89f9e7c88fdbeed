package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// PutMapping remembers how the files of a source are read.
func (s *Store) PutMapping(ctx context.Context, source string, reading []byte, by payroll.AdminName) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `insert into mappings (source, reading, by_admin) values ($1, $2, $3)
			on conflict (source) do update set reading = excluded.reading, by_admin = excluded.by_admin, at = clock_timestamp()`,
			source, string(reading), by)
		return wrap("remember how a source is read", err)
	})
}

// Mapping is how the files of a source are read; payroll.ErrNotFound for a new one.
func (s *Store) Mapping(ctx context.Context, source string) ([]byte, error) {
	var reading []byte
	err := s.pool.QueryRow(ctx, `select reading from mappings where source = $1`, source).Scan(&reading)
	return reading, wrap("read how a source is read", err)
}

// Sources are the names of all sources, the one used last first.
func (s *Store) Sources(ctx context.Context) ([]string, error) {
	rows, err := s.pool.Query(ctx, `select source from mappings order by at desc, source limit 100`)
	if err != nil {
		return nil, wrap("read sources", err)
	}
	sources, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return sources, wrap("read sources", err)
}
