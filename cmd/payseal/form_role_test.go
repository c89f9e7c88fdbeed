package main

import (
	"context"
	"errors"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/payseal/payseal/internal/pglocal/pgtest"
	"github.com/payseal/payseal/internal/postgres"
	"github.com/payseal/payseal/payroll"
	"github.com/payseal/payseal/web"
)

// formRole is a database with one employee and one slip that was sent, opened by
// its owner and by the user of deploy/form-role.sql.
type formRole struct {
	t           *testing.T
	owner, form *postgres.Store
	slip        payroll.SlipID
}

func openFormRole(t *testing.T) *formRole {
	t.Helper()
	at := pgtest.New(t, migrated)
	owner := openStore(t, at)
	r := &formRole{t: t, owner: owner}
	r.must(owner.CreateAdmin(t.Context(), payroll.Admin{Name: "olga", Roles: []payroll.Role{payroll.RoleOperator}}, ""))
	_, err := owner.PutEmployees(t.Context(), []payroll.Employee{{Number: "7", Name: "Ada Lane", Email: "ada@acme.example", Phone: "+43 1 555 0101"}}, "file", "olga", false)
	r.must(err)
	r.must(owner.Pool().QueryRow(t.Context(), `with r as (
			insert into runs (state, period, pay_date, currency, file_sha256, data_key, imported_by, started_at)
			values ('complete', '2026-10', '2026-10-30', 'EUR', repeat('a', 64), '\x00', 'olga', now()) returning id)
		insert into slips (id, run, employee, content, digest, state, pin_email, give_up_at)
		select gen_random_uuid(), id, '7', '\x00', repeat('b', 64), 'accepted', 'ada@acme.example', now() from r returning id::text`).Scan(&r.slip))
	grants, err := os.ReadFile("../../deploy/form-role.sql")
	r.must(err)
	r.exec(`do $$ begin create role payseal_form; exception when duplicate_object then null; end $$`)
	r.exec(string(grants))
	r.exec(string(grants)) // as after each migrate up

	as, err := url.Parse(at)
	r.must(err)
	query := as.Query()
	query.Set("role", "payseal_form")
	as.RawQuery = query.Encode()
	r.form = openStore(t, as.String())
	return r
}

func openStore(t *testing.T, url string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	return store
}

func (r *formRole) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *formRole) exec(sql string) {
	r.t.Helper()
	_, err := r.owner.Pool().Exec(r.t.Context(), sql)
	r.must(err)
}

// arm is what a worker does with the newest notice of the kind.
func (r *formRole) arm(kind payroll.NoticeKind, text string) payroll.SecretHash {
	r.t.Helper()
	notices, err := r.owner.ClaimNotices(r.t.Context(), 100, time.Minute)
	r.must(err)
	secret := payroll.HashToken(text)
	for _, n := range notices {
		if n.Kind == kind {
			r.must(r.owner.ArmNotice(r.t.Context(), n.ID, secret, time.Hour))
			return secret
		}
	}
	r.t.Fatalf("no notice of kind %s among %d", kind, len(notices))
	return secret
}

