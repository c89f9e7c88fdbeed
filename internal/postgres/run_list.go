package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// maxLines is the most rows that a page of a list takes.
const maxLines = 200

func limited(n int) int {
	if n <= 0 || n > maxLines {
		return maxLines
	}
	return n
}

// RunLines reads a page of the runs, the newest first.
func (s *Store) RunLines(ctx context.Context, q payroll.RunQuery) ([]payroll.RunLine, error) {
	args := pgx.NamedArgs{"state": q.State, "before": q.Before, "after": q.After, "limit": limited(q.Limit), "from": "", "to": ""}
	where, order := "true", "desc"
	if q.State != "" {
		where += " and state = @state"
	}
	if q.Year != 0 {
		where += " and period between @from and @to"
		args["from"], args["to"] = fmt.Sprintf("%04d-01", q.Year), fmt.Sprintf("%04d-12", q.Year)
	}
	switch {
	case q.After != 0:
		where, order = where+" and id > @after", "asc"
	case q.Before != 0:
		where += " and id < @before"
	}
	rows, err := s.pool.Query(ctx, `select `+runColumns+`, slips, counts from runs where `+where+` order by id `+order+` limit @limit`, args)
	if err != nil {
		return nil, wrap("read runs", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.RunLine, error) {
		var l payroll.RunLine
		run, err := scanRun(alongside(row, &l.Slips, &l.Counts))
		l.Run = run
		return l, err
	})
	if err != nil {
		return nil, wrap("read runs", err)
	}
	if q.After != 0 {
		slices.Reverse(lines)
	}
	for i := range lines {
		if err := s.fillCounts(ctx, &lines[i]); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// alongside scans further columns after those that a scan asks for.
func alongside(row pgx.Row, further ...any) pgx.Row { return scanMore{row, further} }

type scanMore struct {
	pgx.Row
	further []any
}

func (s scanMore) Scan(dest ...any) error {
	return s.Row.Scan(append(slices.Clone(dest), s.further...)...) //nolint:wrapcheck // who scans wraps it
}

// fillCounts says how a run's slips stand: as was written down when it came to
// rest, as its state says, or counted.
func (s *Store) fillCounts(ctx context.Context, l *payroll.RunLine) (err error) {
	switch {
	case l.State == payroll.RunVoid || l.State == payroll.RunRejected:
		l.Counts = map[payroll.SlipState]int{payroll.SlipWithdrawn: l.Slips}
	case l.Counts != nil && l.State != payroll.RunSending && l.State != payroll.RunPaused:
	case !l.Started():
		l.Counts = map[payroll.SlipState]int{payroll.SlipReady: l.Slips}
	default:
		l.Counts, err = s.Counts(ctx, l.ID)
	}
	return err
}

// RunYears are the years of which there are runs, the newest first.
func (s *Store) RunYears(ctx context.Context) ([]int, error) {
	rows, err := s.pool.Query(ctx, `select distinct left(period, 4)::int as year from runs order by year desc`)
	if err != nil {
		return nil, wrap("read the years of the runs", err)
	}
	years, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return years, wrap("read the years of the runs", err)
}

// CorrectionsOf are the runs that correct the run, the oldest first.
func (s *Store) CorrectionsOf(ctx context.Context, run payroll.RunID) ([]payroll.Run, error) {
	rows, err := s.pool.Query(ctx, `select `+runColumns+` from runs where corrects = $1 order by id`, run)
	if err != nil {
		return nil, wrap("read corrections", err)
	}
	runs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.Run, error) { return scanRun(row) })
	return runs, wrap("read corrections", err)
}

// RunProgress is where a run stands at this moment.
func (s *Store) RunProgress(ctx context.Context, run payroll.RunID) (payroll.Progress, error) {
	p := payroll.Progress{Run: run}
	err := s.pool.QueryRow(ctx, `select state, reason, started_at, finished_at, clock_timestamp() from runs where id = $1`, run).
		Scan(&p.State, &p.Reason, &p.StartedAt, &p.FinishedAt, &p.At)
	if err != nil {
		return p, wrap(fmt.Sprintf("read run %d", run), err)
	}
	p.Counts, err = s.Counts(ctx, run)
	return p, err
}

// RunLife is what was done with a run as a whole, the oldest first: the entries of
// the audit log about it, at most the last 300.
func (s *Store) RunLife(ctx context.Context, run payroll.RunID) ([]payroll.AuditEntry, error) {
	return s.entriesOf(ctx, fmt.Sprintf("run %d", run))
}

// SlipLife is what people did with one slip, the oldest first, at most the last
// 300 entries.
func (s *Store) SlipLife(ctx context.Context, run payroll.RunID, number payroll.EmployeeNumber, id payroll.SlipID) ([]payroll.AuditEntry, error) {
	return s.entriesOf(ctx, fmt.Sprintf("run %d, employee %s", run, number), "slip "+string(id))
}

func (s *Store) entriesOf(ctx context.Context, subjects ...string) ([]payroll.AuditEntry, error) {
	rows, err := s.pool.Query(ctx, `select seq, at, who, act, subject, detail, previous, hash from (
			select * from audit where subject = any($1) order by seq desc limit 300) a order by seq`, subjects)
	if err != nil {
		return nil, wrap("read the audit log", err)
	}
	entries, err := pgx.CollectRows(rows, scanEntry)
	return entries, wrap("read the audit log", err)
}

// NoteReport writes down that somebody took a run's report out of payseal.
func (s *Store) NoteReport(ctx context.Context, run payroll.RunID, by payroll.AdminName, form string, at time.Time) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		return record(ctx, tx, runAct(by, "run.report", run, map[string]string{"form": form, "as_of": at.UTC().Format(time.RFC3339)}))
	})
}
