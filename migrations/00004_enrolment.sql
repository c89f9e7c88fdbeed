-- +goose Up

-- How an employee's mail program wants its slips, and what they said of the
-- last test slip. '' is the company's default, or nothing said yet.
alter table employees
    add column mail_structure    text not null default '' check (mail_structure in ('', 'combined', 'nested')),
    add column mail_presentation text not null default '' check (mail_presentation in ('', 'inline', 'attachment')),
    add column mail_seen         text not null default '' check (mail_seen in ('', 'good', 'opened', 'attachments', 'nothing')),
    add column mail_seen_at      timestamptz,
    add column email_by          text not null default '', -- who brought the address: an admin, '(employee)' or 'payseal'
    -- What HR's file said when the employee changed the address in the form; ''
    -- once the file says anything else.
    add column email_in_file     text not null default '';

alter table certificates
    add column wkd_hash text not null default '', -- of the checked address' local part (Web Key Directory)
    add column vouch    bytea;                    -- signed with the certificate that it replaces
create index certificates_wkd on certificates (wkd_hash) where standing = 'current' and wkd_hash <> '';

-- Nobody acts under the program's own name.
alter table admins add constraint not_the_program check (name <> 'payseal');

-- Employees set steps too; then no admin is named. Several people may compare
-- one fingerprint.
alter table certificate_steps
    alter column by_admin drop not null,
    add column by_worker boolean not null default false,
    add constraint set_by_one check (by_admin is null or not by_worker);

-- Every mail that is no slip: written in the transaction of the act that it
-- tells of, sent by a worker, kept as a ledger. Its one secret (a link's token
-- or a code) is made by the worker as it sends; only the hash is kept.
create table notices (
    id                uuid primary key,
    kind              text not null check (kind in ('invitation', 'link', 'sign_in_code', 'proof_code', 'specimen',
                          'confirm_old', 'confirm_new', 'change', 'reminder', 'digest', 'report')),
    employee          text collate "C" references employees (number), -- null: to HR, or asked for by a stranger
    address           text not null check (address ~ '^[!-~]+@[!-~]+$'
                          or (kind = 'report' and address = '')), -- '': whom the worker's configuration names
    language          text not null default '', -- '': the employee's
    topic             text not null default '',
    fingerprint       text not null default '',
    mail_structure    text not null default '', -- of a specimen
    mail_presentation text not null default '',
    session           bytea,                    -- which asked for a sign-in code
    state             text not null default 'queued' check (state in ('queued', 'sent', 'refused', 'dropped')),
    tries             integer not null default 0,
    due_at            timestamptz not null default clock_timestamp(), -- while a worker has it: when another may take it
    phase             text not null default '', -- of the last try that was not accepted
    code              integer not null default 0,
    secret_hash       bytea check (octet_length(secret_hash) = 32),
    secret_expires_at timestamptz,
    secret_tries      integer not null default 0,
    secret_used_at    timestamptz,
    created_at        timestamptz not null default clock_timestamp(),
    sent_at           timestamptz,
    rank              smallint not null generated always as (case -- somebody waits for it, is warned by it, or neither
                          when kind in ('invitation', 'reminder', 'digest') then 2
                          when kind in ('change', 'report') then 1 else 0 end) stored
);
create index notices_due on notices (rank, due_at) where state = 'queued';
create unique index notices_secret on notices (secret_hash) where secret_hash is not null;
create index notices_expiring on notices (secret_expires_at) where secret_hash is not null;
create index notices_employee on notices (employee, kind, created_at);
create index notices_asked on notices (lower(address), kind, created_at) where kind in ('link', 'sign_in_code');
create index notices_session on notices (session, created_at) where session is not null;
create index notices_strangers on notices (created_at) where employee is null;
create unique index notices_reminded on notices (employee, fingerprint, topic) where kind = 'reminder';
create unique index notices_digest on notices (address, topic) where kind = 'digest';

-- Visits to the form. The cookie is in the browser; here is its hash.
create table sessions (
    id_hash    bytea primary key check (octet_length(id_hash) = 32),
    employee   text collate "C" references employees (number), -- null while a sign-in code is awaited
    proof      text not null default '' check (proof in ('', 'link', 'code')),
    created_at timestamptz not null default clock_timestamp(),
    seen_at    timestamptz not null default clock_timestamp(),
    constraint proven_by_someone check ((employee is null) = (proof = ''))
);
create index sessions_seen on sessions (seen_at);
create index sessions_employee on sessions (employee) where employee is not null;

-- An address that waits for its confirmations, one per employee.
create table address_changes (
    employee         text collate "C" primary key references employees (number),
    address          text not null check (address ~ '^[!-~]+@[!-~]+$'),
    old_confirmed_at timestamptz,
    new_confirmed_at timestamptz,
    created_at       timestamptz not null default clock_timestamp(),
    expires_at       timestamptz not null
);

-- Who released a slip from the change freeze; it takes two.
create table slip_releases (
    slip     uuid not null references slips (id),
    by_admin text not null references admins (name),
    at       timestamptz not null default clock_timestamp(),
    reason   text not null,
    primary key (slip, by_admin)
);

-- Which accepted slips an employee asked for again, and when.
create table slip_asks (
    slip uuid not null references slips (id),
    at   timestamptz not null default clock_timestamp(),
    primary key (slip, at)
);

-- What employees tell HR through the form.
create table reports (
    id         bigint generated always as identity primary key,
    employee   text collate "C" not null references employees (number),
    kind       text not null check (kind in ('suspicious_mail', 'lost_key', 'not_me')),
    words      text not null check (char_length(words) <= 2000),
    at         timestamptz not null default clock_timestamp(),
    settled_by text references admins (name),
    settled_at timestamptz,
    constraint settled_by_someone check ((settled_by is null) = (settled_at is null))
);
create index reports_open on reports (at) where settled_at is null;
create index reports_employee on reports (employee, at);

-- What workers do by themselves at set times, once whatever their number: the
-- day's readiness, an hour of the Web Key Directory's refresh.
create table chores (
    name     text not null,
    due_at   timestamptz not null,
    begun_at timestamptz not null default clock_timestamp(), -- a worker that dies gives it back some time after
    done_at  timestamptz,
    primary key (name, due_at)
);

-- How long a run's slips are tried; one that is sent again gets the same once more.
alter table runs add column give_up_after interval not null default interval '0';
