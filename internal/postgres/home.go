package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// waitingCounts are the parts of payroll.Waiting that are numbers: few rows each,
// by an index, however many employees and runs there are.
const waitingCounts = `select
	(select count(*)::int from certificates where standing = 'candidate' and step = 'decryption_proven'),
	(select count(*)::int from slips s where s.state = 'held' and s.hold = 'change_freeze'
		and s.run in (select id from runs where state in ('sending', 'paused', 'incomplete'))),
	(select coalesce(sum(n), 0)::int from (` + unsureSlips + `) u(run, n)),
	(select count(*)::int from alarms where settled_at is null),
	(select count(*)::int from reports where settled_at is null),
	(select count(*)::int from runs where state = 'approved')`

// Waiting is what waits for people. It is asked every few seconds by every
// console.
func (s *Store) Waiting(ctx context.Context) (payroll.Waiting, error) {
	var w payroll.Waiting
	err := s.pool.QueryRow(ctx, waitingCounts).Scan(&w.Calls, &w.Frozen, &w.Unsure, &w.Alarms, &w.Reports, &w.Unsent)
	if err != nil {
		return w, wrap("count what waits", err)
	}
	rows, err := s.pool.Query(ctx, `select id, state, imported_by, coalesce(submitted_by, '') from runs where state in ('draft', 'submitted') order by id`)
	if err != nil {
		return w, wrap("read what waits", err)
	}
	var run payroll.Run
	_, err = pgx.ForEachRow(rows, []any{&run.ID, &run.State, &run.ImportedBy, &run.SubmittedBy}, func() error {
		if run.State == payroll.RunDraft {
			w.Drafts = append(w.Drafts, run)
		} else {
			w.Submitted = append(w.Submitted, run)
		}
		return nil
	})
	if err != nil {
		return w, wrap("read what waits", err)
	}
	w.Proposals, err = s.OpenProposals(ctx)
	return w, err
}

// OpenRuns are the runs that have not come to their end, the newest first.
func (s *Store) OpenRuns(ctx context.Context, limit int) ([]payroll.RunLine, error) {
	rows, err := s.pool.Query(ctx, `select `+runColumns+`, slips, counts from runs
		where state in ('draft', 'submitted', 'approved', 'sending', 'paused', 'incomplete') order by id desc limit $1`, limited(limit))
	if err != nil {
		return nil, wrap("read runs", err)
	}
	lines, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (l payroll.RunLine, err error) {
		l.Run, err = scanRun(alongside(row, &l.Slips, &l.Counts))
		return l, err
	})
	if err != nil {
		return nil, wrap("read runs", err)
	}
	for i := range lines {
		if err := s.fillCounts(ctx, &lines[i]); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// Started reports what a new installation has by now: employees, certificates,
// rules and runs.
func (s *Store) Started(ctx context.Context) (payroll.Started, error) {
	var g payroll.Started
	err := s.pool.QueryRow(ctx, `select exists (select from employees), exists (select from certificates),
			exists (select from schedule_rules where removed_at is null), exists (select from runs)`).
		Scan(&g.Employees, &g.Certificates, &g.Rules, &g.Runs)
	return g, wrap("look how far the installation has come", err)
}
