package postgres

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/payseal/payseal/payroll"
)

// growing are the tables that no visitor's request and no claim may read all of.
var growing = []string{"notices", "sessions", "employees", "certificates", "certificate_steps", "slips", "slip_releases", "slip_asks", "attempts", "reports", "address_changes", "audit", "alarms",
	"admin_sessions", "step_ups", "admin_factors", "recovery_codes", "api_tokens", "sign_in_failures", "proposals"}

// short are indexes of which a statement may read what it finds: the last entry,
// and what is open.
var short = []string{"audit_pkey", "proposals_open", "alarms_once"}

// statements writes down what is asked of the database.
type statements struct {
	mu   sync.Mutex
	seen map[string][]any
}

func (l *statements) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[q.SQL] = q.Args
	return ctx
}

func (*statements) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// taken is what was asked until now.
func (l *statements) taken() map[string][]any {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.seen)
}

// listen lets a pool write down what it is asked.
func listen(t *testing.T, pool **pgxpool.Pool) *statements {
	t.Helper()
	l := &statements{seen: make(map[string][]any)}
	config := (*pool).Config()
	config.ConnConfig.Tracer = l
	traced, err := pgxpool.NewWithConfig(t.Context(), config)
	ok(t, err)
	(*pool).Close()
	*pool = traced
	return l
}

// TestTheFormGoesByIndex: whatever the form, the post and a claim ask can be
// answered by looking up a few rows, however many there are.
func TestTheFormGoesByIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := sendingRun(t, s, 2)
	acceptAll(t, s, id, 2)
	putEmployees(t, s, kiran("7", "k@acme.example"))
	enrolled(t, s, "7", "A")
	submit(t, s, "0000", "B")
	link := invite(t, s, "7")
	execute(fill)(t, s)
	pool, hot := listen(t, &s.pool), listen(t, &s.hot)
	walkTheForm(t, s, link)
	lines, err := s.LedgerOf(t.Context(), "0000")
	ok(t, err)
	ok(t, s.AskAgain(t.Context(), "0000", lines[0].Slip))
	_, err = s.Claim(t.Context(), id, payroll.WorkerID(uuid.NewString()), 1, threeDays(t))
	ok(t, err)
	goesByIndex(t, s.hot, hot.taken())
	if seen := pool.taken(); len(seen) < 40 {
		t.Errorf("only %d statements were heard", len(seen))
	} else {
		goesByIndex(t, s.pool, seen)
	}
}

// goesByIndex has each statement explained where it was asked.
func goesByIndex(t *testing.T, pool *pgxpool.Pool, seen map[string][]any) {
	t.Helper()
	for sql, args := range seen {
		if verb, _, _ := strings.Cut(strings.TrimSpace(sql), " "); !slices.Contains([]string{"select", "insert", "update", "delete", "with"}, verb) {
			continue
		}
		var plan []byte
		if err := pool.QueryRow(t.Context(), `explain (format json) `+sql, args...).Scan(&plan); err != nil {
			t.Errorf("%s: %v", sql, err)
			continue
		}
		var nodes []struct{ Plan planNode }
		ok(t, json.Unmarshal(plan, &nodes))
		if table := nodes[0].Plan.readsAll(); table != "" {
			t.Errorf("reads all of %s: %s\n%s", table, sql, plan)
		}
	}
}

