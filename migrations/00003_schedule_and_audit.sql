-- +goose Up

-- Monthly rules; what is due is a row of its own. A removed rule keeps its rows,
-- and its name may be used again.
create table schedule_rules (
    id         bigint generated always as identity primary key,
    name       text not null check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    action     text not null check (action in ('send', 'sync')),
    day        integer not null check (day between 0 and 31), -- 0: the last working day
    shift      text not null check (shift in ('none', 'before', 'after')),
    clock      text not null check (clock ~ '^[0-2][0-9]:[0-5][0-9]$'),
    zone       text not null,
    since      timestamptz not null default now(),
    removed_at timestamptz
);
create unique index schedule_rules_name on schedule_rules (name) where removed_at is null;
create table schedule_due (
    rule       bigint not null references schedule_rules (id),
    period     text not null check (period ~ '^[0-9]{4}-[0-9]{2}$'),
    due_at     timestamptz not null,
    state      text not null check (state in ('pending', 'done', 'late', 'failed')),
    claimed_at timestamptz,                    -- by a worker; one that does not finish loses it again
    note       text not null default '',
    done_at    timestamptz,
    primary key (rule, period)
);
create index schedule_due_pending on schedule_due (due_at) where state = 'pending';

-- Append-only and hash-chained: every act of every person.
create table audit (
    seq      bigint primary key check (seq >= 1),
    at       timestamptz not null,
    who      text not null,
    act      text not null,
    subject  text not null,
    detail   text not null,
    previous text not null,
    hash     text not null unique
);

-- +goose StatementBegin
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit log is append-only' using errcode = 'restrict_violation';
end $$;
-- +goose StatementEnd
create trigger audit_is_append_only before update or delete or truncate on audit
    for each statement execute function audit_is_append_only();
