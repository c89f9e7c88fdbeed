package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// SettingsVersion is the number of the settings that count; 0 while there are none.
func (s *Store) SettingsVersion(ctx context.Context) (version int64, err error) {
	err = s.pool.QueryRow(ctx, `select coalesce(max(version), 0) from settings`).Scan(&version)
	return version, wrap("read settings", err)
}

// Settings are the ones that count: the newest that two people confirmed, or that
// were adopted at the first start; ErrNotFound before that.
func (s *Store) Settings(ctx context.Context) (payroll.ConfirmedSettings, error) {
	all, err := s.settings(ctx, s.pool, `order by version desc limit 1`)
	if err != nil {
		return payroll.ConfirmedSettings{}, err
	}
	if len(all) == 0 {
		return payroll.ConfirmedSettings{}, wrap("read settings", pgx.ErrNoRows)
	}
	return all[0], nil
}

// SettingsHistory is every version, the newest first: as many as limit before the
// one of that number, or from the newest on with 0.
func (s *Store) SettingsHistory(ctx context.Context, before int64, limit int) ([]payroll.ConfirmedSettings, error) {
	return s.settings(ctx, s.pool, `where $1::bigint = 0 or version < $1 order by version desc limit $2`, before, limit)
}

// asker is the pool or a transaction.
type asker interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func (s *Store) settings(ctx context.Context, q asker, condition string, args ...any) ([]payroll.ConfirmedSettings, error) {
	rows, err := q.Query(ctx, `select version, content, logo, file_digest, proposed_by, confirmed_by, at, seal from settings `+condition, args...)
	if err != nil {
		return nil, wrap("read settings", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (payroll.ConfirmedSettings, error) {
		var c payroll.ConfirmedSettings
		var seal []byte
		err := row.Scan(&c.Version, &c.Settings, &c.Logo, &c.FileDigest, &c.ProposedBy, &c.ConfirmedBy, &c.At, &seal)
		c.Tampered = s.vault != nil && (!s.vault.SettingsSealed(c.Version, c.Settings, seal) || !logoFits(c.Settings, c.Logo))
		return c, err
	})
	return all, wrap("read settings", err)
}

func logoFits(s payroll.Settings, logo []byte) bool {
	if len(logo) == 0 {
		return s.Company.LogoSHA == ""
	}
	return s.Company.LogoSHA == payroll.Digest(logo)
}

// CompareFile looks at what a machine's configuration file and signing key say.
// What nobody confirmed yet is adopted as the first version; what is new is
// proposed in the name of payroll.Machine, with an alarm. The vault must be open.
func (s *Store) CompareFile(ctx context.Context, f payroll.FileSettings) (payroll.FileVerdict, error) {
	newest, err := s.newestSettings(ctx, s.pool)
	if err != nil || newest != nil && newest.FileDigest == f.Settings.Digest() {
		return payroll.FileKnown, err
	}
	if err := checkFile(f); err != nil {
		return "", err
	}
	verdict := payroll.FileKnown
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockAdmins(ctx, tx); err != nil {
			return err
		}
		newest, err := s.newestSettings(ctx, tx)
		if err != nil {
			return err
		}
		var open, declined bool
		err = tx.QueryRow(ctx, `select exists (select from proposals where kind = 'settings' and state = 'open'),
			exists (select from proposals where file_digest = $1 and file_digest <> '' and state in ('declined', 'withdrawn'))`, f.Settings.Digest()).Scan(&open, &declined)
		if err != nil {
			return wrap("read proposals", err)
		}
		verdict = f.Judge(newest, open, declined)
		return s.follow(ctx, tx, verdict, f, newest)
	})
	return verdict, err
}

// checkFile refuses what could never be confirmed.
func checkFile(f payroll.FileSettings) error {
	if err := f.Settings.Check(); err != nil {
		return fmt.Errorf("compare the configuration with what was confirmed: %w", err)
	}
	if !logoFits(f.Settings, f.Logo) {
		return fmt.Errorf("compare the configuration with what was confirmed: %w: the logo is not the one that was hashed", payroll.ErrInvalid)
	}
	return nil
}

