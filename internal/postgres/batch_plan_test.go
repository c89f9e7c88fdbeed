package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/payseal/payseal/payroll"
)

// TraceBatchStart, TraceBatchQuery and TraceBatchEnd hear what is asked together.
func (*statements) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (l *statements) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[q.SQL] = q.Args
}

func (*statements) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// crowd are slips of the run that were queued when the tables were last analyzed.
const crowd = `
	insert into employees (number, name, email) select 'F' || i, 'x', 'f' || i || '@acme.example' from generate_series(1, 3000) i;
	insert into certificates (employee, fingerprint, content, step, standing)
		select 'F' || i, upper(md5('' || i) || 'AAAAAAAA'), '', 'certified', 'current' from generate_series(1, 3000) i;
	insert into slips (id, run, employee, digest, state, pin_email, due_at, give_up_at)
		select gen_random_uuid(), 1, 'F' || i, repeat('a', 64), 'queued', 'x@acme.example', now() + interval '1 hour', now() + interval '1 day'
		from generate_series(1, 3000) i;
	analyze`

// crowdSent is what a run leaves behind that nobody has vacuumed or analyzed since:
// of each slip its rows as it was queued and as it was claimed.
const crowdSent = `
	update slips set state = 'sending', worker = '00000000-0000-0000-0000-000000000001' where employee like 'F%';
	insert into attempts (id, slip, worker, fingerprint) select gen_random_uuid(), id, worker, 'x' from slips where employee like 'F%';
	update attempts set finished_at = clock_timestamp(), outcome = 'accepted' from slips s where s.id = slip and s.employee like 'F%';
	update slips set state = 'accepted', worker = null where employee like 'F%'`

// batchPages is how many pages of 8 kB a statement about four slips may look at. A
// claim, which writes each row and all its index entries, looks at 150, the others at
// fewer than 100; what reads all slips of the run looks at 400 and more.
const batchPages = 250

// TestABatchReadsItsOwnSlips: what a worker asks for a few slips costs what these
// slips cost, whatever was sent since the last vacuum and whatever the statistics say
// of the tables, with the plan for these values and with the one for any.
func TestABatchReadsItsOwnSlips(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 12)
	execute(crowd)(t, s)
	pool, hot := listen(t, &s.pool), listen(t, &s.hot)
	report, err := s.pool.Begin(t.Context()) // something that has looked since, so that nothing is cleared away
	ok(t, err)
	defer func() { _ = report.Rollback(context.Background()) }()
	_, err = report.Exec(t.Context(), `set transaction isolation level repeatable read; select count(*) from slips`)
	ok(t, err)
	execute(crowdSent)(t, s)
	walkABatch(t, s, id)
	asked := 0
	for _, heard := range []struct {
		pool  *pgxpool.Pool
		taken map[string][]any
		only  string // what is of interest
	}{{s.hot, hot.taken(), "slips"}, {s.pool, pool.taken(), "select exists (select from slips where run"}} {
		for sql, args := range heard.taken {
			if !strings.Contains(sql, heard.only) {
				continue
			}
			asked++
			for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
				if pages := pagesRead(t, heard.pool, mode, sql, args); pages > batchPages {
					t.Errorf("%s: %d pages: %s", mode, pages, sql)
				}
			}
		}
	}
	if asked != 5 { // claim, begin, finish, put down, settle
		t.Errorf("%d statements were heard", asked)
	}
}

// walkABatch does with a few slips what a worker does with each batch.
func walkABatch(t *testing.T, s *Store, id payroll.RunID) {
	t.Helper()
	ledger := newLedger(t, s)
	attempts := begin(t.Context(), t, s, ledger, id, 4)
	for _, a := range attempts[1:] {
		ok(t, ledger.FinishAttempt(a, payroll.Outcome{Kind: payroll.Accepted}, payroll.Fate{State: payroll.SlipAccepted})())
	}
	ok(t, ledger.ReleaseSlip(t.Context(), attempts[0].Slip, attempts[0].Worker, 0))
	_, err := s.SettleRun(t.Context(), id)
	ok(t, err)
}

// pagesRead does a statement once more, where it was asked, and takes it back.
func pagesRead(t *testing.T, pool *pgxpool.Pool, mode, sql string, args []any) (pages int) {
	t.Helper()
	tx, err := pool.Begin(t.Context())
	ok(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = tx.Exec(t.Context(), `set local plan_cache_mode = `+mode)
	ok(t, err)
	values := args
	if named, isNamed := args[0].(pgx.NamedArgs); isNamed {
		sql, values, err = named.RewriteQuery(t.Context(), tx.Conn(), sql, nil)
		ok(t, err)
	}
	name := "h" + strings.ReplaceAll(uuid.NewString(), "-", "")
	_, err = tx.Exec(t.Context(), `prepare `+name+` as `+sql)
	ok(t, err)
	places := make([]string, len(values))
	for i := range values {
		places[i] = fmt.Sprintf("$%d", i+1)
	}
	var plan []byte
	err = tx.QueryRow(t.Context(), `explain (analyze, buffers, format json) execute `+name+`(`+strings.Join(places, ", ")+`)`,
		append([]any{pgx.QueryExecModeSimpleProtocol}, values...)...).Scan(&plan)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	var explained []struct {
		Plan struct {
			Hit  int `json:"Shared Hit Blocks"`
			Read int `json:"Shared Read Blocks"`
		}
	}
	ok(t, json.Unmarshal(plan, &explained))
	return explained[0].Plan.Hit + explained[0].Plan.Read
}
