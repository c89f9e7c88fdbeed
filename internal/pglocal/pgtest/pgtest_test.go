package pgtest_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/internal/pglocal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

var migrated atomic.Int32

// migrate leaves its connection open on purpose: clones must work all the same.
func migrate(ctx context.Context, url string) error {
	migrated.Add(1)
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE TABLE noun (word text PRIMARY KEY)")
	return err
}

func TestNewGivesEveryTestItsOwn(t *testing.T) {
	for range 3 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			conn, err := pgx.Connect(t.Context(), pgtest.New(t, migrate))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := conn.Exec(t.Context(), "INSERT INTO noun VALUES ('slip')"); err != nil {
				t.Error("the table is missing or shared:", err)
			}
		})
	}
	t.Cleanup(func() {
		if n := migrated.Load(); n != 1 {
			t.Errorf("the migration ran %d times, want once", n)
		}
	})
}

func TestNewWithoutMigrationIsEmpty(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.New(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	var tables int
	if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("%d tables, want none", tables)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		pgtest.New(b, migrate)
	}
}
