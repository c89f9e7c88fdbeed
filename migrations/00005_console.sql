-- +goose Up

-- How an admin proves who they are. Nothing here is the proof itself: a password
-- as an Argon2id hash, a TOTP secret sealed under the vault's master key, of a
-- passkey its public half, of everything that is mailed, printed or kept by
-- browsers the SHA-256.
alter table admins
    add column display_name text not null default '', -- as colleagues know them
    add column employee     text collate "C" references employees (number), -- whose certificate their samples are sealed to
    add column enrolled_at  timestamptz;              -- when their one-time link was used; null: cannot sign in yet

create table admin_passwords (
    admin  text primary key references admins (name),
    hash   text not null,                      -- PHC string
    set_at timestamptz not null default clock_timestamp()
);
create table admin_factors (
    id         bigint generated always as identity primary key,
    admin      text not null references admins (name),
    kind       text not null check (kind in ('totp', 'passkey', 'sso')),
    label      text not null default '',
    handle     bytea,                          -- a passkey's credential ID; of sso the SHA-256 of issuer and subject
    content    bytea not null,                 -- a TOTP secret, sealed; a passkey's credential as JSON; '' of sso
    last_step  bigint not null default 0,      -- of TOTP: the last time step that counted
    created_at timestamptz not null default clock_timestamp(),
    used_at    timestamptz
);
create unique index admin_factors_handle on admin_factors (kind, handle) where handle is not null;
create index admin_factors_admin on admin_factors (admin);
create table recovery_codes (
    hash    bytea primary key check (octet_length(hash) = 32),
    admin   text not null references admins (name),
    used_at timestamptz
);
create index recovery_codes_admin on recovery_codes (admin);

