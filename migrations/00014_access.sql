-- +goose Up

-- What decides who may act stands under seals from the vault, so that nobody gets
-- in by writing here. A row from before has none: an admin's gets it with their
-- one-time link, everything else does not count.
alter table admins
    add column generation bigint not null default 0, -- counts every change of the account
    add column lockouts   bigint not null default 0, -- counts how often they were locked out
    add column seal       bytea,
    add column ways_seal  bytea;                     -- over password, factors and recovery codes together
alter table admin_links    add column seal bytea;
alter table admin_sessions add column seal bytea;
alter table step_ups       add column seal bytea;
alter table api_tokens     add column seal bytea;
alter table proposals      add column seal bytea;
