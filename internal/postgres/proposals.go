package postgres

import (
	"context"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// Propose writes down what one person wants and a second one must confirm.
func (s *Store) Propose(ctx context.Context, p payroll.Proposal) (payroll.Proposal, error) {
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockAdmins(ctx, tx); err != nil {
			return err
		}
		if err := s.checkProposer(ctx, tx, &p); err != nil {
			return err
		}
		if err := checkSubject(ctx, tx, p); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `insert into proposals (kind, subject, content, proposed_by) values ($1, $2, $3, $4) returning id, proposed_at, state`,
			string(p.Kind), p.Subject, p.Content, p.ProposedBy).Scan(&p.ID, &p.ProposedAt, &p.State)
		if violates(err, "proposals_open") {
			return fmt.Errorf("%w: the same is proposed already and waits for a second person", payroll.ErrWrongState)
		}
		if err != nil {
			return wrap("propose", err)
		}
		if err := s.sealProposal(ctx, tx, p.ID); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: p.ProposedBy, What: "proposal.make", Subject: string(p.Subject), Detail: detailOf(p)})
	})
	return p, err
}

// lockAdmins lets what changes admins happen one after the other.
func lockAdmins(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `lock table admins in share row exclusive mode`)
	return wrap("lock admins", err)
}

// checkProposer asks the rules; the configuration file may propose settings.
func (s *Store) checkProposer(ctx context.Context, tx pgx.Tx, p *payroll.Proposal) error {
	if p.ProposedBy == payroll.Machine && p.Kind == payroll.ProposeSettings {
		return nil
	}
	by, err := s.adminInTx(ctx, tx, p.ProposedBy)
	if err != nil {
		return err
	}
	return p.Check(by)
}

// sealProposal seals a proposal as it stands, so that it is decided as it was
// made. Where no vault is unlocked nobody can decide it in a console.
func (s *Store) sealProposal(ctx context.Context, tx pgx.Tx, id payroll.ProposalID) error {
	if s.vault == nil {
		return nil
	}
	p, _, err := sealedProposal(ctx, tx, id)
	if err == nil {
		_, err = tx.Exec(ctx, `update proposals set seal = $2 where id = $1`, id, s.vault.SealAccess(p))
	}
	return wrap("seal proposal", err)
}

// sealedProposal reads a proposal with what its seal covers, and locks it.
func sealedProposal(ctx context.Context, tx pgx.Tx, id payroll.ProposalID) (p payroll.AccessProposal, seal []byte, err error) {
	err = tx.QueryRow(ctx, `select `+proposalColumns+`, logo, file_digest, seal from proposals where id = $1 for update`, id).
		Scan(&p.ID, &p.Kind, &p.Subject, &p.Content, &p.ProposedBy, &p.ProposedAt, &p.State, &p.DecidedBy, &p.DecidedAt, &p.Reason, &p.Logo, &p.FileDigest, &seal)
	return p, seal, err
}

// checkSubject looks whether there is somebody, or nobody yet, whom the change is
// about.
func checkSubject(ctx context.Context, tx pgx.Tx, p payroll.Proposal) error {
	if p.Kind == payroll.ProposeSettings {
		return nil
	}
	var there, disabled bool
	err := tx.QueryRow(ctx, `select exists (select from admins where name = $1), exists (select from admins where name = $1 and disabled_at is not null)`,
		p.Subject).Scan(&there, &disabled)
	switch {
	case err != nil:
		return wrap("read admin", err)
	case p.Kind == payroll.ProposeAdmin && there:
		return fmt.Errorf("%w: there is an admin of this name", payroll.ErrWrongState)
	case p.Kind != payroll.ProposeAdmin && !there:
		return wrap("read admin", pgx.ErrNoRows)
	case p.Kind == payroll.ProposeEnable && !disabled:
		return fmt.Errorf("%w: %s is not disabled", payroll.ErrWrongState, p.Subject)
	case p.Kind == payroll.ProposeReset && disabled:
		return fmt.Errorf("%w: %s is disabled", payroll.ErrWrongState, p.Subject)
	}
	return nil
}