-- One-time links: into a new account, or back into one whose factors are lost.
create table admin_links (
    hash       bytea primary key check (octet_length(hash) = 32),
    admin      text not null references admins (name),
    purpose    text not null check (purpose in ('enrol', 'reset')),
    made_by    text not null,
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index admin_links_admin on admin_links (admin);

-- Visits to the console. admin is null while somebody is between the first and
-- the second factor, or in the middle of a ceremony.
create table admin_sessions (
    id_hash     bytea primary key check (octet_length(id_hash) = 32),
    id          uuid not null unique default gen_random_uuid(), -- by which the list of one's own names it
    admin       text references admins (name),
    pending     text references admins (name), -- whose password was right, while the second factor is awaited
    proof       text not null default '' check (proof in ('', 'password+totp', 'password+recovery', 'passkey', 'sso')),
    ceremony    bytea,                         -- what a passkey or single sign-on has under way
    ceremony_at timestamptz,
    browser     text not null default '',      -- "Firefox on Windows"; as it said itself
    address     text not null default '',      -- where it signed in from
    created_at  timestamptz not null default clock_timestamp(),
    seen_at     timestamptz not null default clock_timestamp(),
    constraint proven_admin check ((admin is null) = (proof = ''))
);
create index admin_sessions_admin on admin_sessions (admin) where admin is not null;
create index admin_sessions_seen on admin_sessions (seen_at);

-- A fresh second factor, for one purpose, once.
create table step_ups (
    session bytea not null references admin_sessions (id_hash) on delete cascade,
    purpose text not null,
    at      timestamptz not null default clock_timestamp(),
    primary key (session, purpose)
);

-- Failed tries to sign in, for the throttle. Who is SHA-256 of the name, so that
-- what somebody mistyped into the field is not kept.
create table sign_in_failures (
    who     bytea not null,
    client  text not null,
    known   boolean not null,                  -- from a browser that had signed in as them before
    at      timestamptz not null default clock_timestamp()
);
create index sign_in_failures_who on sign_in_failures (who, at);
create index sign_in_failures_client on sign_in_failures (client, at);
create index sign_in_failures_at on sign_in_failures (at);

-- Tokens of the API and of commands.
create table api_tokens (
    hash       bytea primary key check (octet_length(hash) = 32),
    id         uuid not null unique default gen_random_uuid(),
    admin      text not null references admins (name),
    label      text not null,
    scopes     text[] not null check (cardinality(scopes) > 0),
    created_at timestamptz not null default clock_timestamp(),
    expires_at timestamptz not null,
    used_at    timestamptz,
    ended_at   timestamptz
);
create index api_tokens_admin on api_tokens (admin);

-- What takes two people.
create table proposals (
    id          bigint generated always as identity primary key,
    kind        text not null check (kind in ('admin_add', 'admin_roles', 'admin_enable', 'admin_reset', 'settings')),
    subject     text not null,                 -- the admin whom it is about; '' of settings
    content     jsonb not null,
    proposed_by text not null,                 -- an admin, or 'payseal' for the configuration file
    proposed_at timestamptz not null default clock_timestamp(),
    state       text not null default 'open' check (state in ('open', 'confirmed', 'declined', 'withdrawn')),
    decided_by  text references admins (name),
    decided_at  timestamptz,
    reason      text not null default '',
    constraint second_person_decides check (state <> 'confirmed' or decided_by <> proposed_by),
    constraint decided_by_someone check ((state = 'open') = (decided_at is null))
);
create unique index proposals_open on proposals (kind, subject) where state = 'open';
create index proposals_recent on proposals (proposed_at);

-- From, relay and letterhead as two people confirmed them; the newest counts.
create table settings (
    version      bigint generated always as identity primary key,
    content      jsonb not null,
    file_digest  text not null,                -- of what the configuration file said then
    logo         bytea,
    proposed_by  text not null,
    confirmed_by text not null,
    at           timestamptz not null default clock_timestamp()
);

-- A run's totals and, per employee, what the next run is compared with: sealed
-- under the run's data key.
alter table runs
    add column totals      bytea,              -- payroll.Totals; null in runs from before this
    add column figures     bytea,              -- payroll.Figures of everyone
    add column source      text not null default '', -- whose mapping it was read with
    add column corrects    bigint references runs (id),
    add column correction  text not null default '', -- why
    add column not_before  timestamptz,        -- set by approval; the schedule and send wait for it
    add column manifest    text not null default '', -- SHA-256 of what was approved
    add column submitted_at timestamptz,
    add column approved_at  timestamptz;
create index runs_state on runs (state, id);
create index runs_period on runs (period, id);

-- What a maker must have looked at before submitting, beside twins.
create table remarks (
    run             bigint not null references runs (id),
    kind            text not null check (kind in ('variance', 'joiner', 'missing', 'leaver')),
    employee        text collate "C" not null,
    figures         bytea,                     -- before and now, sealed under the run's data key; null where there is nothing to tell
    weight          bigint not null default 0, -- the largest first; thousandths of change, no amount
    acknowledged_by text references admins (name),
    acknowledged_at timestamptz,
    note            text not null default '',
    primary key (run, kind, employee)
);
create index remarks_order on remarks (run, kind, weight desc, employee);

-- Which slips of a run an approver opened.
create table openings (
    run      bigint not null references runs (id),
    employee text collate "C" not null,
    by_admin text not null references admins (name),
    at       timestamptz not null default clock_timestamp(),
    primary key (run, employee, by_admin)
);

-- What is pinned, under a key that the database does not have.
alter table slips
    add column pin_seal   bytea,
    add column supersedes uuid references slips (id);
create index slips_supersedes on slips (supersedes) where supersedes is not null;
create index slips_ledger on slips (employee, run desc);

-- Something that nobody should have to look for.
create table alarms (
    id         bigint generated always as identity primary key,
    kind       text not null,
    run        bigint references runs (id),
    slip       uuid references slips (id),
    words      text not null default '',       -- no names, no amounts
    at         timestamptz not null default clock_timestamp(),
    settled_by text references admins (name),
    settled_at timestamptz,
    note       text not null default '',
    constraint alarm_settled check ((settled_by is null) = (settled_at is null))
);
create unique index alarms_once on alarms (kind, coalesce(run, 0), coalesce(slip, '00000000-0000-0000-0000-000000000000'), words) where settled_at is null;
create index alarms_at on alarms (at);

alter table notices drop constraint notices_kind_check;
alter table notices add constraint notices_kind_check check (kind in ('invitation', 'link', 'sign_in_code', 'proof_code', 'specimen',
    'confirm_old', 'confirm_new', 'change', 'reminder', 'digest', 'report', 'alarm'));
alter table notices drop constraint notices_check;
alter table notices add constraint notices_check check (address ~ '^[!-~]+@[!-~]+$' or (kind in ('report', 'alarm') and address = ''));

-- Files on their way to becoming a run or a roster; sealed, and gone after two
-- days or once they are one.
create table uploads (
    id         uuid primary key,
    kind       text not null check (kind in ('payroll', 'roster', 'correction')),
    name       text not null,                  -- of the file, as it was called
    content    bytea not null,                 -- sealed under key
    data_key   bytea not null,                 -- wrapped
    sha256     text not null,
    size       bigint not null,
    reading    jsonb not null default '{}',    -- how it is to be read: sheet, header row, encoding, separator, decimal, mapping
    corrects   bigint references runs (id),
    by_admin   text not null references admins (name),
    at         timestamptz not null default clock_timestamp()
);
create index uploads_at on uploads (at);

-- How the files of one source are read.
create table mappings (
    source  text primary key check (char_length(source) between 1 and 100),
    reading jsonb not null,
    by_admin text not null references admins (name),
    at      timestamptz not null default clock_timestamp()
);

-- Days on which no bank works, for the schedules.
create table holidays (
    day      date primary key,
    name     text not null,
    by_admin text not null references admins (name)
);

-- How long pay data are kept, by country; '' is everybody else. Without a row
-- they stay.
create table retention (
    country  text primary key check (country ~ '^([A-Z]{2})?$'),
    months   integer not null check (months between 1 and 600),
    law      text not null default '',         -- which one says so
    by_admin text not null references admins (name),
    at       timestamptz not null default clock_timestamp()
);
alter table runs add column shredded_at timestamptz;

-- For lists of 100,000 people and for the audit log's filters.
create index employees_name on employees (lower(name), number);
create index employees_department on employees (department, number);
create index certificates_employee_standing on certificates (employee, standing);
create index certificates_expiry on certificates (expires_at) where standing = 'current';
create index audit_at on audit (at);
create index audit_who on audit (who, seq);
create index audit_act on audit (act, seq);
create index audit_subject on audit (subject, seq);
create index attempts_unfinished_at on attempts (begun_at) where finished_at is null;
