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
// not done. An advisory lock keeps the chain in one line.
func record(ctx context.Context, tx pgx.Tx, act payroll.Act) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('payseal audit'))`); err != nil {
		return wrap("lock the audit log", err)
	}
	entry := payroll.AuditEntry{Act: act}
	err := tx.QueryRow(ctx, `select coalesce(max(seq), 0) + 1,
		coalesce((select hash from audit order by seq desc limit 1), ''), clock_timestamp() from audit`).
		Scan(&entry.Sequence, &entry.Previous, &entry.At)
	if err != nil {
		return wrap("read the audit log", err)
	}
	entry.At = entry.At.UTC().Truncate(time.Microsecond)
	entry.Hash = entry.Seal()
	detail, err := json.Marshal(act.Detail)
	if err != nil {
		return fmt.Errorf("encode audit detail: %w", err)
	}
	_, err = tx.Exec(ctx, `insert into audit (seq, at, who, act, subject, detail, previous, hash)
		values ($1, $2, $3, $4, $5, $6, $7, $8)`,
		entry.Sequence, entry.At, entry.Who, entry.What, entry.Subject, string(detail), entry.Previous, entry.Hash)
	return wrap("write the audit log", err)
}