func detailOf(p payroll.Proposal) map[string]string {
	detail := map[string]string{"proposal": strconv.FormatInt(int64(p.ID), 10), "kind": string(p.Kind)}
	if change, err := p.Change(); err == nil && len(change.Roles) > 0 && p.Kind != payroll.ProposeSettings {
		detail["roles"] = joinRoles(change.Roles)
	}
	return detail
}

const proposalColumns = `id, kind, subject, content, proposed_by, proposed_at, state, coalesce(decided_by, '') as decided_by, decided_at, reason`

// Proposal reads one.
func (s *Store) Proposal(ctx context.Context, id payroll.ProposalID) (payroll.Proposal, error) {
	rows, err := s.pool.Query(ctx, `select `+proposalColumns+` from proposals where id = $1`, id)
	if err != nil {
		return payroll.Proposal{}, wrap("read proposal", err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[payroll.Proposal])
	return p, wrap("read proposal", err)
}

// OpenProposals are those that wait, the oldest first.
func (s *Store) OpenProposals(ctx context.Context) ([]payroll.Proposal, error) {
	return s.proposals(ctx, `where state = 'open' order by id`)
}

// DecidedProposals are those that are over, the newest first: as many as limit
// before the one with that ID, or from the newest on with 0.
func (s *Store) DecidedProposals(ctx context.Context, before payroll.ProposalID, limit int) ([]payroll.Proposal, error) {
	return s.proposals(ctx, `where state <> 'open' and ($1::bigint = 0 or id < $1) order by id desc limit $2`, int64(before), limit)
}

func (s *Store) proposals(ctx context.Context, condition string, args ...any) ([]payroll.Proposal, error) {
	rows, err := s.pool.Query(ctx, `select `+proposalColumns+` from proposals `+condition, args...)
	if err != nil {
		return nil, wrap("read proposals", err)
	}
	proposals, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Proposal])
	return proposals, wrap("read proposals", err)
}

// ConfirmProposal is the second person's yes, which carries the change out. token
// is the confirmer's half of a one-time link, where one is made.
func (s *Store) ConfirmProposal(ctx context.Context, id payroll.ProposalID, by payroll.AdminName, token payroll.SecretHash) (payroll.Proposal, error) {
	return s.decide(ctx, id, by, func(ctx context.Context, tx pgx.Tx, p *payroll.Proposal, admin payroll.Admin) (string, error) {
		if err := p.Confirm(admin); err != nil {
			return "", err
		}
		if p.State == payroll.ProposalOpen {
			return "proposal.endorse", nil // the first of two who confirm what the configuration file says
		}
		link, err := linkOf(*p, token)
		if err != nil {
			return "", err
		}
		return "proposal.confirm", s.apply(ctx, tx, *p, link)
	})
}

// DeclineProposal is the second person's no.
func (s *Store) DeclineProposal(ctx context.Context, id payroll.ProposalID, by payroll.AdminName, reason string) (payroll.Proposal, error) {
	return s.decide(ctx, id, by, func(_ context.Context, _ pgx.Tx, p *payroll.Proposal, admin payroll.Admin) (string, error) {
		return "proposal.decline", p.Decline(admin, reason)
	})
}

// WithdrawProposal takes one's own proposal back.
func (s *Store) WithdrawProposal(ctx context.Context, id payroll.ProposalID, by payroll.AdminName) (payroll.Proposal, error) {
	return s.decide(ctx, id, by, func(_ context.Context, _ pgx.Tx, p *payroll.Proposal, admin payroll.Admin) (string, error) {
		return "proposal.withdraw", p.Withdraw(admin)
	})
}

type decision func(ctx context.Context, tx pgx.Tx, p *payroll.Proposal, by payroll.Admin) (act string, err error)

