package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/payseal/payseal/payroll"
)

// CreateToken keeps the hash of a token that an admin made for themself.
func (s *Store) CreateToken(ctx context.Context, t payroll.Token, secret payroll.SecretHash, lifetime time.Duration) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		var roles []payroll.Role
		if err := tx.QueryRow(ctx, `select roles from admins where name = $1 and disabled_at is null for share`, t.Admin).Scan(&roles); err != nil {
			return wrap("create token", err)
		}
		if err := payroll.CheckToken(t, roles, lifetime); err != nil {
			return err
		}
		row := payroll.AccessToken{Hash: secret[:], Token: t}
		err := tx.QueryRow(ctx, `insert into api_tokens (hash, admin, label, scopes, expires_at) values ($1, $2, $3, $4, clock_timestamp() + $5::interval)
			returning id::text, created_at, expires_at, (select lockouts from admins where name = $2)`, secret[:], t.Admin, t.Label, t.Scopes, lifetime).
			Scan(&row.ID, &row.CreatedAt, &row.ExpiresAt, &row.Lockouts)
		if err == nil {
			_, err = tx.Exec(ctx, `update api_tokens set seal = $2 where hash = $1`, secret[:], s.vault.SealAccess(row))
		}
		if err != nil {
			return wrap("create token", err)
		}
		return recordAccount(ctx, tx, t.Admin, "account.token_made", map[string]string{"scopes": joinScopes(t.Scopes)})
	})
}

func joinScopes(scopes []payroll.Scope) string {
	text := ""
	for i, s := range scopes {
		if i > 0 {
			text += " "
		}
		text += string(s)
	}
	return text
}

const tokenColumns = `id::text as id, admin, label, scopes, created_at, expires_at, used_at`

// Tokens are an admin's tokens that have not ended, the newest first.
func (s *Store) Tokens(ctx context.Context, name payroll.AdminName) ([]payroll.Token, error) {
	rows, err := s.pool.Query(ctx, `select `+tokenColumns+` from api_tokens
		where admin = $1 and ended_at is null and expires_at > clock_timestamp() order by created_at desc, id`, name)
	if err != nil {
		return nil, wrap("read tokens", err)
	}
	tokens, err := pgx.CollectRows(rows, pgx.RowToStructByName[payroll.Token])
	return tokens, wrap("read tokens", err)
}

// TokenAdmin is whose a token is that has just been shown, and what it may do: of
// its scopes, those that its admin's roles still allow. payroll.ErrNotFound if it
// has ended, or its admin was disabled.
func (s *Store) TokenAdmin(ctx context.Context, secret payroll.SecretHash) (payroll.Token, payroll.Admin, error) {
	if s.vault == nil {
		return payroll.Token{}, payroll.Admin{}, errLocked
	}
	t, seal := payroll.AccessToken{Hash: secret[:]}, []byte{}
	var a sealedAdmin
	read := func() error {
		fields := []any{&t.ID, &t.Admin, &t.Label, &t.Scopes, &t.CreatedAt, &t.ExpiresAt, &t.UsedAt, &seal}
		return s.pool.QueryRow(ctx, `with t as (update api_tokens t set used_at = clock_timestamp()
				where t.hash = $1 and t.ended_at is null and t.expires_at > clock_timestamp() returning t.*)
			select t.id::text, t.admin, t.label, t.scopes, t.created_at, t.expires_at, t.used_at, t.seal, `+sealedAdminColumns+`
			from t join admins a on a.name = t.admin where a.disabled_at is null`, secret[:]).Scan(append(fields, a.fields()...)...)
	}
	err := read()
	if err == nil {
		err = s.known(&a, read)
	}
	if t.Lockouts = a.Lockouts; err == nil {
		err = s.fits(t, seal)
	}
	if err != nil {
		return payroll.Token{}, payroll.Admin{}, wrap("read token", s.tell(ctx, err))
	}
	t.Scopes = t.Within(a.Roles)
	return t.Token, a.Admin, nil
}

// EndToken ends one of an admin's tokens.
func (s *Store) EndToken(ctx context.Context, name payroll.AdminName, id string) error {
	return s.changeAccount(ctx, name, "account.token_ended", nil,
		`update api_tokens set ended_at = clock_timestamp() where admin = $1 and id::text = $2 and ended_at is null`, id)
}
