-- +goose Up

-- The people who run payseal.
create table admins (
    name        text primary key check (name ~ '^[a-z][a-z0-9._-]{0,62}$'),
    roles       text[] not null check (cardinality(roles) > 0
                    and roles <@ array['maker', 'approver', 'operator', 'auditor']),
    disabled_at timestamptz,
    created_at  timestamptz not null default now()
);

-- The roster. The number is exact text; nobody is ever found by name or address.
create table employees (
    number           text collate "C" primary key check (number <> ''),
    name             text not null check (name <> ''),
    email            text not null check (email ~ '^[!-~]+@[!-~]+$'),
    phone            text not null default '',
    language         text not null default '',
    department       text not null default '',
    designation      text not null default '',
    joined_on        date,
    left_on          date,
    country          text not null default '',
    bank_account     text not null default '', -- masked before it comes here
    on_paper         boolean not null default false,
    paper_reason     text not null default '',
    email_changed_at timestamptz,              -- when the address last replaced another one
    created_at       timestamptz not null default now(),
    updated_at       timestamptz not null default now()
);
create index employees_email on employees (lower(email));

-- Certificates climb the ladder as candidates. One that has climbed as far as
-- policy asks becomes current; the one before it is replaced.
create table certificates (
    id            bigint generated always as identity primary key,
    employee      text collate "C" not null references employees (number),
    fingerprint   text not null check (fingerprint ~ '^([0-9A-F]{40}|[0-9A-F]{64})$'),
    content       bytea not null,              -- minimised, binary, with the company's certification
    addresses     text[] not null default '{}', -- every address that its user IDs name
    step          text not null check (step in ('submitted', 'address_proven', 'decryption_proven', 'phone_checked', 'certified')),
    standing      text not null check (standing in ('candidate', 'current', 'replaced', 'revoked')),
    expires_at    timestamptz,
    created_at    timestamptz not null default now(),
    current_since timestamptz,
    replaces      bigint references certificates (id),
    unique (employee, fingerprint)
);
create unique index certificates_current on certificates (employee) where standing = 'current';
create unique index certificates_candidate on certificates (employee) where standing = 'candidate';

-- Who set which step of the ladder, when and how.
create table certificate_steps (
    certificate bigint not null references certificates (id),
    step        text not null,
    at          timestamptz not null default now(),
    by_admin    text not null references admins (name),
    method      text not null default '',
    note        text not null default '',
    primary key (certificate, step, at)
);
