package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// record appends an act to the audit log inside the transaction that carries it
// out, so that nothing is done without a trace and nothing is traced that was
// not done. Words that must not be kept end it. An advisory lock keeps the chain in
// one line.
func record(ctx context.Context, tx pgx.Tx, act payroll.Act) error {
	if err := act.CheckWords(); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('payseal audit'))`); err != nil {
		return wrap("lock the audit log", err)
	}
	entry := payroll.AuditEntry{Act: payroll.OriginOf(ctx).Stamp(act).Clean()}
	err := tx.QueryRow(ctx, `select coalesce(max(seq), 0) + 1,
		coalesce((select hash from audit order by seq desc limit 1), ''), clock_timestamp() from audit`).
		Scan(&entry.Sequence, &entry.Previous, &entry.At)
	if err != nil {
		return wrap("read the audit log", err)
	}
	entry.At = entry.At.UTC().Truncate(time.Microsecond)
	entry.Hash = entry.Seal()
	detail, err := json.Marshal(entry.Detail)
	if err != nil {
		return fmt.Errorf("encode audit detail: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into audit (seq, at, who, act, subject, detail, previous, hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		entry.Sequence, entry.At, entry.Who, entry.What, entry.Subject, string(detail), entry.Previous, entry.Hash)
	return wrap("write the audit log", err)
}

// WalkAudit hands every entry from the given sequence number on to visit, in
// order, without holding more than one. It stops at visit's first error.
func (s *Store) WalkAudit(ctx context.Context, from int64, visit func(payroll.AuditEntry) error) error {
	rows, err := s.pool.Query(ctx, `select seq, at, who, act, subject, detail, previous, hash
		from audit where seq >= $1 order by seq`, from)
	if err != nil {
		return wrap("read the audit log", err)
	}
	defer rows.Close()
	for rows.Next() {
		entry, err := scanEntry(rows)
		if err != nil {
			return err
		}
		if err := visit(entry); err != nil {
			return err
		}
	}
	return wrap("read the audit log", rows.Err())
}

func scanEntry(rows pgx.CollectableRow) (payroll.AuditEntry, error) {
	var e payroll.AuditEntry
	var detail []byte
	err := rows.Scan(&e.Sequence, &e.At, &e.Who, &e.What, &e.Subject, &detail, &e.Previous, &e.Hash)
	if err != nil {
		return e, wrap("read the audit log", err)
	}
	if json.Unmarshal(detail, &e.Detail) != nil {
		// Left empty, so that its hash does not fit and the entry shows as changed.
		e.Detail = nil
	}
	e.At = e.At.UTC()
	return e, nil
}

// AuditSince is the sequence number of the first entry at or after a moment; 0
// if there is none.
func (s *Store) AuditSince(ctx context.Context, since time.Time) (int64, error) {
	var seq int64
	err := s.pool.QueryRow(ctx, `select coalesce(min(seq), 0) from audit where at >= $1`, since).Scan(&seq)
	return seq, wrap("read the audit log", err)
}
