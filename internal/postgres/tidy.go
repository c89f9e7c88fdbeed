package postgres

import (
	"context"
	"time"

	"github.com/payseal/payseal/payroll"
)

// How long what nobody needs any more is kept.
const (
	keepStrangers  = 24 * time.Hour      // what strangers asked for addresses that nobody has
	keepSecrets    = 24 * time.Hour      // hashes of secrets that have expired
	keepSessions   = 24 * time.Hour      // longer than any session lasts
	keepCeremonies = 2 * time.Hour       // visits to the console that became nobody's
	keepFailures   = 25 * time.Hour      // a little longer than they count
	keepBroken     = time.Hour           // uploads that never became whole, because the process ended
	keepAsked      = 90 * 24 * time.Hour // links, codes and test slips that employees asked for
)

// Tidy deletes what nobody needs any more: files that became no run, requests of strangers, sessions that
// have ended, expired secrets and changes of address that nobody confirmed.
func (s *Store) Tidy(ctx context.Context) error {
	for _, chore := range []struct {
		sql  string
		keep time.Duration
	}{
		{`delete from notices where employee is null and kind in ('link', 'sign_in_code') and created_at < now() - $1::interval`, keepStrangers},
		{`update notices set secret_hash = null where secret_hash is not null and secret_expires_at < now() - $1::interval`, keepSecrets},
		{`delete from sessions where seen_at < now() - $1::interval`, keepSessions},
		{`delete from address_changes where expires_at < now() - $1::interval`, 0},
		{`delete from notices where employee is not null and kind in ('link', 'sign_in_code', 'proof_code', 'specimen')
			and state <> 'queued' and created_at < now() - $1::interval`, keepAsked},
		{`delete from uploads where at < now() - $1::interval`, payroll.UploadsKept},
		{`delete from uploads where not whole and at < now() - $1::interval`, keepBroken},
		{`delete from admin_sessions where seen_at < now() - $1::interval`, keepSessions},
		{`delete from admin_sessions where admin is null and created_at < now() - $1::interval`, keepCeremonies},
		{`delete from sign_in_failures where at < now() - $1::interval`, keepFailures},
		{`delete from admin_links where expires_at < now() - $1::interval`, keepAsked},
	} {
		if _, err := s.pool.Exec(ctx, chore.sql, chore.keep); err != nil {
			return wrap("tidy up", err)
		}
	}
	return nil
}