// decide changes a proposal under the lock of the admins, so that neither it nor
// whoever decides it changes meanwhile.
func (s *Store) decide(ctx context.Context, id payroll.ProposalID, by payroll.AdminName, d decision) (p payroll.Proposal, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockAdmins(ctx, tx); err != nil {
			return err
		}
		row, seal, err := sealedProposal(ctx, tx, id)
		if err == nil {
			err = s.fits(row, seal)
		}
		if p = row.Proposal; err != nil {
			return wrap("read proposal", err)
		}
		admin, err := s.adminInTx(ctx, tx, by)
		if err != nil {
			return err
		}
		act, err := d(ctx, tx, &p, admin)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update proposals set proposed_by = $2, state = $3, decided_by = nullif($4, ''), reason = $5,
			decided_at = case when $3 <> 'open' then clock_timestamp() end where id = $1`,
			p.ID, p.ProposedBy, string(p.State), string(p.DecidedBy), p.Reason)
		if err != nil {
			return wrap("decide proposal", err)
		}
		if err := s.sealProposal(ctx, tx, p.ID); err != nil {
			return err
		}
		return record(ctx, tx, payroll.Act{Who: by, What: act, Subject: string(p.Subject), Detail: detailOf(p)})
	})
	return p, err
}

// ChangeAlone carries out at once what otherwise takes two people, while no
// second one has ever made their account their own. token is then the whole
// one-time link.
func (s *Store) ChangeAlone(ctx context.Context, p payroll.Proposal, token payroll.SecretHash) error {
	if p.Kind == payroll.ProposeSettings {
		return fmt.Errorf("%w: settings always take two people", payroll.ErrNotAllowed)
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if err := lockAdmins(ctx, tx); err != nil {
			return err
		}
		founders, err := s.foundersIn(ctx, tx)
		if err != nil {
			return err
		}
		if !payroll.Alone(founders) {
			return fmt.Errorf("%w: there are others; this takes two people", payroll.ErrNotAllowed)
		}
		if err := s.checkProposer(ctx, tx, &p); err != nil {
			return err
		}
		if err := checkSubject(ctx, tx, p); err != nil {
			return err
		}
		p.DecidedBy = p.ProposedBy
		return s.apply(ctx, tx, p, token)
	})
}

// Founders are the admins who have ever made their account their own.
func (s *Store) Founders(ctx context.Context) (founders []payroll.Admin, err error) {
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		founders, err = s.foundersIn(ctx, tx)
		return err
	})
	return founders, err
}

// foundersIn is an error if anybody was changed in the database: else whoever
// could write there could make somebody alone. Who has ever begun stands in the
// audit log also.
func (s *Store) foundersIn(ctx context.Context, tx pgx.Tx) ([]payroll.Admin, error) {
	rows, err := tx.Query(ctx, `select exists (select from audit where act = 'account.enrolled' and subject = a.name), `+sealedAdminColumns+` from admins a order by a.name`)
	if err != nil {
		return nil, wrap("read admins", err)
	}
	var founders []payroll.Admin
	var a sealedAdmin
	var began bool
	_, err = pgx.ForEachRow(rows, append([]any{&began}, a.fields()...), func() error {
		if !a.fresh() {
			if err := s.fits(a.AccessAdmin, a.seal); err != nil {
				return err
			}
		}
		if began || a.EnrolledAt != nil {
			founders = append(founders, a.Admin)
		}
		a.Roles = nil
		return nil
	})
	return founders, wrap("read admins", err)
}

// apply carries a change out, in the transaction that confirms it.
func (s *Store) apply(ctx context.Context, tx pgx.Tx, p payroll.Proposal, link payroll.SecretHash) error {
	if p.Kind == payroll.ProposeSettings {
		return s.applySettings(ctx, tx, p)
	}
	if p.Kind != payroll.ProposeAdmin {
		if _, _, err := s.account(ctx, tx, p.Subject); err != nil {
			return err
		}
	}
	change, err := p.Change()
	if err != nil {
		return err
	}
	detail := map[string]string{"proposed_by": string(p.ProposedBy)}
	act := ""
	switch p.Kind {
	case payroll.ProposeAdmin:
		act, detail["roles"], err = "admins.add", joinRoles(change.Roles), addAdmin(ctx, tx, p.Subject, change.Roles)
	case payroll.ProposeRoles:
		act, detail["roles"], err = "admins.roles", joinRoles(change.Roles), putRoles(ctx, tx, p.Subject, change.Roles)
	case payroll.ProposeEnable:
		_, err = tx.Exec(ctx, `update admins set disabled_at = null where name = $1`, p.Subject)
		act = "admins.enable"
	case payroll.ProposeReset:
		act, err = "admins.reset", emptyAccount(ctx, tx, p.Subject)
	default:
		err = fmt.Errorf("%w: nobody knows how to do %q", payroll.ErrInvalid, string(p.Kind))
	}
	if err == nil && p.Kind.MakesLink() {
		err = s.putLink(ctx, tx, p, link)
	}
	if err == nil {
		err = s.reseal(ctx, tx, p.Subject)
	}
	if err != nil {
		return wrap("carry out a proposal", err)
	}
	return record(ctx, tx, payroll.Act{Who: p.DecidedBy, What: act, Subject: string(p.Subject), Detail: detail})
}

func addAdmin(ctx context.Context, tx pgx.Tx, name payroll.AdminName, roles []payroll.Role) error {
	_, err := tx.Exec(ctx, `insert into admins (name, roles) values ($1, $2)`, name, roles)
	if violates(err, "admins_pkey") {
		return fmt.Errorf("%w: there is an admin of this name", payroll.ErrWrongState)
	}
	return err
}

// putRoles changes what an admin may do, and ends their visits: nobody goes on
// under a token from before.
func putRoles(ctx context.Context, tx pgx.Tx, name payroll.AdminName, roles []payroll.Role) error {
	if _, err := tx.Exec(ctx, `update admins set roles = $2 where name = $1`, name, roles); err != nil {
		return err
	}
	if err := keepOperator(ctx, tx, name); err != nil {
		return err
	}
	return endVisits(ctx, tx, name)
}

func endVisits(ctx context.Context, tx pgx.Tx, name payroll.AdminName) error {
	_, err := tx.Exec(ctx, `delete from admin_sessions where admin = $1 or pending = $1`, name)
	return wrap("end visits", err)
}

// lockOut ends an admin's visits and tokens, and the links into their account:
// none of them counts again, also if its row is put back.
func lockOut(ctx context.Context, tx pgx.Tx, name payroll.AdminName) error {
	for _, sql := range []string{
		`update api_tokens set ended_at = clock_timestamp() where admin = $1 and ended_at is null`,
		`update admin_links set used_at = clock_timestamp() where admin = $1 and used_at is null`,
		`update admins set lockouts = lockouts + 1 where name = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, name); err != nil {
			return wrap("end access", err)
		}
	}
	return endVisits(ctx, tx, name)
}

