-- A database user for `payseal web` that may do what the form does and no more:
-- whoever steals the form's host cannot with it change the telephone number that
-- HR calls, name an admin, compare a fingerprint or release a slip in a person's
-- name, approve or pin anything, or write to the audit log as anybody but an
-- employee. Run it as the user that owns payseal's tables, the one of the workers
-- and of `payseal migrate up`, once and after each `migrate up`:
--
--   createuser --pwprompt payseal_form
--   psql "$(cat database.url)" --set ON_ERROR_STOP=1 --file form-role.sql
--
-- and give the form's host a database URL with that user. The owner is not held by
-- the row rules below; a third user would be.

begin;

revoke all on all tables in schema public from payseal_form;
grant usage on schema public to payseal_form;

grant select (number, name, email, phone, language, left_on, on_paper, email_changed_at, email_admin, email_in_file,
              mail_structure, mail_presentation, mail_seen, mail_seen_at)
    on employees to payseal_form;
grant update (email, email_by, email_changed_at, email_in_file, updated_at, mail_structure, mail_presentation, mail_seen, mail_seen_at)
    on employees to payseal_form;

grant select, insert on certificates to payseal_form;
grant update (content, addresses, step, standing, expires_at, current_since, replaces, wkd_hash, vouch)
    on certificates to payseal_form;
grant select, insert on certificate_steps to payseal_form;

grant select, insert, update on notices to payseal_form;
grant select, insert, update, delete on sessions, address_changes to payseal_form;
grant select, insert on slip_asks to payseal_form;
grant select (id, employee, at), insert (employee, kind, words) on reports to payseal_form;

grant select (id, run, employee, state, hold, content, give_up_at, tries, due_at, changed_at, supersedes) on slips to payseal_form;
grant update (state, tries, due_at, give_up_at, changed_at) on slips to payseal_form;
grant select (id, state, period, pay_date, currency, file_sha256, letterhead, imported_by, submitted_by, approved_by, reason,
              created_at, started_at, finished_at, give_up_after, source, supplement, compared, corrects, correction, manifest,
              submitted_at, approved_at, not_before, not_before_zone, shredded_at)
    on runs to payseal_form;
grant update (state, finished_at, counts) on runs to payseal_form;
grant select on attempts to payseal_form;

grant select, insert on audit to payseal_form;

-- The company's name, colour and contact, as two people confirmed them.
grant select on settings to payseal_form;

-- For payseal doctor --web: is the schema the program's?
grant select on goose_db_version, river_migration to payseal_form;

-- Nobody sets a step of the ladder, or writes to the log, in another's name.
alter table certificate_steps enable row level security;
drop policy if exists form_reads on certificate_steps;
drop policy if exists form_writes on certificate_steps;
create policy form_reads on certificate_steps for select to payseal_form using (true);
create policy form_writes on certificate_steps for insert to payseal_form with check (by_admin is null and not by_worker);

alter table audit enable row level security;
drop policy if exists form_reads on audit;
drop policy if exists form_writes on audit;
create policy form_reads on audit for select to payseal_form using (true);
create policy form_writes on audit for insert to payseal_form with check (who = '(employee)');

commit;