// newestSettings is nil before the first.
func (s *Store) newestSettings(ctx context.Context, q asker) (*payroll.ConfirmedSettings, error) {
	all, err := s.settings(ctx, q, `order by version desc limit 1`)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// follow does what a verdict about a file asks for.
func (s *Store) follow(ctx context.Context, tx pgx.Tx, verdict payroll.FileVerdict, f payroll.FileSettings, newest *payroll.ConfirmedSettings) error {
	digest := f.Settings.Digest()
	switch verdict {
	case payroll.FileAdopted:
		version, err := s.insertSettings(ctx, tx, payroll.ConfirmedSettings{
			Settings: f.Settings, Logo: f.Logo, FileDigest: digest, ProposedBy: payroll.Machine, ConfirmedBy: payroll.Machine,
		})
		if err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Machine, What: "settings.adopt", Detail: settingsDetail(version, f.Settings)})
	case payroll.FileAgrees:
		_, err := tx.Exec(ctx, `update settings set file_digest = $2 where version = $1`, newest.Version, digest)
		return wrap("remember what the file says", err)
	case payroll.FileProposed:
		p := payroll.NewSettingsProposal(f.Settings, payroll.Machine)
		if err := s.insertSettingsProposal(ctx, tx, &p, f.Logo, digest); err != nil {
			return err
		}
		if err := raiseAlarms(ctx, tx, payroll.Alarm{Kind: payroll.AlarmSettings, Words: "a machine's configuration or signing key says something else: proposal " + strconv.FormatInt(int64(p.ID), 10)}); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: payroll.Machine, What: "proposal.make", Detail: detailOf(p)})
	}
	return nil
}

// ProposeSettings writes down settings that one person wants, made from the
// version base; ErrWrongState if another one counts by now, or another proposal
// about settings waits. logo is the one that the settings name by its hash.
func (s *Store) ProposeSettings(ctx context.Context, settings payroll.Settings, logo []byte, base int64, by payroll.AdminName) (payroll.Proposal, error) {
	p := payroll.NewSettingsProposal(settings, by)
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockAdmins(ctx, tx); err != nil {
			return err
		}
		if err := s.checkProposer(ctx, tx, &p); err != nil {
			return err
		}
		if err := s.checkBase(ctx, tx, settings, logo, base); err != nil {
			return err
		}
		if err := s.insertSettingsProposal(ctx, tx, &p, logo, ""); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: by, What: "proposal.make", Detail: detailOf(p)})
	})
	return p, err
}

func (s *Store) checkBase(ctx context.Context, tx pgx.Tx, settings payroll.Settings, logo []byte, base int64) error {
	newest, err := s.newestSettings(ctx, tx)
	switch {
	case err != nil:
		return err
	case newest == nil || newest.Version != base:
		return fmt.Errorf("%w: other settings count since you loaded the page; load it again", payroll.ErrWrongState)
	case newest.Settings.Equal(settings):
		return fmt.Errorf("%w: that is how it is already", payroll.ErrInvalid)
	case !logoFits(settings, logo):
		return fmt.Errorf("%w: the logo is not the one that was hashed", payroll.ErrInvalid)
	}
	return nil
}

func (s *Store) insertSettingsProposal(ctx context.Context, tx pgx.Tx, p *payroll.Proposal, logo []byte, digest string) error {
	err := tx.QueryRow(ctx, `insert into proposals (kind, subject, content, proposed_by, logo, file_digest) values ('settings', '', $1, $2, $3, $4)
		returning id, proposed_at, state`, p.Content, p.ProposedBy, logo, digest).Scan(&p.ID, &p.ProposedAt, &p.State)
	if violates(err, "proposals_open") {
		return fmt.Errorf("%w: another change of the settings waits for a second person; confirm or decline it first", payroll.ErrWrongState)
	}
	if err != nil {
		return wrap("propose settings", err)
	}
	return s.sealProposal(ctx, tx, p.ID)
}

