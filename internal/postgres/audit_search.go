package postgres

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// SearchAudit reads a page of the audit log, the newest first.
func (s *Store) SearchAudit(ctx context.Context, q payroll.AuditQuery) ([]payroll.AuditEntry, error) {
	where, args, err := s.auditWhere(ctx, q)
	if err != nil {
		return nil, err
	}
	order := "desc"
	switch {
	case q.After != 0:
		where, order = append(where, "seq > @after"), "asc"
	case q.Before != 0:
		where = append(where, "seq < @before")
	}
	args["limit"] = limited(q.Limit)
	rows, err := s.pool.Query(ctx, `select seq, at, who, act, subject, detail, previous, hash from audit
		where `+strings.Join(where, " and ")+` order by seq `+order+` limit @limit`, args)
	if err != nil {
		return nil, wrap("search the audit log", err)
	}
	entries, err := pgx.CollectRows(rows, scanEntry)
	if q.After != 0 {
		slices.Reverse(entries)
	}
	return entries, wrap("search the audit log", err)
}

// auditWhere turns a query into conditions that indexes answer. Days become
// sequence numbers, which grow with time.
func (s *Store) auditWhere(ctx context.Context, q payroll.AuditQuery) ([]string, pgx.NamedArgs, error) {
	where := []string{"seq >= @first"}
	args := pgx.NamedArgs{"first": int64(1), "who": q.Who, "act": q.Act, "subject": q.Subject, "before": q.Before, "after": q.After}
	for _, part := range []struct{ value, sql string }{
		{string(q.Who), "who = @who"}, {q.Act, "act = @act"},
	} {
		if part.value != "" {
			where = append(where, part.sql)
		}
	}
	if q.Subject != "" && !q.Prefix {
		where = append(where, "subject = @subject")
	}
	if q.Subject != "" && q.Prefix {
		where = append(where, `subject collate "C" >= @subject and subject collate "C" < @beyond`)
		args["beyond"] = q.Subject + string(utf8.MaxRune)
	}
	if !q.From.IsZero() {
		first, err := s.firstEntry(ctx, q.From)
		if err != nil {
			return nil, nil, err
		}
		where, args["first"], args["from"] = append(where, "at >= @from"), first, q.From
	}
	if !q.Until.IsZero() {
		end, err := s.firstEntry(ctx, q.Until)
		if err != nil {
			return nil, nil, err
		}
		where, args["end"], args["until"] = append(where, "seq < @end", "at < @until"), end, q.Until
	}
	return where, args, nil
}

// beyondAudit is a sequence number that no entry will have.
const beyondAudit = int64(1) << 62

// firstEntry is the sequence number of the earliest entry at or after a moment; one
// that no entry will have if there is none yet. Where the clock was set back, what
// was written meanwhile may be on the other side of a day's limit.
func (s *Store) firstEntry(ctx context.Context, at time.Time) (int64, error) {
	var seq int64
	err := s.pool.QueryRow(ctx, `select seq from audit where at >= $1 order by at, seq limit 1`, at).Scan(&seq)
	if errors.Is(err, pgx.ErrNoRows) {
		return beyondAudit, nil
	}
	return seq, wrap("search the audit log", err)
}

// AuditActs are the acts that the log knows, sorted. It reads one entry of each.
func (s *Store) AuditActs(ctx context.Context) ([]string, error) { return s.auditWords(ctx, "act") }

// AuditPeople is everybody who acted, sorted. It reads one entry of each.
func (s *Store) AuditPeople(ctx context.Context) ([]string, error) { return s.auditWords(ctx, "who") }

// auditWords skips from one value of an indexed column to the next.
func (s *Store) auditWords(ctx context.Context, column string) ([]string, error) {
	rows, err := s.pool.Query(ctx, `with recursive w(word) as (
			(select `+column+` from audit order by `+column+` limit 1)
			union all
			select (select `+column+` from audit where `+column+` > w.word order by `+column+` limit 1) from w where w.word is not null)
		select word from w where word is not null and word <> '' limit 500`)
	if err != nil {
		return nil, wrap("read the words of the audit log", err)
	}
	words, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return words, wrap("read the words of the audit log", err)
}

// RecordAudit writes down that somebody walked the audit log or took it out.
func (s *Store) RecordAudit(ctx context.Context, what string, by payroll.AdminName, detail map[string]string) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		return record(ctx, tx, payroll.Act{Who: by, What: what, Subject: "audit", Detail: detail})
	})
}
