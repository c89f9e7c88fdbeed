package postgres

import (
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/payseal/payseal/internal/pglocal/pgtest"
)

// applied counts the steps that are there and those that are missing.
func applied(t *testing.T, s *Store) (there, missing int) {
	t.Helper()
	steps, err := s.Migrations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if step.Applied {
			there++
		} else {
			missing++
		}
	}
	return there, missing
}

// Two programs that start at once on an empty database both come through.
func TestMigrateTwiceAtOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t, nil)
	stores := make([]*Store, 3)
	for i := range stores {
		s, err := Open(t.Context(), url, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		stores[i] = s
	}
	if there, missing := applied(t, stores[0]); there != 0 || missing < 4 {
		t.Errorf("on an empty database %d steps are there and %d missing", there, missing)
	}
	if _, err := stores[0].Admins(t.Context()); err == nil || !strings.Contains(err.Error(), "payseal migrate up") {
		t.Errorf("without a schema: %v", err)
	}
	var group errgroup.Group
	for _, s := range stores {
		group.Go(func() error { return s.Migrate(t.Context()) })
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if there, missing := applied(t, stores[0]); there < 4 || missing != 0 {
		t.Errorf("after all %d steps are there and %d missing", there, missing)
	}
	if err := stores[0].Migrate(t.Context()); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestOpenNeverQuotesTheURL(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://payseal:hunter2@[::1/x", "postgres://payseal:hunter2@127.0.0.1:1/x", "password=hunter2 port=x"} {
		s, err := Open(t.Context(), url, nil)
		if err == nil {
			s.Close()
			t.Errorf("%s was opened", url)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error has the password: %v", err)
		}
	}
}

func TestHRErrorsHaveNoValues(t *testing.T) {
	t.Parallel()
	url := pgtest.New(t, nil)
	for query, want := range map[string]string{
		"select 'secret 4711'::text::integer":       "22P02",
		"select 1/0":                                "22012",
		"selec 1":                                   "42601",
		"select nothing from pg_class":              "42703",
		"create table x (y text)":                   "only read",
		"select 1; commit; create table x (y text)": "42601",
		"select set_config('transaction_read_only', 'off', true); select 1": "42601",
	} {
		_, _, err := ReadHR(t.Context(), url, query)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "4711") {
			t.Errorf("%s: %v", query, err)
		}
	}
	if _, _, err := ReadHR(t.Context(), "postgres://payseal:hunter2@127.0.0.1:1/x", "select 1"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("the error has the password: %v", err)
	}
	columns, rows, err := ReadHR(t.Context(), url, "select null::text as a, true as b, false as b, date '2026-10-30' as d, '007'::text as e")
	if err != nil || strings.Join(columns, ",") != "a,b,b,d,e" || strings.Join(rows[0], ",") != ",yes,no,2026-10-30,007" {
		t.Errorf("%v %v %v", columns, rows, err)
	}
}