// TestFormRoleSuffices walks through everything that the form asks of the
// database, as the user that may do no more than that.
func TestFormRoleSuffices(t *testing.T) {
	t.Parallel()
	r := openFormRole(t)
	ctx := t.Context()
	var desk web.Desk = r.form
	limits := payroll.SessionLimits{Idle: time.Hour, Max: time.Hour}
	a, b := payroll.Fingerprint("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), payroll.Fingerprint("BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB")
	submit := func(f payroll.Fingerprint) {
		t.Helper()
		_, err := desk.SubmitCertificate(ctx, payroll.Submission{Employee: "7", Fingerprint: f, Content: []byte(f), WKD: "hash"})
		r.must(err)
	}
	_, err := desk.Now(ctx)
	r.must(err)
	_, err = r.form.Migrations(ctx) // for payseal doctor --web
	r.must(err)
	if _, err := r.form.Settings(ctx); !errors.Is(err, payroll.ErrNotFound) { // the company's name, for the pages
		t.Error(err)
	}
	r.must(desk.RequestLink(ctx, "ada@acme.example", "en"))
	visit := payroll.HashToken("visit")
	_, err = desk.OpenLink(ctx, r.arm(payroll.NoticeLink, "link"), visit)
	r.must(err)
	_, err = desk.Session(ctx, visit, limits)
	r.must(err)
	submit(a)
	submit(a) // a fresh copy
	r.must(desk.RequestProof(ctx, "7", a))
	_, err = desk.Prove(ctx, "7", r.arm(payroll.NoticeProofCode, "code"), payroll.StepDecryptionProven) // becomes current
	r.must(err)
	r.must(desk.RequestSpecimen(ctx, "7", a, payroll.MailProfile{}))
	r.must(desk.PutSeen(ctx, "7", payroll.SeenGood, payroll.MailProfile{Structure: payroll.StructureNested}))
	_, err = desk.Enrolee(ctx, "7")
	r.must(err)
	r.must(desk.EndSession(ctx, visit))
	pending := payroll.HashToken("pending")
	r.must(desk.RequestSignIn(ctx, "ada@acme.example", pending, "en"))
	_, err = desk.SignIn(ctx, pending, r.arm(payroll.NoticeSignInCode, "sign in"), payroll.HashToken("second visit"))
	r.must(err)
	submit(b)
	r.must(desk.RevokeOwn(ctx, "7", b))
	if _, err = desk.PublishedCertificate(ctx, "acme.example", "hash"); !errors.Is(err, payroll.ErrNotFound) {
		r.must(err)
	}
	r.must(desk.RequestAddressChange(ctx, "7", "ada.lane@acme.example"))
	r.must(desk.CancelAddressChange(ctx, "7"))
	r.must(desk.RequestAddressChange(ctx, "7", "ada.b@acme.example"))
	r.confirmBoth(desk)
	_, err = desk.LedgerOf(ctx, "7")
	r.must(err)
	r.must(desk.AskAgain(ctx, "7", r.slip))
	r.must(desk.CreateReport(ctx, "7", payroll.ReportSuspicious, "It asked for my bank account."))
}

// confirmBoth follows the links at the old and the new address.
func (r *formRole) confirmBoth(desk web.Desk) {
	r.t.Helper()
	notices, err := r.owner.ClaimNotices(r.t.Context(), 100, time.Minute)
	r.must(err)
	done := false
	for _, n := range notices {
		if n.Kind != payroll.NoticeConfirmOld && n.Kind != payroll.NoticeConfirmNew {
			continue
		}
		secret := payroll.HashToken(string(n.Kind))
		r.must(r.owner.ArmNotice(r.t.Context(), n.ID, secret, time.Hour))
		done, err = desk.ConfirmAddress(r.t.Context(), secret)
		r.must(err)
	}
	if !done {
		r.t.Error("the address has not changed")
	}
}

// TestFormRoleMayNoMore is what somebody who has stolen the form's host would
// like to do.
func TestFormRoleMayNoMore(t *testing.T) {
	t.Parallel()
	r := openFormRole(t)
	ctx := t.Context()
	_, err := r.form.SubmitCertificate(ctx, payroll.Submission{Employee: "7", Fingerprint: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Content: []byte("A")})
	r.must(err)
	for _, statement := range []string{
		`update employees set phone = '+43 1 555 9999'`,
		`update employees set left_on = current_date`,
		`update employees set email_admin = ''`,
		`select bank_account from employees`,
		`truncate employees cascade`,
		`delete from employees`,
		`insert into admins (name, roles) values ('mallory', '{approver}')`,
		`update admins set roles = '{operator}'`,
		`insert into certificate_steps (certificate, step, by_admin, method) select id, 'phone_checked', 'olga', 'phone' from certificates`,
		`insert into certificate_steps (certificate, step, by_worker, method) select id, 'phone_checked', true, 'signed-by-previous' from certificates`,
		`update certificate_steps set by_admin = 'olga'`,
		`insert into slip_releases (slip, by_admin, reason) select id, 'olga', 'x' from slips`,
		`update slips set pin_email = 'mallory@acme.example'`,
		`update slips set pin_fingerprint = ''`,
		`update slips set content = null`,
		`select data_key from runs`,
		`update runs set approved_by = 'olga'`,
		`insert into runs (state, period, pay_date, currency, file_sha256, imported_by) values ('draft', '2026-11', now(), 'EUR', repeat('c', 64), 'olga')`,
		`insert into audit (seq, at, who, act, subject, detail, previous, hash) select max(seq) + 1, now(), 'olga', 'x', '', '{}', '', 'x' from audit`,
		`update audit set who = 'olga'`,
		`delete from audit`,
		`delete from notices`,
		`select * from workers`,
		`select hash from admin_passwords`,
		`select content from admin_factors`,
		`select hash from recovery_codes`,
		`insert into admin_links (hash, admin, purpose, made_by, expires_at) values (sha256('x'), 'olga', 'enrol', 'x', now() + interval '1 day')`,
		`insert into admin_sessions (id_hash, admin, proof) values (sha256('x'), 'olga', 'passkey')`,
		`select id_hash from admin_sessions`,
		`insert into step_ups (session, purpose) values (sha256('x'), '/runs/1/approve')`,
		`delete from sign_in_failures`,
		`insert into api_tokens (hash, admin, label, scopes, expires_at) values (sha256('x'), 'olga', 'x', '{command}', now() + interval '1 day')`,
		`update proposals set state = 'confirmed'`,
		`insert into settings (content, file_digest, proposed_by, confirmed_by) values ('{}', '', 'a', 'b')`,
		`drop policy form_writes on audit`,
	} {
		if err := refused(ctx, r.form, statement); err != nil {
			t.Errorf("%s: %v, want that it is not permitted", statement, err)
		}
	}
}

// refused is nil if the user lacks the right, told by the SQLSTATE.
func refused(ctx context.Context, store *postgres.Store, statement string) error {
	_, err := store.Pool().Exec(ctx, statement)
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == "42501" {
		return nil
	}
	return errors.Join(errors.New("it went through, or failed otherwise"), err)
}