// fill makes a company of thousands, which has been there for a while.
const fill = `
	insert into employees (number, name, email) select 'F' || i, 'x', 'f' || i || '@acme.example' from generate_series(1, 2000) i;
	insert into certificates (employee, fingerprint, content, step, standing, wkd_hash)
		select 'F' || i, upper(md5('' || i) || 'AAAAAAAA'), '', 'certified', 'current', md5('' || i) from generate_series(1, 2000) i;
	insert into certificate_steps (certificate, step, by_admin) select id, 'submitted', 'maker' from certificates;
	insert into notices (id, kind, employee, address, state, secret_hash, secret_expires_at)
		select gen_random_uuid(), k, 'F' || i, 'f' || i || '@acme.example', 'sent',
			sha256(convert_to(k || i, 'UTF8')), now()
		from generate_series(1, 2000) i, unnest(array['link', 'proof_code', 'specimen', 'change', 'sign_in_code']) k;
	insert into notices (id, kind, address) select gen_random_uuid(), 'link', 's' || i || '@acme.example' from generate_series(1, 2000) i;
	insert into notices (id, kind, employee, address, due_at) select gen_random_uuid(), 'invitation', 'F' || i, 'x@acme.example', now() + interval '1 hour'
		from generate_series(1, 2000) i;
	update notices set state = 'dropped' where employee is null;
	insert into sessions (id_hash, employee, proof) select sha256(convert_to('' || i, 'UTF8')), 'F' || i, 'link' from generate_series(1, 2000) i;
	insert into address_changes (employee, address, expires_at) select 'F' || i, 'x@acme.example', now() + interval '1 day' from generate_series(1, 2000) i;
	insert into reports (employee, kind, words) select 'F' || i, 'not_me', 'x' from generate_series(1, 2000) i;
	insert into slips (id, run, employee, digest, state, pin_email) select gen_random_uuid(), 1, 'F' || i, repeat('a', 64), 'queued', 'x@acme.example' from generate_series(1, 2000) i;
	insert into attempts (id, slip, worker, fingerprint) select gen_random_uuid(), id, gen_random_uuid(), 'x' from slips;
	insert into slip_asks (slip) select id from slips where employee like 'F%';
	insert into slip_releases (slip, by_admin, reason) select id, 'maker', 'x' from slips;
	analyze`

// walkTheForm asks all that the form and the post ask.
func walkTheForm(t *testing.T, s *Store, link payroll.SecretHash) {
	t.Helper()
	visit := token(t)
	_, err := s.OpenLink(t.Context(), link, visit)
	ok(t, err)
	_, err = s.Session(t.Context(), visit, formLimits)
	ok(t, err)
	ok(t, s.RequestLink(t.Context(), "k@acme.example", ""))
	ok(t, s.DropNotice(t.Context(), postOnly(t, s, payroll.NoticeLink).ID))
	_, err = s.Prove(t.Context(), "7", candidate(t, s, "7", "C"), payroll.StepCertified)
	ok(t, err)
	climb(t, s, "7", "C", payroll.StepPhoneChecked, payroll.StepCertified)
	ok(t, s.RequestSpecimen(t.Context(), "7", fingerprint("C"), payroll.MailProfile{}))
	ok(t, s.PutSeen(t.Context(), "7", payroll.SeenGood, payroll.MailProfile{}))
	pending, code := token(t), token(t)
	ok(t, s.RequestSignIn(t.Context(), "k@acme.example", pending, ""))
	for _, n := range ofKind(post(t, s), payroll.NoticeSignInCode) {
		deliver(t, s, n, code)
	}
	_, err = s.SignIn(t.Context(), pending, code, token(t))
	ok(t, err)
	_, err = s.Enrolee(t.Context(), "7")
	ok(t, err)
	_, _ = askAddress(t, s, "7", "own@acme.example")
	ok(t, s.CancelAddressChange(t.Context(), "7"))
	old, fresh := askAddress(t, s, "7", "own@acme.example")
	for _, link := range []payroll.SecretHash{old, fresh} {
		_, err = s.ConfirmAddress(t.Context(), link)
		ok(t, err)
	}
	ok(t, s.CreateReport(t.Context(), "7", payroll.ReportStranger, "words"))
	ok(t, s.RevokeOwn(t.Context(), "7", fingerprint("C")))
	_, _ = s.PublishedCertificate(t.Context(), "acme.example", "hash") // there is none
	ok(t, s.EndSession(t.Context(), visit))
	for _, n := range post(t, s) {
		ok(t, s.FinishNotice(t.Context(), n.ID, payroll.Outcome{Kind: payroll.Deferred}, time.Now()))
	}
}

// planNode is one node of a plan as Postgres explains it.
type planNode struct {
	Type  string     `json:"Node Type"`
	Table string     `json:"Relation Name"`
	Index string     `json:"Index Name"`
	Cond  string     `json:"Index Cond"`
	Plans []planNode `json:"Plans"`
}

// readsAll names a growing table of which the plan reads every row, or every row
// of an index.
func (n planNode) readsAll() string {
	grows := slices.Contains(growing, n.Table) && !slices.Contains(short, n.Index)
	if grows && (n.Type == "Seq Scan" || strings.HasPrefix(n.Type, "Index") && n.Cond == "") {
		return n.Table
	}
	for _, below := range n.Plans {
		if table := below.readsAll(); table != "" {
			return table
		}
	}
	return ""
}