// ProposedLogo is the logo that a proposal about settings would bring; nil for none.
func (s *Store) ProposedLogo(ctx context.Context, id payroll.ProposalID) (logo []byte, err error) {
	err = s.pool.QueryRow(ctx, `select logo from proposals where id = $1 and kind = 'settings'`, id).Scan(&logo)
	return logo, wrap("read proposal", err)
}

// LetterheadRuns are the runs whose slips are pinned to a letterhead and have not
// all left: approved, sending or paused.
func (s *Store) LetterheadRuns(ctx context.Context) ([]payroll.RunID, error) {
	rows, err := s.pool.Query(ctx, `select id from runs where state = any($1) order by id`,
		[]string{string(payroll.RunApproved), string(payroll.RunSending), string(payroll.RunPaused)})
	if err != nil {
		return nil, wrap("read runs", err)
	}
	runs, err := pgx.CollectRows(rows, pgx.RowTo[payroll.RunID])
	return runs, wrap("read runs", err)
}

// CertifiedEmployees is how many employees have a current certificate that the
// company certified.
func (s *Store) CertifiedEmployees(ctx context.Context) (n int, err error) {
	err = s.pool.QueryRow(ctx, `select count(*) from certificates where standing = 'current' and step = 'certified'`).Scan(&n)
	return n, wrap("count certificates", err)
}

// errSealless means that settings cannot be sealed here.
var errSealless = errors.New("settings are confirmed where the vault's master key is: in the console, or by a command on the workers' host")

// applySettings makes settings that two people confirmed the ones that count.
func (s *Store) applySettings(ctx context.Context, tx pgx.Tx, p payroll.Proposal) error {
	c := payroll.ConfirmedSettings{ProposedBy: p.ProposedBy, ConfirmedBy: p.DecidedBy}
	var err error
	if c.Settings, err = p.Settings(); err != nil {
		return err
	}
	if err := c.Settings.Check(); err != nil {
		return err
	}
	err = tx.QueryRow(ctx, `select logo, coalesce(nullif(file_digest, ''), (select file_digest from settings order by version desc limit 1), '')
		from proposals where id = $1`, p.ID).Scan(&c.Logo, &c.FileDigest)
	if err != nil {
		return wrap("read proposal", err)
	}
	if !logoFits(c.Settings, c.Logo) {
		return fmt.Errorf("%w: the logo of proposal %d is not the one that was proposed", payroll.ErrInvalid, p.ID)
	}
	version, err := s.insertSettings(ctx, tx, c)
	if err != nil {
		return err
	}
	detail := settingsDetail(version, c.Settings)
	detail["proposed_by"] = string(p.ProposedBy)
	return record(ctx, tx, payroll.Act{Who: p.DecidedBy, What: "settings.change", Detail: detail})
}

// settingsDetail is what the audit log keeps of a version: by its hash everybody
// can see whether it is still the one that was confirmed.
func settingsDetail(version int64, s payroll.Settings) map[string]string {
	return map[string]string{"version": strconv.FormatInt(version, 10), "settings": s.Digest()}
}

// insertSettings writes a version with its seal.
func (s *Store) insertSettings(ctx context.Context, tx pgx.Tx, c payroll.ConfirmedSettings) (version int64, err error) {
	if s.vault == nil {
		return 0, fmt.Errorf("%w: %w", payroll.ErrWrongState, errSealless)
	}
	if len(c.Logo) == 0 {
		c.Logo = nil
	}
	err = tx.QueryRow(ctx, `insert into settings (content, file_digest, logo, proposed_by, confirmed_by) values ($1, $2, $3, $4, $5) returning version`,
		c.Settings, c.FileDigest, slices.Clone(c.Logo), c.ProposedBy, c.ConfirmedBy).Scan(&version)
	if err != nil {
		return 0, wrap("write settings", err)
	}
	_, err = tx.Exec(ctx, `update settings set seal = $2 where version = $1`, version, s.vault.SealSettings(version, c.Settings))
	return version, wrap("seal settings", err)
}
