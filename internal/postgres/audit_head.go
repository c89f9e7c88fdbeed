package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// actWatch is the act that the log shows since its head has been remembered.
const actWatch = "audit.watch"

// AuditHead is the head of the audit log as a worker last remembered it; the zero
// head if none ever did. It is payroll.ErrInvalid if somebody else has changed or
// removed what was remembered.
func (s *Store) AuditHead(ctx context.Context) (payroll.AuditHead, error) {
	var h payroll.AuditHead
	var seal []byte
	err := s.pool.QueryRow(ctx, `select seq, hash, seal from audit_heads`).Scan(&h.Sequence, &h.Hash, &seal)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return payroll.AuditHead{}, s.neverWatched(ctx)
	case err != nil:
		return payroll.AuditHead{}, wrap("read the audit log's remembered head", err)
	case s.vault == nil:
		return payroll.AuditHead{}, errLocked
	case !s.vault.HeadSealed(h, seal):
		return payroll.AuditHead{}, fmt.Errorf("%w: what was remembered of the audit log was changed", payroll.ErrInvalid)
	}
	return h, nil
}

// neverWatched is an error if the log says that its head was remembered before.
func (s *Store) neverWatched(ctx context.Context) error {
	var watched bool // by the index of acts: one that hardly occurs would be looked for in the whole log
	err := s.pool.QueryRow(ctx, `select coalesce((select act from audit where act >= $1 order by act limit 1) = $1, false)`, actWatch).Scan(&watched)
	if err == nil && watched {
		return fmt.Errorf("%w: what was remembered of the audit log was removed", payroll.ErrInvalid)
	}
	return wrap("read the audit log", err)
}

// PutAuditHead remembers the head of a log that was verified as far as that. The
// first time is an act of its own in the log.
func (s *Store) PutAuditHead(ctx context.Context, h payroll.AuditHead) error {
	if s.vault == nil {
		return errLocked
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var first bool
		err := tx.QueryRow(ctx, `insert into audit_heads as a (seq, hash, seal) values ($1, $2, $3)
			on conflict (one) do update set seq = excluded.seq, hash = excluded.hash, seal = excluded.seal, at = clock_timestamp()
			returning not exists (select from audit where act = $4)`, h.Sequence, h.Hash, s.vault.SealHead(h), actWatch).Scan(&first)
		if err != nil || !first {
			return wrap("remember the audit log's head", err)
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Machine, What: actWatch, Subject: "audit"})
	})
}

// LastAuditEntry names the newest entry of the log, whatever it is worth.
func (s *Store) LastAuditEntry(ctx context.Context) (payroll.AuditHead, error) {
	var h payroll.AuditHead
	err := s.pool.QueryRow(ctx, `select seq, hash from audit order by seq desc limit 1`).Scan(&h.Sequence, &h.Hash)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return h, wrap("read the audit log", err)
}

// KnowVault refuses another master key than the one with which this database has
// been used (payroll.ErrInvalid): under it every slip would look tampered with.
// The first one is remembered, if it opens what is there.
func (s *Store) KnowVault(ctx context.Context) error {
	if s.vault == nil {
		return errLocked
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var known []byte
		err := tx.QueryRow(ctx, `select mark from vault_marks`).Scan(&known)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return s.markVault(ctx, tx)
		case err != nil:
			return wrap("look whose vault this is", err)
		case !bytes.Equal(known, s.vault.Mark()):
			return errOtherVault
		}
		return nil
	})
}

var errOtherVault = fmt.Errorf("%w: this is not the master key with which the database has been used (vault.master_key_file)", payroll.ErrInvalid)

func (s *Store) markVault(ctx context.Context, tx pgx.Tx) error {
	var run payroll.RunID
	var wrapped []byte
	err := tx.QueryRow(ctx, `select id, data_key from runs where data_key is not null order by id desc limit 1`).Scan(&run, &wrapped)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return wrap("read a run's data key", err)
	}
	if err == nil {
		if _, err := s.vault.Unwrap(wrapped, run); err != nil {
			return errOtherVault
		}
	}
	_, err = tx.Exec(ctx, `insert into vault_marks (mark) values ($1) on conflict do nothing`, s.vault.Mark())
	return wrap("mark the vault", err)
}
