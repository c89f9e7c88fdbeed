-- +goose Up

-- The head of the audit log as a worker last verified it, under a key that the
-- database does not have. One row.
create table audit_heads (
    one  boolean primary key default true check (one),
    seq  bigint not null,
    hash text not null,
    seal bytea not null,
    at   timestamptz not null default clock_timestamp()
);

-- By what a worker with another master key is told that it is the wrong one,
-- before it takes every slip for changed. One row.
create table vault_marks (
    one  boolean primary key default true check (one),
    mark bytea not null
);

-- One mail about alarms waits at a time, and the next waits for the one before.
create unique index notices_alarm on notices (kind) where kind = 'alarm' and state = 'queued';
create index notices_alarm_sent on notices (sent_at) where kind = 'alarm';