// emptyAccount takes from an account all by which its owner was known.
func emptyAccount(ctx context.Context, tx pgx.Tx, name payroll.AdminName) error {
	for _, sql := range []string{
		`delete from admin_passwords where admin = $1`,
		`delete from admin_factors where admin = $1`,
		`delete from recovery_codes where admin = $1`,
	} {
		if _, err := tx.Exec(ctx, sql, name); err != nil {
			return wrap("empty account", err)
		}
	}
	return lockOut(ctx, tx, name)
}

func (s *Store) putLink(ctx context.Context, tx pgx.Tx, p payroll.Proposal, link payroll.SecretHash) error {
	if s.vault == nil {
		return errLocked
	}
	l := payroll.AccessLink{Hash: link[:], Admin: p.Subject, Purpose: "enrol", MadeBy: p.DecidedBy}
	if p.Kind == payroll.ProposeReset {
		l.Purpose = "reset"
	}
	err := tx.QueryRow(ctx, `insert into admin_links (hash, admin, purpose, made_by, expires_at) values ($1, $2, $3, $4, clock_timestamp() + $5::interval)
		returning expires_at, (select lockouts from admins where name = $2)`, l.Hash, l.Admin, l.Purpose, l.MadeBy, payroll.LinkLifetime).
		Scan(&l.ExpiresAt, &l.Lockouts)
	if err == nil {
		_, err = tx.Exec(ctx, `update admin_links set seal = $2 where hash = $1`, l.Hash, s.vault.SealAccess(l))
	}
	return wrap("make a one-time link", err)
}

// linkOf is the hash of the one-time link whose one half is in the proposal.
func linkOf(p payroll.Proposal, token payroll.SecretHash) (payroll.SecretHash, error) {
	if !p.Kind.MakesLink() {
		return token, nil
	}
	change, err := p.Change()
	if err != nil {
		return token, err
	}
	var half payroll.SecretHash
	if n, err := hex.Decode(half[:], []byte(change.Half)); err != nil || n != len(half) {
		return token, fmt.Errorf("%w: proposal %d has no half of a link; withdraw it and propose it again", payroll.ErrWrongState, p.ID)
	}
	return payroll.JoinHalves(token, half), nil
}
